"""Host bindings for `case:hyphens@0.1.0`.

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
class GEtLimit:
    a_b: str
    c: str


@dataclass(frozen=True, slots=True)
class ReLease:
    a: str


class Door(Protocol):
    def open(self, obj_ect: str) -> MaybeAwaitable[ReLease]: ...


class DoorClient(wit.Client):
    """`Door`, wherever it lives."""

    async def open(self, obj_ect: str) -> ReLease:
        return await self._call(_DOOR_OPEN, obj_ect)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grants(wit.Grants):
    limit: GEtLimit


# The bridge's tables: WIT names and types.
DOOR = wit.Interface(DoorClient, "case:hyphens/schema@0.1.0", "door", 0xA394CCD6427AEC97)
G_ET_LIMIT = wit.Record(
    (wit.Field("a-b", wit.STRING, "a_b"), wit.Field("c", wit.STRING, "c")),
    GEtLimit,
    "g-et-limit",
)
RE_LEASE = wit.Record((wit.Field("a", wit.STRING, "a"),), ReLease, "re-lease")
_DOOR_OPEN: wit.Method[ReLease] = DOOR.method("open", "open", {"obj-ect": wit.STRING}, RE_LEASE)
GRANTS = wit.GrantsInterface(
    Grants,
    "case:hyphens/app-grants@0.1.0",
    (wit.Grant("limit", "get-limit", G_ET_LIMIT),),
)
BINDINGS = wit.Bindings(
    package="case:hyphens@0.1.0",
    interface="schema",
    interfaces=(DOOR,),
    grants=(GRANTS,),
    guests=(
        wit.GuestInterface(
            DOOR,
            "case:hyphens/app-guest-door@0.1.0",
            "case:hyphens/app-guest-door-calls@0.1.0",
        ),
    ),
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xA3C1F7BE09D25D6F),
)
