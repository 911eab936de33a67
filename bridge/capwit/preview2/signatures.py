"""The types of the functions that are served, as the WIT of WASI 0.2 has them.

A component declares its imports' types itself. A handler is only reached through the real ones: what
arrives at it is then what it expects, and no handle of another kind.

Source: https://github.com/WebAssembly/WASI/tree/main/proposals
"""

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
    Case,
    Field,
    Function,
    List,
    Option,
    Own,
    Param,
    Record,
    Resource,
    Result,
    Tuple,
    Type,
    Variant,
)

from .http import signatures as http

_ERROR: Final = Resource("wasi:io/error@0.2.0", "error")
_POLLABLE: Final = Resource("wasi:io/poll@0.2.0", "pollable")
_INPUT: Final = Resource("wasi:io/streams@0.2.0", "input-stream")
_OUTPUT: Final = Resource("wasi:io/streams@0.2.0", "output-stream")
_NETWORK: Final = Resource("wasi:sockets/network@0.2.0", "network")
_STREAM_ERROR: Final = Variant(
    (Case("last-operation-failed", Own(_ERROR)), Case("closed", None)), name="stream-error"
)
_DATETIME: Final = Record(
    (Field("seconds", U64, "seconds"), Field("nanoseconds", U32, "nanoseconds")), name="datetime"
)


def _f(result: Type | None = None, /, **params: Type) -> Function:
    return Function(tuple(Param(name.strip("_"), type) for name, type in params.items()), result)


def _stream(resource: Resource, ok: Type | None, /, **params: Type) -> Function:
    return _f(Result(ok, _STREAM_ERROR), self=Borrow(resource), **params)


_SUBSCRIBE_INPUT: Final = _f(Own(_POLLABLE), self=Borrow(_INPUT))
_SUBSCRIBE_OUTPUT: Final = _f(Own(_POLLABLE), self=Borrow(_OUTPUT))
_SPLICE: Final = _stream(_OUTPUT, U64, src=Borrow(_INPUT), len=U64)

SIGNATURES: Final[dict[str, dict[str, Function]]] = {
    **http.SIGNATURES,
    "wasi:io/error": {"[method]error.to-debug-string": _f(STRING, self=Borrow(_ERROR))},
    "wasi:io/poll": {
        "poll": _f(List(U32), in_=List(Borrow(_POLLABLE))),
        "[method]pollable.ready": _f(BOOL, self=Borrow(_POLLABLE)),
        "[method]pollable.block": _f(self=Borrow(_POLLABLE)),
    },
    "wasi:io/streams": {
        "[method]input-stream.read": _stream(_INPUT, BYTES, len=U64),
        "[method]input-stream.blocking-read": _stream(_INPUT, BYTES, len=U64),
        "[method]input-stream.skip": _stream(_INPUT, U64, len=U64),
        "[method]input-stream.blocking-skip": _stream(_INPUT, U64, len=U64),
        "[method]input-stream.subscribe": _SUBSCRIBE_INPUT,
        "[method]output-stream.check-write": _stream(_OUTPUT, U64),
        "[method]output-stream.write": _stream(_OUTPUT, None, contents=BYTES),
        "[method]output-stream.blocking-write-and-flush": _stream(_OUTPUT, None, contents=BYTES),
        "[method]output-stream.flush": _stream(_OUTPUT, None),
        "[method]output-stream.blocking-flush": _stream(_OUTPUT, None),
        "[method]output-stream.subscribe": _SUBSCRIBE_OUTPUT,
        "[method]output-stream.write-zeroes": _stream(_OUTPUT, None, len=U64),
        "[method]output-stream.blocking-write-zeroes-and-flush": _stream(_OUTPUT, None, len=U64),
        "[method]output-stream.splice": _SPLICE,
        "[method]output-stream.blocking-splice": _SPLICE,
    },
    "wasi:cli/environment": {
        "get-arguments": _f(List(STRING)),
        "get-environment": _f(List(Tuple((STRING, STRING)))),
        "initial-cwd": _f(Option(STRING)),
    },
    "wasi:cli/stdin": {"get-stdin": _f(Own(_INPUT))},
    "wasi:cli/stdout": {"get-stdout": _f(Own(_OUTPUT))},
    "wasi:cli/stderr": {"get-stderr": _f(Own(_OUTPUT))},
    "wasi:cli/exit": {
        "exit": _f(status=Result(None, None)),
        "exit-with-code": Function((Param("status-code", U8),), None),
    },
    "wasi:clocks/monotonic-clock": {
        "now": _f(U64),
        "resolution": _f(U64),
        "subscribe-instant": _f(Own(_POLLABLE), when=U64),
        "subscribe-duration": _f(Own(_POLLABLE), when=U64),
    },
    "wasi:clocks/wall-clock": {"now": _f(_DATETIME), "resolution": _f(_DATETIME)},
    "wasi:random/random": {"get-random-bytes": _f(BYTES, len=U64), "get-random-u64": _f(U64)},
    "wasi:random/insecure": {
        "get-insecure-random-bytes": _f(BYTES, len=U64),
        "get-insecure-random-u64": _f(U64),
    },
    "wasi:random/insecure-seed": {"insecure-seed": _f(Tuple((U64, U64)))},
    "wasi:sockets/instance-network": {"instance-network": _f(Own(_NETWORK))},
}
