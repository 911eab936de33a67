"""Signal handlers wait while wasmtime is on the stack.

Python runs a signal's handler between any two instructions, also those of a callback that wasmtime
is calling. An exception there leaves the callback before it has answered, and wasmtime aborts the
process. So while a poll runs, handlers only record; they run when it has returned.
"""

from __future__ import annotations

import _signal  # the C functions: `signal` wraps each look-up in an enum
import signal
import threading
from threading import get_ident
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

# What is looked at before each poll; a handler of another signal is seen at the next `watch`.
_COMMON: Final = (
    signal.SIGINT, signal.SIGTERM, signal.SIGALRM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2,
)  # fmt: skip


class _Deferring:
    """A signal handler that waits while a poll runs."""

    __slots__ = ("handler",)

    def __init__(self, handler: Any) -> None:
        self.handler = handler

    def __call__(self, number: int, frame: FrameType | None) -> Any:
        if _gate.depth:
            _gate.recorded.append((self.handler, number))
            return None
        return self.handler(number, frame)


class _Gate:
    """How many polls run in the main thread, one inside the other, and what has come in since."""

    __slots__ = ("depth", "handlers", "recorded", "watched", "watchers")

    def __init__(self) -> None:
        self.depth = 0
        self.recorded: list[tuple[Any, int]] = []
        self.watched: tuple[int, ...] = ()
        self.handlers: tuple[Any, ...] = ()  # what those are known to have
        self.watchers = 0


_gate = _Gate()


def _wrap(number: int) -> None:
    handler = _signal.getsignal(number)
    if callable(handler) and handler.__class__ is not _Deferring:
        _signal.signal(number, _Deferring(handler))


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def watch() -> None:
    """Make the handlers of all signals wait for polls, until as many `unwatch` have been called."""
    _gate.watchers += 1
    if _in_main_thread():
        for number in signal.valid_signals():
            _wrap(number)
        _remember()


def _remember() -> None:
    _gate.watched = tuple(int(number) for number in _COMMON)
    _gate.handlers = tuple(map(_signal.getsignal, _gate.watched))


def unwatch() -> None:
    """Undo one `watch`; after the last, handlers are again what they were."""
    _gate.watchers -= 1
    if _gate.watchers == 0 and _in_main_thread():
        _gate.watched = _gate.handlers = ()
        for number in signal.valid_signals():
            handler = _signal.getsignal(number)
            if handler.__class__ is _Deferring:
                _signal.signal(number, handler.handler)


def enter(getsignal: Callable[[int], Any] = _signal.getsignal) -> bool:
    """Begin a poll. Returns whether handlers wait for it: only the main thread runs any."""
    if get_ident() != _main_ident:
        return False
    if tuple(map(getsignal, _gate.watched)) != _gate.handlers:
        for number in _gate.watched:
            _wrap(number)
        _remember()
    _gate.depth += 1
    return True


def leave() -> None:
    """End a poll that `enter` answered true to; the last one out runs the handlers of what came in."""
    _gate.depth -= 1
    if _gate.recorded and not _gate.depth:
        _run_recorded()


def _run_recorded() -> None:
    raised: BaseException | None = None
    while _gate.recorded:
        handler, number = _gate.recorded.pop(0)
        try:
            handler(number, None)
        except BaseException as error:
            raised = error
    if raised is not None:
        raise raised


_main_ident: Final = threading.main_thread().ident
