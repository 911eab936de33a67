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
    Enum,
    Field,
    Flags,
    Function,
    List,
    Option,
    Own,
    Record,
    Resource,
    Result,
    Tuple,
    Type,
    Variant,
)

from .http import signatures as http
from .sockets import signatures as sockets
from .spelling import ERROR, INPUT, OUTPUT, POLLABLE, methods
from .spelling import function as _f

# What the WIT names, in its order.
FILE_ERRORS: Final = (
    "access", "would-block", "already", "bad-descriptor", "busy", "deadlock", "quota", "exist",
    "file-too-large", "illegal-byte-sequence", "in-progress", "interrupted", "invalid", "io", "is-directory",
    "loop", "too-many-links", "message-size", "name-too-long", "no-device", "no-entry", "no-lock",
    "insufficient-memory", "insufficient-space", "not-directory", "not-empty", "not-recoverable",
    "unsupported", "no-tty", "no-such-device", "overflow", "not-permitted", "pipe", "read-only",
    "invalid-seek", "text-file-busy", "cross-device",
)  # fmt: skip

_TERMINAL_IN: Final = Resource("wasi:cli/terminal-input@0.2.0", "terminal-input")
_TERMINAL_OUT: Final = Resource("wasi:cli/terminal-output@0.2.0", "terminal-output")
_DESCRIPTOR: Final = Resource("wasi:filesystem/types@0.2.0", "descriptor")
_ENTRIES: Final = Resource("wasi:filesystem/types@0.2.0", "directory-entry-stream")
_STREAM_ERROR: Final = Variant(
    (Case("last-operation-failed", Own(ERROR)), Case("closed", None)), name="stream-error"
)
_DATETIME: Final = Record(
    (Field("seconds", U64, "seconds"), Field("nanoseconds", U32, "nanoseconds")), name="datetime"
)

_FILE_ERROR: Final = Enum(FILE_ERRORS, name="error-code")
_DESCRIPTOR_TYPE: Final = Enum(
    (
        "unknown", "block-device", "character-device", "directory", "fifo", "symbolic-link", "regular-file",
        "socket",
    ),
    name="descriptor-type",
)  # fmt: skip
_DESCRIPTOR_FLAGS: Final = Flags(
    (
        "read", "write", "file-integrity-sync", "data-integrity-sync", "requested-write-sync",
        "mutate-directory",
    ),
    name="descriptor-flags",
)  # fmt: skip
_PATH_FLAGS: Final = Flags(("symlink-follow",), name="path-flags")
_OPEN_FLAGS: Final = Flags(("create", "directory", "exclusive", "truncate"), name="open-flags")
_ADVICE: Final = Enum(("normal", "sequential", "random", "will-need", "dont-need", "no-reuse"), name="advice")
_NEW_TIME: Final = Variant(
    (Case("no-change", None), Case("now", None), Case("timestamp", _DATETIME)), name="new-timestamp"
)
_STAT: Final = Record(
    (
        Field("type", _DESCRIPTOR_TYPE, "type"),
        Field("link-count", U64, "link_count"),
        Field("size", U64, "size"),
        Field("data-access-timestamp", Option(_DATETIME), "data_access_timestamp"),
        Field("data-modification-timestamp", Option(_DATETIME), "data_modification_timestamp"),
        Field("status-change-timestamp", Option(_DATETIME), "status_change_timestamp"),
    ),
    name="descriptor-stat",
)
_ENTRY: Final = Record(
    (Field("type", _DESCRIPTOR_TYPE, "type"), Field("name", STRING, "name")), name="directory-entry"
)
_HASH: Final = Record(
    (Field("lower", U64, "lower"), Field("upper", U64, "upper")), name="metadata-hash-value"
)


def _streaming(ok: Type | None, /, **params: Type) -> Function:
    return _f(Result(ok, _STREAM_ERROR), **params)


def _file(ok: Type | None, /, **params: Type) -> Function:
    return _f(Result(ok, _FILE_ERROR), **params)


_AT: Final[dict[str, Type]] = {"path_flags": _PATH_FLAGS, "path": STRING}
_TIMES: Final[dict[str, Type]] = {
    "data_access_timestamp": _NEW_TIME,
    "data_modification_timestamp": _NEW_TIME,
}
_SUBSCRIBE: Final = _f(Own(POLLABLE))
_SPLICE: Final = _streaming(U64, src=Borrow(INPUT), len=U64)

SIGNATURES: Final[dict[str, dict[str, Function]]] = {
    **http.SIGNATURES,
    **sockets.SIGNATURES,
    "wasi:io/error": methods(ERROR, {"to-debug-string": _f(STRING)}),
    "wasi:io/poll": {
        "poll": _f(List(U32), in_=List(Borrow(POLLABLE))),
        **methods(POLLABLE, {"ready": _f(BOOL), "block": _f()}),
    },
    "wasi:io/streams": {
        **methods(
            INPUT,
            {
                "read": _streaming(BYTES, len=U64),
                "blocking-read": _streaming(BYTES, len=U64),
                "skip": _streaming(U64, len=U64),
                "blocking-skip": _streaming(U64, len=U64),
                "subscribe": _SUBSCRIBE,
            },
        ),
        **methods(
            OUTPUT,
            {
                "check-write": _streaming(U64),
                "write": _streaming(None, contents=BYTES),
                "blocking-write-and-flush": _streaming(None, contents=BYTES),
                "flush": _streaming(None),
                "blocking-flush": _streaming(None),
                "subscribe": _SUBSCRIBE,
                "write-zeroes": _streaming(None, len=U64),
                "blocking-write-zeroes-and-flush": _streaming(None, len=U64),
                "splice": _SPLICE,
                "blocking-splice": _SPLICE,
            },
        ),
    },
    "wasi:clocks/monotonic-clock": {
        "now": _f(U64),
        "resolution": _f(U64),
        "subscribe-instant": _f(Own(POLLABLE), when=U64),
        "subscribe-duration": _f(Own(POLLABLE), when=U64),
    },
    "wasi:clocks/wall-clock": {"now": _f(_DATETIME), "resolution": _f(_DATETIME)},
    "wasi:filesystem/types": {
        **methods(
            _DESCRIPTOR,
            {
                "read-via-stream": _file(Own(INPUT), offset=U64),
                "write-via-stream": _file(Own(OUTPUT), offset=U64),
                "append-via-stream": _file(Own(OUTPUT)),
                "advise": _file(None, offset=U64, length=U64, advice=_ADVICE),
                "sync-data": _file(None),
                "get-flags": _file(_DESCRIPTOR_FLAGS),
                "get-type": _file(_DESCRIPTOR_TYPE),
                "set-size": _file(None, size=U64),
                "set-times": _file(None, **_TIMES),
                "read": _file(Tuple((BYTES, BOOL)), length=U64, offset=U64),
                "write": _file(U64, buffer=BYTES, offset=U64),
                "read-directory": _file(Own(_ENTRIES)),
                "sync": _file(None),
                "create-directory-at": _file(None, path=STRING),
                "stat": _file(_STAT),
                "stat-at": _file(_STAT, **_AT),
                "set-times-at": _file(None, **_AT, **_TIMES),
                "link-at": _file(
                    None,
                    old_path_flags=_PATH_FLAGS,
                    old_path=STRING,
                    new_descriptor=Borrow(_DESCRIPTOR),
                    new_path=STRING,
                ),
                "open-at": _file(Own(_DESCRIPTOR), **_AT, open_flags=_OPEN_FLAGS, flags=_DESCRIPTOR_FLAGS),
                "readlink-at": _file(STRING, path=STRING),
                "remove-directory-at": _file(None, path=STRING),
                "rename-at": _file(
                    None, old_path=STRING, new_descriptor=Borrow(_DESCRIPTOR), new_path=STRING
                ),
                "symlink-at": _file(None, old_path=STRING, new_path=STRING),
                "unlink-file-at": _file(None, path=STRING),
                "is-same-object": _f(BOOL, other=Borrow(_DESCRIPTOR)),
                "metadata-hash": _file(_HASH),
                "metadata-hash-at": _file(_HASH, **_AT),
            },
        ),
        **methods(_ENTRIES, {"read-directory-entry": _file(Option(_ENTRY))}),
        "filesystem-error-code": _f(Option(_FILE_ERROR), err=Borrow(ERROR)),
    },
    "wasi:filesystem/preopens": {"get-directories": _f(List(Tuple((Own(_DESCRIPTOR), STRING))))},
    "wasi:cli/environment": {
        "get-arguments": _f(List(STRING)),
        "get-environment": _f(List(Tuple((STRING, STRING)))),
        "initial-cwd": _f(Option(STRING)),
    },
    "wasi:cli/stdin": {"get-stdin": _f(Own(INPUT))},
    "wasi:cli/stdout": {"get-stdout": _f(Own(OUTPUT))},
    "wasi:cli/stderr": {"get-stderr": _f(Own(OUTPUT))},
    "wasi:cli/terminal-stdin": {"get-terminal-stdin": _f(Option(Own(_TERMINAL_IN)))},
    "wasi:cli/terminal-stdout": {"get-terminal-stdout": _f(Option(Own(_TERMINAL_OUT)))},
    "wasi:cli/terminal-stderr": {"get-terminal-stderr": _f(Option(Own(_TERMINAL_OUT)))},
    "wasi:cli/exit": {
        "exit": _f(status=Result(None, None)),
        "exit-with-code": _f(status_code=U8),
    },
    "wasi:random/random": {"get-random-bytes": _f(BYTES, len=U64), "get-random-u64": _f(U64)},
    "wasi:random/insecure": {
        "get-insecure-random-bytes": _f(BYTES, len=U64),
        "get-insecure-random-u64": _f(U64),
    },
    "wasi:random/insecure-seed": {"insecure-seed": _f(Tuple((U64, U64)))},
}
