"""What might crash a process, to be run in one of its own: `python -m tests.engine.crash_cases NAME`.

Each case ends by returning; the exit status and the last line, `survived`, say the rest.
"""

from __future__ import annotations

import asyncio
import atexit
import copy
import ctypes
import gc
import itertools
import mmap
import os
import pickle
import re
import resource
import signal
import sys
import time
import weakref
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from capwit.engine import mappings
from capwit.engine import types as wit
from capwit.engine.compiler import Compiler
from capwit.engine.decode import decode
from capwit.engine.errors import EngineError, InstanceEnded, Limit, LimitExceeded, Trap
from capwit.engine.runtime import Runtime
from capwit.engine.wrapper import wrap

from tests.engine.support import (
    CALL_U32,
    THING,
    WORKER,
    Guest,
    echo_component,
    echo_function,
    instantiate,
    link,
    rss,
    running,
    wasm,
    worker,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from capwit.engine.link import Linked

CASES: Final[dict[str, Callable[..., Any]]] = {}
MIB: Final = 1 << 20
EFFORT: Final = int(os.environ.get("CAPWIT_LAWS", "1"))


def case(function: Callable[..., Any]) -> Callable[..., Any]:
    CASES[function.__name__] = function
    return function


def count(store: Any, n: int) -> int:
    return n + 1


async def count_later(store: Any, n: int) -> int:
    await asyncio.sleep(0)
    return n + 1


async def forever(store: Any, n: int) -> int:
    await asyncio.Event().wait()
    return n


async def workers(tick: Callable[..., Any]) -> tuple[Runtime, Linked]:
    runtime = Runtime()
    compiled = await Compiler(runtime, None).compile(wasm(WORKER), "worker")
    return runtime, link(runtime, compiled, {"tick": (CALL_U32, tick)})


async def still_works(linked: Linked | None = None) -> None:
    """The next instance is none the worse."""
    async with worker(count) as guest:
        assert await guest.run(10, "loop") == 10


# -- Exceptions that are no `Exception` --

UNUSUAL: Final = (KeyboardInterrupt, SystemExit, GeneratorExit, RecursionError, MemoryError, BaseException,
                  StopIteration, StopAsyncIteration, asyncio.CancelledError)  # fmt: skip


@case
def unusual_exceptions() -> None:
    caught: list[str] = []

    def at_once(error: BaseException) -> Callable[..., Any]:
        def tick(store: Any, n: int) -> int:
            raise error

        return tick

    def first_step(error: BaseException) -> Callable[..., Any]:
        async def tick(store: Any, n: int) -> int:
            raise error

        return tick

    def later(error: BaseException) -> Callable[..., Any]:
        async def tick(store: Any, n: int) -> int:
            await asyncio.sleep(0)
            raise error

        return tick

    for error, make in itertools.product(UNUSUAL, (at_once, first_step, later)):

        async def main(error: type[BaseException] = error, make: Any = make) -> None:
            async with worker(make(error("from a capability"))) as guest:
                try:
                    await guest.run(0, "once")
                except BaseException as raised:
                    caught.append(type(raised).__name__)
                else:
                    raise AssertionError(f"{error} was lost")
                assert guest.store.ended is not None
            await still_works()

        asyncio.run(main())
    assert caught.count("KeyboardInterrupt") == 3, caught
    assert caught.count("SystemExit") == 3, caught
    assert caught.count("RecursionError") == 3, caught
    assert caught.count("GeneratorExit") == 3, caught


@case
def unusual_exceptions_end_the_program_as_they_should() -> None:
    for error in (KeyboardInterrupt, SystemExit):

        def tick(store: Any, n: int, error: type[BaseException] = error) -> int:
            raise error

        async def main(tick: Any = tick) -> None:
            async with worker(tick) as guest:
                await guest.run(0, "once")

        try:
            asyncio.run(main())
        except error:
            continue
        raise AssertionError(f"{error} was lost")
    asyncio.run(still_works())


@case
def exit_status() -> None:
    def tick(store: Any, n: int) -> int:
        sys.exit(7)

    async def main() -> None:
        async with worker(tick) as guest:
            await guest.run(0, "once")

    print("survived")
    asyncio.run(main())


@case
def endless_recursion_in_a_capability() -> None:
    def tick(store: Any, n: int) -> int:
        return tick(store, n) + 1

    async def deep(store: Any, n: int) -> int:
        await asyncio.sleep(0)
        return await deep(store, n) + 1

    async def main() -> None:
        for function in (tick, deep):
            async with worker(function) as guest:
                try:
                    await guest.run(0, "once")
                except RecursionError:
                    pass
                else:
                    raise AssertionError
        await still_works()

    asyncio.run(main())


@case
def a_caller_near_the_recursion_limit() -> None:
    outcomes: dict[str, int] = {}

    async def main() -> None:
        for tick in (count, count_later):
            runtime, linked = await workers(tick)
            guest = await instantiate(linked)

            async def nested(guest: Guest, depth: int) -> int:
                if depth:
                    return await nested(guest, depth - 1)
                return int(await guest.run(2, "loop"))

            limit = sys.getrecursionlimit()
            for depth in range(limit - 200, limit):
                try:
                    assert await nested(guest, depth) == 2
                    outcome = "answered"
                except RecursionError:
                    outcome = "too deep"
                except InstanceEnded:
                    guest = await instantiate(linked)
                    outcome = "ended"
                outcomes[outcome] = outcomes.get(outcome, 0) + 1
                gc.collect()
            await guest.store.close()
            runtime.close()
        await still_works()

    asyncio.run(main())
    assert outcomes.keys() >= {"answered", "too deep"}, outcomes


@case
def deep_structures_in_a_capability() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    outcomes = []

    def tick(store: Any, n: int) -> int:
        for function in (repr, pickle.dumps, copy.deepcopy, str, hash):
            try:
                function(deep)
            except (RecursionError, TypeError) as error:
                outcomes.append(type(error).__name__)
        return n

    async def main() -> None:
        async with worker(tick) as guest:
            assert await guest.run(5, "loop") == 0
        function = echo_function(wit.List(wit.STRING))
        functions = {"echo": (function, lambda store, x: deep)}
        async with running(
            echo_component(wit.List(wit.STRING)), functions, resources={"thing": THING}
        ) as guest:
            for arguments in ((deep,), ([],)):
                try:
                    await guest.call("echo", function, *arguments)
                except EngineError:
                    continue
                raise AssertionError

    asyncio.run(main())
    assert len(outcomes) == 25


# -- Signals --


class Alarm(KeyboardInterrupt):
    """What a handler raises, at any instruction."""


class Armed:
    """Whether the handler raises: not in what the test itself does between two rounds."""

    now = False


def raise_alarm(number: int, frame: Any) -> None:
    if Armed.now:
        raise Alarm


def _another_handler(number: int, frame: Any) -> None:
    raise_alarm(number, frame)


def arm(first: float, interval: float = 0.0) -> None:
    Armed.now = True
    signal.setitimer(signal.ITIMER_REAL, first, interval)


class Loop:
    """An event loop that is thrown away once it has been cut off: asyncio itself does not survive that."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()

    def run(self, main: Coroutine[Any, Any, Any]) -> Any:
        return self._loop.run_until_complete(main)

    def renew(self) -> None:
        asyncio._set_running_loop(None)
        self._loop._thread_id = None  # type: ignore[attr-defined]  # it may believe that it still runs
        self._loop.close()
        self._loop = asyncio.new_event_loop()


def _storm(install: Callable[[], None], tick: Callable[..., Any]) -> None:
    """Start a runtime, call until an alarm comes, and another, close; again and again."""
    survived = 0
    loop = Loop()
    while survived < 50 * EFFORT:
        runtime, linked = loop.run(workers(tick))
        install()
        guest = loop.run(instantiate(linked))
        try:
            arm(0.0005, 0.0005)
            while True:
                loop.run(guest.run(200, "loop"))
        except (Alarm, InstanceEnded, RuntimeError):  # the last is asyncio's
            Armed.now = False
            survived += 1
        finally:
            Armed.now = False
            signal.setitimer(signal.ITIMER_REAL, 0)
        loop.renew()
        loop.run(asyncio.wait_for(guest.store.close(), 10))
        assert len(guest.slots.ends) == 1
        runtime.close()
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    asyncio.run(still_works())


@case
def alarms_at_any_instruction() -> None:
    signal.signal(signal.SIGALRM, raise_alarm)
    _storm(lambda: None, count)


@case
def alarms_while_host_functions_wait() -> None:
    signal.signal(signal.SIGALRM, raise_alarm)
    _storm(lambda: None, count_later)


@case
def alarms_whose_handler_came_after_the_runtime() -> None:
    def install() -> None:
        signal.signal(signal.SIGALRM, _another_handler)

    _storm(install, count)


@case
def alarms_that_are_survived_one_by_one() -> None:
    """The same program goes on after each: hundreds of calls, each cut off somewhere."""
    loop = Loop()
    _, linked = loop.run(workers(count))
    signal.signal(signal.SIGALRM, raise_alarm)
    rounds = cut = 0
    while cut < 500 * EFFORT:
        rounds += 1
        guest: Guest | None = None
        try:
            arm(0.0003 + (rounds % 50) * 0.00002)
            guest = loop.run(instantiate(linked))
            for _ in range(100):
                loop.run(guest.run(20, "loop"))
        except (Alarm, InstanceEnded, RuntimeError):
            Armed.now = False
            cut += 1
        finally:
            Armed.now = False
            signal.setitimer(signal.ITIMER_REAL, 0)
        loop.renew()
        if guest is not None:
            loop.run(asyncio.wait_for(guest.store.close(), 10))
            assert len(guest.slots.ends) == 1
    asyncio.run(still_works())
    print(f"{cut} of {rounds} cut off")


@case
def interrupted_from_outside() -> None:
    """Print `ready`, then call until SIGINT comes; under `asyncio.run`, as a program would."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # what a shell has in the background ignores it

    async def main() -> None:
        async with worker(count) as guest:
            print("ready", flush=True)
            while True:
                await guest.run(1000, "loop")

    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        asyncio.run(still_works())
        return
    raise AssertionError("the interrupt was lost")


# -- Ends that nobody waits for --


@case
def abandoned_calls_are_collected() -> None:
    async def main() -> None:
        runtime, linked = await workers(forever)
        for label in ("once", "spin"):
            for _ in range(150):
                guest = await instantiate(linked)
                call = guest.run(0, label)
                call.send(None)  # as a task would, and then never again
                cycle: list[Any] = [guest, call]
                cycle.append(cycle)
                ended = guest.slots.ends
                del guest, call, cycle
                gc.collect()
                assert len(ended) == 1
        runtime.close()
        await still_works()

    asyncio.run(main())


@case
def garbage_collected_inside_a_callback() -> None:
    async def main() -> None:
        runtime, linked = await workers(forever)
        ends: list[list[Any]] = []

        async def abandon() -> None:
            guest = await instantiate(linked)
            call = guest.run(0, "once")
            call.send(None)
            cycle: list[Any] = [guest, call]
            cycle.append(cycle)
            ends.append(guest.slots.ends)

        def collect(store: Any, n: int) -> int:
            gc.collect()
            return n + 1

        async def collect_later(store: Any, n: int) -> int:
            gc.collect()
            await asyncio.sleep(0)
            gc.collect()
            return n + 1

        gc.disable()
        for _ in range(50):
            for tick in (collect, collect_later):
                async with worker(tick) as guest:
                    await asyncio.create_task(abandon())  # whose context is its own
                    assert await guest.run(3, "loop") == 3
                    assert len(ends[-1]) == 1
        runtime.close()
        await still_works()

    asyncio.run(main())


@case
def a_coroutine_that_ignores_its_end() -> None:
    async def clings(store: Any, n: int) -> int:
        while True:
            try:
                await asyncio.Event().wait()
            except GeneratorExit:
                await asyncio.sleep(0)  # it may not, and Python says so

    async def main() -> None:
        for _ in range(20):
            runtime, linked = await workers(clings)
            guest = await instantiate(linked)
            call = guest.run(0, "once")
            call.send(None)
            call.close()
            assert len(guest.slots.ends) == 1
            runtime.close()
        await still_works()

    asyncio.run(main())


@case
def loop_closed_with_a_pending_call() -> None:
    kept: list[Any] = []

    async def start() -> None:
        _, linked = await workers(forever)
        for label in ("once", "spin"):
            guest = await instantiate(linked)
            kept.append((guest, asyncio.ensure_future(guest.run(0, label))))
        await asyncio.sleep(0.01)

    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda loop, context: None)
    loop.run_until_complete(start())
    loop.close()
    for guest, _ in kept:
        asyncio.run(guest.store.close())
        assert len(guest.slots.ends) == 1
    kept.clear()
    gc.collect()
    asyncio.run(still_works())


@case
def loop_closed_with_a_pending_call_that_nobody_closes() -> None:
    _pending()[-1].close()
    gc.collect()
    asyncio.run(still_works())


def _pending() -> list[Any]:
    kept: list[Any] = []

    async def start() -> None:
        _, linked = await workers(forever)
        for label in ("once", "spin", "once"):
            guest = await instantiate(linked)
            kept.append((guest, asyncio.ensure_future(guest.run(0, label))))
        await asyncio.sleep(0.01)

    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda loop, context: None)
    loop.run_until_complete(start())
    kept.append(loop)
    return kept


@case
def exit_with_pending_calls_in_a_local() -> None:
    kept = _pending()
    print("survived", flush=True)
    sys.exit(0 if kept else 1)


@case
def exit_with_pending_calls_in_a_global() -> None:
    globals()["kept"] = _pending()


@case
def exit_with_pending_calls_in_sys() -> None:
    sys.kept = _pending()  # type: ignore[attr-defined]


@case
def exit_with_pending_calls_in_a_cycle() -> None:
    kept = _pending()
    kept.append(kept)
    gc.disable()


@case
def exit_with_pending_calls_and_an_exit_handler() -> None:
    kept = _pending()
    atexit.register(kept.clear)
    atexit.register(gc.collect)


@case
def exit_releases_what_guests_hold() -> None:
    kept = _pending()
    released: list[Any] = []
    for guest, _ in kept[:-1]:
        guest.slots.ended = released.append
    atexit._run_exitfuncs()
    assert len(released) == 3, released


@case
def exit_from_a_task() -> None:
    async def main() -> None:
        _, linked = await workers(forever)
        guests = [await instantiate(linked) for _ in range(3)]
        calls = [asyncio.create_task(guest.run(0, "once")) for guest in guests]
        await asyncio.sleep(0.01)
        print("survived", flush=True)
        if calls:
            sys.exit(0)

    asyncio.run(main())


@case
def exit_with_a_reference_in_a_finalizer() -> None:
    kept = _pending()

    class Holder:
        pass

    holder = Holder()
    weakref.finalize(holder, lambda: print(len(kept), file=sys.stderr))
    globals()["holder"] = holder


# -- Stress --


@case
def closing_inside_callbacks() -> None:
    async def main() -> None:
        runtime = Runtime()
        compiled = await Compiler(runtime, None).compile(wasm(WORKER), "worker")

        def sync(store: Any, n: int) -> int:
            with suppress(StopIteration):
                store.close().send(None)
            return n

        async def first(store: Any, n: int) -> int:
            await store.close()
            return n

        async def late(store: Any, n: int) -> int:
            await asyncio.sleep(0)
            await store.close()
            return n

        async def task(store: Any, n: int) -> int:
            await asyncio.create_task(store.close())
            return n

        for tick in (sync, first, late, task):
            linked = link(runtime, compiled, {"tick": (CALL_U32, tick)})
            for _ in range(500):
                guest = await instantiate(linked)
                try:
                    await guest.run(3, "loop")
                except InstanceEnded:
                    assert len(guest.slots.ends) == 1
                    continue
                raise AssertionError
        runtime.close()
        await still_works()

    asyncio.run(main())


@case
def late_errors() -> None:
    class LateError(Exception):
        pass

    async def tick(store: Any, n: int) -> int:
        await asyncio.sleep(0)
        raise LateError(n)

    async def main() -> None:
        runtime, linked = await workers(tick)
        healthy = await instantiate(link(runtime, linked._compiled, {"tick": (CALL_U32, count)}))
        for n in range(2000):
            guest = await instantiate(linked)
            try:
                await guest.run(n, "once")
            except LateError as error:
                assert error.args == (n,)
            else:
                raise AssertionError
            assert await healthy.run(1, "loop") == 1
        await healthy.store.close()
        runtime.close()

    asyncio.run(main())


@case
def cancelled_calls_leave_memory_flat() -> None:
    async def main() -> None:
        runtime, linked = await workers(forever)

        async def cancel(times: int) -> None:
            for index in range(times):
                guest = await instantiate(linked)
                call = asyncio.create_task(guest.run(0, "spin" if index % 2 else "once"))
                await asyncio.sleep(0)
                await asyncio.sleep(0)
                call.cancel()
                await asyncio.wait([call])
                assert call.cancelled()
                assert len(guest.slots.ends) == 1

        await cancel(300)
        gc.collect()
        before = rss()
        await cancel(1500)
        gc.collect()
        assert rss() - before < 12 * MIB, (rss() - before) / MIB
        runtime.close()

    asyncio.run(main())


POINT: Final = wit.Record(
    (
        wit.Field("name", wit.STRING, "name"),
        wit.Field("at", wit.Tuple((wit.F64, wit.F64)), "at"),
        wit.Field("tags", wit.List(wit.STRING), "tags"),
        wit.Field("more", wit.Option(wit.Option(wit.STRING)), "more"),
        wit.Field("kind", wit.Enum(("one", "two")), "kind"),
        wit.Field("set", wit.Flags(("a", "b")), "set"),
        wit.Field("data", wit.BYTES, "data"),
    )
)
HEAVY: Final = wit.Variant(
    (wit.Case("point", POINT), wit.Case("text", wit.STRING), wit.Case("end", wit.Result(POINT, wit.STRING)),
     wit.Case("none", None), wit.Case("thing", wit.Own(THING)))
)  # fmt: skip


def heavy_values() -> list[Any]:
    point = {"name": "n" * 200, "at": (1.0, 2.0), "tags": ["t" * 100] * 5, "more": wit.Some("x" * 100),
             "kind": "two", "set": frozenset("ab"), "data": b"d" * 300}  # fmt: skip
    return [("point", point), ("text", "t" * 500), ("end", wit.Ok(point)), ("end", wit.Err("e" * 500)),
            ("none", None), ("thing", "a thing")]  # fmt: skip


@case
def values_leave_memory_flat() -> None:
    async def main() -> None:
        function = echo_function(HEAVY)
        for echo in (lambda store, x: x, _echo_later):
            functions = {"echo": (function, echo)}
            async with running(echo_component(HEAVY), functions, resources={"thing": THING}) as guest:
                values = heavy_values()

                async def calls(times: int, guest: Guest = guest, values: list[Any] = values) -> None:
                    for index in range(times):
                        value = values[index % len(values)]
                        assert await guest.call("echo", function, value) == value
                        guest.slots.log.clear()

                await calls(2000)
                gc.collect()
                before = rss()
                await calls(10_000)
                gc.collect()
                assert rss() - before < 6 * MIB, (rss() - before) / MIB

    asyncio.run(main())


async def _echo_later(store: Any, x: Any) -> Any:
    await asyncio.sleep(0)
    return x


@case
def refused_values_leave_memory_flat() -> None:
    """What is half written when a value turns out not to fit is freed, in arguments and in results."""
    point = heavy_values()[0][1]
    bad = [
        ("point", {**point, "data": "no bytes"}),
        ("point", {**point, "tags": ["t" * 1000, 5]}),
        ("point", {**point, "more": wit.Some(5)}),
        ("end", wit.Ok({**point, "set": {"c"}})),
        ("end", wit.Err(5)),
        ("text", 5),
        ("nothing", 5),
    ]

    async def main() -> None:
        function = echo_function(HEAVY)
        runtime = Runtime()
        compiled = await Compiler(runtime, None).compile(wasm(echo_component(HEAVY)), "echo")
        linked = link(
            runtime, compiled,
            {"echo": (function, lambda store, x: bad[int(x[1])])}, resources={"thing": THING},
        )  # fmt: skip

        async def calls(times: int) -> None:
            guest = await instantiate(linked)
            for index in range(times):
                try:
                    await guest.call("echo", function, bad[index % len(bad)])
                except EngineError:
                    continue
                raise AssertionError
            for index in range(times // 50):
                guest = await instantiate(linked)
                try:
                    await guest.call("echo", function, ("text", str(index % len(bad))))
                except EngineError:
                    continue
                raise AssertionError

        await calls(5000)
        gc.collect()
        before = rss()
        await calls(40_000)
        gc.collect()
        assert rss() - before < 16 * MIB, (rss() - before) / MIB
        runtime.close()

    asyncio.run(main())


@case
def links_leave_memory_flat() -> None:
    async def main() -> None:
        function = echo_function(HEAVY)
        runtime = Runtime()
        compiled = await Compiler(runtime, None).compile(wasm(echo_component(HEAVY)), "echo")

        async def links(times: int) -> None:
            for _ in range(times):
                linked = link(
                    runtime, compiled, {"echo": (function, lambda store, x: x)}, resources={"thing": THING}
                )
                guest = await instantiate(linked)
                await guest.call("echo", function, ("none", None))
                await guest.store.close()
            gc.collect()

        await links(50)
        before = rss()
        await links(200)
        assert rss() - before < 12 * MIB, (rss() - before) / MIB
        runtime.close()

    asyncio.run(main())


@case
def too_much_in_one_call() -> None:
    async def main() -> None:
        function = echo_function(wit.BYTES)
        answers = {0: bytes(40_000_000), 1: bytes(3_000_000)}
        for size in (3_000_000, 8_000_000):
            functions = {"echo": (function, lambda store, x: x)}
            async with running(echo_component(wit.BYTES), functions, resources={"thing": THING}) as guest:
                try:
                    await guest.call("echo", function, bytes(size))
                except LimitExceeded:
                    continue
                raise AssertionError
        functions = {"echo": (function, lambda store, x: answers[0])}
        async with running(echo_component(wit.BYTES), functions, resources={"thing": THING}) as guest:
            try:
                await guest.call("echo", function, b"")
            except EngineError as error:
                assert "16777216" in str(error), error
            else:
                raise AssertionError
        await still_works()

    asyncio.run(main())


@case
def guest_stack_overflows() -> None:
    async def main() -> None:
        runtime, linked = await workers(count)
        for _ in range(200):
            guest = await instantiate(linked)
            try:
                await guest.run(0, "deep")
            except Trap as trap:
                assert trap.reason == "call stack exhausted"
            else:
                raise AssertionError
        runtime.close()

    asyncio.run(main())


@case
def a_guest_in_another_thread() -> None:
    import threading

    def work() -> None:
        asyncio.run(still_works())

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    def spin() -> None:
        async def main() -> None:
            async with worker(forever) as guest:
                await guest.run(0, "spin")

        asyncio.run(main())

    threading.Thread(target=spin, daemon=True).start()
    time.sleep(0.2)  # and the program ends while it spins


@case
def a_forked_child() -> None:
    async def main() -> None:
        async with worker(forever) as guest:
            call = asyncio.create_task(guest.run(0, "once"))
            await asyncio.sleep(0.01)
            child = os.fork()
            if not child:
                os._exit(0)
            assert os.waitpid(child, 0)[1] == 0  # noqa: ASYNC222 - the child exits at once
            call.cancel()

    asyncio.run(main())


@case
def more_memories_than_there_are_addresses_for() -> None:
    addresses = int(Path("/proc/self/statm").read_text().split()[0]) * mmap.PAGESIZE

    async def main() -> None:
        runtime, linked = await workers(count)
        resource.setrlimit(resource.RLIMIT_AS, (addresses + (64 << 30), -1))
        guests = []
        try:
            while True:
                guests.append(await instantiate(linked))
        except LimitExceeded as error:
            assert error.limit is Limit.INSTANCES
            assert re.search(r"no more addresses.*vm\.max_map_count", str(error)), error
        assert await guests[-1].run(1, "once") == 2
        for guest in guests:
            await guest.store.close()
        runtime.close()

    asyncio.run(main())


@case
def as_many_carriers_as_the_kernel_has_mappings_for() -> None:
    most = mappings.most_mappings()
    assert most is not None
    # All but some are taken, each by a page that its neighbours cannot be one mapping with.
    taken = mappings.count_mappings()
    size = max(0, int(most * 0.85) - taken) // 2 * 2 * mmap.PAGESIZE
    space = mmap.mmap(-1, max(size, mmap.PAGESIZE), mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    mprotect = ctypes.CDLL(None).mprotect
    at = ctypes.addressof((ctypes.c_char * 0).from_buffer(space))
    for page in range(0, size, 2 * mmap.PAGESIZE):
        assert mprotect(ctypes.c_void_p(at + page), mmap.PAGESIZE, mmap.PROT_READ) == 0

    async def main() -> None:
        function, runtime, guests = echo_function(wit.BYTES), Runtime(), []
        binary = wasm(echo_component(wit.BYTES))
        wrapped = wrap(binary, decode(binary), lane=True)
        compiled = await Compiler(runtime, None).compile(wrapped.binary, "guest")
        echo = {"echo": (function, lambda store, data: data)}
        linked = link(runtime, compiled, echo, resources={"thing": THING}, lane=wrapped.lane)
        refused = 0
        while mappings.process.take(pooled=False):
            guests.append(await instantiate(linked, lanes=wrapped.lane.sides))
        for guest in guests:
            try:
                assert await guest.call("echo", function, b"\xff" * 5000) == b"\xff" * 5000
            except LimitExceeded:
                assert refused or 0.9 * most < mappings.count_mappings() < most
                refused += 1
        assert 0 < refused < len(guests)
        for guest in guests:
            await guest.store.close()
        runtime.close()

    asyncio.run(main())


if __name__ == "__main__":
    gc.freeze()  # cases that collect are to look at what they have made, not at modules
    CASES[sys.argv[1]]()
    print("survived", flush=True)
