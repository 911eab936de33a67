"""Guests for tests: built once, and found again as long as nothing they are made of changes.

Python guests take about 10 s to build the first time, through the user's build cache a tenth of a second.
C guests need zig, and wasm-tools or jco: where one is missing, the test is skipped and says which.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import pytest
from capwit.cli import exits
from capwit.cli.build import BuildError, build

_FOLDER = Path(__file__).parents[2] / ".cache" / "guests"


def python_guest(source: Path, wit: Path, world: str) -> Path:
    """Return the component of a Python guest."""
    return _built(source.resolve(), wit.resolve(), world)


def c_guest(source: Path, wit: Path, world: str) -> Path:
    """Return the component of a C guest, or skip the test."""
    try:
        return _built(source.resolve(), wit.resolve(), world)
    except BuildError as error:
        if error.exit_code == exits.UNAVAILABLE:
            pytest.skip(f"{error.message}: {error.mend}")
        raise


@cache
def _built(source: Path, wit: Path, world: str) -> Path:
    _FOLDER.mkdir(parents=True, exist_ok=True)
    (_FOLDER / ".gitignore").write_text("*\n")
    name = hashlib.sha256(f"{source}\n{wit}\n{world}".encode()).hexdigest()[:16]
    return build(source, wit, world, _FOLDER / f"{source.stem}-{name}.wasm").path
