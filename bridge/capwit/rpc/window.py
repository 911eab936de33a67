"""Streaming calls: as many under way at once as fit a window, so that a stream is not one call at a time.

Cap'n Proto's own libraries do the same; pycapnp leaves it out.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

import capnp
from capwit.bridge.errors import CapError, ErrorKind

from .wire import as_cap_error

if TYPE_CHECKING:
    from collections.abc import Awaitable

SIZE: Final = 1 << 16
"""How many bytes of arguments may be under way: what Cap'n Proto's own libraries begin with."""


class Window:
    """The streaming calls to one capability. A failure comes with a later one, and with all after it."""

    __slots__ = ("_bytes", "_calls", "_error", "_room")

    def __init__(self) -> None:
        """Start with none."""
        self._bytes = 0
        self._calls: set[asyncio.Future[None]] = set()
        self._error: CapError | None = None
        self._room = asyncio.Event()

    def check(self) -> None:
        """Raise what an earlier call has failed with."""
        if self._error is not None:
            raise CapError(self._error.kind, self._error.reason)

    async def add(self, call: Awaitable[Any], size: int) -> None:
        """Let a call of `size` bytes run, and wait until there is room for the next one."""
        self._bytes += size
        running = asyncio.ensure_future(self._run(call, size))
        self._calls.add(running)
        running.add_done_callback(self._calls.discard)
        while self._bytes > SIZE and self._error is None:
            self._room.clear()
            await self._room.wait()
        self.check()

    async def _run(self, call: Awaitable[Any], size: int) -> None:
        try:
            await call
        except capnp.KjException as error:
            self._error = self._error or as_cap_error(error)
        except asyncio.CancelledError:
            self._error = self._error or CapError(ErrorKind.DISCONNECTED, "the stream was cut off")
            raise
        finally:
            self._bytes -= size
            self._room.set()
