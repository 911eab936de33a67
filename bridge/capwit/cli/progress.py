"""What a command shows while it works: on standard error, one line on a terminal, a few in a log."""

from __future__ import annotations

import shutil
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Terminal:
    """One line, written over."""

    def __init__(self) -> None:
        self._shown = False

    def __call__(self, line: str) -> None:
        width = shutil.get_terminal_size().columns - 1
        sys.stderr.write(f"\r\x1b[K{line[:width]}")
        sys.stderr.flush()
        self._shown = True

    def finish(self) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            self._shown = False


class _Log:
    """A line now and then."""

    _PAUSE: Final = 10.0  # seconds

    def __init__(self) -> None:
        self._next = 0.0

    def __call__(self, line: str) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + self._PAUSE
            sys.stderr.write(f"{line}\n")

    def finish(self) -> None:
        """Nothing is left on the line."""


@contextmanager
def progress_shown() -> Iterator[_Terminal | _Log]:
    """Return what to call with a line such as `compiling app.wasm, 3 s`, about once a second."""
    shown = _Terminal() if sys.stderr.isatty() else _Log()
    try:
        yield shown
    finally:
        shown.finish()
