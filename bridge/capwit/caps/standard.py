"""Host bindings for `capwit:caps@0.1.0`.

The capabilities every host has: what a program prints to, what it was started with, clocks and
entropy. A guest holds one only if its manifest grants it.

Written by `capwit generate` from standard.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from capwit.bridge import binding as wit
from capwit.bridge.binding import MaybeAwaitable


@dataclass(frozen=True, slots=True)
class EnvVar:
    """One variable of a program's environment."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Instant:
    """A point in time, counted from 1970-01-01T00:00:00Z."""

    seconds: int
    nanoseconds: int
    """Less than 1,000,000,000."""


class Console(Protocol):
    """Somewhere to write bytes for a person or a log to read."""

    def write(self, data: bytes) -> MaybeAwaitable[None]:
        """Writes all of `data`, in order."""


class LaunchParameters(Protocol):
    """What a program was started with."""

    def args(self) -> MaybeAwaitable[Sequence[str]]:
        """The arguments, the program's own name first."""

    def env(self) -> MaybeAwaitable[Sequence[EnvVar]]:
        """The environment."""


class Timer(Protocol):
    """A monotonic clock, and the means to wait for it. Its zero is its own; it never goes back."""

    def now(self) -> MaybeAwaitable[int]:
        """The time since the timer's zero."""

    def resolution(self) -> MaybeAwaitable[int]:
        """The distance between two ticks."""

    def sleep_until(self, deadline: int) -> MaybeAwaitable[None]:
        """Returns once `now` is at or past `deadline`."""


class WallClock(Protocol):
    """The time of day. It may be set, and so may go back."""

    def now(self) -> MaybeAwaitable[Instant]:
        """The present time."""

    def resolution(self) -> MaybeAwaitable[Instant]:
        """The distance between two ticks."""


class EntropySource(Protocol):
    """A source of random bytes."""

    def fill(self, length: int) -> MaybeAwaitable[bytes]:
        """`length` bytes that nobody can foresee."""


class ConsoleClient(wit.Client):
    """`Console`, wherever it lives."""

    async def write(self, data: bytes) -> None:
        """Writes all of `data`, in order."""
        await self._call(_CONSOLE_WRITE, data)


class LaunchParametersClient(wit.Client):
    """`LaunchParameters`, wherever it lives."""

    async def args(self) -> Sequence[str]:
        """The arguments, the program's own name first."""
        return await self._call(_LAUNCH_PARAMETERS_ARGS)

    async def env(self) -> Sequence[EnvVar]:
        """The environment."""
        return await self._call(_LAUNCH_PARAMETERS_ENV)


class TimerClient(wit.Client):
    """`Timer`, wherever it lives."""

    async def now(self) -> int:
        """The time since the timer's zero."""
        return await self._call(_TIMER_NOW)

    async def resolution(self) -> int:
        """The distance between two ticks."""
        return await self._call(_TIMER_RESOLUTION)

    async def sleep_until(self, deadline: int) -> None:
        """Returns once `now` is at or past `deadline`."""
        await self._call(_TIMER_SLEEP_UNTIL, deadline)


class WallClockClient(wit.Client):
    """`WallClock`, wherever it lives."""

    async def now(self) -> Instant:
        """The present time."""
        return await self._call(_WALL_CLOCK_NOW)

    async def resolution(self) -> Instant:
        """The distance between two ticks."""
        return await self._call(_WALL_CLOCK_RESOLUTION)


class EntropySourceClient(wit.Client):
    """`EntropySource`, wherever it lives."""

    async def fill(self, length: int) -> bytes:
        """`length` bytes that nobody can foresee."""
        return await self._call(_ENTROPY_SOURCE_FILL, length)


# The bridge's tables: WIT names and types.
CONSOLE = wit.Interface(ConsoleClient, "capwit:caps/standard@0.1.0", "console", 0xC70A60AD5C31F049)
LAUNCH_PARAMETERS = wit.Interface(
    LaunchParametersClient,
    "capwit:caps/standard@0.1.0",
    "launch-parameters",
    0xAF2A848B85213001,
)
TIMER = wit.Interface(TimerClient, "capwit:caps/standard@0.1.0", "timer", 0xCF9DE8E582D152CB)
WALL_CLOCK = wit.Interface(WallClockClient, "capwit:caps/standard@0.1.0", "wall-clock", 0xB0EF6117B93960AE)
ENTROPY_SOURCE = wit.Interface(
    EntropySourceClient,
    "capwit:caps/standard@0.1.0",
    "entropy-source",
    0xE296B6BA1CE5E50A,
)
ENV_VAR = wit.Record(
    (wit.Field("name", wit.STRING, "name"), wit.Field("value", wit.STRING, "value")),
    EnvVar,
    "env-var",
)
INSTANT = wit.Record(
    (wit.Field("seconds", wit.U64, "seconds"), wit.Field("nanoseconds", wit.U32, "nanoseconds")),
    Instant,
    "instant",
)
_CONSOLE_WRITE: wit.Method[None] = CONSOLE.method("write", "write", {"data": wit.BYTES}, None)
_LAUNCH_PARAMETERS_ARGS: wit.Method[Sequence[str]] = LAUNCH_PARAMETERS.method(
    "args",
    "args",
    {},
    wit.List(wit.STRING),
)
_LAUNCH_PARAMETERS_ENV: wit.Method[Sequence[EnvVar]] = LAUNCH_PARAMETERS.method(
    "env",
    "env",
    {},
    wit.List(ENV_VAR),
)
_TIMER_NOW: wit.Method[int] = TIMER.method("now", "now", {}, wit.U64)
_TIMER_RESOLUTION: wit.Method[int] = TIMER.method("resolution", "resolution", {}, wit.U64)
_TIMER_SLEEP_UNTIL: wit.Method[None] = TIMER.method("sleep-until", "sleep_until", {"deadline": wit.U64}, None)
_WALL_CLOCK_NOW: wit.Method[Instant] = WALL_CLOCK.method("now", "now", {}, INSTANT)
_WALL_CLOCK_RESOLUTION: wit.Method[Instant] = WALL_CLOCK.method("resolution", "resolution", {}, INSTANT)
_ENTROPY_SOURCE_FILL: wit.Method[bytes] = ENTROPY_SOURCE.method(
    "fill",
    "fill",
    {"length": wit.U32},
    wit.BYTES,
)
BINDINGS = wit.Bindings(
    package="capwit:caps@0.1.0",
    interface="standard",
    interfaces=(CONSOLE, LAUNCH_PARAMETERS, TIMER, WALL_CLOCK, ENTROPY_SOURCE),
    schema=wit.SchemaFile(__name__, "standard.bridge.json", 0xE5A0C6B1F3D24790),
)
