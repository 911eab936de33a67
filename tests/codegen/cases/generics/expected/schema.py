"""Host bindings for `case:generics@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from capwit.bridge import binding as wit
from capwit.bridge.binding import MaybeAwaitable

wit.check_format(__name__, 1)


class MapKind(Enum):
    HASH = "hash"
    TREE = "tree"


@dataclass(frozen=True, slots=True)
class UserName:
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class User:
    tags: MapTextData
    friends: MapTextUserName
    nested: MapTextMapTextListInt32
    again: MapTextData
    one: MapTextDataEntry


@dataclass(frozen=True, slots=True)
class MapTextDataEntry:
    key: str
    value: bytes


@dataclass(frozen=True, slots=True)
class MapTextData:
    """From keys to values."""

    entries: Sequence[MapTextDataEntry]
    kind: MapKind


@dataclass(frozen=True, slots=True)
class MapTextUserNameEntry:
    key: str
    value: UserName


@dataclass(frozen=True, slots=True)
class MapTextUserName:
    """From keys to values."""

    entries: Sequence[MapTextUserNameEntry]
    kind: MapKind


@dataclass(frozen=True, slots=True)
class MapTextListInt32Entry:
    key: str
    value: Sequence[int]


@dataclass(frozen=True, slots=True)
class MapTextListInt32:
    """From keys to values."""

    entries: Sequence[MapTextListInt32Entry]
    kind: MapKind


@dataclass(frozen=True, slots=True)
class MapTextMapTextListInt32Entry:
    key: str
    value: MapTextListInt32


@dataclass(frozen=True, slots=True)
class MapTextMapTextListInt32:
    """From keys to values."""

    entries: Sequence[MapTextMapTextListInt32Entry]
    kind: MapKind


@dataclass(frozen=True, slots=True)
class RegistryDoorAllResults:
    """What `all` of `registry-door` returns."""

    first: DoorClient
    names: MapTextDoor
    more: bool


@dataclass(frozen=True, slots=True)
class MapTextDoorEntry:
    key: str
    value: DoorClient | None


@dataclass(frozen=True, slots=True)
class MapTextDoor:
    """From keys to values."""

    entries: Sequence[MapTextDoorEntry]
    kind: MapKind


@dataclass(frozen=True, slots=True)
class MapTextTextEntry:
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class MapTextText:
    """From keys to values."""

    entries: Sequence[MapTextTextEntry]
    kind: MapKind


class Door(Protocol):
    def open(self) -> MaybeAwaitable[None]: ...


class RegistryDoor(Protocol):
    """Where things of one interface are found."""

    def find(self, name: str) -> MaybeAwaitable[Door]: ...

    def all(self) -> MaybeAwaitable[RegistryDoorAllResults]: ...

    def group(self, params: MapTextDoor) -> MaybeAwaitable[MapTextText]: ...


class Doors(RegistryDoor, Protocol): ...


class House(Protocol):
    def doors(self) -> MaybeAwaitable[RegistryDoor]: ...


class DoorClient(wit.Client):
    """`Door`, wherever it lives."""

    async def open(self) -> None:
        await self._call(_DOOR_OPEN)


class RegistryDoorClient(wit.Client):
    """`RegistryDoor`, wherever it lives."""

    async def find(self, name: str) -> DoorClient:
        return await self._call(_REGISTRY_DOOR_FIND, name)

    async def all(self) -> RegistryDoorAllResults:
        return await self._call(_REGISTRY_DOOR_ALL)

    async def group(self, params: MapTextDoor) -> MapTextText:
        return await self._call(_REGISTRY_DOOR_GROUP, params)


class DoorsClient(RegistryDoorClient):
    """`Doors`, wherever it lives."""

    def as_registry_door(self) -> RegistryDoorClient:
        """Another reference to this capability, as what it extends; `close` it."""
        return self._as(RegistryDoorClient)


class HouseClient(wit.Client):
    """`House`, wherever it lives."""

    async def doors(self) -> RegistryDoorClient:
        return await self._call(_HOUSE_DOORS)


# The bridge's tables: WIT names and types.
DOOR = wit.Interface(DoorClient, "case:generics/schema@0.1.0", "door", 0xC3AF12F66BCFDF90)
REGISTRY_DOOR = wit.Interface(
    RegistryDoorClient,
    "case:generics/schema@0.1.0",
    "registry-door",
    0xDB7B936472DB45BB,
)
DOORS = wit.Interface(
    DoorsClient,
    "case:generics/schema@0.1.0",
    "doors",
    0xFA0356609146D28B,
    extends=(REGISTRY_DOOR,),
)
HOUSE = wit.Interface(HouseClient, "case:generics/schema@0.1.0", "house", 0xAAEE71B929BAF532)
MAP_KIND = wit.Enum(("hash", "tree"), MapKind, "map-kind")
USER_NAME = wit.Record(
    (wit.Field("first", wit.STRING, "first"), wit.Field("last", wit.STRING, "last")),
    UserName,
    "user-name",
)
MAP_TEXT_DATA_ENTRY = wit.Record(
    (wit.Field("key", wit.STRING, "key"), wit.Field("value", wit.BYTES, "value")),
    MapTextDataEntry,
    "map-text-data-entry",
)
MAP_TEXT_DATA = wit.Record(
    (wit.Field("entries", wit.List(MAP_TEXT_DATA_ENTRY), "entries"), wit.Field("kind", MAP_KIND, "kind")),
    MapTextData,
    "map-text-data",
)
MAP_TEXT_USER_NAME_ENTRY = wit.Record(
    (wit.Field("key", wit.STRING, "key"), wit.Field("value", USER_NAME, "value")),
    MapTextUserNameEntry,
    "map-text-user-name-entry",
)
MAP_TEXT_USER_NAME = wit.Record(
    (
        wit.Field("entries", wit.List(MAP_TEXT_USER_NAME_ENTRY), "entries"),
        wit.Field("kind", MAP_KIND, "kind"),
    ),
    MapTextUserName,
    "map-text-user-name",
)
MAP_TEXT_LIST_INT32_ENTRY = wit.Record(
    (wit.Field("key", wit.STRING, "key"), wit.Field("value", wit.List(wit.S32), "value")),
    MapTextListInt32Entry,
    "map-text-list-int32-entry",
)
MAP_TEXT_LIST_INT32 = wit.Record(
    (
        wit.Field("entries", wit.List(MAP_TEXT_LIST_INT32_ENTRY), "entries"),
        wit.Field("kind", MAP_KIND, "kind"),
    ),
    MapTextListInt32,
    "map-text-list-int32",
)
MAP_TEXT_MAP_TEXT_LIST_INT32_ENTRY = wit.Record(
    (wit.Field("key", wit.STRING, "key"), wit.Field("value", MAP_TEXT_LIST_INT32, "value")),
    MapTextMapTextListInt32Entry,
    "map-text-map-text-list-int32-entry",
)
MAP_TEXT_MAP_TEXT_LIST_INT32 = wit.Record(
    (
        wit.Field("entries", wit.List(MAP_TEXT_MAP_TEXT_LIST_INT32_ENTRY), "entries"),
        wit.Field("kind", MAP_KIND, "kind"),
    ),
    MapTextMapTextListInt32,
    "map-text-map-text-list-int32",
)
USER = wit.Record(
    (
        wit.Field("tags", MAP_TEXT_DATA, "tags"),
        wit.Field("friends", MAP_TEXT_USER_NAME, "friends"),
        wit.Field("nested", MAP_TEXT_MAP_TEXT_LIST_INT32, "nested"),
        wit.Field("again", MAP_TEXT_DATA, "again"),
        wit.Field("one", MAP_TEXT_DATA_ENTRY, "one"),
    ),
    User,
    "user",
)
MAP_TEXT_DOOR_ENTRY = wit.Record(
    (wit.Field("key", wit.STRING, "key"), wit.Field("value", wit.Option(DOOR.own), "value")),
    MapTextDoorEntry,
    "map-text-door-entry",
)
MAP_TEXT_DOOR = wit.Record(
    (wit.Field("entries", wit.List(MAP_TEXT_DOOR_ENTRY), "entries"), wit.Field("kind", MAP_KIND, "kind")),
    MapTextDoor,
    "map-text-door",
)
REGISTRY_DOOR_ALL_RESULTS = wit.Record(
    (
        wit.Field("first", DOOR.own, "first"),
        wit.Field("names", MAP_TEXT_DOOR, "names"),
        wit.Field("more", wit.BOOL, "more"),
    ),
    RegistryDoorAllResults,
    "registry-door-all-results",
)
MAP_TEXT_TEXT_ENTRY = wit.Record(
    (wit.Field("key", wit.STRING, "key"), wit.Field("value", wit.STRING, "value")),
    MapTextTextEntry,
    "map-text-text-entry",
)
MAP_TEXT_TEXT = wit.Record(
    (wit.Field("entries", wit.List(MAP_TEXT_TEXT_ENTRY), "entries"), wit.Field("kind", MAP_KIND, "kind")),
    MapTextText,
    "map-text-text",
)
_DOOR_OPEN: wit.Method[None] = DOOR.method("open", "open", {}, None)
_REGISTRY_DOOR_FIND: wit.Method[DoorClient] = REGISTRY_DOOR.method(
    "find",
    "find",
    {"name": wit.STRING},
    DOOR.own,
)
_REGISTRY_DOOR_ALL: wit.Method[RegistryDoorAllResults] = REGISTRY_DOOR.method(
    "all",
    "all",
    {},
    REGISTRY_DOOR_ALL_RESULTS,
)
_REGISTRY_DOOR_GROUP: wit.Method[MapTextText] = REGISTRY_DOOR.method(
    "group",
    "group",
    {"params": MAP_TEXT_DOOR},
    MAP_TEXT_TEXT,
)
_HOUSE_DOORS: wit.Method[RegistryDoorClient] = HOUSE.method("doors", "doors", {}, REGISTRY_DOOR.own)
BINDINGS = wit.Bindings(
    package="case:generics@0.1.0",
    interface="schema",
    interfaces=(DOOR, DOORS, HOUSE, REGISTRY_DOOR),
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0x8908675D690A4278),
)
