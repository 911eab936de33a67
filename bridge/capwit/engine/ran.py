"""How long a guest has run: the time of the polls of its store, what they call of the host included."""

from __future__ import annotations

from time import perf_counter_ns


class Ran:
    """A clock that only goes while a guest is being polled, not while it waits for anything."""

    __slots__ = ("_before", "_began")

    def __init__(self) -> None:
        """Stand at 0."""
        self._before = 0
        self._began = 0  # 0 while it stands

    def start(self) -> None:
        """A poll begins."""
        self._began = perf_counter_ns()

    def stop(self) -> None:
        """The poll is over."""
        self._before += perf_counter_ns() - self._began
        self._began = 0

    @property
    def nanoseconds(self) -> int:
        """The time that the guest has run, that of the poll under way included."""
        return self._before + (perf_counter_ns() - self._began if self._began else 0)
