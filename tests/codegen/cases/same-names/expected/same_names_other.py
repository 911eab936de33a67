"""Host bindings for `capnp:same-names-other@0.1.0`.

Written by `capwit generate` from same_names_other.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from capwit.bridge import binding as wit
from capwit.bridge.binding import MaybeAwaitable

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class Entry:
    a: str


class Console(Protocol):
    def read(self) -> MaybeAwaitable[Entry]: ...


class ConsoleClient(wit.Client):
    """`Console`, wherever it lives."""

    async def read(self) -> Entry:
        return await self._call(_CONSOLE_READ)


# The bridge's tables: WIT names and types.
CONSOLE = wit.Interface(
    ConsoleClient,
    "capnp:same-names-other/same-names-other@0.1.0",
    "console",
    0xA9C02D2F2998DCC4,
)
ENTRY = wit.Record((wit.Field("a", wit.STRING, "a"),), Entry, "entry")
_CONSOLE_READ: wit.Method[Entry] = CONSOLE.method("read", "read", {}, ENTRY)
BINDINGS = wit.Bindings(
    package="capnp:same-names-other@0.1.0",
    interface="same-names-other",
    interfaces=(CONSOLE,),
    schema=wit.SchemaFile(__name__, "same_names_other.bridge.json", 0x9774F1ACBC60F9FC),
)
