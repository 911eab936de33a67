"""Where the compilers are: programs of the path, and packages of npm."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from capwit.cli import exits

from .errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Sequence


def find_program(name: str, *beside: str) -> str | None:
    """Return the path of a program: of the path, beside this Python, or in one of the folders `beside`."""
    folders = [os.environ.get("PATH", ""), str(Path(sys.executable).parent), *beside]
    return shutil.which(name, path=os.pathsep.join(folders))


def need_program(name: str, who: str, mend: str, *beside: str) -> str:
    """Return the path of a program.

    Raises:
        BuildError: there is none; `who` needs it, and `mend` installs it.
    """
    found = find_program(name, *beside)
    if found is None:
        raise BuildError(f"{who} needs {name}, which is not installed", mend, exits.UNAVAILABLE)
    return found


def need_file(source: Path) -> Path:
    """Return a source as it is.

    Raises:
        BuildError: it is no file.
    """
    if not source.is_file():
        raise BuildError(f"{source}: there is no such file", "name a file that can be read")
    return source


def find_package(name: str) -> Path | None:
    """Return the folder of an npm package: in this project, in `NODE_PATH`, or beside a `jco` on the path."""
    roots = [folder / "node_modules" for folder in (Path.cwd(), *Path.cwd().parents)]
    roots += [Path(folder) for folder in os.environ.get("NODE_PATH", "").split(os.pathsep) if folder]
    program = shutil.which("jco")
    if program:
        roots += [folder / "node_modules" for folder in Path(program).resolve().parents]
    return next((root / name for root in roots if (root / name / "package.json").is_file()), None)


def need_node(who: str, packages: Sequence[str]) -> tuple[str, list[Path]]:
    """Return node, and the folders of npm packages.

    Raises:
        BuildError: one of them is missing.
    """
    mend = f"install Node.js, and npm install {' '.join(packages)} (here, or with NODE_PATH set to it)"
    node = need_program("node", who, mend)
    found = [find_package(package) for package in packages]
    missing = [package for package, folder in zip(packages, found, strict=True) if folder is None]
    if missing:
        raise BuildError(f"{who} needs {missing[0]}, which is not installed", mend, exits.UNAVAILABLE)
    return node, [folder for folder in found if folder is not None]
