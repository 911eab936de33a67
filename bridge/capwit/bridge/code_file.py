"""Files of code, which anybody may have put where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import LoadError

if TYPE_CHECKING:
    from pathlib import Path


def read_file(path: Path) -> bytes:
    """Read a file of code.

    Raises:
        LoadError: it cannot be read, or is no regular file: to open a pipe waits for whoever writes it.
    """
    try:
        if path.exists() and not path.is_file():
            raise LoadError(f"{path}: not a file. Mend: name what `capwit build` wrote")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        what = getattr(error, "strerror", None) or error
        raise LoadError(f"{path}: {what}. Mend: build it with `capwit build`") from None
