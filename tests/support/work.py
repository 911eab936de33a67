"""How much is done, where a time would depend on the machine: calls of Python functions are counted."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


@contextmanager
def at_most(calls: int) -> Iterator[None]:
    """Fails as soon as more functions have been called within."""
    left = calls

    def count(frame: FrameType, event: str, _: object) -> None:
        nonlocal left
        left -= event == "call"
        assert left >= 0, f"there are more than {calls} calls; the last is of {frame.f_code.co_qualname}"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        yield
    finally:
        sys.setprofile(before)
