"""`make run-wasi-hello-rust`: where Rust has no library for WASI, it says so, and what mends it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

WASI = Path(__file__).parents[2] / "examples" / "wasi"


@pytest.fixture
def build(tmp_path: Path) -> Callable[[str], subprocess.CompletedProcess[str]]:
    """Return what builds a program by a compiler of a shell's few lines."""

    def run(compiler: str) -> subprocess.CompletedProcess[str]:
        rustc = tmp_path / "rustc"
        rustc.write_text(f"#!/bin/sh\n{compiler}\n")
        rustc.chmod(0o755)
        command = [sys.executable, *map(str, (WASI / "rust.py", WASI / "hello.rs", tmp_path / "out.wasm"))]
        environment = {**os.environ, "CAPWIT_RUSTC": str(rustc)}
        return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)

    return run


def test_a_compiler_without_the_library(build: Callable[[str], subprocess.CompletedProcess[str]]) -> None:
    for compiler in ("exit 1", "echo /nowhere"):
        done = build(compiler)
        assert done.returncode == 69
        assert "skipped: " in done.stderr and "Mend: rustup target add wasm32-wasip1" in done.stderr


def test_a_compiler_with_the_library(
    build: Callable[[str], subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    (tmp_path / "libstd-1.rlib").touch()
    done = build(f'case "$*" in *libdir*) echo {tmp_path};; *) echo "$@" > {tmp_path}/said;; esac')
    assert done.returncode == 0, done.stderr
    said = (tmp_path / "said").read_text()
    assert "--target=wasm32-wasip1" in said and "hello.rs" in said
    assert build(f'case "$*" in *libdir*) echo {tmp_path};; *) exit 3;; esac').returncode == 3
