"""How many instances may live at one time: as many as the host says, and as the kernel has room for."""

from __future__ import annotations

from typing import Final

from capwit.engine import mappings
from capwit.engine.errors import Limit, LimitExceeded


class Room:
    """Counts the instances that live."""

    def __init__(self, most: int) -> None:
        """Let `most` live at one time."""
        self._most: Final = most
        self._living = 0

    def take(self, *, pooled: bool) -> None:
        """Count one more that lives, or is about to. Its stack is there already where it is `pooled`.

        Raises:
            LimitExceeded: as many live as may.
        """
        if self._living >= self._most:
            raise LimitExceeded(
                Limit.INSTANCES,
                f"the host has {self._living} live instances, its limit. "
                "Mend: end some, or give the host a larger `max_instances`",
            )
        if not mappings.process.take(pooled=pooled):
            raise LimitExceeded(
                Limit.INSTANCES,
                f"the host has {self._living} live instances, and the kernel lets this process have no more "
                "memory mappings. Mend: end some, or raise vm.max_map_count (sysctl)",
            )
        self._living += 1

    def give(self) -> None:
        """Count one less."""
        self._living -= 1
        mappings.process.give()
