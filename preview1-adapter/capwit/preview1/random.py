"""`random_get`: bytes of the granted source."""

from __future__ import annotations

import asyncio
from typing import Final

from capwit.bridge.errors import InstanceEnded

from .abi import Errno
from .guest import MOST_BYTES, Guest, Handler, answer, required


async def _get(guest: Guest, at: int, size: int) -> Errno:
    entropy = required(guest.grants.entropy)
    guest.check(at, size)
    done = 0
    while done < size:
        part = min(size - done, MOST_BYTES)
        data = await answer(entropy.fill(part))
        if not isinstance(data, bytes) or len(data) != part:
            raise InstanceEnded(f"random_get: the entropy source gave something else than {part} bytes")
        guest.write(at + done, data)
        done += part
        if done < size:
            await asyncio.sleep(0)
    return Errno.SUCCESS


HANDLERS: Final[dict[str, Handler]] = {"random_get": _get}
