"""The fiber that a guest's call runs on, as callbacks see it: what they leave for the store that drives it.

A poll runs a fiber until the call ends, waits for a host function, or yields. What callbacks call runs on the
fiber's stack, inside the poll. No Python frame is ever on a suspended fiber, because each callback has
returned by then.
"""

from __future__ import annotations

import ctypes
import struct
from types import CoroutineType
from typing import TYPE_CHECKING, Any, Final

from . import abi
from .plan import Raised
from .polls import stores
from .steps import BY_GUEST, awaited

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from contextvars import Token

    from .plan import Served

_ready = struct.Struct("<QQQ").pack


@abi.CONTINUATION  # type: ignore[untyped-decorator]
def _continue(context: int) -> bool:
    store = stores[context]
    try:
        return store._resume()
    except BaseException as error:  # nothing may leave a callback; wasmtime aborts the process
        store.failure = error
        return False


_CONTINUE: Final = ctypes.cast(_continue, ctypes.c_void_p).value or 0
_HOST_FAILED: Final = b"a host function failed"


class Fiber:
    """The call that is under way in a store, and how it goes on or ends.

    Attributes:
        context: the address by which wasmtime tells a callback whose call it is.
        value: what a host function has just answered.
        failure: what a host function has just raised.
        error_at, trap_at: where wasmtime says how a call has ended badly; the latter for a core module's.
        marked: set once the call has called the host.
    """

    __slots__ = (
        "_at",
        "_bad",
        "_pending",
        "_serve",
        "_waiting",
        "context",
        "error_at",
        "failure",
        "marked",
        "trap_at",
        "value",
    )

    def __init__(self, context: int) -> None:
        """Begin without a call."""
        self.context = context
        self.value: Any = None
        self.failure: BaseException | None = None
        self.marked: Token[bool] | None = None
        self._bad = (ctypes.c_void_p * 2)()
        self.error_at = ctypes.addressof(self._bad)
        self.trap_at = self.error_at + ctypes.sizeof(ctypes.c_void_p)
        self._waiting = _ready(_CONTINUE, context, 0)
        self._pending: tuple[Coroutine[Any, Any, Any], Any] | None = None
        self._serve: Served | None = None
        self._at = 0

    def mark(self) -> None:
        """The call under way calls the host: what that sets going is known by it, in whatever task it is."""
        self.marked = BY_GUEST.set(True)

    def suspend(self, awaitable: Any, serve: Served, at: int, next_at: int) -> bool:
        """Take a host function's first step; returns whether the fiber must wait for the rest."""
        steps = awaitable if awaitable.__class__ is CoroutineType else awaited(awaitable)
        try:
            yielded = steps.send(None)
        except StopIteration as stop:
            self.value = stop.value
            return False
        except Exception as error:
            if serve.catch is None:
                raise
            self.value = Raised(serve.catch(self, error))
            return False
        self._pending, self._serve, self._at = (steps, yielded), serve, at
        abi.SPACE[next_at : next_at + 24] = self._waiting
        return True

    def fail(self, error: BaseException, error_at: int, next_at: int) -> None:
        """End the guest's call with an exception, which the driver raises."""
        self.failure = error
        ctypes.c_void_p.from_address(error_at).value = abi.error_new(_HOST_FAILED)
        abi.SPACE[next_at : next_at + 24] = abi.DONE

    def fail_core(self, error: BaseException, trap_at: int, next_at: int) -> None:
        """End a core module's call with an exception, which the driver raises."""
        ctypes.c_void_p.from_address(trap_at).value = self.trap_core(error)
        abi.SPACE[next_at : next_at + 24] = abi.DONE

    def trap_core(self, error: BaseException) -> int:
        """Return the trap that ends a core module's call with an exception, which the driver raises."""
        self.failure = error
        trap: int = abi.trap_new(_HOST_FAILED, len(_HOST_FAILED))
        return trap

    def _resume(self) -> bool:
        if self._pending is not None or self.failure is not None or self._serve is None:
            return False
        serve, self._serve = self._serve, None
        serve.finish(self, self.value, self._at)
        self.value = None
        return True

    def _failed(self) -> bool:
        return self.failure is not None or any(self._bad)

    def _take_message(self) -> str:
        """Return what wasmtime says of the call's bad end, which is forgotten here; empty without one."""
        error, trapped = self._bad
        message = abi.take_error(error) if error else ""
        trap = abi.take_trap(trapped) if trapped else ""
        self._bad[0] = self._bad[1] = None
        return message or trap
