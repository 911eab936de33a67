"""Host bindings for `case:docs@0.1.0`.

The file: '''triple''' quotes, a back\\slash and "an end quote"

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from capwit.bridge import binding as wit
from capwit.bridge.binding import MaybeAwaitable

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class Documented:
    """First line.

      indented after an empty line
    ends with a quote\"
    """

    a: str
    """Same line
    and the next one.
    """
    b: str
    c: str
    """ends with a backslash \\"""
    d: str
    """A control  character, an override  and a \\N{BULLET} \\x41 escape."""


class Late(Enum):
    """Behind the brace."""

    ONE = "one"


@dataclass(frozen=True, slots=True)
class Bare:
    """Also behind the brace."""

    text: str


@dataclass(frozen=True, slots=True)
class Quoted:
    """ "A quotation
    of two lines.\"
    """

    text: str


class Returned(Enum):
    """A carriage returnends no line { nor a comment."""

    ONE = "one"
    TWO = "two"


@dataclass(frozen=True, slots=True)
class After:
    """What comes behind it is not lost."""

    text: str


class Service(Protocol):
    """Says '''hello'''."""

    def m(self) -> MaybeAwaitable[None]:
        """no space"""

    def n(self) -> MaybeAwaitable[None]:
        """All but the first line
        is indented
          by more or less.
        """


class ServiceClient(wit.Client):
    """`Service`, wherever it lives."""

    async def m(self) -> None:
        """no space"""
        await self._call(_SERVICE_M)

    async def n(self) -> None:
        """All but the first line
        is indented
          by more or less.
        """
        await self._call(_SERVICE_N)


# The bridge's tables: WIT names and types.
SERVICE = wit.Interface(ServiceClient, "case:docs/schema@0.1.0", "service", 0xCDF2F21B7EC75816)
DOCUMENTED = wit.Record(
    (
        wit.Field("a", wit.STRING, "a"),
        wit.Field("b", wit.STRING, "b"),
        wit.Field("c", wit.STRING, "c"),
        wit.Field("d", wit.STRING, "d"),
    ),
    Documented,
    "documented",
)
LATE = wit.Enum(("one",), Late, "late")
BARE = wit.Record((wit.Field("text", wit.STRING, "text"),), Bare, "bare")
QUOTED = wit.Record((wit.Field("text", wit.STRING, "text"),), Quoted, "quoted")
RETURNED = wit.Enum(("one", "two"), Returned, "returned")
AFTER = wit.Record((wit.Field("text", wit.STRING, "text"),), After, "after")
_SERVICE_M: wit.Method[None] = SERVICE.method("m", "m", {}, None)
_SERVICE_N: wit.Method[None] = SERVICE.method("n", "n", {}, None)
BINDINGS = wit.Bindings(
    package="case:docs@0.1.0",
    interface="schema",
    interfaces=(SERVICE,),
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xC6B42B4229CD7A39),
)
