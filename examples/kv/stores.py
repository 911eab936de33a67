"""Two stores behind the interface `Store` of kv.capnp: one in memory, one in an SQLite file.

A manifest names a factory of this module: `factory = "stores:memory"`, or `factory = "stores:sqlite"` with
`path = "kv.sqlite"`. Each works for any number of instances at once. What a capability here refuses, its
caller gets as a `CapError`: `overloaded` where a value is over 1 MiB, a cursor fell too far behind, or the
database file stayed locked.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import defaultdict, deque
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakSet, WeakValueDictionary, finalize

from capwit.bridge import CapError, ErrorKind
from kv import (
    Change,
    ChangeWhichDeleted,
    ChangeWhichSet,
    Durability,
    Entry,
    EntryMeta,
    Lookup,
    LookupFound,
    LookupMissing,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    from kv import Bucket, Store

    T = TypeVar("T")

VALUE_LIMIT = 1024 * 1024  # bytes
CURSOR_LIMIT = 1_000  # changes that wait for a cursor's holder
BUSY_LIMIT = 5.0  # seconds that another process may hold the database's lock
BUSY_PAUSE = 0.01  # seconds


def memory() -> Store:
    """A store that lasts as long as whoever holds it."""
    return _MemoryStore()


def sqlite(path: str) -> Store:
    """The store in the SQLite file at `path`, from this folder; it is made if it is not there.

    Calls for one file give one store, so that a cursor sees what any instance of this process writes;
    what other processes write it does not see, while reads do.
    """
    file = (Path(__file__).parent / path).resolve()
    store = _open_stores.get(file)
    if store is None:
        store = _open_stores[file] = _SqliteStore(file)
    return store


def _entry(key: str, value: bytes, version: int) -> Entry:
    return Entry(key, value, EntryMeta(version, len(value)))


def _check_size(key: str, value: bytes) -> None:
    if len(value) > VALUE_LIMIT:
        raise CapError(
            ErrorKind.OVERLOADED, f"the value for {key[:100]!r} is {len(value)} bytes; {VALUE_LIMIT} fit"
        )


class _Cursor:
    """The changes that its holder has not read yet."""

    def __init__(self) -> None:
        self._waiting: deque[Change] = deque()
        self._arrival = asyncio.Event()
        self._overrun = False

    def add(self, change: Change) -> None:
        if len(self._waiting) == CURSOR_LIMIT:
            self._overrun = True
            self._waiting.clear()
        if not self._overrun:
            self._waiting.append(change)
        self._arrival.set()

    async def next(self, limit: int) -> Sequence[Change]:
        while limit and not self._waiting and not self._overrun:
            self._arrival.clear()
            await self._arrival.wait()
        if self._overrun:
            raise CapError(
                ErrorKind.OVERLOADED, f"over {CURSOR_LIMIT} changes waited: watch again, and read sooner"
            )
        return [self._waiting.popleft() for _ in range(min(limit, len(self._waiting)))]


class _Feed:
    """Tells a bucket's cursors of its changes. A cursor nobody holds any more leaves by itself."""

    def __init__(self) -> None:
        self._cursors: WeakSet[_Cursor] = WeakSet()

    def watch(self) -> _Cursor:
        cursor = _Cursor()
        self._cursors.add(cursor)
        return cursor

    def tell(self, change: Change) -> None:
        for cursor in self._cursors:
            cursor.add(change)


class _MemoryStore:
    def __init__(self) -> None:
        self._root = _MemoryBucket()

    def durability(self) -> Durability:
        return Durability.MEMORY

    def open(self, name: str) -> Bucket:
        return self._root.open_sub(name)


@dataclass(eq=False)
class _MemoryBucket:
    _entries: dict[str, Entry] = field(default_factory=dict)
    _version: int = 0
    _subs: dict[str, _MemoryBucket] = field(default_factory=dict)
    _feed: _Feed = field(default_factory=_Feed)

    def get(self, key: str) -> Lookup:
        entry = self._entries.get(key)
        return LookupMissing() if entry is None else LookupFound(entry)

    def set(self, key: str, value: bytes) -> int:
        _check_size(key, value)
        self._version += 1
        self._entries[key] = _entry(key, value, self._version)
        self._feed.tell(Change(key, ChangeWhichSet(value)))
        return self._version

    def delete(self, key: str) -> bool:
        if self._entries.pop(key, None) is None:
            return False
        self._version += 1
        self._feed.tell(Change(key, ChangeWhichDeleted()))
        return True

    def list(self, prefix: str) -> Sequence[Entry]:
        return [self._entries[key] for key in sorted(self._entries) if key.startswith(prefix)]

    def open_sub(self, name: str) -> Bucket:
        return self._subs.setdefault(name, _MemoryBucket())

    def watch(self) -> _Cursor:
        return self._feed.watch()


# Names and keys are BLOBs of UTF-8: SQLite's text ends at a NUL, which a key may hold, and their order is the
# order of the characters. The store itself is bucket 0.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS bucket (
  id INTEGER PRIMARY KEY,
  parent INTEGER NOT NULL,
  name BLOB NOT NULL,
  version INTEGER NOT NULL DEFAULT 0,
  UNIQUE (parent, name)
);
CREATE TABLE IF NOT EXISTS entry (
  bucket INTEGER NOT NULL REFERENCES bucket (id),
  key BLOB NOT NULL,
  value BLOB NOT NULL,
  version INTEGER NOT NULL,
  PRIMARY KEY (bucket, key)
);
"""
_STORE = 0


class _SqliteStore:
    def __init__(self, file: Path) -> None:
        # SQLite itself never waits for a lock, which would hold up every instance: `run` awaits it. Collected
        # stores are closed by whichever thread collects them.
        try:
            self._database = sqlite3.connect(file, timeout=0, isolation_level=None, check_same_thread=False)
        except sqlite3.Error as error:
            raise OSError(f"{file}: {error}") from error
        finalize(self, self._database.close)
        self._ready = False
        self._feeds: defaultdict[int, _Feed] = defaultdict(_Feed)

    def durability(self) -> Durability:
        return Durability.DISK

    async def open(self, name: str) -> Bucket:
        return await self.open_in(_STORE, name)

    async def open_in(self, parent: int, name: str) -> Bucket:
        def find_or_make(database: sqlite3.Connection) -> int:
            where = (parent, name.encode())
            database.execute("INSERT OR IGNORE INTO bucket (parent, name) VALUES (?, ?)", where)
            query = "SELECT id FROM bucket WHERE parent = ? AND name = ?"
            found: int = database.execute(query, where).fetchone()[0]
            return found

        return _SqliteBucket(self, await self.run(find_or_make))

    def feed(self, bucket: int) -> _Feed:
        return self._feeds[bucket]

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Does `work` as one transaction, again where another process holds the lock.

        `work` is short and does not await, so that transactions of this process do not overlap.
        """
        for _ in range(int(BUSY_LIMIT / BUSY_PAUSE)):
            try:
                return self._transact(work)
            except sqlite3.Error as error:
                if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                    raise CapError(ErrorKind.FAILED, f"the database: {error}") from error
            await asyncio.sleep(BUSY_PAUSE)
        raise CapError(ErrorKind.OVERLOADED, f"the database stayed locked for {BUSY_LIMIT:.0f} s")

    def _transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        if not self._ready:
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.executescript(_SCHEMA)
            self._ready = True
        self._database.execute("BEGIN IMMEDIATE")
        with self._database:  # commits, or rolls back
            return work(self._database)


@dataclass(eq=False)
class _SqliteBucket:
    _store: _SqliteStore
    _id: int

    async def get(self, key: str) -> Lookup:
        def read(database: sqlite3.Connection) -> Lookup:
            query = "SELECT value, version FROM entry WHERE bucket = ? AND key = ?"
            row = database.execute(query, (self._id, key.encode())).fetchone()
            return LookupMissing() if row is None else LookupFound(_entry(key, *row))

        return await self._store.run(read)

    async def set(self, key: str, value: bytes) -> int:
        _check_size(key, value)

        def write(database: sqlite3.Connection) -> int:
            version = self._next_version(database)
            row = (self._id, key.encode(), value, version)
            database.execute("INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?)", row)
            return version

        version = await self._store.run(write)
        self._feed.tell(Change(key, ChangeWhichSet(value)))
        return version

    async def delete(self, key: str) -> bool:
        def remove(database: sqlite3.Connection) -> bool:
            statement = "DELETE FROM entry WHERE bucket = ? AND key = ?"
            existed = database.execute(statement, (self._id, key.encode())).rowcount > 0
            if existed:
                self._next_version(database)
            return existed

        existed = await self._store.run(remove)
        if existed:
            self._feed.tell(Change(key, ChangeWhichDeleted()))
        return existed

    async def list(self, prefix: str) -> Sequence[Entry]:
        def read(database: sqlite3.Connection) -> Sequence[Entry]:
            # The substr of an empty BLOB is NULL.
            query = """
                SELECT key, value, version FROM entry
                WHERE bucket = ?1 AND key >= ?2 AND (?2 = x'' OR substr(key, 1, length(?2)) = ?2)
                ORDER BY key
            """
            with closing(database.execute(query, (self._id, prefix.encode()))) as rows:
                return [_entry(key.decode(), value, version) for key, value, version in rows]

        return await self._store.run(read)

    async def open_sub(self, name: str) -> Bucket:
        return await self._store.open_in(self._id, name)

    def watch(self) -> _Cursor:
        return self._feed.watch()

    @property
    def _feed(self) -> _Feed:
        return self._store.feed(self._id)

    def _next_version(self, database: sqlite3.Connection) -> int:
        statement = "UPDATE bucket SET version = version + 1 WHERE id = ? RETURNING version"
        version: int = database.execute(statement, (self._id,)).fetchone()[0]
        return version


_open_stores: WeakValueDictionary[Path, _SqliteStore] = WeakValueDictionary()
