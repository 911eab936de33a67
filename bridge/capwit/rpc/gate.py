"""What stands between a client's connection and pycapnp: it bounds what a client may leave lying about.

pycapnp's protocol keeps all that a peer has not read, and it must not meet the end of a connection while it
is not reading. A gate holds the end back until it is, and reads no further from a peer that does not read.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, cast

import capnp

from .wire import marked

if TYPE_CHECKING:
    from collections.abc import Callable

AHEAD: Final = 1 << 20
"""How many bytes are read of a peer that does not read what it is sent."""
_FIRST: Final = 4096  # bytes of the first read


class Gate(asyncio.BufferedProtocol):
    """One connection of a client.

    Attributes:
        began: is set once the client has sent anything, or has gone.
        lost: is set once there is no connection any more.
        why: why we have cut it, if we have.
    """

    def __init__(self, connected: Callable[[Gate], None], patience: float) -> None:
        """Call `connected` for a connection; one that takes nothing for `patience` seconds is cut."""
        self.began = asyncio.Event()
        self.lost = asyncio.Event()
        self.why = ""
        self._connected = connected
        self._patience = patience
        self._transport: asyncio.Transport | None = None
        self._inner: Any = None  # pycapnp's protocol
        self._first = bytearray(_FIRST)
        self._size = 0  # of what is in there
        self._reads = True  # whether pycapnp wants to
        self._ended = False  # whether the client has said that it sends no more
        self._stuck: asyncio.TimerHandle | None = None  # while the client takes nothing
        self._left = 0  # how much was unsent when that was last looked at
        self._ahead = 0  # bytes read since

    # -- For whoever serves the client --

    def open(self) -> Any:
        """Let pycapnp read and write: returns its stream."""
        streams: list[Any] = []
        inner = self._inner = capnp.AsyncIoStream._connect(streams.append)
        inner.connection_made(self)
        if self._size:
            room = inner.get_buffer(self._size)
            room[: self._size] = self._first[: self._size]
            inner.buffer_updated(self._size)
        if self.lost.is_set():
            inner.connection_lost(None)
        [stream] = streams
        return stream

    def about(self, name: str) -> Any:
        """Return what asyncio knows of the connection: `peername`, `ssl_object`, ..."""
        return None if self._transport is None else self._transport.get_extra_info(name)

    @property
    def flushed(self) -> bool:
        """Whether all that pycapnp has sent is out."""
        return self._stuck is None and self.get_write_buffer_size() == 0

    def cut(self, why: str = "") -> None:
        """End the connection at once."""
        self.why = self.why or why
        if self._transport is not None:
            self._transport.abort()

    # -- What asyncio calls --

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        self._transport = cast("asyncio.Transport", transport)
        self._connected(self)

    def get_buffer(self, sizehint: int) -> Any:
        """Return where to read to: a view, because asyncio's TLS writes into slices of it."""
        return memoryview(self._first if self._inner is None else self._inner.get_buffer(sizehint))

    def buffer_updated(self, nbytes: int) -> None:
        """There is something from the client."""
        if self._inner is None:
            self._size = nbytes
            self.pause_reading()
            self.began.set()
            return
        if self._stuck is not None:
            self._ahead += nbytes
        self._inner.buffer_updated(nbytes)
        self._update()

    def eof_received(self) -> bool:
        """The client sends no more: pycapnp is told once it reads."""
        self._ended = True
        self.began.set()
        if self._inner is not None and self._reads:
            self._inner.eof_received()
        return self.about("ssl_object") is None  # what is under way may be answered, but not by TLS

    def pause_writing(self) -> None:
        """The client does not read what it is sent."""
        self._left = self.get_write_buffer_size()
        self._ahead = 0
        self._stuck = asyncio.get_running_loop().call_later(self._patience, self._look)
        if self._inner is not None:
            self._inner.pause_writing()

    def resume_writing(self) -> None:
        """The client has read."""
        if self._stuck is not None:
            self._stuck.cancel()
            self._stuck = None
        self._update()
        if self._inner is not None:
            self._inner.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is over."""
        if self._stuck is not None:
            self._stuck.cancel()
        self._transport = None
        self.began.set()
        self.lost.set()
        if self._inner is not None:
            self._inner.connection_lost(exc)

    def _look(self) -> None:
        left = self.get_write_buffer_size()
        if left >= self._left:
            self.cut("it does not read what it is sent")
            return
        self._left = left
        self._stuck = asyncio.get_running_loop().call_later(self._patience, self._look)

    # -- What pycapnp calls: its transport --

    def write(self, data: bytes) -> None:
        """Send one piece of a message: its table, or a segment."""
        if self._transport is not None:
            self._transport.write(marked(data))

    def pause_reading(self) -> None:
        """Read no more for now."""
        self._reads = False
        self._update()

    def resume_reading(self) -> None:
        """Read on."""
        self._reads = True
        if self._ended:
            self._inner.eof_received()
        else:
            self._update()

    def _update(self) -> None:
        if self._transport is None or self._ended:
            return
        if self._reads and not (self._stuck is not None and self._ahead > AHEAD):
            self._transport.resume_reading()
        else:
            self._transport.pause_reading()

    def is_closing(self) -> bool:
        """Tell whether the connection is over, or is to be."""
        return self._transport is None or self._transport.is_closing()

    def can_write_eof(self) -> bool:
        """Tell whether it can be said that no more is sent."""
        return self._transport is not None and self._transport.can_write_eof()

    def write_eof(self) -> None:
        """Say that no more is sent."""
        if self._transport is not None:
            self._transport.write_eof()

    def close(self) -> None:
        """End the connection once all is sent."""
        if self._transport is not None:
            self._transport.close()

    def get_write_buffer_size(self) -> int:
        """Return how many bytes are not sent yet."""
        return 0 if self._transport is None else self._transport.get_write_buffer_size()
