"""`wasi:clocks`: the monotonic clock and the time of day.

Source: https://github.com/WebAssembly/WASI/tree/main/proposals/clocks
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from capwit.caps.standard import TIMER, WALL_CLOCK

from .context import Handler, answer, ask, granted
from .poll import TimerPollable

if TYPE_CHECKING:
    from capwit.bridge.binding import MaybeAwaitable, Method
    from capwit.caps.standard import Instant, Timer, WallClock

    from .grants import WasiGrants

_LAST: Final = 2**64 - 1
_TIMER_NOW: Final[Method[int]] = TIMER.methods["now"]
_WALL_NOW: Final[Method[Instant]] = WALL_CLOCK.methods["now"]


def _timer(grants: WasiGrants) -> Timer:
    return granted(grants.timer, "wasi:clocks/monotonic-clock", "timer")


def _wall_clock(grants: WasiGrants) -> WallClock:
    return granted(grants.wall_clock, "wasi:clocks/wall-clock", "wall_clock")


def _now(grants: WasiGrants) -> MaybeAwaitable[int]:
    return ask(_timer(grants), _TIMER_NOW)


async def _resolution(grants: WasiGrants) -> int:
    return max(1, await answer(_timer(grants).resolution()))


def _subscribe_instant(grants: WasiGrants, when: int) -> TimerPollable:
    return TimerPollable(_timer(grants), when)


async def _subscribe_duration(grants: WasiGrants, duration: int) -> TimerPollable:
    timer = _timer(grants)
    return TimerPollable(timer, min(_LAST, await answer(ask(timer, _TIMER_NOW)) + duration))


async def _wall_now(grants: WasiGrants) -> dict[str, int]:
    now = await answer(ask(_wall_clock(grants), _WALL_NOW))
    return {"seconds": now.seconds, "nanoseconds": now.nanoseconds}


async def _wall_resolution(grants: WasiGrants) -> dict[str, int]:
    resolution = await answer(_wall_clock(grants).resolution())
    return {"seconds": resolution.seconds, "nanoseconds": resolution.nanoseconds}


HANDLERS: Final[dict[str, dict[str, Handler]]] = {
    "wasi:clocks/monotonic-clock": {
        "now": _now,
        "resolution": _resolution,
        "subscribe-instant": _subscribe_instant,
        "subscribe-duration": _subscribe_duration,
    },
    "wasi:clocks/wall-clock": {"now": _wall_now, "resolution": _wall_resolution},
}
