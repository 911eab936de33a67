"""Faults at every point: whatever is cancelled or raises, each capability has one owner or is released."""

from __future__ import annotations

import asyncio
import gc
import logging
from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import CapError, ErrorKind, Host

from tests.bridge.support import Desk, Guest, Item, balanced, grants, guest_of, probe, scenario

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator


class CancelledAt:
    """Runs a coroutine, and cancels its task when it waits for the nth time."""

    def __init__(self, steps: Coroutine[Any, Any, Any], at: int) -> None:
        self.steps = steps
        self.at = at
        self.waits = 0

    def __await__(self) -> Generator[Any, Any, Any]:
        resume, sent = self.steps.send, None
        while True:
            try:
                waits_for = resume(sent)
            except StopIteration as stop:
                return stop.value
            self.waits += 1
            if self.waits == self.at:
                task = asyncio.current_task()
                assert task is not None
                task.cancel()
            try:
                resume, sent = self.steps.send, (yield waits_for)
            except BaseException as error:
                resume, sent = self.steps.throw, error


class Slow(Desk):
    """A desk each of whose methods waits before and after what it does."""

    def __init__(self, other: Any = None) -> None:
        super().__init__()
        self.other = other
        self.shelf: list[Any] = []

    async def make(self, name: str) -> Any:
        await asyncio.sleep(0)
        return Item(name)

    async def look(self, item: Any) -> str:
        await asyncio.sleep(0)
        name = str(await item.name())
        kept = item.keep()
        await asyncio.sleep(0)
        await kept.close()
        return name

    async def pack(self, item: Any, label: str) -> Any:
        kept = item.keep()
        await asyncio.sleep(0)
        return probe.Parcel(label, kept, [Item("more")])

    async def unpack(self, parcel: Any) -> list[str]:
        await asyncio.sleep(0)
        self.shelf = [parcel.item, *parcel.more]
        await asyncio.sleep(0)
        return [await item.name() for item in self.shelf]

    async def take(self, item: Any) -> str:
        """Hand it on to the other guest, which keeps it, and ask that one for its name."""
        await asyncio.sleep(0)
        self.other.desk.item = item
        return str(await self.other.worker.exec("kept = grants.get_desk().make(''); said = kept.name()"))


class Counter(Desk):
    """The other guest's desk: it hands out what was put on it."""

    item: Any = None

    async def make(self, name: str) -> Any:
        await asyncio.sleep(0)
        item, self.item = self.item, None
        return item


CODE = """
desk = grants.get_desk()
a = desk.make('a')
desk.look(a)
parcel = desk.pack(a, 'p')
desk.unpack(probe.Parcel('', parcel.item, parcel.more))
del parcel
b = desk.make('b')
said = desk.take(b)
"""


async def _run(host: Host, at: int) -> tuple[int, str | None]:
    """Let a guest go through all of it, cancelled at one wait; return how often it waited, what it said."""
    counter = Counter()
    async with guest_of(grants(counter), host=host, name="other") as other:
        other_with_desk: Any = other
        desk = Slow(_Other(other_with_desk, counter))
        async with guest_of(grants(desk), host=host, name="guest") as guest:
            run = CancelledAt(guest.worker.exec(CODE), at)
            said = None
            try:
                said = await asyncio.create_task(_awaited(run))
            except asyncio.CancelledError:
                assert guest.instance.ended is not None
                assert guest.instance.handles == 0
            await guest.worker.close()
        # Whatever has happened to the first, the second goes on, with what it was given or without.
        assert await other.exec("said = 'alive'") == "alive"
        await other.worker.close()
        return run.waits, said


async def _awaited(run: CancelledAt) -> Any:
    return await run


class _Other:
    def __init__(self, guest: Guest, desk: Counter) -> None:
        self.worker = guest.worker
        self.desk = desk


@pytest.mark.not_compared("how often it waits is not the same in each run")
@scenario
async def test_every_wait_of_a_transfer_may_be_the_last() -> None:
    async with Host() as host:
        waits, said = await _run(host, at=0)
        assert said == "b"
        assert waits > 10
        for at in range(1, waits + 1):
            await _run(host, at)
            gc.collect()
            assert host.ledger.balance == 0, f"cancelled at wait {at}: {host.ledger.live()}"
            assert balanced(host.ledger)


FAULTS: dict[str, Callable[[], BaseException]] = {
    "CapError": lambda: CapError(ErrorKind.OVERLOADED, "busy"),
    "ValueError": lambda: ValueError("a secret"),
    "StopIteration": lambda: StopIteration("stop"),
    "CancelledError": asyncio.CancelledError,
    "RecursionError": RecursionError,
    "MemoryError": MemoryError,
}

CALLS = {
    "echo": "desk.echo('x')",
    "add": "str(desk.add(1, 2))",
    "make": "desk.make('x').name()",
    "look": "desk.look(desk.make('x'))",
    "pack": "desk.pack(desk.make('x'), 'x').label",
    "unpack": "desk.unpack(probe.Parcel('', desk.make('x'), [desk.make('y')]))[0]",
    "take": "desk.take(desk.make('x'))",
    "tell": "str(desk.tell('x'))",
}


@pytest.mark.parametrize("waits", [False, True], ids=["at once", "after a wait"])
@pytest.mark.parametrize("fault", FAULTS)
@scenario
async def test_every_method_may_raise(fault: str, waits: bool, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "capwit.bridge")  # records keep what methods were given

    def failing(of: str) -> Any:
        async def later(*_: Any) -> Any:
            await asyncio.sleep(0)
            raise FAULTS[fault]()

        def at_once(*_: Any) -> Any:
            raise FAULTS[fault]()

        desk = Desk()
        setattr(desk, of, later if waits else at_once)
        return desk

    async with Host() as host:
        for method, code in CALLS.items():
            async with guest_of(grants(failing(method)), host=host, name=method) as guest:
                tried = f"try: said = {code}\nexcept Err as e: said = e.value.reason"
                await guest.exec("desk = grants.get_desk()")
                try:
                    said = await guest.exec(tried)
                except (asyncio.CancelledError, Exception) as error:
                    assert guest.instance.ended is not None, error  # nothing goes on that has lost its answer
                    assert guest.instance.handles == 0
                else:
                    assert said == ("busy" if fault == "CapError" else said)
                    assert "secret" not in said
                    assert fault in said or fault in ("CapError", "StopIteration", "CancelledError"), said
                    assert await guest.exec("said = 'alive'") == "alive"
                await guest.worker.close()
            gc.collect()
            assert host.ledger.balance == 0
    assert balanced(host.ledger)
