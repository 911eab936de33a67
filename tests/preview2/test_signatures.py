"""A component declares its imports' types itself: a handler is reached through WASI's own types only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from capwit.bridge import Host, Limits, LinkError
from capwit.bridge.binding import Bindings, Grant, Grants, GrantsInterface
from capwit.caps import standard
from capwit.caps.local import MemoryConsole
from capwit.engine.component import Interface
from capwit.engine.decode import decode
from capwit.engine.lane import find_lane
from capwit.preview2.front import _HANDLERS
from capwit.preview2.signatures import SIGNATURES

from tests.bridge.support import scenario
from tests.preview2.test_imports import plain, run
from tests.support.components import wat
from tests.support.wasi import wasi_guest


@dataclass(frozen=True, slots=True)
class Held(Grants):
    console: Any


HELD = GrantsInterface(Held, "t:t/g@0.1.0", (Grant("console", "get-console", standard.CONSOLE.own),))
BINDINGS = Bindings(package="t:t@0.1.0", interface="g", grants=(HELD,))

# A guest that calls the console it was granted an error, and asks for its words.
DISGUISED = """
  (import "capwit:caps/standard@0.1.0" (instance $std (export "console" (type (sub resource)))))
  (alias export $std "console" (type $console))
  (import "t:t/g@0.1.0" (instance $g
    (alias outer 1 $console (type $c0)) (export "console" (type $c (eq $c0)))
    (export "get-console" (func (result (own $c))))))
  (import "wasi:io/error@0.2.0" (instance $e
    (alias outer 1 $console (type $c0)) (export "error" (type $c (eq $c0)))
    (export "[method]error.to-debug-string" (func (param "self" (borrow $c)) (result string)))))
"""

# A guest that gives handles away, inside an option, to a function that nobody serves.
LITTERING = """
  (import "wasi:io/streams@0.2.0" (instance $s (export "output-stream" (type (sub resource)))))
  (alias export $s "output-stream" (type $os))
  (import "wasi:cli/stdout@0.2.0" (instance $o
    (alias outer 1 $os (type $c0)) (export "output-stream" (type $c (eq $c0)))
    (export "get-stdout" (func (result (own $c))))))
  (import "wasi:foo/bar@0.2.0" (instance $b
    (alias outer 1 $os (type $c0)) (export "output-stream" (type $c (eq $c0)))
    (export "f" (func (param "x" (option (own $c))) (result (option u8))))))
  (core module $mem (memory (export "m") 1))
  (core instance $mi (instantiate $mem))
  (alias core export $mi "m" (core memory $m))
  (core func $get (canon lower (func $o "get-stdout")))
  (core func $f (canon lower (func $b "f") (memory $m)))
  (core module $main
    (import "" "get" (func $get (result i32)))
    (import "" "f" (func $f (param i32 i32 i32)))
    (func (export "run") (param $n i32)
      (loop $l
        (call $f (i32.const 1) (call $get) (i32.const 16))
        (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))
  (core instance $i (instantiate $main (with "" (instance
    (export "get" (func $get)) (export "f" (func $f))))))
  (func (export "run") (param "n" u32) (canon lift (core func $i "run")))
"""


@scenario
async def test_a_capability_cannot_pass_for_a_resource_of_wasi() -> None:
    console = MemoryConsole()
    console.write(b"another tenant's words")
    async with Host() as host:
        app = await host.load(wat(DISGUISED), BINDINGS, standard.BINDINGS, name="disguised.wasm")
        with pytest.raises(LinkError, match=r"disguised.wasm: its import wasi:io/error@0.2.0 is not WASI's"):
            await app.start(Held(console=console))


@scenario
async def test_a_function_of_another_type_is_refused() -> None:
    binary = plain(
        "wasi:random/random@0.2.0",
        "get-random-u64",
        '(param "len" s64) (result u64)',
        body="(call $f (i64.const -1))",
        lower="(param i64) (result i64)",
    )
    with pytest.raises(LinkError, match="wasi:random/random#get-random-u64 is not WASI's: it has 1 param"):
        await run(binary)


@scenario
async def test_what_a_refused_call_is_given_is_released() -> None:
    async with Host() as host:
        app = await host.load(wat(LITTERING))
        async with app.instantiate(limits=Limits(handles=10)) as instance:
            await instance.call("run", 100)
            assert (instance.handles, host.ledger.balance) == (0, 0)


def test_every_handler_has_a_signature() -> None:
    handled = {interface: set(functions) for interface, functions in _HANDLERS.items()}
    assert handled == {interface: set(functions) for interface, functions in SIGNATURES.items()}


def test_every_function_that_carries_bytes_takes_the_lane() -> None:
    binary = wasi_guest().read_bytes()
    component = decode(binary, "explorer.wasm")
    lane = find_lane(component)
    carries = {
        (name, label)
        for name, item in component.imports.items()
        if isinstance(item, Interface)
        for label, function in item.functions.items()
        if "List(element=Prim(name='u8'))" in repr(function)
    }
    packages = {name.partition("/")[0] for name, _ in carries}
    assert packages == {"wasi:io", "wasi:filesystem", "wasi:sockets", "wasi:http", "wasi:random"}
    assert {*lane.imports} == carries
    assert not lane.refused
