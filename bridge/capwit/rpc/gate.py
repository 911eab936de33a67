"""What stands between a client's connection and pycapnp: it bounds what a client may leave lying about.

pycapnp's protocol keeps all that a peer has not read, and it must not meet the end of a connection while it
is not reading. A gate holds the end back until it is, and reads no further from a peer that does not read.

pycapnp asks for each message in two reads, with reading paused between them, and writes it in two pieces. A
gate reads ahead of it, and sends at once what has come together.

What a message that is never finished has taken up would be held for ever: so its rest is not waited for as
long.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, Final, cast

import capnp

from .framing import Framing
from .wire import marked

AHEAD: Final = 1 << 20
"""How many bytes are read of a peer that does not read what it is sent; and how many of a message that it has
begun must come in the time for which it is waited for."""
_ROOM: Final = 1 << 16  # bytes that are read ahead of pycapnp, and that come together before they are sent


class Gate(asyncio.BufferedProtocol):
    """One connection of a client.

    Attributes:
        began: is set once the client has sent a whole message, or as much as is read ahead, or has gone.
        lost: is set once there is no connection any more.
        why: why we have cut it, if we have.
    """

    def __init__(self, patience: float) -> None:
        """Cut a client that takes nothing for `patience` seconds, or does not finish what it has begun."""
        self.began = asyncio.Event()
        self.lost = asyncio.Event()
        self.why = ""
        self._patience = patience
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._inner: Any = None  # pycapnp's protocol
        # What is read: `_read[_start:_end]` is there, and pycapnp has not taken it.
        self._read = memoryview(bytearray(_ROOM))
        self._start = self._end = 0
        self._framing = Framing()
        self._came = 0  # bytes, in all
        self._late: asyncio.TimerHandle | None = None  # while the rest of a message is waited for
        self._direct: memoryview | None = None  # pycapnp's own memory, where the transport reads to that
        self._wanted = False  # whether pycapnp is reading
        self._ended = False  # whether the client has said that it sends no more
        # What is written, and not yet sent on.
        self._written: list[bytes] = []
        self._size = 0
        self._stuck: asyncio.TimerHandle | None = None  # while the client takes nothing
        self._last: asyncio.TimerHandle | None = None  # while it closes
        self._left = 0  # how much was unsent when that was last looked at
        self._ahead = 0  # bytes read since

    # -- For whoever serves the client --

    def open(self) -> Any:
        """Let pycapnp read and write: returns its stream."""
        self.began.set()
        streams: list[Any] = []
        self._inner = capnp.AsyncIoStream._connect(streams.append)
        self._inner.connection_made(self)
        if self.lost.is_set():
            self._inner.connection_lost(None)
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

    # -- Reading --

    def get_buffer(self, sizehint: int) -> Any:
        """Return where to read to: a view, because asyncio's TLS writes into slices of it."""
        if self._wanted:
            room = memoryview(self._inner.get_buffer(-1))
            if len(room) >= _ROOM:
                self._direct = room
                return room
        self._direct = None
        if self._start == self._end:
            self._start = self._end = 0
        elif self._end == len(self._read):  # asked to wait, and did not
            left = self._read[self._start : self._end]
            self._read = memoryview(bytearray(left) + bytes(_ROOM))
            self._start, self._end = 0, len(left)
        return self._read[self._end :]

    def buffer_updated(self, nbytes: int) -> None:
        """There is something from the client."""
        if self._stuck is not None:
            self._ahead += nbytes
        self._came += nbytes
        if self._direct is not None:
            self._framing.add(self._direct[:nbytes])
            self._inner.buffer_updated(nbytes)
        else:
            self._framing.add(self._read[self._end : self._end + nbytes])
            self._end += nbytes
            if self._framing.whole or self._end - self._start == _ROOM:
                self.began.set()
            self._feed()
        if self._late is None and self._framing.within:
            self._await_rest()
        self._update()

    def eof_received(self) -> None:
        """The client sends no more: for Cap'n Proto RPC that is its end, and the transport closes."""
        self._ended = True
        self.began.set()
        self._feed()

    def _await_rest(self) -> None:
        self._late = self._loop.call_later(self._patience, self._overdue, self._framing.whole, self._came)

    def _overdue(self, whole: int, came: int) -> None:
        """Cut a client that has been within one message all the time, unless it is we who do not read."""
        self._late = None
        if self._transport is None or not self._framing.within:
            return
        slow = self._framing.whole == whole and self._came - came < AHEAD
        if slow and self._transport.is_reading():
            self.cut("it does not finish the message that it has begun")
            return
        self._await_rest()

    def _feed(self) -> None:
        """Give pycapnp what it reads."""
        while self._wanted and self._start < self._end:
            room = memoryview(self._inner.get_buffer(-1))
            size = min(len(room), self._end - self._start)
            room[:size] = self._read[self._start : self._start + size]
            self._start += size
            self._inner.buffer_updated(size)
        if self._wanted and self._ended:
            self._wanted = False
            self._inner.eof_received()

    def pause_reading(self) -> None:
        """Take no more for now: what pycapnp asks of its transport."""
        self._wanted = False

    def resume_reading(self) -> None:
        """Take what there is."""
        self._wanted = True
        self._feed()
        self._update()

    def _update(self) -> None:
        """Have the transport read, unless what it has read is still here, or the client does not read."""
        if self._transport is None or self._ended:
            return
        ahead = self.began.is_set() and self._start < self._end
        if ahead or (self._stuck is not None and self._ahead > AHEAD):
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    # -- Writing --

    def write(self, data: bytes) -> None:
        """Send one piece of a message, its table or a segment, with what else comes."""
        if self._transport is None:
            return
        if not self._written:
            self._loop.call_soon(self._send)
        self._written.append(marked(data))
        self._size += len(data)
        if self._size >= _ROOM:
            self._send()

    def _send(self) -> None:
        written, self._written, self._size = self._written, [], 0
        if written and self._transport is not None:
            self._transport.write(b"".join(written))

    def get_write_buffer_size(self) -> int:
        """Return how many bytes are not sent yet."""
        return self._size + (0 if self._transport is None else self._transport.get_write_buffer_size())

    def pause_writing(self) -> None:
        """The client does not read what it is sent."""
        self._left = self.get_write_buffer_size()
        self._ahead = 0
        self._stuck = self._loop.call_later(self._patience, self._look)
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

    def _look(self) -> None:
        left = self.get_write_buffer_size()
        if left >= self._left:
            self.cut("it does not read what it is sent")
            return
        self._left = left
        self._stuck = self._loop.call_later(self._patience, self._look)

    # -- The connection --

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is over."""
        for timer in (self._stuck, self._late, self._last):
            if timer is not None:
                timer.cancel()
        self._transport = None
        self._written.clear()
        self._wanted = False
        self.began.set()
        self.lost.set()
        if self._inner is not None:
            self._inner.connection_lost(exc)

    def is_closing(self) -> bool:
        """Tell whether the connection is over, or is to be."""
        return self._transport is None or self._transport.is_closing()

    def can_write_eof(self) -> bool:
        """Tell whether it can be said that no more is sent."""
        return self._transport is not None and self._transport.can_write_eof()

    def write_eof(self) -> None:
        """Say that no more is sent."""
        self._send()
        if self._transport is not None:
            with suppress(OSError):  # it has gone meanwhile; pycapnp does not survive to be told so here
                self._transport.write_eof()

    def close(self) -> None:
        """End the connection once all is sent, or when that takes longer than the peer has for anything."""
        self._send()
        if self._transport is not None and not self._transport.is_closing():
            self._transport.close()
            self._last = self._loop.call_later(self._patience, self.cut)
