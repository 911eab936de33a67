"""The record of every handle: who got it, how, and how it ended. At exit the balance is zero."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .capability import OwnedCapability


class Event(Enum):
    """What can happen to a handle."""

    # These make one live:
    GRANT = "grant"  # a grants interface handed it out
    MINT = "mint"  # a call's result made it
    LEND = "lend"  # for the length of one call
    KEEP = "keep"  # a second reference to what was lent or held
    RECEIVE = "receive"  # from another holder, who gave it
    # These end it:
    DROP = "drop"  # the guest dropped it
    RETURN = "return"  # the call it was lent for is over
    GIVE = "give"  # to another holder, who receives it
    RELEASE = "release"  # host code closed it
    EXIT = "exit"  # its holder is gone


@dataclass(frozen=True, slots=True)
class Entry:
    """One event: the handle's number in this ledger, its interface, and who holds or held it."""

    sequence: int
    event: Event
    handle: int
    interface: str
    holder: str

    def __str__(self) -> str:
        """Show the entry as one line of `capwit run --ledger`."""
        return (
            f"{self.sequence:>5}  {self.event.value:<8} #{self.handle:<4} {self.holder:<10} {self.interface}"
        )


class Ledger:
    """Counts every handle, knows the live ones, and keeps the latest entries.

    `keep` bounds how many entries are kept, not what is counted; None keeps all.
    """

    def __init__(self, keep: int | None = 10_000) -> None:
        """Start an empty ledger."""
        self._entries: deque[Entry] = deque(maxlen=keep)
        self._counts: Counter[Event] = Counter()
        self._live: dict[int, OwnedCapability] = {}
        self._sequence = 0
        self._handles = 0

    def open(self, event: Event, owned: OwnedCapability) -> int:
        """Record a handle that becomes live, and return its number."""
        self._handles += 1
        self._live[self._handles] = owned
        self._record(event, self._handles, owned)
        return self._handles

    def close(self, event: Event, owned: OwnedCapability) -> None:
        """Record how a live handle ends."""
        del self._live[owned.handle]
        self._record(event, owned.handle, owned)

    def _record(self, event: Event, handle: int, owned: OwnedCapability) -> None:
        self._sequence += 1
        self._counts[event] += 1
        self._entries.append(Entry(self._sequence, event, handle, owned.interface, owned.holder))

    @property
    def balance(self) -> int:
        """How many handles are live."""
        return len(self._live)

    def live(self) -> list[OwnedCapability]:
        """Return the live handles, oldest first."""
        return list(self._live.values())

    def counts(self) -> dict[Event, int]:
        """Return how often each event happened."""
        return dict(self._counts)

    def __iter__(self) -> Iterator[Entry]:
        """Iterate over the kept entries, oldest first."""
        return iter(self._entries)

    def __len__(self) -> int:
        """Return how many events there were."""
        return self._sequence
