"""What takes two calls: one that starts it, and one that finishes it."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from capwit.bridge.errors import CapError
from capwit.caps.net import NetworkError
from capwit.preview2.waits import Background

from .network import failed, refused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterator


class Steps:
    """What a socket has started, and not finished: one thing at a time."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._kind: str | None = None
        self._work: Background[Any] | None = None

    def goes_on(self, kind: str) -> bool:
        """Return whether something was begun, and not finished."""
        return self._work is not None and self._kind == kind

    def check(self) -> None:
        """Refuse to begin another thing."""
        if self._work is not None:
            raise refused(NetworkError.CONCURRENCY_CONFLICT)

    def start(self, kind: str, work: Awaitable[Any]) -> None:
        """Begin."""
        self._kind, self._work = kind, Background(work)

    async def finish(self, kind: str) -> Any:
        """Return what came of it.

        Raises:
            WasiError: it was not begun, is not over, or has failed.
        """
        if self._work is None or not self.goes_on(kind):
            raise refused(NetworkError.NOT_IN_PROGRESS)
        if not self._work.done:
            await asyncio.sleep(0)  # what need not wait is over in its first step
        if not self._work.done:
            raise refused(NetworkError.WOULD_BLOCK)
        work, self._work = self._work, None
        with told():
            return work.result()

    def waiting(self) -> Background[Any] | None:
        """Return what is to be waited for."""
        return None if self._work is None or self._work.done else self._work


@contextmanager
def told() -> Iterator[None]:
    """Tell a guest, in its own words, how a capability fails.

    Raises:
        WasiError: it has.
    """
    try:
        yield
    except CapError as error:
        raise failed(error) from error
