"""Host bindings for `case:grants-union@0.1.0`.

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
class Ring:
    main: KeyClient
    spare: KeyClient | None


@dataclass(frozen=True, slots=True)
class GrantsPlace:
    floor: int
    key: KeyClient | None


@dataclass(frozen=True, slots=True)
class GrantsWayStairs:
    """`stairs` of `GrantsWay`."""

    value: KeyClient


@dataclass(frozen=True, slots=True)
class GrantsWayLift:
    """`lift` of `GrantsWay`."""


GrantsWay: TypeAlias = GrantsWayStairs | GrantsWayLift


@dataclass(frozen=True, slots=True)
class GrantsWhichDoor:
    """The way in."""

    value: DoorClient


@dataclass(frozen=True, slots=True)
class GrantsWhichWord:
    """`word` of `GrantsWhich`."""

    value: str


@dataclass(frozen=True, slots=True)
class GrantsWhichDoors:
    """`doors` of `GrantsWhich`."""

    value: Sequence[DoorClient]


@dataclass(frozen=True, slots=True)
class GrantsWhichPerhaps:
    """`perhaps` of `GrantsWhich`."""

    value: KeyClient | None


@dataclass(frozen=True, slots=True)
class GrantsWhichNothing:
    """`nothing` of `GrantsWhich`."""


GrantsWhich: TypeAlias = (
    GrantsWhichDoor | GrantsWhichWord | GrantsWhichDoors | GrantsWhichPerhaps | GrantsWhichNothing
)
"""Which of the members of `grants` is set."""


@dataclass(frozen=True, slots=True)
class OnlyUnionWhichDoor:
    """`door` of `OnlyUnionWhich`."""

    value: DoorClient


@dataclass(frozen=True, slots=True)
class OnlyUnionWhichKey:
    """`key` of `OnlyUnionWhich`."""

    value: KeyClient


@dataclass(frozen=True, slots=True)
class OnlyUnionWhichUnknown:
    """One that the schema does not name, by its number."""

    value: int


OnlyUnionWhich: TypeAlias = OnlyUnionWhichDoor | OnlyUnionWhichKey | OnlyUnionWhichUnknown
"""Which of the members of `only-union` is set."""


class Door(Protocol):
    def open(self) -> MaybeAwaitable[None]: ...


class Key(Protocol): ...


class DoorClient(wit.Client):
    """`Door`, wherever it lives."""

    async def open(self) -> None:
        await self._call(_DOOR_OPEN)


class KeyClient(wit.Client):
    """`Key`, wherever it lives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grants(wit.Grants):
    """A component gets either door or word."""

    before: str
    which: GrantsWhich
    ring: Ring
    keys: Sequence[Sequence[Key]] | None = None
    place: GrantsPlace
    way: GrantsWay


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlyUnion(wit.Grants):
    which: OnlyUnionWhich


# The bridge's tables: WIT names and types.
DOOR = wit.Interface(DoorClient, "case:grants-union/schema@0.1.0", "door", 0xDA9126A30E65AB0E)
KEY = wit.Interface(KeyClient, "case:grants-union/schema@0.1.0", "key", 0x99C7387C2E4EE72F)
RING = wit.Record(
    (wit.Field("main", KEY.own, "main"), wit.Field("spare", wit.Option(KEY.own), "spare")),
    Ring,
    "ring",
)
GRANTS_PLACE = wit.Record(
    (wit.Field("floor", wit.U8, "floor"), wit.Field("key", wit.Option(KEY.own), "key")),
    GrantsPlace,
    "grants-place",
)
GRANTS_WAY = wit.Variant(
    (wit.Case("stairs", KEY.own, GrantsWayStairs), wit.Case("lift", None, GrantsWayLift)),
    "grants-way",
)
GRANTS_WHICH = wit.Variant(
    (
        wit.Case("door", DOOR.own, GrantsWhichDoor),
        wit.Case("word", wit.STRING, GrantsWhichWord),
        wit.Case("doors", wit.List(DOOR.own), GrantsWhichDoors),
        wit.Case("perhaps", wit.Option(KEY.own), GrantsWhichPerhaps),
        wit.Case("nothing", None, GrantsWhichNothing),
    ),
    "grants-which",
)
ONLY_UNION_WHICH = wit.Variant(
    (
        wit.Case("door", DOOR.own, OnlyUnionWhichDoor),
        wit.Case("key", KEY.own, OnlyUnionWhichKey),
        wit.Case("unknown", wit.U16, OnlyUnionWhichUnknown),
    ),
    "only-union-which",
)
_DOOR_OPEN: wit.Method[None] = DOOR.method("open", "open", {}, None)
GRANTS = wit.GrantsInterface(
    Grants,
    "case:grants-union/app-grants@0.1.0",
    (
        wit.Grant("before", "get-before", wit.STRING),
        wit.Grant("which", "get-which", GRANTS_WHICH),
        wit.Grant("ring", "get-ring", RING),
        wit.Grant("keys", "get-keys", wit.Option(wit.List(wit.List(KEY.own)))),
        wit.Grant("place", "get-place", GRANTS_PLACE),
        wit.Grant("way", "get-way", GRANTS_WAY),
    ),
)
ONLY_UNION = wit.GrantsInterface(
    OnlyUnion,
    "case:grants-union/tool-grants@0.1.0",
    (wit.Grant("which", "get-which", ONLY_UNION_WHICH),),
)
BINDINGS = wit.Bindings(
    package="case:grants-union@0.1.0",
    interface="schema",
    interfaces=(DOOR, KEY),
    grants=(GRANTS, ONLY_UNION),
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xB495472902E0C149),
)
