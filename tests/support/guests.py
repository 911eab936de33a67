"""Guests for tests: built once, and found again as long as nothing they are made of changes.

Python guests take about 10 s to build the first time and as long to compile, through the user's caches a
tenth of a second.
C guests need zig, and wasm-tools or jco: where one is missing, the test is skipped and says which.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from capwit.cli import exits
from capwit.cli.build import BuildError, build

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_COMPILE: Final = """
import asyncio, pathlib, sys
from capwit.bridge import Host
async def main():
    async with Host() as host:
        await (await host.load(pathlib.Path(sys.argv[1]))).compile()
asyncio.run(main())
"""
FOLDER = Path(__file__).parents[2] / ".cache" / "guests"


def python_guest(source: Path, wit: Path, world: str) -> Path:
    """Return the component of a Python guest, compiled."""
    return compiled(python_component(source, wit, world))


def python_component(source: Path, wit: Path, world: str) -> Path:
    """Return the component of a Python guest that is to become another one."""
    return _built(source.resolve(), wit.resolve(), world)


@cache
def compiled(guest: Path) -> Path:
    """Compile a large guest once for all processes: where two do so at once, both take twice as long.

    Hosts find it in the user's cache, those too that give up on what compiles for a minute. Whether it is
    still there is not looked at: they would compile it.
    """
    digest = hashlib.sha256(guest.read_bytes()).hexdigest()[:16]
    mark = _folder() / f"{digest}-{version('wasmtime')}.compiled"
    with only_one(mark):
        if not mark.is_file():
            subprocess.run([sys.executable, "-c", _COMPILE, guest], check=True, cwd=FOLDER)
            mark.touch()
    return guest


def c_guest(source: Path, wit: Path, world: str) -> Path:
    """Return the component of a C guest, or skip the test."""
    try:
        return _built(source.resolve(), wit.resolve(), world)
    except BuildError as error:
        if error.exit_code == exits.UNAVAILABLE:
            pytest.skip(f"{error.message}: {error.mend}")
        raise


@cache
def wasi_guest(source: Path, headers: Path | None = None) -> Path:
    """Return the wasip1 module of a C program, a file or a folder of them, built by zig."""
    files = sorted(source.glob("*.[ch]")) if source.is_dir() else [source]
    files += sorted(headers.glob("*.h")) if headers else []
    programs = [each for each in files if each.suffix == ".c"]
    compiler = [sys.executable, "-m", "ziglang", "cc", "--target=wasm32-wasi", "-Os", "-s", "-Wall"]
    compiler += ["-I", str(headers)] if headers else []
    return made(source.stem, files, lambda out: [*compiler, *programs, "-o", out])


def made(
    name: str,
    sources: Sequence[Path],
    command: Callable[[Path], Sequence[str | Path]],
    folder: Path | None = None,
    **environment: str,
) -> Path:
    """Return what a command makes of sources, which is told where to write it to.

    Where it says that it cannot (69), the test is skipped. It runs in `folder`, or in one that zig does not
    lie in: from above, zig takes its own files for others, and makes its libc once more.
    """
    content = hashlib.sha256(b"\0".join(each.read_bytes() for each in sources)).hexdigest()[:16]
    built = _folder() / f"{name}-{content}.wasm"
    with only_one(built):
        if not built.is_file():
            part = built.with_suffix(".part.wasm")
            done = subprocess.run(
                command(part),
                capture_output=True,
                text=True,
                check=False,
                cwd=folder or FOLDER,
                env={**os.environ, **environment},
            )
            if done.returncode == exits.UNAVAILABLE:
                pytest.skip(f"{name}: {done.stderr.strip()}")
            assert not done.returncode, done.stderr
            part.replace(built)
    return built


def _folder() -> Path:
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / ".gitignore").write_text("*\n")
    return FOLDER


@cache
def _built(source: Path, wit: Path, world: str) -> Path:
    folder = _folder()
    name = hashlib.sha256(f"{source}\n{wit}\n{world}".encode()).hexdigest()[:16]
    built = folder / f"{source.stem}-{name}.wasm"
    with only_one(built):
        return build(source, wit, world, built).path


@contextmanager
def only_one(built: Path) -> Iterator[None]:
    """Keep the test processes from building the same guest at once: each takes both cores for seconds."""
    with built.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
