"""What a host has loaded, a component or a core module: how an instance of it is started on grants."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from capwit.engine.compiler import is_small
from capwit.engine.errors import EngineError
from capwit.engine.store import Store

from .binding import Bindings
from .ledger import Event
from .limits import Limits
from .running import Running, fill
from .table import CapTable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from capwit.engine.compiler import Compiled
    from capwit.engine.fuel import Refuel
    from capwit.engine.limits import StoreLimits

    from .binding import Grants
    from .host import Host
    from .policy import Policy

_USUAL: Final = Limits()
_Linked = TypeVar("_Linked")
_Instance = TypeVar("_Instance", bound=Running)


class Loaded(ABC, Generic[_Linked, _Instance]):
    """Code that is loaded, and compiled when it is first instantiated: what an `App` and a `Module` share."""

    def __init__(self, host: Host, name: str, bindings: Sequence[Bindings]) -> None:
        """Take the bindings that it was loaded with."""
        self.host = host
        self.name = name
        self._stem = Path(name).stem
        self._bindings = tuple(bindings)
        self._compiled: Compiled | None = None

    def bindings(self) -> list[Bindings]:
        """Return the bindings that serve it: those it was loaded with, then all loaded ones."""
        return [*self._bindings, *Bindings.loaded.values()]

    @asynccontextmanager
    async def instantiate(
        self,
        *grants: Grants,
        limits: Limits | None = None,
        name: str | None = None,
        policies: Mapping[str, Policy] | None = None,
        parent: Running | None = None,
        refuel: Refuel | None = None,
    ) -> AsyncIterator[_Instance]:
        """Return a scope with an instance that holds these grants, and ends with the scope.

        `policies` narrow its grants, by their names. With a `parent`, each must be one that it holds.
        `refuel` is asked for more before its fuel is used up: the `take` of a `FuelGrant`.

        Raises, when the scope is entered:
            GrantError: an import is not granted, or a grant is of another interface, or not the parent's.
            LinkError: an import that nothing serves, or of another type than what serves it.
            LoadError: it does not compile.
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
        revocable: bool = True,
    ) -> _Instance:
        """Return an instance that lives until it is closed, or its host is. See `instantiate`.

        Grants that are not `revocable` are passed on as they are: for who starts it on behalf of somebody
        else, where they can be revoked.
        """
        limits = limits or _USUAL
        table = self.table(grants, limits, name, policies, parent, revocable=revocable)
        linked = await self._link(table.grants)
        store_limits = self._store_limits(linked, limits.for_store())
        runtime = self.host.runtime
        self.host.room.take(table, pooled=runtime.pool is not None)
        try:
            store = Store(runtime.engine, table, store_limits)
        except BaseException:
            self.host.room.leave(table)
            raise
        if refuel is not None:
            store.fuel.draw_from(refuel)
        self.host.ledger.note(Event.START, table.holder, self.name)
        try:
            instance = await self._begin(linked, store, table, limits)
            self.host.room.enter(table, instance)
        except BaseException as error:
            await store.close()
            if isinstance(error, EngineError):
                error.fuel_left = store.fuel.left
            raise
        return instance

    def table(
        self,
        grants: tuple[Grants, ...],
        limits: Limits,
        name: str | None,
        policies: Mapping[str, Policy] | None,
        parent: Running | None,
        *,
        revocable: bool,
    ) -> CapTable:
        """Return the table of a new instance, filled with what it is granted. Raises as `start` does."""
        ledger = self.host.ledger
        holder = ledger.name_holder(name or self._stem)
        table = CapTable(ledger, holder, limits.handles, revocable=revocable)
        fill(self.name, grants, policies or {}, parent, table)
        return table

    async def compile(self) -> Compiled:
        """Compile it, or find it compiled.

        Raises:
            LoadError: it does not compile.
        """
        if self._compiled is None:
            self._compiled = await self._compile()
        return self._compiled

    async def _compile(self) -> Compiled:
        return await self.host.compiler.compile(self._code, self.name)

    async def is_compiled(self) -> bool:
        """Return whether it is compiled already, here or on disk: `compile` takes no time then."""
        if self._compiled is None:
            self._compiled = await self.host.compiler.find(self._code, self.name)
        return self._compiled is not None

    async def compile_on_disk(self) -> None:
        """Have it compiled for another process. Raises as `compile` does."""
        if self._compiled is None and not is_small(self._code):  # put together when asked for
            await self.compile()

    @property
    @abstractmethod
    def _code(self) -> bytes:
        """What is compiled."""

    @abstractmethod
    async def _link(self, grants: dict[type[Grants], Grants]) -> _Linked:
        """Return the code, compiled and linked to what serves its imports.

        Raises:
            GrantError: an import is not granted.
            LinkError: an import that nothing serves, or of another type than what serves it.
            LoadError: it does not compile.
        """

    def _store_limits(self, linked: _Linked, limits: StoreLimits) -> StoreLimits:
        """Return the limits of a store for which these are the guest's."""
        return limits

    @abstractmethod
    async def _begin(self, linked: _Linked, store: Store, table: CapTable, limits: Limits) -> _Instance:
        """Return an instance in an empty store, which the caller closes if this raises."""
