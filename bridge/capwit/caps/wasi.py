"""What a program may be granted through WASI's own interfaces, in either preview."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING, Any, ClassVar, Final

from capwit.bridge.binding import Client, Granted, Grants
from capwit.bridge.errors import GrantError, HandleError

from . import files, http, net, standard, streams

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from capwit.bridge.membrane import Membrane

    from .files import Directory
    from .http import Fetch
    from .net import Network, Resolver, TcpListener, TcpSocket, UdpSocket
    from .standard import Console, EntropySource, KeyValueScope, LaunchParameters, Timer, WallClock
    from .streams import ByteSink, ByteSource, TerminalSession


@dataclass(frozen=True, slots=True, kw_only=True)
class WasiGrants(Grants):
    """The capabilities behind WASI's imports; what is None is not granted.

    Attributes:
        launch: arguments and environment; without it both are empty.
        environment: settings that the environment is laid over: what `launch` does not name is there.
        stdin: where standard input comes from; without it the stream is closed.
        stdout: where standard output goes; without it the stream is closed.
        stderr: where standard error goes; without it, to `stdout`. Each of the three may be a terminal.
        timer: the monotonic clock, and waiting; without it a call is refused, or traps.
        wall_clock: the time of day; without it a call is refused, or traps.
        entropy: random bytes; without it a call is refused, or traps.
        http: requests to other servers; without it each is refused.
        network: sockets of a component; without it a call is refused.
        resolver: the addresses of names; without it only addresses are names.
        preopens: directories by the paths that the guest knows them by, in the order of their descriptors.
        preopen_fds: the descriptors that some of them are to have, from 3 on; the others get what is free.
        sockets: open sockets of a module, by any names; their descriptors are behind the preopens'.
        socket_fds: the descriptors that some of them are to have.
    """

    prefix: ClassVar[str] = "wasi."  # as in a manifest, whose own grants may have the same names

    launch: LaunchParameters | None = None
    environment: KeyValueScope | None = None
    stdin: ByteSource | TerminalSession | None = None
    stdout: Console | ByteSink | TerminalSession | None = None
    stderr: Console | ByteSink | TerminalSession | None = None
    timer: Timer | None = None
    wall_clock: WallClock | None = None
    entropy: EntropySource | None = None
    http: Fetch | None = None
    network: Network | None = None
    resolver: Resolver | None = None
    preopens: Mapping[str, Directory] = field(default_factory=dict)
    preopen_fds: Mapping[str, int] = field(default_factory=dict)
    sockets: Mapping[str, TcpListener | TcpSocket | UdpSocket] = field(default_factory=dict)
    socket_fds: Mapping[str, int] = field(default_factory=dict)
    # What an instance was told once and is to be told again: it has grants of its own, and so a dict.
    kept: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check the descriptors.

        Raises:
            GrantError: one is a standard stream's, two are the same, or there is nothing to have it.
        """
        taken: dict[int, str] = {}
        for what, fds, given in (
            ("preopen", self.preopen_fds, self.preopens),
            ("socket", self.socket_fds, self.sockets),
        ):
            for name, fd in fds.items():
                if name not in given:
                    raise GrantError(f"{what}_fds: there is no {what} {name!r}")
                if not 3 <= fd < 2**31:
                    raise GrantError(f"{what}_fds: {name!r} cannot have {fd}. Mend: take one from 3 on")
                if fd in taken:
                    raise GrantError(f"{what}_fds: both {taken[fd]!r} and {name!r} are to have {fd}")
                taken[fd] = name

    def numbered(self) -> tuple[dict[int, str], dict[int, str]]:
        """Return preopens and sockets by descriptor: those without one of their own have the lowest free."""
        taken = {*self.preopen_fds.values(), *self.socket_fds.values()}
        free = (fd for fd in count(3) if fd not in taken)
        return (
            {self.preopen_fds.get(path) or next(free): path for path in self.preopens},
            {self.socket_fds.get(name) or next(free): name for name in self.sockets},
        )

    def _given(self) -> Iterator[tuple[str, tuple[type[Client], ...], object]]:
        """Yield what is granted: its name, the classes of its clients, and what was given."""
        for name, make in CLIENTS.items():
            given = getattr(self, name)
            if given is not None:
                yield self.prefix + name, make, given
        for path, directory in self.preopens.items():
            yield self._preopen(path), (files.DirectoryClient,), directory
        for name, socket in self.sockets.items():
            yield self._socket(name), SOCKETS, socket

    def _preopen(self, path: str) -> str:
        return f"{self.prefix}preopens.{path}"

    def _socket(self, name: str) -> str:
        return f"{self.prefix}sockets.{name}"

    def granted(self) -> set[str]:
        """Return the names of what is granted; of a preopen, `wasi.preopens./data`."""
        return {name for name, *_ in self._given()}

    def clients(self, membrane: Callable[[str], Membrane] | None = None) -> dict[str, Any]:
        """Return what is granted by name, as clients."""
        clients = {}
        for name, kinds, given in self._given():
            try:
                client = _client(kinds, given)
            except (TypeError, HandleError) as error:
                raise GrantError(f"the grant `{name}` does not fit: {error}") from None
            clients[name] = client if membrane is None else membrane(name).guard(client)
        return clients

    def capabilities(self) -> Iterator[Granted]:
        """Yield every capability that is granted, but what is no authority: arguments and environment."""
        clients = self.clients()
        for name, _, given in self._given():
            if name != f"{self.prefix}launch":
                yield Granted(name, name, clients[name].interface, given)

    def guarded(self, membrane: Callable[[str], Membrane]) -> WasiGrants:
        """Return the same grants, each on the other side of its membrane."""
        guarded = self.clients(membrane)
        fields: dict[str, Any] = {
            name: guarded[self.prefix + name] for name in CLIENTS if self.prefix + name in guarded
        }
        preopens = {path: guarded[self._preopen(path)] for path in self.preopens}
        sockets = {name: guarded[self._socket(name)] for name in self.sockets}
        return replace(self, **fields, preopens=preopens, sockets=sockets)


def _client(kinds: tuple[type[Client], ...], given: object) -> Client:
    """Return a client of the first kind that fits.

    Raises:
        TypeError: none does; the message is about the last, which asks for least.
    """
    for kind in kinds[:-1]:
        try:
            return kind(given)
        except TypeError:
            continue
    return kinds[-1](given)


_SINKS: Final = (streams.TerminalSessionClient, streams.ByteSinkClient, standard.ConsoleClient)
SOCKETS: Final = (net.TcpListenerClient, net.TcpSocketClient, net.UdpSocketClient)
# What each grant may be, what says most first.
CLIENTS: Final[dict[str, tuple[type[Client], ...]]] = {
    "launch": (standard.LaunchParametersClient,),
    "environment": (standard.KeyValueScopeClient,),
    "stdin": (streams.TerminalSessionClient, streams.ByteSourceClient),
    "stdout": _SINKS,
    "stderr": _SINKS,
    "timer": (standard.TimerClient,),
    "wall_clock": (standard.WallClockClient,),
    "entropy": (standard.EntropySourceClient,),
    "http": (http.FetchClient,),
    "network": (net.NetworkClient,),
    "resolver": (net.ResolverClient,),
}


def kinds_of(name: str) -> tuple[type[Client], ...]:
    """Return what a grant may be by its name, such as `wasi.stdout`: what says most first."""
    field = name.removeprefix(WasiGrants.prefix)
    if field == name:
        return ()
    table, _, item = field.partition(".")
    if item:
        return {"preopens": (files.DirectoryClient,), "sockets": SOCKETS}.get(table, ())
    return CLIENTS.get(field, ())


NOTHING: Final = WasiGrants()
