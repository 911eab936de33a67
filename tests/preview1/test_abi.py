"""The ABI itself: types, addresses that lead nowhere, numbers that mean nothing, and what is linked."""

from __future__ import annotations

import os
import struct
from typing import Any

import pytest
from capwit.bridge import GuestExit, Host, InstanceEnded, LinkError, LoadError, Trap
from capwit.caps import MemoryConsole, MemoryDirectory, SystemEntropy, SystemTimer, SystemWallClock
from capwit.caps.wasi import WasiGrants
from capwit.engine.core import CoreFunction, ValueType, decode_module
from capwit.preview1.abi import SIGNATURES, Errno
from capwit.preview1.front import HANDLERS

from tests.bridge.support import scenario
from tests.preview1.support import call, calling, wat

EVERYTHING: dict[str, Any] = {
    "stdin": None,
    "timer": SystemTimer(),
    "wall_clock": SystemWallClock(),
    "entropy": SystemEntropy(),
}


def granted() -> dict[str, Any]:
    return {**EVERYTHING, "stdout": MemoryConsole(), "preopens": {"/": MemoryDirectory()}}


def text(type: CoreFunction) -> tuple[str, str]:
    return " ".join(each.value for each in type.params), " ".join(each.value for each in type.results)


def test_there_are_46_functions() -> None:
    assert len(SIGNATURES) == 46
    assert HANDLERS["wasi_snapshot_preview1"].keys() == SIGNATURES.keys()
    assert HANDLERS["wasi_unstable"].keys() == SIGNATURES.keys() - {"sock_accept"}


# Functions that no address is passed to, or that end the guest.
_WITHOUT_ADDRESS = {
    "proc_exit", "proc_raise", "sched_yield", "fd_advise", "fd_allocate", "fd_close", "fd_datasync",
    "fd_fdstat_set_flags", "fd_fdstat_set_rights", "fd_filestat_set_size", "fd_filestat_set_times",
    "fd_renumber", "fd_sync", "sock_shutdown",
}  # fmt: skip


@pytest.mark.parametrize("size", ["1", "none"])
@pytest.mark.parametrize("name", sorted(SIGNATURES.keys() - {"proc_exit", "proc_raise"}))
@scenario
async def test_numbers_that_lead_nowhere(name: str, size: str) -> None:
    # All ones: as an address, as a size, as a descriptor, as flags; then a descriptor that there is.
    params, _ = text(SIGNATURES[name])
    for fd in (-1, 1, 3):
        values = [f"({each}.const {-1 if number else fd})" for number, each in enumerate(params.split())]
        memory = '(memory (export "memory") 1)' if size == "1" else ""
        answer = await call(calling(name, params, f"(call $f {' '.join(values)})", memory), **granted())
        assert Errno(answer) is not Errno.SUCCESS or name in _WITHOUT_ADDRESS, (fd, answer)


@pytest.mark.parametrize("name", sorted(SIGNATURES.keys() - {"proc_exit", "proc_raise", "sched_yield"}))
@scenario
async def test_without_grants_every_function_answers(name: str) -> None:
    params, _ = text(SIGNATURES[name])
    values = " ".join(f"({each}.const 8)" for each in params.split())
    answer = Errno(await call(calling(name, params, f"(call $f {values})")))
    match name.partition("_")[0]:
        case "args" | "environ":
            assert answer is Errno.SUCCESS
        case "clock":
            assert answer is Errno.INVAL  # there is no clock number 8
        case "random":
            assert answer is Errno.NOSYS
        case "poll":
            assert answer is Errno.SUCCESS  # each event says what it is refused with
        case "fd" | "path" | "sock":
            assert answer is Errno.BADF


@pytest.mark.parametrize(("signal", "code"), [(6, 134), (30, 158)])
@scenario
async def test_a_guest_that_raises_a_signal_ends_as_by_it(signal: int, code: int) -> None:
    with pytest.raises(GuestExit) as ended:
        await call(calling("proc_raise", "i32", f"(call $f (i32.const {signal}))"))
    assert ended.value.code == code


@pytest.mark.parametrize(("signal", "answer"), [(0, Errno.SUCCESS), (31, Errno.INVAL), (-1, Errno.INVAL)])
@scenario
async def test_signals_that_end_nothing(signal: int, answer: Errno) -> None:
    assert await call(calling("proc_raise", "i32", f"(call $f (i32.const {signal}))")) == answer


@scenario
async def test_an_address_out_of_memory_is_a_fault() -> None:
    body = "(call $f (i32.const {}) (i32.const {}))"
    for at, size, expected in (
        (65535, 1, Errno.SUCCESS),
        (65535, 2, Errno.FAULT),
        (-1, 1, Errno.FAULT),
        (65536, 0, Errno.SUCCESS),
        (0, -1, Errno.FAULT),
    ):
        binary = calling("random_get", "i32 i32", body.format(at, size))
        assert await call(binary, entropy=SystemEntropy()) == expected, (at, size)


WRITE = "i32 i32 i32 i32"


def vectors(*pairs: tuple[int, int]) -> str:
    data = "".join(f"\\{byte:02x}" for byte in b"".join(struct.pack("<ii", *pair) for pair in pairs))
    return f'(memory (export "memory") 1) (data (i32.const 1024) "abcdef") (data (i32.const 16) "{data}")'


@pytest.mark.parametrize(
    ("pairs", "expected", "written"),
    [
        ([(1024, 3), (1027, 0), (1027, 3)], Errno.SUCCESS, "abcdef"),
        ([(1024, 3), (1024, 3)], Errno.SUCCESS, "abcabc"),  # they may overlap
        ([(1024, 3), (65535, 2)], Errno.FAULT, ""),
        ([(-1, 1)], Errno.FAULT, ""),
        ([(1024, -1)], Errno.FAULT, ""),
        ([], Errno.SUCCESS, ""),
    ],
)
@scenario
async def test_vectors(pairs: list[tuple[int, int]], expected: Errno, written: str) -> None:
    console = MemoryConsole()
    body = f"(call $f (i32.const 1) (i32.const 16) (i32.const {len(pairs)}) (i32.const 0))"
    assert await call(calling("fd_write", WRITE, body, vectors(*pairs)), stdout=console) == expected
    assert console.text == written


@pytest.mark.parametrize("count", [1025, -1])
@scenario
async def test_too_many_vectors(count: int) -> None:
    body = f"(call $f (i32.const 1) (i32.const 16) (i32.const {count}) (i32.const 0))"
    assert await call(calling("fd_write", WRITE, body), stdout=MemoryConsole()) == Errno.INVAL


@scenario
async def test_what_could_not_be_told_is_not_done() -> None:
    console = MemoryConsole()
    body = "(call $f (i32.const 1) (i32.const 16) (i32.const 1) (i32.const -4))"
    assert await call(calling("fd_write", WRITE, body, vectors((1024, 3))), stdout=console) == Errno.FAULT
    assert console.text == ""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (b"\xff\xfe", Errno.ILSEQ),
        (b"a\0b", Errno.INVAL),
        (b"", Errno.NOENT),
        (b"a" * 5000, Errno.NAMETOOLONG),
    ],
)
@scenario
async def test_paths_that_are_none(path: bytes, expected: Errno) -> None:
    data = "".join(f"\\{byte:02x}" for byte in path)
    body = f"(call $f (i32.const 3) (i32.const 0) (i32.const {len(path)}))"
    memory = f'(memory (export "memory") 1) (data (i32.const 0) "{data}")'
    binary = calling("path_create_directory", "i32 i32 i32", body, memory)
    assert await call(binary, preopens={"/": MemoryDirectory()}) == expected


# -- What is linked


async def load(text: str, *grants: WasiGrants) -> None:
    async with Host() as host:
        module = await host.load_module(wat(text), name="small.wasm")
        async with module.instantiate(*grants) as instance:
            await instance.run()


@scenario
async def test_an_empty_module_has_run_when_it_is_instantiated() -> None:
    await load("(module)")


@scenario
async def test_a_start_function_reaches_memory() -> None:
    console = MemoryConsole()
    imported = f'(import "wasi_snapshot_preview1" "fd_write" (func $f (param {WRITE}) (result i32)))'
    body = "(drop (call $f (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 0)))"
    start = f"(module {imported} {vectors((1024, 6))} (func $start {body}) (start $start))"
    await load(start, WasiGrants(stdout=console))
    assert console.text == "abcdef"


@scenario
async def test_a_reactor_is_initialised_first() -> None:
    async with Host() as host:
        module = await host.load_module(
            wat("""(module (global $n (mut i32) (i32.const 1))
              (func (export "_initialize") (global.set $n (i32.const 40)))
              (func (export "add") (param i32) (result i32) (i32.add (global.get $n) (local.get 0)))
              (func (export "get") (result i32) (global.get $n)))""")
        )
        async with module.instantiate() as instance:
            assert await instance.run("get") == 40
            assert await instance.call("add", 2) == 42


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('(import "env" "f" (func))', "imports env.f, a function, and nothing here serves that"),
        ('(import "wasi_unstable" "fd_write" (func))', r"which in wasi_unstable is \(i32, i32, i32, i32\)"),
        ('(import "wasi_snapshot_preview2" "f" (func))', "wasi_snapshot_preview2.f, a function, and nothing"),
        (
            '(import "wasi_snapshot_preview1" "fd_close" (func (param i64) (result i32)))',
            r"of type \(i64\) -> i32, which in wasi_snapshot_preview1 is \(i32\) -> i32",
        ),
        ('(import "wasi_snapshot_preview1" "m" (memory 1))', "a memory, and wasi_snapshot_preview1 has onl"),
        (
            '(import "wasi_snapshot_preview1" "f" (func (param externref)))',
            "a function that takes or returns an externref",
        ),
        ('(import "env" "g" (global i32))', "imports env.g, a global, and nothing"),
        (
            '(import "env" "g" (global externref))',
            "a global with an externref: a core module has no re",
        ),
        ('(import "env" "t" (table 1 externref))', "a table of externrefs: a core module has no references"),
        ('(import "env" "t" (table 1 funcref))', "imports env.t, a table, and nothing"),
        (
            '(import "env" "f" (func (param externref)))',
            "a function that takes or returns an externref: a",
        ),
        (
            '(import "wasi" "thread-spawn" (func (param i32) (result i32)))',
            "thread-spawn, which starts a th",
        ),
    ],
)
@scenario
async def test_what_is_refused_at_load(text: str, message: str) -> None:
    with pytest.raises(LinkError, match=message):
        await load(f"(module {text})", WasiGrants())


@pytest.mark.parametrize(
    "memory",
    [
        '(import "env" "memory" (memory 1 2 shared))',
        '(import "wasi_snapshot_preview1" "memory" (memory 1 2 shared))',
        "(memory 1 2 shared)",
        '(memory 1) (memory (export "memory") i64 1 2 shared)',
    ],
)
@scenario
async def test_threads_are_refused(memory: str) -> None:
    with pytest.raises(LoadError, match="memory that threads share"):
        await load(f"(module {memory})")


@scenario
async def test_an_export_that_is_no_function() -> None:
    async with Host() as host:
        module = await host.load_module(wat('(module (memory (export "m") 1) (func (export "f")))'))
        async with module.instantiate() as instance:
            assert await instance.run("f") is None
            with pytest.raises(LinkError, match="it exports a memory named m"):
                await instance.run("m")
            with pytest.raises(LinkError, match="it exports no function g"):
                await instance.call("g")


@scenario
async def test_a_function_that_wasi_has_not() -> None:
    body = "(call $f (i32.const 0))"
    assert await call(calling("fd_levitate", "i32", body)) == Errno.NOSYS
    with pytest.raises(InstanceEnded, match="fd_levitate: there is no such function"):
        await load(
            """(module (import "wasi_snapshot_preview1" "fd_levitate" (func $f))
              (func (export "_start") (call $f)))"""
        )


@scenario
async def test_a_trap_names_the_function() -> None:
    with pytest.raises(Trap, match="_start: the guest trapped: wasm `unreachable`"):
        await load('(module (func (export "_start") unreachable))')


@pytest.mark.parametrize(
    "inside",
    [
        "(func (param externref)) (func (param funcref v128))",
        "(type (func (result exnref)))",
        "(type $t (func)) (type (func (param (ref null $t) (ref $t))))",
        "(table 1 funcref) (tag (param i32)) (global i32 (i32.const 1)) (memory 1)",
    ],
)
def test_what_a_module_uses_inside_is_its_own(inside: str) -> None:
    binary = wat(f'(module {inside} (func (export "f") (param i64) (result i32 f64) unreachable))')
    found = decode_module(binary, "inside.wasm").exports["f"]
    assert str(found) == "(i64) -> i32, f64"


def test_an_import_of_every_kind() -> None:
    binary = wat("""(module (type $t (func)) (import "a" "t" (table 1 2 (ref null $t)))
      (import "a" "m" (memory i64 1)) (import "a" "g" (global (mut (ref null $t)))) (import "a" "e" (tag))
      (import "a" "f" (func (param f32 f64))) (func (export "x") (result i64) unreachable))""")
    module = decode_module(binary, "imports.wasm")
    assert [str(each.type) for each in module.imports] == [
        "a table", "a memory", "a global", "an exception tag", "(f32, f64) -> nothing",
    ]  # fmt: skip
    assert str(module.exports["x"]) == "() -> i64"


@pytest.mark.parametrize(
    "what", ['(import "a" "b\\n" (func))', r'(func (export "\1b[2J"))', r'(func (export "\u{2028}"))']
)
def test_a_name_that_is_more_than_one_line(what: str) -> None:
    with pytest.raises(LoadError, match="a name has a line end or another control character"):
        decode_module(wat(f"(module {what})"), "forged.wasm")


@pytest.mark.parametrize("cut", [8, 9, 25, 40, 60])
def test_a_file_that_is_cut_short(cut: int) -> None:
    whole = calling("fd_close", "i32", "(call $f (i32.const 0))")
    if cut > 8:
        with pytest.raises(LoadError):
            decode_module(whole[:cut], "cut.wasm")
    else:
        assert decode_module(whole[:cut], "cut.wasm").imports == ()


@scenario
async def test_bytes_that_are_no_module() -> None:
    for junk in (b"", b"\0asm", b"\0asm\x0d\0\x01\0", os.urandom(64)):
        async with Host() as host:
            with pytest.raises(LoadError, match="is no core module"):
                await host.load_module(junk)


def test_values_are_numbers_only() -> None:
    assert {each.value for each in ValueType} == {"i32", "i64", "f32", "f64"}
