"""What a component may be granted through WASI's own interfaces."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Final

from capwit.bridge.binding import Client, Granted, Grants
from capwit.bridge.errors import GrantError, HandleError
from capwit.caps import standard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from capwit.bridge.membrane import Membrane
    from capwit.caps.standard import Console, EntropySource, LaunchParameters, Timer, WallClock


@dataclass(frozen=True, slots=True, kw_only=True)
class WasiGrants(Grants):
    """The capabilities behind WASI's imports; what is None is not granted.

    Attributes:
        launch: arguments and environment; without it both are empty.
        stdout: where standard output goes; without it the stream is closed.
        stderr: where standard error goes; without it, to `stdout`.
        timer: the monotonic clock, and waiting; without it a call traps.
        wall_clock: the time of day; without it a call traps.
        entropy: random bytes; without it a call traps.
    """

    prefix: ClassVar[str] = "wasi."  # as in a manifest, whose own grants may have the same names

    launch: LaunchParameters | None = None
    stdout: Console | None = None
    stderr: Console | None = None
    timer: Timer | None = None
    wall_clock: WallClock | None = None
    entropy: EntropySource | None = None

    def clients(self, membrane: Callable[[str], Membrane] | None = None) -> dict[str, Any]:
        """Return what is granted by name, as clients."""
        clients = {}
        for field, make in _CLIENTS.items():
            given, name = getattr(self, field), self.prefix + field
            if given is None:
                continue
            try:
                client = make(given)
            except (TypeError, HandleError) as error:
                raise GrantError(f"the grant `{name}` does not fit: {error}") from None
            clients[name] = client if membrane is None else membrane(name).guard(client)
        return clients

    def capabilities(self) -> Iterator[Granted]:
        """Yield every capability that is granted, but what is no authority: arguments and environment."""
        for name, client in self.clients().items():
            field = name.removeprefix(self.prefix)
            if field != "launch":
                yield Granted(name, name, client.interface, getattr(self, field))

    def guarded(self, membrane: Callable[[str], Membrane]) -> WasiGrants:
        """Return the same grants, each on the other side of its membrane."""
        guarded = self.clients(membrane)
        fields: dict[str, Any] = {name.removeprefix(self.prefix): guarded[name] for name in guarded}
        return replace(self, **fields)


_CLIENTS: Final[dict[str, type[Client]]] = {
    "launch": standard.LaunchParametersClient,
    "stdout": standard.ConsoleClient,
    "stderr": standard.ConsoleClient,
    "timer": standard.TimerClient,
    "wall_clock": standard.WallClockClient,
    "entropy": standard.EntropySourceClient,
}

NOTHING: Final = WasiGrants()

# The grant that satisfies each interface; what is not here is not served yet.
GRANT_OF: Final = {
    "wasi:cli/environment": "launch",
    "wasi:cli/stdout": "stdout",
    "wasi:cli/stderr": "stderr",
    "wasi:clocks/monotonic-clock": "timer",
    "wasi:clocks/wall-clock": "wall_clock",
    "wasi:random/random": "entropy",
    "wasi:random/insecure": "entropy",
    "wasi:random/insecure-seed": "entropy",
}

# What a guest finds behind an interface whose grant it has not, where the calls' types do not tell.
WITHOUT: Final = {
    "wasi:cli/environment": "no arguments, no environment",
    "wasi:cli/stdin": "empty",
    "wasi:cli/stdout": "closed",
    "wasi:cli/stderr": "where stdout goes",
    "wasi:cli/exit": "ends the guest, never the host",
    "wasi:clocks/monotonic-clock": "a call traps",
    "wasi:clocks/wall-clock": "a call traps",
    "wasi:random/random": "a call traps",
    "wasi:random/insecure": "a call traps",
    "wasi:random/insecure-seed": "a call traps",
    "wasi:io/error": "comes with streams",
    "wasi:io/poll": "comes with clocks and streams",
    "wasi:io/streams": "comes with stdin, stdout and stderr",
    "wasi:sockets/instance-network": "a network that reaches nothing",
}
