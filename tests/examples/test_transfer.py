"""The example of transfers: its README's commands, and the test of it that docs/testing.md shows."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from capwit.codegen import generate, write

from tests.support.documents import blocks, commands, matches, run_command
from tests.support.guests import c_guest, python_guest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "transfer"
README = "examples/transfer/README.md"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the example with its bindings and components built."""
    top = tmp_path_factory.mktemp("transfer")
    shutil.copytree(EXAMPLE, top / "examples" / "transfer")
    write(generate(EXAMPLE / "post.capnp").files, top / "build" / "transfer")
    wit = top / "build" / "transfer" / "wit"
    for build, source in (
        (python_guest, "sender.py"),
        (c_guest, "courier.c"),
        (python_guest, "recipient.py"),
    ):
        world = Path(source).stem
        shutil.copy(build(EXAMPLE / source, wit, world), top / "build" / f"{world}.wasm")
    return top


def timeless(lines: list[str]) -> list[str]:
    """Return lines of a ledger without what each run has of its own."""
    return [re.sub(r"^ *\d+\.\d{3} ", "", line) for line in lines]


def test_the_readme_shows_what_its_commands_print(folder: Path) -> None:
    found = [each for each in commands(README) if each[0].startswith("capwit run")]
    assert len(found) == 2
    for command, shown in found:
        code, printed = run_command(command, folder)
        assert code == 0, printed
        assert matches(timeless(shown), timeless(["", *printed])), printed


def test_the_demo_is_what_the_readme_shows() -> None:
    demo = (EXAMPLE / "demo.sh").read_text()
    for command, _ in commands(README):
        assert f"show {command}\n" in demo or command == "capwit run examples/transfer/post.toml", command


def pytest_of(folder: Path, test: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_courier.py").write_text(test)
    (folder / "pyproject.toml").write_text(*blocks("docs/testing.md", "toml"))
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", "test_courier.py"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_test_in_the_documents_passes(folder: Path) -> None:
    (test,) = blocks("docs/testing.md", "python")
    done = pytest_of(folder, test)
    assert "1 passed" in done.stdout, done.stdout


def test_an_assertion_that_fails_says_what_the_documents_show(folder: Path) -> None:
    (test,), (shown,) = blocks("docs/testing.md", "python"), blocks("docs/testing.md", "text")
    wrong = '    assert_moved(capwit_host.ledger, "courier", "sender", of="parcel")\n'
    done = pytest_of(folder, test + wrong)
    message = [line[1:].strip() for line in done.stdout.splitlines() if line.startswith("E ")]
    message[0] = message[0].removeprefix("AssertionError: ")
    assert message == [line.strip() for line in shown.splitlines()], done.stdout
