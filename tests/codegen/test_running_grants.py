"""Grants that hold capabilities inside of values: each one that a guest is handed is a new reference."""

from __future__ import annotations

from typing import Any

import pytest
from capwit.bridge import Event, GrantError, Host

from tests.codegen.support import case, scenario
from tests.engine.support import ALLOCATOR
from tests.support.components import ERROR_IMPORTS, wat

UNION = f"""
  {ERROR_IMPORTS}
  (import "case:grants-union/schema@0.1.0" (instance $s
    (export "cap-error" (type $error (eq $cap-error)))
    (export "door" (type $door (sub resource)))
    (export "key" (type $key (sub resource)))
    (type $ringx (record (field "main" (own $key)) (field "spare" (option (own $key)))))
    (export "ring" (type $ring (eq $ringx)))
    (type $whichx (variant (case "door" (own $door)) (case "word" string) (case "doors" (list (own $door)))
      (case "perhaps" (option (own $key))) (case "nothing")))
    (export "grants-which" (type $which (eq $whichx)))
    (export "[method]door.open" (func (param "self" (borrow $door)) (result (result (error $error)))))))
  (alias export $s "key" (type $key))
  (alias export $s "ring" (type $ring))
  (alias export $s "grants-which" (type $which))
  (import "case:grants-union/app-grants@0.1.0" (instance $g
    (export "key" (type $key2 (eq $key)))
    (export "ring" (type $ring2 (eq $ring)))
    (export "grants-which" (type $which2 (eq $which)))
    (export "get-which" (func (result $which2)))
    (export "get-ring" (func (result $ring2)))
    (export "get-keys" (func (result (option (list (list (own $key2)))))))))
  {ALLOCATOR}
  (core func $which (canon lower (func $g "get-which") (memory (core memory $libc "memory"))
    (realloc (core func $libc "realloc"))))
  (core func $ring (canon lower (func $g "get-ring") (memory (core memory $libc "memory"))))
  (core func $keys (canon lower (func $g "get-keys") (memory (core memory $libc "memory"))
    (realloc (core func $libc "realloc"))))
  (core func $open (canon lower (func $s "[method]door.open") (memory (core memory $libc "memory"))
    (realloc (core func $libc "realloc"))))
  (core module $m
    (import "l" "memory" (memory 1))
    (import "h" "which" (func $which (param i32)))
    (import "h" "ring" (func $ring (param i32)))
    (import "h" "keys" (func $keys (param i32)))
    (import "h" "open" (func $open (param i32 i32)))
    ;; which member is set, after every door that came with it has been opened
    (func (export "which") (result i32) (local $at i32) (local $left i32)
      (call $which (i32.const 16))
      (if (i32.eqz (i32.load8_u (i32.const 16)))
        (then (call $open (i32.load (i32.const 20)) (i32.const 64))))
      (if (i32.eq (i32.load8_u (i32.const 16)) (i32.const 2)) (then
        (local.set $at (i32.load (i32.const 20)))
        (local.set $left (i32.load (i32.const 24)))
        (loop $more
          (call $open (i32.load (local.get $at)) (i32.const 64))
          (local.set $at (i32.add (local.get $at) (i32.const 4)))
          (br_if $more (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))))
      (i32.load8_u (i32.const 16)))
    ;; whether there is a spare key, and ten times how many lists of keys there are
    (func (export "rest") (result i32)
      (call $ring (i32.const 16))
      (call $keys (i32.const 32))
      (i32.add (i32.load8_u (i32.const 20)) (i32.mul (i32.load (i32.const 40)) (i32.const 10)))))
  (core instance $i (instantiate $m (with "l" (instance $libc)) (with "h" (instance
    (export "which" (func $which)) (export "ring" (func $ring)) (export "keys" (func $keys))
    (export "open" (func $open))))))
  (func (export "which") (result u32) (canon lift (core func $i "which")))
  (func (export "rest") (result u32) (canon lift (core func $i "rest")))
"""


class Door:
    def __init__(self) -> None:
        self.opened = 0

    def open(self) -> None:
        self.opened += 1


class Key:
    pass


def grants(**given: Any) -> Any:
    m = case("grants-union")
    usual = {
        "before": "",
        "which": m.GrantsWhichNothing(),
        "ring": m.Ring(Key(), None),
        "place": m.GrantsPlace(1, None),
        "way": m.GrantsWayLift(),
    }
    return m.Grants(**{**usual, **given})


class TestUnions:
    @scenario
    async def test_each_call_hands_out_new_references(self) -> None:
        m = case("grants-union")
        door, other = Door(), Door()
        async with Host() as host:
            app = await host.load(wat(UNION), m.BINDINGS)
            client = m.DoorClient(other)
            given = grants(
                which=m.GrantsWhichDoors([door, client]),
                ring=m.Ring(m.KeyClient(Key()), Key()),
                keys=[[Key(), Key()], [], [Key()]],
            )
            async with app.instantiate(given) as instance:
                assert await instance.call("which") == 2
                assert await instance.call("which") == 2
                assert instance.handles == 4
                assert await instance.call("rest") == 31
                assert instance.handles == 9
            assert (door.opened, other.opened) == (2, 2)
            events = [entry.event.value for entry in host.ledger if entry.handle]
            assert events[:9] == ["grant"] * 9
            await client.open()  # what is granted stays with the host
        assert host.ledger.balance == 0

    @scenario
    async def test_each_handle_of_a_grant_tells_what_it_came_through(self) -> None:
        m = case("grants-union")
        doors = [m.DoorClient(Door()).attenuate(name=name) for name in ("left", "right")]
        async with Host() as host:
            app = await host.load(wat(UNION), m.BINDINGS)
            async with app.instantiate(grants(which=m.GrantsWhichDoors(doors))) as instance:
                await instance.call("which")
            causes = [entry.cause for entry in host.ledger if entry.event is Event.GRANT]
        assert causes == ["which through left", "which through right"]

    @pytest.mark.parametrize(
        ("which", "case_number", "handles"),
        [
            (lambda m: m.GrantsWhichDoor(Door()), 0, 1),
            (lambda m: m.GrantsWhichWord("word"), 1, 0),
            (lambda m: m.GrantsWhichPerhaps(Key()), 3, 1),
            (lambda m: m.GrantsWhichPerhaps(None), 3, 0),
            (lambda m: m.GrantsWhichNothing(), 4, 0),
        ],
    )
    @scenario
    async def test_every_member(self, which: Any, case_number: int, handles: int) -> None:
        m = case("grants-union")
        async with Host() as host:
            app = await host.load(wat(UNION), m.BINDINGS)
            async with app.instantiate(grants(which=which(m))) as instance:
                assert await instance.call("which") == case_number
                assert instance.handles == handles
        assert host.ledger.balance == 0

    @pytest.mark.parametrize(
        ("given", "why"),
        [
            (
                lambda m: {"which": None},
                r"get-which is not granted\. Mend: grant `which`$",
            ),
            (
                lambda m: {"which": Door()},
                r"`which` does not fit: which: expected one of GrantsWhichDoor, .*; got Door",
            ),
            (
                lambda m: {"which": m.GrantsWhichDoor(None)},
                r"`which` does not fit: which\.door: it is missing\. Mend: grant a .*\.door there$",
            ),
            (
                lambda m: {"which": m.GrantsWhichDoors([Door(), Key()])},
                r"which\.doors\[1\]: Key is not a .*door: it has no method open$",
            ),
            (
                lambda m: {"ring": m.Ring(Key(), m.DoorClient(Door()))},
                r"ring\.spare: expected a .*key, got a .*door$",
            ),
            (lambda m: {"keys": [[Key()], [None]]}, r"keys\[1\]\[0\]: it is missing"),
        ],
    )
    @scenario
    async def test_what_does_not_fit_is_refused_before_the_guest_runs(self, given: Any, why: str) -> None:
        m = case("grants-union")
        async with Host() as host:
            app = await host.load(wat(UNION), m.BINDINGS)
            with pytest.raises(GrantError, match=why):
                async with app.instantiate(grants(**given(m))):
                    pass
        assert host.ledger.balance == 0
