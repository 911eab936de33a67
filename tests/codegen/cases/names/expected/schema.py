"""Host bindings for `case:names@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, TypeAlias

from capwit.bridge import binding as wit
from capwit.bridge.binding import MaybeAwaitable

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class HttpServer:
    get_url: str
    sha256_sum: bytes
    x: bool
    a_b: bool
    utf8_text: str


class Word(Enum):
    USE = "use"
    TYPE = "type"
    FUNC = "func"
    RESULT = "result"
    NONE = "none"
    ERROR_CONTEXT = "error-context"
    LIST = "list"
    OWN_IT = "own-it"


@dataclass(frozen=True, slots=True)
class Record:
    record: str
    variant: Sequence[Word]
    map: bool


@dataclass(frozen=True, slots=True)
class Own:
    self: str
    field: str
    own: bool


@dataclass(frozen=True, slots=True)
class None_:
    some: str


@dataclass(frozen=True, slots=True)
class OptionNone:
    """`none` of `Option`."""


@dataclass(frozen=True, slots=True)
class OptionSome:
    """`some` of `Option`."""

    value: None_


Option: TypeAlias = OptionNone | OptionSome


@dataclass(frozen=True, slots=True)
class NotPrefixed:
    a: bool


@dataclass(frozen=True, slots=True)
class RenamedThingBunch:
    a: bool


@dataclass(frozen=True, slots=True)
class RenamedThingWhichPort:
    """`port` of `RenamedThingWhich`."""

    value: NotPrefixed


@dataclass(frozen=True, slots=True)
class RenamedThingWhichRight:
    """`right` of `RenamedThingWhich`."""


RenamedThingWhich: TypeAlias = RenamedThingWhichPort | RenamedThingWhichRight
"""Which of the members of `renamed-thing` is set."""


@dataclass(frozen=True, slots=True)
class RenamedThing:
    other_field: str
    bunch: RenamedThingBunch
    which: RenamedThingWhich


@dataclass(frozen=True, slots=True)
class PhoneRingUpResults:
    """What `ring-up` of `phone` returns."""

    a: bool
    bee: bool


class Resource(Protocol):
    def async_(self, from_: str, class_: str) -> MaybeAwaitable[int]: ...

    def import_(self) -> MaybeAwaitable[None]: ...

    def from_(self) -> MaybeAwaitable[None]: ...

    def static(self) -> MaybeAwaitable[None]: ...

    def constructor(self) -> MaybeAwaitable[None]: ...


class Phone(Protocol):
    def ring_up(self, whom: str) -> MaybeAwaitable[PhoneRingUpResults]: ...


class ResourceClient(wit.Client):
    """`Resource`, wherever it lives."""

    async def async_(self, from_: str, class_: str) -> int:
        return await self._call(_RESOURCE_ASYNC, from_, class_)

    async def import_(self) -> None:
        await self._call(_RESOURCE_IMPORT)

    async def from_(self) -> None:
        await self._call(_RESOURCE_FROM)

    async def static(self) -> None:
        await self._call(_RESOURCE_STATIC)

    async def constructor(self) -> None:
        await self._call(_RESOURCE_CONSTRUCTOR)


class PhoneClient(wit.Client):
    """`Phone`, wherever it lives."""

    async def ring_up(self, whom: str) -> PhoneRingUpResults:
        return await self._call(_PHONE_RING_UP, whom)


# The bridge's tables: WIT names and types.
RESOURCE = wit.Interface(ResourceClient, "case:names/schema@0.1.0", "resource", 0x900FF7215570DA6E)
PHONE = wit.Interface(PhoneClient, "case:names/schema@0.1.0", "phone", 0xC04EB6AEC38F3F5E)
HTTP_SERVER = wit.Record(
    (
        wit.Field("get-url", wit.STRING, "get_url"),
        wit.Field("sha256-sum", wit.BYTES, "sha256_sum"),
        wit.Field("x", wit.BOOL, "x"),
        wit.Field("a-b", wit.BOOL, "a_b"),
        wit.Field("utf8-text", wit.STRING, "utf8_text"),
    ),
    HttpServer,
    "http-server",
)
WORD = wit.Enum(("use", "type", "func", "result", "none", "error-context", "list", "own-it"), Word, "word")
RECORD = wit.Record(
    (
        wit.Field("record", wit.STRING, "record"),
        wit.Field("variant", wit.List(WORD), "variant"),
        wit.Field("map", wit.BOOL, "map"),
    ),
    Record,
    "record",
)
OWN = wit.Record(
    (
        wit.Field("self", wit.STRING, "self"),
        wit.Field("field", wit.STRING, "field"),
        wit.Field("own", wit.BOOL, "own"),
    ),
    Own,
    "own",
)
NONE = wit.Record((wit.Field("some", wit.STRING, "some"),), None_, "none")
OPTION = wit.Variant((wit.Case("none", None, OptionNone), wit.Case("some", NONE, OptionSome)), "option")
NOT_PREFIXED = wit.Record((wit.Field("a", wit.BOOL, "a"),), NotPrefixed, "not-prefixed")
RENAMED_THING_BUNCH = wit.Record((wit.Field("a", wit.BOOL, "a"),), RenamedThingBunch, "renamed-thing-bunch")
RENAMED_THING_WHICH = wit.Variant(
    (wit.Case("port", NOT_PREFIXED, RenamedThingWhichPort), wit.Case("right", None, RenamedThingWhichRight)),
    "renamed-thing-which",
)
RENAMED_THING = wit.Record(
    (
        wit.Field("other-field", wit.STRING, "other_field"),
        wit.Field("bunch", RENAMED_THING_BUNCH, "bunch"),
        wit.Field("which", RENAMED_THING_WHICH, "which"),
    ),
    RenamedThing,
    "renamed-thing",
)
PHONE_RING_UP_RESULTS = wit.Record(
    (wit.Field("a", wit.BOOL, "a"), wit.Field("bee", wit.BOOL, "bee")),
    PhoneRingUpResults,
    "phone-ring-up-results",
)
_RESOURCE_ASYNC: wit.Method[int] = RESOURCE.method(
    "async",
    "async_",
    {"from": wit.STRING, "class": wit.STRING},
    wit.U32,
)
_RESOURCE_IMPORT: wit.Method[None] = RESOURCE.method("import", "import_", {}, None)
_RESOURCE_FROM: wit.Method[None] = RESOURCE.method("from", "from_", {}, None)
_RESOURCE_STATIC: wit.Method[None] = RESOURCE.method("static", "static", {}, None)
_RESOURCE_CONSTRUCTOR: wit.Method[None] = RESOURCE.method("constructor", "constructor", {}, None)
_PHONE_RING_UP: wit.Method[PhoneRingUpResults] = PHONE.method(
    "ring-up",
    "ring_up",
    {"whom": wit.STRING},
    PHONE_RING_UP_RESULTS,
)
BINDINGS = wit.Bindings(
    package="case:names@0.1.0",
    interface="schema",
    interfaces=(RESOURCE, PHONE),
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xAEB24056810D3D1F),
)
