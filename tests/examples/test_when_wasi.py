"""docs/when-wasi.md: the errors that it shows are those that programs get."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import wasmtime

from tests.support.documents import commands, matches, run_command
from tests.support.languages import program

if TYPE_CHECKING:
    from pathlib import Path

SPAWN = '(module (import "wasi" "thread-spawn" (func (param i32) (result i32))) (func (export "_start")))'


def language_of(command: str) -> str | None:
    """Return whose interpreter a command needs."""
    return "Python" if "python.wasm" in command else "Lua" if "lua.wasm" in command else None


def test_what_is_not_there_says_so(tmp_path: Path) -> None:
    (tmp_path / "spawn.wasm").write_bytes(wasmtime.wat2wasm(SPAWN))
    found = commands("docs/when-wasi.md")
    assert len(found) > 10
    missing = []
    for command, shown in found:
        if command.startswith("cat "):
            (tmp_path / command.split()[1]).write_text("".join(f"{line}\n" for line in shown))
            continue
        language = language_of(command)
        if language is not None:
            try:
                module = program(language)
            except pytest.skip.Exception as skipped:
                missing.append(str(skipped))
                continue
            link = tmp_path / next(word for word in command.split() if word.startswith(".cache/"))
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(module)
        _, printed = run_command(command, tmp_path)
        assert matches(shown, printed), (command, printed)
    if missing:
        pytest.skip("; ".join(missing))
