"""Compile a file through a cache folder, run it, and print its answer: one of several processes at once."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from capwit.engine.cache import CompileCache
from capwit.engine.compiler import Compiler
from capwit.engine.runtime import Runtime

from tests.engine.support import RUN, instantiate, link


async def main(binary: bytes, folder: Path) -> None:
    runtime = Runtime()
    compiled = await Compiler(runtime, CompileCache(folder)).compile(binary, "guest")
    guest = await instantiate(link(runtime, compiled))
    print(await guest.call("run", RUN))
    await guest.store.close()
    runtime.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]).read_bytes(), Path(sys.argv[2])))
