"""Each function of WASI 0.2, called by a component that is granted nothing: it refuses, or needs no grant.

The component is made of the table of the functions that are served, and the table is held against WASI's WIT.
"""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import Final

import pytest
from capwit.bridge import GuestExit, Host, InstanceEnded, Trap
from capwit.bridge.match import find_mismatch
from capwit.cli.toolchains.wit import WitTree
from capwit.engine.component import Interface
from capwit.engine.decode import decode
from capwit.engine.layout import layout
from capwit.engine.types import (
    BOOL,
    Borrow,
    Enum,
    Function,
    List,
    Option,
    Own,
    Resource,
    Result,
    String,
    Tuple,
    Type,
    Variant,
)
from capwit.preview2.signatures import SIGNATURES

from tests.bridge.support import scenario
from tests.engine.support import ALLOCATOR, TypeText, flat
from tests.support.components import wat
from tests.support.encoder import encoded
from tests.support.wasi import named

WIT: Final = Path("@bytecodealliance", "jco", "lib", "wit", "builtin", "0.2.12")
FUNCTIONS: Final = [
    (interface, label, type)
    for interface, functions in SIGNATURES.items()
    for label, type in functions.items()
]
NUMBERS: Final = {(interface, label): n for n, (interface, label, _) in enumerate(FUNCTIONS)}

# Which function gives a component that is granted nothing a handle, by resource: of no other it ever has one.
MAKERS: Final = {
    "input-stream": ("wasi:cli/stdin", "get-stdin"),
    "output-stream": ("wasi:cli/stdout", "get-stdout"),
    "pollable": ("wasi:io/streams", "[method]input-stream.subscribe"),
    "network": ("wasi:sockets/instance-network", "instance-network"),
    "fields": ("wasi:http/types", "[constructor]fields"),
    "outgoing-request": ("wasi:http/types", "[constructor]outgoing-request"),
    "outgoing-response": ("wasi:http/types", "[constructor]outgoing-response"),
    "request-options": ("wasi:http/types", "[constructor]request-options"),
    "outgoing-body": ("wasi:http/types", "[method]outgoing-request.body"),
}
RESULT, LENT, TEXT = 16, 2048, 3072  # where they lie in the component's memory

# What it is told where it has all the handles to call a function; where it has not, it cannot.
OWN: Final = "answered"  # of what it made itself, or got
NONE: Final = "nothing"  # an empty list, no value
TOLD: Final = {
    "wasi:cli/environment": NONE,
    "wasi:cli/exit": "the guest exited with code 0",
    "wasi:cli/stderr": OWN,
    "wasi:cli/stdin": OWN,
    "wasi:cli/stdout": OWN,
    "wasi:cli/terminal-stderr": NONE,
    "wasi:cli/terminal-stdin": NONE,
    "wasi:cli/terminal-stdout": NONE,
    "wasi:clocks/monotonic-clock": "grant `timer`",
    "wasi:clocks/wall-clock": "grant `wall_clock`",
    "wasi:filesystem/preopens": NONE,
    "wasi:http/outgoing-handler": "HTTP-request-denied",
    "wasi:http/types": OWN,
    "wasi:http/types#[method]outgoing-response.set-status-code": "failed",  # 0 is none
    "wasi:io/poll": OWN,
    "wasi:io/streams": "closed",
    "wasi:io/streams#[method]input-stream.subscribe": OWN,
    "wasi:io/streams#[method]output-stream.subscribe": OWN,
    "wasi:random/insecure": "grant `entropy`",
    "wasi:random/insecure-seed": "grant `entropy`",
    "wasi:random/random": "grant `entropy`",
    "wasi:sockets/instance-network": OWN,
    "wasi:sockets/ip-name-lookup": "access-denied",
    "wasi:sockets/tcp-create-socket": "access-denied",
    "wasi:sockets/udp-create-socket": "access-denied",
}


MEMORY: Final = '(memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))'


class Imports:
    """The interfaces as text, each behind those whose resources it uses."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.names: dict[str, str] = {}
        self.homes: dict[str, dict[Resource, None]] = {}
        for _, _, type in FUNCTIONS:
            for each in named(Tuple((*(param.type for param in type.params), type.result or BOOL))):
                if isinstance(each, Resource):
                    self.homes.setdefault(each.interface, {})[each] = None
        for interface in SIGNATURES:
            self.declare(f"{interface}@0.2.0")

    def declare(self, interface: str) -> None:
        if interface in self.names:
            return
        self.names[interface] = name = f"$i{len(self.names)}"
        own = self.homes.get(interface, {})
        used = dict(own)

        def resource(each: Resource) -> str:
            self.declare(each.interface)
            used[each] = None
            return f"${each.name}"

        types = TypeText(resource)
        functions = []
        for label, type in SIGNATURES.get(interface.partition("@")[0], {}).items():
            params = " ".join(f'(param "{each.label}" {types.reference(each.type)})' for each in type.params)
            result = f"(result {types.reference(type.result)})" if type.result else ""
            functions.append(f'(export "{label}" (func {params} {result}))')
        bounds = {each: "(sub resource)" if each in own else f"(eq $its-{each.name})" for each in used}
        self.lines += [
            f'(import "{interface}" (instance {name}',
            *(
                f"(alias outer 1 $the-{each.name} (type $its-{each.name}))"
                for each in used
                if each not in own
            ),
            *(f'(export "{each.name}" (type ${each.name} {bound}))' for each, bound in bounds.items()),
            *types.definitions,
            *functions,
            "))",
            *(f'(alias export {name} "{each.name}" (type $the-{each.name}))' for each in own),
        ]


def component() -> bytes:
    """The component: an export for each function, by its number, which calls it once."""
    imports = Imports()
    lowered, needed, given, exported, lifted = [], [], [], [], []
    for n, (interface, label, type) in enumerate(FUNCTIONS):
        instance = imports.names[f"{interface}@0.2.0"]
        lowered.append(f'(core func $f{n} (canon lower (func {instance} "{label}") {MEMORY}))')
        needed.append(f'(import "" "f{n}" (func $f{n} {signature(type)}))')
        given.append(f'(export "f{n}" (func $f{n}))')
        exported.append(f'(func (export "f{n}") (result i64) {call(n)} {answer(type)})')
        lifted.append(f'(func (export "f{n}") (result u64) (canon lift (core func $main "f{n}")))')
    lines = [
        *imports.lines, ALLOCATOR, *lowered,
        '(core module $main (import "" "memory" (memory 1))', *needed,
        f'(data (i32.const {TEXT}) "a")', *exported, ")",
        '(core instance $main (instantiate $main (with "" (instance',
        '(export "memory" (memory $libc "memory"))', *given, "))))",
        *lifted,
    ]  # fmt: skip
    return wat("\n".join(lines))


def signature(type: Function) -> str:
    params = [core for each in type.params for core in flat(each.type)]
    results = flat(type.result)
    if len(results) > 1:
        params, results = [*params, "i32"], []
    return " ".join([*(f"(param {each})" for each in params), *(f"(result {each})" for each in results)])


def call(n: int) -> str:
    _, _, type = FUNCTIONS[n]
    arguments = [argument(each.type) for each in type.params]
    if len(flat(type.result)) > 1:
        arguments.append(f"(i32.const {RESULT})")
    return f"(call $f{n} {' '.join(arguments)})"


def argument(type: Type) -> str:
    match type:
        case Own(resource) | Borrow(resource) if resource.name in MAKERS:
            maker = NUMBERS[MAKERS[resource.name]]
            if isinstance(FUNCTIONS[maker][2].result, Result):
                return f"(block (result i32) {call(maker)} (i32.load (i32.const {RESULT + 4})))"
            return call(maker)
        case List(Borrow() as lent):
            kept = f"(i32.store (i32.const {LENT}) {argument(lent)})"
            return f"(block (result i32) {kept} (i32.const {LENT})) (i32.const 1)"
        case String():
            return f"(i32.const {TEXT}) (i32.const 1)"
    return " ".join(f"({core}.const 0)" for core in flat(type))


def answer(type: Function) -> str:
    """A list's length, a result's two ends as `0xENDCODE`, else what comes first."""
    match flat(type.result), type.result:
        case [], _:
            return "(i64.const 0)"
        case ["i64"], _:
            return ""
        case [_], Result():
            return "(i64.shl (i64.extend_i32_u) (i64.const 8))"
        case [_], _:
            return "(i64.extend_i32_u)"
        case _, List():
            return f"(i64.load32_u (i32.const {RESULT + 4}))"
        case _, Result(ok, err):
            payload = RESULT + max(layout(each).align for each in (ok, err) if each)
            end, code = (f"(i64.load8_u (i32.const {at}))" for at in (RESULT, payload))
            return f"(i64.or (i64.shl {end} (i64.const 8)) {code})"
    return f"(i64.load8_u (i32.const {RESULT}))"


def words(type: Function, answered: int) -> str:
    match type.result:
        case List() | Option() if not answered:
            return NONE
        case Result(_, Enum(labels)) if answered >> 8:
            return labels[answered & 255]
        case Result(_, Variant(cases)) if answered >> 8:
            return cases[answered & 255].label
        case Result(_, None) if answered >> 8:
            return "failed"
    return OWN


def expected(interface: str, label: str, type: Function) -> set[str]:
    handles = [each for param in type.params for each in named(param.type) if isinstance(each, Resource)]
    if not {each.name for each in handles} <= {*MAKERS}:
        return {"unknown handle index 0"}
    told = TOLD.get(f"{interface}#{label}", TOLD.get(interface))
    assert told is not None, f"{interface}#{label}: say what it is to be told"
    return {told, NONE} if interface == "wasi:http/types" else {told}  # fields and options that are not set


@scenario
async def test_each_function_is_refused_or_needs_no_grant() -> None:
    wrong = {}
    async with Host() as host:
        app = await host.load(component(), name="nothing.wasm")
        for n, (interface, label, type) in enumerate(FUNCTIONS):
            try:
                async with app.instantiate() as instance:
                    told = words(type, await instance.call(f"f{n}"))
            except (Trap, InstanceEnded, GuestExit) as error:
                told = str(error)
            if not any(each in told for each in expected(interface, label, type)):
                wrong[f"{interface}#{label}"] = told
        had = {event.interface.rpartition(".")[2] for event in host.ledger if event.interface}
    assert not wrong
    assert had == {*MAKERS}


def test_the_table_is_that_of_wasis_own_wit(tmp_path: Path) -> None:
    folders = [Path(each, WIT) for each in os.environ.get("NODE_PATH", "").split(os.pathsep)]
    wit = next((each for each in folders if each.is_dir()), None)
    if wit is None:
        pytest.skip("there is no WIT of WASI's: npm install @bytecodealliance/jco, and set NODE_PATH")
    files = {PurePosixPath("deps", *each.parts[-2:]): each.read_bytes() for each in wit.glob("*/*.wit")}
    world = "world all { include wasi:cli/imports@0.2.12; include wasi:http/imports@0.2.12; }"
    files[PurePosixPath("all.wit")] = f"package all:all;\n{world}\n".encode()
    imports = decode(encoded(WitTree(Path(), files), "all", tmp_path)).imports
    found = {
        (each.name.partition("@")[0], label): type
        for each in imports.values()
        if isinstance(each, Interface)
        for label, type in each.functions.items()
    }
    table = {(interface, label): type for interface, label, type in FUNCTIONS}
    assert {*found} == {*table}
    assert not {at: why for at, type in found.items() if (why := find_mismatch(table[at], type))}
