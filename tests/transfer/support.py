"""Parties, in Python and in C, and the desk that their parcels come from."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.bridge.support import ENTROPY, bindings, generated
from tests.support.guests import c_guest, python_guest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from capwit.bridge import Host, Instance, Ledger, Limits

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

    @property
    def parcels(self) -> int:
        """How many handles of parcels it holds, by the ledger."""
        return sum(
            owned.holder == self.name and owned.interface.endswith(".parcel") for owned in self.ledger.live()
        )


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
