"""How long it takes until capwit is there: its imports and its command, beside a bare Python."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
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
        ["-c", "import asyncio"],
        "import asyncio",
        0.15,
    ),
    (
        "from capwit.bridge import Host",
        ["-c", "from capwit.bridge import Host"],
        ["-c", "import asyncio, wasmtime"],
        "asyncio, wasmtime",
        None,
    ),
    ("capwit --help", ["-m", "capwit.cli.main", "--help"], _NOTHING, "python -c pass", 0.2),
)


def _started(arguments: list[str], cache: str) -> Side:
    command = [sys.executable, *arguments]
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": cache, "PYTHONDONTWRITEBYTECODE": ""}

    async def side() -> float:
        start = time.perf_counter()
        await asyncio.to_thread(
            subprocess.run, command, check=True, stdout=subprocess.DEVNULL, env=environment
        )
        return time.perf_counter() - start

    return side


async def rows(bench: Bench) -> AsyncIterator[Row]:
    """Processes that do nothing else. The first of each compiles for the others, as installing does."""
    with tempfile.TemporaryDirectory() as cache:
        for what, ours, other, beside, within in STARTS:
            yield await compare(
                what, _started(ours, cache), _started(other, cache), beside=beside, within=within
            )
