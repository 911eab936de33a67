"""Values of every type cross a core module's border byte for byte as wasmtime has them cross a component's.

The same module is run twice: within a component, where wasmtime lifts and lowers, and by itself, where the
engine does. It keeps what it is passed in its memory, of which the component's host is told; the second run
begins with that memory, and both have to end with the same.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from capwit.engine import types as wit
from capwit.engine.compiler import Compiler
from capwit.engine.core import CoreFunction
from capwit.engine.core_canon import lower_function
from capwit.engine.core_link import CoreInstance, LinkedModule, export_of
from capwit.engine.core_lower import CoreState
from capwit.engine.errors import LimitExceeded, Trap
from capwit.engine.layout import lowered
from capwit.engine.plan import HostFunction
from capwit.engine.runtime import Runtime
from capwit.engine.shim import Shim, shim_binary
from capwit.engine.store import Store
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.engine.shapes import TYPES, with_classes
from tests.engine.support import HOST, Slots, TypeText, echo_function, limits, running, wasm
from tests.engine.test_values import DEEP
from tests.support.values import same, values

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from capwit.engine.handles import Numbers
    from hypothesis.strategies import SearchStrategy

FLAT = 512  # where the module keeps the numbers that it is passed
RESULT = 1024
HEAP = 4096
LOG = wit.Function((wit.Param("memory", wit.BYTES),), None)
NOTHING = CoreFunction((), ())

ALLOCATOR = f"""
  (memory (export "memory") 8)
  (global $top (export "top") (mut i32) (i32.const {HEAP}))
  (func (export "seat") (param i32) (global.set $top (local.get 0)))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
    (local.set $at (i32.and
      (i32.add (global.get $top) (i32.sub (local.get 2) (i32.const 1)))
      (i32.sub (i32.const 0) (local.get 2))))
    (global.set $top (i32.add (local.get $at) (local.get 3)))
    (local.get $at))
"""


class NoNumbers:
    """The numbers of a guest without handles."""

    def add(self, slot: int, resource: wit.Resource) -> int:
        raise AssertionError

    def slot(self, number: int, resource: wit.Resource) -> int | None:
        raise AssertionError

    def forget(self, number: int) -> None:
        raise AssertionError


def imported(type: CoreFunction) -> str:
    params = " ".join(each.value for each in type.params)
    results = " ".join(f"(result {each.value})" for each in type.results)
    return f"(func $echo (param {params}) {results})"


def params_of(type: wit.Type) -> list[str]:
    """What the echo is passed: its import has one more, where its result goes, if that lies in memory."""
    core = lowered(echo_function(type))
    return [each.value for each in core.params[: len(core.params) - (not core.results)]]


def echoed_to(type: wit.Type) -> str:
    """The result of the echo goes to memory, however it comes."""
    core = lowered(echo_function(type))
    loads = "".join(f"({each}.load (i32.const {FLAT + 8 * i}))" for i, each in enumerate(params_of(type)))
    if not core.results:
        return f"(call $echo {loads} (i32.const {RESULT}))"
    return f"({core.results[0].value}.store (i32.const {RESULT}) (call $echo {loads}))"


def component(type: wit.Type) -> str:
    text = TypeText()
    reference = text.reference(type)
    aliases = " ".join(f'(alias export $h "{name}" (type ${name}))' for name in text.names)
    params = params_of(type)
    stores = "".join(
        f"({each}.store (i32.const {FLAT + 8 * i}) (local.get {i}))" for i, each in enumerate(params)
    )
    lifting = '(memory (core memory $libc "memory")) (realloc (core func $libc "cabi_realloc"))'
    return f"""(component
  (import "{HOST}" (instance $h (export "thing" (type $thing (sub resource))) {" ".join(text.definitions)}
    (export "log" (func (param "memory" (list u8))))
    (export "echo" (func (param "x" {reference}) (result {reference})))))
  (alias export $h "thing" (type $thing)) {aliases}
  (core module $libc {ALLOCATOR})
  (core instance $libc (instantiate $libc))
  (core func $echo (canon lower (func $h "echo") {lifting}))
  (core func $log (canon lower (func $h "log") {lifting}))
  (core module $m
    (import "h" "echo" {imported(lowered(echo_function(type)))})
    (import "h" "log" (func $log (param i32 i32)))
    (import "h" "memory" (memory 1))
    (import "h" "top" (global $top (mut i32)))
    (func (export "run") (param {" ".join(params)})
      {stores}
      (call $log (i32.const 0) (global.get $top))
      {echoed_to(type)}
      (call $log (i32.const 0) (global.get $top))))
  (core instance $i (instantiate $m (with "h" (instance (export "echo" (func $echo))
    (export "log" (func $log)) (export "memory" (memory $libc "memory"))
    (export "top" (global $libc "top"))))))
  (func (export "run") (param "x" {reference}) (canon lift (core func $i "run") {lifting}))
)"""


def module(type: wit.Type) -> str:
    return f"""(module
  (import "h" "echo" {imported(lowered(echo_function(type)))})
  {ALLOCATOR}
  (func (export "replay") {echoed_to(type)}))"""


async def by_wasmtime(runtime: Runtime, type: wit.Type, value: Any) -> list[bytes]:
    """The module's memory before and after the echo, within a component."""
    logged: list[bytes] = []
    functions = {
        "echo": (echo_function(type), lambda _, x: x),
        "log": (LOG, lambda _, memory: logged.append(memory)),
    }
    async with running(
        component(type), functions, resources={"thing": wit.Resource(HOST, "thing")}, runtime=runtime
    ) as guest:
        await guest.call("run", wit.Function((wit.Param("x", type),), None), value)
    return logged


@asynccontextmanager
async def loaded(
    runtime: Runtime, text: str, type: wit.Function, call: Callable[..., Any], numbers: Numbers
) -> AsyncIterator[CoreInstance]:
    """An instance of a module whose import `echo` is served by a function of WIT."""
    function = lower_function(HostFunction("echo", type, call))
    compiler = Compiler(runtime, None)
    names = {("h", "echo"): function.served}
    shim = None
    if function.allocates:
        shim = Shim(runtime, await compiler.compile(shim_binary(names.values()), "m"), names, "m")
    linked = LinkedModule(runtime, await compiler.compile(wasm(text), "m"), {} if shim else names, "m", shim)
    store = Store(runtime.engine, Slots(), linked.limits(limits(tables=0, instances=1)))
    store.begin_core(CoreState(numbers))
    try:
        yield await linked.instantiate(store)
    finally:
        await store.close()


async def by_itself(
    runtime: Runtime, type: wit.Type, before: bytes, *, wait: bool
) -> tuple[list[Any], bytes]:
    """What the host sees, and the module's memory after the echo."""
    seen: list[Any] = []

    async def later(x: Any) -> Any:
        await asyncio.sleep(0)
        return x

    def call(_: Store, x: Any) -> Any:
        seen.append(x)
        return later(x) if wait else x

    async with loaded(runtime, module(type), echo_function(type), call, NoNumbers()) as instance:
        memory = instance.store.memory
        memory.take(export_of(instance.store, instance._raw, "memory"))  # before it calls anything
        await instance.call("seat", CoreFunction(lowered(LOG).params[:1], ()), len(before))
        memory.write(0, before)
        await instance.call("replay", NOTHING)
        after = memory.read(0, 8 * 65536)
    return seen, after


async def compare(type: wit.Type, value: Any, *, wait: bool) -> None:
    runtime = Runtime()
    try:
        before, after = await by_wasmtime(runtime, type, value)
        [seen], found = await by_itself(runtime, type, before, wait=wait)
    finally:
        runtime.close()
    assert same(seen, value), (seen, value)
    assert found[: len(after)] == after
    assert not any(found[len(after) :])


PLAIN: SearchStrategy[wit.Type] = TYPES.filter(lambda each: "Own(" not in repr(each))


@st.composite
def typed_value(draw: Any) -> tuple[wit.Type, Any]:
    type = draw(PLAIN)
    if draw(st.booleans()):
        type = with_classes(type)
    return type, draw(values(type, st.nothing()))


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(typed_value(), st.booleans())
@example((DEEP, wit.Some(wit.Some("x"))), True)
@example((wit.Tuple((wit.U8,) * 17), tuple(range(17))), False)
@example((wit.Result(wit.F32, wit.S64), wit.Ok(1.5)), False)
@example((wit.Result(wit.F32, wit.U32), wit.Err(7)), False)
@example((wit.Option(wit.F64), 2.5), False)
@example((wit.Flags(tuple(f"l{i}" for i in range(17))), frozenset({"l16", "l0"})), False)
@example((wit.Enum(tuple(f"l{i}" for i in range(300))), "l299"), False)
def test_every_type_is_as_wasmtime_has_it(typed: tuple[wit.Type, Any], wait: bool) -> None:
    asyncio.run(compare(*typed, wait=wait))


THING = wit.Resource(HOST, "thing")


class OneNumber(NoNumbers):
    """A guest that holds one handle, number 7."""

    def __init__(self) -> None:
        self.held = True

    def slot(self, number: int, resource: wit.Resource) -> int | None:
        return 1 if self.held and number == 7 else None

    def forget(self, number: int) -> None:
        self.held = False


async def traps(type: wit.Function, body: str, answer: Any, more: str = "") -> str:
    """What is said of a guest whose `run` breaks the ABI."""
    core = lowered(type)
    text = f"""(module (import "h" "echo" {imported(core)}) (memory (export "memory") 1) {more}
      (func (export "run") {body}))"""
    runtime = Runtime()
    try:
        async with loaded(runtime, text, type, lambda *_: answer, OneNumber()) as instance:
            handles = instance.store.handles
            assert isinstance(handles, Slots)
            handles.live[1] = "thing"
            with pytest.raises(Trap) as caught:
                await instance.call("run", NOTHING)
            assert handles.live == {1: "thing"}
    finally:
        runtime.close()
    return str(caught.value)


def test_what_is_lent_to_a_call_is_not_given_to_it() -> None:
    type = wit.Function((wit.Param("lent", wit.Borrow(THING)), wit.Param("given", wit.Own(THING))), None)
    said = asyncio.run(traps(type, "(call $echo (i32.const 7) (i32.const 7))", None))
    assert said == "echo: the guest trapped: it gives handle 7 away that it lends to the same call"


def test_memory_out_of_line() -> None:
    realloc = '(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1026))'
    type = wit.Function((), wit.List(wit.U32))
    said = asyncio.run(traps(type, "(call $echo (i32.const 64))", [1, 2], realloc))
    assert "its cabi_realloc returned 0x402, which is not an address of 8 bytes aligned to 4" in said


FORTY = wit.Record(tuple(wit.Field(f"f{n}", wit.BOOL, "") for n in range(40)))


@pytest.mark.parametrize(
    ("element", "values"),
    [
        (FORTY, 41),
        (wit.Tuple((FORTY, wit.Option(FORTY))), 1 + 41 + 42),
        (wit.Result(None, FORTY), 42),
        (wit.Variant((wit.Case("a", wit.U8), wit.Case("b", FORTY))), 42),
        (wit.Flags(tuple(f"f{n}" for n in range(30))), 31),
    ],
    ids=["record", "tuple", "result", "variant", "flags"],
)
def test_a_list_counts_as_the_values_that_its_items_are_made_of(element: wit.Type, values: int) -> None:
    """A million at most: wide items in 4 MiB of memory would take a minute to read, and no limit end that."""
    function = wit.Function((wit.Param("x", wit.List(element)),), None)
    most = (1 << 20) // values
    seen: list[int] = []

    async def run() -> None:
        runtime = Runtime()
        try:
            text = f"""(module (import "h" "echo" {imported(lowered(function))}) (memory (export "memory") 80)
              (func (export "few") (call $echo (i32.const 0) (i32.const 7)))
              (func (export "more") (call $echo (i32.const 0) (i32.const {most + 1}))))"""
            async with loaded(
                runtime, text, function, lambda _, x: seen.append(len(x)), NoNumbers()
            ) as instance:
                await instance.call("few", NOTHING)
                with pytest.raises(LimitExceeded, match="echo: one call carried more than 128 MiB"):
                    await instance.call("more", NOTHING)
        finally:
            runtime.close()

    asyncio.run(run())
    assert seen == [7]


def test_any_number_but_0_is_true() -> None:
    type = wit.Function((wit.Param("x", wit.BOOL),), None)
    seen: list[bool] = []

    async def run() -> None:
        runtime = Runtime()
        try:
            text = f"""(module (import "h" "echo" {imported(lowered(type))}) (func (export "run")
              (call $echo (i32.const 256)) (call $echo (i32.const 0)) (call $echo (i32.const -1))))"""
            async with loaded(runtime, text, type, lambda _, x: seen.append(x), NoNumbers()) as instance:
                await instance.call("run", NOTHING)
        finally:
            runtime.close()

    asyncio.run(run())
    assert seen == [True, False, True]
