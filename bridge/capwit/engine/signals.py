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
_COMMON: Final = tuple(
    int(getattr(signal, f"SIG{name}")) for name in ("INT", "TERM", "ALRM", "HUP", "USR1", "USR2")
)
_INT, _TERM, _ALRM, _HUP, _USR1, _USR2 = _COMMON
_NOTHING: Final = (None,) * len(_COMMON)


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

    __slots__ = ("depth", "handlers", "recorded", "watchers")

    def __init__(self) -> None:
        self.depth = 0
        self.recorded: list[tuple[Any, int]] = []
        self.handlers: tuple[Any, ...] = _NOTHING  # what the common signals are known to have
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
    _gate.handlers = tuple(map(_signal.getsignal, _COMMON))


def unwatch() -> None:
    """Undo one `watch`; after the last, handlers are again what they were."""
    _gate.watchers -= 1
    if _gate.watchers == 0 and _in_main_thread():
        _gate.handlers = _NOTHING
        for number in signal.valid_signals():
            handler = _signal.getsignal(number)
            if handler.__class__ is _Deferring:
                _signal.signal(number, handler.handler)


def enter(getsignal: Callable[[int], Any] = _signal.getsignal) -> bool:
    """Begin a poll. Returns whether handlers wait for it: only the main thread runs any."""
    if get_ident() != _main_ident:
        return False
    interrupt, term, alarm, hangup, user1, user2 = _gate.handlers
    # Written out: this runs at every poll, and a loop takes twice as long.
    if (
        getsignal(_INT) is not interrupt
        or getsignal(_TERM) is not term
        or getsignal(_ALRM) is not alarm
        or getsignal(_HUP) is not hangup
        or getsignal(_USR1) is not user1
        or getsignal(_USR2) is not user2
    ):
        _look_again()
    _gate.depth += 1
    return True


def _look_again() -> None:
    if _gate.watchers:
        for number in _COMMON:
            _wrap(number)
        _remember()


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
