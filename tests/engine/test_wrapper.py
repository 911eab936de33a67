"""The wrapper: the same component from outside, and one that can drop what it exports."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import wasmtime
from capwit.engine.component import Component, Interface
from capwit.engine.decode import decode
from capwit.engine.errors import LoadError
from capwit.engine.lane import LANE
from capwit.engine.types import Resource
from capwit.engine.wrapper import DROPS, Wrapped, wrap
from wasmtime import component as wc

if TYPE_CHECKING:
    from capwit.engine.component import Extern
    from capwit.engine.lane import Lane

KV_TEXT = (Path(__file__).parent / "components" / "kv.wat").read_text()
KV = bytes(wasmtime.wat2wasm(KV_TEXT))
RUNNER = "demo:kv/app-exports-runner@0.1.0"


def wrapped(binary: bytes) -> Wrapped:
    return wrap(binary, decode(binary))


def assembled(text: str) -> bytes:
    return bytes(wasmtime.wat2wasm(f"(component {text})"))


def uses(component: Component) -> dict[str, object]:
    externs = {**component.imports, **component.exports}
    return {name: item.uses for name, item in externs.items() if isinstance(item, Interface)}


def without(item: Extern, lane: Lane) -> Extern:
    """An import but for what of it takes the lane."""
    if not isinstance(item, Interface):
        return item
    rest = {label: each for label, each in item.functions.items() if (item.name, label) not in lane.imports}
    return Interface(item.name, item.types, rest)


def looks_the_same(binary: bytes, *, lane: bool = False) -> Wrapped:
    """Wrap a component; assert that it compiles, and that nothing but the drops and the lane is new."""
    before = decode(binary)
    result = wrap(binary, before, lane=lane)
    assert lane or not result.lane.sides
    after = decode(result.binary)
    imports, exports = dict(after.imports), dict(after.exports)
    for externs, carried in ((imports, result.lane.imports), (exports, result.lane.exports)):
        instance = externs.pop(LANE, Interface("", {}, {}))
        assert isinstance(instance, Interface)
        assert list(instance.functions) == list(carried.values())
    rest = {name: without(item, result.lane) for name, item in before.imports.items()}
    assert list(imports.items()) == list(rest.items())
    drops = exports.pop(DROPS)
    assert list(exports.items()) == list(before.exports.items())
    assert isinstance(drops, Interface)
    taken = {
        function.params[0].type.resource: name  # type: ignore[union-attr]
        for name, function in drops.functions.items()
    }
    assert taken == result.drops
    assert {name: use for name, use in uses(after).items() if name not in (DROPS, LANE)} == uses(before)
    assert after.uses == before.uses
    with wasmtime.Config() as config, wasmtime.Engine(config) as engine:
        wc.Component(engine, binary).close()
        wc.Component(engine, result.binary).close()
    return result


def test_one_that_exports_no_resource_is_left_as_it_is() -> None:
    binary = assembled('(import "f" (func $f)) (import "r" (type $r (sub resource))) (export "f" (func $f))')
    result = wrapped(binary)
    assert result.binary is binary
    assert result.drops == {}


@pytest.mark.parametrize("lane", [False, True], ids=["plain", "lane"])
def test_a_guest_of_wit_component_looks_the_same(lane: bool) -> None:
    result = looks_the_same(KV, lane=lane)
    assert result.drops == {Resource(RUNNER, "runner", guest=True): "drop0"}
    assert bool(result.lane.imports) == bool(result.lane.exports) == lane


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('(import "m" (core module $m))', "imports 'm', a core module, which nothing can satisfy"),
        (f'(instance $i) (export "{DROPS}" (instance $i))', "exports capwit:bridge/drops@0.1.0 itself"),
        (f'(instance $i) (export "{LANE}" (instance $i))', "has a capwit:bridge/lane@0.1.0 of its own"),
    ],
)
def test_one_that_no_lane_can_serve_is_left_as_it_is_and_says_why(text: str, message: str) -> None:
    binary = assembled(f'(import "i" (instance (export "f" (func (param "x" (list u8)))))) {text}')
    result = wrap(binary, decode(binary), lane=True)
    assert result.binary == binary
    assert not result.lane.sides
    assert message in result.lane.refused["i", "f"]


def test_the_guests_bytes_are_inside_unchanged() -> None:
    assert KV in wrapped(KV).binary


OTHERS = {
    "a resource outside interfaces, and functions of it": """
        (type $r' (resource (rep i32)))
        (core func $new (canon resource.new $r'))
        (core module $m (func (export "f") (param i32) (result i32) unreachable))
        (core instance $m (instantiate $m))
        (export $r "r" (type $r'))
        (type $mode' (enum "a" "b")) (export $mode "mode" (type $mode'))
        (func $make (param "mode" $mode) (result (own $r)) (canon lift (core func $m "f")))
        (export "[constructor]r" (func $make))""",
    "types and resources that the world imports": """
        (import "a:b/c" (instance $i
          (type $t' (record (field "x" u8))) (export "t" (type (eq $t'))) (export "s" (type (sub resource)))))
        (alias export $i "t" (type $t)) (alias export $i "s" (type $s))
        (import "t2" (type $t2 (eq $t)))
        (import "s2" (type $s2 (eq $s)))
        (import "own" (type $own (sub resource)))
        (type $mine' (variant (case "x" (list $t2)) (case "y"))) (import "mine" (type $mine (eq $mine')))
        (import "f" (func $f (param "t" $t2) (param "s" (borrow $s2)) (param "o" (own $own)) (result $mine)))
        (type $r' (resource (rep i32)))
        (instance $r (export "r" (type $r')) (export "s" (type $s)))
        (export "out" (instance $r))
        (core module $m (memory (export "memory") 1)
          (func (export "f") (param i32 i32 i32) (result i32) unreachable))
        (core instance $m (instantiate $m))
        (func $g (param "t" $t2) (param "s" (borrow $s2)) (param "o" (own $own)) (result $mine)
          (canon lift (core func $m "f") (memory (core memory $m "memory"))))
        (export "g" (func $g))""",
    "an exported interface that uses another": """
        (type $r' (resource (rep i32)))
        (core module $m (func (export "f") (param i32) unreachable))
        (core instance $m (instantiate $m))
        (component $one (import "r" (type $r (sub resource))) (export "r" (type $r)))
        (instance $one (instantiate $one (with "r" (type $r'))))
        (export $one' "a:b/one@1.0.0" (instance $one))
        (alias export $one' "r" (type $r))
        (func $f (param "r" (borrow $r)) (canon lift (core func $m "f")))
        (component $two
          (import "r" (type $r (sub resource))) (import "f" (func $f (param "r" (borrow $r))))
          (export $r2 "r" (type $r)) (export "f" (func $f) (func (param "r" (borrow $r2)))))
        (instance $two (instantiate $two (with "r" (type $r)) (with "f" (func $f))))
        (export "a:b/two@1.0.0" (instance $two))""",
    "two resources of one name, and a import of the same interface": """
        (import "a:b/c" (instance $i (export "r" (type $r (sub resource)))
          (export "f" (func (param "r" (own $r))))))
        (type $r1' (resource (rep i32))) (type $r2' (resource (rep i32)))
        (instance $one (export "r" (type $r1'))) (instance $two (export "r" (type $r2')))
        (export "a:b/c" (instance $one)) (export "two" (instance $two))""",
    "every type there is": """
        (import "i" (instance
          (type $e' (enum "a" "b")) (export "e" (type $e (eq $e')))
          (type $g' (flags "a" "b")) (export "g" (type $g (eq $g')))
          (type $n' u64) (export "n" (type (eq $n')))
          (export "r" (type $r (sub resource)))
          (type $v' (variant (case "a") (case "b" (option $e)) (case "c" (own $r))))
          (export "v" (type $v (eq $v')))
          (type $d' (record (field "a" (tuple bool char s8 u8 s16 u16 s32 u32 s64 u64 f32 f64 string $g))
            (field "b" (list (list u8))) (field "c" (result)) (field "d" (result $v))
            (field "e" (result (error $v))) (field "f" (result u8 (error string)))))
          (export "d" (type $d (eq $d')))
          (export "again" (type (eq $d)))
          (export "f" (func (param "d" $d) (param "r" (borrow $r)) (result $v)))))
        (type $made (resource (rep i32))) (instance $made (export "made" (type $made)))
        (export "out" (instance $made))""",
}


@pytest.mark.parametrize("lane", [False, True], ids=["plain", "lane"])
@pytest.mark.parametrize("text", OTHERS.values(), ids=OTHERS)
def test_others_look_the_same(text: str, lane: bool) -> None:
    looks_the_same(assembled(text), lane=lane)


def test_dropping_runs_the_guests_destructor_once() -> None:
    result = wrapped(KV)
    traced: list[int] = []
    with (
        wasmtime.Engine() as engine,
        wasmtime.Store(engine) as store,
        wc.Linker(engine) as linker,
        wc.Component(engine, result.binary) as component,
    ):
        linker.allow_shadowing = True
        linker.define_unknown_imports_as_traps(component)
        with linker.root() as root:
            root.add_func("trace", lambda _store, what: traced.append(what))
        instance = linker.instantiate(store, component)

        def call(interface: str, name: str, *arguments: object) -> object:
            index = instance.get_export_index(store, interface)
            assert index
            inner = instance.get_export_index(store, name, index)
            assert inner
            function = instance.get_func(store, inner)
            assert function
            return function(store, *arguments)

        one = call(RUNNER, "[constructor]runner", 7)
        call(RUNNER, "[constructor]runner", 8)
        assert traced == []
        call(DROPS, result.drops[Resource(RUNNER, "runner", guest=True)], one)
        assert traced == [7]
    assert traced == [7]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('(core module $m) (export "m" (core module $m))', "'m', a core module: build it without"),
        ('(import "m" (core module $m))', "imports 'm', a core module, which nothing can satisfy"),
        (f'(instance $i) (export "{DROPS}" (instance $i))', "load the one that is inside it"),
    ],
)
def test_what_cannot_be_passed_on_is_refused(text: str, message: str) -> None:
    resource = '(type $r (resource (rep i32))) (export "r" (type $r))'
    with pytest.raises(LoadError, match=message):
        wrapped(assembled(text + resource))


def test_what_is_already_wrapped_is_not_wrapped_again() -> None:
    with pytest.raises(LoadError, match="exports capwit:bridge/drops"):
        wrapped(wrapped(KV).binary)


def test_a_resource_in_a_type_before_it_has_a_name_is_refused() -> None:
    binary = assembled(
        """(type $r' (resource (rep i32)))
        (import "i" (instance
          (alias outer 1 $r' (type $r)) (type $v (variant (case "a" (own $r))))
          (export "v" (type (eq $v))) (export "r" (type (eq $r)))))
        (type $s (resource (rep i32))) (export "s" (type $s))"""
    )
    with pytest.raises(LoadError, match="uses the resource 'r' before it names it"):
        wrapped(binary)
