"""Core modules: loaded, linked to the fronts that serve their imports, and run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from capwit.engine.core import (
    MEMORY,
    CoreFunction,
    CoreImport,
    CoreModule,
    CoreOther,
    decode_module,
)
from capwit.engine.core_canon import LoweredFunction
from capwit.engine.core_link import CoreHostFunction, CoreInstance, LinkedModule
from capwit.engine.core_lower import CoreState
from capwit.engine.errors import LinkError
from capwit.engine.shim import REALLOC, REALLOC_TYPE, Shim, shim_binary

from .descriptors import Descriptors
from .loaded import Loaded
from .match import compatible
from .running import InStore
from .serve import check_grants, find_grants
from .serve_core import lowered_import

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from capwit.engine.limits import StoreLimits
    from capwit.engine.store import Store

    from .binding import Bindings, Grants
    from .host import Host
    from .limits import Limits
    from .table import CapTable


_SHOWN: Final = 10  # names, in a message
_SPAWN: Final = ("wasi", "thread-spawn")  # what toolchains with threads import


class ModuleFront(Protocol):
    """A set of imports of core modules that capwit itself serves: WASI's first preview.

    A front is found by the entry point group `capwit.module_fronts`, so that this layer knows none.
    """

    def claims(self, module: str) -> bool:
        """Return whether the front serves the imports of this module name."""

    def serve(self, imported: CoreImport) -> CoreHostFunction:
        """Return what serves an import.

        Raises:
            LinkError: it is of another type than what serves it.
        """

    def begin(self, store: Store, table: CapTable) -> object:
        """Return what the front keeps for a new instance: its functions find it as `store.guest`."""


class Module(Loaded[LinkedModule, "ModuleInstance"]):
    """A core module that is loaded: decoded, and compiled when it is first instantiated.

    Attributes:
        types: its imports and exports.
    """

    def __init__(self, host: Host, name: str, binary: bytes, bindings: Sequence[Bindings]) -> None:
        """Decode a core module.

        Raises:
            LoadError: the bytes are no core module that can run here.
        """
        super().__init__(host, name, bindings)
        self.types: CoreModule = decode_module(binary, name)
        self._binary = binary
        self._linked: dict[tuple[int, ...], LinkedModule] = {}

    def imported_functions(self) -> dict[str, list[str]]:
        """Return the names of what it imports, by the interfaces' names."""
        found: dict[str, list[str]] = {}
        for imported in self.types.imports:
            found.setdefault(imported.module, []).append(imported.name)
        return found

    def exported_names(self) -> list[str]:
        """Return the names of what the module exports."""
        return list(self.types.exports)

    @property
    def binary(self) -> bytes:
        """The module as it was loaded."""
        return self._binary

    def check_imports(self, grants: Mapping[type[Grants], Grants]) -> None:
        """Check that all imports are granted, or served. Raises as `instantiate` does."""
        bindings = self.bindings()
        self._check_grants(bindings, grants)
        for imported in self.types.imports:
            self._serve(imported, bindings)

    @property
    def _code(self) -> bytes:
        return self._binary

    def _store_limits(self, linked: LinkedModule, limits: StoreLimits) -> StoreLimits:
        return linked.limits(limits)

    async def _begin(
        self, linked: LinkedModule, store: Store, table: CapTable, limits: Limits
    ) -> ModuleInstance:
        store.begin_core(CoreState(Descriptors(table)))
        for front in self._fronts():
            store.guest = front.begin(store, table)
        return ModuleInstance(self, await linked.instantiate(store), table)

    def _fronts(self) -> list[ModuleFront]:
        names = self.imported_functions()
        return [front for front in self.host.module_fronts if any(map(front.claims, names))]

    async def _link(self, grants: dict[type[Grants], Grants]) -> LinkedModule:
        bindings = self.bindings()
        self._check_grants(bindings, grants)
        key = tuple(sorted(map(id, bindings)))
        linked = self._linked.get(key)
        if linked is None:
            linked = self._linked[key] = await self._linked_to(bindings)
        return linked

    def _check_grants(self, bindings: list[Bindings], grants: Mapping[type[Grants], Grants]) -> None:
        for module, labels in self.imported_functions().items():
            interface = find_grants(bindings, module, compatible)
            if interface is not None:
                check_grants(interface, grants.get(interface.make), labels, self.name)

    async def _linked_to(self, bindings: list[Bindings]) -> LinkedModule:
        direct: dict[tuple[str, str], CoreHostFunction] = {}
        shimmed: dict[tuple[str, str], CoreHostFunction] = {}
        for imported in self.types.imports:
            served = self._serve(imported, bindings)
            if isinstance(served, LoweredFunction):
                (shimmed if served.allocates else direct)[imported.module, imported.name] = served.served
            else:
                direct[imported.module, imported.name] = served
        runtime, shim = self.host.runtime, None
        if shimmed:
            self._check_memory(next(iter(shimmed)))
            compiled = await self.host.compiler.compile(shim_binary(shimmed.values()), self.name)
            shim = Shim(runtime, compiled, shimmed, self.name)
        return LinkedModule(runtime, await self.compile(), direct, self.name, shim)

    def _serve(self, imported: CoreImport, bindings: list[Bindings]) -> CoreHostFunction | LoweredFunction:
        where = f"{self.name}: it imports {imported.module}.{imported.name}"
        for front in self.host.module_fronts:
            if front.claims(imported.module):
                try:
                    return front.serve(imported)
                except LinkError as error:
                    raise LinkError(f"{where}, {error}") from None
        lowered = lowered_import(bindings, imported, self.name)
        if lowered is not None:
            return lowered
        what = imported.type.what if isinstance(imported.type, CoreOther) else "a function"
        if "externref" in what:
            raise LinkError(f"{where}, {what}: a core module has no references to what is its host's")
        if (imported.module, imported.name) == _SPAWN:
            raise LinkError(f"{where}, which starts a thread. Mend: build it without threads")
        raise LinkError(
            f"{where}, {what}, and nothing here serves that. Mend: build it for wasm32-wasip1, whose imports "
            "are those of wasi_snapshot_preview1, or name the bindings that it is of"
        )

    def _check_memory(self, imported: tuple[str, str]) -> None:
        """Refuse a module that cannot be given the result of an import.

        Raises:
            LinkError: it does not export what finds memory.
        """
        where = f"{self.name}: its import {'#'.join(imported)} returns values in its memory"
        for export, type in (("memory", MEMORY), (REALLOC, REALLOC_TYPE)):
            if self.types.exports.get(export) != type:
                raise LinkError(
                    f"{where}, and it does not export `{export}`, {type}. "
                    "Mend: export it, as what `capwit generate --guest c` writes does"
                )


class ModuleInstance(InStore):
    """An instance of a core module, with the handles it was granted."""

    def __init__(self, module: Module, linked: CoreInstance, table: CapTable) -> None:
        """Own a linked instance and its table."""
        super().__init__(linked.store, table)
        self.module = module
        self._linked = linked

    async def call(self, function: str, *arguments: Any) -> Any:
        """Call an exported function: numbers in, a number (or a tuple of them, or None) out.

        Integers come out unsigned.

        Raises:
            LinkError: the module exports no such function.
        """
        type = self.module.types.exports.get(function)
        if not isinstance(type, CoreFunction):
            what = f"{type.what} named" if isinstance(type, CoreOther) else "no function"
            known = [
                name for name, each in self.module.types.exports.items() if isinstance(each, CoreFunction)
            ]
            shown = ", ".join(known[:_SHOWN]) + (", ..." if len(known) > _SHOWN else "")
            raise LinkError(f"{self.module.name}: it exports {what} {function}; functions: {shown or 'none'}")
        return await self._linked.call(function, type, *arguments)

    async def run(self, entry: str | None = None) -> Any:
        """Run it as a program: its `_start`; a reactor's `_initialize`, and then `entry` where one is named.

        A module that has neither has run by being instantiated.

        Raises:
            GuestExit: the guest ended itself by an exit code.
        """
        exports = self.module.types.exports
        if entry is None and "_start" in exports:
            return await self.call("_start")
        if "_initialize" in exports:
            await self.call("_initialize")
        return None if entry is None else await self.call(entry)
