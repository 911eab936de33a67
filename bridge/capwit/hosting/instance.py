"""One instance that a host capability has started: a `WasmInstance` of this process."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from capwit.bridge.app import App
from capwit.bridge.binding import AnyClient
from capwit.bridge.capability import Untold
from capwit.bridge.errors import (
    CapError,
    EngineError,
    ErrorKind,
    InstanceEnded,
    Limit,
    LimitExceeded,
    LinkError,
)
from capwit.bridge.instance import Instance
from capwit.bridge.match import compatible
from capwit.bridge.module import ModuleInstance
from capwit.bridge.running import InStore
from capwit.caps.host import GuestOutcome, GuestOutcomeNumbers, GuestOutcomeReturned, InstanceStats
from capwit.engine.core import CoreFunction
from capwit.preview2.http.endpoint import answer_by, find_handler

from . import values
from .entry import find_entry, run_entry
from .outcome import ended_by, of_bits, plain, to_bits
from .requests import put_answer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Coroutine, Sequence

    from capwit.bridge.binding import Grants, Interface
    from capwit.bridge.capability import Client
    from capwit.bridge.limits import Limits
    from capwit.bridge.module import Module
    from capwit.caps.host import AnswerSlotClient
    from capwit.caps.http import Request
    from capwit.engine.fuel import Refuel

    from .isolation import IsolatedInstance
    from .local import Placing
    from .quota import Budget

    Placed: TypeAlias = Instance | ModuleInstance | IsolatedInstance

_NO_LIMIT: Final = 2**64 - 1
_FIRST_FUEL: Final = (
    3_000_000  # what it begins with, where a budget bounds it: it asks for more before that is gone
)


class LocalInstance:
    """A `WasmInstance` of this process. It holds what it was granted until it has ended.

    Attributes:
        name: what the ledger calls it.
    """

    def __init__(
        self,
        loaded: App | Module,
        budget: Budget,
        limits: Limits,
        held: Sequence[Client],
        placing: Placing,
    ) -> None:
        """Take up room in a budget.

        Raises:
            CapError: there is not enough (`exhausted`).
        """
        self.name = loaded.name
        self._loaded = loaded
        self._budget = budget
        self._limits = limits
        self._held = list(held)
        self._placing = placing
        self._instance: Placed | None = None
        self._why: EngineError | None = None  # where it was ended from outside
        self._over = asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._ending = False
        self._timer: asyncio.TimerHandle | None = None
        self._memory = int(limits.amounts()["memory"])
        self._fuel = 0  # drawn of the budget: what is left of it when it has ended goes back
        self._spared = 0  # what that was
        budget.take("instances", 1)
        try:
            budget.take("memory", self._memory)
        except CapError:
            budget.give("instances", 1)
            raise
        placing.instances.add(self)

    async def start(self, grants: Sequence[Grants], name: str | None, refuel: Refuel | None) -> None:
        """Start it. Without a bound to its fuel in the budget it asks `refuel` for more.

        Raises:
            InstanceEnded: it has ended meanwhile.
            EngineError: it cannot be started.
        """
        limits, refuel = self._limits_and_fuel(refuel)
        start = self._placing.start
        try:
            self._instance = await start(
                self._loaded, *grants, limits=limits, name=name, refuel=refuel, revocable=False
            )
        except EngineError as error:
            self._spare(self._fuel if error.fuel_left is None else error.fuel_left)
            if not isinstance(error, InstanceEnded):
                raise
            if isinstance(error, LimitExceeded) and error.limit is Limit.INSTANCES:
                raise CapError(ErrorKind.OVERLOADED, str(error)) from None
            self._why = error
            self._end()
            raise
        if self._over.is_set():  # it was ended while it was being started
            await self._instance.close()
            self._spare(self._instance.fuel_spared)
            raise InstanceEnded(f"{self._instance.name}: the instance was closed")
        self.name = self._instance.name
        self._instance.when_ended(self._end)
        if self._budget.time is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._budget.time, self._expire, self._budget.time)

    def _limits_and_fuel(self, refuel: Refuel | None) -> tuple[Limits, Refuel | None]:
        if self._budget.left("fuel") is None:
            return self._limits, refuel
        most = int(self._limits.amounts()["fuel"])
        self._fuel = self._budget.draw(min(most, _FIRST_FUEL))
        if not self._fuel:
            raise CapError(ErrorKind.EXHAUSTED, "the quota has no fuel left")

        def more(amount: int) -> int:
            drawn = self._budget.draw(min(amount, most - self._fuel))
            self._fuel += drawn
            return drawn

        return replace(self._limits, fuel=self._fuel), more

    # -- What its holder calls --

    async def export(self, name: str) -> AnyClient:
        """Construct an exported resource."""
        instance, loaded = self._living(), self._loaded
        if isinstance(instance, ModuleInstance) or not isinstance(loaded, App):
            raise CapError(ErrorKind.FAILED, f"{self.name} is a core module, which exports no resources")
        async with await self._told(instance.export(self._interface(loaded, name).client)) as client:
            assert client.owned is not None
            target = Untold(client.target, client.interface, asked=True)
            return AnyClient.owning(client.owned.keep_as(AnyClient, target))

    async def run(self, entry: str) -> GuestOutcome:
        """Run the program."""
        return await self._outcome(self._run(entry or None))

    async def call(self, function: str, arguments: Sequence[int]) -> GuestOutcome:
        """Call an exported function of a core module."""
        return await self._outcome(self._call(function, arguments))

    async def invoke(self, function: str, arguments: str) -> GuestOutcome:
        """Call an exported function of a component."""
        return await self._outcome(self._invoke(function, arguments))

    async def handle(self, request: Request, slot: AnswerSlotClient) -> GuestOutcome:
        """Have a component answer a request."""
        return await self._outcome(self._handle(request, slot))

    async def wait(self) -> GuestOutcome:
        """Wait until it has ended."""
        await self._over.wait()
        return ended_by(self._ended or InstanceEnded("the instance was closed"))

    async def kill(self) -> None:
        """End it; what it exports is destroyed first, where it is not in the middle of a call."""
        if self._instance is not None:
            await self._instance.close()
        self._end()
        await self.settle()

    async def stats(self) -> InstanceStats:
        """Tell how it is."""
        instance = self._instance
        if instance is None or self._over.is_set():
            return InstanceStats(True, 0, self._spared)
        if not isinstance(instance, InStore):
            return await instance.stats()
        left = instance.fuel_left
        return InstanceStats(False, instance.handles, _NO_LIMIT if left is None else left)

    # -- Its end --

    def dropped(self) -> None:
        """Nobody refers to it any more."""
        self._begin_to_end()

    def hold(self, client: Client) -> None:
        """Take something over, and release it at its end."""
        self._held.append(client)

    async def settle(self) -> None:
        """Wait until what it held is released."""
        this = asyncio.current_task()
        while waiting := [task for task in self._tasks if task is not this]:
            await asyncio.wait(waiting)

    @property
    def _ended(self) -> EngineError | None:
        return self._why or (None if self._instance is None else self._instance.ended)

    def _expire(self, seconds: float) -> None:
        self._why = LimitExceeded(
            Limit.WALL, f"{self.name}: it has lived for {seconds:g} s, as long as its host's quota lets it"
        )
        self._begin_to_end()

    def _begin_to_end(self) -> None:
        if not self._ending:  # once: two would wait for each other, as for all that has begun
            self._ending = True
            self._begin(self.kill())

    def _end(self) -> None:
        if self._over.is_set():
            return
        self._over.set()
        self._placing.instances.discard(self)
        if self._timer is not None:
            self._timer.cancel()
        self._budget.give("instances", 1)
        self._budget.give("memory", self._memory)
        if self._instance is not None:
            self._spare(self._instance.fuel_spared)
        held, self._held = self._held, []
        for client in held:
            self._begin(client.close())

    def _spare(self, left: int) -> None:
        """Give back to the budget what fuel it has left."""
        self._spared = left
        self._budget.give("fuel", min(self._fuel, left))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            task = asyncio.get_running_loop().create_task(work)
        except RuntimeError:  # the loop is over, and with it the host, which ends all
            work.close()
            return
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # -- Calls --

    async def _outcome(self, work: Awaitable[GuestOutcome]) -> GuestOutcome:
        try:
            return await work
        except EngineError as error:
            return ended_by(self._why or error)

    async def _run(self, entry: str | None) -> GuestOutcome:
        instance = self._living()
        if isinstance(instance, Instance):
            value = await run_entry(instance, find_entry(instance.app, entry))
        else:
            value = await instance.run(entry)
        return GuestOutcomeReturned(json.dumps(plain(value)))

    async def _call(self, function: str, arguments: Sequence[int]) -> GuestOutcome:
        instance, loaded = self._living(), self._loaded
        if isinstance(loaded, App):
            raise LinkError(
                f"{self.name}: numbers are what the functions of a core module take. Mend: `export`"
            )
        type = loaded.types.exports.get(function)
        if not isinstance(type, CoreFunction):
            return GuestOutcomeNumbers(await instance.call(function))  # which says what is wrong
        value = await instance.call(function, *of_bits(type.params, arguments))
        results = () if value is None else value if isinstance(value, tuple) else (value,)
        return GuestOutcomeNumbers(to_bits(type.results, results))

    async def _invoke(self, function: str, arguments: str) -> GuestOutcome:
        instance, loaded = self._living(), self._loaded
        if not isinstance(loaded, App):
            raise LinkError(f"{self.name}: a core module's functions take numbers. Mend: `call`")
        type = loaded.exported_function(function)
        result = await instance.call(function, *values.arguments_of(function, type, arguments))
        return GuestOutcomeReturned(values.result_to(function, type, result))

    async def _handle(self, request: Request, slot: AnswerSlotClient) -> GuestOutcome:
        instance, loaded = self._living(), self._loaded
        if isinstance(instance, ModuleInstance) or not isinstance(loaded, App):
            raise LinkError(f"{self.name}: a core module answers no requests. Mend: make a component of it")
        if isinstance(instance, Instance):
            work = partial(answer_by, instance, find_handler(loaded), request)
        else:
            work = partial(instance.handle, request)
        await put_answer(slot, work, self._limits.amounts()["wall"])
        return GuestOutcomeReturned("null")

    async def _told(self, work: Awaitable[Client]) -> Client:
        """Tell why there is no export: a peer is told of capwit's own errors only by their kind."""
        try:
            return await work
        except LinkError as error:
            raise CapError(ErrorKind.FAILED, str(error)) from None

    def _living(self) -> Placed:
        if self._instance is None:
            raise self._why or InstanceEnded(f"{self.name}: the instance has ended")
        return self._instance

    def _interface(self, app: App, name: str) -> Interface:
        exported = app.exported_interfaces()
        found: dict[Interface, None] = {}
        for bindings in app.bindings():
            for interface in bindings.interfaces:
                named = name in (
                    interface.name,
                    str(interface),
                    *(f"{e}.{interface.name}" for e in interface.exports),
                )
                wits = (*interface.exports, interface.interface)
                if named and any(compatible(wit, each) for wit in wits for each in exported):
                    found[interface] = None
        if len(found) == 1:
            return next(iter(found))
        known = ", ".join(exported) or "nothing"
        what = "more than one" if found else "no"
        raise CapError(
            ErrorKind.FAILED,
            f"{self.name} exports {what} {name!r} that this host has bindings of: it exports {known}. "
            "Mend: name it in full, and start the host with its bindings",
        )
