"""What may go to a terminal."""

from __future__ import annotations


def printable(text: str) -> str:
    """Return text that cannot steer a terminal, whoever had a say in it; line breaks stay."""
    return "".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in text)


def printable_line(text: str) -> str:
    """Return text as one line that cannot steer a terminal."""
    return printable(text).replace("\n", "\\n")
