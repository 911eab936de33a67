"""How a build fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capwit.cli import exits

if TYPE_CHECKING:
    from pathlib import Path


class BuildError(Exception):
    """A guest that could not be built. `message` tells what failed, `mend` what would mend it."""

    def __init__(self, message: str, mend: str, exit_code: int = exits.BAD_INPUT) -> None:
        """Make the error; a command that ends so exits with `exit_code`."""
        between = "\n" if "\n" in message else ". "  # what a tool has said ends in a line of its own
        super().__init__(f"{message}{between}Mend: {mend}")
        self.message = message
        self.mend = mend
        self.exit_code = exit_code


def refused(tool: str, source: Path, told: str) -> BuildError:
    """Return the error of a source in which a tool has found errors, and `told` their lines."""
    return BuildError(f"{tool} refuses {source}:\n{told}", "correct the lines it names")
