"""Peers that are broken, newer than we are, or hostile: an error of that call, and of nothing else."""

from __future__ import annotations

import asyncio
import random
import struct
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import capnp
import pytest
from capwit import rpc
from capwit.bridge import CapError, ConversionError, Ledger
from capwit.bridge.binding import AnyValue
from capwit.rpc import Message

from tests.bridge.support import scenario

from .support import bindings, plain

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@asynccontextmanager
async def served(client: Any) -> AsyncIterator[tuple[Any, rpc.Service]]:
    """A server, and pycapnp's own connection to it."""
    async with rpc.serve(client, "127.0.0.1:0") as server:
        stream = await capnp.AsyncIoStream.create_connection("127.0.0.1", server.port)
        connection = capnp.TwoPartyClient(stream)
        try:
            yield connection.bootstrap(), server
        finally:
            connection.close()
            stream.close()


class Service:
    """The case `methods`: echoes."""

    def one(self, a: str) -> bytes:
        return a.encode()

    def nothing(self, *_: object) -> None: ...

    several = whole = mixed = back = nothing


@scenario
async def test_text_that_is_not_utf8() -> None:
    m = bindings("methods")
    schema = plain("methods", ("one @1 (a :Text)", "one @1 (a :Data)"))
    async with served(m.ServiceClient(Service())) as (bootstrap, _):
        service = bootstrap.cast_as(schema.Service)
        assert (await service.one(a=b"good\0")).b == b"good"
        for wrong in (b"\xff\xfe\0", b"no end"):
            with pytest.raises(
                capnp.KjException, match=r"service.one: its parameters: |a message of its"
            ) as caught:
                await service.one(a=wrong)
            assert caught.value.type == "FAILED"
        assert (await service.one(a=b"again\0")).b == b"again"


@scenario
async def test_nulls_where_there_must_be_capabilities() -> None:
    m, schema = bindings("capabilities"), plain("capabilities")

    class Door:
        def lend(self, key: Any) -> None:
            raise AssertionError(key)

        open = give = all = store = lend

    class Key(schema.Key.Server):  # type: ignore[name-defined,misc]
        pass

    async with served(m.DoorClient(Door())) as (bootstrap, _):
        door = bootstrap.cast_as(schema.Door)
        for call in (door.lend, door.give):
            with pytest.raises(capnp.KjException, match="key: expected a capability, got null"):
                await call()
        request = door.store_request()
        request.init("keys", 2)[0] = Key()
        with pytest.raises(capnp.KjException, match="expected capabilities, got null"):
            await request.send()


@scenario
async def test_an_answer_that_the_schema_does_not_name_is_that_calls_error() -> None:
    m = bindings("recursive-pair")
    schema = plain("recursive-pair", ("object @5 :List(Field);", "object @5 :List(Field); date @6 :Text;"))

    class Store(schema.Store.Server):  # type: ignore[name-defined,misc]
        async def put(self, json: Any, _context: Any, **_: Any) -> None:
            _context.results.init("json")
            if json.which == "null":
                _context.results.json.date = "new"
            else:
                _context.results.json = json

    ledger = Ledger()
    async with rpc.serve(bindings("methods").ServiceClient(Service()), "127.0.0.1:0"):  # pycapnp's loop runs
        store = rpc.remote(capnp_client(schema.Store, Store()), m.StoreClient, ledger=ledger)
        field = m.JsonField("f", None)
        with pytest.raises(CapError, match="the answer cannot be used: number 6 is no member of json"):
            await store.put(m.JsonNull(), field)
        assert (await store.put(m.JsonBool(True), field)).json == m.JsonBool(True)
        await store.close()
    assert ledger.balance == 0


def capnp_client(module: Any, server: Any) -> Any:
    return module._new_client(server)


def test_an_enumerant_that_the_schema_does_not_name() -> None:
    lists = bindings("lists")
    newer = plain(
        "lists", ("enum Colour { red @0; green @1; }", "enum Colour { red @0; green @1; blue @2; }")
    )
    message = newer.Lists.new_message(colours=[["green", "blue"]])
    with pytest.raises(ConversionError, match=r"number 2 is no enumerant of colour .* Mend: .*\$Wit.open"):
        Message(lists.LISTS).decode(message.to_bytes())


@pytest.mark.parametrize(("field", "length"), [("ticks", 2**29 - 1), ("bits", 2**25)])
def test_lists_that_cost_their_sender_nothing(field: str, length: int) -> None:
    message = plain("lists").Lists.new_message()
    message.init(field, length)
    data = message.to_bytes()
    with pytest.raises(ConversionError, match=r"traversal limit|hold more than 1048576 numbers"):
        Message(bindings("lists").LISTS).decode(data)


def test_structs_that_are_sent_without_their_fields() -> None:
    """A list of a million takes as many bytes as one of ten; read, each has all its fields."""
    m = bindings("lists")
    empty = plain("lists", ("struct Point { x @0 :Int32; y @1 :Int32; }", "struct Point {}"))
    decode = Message(m.LISTS).decode
    for length in (1000, 1_000_000):
        message = empty.Lists.new_message()
        message.init("points", length)
        data = message.to_bytes()
        assert len(data) < 1000
        if length == 1000:
            assert decode(data).points == [m.Point(0, 0)] * length
        else:
            with pytest.raises(ConversionError, match="an eighth as many other values"):
                decode(data)


def test_a_list_that_would_be_too_long_is_not_sent() -> None:
    m = bindings("lists")
    with pytest.raises(ConversionError, match="more than can be sent"):
        Message(m.LISTS).encode(m.Lists([], b"", [], [], [], 2**31, [], []))


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (5, r"lists: expected Lists, got int 5|lists.texts"),
        ({"texts": [5]}, r"lists.texts\[0\]: expected str, got int 5"),
        ({"texts": ["\ud800"]}, r"lists.texts\[0\]: the str holds a lone surrogate"),
        ({"bytes_as_list": "text"}, r"lists.bytes-as-list: expected bytes"),
        ({"bits": [2]}, r"lists.bits\[0\]: expected bool"),
        ({"grid": [["x"]]}, r"lists.grid\[0\]\[0\]: expected float"),
        ({"ticks": -1}, "a list of -1 elements is more than can be sent"),
        ({"points": [None]}, r"lists.points\[0\]: expected Point"),
        ({"colours": [["red"]]}, r"lists.colours\[0\]\[0\]: expected a member of Colour"),
    ],
)
def test_values_that_do_not_fit_are_told_by_their_place(value: Any, path: str) -> None:
    m = bindings("lists")
    empty = {
        "texts": [],
        "bytes_as_list": b"",
        "bits": [],
        "grid": [],
        "chunks": [],
        "ticks": 0,
        "points": [],
        "colours": [],
    }
    made = m.Lists(**{**empty, **value}) if isinstance(value, dict) else value
    with pytest.raises(ConversionError, match=path):
        Message(m.LISTS).encode(made)


def test_damaged_messages_are_errors_and_nothing_worse() -> None:
    lists, pair, generic = bindings("lists"), bindings("recursive-pair"), bindings("recursive-generic")
    point = lists.Point(1, 2)
    plain_point = Message(lists.POINT).encode(point)
    json = pair.JsonArray([pair.JsonObject([pair.JsonField("k", pair.JsonString("v"))]), pair.JsonNull()])
    uses = generic.Uses(generic.LinkText("a", None), None, generic.Link(AnyValue(plain_point, []), None))
    listed = lists.Lists(["a"], b"xyz", [True], [[1.0], []], [b"d"], 5, [point], [[lists.Colour.RED]])
    whole = [
        (Message(table), Message(table).encode(value))
        for table, value in ((lists.LISTS, listed), (pair.JSON, json), (generic.USES, uses))
    ]
    dice = random.Random(7)  # noqa: S311 - what is damaged, and how, is the same each time
    for _ in range(3000):
        message, good = dice.choice(whole)
        data = bytearray(good)
        at = dice.randrange(len(data) // 8) * 8
        match dice.randrange(4):
            case 0:
                data[at + dice.randrange(8)] ^= 1 << dice.randrange(8)
            case 1:
                del data[at:]
            case 2:
                data[at : at + 8] = dice.randbytes(8)
            case _:
                data = bytearray(dice.randbytes(dice.randrange(100)))
        try:
            read = message.decode(bytes(data))
        except ConversionError:
            continue
        message.encode(read)


@pytest.mark.parametrize(
    "message",
    [
        b"1234567",
        struct.pack("<II", 0, 0),
        struct.pack("<IIQ", 0, 1, 3) + b"more than one mess",
        struct.pack("<IIQ", 0, 1, 3),  # a capability that is not there
        struct.pack("<IIQ", 0, 1, 0x0001_0000_FFFF_FFFC),  # a struct that holds itself
        struct.pack("<II", 0xFFFF_FFFF, 1),
    ],
)
@scenario
async def test_values_whose_message_is_none(message: bytes) -> None:
    m = bindings("any")

    class Registry:
        def value(self, value: AnyValue) -> AnyValue:
            return value

        put = give = find = value

    async with (
        rpc.serve(m.RegistryClient(Registry()), "127.0.0.1:0") as server,
        rpc.connect(f"127.0.0.1:{server.port}") as connection,
        connection.bootstrap(m.RegistryClient) as registry,
    ):
        with pytest.raises(
            CapError, match=r"registry\.value: (a value's message|arguments: Message) (is|contained)"
        ):
            await registry.value(AnyValue(message))
        assert await registry.value(AnyValue(b"")) == AnyValue(b"", [])


@scenario
async def test_garbage_on_the_wire_ends_that_connection_only() -> None:
    m = bindings("methods")
    dice = random.Random(3)  # noqa: S311
    huge = struct.pack("<II", 0, 0x1FFF_FFFF) + bytes(8)
    garbage = [
        huge,
        b"GET / HTTP/1.1\r\n\r\n",
        b"\xff" * 64,
        bytes(64),
        *(dice.randbytes(200) for _ in range(20)),
    ]
    async with (
        rpc.serve(m.ServiceClient(Service()), "127.0.0.1:0") as server,
        rpc.connect(f"127.0.0.1:{server.port}") as connection,
        connection.bootstrap(m.ServiceClient) as service,
    ):
        for data in garbage:
            _, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(data)
            await writer.drain()
            writer.close()
            assert await service.one("here") == b"here"
        for _ in range(100):
            if server.connections == 1:
                break
            await asyncio.sleep(0.01)
        assert server.connections == 1
