"""What runs in a thread: polls, one inside the other, and the calls that go on between them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import asyncio

    from .store import Store


class Polls:
    """How many polls run in a thread, one inside the other: while any does, wasmtime is on its stack.

    `graveyard` holds stores whose owner went away in the middle of a call, to be closed after it.
    `driven` are the stores with a call under way that its first poll has not ended, by the driving task.
    """

    __slots__ = ("driven", "graveyard", "running")

    def __init__(self) -> None:
        """Begin with none."""
        self.running = 0
        self.graveyard: list[Store] = []
        self.driven: dict[asyncio.Future[Any], Store] = {}

    def queued(self, task: asyncio.Future[Any]) -> list[asyncio.Task[Any]]:
        """Return those who queue for the store that a task drives."""
        store = self.driven.get(task)
        return [] if store is None else store.queue()


class Thread(threading.local):
    """Each thread's own."""

    def __init__(self) -> None:
        """Begin with no polls."""
        self.polls = Polls()


thread: Final = Thread()
