"""Who waits for whom: asyncio's tasks and futures, and the calls that queue for a store.

asyncio does not tell. What a future's callbacks refer to does: a task that awaits it, or the future that
`gather`, `wait`, `shield` and `wait_for` put in between. What waits on a lock, an event or a queue cannot
be seen this way.
"""

from __future__ import annotations

import asyncio
import functools
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
    """Yield the futures that a callback refers to: those it completes, or wakes."""
    if isinstance(callback, functools.partial):
        referred = [callback.func, *callback.args]
    else:
        bound = getattr(callback, "__self__", None)
        referred = [bound, getattr(bound, "_parent_task", None)]  # the latter: of a task group
        for cell in getattr(callback, "__closure__", None) or ():
            try:
                referred.append(cell.cell_contents)
            except ValueError:
                continue  # not set yet
    yield from (found for found in referred if isinstance(found, asyncio.Future))
