"""Host bindings for `case:capabilities@0.1.0`.

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
class DoorAllResults:
    """What `all` of `door` returns."""

    doors: Sequence[DoorClient]
    first: KeyClient


@dataclass(frozen=True, slots=True)
class KeyRingWhichLocked:
    """`locked` of `KeyRingWhich`."""

    value: KeyClient | None


@dataclass(frozen=True, slots=True)
class KeyRingWhichOpen:
    """`open` of `KeyRingWhich`."""


KeyRingWhich: TypeAlias = KeyRingWhichLocked | KeyRingWhichOpen
"""Which of the members of `key-ring` is set."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    main: KeyClient
    spare: KeyClient | None
    """There may be none."""
    others: Sequence[Sequence[KeyClient]]
    which: KeyRingWhich


class Door(Protocol):
    def open(self) -> MaybeAwaitable[Room]: ...

    def lend(self, key: KeyClient) -> MaybeAwaitable[None]: ...

    def give(self, key: KeyClient) -> MaybeAwaitable[None]: ...

    def all(self) -> MaybeAwaitable[DoorAllResults]: ...

    def store(self, keys: Sequence[KeyClient]) -> MaybeAwaitable[KeyRing]: ...


class Key(Protocol): ...


class Room(Protocol):
    def leave(self) -> MaybeAwaitable[None]: ...


class DoorClient(wit.Client):
    """`Door`, wherever it lives."""

    async def open(self) -> RoomClient:
        return await self._call(_DOOR_OPEN)

    async def lend(self, key: Key) -> None:
        await self._call(_DOOR_LEND, key)

    async def give(self, key: Key) -> None:
        await self._call(_DOOR_GIVE, key)

    async def all(self) -> DoorAllResults:
        return await self._call(_DOOR_ALL)

    async def store(self, keys: Sequence[Key]) -> KeyRing:
        return await self._call(_DOOR_STORE, keys)


class KeyClient(wit.Client):
    """`Key`, wherever it lives."""


class RoomClient(wit.Client):
    """`Room`, wherever it lives."""

    async def leave(self) -> None:
        await self._call(_ROOM_LEAVE)


# The bridge's tables: WIT names and types.
DOOR = wit.Interface(DoorClient, "case:capabilities/schema@0.1.0", "door", 0xFDD8C7C250B269F1)
KEY = wit.Interface(KeyClient, "case:capabilities/schema@0.1.0", "key", 0xF88F0782994191F6)
ROOM = wit.Interface(RoomClient, "case:capabilities/schema@0.1.0", "room", 0x99695E0B3EC6A962)
DOOR_ALL_RESULTS = wit.Record(
    (wit.Field("doors", wit.List(DOOR.own), "doors"), wit.Field("first", KEY.own, "first")),
    DoorAllResults,
    "door-all-results",
)
KEY_RING_WHICH = wit.Variant(
    (wit.Case("locked", wit.Option(KEY.own), KeyRingWhichLocked), wit.Case("open", None, KeyRingWhichOpen)),
    "key-ring-which",
)
KEY_RING = wit.Record(
    (
        wit.Field("main", KEY.own, "main"),
        wit.Field("spare", wit.Option(KEY.own), "spare"),
        wit.Field("others", wit.List(wit.List(KEY.own)), "others"),
        wit.Field("which", KEY_RING_WHICH, "which"),
    ),
    KeyRing,
    "key-ring",
)
_DOOR_OPEN: wit.Method[RoomClient] = DOOR.method("open", "open", {}, ROOM.own)
_DOOR_LEND: wit.Method[None] = DOOR.method("lend", "lend", {"key": KEY.borrow}, None)
_DOOR_GIVE: wit.Method[None] = DOOR.method("give", "give", {"key": KEY.own}, None)
_DOOR_ALL: wit.Method[DoorAllResults] = DOOR.method("all", "all", {}, DOOR_ALL_RESULTS)
_DOOR_STORE: wit.Method[KeyRing] = DOOR.method("store", "store", {"keys": wit.List(KEY.own)}, KEY_RING)
_ROOM_LEAVE: wit.Method[None] = ROOM.method("leave", "leave", {}, None)
BINDINGS = wit.Bindings(
    package="case:capabilities@0.1.0",
    interface="schema",
    interfaces=(DOOR, KEY, ROOM),
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xBFC0E5C4C484797A),
)
