"""wasip1 programs in other languages than C: what builds each, and why it cannot where it cannot."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from .guests import made

_ROOT: Final = Path(__file__).parents[2]
_PROGRAMS: Final = _ROOT / "tests" / "preview1" / "guests" / "languages"
_ASC: Final = _ROOT / ".cache" / "asc"  # whose compiler finds its packages from where it is started
_ZIG: Final = [sys.executable, "-m", "ziglang"]
_TARGET: Final = "wasm32-wasip1"
LANGUAGES: Final = ("cpp", "zig", "go", "rs", "ts")


def lua() -> Path:
    """Return an interpreter of Lua, or skip the test where its sources cannot be had."""
    folder = _ROOT / "examples" / "wasi" / "lua"
    build, main = folder / "build.py", folder / "main.c"
    return made("lua", [build, main], lambda out: [sys.executable, build, out])


def program(language: str) -> Path:
    """Return the program of a language, or skip the test where there is no compiler of it."""
    source = _PROGRAMS / f"program.{language}"
    environment: dict[str, str] = {}
    into, argument = "{}", str(source)
    folder: Path | None = None
    match language:
        case "cpp":
            flags = ["--target=wasm32-wasi", "-std=c++20", "-fno-exceptions", "-Os", "-s"]
            command = [*_ZIG, "c++", *flags, "-o"]
        case "zig":
            command = [*_ZIG, "build-exe", "-target", "wasm32-wasi", "-O", "ReleaseSmall"]
            into = "-femit-bin={}"
        case "go":
            command = [_go(), "build", "-trimpath", "-ldflags=-s -w", "-o"]
            environment = {"GOOS": "wasip1", "GOARCH": "wasm"}
        case "ts":
            command = [*_assemblyscript(), "-O", "-o"]
            folder, argument = _ASC, os.path.relpath(source, _ASC)
        case _:
            flags = ["--edition=2021", "-Copt-level=s", "-Cstrip=symbols"]
            command = [*_rust(), f"--target={_TARGET}", *flags, "-o"]
    name = f"program-{language}"
    return made(name, [source], lambda out: [*command, into.format(out), argument], folder, **environment)


def _go() -> str:
    go = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")
    if go is None:
        pytest.skip("go: not found. Mend: install Go 1.21 or later")
    return go


def _assemblyscript() -> list[str]:
    compiler = Path("node_modules", "assemblyscript", "bin", "asc.js")
    shim = Path("node_modules", "@assemblyscript", "wasi-shim", "asconfig.json")
    node = shutil.which("node")
    if node is None or not (_ASC / compiler).is_file() or not (_ASC / shim).is_file():
        wanted = "assemblyscript @assemblyscript/wasi-shim"
        pytest.skip(f"AssemblyScript: not found. Mend: npm install --prefix .cache/asc {wanted}")
    return [node, str(compiler), "--config", str(shim)]


@cache
def _rust() -> list[str]:
    """Return a compiler that has Rust's library for wasip1: `CAPWIT_RUSTC` with its options, or `rustc`."""
    compiler = os.environ.get("CAPWIT_RUSTC", "rustc").split()
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch) / "empty.rs"
        source.write_text("fn main() {}")
        command = [*compiler, f"--target={_TARGET}", "--emit=metadata", "--out-dir", scratch, str(source)]
        with suppress(OSError):
            if not subprocess.run(command, capture_output=True, check=False).returncode:
                return compiler
    pytest.skip(f"{compiler[0]}: none that has {_TARGET}. Mend: rustup target add {_TARGET}")
