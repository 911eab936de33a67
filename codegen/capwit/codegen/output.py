"""Generated files, and the one place that writes them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from capwit.codegen.errors import WriteError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path, PurePosixPath


@dataclass(frozen=True, slots=True)
class Generated:
    """What a schema gives: the text of every file by its path below the output folder, and its worlds.

    `schema` is the name of its file; `modules` are the Python ones, each after those that it imports;
    `notes` are what is worth a word to who generates.
    """

    schema: str
    files: Mapping[PurePosixPath, str]
    worlds: tuple[str, ...]
    modules: tuple[PurePosixPath, ...]
    notes: tuple[str, ...] = ()


def check(files: Mapping[PurePosixPath, str], out: Path) -> list[PurePosixPath]:
    """The files below `out` that are missing or stale."""
    return [path for path, text in sorted(files.items()) if _stale(out / path, text)]


def write(files: Mapping[PurePosixPath, str], out: Path) -> list[PurePosixPath]:
    """Writes the files that are missing or stale, and answers which; all others stay untouched.

    Every text is on the disk before the first file takes its place. Several processes may write the same
    folder at once. Raises `WriteError`.
    """
    stale = check(files, out)
    own = secrets.token_hex(4)
    ready: dict[Path, Path] = {}
    try:
        for path in stale:
            target = out / path
            if target.is_dir():
                raise WriteError(str(target), message="cannot be written: it is a folder")
            target.parent.mkdir(parents=True, exist_ok=True)
            ready[target] = target.with_name(f".{target.name}.{own}")
            ready[target].write_bytes(files[path].encode())
        for target, new in ready.items():
            new.replace(target)
    except OSError as error:
        raise WriteError(str(error.filename or out), message=f"cannot be written: {error.strerror}") from None
    finally:
        for new in ready.values():
            new.unlink(missing_ok=True)
    return stale


def _stale(path: Path, text: str) -> bool:
    try:
        return path.read_bytes() != text.encode()
    except OSError:
        return True
