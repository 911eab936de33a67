"""Capabilities that live elsewhere: what answers calls is pycapnp's client of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import capnp
from capwit.bridge.errors import CapError, ConversionError, ErrorKind
from capwit.bridge.target import Origin
from capwit.engine.steps import BY_GUEST, run_on

from .plan import Plan, plan_of
from .schema import Schemas
from .window import Window
from .wire import as_cap_error

if TYPE_CHECKING:
    from capwit.bridge.binding import Interface, Method
    from capwit.bridge.ledger import Ledger

    from .crossing import Crossing
    from .peer import Peer
    from .vat import Vat


# Of these a call may fail; a RuntimeError is pycapnp's where its event loop has ended.
_FAILURES: Final = (ConversionError, capnp.KjException, RuntimeError)


class OfPeer:
    """A target that a peer has: it goes back there as itself."""

    __slots__ = ("_references",)

    vat: Vat

    def __init__(self) -> None:
        """Stand for what nobody refers to yet."""
        self._references = 0

    @property
    def origin(self) -> Origin:
        """Where it lives."""
        return Origin.REMOTE

    @property
    def peer(self) -> Peer | None:
        """Who has it, where what that one holds is counted."""
        return None

    @property
    def capability(self) -> Any:
        """pycapnp's client. Raises `CapError`: there is none any more."""
        raise NotImplementedError

    def retain(self) -> None:
        """Count a reference."""
        self._references += 1

    def release(self) -> None:
        """Count a reference less; with the last one the peer's capability is let go."""
        self._references -= 1
        if not self._references:
            self.drop()

    def drop(self) -> None:
        """Let the peer's capability go."""
        raise NotImplementedError

    async def settle(self) -> None:
        """The peer is told, and nobody waits for it."""


class Remote(OfPeer):
    """A peer's capability, as the target of ours.

    pycapnp's client goes with the last reference that is owned: that is what tells the peer.

    Attributes:
        exported: whether a guest in a process of its own has exported it: where it cancels calls that are
            cancelled here, and so none may be that other guests or clients have made.
    """

    __slots__ = (
        "_capability",
        "_cast",
        "_hook",
        "_ledger",
        "_peer",
        "_window",
        "exported",
        "vat",
    )

    def __init__(
        self, vat: Vat, capability: Any, hook: int, ledger: Ledger, peer: Peer | None = None
    ) -> None:
        """Stand for pycapnp's client; what calls return is entered in the ledger.

        What they carry is given to `peer`, where what it holds is counted.
        """
        super().__init__()
        self._peer = peer
        self.exported = False
        self.vat = vat
        self._capability = capability
        self._hook = hook
        self._ledger = ledger
        self._cast: dict[Interface, Any] = {}
        self._window: Window | None = None  # of the methods that stream

    @property
    def identity(self) -> object:
        """Itself: there is one for each capability of a peer."""
        return self

    @property
    def origin(self) -> Origin:
        """With a peer; or in a guest in a process of its own, where it is what that exports."""
        return Origin.EXPORT if self.exported else Origin.REMOTE

    @property
    def peer(self) -> Peer | None:
        """Who has it, where what that one holds is counted."""
        return self._peer

    @property
    def capability(self) -> Any:
        """pycapnp's client.

        Raises:
            CapError: it is gone (`disconnected`).
        """
        if self._capability is None:
            raise CapError(ErrorKind.DISCONNECTED, "the reference to a peer's capability was released")
        return self._capability

    def invoke(self, method: Method[Any], arguments: tuple[Any, ...]) -> Any:
        """Call the peer; returns an awaitable. Cancelling it cancels the call there, but from guest to guest.

        What a pipelined method returns is there at once; where the call fails, calls of that fail likewise.
        """
        if method.pipelined:
            return self._pipeline(method, arguments)
        call = self._invoke(method, arguments)
        return run_on(call) if self.origin is Origin.EXPORT and BY_GUEST.get() else call

    def _pipeline(self, method: Method[Any], arguments: tuple[Any, ...]) -> Any:
        plan = plan_of(method)
        crossing = self.vat.crossing(self._ledger, self._peer)
        try:
            promise = self._request(plan, arguments, crossing).send()
            crossing.sent()
            # The call goes on for as long as this refers to it, or to what it has answered.
            return crossing.take(promise._get(plan.pipelined), plan.returned)
        except _FAILURES as error:
            raise _told(method, error) from None

    async def _invoke(self, method: Method[Any], arguments: tuple[Any, ...]) -> Any:
        try:
            return await self._answer(method, arguments)
        except CapError as error:
            if self._peer is None or self._peer.explain is None:
                raise
            why = await self._peer.explain(method, error)
        raise why

    async def _answer(self, method: Method[Any], arguments: tuple[Any, ...]) -> Any:
        plan = plan_of(method)
        crossing = self.vat.crossing(self._ledger, self._peer)
        try:
            request = self._request(plan, arguments, crossing)
            if plan.streams:
                window = self._window = self._window or Window()
                window.check()
                size = request.total_size.word_count * 8
                promise = request.send()
                crossing.sent()
                return await window.add(promise, size)
            promise = request.send()
            crossing.sent()
            response = await promise
        except _FAILURES as error:
            raise _told(method, error) from None
        try:
            return plan.read_results(response, crossing)
        except ConversionError as error:
            raise CapError(ErrorKind.FAILED, f"{method}: the answer cannot be used: {error}") from None

    def _request(self, plan: Plan, arguments: tuple[Any, ...], crossing: Crossing) -> Any:
        request = self._as(plan.method.interface)._request_helper(plan.name, None, None, None)
        plan.write_arguments(request, arguments, crossing)
        return request

    def _as(self, interface: Interface) -> Any:
        """Return pycapnp's client with the methods that an interface itself has."""
        capability = self.capability
        cast = self._cast.get(interface)
        if cast is None:
            schema = Schemas.of_interface(interface)
            cast = self._cast[interface] = capability.cast_as(schema)
        return cast

    def drop(self) -> None:
        """Let the peer's capability go."""
        if self._capability is not None:
            del self.vat.remotes[self._hook]
            self._capability = None
            self._cast.clear()


def _told(method: Method[Any], error: Exception) -> Exception:
    """Return what a caller is told of how pycapnp, or a conversion, has failed."""
    match error:
        case ConversionError():
            return CapError(ErrorKind.FAILED, f"{method}: {error}")
        case capnp.KjException():
            return as_cap_error(error)
        case _ if "KJ event-loop" in str(error):
            return CapError(ErrorKind.DISCONNECTED, f"{method}: the connection is closed")
        case _:
            return error
