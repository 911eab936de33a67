"""Much at once, and much in all: a thousand requests, content that fits no buffer, peers that give up."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from capwit.bridge import Event
from capwit.bridge.door import Door
from capwit.caps import HttpFetch
from capwit.http import listen
from h2.config import H2Configuration
from h2.connection import H2Connection

from tests.bridge.support import scenario
from tests.caps.http_server import Peer
from tests.caps.http_server import serving as serving_by
from tests.http.process import children, serving
from tests.http.small import relay
from tests.http.support import Served, served, unchunked

if TYPE_CHECKING:
    from collections.abc import Sequence

MIB: Final = 1 << 20
PIECE: Final = bytes(range(256)) * 256


async def until_nothing_is_left(server: Served) -> None:
    while server.host.ledger.balance:  # noqa: ASYNC110 - it is what is tested that tells nobody
        await asyncio.sleep(0.005)


@scenario
async def test_a_thousand_requests_at_once_each_with_an_instance_of_its_own() -> None:
    async with served(relay(), concurrency=50, waiting=1000) as server:
        asked = [f"this is request {number}".encode() for number in range(1000)]
        got = await asyncio.gather(*(server.get("/", method="POST", content=each) for each in asked))
        assert {each.status for each in got} == {200}
        assert [each.content for each in got] == [b"1" + each for each in asked]


@scenario
async def test_more_clients_than_may_be_connected_wait_until_one_goes() -> None:
    async with served(relay(), connections=2) as server:
        assert (await server.get("/")).status == 200  # the next one takes no time
        silent = [await server.connect() for _ in range(2)]
        for each in silent:
            await each.say(b"GET / HTTP/1.1\r\nhost: ")
        waits = [asyncio.ensure_future(server.get("/")) for _ in range(5)]
        done, _ = await asyncio.wait(waits, timeout=0.3)
        assert not done
        silent[0].writer.close()
        assert {each.status for each in await asyncio.gather(*waits)} == {200}
        silent[1].writer.close()


@scenario
async def test_what_is_sent_in_pieces_waits_for_no_client() -> None:
    taken: asyncio.Queue[socket.socket] = asyncio.Queue()
    listening = listen("127.0.0.1", 0)
    door = Door(listening, taken.put_nowait)
    with socket.create_connection(listening.getsockname()), await taken.get() as connection:
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    door.shut()


@scenario
async def test_a_client_of_http_2_that_resets_what_it_asks_for_is_cut(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with served(relay()) as server:
        client = H2Connection(H2Configuration(client_side=True))
        client.initiate_connection()
        head = [(":method", "POST"), (":path", "/"), (":authority", server.authority), (":scheme", "http")]
        for _ in range(900):
            stream = client.get_next_available_stream_id()
            client.send_headers(stream, head)
            client.reset_stream(stream)
        peer = await server.connect()
        peer.writer.write(client.data_to_send())
        with suppress(ConnectionError):
            await peer.reader.read()  # to the end
        peer.writer.close()
        assert (await server.get("/")).status == 200
        assert server.host.ledger.counts()[Event.START] == 1
    assert caplog.text.count("a connection was cut: 201 requests of it have not ended") == 1
    assert "Traceback" not in caplog.text


@scenario
async def test_what_a_client_has_asked_for_in_advance_is_not_answered_once_it_has_gone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with served(relay()) as server:
        peer = await server.connect()
        peer.writer.write(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n" * 900)
        await peer.head()
        peer.writer.transport.abort()
        before, started = 0, 1
        while before < started:
            await asyncio.sleep(0.3)
            before, started = started, server.host.ledger.counts()[Event.START]
        assert started < 900
    assert "socket.send() raised" not in caplog.text  # by asyncio, for each write


@scenario
async def test_many_requests_at_once_for_instances_that_are_used_again() -> None:
    async with served(relay(), concurrency=10, waiting=200, reuse=5) as server:
        asked = [f"this is request {number}".encode() for number in range(200)]
        got = await asyncio.gather(*(server.get("/", method="POST", content=each) for each in asked))
        assert [each.content[1:] for each in got] == asked
        assert {each.content[:1] for each in got} == {b"1", b"2", b"3", b"4", b"5"}


@pytest.mark.parametrize("isolation", ["process"], indirect=True)
@scenario
async def test_a_process_that_dies_between_two_requests_takes_none_with_it(isolation: str) -> None:
    async with served(relay(), concurrency=1, reuse=5) as server:
        assert [(await server.get("/", method="POST", content=b"x")).text for _ in range(2)] == ["1x", "2x"]
        [process] = [each for nursery in children(os.getpid()) for each in children(nursery)]
        os.kill(process, signal.SIGKILL)
        await until_nothing_is_left(server)
        assert (await server.get("/", method="POST", content=b"x")).text == "1x"


def measure_anew(process: int) -> None:
    """Have the most memory that a process had begin at what it has."""
    Path(f"/proc/{process}/clear_refs").write_text("5")


def memory(process: int, what: str) -> float:
    """Return how many MiB a process has (`VmRSS`), or had at most (`VmHWM`)."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(what)) / 1024


async def carried(port: int, size: int) -> int:
    """Send content through the guest and back, both at once; returns how much came back."""
    peer = Peer(*await asyncio.open_connection("127.0.0.1", port))
    await peer.say(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: %d\r\n\r\n" % size)

    async def send() -> None:
        for _ in range(size // len(PIECE)):
            await peer.say(PIECE)

    sending = asyncio.ensure_future(send())
    await peer.head()
    seen = 0
    while length := int(await peer.reader.readline(), 16):
        data = await peer.reader.readexactly(length + 2)
        at = seen - 1  # the guest's own byte comes first
        assert at < 0 or data[0] == PIECE[at % len(PIECE)]
        seen += length
    await sending
    peer.writer.close()
    return seen - 1


@pytest.mark.parametrize(("where", "size"), [((), 48), (("--isolate",), 24)])
@scenario
async def test_large_content_takes_no_more_memory_than_a_small_one(
    where: Sequence[str], size: int, tmp_path: Path
) -> None:
    file = tmp_path / "relay.wasm"
    file.write_bytes(relay())
    with serving(*where, "--timeout", "none", file) as (process, port):
        assert await carried(port, MIB) == MIB
        before = memory(process.pid, "VmRSS")
        measure_anew(process.pid)
        assert await carried(port, size * MIB) == size * MIB
        assert memory(process.pid, "VmHWM") - before < 8


@scenario
async def test_slow_clients_hold_up_nobody_else() -> None:
    async with served(relay(), concurrency=30) as server:

        async def slowly() -> bytes:
            peer = await server.connect()
            await peer.say(b"POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 10\r\n\r\n")
            for digit in b"0123456789":
                await asyncio.wait((over_task,), timeout=0.02)
                await peer.say(bytes([digit]))
            whole = await peer.reader.read()
            peer.writer.close()
            return unchunked(whole.partition(b"\r\n\r\n")[2])[0]

        over = asyncio.Event()
        over_task = asyncio.ensure_future(over.wait())
        slow = [asyncio.ensure_future(slowly()) for _ in range(20)]
        got = await asyncio.gather(*(server.get("/", method="POST", content=b"quick") for _ in range(50)))
        assert {each.content for each in got} == {b"1quick"}
        over.set()
        assert set(await asyncio.gather(*slow)) == {b"10123456789"}


@pytest.mark.parametrize("reads", [True, False])
@scenario
async def test_clients_that_give_up_in_the_middle_leave_nothing(reads: bool) -> None:
    async with served(relay(), concurrency=10, waiting=100, patience=0.2) as server:

        async def give_up() -> None:
            peer = await server.connect()
            peer.writer.write(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000000\r\n\r\n")
            peer.writer.write(PIECE * 8)
            if reads:
                await peer.head()
                await peer.reader.readexactly(MIB // 8)
            else:
                await asyncio.sleep(0.05)
            peer.writer.transport.abort()

        await asyncio.gather(*(give_up() for _ in range(40)))
        await until_nothing_is_left(server)
        assert (await server.get("/", method="POST", content=b"x")).content == b"1x"


@scenario
async def test_a_client_that_gives_up_ends_what_the_guest_asks_elsewhere() -> None:
    asked, gone = asyncio.Event(), asyncio.Event()

    async def talk(peer: Peer) -> None:
        await peer.head()
        asked.set()
        assert await peer.gone()
        gone.set()

    async with (
        serving_by(talk) as other,
        HttpFetch([f"http://{other.authority}"]) as fetch,
        served(http=fetch) as server,
    ):
        peer = await server.connect()
        await peer.say(f"GET /fetch/{other.authority}/ HTTP/1.1\r\nhost: a\r\n\r\n".encode())
        await asked.wait()
        peer.writer.transport.abort()
        await gone.wait()
        await until_nothing_is_left(server)


@scenario
async def test_a_server_that_gives_up_ends_what_the_client_gets() -> None:
    async def talk(peer: Peer) -> None:
        await peer.head()
        await peer.say(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\nhalf")
        await asyncio.sleep(0.05)  # and the connection ends

    async with (
        serving_by(talk) as other,
        HttpFetch([f"http://{other.authority}"]) as fetch,
        served(http=fetch) as server,
    ):
        got = await server.get(f"/fetch/{other.authority}/")
        assert (got.status, got.content, got.whole) == (200, b"half", False)
        assert (await server.get("/count")).text == "1"
