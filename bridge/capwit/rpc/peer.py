"""A client of ours, and what it may take up at one time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakSet

from capwit.bridge.errors import CapError, ErrorKind
from capwit.bridge.membrane import route
from capwit.bridge.table import leads

from .message import MOST_WORDS
from .remote import Remote
from .turns import Turns

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from capwit.bridge.binding import Method
    from capwit.bridge.errors import EngineError
    from capwit.bridge.target import Target

    from .served import Served


_NONE: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What clients may take up. None of it is a limit of an instance: those are `Limits`.

    Attributes:
        clients: how many may be connected; the next one is cut at once.
        calls: how many calls of one client may be under way; the next one fails as `overloaded`.
        all_calls: and of all clients together, with those whose callers have gone.
        capabilities: how many of ours one client may hold; a result with one more fails.
        message: bytes of the longest message; a client that sends a longer one is cut.
        patience: seconds until a client is cut that has sent no whole message yet, or reads nothing of its
            answers.
    """

    clients: int = 100
    calls: int = 1000
    all_calls: int = 10_000
    capabilities: int = 10_000
    message: int = MOST_WORDS * 8
    patience: float = 30.0


class Load:
    """How many calls are under way, of one client or of all."""

    __slots__ = ("_above", "_most", "calls")

    def __init__(self, most: int, above: Load | None = None) -> None:
        """Take `most` calls at one time, and no more than what is `above` takes."""
        self._most = most
        self._above = above
        self.calls = 0

    def begin(self) -> None:
        """Count one more.

        Raises:
            CapError: as many are under way as may (`overloaded`).
        """
        if self.calls >= self._most:
            raise CapError(ErrorKind.OVERLOADED, f"{self.calls} calls are under way already")
        if self._above is not None:
            self._above.begin()
        self.calls += 1

    def end(self) -> None:
        """Count one less."""
        self.calls -= 1
        if self._above is not None:
            self._above.end()


class Peer:
    """A client that is connected.

    Attributes:
        name: what the ledger calls it: `client`, `client-2`, ...
        address: where it is: `127.0.0.1:40112`, or empty for a Unix socket.
        certificate: what it has shown, as `ssl.SSLSocket.getpeercert` has it; empty without any.
        load: its calls.
        turns: when their arguments are read.
        explain: returns what is behind the error of a call of its capabilities, where it can be told.
        guest: whether it is a guest in a process of its own: what it calls is called by a guest.
    """

    def __init__(
        self,
        name: str,
        bounds: Bounds,
        load: Load | None = None,
        address: str = "",
        certificate: Mapping[str, Any] = _NONE,
    ) -> None:
        """Know a client by its connection; its calls count in the `load` of all, too."""
        self.name = name
        self.address = address
        self.certificate = certificate
        self.load = Load(bounds.calls, load)
        self.turns = Turns()
        self.explain: Callable[[Method[Any], CapError], Awaitable[EngineError]] | None = None
        self.guest = False
        self.left = asyncio.Event()
        self._most_held = bounds.capabilities
        self._held: WeakSet[Served] = WeakSet()

    def leave(self) -> None:
        """Let it go: the connection ends once no call is under way, and all is answered."""
        self.left.set()

    def hold(self, served: Served) -> None:
        """Count one more capability of ours that it holds.

        Raises:
            CapError: it holds as many as it may (`exhausted`).
        """
        if len(self._held) >= self._most_held:
            raise CapError(ErrorKind.EXHAUSTED, f"{self._most_held} capabilities are held, as many as may be")
        self._held.add(served)

    def has(self, target: Target) -> bool:
        """Tell whether it implements a capability, or holds it: that one, or the same with more before it."""
        way = route(target)
        capability = way[-1]
        if isinstance(capability, Remote) and capability.peer is self:
            return True
        held = (each.owned for each in list(self._held))
        return any(owned.live and leads(way, route(owned.target)) for owned in held)

    def gone(self) -> None:
        """Its connection is over, and with it all that it held."""
        for served in list(self._held):
            served.end()
