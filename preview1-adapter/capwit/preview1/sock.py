"""`sock_*`: no socket is granted yet, so that every descriptor is something else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .abi import Errno
from .errors import Refused

if TYPE_CHECKING:
    from .guest import Guest, Handler


def _refuse(guest: Guest, fd: int, *_: int) -> Errno:
    guest.fds.get(fd)
    raise Refused(Errno.NOTSOCK)


HANDLERS: Final[dict[str, Handler]] = dict.fromkeys(
    ("sock_accept", "sock_recv", "sock_send", "sock_shutdown"), _refuse
)
