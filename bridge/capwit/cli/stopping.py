"""How a command that serves is stopped: by signals."""

from __future__ import annotations

import asyncio
import signal


async def until(event: asyncio.Event, work: asyncio.Future[None]) -> None:
    """Wait for an event, or for work that ends before."""
    waiting = asyncio.ensure_future(event.wait())
    await asyncio.wait((waiting, work), return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()


def stopped_by_signals() -> tuple[asyncio.Event, asyncio.Event]:
    """Return what a first signal sets, and what a second one does."""
    stop, at_once = asyncio.Event(), asyncio.Event()

    def stopped() -> None:
        (at_once if stop.is_set() else stop).set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped)
    return stop, at_once
