"""Instances in processes of their own, which hold what they are granted, by RPC, and nothing else."""

from __future__ import annotations

import asyncio
import math
import os
import signal
import socket
import sys
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import fields
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, TypeVar

from capwit.bridge.app import App
from capwit.bridge.capability import Client
from capwit.bridge.errors import (
    CapError,
    EngineError,
    ErrorKind,
    InstanceEnded,
    Limit,
    LimitExceeded,
    LinkError,
)
from capwit.bridge.ledger import Event
from capwit.bridge.limits import Limits
from capwit.bridge.match import compatible
from capwit.bridge.running import Running
from capwit.caps.host import BINDINGS as HOST
from capwit.caps.host import (
    GuestOutcome,
    GuestOutcomeNumbers,
    GuestOutcomeReturned,
    InstanceLimits,
    SpawnOptions,
    WasmHostClient,
)
from capwit.caps.standard import FuelGrantClient
from capwit.caps.wasi import WasiGrants
from capwit.engine.compiler import is_quick
from capwit.engine.core import CoreFunction
from capwit.rpc import pair
from capwit.rpc.remote import Remote

from . import values
from .grants import asked_for, named, to_refuel
from .nursery import Child, Nursery
from .outcome import error_of, of_bits, returned, to_bits
from .requests import Slot

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Mapping

    from capwit.bridge.binding import Grants, Method
    from capwit.bridge.module import Module
    from capwit.bridge.policy import Policy
    from capwit.bridge.table import CapTable
    from capwit.caps.host import InstanceStats, WasmInstanceClient
    from capwit.caps.http import Answer, Request
    from capwit.engine.fuel import Refuel
    from capwit.rpc import Peer

C = TypeVar("C", bound=Client)
Told = TypeVar("Told", GuestOutcomeReturned, GuestOutcomeNumbers)
T = TypeVar("T")

_NO_WALL: Final = 2**62  # nanoseconds: longer than anybody waits
_MOST: Final = 2**32 - 1  # of handles, memories and the like: what their fields hold
_GRACE: Final = 5.0  # seconds that a child may take to end its instance


@asynccontextmanager
async def isolated(
    loaded: App | Module,
    *grants: Grants,
    limits: Limits | None = None,
    name: str | None = None,
    policies: Mapping[str, Policy] | None = None,
    parent: Running | None = None,
    refuel: Refuel | None = None,
) -> AsyncIterator[IsolatedInstance]:
    """Return a scope with an instance in a process of its own. The arguments are those of `instantiate`.

    Raises, besides what that does, when the scope is entered:
        ConversionError: a grant is a value that is too long.
    """
    instance = await start(
        loaded, *grants, limits=limits, name=name, policies=policies, parent=parent, refuel=refuel
    )
    try:
        yield instance
    finally:
        await instance.close()


async def start(
    loaded: App | Module,
    *grants: Grants,
    limits: Limits | None = None,
    name: str | None = None,
    policies: Mapping[str, Policy] | None = None,
    parent: Running | None = None,
    refuel: Refuel | None = None,
    revocable: bool = True,
) -> IsolatedInstance:
    """Return an instance in a process of its own, which lives until it is closed, or its host is.

    The arguments are those of `Loaded.start`.
    """
    limits = limits or Limits()
    limits.for_store()
    host = loaded.host
    table = loaded.table(grants, limits, name, policies, parent, revocable=revocable)
    loaded.check_imports(table.grants)
    await loaded.compile_on_disk()
    host.room.take(table, pooled=True)  # no stack of it is here
    host.ledger.note(Event.START, table.holder, loaded.name)
    instance = IsolatedInstance(loaded, table)
    try:
        await instance.begin(limits, refuel)
        host.room.enter(table, instance)
    except BaseException as error:
        await instance.end(error if isinstance(error, EngineError) else InstanceEnded("it was not started"))
        if isinstance(error, InstanceEnded):
            error.fuel_left = instance.fuel_spared
        raise
    return instance


class IsolatedInstance(Running):
    """An instance in a process of its own.

    Attributes:
        loaded: its component or module.
        pid: the number of its process.
        fuel_spared: how much of its fuel was left when it ended; 0 where its process did not tell any more.
    """

    def __init__(self, loaded: App | Module, table: CapTable) -> None:
        """Own the table of what it is granted."""
        super().__init__(table)
        self.loaded = loaded
        self.pid = 0
        self.fuel_spared = 0
        self._stack = AsyncExitStack()
        self._child: Child | None = None
        self._status = 0  # how it has ended
        self._wall = math.inf  # seconds
        self._request = asyncio.Lock()  # one after the other, as the guest takes them
        self._peer: Peer | None = None
        self._instance: WasmInstanceClient | None = None
        self._ended: EngineError | None = None
        self._over = asyncio.Event()
        self._ending: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None

    async def begin(self, limits: Limits, refuel: Refuel | None) -> None:
        """Start a process, and the instance in it."""
        host = self.loaded.host
        amounts = limits.amounts()
        self._wall = amounts["wall"]
        ours, theirs = socket.socketpair()
        with theirs:
            settings = {
                "cache": str(host.cache_folder),
                "bindings": _modules(self.loaded),
                "lane": host.lane,
                "quick": is_quick(),
                "memory": int(amounts["memory"]),
            }
            try:
                child = await _forked(settings, theirs, self.loaded.binary)
            except BaseException:
                ours.close()
                raise
        self._child, self.pid = child, child.pid
        reached = pair.child(ours, WasmHostClient, name=self.name, ledger=host.ledger, explain=self._explain)
        there = await self._stack.enter_async_context(reached)
        assert isinstance(there.target, Remote)
        self._peer = there.target.peer
        asked = {WasiGrants, *(interface.make for interface, _ in asked_for(self.loaded))}
        grants = [each for make, each in self._table.grants.items() if make in asked]
        given = named(*grants, membrane=self._table.membrane)
        if refuel is not None:
            given.append(to_refuel(FuelGrantClient(_Fuel(refuel))))
        try:
            async with await there.load(b"", self.loaded.name) as code:
                self._instance = await there.spawn(code, given, _options(self.name, limits))
            self._watching = asyncio.ensure_future(self._watch(self._instance))
            ended = (await self._instance.stats()).ended
        except CapError as error:
            raise await self._why(error) from None
        if ended:
            await self._over.wait()
            assert self._ended is not None
            raise self._ended

    # -- What is known of it here --

    @property
    def ended(self) -> EngineError | None:
        """Why the instance has ended, or None while it lives."""
        return self._ended

    def holds(self, client: Client) -> bool:
        """Tell whether it holds a capability: its grants, what came of them, what it was sent or exports.

        Raises:
            HandleError: the client's reference is over.
        """
        return super().holds(client) or (self._peer is not None and self._peer.has(client.target))

    async def stats(self) -> InstanceStats:
        """Ask its process how it is: handles that the guest holds, what is left of its fuel."""
        return await self._told(self._living().stats())

    # -- Calls --

    async def export(self, client: type[C]) -> C:
        """Construct the exported resource that implements an interface, and return a client that owns it.

        Raises:
            LinkError: the component does not export the interface, or has no bindings in its process.
            EngineError: its constructor trapped or ran into a limit.
        """
        try:
            found = await self._living().export(str(client.interface))
        except CapError as error:
            if error.kind is ErrorKind.FAILED:
                raise LinkError(error.reason) from None
            raise await self._why(error) from None
        async with found:
            exported = found.cast(client)
        if isinstance(exported.target, Remote):  # and no capability of this process, as a liar could say
            exported.target.exported = True
        return exported

    async def run(self, entry: str | None = None) -> Any:
        """Run it as a program; returns what its entry point does, as JSON has it.

        Raises:
            GuestExit: the guest ended itself by an exit code.
            ProgramError: the program answered with an error.
        """
        return returned(await self._outcome(GuestOutcomeReturned, self._living().run(entry or "")))

    async def call(self, function: str, *arguments: Any) -> Any:
        """Call an exported function: of a module, by numbers; of a component, by values of WIT's types.

        Raises:
            LinkError: there is no such export, or it takes or returns resources.
            ConversionError: the arguments are not of its types.
        """
        if isinstance(self.loaded, App):
            signature = self.loaded.exported_function(function)
            text = values.arguments_to(function, signature, arguments)
            outcome = await self._outcome(GuestOutcomeReturned, self._living().invoke(function, text))
            return values.result_of(signature, outcome.value)
        type = self.loaded.types.exports.get(function)
        if not isinstance(type, CoreFunction):
            raise LinkError(f"{self.loaded.name}: it exports no function {function}")
        bits = to_bits(type.params, arguments)
        answer = await self._outcome(GuestOutcomeNumbers, self._living().call(function, bits))
        numbers = of_bits(type.results, answer.value)
        return tuple(numbers) if len(numbers) > 1 else numbers[0] if numbers else None

    async def handle(self, request: Request, answered: asyncio.Future[Answer]) -> None:
        """Answer a request, as `preview2.http.answer_by` has an instance of this process do.

        Raises:
            LimitExceeded: its time is over, by its process's word or without one.
        """
        try:
            async with self._request, asyncio.timeout(self._wall + _GRACE):
                await self._outcome(GuestOutcomeReturned, self._living().handle(request, Slot(answered)))
        except TimeoutError:
            late = LimitExceeded(Limit.WALL, f"{self.name}: its process does not end a request in time")
            await self.end(late)
            raise late from None

    def _living(self) -> WasmInstanceClient:
        if self._ended is not None or self._instance is None:
            raise InstanceEnded(f"{self.name}: the instance has ended: {self._ended}") from self._ended
        return self._instance

    async def _outcome(self, kind: type[Told], work: Awaitable[GuestOutcome]) -> Told:
        outcome = await self._told(work)
        if isinstance(outcome, kind):
            return outcome
        error = error_of(outcome)
        if error is None:  # no child of ours does that
            error = InstanceEnded(f"{self.name}: its process answered a call by {type(outcome).__name__}")
            await self.end(error)
        elif isinstance(error, InstanceEnded):
            await self._over.wait()  # so that it is known to have ended, as one of this process is
        raise error

    async def _told(self, work: Awaitable[T]) -> T:
        try:
            return await work
        except CapError as error:
            raise await self._why(error) from None

    async def _explain(self, method: Method[Any], error: CapError) -> EngineError:
        """Return why a call of what it exports has failed: for a host, a trap is a trap wherever it was."""
        if method.interface in HOST.interfaces:
            return error
        why = await self._why(error)
        return error if type(why) is InstanceEnded else why

    async def _why(self, error: CapError) -> EngineError:
        """Return what is behind an error: how the instance has ended, if it has."""
        if error.kind not in (ErrorKind.DISCONNECTED, ErrorKind.EXHAUSTED):
            return error
        if self._instance is None:  # it has not even begun
            await self.end(await self._death())
        elif self._ended is None:
            with suppress(CapError):
                if not (await self._instance.stats()).ended:
                    return error
        await self._over.wait()
        assert self._ended is not None
        return self._ended

    # -- Its end --

    async def _watch(self, instance: WasmInstanceClient) -> None:
        try:
            error = error_of(await instance.wait())
            await self._spare(instance)
        except CapError:
            if self._ending is not None:
                return
            error = await self._death()
        await self.end(error or InstanceEnded("the instance was closed"))

    async def _spare(self, instance: WasmInstanceClient) -> None:
        """Ask how much of its fuel an instance that has ended had left."""
        self.fuel_spared = (await instance.stats()).fuel_left

    async def _death(self) -> EngineError:
        """Return how a process has ended that says nothing any more."""
        status = await self._reaped()
        how = f"by {signal.Signals(-status).name}" if status < 0 else f"with status {status}"
        return InstanceEnded(f"{self.name}: the process of the instance has ended, {how}")

    async def _reaped(self) -> int:
        """End the process, if it has not ended, and return how it has."""
        child = self._child
        if child is not None:
            self._child = None
            child.kill()
            self._status = await asyncio.to_thread(Nursery.shared().status, child)
            os.close(child.descriptor)
        return self._status

    async def close(self) -> None:
        """End the instance: what it exported is destroyed, then everything it holds is released."""
        if self._ended is None and self._instance is not None:
            with suppress(CapError, TimeoutError):
                async with asyncio.timeout(_GRACE):
                    await self._instance.kill()
                    await self._spare(self._instance)
        await self.end(InstanceEnded("the instance was closed"))

    async def end(self, why: EngineError) -> None:
        """End its process, and release all that it was granted. A second time it only waits for that."""
        if self._ending is None:
            self._ending = asyncio.ensure_future(self._finish(why))
        await asyncio.shield(self._ending)

    async def _finish(self, why: EngineError) -> None:
        self._ended = why
        try:
            self._table.ended(why)
            if self._instance is not None:
                await self._instance.close()
            await self._stack.aclose()
            await self._reaped()
            if self._watching is not None:
                self._watching.cancel()
        finally:
            self._over.set()


async def _forked(settings: dict[str, Any], end: socket.socket, code: bytes) -> Child:
    """Return a new child; where nobody waits for it any more, it goes as soon as it is there."""
    forking = asyncio.ensure_future(asyncio.to_thread(lambda: Nursery.shared().fork(settings, end, code)))
    try:
        return await asyncio.shield(forking)
    except asyncio.CancelledError:
        if child := await forking:
            child.kill()
            await asyncio.to_thread(Nursery.shared().status, child)
            os.close(child.descriptor)
        raise


class _Fuel:
    """What a process is given to ask for more fuel by."""

    def __init__(self, refuel: Refuel) -> None:
        self._refuel = refuel

    async def take(self, amount: int) -> int:
        answer = self._refuel(amount)
        return answer if isinstance(answer, int) else await answer


def _options(name: str, limits: Limits) -> SpawnOptions:
    amounts = limits.amounts()
    wall = amounts["wall"]
    wide = {name: amounts[name] for name in ("fuel", "memory")}
    narrow = {
        each.name: min(amounts[each.name], _MOST)
        for each in fields(InstanceLimits)
        if each.name not in ("wall", *wide)
    }
    asked = {name: 0 if math.isinf(amount) else int(amount) for name, amount in {**wide, **narrow}.items()}
    nanoseconds = int(min(max(1, wall * 1e9), _NO_WALL))
    return SpawnOptions(name, [], [], InstanceLimits(**asked, wall=nanoseconds))


def _modules(loaded: App | Module) -> list[tuple[str, str | None]]:
    """Return the generated modules that an instance's process needs, by name and file, in order of need."""
    names = [*loaded.imported_functions(), *loaded.exported_names()]
    found: dict[str, str | None] = {}
    for bindings in loaded.bindings():
        wits = [i.interface for i in bindings.grants] + [
            wit for i in bindings.interfaces for wit in (i.interface, *i.exports)
        ]
        if bindings.schema is not None and any(compatible(wit, name) for wit in wits for name in names):
            _add(sys.modules[bindings.schema.module], found)
    return list(found.items())


def _add(module: Any, found: dict[str, str | None]) -> None:
    if module.__name__ in found:
        return
    for each in list(vars(module).values()):
        if isinstance(each, ModuleType) and hasattr(each, "BINDINGS"):
            _add(each, found)
    own = module.__name__.startswith("capwit.")
    found[module.__name__] = None if own else module.__file__
