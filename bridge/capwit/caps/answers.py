"""What a file system answers: `OSError`s become the `error` of an answer here, and nowhere else."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from functools import wraps
from typing import TYPE_CHECKING, Final, Generic, ParamSpec, TypeVar

from .files import (
    Answer,
    AnswerDone,
    AnswerError,
    Entry,
    FileError,
    ListAnswer,
    ListAnswerEntries,
    ListAnswerError,
    OpenAnswer,
    OpenAnswerError,
    Stat,
    StatAnswer,
    StatAnswerError,
    StatAnswerStat,
    TargetAnswer,
    TargetAnswerError,
    TargetAnswerTarget,
    WriteAnswer,
    WriteAnswerCount,
    WriteAnswerError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")
A = TypeVar("A")

DONE: Final = AnswerDone()

# What is not here is `io`: nobody can do anything about it.
_FILE_ERRORS: Final = {
    errno.EACCES: FileError.ACCESS,
    errno.EAGAIN: FileError.WOULD_BLOCK,
    errno.EALREADY: FileError.ALREADY,
    errno.EBADF: FileError.BAD_DESCRIPTOR,
    errno.EBUSY: FileError.BUSY,
    errno.EDEADLK: FileError.DEADLOCK,
    errno.EDQUOT: FileError.QUOTA,
    errno.EEXIST: FileError.EXIST,
    errno.EFBIG: FileError.FILE_TOO_LARGE,
    errno.EILSEQ: FileError.ILLEGAL_BYTE_SEQUENCE,
    errno.EINPROGRESS: FileError.IN_PROGRESS,
    errno.EINTR: FileError.INTERRUPTED,
    errno.EINVAL: FileError.INVALID,
    errno.EISDIR: FileError.IS_DIRECTORY,
    errno.ELOOP: FileError.LOOP,
    errno.EMFILE: FileError.TOO_MANY_OPEN,
    errno.EMLINK: FileError.TOO_MANY_LINKS,
    errno.EMSGSIZE: FileError.MESSAGE_SIZE,
    errno.ENAMETOOLONG: FileError.NAME_TOO_LONG,
    errno.ENFILE: FileError.TOO_MANY_OPEN,
    errno.ENODEV: FileError.NO_DEVICE,
    errno.ENOENT: FileError.NO_ENTRY,
    errno.ENOLCK: FileError.NO_LOCK,
    errno.ENOMEM: FileError.INSUFFICIENT_MEMORY,
    errno.ENOSPC: FileError.INSUFFICIENT_SPACE,
    errno.ENOSYS: FileError.UNSUPPORTED,
    errno.ENOTDIR: FileError.NOT_DIRECTORY,
    errno.ENOTEMPTY: FileError.NOT_EMPTY,
    errno.ENOTRECOVERABLE: FileError.NOT_RECOVERABLE,
    errno.ENOTSUP: FileError.UNSUPPORTED,
    errno.ENOTTY: FileError.NO_TTY,
    errno.ENXIO: FileError.NO_SUCH_DEVICE,
    errno.EOVERFLOW: FileError.OVERFLOW,
    errno.EPERM: FileError.NOT_PERMITTED,
    errno.EPIPE: FileError.PIPE,
    errno.EROFS: FileError.READ_ONLY,
    errno.ESPIPE: FileError.INVALID_SEEK,
    errno.ESTALE: FileError.STALE,
    errno.ETXTBSY: FileError.TEXT_FILE_BUSY,
    errno.EXDEV: FileError.CROSS_DEVICE,
}


def file_error(error: OSError | OverflowError) -> FileError:
    """Return what is answered for an error; an `OverflowError` is a number that no file system takes."""
    if isinstance(error, OverflowError):
        return FileError.INVALID
    return _FILE_ERRORS.get(error.errno or 0, FileError.IO)


class _Answering(Generic[R, A]):
    """Makes a method that returns a value, or raises `OSError`, into one that answers."""

    def __init__(self, good: Callable[[R], A], bad: Callable[[FileError], A]) -> None:
        self._good = good
        self._bad = bad

    def __call__(self, method: Callable[P, R]) -> Callable[P, A]:
        good, bad = self._good, self._bad

        @wraps(method)
        def call(*args: P.args, **kwargs: P.kwargs) -> A:
            try:
                return good(method(*args, **kwargs))
            except (OSError, OverflowError) as error:
                return bad(file_error(error))

        return call


answer: Final = _Answering[None, Answer](lambda _: DONE, AnswerError)
count_answer: Final = _Answering[int, WriteAnswer](WriteAnswerCount, WriteAnswerError)
stat_answer: Final = _Answering[Stat, StatAnswer](StatAnswerStat, StatAnswerError)
open_answer: Final = _Answering[OpenAnswer, OpenAnswer](lambda opened: opened, OpenAnswerError)
list_answer: Final = _Answering[Sequence[Entry], ListAnswer](ListAnswerEntries, ListAnswerError)
target_answer: Final = _Answering[str, TargetAnswer](TargetAnswerTarget, TargetAnswerError)
