"""`wasi:io/poll`: what a guest can wait for.

Source: https://github.com/WebAssembly/WASI/tree/main/proposals/io
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TYPE_CHECKING, ClassVar, Final

from capwit.bridge.errors import CapError, InstanceEnded, Limit, LimitExceeded
from capwit.bridge.membrane import unguarded, wait_behind
from capwit.caps.standard import TIMER

from .context import Handler, answer, ask
from .waits import Background

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from capwit.bridge.binding import Method
    from capwit.bridge.target import Target
    from capwit.caps.standard import Timer

    from .grants import WasiGrants

_NOW: Final[Method[int]] = TIMER.methods["now"]
_SLEEP_UNTIL: Final[Method[None]] = TIMER.methods["sleep-until"]

# How many pollables one call may wait for: each may be a task of the host.
_MOST_POLLABLES: Final = 10_000


class Pollable:
    """Something a guest can wait for."""

    wit_resource: ClassVar = "wasi:io/poll.pollable"

    def __init__(self, waiting: Callable[[], Background[Any] | None]) -> None:
        """Wait for what `waiting` returns, until that is None. Whoever is asked keeps what it returns."""
        self._waiting = waiting

    def waiting(self) -> Background[Any] | None:
        """Return what is to be waited for before this is asked again; None if it is ready now."""
        return self._waiting()

    async def ready(self) -> bool:
        """Return whether the wait is over, without waiting."""
        if self.waiting() is None:
            return True
        await asyncio.sleep(0)  # what is ready at once says so in its first step; and others may go on
        return self.waiting() is None

    async def block(self) -> None:
        """Wait."""
        while (waiting := self.waiting()) is not None:
            await waiting.over()

    def behind(self, target: Target) -> Pollable:
        """Return the same for a guest that has it through a grant: it is ready once the grant is cut."""
        return _Cut(self, target)


class _Cut(Pollable):
    """A pollable of what came of a grant. The call that it lets go on is told of what happened."""

    def __init__(self, pollable: Pollable, target: Target) -> None:
        super().__init__(pollable.waiting)
        self._target = target
        self._until: Background[None] | None = None

    def waiting(self) -> Background[Any] | None:
        try:
            unguarded(self._target)
        except CapError:
            return None
        waiting = self._waiting()
        if waiting is None:
            return None
        if self._until is None or self._until.done:
            self._until = Background(wait_behind(self._target, waiting.over()))
        return self._until


class TimerPollable(Pollable):
    """Ready at a deadline of a timer, in its nanoseconds."""

    def __init__(self, timer: Timer, deadline: int) -> None:
        """Wait for `deadline`."""
        self._timer = timer
        self._deadline = deadline
        self._sleep: Background[None] | None = None
        self._at_hand = True  # whether the timer answers at once, so that it is asked each time

    def waiting(self) -> Background[None] | None:
        """Return what is to be waited for; None once the deadline has passed."""
        if self._at_hand:
            now = ask(self._timer, _NOW)
            if isinstance(now, Awaitable):
                self._at_hand = False
                self._sleep = Background(_sleep(self._timer, self._deadline, now))
            elif now >= self._deadline:
                return None
        if self._sleep is None:
            self._sleep = Background(_sleep(self._timer, self._deadline))
        if not self._sleep.done:
            return self._sleep
        self._sleep.result()
        return None


async def _sleep(timer: Timer, deadline: int, now: Awaitable[int] | None = None) -> None:
    if now is None or await now < deadline:
        await answer(ask(timer, _SLEEP_UNTIL, deadline))


async def _block(_: WasiGrants, pollable: Pollable) -> None:
    await pollable.block()


async def _ready(_: WasiGrants, pollable: Pollable) -> bool:
    return await pollable.ready()


async def _poll(_: WasiGrants, pollables: Sequence[Pollable]) -> list[int]:
    if not pollables:
        raise InstanceEnded("wasi:io/poll#poll was called with nothing to wait for")
    if len(pollables) > _MOST_POLLABLES:
        raise LimitExceeded(
            Limit.ARGUMENTS, f"wasi:io/poll#poll: {len(pollables)} pollables, the most is {_MOST_POLLABLES}"
        )
    while True:
        waits = [pollable.waiting() for pollable in pollables]
        ready = [i for i, waiting in enumerate(waits) if waiting is None]
        if ready:
            return ready
        tasks = {waiting.task for waiting in waits if waiting is not None}
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)


HANDLERS: Final[dict[str, dict[str, Handler]]] = {
    "wasi:io/poll": {
        "poll": _poll,
        "[method]pollable.ready": _ready,
        "[method]pollable.block": _block,
    },
}
