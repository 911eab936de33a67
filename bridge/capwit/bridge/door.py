"""Takes connections, of which there may be more than there is room for."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
from math import inf
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_PAUSE: Final = 1.0  # seconds for which nobody is taken, once there is no room for one more connection
_SILENCE: Final = 60.0  # seconds until that is told again
_NO_ROOM: Final = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
_log = logging.getLogger("capwit.bridge")


class Door:
    """Takes whoever connects to a socket that listens, until it is shut.

    asyncio's own servers tell of a connection once its TLS handshake is over: nobody would count those that
    never begin one. Out of descriptors, they write a traceback for each place of the backlog, over and over.
    """

    def __init__(self, listening: socket.socket, connected: Callable[[socket.socket], None]) -> None:
        """Call `connected` with each connection, which is its own from then on."""
        self._listening = listening
        self._connected = connected
        self._loop = asyncio.get_running_loop()
        self._pause: asyncio.TimerHandle | None = None
        self._told = -inf
        self.open()

    def open(self) -> None:
        """Take who comes, after `hold`; one that is shut stays so."""
        if self._listening.fileno() >= 0:
            self._loop.add_reader(self._listening, self._take)

    def hold(self) -> None:
        """Take nobody until `open`: who comes meanwhile waits in the socket's backlog."""
        if self._listening.fileno() >= 0:
            self._loop.remove_reader(self._listening)

    def _take(self) -> None:
        try:
            connection, _ = self._listening.accept()
        except OSError as error:  # others are of a connection that has gone already
            if error.errno in _NO_ROOM:
                self._wait(error)
            return
        connection.setblocking(False)
        if connection.family != socket.AF_UNIX:  # asyncio does so for sockets that it makes itself
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connected(connection)

    def _wait(self, error: OSError) -> None:
        now = self._loop.time()
        if now - self._told >= _SILENCE:
            self._told = now
            _log.warning("no client can be taken for now: %s", error.strerror)
        self.hold()
        self._pause = self._loop.call_later(_PAUSE, self.open)

    def shut(self) -> None:
        """Take nobody any more, and listen no more."""
        if self._pause is not None:
            self._pause.cancel()
        self.hold()
        self._listening.close()
