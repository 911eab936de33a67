"""A call that waits, and can be made to stop waiting."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator

    from .errors import CapError


class Watched:
    """A call that waits, and can be made to stop waiting."""

    __slots__ = ("_awaitable", "_cancelled", "_future", "_stopped")

    def __init__(self, awaitable: Any) -> None:
        """Wait for what is awaited."""
        self._awaitable = awaitable
        self._future: Any = None  # what it waits for at the moment
        self._stopped: CapError | None = None
        self._cancelled = False  # once: what it waits for while it cleans up is left alone

    def stop(self, error: CapError) -> None:
        """End the call with an error: what it waits for is cancelled, as when its task is."""
        if self._stopped is None:
            self._stopped = error
            self._cancel()

    def _cancel(self) -> None:
        future = self._future
        if not self._cancelled and isinstance(future, asyncio.Future):
            self._cancelled = future.cancel()

    def __await__(self) -> Generator[Any, Any, Any]:
        """Wait; raises the error that it was stopped with."""
        steps = self._awaitable.__await__()
        task = asyncio.current_task()
        before = 0 if task is None else task.cancelling()
        resume, sent = steps.send, None
        try:
            while True:
                self._future = resume(sent)
                if self._stopped is not None:
                    self._cancel()
                try:
                    resume, sent = steps.send, (yield self._future)
                    if self._stopped is not None and not self._cancelled:
                        self._cancelled = True
                        resume, sent = steps.throw, asyncio.CancelledError()
                except BaseException as error:
                    resume, sent = steps.throw, error
        except StopIteration as stop:
            if self._stopped is None:
                return stop.value
            stop.args, stop.value = (), None  # else the error's context would own what was answered
            raise self._stopped from None
        except Exception:
            if self._stopped is not None:
                raise self._stopped from None
            raise
        except asyncio.CancelledError:
            if self._stopped is not None and not (task is not None and task.cancelling() > before):
                raise self._stopped from None
            raise
        finally:
            self._future = sent = None  # what was thrown holds this frame: it would be a cycle
