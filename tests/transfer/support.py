"""Parties, in Python and in C, and the desk that their parcels come from."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from capwit.bridge.ledger import CLOSING, OPENING
from capwit.testing import assert_lent, assert_moved, assert_released, lives

from tests.bridge.support import ENTROPY, bindings, generated
from tests.support.guests import c_guest, python_guest
from tests.support.isolation import eventually, is_isolated

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from capwit.bridge import Event, Host, Instance, Ledger, Limits, OwnedCapability
    from capwit.testing.life import Of

HERE: Final = Path(__file__).parent
SCHEMA: Final = HERE / "parcel.capnp"
parcel: Final = bindings(SCHEMA)

each_way = pytest.mark.parametrize(("giver", "receiver"), [("py", "c"), ("c", "py")])
each_language = pytest.mark.parametrize("language", ["py", "c"])


def component(language: str) -> Path:
    """Return the party in a language."""
    wit = generated(SCHEMA) / "wit"
    if language == "py":
        return python_guest(HERE / "party.py", wit, "party")
    return c_guest(HERE / "party.c", wit, "party")


class Parcel:
    """A parcel of this process."""

    def __init__(self, label: str) -> None:
        self._label = label

    def label(self) -> Any:
        return self._label

    def same(self, other: Any) -> bool:
        return bool(other == parcel.ParcelClient(self))


class Desk:
    """A desk that makes parcels, and keeps what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.made: list[Parcel] = []

    def make(self, label: str) -> Any:
        self.made.append(Parcel(label))
        return self.made[-1]

    def tell(self, text: str) -> None:
        self.told.append(text)


async def stays(given: Any) -> None:
    """Let go of what a call was to give that has been refused: between processes it has not been sent."""
    if is_isolated():
        await given.close()


async def heard(desk: Desk, *told: str) -> None:
    """Assert that a desk has been told this by now."""

    def check() -> None:
        assert desk.told == [*told]

    await eventually(check)


class Waiting(Parcel):
    """A parcel that does not tell its label until it is let."""

    def __init__(self, label: str, asked: asyncio.Event) -> None:
        super().__init__(label)
        self.asked = asked
        self.go = asyncio.Event()

    async def label(self) -> str:
        self.asked.set()
        await self.go.wait()
        return self._label


@dataclass
class Party:
    """A running party, by its name in the ledger."""

    name: str
    host: Host
    instance: Instance
    client: Any

    def __getattr__(self, method: str) -> Any:
        return getattr(self.client, method)

    @property
    def ledger(self) -> Ledger:
        return self.host.ledger

    async def settle(self) -> None:
        """Wait for the destructors that have been set going; those of a process nobody waits for."""
        if not is_isolated():
            await self.instance.settle()

    async def holds(self, count: int) -> None:
        """Assert that it holds so many parcels."""

        def check() -> None:
            assert self.parcels == count

        await eventually(check)

    @property
    def parcels(self) -> int:
        """How many handles of parcels it holds, by the ledger."""
        return sum(owned.holder == self.name for owned in live(self.ledger))


def live(ledger: Ledger) -> list[OwnedCapability[Any]]:
    """The references to parcels that somebody holds."""
    return [owned for owned in ledger.live() if owned.interface.endswith(".parcel")]


# What of a parcel's way can be told. Between processes the ledger knows who holds a parcel, and not from whom
# they have it: each handle is a life of its own there.


async def moved(
    ledger: Ledger,
    giver: str,
    receiver: str,
    *,
    of: Of = "parcel",
    holders: list[str] | None = None,
    end: Event | None = None,
) -> None:
    """Assert that a parcel moved, by way of these `holders`; and how its receiver's handle has ended."""
    if not is_isolated():
        life = assert_moved(ledger, giver, receiver, of=of)
        assert holders in (None, life.holders)
        assert end is None or (life.end is not None and life.end.event is end)
        return

    def check() -> None:
        assert giver == "host" or giver not in {owned.holder for owned in live(ledger)}
        assert receiver in {entry.holder for life in lives(ledger, "parcel") for entry in life.entries}

    await eventually(check)


async def lent(ledger: Ledger, holder: str, *, count: int | None = None, by: str | None = None) -> None:
    """Assert that a parcel was lent to a holder, `by` whom, of how many handles, and has returned."""
    if not is_isolated():
        loan = assert_lent(ledger, holder, of="parcel")
        found = lives(ledger, "parcel")
        assert count in (None, len(found))
        assert by is None or {e.holder for e in ledger if e.handle == loan.begin.parent} == {by}
        return

    def check() -> None:
        held = [e for life in lives(ledger, "parcel") for e in life.entries if e.holder == holder]
        assert any(entry.event in OPENING for entry in held)
        assert any(entry.event in CLOSING for entry in held)

    await eventually(check)


async def released(
    ledger: Ledger,
    holder: str | None = None,
    *,
    count: int | None = None,
    holders: list[str] | None = None,
    end: Event | None = None,
) -> None:
    """Assert that nobody holds any parcel; of how many that is told, by way of whom, and how they ended."""
    if not is_isolated():
        found = assert_released(ledger, holder, of="parcel")
        assert count in (None, len(found))
        assert holders is None or [life.holders for life in found] == [holders] * len(found)
        assert end is None or {life.entries[-1].event for life in found} == {end}
        return

    def check() -> None:
        left = [repr(owned) for owned in live(ledger) if holder in (None, owned.holder)]
        assert not left, left

    await eventually(check)


@asynccontextmanager
async def party(
    host: Host,
    language: str,
    name: str,
    *,
    desk: Any = None,
    peer: Any = None,
    limits: Limits | None = None,
) -> AsyncIterator[Party]:
    """A party with a desk of its own, and perhaps a peer."""
    grants = parcel.Grants(desk=desk or Desk(), peer=peer)
    app = await host.load(component(language), parcel.BINDINGS, name=f"{name}.wasm")
    async with app.instantiate(grants, ENTROPY, name=name, limits=limits) as instance:
        yield Party(name, host, instance, await instance.export(parcel.PartyClient))


@asynccontextmanager
async def pair(host: Host, giver: str, receiver: str, **given: Any) -> AsyncIterator[tuple[Party, Party]]:
    """A receiver, and a giver whose peer it is; `given` is the giver's."""
    async with (
        party(host, receiver, "receiver") as second,
        party(host, giver, "giver", peer=second.client, **given) as first,
    ):
        yield first, second
