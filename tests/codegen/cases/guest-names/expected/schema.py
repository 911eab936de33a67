"""Host bindings for `case:guest-names@0.1.0`.

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
class Release:
    a: int


@dataclass(frozen=True, slots=True)
class CallRelease:
    a: int


class Wrap(Protocol):
    """Its name is that of the function that makes it."""

    def release(self, object: int, the_object: int) -> MaybeAwaitable[Release]: ...

    def call(self, handle: CallRelease, number: NumberOfClient) -> MaybeAwaitable[Wrap]: ...


class NumberOf(Protocol):
    def wrap(self) -> MaybeAwaitable[None]: ...


class Result(Protocol):
    def type(self, func: str) -> MaybeAwaitable[None]: ...


class Calls(Protocol):
    def import_(self) -> MaybeAwaitable[None]: ...


class WrapClient(wit.Client):
    """`Wrap`, wherever it lives."""

    async def release(self, object: int, the_object: int) -> Release:
        return await self._call(_WRAP_RELEASE, object, the_object)

    async def call(self, handle: CallRelease, number: NumberOf) -> WrapClient:
        return await self._call(_WRAP_CALL, handle, number)


class NumberOfClient(wit.Client):
    """`NumberOf`, wherever it lives."""

    async def wrap(self) -> None:
        await self._call(_NUMBER_OF_WRAP)


class ResultClient(wit.Client):
    """`Result`, wherever it lives."""

    async def type(self, func: str) -> None:
        await self._call(_RESULT_TYPE, func)


class CallsClient(wit.Client):
    """`Calls`, wherever it lives."""

    async def import_(self) -> None:
        await self._call(_CALLS_IMPORT)


# The bridge's tables: WIT names and types.
WRAP = wit.Interface(WrapClient, "case:guest-names/schema@0.1.0", "wrap", 0xC145F2DD5A2D7389)
NUMBER_OF = wit.Interface(NumberOfClient, "case:guest-names/schema@0.1.0", "number-of", 0x89E36BBE687E6425)
RESULT = wit.Interface(ResultClient, "case:guest-names/schema@0.1.0", "result", 0x97E1A80718E3622C)
CALLS = wit.Interface(CallsClient, "case:guest-names/schema@0.1.0", "calls", 0xCE5A54E3F515CB7F)
RELEASE = wit.Record((wit.Field("a", wit.U8, "a"),), Release, "release")
CALL_RELEASE = wit.Record((wit.Field("a", wit.U8, "a"),), CallRelease, "call-release")
_WRAP_RELEASE: wit.Method[Release] = WRAP.method(
    "release",
    "release",
    {"object": wit.U32, "the-object": wit.U32},
    RELEASE,
)
_WRAP_CALL: wit.Method[WrapClient] = WRAP.method(
    "call",
    "call",
    {"handle": CALL_RELEASE, "number": NUMBER_OF.borrow},
    WRAP.own,
)
_NUMBER_OF_WRAP: wit.Method[None] = NUMBER_OF.method("wrap", "wrap", {}, None)
_RESULT_TYPE: wit.Method[None] = RESULT.method("type", "type", {"func": wit.STRING}, None)
_CALLS_IMPORT: wit.Method[None] = CALLS.method("import", "import_", {}, None)
BINDINGS = wit.Bindings(
    package="case:guest-names@0.1.0",
    interface="schema",
    interfaces=(WRAP, NUMBER_OF, RESULT, CALLS),
    guests=(
        wit.GuestInterface(
            WRAP,
            "case:guest-names/app-guest-wrap@0.1.0",
            "case:guest-names/app-guest-wrap-calls@0.1.0",
        ),
        wit.GuestInterface(
            NUMBER_OF,
            "case:guest-names/app-guest-number-of@0.1.0",
            "case:guest-names/app-guest-number-of-calls@0.1.0",
        ),
        wit.GuestInterface(
            RESULT,
            "case:guest-names/app-guest-result@0.1.0",
            "case:guest-names/app-guest-result-calls@0.1.0",
        ),
        wit.GuestInterface(
            CALLS,
            "case:guest-names/guest-guest-calls@0.1.0",
            "case:guest-names/guest-guest-calls-calls@0.1.0",
        ),
    ),
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xD7A35D1F4BE98276),
)
