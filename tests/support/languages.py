"""wasip1 programs in other languages than C: what builds each, and why it cannot where it cannot."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Final

import pytest

from .guests import made

_ROOT: Final = Path(__file__).parents[2]
_PROGRAMS: Final = _ROOT / "tests" / "preview1" / "guests" / "languages"
_ASC: Final = _ROOT / ".cache" / "asc"  # whose compiler finds its packages from where it is started
_ZIG: Final = [sys.executable, "-m", "ziglang"]
LANGUAGES: Final = ("cpp", "zig", "go", "rs", "ts")


def interpreter(name: str) -> Path:
    """Return an interpreter of examples/wasi, or skip the test where its sources cannot be had."""
    folder = _ROOT / "examples" / "wasi" / name
    build, main = folder / "build.py", folder / "main.c"
    return made(name, [build, main], lambda out: [sys.executable, build, out])


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
            rust = _ROOT / "examples" / "wasi" / "rust.py"
            return made(
                f"program-{language}", [rust, source], lambda out: [sys.executable, rust, source, out]
            )
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
