"""Programs beside a file that says how to run each and what it must answer, as public suites have them."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from capwit.cli.main import main

from tests.preview1.support import source_of, wat
from tests.support.guests import wasi_guest

if TYPE_CHECKING:
    from pathlib import Path

EXIT = """(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 0) (func (export "_start") (call $exit (i32.const 13))))"""

# The program, and what stands beside it.
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "args": ("launch", {"args": ["3", "-v", "--dir", "a b", ""], "exit_code": 3,
                        "stdout": "arg 3\narg -v\narg --dir\narg a b\narg \n", "stderr": "to stderr\n"}),
    "env": ("launch", {"env": {"ONE": "1", "TWO": "two words", "NONE": "", "EQUALS": "a=b"},
                       "stdout": "env ONE=1\nenv TWO=two words\nenv NONE=\nenv EQUALS=a=b\n"}),
    "nothing": ("launch", {"stdout": ""}),
    "exit": (EXIT, {"exit_code": 13}),
    "folder": ("tools", {"args": ["sort", "files/in"], "dirs": ["files"], "stdout": "a\nb\n"}),
    "folder-root": ("tools", {"args": ["sort", "/in"], "dirs": ["files::/"], "stdout": "a\nb\n"}),
    "two-folders": ("tools", {"args": ["cp", "/from/in", "more/out"], "dirs": ["files::/from", "more"]}),
    "outside": ("tools", {"args": ["cat", "files/../secret"], "dirs": ["files"], "exit_code": 1,
                          "stderr": "cat: files/../secret: Operation not permitted\n"}),
    "input": ("tools", {"args": ["wc"], "stdout": "0 0 0\n"}),
    "clocks": ("behaviours", {"args": ["clocks"], "stdout": ""}),
    "entropy": ("behaviours", {"args": ["randomness"], "stdout": ""}),
    "readiness": ("behaviours", {"args": ["output_is_always_ready"], "stdout": ""}),
    "streams": ("behaviours", {"args": ["renumbering_standard_streams"], "dirs": ["scratch::/"]}),
    "listing": ("behaviours", {"args": ["entries_say_what_they_are"], "dirs": ["scratch::/"]}),
}  # fmt: skip


def execute(test: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Run a test by what stands beside it."""
    beside: dict[str, Any] = json.loads(test.with_suffix(".json").read_text())
    options = [f"--env={name}={value}" for name, value in beside.get("env", {}).items()]
    options += [f"--dir={folder}" for folder in beside.get("dirs", [])]
    code = main(["run", *options, test.name, *beside.get("args", [])])
    printed = capfd.readouterr()
    assert code == beside.get("exit_code", 0), printed
    assert printed.out == beside.get("stdout", printed.out)
    assert printed.err == beside.get("stderr", printed.err)


@pytest.mark.parametrize("name", CASES)
def test_a_case(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SECRET", "of the host")
    program, beside = CASES[name]
    for folder in ("files", "more", "scratch"):
        (tmp_path / folder).mkdir()
    (tmp_path / "secret").write_text("secret\n")
    (tmp_path / "files" / "in").write_text("b\na\n")
    test = tmp_path / f"{name}.wasm"
    if program is EXIT:
        test.write_bytes(wat(program))
    else:
        shutil.copy(wasi_guest(source_of(program)), test)
    test.with_suffix(".json").write_text(json.dumps(beside))
    capfd.readouterr()
    execute(test, capfd)
    if name == "two-folders":
        assert (tmp_path / "more" / "out").read_text() == "b\na\n"
