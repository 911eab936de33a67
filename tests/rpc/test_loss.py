"""What becomes of calls, handles and memory when the other side goes, stalls or talks nonsense."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import struct
import subprocess
import sys
import tracemalloc
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import pytest
from capwit import rpc
from capwit.bridge import CapError, ErrorKind, Host
from capwit.bridge.addresses import AddressRule
from capwit.bridge.errors import LimitExceeded
from capwit.rpc import connection
from capwit.testing import assert_balanced, scenario

from tests.bridge.support import generated
from tests.support.netns import ip, netns, netns_missing

from .far import ROOT, SCHEMA, Valve, guest, line, peer, running, schema
from .node import Node
from .serving import until

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from pathlib import Path


@scenario
async def test_kill_9_of_the_peer_in_the_middle_of_a_call(tmp_path: Path) -> None:
    address = f"unix:{tmp_path}/far"
    async with peer(address) as process, Host() as host, rpc.line(address, ledger=host.ledger) as far:
        async with (
            await far.open(schema.NodeClient) as node,
            running(host, node) as first,
            running(host, node) as second,
        ):
            calls = [asyncio.ensure_future(each.run("fcFw")) for each in (first, second)]
            heard = [await line(process) for _ in range(6)]
            assert heard.count("wait") == 2
            process.kill()
            assert await asyncio.gather(*calls) == ["disconnected", "disconnected"]
            # The guests live on, and each of their handles says so.
            assert await first.run("NdNdNc") == "disconnected disconnected disconnected"
            assert await second.run("fcFN") == "disconnected disconnected"
        assert_balanced(host.ledger)


@scenario
async def test_kill_9_of_the_guests_process_in_the_middle_of_a_call(tmp_path: Path) -> None:
    asked = asyncio.Event()

    def heard(what: str) -> None:
        if what == "wait":
            asked.set()

    script = tmp_path / "run.py"
    script.write_text(_HELD)
    async with rpc.serve(schema.NodeClient(Node("far", heard)), f"unix:{tmp_path}/far") as server:
        process = await asyncio.create_subprocess_exec(
            sys.executable, script, f"unix:{tmp_path}/far", guest(), generated(SCHEMA), cwd=ROOT
        )
        try:
            await asyncio.wait_for(asked.wait(), 60)
            assert server.connections == 1
            assert server.ledger.balance == 3  # the bootstrap, and what was found below it
            process.send_signal(signal.SIGKILL)
            await process.wait()
            for _ in range(500):
                if not server.connections and server.ledger.balance <= 1:
                    break
                await asyncio.sleep(0.01)
            assert server.connections == 0
        finally:
            if process.returncode is None:
                process.kill()
    assert_balanced(server.ledger)


_HELD = """
import asyncio, importlib, sys
from capwit import rpc
from capwit.bridge import Host
address, guest, folder = sys.argv[1:]
sys.path.insert(0, folder)
far = importlib.import_module("far")
async def main():
    async with Host() as host, rpc.line(address, ledger=host.ledger) as peer:
        app = await host.load(guest, far.BINDINGS)
        async with (
            await peer.open(far.NodeClient) as node,
            app.instantiate(far.FarGrants(far=node)) as instance,
            await instance.export(far.RunnerClient) as runner,
        ):
            await runner.run("fFFw")
asyncio.run(main())
"""


@scenario
async def test_a_grant_that_is_connected_to_again(tmp_path: Path) -> None:
    address = f"unix:{tmp_path}/far"
    async with Host() as host, rpc.line(address, ledger=host.ledger, reconnect=60) as far:
        async with peer(address) as process:
            node = await far.open(schema.NodeClient)
            process.kill()
            await process.wait()
        async with node, running(host, node) as runner:
            (tmp_path / "far").unlink()
            # It waits for whoever listens there next.
            late = asyncio.ensure_future(runner.run("fFN"))
            await asyncio.sleep(0.1)
            assert not late.done()
            async with peer(address) as process:
                assert await late == "far/c"
                call = asyncio.ensure_future(runner.run("w"))
                while await line(process) != "wait":
                    pass
                process.kill()
                # A call that is under way is not made twice.
                assert await call == "disconnected"
                await process.wait()
            (tmp_path / "far").unlink()
            async with peer(address):
                # What was had through the grant was that connection's; the grant itself is not.
                assert await runner.run("NdN") == "disconnected far"
        assert_balanced(host.ledger)


@scenario
async def test_a_grant_that_cannot_be_connected_to_again_in_time(tmp_path: Path) -> None:
    address = f"unix:{tmp_path}/far"
    async with rpc.line(address, reconnect=0.2) as far:
        async with peer(address):
            node = await far.open(schema.NodeClient)
        async with node:
            with pytest.raises(CapError, match=f"{address}: Connection refused") as caught:
                await node.name()
            assert caught.value.kind is ErrorKind.DISCONNECTED
            # Who is there instead must be one, too.
            (tmp_path / "far").unlink()
            async with rpc.serve(_other(), address):
                with pytest.raises(CapError, match=r"it is no test:far/far@0\.1\.0\.node"):
                    await node.name()
        assert far.ledger.balance == 0


@scenario
async def test_nobody_is_told_what_all_have_given_up_waiting_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    address = f"unix:{tmp_path}/far"
    async with rpc.line(address, reconnect=0.3) as far:
        async with rpc.serve(schema.NodeClient(Node("far")), address):
            node = await far.open(schema.NodeClient)
        async with node:
            await until(lambda: far.connection is None)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await node.name()
            await asyncio.sleep(0.6)
            with pytest.raises(CapError, match="far: "):  # a new attempt: the first one's end is forgotten
                await node.name()
    gc.collect()
    assert caplog.messages == []


def _other() -> Any:
    from capwit.caps import SystemEntropy
    from capwit.caps.standard import EntropySourceClient

    return EntropySourceClient(SystemEntropy())


@scenario
async def test_a_peer_that_says_nothing(tmp_path: Path) -> None:
    async def silent(reader: StreamReader, writer: StreamWriter) -> None:
        await reader.read(-1)
        writer.close()

    async with (
        await asyncio.start_unix_server(silent, f"{tmp_path}/silent"),
        rpc.line(f"unix:{tmp_path}/silent", timeout=0.1) as far,
    ):
        with pytest.raises(CapError, match=r"silent: no answer in 0\.1 s") as caught:
            await far.open(schema.NodeClient)
        assert caught.value.kind is ErrorKind.DISCONNECTED
        assert far.ledger.balance == 0


@pytest.mark.parametrize(
    "garbage",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\xff" * 64,
        bytes(64),
        struct.pack("<II", 0, 0x1FFF_FFFF) + bytes(1 << 16),  # a message of 4 GiB
        struct.pack("<I", 0xFFFF_FFFE) + bytes(1 << 16),
        struct.pack("<IIQ", 0, 1, 0x0001_0000_FFFF_FFFC),  # a struct that holds itself
        b"",
    ],
    ids=["http", "ones", "zeros", "4-gib", "segments", "endless", "nothing"],
)
@scenario
async def test_a_peer_that_talks_nonsense(garbage: bytes, tmp_path: Path) -> None:
    async def nonsense(reader: StreamReader, writer: StreamWriter) -> None:
        await reader.read(8)
        writer.write(garbage)
        writer.close()

    async with (
        await asyncio.start_unix_server(nonsense, f"{tmp_path}/peer"),
        rpc.line(f"unix:{tmp_path}/peer", timeout=5) as far,
    ):
        with pytest.raises(CapError, match="/peer: ") as caught:
            await far.open(schema.NodeClient)
        assert "expected" not in caught.value.reason  # no condition of C++
        assert caught.value.kind in (ErrorKind.DISCONNECTED, ErrorKind.FAILED)
        assert far.ledger.balance == 0


@scenario
async def test_a_peer_that_does_not_finish_what_it_says(tmp_path: Path) -> None:
    async def half(reader: StreamReader, writer: StreamWriter) -> None:
        await reader.read(8)
        writer.write(struct.pack("<II", 0, 100) + bytes(100))
        await reader.read(-1)
        writer.close()

    async with (
        await asyncio.start_unix_server(half, f"{tmp_path}/peer"),
        rpc.line(f"unix:{tmp_path}/peer", timeout=60, keepalive=1) as far,
    ):
        with pytest.raises(CapError) as caught:
            await far.open(schema.NodeClient)
        assert caught.value.kind is ErrorKind.DISCONNECTED
        assert far.ledger.balance == 0


@scenario
async def test_a_connection_to_a_peer_that_reads_nothing_ends_all_the_same(tmp_path: Path) -> None:
    """However little is unsent."""

    def deaf(_: StreamReader, writer: StreamWriter) -> None:
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        writers.append(writer)

    def sockets() -> int:
        """How many this process has."""
        opened = subprocess.run(
            ["ls", "-l", f"/proc/{os.getpid()}/fd"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        return opened.stdout.count(b"socket:")

    async def call(times: int) -> None:
        async with rpc.connect(f"unix:{tmp_path}/peer", keepalive=0.5) as connection:
            node = connection.bootstrap(schema.NodeClient)
            calls = [asyncio.ensure_future(node.find("x" * 10_000)) for _ in range(times)]
            await asyncio.sleep(0.2)
        answers = await asyncio.gather(*calls, return_exceptions=True)
        assert {type(each) for each in answers} == {CapError}

    writers: list[StreamWriter] = []
    async with await asyncio.start_unix_server(deaf, f"{tmp_path}/peer"):
        before = sockets()
        await asyncio.gather(*map(call, range(12, 27, 2)))
        await until(lambda: sockets() == before + len(writers))  # the peer's own ends
        for each in writers:
            each.transport.abort()


@scenario
async def test_a_peer_takes_up_no_more_than_it_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that we have connected to, and that keeps what it is given and calls it."""
    monkeypatch.setattr(connection, "BOUNDS", rpc.Bounds(calls=2, capabilities=3))
    kept: list[Any] = []

    class Keeper(Node):
        def hold(self, node: Any) -> None:
            kept.append(node.keep())

    class Waiting(Node):
        asked = 0

        async def wait(self) -> None:
            self.asked += 1
            await asyncio.Event().wait()

    address, near = f"unix:{tmp_path}/far", Waiting("near")
    async with (
        rpc.serve(schema.NodeClient(Keeper("far")), address),
        rpc.line(address) as far,
        await far.open(schema.NodeClient) as node,
    ):
        for _ in range(3):
            await node.hold(schema.NodeClient(near))
        with pytest.raises(CapError, match="3 capabilities are held, as many as may be"):
            await node.hold(schema.NodeClient(near))
        calls = [asyncio.ensure_future(kept[0].wait()) for _ in range(3)]
        done, waiting = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
        with pytest.raises(CapError, match="2 calls are under way already"):
            await done.pop()
        assert near.asked == 2
        for call in waiting:
            call.cancel()
        for each in kept:
            await each.close()


@scenario
async def test_a_peer_that_reads_nothing_holds_up_a_stream_and_takes_no_memory(tmp_path: Path) -> None:
    valve = Valve()
    async with (
        peer(f"unix:{tmp_path}/far"),
        valve.before(f"{tmp_path}/far", f"{tmp_path}/valve"),
        Host() as host,
        rpc.line(f"unix:{tmp_path}/valve", ledger=host.ledger) as far,
        await far.open(schema.NodeClient) as node,
    ):
        async with running(host, node) as runner:
            assert await runner.run("f" + "b" * 20 + "W") == str(20 << 14)
            valve.there.clear()
            before = valve.passed
            stream = asyncio.ensure_future(runner.run("b" * 200 + "W"))
            tracemalloc.start()
            await asyncio.sleep(0.2)
            size, _ = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            assert not stream.done()
            assert size < 1 << 21  # of 200 times 16 KiB, no more than a window is under way
            assert valve.passed - before <= 1 << 13
            valve.there.set()
            assert await stream == str(220 << 14)
        async with running(host, node, wall="200ms") as runner:
            valve.there.clear()
            with pytest.raises(LimitExceeded):
                await runner.run("f" + "b" * 200)
            valve.there.set()
        await node.name()
    assert_balanced(host.ledger)


@pytest.mark.parametrize("keepalive", [0.0, 9_999_999.0, float("inf")])
@scenario
async def test_a_peer_that_may_be_silent_for_long_is_connected_to(keepalive: float) -> None:
    async with (
        rpc.serve(schema.NodeClient(Node("far")), "127.0.0.1:0") as server,
        rpc.line(f"capnp://127.0.0.1:{server.port}", keepalive=keepalive) as far,
        await far.open(schema.NodeClient) as node,
    ):
        assert await node.name() == "far"


@scenario
async def test_a_peer_that_vanishes_without_a_word() -> None:
    if why := netns_missing():
        pytest.skip(why)
    with netns() as (name, ours):
        there = ours.removesuffix("1") + "2:9000"

        def link(state: str) -> None:  # neither side is told
            ip("-n", name, "link", "set", f"{name}b", state)

        ip("-n", name, "link", "set", "lo", "up")
        command = ("ip", "netns", "exec", name)
        address = f"capnp://{there}"
        async with (
            Host() as host,
            rpc.line(address, ledger=host.ledger, keepalive=2, reconnect=60) as far,
            rpc.line(address, ledger=host.ledger, keepalive=3600) as patient,
            AsyncExitStack() as stack,
        ):
            async with peer(there, *command) as process:
                node = await stack.enter_async_context(await far.open(schema.NodeClient))
                idle = await stack.enter_async_context(await patient.open(schema.NodeClient))
                runner = await stack.enter_async_context(running(host, node))
                call = asyncio.ensure_future(runner.run("fFw"))
                while await line(process) != "wait":
                    pass
                link("down")
                assert await asyncio.wait_for(call, 30) == "disconnected"
                assert process.returncode is None
                link("up")
                assert await runner.run("NdN") == "disconnected far"
                link("down")
                process.kill()  # its last words are lost
                await process.wait()
                link("up")
            async with peer(there, *command):
                with pytest.raises(CapError) as caught:  # half of the connection was left
                    await asyncio.wait_for(idle.name(), 30)
                assert caught.value.kind is ErrorKind.DISCONNECTED
                assert (await runner.run("NN")).endswith("far")
        assert_balanced(host.ledger)


@scenario
async def test_a_name_that_moves_to_another_address() -> None:
    addresses = ["127.0.0.1"]

    async def find(name: str) -> list[str]:
        assert name == "far.test"
        return addresses

    async with Host() as host, AsyncExitStack() as stack:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        reach = [AddressRule.parse("127.0.0.0/8:*")]
        dial = rpc.Dial(rpc.PeerAddress("far.test", port), find=find, reach=reach)
        far = await stack.enter_async_context(rpc.dialling(dial, host.ledger, reconnect=60))
        async with peer(f"127.0.0.1:{port}"):
            node = await stack.enter_async_context(await far.open(schema.NodeClient))
            runner = await stack.enter_async_context(running(host, node))
            assert await runner.run("fFN") == "far/c"
        addresses[:] = ["127.0.0.2"]
        async with peer(f"127.0.0.2:{port}"):
            assert await runner.run("NdN") == "disconnected far"
        addresses[:] = ["10.0.0.1"]
        assert (await runner.run("NN")).endswith("denied")
    assert_balanced(host.ledger)
