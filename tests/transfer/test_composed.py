"""Two components in one store: what passes between them is not seen; what they have of the host is."""

from __future__ import annotations

from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import (
    CapError,
    CapSet,
    Event,
    Host,
    Instance,
    Limit,
    LimitExceeded,
    Limits,
    LoadError,
    Trap,
    compose,
)
from capwit.bridge.errors import ManifestError
from capwit.manifest import Manifest, read_manifest
from capwit.manifest.kinds import everything
from capwit.program import Program, assemble
from capwit.program.needs import examine
from capwit.testing import assert_released, lives, scenario

from tests.bridge.support import ENTROPY, generated
from tests.support.components import wat
from tests.support.isolation import LEDGER
from tests.transfer.support import SCHEMA, Desk, Parcel, component, heard, moved, parcel, released

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

IN_ONE_PROCESS = {"test_what_passes_inside_is_not_in_the_ledger": LEDGER}
EVERY_RUN = {"test_one_that_traps_ends_both"}

# Each has a memory and a table or two, and the grant that is optional takes a memory more.
LIMITS = Limits(memories=3, tables=12)


@asynccontextmanager
async def composed(
    host: Host, giver: str = "c", receiver: str = "c", limits: Limits = LIMITS, desk: Any = None
) -> AsyncIterator[tuple[Instance, Any]]:
    """A giver with a receiver inside."""
    binary = compose(component(giver).read_bytes(), parcel.BINDINGS, peer=component(receiver).read_bytes())
    app = await host.load(binary, parcel.BINDINGS, name="pair.wasm")
    grants = parcel.Grants(desk=desk or Desk())
    async with app.instantiate(grants, ENTROPY, name="pair", limits=limits) as instance:
        yield instance, await instance.export(parcel.PartyClient)


@pytest.mark.parametrize(("giver", "receiver"), [("c", "c"), ("py", "c")])
@scenario
async def test_what_passes_inside_is_not_in_the_ledger(capwit_host: Host, giver: str, receiver: str) -> None:
    async with composed(capwit_host, giver, receiver) as (_, party):
        await party.make("x")
        assert await party.lend() == "x"
        assert await party.hand() == "x"
        for label in "abcde":
            await party.make(label)
        assert await party.ship() == list("abcde")
        told = lives(capwit_host.ledger, "parcel")
        # Minted for the pair, and never anything else: neither the loan nor the moves were seen.
        assert [[entry.event for entry in life.entries] for life in told] == [[Event.MINT]] * 6
        assert {life.begin.holder for life in told} == {"pair"}
        with pytest.raises(Trap):
            await party.again()  # it has moved nevertheless
    assert {life.entries[-1].event for life in assert_released(capwit_host.ledger, of="parcel")} == {
        Event.EXIT
    }


@scenario
async def test_what_crosses_is_in_the_ledger(capwit_host: Host) -> None:
    async with composed(capwit_host) as (_, party):
        await party.make("x")
        async with await party.give() as given:
            await moved(capwit_host.ledger, "pair", "host", of=given)
        assert await party.take(parcel.ParcelClient(Parcel("y"))) == "y"
        assert await party.hand() == "y"  # made for the outer one, and inside now
        await party.make("z")
        await party.drop()
    await released(capwit_host.ledger)


@scenario
async def test_a_grant_that_is_revoked_is_so_for_both(capwit_host: Host) -> None:
    async with composed(capwit_host) as (instance, party):
        await party.make("x")
        assert await party.hand() == "x"
        await party.make("y")
        instance.revoke("desk")
        with pytest.raises(CapError, match="revoked"):
            await party.label()
        with pytest.raises(CapError, match="revoked"):
            await party.hand()


@scenario
async def test_one_that_traps_ends_both(capwit_host: Host) -> None:
    async with composed(capwit_host) as (instance, party):
        await party.make("x")
        await party.hand()
        await party.make("y")
        with pytest.raises(Trap):
            await party.fling()
        assert isinstance(instance.ended, Trap)
        await released(capwit_host.ledger, "pair", count=2)


@scenario
async def test_they_share_one_instances_limits(capwit_host: Host) -> None:
    with pytest.raises(LimitExceeded) as caught:
        async with composed(capwit_host, limits=Limits()):
            pass
    assert caught.value.limit is Limit.MEMORY
    async with composed(capwit_host, limits=Limits(memories=3, tables=12, handles=5)) as (_, party):
        for _ in range(4):
            await party.make("x")
            await party.hand()
        with pytest.raises(LimitExceeded, match="holds 5 handles, its limit"):
            await party.make("x")


@scenario
async def test_what_they_export_is_destroyed_as_ever(capwit_host: Host) -> None:
    desk = Desk()
    async with composed(capwit_host, desk=desk) as (instance, _):
        own = await instance.export(parcel.ParcelClient)
        assert await own.label() == "own 1"
        await own.close()
        await heard(desk, "own 1 is gone")


def test_what_does_not_fit_is_refused() -> None:
    party, empty = component("c").read_bytes(), wat("")
    with pytest.raises(LoadError, match=r"no grant 'pear': it asks for desk, peer"):
        compose(party, parcel.BINDINGS, pear=party)
    with pytest.raises(LoadError, match=r"the part 'peer' exports no .*\.party, .*it exports nothing. Mend"):
        compose(party, parcel.BINDINGS, peer=empty)
    with pytest.raises(LoadError, match=r"the part 'desk' exports no .*\.desk"):
        compose(party, parcel.BINDINGS, desk=party)
    with pytest.raises(LoadError, match="no grant 'peer': it asks for nothing"):
        compose(empty, parcel.BINDINGS, peer=party)


MANIFEST = """\
module = "{party}"
bindings = "{bindings}"
entry = "party.hand"
[compose]
peer = "{party}"
[limits]
memories = 3
tables = 12
[grants.desk]
given = "desk"
"""


def manifest(folder: Path, text: str = MANIFEST, **more: str) -> Manifest:
    """A manifest in a folder, of a pair of parties."""
    party, bindings = component("c"), generated(SCHEMA) / "parcel.py"
    path = folder / "pair.toml"
    path.write_text(text.format(party=party, bindings=bindings, **more))
    return read_manifest(path, everything(Path(path.anchor)))


def holder() -> Host:
    return Host(caps=CapSet({"desk": parcel.DeskClient(Desk())}))


@scenario
async def test_a_manifest_composes(tmp_path: Path) -> None:
    async with holder() as host, assemble(host, manifest(tmp_path)) as program:
        assert isinstance(program, Program)
        party = await program.instance.export(parcel.PartyClient)
        await party.make("x")
        assert await party.lend() == "x"
        assert await program.run() == "x"
        holders = {each.holder for each in host.ledger if each.event is Event.START}
        assert len(holders) == 1


def test_what_is_composed_is_shown(tmp_path: Path) -> None:
    [report] = examine(manifest(tmp_path))
    sources = {each.need.name: each.source for each in report.imports}
    assert sources["peer"] == f"{component('c').name}, composed with it"
    assert sources["desk"] == "what the host holds as 'desk'"
    assert not report.missing
    assert not report.unused


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ('pear = "{party}"', "compose: the component asks for no grant 'pear': it asks for desk, peer"),
        ('peer = "{party}.none"', "none: No such file"),
        ('peer = "{bindings}"', "compose: peer: is not WebAssembly"),
        ("peer = 3", "compose.peer: expected the path of a component, got 3"),
    ],
)
@scenario
async def test_a_manifest_that_composes_what_does_not_fit(tmp_path: Path, more: str, message: str) -> None:
    with pytest.raises((LoadError, ManifestError)) as caught:
        async with (
            holder() as host,
            assemble(host, manifest(tmp_path, MANIFEST.replace('peer = "{party}"', more))),
        ):
            pass
    assert message in str(caught.value)
