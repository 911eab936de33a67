"""Who waits for whom: asyncio's tasks and futures, and the calls that queue for a store.

asyncio does not tell. What a future's callbacks refer to does: a task that awaits it, or the future that
`gather`, `wait`, `shield` and `wait_for` put in between. What waits on a lock, an event or a queue cannot
be seen this way; a wait with a time limit counts as waiting, except that of `asyncio.wait`.
"""

from __future__ import annotations

import asyncio
import functools
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_MOST: Final = 10_000  # futures looked at: whoever has more waiting is not in a simple cycle


def waits_for(
    waiting: asyncio.Future[Any],
    task: asyncio.Future[Any],
    queued: Callable[[asyncio.Future[Any]], Iterable[asyncio.Future[Any]]],
) -> bool:
    """Return whether `waiting` waits for `task`, however indirectly.

    `queued` gives the futures of those who queue for what a task holds.
    """
    seen = {task}
    left = [task]
    while left and len(seen) < _MOST:
        future = left.pop()
        if future is waiting:
            return True
        for waiter in (*_waiters(future), *queued(future)):
            if waiter not in seen:
                seen.add(waiter)
                left.append(waiter)
    return False


def _waiters(future: asyncio.Future[Any]) -> Iterator[asyncio.Future[Any]]:
    for callback, *_ in getattr(future, "_callbacks", None) or ():
        yield from _futures_of(callback)


def _futures_of(callback: Any) -> Iterator[asyncio.Future[Any]]:
    """Yield the futures that a callback of asyncio's completes, or wakes."""
    if isinstance(callback, functools.partial):
        if _of_asyncio(callback.func):
            yield from _futures(callback.args)
        return
    bound = getattr(callback, "__self__", None)
    if isinstance(bound, asyncio.Task):
        yield bound  # its own wake-up
    elif isinstance(bound, asyncio.TaskGroup):
        yield from _futures([getattr(bound, "_on_completed_fut", None)])  # once the group is waited for
    elif _of_asyncio(callback):
        held = _closure(callback)
        if held.get("return_when", asyncio.ALL_COMPLETED) == asyncio.ALL_COMPLETED and not held.get(
            "timeout_handle"
        ):  # else it is `wait`, for the first, or for a time: it goes on without
            yield from _futures(held.values())


def _closure(function: Any) -> dict[str, Any]:
    """Return what a function has of the scopes around it, by name."""
    held = {}
    code, cells = getattr(function, "__code__", None), getattr(function, "__closure__", None)
    if code is not None:
        for name, cell in zip(code.co_freevars, cells or (), strict=True):
            with suppress(ValueError):  # not set yet
                held[name] = cell.cell_contents
    return held


def _of_asyncio(function: Any) -> bool:
    return str(getattr(function, "__module__", None)).partition(".")[0] == "asyncio"


def _futures(values: Iterable[Any]) -> Iterator[asyncio.Future[Any]]:
    yield from (value for value in values if isinstance(value, asyncio.Future))
