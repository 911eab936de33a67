"""What documents show: their blocks of code, and their commands, run as written."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
# What takes over a second says so now and then: how often is the machine's matter, not the document's.
_PROGRESS: Final = re.compile(r"(building|compiling) .+, \d+ s")


def blocks(document: str, language: str) -> list[str]:
    """Return the code blocks of a language in a document."""
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / document).read_text(), re.DOTALL)


def commands(document: str) -> list[tuple[str, list[str]]]:
    """Return the commands of a document's console blocks, each with the output it shows."""
    found: list[tuple[str, list[str]]] = []
    for block in blocks(document, "console"):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return found


def run_command(command: str, folder: Path, **env: str) -> tuple[int, list[str]]:
    """Run a command in a folder; returns its exit code, and what it printed, errors too, but no progress."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=folder,
        env={**os.environ, "PATH": path, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=500,
        check=False,
    )
    return done.returncode, without_progress(done.stdout)


def without_progress(text: str) -> list[str]:
    """Return the lines of what was printed, but for those that say what takes a while."""
    return [line for line in text.splitlines() if not _PROGRESS.fullmatch(line)]


def matches(shown: list[str], printed: list[str]) -> bool:
    """Tell whether output is as shown: a line `...` stands for any lines, in a line for anything."""
    pattern = "".join(
        "(?:.*\n)*" if line == "..." else re.escape(line).replace(r"\.\.\.", ".*") + "\n" for line in shown
    )
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in printed)) is not None
