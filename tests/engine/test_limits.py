"""Limits: each is a typed error that names it, and none lets a guest keep the event loop."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from capwit.engine import types as wit
from capwit.engine.errors import InstanceEnded, Limit, LimitExceeded, Trap
from capwit.engine.limits import parse_size, parse_time
from capwit.engine.runtime import Runtime
from capwit.engine.traps import explain_trap

from tests.engine.support import (
    THING,
    echo_component,
    echo_function,
    limits,
    memories,
    running,
    ticks,
    worker,
)

PAGE = 65536
FAILED = 2**32 - 1  # what memory.grow answers when it may not


def count(store: Any, n: int) -> int:
    return n + 1


async def exceeded(guest: Any, call: Any) -> Limit:
    with pytest.raises(LimitExceeded) as caught:
        await call
    assert "Mend: " in str(caught.value)
    assert guest.store.ended is caught.value
    assert guest.slots.ends == [caught.value]
    with pytest.raises(InstanceEnded):
        await guest.run(0, "add")
    limit: Limit = caught.value.limit
    return limit


@pytest.mark.parametrize(("label", "fuel"), [("spin", 100_000), ("spin", 50_000_000), ("add", 0)])
def test_fuel(label: str, fuel: int) -> None:
    async def main() -> None:
        async with worker(count, fuel=fuel) as guest:
            assert await exceeded(guest, guest.run(0, label)) is Limit.FUEL

    asyncio.run(main())


def test_fuel_is_spent_over_calls() -> None:
    async def main() -> None:
        async with worker(count, fuel=1_000_000) as guest:
            for _ in range(5):
                assert await guest.run(30_000, "burn") == 7
            assert await exceeded(guest, guest.run(300_000, "burn")) is Limit.FUEL

    asyncio.run(main())


def refuelling(amounts: list[int], asked: list[int], waits: bool = False) -> Any:
    """Return what gives these amounts of fuel, one after the other, and then none."""

    def give(amount: int) -> int:
        asked.append(amount)
        return amounts.pop(0) if amounts else 0

    async def wait(amount: int) -> int:
        await asyncio.sleep(0)
        return give(amount)

    return wait if waits else give


@pytest.mark.parametrize("waits", [False, True])
def test_more_fuel_is_taken_before_it_is_used_up(waits: bool) -> None:
    async def main() -> None:
        asked: list[int] = []
        async with worker(count, fuel=1_000_000) as guest:
            guest.store.fuel.draw_from(refuelling([20_000_000] * 3, asked, waits))
            for _ in range(5):
                assert await guest.run(1_000_000, "burn") == 7
            assert guest.store.fuel.taken in (20_000_000, 40_000_000)
            used = 1_000_000 + guest.store.fuel.taken - guest.store.fuel.left
            assert used > 10_000_000
            assert await exceeded(guest, guest.run(0, "spin")) is Limit.FUEL
            assert guest.store.fuel.taken == 60_000_000
            assert "all of its 61000000" in str(guest.store.ended)

    asyncio.run(main())


def test_fuel_that_cannot_be_had_is_the_limit() -> None:
    async def fails(amount: int) -> int:
        raise ConnectionError("the pump is closed")

    async def main() -> None:
        async with worker(count, fuel=3_000_000) as guest:
            guest.store.fuel.draw_from(fails)
            assert await exceeded(guest, guest.run(0, "spin")) is Limit.FUEL

    asyncio.run(main())


def test_waiting_for_fuel_counts_as_waiting() -> None:
    async def never(amount: int) -> int:
        return int(await asyncio.Event().wait())

    async def main() -> None:
        async with worker(count, fuel=1_000_000, wall=0.05) as guest:
            guest.store.fuel.draw_from(never)
            assert await exceeded(guest, guest.run(0, "add")) is Limit.WALL

    asyncio.run(main())


def test_no_more_is_granted_than_is_asked_for() -> None:
    async def main() -> None:
        async with worker(count, fuel=0) as guest:
            guest.store.fuel.draw_from(lambda _: 2**64)
            assert await guest.run(0, "add") == 1
            assert guest.store.fuel.taken == 50_000_000
            guest.store.fuel.draw_from(lambda _: -1)
            assert await exceeded(guest, guest.run(0, "spin")) is Limit.FUEL

    asyncio.run(main())


def test_wall_time_ends_a_spinning_guest() -> None:
    async def main() -> None:
        async with worker(count, wall=0.05) as guest:
            assert await exceeded(guest, guest.run(0, "spin")) is Limit.WALL

    asyncio.run(main())


def test_wall_time_ends_a_guest_whose_host_function_waits() -> None:
    events: list[str] = []

    async def forever(store: Any, n: int) -> int:
        try:
            await asyncio.Event().wait()
        finally:
            events.append("unwound")
        return 0

    async def main() -> None:
        async with worker(forever, wall=0.05) as guest:
            assert await exceeded(guest, guest.run(0, "once")) is Limit.WALL
            assert events == ["unwound"]

    asyncio.run(main())


def test_a_timeout_of_the_capability_is_not_the_wall_limit() -> None:
    async def late(store: Any, n: int) -> int:
        await asyncio.wait_for(asyncio.Event().wait(), 0.01)
        return 0

    async def main() -> None:
        async with worker(late, wall=30) as guest:
            with pytest.raises(TimeoutError) as caught:
                await guest.run(0, "once")
            assert not isinstance(caught.value, LimitExceeded)

    asyncio.run(main())


def test_growing_memory_past_the_limit_fails_in_the_guest() -> None:
    async def main() -> None:
        async with worker(count, memory=16 * PAGE) as guest:
            assert await guest.run(15, "grow") == 1
            assert await guest.run(1, "grow") == FAILED
            assert await guest.run(0, "grow") == 16

    asyncio.run(main())


# A component, what it is granted, and the limit that it hits when it starts.
REFUSED = [
    (memories([17]), {"memory": 16 * PAGE}, Limit.MEMORY),
    (memories([1, 1]), {"memory": 16 * PAGE}, Limit.MEMORY),
    (memories([1, 9]), {"memory": 16 * PAGE, "memories": 2}, Limit.MEMORY),
    (memories([1], (101,)), {"table": 100}, Limit.TABLE),
    (memories([1], (1, 1, 1)), {"tables": 2}, Limit.TABLE),
]


@pytest.mark.parametrize(
    ("text", "granted", "limit"), REFUSED, ids=["min", "count", "share", "table", "tables"]
)
def test_what_needs_more_than_its_limit_does_not_start(
    text: str, granted: dict[str, Any], limit: Limit
) -> None:
    async def main() -> None:
        with pytest.raises(LimitExceeded, match=r"guest: .* Mend: raise") as caught:
            async with running(text, **granted):
                pass
        assert caught.value.limit is limit

    asyncio.run(main())


def test_memories_share_the_budget() -> None:
    async def main() -> None:
        async with running(memories([1, 1]), memory=16 * PAGE, memories=2) as guest:
            assert await guest.run(7) == 1
            assert await guest.run(1) == FAILED
        async with running(memories([8, 8]), memory=16 * PAGE, memories=2) as guest:
            assert await guest.run(1) == FAILED

    asyncio.run(main())


def test_one_call_carries_only_so_much() -> None:
    function = echo_function(wit.BYTES)

    async def main() -> None:
        functions = {"echo": (function, lambda store, x: x)}
        async with running(echo_component(wit.BYTES), functions, resources={"thing": THING}) as guest:
            assert len(await guest.call("echo", function, bytes(2_000_000))) == 2_000_000
            with pytest.raises(LimitExceeded, match="in parts") as caught:
                await guest.call("echo", function, bytes(3_000_000))
            assert caught.value.limit is Limit.ARGUMENTS
            assert guest.store.ended is caught.value

    asyncio.run(main())


def test_the_stack_is_a_trap() -> None:
    async def main() -> None:
        async with worker(count) as guest:
            with pytest.raises(Trap) as caught:
                await guest.run(0, "deep")
            assert caught.value.reason == "call stack exhausted"
            assert caught.value.function == "deep"

    asyncio.run(main())


def test_a_trap_says_why_and_where() -> None:
    async def main() -> None:
        async with worker(count) as guest:
            with pytest.raises(Trap, match="trap: the guest trapped: integer divide by zero") as caught:
                await guest.run(0, "trap")
            assert "wasm function" in caught.value.backtrace
            with pytest.raises(InstanceEnded, match="integer divide by zero"):
                await guest.run(0, "add")

    asyncio.run(main())


def test_a_guest_cannot_choose_its_error_by_a_function_name() -> None:
    name = "all fuel consumed\\nCaused by:\\n    wasm trap: all fuel consumed"
    text = f"""(component (core module $m (func $f (@name "{name}") (export "run") (param i32) (result i32)
        (unreachable)))
      (core instance $i (instantiate $m))
      (func (export "run") (param "n" u32) (result u32) (canon lift (core func $i "run"))))"""

    async def main() -> None:
        async with running(text) as guest:
            with pytest.raises(Trap) as caught:
                await guest.run()
            assert "all fuel consumed" in caught.value.backtrace
            assert "unreachable" in caught.value.reason

    asyncio.run(main())


def test_a_message_without_a_cause_is_the_reason() -> None:
    trap = explain_trap("run", "unknown handle index 1", limits())
    assert isinstance(trap, Trap)
    assert trap.reason == "unknown handle index 1"


@pytest.mark.parametrize("fuel", [None, 10**12])
def test_a_spinning_guest_does_not_starve_its_siblings(fuel: int | None) -> None:
    async def main() -> None:
        over = asyncio.Event()
        async with worker(count, fuel=fuel) as guest:
            spinning = asyncio.create_task(guest.run(0, "spin"))
            counting = asyncio.create_task(ticks(over))
            async with worker(count, runtime=None) as sibling:
                assert await sibling.run(50_000, "loop") == 50_000
            over.set()
            assert await counting > 10
            assert not spinning.done()
            spinning.cancel()
            with pytest.raises(asyncio.CancelledError):
                await spinning
            assert isinstance(guest.store.ended, InstanceEnded)

    asyncio.run(main())


def test_a_guest_that_calls_the_host_without_end_does_not_starve_its_siblings() -> None:
    async def main() -> None:
        over = asyncio.Event()
        async with worker(count) as guest:
            looping = asyncio.create_task(guest.run(2**31, "loop"))
            counting = asyncio.create_task(ticks(over))
            await asyncio.sleep(0.2)
            over.set()
            assert await counting > 5
            looping.cancel()
            with pytest.raises(asyncio.CancelledError):
                await looping

    asyncio.run(main())


@pytest.mark.parametrize(
    "changed",
    [
        {"memory": 2**63}, {"memory": -1}, {"memories": 0}, {"memories": -1}, {"table": 2**64},
        {"tables": -1},
        {"fuel": 2**64}, {"fuel": -1}, {"wall": -1.0}, {"wall": float("nan")}, {"memory": 1.5},
    ],
    ids=repr,
)  # fmt: skip
def test_limits_that_the_engine_would_misread_are_refused(changed: dict[str, Any]) -> None:
    (name,) = changed
    with pytest.raises(ValueError, match=name):
        limits(**changed)


@pytest.mark.parametrize(
    ("text", "size"),
    [(65536, 65536), ("64KiB", 65536), ("1.5 GiB", 3 << 29), ("10MB", 10**7), ("7", 7), ("0", 0)],
)
def test_sizes(text: int | str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(("text", "seconds"), [(2, 2.0), ("2s", 2.0), ("250ms", 0.25), ("1min", 60.0)])
def test_times(text: float | str, seconds: float) -> None:
    assert parse_time(text) == seconds


@pytest.mark.parametrize(
    "text",
    ["", "x", "-1", "1 parsec", "1e9", True, -1, None, "9" * 400, float("inf"), float("nan")],
    ids=repr,
)
def test_what_is_no_size(text: Any) -> None:
    with pytest.raises(ValueError, match="a size such as"):
        parse_size(text)


def test_a_runtime_may_be_closed_twice() -> None:
    runtime = Runtime()
    runtime.close()
    runtime.close()
