"""How a build fails."""

from __future__ import annotations

from capwit.cli import exits


class BuildError(Exception):
    """A guest that could not be built. `message` tells what failed, `mend` what would mend it."""

    def __init__(self, message: str, mend: str, exit_code: int = exits.BAD_INPUT) -> None:
        """Make the error; a command that ends so exits with `exit_code`."""
        super().__init__(f"{message}\nMend: {mend}")
        self.message = message
        self.mend = mend
        self.exit_code = exit_code
