"""`capwit serve --listen`: clients by pycapnp alone, of a component in another process."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import socket
import ssl
import stat
import struct
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import capnp
import pytest
from capwit.cli import exits

from tests.bridge.support import scenario
from tests.http.process import children
from tests.support.certificates import certificate

from .serving import Server, chat, client, program, serving, until

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]


class Ears(chat().Listener.Server):  # type: ignore[misc]
    """A listener of this process."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []
        self.gone: list[bool] = []
        self.waits: asyncio.Event | None = None

    async def heard(self, who: str, text: str, _context: Any, **_: Any) -> None:
        self.said.append((who, text))
        if self.waits is not None:
            await self.waits.wait()


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return program(tmp_path_factory.mktemp("chat"))


def test_bindings_without_their_bridge_file_are_not_served(manifest: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(manifest.parents[2], tmp_path / "program")
    (folder / "build" / "chat" / "chat.bridge.json").unlink()
    command = [sys.executable, "-m", "capwit.cli.main", "serve", "--listen", "127.0.0.1:0"]
    command += ["examples/chat/app.toml"]
    done = subprocess.run(command, check=False, cwd=folder, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (exits.BAD_INPUT, "")
    assert "chat.bridge.json" in done.stderr and "Mend: keep it beside the generated module" in done.stderr


@pytest.fixture(scope="module")
def each(manifest: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with an instance for each client."""
    with serving(manifest) as server:
        yield server
        done = server.stop()
        assert (done["code"], done["ledger"]["balance"]) == (0, 0), done
        assert "Traceback" not in done["err"]


@scenario
async def test_a_client_has_an_instance_of_its_own(each: Server) -> None:
    assert each.told["interface"] == "example:chat/chat@0.1.0.room"
    assert each.told["id"] == f"0x{chat().Room.schema.node.id:016x}"
    async with client(each.address) as room, client(each.address) as other:
        seat = (await room.join("ann", Ears())).seat
        assert list((await room.names()).names) == ["ann"]
        assert list((await other.names()).names) == []
        assert (await seat.say("hello?")).listeners == 0
    await until(lambda: each.balance() == 0)


@scenario
async def test_what_a_client_drops_is_destroyed_in_the_guest(each: Server) -> None:
    async with client(each.address) as room:
        ears = Ears()
        seat, other = (await room.join("ann", ears)).seat, (await room.join("bob", Ears())).seat
        assert (await other.say("hi")).listeners == 1
        await until(lambda: ears.said == [("bob", "hi")])
        before = len(each.events("release"))
        del seat
        while len((await room.names()).names) > 1:  # until the guest's `release` has run
            pass
        assert list((await room.names()).names) == ["bob"]
        await until(lambda: len(each.events("release")) > before)
    await until(lambda: each.balance() == 0)


@scenario
async def test_calls_are_pipelined_on_what_is_yet_to_come(each: Server) -> None:
    async with client(each.address) as room:
        assert (await room.join("ann", Ears()).seat.say("early")).listeners == 0


@scenario
async def test_a_failure_has_its_kind_and_the_guests_reason(each: Server) -> None:
    async with client(each.address) as room:
        with pytest.raises(capnp.KjException, match="who are you") as caught:
            await room.join("", Ears())
        assert caught.value.type == "FAILED"
        assert list((await room.names()).names) == []


HELD = """
import asyncio, sys
from tests.rpc.test_serving import Ears, client
async def main():
    async with client(sys.argv[1]) as room:
        ears = Ears()
        ears.waits = asyncio.Event()
        first = (await room.join("ann", ears)).seat
        seat = (await room.join("bob", Ears())).seat
        calls = [asyncio.ensure_future(seat.say("x" * 60_000)) for _ in range(9)]
        while not ears.said:
            await asyncio.sleep(0.01)
        print("waits", flush=True)
        await asyncio.gather(*calls)
asyncio.run(main())
"""


@scenario
async def test_a_client_that_is_killed_in_the_middle_of_calls(each: Server) -> None:
    async with client(each.address) as other:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", HELD, each.address), stdout=subprocess.PIPE, cwd=ROOT
        )
        assert process.stdout is not None
        assert await process.stdout.readline() == b"waits\n"
        assert list((await other.names()).names) == []
        ended = len(each.events("end"))
        process.kill()
        await process.wait()
        await until(lambda: len(each.events("end")) > ended)
        assert list((await other.names()).names) == []
    await until(lambda: each.balance() == 0)


def raw(address: str) -> socket.socket:
    """A connection that speaks for itself."""
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=30)


def closed(connection: socket.socket) -> bool:
    """Wait until the other side has ended a connection."""
    with suppress(ConnectionError):
        while connection.recv(65536):
            pass
    return True


GARBAGE = {
    "text": b"GET / HTTP/1.1\r\nhost: a\r\n\r\n" * 50,
    "zeros": bytes(4096),
    "many segments": struct.pack("<II", 0xFFFFFFFE, 1) + bytes(64),
    "too long": struct.pack("<II", 0, 0x7FFFFFFF) + bytes(64),
    "just too long": struct.pack("<II", 0, (1 << 23) + 1) + bytes(64),
    "a pointer astray": struct.pack("<IIQ", 0, 1, 0x7FFF_FFFF_FFFF_FFFC),
    "cut off": struct.pack("<II", 0, 100) + bytes(80),
}


@scenario
async def test_garbage_ends_that_connection_alone(each: Server) -> None:
    async with client(each.address) as room:
        seat = (await room.join("ann", Ears())).seat
        for garbage in GARBAGE.values():
            with raw(each.address) as connection:
                connection.sendall(garbage)
                connection.shutdown(socket.SHUT_WR)
                await asyncio.to_thread(closed, connection)
            assert (await seat.say("still here")).listeners == 0
        del seat
    await until(lambda: each.balance() == 0)


@scenario
async def test_mutations_of_what_a_client_says(each: Server) -> None:
    """Whatever is said, the server lives, and lets go of all."""
    chance = random.Random(7)  # noqa: S311
    said = await _said()
    async with client(each.address) as room:
        for _ in range(60):
            garbage = bytearray(said)
            for _ in range(chance.choice((1, 2, 8))):
                garbage[chance.randrange(len(garbage))] ^= 1 << chance.randrange(8)
            with raw(each.address) as connection, suppress(ConnectionError):
                connection.sendall(garbage)
                connection.shutdown(socket.SHUT_WR)
                await asyncio.to_thread(closed, connection)
        assert list((await room.names()).names) == []
    await until(lambda: each.balance() == 0)


async def _said() -> bytes:
    """Return what pycapnp says when it joins, and what it says of its seat."""
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            heard.append(data)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server, client(f"127.0.0.1:{server.sockets[0].getsockname()[1]}") as room:
        joined = room.join("ann", Ears())
        calls = [joined.seat.say("hello"), room.names()]
        await asyncio.sleep(0.2)
        del calls
    return b"".join(heard)


@scenario
async def test_one_instance_for_all_and_its_end(manifest: Path) -> None:
    with serving(manifest, "--instances", "shared", "--timeout", "2s") as server:
        async with client(server.address) as room, client(server.address) as other:
            ears = Ears()
            seat = (await room.join("ann", ears)).seat
            theirs = (await other.join("bob", Ears())).seat
            assert list((await other.names()).names) == ["ann", "bob"]
            assert (await theirs.say("hi")).listeners == 1
            await until(lambda: ears.said == [("bob", "hi")])
            # A listener that does not answer holds up the room: that call runs into the time limit, the
            # instance ends, and its clients are let go.
            ears.waits = asyncio.Event()
            with pytest.raises(capnp.KjException) as caught:
                await asyncio.gather(*(theirs.say("x" * 40_000) for _ in range(4)))
            assert caught.value.type in ("OVERLOADED", "DISCONNECTED")
            with pytest.raises(capnp.KjException) as caught:
                for _ in range(100):
                    await seat.say("is there anybody")
                    await asyncio.sleep(0.05)
            assert caught.value.type == "DISCONNECTED"
            del seat, theirs
        async with client(server.address) as room:
            assert list((await room.names()).names) == []
        done = server.stop()
        assert (done["code"], done["clients"], done["ledger"]["balance"]) == (0, 3, 0)
        assert len(server.events("start")) == 2


@scenario
async def test_a_few_instances_for_all(manifest: Path) -> None:
    with serving(manifest, "--instances", "2") as server:
        async with client(server.address) as a, client(server.address) as b, client(server.address) as c:
            seats = [(await room.join("x", Ears())).seat for room in (a, b, c)]
            there = [len((await room.names()).names) for room in (a, b, c)]
            assert sorted(there) == [1, 2, 2]
            del seats
        assert len(server.events("start")) == 2
        assert server.stop()["ledger"]["balance"] == 0


@scenario
async def test_what_is_under_way_has_time_to_end(manifest: Path) -> None:
    with serving(manifest, "--grace", "10min") as server:
        async with client(server.address) as room, client(server.address) as idle:
            ears = Ears()
            ears.waits = asyncio.Event()
            first = (await room.join("ann", ears)).seat
            seat = (await room.join("bob", Ears())).seat
            assert list((await idle.names()).names) == []
            call = asyncio.gather(*(seat.say("x" * 40_000) for _ in range(4)))
            await until(lambda: ears.said)
            server.process.send_signal(signal.SIGTERM)
            with pytest.raises(capnp.KjException):  # whoever waits for nothing is let go at once
                while True:
                    await idle.names()
                    await asyncio.sleep(0.01)
            with pytest.raises(OSError, match="refused"):
                raw(server.address).close()
            ears.waits.set()
            assert [each.listeners for each in await call] == [1] * 4
            del first, seat
        done = await asyncio.to_thread(server.stop)
        assert (done["code"], done["ledger"]["balance"]) == (0, 0), done


@scenario
async def test_a_second_signal_ends_it_at_once(manifest: Path) -> None:
    with serving(manifest, "--grace", "10min") as server:
        async with client(server.address) as room:
            ears = Ears()
            ears.waits = asyncio.Event()
            first = (await room.join("ann", ears)).seat
            seat = (await room.join("bob", Ears())).seat
            calls = asyncio.gather(*(seat.say("x" * 40_000) for _ in range(4)), return_exceptions=True)
            await until(lambda: ears.said)
            server.process.send_signal(signal.SIGINT)
            await asyncio.sleep(0.5)
            assert server.process.poll() is None
            done = await asyncio.to_thread(server.stop, signal.SIGINT)
            assert {getattr(each, "type", None) for each in await calls} <= {"DISCONNECTED", None}
            del first, seat
        assert (done["code"], done["ledger"]["balance"]) == (0, 0), done


@scenario
async def test_clients_are_bounded_in_number_and_in_calls(manifest: Path) -> None:
    with serving(manifest, "--clients", "2", "--calls", "5") as server:
        async with client(server.address) as room, client(server.address) as other:
            ears = Ears()
            ears.waits = asyncio.Event()
            first = (await room.join("ann", ears)).seat
            seat = (await room.join("bob", Ears())).seat
            await other.names()
            async with client(server.address) as third:
                with pytest.raises(capnp.KjException) as caught:
                    await third.names()
                assert caught.value.type == "DISCONNECTED"
            assert (await seat.say("x" * 40_000)).listeners == 1
            waits = seat.say("x" * 40_000)  # until the listener has taken the first one
            calls = asyncio.gather(*(room.names() for _ in range(20)), return_exceptions=True)
            assert list((await other.names()).names) == []
            ears.waits.set()
            assert (await waits).listeners == 1
            refused = [each for each in await calls if isinstance(each, capnp.KjException)]
            assert [each.type for each in refused] == ["OVERLOADED"] * 16
            assert "5 calls are under way already" in refused[0].description
            assert list((await room.names()).names) == ["ann", "bob"]
            del first, seat
        done = await asyncio.to_thread(server.stop)
        assert (done["refused"], done["ledger"]["balance"]) == (1, 0), done


@scenario
async def test_each_client_may_have_a_process_that_ends_alone(manifest: Path) -> None:
    with serving(manifest, "--isolate") as server:
        async with client(server.address) as room, client(server.address) as other:
            seats = [(await each.join("ann", Ears())).seat for each in (room, other)]
            assert (await seats[0].say("hello?")).listeners == 0
            [nursery] = children(server.process.pid)
            ours, theirs = children(nursery)
            os.kill(ours, signal.SIGKILL)
            answers: Any = await asyncio.gather(room.names(), other.names(), return_exceptions=True)
            [lost] = [each for each in answers if isinstance(each, capnp.KjException)]
            assert lost.type == "DISCONNECTED"
            assert [list(each.names) for each in answers if each is not lost] == [["ann"]]
            await until(lambda: children(nursery) == [theirs])
            del seats
        async with client(server.address) as third:
            assert list((await third.names()).names) == []
        await until(lambda: server.balance() == 0)
        assert [each["cause"] for each in server.events("end") if "SIGKILL" in each["cause"]]
        done = await asyncio.to_thread(server.stop)
        assert (done["code"], done["clients"], done["ledger"]["balance"]) == (0, 3, 0), done
        assert "Traceback" not in done["err"]


@scenario
async def test_a_unix_socket_is_its_owners_alone(manifest: Path, tmp_path: Path) -> None:
    path = tmp_path / "chat.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))  # what a process has left behind
    with serving(manifest, listen=f"unix:{path}") as server:
        assert server.address == f"unix:{path}"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        async with client(server.address) as room:
            assert list((await room.names()).names) == []
        assert (await asyncio.to_thread(server.stop))["code"] == 0
    assert not path.exists()


@scenario
async def test_tls_with_clients_that_show_who_they_are(manifest: Path, tmp_path: Path) -> None:
    ours, theirs, others = (certificate(tmp_path, name) for name in ("server", "ann", "mallory"))
    with serving(manifest, "--certificate", ours, "--client-ca", theirs) as server:
        assert server.told["tls"] is True
        for shown in (None, others, theirs):
            tls = ssl.create_default_context(cafile=str(ours))
            if shown is not None:
                tls.load_cert_chain(shown)
            with suppress(ConnectionError, ssl.SSLError):
                async with client(server.address, tls) as room:
                    if shown is theirs:
                        assert list((await room.names()).names) == []
                    else:
                        with pytest.raises(capnp.KjException) as caught:
                            await room.names()
                        assert caught.value.type == "DISCONNECTED"
        with pytest.raises(capnp.KjException):
            async with client(server.address) as room:  # without TLS
                await room.names()
        done = await asyncio.to_thread(server.stop)
        assert (done["code"], done["clients"], done["ledger"]["balance"]) == (0, 1, 0), done
        assert "Traceback" not in done["err"]
