"""Where WIT comes from: one file, or a folder with what it needs in its folder `deps`; all is bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from capwit.codegen.errors import GenerateError
from capwit.codegen.wit_reader.parse import parse

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from capwit.codegen.wit_reader.syntax import File

MAX_SIZE: Final = 4 << 20  # bytes, of all files together
MAX_FILES: Final = 1000


def read_files(path: Path) -> list[list[File]]:
    """The files of a package, and then those of each package in `deps`. Raises `GenerateError`."""
    budget = _Budget()
    if not path.is_dir():
        return [[budget.read(path)]]
    groups = [[budget.read(file) for file in _texts(path)]]
    if not groups[0]:
        raise GenerateError(str(path), message="the folder holds no .wit file", mend="name another one")
    deps = path / "deps"
    for entry in _listed(deps) if deps.is_dir() else ():
        files = _texts(entry) if entry.is_dir() else [entry] if entry.suffix == ".wit" else []
        if files:
            groups.append([budget.read(file) for file in files])
    return groups


def _texts(folder: Path) -> Sequence[Path]:
    return [path for path in _listed(folder) if path.suffix == ".wit" and not path.is_dir()]


def _listed(folder: Path) -> Sequence[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise GenerateError(str(folder), message=f"it cannot be read: {error.strerror}") from None


class _Budget:
    """How much has been read."""

    def __init__(self) -> None:
        self.size = 0
        self.files = 0

    def read(self, path: Path) -> File:
        self.files += 1
        if self.files > MAX_FILES:
            raise GenerateError(str(path), message=f"there are more than {MAX_FILES} files")
        try:
            with path.open("rb") as file:
                content = file.read(MAX_SIZE - self.size + 1)
            self.size += len(content)
            if self.size > MAX_SIZE:
                raise GenerateError(str(path), message=f"there is more than {MAX_SIZE >> 20} MiB of WIT")
            return parse(content.decode(), str(path))
        except OSError as error:
            raise GenerateError(str(path), message=f"it cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise GenerateError(str(path), message="it is not a text in UTF-8") from None


def read_text(text: str, file: str) -> list[list[File]]:
    """A text that is all there is. Raises `GenerateError`."""
    if len(text) > MAX_SIZE:
        raise GenerateError(file, message=f"there is more than {MAX_SIZE >> 20} MiB of WIT")
    return [[parse(text, file)]]
