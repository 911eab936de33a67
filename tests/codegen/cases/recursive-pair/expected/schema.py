"""Host bindings for `case:recursive-pair@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
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
class JsonField:
    name: str
    value: Json | None


@dataclass(frozen=True, slots=True)
class JsonNull:
    """`null` of `Json`."""


@dataclass(frozen=True, slots=True)
class JsonBool:
    """`bool` of `Json`."""

    value: bool


@dataclass(frozen=True, slots=True)
class JsonNumber:
    """`number` of `Json`."""

    value: float


@dataclass(frozen=True, slots=True)
class JsonString:
    """`string` of `Json`."""

    value: str


@dataclass(frozen=True, slots=True)
class JsonArray:
    """`array` of `Json`."""

    value: Sequence[Json]


@dataclass(frozen=True, slots=True)
class JsonObject:
    """`object` of `Json`."""

    value: Sequence[JsonField]


Json: TypeAlias = JsonNull | JsonBool | JsonNumber | JsonString | JsonArray | JsonObject
"""Any value of JSON."""


@dataclass(frozen=True, slots=True)
class AInner:
    b: B | None
    text: str


@dataclass(frozen=True, slots=True)
class AWhichNone:
    """`none` of `AWhich`."""


@dataclass(frozen=True, slots=True)
class AWhichOther:
    """`other` of `AWhich`."""

    value: A | None


AWhich: TypeAlias = AWhichNone | AWhichOther
"""Which of the members of `a` is set."""


@dataclass(frozen=True, slots=True)
class A:
    name: str
    inner: AInner
    which: AWhich


@dataclass(frozen=True, slots=True)
class B:
    all: Sequence[Sequence[A]]


@dataclass(frozen=True, slots=True)
class StorePutResults:
    """What `put` of `store` returns."""

    json: Json
    a: A


class Store(Protocol):
    def put(self, json: Json, field: JsonField) -> MaybeAwaitable[StorePutResults]: ...


class StoreClient(wit.Client):
    """`Store`, wherever it lives."""

    async def put(self, json: Json, field: JsonField) -> StorePutResults:
        return await self._call(_STORE_PUT, json, field)


# The bridge's tables: WIT names and types.
STORE = wit.Interface(StoreClient, "case:recursive-pair/schema@0.1.0", "store", 0x973892FB9A6A73BF)
JSON_FIELD_NODE = wit.Record(
    (wit.Field("name", wit.STRING, "name"), wit.Field("value", wit.Option(wit.Index("json")), "value")),
    JsonField,
    "json-field-node",
)
JSON_NODE = wit.Variant(
    (
        wit.Case("null", None, JsonNull),
        wit.Case("bool", wit.BOOL, JsonBool),
        wit.Case("number", wit.F64, JsonNumber),
        wit.Case("string", wit.STRING, JsonString),
        wit.Case("array", wit.List(wit.Index("json")), JsonArray),
        wit.Case("object", wit.List(wit.Index("json-field")), JsonObject),
    ),
    "json-node",
)
JSON_NODES = wit.Variant((wit.Case("json-field", JSON_FIELD_NODE), wit.Case("json", JSON_NODE)), "json-nodes")
JSON_FIELD = wit.arena(JSON_NODES, "json-field", "json-field")
JSON = wit.arena(JSON_NODES, "json", "json")
A_INNER = wit.Record(
    (wit.Field("b", wit.Option(wit.Index("b")), "b"), wit.Field("text", wit.STRING, "text")),
    AInner,
    "a-inner",
)
A_WHICH = wit.Variant(
    (wit.Case("none", None, AWhichNone), wit.Case("other", wit.Option(wit.Index("a")), AWhichOther)),
    "a-which",
)
A_NODE = wit.Record(
    (
        wit.Field("name", wit.STRING, "name"),
        wit.Field("inner", A_INNER, "inner"),
        wit.Field("which", A_WHICH, "which"),
    ),
    A,
    "a-node",
)
B_NODE = wit.Record((wit.Field("all", wit.List(wit.List(wit.Index("a"))), "all"),), B, "b-node")
A_NODES = wit.Variant((wit.Case("a", A_NODE), wit.Case("b", B_NODE)), "a-nodes")
A_ = wit.arena(A_NODES, "a", "a")
B_ = wit.arena(A_NODES, "b", "b")
STORE_PUT_RESULTS = wit.Record(
    (wit.Field("json", JSON, "json"), wit.Field("a", A_, "a")),
    StorePutResults,
    "store-put-results",
)
_STORE_PUT: wit.Method[StorePutResults] = STORE.method(
    "put",
    "put",
    {"json": JSON, "field": JSON_FIELD},
    STORE_PUT_RESULTS,
)
BINDINGS = wit.Bindings(
    package="case:recursive-pair@0.1.0",
    interface="schema",
    interfaces=(STORE,),
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xD451BEB586102E43),
)
