"""What a client of `capwit serve --listen` waits for, beside the same service by pycapnp itself.

Both servers are processes of their own; the client is pycapnp's, and the same for both. The component counts:
that is one function of a few instructions.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import capnp
import wasmtime
from capwit.codegen import generate, write
from generated import ERROR_IMPORTS
from measure import compare, timed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from measure import Bench, Row

ROOT: Final = Path(__file__).parent.parent
SCHEMA: Final = """\
@0xb7f1d2a9c3e45061;
using Wit = import "/capwit/wit.capnp";
$Wit.package("bench:served@0.1.0");
interface Counter $Wit.exports("app") { add @0 (amount :Int64) -> (total :Int64); }
"""
GUEST: Final = f"""
(component {ERROR_IMPORTS}
  (alias export $errors "error-kind" (type $kind))
  (alias export $errors "cap-error" (type $error))
  (core module $m
    (memory (export "memory") 1)
    (global $total (mut i64) (i64.const 0))
    (func (export "new") (result i32) (i32.const 1))
    (func (export "add") (param i32 i64) (result i32)
      (global.set $total (i64.add (global.get $total) (local.get 1)))
      (i64.store (i32.const 16) (global.get $total))
      (i32.const 8)))
  (core instance $i (instantiate $m))
  (type $counter' (resource (rep i32)))
  (core func $made (canon resource.new $counter'))
  (core module $n
    (import "m" "new" (func $new (result i32)))
    (import "m" "made" (func $made (param i32) (result i32)))
    (func (export "new") (result i32) (call $made (call $new))))
  (core instance $j (instantiate $n
    (with "m" (instance (export "new" (func $i "new")) (export "made" (func $made))))))
  (func $new (result (own $counter')) (canon lift (core func $j "new")))
  (func $add (param "self" (borrow $counter')) (param "amount" s64) (result (result s64 (error $error)))
    (canon lift (core func $i "add") (memory (core memory $i "memory"))))
  (component $shim
    (alias outer 1 $kind (type $kind'))
    (import "kind-of" (type $kind (eq $kind')))
    (type $error' (record (field "kind" $kind) (field "reason" string)))
    (import "counter-of" (type $in (sub resource)))
    (import "error-of" (type $error (eq $error')))
    (import "new-of" (func $new (result (own $in))))
    (import "add-of" (func $add (param "self" (borrow $in)) (param "amount" s64)
      (result (result s64 (error $error)))))
    (export $out "counter" (type $in))
    (export $told "cap-error" (type $error))
    (export "[constructor]counter" (func $new) (func (result (own $out))))
    (export "[method]counter.add" (func $add) (func (param "self" (borrow $out)) (param "amount" s64)
      (result (result s64 (error $told))))))
  (instance $exported (instantiate $shim
    (with "counter-of" (type $counter')) (with "kind-of" (type $kind)) (with "error-of" (type $error))
    (with "new-of" (func $new)) (with "add-of" (func $add))))
  (export "bench:served/app-exports-counter@0.1.0" (instance $exported)))
"""
# Servers tell where they listen.
PLAIN: Final = """
import asyncio, sys, capnp
capnp.remove_import_hook()
schema = capnp.load(sys.argv[1], imports=sys.argv[3:])
class Counter(schema.Counter.Server):
    total = 0
    async def add(self, amount, _context, **_):
        self.total += amount
        return self.total
async def accept(stream):
    await capnp.TwoPartyServer(stream, bootstrap=Counter()).on_disconnect()
async def main():
    server = await capnp.AsyncIoStream.create_unix_server(accept, sys.argv[2])
    print("serving", flush=True)
    await server.serve_forever()
asyncio.run(capnp.run(main()))
"""
_IMPORTS: Final = [str(ROOT / "codegen"), str(Path(capnp.__file__).parent.parent)]
_PARSER: Final = capnp.SchemaParser()


@contextmanager
def _running(*command: str | Path) -> Iterator[None]:
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("serving")
        try:
            yield
        finally:
            process.kill()


@asynccontextmanager
async def _client(path: Path, schema: Any) -> AsyncIterator[Any]:
    stream = await capnp.AsyncIoStream.create_unix_connection(str(path))
    system = capnp.TwoPartyClient(stream)
    try:
        yield system.bootstrap().cast_as(schema.Counter)
    finally:
        system.close()
        stream.close()


async def rows(bench: Bench) -> AsyncIterator[Row]:
    """Calls of what a component exports, one by one and many at once, and connecting."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        text, component = folder / "counter.capnp", folder / "app.wasm"
        text.write_text(SCHEMA)
        write(generate(text, validate=False).files, folder)
        component.write_bytes(wasmtime.wat2wasm(GUEST))
        schema = _PARSER.load(str(text), imports=_IMPORTS)
        ours, theirs = folder / "ours", folder / "theirs"
        capwit = [sys.executable, "-m", "capwit.cli.main", "serve", "--listen", f"unix:{ours}"]
        plain = [sys.executable, "-c", PLAIN, str(text), str(theirs), *_IMPORTS]
        with (
            _running(*capwit, "--bindings", str(folder / "counter.py"), component),
            _running(*plain),
        ):
            async with capnp.kj_loop():
                async for row in _measured(ours, theirs, schema):
                    yield row


async def _measured(ours: Path, theirs: Path, schema: Any) -> AsyncIterator[Row]:
    async with _client(ours, schema) as component, _client(theirs, schema) as server:

        async def in_turn(counter: Any) -> None:
            for _ in range(300):
                await counter.add(amount=1)

        async def at_once(counter: Any) -> None:
            await asyncio.gather(*(counter.add(amount=1) for _ in range(300)))

        for what, talk in (("a client's call of an export", in_turn), ("the same, 300 at once", at_once)):
            yield await compare(
                what,
                timed(partial(talk, component), 300), timed(partial(talk, server), 300),
                beside="a pycapnp server",
            )  # fmt: skip

    async def connect(path: Path) -> None:
        for _ in range(20):
            async with _client(path, schema) as counter:
                await counter.add(amount=1)

    yield await compare(
        "connecting: an instance, a call, its end",
        timed(partial(connect, ours), 20),
        timed(partial(connect, theirs), 20),
        beside="a pycapnp server",
    )
