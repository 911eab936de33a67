"""A folder of WIT, read once, so that what is built is what was looked at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final, Self

from .errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_SUFFIXES: Final = frozenset({".wit", ".wasm"})
_DEPS: Final = "deps"

# The line that names a file's package, and the comments above it. Possessive: no text is slow to refuse.
_PACKAGE: Final = re.compile(
    r"\A(?P<above>(?:\s++|//[^\n]*+|/\*.*?\*/)*+)package\s++(?P<name>[^;{]++);", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class WitTree:
    """The files of a WIT folder, by their paths in it."""

    folder: Path
    files: Mapping[PurePosixPath, bytes]

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the WIT files of a folder, and of `deps` in it.

        Raises:
            BuildError: the folder is not there, cannot be read, or holds no WIT.
        """
        mend = "name the folder that `capwit generate` wrote: --wit OUT/wit"
        if not folder.is_dir():
            raise BuildError(f"{folder} is not a folder", mend)
        try:
            found = [
                path
                for path in [*folder.iterdir(), *(folder / _DEPS).glob("*"), *(folder / _DEPS).glob("*/*")]
                if path.suffix in _SUFFIXES and path.is_file()
            ]
            files = {PurePosixPath(path.relative_to(folder).as_posix()): path.read_bytes() for path in found}
        except OSError as error:
            raise BuildError(f"{error.filename}: {error.strerror}", mend) from None
        if not any(path.suffix == ".wit" for path in files) and (folder / "wit").is_dir():
            raise BuildError(f"{folder} holds no .wit file", f"name the folder in it: --wit {folder / 'wit'}")
        if not any(len(path.parts) == 1 for path in files):
            raise BuildError(f"{folder} holds no .wit file", mend)
        return cls(folder, dict(sorted(files.items())))

    def write(self, folder: Path) -> None:
        """Write the files into a folder, which is made."""
        for path, content in self.files.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)

    def flatten(self) -> str:
        """Return the tree as one text: the main package, then each dependency as a nested package.

        Raises:
            BuildError: a file is not WIT text, or a dependency does not name its package.
        """
        parts = []
        by_package = sorted(self.files, key=lambda path: (_package_folder(path).parts, path))
        for folder, paths in groupby(by_package, key=_package_folder):
            name, body = self._merge(paths)
            parts.append(f"package {name};\n{body}" if not folder.parts else f"package {name} {{\n{body}\n}}")
        return "\n".join(parts)

    def _merge(self, paths: Iterable[PurePosixPath]) -> tuple[str, str]:
        """Return the name of a package, and the text of its files without it."""
        name, bodies = "", []
        for path in paths:
            try:
                text = self.files[path].decode()
            except UnicodeDecodeError:
                raise BuildError(
                    f"{self.folder / path} is not text", "install wasm-tools, which also reads encoded WIT"
                ) from None
            declared = _PACKAGE.match(text)
            if declared:
                name = declared["name"].strip()
                text = declared["above"] + text[declared.end() :]
            bodies.append(text)
        if not name:
            raise BuildError(
                f"{self.folder / path} does not name its package", "begin it with `package namespace:name;`"
            )
        return name, "\n".join(bodies)


def _package_folder(path: PurePosixPath) -> PurePosixPath:
    """Return what holds a package: the root, a folder of `deps`, or a file that lies in `deps` itself."""
    return PurePosixPath(*path.parts[:2]) if path.parts[0] == _DEPS else PurePosixPath()
