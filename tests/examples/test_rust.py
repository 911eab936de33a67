"""Where Rust has no library for WASI, `capwit build` says so, and what mends it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

HELLO = Path(__file__).parents[2] / "examples" / "wasi" / "hello.rs"


@pytest.fixture
def build(tmp_path: Path) -> Callable[[str], subprocess.CompletedProcess[str]]:
    """Return what builds a program by a compiler of a shell's few lines."""

    def run(compiler: str) -> subprocess.CompletedProcess[str]:
        rustc = tmp_path / "rustc"
        rustc.write_text(f"#!/bin/sh\n{compiler}\n")
        rustc.chmod(0o755)
        command = [
            sys.executable,
            "-m",
            "capwit.cli.main",
            "build",
            str(HELLO),
            "-o",
            str(tmp_path / "out.wasm"),
        ]
        environment = {**os.environ, "CAPWIT_RUSTC": str(rustc)}
        return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)

    return run


def test_a_compiler_without_the_library(build: Callable[[str], subprocess.CompletedProcess[str]]) -> None:
    for compiler in ("exit 1", "echo /nowhere"):
        done = build(compiler)
        assert done.returncode == 69
        assert "has no library for wasm32-wasip1. Mend: rustup target add wasm32-wasip1" in done.stderr


def test_a_compiler_with_the_library(
    build: Callable[[str], subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    (tmp_path / "libstd-1.rlib").touch()
    library = f'case "$*" in *libdir*) echo {tmp_path}; exit;; esac'
    done = build(f'{library}; echo "$@" > {tmp_path}/said; while [ "$1" != -o ]; do shift; done; echo > "$2"')
    assert done.returncode == 0, done.stderr
    said = (tmp_path / "said").read_text()
    assert "--target=wasm32-wasip1" in said and "hello.rs" in said
    refused = build(f"{library}; echo hello.rs:1: what is this; exit 3")
    assert refused.returncode == 65
    assert "hello.rs:1: what is this" in refused.stderr and "correct the lines" in refused.stderr
