"""`wasi:http`: requests on a granted `Fetch`, and answers to those that come in.

Source: https://github.com/WebAssembly/WASI/tree/main/proposals/http
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from . import exchange, fields, incoming, outgoing

if TYPE_CHECKING:
    from capwit.preview2.context import Handler

HANDLERS: Final[dict[str, dict[str, Handler]]] = {
    "wasi:http/types": {
        **fields.HANDLERS,
        **incoming.HANDLERS,
        **outgoing.HANDLERS,
        **exchange.TYPES,
    },
    "wasi:http/outgoing-handler": exchange.OUTGOING,
}
