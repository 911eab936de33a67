"""Signal handlers wait while wasmtime is on the stack, run right after, and are given back."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from typing import TYPE_CHECKING, Any

import pytest
from capwit.engine import signals
from capwit.engine.errors import InstanceEnded
from capwit.engine.runtime import Runtime

from tests.engine.support import worker

if TYPE_CHECKING:
    from collections.abc import Iterator


class InterruptedCallError(Exception):
    """What the tests' handlers raise."""


@pytest.fixture(autouse=True)
def handlers_as_before() -> Iterator[None]:
    numbers = [signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM, signal.SIGINT]
    before = [signal.getsignal(number) for number in numbers]
    yield
    assert before == [signal.getsignal(number) for number in numbers]


def test_a_handler_runs_after_the_poll_that_it_waited_for() -> None:
    events: list[str] = []

    def tick(store: Any, n: int) -> int:
        events.append("in")
        os.kill(os.getpid(), signal.SIGUSR1)
        events.append("out")
        return n

    async def main() -> None:
        async with worker(tick) as guest:
            assert await guest.run(3, "loop") == 0
            assert events.count("handled") == 3
            assert "in handled" not in " ".join(events), "never inside a callback"
            assert [event for event in events if event != "handled"] == ["in", "out"] * 3

    before = signal.signal(signal.SIGUSR1, lambda number, frame: events.append("handled"))
    try:
        asyncio.run(main())
    finally:
        signal.signal(signal.SIGUSR1, before)


@pytest.mark.parametrize("late", [False, True])
def test_what_a_handler_raises_comes_out_of_the_call(late: bool) -> None:
    def handle(number: int, frame: Any) -> None:
        raise InterruptedCallError

    def tick(store: Any, n: int) -> int:
        os.kill(os.getpid(), signal.SIGUSR2)
        return n + 1

    async def tick_later(store: Any, n: int) -> int:
        await asyncio.sleep(0)
        return n + 1 if n else tick(store, n)

    async def main() -> None:
        async with worker(tick_later if late else tick) as guest:
            signal.signal(signal.SIGUSR2, handle)  # after the runtime has started
            with pytest.raises((InterruptedCallError, InstanceEnded)):
                await guest.run(3, "loop")

    before = signal.getsignal(signal.SIGUSR2)
    try:
        asyncio.run(main())
    finally:
        signal.signal(signal.SIGUSR2, before)


def test_every_handler_runs_even_when_one_raises() -> None:
    events: list[str] = []

    def handle(number: int, frame: Any) -> None:
        events.append("raised")
        raise InterruptedCallError

    def tick(store: Any, n: int) -> int:
        os.kill(os.getpid(), signal.SIGUSR1)
        os.kill(os.getpid(), signal.SIGUSR2)
        return n

    async def main() -> None:
        async with worker(tick) as guest:
            with pytest.raises(InterruptedCallError):
                await guest.run(1, "once")
            assert sorted(events) == ["handled", "raised"]

    first = signal.signal(signal.SIGUSR1, handle)
    second = signal.signal(signal.SIGUSR2, lambda number, frame: events.append("handled"))
    try:
        asyncio.run(main())
    finally:
        signal.signal(signal.SIGUSR1, first)
        signal.signal(signal.SIGUSR2, second)


def test_a_handler_waits_for_the_outermost_of_nested_polls() -> None:
    events: list[str] = []
    before = signal.signal(signal.SIGUSR1, lambda number, frame: events.append("handled"))
    runtime = Runtime()
    try:
        assert signals.enter()
        assert signals.enter()
        os.kill(os.getpid(), signal.SIGUSR1)
        signals.leave()
        events.append("inner over")
        signals.leave()
        assert events == ["inner over", "handled"]
    finally:
        runtime.close()
        signal.signal(signal.SIGUSR1, before)


def test_an_interrupt_after_the_call_is_over_does_not_cost_the_instance() -> None:
    def handle(number: int, frame: Any) -> None:
        raise InterruptedCallError

    def tick(store: Any, n: int) -> int:
        os.kill(os.getpid(), signal.SIGUSR1)
        return n

    async def main() -> None:
        async with worker(tick) as guest:
            with pytest.raises(InterruptedCallError):
                await guest.run(1, "once")
            assert guest.store.ended is None
            assert await guest.run(1, "add") == 2

    before = signal.signal(signal.SIGUSR1, handle)
    try:
        asyncio.run(main())
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_handlers_are_given_back_when_the_last_runtime_closes() -> None:
    def handle(number: int, frame: Any) -> None:
        pass

    before = signal.signal(signal.SIGUSR1, handle)
    try:
        first, second = Runtime(), Runtime()
        first.close()
        second.close()
        assert signal.getsignal(signal.SIGUSR1) is handle
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_ignored_and_default_signals_stay_so() -> None:
    before = signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    try:
        runtime = Runtime()
        assert signal.getsignal(signal.SIGUSR1) is signal.SIG_IGN
        assert signal.getsignal(signal.SIGUSR2) is signal.SIG_DFL
        runtime.close()
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_a_runtime_outside_the_main_thread_touches_no_handler() -> None:
    results: list[Any] = []

    def work() -> None:
        async def main() -> int:
            async with worker(lambda store, n: n + 1) as guest:
                results.append(signal.getsignal(signal.SIGINT))
                return int(await guest.run(5, "loop"))

        results.append(asyncio.run(main()))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert results == [signal.default_int_handler, 5]
