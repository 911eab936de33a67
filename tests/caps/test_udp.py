"""UDP: what a `UdpSocket` sends, hears and lets go. For any implementer."""

from __future__ import annotations

import asyncio
import gc
import socket
from typing import Any

import pytest
from capwit.caps import open_udp, value
from capwit.caps.net import Datagram, NetworkError, PeerAddress, PeerNone, SocketOptions

from tests.caps.net_support import LOCAL, UDP_AS_IT_IS, at, network, peer, refusal, shown
from tests.caps.support import scenario

UDP = socket.SOCK_DGRAM
TO_NOBODY = PeerNone()


def to(address: str) -> PeerAddress:
    return PeerAddress(at(address))


async def sent(one: socket.socket, data: bytes, ours: Any) -> None:
    await asyncio.get_running_loop().sock_sendto(one, data, shown(await ours.local_address()))


async def bound(*connect: str, listen: str = f"{LOCAL}:0") -> Any:
    net = network(*connect, listen=(listen,))
    return value(await net.bind_udp(at(listen), UDP_AS_IT_IS))


@scenario
async def test_datagrams_go_both_ways() -> None:
    with peer(UDP) as (theirs, address):
        ours = await bound(address)
        value(await ours.send(b"hello", to(address), True))
        data, sender = await asyncio.get_running_loop().sock_recvfrom(theirs, 99)
        assert (data, sender) == (b"hello", shown(await ours.local_address()))
        assert await refusal(ours.receive(99, False, False)) is NetworkError.WOULD_BLOCK
        receiving = asyncio.ensure_future(ours.receive(99, False, True))
        readable = asyncio.ensure_future(ours.readable())
        await asyncio.sleep(0.01)
        assert not receiving.done() and not readable.done()
        await sent(theirs, b"", ours)
        assert value(await receiving) == Datagram(b"", at(address), truncated=False)
        await sent(theirs, b"one", ours)
        await readable
        await sent(theirs, b"two", ours)
        assert value(await ours.receive(99, True, True)).data == b"one"
        assert value(await ours.receive(2, False, True)) == Datagram(b"on", at(address), truncated=True)
        assert value(await ours.receive(3, False, True)) == Datagram(b"two", at(address), truncated=False)
        await ours.writable()


@scenario
async def test_a_peer_that_is_not_allowed() -> None:
    with peer(UDP) as (theirs, address), peer(UDP) as (_, other):
        ours = await bound(address)
        assert await refusal(ours.send(b"x", to(other), True)) is NetworkError.ACCESS_DENIED
        assert await refusal(ours.connect(to(other))) is NetworkError.ACCESS_DENIED
        for nobody in ("0.0.0.0:1", f"{LOCAL}:0", "[::ffff:127.0.0.1]:1"):
            assert await refusal(ours.send(b"x", to(nobody), True)) is NetworkError.INVALID_ARGUMENT
        assert await refusal(ours.send(b"x", TO_NOBODY, True)) is NetworkError.INVALID_ARGUMENT
        with pytest.raises(BlockingIOError):
            theirs.recv(1)
        everybody = await bound("*:*")
        assert await refusal(everybody.send(b"x", to("[::1]:1"), True)) is NetworkError.INVALID_ARGUMENT
        assert (
            await refusal(everybody.send(bytes(65_530), to(other), True)) is NetworkError.DATAGRAM_TOO_LARGE
        )


@scenario
async def test_a_local_address_that_is_not_allowed() -> None:
    net = network(f"{LOCAL}:9", listen=(f"{LOCAL}:0",))
    for address in ("0.0.0.0:1", f"{LOCAL}:1", "127.0.0.2:0"):
        assert await refusal(net.bind_udp(at(address), UDP_AS_IT_IS)) is NetworkError.ACCESS_DENIED
    assert await refusal(network().bind_udp(at("0.0.0.0:0"), UDP_AS_IT_IS)) is NetworkError.ACCESS_DENIED


@scenario
async def test_who_may_only_ask_hears_only_whom_it_may_ask() -> None:
    with peer(UDP) as (allowed, address), peer(UDP) as (stranger, _):
        asking = value(await network(address).bind_udp(at("0.0.0.0:0"), UDP_AS_IT_IS))
        port = (await asking.local_address()).port
        loop = asyncio.get_running_loop()
        readable = asyncio.ensure_future(asking.readable())
        for number in range(300):
            await loop.sock_sendto(stranger, b"%d" % number, (LOCAL, port))
        assert await refusal(asking.receive(9, False, False)) is NetworkError.WOULD_BLOCK
        receiving = asyncio.ensure_future(asking.receive(9, False, True))
        await asyncio.sleep(0.01)
        assert not receiving.done() and not readable.done()
        await loop.sock_sendto(allowed, b"answer", (LOCAL, port))
        assert value(await receiving).data == b"answer"
        readable.cancel()


@scenario
async def test_connecting_to_one_peer_and_to_none() -> None:
    with peer(UDP) as (one, address), peer(UDP) as (two, other):
        ours = await bound(address, other)
        before = await ours.local_address()
        assert await ours.remote_address() == TO_NOBODY
        await sent(two, b"too early", ours)
        value(await ours.connect(to(address)))
        assert await ours.remote_address() == to(address)
        await sent(two, b"not now", ours)
        await sent(one, b"yes", ours)
        assert value(await ours.receive(99, False, True)).data == b"yes"
        assert await refusal(ours.receive(99, False, False)) is NetworkError.WOULD_BLOCK
        value(await ours.send(b"a", TO_NOBODY, True))
        value(await ours.send(b"b", to(address), True))
        assert await refusal(ours.send(b"c", to(other), True)) is NetworkError.INVALID_ARGUMENT
        assert (one.recv(9), one.recv(9)) == (b"a", b"b")
        value(await ours.connect(to(other)))
        value(await ours.connect(TO_NOBODY))
        value(await ours.connect(TO_NOBODY))
        assert await ours.local_address() == before
        for each, data in ((one, b"from one"), (two, b"from two")):
            await sent(each, data, ours)
            assert value(await ours.receive(99, False, True)).data == data


@scenario
async def test_nobody_is_there() -> None:
    with peer(UDP) as (_, address):
        pass
    ours = await bound(address)
    value(await ours.connect(to(address)))
    value(await ours.send(b"x", TO_NOBODY, True))
    await ours.readable()
    assert await refusal(ours.receive(9, False, True)) is NetworkError.CONNECTION_REFUSED


@scenario
async def test_options() -> None:
    ours = await bound()
    before = await ours.options()
    assert 0 not in (before.hop_limit, before.receive_buffer, before.send_buffer)
    value(await ours.set_options(SocketOptions(7, 65536, 0)))
    assert await ours.options() == SocketOptions(7, 65536, before.send_buffer)


@scenario
async def test_sockets_that_are_open_already() -> None:
    with peer(UDP) as (theirs, address):
        asking = await open_udp(peer=address)
        value(await asking.send(b"x", TO_NOBODY, True))
        data, (_, port) = await asyncio.get_running_loop().sock_recvfrom(theirs, 9)
        assert (data, port) == (b"x", (await asking.local_address()).port)
        hearing = await open_udp(f"{LOCAL}:0")
        await sent(theirs, b"y", hearing)
        assert value(await hearing.receive(9, False, True)).data == b"y"
        assert await refusal(hearing.send(b"z", to(address), True)) is NetworkError.ACCESS_DENIED
    with pytest.raises(ValueError, match="expected an `address`"):
        await open_udp()


@scenario
async def test_the_last_reference_closes() -> None:
    gc.disable()
    try:
        ours = await open_udp(f"{LOCAL}:0")
        port = (await ours.local_address()).port
        receiving = asyncio.ensure_future(ours.receive(9, False, True))
        await asyncio.sleep(0.01)
        receiving.cancel()
        await asyncio.wait([receiving])
        del ours, receiving
        with socket.socket(type=UDP) as again:
            again.bind((LOCAL, port))
    finally:
        gc.enable()
