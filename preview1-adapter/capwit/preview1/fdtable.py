"""The table of a guest's descriptors: small numbers, each of them one handle of the instance.

A file or a directory has a slot in the instance's `CapTable`, so that opening, closing and the end are told
in the ledger as for any other handle. What the ABI keeps besides (a position, flags, rights) is kept here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from capwit.bridge.capability import Client, prepare
from capwit.bridge.descriptors import Descriptors
from capwit.bridge.ledger import Event
from capwit.bridge.membrane import local_object
from capwit.caps.directory import LocalFile
from capwit.caps.files import DIRECTORY, FILE, DirectoryClient, FileClient
from capwit.caps.net import TCP_SOCKET, TcpListenerClient, TcpSocketClient, UdpSocketClient
from capwit.caps.standard import ConsoleClient
from capwit.caps.streams import ByteSinkClient, ByteSourceClient, TerminalSessionClient

from .abi import (
    DIRECTORY_RIGHTS,
    FILE_RIGHTS,
    LISTENER_RIGHTS,
    SOCKET_RIGHTS,
    STREAM_RIGHTS,
    Errno,
    FileType,
    Rights,
)
from .errors import Refused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from capwit.bridge.table import CapTable
    from capwit.caps.wasi import WasiGrants
    from capwit.engine.types import Resource

_LAST: Final = 2**31 - 1
_PASSED_ON: Final = DIRECTORY_RIGHTS | FILE_RIGHTS


# Of what is open, `implied` are rights that its opener did not ask for, but has: programs are used to hosts
# that look at reading and writing alone. Whoever sets rights has those, and no others.


@dataclass(slots=True)
class OpenFile:
    """A file, with the position that its capability does not keep."""

    client: FileClient
    slot: int
    rights: int
    implied: int = 0
    inheriting: int = 0
    flags: int = 0
    position: int = 0
    type: FileType = field(default=FileType.REGULAR_FILE, init=False)

    @property
    def local(self) -> LocalFile | None:
        """The file itself, where it is one of this process and nothing stands before it that narrows.

        Raises:
            CapError: the grant that it came through was revoked.
        """
        found = local_object(self.client.target)
        return found if isinstance(found, LocalFile) else None


@dataclass(slots=True)
class OpenDirectory:
    """A directory; `name` is the path that the guest knows a preopened one by."""

    client: DirectoryClient
    slot: int
    rights: int = DIRECTORY_RIGHTS
    implied: int = 0
    inheriting: int = _PASSED_ON
    flags: int = 0
    name: bytes | None = None
    type: FileType = field(default=FileType.DIRECTORY, init=False)


@dataclass(slots=True)
class OpenStream:
    """One of the three streams that a program begins with: to read, or to write.

    Attributes:
        ready: whether a wait has found something to read, and nothing was read since.
    """

    source: ByteSourceClient | None = None
    sink: ConsoleClient | ByteSinkClient | None = None
    rights: int = STREAM_RIGHTS
    implied: int = field(default=0, init=False)
    inheriting: int = 0
    flags: int = 0
    slot: int = 0  # the grant itself: closing it gives nothing back
    type: FileType = field(default=FileType.UNKNOWN, init=False)
    ready: bool = field(default=False, init=False)
    write: Callable[[bytes], Awaitable[None] | None] = field(init=False)  # where there is a sink

    def __post_init__(self) -> None:
        """Prepare for writing."""
        if self.sink is not None:
            self.write = prepare(self.sink, self.sink.interface.methods["write"])

    @property
    def client(self) -> ByteSourceClient | ConsoleClient | ByteSinkClient:
        """What it is a stream of."""
        end = self.sink if self.source is None else self.source
        assert end is not None
        return end

    @property
    def terminal(self) -> TerminalSessionClient | None:
        """The terminal that the stream may be."""
        return self.client if isinstance(self.client, TerminalSessionClient) else None


@dataclass(slots=True)
class OpenSocket:
    """A socket: one that was granted open, or that a listener has accepted."""

    client: TcpListenerClient | TcpSocketClient | UdpSocketClient
    slot: int
    rights: int = SOCKET_RIGHTS
    implied: int = field(default=0, init=False)
    inheriting: int = 0
    flags: int = 0
    type: FileType = FileType.SOCKET_STREAM


Open: TypeAlias = OpenFile | OpenDirectory | OpenStream | OpenSocket
C = TypeVar("C", bound=Client)
O = TypeVar("O", bound=Open)  # noqa: E741 - what is open


def allowed(entry: Open, rights: int) -> None:
    """Check that a descriptor has rights.

    Raises:
        Refused: it has not (NOTCAPABLE).
    """
    if rights & ~(entry.rights | entry.implied):
        raise Refused(Errno.NOTCAPABLE)


class FdTable(Descriptors):
    """The descriptors of one instance, and its handles of generated interfaces among them.

    A handle of a standard kind is a descriptor like any other, whichever way it came. To any other, Preview 1
    can do no more than `fd_close` and `fd_renumber`.
    """

    def __init__(self, table: CapTable, grants: WasiGrants) -> None:
        """Open what is granted: standard streams at 0, 1 and 2, preopens from 3 on, sockets behind them."""
        super().__init__(table)
        self._open: dict[int, Open] = {}
        table.when_ended(self._open.clear)  # whoever still looks at the instance keeps nothing open
        stderr = grants.stderr or grants.stdout
        if grants.stdin is not None:
            self._open[0] = OpenStream(source=grants.stdin, rights=STREAM_RIGHTS | Rights.FD_READ)  # type: ignore[arg-type]
        for fd, sink in ((1, grants.stdout), (2, stderr)):
            if sink is not None:
                self._open[fd] = OpenStream(sink=sink, rights=STREAM_RIGHTS | Rights.FD_WRITE)  # type: ignore[arg-type]
        preopens, sockets = grants.numbered()
        for fd, path in preopens.items():
            directory = grants.preopens[path]
            assert isinstance(directory, DirectoryClient)
            slot = table.mint(DIRECTORY.own.resource, directory, Event.GRANT, f"wasi.preopens.{path}")
            self._open[fd] = OpenDirectory(directory, slot, name=path.encode())
        for fd, name in sockets.items():
            socket = grants.sockets[name]
            assert isinstance(socket, TcpListenerClient | TcpSocketClient | UdpSocketClient)
            slot = table.mint(socket.interface.own.resource, socket, Event.GRANT, f"wasi.sockets.{name}")
            self._open[fd] = _open_socket(socket, slot)

    def _used(self, number: int) -> bool:
        return number in self._open or super()._used(number)

    def add(self, slot: int, resource: Resource) -> int:
        """Return the number of a handle that the guest is to own, which is a descriptor if it can be."""
        opened = _open(self._table, slot, resource)
        return super().add(slot, resource) if opened is None else self._add(opened)

    def slot(self, number: int, resource: Resource) -> int | None:
        """Return the slot of a handle of a resource, or None where the number stands for none."""
        entry = self._open.get(number)
        if entry is None:
            return super().slot(number, resource)
        return entry.slot if entry.slot and type(entry.client).interface.resource == resource else None

    def forget(self, number: int) -> None:
        """The handle is not the guest's any more."""
        if self._open.pop(number, None) is None:
            super().forget(number)
        else:
            self._free(number)

    def get(self, fd: int) -> Open:
        """Return what a number stands for.

        Raises:
            Refused: nothing (BADF).
        """
        found = self._open.get(fd)
        if found is None:
            raise Refused(Errno.BADF)
        return found

    def find(self, fd: int, kind: type[O], rights: int, otherwise: Errno) -> O:
        """Return what a number stands for, which must be of a kind and have rights.

        Raises:
            Refused: nothing (BADF), something else (`otherwise`), or it has not the rights (NOTCAPABLE).
        """
        found = self.get(fd)
        if not isinstance(found, kind):
            raise Refused(otherwise)
        allowed(found, rights)
        return found

    def file(self, fd: int, rights: int) -> OpenFile:
        """Return an open file; anything else is BADF."""
        return self.find(fd, OpenFile, rights, Errno.BADF)

    def directory(self, fd: int, rights: int) -> OpenDirectory:
        """Return an open directory."""
        return self.find(fd, OpenDirectory, rights, Errno.NOTDIR)

    def add_file(self, client: FileClient, rights: int, implied: int, inheriting: int, flags: int) -> int:
        """Take a file in; returns its number."""
        slot, client = self._taken(client, FILE.own.resource)
        return self._add(OpenFile(client, slot, rights, implied, inheriting, flags))

    def add_directory(
        self, client: DirectoryClient, rights: int, implied: int, inheriting: int, flags: int
    ) -> int:
        """Take a directory in; returns its number."""
        slot, client = self._taken(client, DIRECTORY.own.resource)
        return self._add(OpenDirectory(client, slot, rights, implied, inheriting, flags))

    def add_socket(self, client: TcpSocketClient, rights: int, flags: int) -> int:
        """Take a connection in; returns its number."""
        slot, client = self._taken(client, TCP_SOCKET.own.resource)
        return self._add(OpenSocket(client, slot, rights, flags=flags))

    def _taken(self, client: C, resource: Resource) -> tuple[int, C]:
        """Take a capability over; returns its slot, and a client that is good for as long as that."""
        moved = client.owned is not None  # as what another process has opened: this client is over by then
        slot = self._table.lower_own(client, resource)
        return slot, self._table.lift_borrow(slot, resource) if moved else client

    def _add(self, entry: Open) -> int:
        fd = self._take()
        if fd > _LAST:
            raise Refused(Errno.MFILE)
        self._open[fd] = entry
        return fd

    def close(self, fd: int) -> None:
        """Release what a number stands for; the number is free again."""
        slot = self._slot_of(fd)
        self.forget(fd)
        self._release(slot)

    def renumber(self, fd: int, to: int) -> None:
        """Give what a number stands for another one, and release what that stood for."""
        _, replaced = self._slot_of(fd), self._slot_of(to)
        if fd == to:
            return
        self.forget(to)
        if fd in self._open:
            self._open[to] = self._open[fd]
        else:
            self._handles[to] = self._handles[fd]
        self.forget(fd)
        self._release(replaced)

    def _slot_of(self, fd: int) -> int:
        """Return the slot behind a number, 0 for a grant itself; nothing at all is BADF."""
        handle = self._handles.get(fd)
        return self.get(fd).slot if handle is None else handle.slot

    def _release(self, slot: int) -> None:
        if slot:
            self._table.dropped(slot)


def _open(table: CapTable, slot: int, resource: Resource) -> Open | None:
    """Return what a handle of a standard kind is to Preview 1."""
    match table.lift_borrow(slot, resource):
        case FileClient() as file:
            return OpenFile(file, slot, FILE_RIGHTS)
        case DirectoryClient() as directory:
            return OpenDirectory(directory, slot)
        case TcpListenerClient() | TcpSocketClient() | UdpSocketClient() as socket:
            return _open_socket(socket, slot)
        case TerminalSessionClient() as terminal:
            rights = STREAM_RIGHTS | Rights.FD_READ | Rights.FD_WRITE
            return OpenStream(source=terminal, sink=terminal, rights=rights, slot=slot)
        case ByteSourceClient() as source:
            return OpenStream(source=source, rights=STREAM_RIGHTS | Rights.FD_READ, slot=slot)
        case ConsoleClient() | ByteSinkClient() as sink:
            return OpenStream(sink=sink, rights=STREAM_RIGHTS | Rights.FD_WRITE, slot=slot)
        case _:
            return None


def _open_socket(client: TcpListenerClient | TcpSocketClient | UdpSocketClient, slot: int) -> OpenSocket:
    match client:
        case TcpListenerClient():
            return OpenSocket(client, slot, LISTENER_RIGHTS, inheriting=SOCKET_RIGHTS)
        case TcpSocketClient():
            return OpenSocket(client, slot)
        case UdpSocketClient():
            return OpenSocket(client, slot, type=FileType.SOCKET_DGRAM)
