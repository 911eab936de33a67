"""Where clients come in: TCP or a Unix socket."""

from __future__ import annotations

import errno
import os
import socket
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from capwit.bridge.peers import PeerAddress

if TYPE_CHECKING:
    from collections.abc import Iterator

_BACKLOG: Final = 1024


class Listening:
    """Sockets that listen.

    Attributes:
        sockets: all of one address.
        address: what they listen at, with the port that port 0 has become.
    """

    def __init__(self, address: PeerAddress) -> None:
        """Listen at an address: at all that its name stands for, and at port 0 at any port that is free.

        A Unix socket is its owner's alone. One that nobody listens at any more is replaced.

        Raises:
            OSError: it cannot be listened at.
        """
        self._path = Path(address.socket) if address.socket else None
        if self._path is not None:
            self.sockets = [_unix(self._path)]
            self._made = self._path.stat()
            self.address = address
        else:
            self.sockets = list(_tcp(address.host, address.port))
            host, port = self.sockets[0].getsockname()[:2]
            self.address = PeerAddress(host, port)

    def close(self) -> None:
        """Listen no more. The socket's file goes, unless it is another one by now."""
        for each in self.sockets:
            each.close()
        if self._path is not None:
            with suppress(OSError):
                if os.path.samestat(self._path.lstat(), self._made):
                    self._path.unlink()


def _tcp(host: str, port: int) -> Iterator[socket.socket]:
    """Listen at all addresses of a name, by the same port."""
    made: list[socket.socket] = []
    flags = socket.AI_PASSIVE
    try:
        for family, _, _, _, place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags):
            each = socket.socket(family, socket.SOCK_STREAM)
            made.append(each)
            each.setblocking(False)
            each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                each.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            each.bind((place[0], port, *place[2:]))
            each.listen(_BACKLOG)
            port = each.getsockname()[1]
    except OSError:
        for each in made:
            each.close()
        raise
    return iter(made)


def _unix(path: Path) -> socket.socket:
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        made.setblocking(False)
        _clear(path)
        made.bind(str(path))
        path.chmod(0o600)  # nobody listens yet: nobody can have connected
        made.listen(_BACKLOG)
    except OSError:
        made.close()
        raise
    return made


def _clear(path: Path) -> None:
    """Take a socket away that a process has left behind; what somebody listens at, or is none, stays."""
    try:
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise FileExistsError(errno.EEXIST, "there is a file that is no socket")
    except FileNotFoundError:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink(missing_ok=True)
            return
    raise OSError(errno.EADDRINUSE, "somebody listens there already")
