"""Two sides of a comparison, measured in turn, A B A B ...: their medians, and how far they spread."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

ROUNDS: Final = 9


class Sample(NamedTuple):
    """Seconds that a call takes: the median of the rounds, and the middle half of them."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, times: list[float]) -> Sample:
        """Return what is told of several rounds."""
        low, median, high = statistics.quantiles(times, n=4, method="inclusive")
        return cls(median, low, high)

    @property
    def spread(self) -> str:
        """How far the middle half is from the median, in percent of it."""
        return f"±{(self.high - self.low) / 2 / self.median * 100:.0f}%"


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison: each side, and how many times faster ours is to be."""

    what: str
    ours: Sample
    theirs: Sample
    target: float

    def __str__(self) -> str:
        """Show the row of the table."""
        ratio = self.theirs.median / self.ours.median
        verdict = "met" if ratio >= self.target else "MISSED"
        times = f"{self._side(self.ours)} {self._side(self.theirs)}"
        return f"{self.what:<48} {times} {ratio:>7.2f}x  {verdict:<6} (>= {self.target:.3g}x)"

    def _side(self, sample: Sample) -> str:
        return f"{sample.median * 1e6:>10.2f} {sample.spread:>5}"


HEAD: Final = f"{'':<48} {'capwit us':>16} {'other us':>16}    ratio"


async def measure(
    ours: Callable[[], Awaitable[Any]], theirs: Callable[[], Awaitable[Any]], calls: int
) -> tuple[Sample, Sample]:
    """Return the seconds that a call takes of each side, measured in turn."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(ROUNDS + 1):
        for kept, side in zip(times, (ours, theirs), strict=True):
            start = time.perf_counter()
            await side()
            if number:  # the first round warms up
                kept.append((time.perf_counter() - start) / calls)
    return Sample.of(times[0]), Sample.of(times[1])
