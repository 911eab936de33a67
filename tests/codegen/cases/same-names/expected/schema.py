"""Host bindings for `case:same-names@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import same_names_other
from capwit.bridge import binding as wit
from capwit.bridge.binding import MaybeAwaitable
from capwit.caps import standard

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class Entry:
    other: same_names_other.Entry


@dataclass(frozen=True, slots=True)
class GetMine:
    a: str


class Console(Protocol):
    def use(
        self,
        mine: ConsoleClient,
        other: same_names_other.ConsoleClient,
        caps: standard.ConsoleClient,
    ) -> MaybeAwaitable[same_names_other.Entry]: ...


class ConsoleClient(wit.Client):
    """`Console`, wherever it lives."""

    async def use(
        self,
        mine: Console,
        other: same_names_other.Console,
        caps: standard.Console,
    ) -> same_names_other.Entry:
        return await self._call(_CONSOLE_USE, mine, other, caps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Same(wit.Grants):
    mine: Console
    other: same_names_other.Console
    caps: standard.Console
    store: GetMine


# The bridge's tables: WIT names and types.
CONSOLE = wit.Interface(ConsoleClient, "case:same-names/schema@0.1.0", "console", 0xDEA4863F9920CBCF)
ENTRY = wit.Record((wit.Field("other", same_names_other.ENTRY, "other"),), Entry, "entry")
GET_MINE = wit.Record((wit.Field("a", wit.STRING, "a"),), GetMine, "get-mine")
_CONSOLE_USE: wit.Method[same_names_other.Entry] = CONSOLE.method(
    "use",
    "use",
    {"mine": CONSOLE.borrow, "other": same_names_other.CONSOLE.borrow, "caps": standard.CONSOLE.borrow},
    same_names_other.ENTRY,
)
SAME = wit.GrantsInterface(
    Same,
    "case:same-names/same-grants@0.1.0",
    (
        wit.Grant("mine", "get-mine", CONSOLE.own),
        wit.Grant("other", "get-other", same_names_other.CONSOLE.own),
        wit.Grant("caps", "get-caps", standard.CONSOLE.own),
        wit.Grant("store", "get-store", GET_MINE),
    ),
)
BINDINGS = wit.Bindings(
    package="case:same-names@0.1.0",
    interface="schema",
    interfaces=(CONSOLE,),
    grants=(SAME,),
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xB486701655ACF8E2),
)
