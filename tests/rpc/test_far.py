"""A guest on capabilities of another process: whatever passes, and whatever is given back."""

from __future__ import annotations

import asyncio
import tracemalloc
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest
from capwit import rpc
from capwit.bridge import CapError, ErrorKind, Host
from capwit.testing import assert_balanced, scenario

from .far import Valve, line, peer, running, rust_peer, schema
from .node import Node

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path


@pytest.mark.parametrize("other", [peer, rust_peer])
@scenario
async def test_whatever_a_guest_does_with_a_capability_it_does_with_one_of_another_process(
    other: Callable[[str], AbstractAsyncContextManager[Process]], tmp_path: Path
) -> None:
    address = f"unix:{tmp_path}/far"
    near = schema.NodeClient(Node("near"))
    async with other(address) as process, Host() as host, rpc.line(address, ledger=host.ledger) as far:
        async with (
            await far.open(schema.NodeClient) as node,
            running(host, node, near) as runner,
        ):
            for steps, said in {
                "fFFN": "far/c/c",  # capabilities in results, and in theirs
                "fcFcN": "far/c/c/c",  # of which some are had at once
                "fna": "near",  # a remote method calls what it is lent
                "fFxFxds": "1",  # the same of a peer's twice
                "fFxcNxds": "far/c 1",  # also where one was had before the answer
                "fnkxKxds": "1",  # ours, which was far away, is home again
                "fnkxKN": "near",
                "fFkxKN": "far/c",  # the peer's own, which was here, is home again there
                "f0123": "failed overloaded disconnected unimplemented",
                "fbbbbbbbbW": "131072",
            }.items():
                assert await runner.run(steps) == said, steps
            if other is rust_peer:  # where an object is whoever has it, and tells of its end
                assert await runner.run("fFFcNd") == "far/c/c/c"
                assert await line(process) == "dropped far/c/c/c"
                process.kill()
                await process.wait()
                assert await runner.run("fN") == "disconnected"
        assert_balanced(host.ledger)


@scenario
async def test_what_passes_two_processes_is_itself_again_at_home(tmp_path: Path) -> None:
    middle, end = f"unix:{tmp_path}/middle", f"unix:{tmp_path}/end"
    near = schema.NodeClient(Node("near"))
    async with peer(end), peer(middle, of=end), Host() as host, rpc.line(middle, ledger=host.ledger) as far:
        async with await far.open(schema.NodeClient) as node, running(host, node, near) as runner:
            for steps, said in {
                "fFFN": "far/c/c",
                "fcFcN": "far/c/c/c",
                "fna": "near",  # called back through both
                "fFxFxds": "1",
                "fnkxKxds": "1",  # ours, which was two processes away
                "fFkxKN": "far/c",
                "f0123": "failed overloaded disconnected unimplemented",
                "fbbbbbbbbW": "131072",
            }.items():
                assert await runner.run(steps) == said, steps
        assert_balanced(host.ledger)


@scenario
async def test_a_chain_of_pipelined_calls_is_sent_before_any_answer_has_come(tmp_path: Path) -> None:
    valve = Valve()
    async with (
        peer(f"unix:{tmp_path}/far") as process,
        valve.before(f"{tmp_path}/far", f"{tmp_path}/valve"),
        Host() as host,
        rpc.line(f"unix:{tmp_path}/valve", ledger=host.ledger) as far,
        await far.open(schema.NodeClient) as node,
        running(host, node) as runner,
    ):
        valve.back.clear()
        chain = asyncio.ensure_future(runner.run("fccccN"))
        assert [await line(process) for _ in range(5)] == [*["child"] * 4, "name"]
        assert not chain.done()
        valve.back.set()
        assert await chain == "far/c/c/c/c"
        # Without pipelining each call waits for the answer before it.
        valve.back.clear()
        chain = asyncio.ensure_future(runner.run("fFFN"))
        assert await line(process) == "find"
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(line(process), 0.05)
        valve.back.set()
        assert await chain == "far/c/c"


@scenario
async def test_what_was_had_before_its_answer_fails_as_the_call_that_it_came_of(tmp_path: Path) -> None:
    class Closed(Node):
        def child(self, name: str) -> Node:
            raise CapError(ErrorKind.OVERLOADED, f"no {name} today")

    async with (
        rpc.serve(schema.NodeClient(Closed("closed")), f"unix:{tmp_path}/closed") as server,
        rpc.line(f"unix:{tmp_path}/closed") as far,
        await far.open(schema.NodeClient) as node,
    ):
        async with await node.child("c") as child, await child.child("d") as below:
            for each in (child, below):
                with pytest.raises(CapError, match="no c today") as caught:
                    await each.name()
                assert caught.value.kind is ErrorKind.OVERLOADED
        assert await node.name() == "closed"
        assert server.connections == 1
    assert far.ledger.balance == 0


@scenario
async def test_a_call_that_a_guest_gives_up_is_cancelled_where_it_runs(tmp_path: Path) -> None:
    ended = asyncio.Event()
    asked = asyncio.Event()

    class Slow(Node):
        async def wait(self) -> None:
            try:
                asked.set()
                await asyncio.Event().wait()
            finally:
                ended.set()

    address = f"unix:{tmp_path}/slow"
    async with (
        rpc.serve(schema.NodeClient(Slow("slow")), address) as server,
        Host() as host,
        rpc.line(address, ledger=host.ledger) as far,
        await far.open(schema.NodeClient) as node,
        running(host, node) as runner,
    ):
        call = asyncio.ensure_future(runner.run("fw"))
        await asked.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await asyncio.wait_for(ended.wait(), 10)
        assert await node.name() == "slow"
        assert server.connections == 1


@scenario
async def test_the_way_to_a_capability_is_methods_that_return_one(tmp_path: Path) -> None:
    address = f"unix:{tmp_path}/far"
    async with peer(address), rpc.line(address) as far:
        async with await far.open(schema.NodeClient, "node.find:a/node.child:b%2Fc") as node:
            assert await node.name() == "far/a/b/c"
        for steps, why in {
            "node.find": r"node\.find: the method takes name, and a step gives texts",
            "node.find:a:b": r"the method takes name",
            "node.name": r"node\.name: it returns no test:far/far@0\.1\.0\.node",
            "node.open:a": "no bindings have such a method",
            "find:a": "expected steps such as",
            "node.find:%2": "expected steps such as",
            "node.find:a/" * 17: "expected steps such as",
        }.items():
            with pytest.raises(ValueError, match=why):
                await far.open(schema.NodeClient, steps)
        with pytest.raises(CapError, match=rf"^failed: {address}: node\.held: .*the capability failed"):
            await far.open(schema.NodeClient, "node.held")
        assert far.ledger.balance == 0


@scenario
async def test_hundreds_of_calls_of_many_instances_are_in_flight_at_once(tmp_path: Path) -> None:
    instances, each = 60, 5
    valve = Valve()
    async with (
        peer(f"unix:{tmp_path}/far") as process,
        valve.before(f"{tmp_path}/far", f"{tmp_path}/valve"),
        Host(max_instances=instances) as host,
        rpc.line(f"unix:{tmp_path}/valve", ledger=host.ledger) as far,
        await far.open(schema.NodeClient) as node,
        AsyncExitStack() as stack,
    ):
        runners = [await stack.enter_async_context(running(host, node)) for _ in range(instances)]
        valve.back.clear()
        calls = [asyncio.ensure_future(runner.run("fcxcxcxcxN")) for runner in runners]
        heard = [await line(process) for _ in range(instances * each)]
        assert heard.count("name") == instances
        assert not any(call.done() for call in calls)
        valve.back.set()
        assert await asyncio.gather(*calls) == ["far"] * instances
    assert_balanced(host.ledger)


@scenario
async def test_a_stream_takes_no_memory_however_long_it_is(tmp_path: Path) -> None:
    async with (
        peer(f"unix:{tmp_path}/far"),
        Host() as host,
        rpc.line(f"unix:{tmp_path}/far", ledger=host.ledger) as far,
        await far.open(schema.NodeClient) as node,
        running(host, node) as runner,
    ):
        assert await runner.run("f" + "b" * 200 + "W") == str(200 << 14)
        tracemalloc.start()
        try:
            for _ in range(4):
                await runner.run("b" * 200)
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert await runner.run("W") == str(1000 << 14)  # 16 MiB
        assert most < 1 << 21
    assert_balanced(host.ledger)
