"""`clock_*`: the granted clocks. The processor's tell how long the guest has run, in the timer's ticks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

from capwit.caps.using import answer

from .abi import Clock, Errno
from .errors import Refused
from .guest import SUCCESS, Guest, Handler, required

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from capwit.caps.standard import Instant

SECOND: Final = 1_000_000_000
_MONOTONIC: Final = Clock.MONOTONIC


def clock_of(number: int) -> Clock:
    """Return which clock a number means.

    Raises:
        Refused: none (INVAL).
    """
    try:
        return Clock(number)
    except ValueError:
        raise Refused(Errno.INVAL) from None


def nanoseconds(instant: Instant) -> int:
    """Return a time of day as nanoseconds since 1970.

    Raises:
        Refused: they are more than 64 bits (OVERFLOW).
    """
    found = instant.seconds * SECOND + instant.nanoseconds
    if not 0 <= found < 1 << 64:
        raise Refused(Errno.OVERFLOW)
    return found


async def now(guest: Guest, clock: Clock) -> int:
    """Return a clock's present time in nanoseconds."""
    match clock:
        case Clock.REALTIME:
            return nanoseconds(await answer(required(guest.grants.wall_clock).now()))
        case Clock.MONOTONIC:
            return await answer(guest.now())
        case Clock.PROCESS_CPUTIME | Clock.THREAD_CPUTIME:
            timer = required(guest.grants.timer)
            await answer(timer.now())  # who may not know the time may not know this either
            ticks = await answer(timer.resolution())
            return guest.ran // ticks * ticks if ticks else 0
        case _:
            assert_never(clock)


def _time_get(guest: Guest, clock: int, precision: int, at: int) -> Errno | Awaitable[Errno]:
    if clock != _MONOTONIC:
        return _told_later(guest, now(guest, clock_of(clock)), at)
    time = guest.now()
    if not isinstance(time, int):
        return _told_later(guest, time, at)
    guest.write_u64(at, time)
    return SUCCESS


async def _told_later(guest: Guest, time: Awaitable[int], at: int) -> Errno:
    guest.write_u64(at, await time)
    return SUCCESS


async def _res_get(guest: Guest, clock: int, at: int) -> Errno:
    if clock_of(clock) is Clock.REALTIME:
        resolution = nanoseconds(await answer(required(guest.grants.wall_clock).resolution()))
    else:
        resolution = await answer(required(guest.grants.timer).resolution())
    guest.write_u64(at, max(1, resolution))
    return Errno.SUCCESS


HANDLERS: Final[dict[str, Handler]] = {"clock_res_get": _res_get, "clock_time_get": _time_get}
