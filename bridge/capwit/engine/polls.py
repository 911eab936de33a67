"""What runs in a thread: polls, one inside the other, the calls that go on between them, and their end."""

from __future__ import annotations

import asyncio
import atexit
import threading
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .store import Store


class Polls:
    """What runs in a thread. `running` is the store whose poll does: meanwhile wasmtime is on the stack.

    `graveyard` holds stores whose owner went away in the middle of a call, to be closed after it.
    `driven` are the stores with a call under way that its first poll has not ended, by the driving task;
    a call that is forgotten holds none of them. `ticked` is the task whose call has just met a tick.
    """

    __slots__ = ("driven", "graveyard", "running", "ticked")

    def __init__(self) -> None:
        """Begin with none."""
        self.running: Store | None = None
        self.graveyard: list[Store] = []
        self.driven: dict[asyncio.Future[Any], weakref.ref[Store]] = {}
        self.ticked: weakref.ref[asyncio.Task[Any]] | None = None

    def meet_tick(self) -> bool:
        """Return whether a call may go on that a tick has met, and not let others run at once.

        A tick meets a quick call as well, and if that yielded, all others would be put behind it.
        """
        task = asyncio.current_task()
        self.ticked = None if task is None else weakref.ref(task)
        return task is not None

    async def breathe(self) -> None:
        """Let others run, before a task begins a further call after one that met a tick."""
        ticked, self.ticked = self.ticked, None
        if ticked is not None and ticked() is asyncio.current_task():
            await asyncio.sleep(0)

    def queued(self, task: asyncio.Future[Any]) -> list[asyncio.Task[Any]]:
        """Return those who queue for the store that a task drives."""
        driven = self.driven.get(task)
        store = None if driven is None else driven()
        return [] if store is None else store.queue()


class Thread(threading.local):
    """Each thread's own."""

    def __init__(self) -> None:
        """Begin with no polls."""
        self.polls = Polls()


thread: Final = Thread()

# Live stores by the address of their context, which is what wasmtime hands to a callback.
stores: dict[int, Store] = {}


def bury_the_dead() -> None:
    """Close stores that have ended, unless wasmtime is on the stack: closing one then crashes."""
    polls = thread.polls
    while polls.graveyard and not polls.running:
        store = polls.graveyard[-1]
        store.bury()
        with suppress(ValueError):  # releasing its handles may have ended, and buried, others
            polls.graveyard.remove(store)


@atexit.register
def _at_exit() -> None:
    """A store with a pending call must not meet the end of the interpreter.

    Those of other threads are left where they are: one may be polling to the last.
    """
    for store in list(stores.values()):
        if store.polls is thread.polls:
            with suppress(Exception):
                store.bury()
