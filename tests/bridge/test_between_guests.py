"""Guests that call each other: none ends another, and no cycle of waits is a deadlock."""

from __future__ import annotations

import asyncio
import gc
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import InstanceEnded, LimitExceeded, Limits, Trap

from tests.bridge.support import Desk, balanced, grants, guest_of, probe, scenario

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

TRIED = "try: said = {}\nexcept Exception as e: said = e.value.reason"


class Gate(Desk):
    """Lets a call in, and out when it is opened."""

    def __init__(self) -> None:
        super().__init__()
        self.entered = asyncio.Event()
        self.opened = asyncio.Event()

    async def echo(self, text: str) -> str:
        self.entered.set()
        await self.opened.wait()
        return text


@pytest.mark.parametrize("how", ["limit", "cancel", "close", "revoke"])
@scenario
async def test_who_is_called_goes_on_when_the_caller_ends(how: str) -> None:
    gate = Gate()
    async with (
        guest_of(grants(gate), name="called") as called,
        guest_of(
            grants(peer=called.worker),
            host=called.host,
            name="caller",
            limits=Limits(wall=0.3 if how == "limit" else None),
        ) as caller,
    ):
        work = "desk = grants.get_desk(); said = desk.echo('x'); done = 'yes'"
        code = TRIED.format(f"grants.get_peer().exec({work!r})")
        call = asyncio.create_task(caller.exec(code))
        await gate.entered.wait()
        match how:
            case "limit":
                with pytest.raises(LimitExceeded, match="wall limit"):
                    await call
            case "cancel":
                call.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await call
            case "close":
                await caller.instance.close()
                with pytest.raises(InstanceEnded, match="closed during the call"):
                    await call
            case _:
                caller.instance.revoke("peer")
                assert "revoked" in await call
        assert (caller.instance.ended is None) is (how == "revoke")
        gate.opened.set()
        assert await called.exec("said = done") == "yes"
    assert balanced(called.ledger)


@scenario
async def test_who_calls_goes_on_when_the_called_one_ends() -> None:
    async with guest_of(name="called") as called:
        worker = await called.instance.export(probe.WorkerClient)
        async with guest_of(grants(peer=worker), host=called.host, name="caller") as caller:
            code = TRIED.format("grants.get_peer().exec('import os; os.abort()')")
            assert "the instance behind it has ended" in await caller.exec(code)
            assert isinstance(called.instance.ended, Trap)
            assert await caller.exec("said = 'alive'") == "alive"
    assert balanced(called.ledger)


async def _awaited(call: Awaitable[Any]) -> Any:
    return await asyncio.ensure_future(call)


async def _gathered(call: Awaitable[Any]) -> Any:
    return (await asyncio.gather(asyncio.sleep(0), call))[1]


async def _waited(call: Awaitable[Any]) -> Any:
    (done,), _ = await asyncio.wait([asyncio.ensure_future(call)])
    return done.result()


async def _shielded(call: Awaitable[Any]) -> Any:
    return await asyncio.shield(asyncio.ensure_future(call))


async def _timed(call: Awaitable[Any]) -> Any:
    return await asyncio.wait_for(call, 60)


async def _grouped(call: Awaitable[Any]) -> Any:
    async def made() -> Any:
        return await call

    try:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(made())
        return task.result()
    except* Exception as several:
        raise several.exceptions[0] from None


async def _late(call: Awaitable[Any]) -> Any:
    task = asyncio.ensure_future(call)
    await asyncio.sleep(0.02)  # it queues already when the waiting begins
    return await task


WAYS = [_awaited, _gathered, _waited, _shielded, _timed, _grouped, _late]


@pytest.mark.parametrize("wait", WAYS)
@scenario
async def test_a_capability_that_waits_for_a_call_of_its_caller_is_told(
    wait: Callable[[Awaitable[Any]], Awaitable[Any]],
) -> None:
    class Caller(Desk):
        worker: Any

        async def echo(self, text: str) -> str:
            return str(await wait(self.worker.exec("said = 'never'")))

    desk = Caller()
    async with guest_of(grants(desk)) as guest:
        desk.worker = guest.worker
        told = await guest.exec(TRIED.format("grants.get_desk().echo('x')"))
        assert "the instance waits for the capability that makes this call" in told
        assert await guest.exec("said = 'alive'") == "alive"
    assert balanced(guest.ledger)


@pytest.mark.parametrize("length", [2, 3])
@scenario
async def test_a_ring_of_guests_is_told(length: int) -> None:
    """Each asks the next one, and the last the first: whose answer they all wait for."""

    class Link(Desk):
        """The way to the next guest of the ring."""

        next: Any

        async def echo(self, text: str) -> str:
            left, _, rest = text.partition(",")
            ask = TRIED.format(f"grants.get_desk().echo({rest!r})") if rest else "said = 'end'"
            return f"{left}>{await self.next.exec(ask)}"

    links = [Link() for _ in range(length)]
    async with guest_of(grants(links[0]), name="guest-0") as first:
        ring = [first]
        async with asyncio.timeout(60):
            async with AsyncExitStack() as stack:
                for number, link in enumerate(links[1:], 1):
                    ring.append(
                        await stack.enter_async_context(
                            guest_of(grants(link), host=first.host, name=f"guest-{number}")
                        )
                    )
                for link, guest in zip(links, [*ring[1:], ring[0]], strict=True):
                    link.next = guest.worker
                whole = ",".join(str(number) for number in range(length - 1)) + ",last"
                said = await first.exec(TRIED.format(f"grants.get_desk().echo({whole!r})"))
                assert said.startswith("0>")
                assert "waits for the capability that makes this call" in said
                for guest in ring:
                    assert await guest.exec("said = 'alive'") == "alive"
    assert balanced(first.ledger)


@scenario
async def test_two_guests_that_ask_each_other_at_once_are_told() -> None:
    class Other(Desk):
        """Waits until both have begun, then asks the other one."""

        begun: list[int]
        both: asyncio.Event
        worker: Any

        async def echo(self, text: str) -> str:
            self.begun.append(1)
            if len(self.begun) == 2:
                self.both.set()
            await self.both.wait()
            return str(await self.worker.exec("said = 'heard'"))

    one, two = Other(), Other()
    one.begun = two.begun = []
    one.both = two.both = asyncio.Event()
    async with (
        guest_of(grants(one), name="one") as first,
        guest_of(grants(two), host=first.host, name="two") as second,
    ):
        one.worker, two.worker = second.worker, first.worker
        ask = TRIED.format("grants.get_desk().echo('')")
        said = await asyncio.gather(first.exec(ask), second.exec(ask))
        assert sorted("heard" if text == "heard" else "told" for text in said) == ["heard", "told"]
    assert balanced(first.ledger)


async def _in_a_task(call: Awaitable[Any]) -> Any:
    return await asyncio.create_task(_awaited(call))


async def _in_a_group(call: Awaitable[Any]) -> Any:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(_awaited(call))
    return task.result()


@pytest.mark.parametrize("wait", [_gathered, _in_a_task, _in_a_group])
@scenario
async def test_a_capability_that_calls_by_way_of_tasks_ends_nobody(
    wait: Callable[[Awaitable[Any]], Awaitable[Any]],
) -> None:
    class Between(Desk):
        worker: Any

        async def echo(self, text: str) -> str:
            return str(await wait(self.worker.exec("desk = grants.get_desk(); said = desk.echo('x')")))

    gate, between = Gate(), Between()
    async with (
        guest_of(grants(gate), name="called") as called,
        guest_of(grants(between), host=called.host, name="caller", limits=Limits(wall=0.3)) as caller,
    ):
        between.worker = called.worker
        with pytest.raises(LimitExceeded, match="wall limit"):
            await caller.exec("grants.get_desk().echo('x')")
        gate.opened.set()
        assert await called.exec("said = 'alive'") == "alive"
    assert balanced(called.ledger)


@scenario
async def test_the_fault_of_a_call_that_nobody_waits_for_is_nobodys() -> None:
    gate = Gate()
    said: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: said.append(context))
    async with (
        guest_of(grants(gate), name="called") as called,
        guest_of(
            grants(peer=called.worker), host=called.host, name="caller", limits=Limits(wall=0.3)
        ) as caller,
    ):
        work = "desk = grants.get_desk(); desk.echo('x'); os.abort()"
        with pytest.raises(LimitExceeded):
            await caller.exec(f"grants.get_peer().exec({work!r})")
        gate.opened.set()
        with pytest.raises((Trap, InstanceEnded)):
            await called.exec("said = 'alive'")
        await asyncio.sleep(0)
        gc.collect()
    assert said == []


async def _and_goes_on_after_the_first(call: asyncio.Future[Any]) -> None:
    await asyncio.wait([call, asyncio.ensure_future(asyncio.sleep(0.15))], return_when="FIRST_COMPLETED")


async def _and_goes_on_after_a_time(call: asyncio.Future[Any]) -> None:
    await asyncio.wait([call], timeout=0.15)


async def _whose_end_is_heard(call: asyncio.Future[Any]) -> None:
    me = asyncio.current_task()
    assert me is not None
    call.add_done_callback(lambda _: me.get_name())
    await asyncio.sleep(0.15)


@pytest.mark.parametrize(
    "wait", [_and_goes_on_after_the_first, _and_goes_on_after_a_time, _whose_end_is_heard]
)
@scenario
async def test_a_call_that_its_maker_does_not_wait_out_is_made_later(
    wait: Callable[[asyncio.Future[Any]], Awaitable[None]],
) -> None:
    class Starter(Desk):
        worker: Any
        call: asyncio.Future[Any]

        async def echo(self, text: str) -> str:
            self.call = asyncio.ensure_future(self.worker.exec("said = 'later'"))
            await wait(self.call)
            return text

    desk = Starter()
    async with guest_of(grants(desk)) as guest:
        desk.worker = guest.worker
        assert await guest.exec("said = grants.get_desk().echo('first')") == "first"
        assert await desk.call == "later"


@scenario
async def test_the_body_of_a_task_group_is_not_yet_waiting_for_it() -> None:
    class Both(Desk):
        worker: Any
        other: Any

        async def echo(self, text: str) -> str:
            async with asyncio.TaskGroup() as group:
                task = group.create_task(_awaited(self.other.exec("said = 'child'")))
                body = await self.other.exec("said = 'body'")
            return f"{body} {task.result()}"

    desk = Both()
    async with guest_of(grants(desk), name="one") as one, guest_of(host=one.host, name="two") as two:
        desk.other = two.worker
        assert await one.exec("said = grants.get_desk().echo('x')") == "body child"
