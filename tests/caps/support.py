"""File systems for tests: one suite runs on each, directly and through a client."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from capwit.caps.files import (
    DirectoryClient,
    FileError,
    OpenAnswerDirectory,
    OpenAnswerError,
    OpenAnswerFile,
    OpenFlags,
)
from capwit.caps.host_files import HostDirectory
from capwit.caps.memory_files import MemoryDirectory
from capwit.caps.paths import split
from capwit.testing import scenario as scenario

if TYPE_CHECKING:
    from pathlib import Path

KINDS: Final = ("openat2", "walk", "memory")
VIEWS: Final = ("object", "client")


def flags(letters: str) -> OpenFlags:
    """Return flags by their first letters, `exclusive` by x; following is the default, `n` takes it away."""
    assert set(letters) <= set("rwmcxtdn")
    return OpenFlags(
        read="r" in letters,
        write="w" in letters,
        mutate="m" in letters,
        create="c" in letters,
        exclusive="x" in letters,
        truncate="t" in letters,
        directory="d" in letters,
        follow="n" not in letters,
    )


async def got(answer: Any) -> Any:
    """Return what an answer holds: a value, None for done, or the error."""
    if isinstance(answer, Awaitable):
        answer = await answer
    return getattr(answer, "value", None)


async def opened(directory: Any, path: str, letters: str) -> Any:
    """Open a file or a directory, which must succeed."""
    answer = directory.open(path, flags(letters))
    if isinstance(answer, Awaitable):
        answer = await answer
    assert isinstance(answer, OpenAnswerFile | OpenAnswerDirectory), (path, answer)
    return answer.value


async def refused(directory: Any, path: str, letters: str) -> FileError:
    """Open what cannot be opened, and return why."""
    answer = directory.open(path, flags(letters))
    if isinstance(answer, Awaitable):
        answer = await answer
    assert isinstance(answer, OpenAnswerError), (path, answer)
    return answer.value


async def put(directory: Any, path: str, data: bytes = b"") -> None:
    """Make a file."""
    file = await opened(directory, path, "wct")
    assert await got(file.write(0, data)) == len(data)


async def content(directory: Any, path: str) -> bytes:
    """Return a file's content."""
    return bytes(await got((await opened(directory, path, "r")).read(0, 1 << 20)))


async def names(directory: Any) -> list[str]:
    """Return what is in a directory, sorted, as many calls as it takes."""
    found: list[str] = []
    cookie = 0
    while entries := await got(directory.list(cookie, 3)):
        found += [entry.name for entry in entries]
        cookie = entries[-1].cookie
    return sorted(found)


@dataclass
class FileSystem:
    """A directory to test, and what only its owner can do with it."""

    kind: str
    root: Any
    local: Any
    path: Path | None

    def plant(self, name: str, target: str) -> None:
        """Make a link with any target, as the owner of a directory may."""
        if self.path is not None:
            (self.path / name).symlink_to(target)
        else:
            self.local._tree.symlink(target.encode(), self.local._at, split(name.encode()))


def make(kind: str, view: str, folder: Path) -> FileSystem:
    """Return an empty file system, in the folder `jail` if it is one of the machine's."""
    path = None
    local: Any
    if kind == "memory":
        local = MemoryDirectory()
    else:
        path = folder / "jail"
        path.mkdir(exist_ok=True)
        local = HostDirectory(path, openat2=kind == "openat2")
    return FileSystem(kind, DirectoryClient(local) if view == "client" else local, local, path)
