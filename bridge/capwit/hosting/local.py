"""The host capability of this process: code is loaded and instances are started within a budget."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from capwit.bridge.errors import CapError, EngineError, ErrorKind, InstanceEnded
from capwit.bridge.holdings import under
from capwit.caps.host import (
    HostGrant,
    HostQuota,
    HostUsage,
    InstanceLimits,
    SpawnOptions,
    WasmCodeClient,
    WasmHostClient,
    WasmInstanceClient,
)
from capwit.engine.core import is_core_module

from .counted import owned_client
from .grants import refuel_of, to_grants
from .instance import LocalInstance
from .quota import Budget

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence

    from capwit.bridge.app import App
    from capwit.bridge.binding import Grants
    from capwit.bridge.capability import Client
    from capwit.bridge.host import Host
    from capwit.bridge.limits import Limits
    from capwit.bridge.module import Module

    from .instance import Placed

    Start: TypeAlias = Callable[..., Awaitable[Placed]]

T = TypeVar("T")

_COMPILING: Final = 2  # how much is compiled at one time, of one client one thing
_GRANTS: Final = 1000  # of one instance
_PATIENCE: Final = 60  # seconds that compiling may take, for which others wait


class Placing:
    """What all host capabilities of one process have in common: the host, its ceiling, its instances."""

    def __init__(
        self,
        host: Host,
        ceiling: Limits | None = None,
        *,
        start: Start | None = None,
        before_start: Callable[[], object] | None = None,
        code: bytes = b"",
    ) -> None:
        """Start instances in `host`; none goes beyond the `ceiling`. `before_start` is called before each.

        `code` is what is loaded where nothing is sent: its parent's code need not go by a child's connection.
        `start` is `Loaded.start` by default; that of `isolation` starts processes.
        """
        self.start = start or _start_here
        self.host = host
        self.ceiling = ceiling
        self.compiling = asyncio.Semaphore(_COMPILING)
        self.instances: set[LocalInstance] = set()
        self.before_start = before_start
        self.code = code
        self.closed = False

    def capability(self, quota: HostQuota | None = None) -> WasmHostClient:
        """Return a host capability of its own quota, for a client that is one of several."""
        return WasmHostClient(LocalHost(self, Budget() if quota is None else Budget(quota), asyncio.Lock()))

    @asynccontextmanager
    async def opened(self, quota: HostQuota) -> AsyncIterator[WasmHostClient]:
        """Give a client a host capability of its own quota, as `rpc.Service` opens one."""
        yield self.capability(quota)

    async def drain(self, grace: float) -> None:
        """Start nothing any more, give what runs some seconds to end, and then end it."""
        self.closed = True
        waiting = [asyncio.ensure_future(each.wait()) for each in self.instances]
        if waiting:
            await asyncio.wait(waiting, timeout=grace)
        await asyncio.gather(*(each.kill() for each in list(self.instances)))


class LocalHost:
    """A `WasmHost` of this process."""

    def __init__(self, placing: Placing, budget: Budget, turn: asyncio.Lock) -> None:
        """Start instances within a budget. Code is taken in `turn`: of one client one at a time."""
        self._placing = placing
        self._budget = budget
        self._turn = turn

    async def load(self, wasm: bytes, name: str) -> WasmCodeClient:
        """Take a component or a core module, and compile it."""
        self._check_open()
        host, name = self._placing.host, _printable(name) or "code.wasm"
        wasm = wasm or self._placing.code
        self._budget.take("code", len(wasm))
        try:
            async with self._turn:
                load = host.load_module if is_core_module(wasm) else host.load
                loaded: App | Module = await _to_its_end(load(wasm, name=name))
                if not await loaded.is_compiled():
                    await self._compile(loaded)
        except EngineError as error:
            self._budget.give("code", len(wasm))
            raise CapError(ErrorKind.FAILED, str(error)) from None
        except BaseException:
            self._budget.give("code", len(wasm))
            raise
        return owned_client(
            WasmCodeClient, LocalCode(loaded, len(wasm), self._budget), host.ledger, f"is {name}"
        )

    async def _compile(self, loaded: App | Module) -> None:
        async with self._placing.compiling:
            try:
                async with asyncio.timeout(_PATIENCE):
                    await loaded.compile()
            except TimeoutError:
                raise CapError(
                    ErrorKind.FAILED,
                    f"{loaded.name}: compiling took more than {_PATIENCE} s, and was stopped",
                ) from None

    async def spawn(
        self, code: WasmCodeClient, grants: Sequence[HostGrant], options: SpawnOptions
    ) -> WasmInstanceClient:
        """Start an instance on capabilities from anywhere."""
        self._check_open()
        if len(grants) > _GRANTS:
            raise CapError(ErrorKind.FAILED, f"{len(grants)} grants, and {_GRANTS} are the most")
        held: list[Client] = [
            each for grant in grants for each in (grant.capability, *grant.capabilities) if each is not None
        ]
        found = code.local(LocalCode)
        if found is None or found.loaded.host is not self._placing.host:
            raise CapError(ErrorKind.FAILED, "the code was not loaded by this host. Mend: `load` it here")
        loaded = found.loaded
        try:
            limits = self._limits(options.limits)
            given, refuel = to_grants(loaded, grants, options, held), refuel_of(grants, held)
        except (EngineError, ValueError) as error:
            raise CapError(ErrorKind.FAILED, str(error)) from None
        instance = LocalInstance(loaded, self._budget, limits, held, self._placing)
        try:
            instance.hold(code.keep())  # its room is taken for as long as somebody runs it
            if self._placing.before_start is not None:
                self._placing.before_start()
            await instance.start(given, _printable(options.name) or None, refuel)
        except InstanceEnded:
            pass  # `wait` says how
        except BaseException as error:
            await instance.kill()
            if isinstance(error, EngineError) and not isinstance(error, CapError):
                raise CapError(ErrorKind.FAILED, str(error)) from None
            raise
        return owned_client(WasmInstanceClient, instance, self._placing.host.ledger, f"is {instance.name}")

    def limited(self, quota: HostQuota) -> WasmHostClient:
        """Return a host of a smaller quota."""
        return WasmHostClient(LocalHost(self._placing, Budget(quota, self._budget), self._turn))

    def usage(self) -> HostUsage:
        """Tell what is in use."""
        return self._budget.usage

    def _check_open(self) -> None:
        if self._placing.closed:
            raise CapError(ErrorKind.OVERLOADED, "the host is about to stop, and starts nothing any more")

    def _limits(self, asked: InstanceLimits) -> Limits:
        """Return the limits of an instance: what was asked for, under the ceiling and what the budget has.

        Raises:
            ValueError: more is asked for than the ceiling.
            CapError: the budget has nothing left.
        """
        given: dict[str, Any] = {
            each.name: getattr(asked, each.name) for each in fields(asked) if getattr(asked, each.name)
        }
        if "wall" in given:
            given["wall"] /= 1e9
        limits = under(given, self._placing.ceiling)
        amounts = limits.amounts()
        memory, time = self._budget.left("memory"), self._budget.time
        if memory is not None and "memory" not in given and memory < amounts["memory"]:
            limits = replace(limits, memory=memory)
        if time is not None and time < amounts["wall"]:
            limits = replace(limits, wall=time)
        if self._budget.left("fuel") is not None and limits.fuel is None:
            limits = replace(limits, fuel=2**62)
        return limits


class LocalCode:
    """A `WasmCode` of this process."""

    def __init__(self, loaded: App | Module, size: int, budget: Budget) -> None:
        """Stand for loaded code of a size, which counts in a budget until nobody refers to it, or runs it."""
        self.loaded = loaded
        self._size = size
        self._budget = budget

    def imports(self) -> Sequence[str]:
        """Return what it imports."""
        return list(self.loaded.imported_functions())

    def exports(self) -> Sequence[str]:
        """Return what it exports."""
        return list(self.loaded.exported_names())

    def dropped(self) -> None:
        """Its room is free again."""
        self._budget.give("code", self._size)

    async def settle(self) -> None:
        """Nothing to wait for."""


async def _start_here(loaded: App | Module, *grants: Grants, **how: Any) -> Placed:
    return await loaded.start(*grants, **how)


async def _to_its_end(work: Coroutine[Any, Any, T]) -> T:
    """Return what work on a thread gives. Who is cancelled waits for its end, too: it cannot be stopped."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.gather(task, return_exceptions=True)
        raise


def _printable(text: str) -> str:
    """Return a name that a peer gives as a line of a log can have it."""
    return "".join(each if each.isprintable() else "?" for each in text[:100])
