"""Programs that have pycapnp connections of their own, and schemas that pycapnp alone cannot tell apart."""

from __future__ import annotations

import asyncio
import importlib.util
import socket
import sys
from typing import TYPE_CHECKING, Any

import capnp
import pytest
from capwit import rpc
from capwit.bridge import CapError, ErrorKind, Ledger, LoadError
from capwit.codegen import generate, write
from capwit.rpc import Message
from capwit.rpc.hook import hook_of
from capwit.rpc.vat import Vat

from tests.bridge.support import scenario

from .serving import until
from .support import bindings
from .support import plain as load

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType


def module(folder: Path, name: str, schema: str) -> ModuleType:
    """The bindings of a schema that is given as text."""
    (folder / f"{name}.capnp").write_text(schema)
    write(generate(folder / f"{name}.capnp", validate=False).files, folder)
    spec = importlib.util.spec_from_file_location(name, folder / f"{name}.py")
    assert spec is not None and spec.loader is not None
    sys.modules[name] = loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


class Key:
    """Nothing but itself."""


class Room:
    def leave(self) -> None:
        raise CapError(ErrorKind.DENIED, "locked")


class Door:
    """The case `capabilities`."""

    kept: Any = None

    def open(self) -> Any:
        return Room()

    def lend(self, key: Any) -> None:
        self.kept = key.keep()

    give = lend

    def all(self) -> Any:
        m = bindings("capabilities")
        return m.DoorAllResults([], self.kept)

    def store(self, keys: Any) -> Any:
        raise CapError(ErrorKind.UNIMPLEMENTED, "no store")


@scenario
async def test_single_capabilities_go_through_connections_of_pycapnps_own() -> None:
    m = bindings("capabilities")
    ledger, door, key = Ledger(), Door(), m.KeyClient(Key())
    async with capnp.kj_loop():
        ends = [await capnp.AsyncIoStream.create_unix_connection(sock=end) for end in socket.socketpair()]
        server = capnp.TwoPartyServer(ends[0], bootstrap=rpc.server(m.DoorClient(door), ledger=ledger))
        connection = capnp.TwoPartyClient(ends[1])
        remote = rpc.remote(connection.bootstrap(), m.DoorClient, ledger=ledger)
        await remote.lend(key)
        assert (await remote.all()).first == key
        async with await remote.open() as room:
            with pytest.raises(CapError) as caught:
                await room.leave()
        assert (caught.value.kind, caught.value.reason) == (ErrorKind.DENIED, "locked")
        with pytest.raises(capnp.KjException) as plain:
            await connection.bootstrap().cast_as(load("capabilities").Door).store([])
        assert plain.value.type == "FAILED"  # pycapnp sends no other
        assert "Traceback" not in plain.value.description
        assert rpc.remote(rpc.exported(key, ledger=ledger), m.KeyClient, ledger=ledger) == key
        await remote.close()
        door.kept = None
        connection.close()
        server.close()
        for end in ends:
            end.close()


@scenario
async def test_methods_of_one_name_are_told_apart(tmp_path: Path) -> None:
    m = module(
        tmp_path,
        "rpc_twins",
        """
        @0x9c3f8a1be45d7206;
        using Wit = import "/capwit/wit.capnp";
        interface Left { turn @0 (by :Text) -> (said :Text); }
        interface Right { turn @0 (by :UInt32) -> (said :Text) $Wit.name("turn-right"); }
        interface Both extends(Left, Right) {}
        """,
    )

    class Both:
        def turn(self, by: str) -> str:
            return f"left {by}"

        def turn_right(self, by: int) -> str:
            return f"right {by}"

    async with (
        rpc.serve(m.BothClient(Both()), "127.0.0.1:0") as server,
        rpc.connect(f"127.0.0.1:{server.port}") as connection,
        connection.bootstrap(m.BothClient) as both,
    ):
        assert (await both.turn("a"), await both.turn_right(2)) == ("left a", "right 2")
        async with both.as_right() as right:
            assert await right.turn_right(3) == "right 3"


def test_values_that_the_schema_gives_stand_where_nothing_is_sent(tmp_path: Path) -> None:
    m = module(
        tmp_path,
        "rpc_defaults",
        """
        @0x9c3f8a1be45d7207;
        enum Colour { red @0; green @1; }
        struct Point { x @0 :Int32 = -3; y @1 :Int32; }
        struct All {
          text @0 :Text = "none";
          data @1 :Data = 0x"00 ff";
          bytes @2 :List(UInt8) = [1, 2];
          colour @3 :Colour = green;
          colours @4 :List(Colour) = [green, red];
          point @5 :Point = (y = 4);
          flag @6 :Bool = true;
          number @7 :Float32 = 1.5;
          empty @8 :Point;
        }
        """,
    )
    message = Message(m.ALL)
    data = bytes.fromhex("0000000001000000" + "0000000000000000")  # a null root
    green, red = m.Colour.GREEN, m.Colour.RED
    assert message.decode(data) == m.All(
        text="none",
        data=b"\x00\xff",
        bytes=b"\x01\x02",
        colour=green,
        colours=[green, red],
        point=m.Point(-3, 4),
        flag=True,
        number=1.5,
        empty=m.Point(-3, 0),
    )


@pytest.mark.parametrize(
    "content", [None, "", "{}", '{"format": 1, "nodes": ["?"], "imports": {}, "declarations": []}']
)
def test_a_bridge_file_that_is_gone_or_damaged_is_named(tmp_path: Path, content: str | None) -> None:
    name = f"rpc_broken_{hash(content) & 0xFFFF}"
    m = module(tmp_path, name, "@0x9c3f8a1be45d7208; struct Point { x @0 :Int32; }")
    file = tmp_path / f"{name}.bridge.json"
    if content is None:
        file.unlink()
    else:
        file.write_text(content)
    with pytest.raises(LoadError, match=r"Mend: "):
        Message(m.POINT)


@scenario
async def test_lists_of_lists_of_any_type() -> None:
    class Turner:
        def turn(self, lists: Any) -> Any:
            return lists[::-1]

    known = load(
        "any",
        (
            "turn @0 (lists :List(AnyList)) -> (lists :List(AnyList))",
            "turn @0 (lists :List(List(UInt16))) -> (lists :List(List(UInt16)))",
        ),
    )
    async with rpc.serve(bindings("any").TurnerClient(Turner()), "127.0.0.1:0") as server:
        stream = await capnp.AsyncIoStream.create_connection("127.0.0.1", server.port)
        turner = capnp.TwoPartyClient(stream).bootstrap().cast_as(known.Turner)
        for lists in ([[1, 2], [], [65535]], []):
            back = (await turner.turn(lists)).lists
            assert [list(each) for each in back] == lists[::-1]


@scenario
async def test_what_was_released_is_not_at_home_while_a_call_of_it_runs_on() -> None:
    m, ledger = bindings("capabilities"), Ledger()
    entered, left = asyncio.Event(), asyncio.Event()

    class Slow:
        async def leave(self) -> None:
            entered.set()
            await left.wait()

    async with Vat.running() as vat:
        served = vat.crossing(ledger).serve(m.RoomClient(Slow()))
        served.runs_on = True
        capability = vat.served(served)
        place = hook_of(capability)
        assert vat.home(place) is served
        del served
        call = asyncio.ensure_future(capability.leave())
        await entered.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        del call, capability  # from now on, what a peer sends may come to lie at the same place
        await asyncio.sleep(0.01)
        assert vat.home(place) is None
        assert len(ledger.live()) == 1
        left.set()
        await until(lambda: not ledger.live())
