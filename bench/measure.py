"""The table of figures as data: what is measured, beside what, and how far apart the rounds are.

A *side* is awaited for what one round of it takes: `timed` makes one of a call, `spent` of a command. Two
sides are measured in turn, A B A B ..., and a ratio is taken of each round, because what else the machine
does is mostly the same for both sides of one.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from pathlib import Path

    from capwit.engine.runtime import Runtime

ROUNDS: Final = 9

Unit: TypeAlias = Literal["s", "B"]
Side: TypeAlias = Callable[[], Awaitable[float]]
_STEPS: Final[dict[Unit, tuple[tuple[float, str], ...]]] = {
    "s": ((1, "s"), (1e-3, "ms"), (1e-6, "us"), (1e-9, "ns")),
    "B": ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB"), (1, "B")),
}


class Sample(NamedTuple):
    """What several rounds took: the median, and the middle half of them."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, rounds: list[float]) -> Sample:
        """Return what is told of several rounds.

        Raises:
            ValueError: there are less than five.
        """
        if len(rounds) < 5:
            raise ValueError(f"a figure is the median of five rounds or more, not of {len(rounds)}")
        low, median, high = statistics.quantiles(rounds, n=4, method="inclusive")
        return cls(median, low, high)

    @property
    def spread(self) -> str:
        """How far the middle half is from the median, in percent of it."""
        return f"±{(self.high - self.low) / 2 / self.median * 100:.0f}%" if self.median else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure.

    Attributes:
        what: what is measured.
        ours: what one of it takes.
        beside: what the other side is: `wasmtime-py`, `native WASI`.
        other: what one takes there; None where there is nothing to put beside it.
        ratio: how many times what the other takes ours does. Less is better.
        at_most: a target of the ratio, if there is one.
        within: a target of `ours`, if there is one.
        unit: of `ours`, `other` and `within`.
        carries: bytes that one carries: then both are shown as bytes a second.
    """

    what: str
    ours: Sample
    beside: str = ""
    other: Sample | None = None
    ratio: Sample | None = None
    at_most: float | None = None
    within: float | None = None
    unit: Unit = "s"
    carries: int = 0

    def __str__(self) -> str:
        """Show the row of the table."""
        other = f"{self.beside:<20} {self._side(self.other)}" if self.other else " " * 36
        ratio = f"{_times(self.ratio.median):>7} {self.ratio.spread:>5}" if self.ratio else " " * 13
        return f"  {self.what:<46} {self._side(self.ours)}   {other} {ratio}   {self._verdict()}".rstrip()

    def _side(self, sample: Sample) -> str:
        shown = (
            f"{self.carries / sample.median / 1e6:,.0f} MB/s"
            if self.carries
            else amount(sample.median, self.unit)
        )
        return f"{shown:>10} {sample.spread:>5}"

    def _verdict(self) -> str:
        """Say of each target whether it is met."""
        said = []
        if self.at_most is not None and self.ratio is not None:
            said.append(_held(self.ratio.median, self.at_most, _times(self.at_most)))
        if self.within is not None:
            said.append(_held(self.ours.median, self.within, amount(self.within, self.unit)))
        return ", ".join(said)


@dataclass(frozen=True, slots=True)
class Skipped:
    """Figures that are not measured here, and what would mend that."""

    what: str
    why: str

    def __str__(self) -> str:
        """Show it in the place of its rows."""
        return f"  {self.what}: not measured, {self.why}"


@dataclass(frozen=True, slots=True)
class Bench:
    """What a section is given.

    Attributes:
        runtime: an engine that no figure changes.
    """

    runtime: Runtime


# A section measures when it is asked for its next row, so that each is shown as it comes.
Section: TypeAlias = Callable[[Bench], AsyncIterator[Row | Skipped]]

HEAD: Final = (
    f"  {'':<46} {'capwit':>10} {'':>5}   {'beside':<20} {'takes':>10} {'':>5} {'ratio':>7} {'':>5}   target"
)


def _held(found: float, most: float, shown: str) -> str:
    return f"{'met' if found <= most else 'MISSED'} (<= {shown})"


def amount(value: float, unit: Unit) -> str:
    """Return a number of seconds or bytes as three digits and a unit."""
    factor, name = next((step for step in _STEPS[unit] if value >= step[0]), _STEPS[unit][-1])
    number = value / factor
    return f"{number:.{max(0, 2 - len(str(int(number))) + 1)}f} {name}"


def _times(ratio: float) -> str:
    return f"{ratio:.{2 if ratio >= 0.1 else 3}f}x" if ratio < 10 else f"{ratio:,.0f}x"


def timed(call: Callable[[], Awaitable[Any]], calls: int = 1) -> Side:
    """Return a side: the seconds that one of `calls` takes, all made by one await of `call`."""

    async def side() -> float:
        start = time.perf_counter()
        await call()
        return (time.perf_counter() - start) / calls

    return side


class Cost(NamedTuple):
    """What a command took: processor seconds, and the most memory in bytes."""

    seconds: float
    memory: float


def run(command: list[str], folder: Path) -> Cost:
    """Return what a command takes, with all that it starts."""
    environment = {**os.environ, "PWD": str(folder)}  # capnp warns where the two differ
    with tempfile.TemporaryFile("w+") as said:
        with subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=said
        ) as child:
            _, status, used = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            said.seek(0)
            raise subprocess.CalledProcessError(child.returncode, command, stderr=said.read())
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


def spent(command: list[str], folder: Path) -> Side:
    """Return a side: the processor seconds of a command and all that it starts."""

    async def side() -> float:
        return (await asyncio.to_thread(run, command, folder)).seconds

    return side


def peak(command: list[str], folder: Path) -> Side:
    """Return a side: the most memory that a command has, in bytes."""

    async def side() -> float:
        return (await asyncio.to_thread(run, command, folder)).memory

    return side


async def compare(
    what: str,
    ours: Side,
    other: Side,
    *,
    beside: str,
    at_most: float | None = None,
    within: float | None = None,
    unit: Unit = "s",
    carries: int = 0,
    rounds: int = ROUNDS,
) -> Row:
    """Return the row of two sides. The first round of each warms up, and is not counted."""
    await ours(), await other()
    taken = [(await ours(), await other()) for _ in range(rounds)]
    return Row(
        what=what,
        ours=Sample.of([a for a, _ in taken]),
        beside=beside,
        other=Sample.of([b for _, b in taken]),
        ratio=Sample.of([a / b for a, b in taken]),
        at_most=at_most,
        within=within,
        unit=unit,
        carries=carries,
    )


async def alone(
    what: str, side: Side, *, within: float | None = None, unit: Unit = "s", rounds: int = ROUNDS
) -> Row:
    """Return the row of a figure that there is nothing to put beside."""
    await side()
    return Row(what=what, ours=Sample.of([await side() for _ in range(rounds)]), within=within, unit=unit)
