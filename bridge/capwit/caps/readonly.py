"""Any directory or file, here or elsewhere, to read and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .files import (
    Access,
    AnswerError,
    DirectoryClient,
    FileClient,
    FileError,
    OpenAnswerDirectory,
    OpenAnswerError,
    OpenAnswerFile,
    WriteAnswerError,
)
from .using import answer

if TYPE_CHECKING:
    from capwit.bridge.binding import MaybeAwaitable

    from .files import (
        Advice,
        Answer,
        Directory,
        File,
        ListAnswer,
        NewTime,
        OpenAnswer,
        OpenFlags,
        ReadAnswer,
        StatAnswer,
        TargetAnswer,
        WriteAnswer,
    )

_REFUSED: Final = AnswerError(FileError.READ_ONLY)
_NOT_WRITTEN: Final = WriteAnswerError(FileError.READ_ONLY)


class ReadOnlyFile:
    """A `File` that can be read, whatever the one behind it allows."""

    def __init__(self, file: File) -> None:
        """Read `file`."""
        self._file = file

    async def access(self) -> Access:
        """Return what the file allows, without writing."""
        access = await answer(self._file.access())
        return Access(access.read, write=False)

    def stat(self) -> MaybeAwaitable[StatAnswer]:
        """Examine it."""
        return self._file.stat()

    def set_times(self, accessed: NewTime, modified: NewTime) -> Answer:
        """Refuse."""
        return _REFUSED

    def sync(self, data_only: bool) -> MaybeAwaitable[Answer]:
        """Wait for the medium."""
        return self._file.sync(data_only)

    def read(self, offset: int, length: int) -> MaybeAwaitable[ReadAnswer]:
        """Read."""
        return self._file.read(offset, length)

    def write(self, offset: int, data: bytes) -> WriteAnswer:
        """Refuse."""
        return _NOT_WRITTEN

    def append(self, data: bytes) -> WriteAnswer:
        """Refuse."""
        return _NOT_WRITTEN

    def set_size(self, size: int) -> Answer:
        """Refuse."""
        return _REFUSED

    def allocate(self, offset: int, length: int) -> Answer:
        """Refuse."""
        return _REFUSED

    def advise(self, offset: int, length: int, advice: Advice) -> MaybeAwaitable[Answer]:
        """Pass the hint on."""
        return self._file.advise(offset, length, advice)


class ReadOnlyDirectory:
    """A `Directory` that can be read, and all opened through it, whatever the one behind allows."""

    def __init__(self, directory: Directory) -> None:
        """Read `directory`."""
        self._directory = directory

    def access(self) -> Access:
        """Say that nothing can be changed."""
        return Access(read=True, write=False)

    def stat(self) -> MaybeAwaitable[StatAnswer]:
        """Examine it."""
        return self._directory.stat()

    def set_times(self, accessed: NewTime, modified: NewTime) -> Answer:
        """Refuse."""
        return _REFUSED

    def sync(self, data_only: bool) -> MaybeAwaitable[Answer]:
        """Wait for the medium."""
        return self._directory.sync(data_only)

    async def open(self, path: str, flags: OpenFlags) -> OpenAnswer:
        """Open a file or a directory, to read."""
        if flags.write or flags.mutate or flags.create or flags.truncate:
            return OpenAnswerError(FileError.READ_ONLY)
        opened: OpenAnswer = await answer(self._directory.open(path, flags))
        match opened:
            case OpenAnswerFile(file):
                return OpenAnswerFile(FileClient(ReadOnlyFile(file)))
            case OpenAnswerDirectory(directory):
                return OpenAnswerDirectory(DirectoryClient(ReadOnlyDirectory(directory)))
            case OpenAnswerError():
                return opened

    def stat_at(self, path: str, follow: bool) -> MaybeAwaitable[StatAnswer]:
        """Examine what a path leads to."""
        return self._directory.stat_at(path, follow)

    def set_times_at(self, path: str, follow: bool, accessed: NewTime, modified: NewTime) -> Answer:
        """Refuse."""
        return _REFUSED

    def list(self, cookie: int, limit: int) -> MaybeAwaitable[ListAnswer]:
        """List it."""
        return self._directory.list(cookie, limit)

    def create_directory(self, path: str) -> Answer:
        """Refuse."""
        return _REFUSED

    def remove_directory(self, path: str) -> Answer:
        """Refuse."""
        return _REFUSED

    def unlink(self, path: str) -> Answer:
        """Refuse."""
        return _REFUSED

    def rename(self, path: str, to: Directory, new_path: str) -> Answer:
        """Refuse."""
        return _REFUSED

    def link(self, path: str, follow: bool, to: Directory, new_path: str) -> Answer:
        """Refuse."""
        return _REFUSED

    def symlink(self, target: str, path: str) -> Answer:
        """Refuse."""
        return _REFUSED

    def read_link(self, path: str) -> MaybeAwaitable[TargetAnswer]:
        """Return where a link leads."""
        return self._directory.read_link(path)
