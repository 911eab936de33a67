"""The byte lane: a component's bytes arrive as they would without it, and nothing else about it changes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from capwit.engine import mappings
from capwit.engine import types as wit
from capwit.engine.compiler import Compiler
from capwit.engine.decode import decode
from capwit.engine.errors import InstanceEnded, Limit, LimitExceeded, Trap
from capwit.engine.forwarder import NO_ROOM
from capwit.engine.lane import LANE, find_lane, of_strings
from capwit.engine.runtime import Runtime
from capwit.engine.wrapper import DROPS, wrap
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.engine.shapes import LEAVES, types_of
from tests.engine.support import (
    ALLOCATOR,
    HOST,
    THING,
    echo_component,
    echo_function,
    instantiate,
    link,
    running,
    wasm,
)
from tests.support.values import same, values

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.engine.support import Guest

pytestmark = pytest.mark.not_compared("it is of the lane itself")

RUN = wit.Function((wit.Param("n", wit.U32),), wit.U32)
SIDES = pytest.mark.parametrize("lane", [False, True], ids=["plain", "lane"])

# -- Every type --

CARRIERS = types_of(st.just(wit.BYTES) | LEAVES).filter(lambda found: of_strings(found) != found)


class Thing:
    """What stands behind a handle."""


async def echoed(type: wit.Type, sent: list[Any], *, lane: bool) -> tuple[list[Any], list[Any], Any]:
    """Return what the host was given, what came back, and what its handles went through."""
    seen: list[Any] = []

    async def echo(store: Any, x: Any) -> Any:
        seen.append(x)
        if len(seen) % 2:
            await asyncio.sleep(0)  # the guest is suspended, and what it passed has to stay
        return x

    function = echo_function(type)
    functions = {"echo": (function, echo)}
    async with running(echo_component(type), functions, resources={"thing": THING}, lane=lane) as guest:
        back = [await guest.call("echo", function, value) for value in sent]
        return seen, back, guest.slots.log


@st.composite
def typed_values(draw: Any) -> tuple[wit.Type, list[Any]]:
    type = draw(CARRIERS)
    return type, draw(st.lists(values(type, st.builds(Thing)), min_size=1, max_size=3))


LARGE = bytes(range(256)) * 5
NAME, DATA = wit.Field("name", wit.STRING, "name"), wit.Field("data", wit.BYTES, "data")
RECORD = wit.Record((NAME, DATA), None, "rec")
WIDE = wit.Variant(
    (
        wit.Case("number", wit.U64, None),
        wit.Case("data", wit.BYTES, None),
        wit.Case("none", None, None),
        wit.Case("real", wit.F32, None),
        wit.Case("both", RECORD, None),
    ),
    name="wide",
)
MANY = wit.Record(tuple(wit.Field(f"f{n}", wit.BYTES, f"f{n}") for n in range(20)), None, "many")


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(typed_values())
@example((wit.BYTES, [b"", bytes(range(256)), bytes(range(255, -1, -1)) * 300, b"a"]))
@example((wit.BYTES, [b"\x7f" * n + b"\x80" * m for n, m in ((511, 1), (512, 0), (515, 2), (0, 4111))]))
@example((wit.BYTES, [b"r", b"h", b"\xffh" * 300, b"0f" * 300 + b"h", b"\xff" * 300 + b"r"]))
@example((wit.Result(wit.Tuple((wit.BYTES, wit.BOOL)), wit.BYTES), [wit.Ok((LARGE, True)), wit.Err(LARGE)]))
@example((wit.List(wit.BYTES), [[], [b""], [b"\xff", b"", b"ab" * 99, b"\x00"]]))
@example((RECORD, [{"name": "ab\xe9", "data": b"\xe9"}, {"name": "\u20ac\U0001f600", "data": b"\x80\x81"}]))
@example((MANY, [{f"f{n}": bytes([200 + n]) * n for n in range(20)}]))
@example((wit.BYTES, [b"\x80" * (1 << 15), LARGE * 100, b"a" * 65537, b"a" * 65536 + b"\xff"]))
@example((wit.Option(wit.BYTES), [None, LARGE, b""]))
@example((wit.List(RECORD), [[{"name": "ab\xe9" * n, "data": LARGE[n:]} for n in range(3)]]))
@example(
    (WIDE, [("number", 2**64 - 1), ("data", LARGE), ("both", {"name": "a", "data": LARGE}), ("none", None)])
)
@example((wit.Tuple((wit.F64, WIDE, wit.BYTES)), [(0.5, ("data", LARGE), LARGE), (1.5, ("real", 2.5), b"")]))
@example(
    (wit.List(wit.Tuple((WIDE, wit.U8))), [[(("data", LARGE), 1), (("real", 2.5), 2), (("data", b""), 3)]])
)
@example(
    (
        wit.Result(wit.List(wit.List(wit.BYTES)), wit.BYTES),
        [wit.Ok([[LARGE], [], [b"", LARGE]]), wit.Err(LARGE)],
    )
)
@example((MANY, [{f"f{n}": LARGE[n:] for n in range(20)}]))
@example((wit.Result(wit.BYTES, wit.Own(THING)), [wit.Ok(b"\x90"), wit.Err(Thing()), wit.Ok(b"")]))
def test_what_crosses_is_the_same_with_the_lane_and_without(typed: tuple[wit.Type, list[Any]]) -> None:
    type, sent = typed
    assert set(find_lane(decode(wasm(echo_component(type)))).exports) == {("", "echo")}
    found = [asyncio.run(echoed(type, sent, lane=lane)) for lane in (False, True)]
    for seen, back, _ in found:
        assert len(seen) == len(back) == len(sent)
        for value, inside, returned in zip(sent, seen, back, strict=True):
            assert same(value, inside), (value, inside)
            assert same(value, returned), (value, returned)
    assert found[0][2] == found[1][2], "handles go the same way"


@pytest.mark.parametrize("data", [bytearray(b"a\xffc"), memoryview(b"a\xffc"), memoryview(b"aX\xffXcX")[::2]])
def test_bytes_like_objects_are_bytes(data: Any) -> None:
    _, back, _ = asyncio.run(echoed(wit.BYTES, [data], lane=True))
    assert back == [b"a\xffc"]


# -- Handles, limits, traps --

# Its functions take and give bytes beside handles, and many parameters, which go through memory.
_MANY = [f"p{n}" for n in range(20)]
GUEST = f"""(component
  (import "{HOST}" (instance $h
    (export "thing" (type $thing (sub resource)))
    (export "[constructor]thing" (func (param "name" (list u8)) (result (own $thing))))
    (export "[method]thing.put" (func (param "self" (borrow $thing)) (param "other" (borrow $thing))
      (param "data" (list u8)) (result u32)))
    (export "many" (func (param "data" (list u8)) {
    " ".join(f'(param "{p}" u32)' for p in _MANY)
} (param "thing" (borrow $thing)) (result u32)))
    (export "nested" (func (param "data" (list u8)) (param "things" (list (borrow $thing)))))
    (export "plain" (func (param "n" u32) (result u32)))
    (export "lists" (func (param "data" (list (list u8))) (result u32)))
    (export "get" (func (param "n" u32) (result (list u8))))))
  (alias export $h "thing" (type $thing))
  {ALLOCATOR}
  (core func $new (canon lower (func $h "[constructor]thing") (memory (core memory $libc "memory"))))
  (core func $put (canon lower (func $h "[method]thing.put") (memory (core memory $libc "memory"))))
  (core func $many (canon lower (func $h "many") (memory (core memory $libc "memory"))))
  (core func $plain (canon lower (func $h "plain")))
  (core func $lists (canon lower (func $h "lists") (memory (core memory $libc "memory"))))
  (core func $get (canon lower (func $h "get") (memory (core memory $libc "memory"))
    (realloc (core func $libc "realloc"))))
  (core func $drop (canon resource.drop $thing))
  (core module $m
    (import "h" "new" (func $new (param i32 i32) (result i32)))
    (import "h" "put" (func $put (param i32 i32 i32 i32) (result i32)))
    (import "h" "many" (func $many (param i32) (result i32)))
    (import "h" "plain" (func $plain (param i32) (result i32)))
    (import "h" "lists" (func $lists (param i32 i32) (result i32)))
    (import "h" "get" (func $get (param i32 i32)))
    (import "h" "drop" (func $drop (param i32)))
    (import "h" "reset" (func $reset))
    (import "libc" "memory" (memory 1))
    (data (i32.const 512) "name\\ff")
    (func (export "handles") (param $n i32) (result i32) (local $a i32) (local $b i32) (local $sum i32)
      (local.set $a (call $new (i32.const 512) (i32.const 5)))
      (local.set $b (call $new (i32.const 513) (i32.const 3)))
      (loop $more
        (local.set $sum (i32.add (local.get $sum)
          (call $put (local.get $a) (local.get $b) (i32.const 513) (i32.const 4))))
        (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (i32.store (i32.const 256) (i32.const 512)) (i32.store (i32.const 260) (i32.const 5))
      (i32.store (i32.const 264) (i32.const 7)) (i32.store (i32.const 344) (local.get $a))
      (local.set $sum (i32.add (local.get $sum) (call $many (i32.const 256))))
      (call $drop (local.get $b)) (call $drop (local.get $a))
      (call $plain (local.get $sum)))
    (func (export "stale") (param i32) (result i32)
      (call $put (local.get 0) (local.get 0) (i32.const 512) (i32.const 4)))
    (func (export "outside") (param i32) (result i32)
      (drop (call $new (i32.const 512) (local.get 0))) (i32.const 0))
    ;; A list of the same 256 KiB over and over.
    (func (export "lists") (param $n i32) (result i32) (local $i i32)
      (loop $more
        (i32.store offset=1024 (i32.mul (local.get $i) (i32.const 8)) (i32.const 65536))
        (i32.store offset=1028 (i32.mul (local.get $i) (i32.const 8)) (i32.const 262144))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $more (i32.lt_u (local.get $i) (local.get $n))))
      (call $lists (i32.const 1024) (local.get $n)))
    (func (export "get") (param i32) (result i32)
      (call $get (local.get 0) (i32.const 8)) (call $reset) (i32.load (i32.const 12))))
  (core instance $i (instantiate $m (with "libc" (instance $libc)) (with "h" (instance
    (export "new" (func $new)) (export "put" (func $put)) (export "many" (func $many))
    (export "plain" (func $plain)) (export "lists" (func $lists)) (export "get" (func $get))
    (export "drop" (func $drop)) (export "reset" (func $libc "reset"))))))
  {
    " ".join(
        f'(func (export "{label}") (param "n" u32) (result u32) (canon lift (core func $i "{label}")))'
        for label in ("handles", "stale", "outside", "lists", "get")
    )
}
)"""
_SELF = ("self", wit.Borrow(THING))


def _function(*params: tuple[str, wit.Type], result: wit.Type | None = wit.U32) -> wit.Function:
    return wit.Function(tuple(wit.Param(*each) for each in params), result)


def serving(**replaced: Callable[..., Any]) -> Mapping[str, tuple[wit.Function, Callable[..., Any]]]:
    def put(store: Any, self: Any, other: Any, data: bytes) -> int:
        assert (self, other, data) == (b"name\xff", b"ame", b"ame\xff")
        return len(data)

    def many(store: Any, data: bytes, *rest: Any) -> int:
        assert (data, rest[0], rest[-1]) == (b"name\xff", 7, b"name\xff")
        return 1000

    calls: dict[str, Callable[..., Any]] = {
        "new": lambda store, name: name,
        "put": put,
        "many": many,
        "plain": lambda store, n: n,
        "nested": lambda store, data, things: None,
        "lists": lambda store, data: sum(map(len, data)),
        "get": lambda store, n: b"\x80" * n,
        **replaced,
    }
    put_type = _function(_SELF, ("other", wit.Borrow(THING)), ("data", wit.BYTES))
    many_type = _function(("data", wit.BYTES), *((p, wit.U32) for p in _MANY), ("thing", wit.Borrow(THING)))
    nested = _function(("data", wit.BYTES), ("things", wit.List(wit.Borrow(THING))), result=None)
    types = {
        "[constructor]thing": ("new", _function(("name", wit.BYTES), result=wit.Own(THING))),
        "[method]thing.put": ("put", put_type),
        "many": ("many", many_type),
        "nested": ("nested", nested),
        "plain": ("plain", _function(("n", wit.U32))),
        "lists": ("lists", _function(("data", wit.List(wit.BYTES)))),
        "get": ("get", _function(("n", wit.U32), result=wit.BYTES)),
    }
    return {label: (type, calls[name]) for label, (name, type) in types.items()}


def in_guest(what: Callable[[Guest], Any], *, lane: bool, **changed: Any) -> Any:
    """Return what is done with a running guest."""

    async def main() -> Any:
        replaced = {name: changed.pop(name) for name in list(changed) if callable(changed[name])}
        resources = {"thing": THING}
        async with running(GUEST, serving(**replaced), resources=resources, lane=lane, **changed) as guest:
            return await what(guest)

    return asyncio.run(main())


def test_the_guest_has_a_lane() -> None:
    binary = wasm(GUEST)
    component = decode(binary)
    wrapped = wrap(binary, component, lane=True)
    taken = {"[constructor]thing", "[method]thing.put", "many", "lists", "get"}
    assert {label for _, label in wrapped.lane.imports} == taken
    assert wrapped.lane.refused == {
        (HOST, "nested"): "its parameter 'things' lends handles inside of a value"
    }
    assert wrapped.lane.exports == {}
    assert wrapped.lane.sides == 1
    assert binary in wrapped.binary
    outer = decode(wrapped.binary)
    assert list(outer.exports.items()) == list(component.exports.items())
    assert set(outer.imports) == {*component.imports, LANE}


@SIDES
def test_handles_are_lent_and_given_back(lane: bool) -> None:
    async def handles(guest: Guest) -> Any:
        assert await guest.run(3, "handles") == 3 * 4 + 1000
        assert not guest.slots.live
        return guest.slots.log

    log = in_guest(handles, lane=lane)
    assert [what for what, _ in log] == ["borrow out"] * 7 + ["dropped"] * 2


@SIDES
def test_a_handle_that_the_guest_does_not_have_traps_it(lane: bool) -> None:
    async def stale(guest: Guest) -> Any:
        with pytest.raises(Trap, match="unknown handle index 7"):
            await guest.run(7, "stale")
        with pytest.raises(InstanceEnded):
            await guest.run(1, "handles")

    in_guest(stale, lane=lane)


@SIDES
def test_bytes_outside_of_the_guests_memory_trap_it(lane: bool) -> None:
    async def outside(guest: Guest) -> Any:
        with pytest.raises(Trap, match=r"out.of.bounds"):
            await guest.run(0x7FFF_FFFF, "outside")
        with pytest.raises(InstanceEnded):
            await guest.run(1, "handles")

    in_guest(outside, lane=lane)


class BrokenError(Exception):
    """What a capability raises, and no type carries."""


@SIDES
@pytest.mark.parametrize("late", [False, True], ids=["at once", "later"])
def test_a_capability_that_fails_ends_the_instance(lane: bool, late: bool) -> None:
    async def put(store: Any, *arguments: Any) -> int:
        if late:
            await asyncio.sleep(0)
        raise BrokenError

    async def handles(guest: Guest) -> Any:
        with pytest.raises(BrokenError):
            await guest.run(1, "handles")
        with pytest.raises(InstanceEnded):
            await guest.run(1, "handles")
        assert guest.slots.ends == [guest.store.ended]

    in_guest(handles, lane=lane, put=put)


@SIDES
def test_more_than_may_cross_at_once_ends_the_instance(lane: bool) -> None:
    async def lists(guest: Guest) -> Any:
        assert await guest.run(4, "lists") == 4 * 262144
        with pytest.raises(LimitExceeded, match="Mend: pass it in parts") as caught:
            await guest.run(300, "lists")
        assert caught.value.limit is Limit.ARGUMENTS
        assert guest.slots.ends == [guest.store.ended]

    in_guest(lists, lane=lane)


def test_with_the_lane_more_crosses_but_no_more_than_the_guests_memory() -> None:
    async def lists(guest: Guest) -> Any:
        assert await guest.run(15, "lists") == 15 * 262144
        with pytest.raises(LimitExceeded, match="more bytes than the 4194304 that may"):
            await guest.run(17, "lists")

    in_guest(lists, lane=True, memory=4 << 20)


@SIDES
def test_memory_is_used_again_from_call_to_call(lane: bool) -> None:
    async def get(guest: Guest) -> Any:
        for _ in range(40):
            assert await guest.run(1 << 17, "get") == 1 << 17

    in_guest(get, lane=lane, memory=1 << 20)


def test_what_carries_bytes_is_not_counted_as_the_guests() -> None:
    text = f"""(component
      (import "{HOST}" (instance $h (export "put" (func (param "data" (list u8))))))
      (core module $libc (memory (export "memory") 1) (memory 1))
      (core instance $libc (instantiate $libc))
      (core func $put (canon lower (func $h "put") (memory (core memory $libc "memory")))))"""
    put = {"put": (wit.Function((wit.Param("data", wit.BYTES),), None), lambda store, data: None)}

    async def main(memories: int, instances: int) -> None:
        async with running(text, put, lane=True, memories=memories, instances=instances):
            pass

    asyncio.run(main(2, 1))
    with pytest.raises(LimitExceeded, match="has 2 memories, more than its limit of 1"):
        asyncio.run(main(1, 1))


@SIDES
def test_a_guest_has_all_the_core_instances_of_its_limit(lane: bool) -> None:
    function = echo_function(wit.BYTES)
    echo = {"echo": (function, lambda store, data: data)}

    async def main(instances: int) -> bytes:
        resources = {"thing": THING}
        text = echo_component(wit.BYTES)
        async with running(text, echo, resources=resources, lane=lane, instances=instances) as guest:
            got: bytes = await guest.call("echo", function, b"\xff" * 2000)
            return got

    assert asyncio.run(main(2)) == b"\xff" * 2000
    with pytest.raises(LimitExceeded, match="made of 2 core instances: its limit is 1"):
        asyncio.run(main(1))


def test_a_guests_own_function_of_the_lanes_name_means_nothing_without_a_lane() -> None:
    text = f"""(component
      (core module $m (func $trap (@name "{NO_ROOM}") unreachable)
        (func (export "run") (param i32) (result i32) (call $trap) (i32.const 0)))
      (core instance $i (instantiate $m))
      (func (export "run") (param "n" u32) (result u32) (canon lift (core func $i "run"))))"""

    async def main() -> None:
        async with running(text, lane=True) as guest:
            with pytest.raises(Trap, match="unreachable") as caught:
                await guest.run()
            assert NO_ROOM in caught.value.backtrace

    asyncio.run(main())


@SIDES
@pytest.mark.parametrize("room", [1 << 20, 1 << 23], ids=["for the bytes alone", "for hexadecimal"])
def test_many_bytes_cross_whether_there_is_much_room_or_little(lane: bool, room: int) -> None:
    given: list[bytes] = []

    async def outside(guest: Guest) -> Any:
        for size in (511, 512, 513, 4097, 500_000):
            await guest.run(size, "outside")
            assert given.pop() == (b"name\xff" + bytes(size))[:size]

    in_guest(outside, lane=lane, memory=room, new=lambda store, name: given.append(name))


def test_bytes_that_would_fill_the_memory_as_hexadecimal_leave_room_for_the_result() -> None:
    room = 1 << 22
    function = wit.Function((wit.Param("data", wit.Option(wit.BYTES)),), wit.BYTES)
    text = f"""(component
      (import "{HOST}" (instance $h
        (export "swap" (func (param "data" (option (list u8))) (result (list u8))))))
      {ALLOCATOR}
      (core func $swap (canon lower (func $h "swap")
        (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
      (core module $m
        (import "h" "swap" (func $swap (param i32 i32 i32 i32))) (import "libc" "memory" (memory 1))
        (func (export "run") (param $size i32) (result i32)
          (drop (memory.grow (i32.const 40)))
          (memory.fill (i32.const 65536) (i32.const 200) (local.get $size))
          (call $swap (i32.const 1) (i32.const 65536) (local.get $size) (i32.const 8))
          (i32.load (i32.const 12))))
      (core instance $i (instantiate $m
        (with "libc" (instance $libc)) (with "h" (instance (export "swap" (func $swap))))))
      (func (export "run") (param "n" u32) (result u32) (canon lift (core func $i "run"))))"""
    swap = {"swap": (function, lambda store, data: b"\x80" * (len(data) // 5))}

    async def main() -> None:
        async with running(text, swap, lane=True, memory=room, memories=1) as guest:
            for share in (0.1, 0.16, 0.17, 0.25, 0.31, 0.32, 0.33, 0.34, 0.5):
                assert await guest.run(int(room * share)) == int(room * share) // 5

    asyncio.run(main())


def test_what_carrying_bytes_costs_is_the_guests_fuel() -> None:
    async def lists(guest: Guest) -> Any:
        before = guest.store.fuel.left
        assert await guest.run(2, "lists") == 2 * 262144
        assert 2 * 262144 < before - guest.store.fuel.left < 20 * 2 * 262144
        with pytest.raises(LimitExceeded, match="used up its fuel"):
            await guest.run(4, "lists")
        assert guest.slots.ends == [guest.store.ended]

    in_guest(lists, lane=True, fuel=20_000_000)


@SIDES
@pytest.mark.parametrize("why", ["too long", "cancelled", "closed"])
def test_a_call_that_ends_while_a_capability_waits_ends_the_instance(lane: bool, why: str) -> None:
    waiting = asyncio.Event()

    async def put(store: Any, *arguments: Any) -> int:
        waiting.set()
        await asyncio.sleep(60)
        return 4

    async def handles(guest: Guest) -> Any:
        call = asyncio.ensure_future(guest.run(1, "handles"))
        await waiting.wait()
        if why == "cancelled":
            call.cancel()
        elif why == "closed":
            await guest.store.close()
        with pytest.raises((LimitExceeded, InstanceEnded, asyncio.CancelledError)):
            await call
        with pytest.raises(InstanceEnded):
            await guest.run(1, "handles")
        assert guest.slots.ends == [guest.store.ended]
        return guest.slots.live

    live = in_guest(handles, lane=lane, put=put, wall=0.2 if why == "too long" else None)
    assert sorted(live.values()) == [b"ame", b"name\xff"], "the owner releases what the guest held"


# -- Exports --

BOXES = "test:boxes/boxes"
BOX = wit.Resource(BOXES, "box", guest=True)
OBJECTS = f"""(component
  (import "{HOST}" (instance $h (export "thing" (type $thing (sub resource)))
    (export "name" (func (param "thing" (borrow $thing)) (result (list u8))))))
  (alias export $h "thing" (type $thing))
  {ALLOCATOR}
  (type $box (resource (rep i32)))
  (core func $name (canon lower (func $h "name") (memory (core memory $libc "memory"))
    (realloc (core func $libc "realloc"))))
  (core func $lost (canon resource.drop $thing))
  (core func $new (canon resource.new $box))
  (core func $rep (canon resource.rep $box))
  (core func $drop (canon resource.drop $box))
  (core module $m
    (import "h" "name" (func $name (param i32 i32)))
    (import "h" "lost" (func $lost (param i32)))
    (import "h" "new" (func $new (param i32) (result i32)))
    (import "h" "rep" (func $rep (param i32) (result i32)))
    (import "h" "drop" (func $drop (param i32)))
    (import "libc" "memory" (memory 1))
    (import "libc" "realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))
    ;; A box is the address of where its bytes are, and how many.
    (func (export "new") (param i32 i32) (result i32) (local $at i32)
      (local.set $at (call $realloc (i32.const 0) (i32.const 0) (i32.const 4) (i32.const 8)))
      (i32.store (local.get $at) (local.get 0)) (i32.store offset=4 (local.get $at) (local.get 1))
      (call $new (local.get $at)))
    (func (export "swap") (param $box i32) (param i32 i32) (result i32)
      (i64.store (i32.const 1024) (i64.load (local.get $box)))
      (i32.store (local.get $box) (local.get 1)) (i32.store offset=4 (local.get $box) (local.get 2))
      (i32.const 1024))
    (func (export "open") (param $box i32) (result i32)
      (i64.store (i32.const 1024) (i64.load (call $rep (local.get $box))))
      (call $drop (local.get $box)) (i32.const 1024))
    ;; The lane of an import inside that of an export.
    (func (export "label") (param i32 i32) (param $thing i32) (result i32)
      (i32.store (i32.const 1032) (local.get 0)) (i32.store (i32.const 1036) (local.get 1))
      (call $name (local.get $thing) (i32.const 1024)) (call $lost (local.get $thing))
      (i32.const 1024)))
  (core instance $i (instantiate $m (with "libc" (instance $libc)) (with "h" (instance
    (export "new" (func $new)) (export "rep" (func $rep)) (export "drop" (func $drop))
    (export "name" (func $name)) (export "lost" (func $lost))))))
  (func $make (param "data" (list u8)) (result (own $box)) (canon lift (core func $i "new")
    (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (func $swap (param "self" (borrow $box)) (param "data" (list u8)) (result (list u8))
    (canon lift (core func $i "swap")
      (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (func $open (param "box" (own $box)) (result (list u8)) (canon lift (core func $i "open")
    (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (func $label (param "data" (list u8)) (param "thing" (borrow $thing)) (result (tuple (list u8) (list u8)))
    (canon lift (core func $i "label")
      (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (component $boxes
    (import "box" (type $box (sub resource))) (import "thing" (type $thing (sub resource)))
    (import "make" (func $make (param "data" (list u8)) (result (own $box))))
    (import "swap" (func $swap (param "self" (borrow $box)) (param "data" (list u8)) (result (list u8))))
    (import "open" (func $open (param "box" (own $box)) (result (list u8))))
    (import "label" (func $label (param "data" (list u8)) (param "thing" (borrow $thing))
      (result (tuple (list u8) (list u8)))))
    (export $out "box" (type $box))
    (export "[constructor]box" (func $make) (func (param "data" (list u8)) (result (own $out))))
    (export "[method]box.swap" (func $swap)
      (func (param "self" (borrow $out)) (param "data" (list u8)) (result (list u8))))
    (export "open" (func $open) (func (param "box" (own $out)) (result (list u8))))
    (export "label" (func $label)))
  (instance $boxes (instantiate $boxes (with "box" (type $box)) (with "thing" (type $thing))
    (with "make" (func $make)) (with "swap" (func $swap)) (with "open" (func $open))
    (with "label" (func $label))))
  (export "{BOXES}" (instance $boxes)))"""


@SIDES
def test_the_guests_own_objects_take_and_give_bytes(lane: bool) -> None:
    names = {"name": (_function(("thing", wit.Borrow(THING)), result=wit.BYTES), lambda store, thing: thing)}

    async def main() -> None:
        async with running(OBJECTS, names, resources={"thing": THING}, lane=lane) as guest:
            linked = guest.instance.linked

            async def call(label: str, type: wit.Function, *arguments: Any) -> Any:
                return await guest.instance.call(linked.export(BOXES, label, type), *arguments)

            make = _function(("data", wit.BYTES), result=wit.Own(BOX))
            swap = _function(("self", wit.Borrow(BOX)), ("data", wit.BYTES), result=wit.BYTES)
            label = _function(
                ("data", wit.BYTES), ("thing", wit.Borrow(THING)), result=wit.Tuple((wit.BYTES, wit.BYTES))
            )
            one, two = [await call("[constructor]box", make, data) for data in (b"\xffone", b"")]
            assert await call("[method]box.swap", swap, one, b"\x80" * 70_000) == b"\xffone"
            assert await call("[method]box.swap", swap, two, b"two") == b""
            assert await call("label", label, b"\xfe", b"\x90name") == (b"\x90name", b"\xfe")
            assert (
                await call("open", _function(("box", wit.Own(BOX)), result=wit.BYTES), one)
                == b"\x80" * 70_000
            )
            drop = linked.export(DROPS, "drop0", _function(("handle", wit.Own(BOX)), result=None))
            await guest.instance.call(drop, two)
            assert not guest.slots.live

    asyncio.run(main())
    lane_of = find_lane(decode(wasm(OBJECTS)))
    assert [len(each) for each in lane_of] == [1, 4, 0]


# -- Many --


def test_instances_keep_no_mappings_for_bytes_that_they_may_never_carry(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    function = echo_function(wit.BYTES)
    begun_with = mappings.count_mappings()
    most = round((begun_with + 1_500) / 0.94)
    monkeypatch.setattr(mappings, "process", mappings.Mappings(most))

    async def main() -> None:
        runtime, guests = Runtime(), []
        try:
            binary = wasm(echo_component(wit.BYTES))
            wrapped = wrap(binary, decode(binary), lane=True)
            assert wrapped.lane.sides == 2
            compiled = await Compiler(runtime, None).compile(wrapped.binary, "guest")
            echo = {"echo": (function, lambda store, data: data)}
            linked = link(runtime, compiled, echo, resources={"thing": THING}, lane=wrapped.lane)
            while mappings.process.take(pooled=False):
                guests.append(await instantiate(linked, lanes=wrapped.lane.sides))
            # A memory and what it may grow by, a stack: 10,000 have 60,000 of the 61,600 that they may.
            assert len(guests) > (0.94 * most - begun_with) / 6
            carried = 0
            for guest in guests:
                try:
                    assert await guest.call("echo", function, b"\xff" * 5000) == b"\xff" * 5000
                except LimitExceeded as error:
                    assert (error.limit, guest.store.ended) == (Limit.INSTANCES, error)
                    assert "max_map_count" in str(error)
                    break
                carried += 1
                assert mappings.count_mappings() < most
            assert 0 < carried < len(guests) - 1
            for guest in guests[carried + 1 : carried + 9]:  # they give back all that was owed to them
                await guest.store.close()
                mappings.process.give()
            assert await guests[-1].call("echo", function, b"\xff") == b"\xff"
        finally:
            for guest in guests:
                await guest.store.close()
            runtime.close()

    asyncio.run(main())
