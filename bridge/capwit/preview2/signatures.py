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
    Param,
    Record,
    Resource,
    Result,
    Tuple,
    Type,
    Variant,
)

from .http import signatures as http
from .sockets import signatures as sockets

# What the WIT names, in its order.
FILE_ERRORS: Final = (
    "access", "would-block", "already", "bad-descriptor", "busy", "deadlock", "quota", "exist",
    "file-too-large", "illegal-byte-sequence", "in-progress", "interrupted", "invalid", "io", "is-directory",
    "loop", "too-many-links", "message-size", "name-too-long", "no-device", "no-entry", "no-lock",
    "insufficient-memory", "insufficient-space", "not-directory", "not-empty", "not-recoverable",
    "unsupported", "no-tty", "no-such-device", "overflow", "not-permitted", "pipe", "read-only",
    "invalid-seek", "text-file-busy", "cross-device",
)  # fmt: skip

_ERROR: Final = Resource("wasi:io/error@0.2.0", "error")
_POLLABLE: Final = Resource("wasi:io/poll@0.2.0", "pollable")
_INPUT: Final = Resource("wasi:io/streams@0.2.0", "input-stream")
_OUTPUT: Final = Resource("wasi:io/streams@0.2.0", "output-stream")
_TERMINAL_IN: Final = Resource("wasi:cli/terminal-input@0.2.0", "terminal-input")
_TERMINAL_OUT: Final = Resource("wasi:cli/terminal-output@0.2.0", "terminal-output")
_DESCRIPTOR: Final = Resource("wasi:filesystem/types@0.2.0", "descriptor")
_ENTRIES: Final = Resource("wasi:filesystem/types@0.2.0", "directory-entry-stream")
_STREAM_ERROR: Final = Variant(
    (Case("last-operation-failed", Own(_ERROR)), Case("closed", None)), name="stream-error"
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


def _f(result: Type | None = None, /, **params: Type) -> Function:
    return Function(tuple(Param(name.strip("_"), type) for name, type in params.items()), result)


def _stream(resource: Resource, ok: Type | None, /, **params: Type) -> Function:
    return _f(Result(ok, _STREAM_ERROR), self=Borrow(resource), **params)


def _file(ok: Type | None, /, **params: Type) -> Function:
    named = {label.replace("_", "-"): type for label, type in params.items()}
    return _f(Result(ok, _FILE_ERROR), self=Borrow(_DESCRIPTOR), **named)


_AT: Final[dict[str, Type]] = {"path_flags": _PATH_FLAGS, "path": STRING}
_TIMES: Final[dict[str, Type]] = {
    "data_access_timestamp": _NEW_TIME,
    "data_modification_timestamp": _NEW_TIME,
}
_SUBSCRIBE_INPUT: Final = _f(Own(_POLLABLE), self=Borrow(_INPUT))
_SUBSCRIBE_OUTPUT: Final = _f(Own(_POLLABLE), self=Borrow(_OUTPUT))
_SPLICE: Final = _stream(_OUTPUT, U64, src=Borrow(_INPUT), len=U64)

SIGNATURES: Final[dict[str, dict[str, Function]]] = {
    **http.SIGNATURES,
    **sockets.SIGNATURES,
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
    "wasi:clocks/monotonic-clock": {
        "now": _f(U64),
        "resolution": _f(U64),
        "subscribe-instant": _f(Own(_POLLABLE), when=U64),
        "subscribe-duration": _f(Own(_POLLABLE), when=U64),
    },
    "wasi:clocks/wall-clock": {"now": _f(_DATETIME), "resolution": _f(_DATETIME)},
    "wasi:filesystem/types": {
        "[method]descriptor.read-via-stream": _file(Own(_INPUT), offset=U64),
        "[method]descriptor.write-via-stream": _file(Own(_OUTPUT), offset=U64),
        "[method]descriptor.append-via-stream": _file(Own(_OUTPUT)),
        "[method]descriptor.advise": _file(None, offset=U64, length=U64, advice=_ADVICE),
        "[method]descriptor.sync-data": _file(None),
        "[method]descriptor.get-flags": _file(_DESCRIPTOR_FLAGS),
        "[method]descriptor.get-type": _file(_DESCRIPTOR_TYPE),
        "[method]descriptor.set-size": _file(None, size=U64),
        "[method]descriptor.set-times": _file(None, **_TIMES),
        "[method]descriptor.read": _file(Tuple((BYTES, BOOL)), length=U64, offset=U64),
        "[method]descriptor.write": _file(U64, buffer=BYTES, offset=U64),
        "[method]descriptor.read-directory": _file(Own(_ENTRIES)),
        "[method]descriptor.sync": _file(None),
        "[method]descriptor.create-directory-at": _file(None, path=STRING),
        "[method]descriptor.stat": _file(_STAT),
        "[method]descriptor.stat-at": _file(_STAT, **_AT),
        "[method]descriptor.set-times-at": _file(None, **_AT, **_TIMES),
        "[method]descriptor.link-at": _file(
            None,
            old_path_flags=_PATH_FLAGS,
            old_path=STRING,
            new_descriptor=Borrow(_DESCRIPTOR),
            new_path=STRING,
        ),
        "[method]descriptor.open-at": _file(
            Own(_DESCRIPTOR), **_AT, open_flags=_OPEN_FLAGS, flags=_DESCRIPTOR_FLAGS
        ),
        "[method]descriptor.readlink-at": _file(STRING, path=STRING),
        "[method]descriptor.remove-directory-at": _file(None, path=STRING),
        "[method]descriptor.rename-at": _file(
            None, old_path=STRING, new_descriptor=Borrow(_DESCRIPTOR), new_path=STRING
        ),
        "[method]descriptor.symlink-at": _file(None, old_path=STRING, new_path=STRING),
        "[method]descriptor.unlink-file-at": _file(None, path=STRING),
        "[method]descriptor.is-same-object": _f(BOOL, self=Borrow(_DESCRIPTOR), other=Borrow(_DESCRIPTOR)),
        "[method]descriptor.metadata-hash": _file(_HASH),
        "[method]descriptor.metadata-hash-at": _file(_HASH, **_AT),
        "[method]directory-entry-stream.read-directory-entry": _f(
            Result(Option(_ENTRY), _FILE_ERROR), self=Borrow(_ENTRIES)
        ),
        "filesystem-error-code": _f(Option(_FILE_ERROR), err=Borrow(_ERROR)),
    },
    "wasi:filesystem/preopens": {"get-directories": _f(List(Tuple((Own(_DESCRIPTOR), STRING))))},
    "wasi:cli/environment": {
        "get-arguments": _f(List(STRING)),
        "get-environment": _f(List(Tuple((STRING, STRING)))),
        "initial-cwd": _f(Option(STRING)),
    },
    "wasi:cli/stdin": {"get-stdin": _f(Own(_INPUT))},
    "wasi:cli/stdout": {"get-stdout": _f(Own(_OUTPUT))},
    "wasi:cli/stderr": {"get-stderr": _f(Own(_OUTPUT))},
    "wasi:cli/terminal-stdin": {"get-terminal-stdin": _f(Option(Own(_TERMINAL_IN)))},
    "wasi:cli/terminal-stdout": {"get-terminal-stdout": _f(Option(Own(_TERMINAL_OUT)))},
    "wasi:cli/terminal-stderr": {"get-terminal-stderr": _f(Option(Own(_TERMINAL_OUT)))},
    "wasi:cli/exit": {
        "exit": _f(status=Result(None, None)),
        "exit-with-code": Function((Param("status-code", U8),), None),
    },
    "wasi:random/random": {"get-random-bytes": _f(BYTES, len=U64), "get-random-u64": _f(U64)},
    "wasi:random/insecure": {
        "get-insecure-random-bytes": _f(BYTES, len=U64),
        "get-insecure-random-u64": _f(U64),
    },
    "wasi:random/insecure-seed": {"insecure-seed": _f(Tuple((U64, U64)))},
}
