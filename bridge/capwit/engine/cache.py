"""Compiled components on disk.

A cache file is machine code that runs unchecked in this process, so the folder belongs to its owner
alone, and a file's name carries the hash of its key and content, checked before it is mapped.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from io import BufferedReader

_LIMIT: Final = 2 * 2**30  # bytes of compiled code kept; the least recently used goes first
_SUFFIX: Final = ".cwasm"


def default_folder() -> Path:
    """Return the user's own cache folder for compiled code, by the XDG rules."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "capwit" / "compiled"


class CompileCache:
    """A folder of compiled components, by key. Any number of processes may share it."""

    def __init__(self, folder: Path) -> None:
        """Use a folder, and make it if it is not there.

        Raises:
            PermissionError: the folder is not this user's alone.
        """
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        status = folder.stat()
        if status.st_uid != os.geteuid() or stat.S_IMODE(status.st_mode) & 0o077:
            raise PermissionError(
                f"{folder}: the compile cache holds code, and this folder is open to other users. "
                f"Mend: chmod 700 {folder}, or set XDG_CACHE_HOME to a folder of your own"
            )
        self._folder = folder

    @property
    def folder(self) -> Path:
        """Where the entries are."""
        return self._folder

    def find(self, key: str) -> Path | None:
        """Return the verified file of a key; what does not verify is removed."""
        for path in self._folder.glob(f"{key}.*{_SUFFIX}"):
            expected = path.name.split(".")[1]
            try:
                with path.open("rb") as file:
                    status = os.fstat(file.fileno())
                    good = stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid()
                    if good and _digest(key, file) == expected:
                        os.utime(file.fileno())
                        return path
            except FileNotFoundError:  # another process has just replaced it
                continue
            path.unlink(missing_ok=True)
        return None

    def scratch(self) -> Path:
        """Return the path of a new empty file in the folder, to be written and then stored."""
        descriptor, name = tempfile.mkstemp(prefix="tmp-", dir=self._folder)
        os.close(descriptor)
        return Path(name)

    def store(self, key: str, written: Path) -> Path:
        """Take a written scratch file in as the entry of a key."""
        with written.open("rb") as file:
            digest = _digest(key, file)
        path = self._folder / f"{key}.{digest}{_SUFFIX}"
        written.replace(path)
        self._trim(keep=path)
        return path

    def forget(self, path: Path) -> None:
        """Remove an entry."""
        path.unlink(missing_ok=True)

    def _trim(self, keep: Path) -> None:
        entries = []
        for path in self._folder.glob(f"*{_SUFFIX}"):
            try:
                status = path.stat()
            except FileNotFoundError:
                continue
            entries.append((status.st_mtime, status.st_size, path))
        total = sum(size for _, size, _ in entries)
        for _, size, path in sorted(entries):
            if total <= _LIMIT:
                break
            if path != keep:
                path.unlink(missing_ok=True)
                total -= size


def _digest(key: str, file: BufferedReader) -> str:
    """Return the hash that an entry's name bears: of whose code it is, and of the code."""
    return hashlib.sha256(f"{key} {hashlib.file_digest(file, 'sha256').hexdigest()}".encode()).hexdigest()
