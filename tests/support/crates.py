"""Programs of tests that are made of crates. `.ci/run` has built them; without cargo their tests skip."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
TARGET: Final = ROOT / ".cache" / "native" / "cargo"

# What cargo says where it is not our program that is wrong.
_CANNOT: Final = ("download", "registry", "index", "requires rustc", "lock file version", "network")


def crate(folder: Path, binary: str) -> Path:
    """Return a program that cargo builds, or skip the test; cargo does nothing where it is built."""
    built = _built(folder, binary)
    if isinstance(built, str):
        pytest.skip(built)
    return built


@cache
def _built(folder: Path, binary: str) -> Path | str:
    cargo = shutil.which("cargo", path=f"{Path.home() / '.cargo' / 'bin'}:{os.environ.get('PATH', '')}")
    if cargo is None:
        return "cargo is missing. Mend: install Rust"
    done = subprocess.run(
        [cargo, "build", "--locked", "--manifest-path", folder / "Cargo.toml", "--target-dir", TARGET],
        capture_output=True, text=True, check=False, env={**os.environ, "CAPWIT_ROOT": str(ROOT)},
    )  # fmt: skip
    if not done.returncode:
        return TARGET / "debug" / binary
    if any(words in done.stderr for words in _CANNOT):
        return f"the crates cannot be had, or this Rust is too old for them: {done.stderr[-300:]}"
    raise AssertionError(done.stderr)


_WIT_TOOL: Final = Path(__file__).parent / "wit_tool", "wit-tool"


def wit_tool() -> Path:
    """Return what prints WIT as wasm-tools does: that, or a program of the same crates that builds sooner."""
    found = shutil.which("wasm-tools")
    return Path(found) if found else crate(*_WIT_TOOL)


def has_wit_tool() -> bool:
    """Tell whether there is one, or can be."""
    return shutil.which("wasm-tools") is not None or isinstance(_built(*_WIT_TOOL), Path)
