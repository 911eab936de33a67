"""How long it takes until capwit is there: its imports and its command, beside a bare Python."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Final

from measure import compare

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from measure import Bench, Row, Side

_NOTHING: Final = ["-c", "pass"]
STARTS: Final = (
    (
        "import capwit.bridge",
        ["-c", "import capwit.bridge"],
        ["-c", "import wasmtime"],
        "import wasmtime",
        0.15,
    ),
    ("capwit --help", ["-m", "capwit.cli.main", "--help"], _NOTHING, "python -c pass", 0.2),
)


def _started(arguments: list[str]) -> Side:
    command = [sys.executable, *arguments]

    async def side() -> float:
        start = time.perf_counter()
        await asyncio.to_thread(subprocess.run, command, check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - start

    return side


async def rows(bench: Bench) -> AsyncIterator[Row]:
    """Processes that do nothing else."""
    for what, ours, other, beside, within in STARTS:
        yield await compare(what, _started(ours), _started(other), beside=beside, within=within)
