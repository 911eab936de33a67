"""What a capability may do to the very instance that is waiting for it, and hosts in more than one thread."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from capwit.bridge import Host, InstanceEnded, LoadError

from tests.bridge.support import Desk, balanced, grants, guest_of, probe, scenario
from tests.support.components import wat

SPIN = """
  (core module $m (func (export "spin") (param i32)
    (loop $l (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))
  (core instance $i (instantiate $m))
  (func (export "spin") (param "n" u32) (canon lift (core func $i "spin")))
"""


@pytest.mark.parametrize("first", [True, False], ids=["in its first step", "after it has waited"])
@scenario
async def test_a_capability_that_closes_its_instance_goes_on_to_its_end(first: bool) -> None:
    said: list[str] = []

    class Closer(Desk):
        instance: Any

        async def look(self, item: Any) -> str:
            if not first:
                await asyncio.sleep(0)
            await self.instance.close()
            said.append("closed")
            await asyncio.sleep(0.01)
            said.append("committed")
            return ""

    desk = Closer()
    async with guest_of(grants(desk)) as guest:
        desk.instance = guest.instance
        with pytest.raises(InstanceEnded, match="closed during the call"):
            await guest.exec("desk = grants.get_desk(); desk.look(desk.make('x'))")
        assert said == ["closed", "committed"]
    assert balanced(guest.ledger)


@scenario
async def test_a_capability_may_close_a_client_of_the_instance_that_waits_for_it() -> None:
    class Closer(Desk):
        other: Any

        async def look(self, item: Any) -> str:
            await self.other.close()
            return "closed"

    desk = Closer()
    async with guest_of(grants(desk)) as guest:
        desk.other = await guest.instance.export(probe.WorkerClient)
        code = "desk = grants.get_desk(); said = desk.look(desk.make('x'))"
        assert await asyncio.wait_for(guest.exec(code), 20) == "closed"
    assert balanced(guest.ledger)


@scenario
async def test_what_was_cancelled_inside_a_capability_is_its_failure_not_the_callers() -> None:
    class Canceller(Desk):
        async def look(self, item: Any) -> str:
            task = asyncio.ensure_future(asyncio.sleep(9))
            await asyncio.sleep(0)
            task.cancel()
            await task
            return ""

    async with guest_of(grants(Canceller())) as guest:
        code = """
desk = grants.get_desk()
try: desk.look(desk.make('x'))
except Err as error: said = error.value.kind.name
"""
        assert await guest.exec(code) == "DISCONNECTED"
        assert await guest.exec("said = 'alive'") == "alive"


@scenario
async def test_an_error_of_capwit_in_a_capability_is_its_callers_failure() -> None:
    class Loader(Desk):
        async def look(self, item: Any) -> str:
            raise LoadError("plugin broken /secret/path")

    async with guest_of(grants(Loader())) as guest:
        code = """
desk = grants.get_desk()
try: desk.look(desk.make('x'))
except Err as error: said = error.value.reason
"""
        assert await guest.exec(code) == "desk.look: the capability failed (LoadError)"


@scenario
async def test_handles_that_come_and_go_leave_nothing_behind() -> None:
    async with guest_of() as guest:
        await guest.exec("desk = grants.get_desk()\nfor _ in range(300): desk.make('x')")
        assert len(guest.instance._table._journal) < 10


def test_two_hosts_in_two_threads() -> None:
    ends: dict[str, str] = {}

    async def spin(n: int, calls: int) -> None:
        async with Host() as host:
            app = await host.load(wat(SPIN))
            async with app.instantiate() as instance:
                for _ in range(calls):
                    await instance.call("spin", n)

    def run(name: str, n: int, calls: int) -> None:
        try:
            asyncio.run(spin(n, calls))
            ends[name] = "done"
        except BaseException as error:
            ends[name] = repr(error)

    threads = [threading.Thread(target=run, args=args) for args in (("a", 5_000_000, 10), ("b", 1000, 500))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ends == {"a": "done", "b": "done"}
