"""The host's stack, probed before it is handed to a guest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable


def _nested(depth: int) -> Callable[[], None]:
    """Return a function that calls that deep, and does nothing else."""

    def call() -> None:
        inner()

    inner = _nested(depth - 1) if depth else lambda: None
    return call


# Raises RecursionError where it does no harm: not in a callback's first frames.
probe: Final = _nested(10)
