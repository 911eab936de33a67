"""WASI 0.2 beside wasmtime-py's built-in `add_wasip2`, which is native code: one component under both."""

from __future__ import annotations

import functools
import random
import tempfile
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import wasmtime
import wasmtime.component
from capwit.bridge import Host
from capwit.caps import HostDirectory, SystemTimer
from capwit.caps.wasi import WasiGrants
from capwit.preview2.signatures import FILE_ERRORS
from measure import compare, timed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from measure import Bench, Row, Side

KIB: Final = 1024
MIB: Final = 1024 * KIB
# As what is compressed is: half of it is no ASCII.
VARIED: Final = random.Random(0).randbytes(64 * KIB)  # noqa: S311

_ESCAPED: Final = "".join(f"\\{byte:02x}" for byte in VARIED)

# What is called in a loop of `n` calls that carry `size` bytes. `$out`, `$dir` and `$file` are open.
_BODIES: Final = {
    "now": "(drop (call $now))",
    "ready": "(drop (call $ready (global.get $never)))",
    "poll": "(call $poll (i32.const 32) (i32.const 2) (i32.const 16))",
    "poll-many": "(call $poll (i32.const 524288) (i32.const 1001) (i32.const 16))",
    "write": """(call $check-write (global.get $out) (i32.const 16))
      (call $write (global.get $out) (i32.const 65536) (local.get $size) (i32.const 16))""",
    "flush": "(call $flushed (global.get $out) (i32.const 65536) (local.get $size) (i32.const 16))",
    "read": "(call $read (global.get $in) (i64.extend_i32_u (local.get $size)) (i32.const 16))",
    "pread": """(call $pread (global.get $file) (i64.extend_i32_u (local.get $size)) (i64.const 0)
      (i32.const 16))""",
    "open": "(call $open) (call $drop (i32.load (i32.const 20)))",
}
_ERRORS: Final = " ".join(f'"{label}"' for label in FILE_ERRORS)
_COMPONENT: Final = f"""(component
  (import "wasi:io/error@0.2.0" (instance $e (export "error" (type (sub resource)))))
  (alias export $e "error" (type $error))
  (import "wasi:io/poll@0.2.0" (instance $p
    (export "pollable" (type $pollable (sub resource)))
    (export "[method]pollable.ready" (func (param "self" (borrow $pollable)) (result bool)))
    (export "poll" (func (param "in" (list (borrow $pollable))) (result (list u32))))))
  (alias export $p "pollable" (type $pollable))
  (import "wasi:io/streams@0.2.0" (instance $s
    (export "error" (type $error' (eq $error)))
    (type $fail' (variant (case "last-operation-failed" (own $error')) (case "closed")))
    (export "stream-error" (type $fail (eq $fail')))
    (export "input-stream" (type $in (sub resource)))
    (export "output-stream" (type $out (sub resource)))
    (export "[method]input-stream.blocking-read" (func (param "self" (borrow $in)) (param "len" u64)
      (result (result (list u8) (error $fail)))))
    (export "[method]output-stream.check-write" (func (param "self" (borrow $out))
      (result (result u64 (error $fail)))))
    (export "[method]output-stream.write" (func (param "self" (borrow $out)) (param "contents" (list u8))
      (result (result (error $fail)))))
    (export "[method]output-stream.blocking-write-and-flush" (func (param "self" (borrow $out))
      (param "contents" (list u8)) (result (result (error $fail)))))))
  (alias export $s "input-stream" (type $in))
  (alias export $s "output-stream" (type $out))
  (import "wasi:cli/stdout@0.2.0" (instance $o
    (export "output-stream" (type $out' (eq $out)))
    (export "get-stdout" (func (result (own $out'))))))
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $c
    (export "pollable" (type $pollable' (eq $pollable)))
    (export "now" (func (result u64)))
    (export "subscribe-duration" (func (param "when" u64) (result (own $pollable'))))))
  (import "wasi:filesystem/types@0.2.0" (instance $f
    (export "input-stream" (type $in' (eq $in)))
    (export "descriptor" (type $d (sub resource)))
    (type $code' (enum {_ERRORS})) (export "error-code" (type $code (eq $code')))
    (type $pf' (flags "symlink-follow")) (export "path-flags" (type $pf (eq $pf')))
    (type $of' (flags "create" "directory" "exclusive" "truncate")) (export "open-flags" (type $of (eq $of')))
    (type $df' (flags "read" "write" "file-integrity-sync" "data-integrity-sync" "requested-write-sync"
      "mutate-directory"))
    (export "descriptor-flags" (type $df (eq $df')))
    (export "[method]descriptor.read-via-stream" (func (param "self" (borrow $d)) (param "offset" u64)
      (result (result (own $in') (error $code)))))
    (export "[method]descriptor.read" (func (param "self" (borrow $d)) (param "length" u64)
      (param "offset" u64) (result (result (tuple (list u8) bool) (error $code)))))
    (export "[method]descriptor.open-at" (func (param "self" (borrow $d)) (param "path-flags" $pf)
      (param "path" string) (param "open-flags" $of) (param "flags" $df)
      (result (result (own $d) (error $code)))))))
  (alias export $f "descriptor" (type $d))
  (import "wasi:filesystem/preopens@0.2.0" (instance $r
    (export "descriptor" (type $d' (eq $d)))
    (export "get-directories" (func (result (list (tuple (own $d') string)))))))
  (core module $libc
    (memory (export "memory") 64)
    (global $small (mut i32) (i32.const 0))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.set $small (i32.and (i32.add (global.get $small) (i32.const 64)) (i32.const 0x7fff)))
      (select (i32.const 1048576) (i32.add (global.get $small) (i32.const 4096))
        (i32.gt_u (local.get 3) (i32.const 64)))))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $now (canon lower (func $c "now")))
  (core func $later (canon lower (func $c "subscribe-duration")))
  (core func $ready (canon lower (func $p "[method]pollable.ready")))
  (core func $poll (canon lower (func $p "poll") (memory $memory) (realloc $realloc)))
  (core func $stdout (canon lower (func $o "get-stdout")))
  (core func $check-write (canon lower (func $s "[method]output-stream.check-write") (memory $memory)))
  (core func $write (canon lower (func $s "[method]output-stream.write") (memory $memory)))
  (core func $flushed (canon lower (func $s "[method]output-stream.blocking-write-and-flush")
    (memory $memory)))
  (core func $read (canon lower (func $s "[method]input-stream.blocking-read")
    (memory $memory) (realloc $realloc)))
  (core func $stream (canon lower (func $f "[method]descriptor.read-via-stream") (memory $memory)))
  (core func $pread (canon lower (func $f "[method]descriptor.read") (memory $memory) (realloc $realloc)))
  (core func $open-at (canon lower (func $f "[method]descriptor.open-at") (memory $memory)))
  (core func $preopens (canon lower (func $r "get-directories") (memory $memory) (realloc $realloc)))
  (core func $drop (canon resource.drop $d))
  (core func $drop-in (canon resource.drop $in))
  (core module $main
    (import "" "memory" (memory 64))
    (import "" "now" (func $now (result i64)))
    (import "" "later" (func $later (param i64) (result i32)))
    (import "" "ready" (func $ready (param i32) (result i32)))
    (import "" "poll" (func $poll (param i32 i32 i32)))
    (import "" "stdout" (func $stdout (result i32)))
    (import "" "check-write" (func $check-write (param i32 i32)))
    (import "" "write" (func $write (param i32 i32 i32 i32)))
    (import "" "flushed" (func $flushed (param i32 i32 i32 i32)))
    (import "" "read" (func $read (param i32 i64 i32)))
    (import "" "stream" (func $stream (param i32 i64 i32)))
    (import "" "pread" (func $pread (param i32 i64 i64 i32)))
    (import "" "open-at" (func $open-at (param i32 i32 i32 i32 i32 i32 i32)))
    (import "" "preopens" (func $preopens (param i32)))
    (import "" "drop" (func $drop (param i32)))
    (import "" "drop-in" (func $drop-in (param i32)))
    (data (i32.const 128) "data")
    (data (i32.const 65536) "{_ESCAPED}")
    (global $out (mut i32) (i32.const 0))
    (global $dir (mut i32) (i32.const 0))
    (global $file (mut i32) (i32.const 0))
    (global $in (mut i32) (i32.const 0))
    (global $never (mut i32) (i32.const 0))
    (func $open (call $open-at (global.get $dir) (i32.const 0) (i32.const 128) (i32.const 4) (i32.const 0)
      (i32.const 1) (i32.const 16)))
    (func (export "begin") (local $i i32)
      (global.set $out (call $stdout))
      (call $preopens (i32.const 16))
      (global.set $dir (i32.load (i32.load (i32.const 16))))
      (call $open)
      (global.set $file (i32.load (i32.const 20)))
      (global.set $never (call $later (i64.const 3600000000000)))
      (i32.store (i32.const 32) (global.get $never))
      (i32.store (i32.const 36) (call $later (i64.const 0)))
      (loop $l
        (i32.store (i32.add (i32.const 524288) (i32.mul (local.get $i) (i32.const 4)))
          (call $later (i64.const 3600000000000)))
        (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1000))))
      (i32.store (i32.const 528288) (call $later (i64.const 0))))
    {
    "".join(
        f'''(func (export "{name}") (param $n i32) (param $size i32)
      (call $stream (global.get $file) (i64.const 0) (i32.const 16))
      (global.set $in (i32.load (i32.const 20)))
      (loop $l {body}
        (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (call $drop-in (global.get $in)))
    '''
        for name, body in _BODIES.items()
    )
})
  (core instance $main (instantiate $main (with "" (instance
    (export "memory" (memory $memory)) (export "now" (func $now)) (export "later" (func $later))
    (export "ready" (func $ready)) (export "poll" (func $poll)) (export "stdout" (func $stdout))
    (export "check-write" (func $check-write)) (export "write" (func $write))
    (export "flushed" (func $flushed)) (export "read" (func $read)) (export "stream" (func $stream))
    (export "pread" (func $pread)) (export "open-at" (func $open-at)) (export "preopens" (func $preopens))
    (export "drop" (func $drop)) (export "drop-in" (func $drop-in))))))
  (func (export "begin") (canon lift (core func $main "begin")))
  {
    " ".join(
        f'(func (export "{name}") (param "n" u32) (param "size" u32) (canon lift (core func $main "{name}")))'
        for name in _BODIES
    )
})"""


class Call(NamedTuple):
    """What is called, how often, with how many bytes; how many times as long as native code it may take."""

    what: str
    export: str
    n: int
    size: int
    at_most: float


# A list of bytes crosses wasmtime's C API as a string, which is turned into UTF-8 and back.
CALLS: Final = (
    Call("p2: monotonic-clock now", "now", 2_000, 0, 25),
    Call("p2: pollable.ready, not ready", "ready", 500, 0, 50),
    Call("p2: poll, two timers, one ready", "poll", 500, 0, 30),
    Call("p2: poll, 1,001 timers, one ready", "poll-many", 5, 0, 20),
    Call("p2: check-write and write, 64 bytes", "write", 1_000, 64, 50),
    Call("p2: check-write and write, 64 KiB", "write", 200, 64 * KIB, 200),
    Call("p2: blocking-write-and-flush, 4 KiB", "flush", 500, 4 * KIB, 50),
    Call("p2: input-stream of a file, 64 bytes", "read", 500, 64, 4),
    Call("p2: input-stream of a file, 64 KiB", "read", 100, 64 * KIB, 40),
    Call("p2: descriptor.read, 64 bytes", "pread", 500, 64, 3),
    Call("p2: descriptor.read, 64 KiB", "pread", 100, 64 * KIB, 40),
    Call("p2: open-at and drop", "open", 200, 0, 10),
)


class _Nowhere:
    """A console that shows nothing."""

    def write(self, data: bytes) -> None:
        """Let go of `data`."""


def _native(binary: bytes, folder: str) -> Callable[[str, int, int], Any]:
    engine = wasmtime.Engine()
    linker, store, config = wasmtime.component.Linker(engine), wasmtime.Store(engine), wasmtime.WasiConfig()
    linker.add_wasip2()
    config.stdout_file = "/dev/null"
    config.preopen_dir(folder, "/")
    store.set_wasi(config)
    instance = linker.instantiate(store, wasmtime.component.Component(engine, binary))
    exports: dict[str, Any] = {name: instance.get_func(store, name) for name in ("begin", *_BODIES)}

    def run(name: str, *arguments: int) -> None:
        exports[name](store, *arguments)

    run("begin")
    return run


@asynccontextmanager
async def both_sides() -> AsyncIterator[Callable[[Call], tuple[Side, Side]]]:
    """Return what makes both sides of a comparison."""
    binary = bytes(wasmtime.wat2wasm(_COMPONENT))
    with tempfile.TemporaryDirectory() as folder:
        with (Path(folder) / "data").open("wb") as file:
            file.write(VARIED * (64 * MIB // len(VARIED)))
        native = _native(binary, folder)
        async with AsyncExitStack() as stack:
            host = await stack.enter_async_context(Host(cache=Path(folder) / "compiled"))
            app = await host.load(binary, name="calls.wasm")
            grants = WasiGrants(stdout=_Nowhere(), timer=SystemTimer(), preopens={"/": HostDirectory(folder)})
            instance = await stack.enter_async_context(app.instantiate(grants))
            await instance.call("begin")

            async def theirs(call: Call) -> None:
                native(call.export, call.n, call.size)

            yield lambda call: (
                timed(functools.partial(instance.call, call.export, call.n, call.size), call.n),
                timed(functools.partial(theirs, call), call.n),
            )


async def rows(bench: Bench) -> AsyncIterator[Row]:
    """Calls of WASI 0.2 beside native code."""
    async with both_sides() as sides:
        for call in CALLS:
            ours, native = sides(call)
            yield await compare(call.what, ours, native, beside="native add_wasip2", at_most=call.at_most)
