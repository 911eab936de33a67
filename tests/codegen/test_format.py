"""Generated WIT is text as `wasm-tools component wit` prints it.

It differs in one thing: the printer adds to a world what the interfaces it imports use themselves. A package
of several files is left out: the printer makes one of them.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.crates import wit_tool

ROOT = Path(__file__).parents[2]
CASES = Path(__file__).with_name("cases")
PUBLISHED = sorted((ROOT / "wit").glob("*"))
OWN = [path for path in CASES.glob("*/expected/wit") if len([*path.glob("*.wit")]) == 1]
OTHERS = [path for path in CASES.glob("*/expected/wit/deps/*") if len([*path.glob("*.wit")]) == 1]

_NESTED = re.compile(r"^package \S+ \{$", re.MULTILINE)  # behind the package itself: those that it uses
_FOREIGN = re.compile(r"^  import \S+:\S+;\n", re.MULTILINE)


@pytest.mark.parametrize(
    "package", [*sorted(OWN), *sorted(OTHERS), *PUBLISHED], ids=lambda path: str(path.relative_to(ROOT))
)
def test_it_is_what_the_printer_prints(package: Path, tmp_path: Path) -> None:
    shutil.copytree(package, tmp_path / "wit")
    siblings = package.parent.iterdir() if package in OTHERS else ()
    for other in {each.name: each for each in (*PUBLISHED, *siblings) if each.name != package.name}.values():
        shutil.copytree(other, tmp_path / "wit" / "deps" / other.name, dirs_exist_ok=True)
    done = subprocess.run(
        [wit_tool(), "component", "wit", "wit"], capture_output=True, check=False, cwd=tmp_path, text=True
    )
    assert not done.returncode, done.stderr
    printed = _NESTED.split(done.stdout)[0].rstrip() + "\n"
    (text,) = (path.read_text("utf-8") for path in package.glob("*.wit"))
    assert _FOREIGN.sub("", text) == _FOREIGN.sub("", printed)
