"""How a build fails."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """What a command ends with: the numbers of sysexits.h."""

    OK = 0
    USAGE = 2
    """What was asked makes no sense."""
    DATA = 65
    """The source or the WIT is at fault."""
    UNAVAILABLE = 69
    """A tool is not installed."""
    INTERNAL = 70
    """A tool broke, or capwit did."""


class BuildError(Exception):
    """A guest that could not be built. `message` tells what failed, `mend` what would mend it."""

    def __init__(self, message: str, mend: str, code: Exit = Exit.DATA) -> None:
        """Make the error; `code` is what a command that ends so exits with."""
        super().__init__(f"{message}\n{mend}")
        self.message = message
        self.mend = mend
        self.code = code
