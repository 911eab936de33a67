"""Two components in one store: what passes between them is not seen; what they have of the host is."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import (
    CapError,
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
from capwit.testing import assert_moved, assert_released, lives, scenario

from tests.bridge.support import ENTROPY, wat
from tests.transfer.support import Desk, Parcel, component, parcel

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

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
            assert_moved(capwit_host.ledger, "pair", "host", of=given)
        assert await party.take(parcel.ParcelClient(Parcel("y"))) == "y"
        assert await party.hand() == "y"  # made for the outer one, and inside now
        await party.make("z")
        await party.drop()
    assert_released(capwit_host.ledger, of="parcel")


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
        assert len(assert_released(capwit_host.ledger, "pair", of="parcel")) == 2


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
        assert desk.told == ["own 1 is gone"]


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
