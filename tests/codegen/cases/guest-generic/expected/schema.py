"""Host bindings for `case:guest-generic@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from capwit.bridge import binding as wit
from capwit.bridge.binding import MaybeAwaitable

wit.check_format(__name__, 1)


class Feed(Protocol):
    def numbers(self, observer: ObserverListUint32Client) -> MaybeAwaitable[None]: ...

    def doors(self, observer: ObserverDoorClient) -> MaybeAwaitable[None]: ...


class Door(Protocol):
    def open(self) -> MaybeAwaitable[None]: ...


class ObserverListUint32(Protocol):
    def next(self, value: Sequence[int]) -> MaybeAwaitable[bool]: ...


class ObserverDoor(Protocol):
    def next(self, value: DoorClient) -> MaybeAwaitable[bool]: ...


class FeedClient(wit.Client):
    """`Feed`, wherever it lives."""

    async def numbers(self, observer: ObserverListUint32) -> None:
        await self._call(_FEED_NUMBERS, observer)

    async def doors(self, observer: ObserverDoor) -> None:
        await self._call(_FEED_DOORS, observer)


class DoorClient(wit.Client):
    """`Door`, wherever it lives."""

    async def open(self) -> None:
        await self._call(_DOOR_OPEN)


class ObserverListUint32Client(wit.Client):
    """`ObserverListUint32`, wherever it lives."""

    async def next(self, value: Sequence[int]) -> bool:
        return await self._call(_OBSERVER_LIST_UINT32_NEXT, value)


class ObserverDoorClient(wit.Client):
    """`ObserverDoor`, wherever it lives."""

    async def next(self, value: Door) -> bool:
        return await self._call(_OBSERVER_DOOR_NEXT, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grants(wit.Grants):
    feed: Feed


# The bridge's tables: WIT names and types.
FEED = wit.Interface(FeedClient, "case:guest-generic/schema@0.1.0", "feed", 0x8AAC75A87EFA4C14)
DOOR = wit.Interface(DoorClient, "case:guest-generic/schema@0.1.0", "door", 0xB2B528FD9D3277A5)
OBSERVER_LIST_UINT32 = wit.Interface(
    ObserverListUint32Client,
    "case:guest-generic/schema@0.1.0",
    "observer-list-uint32",
    0xB2E5125842EF56D4,
)
OBSERVER_DOOR = wit.Interface(
    ObserverDoorClient,
    "case:guest-generic/schema@0.1.0",
    "observer-door",
    0xB2E5125842EF56D4,
)
_FEED_NUMBERS: wit.Method[None] = FEED.method(
    "numbers",
    "numbers",
    {"observer": OBSERVER_LIST_UINT32.borrow},
    None,
)
_FEED_DOORS: wit.Method[None] = FEED.method("doors", "doors", {"observer": OBSERVER_DOOR.borrow}, None)
_DOOR_OPEN: wit.Method[None] = DOOR.method("open", "open", {}, None)
_OBSERVER_LIST_UINT32_NEXT: wit.Method[bool] = OBSERVER_LIST_UINT32.method(
    "next",
    "next",
    {"value": wit.List(wit.U32)},
    wit.BOOL,
)
_OBSERVER_DOOR_NEXT: wit.Method[bool] = OBSERVER_DOOR.method("next", "next", {"value": DOOR.borrow}, wit.BOOL)
GRANTS = wit.GrantsInterface(
    Grants,
    "case:guest-generic/app-grants@0.1.0",
    (wit.Grant("feed", "get-feed", FEED.own),),
)
BINDINGS = wit.Bindings(
    package="case:guest-generic@0.1.0",
    interface="schema",
    interfaces=(FEED, DOOR, OBSERVER_LIST_UINT32, OBSERVER_DOOR),
    grants=(GRANTS,),
    guests=(
        wit.GuestInterface(
            OBSERVER_LIST_UINT32,
            "case:guest-generic/app-guest-observer-list-uint32@0.1.0",
            "case:guest-generic/app-guest-observer-list-uint32-calls@0.1.0",
        ),
        wit.GuestInterface(
            OBSERVER_DOOR,
            "case:guest-generic/app-guest-observer-door@0.1.0",
            "case:guest-generic/app-guest-observer-door-calls@0.1.0",
        ),
    ),
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xD6A35D1F4BE98275),
)
