"""A store and the fiber in it: one owner, one call at a time, one order of death.

wasmtime runs a guest's call on a fiber of its own. A poll runs it until it ends, waits for a host
function, or yields; between polls the event loop is free.
"""

from __future__ import annotations

import asyncio
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn

from . import abi, signals
from .errors import EngineError, InstanceEnded, Limit, LimitExceeded, ReentranceError
from .fiber import Fiber
from .fuel import Fuel
from .limiter import apply_limits
from .memory import NO_MEMORY, GuestMemory
from .plan import Raised
from .polls import bury_the_dead, stores, thread
from .stack import probe
from .steps import BY_GUEST, let_go, outside, rest, run_on
from .ticker import tickers
from .traps import explain_trap
from .turn import Turn
from .waits import waits_for
from .wall import Wall

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from .bound import Bound
    from .core_lower import CoreState
    from .handles import Handles
    from .limits import StoreLimits
    from .ran import Ran


class Store(Fiber):
    """One wasmtime store, the instance in it, and the call that is under way."""

    __slots__ = (
        "__weakref__",
        "_cancelled",
        "_cancelling",
        "_closing",
        "_driver",
        "_future",
        "_ticker",
        "_turn",
        "_wall",
        "carried",
        "core",
        "ended",
        "frame",
        "fuel",
        "guest",
        "handles",
        "limits",
        "memory",
        "pointer",
        "polls",
        "ran",
    )

    def __init__(self, engine: int, handles: Handles, limits: StoreLimits) -> None:
        """Make an empty store in an engine (its address)."""
        bury_the_dead()
        self.polls = thread.polls  # of the thread that it lives in
        self._ticker = tickers[engine].watch(self.polls)
        self.handles = handles
        self.limits = limits
        self.ended: EngineError | None = None  # why no more calls are taken
        self.pointer: int = abi.store_new(engine, None, None)
        super().__init__(abi.store_context(self.pointer))
        self._future: int | None = None
        self.memory: GuestMemory = NO_MEMORY  # of a core module
        self.guest: Any = None  # what the host keeps for a core module
        self.core: CoreState | None = None  # of a core module that imports functions of WIT
        self.frame: Any = None  # what the future reads and writes: it must outlive the future
        self._turn = Turn()
        self._wall = Wall(limits.wall)
        self._driver: asyncio.Task[Any] | None = None
        self._cancelling = 0  # how often the driver had been cancelled before the call
        self._closing = False
        self._cancelled: int | None = None  # once `close` cancels the driver: how often others had before
        stores[self.context] = self
        apply_limits(limits, self.pointer, self.context)
        self.fuel = Fuel(self.context, limits.fuel)
        self.carried = 0  # each `lane.Side` that has carried bytes
        self.ran: Ran | None = None  # where somebody wants to know

    def begin_core(self, core: CoreState) -> None:
        """It is for a core module, whose memory will be looked into."""
        self.core, self.memory = core, GuestMemory(self.context)

    # -- Driving --

    def _poll(self, begin: Bound | None = None, arguments: tuple[Any, ...] = ()) -> bool:
        """Begin or go on with the call; returns whether it has ended.

        Signal handlers wait meanwhile, also so that no future is lost between two instructions.
        """
        guarded = signals.enter()
        polls = self.polls
        outer, polls.running = polls.running, self
        if self._ticker.asleep:
            self._ticker.wake()
        ran = self.ran
        if ran is not None:
            ran.start()
        try:
            if begin is not None:
                self._future = begin.start(self, begin, arguments)
            if not abi.poll(self._future):
                return False
            abi.future_forget(self._future)
            self._future = None
            return True
        finally:
            if ran is not None:
                ran.stop()
            polls.running = outer
            try:
                if polls.graveyard:
                    bury_the_dead()
            finally:
                if guarded:
                    signals.leave()

    async def _drive(self, label: str, begin: Bound | None = None, arguments: tuple[Any, ...] = ()) -> None:
        """Go on with a call that its first poll has not ended, or that still has to `begin`."""
        self._driver = driver = asyncio.current_task()
        assert driver is not None
        self._cancelling = driver.cancelling()
        ref = self.polls.driven[driver] = weakref.ref(self)
        self._wall.begin(driver)
        try:
            return await self._turns(begin, arguments)
        except asyncio.CancelledError:
            if not self._wall.end():
                raise
        finally:
            self._wall.end()
            if self.polls.driven.get(driver) is ref:
                del self.polls.driven[driver]
        raise LimitExceeded(
            Limit.WALL,
            f"{label}: the call took longer than its wall limit of {self.limits.wall:g} s. "
            "Mend: give the instance a larger `wall`",
        )

    async def _turns(self, begin: Bound | None, arguments: tuple[Any, ...]) -> None:
        while self.failure is None:
            if self._pending is not None:
                await self._answer(*self._pending)  # also when it has closed the instance itself
            elif not self._closing:
                await asyncio.sleep(0)  # the guest has used up its slice of fuel or time
            if self.fuel.tops_up and self.fuel.low:
                await self.fuel.top_up()
            if self.failure is not None or self._closing or self._poll(begin, arguments):
                return
            begin = None

    async def _answer(self, steps: Coroutine[Any, Any, Any], yielded: Any) -> None:
        """Wait for the host function that the fiber waits for."""
        try:
            try:
                going_on = rest(steps, yielded)
                del yielded  # it may come to hold an error, which holds this frame: a cycle
                self.value = await going_on
            except asyncio.CancelledError as error:
                task = asyncio.current_task()
                if task is None or task.cancelling() > self._cancelling:
                    let_go(error)
                    raise
                raise InstanceEnded("a capability waited for something that was cancelled") from error
        except Exception as error:
            if self._serve is None or self._serve.catch is None:
                self.failure = error
                return
            try:
                self.value = Raised(self._serve.catch(self, error))
            except Exception as uncaught:
                self.failure = uncaught
                return
        self._pending = None

    def _abandon(self, error: BaseException, label: str) -> BaseException:
        """End the store because its driver was ended; return what to raise."""
        if isinstance(error, asyncio.CancelledError) and self._settle():
            error = InstanceEnded(f"{label}: the instance was closed during the call")
        pending, self._pending = self._pending, None
        try:
            if pending is not None:
                with suppress(Exception):
                    pending[0].close()
        finally:
            self._end(error, label)
        return error

    def _settle(self) -> bool:
        """Take back that `close` cancelled the driver; returns whether nobody else did."""
        before, self._cancelled = self._cancelled, None
        task = asyncio.current_task()
        return before is not None and task is not None and task.uncancel() <= before

    def _finish_badly(self, label: str) -> BaseException:
        self._settle()
        failure, self.failure = self.failure, None
        message = self._take_message()
        if failure is None:
            failure = (
                explain_trap(label, message, self.limits, self.fuel.taken)
                if message
                else InstanceEnded(f"{label}: the instance was closed during the call")
            )
        self._end(failure, label)
        return failure

    # -- Calls --

    async def waits_for_caller(self) -> bool:
        """Return whether the call under way waits for the task that asks: it must not wait for the store."""
        if self.polls.running:
            await outside()
        return self._waits_for(asyncio.current_task())

    def _waits_for(self, task: asyncio.Task[Any] | None) -> bool:
        driver = self._driver
        if driver is None or task is None:
            return False
        return driver is task or waits_for(driver, task, self.polls.queued)

    def queue(self) -> list[asyncio.Task[Any]]:
        """Return the tasks whose calls wait for their turn."""
        return self._turn.queue()

    @property
    def idle(self) -> bool:
        """Whether no call is under way."""
        return not self._turn.taken

    def call(
        self, bound: Bound, arguments: tuple[Any, ...], due: Callable[[], bool] | None = None
    ) -> Coroutine[Any, Any, Any]:
        """Call what is bound to this store: one call at a time, further ones wait for their turn.

        One that is not `due` any more when its turn comes is not made, and gives `None`. One that another
        store's guest waits for runs in a task of its own, and goes on when that guest ends: else any guest
        could end those that it calls.

        Raises, when it is awaited:
            ReentranceError: the call under way waits for this one, which so could never begin.
        """
        return (self._apart if BY_GUEST.get() else self._call)(bound, arguments, due)

    async def _apart(self, bound: Bound, arguments: tuple[Any, ...], due: Callable[[], bool] | None) -> Any:
        if self.polls.running:
            await outside()
        if self._waits_for(asyncio.current_task()):
            raise ReentranceError.of(bound.label)
        return await run_on(self._call(bound, arguments, due))

    async def _call(self, bound: Bound, arguments: tuple[Any, ...], due: Callable[[], bool] | None) -> Any:
        if self.polls.running:
            await outside()
        if self.polls.ticked is not None:
            await self.polls.breathe()
        probe()
        turn = self._turn
        if turn.taken:
            task = asyncio.current_task()
            await turn.wait(lambda: ReentranceError.of(bound.label) if self._waits_for(task) else None)
        else:
            turn.taken = True
        try:
            if self.ended is not None or self._closing or self._future is not None:
                self._refuse(bound.label)
            if due is not None and not due():
                return None
            self.frame = bound.frame
            try:
                if self.fuel.tops_up and self.fuel.low:
                    await self._drive(bound.label, bound, arguments)
                elif not self._poll(bound, arguments) and not (self._ticked() and self._poll()):
                    await self._drive(bound.label)
            except BaseException as error:
                self._interrupted(error, bound.label)
                raise
            finally:
                self._driver = None
            if self._closing or self.failure is not None or self._bad[0] or self._bad[1]:
                raise self._finish_badly(bound.label)
            return bound.unpack(self, bound)
        finally:
            if bound.on_heap and self._future is None and self.frame is not None:
                bound.free(self)  # with a future, it would still be in use
            if self._future is None:
                self.frame = None
            turn.give()
            if self.marked is not None:
                with suppress(ValueError):  # the garbage collector ends a forgotten call in another context
                    BY_GUEST.reset(self.marked)
                self.marked = None

    def _ticked(self) -> bool:
        """Return whether a call that has not ended met but a tick, and may go on."""
        waits = self._pending or self._closing or self.failure or self.fuel.tops_up
        return not waits and self.polls.meet_tick()

    def _refuse(self, label: str) -> NoReturn:
        if self._closing or self._future is not None:  # the latter: its driver was ended twice over
            self._end(InstanceEnded("the instance was closed"), label)
        raise InstanceEnded(f"{label}: the instance has ended: {self.ended}") from self.ended

    def _interrupted(self, error: BaseException, label: str) -> None:
        """End the store if its driver was ended in the middle of the call; may raise what is to be said."""
        late = isinstance(error, LimitExceeded) and error.limit is Limit.WALL
        if self._future is None and not self._failed() and not late:
            return  # the call has not begun, or is over: the guest is in the middle of nothing
        ended = self._abandon(error, label)
        if ended is not error:
            raise ended from None

    # -- Death: future, handles, store --

    async def close(self) -> None:
        """End the instance. A call that is under way is cancelled, and gets `InstanceEnded`.

        From inside one of its own capabilities it returns at once: the instance ends when that has returned.
        """
        self._closing = True
        driver = self._driver
        if driver is None and self._turn.taken and self.polls.running:
            return  # from inside the first poll of a call
        if driver is not None and not driver.get_loop().is_closed():  # else nobody drives any more
            if driver is asyncio.current_task():
                return
            if self._cancelled is None:
                self._cancelled = driver.cancelling()
                driver.cancel()
            await self._turn.wait()  # until the driver has let go
            self._turn.give()
        self._end(InstanceEnded("the instance was closed"), "")

    def _end(self, why: BaseException, label: str) -> None:
        if self.ended is None:
            self.ended = (
                why
                if isinstance(why, EngineError)
                else InstanceEnded(
                    f"{label}: the call was cancelled"
                    if isinstance(why, asyncio.CancelledError)
                    else f"{label}: the call was ended by {type(why).__name__}: {why}"
                )
            )
        self.polls.graveyard.append(self)
        bury_the_dead()

    def bury(self) -> None:
        """Free everything at once, in the order that wasmtime survives."""
        guarded = signals.enter()
        try:
            self._wall.stop()
            future, self._future = self._future, None
            if future is not None:
                abi.future_delete(future)
            pointer, self.pointer = self.pointer, 0
            if pointer:
                del stores[self.context]
                self.memory.lose()
                self.fuel.over()
                try:
                    self.handles.ended(self.ended)
                finally:
                    abi.store_delete(pointer)
            self._take_message()
        finally:
            if guarded:
                signals.leave()
