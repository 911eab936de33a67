"""A network that another process serves: the same capabilities by RPC, for host code and for guests."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from capwit import rpc
from capwit.bridge import ErrorKind
from capwit.caps import HostNetwork, HostResolver, MemoryDirectory, value
from capwit.caps.files import DirectoryClient
from capwit.caps.net import NetworkClient, NetworkError, PeerAddress, PeerNone, ResolverClient
from capwit.preview1.abi import Errno, OFlags, Rights

from tests.caps.net_support import AS_IT_IS, LOCAL, UDP_AS_IT_IS, at, refusal, shown
from tests.caps.support import scenario
from tests.caps.test_network import kind_of
from tests.preview1.machine import ALL, machine
from tests.preview1.test_sockets import accept, receive, send

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@asynccontextmanager
async def remote(*connect: str) -> AsyncIterator[NetworkClient]:
    """A client of a network that is served at the other end of a connection."""
    network = NetworkClient(HostNetwork(connect, [f"{LOCAL}:*"]))
    async with (
        rpc.serve(network, f"{LOCAL}:0") as server,
        rpc.connect(f"{LOCAL}:{server.port}") as connection,
        connection.bootstrap(NetworkClient) as client,
    ):
        yield client


@scenario
async def test_a_connection() -> None:
    async with remote(f"{LOCAL}:*") as network:
        async with value(await network.listen(at(f"{LOCAL}:0"), 0, AS_IT_IS)) as listener:
            where = await listener.local_address()
            assert await refusal(listener.accept(False)) is NetworkError.WOULD_BLOCK
            accepting = asyncio.ensure_future(listener.accept(True))
            async with value(await network.connect(where, AS_IT_IS)) as ours:
                async with value(await accepting) as theirs:
                    assert shown(await theirs.remote_address()) == shown(await ours.local_address())
                    assert await refusal(ours.receive(9, False, False)) is NetworkError.WOULD_BLOCK
                    reading = asyncio.ensure_future(ours.read(9))
                    assert value(await theirs.send(b"hello", True)) == 5
                    assert await reading == b"hello"
                    await ours.write(bytes(500_000))
                    await ours.end()
                    got = 0
                    while data := value(await theirs.receive(1 << 20, False, True)):
                        got += len(data)
                    assert got == 500_000
                    assert await refusal(ours.send(b"x", True)) is NetworkError.CONNECTION_ABORTED
                    assert await kind_of(ours.write(b"x")) is ErrorKind.FAILED
                assert await ours.read(9) == b""  # released there, too
        assert await refusal(network.connect(where, AS_IT_IS)) is NetworkError.CONNECTION_REFUSED


@scenario
async def test_refusals_and_datagrams() -> None:
    async with remote(f"{LOCAL}:*") as network:
        assert await refusal(network.connect(at("10.0.0.1:1"), AS_IT_IS)) is NetworkError.ACCESS_DENIED
        assert await refusal(network.bind_udp(at("0.0.0.0:1"), UDP_AS_IT_IS)) is NetworkError.ACCESS_DENIED
        one, two = [value(await network.bind_udp(at(f"{LOCAL}:0"), UDP_AS_IT_IS)) for _ in range(2)]
        value(await one.connect(PeerAddress(await two.local_address())))
        value(await one.send(b"ping", PeerNone(), True))
        datagram = value(await two.receive(99, False, True))
        assert (datagram.data, datagram.sender) == (b"ping", await one.local_address())


@scenario
async def test_names() -> None:
    resolver = ResolverClient(HostResolver(hosts={"db": ["10.0.0.1"]}))
    async with (
        rpc.serve(resolver, f"{LOCAL}:0") as server,
        rpc.connect(f"{LOCAL}:{server.port}") as connection,
        connection.bootstrap(ResolverClient) as client,
    ):
        assert value(await client.resolve("db")) == [at("10.0.0.1:0").ip]
        assert await refusal(client.resolve("other")) is NetworkError.ACCESS_DENIED


@scenario
async def test_a_module_serves_on_a_listener_elsewhere() -> None:
    async with remote() as network:
        listener = value(await network.listen(at(f"{LOCAL}:0"), 0, AS_IT_IS))
        port = (await listener.local_address()).port
        async with machine(sockets={"http": listener}) as m:
            reader, writer = await asyncio.open_connection(LOCAL, port)
            assert await accept(m) == 4
            writer.write(b"ping")
            assert await receive(m, 4, 9) == b"ping"
            assert await send(m, 4, b"pong") == 4
            assert await reader.readexactly(4) == b"pong"
        assert await asyncio.wait_for(reader.read(), 2) == b""  # what it has accepted is released
        writer.close()
        await writer.wait_closed()


@scenario
async def test_a_module_has_files_elsewhere() -> None:
    directory = DirectoryClient(MemoryDirectory())
    async with (
        rpc.serve(directory, f"{LOCAL}:0") as server,
        rpc.connect(f"{LOCAL}:{server.port}") as connection,
        connection.bootstrap(DirectoryClient) as client,
        machine(preopens={"/": client}) as m,
    ):
        assert await m.path("path_create_directory", 3, "d") is Errno.SUCCESS
        folder = await m.open("d", OFlags.DIRECTORY, ALL & ~Rights.FD_WRITE)
        file = await m.open("a", OFlags.CREAT, fd=folder)
        assert await m.write(file, b"hello") == 5
        assert await m.read(file, 9, "fd_pread", 1) == b"ello"
        assert await m.call("fd_close", file) is Errno.SUCCESS
        assert await m.read(file, 1) == -Errno.BADF
