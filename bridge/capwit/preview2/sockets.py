"""`wasi:sockets`: a network that reaches nothing. What takes it refuses with an error of its own.

Source: https://github.com/WebAssembly/WASI/tree/main/proposals/sockets
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .context import Handler
    from .grants import WasiGrants


class NoNetwork:
    """A network without any address in it."""


def _instance_network(_: WasiGrants) -> NoNetwork:
    return NoNetwork()


# Every libc asks for the network before it asks anything of it, and that first call has no error to give.
HANDLERS: Final[dict[str, dict[str, Handler]]] = {
    "wasi:sockets/instance-network": {"instance-network": _instance_network},
}
