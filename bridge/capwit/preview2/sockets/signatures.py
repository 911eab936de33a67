"""The types of `wasi:sockets`' functions, as the WIT of WASI 0.2 has them."""

from __future__ import annotations

from typing import Final

from capwit.engine.types import (
    BOOL,
    BYTES,
    STRING,
    U8,
    U32,
    U64,
    Borrow,
    Enum,
    Field,
    Function,
    List,
    Option,
    Own,
    Record,
    Resource,
    Result,
    Tuple,
    Type,
)
from capwit.preview2.spelling import INPUT, OUTPUT, POLLABLE, function, methods

from .words import ADDRESS, ERROR_CODE, FAMILY, IP

_NETWORK: Final = Resource("wasi:sockets/network@0.2.0", "network")
_TCP: Final = Resource("wasi:sockets/tcp@0.2.0", "tcp-socket")
_UDP: Final = Resource("wasi:sockets/udp@0.2.0", "udp-socket")
_INCOMING: Final = Resource("wasi:sockets/udp@0.2.0", "incoming-datagram-stream")
_OUTGOING: Final = Resource("wasi:sockets/udp@0.2.0", "outgoing-datagram-stream")
_ADDRESSES: Final = Resource("wasi:sockets/ip-name-lookup@0.2.0", "resolve-address-stream")

_SHUTDOWN: Final = Enum(("receive", "send", "both"), name="shutdown-type")
_RECEIVED: Final = Record(
    (Field("data", BYTES, "data"), Field("remote-address", ADDRESS, "remote_address")),
    name="incoming-datagram",
)
_SENT: Final = Record(
    (Field("data", BYTES, "data"), Field("remote-address", Option(ADDRESS), "remote_address")),
    name="outgoing-datagram",
)


def _f(ok: Type | None, /, **params: Type) -> Function:
    return function(Result(ok, ERROR_CODE), **params)


def _options(types: dict[str, Type]) -> dict[str, Function]:
    return {
        **{name: _f(type) for name, type in types.items()},
        **{f"set-{name}": _f(None, value=type) for name, type in types.items()},
    }


_SUBSCRIBE: Final = function(Own(POLLABLE))
_BUFFERS: Final[dict[str, Type]] = {"receive-buffer-size": U64, "send-buffer-size": U64}
_STEPS: Final = {
    "start-bind": _f(None, network=Borrow(_NETWORK), local_address=ADDRESS),
    "finish-bind": _f(None),
    "local-address": _f(ADDRESS),
    "remote-address": _f(ADDRESS),
    "address-family": function(FAMILY),
    "subscribe": _SUBSCRIBE,
}

SIGNATURES: Final[dict[str, dict[str, Function]]] = {
    "wasi:sockets/instance-network": {"instance-network": function(Own(_NETWORK))},
    "wasi:sockets/tcp": methods(
        _TCP,
        {
            **_STEPS,
            "start-connect": _f(None, network=Borrow(_NETWORK), remote_address=ADDRESS),
            "finish-connect": _f(Tuple((Own(INPUT), Own(OUTPUT)))),
            "start-listen": _f(None),
            "finish-listen": _f(None),
            "accept": _f(Tuple((Own(_TCP), Own(INPUT), Own(OUTPUT)))),
            "is-listening": function(BOOL),
            "set-listen-backlog-size": _f(None, value=U64),
            **_options(
                {
                    "keep-alive-enabled": BOOL,
                    "keep-alive-idle-time": U64,
                    "keep-alive-interval": U64,
                    "keep-alive-count": U32,
                    "hop-limit": U8,
                    **_BUFFERS,
                }
            ),
            "shutdown": _f(None, shutdown_type=_SHUTDOWN),
        },
    ),
    "wasi:sockets/tcp-create-socket": {"create-tcp-socket": _f(Own(_TCP), address_family=FAMILY)},
    "wasi:sockets/udp": {
        **methods(
            _UDP,
            {
                **_STEPS,
                "stream": _f(Tuple((Own(_INCOMING), Own(_OUTGOING))), remote_address=Option(ADDRESS)),
                **_options({"unicast-hop-limit": U8, **_BUFFERS}),
            },
        ),
        **methods(_INCOMING, {"receive": _f(List(_RECEIVED), max_results=U64), "subscribe": _SUBSCRIBE}),
        **methods(
            _OUTGOING,
            {"check-send": _f(U64), "send": _f(U64, datagrams=List(_SENT)), "subscribe": _SUBSCRIBE},
        ),
    },
    "wasi:sockets/udp-create-socket": {"create-udp-socket": _f(Own(_UDP), address_family=FAMILY)},
    "wasi:sockets/ip-name-lookup": {
        "resolve-addresses": _f(Own(_ADDRESSES), network=Borrow(_NETWORK), name=STRING),
        **methods(_ADDRESSES, {"resolve-next-address": _f(Option(IP)), "subscribe": _SUBSCRIBE}),
    },
}
