"""What a client may take up: one that floods, that does not read, that says nothing, that hoards."""

from __future__ import annotations

import asyncio
import gc
import resource
import shutil
import socket
import struct
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import capnp
import pytest
from capwit.bridge import CapError, CapSet, ErrorKind, Host, Ledger, door
from capwit.program import MACHINE, OwnInstances, assemble_repeated, find_export, read_manifest
from capwit.rpc import Bounds, Listening, Peer, PeerAddress, Service, client_tls, server_tls
from capwit.rpc import service as service_
from capwit.rpc.gate import AHEAD
from capwit.rpc.shape import VALUE
from capwit.rpc.turns import SHARE

from tests.bridge.support import SCHEMA, probe, probe_guest, scenario
from tests.support.certificates import certificate
from tests.support.netns import ip, netns, netns_missing

from .peer import load
from .serving import until
from .support import bindings, plain

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

m = bindings("methods")
CAPNP: Final = Path(capnp.__file__).parent
PARSER: Final = capnp.SchemaParser()
RPC: Final = PARSER.load(str(CAPNP / "rpc.capnp"), imports=[str(CAPNP.parent)])


class Echo:
    """The case `methods`: answers with what it is told, at once or when it may."""

    def __init__(self) -> None:
        self.may = asyncio.Event()
        self.may.set()
        self.asked = 0

    async def one(self, a: str) -> bytes:
        self.asked += 1
        await self.may.wait()
        return a.encode()

    nothing = several = whole = mixed = back = lambda self, *_: None


@asynccontextmanager
async def served(folder: Path, echo: Echo, **bounds: Any) -> AsyncIterator[tuple[Service, Ledger]]:
    """A service by a Unix socket, whose buffers are small."""
    ledger = Ledger()

    @asynccontextmanager
    async def open(peer: Peer) -> AsyncIterator[Any]:
        yield m.ServiceClient(echo)

    listening = Listening(PeerAddress(socket=str(folder / "s")))
    async with Service(m.ServiceClient, open, listening, ledger=ledger, bounds=Bounds(**bounds)) as service:
        yield service, ledger
    gc.collect()
    assert ledger.balance == 0


@asynccontextmanager
async def client(service: Service, kind: Any = None) -> AsyncIterator[Any]:
    """A client by pycapnp, of the case `methods` or another kind of interface."""
    stream = await capnp.AsyncIoStream.create_unix_connection(service.address.removeprefix("unix:"))
    system = capnp.TwoPartyClient(stream)
    try:
        yield system.bootstrap().cast_as(kind or plain("methods").Service)
    finally:
        system.close()
        stream.close()


@asynccontextmanager
async def raw(service: Service) -> AsyncIterator[socket.socket]:
    """A connection that speaks for itself."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.setblocking(False)
        await asyncio.get_running_loop().sock_connect(connection, service.address.removeprefix("unix:"))
        yield connection


def bootstrap() -> bytes:
    message = RPC.Message.new_message()
    message.init("bootstrap").questionId = 0
    return bytes(message.to_bytes())


def call(question: int, text: str) -> bytes:
    """A call of `one`, on the answer to question 0."""
    schema = plain("methods").Service.schema
    message = RPC.Message.new_message()
    made = message.init("call")
    made.questionId = question
    made.target.init("promisedAnswer").questionId = 0
    made.interfaceId, made.methodId = schema.node.id, 1
    params = capnp._MallocMessageBuilder().init_root(schema.methods["one"].param_type)
    params.a = text
    made.params.content = params.as_reader()
    return bytes(message.to_bytes())


async def send(connection: socket.socket, data: bytes) -> bool:
    """Send; returns whether it could all be sent soon."""
    try:
        await asyncio.wait_for(asyncio.get_running_loop().sock_sendall(connection, data), 0.5)
    except TimeoutError:
        return False
    return True


async def rest(connection: socket.socket) -> int:
    """Read to the end, and return how much there was."""
    size = 0
    try:
        while data := await asyncio.get_running_loop().sock_recv(connection, 1 << 16):
            size += len(data)
    except ConnectionError:
        pass
    return size


@scenario
async def test_of_a_client_that_does_not_read_little_is_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    echo = Echo()
    async with served(tmp_path, echo, patience=1.5) as (service, _), client(service) as other:
        async with raw(service) as connection:
            assert await send(connection, bootstrap())
            sent = 0
            while await send(connection, call(1 + sent, "x" * 10_000)):
                sent += 1
                assert sent < 10 * AHEAD // 10_000
                assert (await other.one(a="y")).b == b"y" or sent % 50
            assert echo.asked < 2 * AHEAD // 10_000 + 100
            assert (await other.one(a="still here")).b == b"still here"
            await until(lambda: service.connections == 1)
            assert await rest(connection) < AHEAD
        assert "client-2 was cut: it does not read what it is sent" in caplog.text
        assert (await other.one(a="still here")).b == b"still here"


@scenario
async def test_a_client_that_reads_slowly_is_served(tmp_path: Path) -> None:
    async with served(tmp_path, Echo(), patience=0.3) as (service, _), raw(service) as connection:
        assert await send(connection, bootstrap())
        for question in range(8):
            assert await send(connection, call(1 + question, "x" * 100_000))
        got = 0
        while got < 800_000:
            await asyncio.sleep(0.03)
            data = await asyncio.get_running_loop().sock_recv(connection, 1 << 15)
            assert data
            got += len(data)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\0",
        bootstrap()[:-1],
        (500).to_bytes(4, "little") + bytes(1000),  # half a table of segments
        struct.pack("<II", 0, 1 << 20) + bytes(1 << 10),
    ],
    ids=["nothing", "one-byte", "half", "table", "long"],
)
@scenario
async def test_a_client_that_says_nothing_whole_is_cut_and_has_nothing(tmp_path: Path, said: bytes) -> None:
    async with served(tmp_path, Echo(), patience=0.2) as (service, ledger), raw(service) as connection:
        await until(lambda: service.connections == 1)
        assert await send(connection, said)
        assert await rest(connection) == 0
        assert (service.served, len(ledger)) == (0, 0)


@pytest.mark.parametrize(
    "begun",
    [b"\0", call(1, "x")[:-1], struct.pack("<II", 0, 1 << 20) + bytes(1 << 17), (3).to_bytes(4, "little")],
    ids=["one-byte", "half", "long", "table"],
)
@scenario
async def test_a_client_that_does_not_finish_what_it_has_begun_is_cut(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, begun: bytes
) -> None:
    async with served(tmp_path, Echo(), patience=0.3) as (service, ledger), raw(service) as connection:
        for each in (bootstrap(), *(call(1 + i, "x" * 50_000) for i in range(4))):
            assert await send(connection, each)
        assert await send(connection, begun)
        assert await rest(connection) > 4 * 50_000
        await until(lambda: service.connections == 0)
        assert "client was cut: it does not finish the message that it has begun" in caplog.text
        gc.collect()
        assert ledger.balance == 0


@scenario
async def test_a_client_may_be_silent_between_messages_and_slow_within_them(tmp_path: Path) -> None:
    async with served(tmp_path, Echo(), patience=1) as (service, _), raw(service) as connection:
        assert await send(connection, bootstrap())
        long = call(1, "x" * (6 << 20))
        for at in range(0, len(long), AHEAD):
            await asyncio.sleep(0.2)
            assert await send(connection, long[at : at + AHEAD])
        got = 0
        while got < 6 << 20:
            data = await asyncio.get_running_loop().sock_recv(connection, 1 << 20)
            assert data
            got += len(data)
        await asyncio.sleep(1.2)
        assert await send(connection, call(2, "y"))
        assert await asyncio.get_running_loop().sock_recv(connection, 1 << 20)
        assert service.connections == 1


@scenario
async def test_the_first_message_may_come_in_pieces(tmp_path: Path) -> None:
    async with served(tmp_path, Echo()) as (service, _), raw(service) as connection:
        for byte in bootstrap():
            assert await send(connection, bytes([byte]))
            await asyncio.sleep(0)
        assert await asyncio.get_running_loop().sock_recv(connection, 8)


@scenario
async def test_who_begins_no_tls_is_counted(tmp_path: Path) -> None:
    shown = certificate(tmp_path, "server")
    context = server_tls(shown, shown)

    @asynccontextmanager
    async def open(peer: Peer) -> AsyncIterator[Any]:
        yield m.ServiceClient(Echo())

    place, bounds = Listening(PeerAddress("127.0.0.1")), Bounds(clients=2)
    async with Service(m.ServiceClient, open, place, ledger=Ledger(), bounds=bounds, tls=context) as service:
        host, _, port = service.address.rpartition(":")
        silent = [await asyncio.open_connection(host, int(port)) for _ in range(3)]
        async with asyncio.timeout(5):  # a handshake may take longer
            assert await silent[2][0].read() == b""
            assert (service.connections, service.refused) == (2, 1)
            silent[0][1].close()
            await until(lambda: service.connections == 1)
        reader, writer = await asyncio.open_connection(
            host, int(port), ssl=client_tls(ca=shown), server_hostname=host
        )
        writer.write(bootstrap())
        assert await reader.read(8)
        for _, each in (*silent, (reader, writer)):
            each.close()


@scenario
async def test_a_process_without_descriptors_says_so_once_and_takes_clients_later(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "_PAUSE", 0.02)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    async with served(tmp_path, Echo()) as (service, _), raw(service) as first:
        await until(lambda: service.connections == 1)
        with socket.socket(socket.AF_UNIX) as second:
            resource.setrlimit(resource.RLIMIT_NOFILE, (second.fileno() + 1, limits[1]))
            try:
                second.connect(service.address.removeprefix("unix:"))
                await asyncio.sleep(0.2)
                assert service.connections == 1
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, limits)
            await until(lambda: service.connections == 2)
        assert caplog.messages == ["no client can be taken for now: Too many open files"]
        assert first.fileno() >= 0


@scenario
async def test_calls_of_all_clients_are_bounded_with_those_whose_callers_have_gone(tmp_path: Path) -> None:
    echo = Echo()
    echo.may.clear()
    async with (
        served(tmp_path, echo, calls=3, all_calls=4) as (service, _),
        client(service) as one,
        client(service) as two,
    ):
        waiting = [one.one(a="x") for _ in range(3)]
        await until(lambda: echo.asked == 3)
        with pytest.raises(capnp.KjException, match="3 calls are under way already") as caught:
            await one.one(a="x")
        assert caught.value.type == "OVERLOADED"
        waiting.append(two.one(a="x"))
        await until(lambda: echo.asked == 4)
        with pytest.raises(capnp.KjException, match="4 calls are under way already"):
            await two.one(a="x")
        echo.may.set()
        assert [each.b for each in await asyncio.gather(*waiting)] == [b"x"] * 4
        assert service.calls == 0


@scenario
async def test_between_calls_of_one_client_that_hold_much_others_have_turns(tmp_path: Path) -> None:
    """Structs that are sent without their fields: what comes together is little, and to be read is much."""
    long = bindings("long-lines")
    kind = plain("long-lines", ("{ text @0 :Text; }", "{}")).AnInterfaceWithALongName
    heard: list[int] = []
    begun = asyncio.Event()

    class Lines:
        def method_with_many_parameters(self, first: Any, second: list[Any], third: int) -> list[Any]:
            heard.append(third)
            begun.set()
            return []

        method_with_a_long_name_and_a_long_result = method_with_many_parameters

    def call(service: Any, number: int, structs: int = 0) -> Any:
        request = service.methodWithManyParameters_request(third=number)
        request.init("second", structs)
        return request.send()

    @asynccontextmanager
    async def open(peer: Peer) -> AsyncIterator[Any]:
        yield long.AnInterfaceWithALongNameClient(Lines())

    listening = Listening(PeerAddress(socket=str(tmp_path / "s")))
    client_class = long.AnInterfaceWithALongNameClient
    async with (
        Service(client_class, open, listening, ledger=Ledger()) as service,
        client(service, kind) as many,
        client(service, kind) as one,
    ):
        await asyncio.gather(call(many, 0), call(one, 0))
        heard.clear()
        begun.clear()
        calls = [call(many, number, number % 2 and SHARE // VALUE) for number in range(40)]
        await begun.wait()
        await call(one, 40)
        assert len(heard) < 10
        await asyncio.gather(*calls)
        heard.remove(40)
        assert heard == [*range(40)]

        heard.clear()
        begun.clear()
        async with client(service, kind) as gone:
            calls = [call(gone, number, SHARE // VALUE) for number in range(40)]
            await begun.wait()
        await asyncio.gather(*calls, return_exceptions=True)
        await until(lambda: service.calls == 0)
        assert len(heard) < 40
        await call(one, 40)
        assert heard[-1] == 40


@scenario
async def test_a_client_holds_no_more_capabilities_than_it_may(tmp_path: Path) -> None:
    doors, schema = bindings("capabilities"), plain("capabilities")

    class Room:
        def leave(self) -> None: ...

    class Door:
        def open(self) -> Any:
            return Room()

        lend = give = all = store = lambda self, *_: None

    @asynccontextmanager
    async def open(peer: Peer) -> AsyncIterator[Any]:
        yield doors.DoorClient(Door())

    ledger = Ledger()
    listening = Listening(PeerAddress("127.0.0.1"))
    bounds = Bounds(capabilities=4)  # the door is one
    async with Service(doors.DoorClient, open, listening, ledger=ledger, bounds=bounds) as service:
        host, _, port = service.address.rpartition(":")
        stream = await capnp.AsyncIoStream.create_connection(host, int(port))
        system = capnp.TwoPartyClient(stream)
        door = system.bootstrap().cast_as(schema.Door)
        rooms = [(await door.open()).room for _ in range(3)]
        with pytest.raises(capnp.KjException, match="4 capabilities are held, as many as may be") as caught:
            await door.open()
        assert caught.value.type == "OVERLOADED"
        del rooms[0]
        await until(lambda: ledger.balance == 3)
        rooms.append((await door.open()).room)
        assert ledger.balance == 4
        system.close()
        stream.close()
        await until(lambda: ledger.balance == 0)


@scenario
async def test_a_client_for_which_nothing_can_be_had_is_told_why(tmp_path: Path) -> None:
    @asynccontextmanager
    async def open(peer: Peer) -> AsyncIterator[Any]:
        raise CapError(ErrorKind.OVERLOADED, "the house is full")
        yield

    listening = Listening(PeerAddress(socket=str(tmp_path / "s")))
    async with Service(m.ServiceClient, open, listening, ledger=Ledger()) as service, client(service) as one:
        for _ in range(2):
            with pytest.raises(capnp.KjException, match="the house is full") as caught:
                await one.one(a="x")
            assert caught.value.type == "OVERLOADED"


@scenario
async def test_an_error_of_the_hosts_own_is_not_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    @asynccontextmanager
    async def open(peer: Peer) -> AsyncIterator[Any]:
        raise ValueError("a secret")
        yield

    listening = Listening(PeerAddress(socket=str(tmp_path / "s")))
    async with Service(m.ServiceClient, open, listening, ledger=Ledger()) as service:
        async with client(service) as one:
            with pytest.raises(capnp.KjException) as caught:
                await one.one(a="x")
            assert caught.value.type == "DISCONNECTED"
            assert "secret" not in str(caught.value)
        await until(lambda: service.connections == 0)
    assert "a secret" in caplog.text


def test_a_socket_that_somebody_listens_at_stays(tmp_path: Path) -> None:
    address = PeerAddress(socket=str(tmp_path / "s"))
    first = Listening(address)
    with pytest.raises(OSError, match="somebody listens there already"):
        Listening(address)
    first.close()
    again = Listening(address)
    again.close()
    assert not (tmp_path / "s").exists()


MANIFEST: Final = """
module = "app.wasm"
[wasi]
entropy = true
[grants.desk]
given = "desk"
"""


@scenario
async def test_each_client_has_a_cap_set_of_its_own(tmp_path: Path) -> None:
    class Desk:
        def __init__(self, owner: str) -> None:
            self.owner = owner

        def echo(self, text: str) -> str:
            return f"{self.owner}: {text}"

        add = make = look = pack = unpack = tell = take = lambda self, *_: None

    shutil.copy(probe_guest(), tmp_path / "app.wasm")
    manifest = tmp_path / "app.toml"
    manifest.write_text(MANIFEST)
    async with Host() as host, assemble_repeated(host, read_manifest(manifest, MACHINE)) as program:
        found = find_export(program.app, "worker")

        def start(peer: Peer) -> Any:
            return program.start(CapSet({"desk": probe.DeskClient(Desk(peer.name))}))

        listening = Listening(PeerAddress(socket=str(tmp_path / "s")))
        schema = load(str(SCHEMA))
        async with Service(found, OwnInstances(start, found).open, listening, ledger=host.ledger) as service:
            said = []
            for _ in range(2):
                stream = await capnp.AsyncIoStream.create_unix_connection(str(tmp_path / "s"))
                system = capnp.TwoPartyClient(stream)
                worker = system.bootstrap().cast_as(schema.Worker)
                said.append((await worker.exec("said = grants.get_desk().echo('hi')")).said)
                system.close()
                stream.close()
            assert said == ["client: hi", "client-2: hi"]
            await until(lambda: service.connections == 0)
            assert host.ledger.live() == []


WAITS: Final = """
import socket, sys
connection = socket.create_connection((sys.argv[1], int(sys.argv[2])))
connection.sendall(sys.stdin.buffer.read())
print("sent", flush=True)
import time
time.sleep(100)
"""


@scenario
async def test_a_client_whose_machine_vanishes_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    if why := netns_missing():
        pytest.skip(why)
    monkeypatch.setattr(service_, "_GONE", 2.0)
    ledger = Ledger()

    @asynccontextmanager
    async def open(peer: Peer) -> AsyncIterator[Any]:
        yield m.ServiceClient(Echo())

    with netns() as (name, ours):
        place = Listening(PeerAddress(ours))
        async with Service(m.ServiceClient, open, place, ledger=ledger) as service:
            command = ["ip", "netns", "exec", name, sys.executable, "-c", WAITS]
            process = await asyncio.create_subprocess_exec(
                *command, *service.address.split(":"), stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
            assert process.stdin is not None and process.stdout is not None
            process.stdin.write(bootstrap() + call(1, "x"))
            process.stdin.close()
            assert await process.stdout.readline() == b"sent\n"
            await until(lambda: ledger.balance == 1)
            ip("-n", name, "link", "set", f"{name}b", "down")  # neither side is told
            await until(lambda: service.connections == 0)
            assert ledger.balance == 0
            assert process.returncode is None
            process.kill()
            await process.wait()
