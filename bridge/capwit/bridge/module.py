"""Core modules: loaded, linked to the fronts that serve their imports, and run."""

from __future__ import annotations

from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from capwit.engine.core import CoreFunction, CoreImport, CoreModule, CoreOther, decode_module
from capwit.engine.core_link import CoreHostFunction, CoreInstance, LinkedModule
from capwit.engine.errors import LinkError
from capwit.engine.store import Store

from .ledger import Event
from .limits import Limits
from .running import Running, fill
from .table import CapTable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from capwit.engine.fuel import Refuel

    from .binding import Grants
    from .host import Host
    from .policy import Policy


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


class Module:
    """A core module that is loaded: decoded, and compiled when it is first instantiated.

    Attributes:
        types: its imports and exports.
    """

    def __init__(self, host: Host, name: str, binary: bytes) -> None:
        """Decode a core module.

        Raises:
            LoadError: the bytes are no core module that can run here.
        """
        self.host = host
        self.name = name
        self.types: CoreModule = decode_module(binary, name)
        self._binary = binary
        self._linked: LinkedModule | None = None

    @asynccontextmanager
    async def instantiate(
        self,
        *grants: Grants,
        limits: Limits | None = None,
        name: str | None = None,
        policies: Mapping[str, Policy] | None = None,
        parent: Running | None = None,
        refuel: Refuel | None = None,
    ) -> AsyncIterator[ModuleInstance]:
        """Return a scope with an instance that holds these grants, and ends with the scope.

        `policies` narrow its grants, by their names. With a `parent`, each must be one that it holds.
        `refuel` is drawn upon before its fuel is used up.

        Raises, when the scope is entered:
            GrantError: a grant is of another interface, or not the parent's.
            LinkError: an import that nothing serves, or of another type than what serves it.
            LoadError: the module does not compile.
            ValueError: a policy names a method that there is not, or a quota is no number, size or time.
        """
        instance = await self.start(
            *grants, limits=limits, name=name, policies=policies, parent=parent, refuel=refuel
        )
        try:
            yield instance
        finally:
            await instance.close()

    async def start(
        self,
        *grants: Grants,
        limits: Limits | None = None,
        name: str | None = None,
        policies: Mapping[str, Policy] | None = None,
        parent: Running | None = None,
        refuel: Refuel | None = None,
    ) -> ModuleInstance:
        """Return an instance that lives until it is closed, or its host is. See `instantiate`."""
        limits = limits or Limits()
        ledger = self.host.ledger
        table = CapTable(ledger, ledger.name_holder(name or Path(self.name).stem), limits.handles)
        fill(self.name, grants, policies or {}, parent, table)
        store_limits = limits.for_store()
        linked = await self._link()
        self.host.take_room()
        table.at_end.append(self.host.give_room)
        store = Store(self.host.runtime.engine, table, store_limits)
        if refuel is not None:
            store.fuel.draw_from(refuel)
        ledger.note(Event.START, table.holder, self.name)
        try:
            for front in self._fronts():
                store.guest = front.begin(store, table)
            instance = ModuleInstance(self, await linked.instantiate(store), table)
        except BaseException:
            await store.close()
            raise
        self.host.register(instance)
        table.at_end.append(lambda: self.host.forget(instance))
        return instance

    def _fronts(self) -> list[ModuleFront]:
        names = {imported.module for imported in self.types.imports}
        return [front for front in self.host.module_fronts if any(map(front.claims, names))]

    async def _link(self) -> LinkedModule:
        if self._linked is None:
            functions = {
                (imported.module, imported.name): self._serve(imported) for imported in self.types.imports
            }
            compiled = await self.host.compiler.compile(self._binary, self.name)
            self._linked = LinkedModule(self.host.runtime, compiled, functions, self.name)
        return self._linked

    def _serve(self, imported: CoreImport) -> CoreHostFunction:
        where = f"{self.name}: it imports {imported.module}.{imported.name}"
        for front in self.host.module_fronts:
            if front.claims(imported.module):
                try:
                    return front.serve(imported)
                except LinkError as error:
                    raise LinkError(f"{where}, {error}") from None
        what = imported.type.what if isinstance(imported.type, CoreOther) else "a function"
        raise LinkError(
            f"{where}, {what}, and nothing here serves that. "
            "Mend: build it for wasm32-wasip1, whose imports are those of wasi_snapshot_preview1"
        )


class ModuleInstance(Running):
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
            raise LinkError(f"{self.module.name}: it exports {what} {function}")
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
