"""`poll_oneoff`: several waits at once, on the event loop."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from capwit.caps.streams import ByteSinkClient
from capwit.caps.using import answer, value

from . import sock
from .abi import (
    CLOCK_ABSTIME,
    EVENT,
    SUBSCRIBED_FD,
    SUBSCRIPTION,
    Clock,
    Errno,
    EventType,
    Rights,
)
from .clock import clock_of, now
from .errors import Refused, errno_of
from .fdtable import OpenDirectory, OpenFile, OpenSocket
from .guest import MOST_BYTES, Guest, Handler, required

if TYPE_CHECKING:
    from .abi import Snapshot
    from .fdtable import Open

_MOST: Final = 4096  # subscriptions of one call: each is a task of the host
_LAST: Final = 2**64 - 1


class _Event(NamedTuple):
    """What a wait came to."""

    user: int
    errno: Errno
    type: int
    size: int = 0

    def packed(self) -> bytes:
        return EVENT.pack(*self[:4], 0)


@dataclass(frozen=True, slots=True)
class _Deadline:
    """A wait for a clock: until the monotonic one stands at `at`."""

    user: int
    at: int


@dataclass(frozen=True, slots=True)
class _Readiness:
    """A wait for a descriptor."""

    user: int
    type: EventType
    entry: Open


_Wait: TypeAlias = _Deadline | _Readiness


async def _poll(snapshot: Snapshot, guest: Guest, at: int, out: int, count: int, used_at: int) -> Errno:
    if not 0 < count <= _MOST:
        raise Refused(Errno.INVAL)
    given = guest.read(at, count * snapshot.subscription_size)
    guest.check(out, count * EVENT.size)
    guest.check(used_at, 4)
    events: list[_Event] = []
    waits: list[_Wait] = []
    for start in range(0, len(given), snapshot.subscription_size):
        user, type = SUBSCRIPTION.unpack_from(given, start)
        try:
            waits.append(await _subscribed(snapshot, guest, user, type, given, start + SUBSCRIPTION.size))
        except Refused as refused:
            if refused.errno is Errno.BADF:  # the guest's own mistake, and none of the clocks'
                raise
            events.append(_Event(user, refused.errno, type))
        except Exception as error:
            events.append(_Event(user, errno_of(error), type))
    events += await _wait(guest, waits, patient=not events)
    guest.write(out, b"".join(event.packed() for event in events))
    guest.write_u32(used_at, len(events))
    return Errno.SUCCESS


async def _subscribed(
    snapshot: Snapshot, guest: Guest, user: int, type: int, given: bytes, start: int
) -> _Wait:
    match type:
        case EventType.CLOCK:
            clock, timeout, _, flags = snapshot.subscribed_clock.unpack_from(given, start)
            required(guest.grants.timer)
            which = clock_of(clock)
            if which not in (Clock.REALTIME, Clock.MONOTONIC):
                raise Refused(Errno.NOTSUP)  # it stands while the guest waits
            if flags & CLOCK_ABSTIME:
                if which is Clock.MONOTONIC:
                    return _Deadline(user, timeout)
                timeout = max(0, timeout - await now(guest, which))
            return _Deadline(user, min(_LAST, await now(guest, Clock.MONOTONIC) + timeout))
        case EventType.FD_READ | EventType.FD_WRITE:
            (fd,) = SUBSCRIBED_FD.unpack_from(given, start)
            entry = guest.fds.get(fd)
            right = Rights.FD_READ if type == EventType.FD_READ else Rights.FD_WRITE
            if isinstance(entry, OpenDirectory) or not entry.rights & right:
                raise Refused(Errno.BADF)
            return _Readiness(user, EventType(type), entry)
        case _:
            raise Refused(Errno.INVAL)


async def _wait(guest: Guest, waits: list[_Wait], *, patient: bool) -> list[_Event]:
    """Return what is ready; where nothing is, wait until something is, if `patient`.

    All deadlines are one wait: for the next of them.
    """
    deadlines = [each for each in waits if isinstance(each, _Deadline)]
    tasks: dict[asyncio.Task[_Event], None] = {}
    for each in waits:
        if isinstance(each, _Readiness):
            tasks[asyncio.ensure_future(_ready(each))] = None
    alarm: asyncio.Task[None] | None = None
    try:
        if tasks:
            await asyncio.sleep(0)  # what is ready at once says so in its first step
        events = [task.result() for task in tasks if task.done()]
        events += await _passed(guest, deadlines)
        if events or not patient:
            return events
        pending: list[asyncio.Task[_Event] | asyncio.Task[None]] = [*tasks]
        if deadlines:
            alarm = asyncio.ensure_future(_sleep(guest, min(each.at for each in deadlines)))
            pending.append(alarm)
        await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        if alarm is not None and alarm.done():
            alarm.result()
        events = [task.result() for task in tasks if task.done()]
        return events + await _passed(guest, deadlines)
    finally:
        for task in [*tasks, *([alarm] if alarm else [])]:
            if not task.cancel() and not task.cancelled():
                with suppress(BaseException):
                    task.exception()  # looked at: it is told by nobody else


async def _sleep(guest: Guest, deadline: int) -> None:
    await answer(required(guest.grants.timer).sleep_until(deadline))


async def _passed(guest: Guest, deadlines: list[_Deadline]) -> list[_Event]:
    if not deadlines:
        return []
    present = await now(guest, Clock.MONOTONIC)
    return [_Event(each.user, Errno.SUCCESS, EventType.CLOCK) for each in deadlines if each.at <= present]


async def _ready(wait: _Readiness) -> _Event:
    try:
        size = await _room(wait)
    except Exception as error:
        return _Event(wait.user, errno_of(error), wait.type)
    return _Event(wait.user, Errno.SUCCESS, wait.type, size)


async def _room(wait: _Readiness) -> int:
    """Wait until a descriptor is ready; returns how many bytes may be read or written, as far as is known."""
    entry = wait.entry
    if isinstance(entry, OpenFile):
        if wait.type is EventType.FD_WRITE:
            return MOST_BYTES
        return max(0, value(await entry.client.stat()).size - entry.position)
    if isinstance(entry, OpenSocket):
        return await sock.room(entry, write=wait.type is EventType.FD_WRITE)
    assert not isinstance(entry, OpenDirectory)
    if wait.type is EventType.FD_WRITE:
        if isinstance(entry.sink, ByteSinkClient):
            return min(MOST_BYTES, await entry.sink.writable())
        return MOST_BYTES
    assert entry.source is not None
    await entry.source.readable()
    entry.ready = True
    return 1


# It differs between the snapshots, and so takes one first.
BY_SNAPSHOT: Final[dict[str, Handler]] = {"poll_oneoff": _poll}
