"""Capabilities that are far away: chains of calls behind a delay, ten thousand calls at once, a stream.

Run as a program, it is the other process: `serve` is plain pycapnp's server of `SCHEMA`, `delay` stands
before it, and `stream` sends a gibibyte for `soak.py`.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import capnp
import wasmtime
from capwit import rpc
from capwit.bridge import Host, Limits
from generated import ERROR_IMPORTS, bindings
from measure import alone, compare, timed

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from collections.abc import AsyncIterator, Iterator
    from types import ModuleType

    from measure import Bench, Row

DELAYS: Final = (0.001, 0.010, 0.050)  # seconds that a round trip takes longer
CHAINS: Final = (1, 4, 16)
CROWD: Final = 1_000
EACH: Final = 10
BLOCK: Final = 1 << 14  # bytes of one write
STREAM: Final = 1 << 26

SCHEMA: Final = """
@0xe2b7c4910d5f8a36;
using Wit = import "/capwit/wit.capnp";
$Wit.package("bench:far@0.1.0");
interface Link {
  next @0 () -> (link :Link) $Wit.pipeline;
  step @1 () -> (link :Link);
  value @2 () -> (number :UInt32);
  late @3 () -> (link :Link) $Wit.pipeline;
  meet @4 () -> (number :UInt32);
  write @5 (data :Data) -> stream;
}
struct Grants $Wit.grants("app") { link @0 :Link; }
"""
PLAIN: Final = SCHEMA.replace("$Wit.pipeline", "").replace(' $Wit.grants("app")', "")

GUEST: Final = f"""
(component {ERROR_IMPORTS}
  (import "bench:far/far@0.1.0" (instance $far
    (export "link" (type $link (sub resource)))
    (alias outer 1 $cap-error (type $e)) (export "cap-error" (type $error (eq $e)))
    (type $made (func (param "self" (borrow $link)) (result (result (own $link) (error $error)))))
    (type $told (func (param "self" (borrow $link)) (result (result u32 (error $error)))))
    (export "[method]link.next" (func (type $made)))
    (export "[method]link.step" (func (type $made)))
    (export "[method]link.late" (func (type $made)))
    (export "[method]link.value" (func (type $told)))
    (export "[method]link.meet" (func (type $told)))
    (export "[method]link.write"
      (func (param "self" (borrow $link)) (param "data" (list u8)) (result (result (error $error)))))))
  (alias export $far "link" (type $link))
  (import "bench:far/app-grants@0.1.0" (instance $grants
    (alias outer 1 $link (type $l)) (export "link" (type $link (eq $l)))
    (export "get-link" (func (result (own $link))))))
  (core module $memory (memory (export "memory") 2)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
  (core instance $memory (instantiate $memory))
  (core func $next (canon lower (func $far "[method]link.next")
    (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
  (core func $step (canon lower (func $far "[method]link.step")
    (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
  (core func $late (canon lower (func $far "[method]link.late")
    (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
  (core func $value (canon lower (func $far "[method]link.value")
    (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
  (core func $meet (canon lower (func $far "[method]link.meet")
    (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
  (core func $write (canon lower (func $far "[method]link.write")
    (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
  (core func $get (canon lower (func $grants "get-link")))
  (core func $drop (canon resource.drop $link))
  (core module $main
    (import "" "memory" (memory 2))
    (import "" "next" (func $next (param i32 i32)))
    (import "" "step" (func $step (param i32 i32)))
    (import "" "late" (func $late (param i32 i32)))
    (import "" "value" (func $value (param i32 i32)))
    (import "" "meet" (func $meet (param i32 i32)))
    (import "" "write" (func $write (param i32 i32 i32 i32)))
    (import "" "get" (func $get (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (func $result (result i32)
      (if (i32.load8_u (i32.const 16)) (then unreachable))
      (i32.load (i32.const 20)))
    (func (export "chain") (param $calls i32) (param $at-once i32) (result i32)
      (local $at i32) (local $to i32)
      (local.set $at (call $get))
      (block $end
        (loop $l
          (br_if $end (i32.eqz (local.tee $calls (i32.sub (local.get $calls) (i32.const 1)))))
          (if (local.get $at-once)
            (then (call $next (local.get $at) (i32.const 16)))
            (else (call $step (local.get $at) (i32.const 16))))
          (local.set $to (call $result))
          (call $drop (local.get $at))
          (local.set $at (local.get $to))
          (br $l)))
      (call $value (local.get $at) (i32.const 16))
      (call $drop (local.get $at))
      (call $result))
    (func (export "crowd") (param $calls i32) (result i32) (local $link i32) (local $i i32)
      (local.set $link (call $get))
      (local.set $i (i32.const 1))
      (loop $l
        (call $late (local.get $link) (i32.const 16))
        (i32.store (i32.add (i32.const 64) (i32.shl (local.get $i) (i32.const 2))) (call $result))
        (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $calls))))
      (call $meet (local.get $link) (i32.const 16))
      (loop $d
        (local.set $i (i32.sub (local.get $i) (i32.const 1)))
        (call $drop (i32.load (i32.add (i32.const 64) (i32.shl (local.get $i) (i32.const 2)))))
        (br_if $d (i32.gt_u (local.get $i) (i32.const 1))))
      (call $drop (local.get $link))
      (call $result))
    (func (export "stream") (param $writes i32) (result i32) (local $link i32)
      (local.set $link (call $get))
      (loop $l
        (call $write (local.get $link) (i32.const 65536) (i32.const 16384) (i32.const 16))
        (drop (call $result))
        (br_if $l (local.tee $writes (i32.sub (local.get $writes) (i32.const 1)))))
      (call $value (local.get $link) (i32.const 16))
      (call $drop (local.get $link))
      (call $result)))
  (core instance $main (instantiate $main (with "" (instance
    (export "memory" (memory $memory "memory")) (export "next" (func $next)) (export "step" (func $step))
    (export "late" (func $late)) (export "value" (func $value)) (export "meet" (func $meet))
    (export "write" (func $write)) (export "get" (func $get)) (export "drop" (func $drop))))))
  (func (export "chain") (param "calls" u32) (param "at-once" u32) (result u32)
    (canon lift (core func $main "chain")))
  (func (export "crowd") (param "calls" u32) (result u32) (canon lift (core func $main "crowd")))
  (func (export "stream") (param "writes" u32) (result u32) (canon lift (core func $main "stream"))))
"""


def plain(folder: Path) -> Any:
    """Return the schema as pycapnp itself has it."""
    text = "\n".join(line for line in PLAIN.splitlines() if "Wit" not in line)
    (folder / "plain.capnp").write_text(text)
    parser = capnp.SchemaParser()
    _PARSERS.append(parser)
    return parser.load(str(folder / "plain.capnp"), imports=[str(Path(capnp.__file__).parent.parent)])


_PARSERS: Final[list[Any]] = []  # what they have loaded lives as long as they do


def _link(schema: Any) -> Any:
    """Return what serves a link, by plain pycapnp."""
    waiting: list[asyncio.Future[None]] = []

    async def all_are_there() -> None:
        waiting.append(asyncio.get_running_loop().create_future())
        if len(waiting) == CROWD * EACH:
            for each in waiting:
                each.set_result(None)
            waiting.clear()
            return
        await waiting[-1]

    class Link(schema.Link.Server):  # type: ignore[misc]
        async def next(self, _context: Any, **_: Any) -> Any:
            return Link()

        async def step(self, _context: Any, **_: Any) -> Any:
            return Link()

        async def value(self, _context: Any, **_: Any) -> int:
            return 42

        async def late(self, _context: Any, **_: Any) -> Any:
            await all_are_there()
            return Link()

        async def meet(self, _context: Any, **_: Any) -> int:
            await all_are_there()
            return 42

        async def write(self, data: bytes, _context: Any, **_: Any) -> None:
            pass

    return Link()


async def _serve(path: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        schema = plain(Path(folder))

    async def accept(stream: Any) -> None:
        await capnp.TwoPartyServer(stream, bootstrap=_link(schema)).on_disconnect()

    async with capnp.kj_loop():
        server = await capnp.AsyncIoStream.create_unix_server(accept, path)
        print("ready", flush=True)
        await server.serve_forever()


async def _delay(path: str, target: str, seconds: str) -> None:
    """Pass all on, each piece half of the seconds later: a round trip takes as many longer."""
    loop = asyncio.get_running_loop()

    async def later(reader: StreamReader, writer: StreamWriter) -> None:
        while data := await reader.read(1 << 16):
            loop.call_later(float(seconds) / 2, writer.write, data)
        loop.call_later(float(seconds) / 2, writer.close)

    async def accept(reader: StreamReader, writer: StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_unix_connection(target)
        with suppress(OSError):
            await asyncio.gather(later(reader, far_writer), later(far_reader, writer))

    server = await asyncio.start_unix_server(accept, path)
    print("ready", flush=True)
    await server.serve_forever()


@contextmanager
def other(*arguments: str) -> Iterator[str]:
    """Another process, which listens at the path that is given."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/socket"
        command = [sys.executable, __file__, arguments[0], path, *arguments[1:]]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            process.stdout.readline()
            try:
                yield path
            finally:
                process.kill()


@asynccontextmanager
async def both(
    path: str, folder: Path, far: ModuleType, instances: int = 1
) -> AsyncIterator[tuple[Any, Any]]:
    """Instances of the guest on the link at a path, and pycapnp's own client of it."""
    async with Host(max_instances=instances) as host, rpc.line(f"unix:{path}", ledger=host.ledger) as line:
        app = await host.load(bytes(wasmtime.wat2wasm(GUEST)), far.BINDINGS, name="far")
        async with await line.open(far.LinkClient) as link:
            scopes = [
                app.instantiate(far.Grants(link=link), limits=Limits(wall="none")) for _ in range(instances)
            ]
            started = [await scope.__aenter__() for scope in scopes]
            stream = await capnp.AsyncIoStream.create_unix_connection(path)
            client = capnp.TwoPartyClient(stream)
            try:
                yield started, client.bootstrap().cast_as(plain(folder).Link)
            finally:
                client.close()
                stream.close()
                for scope in scopes:
                    await scope.__aexit__(None, None, None)


async def rows(bench: Bench) -> AsyncIterator[Row]:
    """Chains, a crowd, a stream."""
    with tempfile.TemporaryDirectory() as name, other("serve") as path:
        folder = Path(name)
        far = bindings(folder, "far", SCHEMA)
        for delay in DELAYS:
            with other("delay", path, str(delay)) as slow:
                async with both(slow, folder, far) as ([instance], link):
                    for calls in CHAINS:
                        yield await _chain(instance, link, calls, delay)
                    one_by_one = partial(instance.call, "chain", CHAINS[-1], 0)
                    what = f"{CHAINS[-1]} calls, not pipelined, {delay * 1e3:.0f} ms away"
                    yield await alone(what, timed(one_by_one), rounds=5)
        async with both(path, folder, far, CROWD) as (instances, link):
            yield await _crowd(instances, link)
        async with both(path, folder, far) as ([instance], link):
            yield await _stream(instance, link)


async def _chain(instance: Any, link: Any, calls: int, delay: float) -> Row:
    async def theirs() -> None:
        at = link
        for _ in range(calls - 1):
            at = at.next().link
        assert (await at.value()).number == 42

    return await compare(
        f"a chain of {calls}, {delay * 1e3:.0f} ms away",
        timed(lambda: instance.call("chain", calls, 1)), timed(theirs),
        beside="plain pycapnp", at_most=1.25, rounds=5,
    )  # fmt: skip


async def _crowd(instances: list[Any], link: Any) -> Row:
    """No call is answered before all are there."""
    n = CROWD * EACH

    async def ours() -> None:
        await asyncio.gather(*[each.call("crowd", EACH) for each in instances])

    async def theirs() -> None:
        await asyncio.gather(*[link.meet() for _ in range(n)])

    return await compare(
        f"{n:,} calls at once, of {CROWD:,} instances", timed(ours, n), timed(theirs, n),
        beside="plain pycapnp", rounds=5,
    )  # fmt: skip


async def _stream(instance: Any, link: Any) -> Row:
    """pycapnp has no streams: a call is awaited before the next one."""
    data = bytes(BLOCK)

    async def theirs() -> None:
        for _ in range(STREAM // BLOCK):
            await link.write(data)

    return await compare(
        f"a stream of {STREAM >> 20} MiB",
        timed(lambda: instance.call("stream", STREAM // BLOCK)), timed(theirs),
        beside="plain pycapnp", carries=STREAM, rounds=5,
    )  # fmt: skip


async def stream(size: int) -> dict[str, float]:
    """Send as many bytes; returns the seconds, and how many MiB there are after a tenth and at the end."""
    from soak import memory

    with tempfile.TemporaryDirectory() as name, other("serve") as path:
        folder = Path(name)
        async with both(path, folder, bindings(folder, "far", SCHEMA)) as ([instance], _):
            start = time.perf_counter()
            await instance.call("stream", size // BLOCK // 10)
            before = memory()
            await instance.call("stream", size // BLOCK - size // BLOCK // 10)
            return {"seconds": time.perf_counter() - start, "before": before, "after": memory()}


if __name__ == "__main__":
    role, *arguments = sys.argv[1:]
    if role == "stream":
        print(json.dumps(asyncio.run(stream(int(arguments[0])))))
    else:
        asyncio.run(_serve(*arguments) if role == "serve" else _delay(*arguments))
