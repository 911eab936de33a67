"""The host: it owns the engine, the compile cache and the ledger, and makes instances."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self, TypeVar

from capwit.engine.cache import CompileCache, default_folder
from capwit.engine.compiler import Compiled, Compiler, RefusedError, is_small
from capwit.engine.component import Component, Definition, Interface, Unsupported
from capwit.engine.errors import LinkError
from capwit.engine.link import Linked
from capwit.engine.pool import Pool
from capwit.engine.runtime import Runtime
from capwit.engine.types import Function, Resource

from .capset import CapSet
from .code_file import read_file
from .delivery import GuestObjects, find_guest, guest_functions
from .instance import Instance
from .ledger import Event, Ledger
from .loaded import Loaded
from .match import compatible
from .room import Room
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
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

    from capwit.engine.lane import Lane
    from capwit.engine.limits import StoreLimits
    from capwit.engine.plan import HostFunction
    from capwit.engine.store import Store

    from .binding import Bindings, Grants, GrantsInterface
    from .limits import Limits
    from .module import Module, ModuleFront
    from .running import Running
    from .table import CapTable


_Made = TypeVar("_Made")
_log = logging.getLogger("capwit.bridge")


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
        self._compiled: Compiled | None = None
        self._served: dict[tuple[int, ...], _Served] = {}

    def imported_interfaces(self) -> dict[str, Interface]:
        """Return the interfaces that the component imports, by name."""
        return {n: i for n, i in self.component.imports.items() if isinstance(i, Interface)}

    def imported_functions(self) -> dict[str, list[str]]:
        """Return the names of the functions that the component imports, by the interfaces' names."""
        return {name: list(each.functions) for name, each in self.imported_interfaces().items()}

    def exported_interfaces(self) -> dict[str, Interface]:
        """Return the interfaces that the component exports, by name."""
        return {n: i for n, i in self.component.exports.items() if isinstance(i, Interface)}

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

    async def compile(self) -> Compiled:
        """Compile the component, or find it compiled."""
        if self._compiled is None:
            self._compiled = await self._compile()
        return self._compiled

    async def _compile(self) -> Compiled:
        wrapped, compiler = self._wrapped, self.host.compiler
        try:
            return await compiler.compile(wrapped.binary, self.name)
        except RefusedError as error:
            if not wrapped.lane.sides:
                raise
            from capwit.engine.wrapper import wrap

            # Without the lane it may do; if it does not, then for what is wrong with it itself.
            plain = wrap(wrapped.guest, self.component)
            compiled = await compiler.compile(plain.binary, self.name)
            self._wrapped = plain._replace(lane=wrapped.lane.without(str(error)))
            return compiled

    async def is_compiled(self) -> bool:
        """Return whether it is compiled already, here or on disk: `compile` takes no time then."""
        if self._compiled is None:
            self._compiled = await self.host.compiler.find(self._wrapped.binary, self.name)
        return self._compiled is not None

    def _store_limits(self, linked: Linked, limits: StoreLimits) -> StoreLimits:
        return replace(limits, lanes=self.lane.sides)

    async def compile_on_disk(self) -> None:
        """Have the component compiled for another process. Raises as `compile` does."""
        if not is_small(self._wrapped.binary):
            await self.compile()

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
        hosts = {}
        for label in imported.functions:
            host = function_of(known, label)
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


async def _read(file: str | Path | bytes) -> tuple[bytes, str]:
    """Return the bytes of a file and its name, or bytes that are given themselves and none."""
    if isinstance(file, bytes):
        return file, ""
    path = Path(file)
    return await asyncio.to_thread(read_file, path), str(path)


async def _decoded(
    make: Callable[[Host, str, bytes, Sequence[Bindings]], _Made],
    host: Host,
    name: str,
    binary: bytes,
    bindings: Sequence[Bindings],
) -> _Made:
    """Decode code: what is large on a thread, so that the loop goes on meanwhile."""
    if is_small(binary):
        return make(host, name, binary, bindings)
    return await asyncio.to_thread(make, host, name, binary, bindings)


def _resources(imported: Interface) -> dict[str, Resource]:
    return {label: type for label, type in imported.types.items() if isinstance(type, Resource)}


@cache
def _found(group: str) -> tuple[Callable[[], Any], ...]:
    """Return what the entry points of a group name. To look is more work than to start a host."""
    from importlib.metadata import entry_points  # as much to import as a quarter of all this

    return tuple(point.load() for point in entry_points(group=group))


class Host:
    """Runs components. One `async with` per lifetime; what it still holds at the end is released.

    Attributes:
        ledger: every handle of every instance, and those that host code owns.
        caps: what it holds by name; a manifest is given of it, and can only narrow it.
        room: how many instances may live at one time.
    """

    def __init__(
        self,
        *,
        caps: CapSet | None = None,
        max_instances: int = 10_000,
        pool: bool = False,
        cache: Path | None = None,
        ledger: Ledger | None = None,
        debug: bool = False,
        progress: Callable[[str], None] | None = None,
        lane: bool | None = None,
    ) -> None:
        """Make a host with a folder for compiled code (the user's own cache folder by default).

        `max_instances` may live at one time: the next one is refused with `LimitExceeded`. With a `pool`,
        their memories and stacks are reserved when the host starts, which is for hosts of thousands: an
        instance then begins and ends with less work, and the host with some 10 us more for each. Where the
        kernel does not let the process reserve that much, the log (`capwit.engine`) says so.

        On the byte `lane` components carry bytes in one piece, many times quicker than one by one; that takes
        a memory or two more of each, and so a host with a pool has it only if it says so.

        With `debug`, or a ledger that has it, the log (`capwit.bridge`) is told at the end which handles host
        code has not released, and the line that took each. `progress` is told about once a second while a
        component compiles: `compiling app.wasm, 3 s`.
        """
        if debug and ledger is not None and not ledger.debug:
            raise ValueError("a host with a ledger of its own takes debug from it: Ledger(debug=True)")
        self._progress = progress
        self.caps = CapSet() if caps is None else caps
        self.ledger = Ledger(debug=debug) if ledger is None else ledger
        self.lane = not pool if lane is None else lane
        self._cache = cache
        self._runtime: Runtime | None = None
        self._compiler: Compiler | None = None
        self._instances: dict[int, Running] = {}
        self.room = Room(max_instances)
        self._pool = Pool(max_instances) if pool else None

    @cached_property
    def fronts(self) -> list[Front]:
        """What serves families of components' imports: found when the first component is linked."""
        return [make() for make in _found("capwit.fronts")]

    @cached_property
    def module_fronts(self) -> list[ModuleFront]:
        """The same for core modules."""
        return [make() for make in _found("capwit.module_fronts")]

    async def __aenter__(self) -> Self:
        """Start the engine."""
        self._runtime = Runtime(self._pool)
        cache = CompileCache(self.cache_folder)
        self._compiler = Compiler(self._runtime, cache, self._progress)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End every instance, release what host code still owns, and stop the engine."""
        # A stack, so that whatever one step raises, the others are still taken.
        async with AsyncExitStack() as stack:
            stack.callback(self.runtime.close)
            stack.callback(self._release)
            for instance in self._instances.values():
                stack.push_async_callback(instance.close)

    def _release(self) -> None:
        for owned in self.ledger.live():
            if self.ledger.debug:
                _log.warning(
                    "handle #%d of %s was never released: it was taken at %s. "
                    "Mend: `async with` the client that owns it, or close it",
                    owned.handle, owned.interface, self.ledger.taken_at(owned),
                )  # fmt: skip
            owned.end(Event.EXIT, "released when the host ended")

    @property
    def cache_folder(self) -> Path:
        """Where compiled code is."""
        return self._cache or default_folder()

    @property
    def runtime(self) -> Runtime:
        """The engine, inside `async with`."""
        if self._runtime is None:
            raise RuntimeError("the host is not running: use `async with Host() as host`")
        return self._runtime

    @property
    def compiler(self) -> Compiler:
        """The compiler, inside `async with`."""
        assert self.runtime and self._compiler is not None
        return self._compiler

    async def load(self, component: str | Path | bytes, *bindings: Bindings, name: str | None = None) -> App:
        """Load a component from a file, or from its bytes.

        Raises:
            LoadError: the file cannot be read, or is no component that can run here.
        """
        binary, known = await _read(component)
        return await _decoded(App, self, name or known or "component", binary, bindings)

    async def load_module(
        self, module: str | Path | bytes, *bindings: Bindings, name: str | None = None
    ) -> Module:
        """Load a core module, such as a wasip1 program, from a file, or from its bytes.

        Raises:
            LoadError: the file cannot be read, or is no core module that can run here.
        """
        from .module import Module

        binary, known = await _read(module)
        return await _decoded(Module, self, name or known or "module", binary, bindings)

    def register(self, instance: Running) -> None:
        """Remember an instance until it has ended: at the latest, it ends with the host."""
        self._instances[id(instance)] = instance

    def forget(self, instance: Running) -> None:
        """An instance has ended."""
        self._instances.pop(id(instance), None)
