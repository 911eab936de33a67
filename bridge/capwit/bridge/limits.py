"""The limits of an instance, as a user writes them."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from capwit.engine.limits import StoreLimits, parse_size, parse_time


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one instance may use. Each limit ends the instance with an error that names it.

    Attributes:
        fuel: wasm instructions, roughly, over the instance's life; None for no limit.
        memory: bytes (or "64MiB") over all its linear memories together.
        memories: how many linear memories it may have; the budget is shared out evenly among them.
        table: elements in each of its tables.
        tables: how many tables it may have.
        handles: live handles.
        wall: seconds (or "2s") that one call into it may take, waiting included; None for no limit.
    """

    fuel: int | None = None
    memory: int | str = "256MiB"
    memories: int = 1
    table: int = 100_000
    tables: int = 8
    handles: int = 10_000
    wall: float | str | None = None

    def for_store(self) -> StoreLimits:
        """Return the part that the engine enforces.

        Raises:
            ValueError: a limit is not a size, a time or a positive number.
        """
        for name in ("fuel", "memories", "table", "tables", "handles"):
            value = getattr(self, name)
            if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
                raise ValueError(f"{name}: expected a whole number above 0, got {value!r}")
        return StoreLimits(
            fuel=self.fuel,
            memory=parse_size(self.memory),
            memories=self.memories,
            table=self.table,
            tables=self.tables,
            wall=None if self.wall is None else parse_time(self.wall),
        )

    def amounts(self) -> dict[str, float]:
        """Return the limits as numbers that can be compared: bytes, seconds, infinity where there is none."""
        store = self.for_store()
        found: dict[str, float] = {"handles": self.handles}
        for each in fields(store):
            value = getattr(store, each.name)
            found[each.name] = math.inf if value is None else value
        return found
