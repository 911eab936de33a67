"""How long a call may take: one timer for all calls of a store, because setting one for each costs more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio


class Wall:
    """The wall limit of a store: cancels the task that drives a call which takes longer.

    The timer outlives the calls that are over in time, and looks at the next one's deadline when it is due.
    """

    __slots__ = ("_before", "_deadline", "_driver", "_limit", "_loop", "_timer")

    def __init__(self, limit: float | None) -> None:
        """Allow each call `limit` seconds, or any time."""
        self._limit = limit
        self._deadline = 0.0
        self._driver: asyncio.Task[Any] | None = None
        self._before: int | None = None  # once it has cancelled the driver: how often others had before
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def begin(self, driver: asyncio.Task[Any]) -> None:
        """A call begins that `driver` drives."""
        if self._limit is None:
            return
        loop = driver.get_loop()
        self._driver = driver
        self._deadline = loop.time() + self._limit
        if self._timer is None or self._loop is not loop:
            self._loop = loop
            self._timer = loop.call_at(self._deadline, self._look)

    def end(self) -> bool:
        """The call is over; returns whether nobody but this limit has cancelled its driver."""
        driver, self._driver = self._driver, None
        before, self._before = self._before, None
        return before is not None and driver is not None and driver.uncancel() <= before

    def stop(self) -> None:
        """There will be no more calls."""
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()

    def _look(self) -> None:
        self._timer = None
        driver = self._driver
        if driver is None or self._loop is None:
            return  # the next call sets it again
        if self._loop.time() < self._deadline:
            self._timer = self._loop.call_at(self._deadline, self._look)
        elif self._before is None:
            self._before = driver.cancelling()
            driver.cancel()
