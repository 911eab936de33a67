"""What a toolchain hands back: how to make one component, and what that depends on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from .child import Progress


class Make(Protocol):
    """Writes the component to `out`, using `scratch`, an empty folder, for what lies between."""

    def __call__(self, out: Path, scratch: Path, progress: Progress | None) -> None:
        """Raise `BuildError` where it cannot."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """One component to be made."""

    make: Make
    key: str | None = None
    """A hash over everything the component depends on; None where making it is as quick as finding it."""


def key(parts: Iterable[str | bytes]) -> str:
    """Return the hash of a sequence: no two sequences give the same input to it."""
    digest = hashlib.sha256()
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        digest.update(b"%d:" % len(content))
        digest.update(content)
    return digest.hexdigest()
