"""The generator: 100 and 1,000 interfaces of 10 methods, beside `capnp compile -oc++`, in processor time.

wit-parser is a row of its own: by wasm-tools where that is installed, else by componentize-py, which is left
out at the large size, because it looks at every type once for each resource.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from measure import Skipped, alone, compare, peak, spent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from measure import Bench, Row

METHODS: Final = 10
SIZES: Final = (100, 1000)
ROUNDS: Final = 5


def schema(interfaces: int) -> str:
    """Return a schema of that many interfaces; each takes and returns the one before."""
    lines = ["@0xd0c1b2a3f4e59687;"]
    for i in range(interfaces):
        lines.append(f"interface Service{i} {{")
        for m in range(METHODS):
            before = f"Service{max(0, i - 1)}"
            lines.append(
                f"  call{m} @{m} (text :Text, count :UInt32, peer :{before}) -> (data :Data, next :{before});"
            )
        lines.append("}")
    return "\n".join(lines) + "\n"


async def rows(bench: Bench) -> AsyncIterator[Row | Skipped]:
    """Each size without wit-parser and with it; then the memory that the large one takes."""
    capnp = shutil.which("capnp")
    if capnp is None:
        yield Skipped("the generator", "capnp is not installed: apt install capnproto")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for size in SIZES:
            file = f"s{size}.capnp"
            await asyncio.to_thread((folder / file).write_text, schema(size))
            generate = [sys.executable, "-m", "capwit.cli.main", "generate", file, "--out", f"o{size}"]
            theirs = [capnp, "compile", "-oc++:.", file]
            yield await compare(
                f"{size:,} interfaces of {METHODS} methods",
                spent([*generate, "--no-validate"], folder), spent(theirs, folder),
                beside="capnp -oc++", at_most=2 if size == SIZES[-1] else None, rounds=ROUNDS,
            )  # fmt: skip
            if size == SIZES[0] or shutil.which("wasm-tools"):
                yield await alone(
                    f"{size:,} interfaces, and wit-parser", spent(generate, folder), rounds=ROUNDS
                )
        yield await compare(
            f"{size:,} interfaces, memory",
            peak([*generate, "--no-validate"], folder), peak(theirs, folder),
            beside="capnp -oc++", unit="B", rounds=ROUNDS,
        )  # fmt: skip
