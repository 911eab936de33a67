"""Host bindings for `case:worlds@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from capwit.bridge import binding as wit
from capwit.bridge.binding import MaybeAwaitable
from capwit.caps import standard

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class Report:
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class AppGrantsLimits:
    memory: int


class Store(Protocol):
    def get(self, key: str) -> MaybeAwaitable[bytes]: ...


class Plugin(Protocol):
    """Referred to by the grants of the other world, so it is a resource of its own too."""

    def act(self, store: StoreClient, now: standard.Instant) -> MaybeAwaitable[Report]: ...


class Runner(Protocol):
    def run(self) -> MaybeAwaitable[None]: ...


class Clock(Protocol):
    def now(self) -> MaybeAwaitable[int]: ...


class StoreClient(wit.Client):
    """`Store`, wherever it lives."""

    async def get(self, key: str) -> bytes:
        return await self._call(_STORE_GET, key)


class PluginClient(wit.Client):
    """`Plugin`, wherever it lives."""

    async def act(self, store: Store, now: standard.Instant) -> Report:
        return await self._call(_PLUGIN_ACT, store, now)


class RunnerClient(wit.Client):
    """`Runner`, wherever it lives."""

    async def run(self) -> None:
        await self._call(_RUNNER_RUN)


class ClockClient(wit.Client):
    """`Clock`, wherever it lives."""

    async def now(self) -> int:
        return await self._call(_CLOCK_NOW)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppGrants(wit.Grants):
    """What the app holds."""

    store: Store
    console: standard.Console | None = None
    plugin: Plugin
    """Does the work."""
    name: str
    limits: AppGrantsLimits
    motto: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginGrants(wit.Grants):
    store: Store


# The bridge's tables: WIT names and types.
STORE = wit.Interface(StoreClient, "case:worlds/schema@0.1.0", "store", 0xA07EC4FB1BF8EC81)
PLUGIN = wit.Interface(
    PluginClient,
    "case:worlds/schema@0.1.0",
    "plugin",
    0x96AB85C9854E301C,
    exports=("case:worlds/plugin-exports-plugin@0.1.0",),
)
RUNNER = wit.Interface(
    RunnerClient,
    "case:worlds/schema@0.1.0",
    "runner",
    0xF73684A62B34694E,
    exports=("case:worlds/app-exports-runner@0.1.0",),
)
CLOCK = wit.Interface(
    ClockClient,
    "case:worlds/schema@0.1.0",
    "clock",
    0xD3AEC45E251AB34B,
    exports=("case:worlds/app-exports-clock@0.1.0",),
)
REPORT = wit.Record((wit.Field("lines", wit.List(wit.STRING), "lines"),), Report, "report")
APP_GRANTS_LIMITS = wit.Record(
    (wit.Field("memory", wit.U64, "memory"),),
    AppGrantsLimits,
    "app-grants-limits",
)
_STORE_GET: wit.Method[bytes] = STORE.method("get", "get", {"key": wit.STRING}, wit.BYTES)
_PLUGIN_ACT: wit.Method[Report] = PLUGIN.method(
    "act",
    "act",
    {"store": STORE.borrow, "now": standard.INSTANT},
    REPORT,
)
_RUNNER_RUN: wit.Method[None] = RUNNER.method("run", "run", {}, None)
_CLOCK_NOW: wit.Method[int] = CLOCK.method("now", "now", {}, wit.U64)
APP_GRANTS = wit.GrantsInterface(
    AppGrants,
    "case:worlds/app-grants@0.1.0",
    (
        wit.Grant("store", "get-store", STORE.own),
        wit.Grant("console", "get-console", wit.Option(standard.CONSOLE.own)),
        wit.Grant("plugin", "get-plugin", PLUGIN.own),
        wit.Grant("name", "get-name", wit.STRING),
        wit.Grant("limits", "get-limits", APP_GRANTS_LIMITS),
        wit.Grant("motto", "get-motto", wit.Option(wit.STRING)),
    ),
)
PLUGIN_GRANTS = wit.GrantsInterface(
    PluginGrants,
    "case:worlds/plugin-grants@0.1.0",
    (wit.Grant("store", "get-store", STORE.own),),
)
BINDINGS = wit.Bindings(
    package="case:worlds@0.1.0",
    interface="schema",
    interfaces=(STORE, PLUGIN, RUNNER, CLOCK),
    grants=(APP_GRANTS, PLUGIN_GRANTS),
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xA7A2069A8D5B864F),
)
