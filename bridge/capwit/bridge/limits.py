"""The limits of an instance, as a user writes them."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Final

from capwit.engine.limits import StoreLimits, parse_size, parse_time

_WHOLE: Final = ("memories", "table", "tables", "instances", "handles")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one instance may use. Each limit ends the instance with an error that names it.

    Attributes:
        fuel: wasm instructions, roughly, over the instance's life; None or "none" for no limit.
        memory: bytes (or "64MiB") over all its linear memories together.
        memories: how many linear memories it may have; the budget is shared out evenly among them.
        table: elements in each of its tables.
        tables: how many tables it may have.
        instances: how many core wasm instances the component may be made of.
        handles: live handles.
        wall: seconds (or "2s") that one call into it may take, waiting included; None or "none" for no limit.

    The defaults are for code that nobody has vouched for; `docs/limits.md` has their reasons.
    """

    fuel: int | str | None = None
    memory: int | str = "256MiB"
    memories: int = 1
    table: int = 100_000
    tables: int = 8
    instances: int = 100
    handles: int = 10_000
    wall: float | str | None = "1min"

    def for_store(self) -> StoreLimits:
        """Return the part that the engine enforces.

        Raises:
            ValueError: a limit is not a size, a time or a positive number.
        """
        return self._for_store

    @cached_property
    def _for_store(self) -> StoreLimits:
        fuel, wall = (None if value == "none" else value for value in (self.fuel, self.wall))
        whole = {name: getattr(self, name) for name in _WHOLE} | {"fuel": 1 if fuel is None else fuel}
        for name, value in whole.items():
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise ValueError(f"{name}: expected a whole number above 0, got {value!r}")
        return StoreLimits(
            fuel=fuel if isinstance(fuel, int) else None,
            memory=parse_size(self.memory),
            memories=self.memories,
            table=self.table,
            tables=self.tables,
            instances=self.instances,
            wall=None if wall is None else parse_time(wall),
        )

    def amounts(self) -> dict[str, float]:
        """Return the limits as numbers that can be compared: bytes, seconds, infinity where there is none."""
        store = self.for_store()
        found: dict[str, float] = {"handles": self.handles}
        for each in fields(store):
            value = getattr(store, each.name)
            found[each.name] = math.inf if value is None else value
        return found
