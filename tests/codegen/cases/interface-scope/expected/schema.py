"""Host bindings for `case:interface-scope@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol

from capwit.bridge import binding as wit
from capwit.bridge.binding import MaybeAwaitable

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    name: str
    kind: DirectoryKind


class DirectoryKind(Enum):
    FILE = "file"
    FOLDER = "folder"


@dataclass(frozen=True, slots=True)
class DirectoryListResults:
    """What `list` of `directory` returns."""

    entries: Sequence[DirectoryEntry]
    watcher: DirectoryWatcherClient


class DirectoryWatcher(Protocol):
    def changed(self, entry: DirectoryEntry) -> MaybeAwaitable[None]: ...


class Directory(Protocol):
    def list(self, kind: DirectoryKind) -> MaybeAwaitable[DirectoryListResults]: ...


class DirectoryWatcherClient(wit.Client):
    """`DirectoryWatcher`, wherever it lives."""

    async def changed(self, entry: DirectoryEntry) -> None:
        await self._call(_DIRECTORY_WATCHER_CHANGED, entry)


class DirectoryClient(wit.Client):
    """`Directory`, wherever it lives."""

    async def list(self, kind: DirectoryKind) -> DirectoryListResults:
        return await self._call(_DIRECTORY_LIST, kind)


DIRECTORY_LIMIT: Final = 7


# The bridge's tables: WIT names and types.
DIRECTORY_WATCHER = wit.Interface(
    DirectoryWatcherClient,
    "case:interface-scope/schema@0.1.0",
    "directory-watcher",
    0xD0BC1657014122C1,
)
DIRECTORY = wit.Interface(
    DirectoryClient,
    "case:interface-scope/schema@0.1.0",
    "directory",
    0xE9076D26B41E522E,
)
DIRECTORY_KIND = wit.Enum(("file", "folder"), DirectoryKind, "directory-kind")
DIRECTORY_ENTRY = wit.Record(
    (wit.Field("name", wit.STRING, "name"), wit.Field("kind", DIRECTORY_KIND, "kind")),
    DirectoryEntry,
    "directory-entry",
)
DIRECTORY_LIST_RESULTS = wit.Record(
    (
        wit.Field("entries", wit.List(DIRECTORY_ENTRY), "entries"),
        wit.Field("watcher", DIRECTORY_WATCHER.own, "watcher"),
    ),
    DirectoryListResults,
    "directory-list-results",
)
_DIRECTORY_WATCHER_CHANGED: wit.Method[None] = DIRECTORY_WATCHER.method(
    "changed",
    "changed",
    {"entry": DIRECTORY_ENTRY},
    None,
)
_DIRECTORY_LIST: wit.Method[DirectoryListResults] = DIRECTORY.method(
    "list",
    "list",
    {"kind": DIRECTORY_KIND},
    DIRECTORY_LIST_RESULTS,
)
BINDINGS = wit.Bindings(
    package="case:interface-scope@0.1.0",
    interface="schema",
    interfaces=(DIRECTORY_WATCHER, DIRECTORY),
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0x85CB9EED61F36A19),
)
