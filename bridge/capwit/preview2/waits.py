"""Waiting that outlasts one call: a guest asks whether something is ready, and asks again later."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from capwit.bridge.binding import MaybeAwaitable

T = TypeVar("T")


class Background(Generic[T]):
    """What goes on by itself until it is done, or until nobody refers to it any more."""

    def __init__(self, work: Awaitable[T]) -> None:
        """Set it going, in a task of its own."""
        self._task: asyncio.Task[T] = asyncio.ensure_future(_run(work))
        self._task.add_done_callback(_look)

    def __del__(self) -> None:
        """Stop: nobody is left who wants to know."""
        with suppress(RuntimeError):  # its loop is closed
            self._task.get_loop().call_soon(self._task.cancel)  # not before its first step: it may own others

    @property
    def task(self) -> asyncio.Task[T]:
        """What to wait for. It must not be cancelled: others may wait for it, too."""
        return self._task

    @property
    def done(self) -> bool:
        """Whether it has ended, well or not."""
        return self._task.done()

    def result(self) -> T:
        """Return what came of it, or raise that."""
        return self._task.result()

    async def over(self) -> None:
        """Wait until it has ended, well or not."""
        await asyncio.wait([self._task])


async def _run(work: Awaitable[T]) -> T:
    return await work


def _look(task: asyncio.Task[Any]) -> None:
    """Take note of an error: whoever asks next is told, and nobody may."""
    if not task.cancelled():
        task.exception()


class Readiness(Generic[T]):
    """Whether something would have to wait, as a capability says.

    An answer that comes later is kept until it is used: who polls first, and acts then, finds it.
    """

    def __init__(self, ask: Callable[[], MaybeAwaitable[T]]) -> None:
        """Ask by `ask`, which answers as soon as nothing would have to wait; an error is an answer, too."""
        self._ask = ask
        self._pending: Background[T] | None = None
        self._answer: T | Exception | None = None

    def waiting(self) -> Background[T] | None:
        """Return what is to be waited for before it is asked again; None if it is ready now."""
        if self._pending is None:
            try:
                answer = self._ask()
            except Exception as error:
                self._answer = error
                return None
            if not isinstance(answer, Awaitable):
                self._answer = answer
                return None
            self._pending = Background(answer)
        return None if self._pending.done else self._pending

    def take(self) -> T:
        """Return the answer, where it is ready; the next call asks anew.

        Raises:
            Exception: that is the answer.
        """
        pending, self._pending = self._pending, None
        if pending is not None:
            return pending.result()
        answer, self._answer = self._answer, None
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[return-value]

    def forget(self) -> None:
        """What was answered, or is about to be, is not so any more."""
        self._pending = None
