"""The sources of a script: given, or files of any directory, here or elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from capwit.bridge.errors import CapError, ErrorKind

from .files import DirectoryClient, Kind
from .store import BlobPartAbsent, BlobPartData, BlobSizeAbsent, BlobSizeBytes
from .stores import MOST_PART, file_part, file_size
from .using import open_flags, value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .files import Directory
    from .store import BlobPart, BlobSize

_MOST_SOURCES: Final = 10_000
_MOST_DEPTH: Final = 32
_AT_ONCE: Final = 256  # names that are asked for in one call


class MemoryScripts:
    """A `ScriptPackage` of given sources."""

    def __init__(self, sources: Mapping[str, bytes | str], entry: str) -> None:
        """Hold sources by their names; text as UTF-8.

        Raises:
            ValueError: the entry is none of them.
        """
        self._sources = {
            name: source.encode() if isinstance(source, str) else bytes(source)
            for name, source in sources.items()
        }
        if entry not in self._sources:
            raise ValueError(f"there is no source {entry!r}; there are {', '.join(sources) or 'none'}")
        self._entry = entry

    def entry(self) -> str:
        """Return the name of the source that is run first."""
        return self._entry

    def list(self) -> Sequence[str]:
        """Return all names, in order."""
        return sorted(self._sources)

    def size(self, name: str) -> BlobSize:
        """Return how large a source is."""
        source = self._sources.get(name)
        return BlobSizeAbsent() if source is None else BlobSizeBytes(len(source))

    def read(self, name: str, offset: int, length: int) -> BlobPart:
        """Return part of a source."""
        source = self._sources.get(name)
        if source is None:
            return BlobPartAbsent()
        return BlobPartData(source[offset : offset + min(length, MOST_PART)])


class DirectoryScripts:
    """A `ScriptPackage` of the files below a directory, links left out."""

    def __init__(self, directory: Directory, entry: str) -> None:
        """Hold the files of `directory`."""
        self._directory = DirectoryClient(directory)
        self._entry = entry

    def entry(self) -> str:
        """Return the name of the source that is run first."""
        return self._entry

    async def list(self) -> Sequence[str]:
        """Return the paths of all files, in order.

        Raises:
            CapError: `exhausted` where they are too many, or too deep.
        """
        found: list[str] = []
        left = [""]
        while left:
            folder = left.pop()
            if folder.count("/") > _MOST_DEPTH or len(found) + len(left) > _MOST_SOURCES:
                raise CapError(ErrorKind.EXHAUSTED, "more sources than a script has, or deeper")
            files, folders = await self._inside(folder, _MOST_SOURCES - len(found))
            found += files
            left += folders
        return sorted(found)

    async def _inside(self, folder: str, most: int) -> tuple[Sequence[str], Sequence[str]]:
        """Return the files and folders of one folder, whose path ends with a slash."""
        flags = open_flags(directory=True, follow=False)
        opened = value(await self._directory.open(folder or ".", flags))
        assert isinstance(opened, DirectoryClient)
        files: list[str] = []
        folders: list[str] = []
        async with opened:
            behind = 0
            while entries := value(await opened.list(behind, _AT_ONCE)):
                for entry in entries:
                    if entry.kind is Kind.REGULAR_FILE:
                        files.append(folder + entry.name)
                    elif entry.kind is Kind.DIRECTORY:
                        folders.append(f"{folder}{entry.name}/")
                behind = entries[-1].cookie
                if len(files) + len(folders) > most:
                    raise CapError(ErrorKind.EXHAUSTED, f"more than {_MOST_SOURCES} sources")
        return files, folders

    async def size(self, name: str) -> BlobSize:
        """Return how large a source is."""
        return await file_size(self._directory, name)

    async def read(self, name: str, offset: int, length: int) -> BlobPart:
        """Return part of a source."""
        return await file_part(self._directory, name, offset, length)
