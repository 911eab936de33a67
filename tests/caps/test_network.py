"""TCP: what a `Network` lets through, and what connections and listeners do. For any implementer."""

from __future__ import annotations

import asyncio
import gc
import socket
import struct
from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import CapError, ErrorKind
from capwit.caps import NetworkRefused, open_connection, open_listener, tcp_options, value
from capwit.caps.net import KeepAlive, NetworkError

from tests.caps.net_support import AS_IT_IS, LOCAL, at, network, pair, peer, refusal, shown
from tests.caps.support import scenario

if TYPE_CHECKING:
    from collections.abc import Awaitable

SECOND = 1_000_000_000


async def kind_of(awaitable: Awaitable[Any]) -> ErrorKind:
    with pytest.raises(CapError) as caught:
        await awaitable
    return caught.value.kind


def loop() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()


# -- What is allowed


@scenario
async def test_a_peer_that_is_not_allowed() -> None:
    with peer() as (_, address):
        port = address.rpartition(":")[2]
        for rules in ([], ["127.0.0.2:*"], [f"{LOCAL}:1"], ["[::]:*"], [f"10.0.0.0/8:{port}"]):
            assert await refusal(network(*rules).connect(at(address), AS_IT_IS)) is NetworkError.ACCESS_DENIED
        for rules in ([address], ["127.0.0.0/8:*"], [f"*:{port}"]):
            socket_ = value(await network(*rules).connect(at(address), AS_IT_IS))
            assert shown(await socket_.remote_address()) == (LOCAL, int(port))


@scenario
async def test_an_address_in_another_form_goes_round_nothing() -> None:
    with peer() as (_, address):
        port = address.rpartition(":")[2]
        everything = network("*:*", listen=("*:*",))
        only_ipv6 = network("[::/0]:*", listen=("[::/0]:*",))
        for net in (everything, only_ipv6):
            for host in ("::ffff:127.0.0.1", "::ffff:0.0.0.0"):
                mapped = at(f"[{host}]:{port}")
                for call in (
                    net.connect(mapped, AS_IT_IS),
                    net.listen(mapped, 1, AS_IT_IS),
                    net.bind_tcp(mapped, AS_IT_IS),
                    net.bind_udp(mapped, AS_IT_IS.socket),
                ):
                    assert await refusal(call) is NetworkError.INVALID_ARGUMENT
        assert await refusal(only_ipv6.connect(at(address), AS_IT_IS)) is NetworkError.ACCESS_DENIED
        for nobody in (f"0.0.0.0:{port}", f"[::]:{port}", f"{LOCAL}:0", "224.0.0.1:80", "255.255.255.255:80"):
            assert await refusal(everything.connect(at(nobody), AS_IT_IS)) is NetworkError.INVALID_ARGUMENT


@scenario
async def test_an_ipv6_listener_hears_no_ipv4() -> None:
    net = network("*:*", listen=("[::]:*",))
    listening = await net.listen(at("[::]:0"), 0, AS_IT_IS)
    try:
        listener = value(listening)
    except NetworkRefused:
        pytest.skip("this machine has no IPv6")
    port = (await listener.local_address()).port
    assert await refusal(net.connect(at(f"{LOCAL}:{port}"), AS_IT_IS)) is NetworkError.CONNECTION_REFUSED
    connected = value(await net.connect(at(f"[::1]:{port}"), AS_IT_IS))
    assert shown(await connected.remote_address()) == ("::1", port)


@scenario
async def test_a_local_address_that_is_not_allowed() -> None:
    net = network(f"{LOCAL}:*", listen=(f"{LOCAL}:0",))
    for address in ("0.0.0.0:0", f"{LOCAL}:1", "127.0.0.2:0"):
        assert await refusal(net.listen(at(address), 0, AS_IT_IS)) is NetworkError.ACCESS_DENIED
    listener = value(await net.listen(at(f"{LOCAL}:0"), 0, AS_IT_IS))
    assert (await listener.local_address()).port
    # An address to connect from is had without a word, and never to listen at.
    bound = value(await net.bind_tcp(at("0.0.0.0:0"), AS_IT_IS))
    assert await refusal(bound.listen(1)) is NetworkError.ACCESS_DENIED
    assert await refusal(network().bind_tcp(at("0.0.0.0:0"), AS_IT_IS)) is NetworkError.ACCESS_DENIED


@scenario
async def test_there_are_so_many_sockets_and_no_more() -> None:
    with peer() as (_, address):
        net = network(address, sockets=2)
        held = [value(await net.connect(at(address), AS_IT_IS)) for _ in range(2)]
        assert await refusal(net.connect(at(address), AS_IT_IS)) is NetworkError.NEW_SOCKET_LIMIT
        del held[0]
        held.append(value(await net.connect(at(address), AS_IT_IS)))
        assert len(held) == 2


@scenario
async def test_a_listener_accepts_no_more_than_its_network_may_have() -> None:
    listener = await open_listener(f"{LOCAL}:0", sockets=1)
    address = await listener.local_address()
    clients = [await open_connection(f"{LOCAL}:{address.port}") for _ in range(2)]
    first = value(await listener.accept(True))
    assert await refusal(listener.accept(True)) is NetworkError.NEW_SOCKET_LIMIT
    del first
    second = value(await listener.accept(True))
    await clients[1].write(b"still here")
    assert await second.read(100) == b"still here"


# -- Connecting and listening


@scenario
async def test_nobody_listens() -> None:
    with peer() as (_, address):
        net = network(f"{LOCAL}:*")
    assert await refusal(net.connect(at(address), AS_IT_IS)) is NetworkError.CONNECTION_REFUSED
    bound = value(await net.bind_tcp(at("0.0.0.0:0"), AS_IT_IS))
    assert await refusal(bound.connect(at(address))) is NetworkError.CONNECTION_REFUSED
    assert await refusal(bound.connect(at(address))) is NetworkError.INVALID_STATE


@scenario
async def test_an_address_is_taken_first() -> None:
    net = network("*:*", listen=(f"{LOCAL}:*",))
    one = value(await net.bind_tcp(at(f"{LOCAL}:0"), AS_IT_IS))
    two = value(await net.bind_tcp(at(f"{LOCAL}:0"), AS_IT_IS))
    where, whence = await one.local_address(), await two.local_address()
    assert where.port and whence.port and where != whence
    assert await refusal(two.connect(at("[::1]:1"))) is NetworkError.INVALID_ARGUMENT
    listener = value(await one.listen(0))
    ours = value(await two.connect(where))
    theirs = value(await listener.accept(True))
    assert await theirs.remote_address() == await ours.local_address() == whence
    assert await ours.remote_address() == await theirs.local_address() == where
    for again in (one.listen(1), two.connect(where)):
        assert await refusal(again) is NetworkError.INVALID_STATE
    assert await refusal(net.listen(where, 1, AS_IT_IS)) is NetworkError.ADDRESS_IN_USE
    foreign = network("*:*", listen=("*:*",)).bind_tcp(at("192.0.2.1:0"), AS_IT_IS)
    assert await refusal(foreign) is NetworkError.ADDRESS_NOT_BINDABLE


@scenario
async def test_accepting_waits_or_does_not() -> None:
    listener = await open_listener(f"{LOCAL}:0")
    port = (await listener.local_address()).port
    assert await refusal(listener.accept(False)) is NetworkError.WOULD_BLOCK
    accepting = asyncio.ensure_future(listener.accept(True))
    acceptable = asyncio.ensure_future(listener.acceptable())
    await asyncio.sleep(0.01)
    assert not accepting.done() and not acceptable.done()
    client = await open_connection(f"{LOCAL}:{port}")
    accepted = value(await accepting)
    await client.write(b"x")
    assert await accepted.read(9) == b"x"
    another = await open_connection(f"{LOCAL}:{port}")
    await acceptable
    await listener.acceptable()
    assert shown(await value(await listener.accept(False)).remote_address()) == shown(
        await another.local_address()
    )


# -- Bytes


@scenario
async def test_bytes_go_both_ways() -> None:
    async with pair() as (ours, theirs):
        assert value(await ours.receive(0, False, True)) == b""
        assert await refusal(ours.receive(10, False, False)) is NetworkError.WOULD_BLOCK
        receiving = asyncio.ensure_future(ours.receive(3, False, True))
        await asyncio.sleep(0.01)
        assert not receiving.done()
        await loop().sock_sendall(theirs, b"hello")
        assert value(await receiving) == b"hel"
        assert value(await ours.receive(9, True, True)) == b"lo"
        await ours.readable()
        assert value(await ours.receive(9, False, False)) == b"lo"
        assert value(await ours.send(b"", False)) == 0
        assert value(await ours.send(b"you", False)) == 3
        assert await loop().sock_recv(theirs, 9) == b"you"


@scenario
async def test_the_peer_sends_no_more() -> None:
    async with pair() as (ours, theirs):
        await loop().sock_sendall(theirs, b"last")
        theirs.shutdown(socket.SHUT_WR)
        assert value(await ours.receive(9, False, True)) == b"last"
        await ours.readable()
        assert value(await ours.receive(9, False, False)) == await ours.read(9) == b""
        await ours.write(b"answer")
        assert await loop().sock_recv(theirs, 9) == b"answer"


@scenario
async def test_half_of_a_connection_is_ended() -> None:
    async with pair() as (ours, theirs):
        value(await ours.shutdown(False, False))
        await ours.write(b"all")
        value(await ours.shutdown(False, True))
        assert await loop().sock_recv(theirs, 9) == b"all" and await loop().sock_recv(theirs, 9) == b""
        assert await refusal(ours.send(b"more", True)) is NetworkError.CONNECTION_ABORTED
        assert await kind_of(ours.write(b"more")) is ErrorKind.FAILED
        assert await kind_of(ours.writable()) is ErrorKind.FAILED
        await ours.end()
        await loop().sock_sendall(theirs, b"heard")
        assert await ours.read(9) == b"heard"
        await loop().sock_sendall(theirs, b"not heard")
        value(await ours.shutdown(True, False))
        await ours.readable()
        assert await ours.read(9) == b""


@scenario
async def test_a_connection_that_is_reset() -> None:
    async with pair() as (ours, theirs):
        reading = asyncio.ensure_future(ours.receive(9, False, True))
        await asyncio.sleep(0)
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        theirs.close()
        assert await refusal(reading) is NetworkError.CONNECTION_RESET
        assert await refusal(ours.send(b"x", True)) is NetworkError.CONNECTION_RESET
        assert await kind_of(ours.write(b"x")) is ErrorKind.DISCONNECTED
        assert await refusal(ours.shutdown(True, True)) is NetworkError.INVALID_STATE


@scenario
async def test_a_peer_that_does_not_read_holds_nobody_but_the_writer() -> None:
    async with pair(sockets=1) as (ours, theirs):
        size = 8 << 20
        writing = asyncio.ensure_future(ours.write(bytes(size)))
        await asyncio.sleep(0.05)
        assert not writing.done()
        assert await refusal(ours.send(b"x", False)) is NetworkError.WOULD_BLOCK
        waiting = asyncio.ensure_future(ours.writable())
        flushing, ending = asyncio.ensure_future(ours.flush()), asyncio.ensure_future(ours.end())
        await asyncio.sleep(0.01)
        assert not (waiting.done() or flushing.done() or ending.done())
        got = 0
        while data := await loop().sock_recv(theirs, 1 << 20):
            got += len(data)
        assert got == size
        await asyncio.gather(writing, flushing, ending)
        assert await waiting > 0


@scenario
async def test_the_budget_is_sent_without_waiting() -> None:
    async with pair() as (ours, theirs):
        sent = 0
        for _ in range(200):
            try:
                budget = await asyncio.wait_for(ours.writable(), 0.05)
            except TimeoutError:
                break
            assert value(await ours.send(bytes(budget), False)) == budget
            sent += budget
        else:
            raise AssertionError("the peer reads nothing, and there was always room")
        while sent:
            sent -= len(await loop().sock_recv(theirs, 1 << 20))
        assert await ours.writable() > 0


@scenario
async def test_writes_keep_their_order() -> None:
    async with pair() as (ours, theirs):
        parts = [bytes([65 + number]) * 1_000_000 for number in range(5)]
        writing = [asyncio.ensure_future(ours.write(part)) for part in parts]
        got = bytearray()
        while len(got) < 5_000_000:
            got += await loop().sock_recv(theirs, 1 << 20)
        assert got == b"".join(parts)
        await asyncio.gather(*writing)


@scenario
async def test_a_wait_that_is_cancelled_leaves_nothing() -> None:
    async with pair() as (ours, theirs):
        for _ in range(10):
            both = asyncio.gather(ours.read(1), ours.readable())
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(both, 0.001)
        await loop().sock_sendall(theirs, b"x")
        assert await ours.read(1) == b"x"
        async with ours.as_byte_source() as source:
            reading = asyncio.gather(source.read(1), ours.read(1))
            await asyncio.sleep(0.01)
            await loop().sock_sendall(theirs, b"yz")
            assert sorted(await reading) == [b"y", b"z"]


# -- Options, and the end


@scenario
async def test_options() -> None:
    alive = KeepAlive(True, 41 * SECOND - 1, 7 * SECOND, 5)
    async with pair() as (plain, _):
        before = await plain.options()
        assert 0 not in (before.socket.hop_limit, before.socket.receive_buffer, before.socket.send_buffer)
        assert not before.keep_alive.enabled and before.keep_alive.idle and before.keep_alive.count
        value(await plain.set_options(tcp_options(hop_limit=42, keep_alive=alive)))
        after = await plain.options()
        assert (after.socket.hop_limit, after.keep_alive) == (42, KeepAlive(True, 41 * SECOND, 7 * SECOND, 5))
        assert after.socket.send_buffer == before.socket.send_buffer
        value(await plain.set_options(tcp_options(keep_alive=KeepAlive(False, 2**63, 1, 2**31))))
        beyond = (await plain.options()).keep_alive
        assert beyond == KeepAlive(False, 32767 * SECOND, SECOND, 127)
        value(await plain.set_options(tcp_options(receive_buffer=2**63, send_buffer=1)))
        assert (await plain.options()).socket.receive_buffer > (await plain.options()).socket.send_buffer > 0


@scenario
async def test_what_is_accepted_behaves_as_its_listener() -> None:
    net = network("*:*", listen=("*:*",))
    alive = KeepAlive(True, 41 * SECOND, 7 * SECOND, 5)
    given = tcp_options(hop_limit=42, receive_buffer=65536, send_buffer=32768, keep_alive=alive)
    listener = value(await net.listen(at(f"{LOCAL}:0"), 5, given))
    client = value(await net.connect(await listener.local_address(), given))
    accepted = value(await listener.accept(True))
    assert await listener.options() == await accepted.options() == await client.options() == given


@scenario
async def test_the_last_reference_closes() -> None:
    gc.disable()  # references alone do
    try:
        with peer() as (listening, address):
            client = await open_connection(address)
            theirs, _ = await loop().sock_accept(listening)
            with theirs:
                reading = asyncio.ensure_future(client.read(1))
                await asyncio.sleep(0.01)
                reading.cancel()
                await asyncio.wait([reading])
                del client, reading
                assert await loop().sock_recv(theirs, 1) == b""
        listener = await open_listener(f"{LOCAL}:0")
        port = (await listener.local_address()).port
        del listener
        with socket.socket() as again:
            again.bind((LOCAL, port))
    finally:
        gc.enable()


@scenario
async def test_an_address_that_is_none() -> None:
    for text in ("localhost:80", "127.0.0.1", "*:80"):
        with pytest.raises(ValueError, match=r"expected|Mend"):
            await open_listener(text)
    with pytest.raises(NetworkRefused, match="address-not-bindable"):
        await open_listener("192.0.2.1:0")
