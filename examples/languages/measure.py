"""The figures of docs/languages: sizes, and processor time of builds and runs, by each page's commands.

    python examples/languages/measure.py [LANGUAGE...]

The first build finds nothing in the user's cache, which is an empty folder for it; what a registry has is
downloaded already. The second finds what the first has left. A run is of compiled code: an instance, what it
does, and its end; the median of some. Run it at the repository's root, with `PATH` and `NODE_PATH` saying
where the tools are.
"""

from __future__ import annotations

import asyncio
import os
import re
import resource
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from capwit.bridge import GuestExit, Host
from capwit.caps import (
    HostDirectory,
    Launch,
    MemoryConsole,
    MemorySource,
    SystemEntropy,
    SystemTimer,
    SystemWallClock,
)
from capwit.caps.wasi import WasiGrants
from capwit.program import MACHINE, assemble_repeated, find_entry, read_manifest, run_entry

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = ("rust", "c", "cpp", "go", "zig", "assemblyscript", "python", "javascript", "lua")
INTERPRETERS: Final = {"python", "javascript", "lua"}
ROUNDS: Final = 9


def main() -> None:
    """Print a table of the languages that are asked for."""
    print("| | program | first build | build | run | component | first build | build | instance | run |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as scratch:
        top = Path(scratch)
        for name in ("kv", "languages"):
            shutil.copytree(ROOT / "examples" / name, top / "examples" / name)
        capwit(top, "generate examples/kv/kv.capnp --out build/kv")
        capwit(
            top, "build examples/kv/summarizer.py --wit build/kv/wit --world summary -o build/summary.wasm"
        )
        for language in sys.argv[1:] or PAGES:
            cells = [*program(top, language), *component(top, language)]
            print(f"| {language} | {' | '.join(cells)} |", flush=True)


def capwit(top: Path, arguments: str, **environment: str) -> None:
    """Run a command of capwit."""
    command = [sys.executable, "-m", "capwit.cli.main", *shlex.split(arguments)]
    done = subprocess.run(
        command, cwd=top, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"capwit {arguments}\n{done.stderr}")


def built(top: Path, language: str, what: str) -> list[str]:
    """Build what a page builds, twice; returns its size and what both took."""
    page = (ROOT / "docs" / "languages" / f"{language}.md").read_text()
    (line,) = re.findall(
        rf"^\$ capwit (build examples/languages/.* -o build/{what}\.wasm)$", page, re.MULTILINE
    )
    took = []
    with tempfile.TemporaryDirectory() as cache:
        for _ in range(2):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            capwit(top, line, XDG_CACHE_HOME=cache, GOFLAGS="-modcacherw")
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            took.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return [f"{(top / 'build' / f'{what}.wasm').stat().st_size:,}", *(f"{each:.1f} s" for each in took)]


def program(top: Path, language: str) -> list[str]:
    """Return the cells of a language's program, which an interpreter may run."""
    if language in INTERPRETERS:
        page = (ROOT / "docs" / "languages" / f"{language}.md").read_text()
        (module,) = (ROOT / each for each in re.findall(r"capwit run .* (\.cache/\S+\.wasm) program", page))
        if not module.is_file():
            sys.exit(f"{module} is not there: docs/languages/{language}.md says how to get it")
        script = next((top / "examples" / "languages" / language).glob("program.*"))
        return [f"{module.stat().st_size:,}", "", "", asyncio.run(run_program(module, script))]
    cells = built(top, language, "program")
    return [*cells, asyncio.run(run_program(top / "build" / "program.wasm", None))]


async def run_program(file: Path, script: Path | None) -> str:
    """Return what a run of a module takes."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = prepared(Path(folder), script)
        async with Host() as host:
            module = await host.load_module(file)

            async def once() -> None:
                console = MemoryConsole()
                grants = WasiGrants(
                    launch=Launch(arguments, {"KEY": "value"}),
                    stdin=MemorySource(),
                    stdout=console,
                    stderr=console,
                    timer=SystemTimer(),
                    wall_clock=SystemWallClock(),
                    entropy=SystemEntropy(),
                    preopens={"/": HostDirectory(folder)},
                )
                try:
                    async with module.instantiate(grants) as instance:
                        await instance.run()
                except GuestExit as exit:
                    assert (exit.code, "read hello" in console.text) == (7, True), console.text

            return await median(once)


def prepared(folder: Path, script: Path | None) -> list[str]:
    """Fill a program's folder; returns its arguments."""
    (folder / "in").write_text("hello")
    if script is None:
        return ["program", "one", "two"]
    shutil.copy(script, folder)
    return ["interpreter", script.name, "one", "two"]


def component(top: Path, language: str) -> list[str]:
    """Return the cells of a language's component, if it has any."""
    if "build/component.wasm" not in (ROOT / "docs" / "languages" / f"{language}.md").read_text():
        return [""] * 5
    return [*built(top, language, "component"), *asyncio.run(run_component(top))]


async def run_component(top: Path) -> list[str]:
    """Return what an instance of a component takes, and one with its run."""
    holdings = replace(MACHINE, code_folders=(top,))
    manifest = read_manifest(top / "examples" / "kv" / "language.toml", holdings)
    async with Host() as host, assemble_repeated(host, manifest, {"console": MemoryConsole()}) as repeated:

        async def start() -> None:
            async with repeated.start_here():
                pass

        async def run() -> None:
            async with repeated.start_here() as instance:
                await run_entry(instance, find_entry(repeated.app))

        return [await median(start), await median(run)]


async def median(once: Callable[[], Awaitable[None]]) -> str:
    """Return the processor time of one, of a few."""
    took = []
    for _ in range(ROUNDS + 1):
        before = time.process_time()
        await once()
        took.append(time.process_time() - before)
    return f"{statistics.median(took[1:]) * 1000:.1f} ms"


if __name__ == "__main__":
    main()
