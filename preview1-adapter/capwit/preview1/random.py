"""`random_get`: bytes of the granted source."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from capwit.bridge.errors import InstanceEnded
from capwit.caps.using import waits

from .abi import Errno
from .errors import Refused
from .guest import MOST_BYTES, SUCCESS, Guest, Handler

if TYPE_CHECKING:
    from collections.abc import Awaitable

# Of one call: where the source never waits, nothing else goes on until all are there.
_MOST: Final = 64 * 1024 * 1024


def _get(guest: Guest, at: int, size: int) -> Errno | Awaitable[Errno]:
    guest.check(at, size)
    if size > MOST_BYTES:
        return _get_in_parts(guest, at, size)
    data = guest.fill(size)
    if waits(data):
        return _got_later(guest, at, size, data)
    return _got(guest, at, size, data)


def _got(guest: Guest, at: int, size: int, data: object) -> Errno:
    if not isinstance(data, bytes) or len(data) != size:
        raise InstanceEnded(f"random_get: the entropy source gave something else than {size} bytes")
    guest.write(at, data)
    return SUCCESS


async def _got_later(guest: Guest, at: int, size: int, data: Awaitable[bytes]) -> Errno:
    return _got(guest, at, size, await data)


async def _get_in_parts(guest: Guest, at: int, size: int) -> Errno:
    if size > _MOST:
        raise Refused(Errno.INVAL)
    for done in range(0, size, MOST_BYTES):
        part = min(size - done, MOST_BYTES)
        data = guest.fill(part)
        _got(guest, at + done, part, await data if waits(data) else data)
        await asyncio.sleep(0)
    return SUCCESS


HANDLERS: Final[dict[str, Handler]] = {"random_get": _get}
