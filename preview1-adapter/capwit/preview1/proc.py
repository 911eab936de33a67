"""`proc_*` and `sched_yield`: how a guest ends, or lets others run."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, NoReturn

from capwit.bridge.errors import GuestExit

from .abi import Errno
from .errors import Refused

if TYPE_CHECKING:
    from .guest import Guest, Handler

_LAST_SIGNAL: Final = 30


def _exit(_: Guest, code: int) -> NoReturn:
    raise GuestExit(code & 0xFF)


def _raise(_: Guest, signal: int) -> Errno:
    if signal > _LAST_SIGNAL:
        raise Refused(Errno.INVAL)
    if not signal:
        return Errno.SUCCESS
    raise GuestExit(128 + signal)  # as a shell tells of it


async def _yield(_: Guest) -> Errno:
    await asyncio.sleep(0)
    return Errno.SUCCESS


HANDLERS: Final[dict[str, Handler]] = {"proc_exit": _exit, "proc_raise": _raise, "sched_yield": _yield}
