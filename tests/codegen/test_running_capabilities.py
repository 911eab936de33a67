"""Capabilities in lists, structs and unions, null ones, and streams, as a guest meets them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from capwit.bridge import ConversionError, Host

from tests.codegen.support import case, scenario
from tests.engine.support import ALLOCATOR
from tests.support.components import ERROR_IMPORTS, wat

KEEPER = f"""
  {ERROR_IMPORTS}
  (import "case:capabilities/schema@0.1.0" (instance $s
    (export "cap-error" (type $error (eq $cap-error)))
    (export "door" (type $door (sub resource)))
    (export "key" (type $key (sub resource)))
    (type $resultsx (record (field "doors" (list (own $door))) (field "first" (own $key))))
    (export "door-all-results" (type $results (eq $resultsx)))
    (type $whichx (variant (case "locked" (option (own $key))) (case "open")))
    (export "key-ring-which" (type $which (eq $whichx)))
    (type $ringx (record (field "main" (own $key)) (field "spare" (option (own $key)))
      (field "others" (list (list (own $key)))) (field "which" $which)))
    (export "key-ring" (type $ring (eq $ringx)))
    (export "[method]door.lend" (func (param "self" (borrow $door)) (param "key" (borrow $key))
      (result (result (error $error)))))
    (export "[method]door.give" (func (param "self" (borrow $door)) (param "key" (own $key))
      (result (result (error $error)))))
    (export "[method]door.all" (func (param "self" (borrow $door)) (result (result $results (error $error)))))
    (export "[method]door.store" (func (param "self" (borrow $door)) (param "keys" (list (own $key)))
      (result (result $ring (error $error)))))))
  (alias export $s "door" (type $door))
  (alias export $s "key" (type $key))
  {ALLOCATOR}
  (core func $lend (canon lower (func $s "[method]door.lend") (memory (core memory $libc "memory"))
    (realloc (core func $libc "realloc"))))
  (core func $give (canon lower (func $s "[method]door.give") (memory (core memory $libc "memory"))
    (realloc (core func $libc "realloc"))))
  (core func $all (canon lower (func $s "[method]door.all") (memory (core memory $libc "memory"))
    (realloc (core func $libc "realloc"))))
  (core func $store (canon lower (func $s "[method]door.store") (memory (core memory $libc "memory"))
    (realloc (core func $libc "realloc"))))
  (core func $drop (canon resource.drop $key))
  (core module $m
    (import "l" "memory" (memory 1))
    (import "h" "lend" (func $lend (param i32 i32 i32)))
    (import "h" "give" (func $give (param i32 i32 i32)))
    (import "h" "all" (func $all (param i32 i32)))
    (import "h" "store" (func $store (param i32 i32 i32 i32)))
    (import "h" "drop" (func $drop (param i32)))
    ;; asks the door for all doors and a key, lends the key, stores it with another door's, gives one back;
    ;; tells how the ring looks: spare, others, the list in it, which member, and whether it holds a key
    (func (export "run") (param $door i32) (result i32) (local $key i32)
      (call $all (local.get $door) (i32.const 16))
      (local.set $key (i32.load (i32.const 28)))
      (call $lend (local.get $door) (local.get $key) (i32.const 200))
      (call $all (i32.load (i32.load (i32.const 20))) (i32.const 32))
      (i32.store (i32.const 512) (local.get $key))
      (i32.store (i32.const 516) (i32.load (i32.const 44)))
      (call $store (local.get $door) (i32.const 512) (i32.const 2) (i32.const 64))
      (if (i32.load8_u (i32.const 64)) (then (return (i32.const 99999))))
      (call $give (local.get $door) (i32.load (i32.const 68)) (i32.const 200))
      (i32.add
        (i32.add (i32.load8_u (i32.const 72)) (i32.mul (i32.load (i32.const 84)) (i32.const 10)))
        (i32.add (i32.mul (i32.load offset=4 (i32.load (i32.const 80))) (i32.const 100))
          (i32.add (i32.mul (i32.load8_u (i32.const 88)) (i32.const 1000))
            (i32.mul (i32.load8_u (i32.const 92)) (i32.const 10000)))))))
  (core instance $i (instantiate $m (with "l" (instance $libc)) (with "h" (instance
    (export "lend" (func $lend)) (export "give" (func $give)) (export "all" (func $all))
    (export "store" (func $store)) (export "drop" (func $drop))))))
  (func (export "run") (param "door" (own $door)) (result u32) (canon lift (core func $i "run")))
"""


class Key: ...


class Door:
    """A door that hands out itself, keys and rings, and notes what it gets."""

    def __init__(self, ring: Any) -> None:
        self.keys = [Key(), Key()]
        self.handed = iter(self.keys)
        self.ring = ring
        self.noted: list[tuple[str, list[object]]] = []

    def note(self, what: str, *clients: Any) -> None:
        self.noted.append((what, [client.local(Key) for client in clients]))

    def open(self) -> Any: ...

    def lend(self, key: Any) -> None:
        self.note("lend", key)

    def give(self, key: Any) -> None:
        self.note("give", key)

    def all(self) -> Any:
        m = case("capabilities")
        return m.DoorAllResults([self, self], next(self.handed))

    def store(self, keys: Any) -> Any:
        self.note("store", *keys)
        return self.ring(keys)


def full(keys: Any) -> Any:
    m = case("capabilities")
    return m.KeyRing(keys[1], keys[0], [[Key()], []], m.KeyRingWhichLocked(Key()))


def bare(keys: Any) -> Any:
    m = case("capabilities")
    return m.KeyRing(Key(), None, [[]], m.KeyRingWhichLocked(None))


def unlocked(keys: Any) -> Any:
    m = case("capabilities")
    return m.KeyRing(Key(), keys[0], [[Key(), Key(), Key()]], m.KeyRingWhichOpen())


@pytest.mark.parametrize(("ring", "shape", "handles"), [(full, 10121, 7), (bare, 10, 4), (unlocked, 1311, 8)])
@scenario
async def test_they_cross_in_lists_structs_and_unions(ring: Any, shape: int, handles: int) -> None:
    m = case("capabilities")
    door = Door(ring)
    async with Host() as host:
        app = await host.load(wat(KEEPER), m.BINDINGS)
        async with app.instantiate() as instance:
            assert await instance.call("run", m.DoorClient(door)) == shape
            # The door itself, twice two doors, and what of the ring was not given back.
            assert instance.handles == 5 + handles - 4
        first, second = door.keys
        assert door.noted[:2] == [("lend", [first]), ("store", [first, second])]
        assert [what for what, _ in door.noted] == ["lend", "store", "give"]
        if ring is full:
            assert door.noted[2] == ("give", [second])  # it has come home
    assert host.ledger.balance == 0


@scenario
async def test_a_ring_without_its_main_key_does_not_cross() -> None:
    m = case("capabilities")
    door = Door(lambda keys: m.KeyRing(None, None, [], m.KeyRingWhichOpen()))
    async with Host() as host:
        app = await host.load(wat(KEEPER), m.BINDINGS)
        async with app.instantiate() as instance:
            with pytest.raises(ConversionError, match=r"NoneType is not a .*\.key: a null is no"):
                await instance.call("run", m.DoorClient(door))
    assert host.ledger.balance == 0


SENDER = f"""
  {ERROR_IMPORTS}
  (import "case:streaming/schema@0.1.0" (instance $s
    (export "cap-error" (type $error (eq $cap-error)))
    (export "sink" (type $sink (sub resource)))
    (export "[method]sink.write" (func (param "self" (borrow $sink)) (param "chunk" (list u8))
      (result (result (error $error)))))
    (export "[method]sink.end" (func (param "self" (borrow $sink)) (result (result (error $error)))))))
  (alias export $s "sink" (type $sink))
  {ALLOCATOR}
  (core func $write (canon lower (func $s "[method]sink.write") (memory (core memory $libc "memory"))
    (realloc (core func $libc "realloc"))))
  (core func $end (canon lower (func $s "[method]sink.end") (memory (core memory $libc "memory"))
    (realloc (core func $libc "realloc"))))
  (core module $m
    (import "l" "memory" (memory 1))
    (import "h" "write" (func $write (param i32 i32 i32 i32)))
    (import "h" "end" (func $end (param i32 i32)))
    ;; writes 1, 2, 3, ... bytes until it is told to stop; how many chunks went through
    (func (export "run") (param $sink i32) (param $most i32) (result i32) (local $sent i32)
      (block $done (loop $more
        (br_if $done (i32.eq (local.get $sent) (local.get $most)))
        (call $write (local.get $sink) (i32.const 0) (i32.add (local.get $sent) (i32.const 1)) (i32.const 16))
        (br_if $done (i32.load8_u (i32.const 16)))
        (local.set $sent (i32.add (local.get $sent) (i32.const 1)))
        (br $more)))
      (call $end (local.get $sink) (i32.const 16))
      (local.get $sent)))
  (core instance $i (instantiate $m (with "l" (instance $libc))
    (with "h" (instance (export "write" (func $write)) (export "end" (func $end))))))
  (func (export "run") (param "sink" (own $sink)) (param "most" u32) (result u32)
    (canon lift (core func $i "run")))
"""


class Sink:
    """Takes chunks, one at a time, until it is full."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.taken: list[int] = []
        self.ended = False

    async def write(self, chunk: bytes) -> None:
        await asyncio.sleep(0)
        if len(self.taken) == self.room:
            raise NotImplementedError
        self.taken.append(len(chunk))

    def end(self) -> None:
        self.ended = True


@pytest.mark.parametrize(("room", "sent"), [(100, 20), (7, 7)])
@scenario
async def test_a_stream_waits_for_whoever_reads_it(room: int, sent: int) -> None:
    m = case("streaming")
    sink = Sink(room)
    async with Host() as host:
        app = await host.load(wat(SENDER), m.BINDINGS)
        async with app.instantiate() as instance:
            assert await instance.call("run", m.SinkClient(sink), 20) == sent
    assert sink.taken == list(range(1, sent + 1))
    assert sink.ended
    assert host.ledger.balance == 0
