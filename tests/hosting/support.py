"""Hosts in processes of their own, and modules of a few lines to place there."""

from __future__ import annotations

import asyncio
import gc
import signal
import subprocess
import sys
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

import wasmtime
from capwit import rpc
from capwit.caps.host import WasmHostClient

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from capwit.bridge import Ledger
    from capwit.caps.host import GuestOutcome, SpawnOptions, WasmCodeClient, WasmInstanceClient


def module(body: str) -> bytes:
    """A core module."""
    return bytes(wasmtime.wat2wasm(f"(module {body})"))


NOTHING = module('(func (export "_start"))')
SPIN = module('(func (export "_start") (loop br 0))')
TRAP = module('(func (export "_start") unreachable)')
TRAP_AT_START = module("(func $start unreachable) (start $start)")
ADD = module("""
  (func (export "add") (param i32 f64) (result f64)
    (f64.add (f64.convert_i32_s (local.get 0)) (local.get 1)))
""")
WAIT = module("""
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (i32.store8 (i32.const 8) (i32.const 0))       ;; a clock
    (i32.store (i32.const 16) (i32.const 1))       ;; the monotonic one
    (i64.store (i32.const 24) (i64.const 60000000000))
    (drop (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128))))
""")


class Machine:
    """A host in a process of its own, which stands for another machine.

    Attributes:
        host: its capability, for one client.
    """

    def __init__(self, host: WasmHostClient) -> None:
        self.host = host

    async def load(self, wasm: bytes, name: str = "code.wasm") -> WasmCodeClient:
        return await self.host.load(wasm, name)

    async def outcome(self, wasm: bytes, opts: SpawnOptions) -> GuestOutcome:
        """How a program ends that is granted nothing."""
        async with await self.load(wasm) as code, await self.host.spawn(code, [], opts) as instance:
            return await instance.run("")


class Hosting(subprocess.Popen[str]):
    """`capwit host`, as a process of its own. `address` is where it listens."""

    address = ""


@contextmanager
def hosting(address: str, *options: Any, cwd: Path | None = None) -> Iterator[Hosting]:
    """`capwit host` at an address; at port 0 it is another one."""
    command = [sys.executable, "-m", "capwit.cli.main", "host", "--listen", address, *map(str, options)]
    pipe = subprocess.PIPE
    with Hosting(command, stdout=pipe, stderr=pipe, text=True, cwd=cwd) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith(f"serving {address.removesuffix(':0')}"), process.communicate()
            process.address = line.split()[1]
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def stopped(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Stop a host; returns its exit code, and what it said, but for what took a second to compile."""
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=30)
    said = [line for line in err.splitlines(keepends=True) if not line.startswith("compiling ")]
    return process.returncode, "".join(said)


@asynccontextmanager
async def client(address: str, ledger: Ledger, tls: ssl.SSLContext | None = None) -> AsyncIterator[Machine]:
    """A connection to a host."""
    async with (
        rpc.connect(address, ledger=ledger, tls=tls) as connection,
        connection.bootstrap(WasmHostClient) as host,
    ):
        yield Machine(host)


async def settled(ledger: Ledger) -> None:
    """Wait until nothing is held any more: what a peer lets go is told of, and not waited for."""
    for _ in range(2000):
        gc.collect()
        if not ledger.balance:
            return
        await asyncio.sleep(0.01)
    raise AssertionError([repr(owned) for owned in ledger.live()])


async def kill(instance: WasmInstanceClient) -> None:
    """End an instance, and its capability."""
    await instance.kill()
    await instance.close()
