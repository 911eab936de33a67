"""How much a program may be started with: its host keeps all of it, and copies it for each who asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_TEXTS: Final = 4096  # arguments, and as many variables
MOST_BYTES: Final = 1024 * 1024  # of all arguments, and of all variables, each with a zero byte behind it


def check_texts(what: str, texts: Sequence[str]) -> None:
    """Check that arguments, or variables as `name=value`, are not too many or too long.

    Raises:
        ValueError: they are.
    """
    if len(texts) > MOST_TEXTS:
        raise ValueError(f"{len(texts)} {what}, the most is {MOST_TEXTS}. Mend: pass a file")
    size = sum(len(text.encode("utf-8", "replace")) + 1 for text in texts)
    if size > MOST_BYTES:
        raise ValueError(f"{what} of {size} bytes, the most is {MOST_BYTES}. Mend: pass a file")
