"""Objects of this process that are to know when nobody refers to them any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from capwit.bridge.capability import HOST, Client, Local, OwnedCapability
from capwit.bridge.ledger import Event

if TYPE_CHECKING:
    from capwit.bridge.ledger import Ledger

C = TypeVar("C", bound=Client)


class Droppable(Protocol):
    """What is told once the last reference to it is released."""

    def dropped(self) -> None:
        """Nobody refers to it any more."""

    async def settle(self) -> None:
        """Wait until what that set going has happened."""


class Counted(Local):
    """An object of this process, with the references to it counted."""

    __slots__ = ("_droppable", "_references")

    def __init__(self, object: Droppable) -> None:
        """Stand for an object that nobody refers to yet."""
        super().__init__(object)
        self._droppable = object
        self._references = 0

    def retain(self) -> None:
        """Count a reference."""
        self._references += 1

    def release(self) -> None:
        """Count a reference less; with the last one the object is told."""
        self._references -= 1
        if not self._references:
            self._droppable.dropped()

    async def settle(self) -> None:
        """Wait until what the last release set going has happened."""
        await self._droppable.settle()


def owned_client(make: type[C], object: Droppable, ledger: Ledger, cause: str = "") -> C:
    """Return a client that owns the first reference to an object."""
    name = str(make.interface)
    return make.owning(OwnedCapability(make, name, Counted(object), ledger, Event.MINT, HOST, cause=cause))
