"""Calls between host and guest: values, awaitables, handles, their order, and how they end early."""

from __future__ import annotations

import asyncio
import gc
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from capwit.engine import types as wit
from capwit.engine.compiler import Compiler
from capwit.engine.errors import ConversionError, InstanceEnded, LinkError, ReentranceError, Trap
from capwit.engine.link import Linked
from capwit.engine.plan import HostFunction
from capwit.engine.runtime import Runtime

from tests.engine.support import (
    CALL_U32,
    LENT,
    OWN,
    THING,
    WORKER,
    handles,
    instantiate,
    link,
    memories,
    running,
    wasm,
    worker,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine


class RefusedError(Exception):
    """What a capability raises, and its function's type carries."""


def count(store: Any, n: int) -> int:
    return n + 1


async def count_async(store: Any, n: int) -> int:
    return n + 1


async def count_later(store: Any, n: int) -> int:
    await asyncio.sleep(0)
    return n + 1


def count_future(store: Any, n: int) -> asyncio.Future[int]:
    future = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(future.set_result, n + 1)
    return future


def count_done(store: Any, n: int) -> asyncio.Future[int]:
    future = asyncio.get_running_loop().create_future()
    future.set_result(n + 1)
    return future


class Awaitable:
    def __init__(self, n: int) -> None:
        self.n = n

    def __await__(self) -> Any:
        yield from asyncio.sleep(0).__await__()
        return self.n + 1


def count_awaitable(store: Any, n: int) -> Awaitable:
    return Awaitable(n)


COUNTS = [count, count_async, count_later, count_future, count_done, count_awaitable]


@pytest.mark.parametrize("tick", COUNTS, ids=lambda tick: tick.__name__)
def test_a_host_function_answers_with_a_value_or_an_awaitable(tick: Any) -> None:
    async def main() -> None:
        async with worker(tick) as guest:
            assert await guest.run(500, "loop") == 500
            assert await guest.run(4, "once") == 5

    asyncio.run(main())


def test_a_timeout_inside_a_capability_is_its_own() -> None:
    async def patient(store: Any, n: int) -> int:
        try:
            async with asyncio.timeout(0.001):
                await asyncio.Event().wait()
        except TimeoutError:
            return n + 1
        return 0

    async def main() -> None:
        async with worker(patient) as guest:
            assert await guest.run(3, "loop") == 3

    asyncio.run(main())


@pytest.mark.parametrize("late", [False, True])
def test_an_exception_ends_the_instance_and_comes_out_of_the_call(late: bool) -> None:
    error = RefusedError("no")

    def fail(store: Any, n: int) -> int:
        raise error

    async def fail_later(store: Any, n: int) -> int:
        await asyncio.sleep(0)
        raise error

    async def main() -> None:
        async with worker(fail_later if late else fail) as guest, worker(count) as other:
            with pytest.raises(RefusedError) as caught:
                await guest.run(0, "once")
            assert caught.value is error
            with pytest.raises(InstanceEnded, match="RefusedError: no"):
                await guest.run(0, "add")
            assert len(guest.slots.ends) == 1
            assert await other.run(5, "loop") == 5

    asyncio.run(main())


# -- Handles --


def refuse(store: Any, thing: Any, n: int) -> Any:
    raise RefusedError


async def refuse_async(store: Any, thing: Any, n: int) -> Any:
    raise RefusedError


async def refuse_later(store: Any, thing: Any, n: int) -> Any:
    await asyncio.sleep(0)
    raise RefusedError


async def answer_later(store: Any, thing: Any, n: int) -> Any:
    await asyncio.sleep(0)
    return n


def carry(store: Any, error: Exception) -> int:
    return 7


@pytest.mark.parametrize(
    ("use", "answer"),
    [
        (lambda store, thing, n: n, 6),
        (answer_later, 6),
        (refuse, 3 * 1007),
        (refuse_async, 3 * 1007),
        (refuse_later, 3 * 1007),
    ],
    ids=["value", "awaited", "raises", "raises async", "raises later"],
)
def test_a_borrow_ends_whatever_the_host_function_does(use: Any, answer: int) -> None:
    async def main() -> None:
        async with handles(use, catch=carry) as guest:
            assert await guest.run(3, "use") == answer
            assert await guest.run(3, "use") == answer
            assert guest.slots.live == {}
            assert [what for what, _ in guest.slots.log if what != "begin"] == (
                ["borrow out"] * 3 + ["dropped"]
            ) * 2

    asyncio.run(main())


@pytest.mark.parametrize("use", [refuse, refuse_async, refuse_later])
def test_a_borrow_ends_with_the_instance_when_nothing_carries_the_error(use: Any) -> None:
    async def main() -> None:
        async with handles(use) as guest:
            with pytest.raises(RefusedError):
                await guest.run(3, "use")
            assert len(guest.slots.ends) == 1

    asyncio.run(main())


def test_one_handle_lent_twice_at_once() -> None:
    async def main() -> None:
        async with handles() as guest:
            assert await guest.run(0, "both") == 2 * len("thing")

    asyncio.run(main())


LIST = """(component
  (import "test:echo/host" (instance $h
    (export "thing" (type $thing (sub resource)))
    (export "make" (func (result (own $thing))))
    (export "all" (func (param "things" (list (borrow $thing))) (result u32)))))
  (alias export $h "thing" (type $thing))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (core func $make (canon lower (func $h "make")))
  (core func $all (canon lower (func $h "all") (memory (core memory $libc "memory"))))
  (core module $m
    (import "l" "memory" (memory 1))
    (import "h" "make" (func $make (result i32)))
    (import "h" "all" (func $all (param i32 i32) (result i32)))
    (func (export "run") (param $n i32) (result i32) (local $i i32)
      (loop $more
        (i32.store (i32.mul (local.get $i) (i32.const 4)) (call $make))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $more (i32.lt_u (local.get $i) (local.get $n))))
      (drop (call $all (i32.const 0) (local.get $n)))
      (call $all (i32.const 0) (local.get $n))))
  (core instance $i (instantiate $m (with "l" (instance $libc)) (with "h" (instance
    (export "make" (func $make)) (export "all" (func $all))))))
  (func (export "run") (param "n" u32) (result u32) (canon lift (core func $i "run"))))"""


def test_a_list_of_handles_lent_at_once() -> None:
    many = wit.Function((wit.Param("things", wit.List(LENT)),), wit.U32)

    async def main() -> None:
        functions: dict[str, Any] = {
            "make": (wit.Function((), OWN), lambda store: "thing"),
            "all": (many, lambda store, things: len(set(map(id, things))) * 100 + len(things)),
        }
        async with running(LIST, functions, resources={"thing": THING}) as guest:
            assert await guest.run(100) == 200
            assert len(guest.slots.live) == 100

    asyncio.run(main())


def test_an_owned_handle_moves_out() -> None:
    async def main() -> None:
        async with handles() as guest:
            assert await guest.run(0, "give") == len("thing")
            assert guest.slots.live == {}
            assert ("dropped", 1) not in guest.slots.log

    asyncio.run(main())


def test_a_handle_given_away_is_gone() -> None:
    async def main() -> None:
        async with handles() as guest:
            with pytest.raises(Trap, match="unknown handle index"):
                await guest.run(0, "stale")

    asyncio.run(main())


def test_the_host_lends_and_gives() -> None:
    lend = wit.Function((wit.Param("t", LENT), wit.Param("n", wit.U32)), wit.U32)
    pass_on = wit.Function((wit.Param("t", OWN),), OWN)

    async def main() -> None:
        async with handles() as guest:
            for _ in range(3):
                assert await guest.call("lent", lend, "lent", 2) == 3
                assert guest.slots.live == {}
                assert await guest.call("pass", pass_on, "given") == "given"
                assert guest.slots.live == {}

    asyncio.run(main())


def test_an_argument_that_does_not_fit_gives_up_what_was_lowered_for_the_call() -> None:
    lend = wit.Function((wit.Param("t", LENT), wit.Param("n", wit.U32)), wit.U32)

    async def main() -> None:
        async with handles() as guest:
            with pytest.raises(ConversionError, match="lent: n: -1 is out of the range"):
                await guest.call("lent", lend, "lent", -1)
            assert ("abandon", None) in guest.slots.log
            assert await guest.call("lent", lend, "lent", 2) == 3

    asyncio.run(main())


def test_a_drop_that_fails_ends_the_instance() -> None:
    async def main() -> None:
        async with handles() as guest:

            def dropped(rep: int) -> None:
                raise RefusedError("drop")

            guest.slots.dropped = dropped
            with pytest.raises(RefusedError, match="drop"):
                await guest.run(1, "use")
            assert isinstance(guest.store.ended, InstanceEnded)

    asyncio.run(main())


def test_what_the_owner_of_the_handles_raises_ends_the_instance_and_no_more() -> None:
    async def main() -> None:
        for name in ("lift_borrow", "lower_own"):
            async with handles() as guest:

                def fail(*arguments: Any) -> Any:
                    raise RefusedError("table")

                setattr(guest.slots, name, fail)
                with pytest.raises(RefusedError):
                    await guest.run(1, "use")
                assert guest.store.ended is not None

    asyncio.run(main())


# -- Order, reentrance --


def test_calls_on_one_instance_queue_in_order() -> None:
    events: list[str] = []

    async def note(store: Any, n: int) -> int:
        events.append(f"in {n}")
        await asyncio.sleep(0.001 * (5 - n))
        events.append(f"out {n}")
        return n

    async def main() -> None:
        async with worker(note) as guest:
            answers = await asyncio.gather(*(guest.run(n, "once") for n in range(5)))
            assert answers == [0, 1, 2, 3, 4]
            assert events == [f"{way} {n}" for n in range(5) for way in ("in", "out")]

    asyncio.run(main())


def test_a_queued_call_may_be_cancelled_and_costs_the_instance_nothing() -> None:
    gate = asyncio.Event()

    async def wait(store: Any, n: int) -> int:
        await gate.wait()
        return n

    async def main() -> None:
        async with worker(wait) as guest:
            first, second, third = (asyncio.create_task(guest.run(n, "once")) for n in range(3))
            await asyncio.sleep(0)
            second.cancel()
            gate.set()
            assert await first == 0
            assert await third == 2
            assert second.cancelled() or await asyncio.wait([second])
            assert guest.store.ended is None

    asyncio.run(main())


def test_queued_calls_end_with_the_instance() -> None:
    async def fail(store: Any, n: int) -> int:
        await asyncio.sleep(0)
        raise RefusedError

    async def main() -> None:
        async with worker(fail) as guest:
            results = await asyncio.gather(*(guest.run(n, "once") for n in range(3)), return_exceptions=True)
            assert [type(result) for result in results] == [RefusedError, InstanceEnded, InstanceEnded]

    asyncio.run(main())


@pytest.mark.parametrize("late", [False, True])
def test_a_capability_that_calls_its_own_instance(late: bool) -> None:
    async def main() -> None:
        async def again(store: Any, n: int) -> int:
            if late:
                await asyncio.sleep(0)
            return int(await guest.run(n, "add"))

        async with worker(again) as guest:
            with pytest.raises(ReentranceError, match=r"add: .* Mend"):
                await guest.run(1, "once")

    asyncio.run(main())


@pytest.mark.parametrize("late", [False, True])
def test_two_instances_that_call_each_other(late: bool) -> None:
    seen: list[BaseException] = []

    async def main() -> None:
        async def from_first(store: Any, n: int) -> int:
            if late:
                await asyncio.sleep(0)
            return int(await second.run(n, "once"))

        async def from_second(store: Any, n: int) -> int:
            if late:
                await asyncio.sleep(0)
            try:
                return int(await first.run(n, "add"))
            except ReentranceError as error:
                seen.append(error)
                return n + 10

        async with worker(from_first) as first, worker(from_second) as second:
            assert await first.run(1, "once") == 11
            assert await first.run(2, "once") == 12
            assert len(seen) == 2

    asyncio.run(main())


@pytest.mark.parametrize("late", [False, True])
def test_a_chain_of_instances(late: bool) -> None:
    async def main() -> None:
        guests: list[Any] = []

        def tick(index: int) -> Any:
            async def forward(store: Any, n: int) -> int:
                if late:
                    await asyncio.sleep(0)
                return n if index == 0 else int(await guests[index - 1].run(n + 1, "once"))

            return forward

        runtime = Runtime()
        compiled = await Compiler(runtime, None).compile(wasm(WORKER), "worker")
        for index in range(10):
            linked = link(runtime, compiled, {"tick": (CALL_U32, tick(index))})
            guests.append(await instantiate(linked))
        for _ in range(3):
            assert await guests[-1].run(0, "once") == 9
        for guest in guests:
            await guest.store.close()
        runtime.close()

    asyncio.run(main())


def test_another_task_of_a_capability_may_call_when_its_turn_comes() -> None:
    later: list[asyncio.Task[int]] = []

    async def main() -> None:
        async def again(store: Any, n: int) -> int:
            later.append(asyncio.create_task(guest.run(n, "add")))
            await asyncio.sleep(0)
            return n

        async with worker(again) as guest:
            assert await guest.run(1, "once") == 1
            assert await later[0] == 2

    asyncio.run(main())


# -- Cancelling and closing --


@pytest.mark.parametrize("label", ["spin", "once", "loop"])
def test_cancelling_a_call_ends_the_instance(label: str) -> None:
    events: list[str] = []

    async def wait(store: Any, n: int) -> int:
        if label == "loop":
            await asyncio.sleep(0)
            return n
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            events.append("told")
            await asyncio.sleep(0)  # a capability may clean up
            events.append("unwound")
            raise
        return n

    async def main() -> None:
        async with worker(wait) as guest:
            call = asyncio.create_task(guest.run(2**31, label))
            await asyncio.sleep(0.02)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            assert call.cancelled()
            assert events == (["told", "unwound"] if label == "once" else [])
            assert len(guest.slots.ends) == 1
            with pytest.raises(InstanceEnded, match="the call was cancelled"):
                await guest.run(0, "add")

    asyncio.run(main())


def test_a_capability_that_survives_its_cancelling_answers() -> None:
    async def stubborn(store: Any, n: int) -> int:
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        return n + 1

    async def main() -> None:
        async with worker(stubborn) as guest:
            call = asyncio.create_task(guest.run(1, "once"))
            await asyncio.sleep(0.01)
            call.cancel()
            assert await call == 2
            assert await guest.run(1, "add") == 2

    asyncio.run(main())


@pytest.mark.parametrize("label", ["spin", "once"])
def test_closing_from_another_task(label: str) -> None:
    async def wait(store: Any, n: int) -> int:
        await asyncio.Event().wait()
        return n

    async def main() -> None:
        async with worker(wait) as guest:
            calls = [asyncio.create_task(guest.run(0, label)) for _ in range(3)]
            await asyncio.sleep(0.02)
            await asyncio.gather(guest.store.close(), guest.store.close())
            for call in calls:
                with pytest.raises(InstanceEnded, match="closed"):
                    await call
                assert call.cancelling() == 0, "the task itself was not cancelled"
            assert len(guest.slots.ends) == 1
            with pytest.raises(InstanceEnded):
                await guest.run(0, "add")

    asyncio.run(main())


def test_closing_and_cancelling_at_once_cancels_the_task() -> None:
    async def wait(store: Any, n: int) -> int:
        await asyncio.Event().wait()
        return n

    async def main() -> None:
        async with worker(wait) as guest:
            call = asyncio.create_task(guest.run(0, "once"))
            await asyncio.sleep(0.01)
            closing = asyncio.create_task(guest.store.close())
            await asyncio.sleep(0)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            await closing

    asyncio.run(main())


def stubborn(gate: asyncio.Event) -> Callable[[Any, int], Coroutine[Any, Any, int]]:
    """Return a capability that will not be cancelled: it waits until the gate is open."""

    async def wait(store: Any, n: int) -> int:
        while not gate.is_set():
            with suppress(asyncio.CancelledError):
                await gate.wait()
        return n

    return wait


def test_closing_waits_for_a_capability_that_will_not_be_cancelled() -> None:
    gate = asyncio.Event()

    async def main() -> None:
        async with worker(stubborn(gate)) as guest:
            call = asyncio.create_task(guest.run(0, "once"))
            await asyncio.sleep(0.01)
            closing = asyncio.create_task(guest.store.close())
            await asyncio.sleep(0.01)
            assert not closing.done()
            gate.set()
            await closing
            with pytest.raises(InstanceEnded, match="closed"):
                await call
            assert call.cancelling() == 0

    asyncio.run(main())


@pytest.mark.parametrize("late", [False, True])
def test_closing_from_inside_a_capability(late: bool) -> None:
    async def main() -> None:
        async def end(store: Any, n: int) -> int:
            if late:
                await asyncio.sleep(0)
            await store.close()
            assert store.ended is None, "it ends when the capability has returned"
            return n

        async with worker(end) as guest:
            with pytest.raises(InstanceEnded, match="closed"):
                await guest.run(3, "loop")
            assert len(guest.slots.ends) == 1

    asyncio.run(main())


def test_closing_from_inside_a_sync_capability() -> None:
    def end(store: Any, n: int) -> int:
        with pytest.raises(StopIteration):
            store.close().send(None)
        return n

    async def main() -> None:
        async with worker(end) as guest:
            with pytest.raises(InstanceEnded, match="closed"):
                await guest.run(3, "loop")

    asyncio.run(main())


def test_closing_from_a_task_that_a_capability_waits_for() -> None:
    async def end(store: Any, n: int) -> int:
        await asyncio.gather(store.close())
        return n

    async def main() -> None:
        async with worker(end) as guest:
            with pytest.raises(InstanceEnded, match="closed"):
                await asyncio.wait_for(guest.run(0, "once"), 5)

    asyncio.run(main())


def test_one_instance_may_close_another_from_inside_its_capability() -> None:
    async def main() -> None:
        async def end_other(store: Any, n: int) -> int:
            await other.store.close()
            return n

        async with worker(count) as other, worker(end_other) as guest:
            assert await guest.run(4, "once") == 4
            assert len(other.slots.ends) == 1, "closed as soon as wasmtime was off the stack"

    asyncio.run(main())


def test_an_instance_that_traps_inside_anothers_capability() -> None:
    async def main() -> None:
        async def pass_on(store: Any, n: int) -> int:
            with pytest.raises(Trap):
                await other.run(0, "trap")
            return n

        async with worker(count) as other, worker(pass_on) as guest:
            assert await guest.run(4, "once") == 4
            assert len(other.slots.ends) == 1

    asyncio.run(main())


def test_closing_twice_and_after_the_end() -> None:
    async def main() -> None:
        async with worker(count) as guest:
            with pytest.raises(Trap):
                await guest.run(0, "trap")
            await guest.store.close()
            await guest.store.close()
            assert len(guest.slots.ends) == 1

    asyncio.run(main())


def test_a_close_that_is_itself_cancelled() -> None:
    gate = asyncio.Event()

    async def main() -> None:
        async with worker(stubborn(gate)) as guest:
            call = asyncio.create_task(guest.run(0, "once"))
            await asyncio.sleep(0.01)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(guest.store.close(), 0.01)
            gate.set()
            with pytest.raises(InstanceEnded):
                await call

    asyncio.run(main())


# -- Starting --

START = """(component
  (import "test:echo/host" (instance $h (export "tick" (func (param "n" u32) (result u32)))))
  (core func $tick (canon lower (func $h "tick")))
  (core module $m
    (import "h" "tick" (func $tick (param i32) (result i32)))
    (global $g (mut i32) (i32.const 0))
    (func $start (global.set $g (call $tick (i32.const 41))))
    (start $start)
    (func (export "run") (param i32) (result i32) (global.get $g)))
  (core instance $i (instantiate $m (with "h" (instance (export "tick" (func $tick))))))
  (func (export "run") (param "n" u32) (result u32) (canon lift (core func $i "run"))))"""


@pytest.mark.parametrize("tick", COUNTS, ids=lambda tick: tick.__name__)
def test_a_guest_may_call_the_host_while_it_starts(tick: Any) -> None:
    async def main() -> None:
        async with running(START, {"tick": (CALL_U32, tick)}) as guest:
            assert await guest.run() == 42

    asyncio.run(main())


def test_a_failure_while_it_starts_is_raised() -> None:
    async def fail(store: Any, n: int) -> int:
        await asyncio.sleep(0)
        raise RefusedError

    async def main() -> None:
        with pytest.raises(RefusedError):
            async with running(START, {"tick": (CALL_U32, fail)}):
                pass

    asyncio.run(main())


def test_starting_may_be_cancelled() -> None:
    async def wait(store: Any, n: int) -> int:
        await asyncio.Event().wait()
        return n

    async def main() -> None:
        async def start() -> None:
            async with running(START, {"tick": (CALL_U32, wait)}):
                pass

        with pytest.raises(TimeoutError):
            await asyncio.wait_for(start(), 0.05)

    asyncio.run(main())


def test_an_export_that_is_not_there() -> None:
    async def main() -> None:
        async with worker(count) as guest:
            with pytest.raises(LinkError, match="guest: exports no nothing"):
                await guest.run(0, "nothing")

    asyncio.run(main())


def test_a_name_defined_twice_is_a_link_error() -> None:
    async def main() -> None:
        runtime = Runtime()
        compiled = await Compiler(runtime, None).compile(wasm(memories([1])), "guest")
        hosted = HostFunction("thing", CALL_U32, count)
        with pytest.raises(LinkError, match="guest: cannot define thing"):
            Linked(runtime, compiled, {"": {"thing": hosted}}, {"": {"thing": THING}}, "guest")
        runtime.close()

    asyncio.run(main())


def test_links_and_stores_are_let_go() -> None:
    async def main() -> None:
        runtime = Runtime()
        compiled = await Compiler(runtime, None).compile(wasm(WORKER), "worker")
        for _ in range(50):
            guest = await instantiate(link(runtime, compiled, {"tick": (CALL_U32, count)}))
            assert await guest.run(1, "once") == 2
            await guest.store.close()
        gc.collect()
        runtime.close()

    asyncio.run(main())
