"""What the generator says when it cannot go on."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class Location(NamedTuple):
    """A place in a schema: the file as the user named it, line and column counted from 1 (0: unknown)."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """The place as editors read it: `kv.capnp:12:3`."""
        return ":".join([self.file, *(str(number) for number in (self.line, self.column) if number)])


def shown(file: Path, schema: Path) -> str:
    """How errors name a file: the schema as the user did, others from the working folder, if in it."""
    if file == schema.resolve():
        return str(schema)
    return str(file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file)


class GenerateError(Exception):
    """A schema that is not valid, or that is not mapped; `str()` gives every part that is known."""

    def __init__(
        self,
        file: str,
        line: int = 0,
        column: int = 0,
        name: str = "",
        message: str = "",
        mend: str = "",
    ) -> None:
        """An error at a place, in the declaration `name`: what is wrong, and what would put it right."""
        super().__init__(file, line, column, name, message, mend)
        self.file = file
        self.line = line
        self.column = column
        self.name = name
        self.message = message
        self.mend = mend

    @property
    def location(self) -> Location:
        """Where it is wrong."""
        return Location(self.file, self.line, self.column)

    def __str__(self) -> str:
        """One line of what is wrong, and one of what mends it."""
        subject = f"{self.name}: " if self.name else ""
        mend = f"\n  {self.mend}" if self.mend else ""
        return f"{self.location}: {subject}{self.message}{mend}"


class WriteError(GenerateError):
    """A file or folder that cannot be written, read or removed where the output goes."""
