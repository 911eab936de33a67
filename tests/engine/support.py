"""Guests made of WebAssembly text, and the host that runs them, for the engine's tests."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import wasmtime
from capwit.engine import types as wit
from capwit.engine.compiler import Compiler
from capwit.engine.decode import decode
from capwit.engine.lane import NO_LANE
from capwit.engine.limits import StoreLimits
from capwit.engine.link import Linked
from capwit.engine.plan import HostFunction
from capwit.engine.runtime import Runtime
from capwit.engine.store import Store
from capwit.engine.wrapper import wrap

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from capwit.engine.lane import Lane
    from capwit.engine.link import LinkedInstance

ROOT: Final = Path(__file__).parents[2]
SOURCES: Final = [str(ROOT / name) for name in ("codegen", "bridge", "preview1-adapter")]
HOST: Final = "test:echo/host"
THING: Final = wit.Resource(HOST, "thing")
CALL_U32: Final = wit.Function((wit.Param("n", wit.U32),), wit.U32)
RUN: Final = wit.Function((), wit.U32)


def limits(**changed: Any) -> StoreLimits:
    """Roomy limits, but for what a test changes."""
    roomy: dict[str, Any] = {
        "fuel": None, "memory": 1 << 30, "memories": 1, "table": 10_000, "tables": 2, "instances": 100,
        "wall": None,
    }  # fmt: skip
    return StoreLimits(**{**roomy, **changed})


class Slots:
    """The simplest owner of handles: any Python object behind any handle, and a note of what happened."""

    def __init__(self) -> None:
        self.live: dict[int, Any] = {}
        self.log: list[tuple[str, Any]] = []
        self.ends: list[Any] = []
        self._serial = count(1)
        self._lent: list[int] = []

    def lift_own(self, rep: int, resource: wit.Resource) -> Any:
        self.log.append(("own out", rep))
        return self.live.pop(rep)

    def lift_borrow(self, rep: int, resource: wit.Resource) -> Any:
        self.log.append(("borrow out", rep))
        return self.live[rep]

    def lift_guest(self, handle: int, resource: wit.Resource) -> Any:
        return handle

    def lower_own(self, value: Any, resource: wit.Resource) -> int:
        slot = next(self._serial)
        self.live[slot] = value
        return slot

    def lower_borrow(self, value: Any, resource: wit.Resource) -> int:
        slot = self.lower_own(value, resource)
        self._lent.append(slot)
        return slot

    def lower_guest(self, value: Any, resource: wit.Resource, given: bool) -> int:
        return int(value)

    def dropped(self, rep: int) -> None:
        self.log.append(("dropped", rep))
        del self.live[rep]

    def begin_call(self) -> None:
        self.log.append(("begin", None))

    def abandon_call(self) -> None:
        self.log.append(("abandon", None))

    def end_call(self) -> None:
        for slot in self._lent:
            self.live.pop(slot, None)
        self._lent.clear()

    def ended(self, why: Any) -> None:
        self.ends.append(why)


@dataclass
class Guest:
    """An instance, with what a test looks at."""

    instance: LinkedInstance
    slots: Slots
    kept: list[object] = field(default_factory=list)

    @property
    def store(self) -> Store:
        return self.instance.store

    async def call(self, label: str, type: wit.Function, *arguments: Any) -> Any:
        return await self.instance.call(self.instance.linked.export("", label, type), *arguments)

    async def run(self, n: int = 0, label: str = "run") -> Any:
        """Call an export of type `func(n: u32) -> u32`."""
        return await self.call(label, CALL_U32, n)


def wasm(text: str) -> bytes:
    return bytes(wasmtime.wat2wasm(text))


def link(
    runtime: Runtime,
    compiled: Any,
    functions: Mapping[str, HostFunction | tuple[wit.Function, Callable[..., Any]]] | None = None,
    *,
    resources: Mapping[str, wit.Resource] | None = None,
    lane: Lane = NO_LANE,
) -> Linked:
    """Link compiled code; its imports are the functions of one interface, `HOST`."""
    made = {
        label: host if isinstance(host, HostFunction) else HostFunction(label, *host)
        for label, host in (functions or {}).items()
    }
    return Linked(
        runtime,
        compiled,
        {HOST: made} if made else {},
        {HOST: resources} if resources else {},
        "guest",
        lane,
    )


async def instantiate(linked: Linked, **changed: Any) -> Guest:
    slots = Slots()
    store = Store(linked._runtime.engine, slots, limits(**changed))
    try:
        return Guest(await linked.instantiate(store), slots)
    except BaseException:
        await store.close()
        raise


@asynccontextmanager
async def running(
    text: str,
    functions: Mapping[str, HostFunction | tuple[wit.Function, Callable[..., Any]]] | None = None,
    *,
    resources: Mapping[str, wit.Resource] | None = None,
    runtime: Runtime | None = None,
    lane: bool = False,
    **changed: Any,
) -> AsyncIterator[Guest]:
    """An instance of a component given as text, maybe with the byte lane, closed at the end."""
    own = runtime is None
    runtime = runtime or Runtime()
    try:
        binary = wasm(text)
        wrapped = wrap(binary, decode(binary), lane=lane)
        compiled = await Compiler(runtime, None).compile(wrapped.binary, "guest")
        linked = link(runtime, compiled, functions, resources=resources, lane=wrapped.lane)
        guest = await instantiate(linked, lanes=wrapped.lane.sides, **changed)
        try:
            yield guest
        finally:
            await guest.store.close()
    finally:
        if own:
            runtime.close()


def child(module: str, *arguments: str, timeout: float = 600) -> subprocess.CompletedProcess[str]:
    """Run a module of the tests in a process of its own, so that a crash is only an exit status."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*SOURCES, str(ROOT)])}
    return subprocess.run(
        [sys.executable, "-X", "faulthandler", "-m", module, *arguments],
        capture_output=True, text=True, timeout=timeout, check=False, env=environment,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


def rss() -> int:
    """Return this process's resident memory, in bytes."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1024


async def ticks(until: asyncio.Event) -> int:
    """Count turns of the event loop until something happens."""
    turns = 0
    while not until.is_set():
        turns += 1
        await asyncio.sleep(0)
    return turns


# -- A component that echoes any type --

ALLOCATOR: Final = """
  (core module $libc
    (memory (export "memory") 8)
    (global $top (mut i32) (i32.const 65536))
    (func (export "reset") (global.set $top (i32.const 65536)))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
      (local.set $at (i32.and
        (i32.add (global.get $top) (i32.sub (local.get 2) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get 2))))
      (global.set $top (i32.add (local.get $at) (local.get 3)))
      (block $enough (loop $more
        (br_if $enough (i32.le_u (global.get $top) (i32.mul (memory.size) (i32.const 65536))))
        (br_if $more (i32.ne (memory.grow (i32.const 64)) (i32.const -1)))
        (unreachable)))
      (local.get $at)))
  (core instance $libc (instantiate $libc))
"""


class TypeText:
    """The text of types, and of the definitions they need; `resource` gives the name of each resource."""

    def __init__(self, resource: Callable[[wit.Resource], str] = lambda _: "$thing") -> None:
        self.definitions: list[str] = []
        self.names: list[str] = []
        self._resource = resource
        self._known: dict[wit.Type, str] = {}

    def reference(self, type: wit.Type) -> str:
        match type:
            case wit.Prim(name):
                return name
            case wit.String():
                return "string"
            case wit.List(element):
                return f"(list {self.reference(element)})"
            case wit.Tuple(items):
                return f"(tuple {' '.join(self.reference(item) for item in items)})"
            case wit.Option(some):
                return f"(option {self.reference(some)})"
            case wit.Result(ok, err):
                good = f" {self.reference(ok)}" if ok else ""
                bad = f" (error {self.reference(err)})" if err else ""
                return f"(result{good}{bad})"
            case wit.Own(resource):
                return f"(own {self._resource(resource)})"
            case wit.Borrow(resource):
                return f"(borrow {self._resource(resource)})"
            case _:
                if type not in self._known:
                    self._known[type] = self._define(self._body(type))
                return self._known[type]

    def _body(self, type: wit.Record | wit.Variant | wit.Enum | wit.Flags) -> str:
        match type:
            case wit.Record(fields):
                parts = " ".join(f'(field "{f.label}" {self.reference(f.type)})' for f in fields)
                return f"(record {parts})"
            case wit.Variant(cases):
                parts = " ".join(
                    f'(case "{c.label}"{" " + self.reference(c.type) if c.type else ""})' for c in cases
                )
                return f"(variant {parts})"
            case wit.Enum(labels):
                return f"(enum {_quoted(labels)})"
            case wit.Flags(labels):
                return f"(flags {_quoted(labels)})"

    def _define(self, text: str) -> str:
        name = f"t{len(self.names)}"
        self.names.append(name)
        self.definitions.append(f'(type ${name}x {text}) (export "{name}" (type ${name} (eq ${name}x)))')
        return f"${name}"


def _quoted(labels: tuple[str, ...]) -> str:
    return " ".join(f'"{label}"' for label in labels)


def flat(type: wit.Type | None) -> list[str]:
    """Return the core types that a value is flattened to."""
    match type:
        case None:
            return []
        case wit.Prim("s64" | "u64"):
            return ["i64"]
        case wit.Prim("f32" | "f64" as name):
            return [name]
        case wit.Prim() | wit.Enum() | wit.Flags() | wit.Own() | wit.Borrow():
            return ["i32"]
        case wit.String() | wit.List():
            return ["i32", "i32"]
        case wit.Record(fields):
            return [core for f in fields for core in flat(f.type)]
        case wit.Tuple(items):
            return [core for item in items for core in flat(item)]
        case wit.Option(some):
            return ["i32", *flat(some)]
        case wit.Result(ok, err):
            return ["i32", *_joined([flat(ok), flat(err)])]
        case wit.Variant(cases):
            return ["i32", *_joined([flat(case.type) for case in cases])]


def _joined(arms: list[list[str]]) -> list[str]:
    joined: list[str] = []
    for arm in arms:
        for i, core in enumerate(arm):
            if i == len(joined):
                joined.append(core)
            elif joined[i] != core:
                joined[i] = "i32" if {joined[i], core} == {"i32", "f32"} else "i64"
    return joined


def echo_function(type: wit.Type) -> wit.Function:
    return wit.Function((wit.Param("x", type),), type)


def echo_component(type: wit.Type) -> str:
    """Return a component that exports `echo: func(x: T) -> T` and serves it with the host's."""
    text = TypeText()
    reference = text.reference(type)
    aliases = " ".join(f'(alias export $h "{name}" (type ${name}))' for name in text.names)
    cores = flat(type)
    params = cores if len(cores) <= 16 else ["i32"]
    by_memory = len(cores) > 1
    imported = f"(param {' '.join([*params, *(['i32'] if by_memory else [])])})"
    imported += "" if by_memory else f" (result {cores[0]})"
    gets = " ".join(f"(local.get {i})" for i in range(len(params)))
    body = f"(call $echo {gets})"
    if by_memory:
        body = f"(call $echo {gets} (i32.const 1024)) (i32.const 1024)"
    result = "i32" if by_memory else cores[0]
    return f"""(component
  (import "{HOST}" (instance $h
    (export "thing" (type $thing (sub resource)))
    {" ".join(text.definitions)}
    (export "echo" (func (param "x" {reference}) (result {reference})))))
  (alias export $h "thing" (type $thing)) {aliases}
  {ALLOCATOR}
  (core func $echo (canon lower (func $h "echo") (memory (core memory $libc "memory"))
    (realloc (core func $libc "realloc"))))
  (core module $m
    (import "h" "echo" (func $echo {imported}))
    (import "h" "reset" (func $reset))
    (func (export "run") (param {" ".join(params)}) (result {result}) {body})
    (func (export "done") (param {result}) (call $reset)))
  (core instance $i (instantiate $m
    (with "h" (instance (export "echo" (func $echo)) (export "reset" (func $libc "reset"))))))
  (func (export "echo") (param "x" {reference}) (result {reference}) (canon lift (core func $i "run")
    (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))
    (post-return (core func $i "done"))))
)"""


# -- A component that calls the host, spins, recurses, traps --

WORKER: Final = f"""(component
  (import "{HOST}" (instance $h (export "tick" (func (param "n" u32) (result u32)))))
  (core func $tick (canon lower (func $h "tick")))
  (core module $m
    (import "h" "tick" (func $tick (param i32) (result i32)))
    (memory 1)
    (func (export "add") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
    (func (export "once") (param i32) (result i32) (call $tick (local.get 0)))
    (func (export "loop") (param $n i32) (result i32) (local $sum i32)
      (block $done (loop $more
        (br_if $done (i32.eqz (local.get $n)))
        (local.set $sum (call $tick (local.get $sum)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $more)))
      (local.get $sum))
    (func (export "spin") (param i32) (result i32) (loop $more (br $more)) (i32.const 0))
    (func (export "burn") (param i32) (result i32)
      (loop $more (br_if $more (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (i32.const 7))
    (func $deep (export "deep") (param i32) (result i32)
      (i32.add (call $deep (local.get 0)) (i32.const 1)))
    (func (export "trap") (param i32) (result i32) (i32.div_u (local.get 0) (i32.const 0)))
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))
  (core instance $i (instantiate $m (with "h" (instance (export "tick" (func $tick))))))
  {
    " ".join(
        f'(func (export "{label}") (param "n" u32) (result u32) (canon lift (core func $i "{label}")))'
        for label in ("add", "once", "loop", "spin", "burn", "deep", "trap", "grow")
    )
}
)"""


def worker(tick: Callable[..., Any], **changed: Any) -> Any:
    """A running worker; its import is `tick`."""
    return running(WORKER, {"tick": (CALL_U32, tick)}, **changed)


def memories(sizes: list[int], tables: tuple[int, ...] = ()) -> str:
    """Return a component with memories of these many pages, and tables of these many entries."""
    return f"""(component (core module $m
      {" ".join(f"(memory {size})" for size in sizes)}
      {" ".join(f"(table {size} funcref)" for size in tables)}
      (func (export "run") (param i32) (result i32)
        (memory.grow {"1" if len(sizes) > 1 else "0"} (local.get 0))))
      (core instance $i (instantiate $m))
      (func (export "run") (param "n" u32) (result u32) (canon lift (core func $i "run"))))"""


HANDLES: Final = f"""(component
  (import "{HOST}" (instance $h
    (export "thing" (type $thing (sub resource)))
    (export "make" (func (result (own $thing))))
    (export "take" (func (param "t" (own $thing)) (result u32)))
    (export "use" (func (param "t" (borrow $thing)) (param "n" u32) (result (result u32 (error u32)))))
    (export "both" (func (param "a" (borrow $thing)) (param "b" (borrow $thing)) (result u32)))))
  (alias export $h "thing" (type $thing))
  {ALLOCATOR}
  (core func $make (canon lower (func $h "make")))
  (core func $take (canon lower (func $h "take")))
  (core func $use (canon lower (func $h "use") (memory (core memory $libc "memory"))))
  (core func $both (canon lower (func $h "both")))
  (core func $drop (canon resource.drop $thing))
  (core module $m
    (import "l" "memory" (memory 1))
    (import "h" "make" (func $make (result i32)))
    (import "h" "take" (func $take (param i32) (result i32)))
    (import "h" "use" (func $use (param i32 i32 i32)))
    (import "h" "both" (func $both (param i32 i32) (result i32)))
    (import "h" "drop" (func $drop (param i32)))
    ;; uses a thing n times; each answer is the payload, and 1000 more for an error; returns their sum
    (func $uses (param $t i32) (param $n i32) (result i32) (local $sum i32)
      (block $done (loop $more
        (br_if $done (i32.eqz (local.get $n)))
        (call $use (local.get $t) (local.get $n) (i32.const 16))
        (local.set $sum (i32.add (local.get $sum) (i32.load (i32.const 20))))
        (if (i32.load8_u (i32.const 16))
          (then (local.set $sum (i32.add (local.get $sum) (i32.const 1000)))))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $more)))
      (local.get $sum))
    (func (export "use") (param $n i32) (result i32) (local $t i32)
      (local.set $t (call $make))
      (call $uses (local.get $t) (local.get $n))
      (call $drop (local.get $t)))
    (func (export "lent") (param $t i32) (param $n i32) (result i32)
      (call $uses (local.get $t) (local.get $n))
      (call $drop (local.get $t)))
    (func (export "keep") (param $n i32) (result i32) (local $t i32)
      (loop $more
        (local.set $t (call $make))
        (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (local.get $t))
    (func (export "give") (param i32) (result i32) (call $take (call $make)))
    (func (export "both") (param i32) (result i32) (local $t i32)
      (local.set $t (call $make))
      (call $both (local.get $t) (local.get $t))
      (call $drop (local.get $t)))
    (func (export "pass") (param i32) (result i32) (local.get 0))
    (func (export "stale") (param i32) (result i32) (local $t i32)
      (local.set $t (call $make)) (drop (call $take (local.get $t))) (call $take (local.get $t))))
  (core instance $i (instantiate $m (with "l" (instance $libc)) (with "h" (instance
    (export "make" (func $make)) (export "take" (func $take)) (export "use" (func $use))
    (export "both" (func $both)) (export "drop" (func $drop))))))
  {
    " ".join(
        f'(func (export "{label}") (param "n" u32) (result u32) (canon lift (core func $i "{label}")))'
        for label in ("use", "keep", "give", "both", "stale")
    )
}
  (func (export "lent") (param "t" (borrow $thing)) (param "n" u32) (result u32)
    (canon lift (core func $i "lent")))
  (func (export "pass") (param "t" (own $thing)) (result (own $thing)) (canon lift (core func $i "pass")))
)"""
OWN: Final = wit.Own(THING)
LENT: Final = wit.Borrow(THING)
THING_TYPES: Final = {
    "make": wit.Function((), OWN),
    "take": wit.Function((wit.Param("t", OWN),), wit.U32),
    "use": wit.Function((wit.Param("t", LENT), wit.Param("n", wit.U32)), wit.Result(wit.U32, wit.U32)),
    "both": wit.Function((wit.Param("a", LENT), wit.Param("b", LENT)), wit.U32),
}


def handles(
    use: Callable[..., Any] | None = None,
    *,
    catch: Callable[[Any, Exception], Any] | None = None,
    **served: Callable[..., Any],
) -> Any:
    """A running component that makes, uses, gives away and drops things of the host."""
    calls = {
        "make": lambda store: "thing", "take": lambda store, thing: len(thing),
        "use": use or (lambda store, thing, n: wit.Ok(n)), "both": lambda store, a, b: len(a) + len(b),
        **served,
    }  # fmt: skip
    functions = {
        label: HostFunction(label, type, calls[label], catch if label == "use" else None)
        for label, type in THING_TYPES.items()
    }
    return running(HANDLES, functions, resources={"thing": THING})
