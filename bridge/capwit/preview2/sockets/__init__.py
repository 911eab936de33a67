"""`wasi:sockets`: TCP, UDP and names on a granted `Network` and `Resolver`.

Source: https://github.com/WebAssembly/WASI/tree/main/proposals/sockets
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from . import lookup, network, tcp, udp

if TYPE_CHECKING:
    from capwit.preview2.context import Handler

HANDLERS: Final[dict[str, dict[str, Handler]]] = {
    **network.HANDLERS,
    **tcp.HANDLERS,
    **udp.HANDLERS,
    **lookup.HANDLERS,
}
