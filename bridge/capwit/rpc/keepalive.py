"""How it is noticed that the other end of a connection has vanished without a word."""

from __future__ import annotations

import socket
from typing import Final

LONGEST: Final = 32_767.0  # seconds: Linux waits no longer before it asks
_PROBES: Final = 3  # that stay unanswered before a peer counts as gone


def settle(connection: socket.socket, seconds: float) -> None:
    """Let the kernel end a TCP connection whose peer is gone for some seconds, also where nothing is said.

    What is sent to it is sent at once.
    """
    if connection.family not in (socket.AF_INET, socket.AF_INET6):
        return
    seconds = min(seconds, LONGEST)
    idle, interval = max(1, round(seconds / 2)), max(1, round(seconds / 2 / _PROBES))
    for level, option, value in (
        (socket.IPPROTO_TCP, "TCP_NODELAY", 1),
        (socket.SOL_SOCKET, "SO_KEEPALIVE", 1),
        (socket.IPPROTO_TCP, "TCP_KEEPIDLE", idle),
        (socket.IPPROTO_TCP, "TCP_KEEPINTVL", interval),
        (socket.IPPROTO_TCP, "TCP_KEEPCNT", _PROBES),
        # For what was sent and is not acknowledged, where it would be sent again for a quarter of an hour.
        (socket.IPPROTO_TCP, "TCP_USER_TIMEOUT", max(1000, round(seconds * 1000))),
    ):
        if hasattr(socket, option):  # the last one is Linux's
            connection.setsockopt(level, getattr(socket, option), value)
