"""Host bindings for `case:guest-extends@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import sinks
from capwit.bridge import binding as wit
from capwit.bridge.binding import MaybeAwaitable

wit.check_format(__name__, 1)


class Closable(Protocol):
    def close_(self) -> MaybeAwaitable[None]: ...


class Listener(sinks.Sink, Closable, Protocol):
    def notify(self, text: str) -> MaybeAwaitable[None]: ...


class Hub(Protocol):
    def attach(self, sink: sinks.SinkClient) -> MaybeAwaitable[Closable]: ...


class ClosableClient(wit.Client):
    """`Closable`, wherever it lives."""

    async def close_(self) -> None:
        await self._call(_CLOSABLE_CLOSE)


class ListenerClient(sinks.SinkClient, ClosableClient):
    """`Listener`, wherever it lives."""

    async def notify(self, text: str) -> None:
        await self._call(_LISTENER_NOTIFY, text)

    def as_sink(self) -> sinks.SinkClient:
        """Another reference to this capability, as what it extends; `close` it."""
        return self._as(sinks.SinkClient)

    def as_closable(self) -> ClosableClient:
        """Another reference to this capability, as what it extends; `close` it."""
        return self._as(ClosableClient)


class HubClient(wit.Client):
    """`Hub`, wherever it lives."""

    async def attach(self, sink: sinks.Sink) -> ClosableClient:
        return await self._call(_HUB_ATTACH, sink)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grants(wit.Grants):
    hub: Hub


# The bridge's tables: WIT names and types.
CLOSABLE = wit.Interface(ClosableClient, "case:guest-extends/schema@0.1.0", "closable", 0x90D80093B9BF2BFE)
LISTENER = wit.Interface(
    ListenerClient,
    "case:guest-extends/schema@0.1.0",
    "listener",
    0xACEEDF62E3FABCD5,
    extends=(sinks.SINK, CLOSABLE),
)
HUB = wit.Interface(HubClient, "case:guest-extends/schema@0.1.0", "hub", 0xFCB4F00709D3B4AF)
_CLOSABLE_CLOSE: wit.Method[None] = CLOSABLE.method("close", "close_", {}, None)
_LISTENER_NOTIFY: wit.Method[None] = LISTENER.method("notify", "notify", {"text": wit.STRING}, None)
_HUB_ATTACH: wit.Method[ClosableClient] = HUB.method(
    "attach",
    "attach",
    {"sink": sinks.SINK.borrow},
    CLOSABLE.own,
)
GRANTS = wit.GrantsInterface(
    Grants,
    "case:guest-extends/app-grants@0.1.0",
    (wit.Grant("hub", "get-hub", HUB.own),),
)
BINDINGS = wit.Bindings(
    package="case:guest-extends@0.1.0",
    interface="schema",
    interfaces=(LISTENER, CLOSABLE, HUB),
    grants=(GRANTS,),
    guests=(
        wit.GuestInterface(
            LISTENER,
            "case:guest-extends/app-guest-listener@0.1.0",
            "case:guest-extends/app-guest-listener-calls@0.1.0",
        ),
    ),
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xC0A35D1F4BE98273),
)
