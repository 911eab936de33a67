"""Decoding: what a component imports and exports, and that no file can do worse than be refused."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
import wasmtime
from capwit.engine import types as wit
from capwit.engine.decode import (
    Component,
    DecodeError,
    Definition,
    Interface,
    Unsupported,
    Use,
    decode,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st

KV_TEXT = (Path(__file__).parent / "components" / "kv.wat").read_text()
KV = bytes(wasmtime.wat2wasm(KV_TEXT))
HEADER = b"\0asm\x0d\0\x01\0"

ERRORS = "capwit:bridge/errors@0.1.0"
STORE = "demo:kv/kv@0.1.0"
GRANTS = "demo:kv/grants@0.1.0"
RUNNER = "demo:kv/app-exports-runner@0.1.0"


def decoded(text: str) -> Component:
    return decode(bytes(wasmtime.wat2wasm(f"(component {text})")))


def interface(component: Component, name: str) -> Interface:
    item = {**component.imports, **component.exports}[name]
    assert isinstance(item, Interface)
    return item


def section(kind: int, content: bytes) -> bytes:
    return bytes([kind]) + leb128(len(content)) + content


def leb128(value: int) -> bytes:
    low, rest = value & 0x7F, value >> 7
    return bytes([low | 0x80]) + leb128(rest) if rest else bytes([low])


class TestAGuestOfWitComponent:
    component = decode(KV)

    def test_has_its_imports_and_exports_in_order(self) -> None:
        assert list(self.component.imports) == ["trace", ERRORS, STORE, GRANTS]
        assert list(self.component.exports) == [RUNNER]

    def test_a_function_outside_interfaces(self) -> None:
        assert self.component.imports["trace"] == wit.Function((wit.Param("what", wit.U32),), None)

    def test_types_of_every_kind_with_names_and_labels(self) -> None:
        kind = wit.Enum(("failed", "denied"))
        error = wit.Record((wit.Field("kind", kind, "kind"), wit.Field("reason", wit.STRING, "reason")))
        entry = wit.Record(
            (
                wit.Field("key", wit.STRING, "key"),
                wit.Field("list", wit.BYTES, "list"),
                wit.Field("size", wit.U64, "size"),
            )
        )
        types = interface(self.component, STORE).types
        assert types == {
            "bucket": wit.Resource(STORE, "bucket"),
            "store": wit.Resource(STORE, "store"),
            "cap-error": error,
            "durability": wit.Enum(("memory", "disk")),
            "size": wit.U64,
            "entry": entry,
            "lookup": wit.Variant((wit.Case("missing", None), wit.Case("found", entry))),
            "rights": wit.Flags(("read", "write")),
            "record-of": entry,
        }
        named = {label: type.name for label, type in types.items() if hasattr(type, "name")}
        assert named["lookup"] == "lookup"
        assert named["record-of"] == "entry"

    def test_functions_by_their_binary_names(self) -> None:
        functions = interface(self.component, STORE).functions
        assert list(functions) == [
            "[method]store.open",
            "[method]bucket.list",
            "[method]bucket.get",
            "[method]bucket.delete",
            "[static]bucket.merge",
            "lasts",
        ]
        bucket = wit.Resource(STORE, "bucket")
        listed = functions["[method]bucket.list"]
        assert listed.params == (
            wit.Param("self", wit.Borrow(bucket)),
            wit.Param("from", wit.Option(wit.STRING)),
            wit.Param("limits", wit.Tuple((wit.U32, wit.F64))),
        )
        entry, error = (interface(self.component, STORE).types[name] for name in ("entry", "cap-error"))
        assert listed.result == wit.Result(wit.List(entry), error)  # type: ignore[arg-type]
        assert functions["[static]bucket.merge"].result == wit.Result(None, None)
        assert functions["[static]bucket.merge"].params[0].type == wit.Own(bucket)

    def test_a_used_resource_is_that_of_the_interface_that_defines_it(self) -> None:
        store = wit.Resource(STORE, "store")
        assert interface(self.component, GRANTS).types == {"store": store}
        assert interface(self.component, GRANTS).functions["get-store"].result == wit.Own(store)

    def test_an_exported_resource_is_the_guests(self) -> None:
        runner = wit.Resource(RUNNER, "runner", guest=True)
        exported = interface(self.component, RUNNER)
        assert exported.types["runner"] == runner
        assert exported.functions["[constructor]runner"].result == wit.Own(runner)
        run = exported.functions["[method]runner.run"]
        assert [param.type for param in run.params] == [
            wit.Borrow(runner),
            wit.Borrow(wit.Resource(STORE, "bucket")),
        ]

    def test_tells_which_types_are_used_from_where(self) -> None:
        assert interface(self.component, STORE).uses == {"cap-error": Use(ERRORS, "cap-error")}
        assert interface(self.component, GRANTS).uses == {"store": Use(STORE, "store")}
        assert interface(self.component, RUNNER).uses == {
            "bucket": Use(STORE, "bucket"),
            "cap-error": Use(ERRORS, "cap-error"),
            "entry": Use(STORE, "entry"),
        }


class TestItemsOutsideInterfaces:
    def test_types_and_resources(self) -> None:
        component = decoded(
            """
            (import "job" (type $job (sub resource)))
            (type $mode' (enum "a" "b")) (import "mode" (type $mode (eq $mode')))
            (import "[method]job.start" (func (param "self" (borrow $job)) (param "mode" $mode)))
            (type $made' (resource (rep i32)))
            (export $made "made" (type $made'))
            """
        )
        job = wit.Resource("", "job")
        assert component.imports == {
            "job": job,
            "mode": Definition(wit.Enum(("a", "b"))),
            "[method]job.start": wit.Function(
                (wit.Param("self", wit.Borrow(job)), wit.Param("mode", wit.Enum(("a", "b")))), None
            ),
        }
        assert component.exports == {"made": wit.Resource("", "made", guest=True)}

    def test_a_used_type_of_the_world(self) -> None:
        component = decoded(
            """
            (import "a:b/c" (instance $i (type $t' (enum "x")) (export "t" (type (eq $t')))))
            (alias export $i "t" (type $t))
            (import "t2" (type (eq $t)))
            """
        )
        assert component.uses == {"t2": Use("a:b/c", "t")}

    @pytest.mark.parametrize(
        ("text", "what"),
        [
            ('(import "m" (core module))', "a core module"),
            ('(import "m" (component))', "a component"),
            ('(component $c) (export "m" (component $c))', "a component"),
            ('(core module $c) (export "m" (core module $c))', "a core module"),
        ],
    )
    def test_what_no_capability_can_be_is_told_by_its_sort(self, text: str, what: str) -> None:
        component = decoded(text)
        assert {**component.imports, **component.exports} == {"m": Unsupported(what)}


class TestNesting:
    def test_each_instance_of_a_component_has_its_own_resource(self) -> None:
        component = decoded(
            """
            (component $c (type $r' (resource (rep i32))) (export $r "r" (type $r'))
              (component $d (import "r" (type $r (sub resource))) (export "s" (type $r)))
              (instance $d (instantiate $d (with "r" (type $r)))) (export "d" (instance $d)))
            (instance $one (instantiate $c)) (instance $two (instantiate $c))
            (alias export $one "d" (instance $d))
            (export "one" (instance $d)) (alias export $one "r" (type $r1)) (alias export $two "r" (type $r2))
            (instance $both (export "first" (type $r1)) (export "second" (type $r2)))
            (export "both" (instance $both))
            """
        )
        assert interface(component, "one").types == {"s": wit.Resource("one", "s", guest=True)}
        assert interface(component, "both").types == {
            "first": wit.Resource("one", "s", guest=True),
            "second": wit.Resource("both", "second", guest=True),
        }

    def test_a_component_sees_the_scopes_around_it(self) -> None:
        component = decoded(
            """
            (import "r" (type $r (sub resource)))
            (component $c
              (component $d (type $f (func (param "r" (own $r)))) (import "f" (func $f (type $f)))
                (export "f" (func $f)))
              (import "f" (func $f (param "r" (own $r))))
              (instance $d (instantiate $d (with "f" (func $f))))
              (export "d" (func $d "f")))
            (import "f" (func $f (param "r" (own $r))))
            (instance $c (instantiate $c (with "f" (func $f))))
            (export "c" (instance $c))
            """
        )
        own = wit.Own(wit.Resource("", "r"))
        assert interface(component, "c").functions == {"d": wit.Function((wit.Param("r", own),), None)}

    def test_an_ascribed_instance_shows_what_its_type_names_and_keeps_its_resources(self) -> None:
        component = decoded(
            """
            (component $c (type $r' (resource (rep i32))) (export $r "r" (type $r')) (type $h (enum "x"))
              (export "hidden" (type $h)))
            (instance $i (instantiate $c))
            (export "whole" (instance $i))
            (export "part" (instance $i) (instance (export "r" (type (sub resource)))))
            """
        )
        resource = wit.Resource("whole", "r", guest=True)
        assert interface(component, "whole").types == {"r": resource, "hidden": wit.Enum(("x",))}
        assert interface(component, "part").types == {"r": resource}


# Each is refused with words that tell what it is, and where it can, what would mend it.
REFUSED = {
    '(type (func async (param "x" u32)))': "an async function, which is not supported",
    "(type (stream u8))": "`stream`, which is not supported",
    "(type (future u8))": "`future`, which is not supported",
    "(core func (canon task.cancel))": "`task.cancel`, which is not supported",
    "(core func (canon waitable.join))": "`waitable.join`, which is not supported",
    "(core func (canon error-context.drop))": "`error-context.drop`, which",
    '(import "a" (implements "x:y/z") (instance))': "attributes besides its name",
    '(import "v" (value u32))': "values as imports or exports",
    '(component $c (import "f" (func))) (instance (instantiate $c))': "without its import 'f'",
    '(import "i" (instance $i)) (alias export $i "f" (func))': "'f', which its instance does not export",
    '(import "f" (func)) (import "f" (func))': "two items 'f'",
    '(type (record (field "a" u8) (field "a" u8)))': "two members of one name",
    '(import "i" (instance (export "i" (instance))))': "neither a function nor a type",
    '(type $r (resource (rep i32))) (type $f (func (param "r" (own $r)))) (import "f" (func (type $f)))': (
        "f uses a resource that the component neither imports nor exports"
    ),
    '(type (enum "two words"))': "'two words' is not a label",
    '(import "a\\22b" (func))': "is not the name of an import or export",
    '(type $r (resource (rep i32))) (import "i" (instance (type (list $r))))': "not a value",
    "(type (func)) (type (list 0))": "not a value",
    "(type (list 7))": "number 7, of 0",
}


@pytest.mark.parametrize(("text", "message"), REFUSED.items(), ids=range(len(REFUSED)))
def test_refused(text: str, message: str) -> None:
    with pytest.raises(DecodeError) as refusal:
        decoded(text)
    assert message in str(refusal.value)
    assert refusal.value.name == "component"


@pytest.mark.parametrize(
    ("binary", "message"),
    [
        (b"", "not WebAssembly: build a component with `capwit build`"),
        (b"(component)", "not WebAssembly"),
        (
            b"\0asm\x01\0\0\0",
            "a core module, not a component: load it with `load_module`, or build with `capwit build`",
        ),
        (b"\0asm\x0c\0\x01\0", "build it with current tools"),
        (HEADER + section(99, b""), "a section of the unknown kind 99"),
        (HEADER + section(9, b"\0\0"), "a start function"),
        (HEADER + b"\x07\xff\xff\xff\xff\x7f", "longer than 32 bits"),
        (HEADER + b"\x07\x80\x80\x80\x80\x80\x00", "longer than 32 bits"),
        (HEADER + section(7, leb128(2**32 - 1)), "4294967295 items announced, 0 bytes left"),
        (HEADER + b"\x01\x64", "ends early: 100 bytes announced, 0 left"),
        (HEADER + section(7, b"\x01\x7f\x7f"), "goes on after its last item"),
        (HEADER + section(10, b"\x01\x00\x02\xff\xff\x01\x00"), "not UTF-8"),
        (HEADER + section(10, b"\x01\x00\x02a\n\x01\x00"), "a line end or another control character: 'a\\n'"),
        (HEADER + section(10, b"\x01\x00" + leb128(2000) + b"a" * 2000), "longer than 1000 bytes"),
    ],
)
def test_refused_binaries(binary: bytes, message: str) -> None:
    with pytest.raises(DecodeError) as refusal:
        decode(binary, "app.wasm")
    assert str(refusal.value).startswith("app.wasm: ")
    assert message in str(refusal.value)
    assert 0 <= refusal.value.offset <= len(binary)


def instances_that_double(levels: int) -> bytes:
    text = '(component $c0 (type (enum "x")))'
    for level in range(1, levels):
        twice = f"(instance (instantiate $c{level - 1}))" * 2
        text += f"(component $c{level} {twice})"
    return bytes(wasmtime.wat2wasm(f"(component {text} (instance (instantiate $c{levels - 1})))"))


def types_that_double(levels: int) -> bytes:
    pairs = "".join(f"(type (tuple {level} {level}))" for level in range(levels))
    return bytes(wasmtime.wat2wasm(f"(component (type u8) {pairs})"))


def one_instance_exported_often(members: int, times: int) -> bytes:
    exports = "".join(f'(export "m{n}" (func))' for n in range(members))
    often = "".join(f'(export "e{n}" (instance $i))' for n in range(times))
    return bytes(wasmtime.wat2wasm(f'(component (import "i" (instance $i {exports})) {often})'))


def components_in_components(levels: int) -> bytes:
    binary = HEADER
    for _ in range(levels):
        binary = HEADER + section(4, binary) + section(5, b"\x01\x00\x00\x00")
    return binary


def instance_types_in_instance_types(levels: int) -> bytes:
    declared = b"\x42\x00"
    for _ in range(levels):
        declared = b"\x42\x02\x01" + declared + b"\x04\x00\x01a\x05\x00"
    return HEADER + section(7, b"\x01" + declared)


def lists_of_lists(levels: int) -> bytes:
    return bytes(
        wasmtime.wat2wasm(f"(component (type u8) {''.join(f'(type (list {n}))' for n in range(levels))})")
    )


HOSTILE = {
    "instances that double": (instances_that_double(40), "too much work"),
    "types that double": (types_that_double(40), "more than 10000 parts"),
    "one instance exported often": (one_instance_exported_often(2000, 2000), "too much work"),
    "components in components": (components_in_components(150), "nests deeper than 100 levels"),
    "instance types in instance types": (
        instance_types_in_instance_types(150),
        "nests deeper than 100 levels",
    ),
    "instance types that double": (instance_types_in_instance_types(60), "too much work"),
    "a long chain of lists": (lists_of_lists(200), "100 levels"),
}


@pytest.mark.parametrize(("binary", "message"), HOSTILE.values(), ids=HOSTILE)
def test_a_small_file_cannot_make_much_work(binary: bytes, message: str) -> None:
    start = time.thread_time()
    with pytest.raises(DecodeError, match=message):
        decode(binary)
    assert time.thread_time() - start < 10  # of this thread's own work


def test_as_deep_as_is_allowed() -> None:
    assert decode(components_in_components(100)) == Component({}, {})


def survives(binary: bytes) -> None:
    start = time.thread_time()
    try:
        decode(binary)
    except DecodeError as error:
        assert 0 <= error.offset <= len(binary)
    assert time.thread_time() - start < 10  # of this thread's own work


def test_every_truncation_is_refused_or_read() -> None:
    for end in range(len(KV)):
        survives(KV[:end])


def test_every_byte_can_be_wrong() -> None:
    chance = random.Random(7)  # noqa: S311
    for position in range(len(KV)):
        survives(KV[:position] + bytes([chance.randrange(256)]) + KV[position + 1 :])


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_damage_in_many_places(data: st.DataObject) -> None:
    binary = bytearray(KV)
    for _ in range(data.draw(st.integers(1, 8))):
        binary[data.draw(st.integers(0, len(binary) - 1))] = data.draw(st.integers(0, 255))
    survives(bytes(binary))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
@example(b"\x07\x01")
def test_noise_after_the_header(noise: bytes) -> None:
    survives(HEADER + noise)


def test_a_large_component_is_read_at_once() -> None:
    code = section(1, b"\0asm\x01\0\0\0" + bytes(18_000_000))
    binary = HEADER + code + KV[len(HEADER) :]
    best = 1.0
    for _ in range(3):
        start = time.thread_time()
        component = decode(binary)
        best = min(best, time.thread_time() - start)
    assert component == decode(KV)
    assert best < 0.1
