"""Soak: instances created and destroyed, handles minted and dropped, and memory must stay flat.

Run it with `make soak`, or `python bench/soak.py [INSTANCES [HANDLES [BYTES]]]`: 20,000, 1,000,000 and 1 GiB,
streamed to another process, by default.
Each part is a process of its own, so that its memory is its own. It fails where memory grows by more than
`SLACK` after the first tenth, or the ledger does not balance.
"""

from __future__ import annotations

import asyncio
import gc
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import wasmtime
from capwit.bridge import App, Host, Ledger
from generated import ERROR_IMPORTS, bindings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import ModuleType

FAR: Final = Path(__file__).with_name("far.py")
GIBIBYTE: Final = 1 << 30
SLACK: Final = 6.0  # MiB: allocators round up, and caches fill late
BATCH: Final = 1000  # handles in one call

SCHEMA: Final = """
@0xb1d5f60c39a7e284;
using Wit = import "/capwit/wit.capnp";
$Wit.package("bench:soak@0.1.0");
interface Item { touch @0 (); }
interface Desk { make @0 () -> (item :Item); }
struct Grants $Wit.grants("app") { desk @0 :Desk; }
"""

# `churn` has the desk make that many items, and drops each.
GUEST: Final = f"""
(component {ERROR_IMPORTS}
  (import "bench:soak/soak@0.1.0" (instance $soak
    (export "item" (type $item (sub resource)))
    (export "desk" (type $desk (sub resource)))
    (alias outer 1 $cap-error (type $e)) (export "cap-error" (type $error (eq $e)))
    (export "[method]desk.make" (func (param "self" (borrow $desk))
      (result (result (own $item) (error $error)))))))
  (alias export $soak "item" (type $item))
  (alias export $soak "desk" (type $desk))
  (import "bench:soak/app-grants@0.1.0" (instance $grants
    (alias outer 1 $desk (type $d)) (export "desk" (type $desk (eq $d)))
    (export "get-desk" (func (result (own $desk))))))
  (core module $memory (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
  (core instance $memory (instantiate $memory))
  (core func $make (canon lower (func $soak "[method]desk.make")
    (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
  (core func $get (canon lower (func $grants "get-desk")))
  (core func $drop-item (canon resource.drop $item))
  (core func $drop-desk (canon resource.drop $desk))
  (core module $main
    (import "" "memory" (memory 1))
    (import "" "make" (func $make (param i32 i32)))
    (import "" "get" (func $get (result i32)))
    (import "" "drop-item" (func $drop-item (param i32)))
    (import "" "drop-desk" (func $drop-desk (param i32)))
    (func (export "churn") (param $n i32) (local $desk i32)
      (local.set $desk (call $get))
      (loop $l
        (call $make (local.get $desk) (i32.const 16))
        (if (i32.load8_u (i32.const 16)) (then unreachable))
        (call $drop-item (i32.load (i32.const 20)))
        (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (call $drop-desk (local.get $desk))))
  (core instance $main (instantiate $main (with "" (instance
    (export "memory" (memory $memory "memory")) (export "make" (func $make)) (export "get" (func $get))
    (export "drop-item" (func $drop-item)) (export "drop-desk" (func $drop-desk))))))
  (func (export "churn") (param "n" u32) (canon lift (core func $main "churn"))))
"""


class Item:
    """What is minted."""

    def touch(self) -> None:
        """Do nothing."""


class Desk:
    """What mints."""

    def make(self) -> Item:
        """Return a new item."""
        return Item()


async def instances(app: App, grants: Any) -> None:
    """Create an instance that mints one handle and leaves it, and destroy it."""
    async with app.instantiate(grants) as instance:
        await instance.call("churn", 1)


async def soak(part: str, count: int, soaked: ModuleType) -> dict[str, float]:
    """Do one part of it; returns the seconds and the MiB after a tenth and at the end."""
    ledger = Ledger(keep=1000)
    async with Host(ledger=ledger) as host:
        app = await host.load(bytes(wasmtime.wat2wasm(GUEST)), soaked.BINDINGS, name="soak")
        grants = soaked.Grants(desk=Desk())
        async with app.instantiate(grants) as instance:
            once: dict[str, tuple[Callable[[], Awaitable[None]], int]] = {
                "instances": (lambda: instances(app, grants), count),
                "handles": (lambda: instance.call("churn", BATCH), count // BATCH),
            }
            step, steps = once[part]
            warm = max(1, steps // 10)
            start = time.perf_counter()
            for _ in range(warm):
                await step()
            before = memory()
            for _ in range(steps - warm):
                await step()
            seconds = time.perf_counter() - start
            after = memory()
    assert ledger.balance == 0
    return {"seconds": seconds, "before": before, "after": after}


def memory() -> float:
    """Return how many MiB of memory this process has."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20


def main() -> None:
    """Run both parts, each in a child; fail where memory grows."""
    if len(sys.argv) > 2 and sys.argv[1] == "--part":
        with tempfile.TemporaryDirectory() as folder:
            done = asyncio.run(soak(sys.argv[2], int(sys.argv[3]), bindings(Path(folder), "soak", SCHEMA)))
        print(json.dumps(done))
        return
    counts = [int(each) for each in sys.argv[1:]] or [20_000, 1_000_000]
    grown = False
    for part, count in zip(("instances", "handles"), counts, strict=False):
        command = [sys.executable, __file__, "--part", part, str(count)]
        told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        print(
            f"{count:>9,} {part:<10} {told['seconds']:>7.1f} s  {told['seconds'] / count * 1e6:>7.1f} µs each"
            f"  {told['before']:>6.1f} MiB after a tenth, {told['after']:>6.1f} MiB at the end"
        )
        grown |= told["after"] - told["before"] > SLACK
    size = counts[2] if len(counts) > 2 else GIBIBYTE
    command = [sys.executable, str(FAR), "stream", str(size)]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    print(
        f"{size:>13,} B streamed to another process {told['seconds']:>7.1f} s"
        f"  {told['before']:>6.1f} MiB after a tenth, {told['after']:>6.1f} MiB at the end"
    )
    grown |= told["after"] - told["before"] > SLACK
    if grown:
        sys.exit(f"memory grew by more than {SLACK} MiB")


if __name__ == "__main__":
    main()
