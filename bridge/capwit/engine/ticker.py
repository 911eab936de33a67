"""The clock that makes guests yield: one thread for an engine, which sleeps while no guest runs."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final, Self

from . import abi

if TYPE_CHECKING:
    from .polls import Polls

TICK: Final = 0.005  # seconds between two ticks: how long a spinning guest keeps the event loop


class Ticker:
    """Ticks an engine's epoch while a poll runs in one of the threads that have stores of it.

    A poll begins, and then looks whether the ticker is `asleep`; the ticker says that it is, and then looks
    whether a poll has begun. So one of the two always sees the other. A poll costs no more than that look,
    and many quick ones wake the ticker once a tick.
    """

    def __init__(self, engine: int) -> None:
        """Tick the engine at an address, until `close`."""
        self.asleep = False
        self._engine = engine
        self._polls: set[Polls] = set()  # never forgotten: as many as there are threads with guests
        self._woken = threading.Event()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="capwit-epochs", daemon=True)
        self._thread.start()
        tickers[engine] = self

    def watch(self, polls: Polls) -> Self:
        """Take in that there is a store of the engine in the thread that has these polls."""
        self._polls.add(polls)
        return self

    def wake(self) -> None:
        """A poll has begun."""
        self.asleep = False
        self._woken.set()

    def close(self) -> None:
        """Tick no more."""
        if tickers.pop(self._engine, None) is not None:
            self._closed.set()
            self._woken.set()
            self._thread.join()

    def _run(self) -> None:
        while True:
            self._sleep()
            if self._closed.wait(TICK):
                return
            abi.increment_epoch(self._engine)

    def _sleep(self) -> None:
        """Wait until a poll runs."""
        self._woken.clear()
        self.asleep = True
        if not self._closed.is_set() and not any(each.running for each in tuple(self._polls)):
            self._woken.wait()
        self.asleep = False


# The tickers of live engines, by the address of the engine.
tickers: Final[dict[int, Ticker]] = {}
