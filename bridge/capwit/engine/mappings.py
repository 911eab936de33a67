"""The kernel's mappings, of which a process may have only so many: without any more it dies, wherever it is.

An instance has one for its stack and one for the guard below it, one to three for each memory, and more for
tables that are large. What carries its bytes has two more on each side, once it has carried. What comes with
its calls is owed to each instance that lives, and kept for it. What comes with its bytes is not, since those
that never carry may be many: it is from a share that no instance may begin with, and who carries when that is
used up is refused. To count takes milliseconds, so it is done again only when nothing might be left.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from .errors import Limit, LimitExceeded
from .polls import stores, thread

if TYPE_CHECKING:
    from .store import Store

_BEGINNING: Final = 0.94  # of what the kernel allows: what instances may begin with
_CARRYING: Final = 0.98  # and what bytes may be carried with: the rest is for all else that the process does
_MOST: Final = 16  # of one instance: its stack, its memory, and tables that are large
_STACK: Final = 2  # which a guest has once it has been called, and keeps
_GROWN: Final = 1  # which each of its memories has once it has grown
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
    """Return how many mappings the instances that live may still come to have, but for their bytes.

    A call of a guest's that a tick meets on its way to the host has those of its bytes uncounted until it
    gets there: such calls are few, and the rest of what the kernel allows has room for them.
    """
    living, waiting = list(stores.values()), {driven() for driven in thread.polls.driven.values()}
    stacks = sum(not store.carried and store not in waiting for store in living)
    return _STACK * stacks + _GROWN * sum(store.limits.memories for store in living)


class Mappings:
    """Tells whether there is room for one instance more, or for one more to carry bytes."""

    def __init__(self, most: int | None) -> None:
        """Let there be `most`, as the kernel does. It looks when something is taken."""
        self._most = most
        self._left = 0  # so many more may be taken without a look
        self._worth = True  # to look: something was taken, less than it was counted for, or given back

    def take(self, *, pooled: bool) -> bool:
        """Return whether there is room for one instance more: one that is `pooled` has its stack."""
        return self._take(_MOST, _CARRYING - _BEGINNING, pooled=pooled)

    def take_side(self) -> bool:
        """Return whether there is room for one more side of a lane to carry."""
        return self._take(_CARRIED, 0, pooled=False)

    def give(self) -> None:
        """An instance has ended: it is worth a look again."""
        self._worth = True

    def _take(self, count: int, kept: float, *, pooled: bool) -> bool:
        """Return whether so many are left, without the share of all that is kept back from who asks."""
        if self._most is None:
            return True
        count_kept = count + int(self._most * kept)
        if self._left < count_kept and self._worth:
            try:
                free = int(self._most * _CARRYING) - count_mappings() - (0 if pooled else _owed())
            except OSError:  # a process that opens nothing any more, for its one instance
                return True
            self._left, self._worth = free, False
        if self._left < count_kept:
            return False
        self._left -= count
        self._worth = True
        return True


# All hosts of this process share what it may have.
process: Final = Mappings(most_mappings())


def carry(store: Store, side: int) -> None:
    """A `lane.Side` of an instance carries bytes for the first time.

    Raises:
        LimitExceeded: there is no room.
    """
    if not process.take_side():
        store.failure = LimitExceeded(
            Limit.INSTANCES,
            "the kernel lets this process have no more memory mappings, and to carry bytes takes two. "
            "Mend: end some instances, raise vm.max_map_count (sysctl), or do without: `Host(lane=False)`",
        )
        raise store.failure
    store.carried |= side
