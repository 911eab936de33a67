"""Host bindings for `capwit:caps@0.1.0`.

The capabilities every host has: what a program prints to, what it was started with, clocks, entropy,
settings, an audit log, fuel. A guest holds one only if its manifest grants it.

Written by `capwit generate` from standard.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from capwit.bridge import binding as wit
from capwit.bridge.binding import MaybeAwaitable

wit.check_format(__name__, 1)


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


@dataclass(frozen=True, slots=True)
class SettingAbsent:
    """`absent` of `Setting`."""


@dataclass(frozen=True, slots=True)
class SettingValue:
    """`value` of `Setting`."""

    value: str


Setting: TypeAlias = SettingAbsent | SettingValue
"""The value that a name has, if it has one."""


@dataclass(frozen=True, slots=True)
class AuditField:
    """One thing that a record tells."""

    name: str
    value: str


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
        """The distance between two ticks; 0 where only sleeping moves it on."""

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


class KeyValueScope(Protocol):
    """Settings by name: a program's environment, its configuration, or a part of either."""

    def get(self, name: str) -> MaybeAwaitable[Setting]:
        """The value of one."""

    def list(self) -> MaybeAwaitable[Sequence[str]]:
        """The names that have a value, in order."""

    def set(self, name: str, value: str) -> MaybeAwaitable[None]:
        """Gives a name a value. `denied` where the scope is for reading only, `exhausted` where it is full."""

    def remove(self, name: str) -> MaybeAwaitable[None]:
        """Takes the value of a name away, if it has one. `denied` where the scope is for reading only."""


class AuditLog(Protocol):
    """A record of what happened, which can only grow. The log itself says when, and who told it."""

    def append(self, event: str, fields: Sequence[AuditField]) -> MaybeAwaitable[None]:
        """Adds a record. Returns once it is where it is kept; `exhausted` where the log takes no more."""


class FuelGrant(Protocol):
    """Fuel that a program may still draw, in wasm instructions, about."""

    def take(self, amount: int) -> MaybeAwaitable[int]:
        """Draws up to `amount`: what is given is less, or nothing, where the grant is used up."""


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
        """The distance between two ticks; 0 where only sleeping moves it on."""
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


class KeyValueScopeClient(wit.Client):
    """`KeyValueScope`, wherever it lives."""

    async def get(self, name: str) -> Setting:
        """The value of one."""
        return await self._call(_KEY_VALUE_SCOPE_GET, name)

    async def list(self) -> Sequence[str]:
        """The names that have a value, in order."""
        return await self._call(_KEY_VALUE_SCOPE_LIST)

    async def set(self, name: str, value: str) -> None:
        """Gives a name a value. `denied` where the scope is for reading only, `exhausted` where it is full."""
        await self._call(_KEY_VALUE_SCOPE_SET, name, value)

    async def remove(self, name: str) -> None:
        """Takes the value of a name away, if it has one. `denied` where the scope is for reading only."""
        await self._call(_KEY_VALUE_SCOPE_REMOVE, name)


class AuditLogClient(wit.Client):
    """`AuditLog`, wherever it lives."""

    async def append(self, event: str, fields: Sequence[AuditField]) -> None:
        """Adds a record. Returns once it is where it is kept; `exhausted` where the log takes no more."""
        await self._call(_AUDIT_LOG_APPEND, event, fields)


class FuelGrantClient(wit.Client):
    """`FuelGrant`, wherever it lives."""

    async def take(self, amount: int) -> int:
        """Draws up to `amount`: what is given is less, or nothing, where the grant is used up."""
        return await self._call(_FUEL_GRANT_TAKE, amount)


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
KEY_VALUE_SCOPE = wit.Interface(
    KeyValueScopeClient,
    "capwit:caps/standard@0.1.0",
    "key-value-scope",
    0xBEEFBDC1D2260F16,
)
AUDIT_LOG = wit.Interface(AuditLogClient, "capwit:caps/standard@0.1.0", "audit-log", 0xFE3424E09CBCC101)
FUEL_GRANT = wit.Interface(FuelGrantClient, "capwit:caps/standard@0.1.0", "fuel-grant", 0xE962F31B80A25595)
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
SETTING = wit.Variant(
    (wit.Case("absent", None, SettingAbsent), wit.Case("value", wit.STRING, SettingValue)),
    "setting",
)
AUDIT_FIELD = wit.Record(
    (wit.Field("name", wit.STRING, "name"), wit.Field("value", wit.STRING, "value")),
    AuditField,
    "audit-field",
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
_KEY_VALUE_SCOPE_GET: wit.Method[Setting] = KEY_VALUE_SCOPE.method(
    "get",
    "get",
    {"name": wit.STRING},
    SETTING,
)
_KEY_VALUE_SCOPE_LIST: wit.Method[Sequence[str]] = KEY_VALUE_SCOPE.method(
    "list",
    "list",
    {},
    wit.List(wit.STRING),
)
_KEY_VALUE_SCOPE_SET: wit.Method[None] = KEY_VALUE_SCOPE.method(
    "set",
    "set",
    {"name": wit.STRING, "value": wit.STRING},
    None,
)
_KEY_VALUE_SCOPE_REMOVE: wit.Method[None] = KEY_VALUE_SCOPE.method(
    "remove",
    "remove",
    {"name": wit.STRING},
    None,
)
_AUDIT_LOG_APPEND: wit.Method[None] = AUDIT_LOG.method(
    "append",
    "append",
    {"event": wit.STRING, "fields": wit.List(AUDIT_FIELD)},
    None,
)
_FUEL_GRANT_TAKE: wit.Method[int] = FUEL_GRANT.method("take", "take", {"amount": wit.U64}, wit.U64)
BINDINGS = wit.Bindings(
    package="capwit:caps@0.1.0",
    interface="standard",
    interfaces=(
        CONSOLE,
        LAUNCH_PARAMETERS,
        TIMER,
        WALL_CLOCK,
        ENTROPY_SOURCE,
        KEY_VALUE_SCOPE,
        AUDIT_LOG,
        FUEL_GRANT,
    ),
    schema=wit.SchemaFile(__name__, "standard.bridge.json", 0xE5A0C6B1F3D24790),
)
