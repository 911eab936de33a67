"""Calls over real connections: every construct, and what becomes of the capabilities."""

from __future__ import annotations

import asyncio
import gc
import struct
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import capnp
import pytest
from capwit import rpc
from capwit.bridge import CapError, ErrorKind, HandleError, Ledger
from capwit.bridge.binding import AnyClient, AnyValue

from tests.bridge.support import scenario

from .support import bindings, plain

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@asynccontextmanager
async def link(served: Any, client: Any, *ledgers: Ledger) -> AsyncIterator[Any]:
    """A client of what is served, over TCP; both sides have a ledger, and all of it is released."""
    ours, theirs = ledgers or (Ledger(), Ledger())
    async with (
        rpc.serve(served, "127.0.0.1:0", ledger=theirs) as server,
        rpc.connect(f"127.0.0.1:{server.port}", ledger=ours) as connection,
        connection.bootstrap(client) as bootstrap,
    ):
        yield bootstrap
    for _ in range(200):  # what is released on one side is told to the other
        gc.collect()
        await asyncio.sleep(0.01)
        if not ours.balance and not theirs.balance:
            break
    assert (ours.live(), theirs.live()) == ([], [])


class Doors:
    """The case `capabilities`."""

    def __init__(self) -> None:
        self.m = bindings("capabilities")
        self.kept: list[Any] = []
        self.lent: Any = None
        self.left = 0
        self.failing = False

    def open(self) -> Any:
        return self

    def leave(self) -> None:
        if self.failing:
            raise CapError(ErrorKind.OVERLOADED, "too many")
        self.left += 1

    def lend(self, key: Any) -> None:
        self.lent = key
        self.kept.append(key.keep())

    def give(self, key: Any) -> None:
        self.kept.append(key)

    def all(self) -> Any:
        return self.m.DoorAllResults([self, self], self.kept[-1].keep())

    def store(self, keys: Any) -> Any:
        first, *others = keys
        return self.m.KeyRing(first, None, [others, []], self.m.KeyRingWhichOpen())


class Key:
    """Nothing but itself."""


@scenario
async def test_capabilities_pass_both_ways_and_come_home_as_themselves() -> None:
    m = bindings("capabilities")
    doors, mine, others = Doors(), m.KeyClient(Key()), m.KeyClient(Key())
    async with link(m.DoorClient(doors), m.DoorClient) as door:
        async with await door.open() as room:
            await room.leave()
        assert doors.left == 1
        await door.lend(mine)
        with pytest.raises(HandleError, match="lent for one call"):
            _ = doors.lent.target
        await door.give(others)
        answer = await door.all()
        assert answer.first == others  # home again: no proxy of a proxy
        assert [each == door for each in answer.doors] == [False, False]
        assert answer.doors[0] != answer.doors[1]  # pycapnp's server exports each anew
        again = await door.all()
        assert again.first == answer.first
        ring = await door.store([mine, others, mine])
        assert (ring.main == mine, ring.spare) == (True, None)
        assert [[key == mine for key in row] for row in ring.others] == [[False, True], []]
        assert ring.which == m.KeyRingWhichOpen()
        del answer, again, ring
        doors.kept.clear()


@scenario
async def test_the_same_capability_of_a_peer_is_equal_to_itself() -> None:
    m = bindings("capabilities")
    doors, remote_keys = Doors(), Doors()
    ours, theirs = Ledger(), Ledger()
    async with link(m.DoorClient(remote_keys), m.DoorClient) as far:
        remote_keys.kept.append(m.KeyClient(Key()))
        key = (await far.all()).first
        async with link(m.DoorClient(doors), m.DoorClient, ours, theirs) as door:
            await door.lend(key)
            assert (await door.all()).first == key
            doors.kept.clear()
        del key
        remote_keys.kept.clear()


@scenario
async def test_methods_of_every_shape() -> None:
    m = bindings("methods")

    class Service:
        def nothing(self) -> None: ...

        async def one(self, a: str) -> bytes:
            return a.encode()

        def several(self, a: str, b: int, c: Any) -> Any:
            return m.ServiceSeveralResults(b + len(a), [*c, a])

        def whole(self, params: Any) -> Any:
            return m.Answer([params.text] * params.limit)

        def mixed(self, params: Any) -> bool:
            return bool(params.limit > 1)

        def back(self, ok: bool) -> Any:
            return m.Answer(["yes"] if ok else [])

    async with link(m.ServiceClient(Service()), m.ServiceClient) as service:
        assert await service.nothing() is None
        assert await service.one("grün") == "grün".encode()
        assert await service.several("ab", 2**64 - 3, ["x"]) == m.ServiceSeveralResults(
            2**64 - 1, ["x", "ab"]
        )
        assert await service.whole(m.Query("q", 3)) == m.Answer(["q", "q", "q"])
        assert await service.mixed(m.Query("", 2)) is True
        assert await service.back(False) == m.Answer([])
        with pytest.raises(CapError, match=r"service.one: arguments.a: expected str, got int 5"):
            await service.one(5)


@scenario
async def test_what_extends_is_called_and_cast() -> None:
    m = bindings("extends")

    class Topic:
        def close_(self) -> bool:
            return True

        def publish(self, text: str) -> Any:
            return m.TopicPublishResults(len(text), 1)

        async def subscribe(self, closable: Any) -> Any:
            assert await closable.close_()
            return self

    async with link(m.PlainClient(Topic()), m.PlainClient) as remote:
        assert await remote.close_()
        assert await remote.publish("abc") == m.TopicPublishResults(3, 1)
        async with await remote.subscribe(remote) as topic, topic.as_closable() as closable:
            assert isinstance(closable, m.ClosableClient)


@scenario
async def test_generic_interfaces_and_structs() -> None:
    m = bindings("generics")

    class Door:
        opened = 0

        def open(self) -> None:
            self.opened += 1

    class Registry:
        def __init__(self) -> None:
            self.door = Door()

        def find(self, name: str) -> Any:
            assert name == "front"
            return self.door

        def all(self) -> Any:
            entry = m.MapTextDoorEntry("front", m.DoorClient(self.door))
            none = m.MapTextDoorEntry("none", None)
            return m.RegistryDoorAllResults(self.door, m.MapTextDoor([entry, none], m.MapKind.TREE), True)

        async def group(self, params: Any) -> Any:
            await params.entries[0].value.open()
            return m.MapTextText([m.MapTextTextEntry(params.entries[0].key, "ok")], params.kind)

    class House:
        def __init__(self) -> None:
            self.registry = Registry()

        def doors(self) -> Any:
            return self.registry

    house = House()
    async with link(m.HouseClient(house), m.HouseClient) as remote, await remote.doors() as registry:
        async with await registry.find("front") as door:
            await door.open()
        found = await registry.all()
        assert (found.names.entries[1].value, found.more) == (None, True)
        assert await registry.group(found.names) == m.MapTextText(
            [m.MapTextTextEntry("front", "ok")], m.MapKind.TREE
        )
        assert house.registry.door.opened == 2
        del found


@scenario
async def test_values_and_capabilities_of_which_no_type_is_told() -> None:
    m = bindings("any")
    lists = bindings("lists")
    point = rpc.Message(lists.POINT)
    doors = bindings("generics")

    class Door:
        def open(self) -> None: ...

    class Registry:
        def __init__(self) -> None:
            self.held: Any = None

        def put(self, name: str, cap: AnyClient) -> None:
            self.held = cap.keep()

        def give(self, cap: AnyClient) -> None:
            self.held = cap

        def find(self, name: str) -> AnyClient:
            return AnyClient(self.held) if not isinstance(self.held, AnyClient) else self.held.keep()

        def value(self, value: AnyValue) -> AnyValue:
            return AnyValue(value.message, [*value.caps])

    door = doors.DoorClient(Door())
    registry = Registry()
    async with link(m.RegistryClient(registry), m.RegistryClient) as remote:
        await remote.put("a", AnyClient(door))
        async with registry.held.cast(doors.DoorClient) as theirs:
            await theirs.open()  # back to us, over the connection
        found = await remote.find("a")
        assert found.cast(doors.DoorClient) == door
        with pytest.raises(CapError, match="unimplemented"):
            found.cast(doors.HouseClient)
        data = point.encode(lists.Point(1, -2))
        assert await remote.value(AnyValue(data)) == AnyValue(data, [])
        assert await remote.value(AnyValue(b"")) == AnyValue(b"", [])
        registry.held = None
        del found


@scenario
async def test_values_of_which_no_type_is_told_hold_capabilities() -> None:
    m, doors = bindings("any"), bindings("generics")

    class Door:
        def open(self) -> None: ...

    class Registry:
        def value(self, value: AnyValue) -> AnyValue:
            return AnyValue(value.message, [cap.keep() for cap in value.caps])

        put = give = find = value

    def message(*words: int) -> bytes:
        return struct.pack(f"<II{len(words)}Q", 0, len(words), *words)

    one, other = (doors.DoorClient(Door()) for _ in range(2))
    caps = [AnyClient(one), AnyClient(other)]
    pair = message(0x0002_0000_0000_0000, 0x1_0000_0003, 0x16_0000_0001, 3, 0)  # (1, [0, null])
    async with link(m.RegistryClient(Registry()), m.RegistryClient) as remote:
        back = await remote.value(AnyValue(pair, caps))
        assert back.message == message(0x0002_0000_0000_0000, 3, 0x16_0000_0001, 0x1_0000_0003, 0)
        assert [cap.cast(doors.DoorClient) for cap in back.caps] == [other, one]
        alone = await remote.value(AnyValue(message(3), caps[:1]))
        assert (alone.message, alone.caps[0].cast(doors.DoorClient)) == (message(3), one)
        for wrong in ((0x0001_0000_FFFF_FFFC,), (0x5_0000_0003,), (0x1000_0006_0000_0001,), (2,)):
            with pytest.raises(CapError, match="a value's message is not well-formed"):
                await remote.value(AnyValue(message(*wrong), caps))
        del back, alone

    class Turner:
        def turn(self, lists: list[AnyValue]) -> list[AnyValue]:
            return [AnyValue(each.message, [cap.keep() for cap in each.caps]) for each in reversed(lists)]

    async with link(m.TurnerClient(Turner()), m.TurnerClient) as turner:
        lists = [AnyValue(message(0xE_0000_0001, 3), caps[:1]), AnyValue(b""), AnyValue(message(1))]
        empty, null, held = await turner.turn(lists)
        assert (empty.message, null.message) == (message(1), b"")
        assert (held.message, held.caps[0].cast(doors.DoorClient)) == (message(0xE_0000_0001, 3), one)
        del held


@scenario
async def test_structs_that_contain_themselves() -> None:
    m = bindings("recursive")

    class Forest:
        def grow(self, tree: Any) -> Any:
            return m.Tree(tree.label + "!", [*tree.children, tree.children[0]], None)

        def all(self, trees: Any) -> Any:
            return m.ForestAllResults(trees, trees[0])

    leaf = m.Tree("leaf", [], None)
    async with link(m.ForestClient(Forest()), m.ForestClient) as forest:
        assert await forest.grow(m.Tree("t", [leaf], None)) == m.Tree("t!", [leaf, leaf], None)
        assert await forest.all([leaf, leaf]) == m.ForestAllResults([leaf, leaf], leaf)
        deep = leaf
        for _ in range(200):
            deep = m.Tree("x", [deep], None)
        grown = await forest.grow(deep)
        assert grown.children[0] == deep.children[0]
        for _ in range(20_000):
            deep = m.Tree("x", [deep], None)
        with pytest.raises(CapError, match="too deeply-nested"):
            await forest.grow(deep)
        assert (await forest.grow(m.Tree("t", [leaf], None))).label == "t!"


@scenario
async def test_what_is_too_long_to_be_sent_is_that_calls_error() -> None:
    m = bindings("streaming")

    class Sink:
        def write(self, chunk: bytes) -> None: ...

        def end(self) -> None: ...

    async with link(m.SinkClient(Sink()), m.SinkClient) as remote:
        with pytest.raises(CapError, match="larger than our single-message size limit"):
            await remote.write(bytes(65 << 20))
        await remote.end()

    methods = bindings("methods")

    class Service:
        def one(self, a: str) -> bytes:
            return bytes((65 if a else 1) << 20)

        nothing = several = whole = mixed = back = lambda self, *_: None

    async with link(methods.ServiceClient(Service()), methods.ServiceClient) as remote:
        with pytest.raises(CapError, match=r"^failed: Trying to send .* larger than our single-message"):
            await remote.one("x")
        assert len(await remote.one("")) == 1 << 20


@scenario
async def test_a_stream_is_written_and_ends() -> None:
    m = bindings("streaming")

    class Sink:
        def __init__(self) -> None:
            self.got = b""

        async def write(self, chunk: bytes) -> None:
            await asyncio.sleep(0)
            self.got += chunk

        def end(self) -> None: ...

    sink = Sink()
    async with link(m.SinkClient(sink), m.SinkClient) as remote:
        for number in range(50):
            await remote.write(bytes([number]) * 1000)
        await remote.end()
    assert sink.got == b"".join(bytes([number]) * 1000 for number in range(50))


@scenario
async def test_a_stream_waits_where_its_window_is_full_and_fails_where_its_peer_does() -> None:
    m = bindings("streaming")

    class Sink:
        def __init__(self) -> None:
            self.calls = 0
            self.open = asyncio.Event()

        async def write(self, chunk: bytes) -> None:
            self.calls += 1
            await self.open.wait()
            if not chunk:
                raise CapError(ErrorKind.EXHAUSTED, "the disk is full")

        def end(self) -> None: ...

    sink = Sink()
    async with link(m.SinkClient(sink), m.SinkClient) as remote:
        sent = 0

        async def pour() -> None:
            nonlocal sent
            for _ in range(20):
                await remote.write(bytes(10_000))
                sent += 1

        pouring = asyncio.ensure_future(pour())
        await asyncio.sleep(0.1)
        assert (sent, sink.calls) == (6, 1)  # 64 KiB are under way; a server takes them one by one
        sink.open.set()
        await pouring
        await remote.end()
        assert sink.calls == 20
        with pytest.raises(CapError, match="exhausted: the disk is full"):
            await remote.write(b"")
            await remote.end()


class Sinks:
    """The case `streaming`, doing what it is told."""

    def __init__(self) -> None:
        self.started = asyncio.Event()
        self.cancelled = asyncio.Event()
        self.error: BaseException | None = None

    def write(self, chunk: bytes) -> None: ...

    async def end(self) -> None:
        if self.error is not None:
            raise self.error
        self.started.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            self.cancelled.set()
            raise


@scenario
async def test_every_kind_of_failure_crosses_with_its_reason() -> None:
    m = bindings("streaming")
    sink = Sinks()
    async with link(m.SinkClient(sink), m.SinkClient) as remote:
        for kind in ErrorKind:
            sink.error = CapError(kind, f"it is {kind.value}")
            with pytest.raises(CapError) as caught:
                await remote.end()
            assert (caught.value.kind, caught.value.reason) == (kind, f"it is {kind.value}")
        sink.error = NotImplementedError()
        with pytest.raises(CapError, match=r"unimplemented: sink\.end is not implemented"):
            await remote.end()
        sink.error = CapError(ErrorKind.FAILED, "x" * 10_000)
        with pytest.raises(CapError, match=r"x{4096}$"):
            await remote.end()
        sink.error = None  # its traceback refers to what served it


@scenario
async def test_an_exception_that_was_not_meant_for_a_peer_keeps_its_secrets(
    caplog: pytest.LogCaptureFixture,
) -> None:
    m = bindings("streaming")
    sink = Sinks()
    sink.error = OSError("/etc/secret")
    async with (
        rpc.serve(m.SinkClient(sink), "127.0.0.1:0") as server,
        rpc.connect(f"127.0.0.1:{server.port}") as connection,
        connection.bootstrap(m.SinkClient) as remote,
    ):
        with pytest.raises(CapError) as caught:
            await remote.end()
    assert str(caught.value) == "failed: sink.end: the capability failed (OSError)"
    assert "/etc/secret" in caplog.text


@scenario
async def test_a_call_that_is_cancelled_is_cancelled_where_it_runs() -> None:
    m = bindings("streaming")
    sink = Sinks()
    async with link(m.SinkClient(sink), m.SinkClient) as remote:
        call = asyncio.ensure_future(remote.end())
        await sink.started.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await sink.cancelled.wait()
        await remote.write(b"")


@scenario
async def test_what_waits_when_the_connection_ends_is_disconnected() -> None:
    m = bindings("streaming")
    sink = Sinks()
    ledger = Ledger()
    async with rpc.serve(m.SinkClient(sink), "127.0.0.1:0") as server:
        async with rpc.connect(f"127.0.0.1:{server.port}", ledger=ledger) as connection:
            remote = connection.bootstrap(m.SinkClient)
            call = asyncio.ensure_future(remote.end())
            await sink.started.wait()
        with pytest.raises(CapError) as caught:
            await call
        assert caught.value.kind is ErrorKind.DISCONNECTED
        with pytest.raises(CapError) as caught:
            await remote.end()
        assert caught.value.kind is ErrorKind.DISCONNECTED
        with pytest.raises(CapError, match="disconnected: the connection is closed"):
            connection.bootstrap(m.SinkClient)
        await remote.close()
        assert ledger.balance == 0
        await sink.cancelled.wait()
        port = server.port
        for _ in range(100):
            if not server.connections:
                break
            await asyncio.sleep(0.01)
        assert not server.connections
    with pytest.raises(CapError) as caught:
        async with rpc.connect(f"127.0.0.1:{port}"):
            raise AssertionError
    assert caught.value.kind is ErrorKind.DISCONNECTED


@scenario
async def test_a_unix_socket_and_an_interface_that_the_peer_has_not(tmp_path: Path) -> None:
    m = bindings("streaming")
    methods = bindings("methods")
    address = f"unix:{tmp_path}/socket"
    async with (
        rpc.serve(m.SinkClient(Sinks()), address),
        rpc.connect(address) as connection,
        connection.bootstrap(methods.ServiceClient) as service,
    ):
        with pytest.raises(CapError) as caught:
            await service.nothing()
        assert caught.value.kind is ErrorKind.UNIMPLEMENTED


@pytest.mark.parametrize("address", ["", "here", "unix:", "host:", ":80", "host:99999", "host:http"])
def test_what_is_no_address_is_refused(address: str) -> None:
    async def attempt() -> None:
        async with rpc.connect(address):
            raise AssertionError

    with pytest.raises(ValueError, match=r"is no address\. Mend"):
        asyncio.run(attempt())


@scenario
async def test_an_address_of_tls_is_served_by_tls_alone() -> None:
    with pytest.raises(ValueError, match=r"is TLS\. Mend: tls="):
        async with rpc.serve(bindings("capabilities").DoorClient(Doors()), "capnps://127.0.0.1:0"):
            raise AssertionError


@scenario
async def test_a_plain_client_of_pycapnps_sees_what_a_server_of_its_own_would_answer() -> None:
    m, schema = bindings("capabilities"), plain("capabilities")
    doors = Doors()
    ledger = Ledger()

    class PlainKey(schema.Key.Server):  # type: ignore[name-defined,misc]
        pass

    async with rpc.serve(m.DoorClient(doors), "127.0.0.1:0", ledger=ledger) as server:
        stream = await capnp.AsyncIoStream.create_connection("127.0.0.1", server.port)
        connection = capnp.TwoPartyClient(stream)
        door = connection.bootstrap().cast_as(schema.Door)
        room = (await door.open()).room
        await room.leave()
        key = PlainKey()
        await door.lend(key)
        answer = await door.all()
        assert len(answer.doors) == 2
        await answer.doors[1].open()
        ring = (await door.store([key, key])).ring
        assert ring.which == "open"
        assert not ring._has("spare")
        doors.failing = True
        with pytest.raises(capnp.KjException) as caught:
            await room.leave()
        assert (caught.value.type, caught.value.description) == ("OVERLOADED", "remote exception: too many")
        del door, room, answer, ring
        doors.kept.clear()
        connection.close()
    gc.collect()
    await asyncio.sleep(0)
    assert ledger.live() == []


@scenario
async def test_a_plain_server_of_pycapnps_is_called_as_one_of_ours() -> None:
    m, schema = bindings("methods"), plain("methods")

    class Service(schema.Service.Server):  # type: ignore[name-defined,misc]
        async def several(self, a: str, b: int, c: Any, _context: Any, **_: Any) -> Any:
            return b + 1, [*c, a]

        async def back(self, ok: bool, _context: Any, **_: Any) -> None:
            if not ok:
                raise ValueError("no")
            _context.results.lines = ["yes"]

    async with rpc.serve(m.ServiceClient(Nothing()), "127.0.0.1:0"):  # pycapnp's loop runs

        async def accept(stream: Any) -> None:
            await capnp.TwoPartyServer(stream, bootstrap=Service()).on_disconnect()

        listening = await capnp.AsyncIoStream.create_server(accept, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        async with (
            rpc.connect(f"127.0.0.1:{port}") as connection,
            connection.bootstrap(m.ServiceClient) as service,
        ):
            assert await service.several("x", 1, ["y"]) == m.ServiceSeveralResults(2, ["y", "x"])
            assert await service.back(True) == m.Answer(["yes"])
            with pytest.raises(CapError) as caught:
                await service.back(False)
            assert caught.value.kind is ErrorKind.FAILED
            assert "ValueError: no" in caught.value.reason
        listening.close()


class Nothing:
    """Has every method of the case `methods`, and none does anything."""

    def nothing(self) -> None: ...

    one = several = whole = mixed = back = nothing
