"""A component linked to what serves its imports, and its instances."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

from . import abi
from .errors import LinkError
from .lane import LANE, NO_LANE
from .plan import BoundExport, ExportPlan, HostFunction, PlanCompiler
from .polls import stores

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from .compiler import Compiled
    from .lane import Lane
    from .runtime import Runtime
    from .store import Store
    from .types import Function, Resource


@abi.DESTRUCTOR  # type: ignore[untyped-decorator]
def _dropped(env: int, context: int, rep: int) -> int:
    store = stores[context]
    try:
        if store.marked is None:
            store.mark()
        store.handles.dropped(rep)
    except BaseException as error:  # nothing may leave a callback
        store.failure = error
        refused: int = abi.error_new(b"a drop failed")
        return refused
    return 0


class Linked:
    """A component whose every import is served. Instances share its plans.

    An interface is known by its full name, the world itself by the empty string.
    """

    def __init__(
        self,
        runtime: Runtime,
        compiled: Compiled,
        functions: Mapping[str, Mapping[str, HostFunction]],
        resources: Mapping[str, Mapping[str, Resource]],
        name: str,
        lane: Lane = NO_LANE,
    ) -> None:
        """Link `compiled` to host functions and host resources; `lane` is what of it takes the byte lane.

        Raises:
            LinkError: the linker refuses a definition.
        """
        assert not compiled.is_module
        self.name = name
        self._compiled = compiled
        self._runtime = runtime
        self._plans = PlanCompiler(stores, runtime.host_type)
        self._kept: list[object] = []
        self._lane = lane
        self._exports: dict[tuple[str, str], tuple[ExportPlan, int]] = {}
        self._linker: int = abi.linker_new(runtime.engine)
        root = abi.linker_root(self._linker)
        try:
            for interface in dict.fromkeys([*functions, *resources]):
                hosts = functions.get(interface, {})
                here = {
                    label: host for label, host in hosts.items() if (interface, label) not in lane.imports
                }
                self._define(root, interface, here, resources.get(interface, {}))
            if lane.imports:
                carried = {
                    name: functions[interface][label] for (interface, label), name in lane.imports.items()
                }
                self._define(root, LANE, carried, {})
        finally:
            abi.linker_instance_delete(root)

    def __del__(
        self,
        delete_index: Callable[[int], None] = abi.export_index_delete,
        delete_linker: Callable[[int], None] = abi.linker_delete,
    ) -> None:
        """Let the linker go. An instance keeps its `Linked`, and with it the plans that it calls."""
        for _, index in self._exports.values():
            delete_index(index)
        delete_linker(self._linker)

    def _define(
        self,
        root: int,
        interface: str,
        functions: Mapping[str, HostFunction],
        resources: Mapping[str, Resource],
    ) -> None:
        made = ctypes.c_void_p()
        if interface:
            name = interface.encode()
            self._check(abi.linker_add_instance(root, name, len(name), ctypes.addressof(made)), interface)
        target = made.value or root
        try:
            for label, resource in resources.items():
                type = abi.resource_type_host(self._runtime.host_type(resource))
                name = label.encode()
                self._check(
                    abi.linker_add_resource(target, name, len(name), type, _dropped, None, None), label
                )
                abi.resource_type_delete(type)
            for label, host in functions.items():
                plan = self._plans.compile_import(host, lane=interface == LANE)
                self._kept.append(plan)
                name = label.encode()
                self._check(
                    abi.linker_add_function(target, name, len(name), plan.callback, None, None), label
                )
        finally:
            if made.value:
                abi.linker_instance_delete(made.value)

    def _check(self, error: int | None, what: str) -> None:
        if error:
            raise LinkError(f"{self.name}: cannot define {what}: {abi.take_error(error)}")

    def export(self, interface: str, label: str, type: Function) -> tuple[ExportPlan, int]:
        """Return the plan of an export and its index, to be bound to an instance.

        Raises:
            LinkError: the component has no such export.
        """
        found = self._exports.get((interface, label))
        if found is None:
            where = f"{interface}#{label}" if interface else label
            carried = self._lane.exports.get((interface, label))
            index = self._index(LANE, carried) if carried else self._index(interface, label)
            if not index:
                raise LinkError(f"{self.name}: exports no {where}")
            plan = self._plans.compile_export(where, type, lane=carried is not None)
            found = self._exports[interface, label] = plan, index
        return found

    def _index(self, interface: str, label: str) -> int | None:
        parent = None
        component = self._compiled.pointer
        if interface:
            name = interface.encode()
            parent = abi.component_export_index(component, None, name, len(name))
            if not parent:
                return None
        name = label.encode()
        index: int | None = abi.component_export_index(component, parent, name, len(name))
        if parent:
            abi.export_index_delete(parent)
        return index

    async def instantiate(self, store: Store) -> LinkedInstance:
        """Instantiate the component in an empty store."""
        plan = _Instantiation(self._linker, self._compiled.pointer, self.name)
        return LinkedInstance(self, store, await store.call(plan, ()))


class _Instantiation:
    """The first call in a store: its result is the raw instance."""

    on_heap = False

    def __init__(self, linker: int, component: int, label: str) -> None:
        self.label = label
        self.frame: Any = (ctypes.c_char * abi.INSTANCE_SIZE)()
        self._linker = linker
        self._component = component

    def start(self, store: Store, _: object, arguments: tuple[Any, ...]) -> int:
        at = ctypes.addressof(self.frame)
        future: int = abi.instantiate_async(self._linker, store.context, self._component, at, store.error_at)
        return future

    def unpack(self, store: Store, _: object) -> bytes:
        return bytes(self.frame)

    def free(self, store: Store) -> None:
        """The raw instance holds nothing of its own."""


class LinkedInstance:
    """An instance in its store: calls its exports."""

    def __init__(self, linked: Linked, store: Store, raw: bytes) -> None:
        """Own the raw instance."""
        self.linked = linked
        self.store = store
        self._raw = raw
        self._bound: dict[int, BoundExport] = {}

    def call(
        self, export: tuple[ExportPlan, int], *arguments: Any, due: Callable[[], bool] | None = None
    ) -> Coroutine[Any, Any, Any]:
        """Call an export, if it is still `due` when its turn comes.

        Await its result: of a `result` type, `Ok` or `Err`.
        """
        bound = self._bound.get(export[1]) or self._bind(*export)
        return self.store.call(bound, arguments, due)

    def _bind(self, plan: ExportPlan, index: int) -> BoundExport:
        func = (ctypes.c_char * abi.FUNC_SIZE)()
        if self.store.ended is not None:
            return plan.bind(func, self.store)  # the call itself says why it is refused
        at = ctypes.addressof(func)
        if not abi.get_func(self._raw, self.store.context, index, at):
            raise LinkError(f"{plan.label}: the component exports something else under this name")
        bound = self._bound[index] = plan.bind(func, self.store)
        return bound
