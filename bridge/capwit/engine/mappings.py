"""The kernel's mappings, of which a process may have only so many: without any more it dies, wherever it is.

An instance has one for its stack and one for the guard below it, one to three for its memory, and more for
tables that are large. What carries its bytes has two more on each side. Much of that comes with its calls,
so what those that live do not have yet is owed to them. To count takes milliseconds, so it is done again only
when so many instances have begun that they could have used up what was left.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from .polls import stores, thread

_SHARE: Final = 0.94  # of what the kernel allows: the rest is for all else that the process does
_MOST: Final = 16  # of one instance: its stack, its memory, and tables that are large
_CALLED: Final = 3  # which a guest has once it has been called: its stack, and what its memory grew by
_CARRIED: Final = 2  # which each side of the byte lane has once bytes went over it


def most_mappings() -> int | None:
    """Return how many mappings the kernel lets a process have, or None where it does not say."""
    try:
        return int(Path("/proc/sys/vm/max_map_count").read_text())
    except (OSError, ValueError):
        return None


def count_mappings() -> int:
    """Return how many mappings this process has."""
    with Path("/proc/self/maps").open("rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))


def _owed() -> int:
    """Return how many mappings the instances that live may still come to have."""
    sides = sum(store.limits.lanes - store.carried.bit_count() for store in list(stores.values()))
    return _CALLED * (len(stores) - len(thread.polls.driven)) + _CARRIED * sides


class Mappings:
    """Tells whether there is room for one instance more."""

    def __init__(self) -> None:
        """Look at the first instance."""
        self._most = most_mappings()
        self._surely = 0  # so many more may begin without a look
        self._full = False

    def take(self, *, pooled: bool) -> bool:
        """Return whether there is room for one more; where it is `pooled`, its stack is there already."""
        if self._most is None:
            return True
        if self._surely == 0 and not self._full:
            try:
                free = int(self._most * _SHARE) - count_mappings() - (0 if pooled else _owed())
            except OSError:  # a process that opens nothing any more, for its one instance
                return True
            self._surely = max(0, free // _MOST)
            self._full = self._surely == 0
        if self._full:
            return False
        self._surely -= 1
        return True

    def give(self) -> None:
        """One has ended: it is worth a look again."""
        self._full = False
