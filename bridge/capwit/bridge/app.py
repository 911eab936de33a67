"""A component that is loaded: what serves its imports, and its instances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from capwit.engine.compiler import Compiled, RefusedError
from capwit.engine.component import Component, Definition, Interface, Unsupported
from capwit.engine.errors import LinkError
from capwit.engine.link import Linked
from capwit.engine.types import Function, Resource

from .delivery import GuestObjects, find_guest, guest_functions
from .functions import find_functions
from .instance import Instance
from .loaded import Loaded
from .match import compatible
from .serve import (
    check_grants,
    check_type,
    find_grants,
    find_interface,
    function_of,
    grant_function,
    other_schema,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from capwit.engine.lane import Lane
    from capwit.engine.limits import StoreLimits
    from capwit.engine.plan import HostFunction
    from capwit.engine.store import Store

    from .binding import Bindings, Grants, GrantsInterface
    from .exports import Callee
    from .host import Host
    from .limits import Limits
    from .table import CapTable


class Service(NamedTuple):
    """What serves one imported interface: its functions and resources, by label."""

    functions: dict[str, HostFunction]
    resources: dict[str, Resource]


class _Served:
    """What serves a component's imports, by some bindings: made once, because no grant changes it.

    What is asked of each instance's grants is in `asked`. The bindings are kept: it is known by their ids.
    """

    def __init__(self, bindings: list[Bindings]) -> None:
        self.bindings = bindings
        self.services: dict[str, Service] = {}
        self.asked: list[tuple[GrantsInterface, tuple[str, ...]]] = []
        self.linked: Linked | None = None


class Front(Protocol):
    """A set of interfaces that capwit itself serves, on an instance's grants: a WASI preview.

    A front is found by the entry point group `capwit.fronts`, so that this layer knows none.
    """

    def claims(self, interface: str) -> bool:
        """Return whether the front serves an interface."""

    def serve(self, interface: Interface) -> Service:
        """Return what serves an imported interface."""


class App(Loaded[Linked, Instance]):
    """A component that is loaded: decoded, wrapped, and compiled when it is first instantiated."""

    def __init__(self, host: Host, name: str, binary: bytes, bindings: Sequence[Bindings]) -> None:
        """Decode a component.

        Raises:
            LoadError: the bytes are no component that can run here.
        """
        # What reads components is much to import, and not needed until there is one.
        from capwit.engine.decode import decode
        from capwit.engine.wrapper import wrap

        super().__init__(host, name, bindings)
        self.component: Component = decode(binary, name)
        self._wrapped = wrap(binary, self.component, lane=host.lane)
        self.drops = self._wrapped.drops
        self._served: dict[tuple[int, ...], _Served] = {}
        self.callees: dict[object, Callee] = {}  # what its exports are called by, once each is known

    def imported_interfaces(self) -> dict[str, Interface]:
        """Return the interfaces that the component imports, by name."""
        return {n: i for n, i in self.component.imports.items() if isinstance(i, Interface)}

    def imported_functions(self) -> dict[str, list[str]]:
        """Return the names of the functions that the component imports, by the interfaces' names."""
        return {name: list(each.functions) for name, each in self.imported_interfaces().items()}

    def exported_interfaces(self) -> dict[str, Interface]:
        """Return the interfaces that the component exports, by name."""
        return {n: i for n, i in self.component.exports.items() if isinstance(i, Interface)}

    def exported_function(self, name: str) -> Function:
        """Return the type of an exported function: `run`, or `wasi:cli/run@0.2.0#run`.

        Raises:
            LinkError: the component has no such export.
        """
        interface, _, label = name.rpartition("#")
        exports = self.component.exports
        exported = self.exported_interfaces().get(interface)
        found = (exported.functions if exported else {}).get(label) if interface else exports.get(label)
        if not isinstance(found, Function):
            raise LinkError(f"{self.name}: exports no function {name}")
        return found

    def exported_names(self) -> list[str]:
        """Return the names of what the component exports."""
        return list(self.component.exports)

    @property
    def binary(self) -> bytes:
        """The component as it was loaded, without what it is wrapped in."""
        return self._wrapped.guest

    def check_imports(self, grants: Mapping[type[Grants], Grants]) -> None:
        """Check that all imports are granted, or served. Raises as `instantiate` does."""
        self._checked_for(grants)

    def _checked_for(self, grants: Mapping[type[Grants], Grants]) -> _Served:
        bindings = self.bindings()
        key = tuple(map(id, bindings))
        served = self._served.get(key)
        if served is None:
            served = self._served[key] = self._serve_all(bindings)
        for interface, labels in served.asked:
            check_grants(interface, grants.get(interface.make), labels, self.name)
        return served

    async def _link(self, grants: dict[type[Grants], Grants]) -> Linked:
        served = self._checked_for(grants)
        if served.linked is None:
            compiled = await self.compile()
            served.linked = Linked(
                self.host.runtime,
                compiled,
                {name: service.functions for name, service in served.services.items()},
                {name: service.resources for name, service in served.services.items()},
                self.name,
                self.lane,
            )
        return served.linked

    def _serve_all(self, bindings: list[Bindings]) -> _Served:
        served = _Served(bindings)
        for name, imported in self.component.imports.items():
            service = self._serve(name, imported, served)
            if service is not None:
                served.services[name] = service
        return served

    async def _begin(self, linked: Linked, store: Store, table: CapTable, limits: Limits) -> Instance:
        instance = Instance(self, await linked.instantiate(store), table)
        table.objects = GuestObjects(instance, limits.handles)
        return instance

    @property
    def lane(self) -> Lane:
        """What of the component takes the byte lane."""
        return self._wrapped.lane

    @property
    def _code(self) -> bytes:
        return self._wrapped.binary

    async def _compile(self) -> Compiled:
        wrapped = self._wrapped
        try:
            return await super()._compile()
        except RefusedError as error:
            if not wrapped.lane.sides:
                raise
            from capwit.engine.wrapper import wrap

            # Without the lane it may do; if it does not, then for what is wrong with it itself.
            plain = wrap(wrapped.guest, self.component)
            compiled = await self.host.compiler.compile(plain.binary, self.name)
            self._wrapped = plain._replace(lane=wrapped.lane.without(str(error)))
            return compiled

    def _store_limits(self, linked: Linked, limits: StoreLimits) -> StoreLimits:
        return limits.carrying(self.lane.sides)

    def _serve(self, name: str, imported: Any, served: _Served) -> Service | None:
        match imported:
            case Interface():
                return self._serve_interface(imported, served)
            case Definition():
                return None
            case Function():
                what = "a function outside any interface"
            case Resource():
                what = "a resource outside any interface"
            case Unsupported(what):
                pass
        raise LinkError(
            f"{self.name}: it imports {name}, {what}, which no grant can satisfy. "
            "Mend: import it through an interface that a schema generates"
        )

    def _serve_interface(self, imported: Interface, served: _Served) -> Service:
        bindings = served.bindings
        for front in self.host.fronts:
            if front.claims(imported.name):
                try:
                    return front.serve(imported)
                except LinkError as error:
                    raise LinkError(f"{self.name}: {error}") from None
        interface = find_grants(bindings, imported.name, compatible)
        if interface is not None:
            for label in imported.functions:
                if label not in interface.grants:
                    raise other_schema(self.name, f"{imported.name}#{label}")
            served.asked.append((interface, tuple(imported.functions)))
            hosts = {
                label: grant_function(interface, interface.grants[label]) for label in imported.functions
            }
            return self._checked(imported, hosts)
        guest = find_guest(bindings, imported.name)
        if guest is not None:
            return Service(guest_functions(guest, imported, self), _resources(imported))
        known = {i.name: i for i in find_interface(bindings, imported.name, compatible)}
        functions = find_functions(bindings, imported.name)
        if functions is not None:
            served.asked.append((functions, functions.asked_by(imported.functions)))
        hosts = {}
        for label, found in imported.functions.items():
            host = function_of(known, label, found)
            if host is None and functions is not None:
                host = functions.serve(label, found)
            if host is None:
                raise (
                    other_schema(self.name, f"{imported.name}#{label}") if known else self._unserved(imported)
                )
            hosts[label] = host
        return self._checked(imported, hosts)

    def _checked(self, imported: Interface, hosts: dict[str, HostFunction]) -> Service:
        functions = {
            label: check_type(self.name, f"{imported.name}#{label}", hosts[label], found)
            for label, found in imported.functions.items()
        }
        return Service(functions, _resources(imported))

    def _unserved(self, imported: Interface) -> LinkError:
        return LinkError(
            f"{self.name}: it imports {imported.name}, and nothing here serves that. "
            "Mend: import the bindings that `capwit generate` wrote for it before loading the component, "
            "or name them under `bindings` in the manifest"
        )


def _resources(imported: Interface) -> dict[str, Resource]:
    return {label: type for label, type in imported.types.items() if isinstance(type, Resource)}
