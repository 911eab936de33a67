"""The annotations of `/capwit/wit.capnp`, by id."""

from __future__ import annotations

from enum import IntEnum


class Wit(IntEnum):
    """What steers the mapping; the file itself says what each one does."""

    PACKAGE = 0x9B1F0C3AD27E4511
    NAME = 0x9B1F0C3AD27E4512
    SKIP = 0x9B1F0C3AD27E4513
    OPEN = 0x9B1F0C3AD27E4514
    TRANSFER = 0x9B1F0C3AD27E4515
    REQUIRED = 0x9B1F0C3AD27E4516
    OPTIONAL = 0x9B1F0C3AD27E4517
    PIPELINE = 0x9B1F0C3AD27E4518
    GRANTS = 0x9B1F0C3AD27E4519
    EXPORTS = 0x9B1F0C3AD27E451A
    GUEST = 0x9B1F0C3AD27E451B
    RESOURCE = 0x9B1F0C3AD27E451C
    FUNCTION = 0x9B1F0C3AD27E451D

    def __str__(self) -> str:
        """The annotation as a schema writes it: `$Wit.name`."""
        return f"$Wit.{self.name.lower()}"
