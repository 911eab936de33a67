"""Host bindings for `case:guest@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from capwit.bridge import binding as wit
from capwit.bridge.binding import MaybeAwaitable

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class Event:
    topic: str
    body: bytes
    reply: ListenerClient | None


@dataclass(frozen=True, slots=True)
class ListenerSummaryResults:
    """What `summary` of `listener` returns."""

    count: int
    last: Event


@dataclass(frozen=True, slots=True)
class Tree:
    label: str
    children: Sequence[Tree]
    owner: ListenerClient | None


class Listener(Protocol):
    """Hears of events."""

    def notify(self, event: Event) -> MaybeAwaitable[bool]:
        """Whether it wants to hear more."""

    def introduce(self, to: ListenerClient, gift: TopicClient) -> MaybeAwaitable[Listener]: ...

    def push(self, chunk: bytes) -> MaybeAwaitable[None]: ...

    def summary(self) -> MaybeAwaitable[ListenerSummaryResults]: ...

    def ping(self) -> MaybeAwaitable[None]: ...


class Topic(Protocol):
    def subscribe(self, listener: ListenerClient) -> MaybeAwaitable[None]: ...

    def publish(self, event: Event) -> MaybeAwaitable[int]: ...


class Silent(Protocol): ...


class Both(Protocol):
    def act(self) -> MaybeAwaitable[None]: ...


class Other(Protocol):
    def act(self, tree: Tree, any: wit.AnyValue, cap: wit.AnyClient) -> MaybeAwaitable[None]: ...


class ListenerClient(wit.Client):
    """`Listener`, wherever it lives."""

    async def notify(self, event: Event) -> bool:
        """Whether it wants to hear more."""
        return await self._call(_LISTENER_NOTIFY, event)

    async def introduce(self, to: Listener, gift: Topic) -> ListenerClient:
        return await self._call(_LISTENER_INTRODUCE, to, gift)

    async def push(self, chunk: bytes) -> None:
        await self._call(_LISTENER_PUSH, chunk)

    async def summary(self) -> ListenerSummaryResults:
        return await self._call(_LISTENER_SUMMARY)

    async def ping(self) -> None:
        await self._call(_LISTENER_PING)


class TopicClient(wit.Client):
    """`Topic`, wherever it lives."""

    async def subscribe(self, listener: Listener) -> None:
        await self._call(_TOPIC_SUBSCRIBE, listener)

    async def publish(self, event: Event) -> int:
        return await self._call(_TOPIC_PUBLISH, event)


class SilentClient(wit.Client):
    """`Silent`, wherever it lives."""


class BothClient(wit.Client):
    """`Both`, wherever it lives."""

    async def act(self) -> None:
        await self._call(_BOTH_ACT)


class OtherClient(wit.Client):
    """`Other`, wherever it lives."""

    async def act(self, tree: Tree, any: wit.AnyValue, cap: wit.AnyClient) -> None:
        await self._call(_OTHER_ACT, tree, any, cap)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grants(wit.Grants):
    topic: Topic


# The bridge's tables: WIT names and types.
LISTENER = wit.Interface(ListenerClient, "case:guest/schema@0.1.0", "listener", 0x9C447CDDFB9D77D3)
TOPIC = wit.Interface(TopicClient, "case:guest/schema@0.1.0", "topic", 0xDDF4A597CAC84572)
SILENT = wit.Interface(SilentClient, "case:guest/schema@0.1.0", "silent", 0x80B6F7EEBC942F7C)
BOTH = wit.Interface(
    BothClient,
    "case:guest/schema@0.1.0",
    "both",
    0xAFB6B2241B7FA46A,
    exports=("case:guest/app-exports-both@0.1.0",),
)
OTHER = wit.Interface(OtherClient, "case:guest/schema@0.1.0", "other", 0xAFDEF6343FD4ED66)
EVENT = wit.Record(
    (
        wit.Field("topic", wit.STRING, "topic"),
        wit.Field("body", wit.BYTES, "body"),
        wit.Field("reply", wit.Option(LISTENER.own), "reply"),
    ),
    Event,
    "event",
)
LISTENER_SUMMARY_RESULTS = wit.Record(
    (wit.Field("count", wit.U32, "count"), wit.Field("last", EVENT, "last")),
    ListenerSummaryResults,
    "listener-summary-results",
)
TREE_NODE = wit.Record(
    (
        wit.Field("label", wit.STRING, "label"),
        wit.Field("children", wit.List(wit.Index()), "children"),
        wit.Field("owner", wit.Option(LISTENER.own), "owner"),
    ),
    Tree,
    "tree-node",
)
TREE = wit.arena(TREE_NODE, "tree")
_LISTENER_NOTIFY: wit.Method[bool] = LISTENER.method("notify", "notify", {"event": EVENT}, wit.BOOL)
_LISTENER_INTRODUCE: wit.Method[ListenerClient] = LISTENER.method(
    "introduce",
    "introduce",
    {"to": LISTENER.borrow, "gift": TOPIC.own},
    LISTENER.own,
)
_LISTENER_PUSH: wit.Method[None] = LISTENER.method("push", "push", {"chunk": wit.BYTES}, None)
_LISTENER_SUMMARY: wit.Method[ListenerSummaryResults] = LISTENER.method(
    "summary",
    "summary",
    {},
    LISTENER_SUMMARY_RESULTS,
)
_LISTENER_PING: wit.Method[None] = LISTENER.method("ping", "ping", {}, None)
_TOPIC_SUBSCRIBE: wit.Method[None] = TOPIC.method(
    "subscribe",
    "subscribe",
    {"listener": LISTENER.borrow},
    None,
)
_TOPIC_PUBLISH: wit.Method[int] = TOPIC.method("publish", "publish", {"event": EVENT}, wit.U32)
_BOTH_ACT: wit.Method[None] = BOTH.method("act", "act", {}, None)
_OTHER_ACT: wit.Method[None] = OTHER.method(
    "act",
    "act",
    {"tree": TREE, "any": wit.ANY_VALUE, "cap": wit.ANY_CAP.borrow},
    None,
)
GRANTS = wit.GrantsInterface(
    Grants,
    "case:guest/app-grants@0.1.0",
    (wit.Grant("topic", "get-topic", TOPIC.own),),
)
BINDINGS = wit.Bindings(
    package="case:guest@0.1.0",
    interface="schema",
    interfaces=(LISTENER, TOPIC, SILENT, BOTH, OTHER),
    grants=(GRANTS,),
    guests=(
        wit.GuestInterface(
            LISTENER,
            "case:guest/app-guest-listener@0.1.0",
            "case:guest/app-guest-listener-calls@0.1.0",
        ),
        wit.GuestInterface(
            SILENT,
            "case:guest/app-guest-silent@0.1.0",
            "case:guest/app-guest-silent-calls@0.1.0",
        ),
        wit.GuestInterface(BOTH, "case:guest/app-guest-both@0.1.0", "case:guest/app-guest-both-calls@0.1.0"),
        wit.GuestInterface(
            OTHER,
            "case:guest/other-guest-other@0.1.0",
            "case:guest/other-guest-other-calls@0.1.0",
        ),
    ),
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xA5521D966B37C9A8),
)
