"""The README's own commands, run as written: what they print is what it says they print."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BLOCKS = re.compile(r"```console\n(.*?)```", re.DOTALL)
# What takes over a second says so now and then: how often is the machine's matter, not the document's.
PROGRESS = re.compile(r"(building|compiling) .+, \d+ s")


def commands(document: str) -> list[tuple[str, list[str]]]:
    """Return the commands of a document's console blocks, each with the output it shows."""
    found: list[tuple[str, list[str]]] = []
    for block in BLOCKS.findall((ROOT / document).read_text()):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return found


def matches(shown: list[str], printed: list[str]) -> bool:
    """Tell whether output is as shown: a line `...` stands for any lines, in a line for anything."""
    pattern = "".join(
        "(?:.*\n)*" if line == "..." else re.escape(line).replace(r"\.\.\.", ".*") + "\n" for line in shown
    )
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in printed)) is not None


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(ROOT / "examples", folder / "examples")
    return folder


def test_the_readme_shows_what_its_commands_print(workspace: Path) -> None:
    found = commands("README.md")
    assert len(found) >= 6
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for command, shown in found:
        done = subprocess.run(
            shlex.split(command),
            cwd=workspace,
            env={**os.environ, "PATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}"
        printed = [line for line in done.stdout.splitlines() if not PROGRESS.fullmatch(line)]
        assert matches(shown, printed), f"{command}\n{done.stdout}"


def test_the_readmes_python_runs(workspace: Path) -> None:
    text = (ROOT / "README.md").read_text()
    program = next(
        block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "KvGrants" in block
    )
    (command,) = re.findall(r"^PYTHONPATH=.*host\.py$", text, re.MULTILINE)
    (workspace / "host.py").write_text(program)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=workspace,
        env={**os.environ, "PATH": path, "PYTHONWARNINGS": "error"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "Report(keys=['apple', 'pear'], changes=4" in done.stdout, done.stdout + done.stderr


def test_a_wrong_output_would_be_seen() -> None:
    assert matches(["a", "...", "z"], ["a", "b", "z"])
    assert matches(["... z"], ["a b z"])
    assert not matches(["... z"], ["a b y"])
    assert not matches(["a", "z"], ["a", "b", "z"])
    assert not matches(["balance 0"], ["balance 1"])
