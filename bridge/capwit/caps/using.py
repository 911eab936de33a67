"""For host code that uses directories: flags with defaults, and answers as values or exceptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, overload

from capwit.bridge.errors import CapError, ErrorKind

from .files import (
    AnswerDone,
    AnswerError,
    FileError,
    ListAnswerError,
    OpenAnswerError,
    OpenFlags,
    ReadAnswerError,
    StatAnswerError,
    TargetAnswerError,
    WriteAnswerError,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .files import (
        Answer,
        DirectoryClient,
        Entry,
        FileClient,
        ListAnswer,
        OpenAnswer,
        ReadAnswer,
        Stat,
        StatAnswer,
        TargetAnswer,
        WriteAnswer,
    )

# What a caller is told who does not know file systems; the others are `failed`.
_KINDS: Final = {
    FileError.ACCESS: ErrorKind.DENIED,
    FileError.NOT_PERMITTED: ErrorKind.DENIED,
    FileError.READ_ONLY: ErrorKind.DENIED,
    FileError.INSUFFICIENT_MEMORY: ErrorKind.EXHAUSTED,
    FileError.INSUFFICIENT_SPACE: ErrorKind.EXHAUSTED,
    FileError.QUOTA: ErrorKind.EXHAUSTED,
    FileError.TOO_MANY_OPEN: ErrorKind.EXHAUSTED,
    FileError.UNSUPPORTED: ErrorKind.UNIMPLEMENTED,
}
_ERRORS: Final = (
    AnswerError,
    ListAnswerError,
    OpenAnswerError,
    ReadAnswerError,
    StatAnswerError,
    TargetAnswerError,
    WriteAnswerError,
)


class FileRefused(CapError):  # noqa: N818 - it is an answer
    """A file system refuses. A capability that lets it pass answers with a `cap-error` that says so.

    Attributes:
        error: why.
    """

    def __init__(self, error: FileError) -> None:
        """Refuse with an error."""
        super().__init__(_KINDS.get(error, ErrorKind.FAILED), f"the file system says {error.value}")
        self.error = error


@overload
def value(answer: Answer) -> None: ...
@overload
def value(answer: ReadAnswer) -> bytes: ...
@overload
def value(answer: WriteAnswer) -> int: ...
@overload
def value(answer: StatAnswer) -> Stat: ...
@overload
def value(answer: OpenAnswer) -> FileClient | DirectoryClient: ...
@overload
def value(answer: ListAnswer) -> Sequence[Entry]: ...
@overload
def value(answer: TargetAnswer) -> str: ...
def value(answer: Any) -> Any:
    """Return what an answer holds.

    Raises:
        FileRefused: that is an error.
    """
    if isinstance(answer, _ERRORS):
        raise FileRefused(answer.value)
    return None if isinstance(answer, AnswerDone) else answer.value


def open_flags(
    *,
    read: bool = True,
    write: bool = False,
    mutate: bool = False,
    create: bool = False,
    exclusive: bool = False,
    truncate: bool = False,
    directory: bool = False,
    follow: bool = True,
) -> OpenFlags:
    """Return flags that say how to open: to read what a path leads to, and what else is named."""
    return OpenFlags(read, write, mutate, create, exclusive, truncate, directory, follow)
