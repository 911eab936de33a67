"""Capabilities of this process for others: what answers their calls, to pycapnp."""

from __future__ import annotations

import asyncio
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Any, Final

import capnp
from capwit.bridge.errors import CapError, ConversionError, ErrorKind
from capwit.bridge.ledger import Event
from capwit.bridge.serve import as_cap_error
from capwit.engine.steps import BY_GUEST, run_on

from .plan import Plan, plan_of
from .promise import kept, take_token
from .schema import ITSELF, Schemas
from .wire import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capwit.bridge.binding import Interface, Method
    from capwit.bridge.ledger import Ledger
    from capwit.bridge.owned import OwnedCapability

    from .crossing import Crossing
    from .peer import Peer
    from .vat import Vat

_ITSELF: Final = f"{ITSELF}_context"


class Server(capnp.lib.capnp._DynamicCapabilityServer):  # type: ignore[misc]
    """What we serve, as pycapnp's server, which calls `<method>_context(context)`.

    It lives exactly as long as Cap'n Proto's own object, by whose address what comes home is known. So no
    call may hold it: one that runs on holds what is `served`.
    """

    def __init__(self, served: Served) -> None:
        """Stand for what is served."""
        self.served = served
        self.schema = served.schema

    def __getattr__(self, name: str) -> Any:
        """Return what answers calls of a method."""
        return self.served.answering(name)


class Served:
    """A capability of this process for others. It goes when no peer refers to it, and no call runs on.

    Attributes:
        runs_on: whether a call goes on when its caller cancels it.
        in_order: whether calls wait behind one that waits for a promise: where all are one client's.
    """

    def __init__(
        self,
        vat: Vat,
        owned: OwnedCapability[Any],
        interface: Interface,
        ledger: Ledger,
        peer: Peer | None = None,
    ) -> None:
        """Serve the capability of an owned reference, as an interface; to a `peer` that is told of it."""
        self.owned = owned
        self.interface = interface
        self.runs_on = False
        self.in_order = True
        self._vat = vat
        self._ledger = ledger
        self._peer = peer
        self._waiting = 0  # calls that wait for promises, and such as have come behind them
        try:
            self.schema = Schemas.of_interface(interface)
            self._methods = _methods(interface)
            if peer is not None:
                peer.hold(self)
        except BaseException:
            self.end()
            raise

    def answering(self, name: str) -> Any:
        """Return what answers calls of a method, by pycapnp's name for that.

        Raises:
            AttributeError: there is no such method.
        """
        if name == _ITSELF:
            return partial(take_token, self, vat=self._vat)
        named = self._methods.get(name.removesuffix("_context"))
        if named is None or not name.endswith("_context"):
            raise AttributeError(name)
        return partial(self._answer, named)

    def __del__(self) -> None:
        """No peer refers to it any more."""
        if "owned" in self.__dict__:
            self.end()

    def end(self) -> None:
        """Release the reference: no call reaches the capability by it any more."""
        if self.owned.live:
            self.owned.end(Event.RELEASE, "released by its peers")

    async def _answer(self, named: Mapping[int, Plan], context: Any) -> None:
        params = context.params
        plan = next(iter(named.values())) if len(named) == 1 else named[params.schema.node.id]
        crossing = self._vat.crossing(self._ledger, self._peer)
        try:
            result = await self._result(plan, params, crossing)
            if plan.returns:
                plan.write_results(context.results, result, crossing)
            crossing.sent()
        except ConversionError as error:
            failed = CapError(ErrorKind.FAILED, f"{plan.method}: {error}")
        except Exception as error:
            failed = as_cap_error(str(plan.method), error)
        else:
            return
        raise Answer(failed) from None

    async def _result(self, plan: Plan, params: Any, crossing: Crossing) -> Any:
        if self._peer is not None:
            self._peer.load.begin()
        try:
            self.owned.check()
            arguments = await self._read(plan, params, crossing)
            if crossing.afar or self._waiting:
                arguments = await self._in_turn(plan.method, arguments, crossing)
        except BaseException:
            self._over(crossing)
            raise
        call = self._call(plan.method, arguments, crossing)
        BY_GUEST.set(self._peer is not None and self._peer.guest)
        return await (run_on(call) if self.runs_on else call)

    async def _read(self, plan: Plan, params: Any, crossing: Crossing) -> tuple[Any, ...]:
        if self._peer is None:
            return plan.read_arguments(params, crossing)
        turns = self._peer.turns
        await turns.mine()
        try:
            return plan.read_arguments(params, crossing)
        finally:
            turns.over(crossing.taken)

    async def _in_turn(
        self, method: Method[Any], arguments: tuple[Any, ...], crossing: Crossing
    ) -> tuple[Any, ...]:
        """Return the arguments of a call once promises in them are kept, and it is its turn.

        Calls are made in the order that they came in: those behind one that waits for a promise wait, too.
        """
        if not self.in_order:
            return await kept(self.owned.target, method, arguments, crossing, self._vat)
        self._waiting += 1
        try:
            async with self._turn:
                return await kept(self.owned.target, method, arguments, crossing, self._vat)
        finally:
            self._waiting -= 1

    @cached_property
    def _turn(self) -> asyncio.Lock:
        return asyncio.Lock()

    async def _call(self, method: Method[Any], arguments: tuple[Any, ...], crossing: Crossing) -> Any:
        try:
            result = self.owned.target.invoke(method, arguments)
            return await result if hasattr(result, "__await__") else result
        finally:
            self._over(crossing)

    def _over(self, crossing: Crossing) -> None:
        crossing.over()
        if self._peer is not None:
            self._peer.load.end()


@cache
def _methods(interface: Interface) -> dict[str, dict[int, Plan]]:
    """Return the plans of all methods by the schema's name; of the same name, by the type of the parameters.

    Raises:
        TypeError: pycapnp, which calls by name, cannot tell two inherited methods apart.
    """
    found: dict[str, dict[int, Plan]] = {}
    methods: list[Method[Any]] = [*interface.methods.values()]
    module = interface.client.__module__
    for method in methods:
        own = method.interface.client.__module__ == module
        # What is inherited of another file is called with types of this interface's own schemas.
        plan = plan_of(method) if own else Plan(method, Schemas.of(module))
        same = found.setdefault(plan.name, {})
        other = same.setdefault(plan.params_id, plan)
        if other is not plan:
            raise TypeError(
                f"{interface} cannot be served: {plan.method} and {other.method} have the same name and the "
                "same parameters. Mend: give one of them parameters of its own"
            )
    return found
