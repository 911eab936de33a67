"""What an instance may use. Every limit has a typed error that names it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

_SIZES: Final = {
    "": 1,
    "B": 1,
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
    "KB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
}
_TIMES: Final = {"": 1.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "m": 60.0, "min": 60.0, "h": 3600.0}
_QUANTITY: Final = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)\s*")

# Fuel between two yields to the event loop, about 1 ms of wasm; the epoch yields too, each tick.
FUEL_SLICE: Final = 1_000_000
MOST: Final = 2**62  # more would be read as another number by wasmtime, or as no limit


def parse_size(value: int | str) -> int:
    """Return a number of bytes from `65536`, `"64KiB"`, `"1.5 GiB"`."""
    return int(_quantity(value, _SIZES, "a size such as 65536 or '64MiB'"))


def parse_time(value: float | str) -> float:
    """Return seconds from `2`, `0.5`, `"2s"`, `"250ms"`, `"1min"`."""
    return _quantity(value, _TIMES, "a time such as 2 or '250ms'")


def _quantity(value: float | str, units: dict[str, int] | dict[str, float], expected: str) -> float:
    if isinstance(value, str):
        found = _QUANTITY.fullmatch(value)
        if found is not None and found[2] in units:
            number = float(found[1]) * units[found[2]]
            if number <= MOST:
                return number
    elif not isinstance(value, bool) and isinstance(value, int | float) and 0 <= value <= MOST:
        return value
    raise ValueError(f"expected {expected}, got {value!r}; units: {', '.join(u for u in units if u)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreLimits:
    """Limits of one store, in plain units: fuel, bytes over all memories, entries, seconds.

    `instances` are core wasm's, of which a component has several. What carries its bytes comes on top of
    these numbers: `lanes` of it.
    """

    fuel: int | None
    memory: int
    memories: int
    table: int
    tables: int
    instances: int
    wall: float | None
    lanes: int = 0

    def __post_init__(self) -> None:
        """Refuse what wasmtime would misread."""
        lowest = {"memories": 1}
        for name in ("fuel", "memory", "memories", "table", "tables", "instances"):
            value = getattr(self, name)
            low = lowest.get(name, 0)
            if not ((name == "fuel" and value is None) or (isinstance(value, int) and low <= value <= MOST)):
                raise ValueError(f"{name}: expected a whole number from {low} to {MOST}, got {value!r}")
        if self.wall is not None and not 0 <= self.wall <= MOST:
            raise ValueError(f"wall: expected seconds, or none for no limit, got {self.wall!r}")

    @lru_cache(maxsize=64)  # noqa: B019 - it keeps few; each start of an instance asks
    def carrying(self, lanes: int) -> StoreLimits:
        """Return them for a store with so many lanes."""
        return replace(self, lanes=lanes)
