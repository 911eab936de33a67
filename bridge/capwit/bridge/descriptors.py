"""The numbers by which a core module knows its handles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from capwit.engine.types import Resource

    from .table import CapTable

FIRST: Final = 3  # those below are the standard streams


class Handle(NamedTuple):
    """What a number stands for: a slot of the instance's `CapTable`, and the resource it is of."""

    slot: int
    resource: Resource


class Descriptors:
    """The handles of one core instance, by number. The lowest free one is given next, as POSIX has it.

    A front whose own descriptors share these numbers extends it.
    """

    def __init__(self, table: CapTable) -> None:
        """Begin with none."""
        self._table = table
        self._handles: dict[int, Handle] = {}
        self._hint = FIRST  # no number from `FIRST` on is free below it

    def _used(self, number: int) -> bool:
        return number in self._handles

    def _take(self) -> int:
        """Return the lowest free number, which is free no more."""
        number = self._hint
        while self._used(number):
            number += 1
        self._hint = number + 1
        return number

    def _free(self, number: int) -> None:
        """A number stands for nothing any more."""
        if number >= FIRST:
            self._hint = min(self._hint, number)

    def add(self, slot: int, resource: Resource) -> int:
        """Return the number of a handle that the guest is to own."""
        number = self._take()
        self._handles[number] = Handle(slot, resource)
        return number

    def slot(self, number: int, resource: Resource) -> int | None:
        """Return the slot of a handle of a resource, or None where the number stands for none."""
        found = self._handles.get(number)
        return found.slot if found is not None and found.resource == resource else None

    def forget(self, number: int) -> None:
        """The handle is not the guest's any more."""
        del self._handles[number]
        self._free(number)
