"""Sockets that a module is granted: `sock_*`, and the other calls on them; programs that serve and fetch."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from capwit.caps import (
    MemoryDirectory,
    SystemTimer,
    open_connection,
    open_listener,
    open_udp,
    value,
)
from capwit.preview1.abi import LISTENER_RIGHTS, SOCKET_RIGHTS, Errno, FdFlags, FileType, Rights

from tests.bridge.support import scenario
from tests.caps.net_support import LOCAL, peer
from tests.preview1.machine import DATA, OUT, Machine, machine
from tests.preview1.support import run

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PEEK, WAITALL = 1, 2
HTTP = "http"


async def port_of(listener: Any) -> int:
    return int((await listener.local_address()).port)


async def receive(m: Machine, fd: int, size: int, flags: int = 0) -> bytes | int:
    """Call `sock_recv`; returns the bytes, or an errno below 0."""
    await m.poke(OUT + 16, struct.pack("<II", DATA, size))
    answer = await m.call("sock_recv", fd, OUT + 16, 1, flags, OUT, OUT + 8)
    return await m.peek(DATA, await m.u32()) if answer is Errno.SUCCESS else -answer


async def send(m: Machine, fd: int, data: bytes, flags: int = 0) -> int:
    await m.poke(DATA, data)
    await m.poke(OUT + 16, struct.pack("<II", DATA, len(data)))
    answer = await m.call("sock_send", fd, OUT + 16, 1, flags, OUT)
    return await m.u32() if answer is Errno.SUCCESS else -answer


async def accept(m: Machine, fd: int = 3, flags: int = 0) -> int:
    answer = await m.call("sock_accept", fd, flags, OUT)
    return await m.u32() if answer is Errno.SUCCESS else -answer


async def connected(listener: Any) -> socket.socket:
    made = socket.socket()
    made.setblocking(False)
    await asyncio.get_running_loop().sock_connect(made, (LOCAL, await port_of(listener)))
    return made


@asynccontextmanager
async def connection(**grants: Any) -> AsyncIterator[tuple[Machine, socket.socket]]:
    """A module with a connection at 3, and the socket at the other end."""
    with peer() as (listening, address):
        ours = await open_connection(address)
        theirs, _ = await asyncio.get_running_loop().sock_accept(listening)
        with theirs:
            async with machine(sockets={"it": ours}, **grants) as m:
                yield m, theirs


# -- Programs


async def get(port: int, path: str) -> bytes:
    """Ask as any client does."""
    reader, writer = await asyncio.open_connection(LOCAL, port)
    writer.write(f"GET {path} HTTP/1.1\r\nhost: {LOCAL}\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


@scenario
async def test_a_module_serves_http_on_a_listener_that_it_was_granted() -> None:
    listener = await open_listener(f"{LOCAL}:0")
    port = await port_of(listener)
    serving = asyncio.ensure_future(
        run(HTTP, "serve", "4", preopens={"/": MemoryDirectory()}, sockets={"http": listener})
    )
    answers = await asyncio.gather(*(get(port, f"/{number}") for number in range(5)))
    for number, answer in enumerate(answers):
        assert answer.endswith(b"\r\n\r\nyou asked for /%d" % number)
    assert (await get(port, "/end")).startswith(b"HTTP/1.1 200 OK\r\n")
    done = await serving
    assert (done.code, done.out) == (0, "")


@scenario
async def test_a_module_fetches_over_a_connection_that_it_was_granted() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.0 200 OK\r\n\r\nfor " + asked.split()[1])
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(answer, LOCAL, 0) as server:
        port = server.sockets[0].getsockname()[1]
        done = await run(HTTP, "fetch", "3", "/it", sockets={"web": await open_connection(f"{LOCAL}:{port}")})
        await asyncio.sleep(0)
    assert (done.code, done.out) == (0, "HTTP/1.0 200: for /it\n")


@scenario
async def test_one_module_fetches_from_another() -> None:
    listener = await open_listener(f"{LOCAL}:0")
    serving = asyncio.ensure_future(run(HTTP, "serve", "3", sockets={"http": listener}))
    address = f"{LOCAL}:{await port_of(listener)}"
    done = await run(HTTP, "fetch", "3", "/end", sockets={"web": await open_connection(address)})
    assert (done.out, (await serving).code) == ("HTTP/1.1 200: you asked for /end\n", 0)


@pytest.mark.parametrize(("args", "out"), [(["serve", "3"], "accept: "), (["fetch", "3", "/"], "send: ")])
@scenario
async def test_without_a_grant_there_is_no_socket(args: list[str], out: str) -> None:
    done = await run(HTTP, *args)
    assert (done.code, done.out) == (1, f"{out}Bad file descriptor\n")
    done = await run(HTTP, *args, preopens={"/": MemoryDirectory()})
    assert (done.code, done.out) == (1, f"{out}Not a socket\n")


@scenario
async def test_what_a_module_has_accepted_closes_with_it() -> None:
    listener = await open_listener(f"{LOCAL}:0")
    with await connected(listener) as client:
        async with machine(sockets={"http": listener}) as m:
            assert await accept(m) == 4

            assert [each.interface for each in m.ledger.live()] == [
                "capwit:net/net@0.1.0.tcp-listener",
                "capwit:net/net@0.1.0.tcp-socket",
            ]
            assert "wasi.sockets.http" in {entry.cause for entry in m.ledger}
        assert await asyncio.wait_for(asyncio.get_running_loop().sock_recv(client, 1), 2) == b""
        assert m.instance.name  # who still looks at an instance that has ended keeps nothing open
        assert await asyncio.wait_for(asyncio.ensure_future(answered(listener)), 2)


@scenario
async def test_what_a_module_has_accepted_closes_when_it_is_cancelled() -> None:
    listener = await open_listener(f"{LOCAL}:0")
    with await connected(listener) as client:
        async with machine(sockets={"http": listener}) as m:
            fd = await accept(m)
            waiting = asyncio.ensure_future(receive(m, fd, 1))
            await asyncio.sleep(0.01)
            waiting.cancel()
            await asyncio.wait([waiting])
        assert waiting.cancelled() and m.instance.name
        assert await asyncio.wait_for(asyncio.get_running_loop().sock_recv(client, 1), 2) == b""


async def answered(listener: Any) -> bool:
    """Return whether a listener, which its owner still has, goes on."""
    with await connected(listener):
        return bool(value(await listener.accept(True)))


# -- One call at a time


@scenario
async def test_what_a_descriptor_says() -> None:
    listener, udp = await open_listener(f"{LOCAL}:0"), await open_udp(f"{LOCAL}:0")
    async with machine(preopens={"/": MemoryDirectory()}, sockets={"a": listener, "b": udp}) as m:
        assert await m.fdstat(4) == (FileType.SOCKET_STREAM, 0, LISTENER_RIGHTS, SOCKET_RIGHTS)
        assert await m.fdstat(5) == (FileType.SOCKET_DGRAM, 0, SOCKET_RIGHTS, 0)
        assert (await m.filestat(4))[2] == FileType.SOCKET_STREAM
        with await connected(listener):
            fd = await accept(m, 4, FdFlags.NONBLOCK)
            assert fd == 6
            assert await m.fdstat(fd) == (FileType.SOCKET_STREAM, FdFlags.NONBLOCK, SOCKET_RIGHTS, 0)
        for call in ("fd_tell", "fd_prestat_get"):
            assert await m.call(call, 6, OUT) is (Errno.SPIPE if call == "fd_tell" else Errno.BADF)
        assert await m.call("fd_sync", 6) is Errno.INVAL
        assert await m.call("fd_filestat_set_times", 6, 0, 0, 0) is Errno.BADF
        assert await m.read(6, 1, "fd_pread", 0) == -Errno.SPIPE


@scenario
async def test_what_is_no_socket_or_not_the_right_one() -> None:
    listener, udp = await open_listener(f"{LOCAL}:0"), await open_udp(f"{LOCAL}:0")
    async with connection(preopens={"/": MemoryDirectory()}) as (m, _):
        assert [await accept(m, fd) for fd in (3, 4, 9)] == [-Errno.NOTSOCK, -Errno.INVAL, -Errno.BADF]
        assert [await receive(m, fd, 1) for fd in (3, 9)] == [-Errno.NOTSOCK, -Errno.BADF]
        assert [await send(m, fd, b"x") for fd in (3, 9)] == [-Errno.NOTSOCK, -Errno.BADF]
        assert await m.call("sock_shutdown", 3, 1) is Errno.NOTSOCK
        assert await m.call("sock_shutdown", 9, 1) is Errno.BADF
    async with machine(sockets={"a": listener, "b": udp}) as m:
        assert await accept(m, 4) == -Errno.NOTSUP
        assert await receive(m, 3, 1) == await m.read(3, 1) == await send(m, 3, b"x") == -Errno.NOTCONN
        assert await m.call("sock_shutdown", 3, 3) is await m.call("sock_shutdown", 4, 3) is Errno.NOTCONN


@scenario
async def test_flags_and_addresses_that_make_no_sense() -> None:
    listener = await open_listener(f"{LOCAL}:0")
    async with machine(sockets={"a": listener}) as m:
        assert await accept(m, 3, FdFlags.APPEND) == await accept(m, 3, 64) == -Errno.INVAL
        with await connected(listener):
            assert await m.call("sock_accept", 3, 0, 0x7FFFFFFF) is Errno.FAULT
            fd = await accept(m)  # it is still there
            assert await receive(m, fd, 1, 4) == await send(m, fd, b"x", 1) == -Errno.INVAL
            assert await m.call("sock_shutdown", fd, 0) is await m.call("sock_shutdown", fd, 4) is Errno.INVAL
            for out, told in ((-1, OUT), (OUT, -1)):
                assert await m.call("sock_recv", fd, OUT + 16, 0, 0, out, told) is Errno.FAULT
            assert await m.call("sock_send", fd, OUT + 16, 1025, 0, OUT) is Errno.INVAL
            await m.poke(OUT + 16, struct.pack("<II", 0x7FFFFFF0, 100))
            assert await m.call("sock_send", fd, OUT + 16, 1, 0, OUT) is Errno.FAULT


@scenario
async def test_receiving() -> None:
    async with connection() as (m, theirs):
        loop = asyncio.get_running_loop()
        assert await m.call("fd_fdstat_set_flags", 3, FdFlags.NONBLOCK) is Errno.SUCCESS
        assert await receive(m, 3, 9) == await m.read(3, 9) == await receive(m, 3, 9, WAITALL) == -Errno.AGAIN
        await loop.sock_sendall(theirs, b"hello")
        assert await receive(m, 3, 3, PEEK) == b"hel"
        assert await receive(m, 3, 9, PEEK | WAITALL) == b"hello"
        assert await receive(m, 3, 99, WAITALL) == b"hello"
        assert await m.call("fd_fdstat_set_flags", 3, 0) is Errno.SUCCESS
        receiving = asyncio.ensure_future(receive(m, 3, 6, WAITALL))
        for part in (b"a", b"bc", b"defg"):
            await loop.sock_sendall(theirs, part)
            await asyncio.sleep(0.01)
        assert await receiving == b"abcdef"
        assert await m.peek(OUT + 8, 2) == b"\0\0"
        assert await m.read(3, 0) == b""
        theirs.shutdown(socket.SHUT_WR)
        assert await receive(m, 3, 9, WAITALL) == b"g"
        assert await receive(m, 3, 9) == await m.read(3, 9) == b""


@scenario
async def test_sending_and_half_of_the_end() -> None:
    async with connection() as (m, theirs):
        loop = asyncio.get_running_loop()
        assert await send(m, 3, b"one") == await m.write(3, b"two") == 3
        assert await send(m, 3, b"") == 0
        assert await m.call("sock_shutdown", 3, 2) is Errno.SUCCESS
        assert await send(m, 3, b"x") == await m.write(3, b"x") == -Errno.PIPE
        assert await loop.sock_recv(theirs, 99) == b"onetwo"
        assert await loop.sock_recv(theirs, 99) == b""
        await loop.sock_sendall(theirs, b"late")
        assert await receive(m, 3, 9) == b"late"
        assert await m.call("sock_shutdown", 3, 1) is Errno.SUCCESS
        assert await receive(m, 3, 9) == b""


@scenario
async def test_a_peer_that_reads_nothing_and_then_goes() -> None:
    async with connection() as (m, theirs):
        assert await m.call("fd_fdstat_set_flags", 3, FdFlags.NONBLOCK) is Errno.SUCCESS
        await m.poke(OUT + 16, struct.pack("<II", 0, 1 << 17))
        while (answer := await m.call("sock_send", 3, OUT + 16, 1, 0, OUT)) is Errno.SUCCESS:
            pass
        assert answer is Errno.AGAIN
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        theirs.close()
        assert await receive(m, 3, 9) == -Errno.CONNRESET
        assert await m.call("sock_shutdown", 3, 3) is Errno.NOTCONN


@scenario
async def test_datagrams() -> None:
    with peer(socket.SOCK_DGRAM) as (theirs, address):
        ours = await open_udp(peer=address)
        mine = (LOCAL, await port_of(ours))
        hearing = await open_udp(f"{LOCAL}:0")
        async with machine(sockets={"ours": ours, "hearing": hearing}) as m:
            assert await send(m, 3, b"ping") == 4 and theirs.recv(9) == b"ping"
            assert await m.write(3, b"") == 0 and theirs.recv(9) == b""
            theirs.sendto(b"hello", mine)
            theirs.sendto(b"you", mine)
            assert await receive(m, 3, 2, PEEK) == b"he" and await m.peek(OUT + 8, 1) == b"\1"
            assert await receive(m, 3, 5) == b"hello" and await m.peek(OUT + 8, 1) == b"\0"
            assert await m.read(3, 2) == b"yo"
            assert await m.call("fd_fdstat_set_flags", 3, FdFlags.NONBLOCK) is Errno.SUCCESS
            assert await receive(m, 3, 9) == -Errno.AGAIN
            assert await send(m, 4, b"to whom?") == -Errno.DESTADDRREQ


@scenario
async def test_accepting_and_closing() -> None:
    listener = await open_listener(f"{LOCAL}:0")
    async with machine(sockets={"a": listener}) as m:
        loop = asyncio.get_running_loop()
        assert await m.call("fd_fdstat_set_flags", 3, FdFlags.NONBLOCK) is Errno.SUCCESS
        assert await accept(m) == -Errno.AGAIN
        with await connected(listener) as one, await connected(listener) as two:
            assert (await accept(m), await accept(m)) == (4, 5)
            assert await m.call("fd_close", 4) is Errno.SUCCESS
            assert await asyncio.wait_for(loop.sock_recv(one, 1), 5) == b""
            assert await m.call("fd_renumber", 5, 3) is Errno.SUCCESS
            assert await send(m, 3, b"still") == 5 and await loop.sock_recv(two, 9) == b"still"
            assert await accept(m) == -Errno.INVAL


@scenario
async def test_rights_only_become_less() -> None:
    listener = await open_listener(f"{LOCAL}:0")
    async with machine(sockets={"a": listener}) as m:
        assert await m.call("fd_fdstat_set_rights", 3, LISTENER_RIGHTS, Rights.FD_READ) is Errno.SUCCESS
        with await connected(listener) as client:
            fd = await accept(m)
            client.send(b"x")
            assert await receive(m, fd, 1) == b"x"
            assert await send(m, fd, b"x") == -Errno.NOTCAPABLE and await m.write(fd, b"x") == -Errno.BADF
            assert await m.call("sock_shutdown", fd, 3) is Errno.NOTCAPABLE
            assert await m.call("fd_fdstat_set_rights", 3, 0, 0) is Errno.SUCCESS
            assert await accept(m) == -Errno.NOTCAPABLE


def subscription(user: int, type: int, fd: int) -> bytes:
    return struct.pack("<QB7xI", user, type, fd)


def after(user: int, milliseconds: int) -> bytes:
    return struct.pack("<QB7xI4xQQH", user, 0, 1, milliseconds * 1_000_000, 0, 0)


@scenario
async def test_polling() -> None:
    listener, udp = await open_listener(f"{LOCAL}:0"), await open_udp(f"{LOCAL}:0")
    async with machine(sockets={"a": listener, "b": udp}, timer=SystemTimer()) as m:
        both = (subscription(1, 1, 3), subscription(2, 1, 4))
        assert await m.events(*both, after(3, 5)) == [(3, Errno.SUCCESS, 0)]
        polling = asyncio.ensure_future(m.events(*both))
        await asyncio.sleep(0.01)
        assert not polling.done()
        with await connected(listener) as client:
            assert await polling == [(1, Errno.SUCCESS, 1)]
            fd = await accept(m)
            assert await m.events(subscription(1, 1, fd), after(2, 5)) == [(2, Errno.SUCCESS, 0)]
            assert await m.events(subscription(1, 2, fd), subscription(2, 2, 4)) == [
                (1, Errno.SUCCESS, 2),
                (2, Errno.SUCCESS, 2),
            ]
            client.send(b"x")
            assert await m.events(subscription(1, 1, fd)) == [(1, Errno.SUCCESS, 1)]
            assert await m.call("sock_shutdown", fd, 2) is Errno.SUCCESS
            assert await m.events(subscription(1, 2, fd)) == [(1, Errno.SUCCESS, 2)]
        with socket.socket(type=socket.SOCK_DGRAM) as other:
            other.sendto(b"y", (LOCAL, await port_of(udp)))
            assert await m.events(subscription(2, 1, 4)) == [(2, Errno.SUCCESS, 1)]
