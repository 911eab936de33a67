"""Puts generated WIT before wit-parser, which wasm-tools and componentize-py carry.

wasm-tools is taken where it is installed, because it does nothing else: its time grows with the length of the
text. componentize-py looks at every type once for each resource, which for some thousand types takes minutes.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from capwit.codegen.base.names import text_label
from capwit.codegen.errors import GenerateError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from capwit.codegen.errors import Location

TIMEOUT: Final = 60.0
"""Seconds that wit-parser may take."""

PROBE: Final = "capwit-probe"
_INTERFACE: Final = re.compile(r"^interface (\S+) \{", re.MULTILINE)


class RefusedError(Exception):
    """A parser refuses what was generated: an error of the generator, with the parser's words."""


def accept(files: Mapping[PurePosixPath, str], worlds: Sequence[str], schema: Location) -> None:
    """Checks the `wit/` folder of `files`: `worlds`, or else all interfaces in a world of their own.

    `schema` is where what they were generated from stands.

    Raises `RefusedError`, and `GenerateError` where it takes too long.
    """
    wit = {path.relative_to("wit"): text for path, text in files.items() if path.parts[0] == "wit"}
    if not worlds:
        wit, worlds = _with_probe(wit), [PROBE]
    with tempfile.TemporaryDirectory(prefix="capwit-") as folder:
        for path, text in wit.items():
            target = Path(folder, "wit", path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, "utf-8")
        try:
            checked = subprocess.run(
                _command(worlds),
                capture_output=True,
                check=False,
                cwd=folder,
                env={**os.environ, "RUST_BACKTRACE": "0"},
                timeout=TIMEOUT,
            )
        except subprocess.TimeoutExpired:
            message = f"wit-parser took more than {TIMEOUT:g} s over the WIT, and was stopped"
            mend = "install wasm-tools, which is quicker; or leave it out with --no-validate"
            raise GenerateError(*schema, message=message, mend=mend) from None
        except OSError as error:
            raise RefusedError(f"wit-parser cannot be started: {error}") from None
    if checked.returncode:
        words = checked.stderr.decode(errors="replace").strip()
        raise RefusedError(f"wit-parser refuses the generated WIT, which is an error of capwit's:\n{words}")


def _with_probe(wit: Mapping[PurePosixPath, str]) -> dict[PurePosixPath, str]:
    """The package, with a world that imports all of its interfaces."""
    root, text = next((path, text) for path, text in wit.items() if len(path.parts) == 1)
    imports = "".join(f"  import {name};\n" for name in _INTERFACE.findall(text))
    return {**wit, root: f"{text}\nworld {text_label(PROBE)} {{\n{imports}}}\n"}


def _command(worlds: Sequence[str]) -> list[str]:
    """What checks the folder `wit` below the working folder."""
    tool = shutil.which("wasm-tools")
    if tool:
        return [tool, "component", "wit", "wit"]
    chosen = [argument for world in worlds for argument in ("-w", world)]
    return [_componentize_py(), "-q", "-d", "wit", *chosen, "bindings", "bindings"]


def _componentize_py() -> str:
    """The program of this interpreter's own installation, else the one on the path."""
    beside = Path(sys.executable).with_name("componentize-py")
    return str(beside) if beside.exists() else shutil.which("componentize-py") or "componentize-py"
