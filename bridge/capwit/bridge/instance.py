"""A running component: its typed exports, its limits, its end."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from capwit.engine.errors import InstanceEnded, LinkError
from capwit.engine.types import Err, Function, Ok, Own, Param, Resource

from .capability import HOST, Client, OwnedCapability
from .errors import CapError
from .ledger import Event
from .match import compatible, find_mismatch
from .running import InStore
from .target import Origin

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from capwit.engine.component import Interface as ExportedInterface
    from capwit.engine.link import LinkedInstance
    from capwit.engine.plan import ExportPlan

    from .app import App
    from .binding import Interface, Method
    from .table import CapTable, GuestHandle

    # How an export is called, and its index.
    Export: TypeAlias = tuple[ExportPlan, int]

C = TypeVar("C", bound=Client)
_log = logging.getLogger("capwit.bridge")


class Instance(InStore):
    """An instance of a component, with the handles it was granted."""

    def __init__(self, app: App, linked: LinkedInstance, table: CapTable) -> None:
        """Own a linked instance and its table."""
        super().__init__(linked.store, table)
        self.app = app
        self._linked = linked
        self._dropping: set[asyncio.Task[None]] = set()

    async def export(self, client: type[C]) -> C:
        """Construct the exported resource that implements an interface, and return a client that owns it.

        Raises:
            LinkError: the component does not export the interface, or another version of it.
            EngineError: its constructor trapped or ran into a limit.
        """
        interface = client.interface
        exported = self._find(interface)
        resource = Resource(exported.name, _resource_name(exported, interface.name), guest=True)
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
        target = Exported(self, handle, handle.resource, exported)
        ledger = self.app.host.ledger
        return OwnedCapability(make, interface, target, ledger, Event.MINT, HOST, cause=f"by {self.name}")

    def _find(self, interface: Interface) -> ExportedInterface:
        found = find_exported(self.app, interface)
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
        if interface:
            exported = self.app.exported_interfaces().get(interface)
            type = None if exported is None else exported.functions.get(label)
        else:
            found = self.app.component.exports.get(label)
            type = found if isinstance(found, Function) else None
        if type is None:
            raise LinkError(f"{self.app.name}: exports no function {function}")
        return await self._linked.call(self._linked.linked.export(interface, label, type), *arguments)

    async def invoke(self, target: Exported, method: Method[Any], arguments: tuple[Any, ...]) -> Any:
        """Call a method of an exported resource."""
        export = target.plans.get(method)
        if export is None:
            export = target.plans[method] = self._method(target, method)
        return await self.answer(export, target.handle, *arguments)

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

    def _method(self, target: Exported, method: Method[Any]) -> Export:
        label = f"[method]{target.resource.name}.{method.label}"
        found = target.exported.functions.get(label)
        wanted = method.type(target.resource)
        mismatch = "the component does not export it" if found is None else find_mismatch(wanted, found)
        if mismatch:
            raise LinkError(
                f"{self.app.name}: {target.exported.name}#{method}: {mismatch}. "
                "Mend: generate the bindings and build the component from the same schema"
            )
        return self._linked.linked.export(target.exported.name, label, wanted)

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
        self._dropping.add(task)
        task.add_done_callback(self._dropping.discard)
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
        self._table.forget_guest(handle)

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


class Exported:
    """A resource that a component exports, as the target of a capability."""

    origin = Origin.EXPORT

    def __init__(
        self, instance: Instance, handle: GuestHandle, resource: Resource, exported: ExportedInterface
    ) -> None:
        """Stand for a handle of `instance`."""
        self.instance = instance
        self.handle = handle
        self.resource = resource
        self.exported = exported
        self.plans: dict[Method[Any], Any] = {}
        self._references = 0

    @property
    def identity(self) -> object:
        """The handle inside the guest."""
        return self.handle

    def invoke(self, method: Method[Any], arguments: tuple[Any, ...]) -> Any:
        """Call the guest."""
        return self.instance.invoke(self, method, arguments)

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


def find_exported(app: App, interface: Interface) -> ExportedInterface | None:
    """Return through which of its exports a component implements an interface, if it does."""
    exports = app.exported_interfaces()
    for wanted in (*interface.exports, interface.interface):
        for name, exported in exports.items():
            if compatible(wanted, name) and _resource_name(exported, interface.name):
                return exported
    return None


def _resource_name(exported: ExportedInterface, name: str) -> str:
    return name if isinstance(exported.types.get(name), Resource) else ""
