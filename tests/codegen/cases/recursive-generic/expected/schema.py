"""Host bindings for `case:recursive-generic@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from dataclasses import dataclass

from capwit.bridge import binding as wit

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class Uses:
    texts: LinkText
    own: LinkUses | None
    any: Link


@dataclass(frozen=True, slots=True)
class LinkText:
    value: str
    next: LinkText | None


@dataclass(frozen=True, slots=True)
class LinkUses:
    value: Uses | None
    next: LinkUses | None


@dataclass(frozen=True, slots=True)
class Link:
    value: wit.AnyValue
    next: Link | None


# The bridge's tables: WIT names and types.
LINK_TEXT_NODE = wit.Record(
    (wit.Field("value", wit.STRING, "value"), wit.Field("next", wit.Option(wit.Index()), "next")),
    LinkText,
    "link-text-node",
)
LINK_TEXT = wit.arena(LINK_TEXT_NODE, "link-text")
LINK_NODE = wit.Record(
    (wit.Field("value", wit.ANY_VALUE, "value"), wit.Field("next", wit.Option(wit.Index()), "next")),
    Link,
    "link-node",
)
LINK = wit.arena(LINK_NODE, "link")
USES_NODE = wit.Record(
    (
        wit.Field("texts", LINK_TEXT, "texts"),
        wit.Field("own", wit.Option(wit.Index("link-uses")), "own"),
        wit.Field("any", LINK, "any"),
    ),
    Uses,
    "uses-node",
)
LINK_USES_NODE = wit.Record(
    (
        wit.Field("value", wit.Option(wit.Index("uses")), "value"),
        wit.Field("next", wit.Option(wit.Index("link-uses")), "next"),
    ),
    LinkUses,
    "link-uses-node",
)
USES_NODES = wit.Variant((wit.Case("uses", USES_NODE), wit.Case("link-uses", LINK_USES_NODE)), "uses-nodes")
USES = wit.arena(USES_NODES, "uses", "uses")
LINK_USES = wit.arena(USES_NODES, "link-uses", "link-uses")
BINDINGS = wit.Bindings(
    package="case:recursive-generic@0.1.0",
    interface="schema",
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xE8E0BA7E4E2D3477),
)
