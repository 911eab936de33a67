"""Coroutines that are stepped by hand: the first step on the guest's fiber, the rest by its driver."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from contextvars import ContextVar
from traceback import clear_frames
from types import CoroutineType, coroutine
from typing import TYPE_CHECKING, Any, Final

from .errors import InstanceEnded

if TYPE_CHECKING:
    from collections.abc import Coroutine, Generator

# What a capability's first step yields that wants to call another instance: wasmtime must not poll
# one store inside the poll of another. Its driver goes on with it at once, outside.
OUTSIDE: Final = object()

BY_GUEST: Final[ContextVar[bool]] = ContextVar("by_guest", default=False)
"""Whether a guest's call led to what runs, in whatever task that is: it must not end guests that it calls."""


@coroutine
def outside() -> Generator[Any, Any, None]:
    """Wait until no poll runs."""
    yield OUTSIDE


@coroutine
def rest(steps: Coroutine[Any, Any, Any], yielded: Any) -> Generator[Any, Any, Any]:
    """Go on with a coroutine whose first step has been taken on the fiber."""
    while True:
        try:
            sent = None if yielded is OUTSIDE else (yield yielded)
        except GeneratorExit:
            with suppress(Exception):  # one that goes on to wait cannot: nothing is left to wait on
                steps.close()
            raise
        except BaseException as error:
            yielded = None  # it may hold the error, which holds this frame: a cycle
            try:
                yielded = steps.throw(error)
            except StopIteration as stop:
                return stop.value
        else:
            try:
                yielded = steps.send(sent)
            except StopIteration as stop:
                return stop.value


def let_go(error: BaseException) -> None:
    """Let go of what a host function had in its hands when it was cancelled: a socket, say.

    The error is kept as the reason why an instance has ended, and must not keep that, too.
    """
    here = error.__traceback__
    if here is not None:
        clear_frames(here.tb_next)  # they have all ended, but for the caller's own


def forget(running: asyncio.Future[Any]) -> None:
    """Look at how something has ended: once nobody waits for it any more, its error is nobody's."""
    if not running.cancelled():
        running.exception()


async def run_on(call: Coroutine[Any, Any, Any]) -> Any:
    """Wait for a guest's call, which runs on when its caller goes: cancelled, it would end the guest."""
    running = asyncio.ensure_future(call)
    running.add_done_callback(forget)
    try:
        return await asyncio.shield(running)
    finally:
        del running  # its error's traceback leads here: what a failed call was given would stay


async def awaited(awaitable: Any) -> Any:
    """Return the result of anything that can be awaited, as a coroutine."""
    return await awaitable


def at_once(awaitable: Any, label: str) -> Any:
    """Return the result of what never waits, and at most lets others run, which then has to do without.

    Raises:
        InstanceEnded: it would have to wait.
    """
    steps = awaitable if awaitable.__class__ is CoroutineType else awaited(awaitable)
    try:
        while steps.send(None) is None:
            pass
    except StopIteration as stop:
        return stop.value
    with suppress(Exception):
        steps.close()
    raise InstanceEnded(f"{label}: a capability that is marked `never_waits` would have to be awaited")
