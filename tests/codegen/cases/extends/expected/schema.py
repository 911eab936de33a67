"""Host bindings for `case:extends@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from capwit.bridge import binding as wit
from capwit.bridge.binding import MaybeAwaitable

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class TopicPublishResults:
    """What `publish` of `topic` returns."""

    count: int
    late: int


class Closable(Protocol):
    """Something that ends."""

    def close_(self) -> MaybeAwaitable[bool]:
        """Ends it."""


class Topic(Closable, Protocol):
    """Where messages are published."""

    def publish(self, text: str) -> MaybeAwaitable[TopicPublishResults]: ...

    def subscribe(self, closable: ClosableClient) -> MaybeAwaitable[Topic]: ...


class Plain(Topic, Protocol): ...


class ClosableClient(wit.Client):
    """`Closable`, wherever it lives."""

    async def close_(self) -> bool:
        """Ends it."""
        return await self._call(_CLOSABLE_CLOSE)


class TopicClient(ClosableClient):
    """`Topic`, wherever it lives."""

    async def publish(self, text: str) -> TopicPublishResults:
        return await self._call(_TOPIC_PUBLISH, text)

    async def subscribe(self, closable: Closable) -> TopicClient:
        return await self._call(_TOPIC_SUBSCRIBE, closable)

    def as_closable(self) -> ClosableClient:
        """Another reference to this capability, as what it extends; `close` it."""
        return self._as(ClosableClient)


class PlainClient(TopicClient):
    """`Plain`, wherever it lives."""

    def as_topic(self) -> TopicClient:
        """Another reference to this capability, as what it extends; `close` it."""
        return self._as(TopicClient)


# The bridge's tables: WIT names and types.
CLOSABLE = wit.Interface(ClosableClient, "case:extends/schema@0.1.0", "closable", 0xC68D4DE8A1222F1E)
TOPIC = wit.Interface(
    TopicClient,
    "case:extends/schema@0.1.0",
    "topic",
    0xE732C72D0B985707,
    extends=(CLOSABLE,),
)
PLAIN = wit.Interface(PlainClient, "case:extends/schema@0.1.0", "plain", 0xEF0C7276B3FEB976, extends=(TOPIC,))
TOPIC_PUBLISH_RESULTS = wit.Record(
    (wit.Field("count", wit.U64, "count"), wit.Field("late", wit.U64, "late")),
    TopicPublishResults,
    "topic-publish-results",
)
_CLOSABLE_CLOSE: wit.Method[bool] = CLOSABLE.method("close", "close_", {}, wit.BOOL)
_TOPIC_PUBLISH: wit.Method[TopicPublishResults] = TOPIC.method(
    "publish",
    "publish",
    {"text": wit.STRING},
    TOPIC_PUBLISH_RESULTS,
)
_TOPIC_SUBSCRIBE: wit.Method[TopicClient] = TOPIC.method(
    "subscribe",
    "subscribe",
    {"closable": CLOSABLE.borrow},
    TOPIC.own,
)
BINDINGS = wit.Bindings(
    package="case:extends@0.1.0",
    interface="schema",
    interfaces=(CLOSABLE, TOPIC, PLAIN),
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0x8E7CE76B88CC45A2),
)
