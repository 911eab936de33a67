"""A compiler, run as a child process."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from capwit.cli import exits

from .errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_TIME_LIMIT: Final = 600  # seconds; a module that never finishes its import would hold a build for ever
_OUTPUT_LIMIT: Final = 16 * 1024  # bytes; the end is what tells


class Progress(Protocol):
    """Told about once a second what is going on, and for how long already."""

    def __call__(self, line: str, /) -> None:
        """Show a line such as `building guest.py with componentize-py, 3 s`."""


class Finished(NamedTuple):
    """How a child ended, and what it said on standard output and standard error."""

    good: bool
    output: str


def run(
    arguments: Sequence[str],
    step: str,
    progress: Progress | None,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Finished:
    """Run a child to its end, in `folder`; `environment` adds to this process's own.

    Raises:
        BuildError: it cannot be started, or it runs for over ten minutes.
    """
    with tempfile.TemporaryFile() as output:
        try:
            child = subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})},
                cwd=folder,
                start_new_session=True,  # so that what it starts in turn ends with it
            )
        except OSError as error:
            raise BuildError(
                f"{arguments[0]} cannot be started: {error.strerror}", "install it again", exits.UNAVAILABLE
            ) from None
        try:
            _wait(child, step, progress)
        except BaseException:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            raise
        output.seek(max(0, output.seek(0, os.SEEK_END) - _OUTPUT_LIMIT))
        return Finished(child.returncode == 0, printable(output.read()))


def _wait(child: subprocess.Popen[bytes], step: str, progress: Progress | None) -> None:
    started = time.monotonic()
    while True:
        try:
            child.wait(timeout=1)
        except subprocess.TimeoutExpired:
            elapsed = time.monotonic() - started
            if elapsed > _TIME_LIMIT:
                raise BuildError(
                    f"{step} took over {_TIME_LIMIT} s, and was ended",
                    "run it again where there is less to do: what compilers have done is kept; the top "
                    "level of a Python guest runs while it is built: it must come to an end",
                ) from None
            if progress is not None:
                progress(f"{step}, {elapsed:.0f} s")
        else:
            return


def printable(output: bytes) -> str:
    """Return text without what could drive a terminal."""
    text = output.decode(errors="replace")
    return "".join(c for c in text if c in "\n\t" or c.isprintable()).strip()
