"""`wasi:sockets`: TCP, UDP and names from a guest that has every function, and by Python's own `socket`."""

from __future__ import annotations

import asyncio
import socket
from ast import literal_eval
from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import InstanceEnded
from capwit.caps import HostNetwork, HostResolver
from capwit.caps.net import (
    BindAnswerError,
    ListenAnswerError,
    NetworkClient,
    NetworkError,
    ResolveAnswerError,
    TcpAnswerError,
    UdpAnswerError,
)

from tests.bridge.support import scenario
from tests.caps.net_support import LOCAL, peer
from tests.support.wasi import Explorer, explorer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

from contextlib import asynccontextmanager

PRELUDE = """
V4, V6 = tcp.IpAddressFamily.IPV4, tcp.IpAddressFamily.IPV6
net = instance_network.instance_network()
new_tcp, new_udp = tcp_create_socket.create_tcp_socket, udp_create_socket.create_udp_socket
def at(port, host="127.0.0.1"):
    if ":" in host:
        raw = socket.inet_pton(socket.AF_INET6, host)
        parts = tuple(raw[i] << 8 | raw[i + 1] for i in range(0, 16, 2))
        return tcp.IpSocketAddress_Ipv6(tcp.Ipv6SocketAddress(port, 0, parts, 0))
    return tcp.IpSocketAddress_Ipv4(tcp.Ipv4SocketAddress(port, tuple(map(int, host.split(".")))))
def until(what, step):
    while True:
        try:
            return step()
        except Err as error:
            if error.value.name != "WOULD_BLOCK":
                raise
        with what.subscribe() as ready:
            ready.block()
def bound(s, *where):
    s.start_bind(net, at(*where))
    until(s, s.finish_bind)
    return s
def listening():
    s = bound(new_tcp(V4), 0)
    s.start_listen()
    until(s, s.finish_listen)
    return s, s.local_address().value.port
def connect(s, *where):
    s.start_connect(net, at(*where))
    return until(s, s.finish_connect)
def fails(call, *arguments):
    found = refusal(call, *arguments)
    return found if isinstance(found, str) else "not refused"
def all_fail(*calls):
    return [fails(*call) for call in calls]
"""


@asynccontextmanager
async def guest(*connect: str, listen: tuple[str, ...] = (), **given: Any) -> AsyncIterator[Explorer]:
    """A guest on a network that allows some peers and local addresses."""
    async with explorer(network=HostNetwork(connect, listen), **given) as g:
        await g.exec(PRELUDE)
        yield g


async def ran(g: Explorer, *lines: str) -> str:
    return await g.exec("\n".join(lines))


# -- Without a grant, and with little of one


@scenario
async def test_without_a_grant_everything_is_denied() -> None:
    async with explorer() as g:
        await g.exec(PRELUDE)
        said = await ran(
            g,
            "calls = [(new_tcp, V4), (new_tcp, V6), (new_udp, V4), (new_udp, V6)]",
            "calls += [(ip_name_lookup.resolve_addresses, net, n) for n in ('localhost', '127.0.0.1', '')]",
            "said = {fails(*call) for call in calls}",
        )
        assert said == "{'access_denied'}"


@scenario
async def test_what_is_not_allowed_is_denied() -> None:
    with peer() as (_, address), peer(socket.SOCK_DGRAM) as (_, other):
        port, udp_port = (int(each.rpartition(":")[2]) for each in (address, other))
        async with guest(f"{LOCAL}:1", listen=(f"{LOCAL}:0",)) as g:
            said = await ran(
                g,
                "s = new_tcp(V4)",
                f"said = [fails(connect, s, {port})]",
                f"said.append(fails(bound, s, {port}))",
                "said.append(fails(bound, s, 0, '0.0.0.0')); bound(new_tcp(V4), 0)",
                "a = bound(new_tcp(V4), 0, '0.0.0.0') if said[-1].startswith('not') else s",
                f"u = bound(new_udp(V4), 0); said.append(fails(u.stream, at({udp_port})))",
                "i, o = u.stream(None); o.check_send()",
                f"said.append(fails(o.send, [udp.OutgoingDatagram(b'x', at({udp_port}))]))",
                "said.append(fails(bound, new_udp(V4), 53))",
            )
            denied, unbound, any_address, *rest = literal_eval(said)
            assert (denied, unbound, rest) == ("access_denied", "access_denied", ["access_denied"] * 3)
            assert any_address.startswith("not refused")  # to connect from: it does not listen there
            said = await ran(g, "s.start_listen()", "said = fails(until, s, s.finish_listen)")
            assert said == "access_denied"


# -- TCP


@scenario
async def test_a_guest_connects() -> None:
    with peer() as (listening, address):
        port = int(address.rpartition(":")[2])
        async with guest(address) as g:
            await ran(g, "s = new_tcp(V4)", f"i, o = connect(s, {port})")
            theirs, (_, whence) = await asyncio.get_running_loop().sock_accept(listening)
            with theirs:
                said = await ran(
                    g,
                    "where = s.remote_address().value, s.local_address().value",
                    "said = [(w.port, w.address) for w in where]",
                    "said += [s.is_listening(), s.address_family().name]",
                )
                assert literal_eval(said) == [(port, (127, 0, 0, 1)), (whence, (127, 0, 0, 1)), False, "IPV4"]
                assert (
                    await ran(g, "said = i.read(10), o.check_write() > 0; o.write(b'hello')") == "(b'', True)"
                )
                assert await asyncio.get_running_loop().sock_recv(theirs, 99) == b"hello"
                await asyncio.get_running_loop().sock_sendall(theirs, b"you")
                assert await ran(g, "said = i.blocking_read(2) + i.blocking_read(9)") == "b'you'"
                await ran(g, "o.blocking_write_and_flush(b'last'); s.shutdown(tcp.ShutdownType.SEND)")
                assert await asyncio.get_running_loop().sock_recv(theirs, 99) == b"last"
                assert await asyncio.get_running_loop().sock_recv(theirs, 99) == b""
                assert await ran(g, "said = fails(o.check_write)") == "closed"
                await asyncio.get_running_loop().sock_sendall(theirs, b"late")
                assert await ran(g, "said = i.blocking_read(9)") == "b'late'"
                await ran(g, "s.shutdown(tcp.ShutdownType.RECEIVE)")
                assert await ran(g, "said = fails(i.read, 9)") == "closed"
                # The last handle closes: the socket's streams are handles, too.
                await ran(g, "for each in (i, o, s): each.__exit__(None, None, None)")


@scenario
async def test_a_guest_listens() -> None:
    async with guest(listen=(f"{LOCAL}:0",)) as g:
        port = int(await ran(g, "s, said = listening()"))
        assert await ran(g, "said = fails(s.accept), s.is_listening()") == "('would_block', True)"
        waiting = asyncio.ensure_future(ran(g, "c, i, o = until(s, s.accept)", "said = i.blocking_read(9)"))
        await asyncio.sleep(0.01)
        assert not waiting.done()
        reader, writer = await asyncio.open_connection(LOCAL, port)
        writer.write(b"ping")
        assert await waiting == "b'ping'"
        await ran(g, "o.blocking_write_and_flush(b'pong'); c.shutdown(tcp.ShutdownType.BOTH)")
        assert await reader.read() == b"pong"
        said = await ran(g, "said = c.remote_address().value.port, c.address_family().name")
        assert said == str((writer.get_extra_info("sockname")[1], "IPV4"))
        await ran(g, "for each in (i, o, c, s): each.__exit__(None, None, None)")
        writer.close()
        await writer.wait_closed()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(LOCAL, port)


@scenario
async def test_what_a_socket_has_not_come_to_be() -> None:
    async with guest("*:*", listen=("*:*",)) as g:
        said = await ran(
            g,
            "s, both = new_tcp(V4), tcp.ShutdownType.BOTH",
            "said = all_fail((s.start_listen,), (s.accept,), (s.local_address,), (s.remote_address,))",
            "said += all_fail((s.shutdown, both))",
            "said += [fails(step) for step in (s.finish_bind, s.finish_connect, s.finish_listen)]",
        )
        assert literal_eval(said) == ["invalid_state"] * 5 + ["not_in_progress"] * 3
        said = await ran(
            g,
            "s.start_bind(net, at(0))",
            "said = all_fail((s.start_bind, net, at(0)), (s.start_connect, net, at(1)), (s.finish_listen,))",
            "until(s, s.finish_bind)",
            "said += [fails(s.finish_bind), fails(s.start_bind, net, at(0)), fails(s.accept)]",
        )
        assert literal_eval(said) == [
            "concurrency_conflict", "concurrency_conflict", "not_in_progress",
            "not_in_progress", "invalid_state", "invalid_state",
        ]  # fmt: skip
        said = await ran(
            g,
            "l, port = listening()",
            "said = [fails(l.start_listen), fails(l.start_connect, net, at(1)), fails(l.remote_address)]",
            "i, o = connect(s, port)",
            "said += [fails(s.start_connect, net, at(port)), fails(s.start_listen), fails(s.accept)]",
        )
        assert literal_eval(said) == ["invalid_state"] * 6


@scenario
async def test_addresses_that_make_no_sense() -> None:
    async with guest("*:*", listen=("*:*",)) as g:
        said = await ran(
            g,
            "peers = [(0,), (1, '0.0.0.0'), (1, '224.0.0.1'), (1, '255.255.255.255'), (1, '::1')]",
            "said = {fails(new_tcp(V4).start_connect, net, at(*p)) for p in peers}",
            "hosts = ['::ffff:127.0.0.1', '127.0.0.1']",
            "said |= {fails(new_tcp(V6).start_connect, net, at(1, h)) for h in [*hosts, '::']}",
            "said |= {fails(new_tcp(V4).start_bind, net, at(1, h)) for h in ('::1', '224.0.0.1')}",
            "said |= {fails(new_udp(V6).start_bind, net, at(1, h)) for h in hosts}",
            "u = bound(new_udp(V4), 0)",
            "said |= {fails(u.stream, at(*p)) for p in [(0,), (1, '0.0.0.0'), (1, '::1')]}",
        )
        assert said == "{'invalid_argument'}"
        assert await ran(g, "said = fails(bound, new_tcp(V4), 0, '192.0.2.1')") == "address_not_bindable"
        said = await ran(g, "l, port = listening()", "said = fails(bound, new_tcp(V4), port)")
        assert said == "address_in_use"


@scenario
async def test_nobody_is_there() -> None:
    with peer() as (_, address):
        port = int(address.rpartition(":")[2])
    async with guest("*:*") as g:
        said = await ran(
            g,
            "s = new_tcp(V4)",
            f"said = [fails(connect, s, {port})]",
            f"said += [fails(connect, s, {port})]",
        )
        assert literal_eval(said) == ["connection_refused", "invalid_state"]


@scenario
async def test_options() -> None:
    async with guest("*:*", listen=("*:*",)) as g:
        names = ("keep_alive_idle_time", "keep_alive_interval", "keep_alive_count", "hop_limit",
                 "receive_buffer_size", "send_buffer_size")  # fmt: skip
        await ran(g, f"names = {names}", "s, u = new_tcp(V4), new_udp(V4)")
        said = await ran(
            g,
            "said = {fails(getattr(s, f'set_{name}'), 0) for name in names}",
            "said |= {fails(s.set_listen_backlog_size, 0), fails(u.set_unicast_hop_limit, 0)}",
            "said |= {fails(u.set_receive_buffer_size, 0), fails(u.set_send_buffer_size, 0)}",
        )
        assert said == "{'invalid_argument'}"
        await ran(
            g,
            "def told(s): return [s.keep_alive_enabled(), *(getattr(s, name)() for name in names)]",
            "before = told(s); assert before[0] is False and all(before[1:])",
            "given = [41_000_000_000, 7_000_000_000, 5, 42, 65536, 32768]",
            "s.set_keep_alive_enabled(True); s.set_listen_backlog_size(2**63)",
            "for name, value in zip(names, given): getattr(s, f'set_{name}')(value)",
            "assert told(s) == [True, *given]",
            "bound(s, 0); s.set_hop_limit(43); given[3] = 43",
            "assert told(s) == [True, *given]",
            "s.start_listen(); until(s, s.finish_listen)",
            "i, o = connect(c := new_tcp(V4), s.local_address().value.port)",
            "a, *streams = until(s, s.accept)",
            "assert told(s) == told(a) == [True, *given], (told(s), told(a))",
            "c.set_keep_alive_idle_time(2**64 - 1); assert c.keep_alive_idle_time() == 32767 * 10**9",
            "u.set_unicast_hop_limit(7); assert u.unicast_hop_limit() == 7",
            "bound(u, 0); assert u.unicast_hop_limit() == 7",
            "u.set_receive_buffer_size(65536); assert u.receive_buffer_size() == 65536",
            "assert u.send_buffer_size()",
        )
        said = await ran(g, "said = fails(s.set_listen_backlog_size, 1), fails(c.set_listen_backlog_size, 1)")
        assert said == "('not refused', 'invalid_state')"


# -- UDP


@scenario
async def test_datagrams() -> None:
    with peer(socket.SOCK_DGRAM) as (theirs, address):
        port = int(address.rpartition(":")[2])
        async with guest(address, listen=(f"{LOCAL}:0",)) as g:
            said = await ran(
                g,
                "u = new_udp(V4)",
                "said = fails(u.local_address), fails(u.stream, None), u.address_family().name",
            )
            assert said == "('invalid_state', 'invalid_state', 'IPV4')"
            mine = int(await ran(g, "bound(u, 0); said = u.local_address().value.port"))
            said = await ran(
                g,
                "i, o = u.stream(None)",
                "said = [i.receive(5), i.receive(0), o.check_send() > 1, o.send([])]",
                "said += all_fail((u.remote_address,))",
                f"to = at({port}); D = udp.OutgoingDatagram",
                "said.append(o.send([D(b'one', to), D(b'two', to)]))",
                "said.append(fails(o.send, [D(b'to nobody', None)]))",
            )
            assert literal_eval(said) == [[], [], True, 0, "invalid_state", 2, "invalid_argument"]
            assert (theirs.recv(9), theirs.recv(9)) == (b"one", b"two")
            waiting = asyncio.ensure_future(
                ran(
                    g,
                    "with i.subscribe() as p: p.block()",
                    "said = [(d.data, d.remote_address.value.port) for d in i.receive(9)]",
                )
            )
            await asyncio.sleep(0.01)
            assert not waiting.done()
            theirs.sendto(b"hello", (LOCAL, mine))
            assert literal_eval(await waiting) == [(b"hello", port)]
            for number in range(20):
                theirs.sendto(b"%d" % number, (LOCAL, mine))
            said = await ran(
                g, "said = [len(i.receive(3)), len(i.receive(99)), len(i.receive(99)), len(i.receive(99))]"
            )
            assert literal_eval(said) == [3, 16, 1, 0]
            said = await ran(
                g,
                "j, p = u.stream(to); p.check_send()",
                "said = [p.send([D(b'x', None), D(b'y', to)]), u.remote_address().value.port]",
                "said += [fails(i.receive, 1), fails(o.check_send), fails(p.send, [D(b'z', at(1))])]",
                "said += [fails(p.send, [D(bytes(65530), None)])]",
            )
            assert literal_eval(said) == [
                2,
                port,
                "invalid_state",
                "invalid_state",
                "access_denied",
                "datagram_too_large",
            ]
            with pytest.raises(InstanceEnded, match="sent 17 datagrams at once where check-send allowed 16"):
                await ran(g, "p.check_send(); p.send([D(b'', None)] * 17)")


@scenario
async def test_a_client_of_udp_needs_no_word_on_listening() -> None:
    with peer(socket.SOCK_DGRAM) as (theirs, address):
        port = int(address.rpartition(":")[2])
        async with guest(address) as g:
            await ran(
                g,
                "u = bound(new_udp(V4), 0, '0.0.0.0'); i, o = u.stream(None); o.check_send()",
                f"o.send([udp.OutgoingDatagram(b'ask', at({port}))])",
            )
            _, (_, whence) = theirs.recvfrom(9)
            with peer(socket.SOCK_DGRAM) as (stranger, _):
                stranger.sendto(b"spam", (LOCAL, whence))
                theirs.sendto(b"answer", (LOCAL, whence))
                assert (
                    await ran(g, "with i.subscribe() as p: p.block()", "said = i.receive(9)[0].data")
                    == "b'answer'"
                )


# -- Names


@scenario
async def test_names() -> None:
    hosts = {"db": ["10.0.0.1", "fd00::1"]}
    async with guest(resolver=HostResolver(hosts=hosts)) as g:
        await ran(
            g,
            "def found(name):",
            "    s, all = ip_name_lookup.resolve_addresses(net, name), []",
            "    while (one := until(s, s.resolve_next_address)) is not None: all.append(one.value)",
            "    assert s.resolve_next_address() is None",
            "    return all",
        )
        assert literal_eval(await ran(g, "said = found('db')")) == [
            (10, 0, 0, 1),
            (0xFD00, 0, 0, 0, 0, 0, 0, 1),
        ]
        assert literal_eval(await ran(g, "said = found('::ffff:1.2.3.4'), found('::1')")) == (
            [(1, 2, 3, 4)],
            [(0,) * 7 + (1,)],
        )
        said = await ran(g, "said = [fails(found, n) for n in ('other', '', 'a b', '*')]")
        assert literal_eval(said) == ["access_denied"] + ["invalid_argument"] * 3


class RefusingNetwork:
    """A network elsewhere that refuses, for whatever reason is set."""

    error = NetworkError.UNKNOWN

    async def connect(self, *_: object) -> TcpAnswerError:
        return TcpAnswerError(self.error)

    async def listen(self, *_: object) -> ListenAnswerError:
        return ListenAnswerError(self.error)

    async def bind_tcp(self, *_: object) -> BindAnswerError:
        return BindAnswerError(self.error)

    async def bind_udp(self, *_: object) -> UdpAnswerError:
        return UdpAnswerError(self.error)

    async def resolve(self, _: str) -> ResolveAnswerError:
        return ResolveAnswerError(self.error)


@scenario
async def test_every_error_of_a_network_is_told() -> None:
    network = RefusingNetwork()
    async with explorer(network=network, resolver=network) as g:
        await g.exec(PRELUDE)
        lookup = "ip_name_lookup.resolve_addresses(net, 'a').resolve_next_address"
        steps = "(connect, new_tcp(V4), 1), (bound, new_tcp(V4), 1), (bound, new_udp(V4), 1)"
        for network.error in NetworkError:
            # One that asks to wait has no end here but that of a call that does not.
            calls = f"({lookup},)" if network.error is NetworkError.WOULD_BLOCK else f"({lookup},), {steps}"
            said = await ran(g, f"said = all_fail({calls})")
            assert set(literal_eval(said)) == {network.error.name.lower()}


@scenario
async def test_a_grant_that_is_revoked() -> None:
    with peer() as (_, address):
        port = int(address.rpartition(":")[2])
        async with guest(address) as g:
            await ran(g, "s = new_tcp(V4)", f"i, o = connect(s, {port})")
            g.instance.revoke("wasi.network")
            said = await ran(g, f"said = all_fail((connect, new_tcp(V4), {port}), (s.remote_address,))")
            assert literal_eval(said) == ["access_denied", "access_denied"]
            assert (await ran(g, "said = fails(i.read, 1)")).startswith("failed: revoked")


class LaterNetwork:
    """A network elsewhere: each call takes a while."""

    def __init__(self, network: HostNetwork) -> None:
        self._client = NetworkClient(network)

    def __getattr__(self, name: str) -> Any:
        async def call(*arguments: Any) -> Any:
            await asyncio.sleep(0.005)
            return await getattr(self._client, name)(*arguments)

        return call


@scenario
async def test_a_network_elsewhere() -> None:
    network: Any = LaterNetwork(HostNetwork(["*:*"], ["*:*"]))
    async with explorer(network=network) as g:
        await g.exec(PRELUDE)
        said = await ran(
            g,
            "s = new_tcp(V4); s.start_bind(net, at(0))",
            "said = [fails(s.finish_bind), fails(s.start_listen)]",
            "until(s, s.finish_bind); l, port = listening()",
            "s.start_connect(net, at(port)); i, o = until(s, s.finish_connect)",
            "c, ci, co = until(l, l.accept)",
            "o.blocking_write_and_flush(b'x'); said.append(ci.blocking_read(9))",
        )
        assert literal_eval(said) == ["would_block", "concurrency_conflict", b"x"]


# -- By Python's own library, which goes through a libc


@scenario
async def test_pythons_socket_asks_a_server() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"you said " + await reader.readline())
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(answer, LOCAL, 0) as server:
        port = server.sockets[0].getsockname()[1]
        resolver = HostResolver(hosts={"db": [LOCAL]})
        async with explorer(network=HostNetwork([f"{LOCAL}:{port}"]), resolver=resolver) as g:
            ask = "s = socket.create_connection(('{}', {}))\ns.sendall(b'hi\\n')\n"
            ask += "said = s.makefile('rb').read().decode()\ns.close()"
            assert await g.exec(ask.format(LOCAL, port)) == "you said hi\n"
            assert await g.exec(ask.format("db", port)) == "you said hi\n"
            said = await g.exec(
                f"try: socket.create_connection(('{LOCAL}', 1))\nexcept OSError as error: said = repr(error)"
            )
            assert said.startswith("PermissionError")


@scenario
async def test_pythons_socket_serves_and_sends_datagrams() -> None:
    with peer(socket.SOCK_DGRAM) as (theirs, address):
        port = int(address.rpartition(":")[2])
        async with explorer(network=HostNetwork([address], [f"{LOCAL}:0"])) as g:
            listening = int(
                await g.exec(
                    "l = socket.socket(); l.bind(('127.0.0.1', 0)); l.listen()\nsaid = l.getsockname()[1]"
                )
            )
            serving = asyncio.ensure_future(
                g.exec("c, _ = l.accept(); said = c.recv(9); c.sendall(b'pong'); c.close(); l.close()")
            )
            reader, writer = await asyncio.open_connection(LOCAL, listening)
            writer.write(b"ping")
            assert await reader.read() == b"pong"
            assert await serving == "b'ping'"
            writer.close()
            await writer.wait_closed()
            await g.exec(
                f"u = socket.socket(type=socket.SOCK_DGRAM); u.sendto(b'ask', ('127.0.0.1', {port}))"
            )
            data, (_, whence) = await asyncio.get_running_loop().sock_recvfrom(theirs, 9)
            theirs.sendto(b"answer", (LOCAL, whence))
            assert (data, await g.exec("said = u.recvfrom(99)")) == (
                b"ask",
                f"(b'answer', ('{LOCAL}', {port}))",
            )
            await g.exec("u.close()")
