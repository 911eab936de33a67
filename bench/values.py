"""What values cost: numbers beside a callback that does nothing, strings and records by the element."""

from __future__ import annotations

import functools
import struct
from typing import TYPE_CHECKING, Any, Final

import wasmtime
from capwit.engine import abi
from capwit.engine.compiler import Compiler
from capwit.engine.link import Linked
from capwit.engine.plan import HostFunction, ImportPlan
from capwit.engine.store import Store
from capwit.engine.types import STRING, U32, Field, Function, List, Param, Record
from measure import compare, timed
from sides import LIMITS, TWO, Slots
from wasmtime import component as py

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from capwit.engine.link import LinkedInstance
    from capwit.engine.runtime import Runtime
    from measure import Bench, Row, Side

HOST: Final = "bench:values/host"
FEW, MANY = 10, 1_000
_TEXT: Final = "sixteen letters."
_POINTS: Final = 1 << 16  # where the guest's lists are
_TEXTS: Final = 1 << 17
_BACK: Final = 1 << 18  # and where it is given one

# `NAME(n, count)` calls the host n times, with a list of so many elements, or for one.
_GUEST: Final = f"""(component
  (import "{HOST}" (instance $h
    (type $p (record (field "x" u32) (field "y" u32))) (export "point" (type $point (eq $p)))
    (export "plus" (func (param "x" u32) (result u32)))
    (export "texts" (func (param "l" (list string)) (result u32)))
    (export "points" (func (param "l" (list $point)) (result u32)))
    (export "give-texts" (func (param "n" u32) (result (list string))))
    (export "give-points" (func (param "n" u32) (result (list $point))))))
  (core module $libc (memory (export "memory") 16)
    (data (i32.const 0) "{_TEXT}")
    (global $at (mut i32) (i32.const {_BACK + 64}))
    ;; what a call was given is let go at the next one
    (func (export "reset") (global.set $at (i32.const {_BACK + 64})))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
      (local.set $at (global.get $at))
      (global.set $at
        (i32.and (i32.add (i32.add (local.get $at) (local.get 3)) (i32.const 7)) (i32.const -8)))
      (local.get $at))
    (func $fill (local $i i32)
      (loop $l
        (i32.store offset={_TEXTS + 4} (local.get $i) (i32.const {len(_TEXT)}))
        (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 8))) (i32.const {8 * MANY})))))
    (start $fill))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $plus (canon lower (func $h "plus")))
  (core func $texts (canon lower (func $h "texts") (memory $memory)))
  (core func $points (canon lower (func $h "points") (memory $memory)))
  (core func $give-texts (canon lower (func $h "give-texts") (memory $memory) (realloc $realloc)))
  (core func $give-points (canon lower (func $h "give-points") (memory $memory) (realloc $realloc)))
  (core module $main
    (import "" "reset" (func $reset))
    (import "" "plus" (func $plus (param i32) (result i32)))
    (import "" "texts" (func $texts (param i32 i32) (result i32)))
    (import "" "points" (func $points (param i32 i32) (result i32)))
    (import "" "give-texts" (func $give-texts (param i32 i32)))
    (import "" "give-points" (func $give-points (param i32 i32)))
    {
    "".join(
        f'''(func (export "{name}") (param $n i32) (param $count i32) (result i32)
      (loop $l (call $reset) {call} (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (local.get $count))
    '''
        for name, call in {
            "plus": "(drop (call $plus (local.get $count)))",
            "texts": f"(drop (call $texts (i32.const {_TEXTS}) (local.get $count)))",
            "points": f"(drop (call $points (i32.const {_POINTS}) (local.get $count)))",
            "give-texts": f"(call $give-texts (local.get $count) (i32.const {_BACK}))",
            "give-points": f"(call $give-points (local.get $count) (i32.const {_BACK}))",
        }.items()
    )
})
  (core instance $main (instantiate $main (with "" (instance
    (export "reset" (func $libc "reset")) (export "plus" (func $plus))
    (export "texts" (func $texts)) (export "points" (func $points))
    (export "give-texts" (func $give-texts)) (export "give-points" (func $give-points))))))
  {
    " ".join(
        f'(func (export "{name}") (param "n" u32) (param "len" u32) (result u32)'
        f' (canon lift (core func $main "{name}")))'
        for name in ("plus", "texts", "points", "give-texts", "give-points")
    )
})"""


class Point:
    """A point, under both."""

    __slots__ = ("x", "y")

    def __init__(self, x: int, y: int) -> None:
        """Make a point."""
        self.x = x
        self.y = y


POINT: Final = Record((Field("x", U32, "x"), Field("y", U32, "y")), Point)
_GIVEN: Final = ([_TEXT] * MANY, [Point(k, k) for k in range(MANY)])
_TYPES: Final = {
    "plus": Function((Param("x", U32),), U32),
    "texts": Function((Param("l", List(STRING)),), U32),
    "points": Function((Param("l", List(POINT)),), U32),
    "give-texts": Function((Param("n", U32),), List(STRING)),
    "give-points": Function((Param("n", U32),), List(POINT)),
}
_SERVED: Final[dict[str, Callable[[Any], Any]]] = {
    "plus": lambda x: x + 1,
    "texts": len,
    "points": len,
    "give-texts": lambda n: _GIVEN[0][:n],
    "give-points": lambda n: _GIVEN[1][:n],
}


class _Bare(Linked):
    """The same with a callback for `plus` that does nothing: no call of a component costs less."""

    def _define(self, root: int, interface: str, functions: Any, resources: Any) -> None:
        answer = struct.pack("<B7xI4x", abi.KIND["u32"], 7)

        def nothing(env: int, context: int, type_: int, args: int, nargs: int, at: int, *others: int) -> None:
            abi.SPACE[at : at + 16] = answer
            abi.SPACE[others[2] : others[2] + 24] = abi.DONE

        plan = self._plans.compile_import

        def compile_import(host: HostFunction, **options: Any) -> ImportPlan:
            return ImportPlan(abi.HOST_CALL(nothing), []) if host.label == "plus" else plan(host, **options)

        vars(self._plans)["compile_import"] = compile_import
        super()._define(root, interface, functions, resources)


async def _ours(runtime: Runtime, make: type[Linked]) -> LinkedInstance:
    hosts = {
        name: HostFunction(name, type, functools.partial(_call, _SERVED[name]))
        for name, type in _TYPES.items()
    }
    compiled = await Compiler(runtime, None).compile(bytes(wasmtime.wat2wasm(_GUEST)), "values")
    linked = make(runtime, compiled, {HOST: hosts}, {}, "values")
    return await linked.instantiate(Store(runtime.engine, Slots(), LIMITS))  # type: ignore[arg-type]


def _call(served: Callable[[Any], Any], store: Store, value: Any) -> Any:
    return served(value)


def _theirs() -> Callable[[str, int, int], Awaitable[Any]]:
    engine = wasmtime.Engine()
    linker, store = py.Linker(engine), wasmtime.Store(engine)
    with linker.root() as root, root.add_instance(HOST) as interface:
        for name, served in _SERVED.items():
            interface.add_func(name, functools.partial(_their_call, served))
    instance = linker.instantiate(store, py.Component(engine, _GUEST))

    async def call(name: str, n: int, count: int) -> None:
        func = instance.get_func(store, name)
        assert func is not None
        func(store, n, count)
        func.post_return(store)

    return call


def _their_call(served: Callable[[Any], Any], _: Any, value: Any) -> Any:
    return served(value)


async def rows(bench: Bench) -> AsyncIterator[Row]:
    """A number, then strings and records, both ways: by the element, few of them beside many."""
    ours, bare, theirs = await _ours(bench.runtime, Linked), await _ours(bench.runtime, _Bare), _theirs()

    def side(of: LinkedInstance, name: str, count: int) -> Side:
        n = max(1, 5_000 // count)
        export = of.linked.export("", name, TWO)
        return timed(functools.partial(of.call, export, n, count), n * count)

    plus = side(ours, "plus", 1)
    yield await compare(
        "a function (u32) -> u32", plus, side(bare, "plus", 1), beside="a bare callback", at_most=1.5
    )
    for name, what in {
        "texts": "a string of 16 letters, to the host",
        "give-texts": "a string of 16 letters, to the guest",
        "points": "a record of two numbers, to the host",
        "give-points": "a record of two numbers, to the guest",
    }.items():
        many, n = side(ours, name, MANY), 5
        yield await compare(
            f"{what}, of {MANY:,}",
            many, timed(functools.partial(theirs, name, n, MANY), n * MANY),
            beside="wasmtime-py", at_most=1 / 3,
        )  # fmt: skip
        yield await compare(
            f"{what}, of {MANY:,}", many, side(ours, name, FEW), beside=f"of {FEW}", at_most=1.1
        )
    for each in (ours, bare):
        await each.store.close()
