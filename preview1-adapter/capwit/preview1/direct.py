"""Which functions never wait, for what an instance is granted: they are called more directly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from capwit.bridge.capability import Client, waits_never
from capwit.caps.standard import CONSOLE, ENTROPY_SOURCE, TIMER, WALL_CLOCK

if TYPE_CHECKING:
    from capwit.bridge.binding import Method
    from capwit.caps.wasi import WasiGrants

# What a function asks of which grants. One that is not here may have to wait, whatever is granted.
_ASKS: Final[dict[str, tuple[tuple[str, Method[Any]], ...]]] = {
    "clock_res_get": (
        ("timer", TIMER.methods["resolution"]),
        ("wall_clock", WALL_CLOCK.methods["resolution"]),
    ),
    "clock_time_get": (
        ("timer", TIMER.methods["now"]),
        ("timer", TIMER.methods["resolution"]),
        ("wall_clock", WALL_CLOCK.methods["now"]),
    ),
    "random_get": (("entropy", ENTROPY_SOURCE.methods["fill"]),),
    "fd_tell": (),
    "fd_write": (("stdout", CONSOLE.methods["write"]), ("stderr", CONSOLE.methods["write"])),
}
# With any other there is more to write than the standard streams, and a file is brought to its disk.
_NOT_WRITTEN: Final = frozenset({"launch", "stdin", "stdout", "stderr", "timer", "wall_clock", "entropy"})


def never_waits(function: str, grants: WasiGrants, *, elsewhere: bool) -> bool:
    """Return whether a function never has to wait for what is granted.

    With `elsewhere` the guest imports generated interfaces, too, of which it may get descriptors of any kind.
    """
    asks = _ASKS.get(function)
    if asks is None:
        return False
    if function == "fd_write":
        streams = {grants.prefix + name for name in _NOT_WRITTEN}
        if elsewhere or not grants.granted() <= streams:
            return False
    return all(_answers_at_once(getattr(grants, name), method) for name, method in asks)


def _answers_at_once(granted: object, method: Method[Any]) -> bool:
    if granted is None:
        return True
    return (
        isinstance(granted, Client)
        and method in granted.interface.methods.values()
        and waits_never(granted, method)
    )
