"""The README's own commands, run as written: what they print is what it says they print."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.support.documents import ROOT, blocks, commands, matches, run_command

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(ROOT / "examples", folder / "examples")
    return folder


def test_the_readme_shows_what_its_commands_print(workspace: Path) -> None:
    found = commands("README.md")
    assert len(found) >= 6
    for command, shown in found:
        code, printed = run_command(command, workspace)
        assert code == 0, (command, printed)
        assert matches(shown, printed), (command, printed)


def test_the_readmes_python_runs(workspace: Path) -> None:
    program = next(block for block in blocks("README.md", "python") if "KvGrants" in block)
    (command,) = re.findall(r"^PYTHONPATH=.*host\.py$", (ROOT / "README.md").read_text(), re.MULTILINE)
    (workspace / "host.py").write_text(program)
    _, printed = run_command(command, workspace, PYTHONWARNINGS="error")
    assert any("Report(keys=['apple', 'pear'], changes=4" in line for line in printed), printed


def test_a_wrong_output_would_be_seen() -> None:
    assert matches(["a", "...", "z"], ["a", "b", "z"])
    assert matches(["... z"], ["a b z"])
    assert not matches(["... z"], ["a b y"])
    assert not matches(["a", "z"], ["a", "b", "z"])
    assert not matches(["balance 0"], ["balance 1"])
