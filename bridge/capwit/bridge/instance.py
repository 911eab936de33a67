"""A running component: its typed exports, its limits, its end."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from capwit.engine.errors import InstanceEnded, LinkError
from capwit.engine.types import Err, Function, Ok, Own, Param, Resource

from .capability import HOST, Client, OwnedCapability
from .errors import CapError
from .exports import find_callee, find_exported, find_functions, resource_name
from .ledger import Event
from .match import find_mismatch
from .membrane import unguarded
from .running import InStore
from .target import OfGuest, Origin

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from capwit.engine.component import Interface as ExportedInterface
    from capwit.engine.link import LinkedInstance
    from capwit.engine.plan import ExportPlan

    from .app import App
    from .binding import Interface, Method
    from .exports import Callee
    from .table import CapTable, GuestHandle
    from .target import Target

    # How an export is called, and its index.
    Export: TypeAlias = tuple[ExportPlan, int]
    # A method as one target answers it.
    Call: TypeAlias = Callable[[tuple[Any, ...]], Awaitable[Any]]

C = TypeVar("C", bound=Client)
_log = logging.getLogger("capwit.bridge")


class Instance(InStore):
    """An instance of a component, with the handles it was granted."""

    def __init__(self, app: App, linked: LinkedInstance, table: CapTable) -> None:
        """Own a linked instance and its table."""
        super().__init__(linked.store, table)
        self.app = app
        self._linked = linked
        self._dropping: dict[asyncio.Task[None], None] = {}
        self._functions: dict[str, Functions] = {}  # by the interface that it exports them in

    async def export(self, client: type[C]) -> C:
        """Construct the exported resource that implements an interface, and return a client that owns it.

        Where the interface stands for the functions of one in WIT, there is nothing to construct.

        Raises:
            LinkError: the component does not export the interface, or another version of it.
            EngineError: its constructor trapped or ran into a limit.
        """
        interface = client.interface
        if interface.has_functions:
            exported = self._find(interface)
            functions = self._functions.setdefault(exported.name, Functions(self, exported))
            return client.owning(self._own(functions, str(interface), client))
        exported = self._find(interface)
        resource = Resource(exported.name, resource_name(exported, interface.name), guest=True)
        label = f"[constructor]{resource.name}"
        if label not in exported.functions:
            raise LinkError(f"{self.app.name}: {exported.name} has no constructor for {resource.name}")
        constructor = Function((), Own(resource))
        mismatch = find_mismatch(constructor, exported.functions[label])
        if mismatch:
            raise LinkError(
                f"{self.app.name}: the constructor of {exported.name}.{resource.name}: {mismatch}"
            )
        handle = await self._linked.call(self._linked.linked.export(exported.name, label, constructor))
        return client.owning(self.adopt(handle, str(interface), client))

    def adopt(self, handle: GuestHandle, interface: str, make: type[C] | None = None) -> OwnedCapability[C]:
        """Own a handle of a resource of the guest's own, entered in the ledger as an `interface`."""
        exported = self.app.exported_interfaces()[handle.resource.interface]
        return self._own(Exported(self, handle, handle.resource, exported), interface, make)

    def _own(self, target: Target, interface: str, make: type[C] | None) -> OwnedCapability[C]:
        ledger = self.app.host.ledger
        return OwnedCapability(make, interface, target, ledger, Event.MINT, HOST, cause=f"by {self.name}")

    def _find(self, interface: Interface) -> ExportedInterface:
        found = find_functions(self.app, interface) or find_exported(self.app, interface)
        if found is not None:
            return found
        known = ", ".join(self.app.exported_interfaces()) or "nothing"
        raise LinkError(
            f"{self.app.name}: exports no {interface}: it exports {known}. "
            f"Mend: mark the interface with $Wit.exports and build the component for that world"
        )

    async def call(self, function: str, *arguments: Any) -> Any:
        """Call an exported function by name: `run`, or `wasi:cli/run@0.2.0#run`.

        Arguments and result are plain Python values of the function's WIT type; a `result` is
        returned as `Ok` or `Err`.

        Raises:
            LinkError: the component has no such export.
        """
        interface, _, label = function.rpartition("#")
        type = self.app.exported_function(function)
        return await self._linked.call(self._linked.linked.export(interface, label, type), *arguments)

    async def invoke(self, target: _Called, method: Method[Any], arguments: tuple[Any, ...]) -> Any:
        """Call a method of an exported resource, or a function that one stands for."""
        call = target.plans.get(method)
        if call is None:
            call = target.plans[method] = self._method(target, method)
        return await call(arguments)

    def handle_of(self, client: Client) -> GuestHandle | None:
        """Return the handle behind a client: of a resource of this guest's own, and not narrowed."""
        target = unguarded(client.target)
        return target.handle if isinstance(target, Exported) and target.instance is self else None

    def export_plan(self, interface: str, label: str, type: Function) -> Export:
        """Return how to call an exported function of a type that has been checked."""
        return self._linked.linked.export(interface, label, type)

    async def answer(self, export: Export, *arguments: Any) -> Any:
        """Call what a method has become: returns the good end of its result, and raises the bad one."""
        answer = await self._linked.call(export, *arguments)
        if isinstance(answer, Ok):
            return answer.value
        assert isinstance(answer, Err) and isinstance(answer.value, CapError)
        raise answer.value

    async def call_if(self, due: Callable[[], bool], export: Export, *arguments: Any) -> None:
        """Call an export, unless it is not `due` any more when its turn comes."""
        await self._linked.call(export, *arguments, due=due)

    def _method(self, target: _Called, method: Method[Any]) -> Call:
        callee = self.callee(target, method)
        label, on = target.function(method)
        export = self._linked.linked.export(target.exported.name, label, callee.type)
        if callee.adapted is not None:
            return partial(callee.adapted.call, self, export, on)
        return lambda arguments: self.answer(export, *on, *arguments)

    def callee(self, target: _Called, method: Method[Any]) -> Callee:
        """Return the function of the component that a method of a target stands for."""
        label, _ = target.function(method)
        return find_callee(self.app, target.exported, label, method, target.resource)

    def call_export(self, export: Export, *arguments: Any) -> Coroutine[Any, Any, Any]:
        """Call an export; await what it returns."""
        return self._linked.call(export, *arguments)

    def drop(self, handle: GuestHandle) -> None:
        """Begin to destroy a resource of the guest's own that nobody refers to any more."""
        self.begin(lambda: self.drop_handle(handle), "a destructor")

    def begin(self, work: Callable[[], Coroutine[Any, Any, None]], what: str) -> bool:
        """Set going what the guest has to do because a reference has ended; returns whether that was done.

        Outside the event loop nothing can be: what was to be destroyed stays, and goes with the instance.
        """
        if self.ended is not None:
            return False
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return False
        task = loop.create_task(self._finish(work(), what))
        self._dropping[task] = None
        task.add_done_callback(self._dropping.pop)
        return True

    async def _finish(self, work: Coroutine[Any, Any, None], what: str) -> None:
        try:
            await work
        except InstanceEnded as error:  # what it was to destroy has ended with it
            if error is self.ended:
                _log.warning("%s: %s ended the instance: %s", self.name, what, error)
        except Exception:
            _log.exception("%s: %s failed", self.name, what)

    async def drop_handle(self, handle: GuestHandle) -> None:
        """Destroy a resource of the guest's own: its destructor runs, and may wait."""
        if self.ended is not None or handle.dropping:
            return
        from capwit.engine.wrapper import DROPS  # with what reads components, which has been by now

        handle.dropping = True
        type = Function((Param("handle", Own(handle.resource)),), None)
        export = self._linked.linked.export(DROPS, self.app.drops[handle.resource], type)
        await self._linked.call(export, handle)

    async def settle(self) -> None:
        """Wait until the destructors that have been set going have run.

        From inside a capability that this instance waits for it returns at once: they run after the call.
        """
        while self._dropping and not await self._linked.store.waits_for_caller():
            await asyncio.wait(self._dropping)

    async def close(self) -> None:
        """End the instance: what it exported is destroyed, then everything it holds is released.

        One that has ended already, or is in the middle of a call, runs no destructors any more.
        """
        try:
            if self.ended is None and self._linked.store.idle:
                for handle in self._table.guest_handles():
                    self.drop(handle)
                await self.settle()
        finally:
            await self._linked.store.close()


class _Called(OfGuest):
    """What a component exports that has methods, as the target of a capability."""

    origin = Origin.EXPORT
    resource: Resource | None = None

    def __init__(self, instance: Instance, exported: ExportedInterface) -> None:
        """Stand for what `instance` exports through an interface."""
        self.instance = instance
        self.exported = exported
        self.plans: dict[Method[Any], Call] = {}

    def function(self, method: Method[Any]) -> tuple[str, tuple[GuestHandle, ...]]:
        """Return the function that a method stands for, and what it is called on."""
        raise NotImplementedError

    def invoke(self, method: Method[Any], arguments: tuple[Any, ...]) -> Any:
        """Call the guest."""
        return self.instance.invoke(self, method, arguments)

    def takes_back(self, method: Method[Any]) -> frozenset[Interface]:
        """Return the interfaces of which a call takes only what the instance itself has made."""
        adapted = self.instance.callee(self, method).adapted
        return adapted.takes_back if adapted else frozenset()


class Exported(_Called):
    """A resource that a component exports, as the target of a capability."""

    def __init__(
        self, instance: Instance, handle: GuestHandle, resource: Resource, exported: ExportedInterface
    ) -> None:
        """Stand for a handle of `instance`."""
        super().__init__(instance, exported)
        self.handle = handle
        self.resource: Resource = resource
        self._references = 0

    @property
    def identity(self) -> object:
        """The handle inside the guest."""
        return self.handle

    def function(self, method: Method[Any]) -> tuple[str, tuple[GuestHandle]]:
        """Return the function that a method stands for, and what it is called on."""
        return f"[method]{self.resource.name}.{method.label}", (self.handle,)

    def retain(self) -> None:
        """Count a reference."""
        self._references += 1

    def release(self) -> None:
        """Count a reference less; the last one sets the guest's destructor going."""
        self._references -= 1
        if self._references == 0:
            self.instance.drop(self.handle)

    async def settle(self) -> None:
        """Wait for the destructor."""
        await self.instance.settle()


class Functions(_Called):
    """The functions of an interface that a component exports, as the target of a capability."""

    @property
    def identity(self) -> object:
        """Themselves: an instance has them once."""
        return self

    def function(self, method: Method[Any]) -> tuple[str, tuple[()]]:
        """Return the function that a method stands for, which is called on nothing."""
        return method.function, ()

    def retain(self) -> None:
        """They are there for as long as the instance."""

    def release(self) -> None:
        """Nothing is to be destroyed."""

    async def settle(self) -> None:
        """Nothing to wait for."""
