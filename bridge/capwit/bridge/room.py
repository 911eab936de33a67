"""How many instances may live at one time: as many as the host says, and as the kernel has room for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from capwit.engine import mappings
from capwit.engine.errors import InstanceEnded, Limit, LimitExceeded

if TYPE_CHECKING:
    from .running import Running
    from .table import CapTable


class Room:
    """The instances that live, by their tables: one that is about to has a table only."""

    def __init__(self, most: int) -> None:
        """Let `most` live at one time."""
        self._most: Final = most
        self._living: dict[CapTable, Running | None] = {}
        self._open = True

    def take(self, table: CapTable, *, pooled: bool) -> None:
        """Have one more, which lives until its table ends. Its stack is there already where it is `pooled`.

        Raises:
            LimitExceeded: as many live as may.
            InstanceEnded: the host has ended.
        """
        self._check()
        if len(self._living) >= self._most:
            raise LimitExceeded(
                Limit.INSTANCES,
                f"the host has {len(self._living)} live instances, its limit. "
                "Mend: end some, or give the host a larger `max_instances`",
            )
        if not mappings.process.take(pooled=pooled):
            raise LimitExceeded(
                Limit.INSTANCES,
                f"the host has {len(self._living)} live instances, and the kernel lets this process have no "
                "more memory mappings. Mend: end some, or raise vm.max_map_count (sysctl)",
            )
        self._living[table] = None
        table.room = self

    def enter(self, table: CapTable, instance: Running) -> None:
        """It has begun, and may have ended since.

        Raises:
            InstanceEnded: the host has ended meanwhile.
        """
        self._check()
        if table in self._living:
            self._living[table] = instance

    def _check(self) -> None:
        if not self._open:
            raise InstanceEnded("the host has ended")

    def open(self) -> None:
        """Let them in."""
        self._open = True

    def close(self) -> list[Running]:
        """Let none in any more; returns those that live."""
        self._open = False
        return [instance for instance in self._living.values() if instance is not None]

    def leave(self, table: CapTable) -> None:
        """It has ended."""
        del self._living[table]
        mappings.process.give()
