"""The types of `wasi:http`'s functions, as the WIT of WASI 0.2 has them."""

from __future__ import annotations

from typing import Final

from capwit.engine.types import (
    BOOL,
    BYTES,
    STRING,
    U16,
    U64,
    Borrow,
    Case,
    Function,
    List,
    Option,
    Own,
    Param,
    Resource,
    Result,
    Tuple,
    Type,
    Variant,
)

from .codes import ERROR_CODE
from .outgoing import TIMES
from .words import METHOD, SCHEME

_TYPES: Final = "wasi:http/types@0.2.0"
_IO_ERROR: Final = Resource("wasi:io/error@0.2.0", "error")
_POLLABLE: Final = Resource("wasi:io/poll@0.2.0", "pollable")
_INPUT: Final = Resource("wasi:io/streams@0.2.0", "input-stream")
_OUTPUT: Final = Resource("wasi:io/streams@0.2.0", "output-stream")
_FIELDS: Final = Resource(_TYPES, "fields")
_REQUEST: Final = Resource(_TYPES, "incoming-request")
_RESPONSE: Final = Resource(_TYPES, "incoming-response")
_IN_BODY: Final = Resource(_TYPES, "incoming-body")
_FUTURE_TRAILERS: Final = Resource(_TYPES, "future-trailers")
_OUT_REQUEST: Final = Resource(_TYPES, "outgoing-request")
_OUT_RESPONSE: Final = Resource(_TYPES, "outgoing-response")
_OUT_BODY: Final = Resource(_TYPES, "outgoing-body")
_OPTIONS: Final = Resource(_TYPES, "request-options")
_OUTPARAM: Final = Resource(_TYPES, "response-outparam")
_FUTURE_RESPONSE: Final = Resource(_TYPES, "future-incoming-response")

_HEADER_ERROR: Final = Variant(
    (Case("invalid-syntax", None), Case("forbidden", None), Case("immutable", None)), "header-error"
)
_PLAIN: Final = Result(None, None)
_CHANGED: Final = Result(None, _HEADER_ERROR)
_ENTRIES: Final = List(Tuple((STRING, BYTES)))


def _f(result: Type | None, /, **params: Type) -> Function:
    labels = (name.strip("_").replace("_", "-") for name in params)
    return Function(tuple(map(Param, labels, params.values())), result)


def _later(type: Type | None) -> Type:
    """The type of a future's `get`."""
    return Option(Result(Result(type, ERROR_CODE), None))


def _message(name: str, resource: Resource, body: Resource, take: str) -> dict[str, Function]:
    return {
        f"[method]{name}.headers": _f(Own(_FIELDS), self=Borrow(resource)),
        f"[method]{name}.{take}": _f(Result(Own(body), None), self=Borrow(resource)),
    }


_URI: Final[dict[str, Type]] = {
    "method": METHOD,
    "path-with-query": Option(STRING),
    "scheme": Option(SCHEME),
    "authority": Option(STRING),
}

HANDLE: Final = _f(None, request=Own(_REQUEST), response_out=Own(_OUTPARAM))
"""The type of `wasi:http/incoming-handler#handle`, which a component exports."""

SIGNATURES: Final[dict[str, dict[str, Function]]] = {
    "wasi:http/types": {
        "http-error-code": _f(Option(ERROR_CODE), err=Borrow(_IO_ERROR)),
        "[constructor]fields": _f(Own(_FIELDS)),
        "[static]fields.from-list": _f(Result(Own(_FIELDS), _HEADER_ERROR), entries=_ENTRIES),
        "[method]fields.get": _f(List(BYTES), self=Borrow(_FIELDS), name=STRING),
        "[method]fields.has": _f(BOOL, self=Borrow(_FIELDS), name=STRING),
        "[method]fields.set": _f(_CHANGED, self=Borrow(_FIELDS), name=STRING, value=List(BYTES)),
        "[method]fields.delete": _f(_CHANGED, self=Borrow(_FIELDS), name=STRING),
        "[method]fields.append": _f(_CHANGED, self=Borrow(_FIELDS), name=STRING, value=BYTES),
        "[method]fields.entries": _f(_ENTRIES, self=Borrow(_FIELDS)),
        "[method]fields.clone": _f(Own(_FIELDS), self=Borrow(_FIELDS)),
        **{
            f"[method]incoming-request.{name}": _f(type, self=Borrow(_REQUEST)) for name, type in _URI.items()
        },
        **_message("incoming-request", _REQUEST, _IN_BODY, "consume"),
        "[method]incoming-response.status": _f(U16, self=Borrow(_RESPONSE)),
        **_message("incoming-response", _RESPONSE, _IN_BODY, "consume"),
        "[method]incoming-body.stream": _f(Result(Own(_INPUT), None), self=Borrow(_IN_BODY)),
        "[static]incoming-body.finish": _f(Own(_FUTURE_TRAILERS), this=Own(_IN_BODY)),
        "[method]future-trailers.subscribe": _f(Own(_POLLABLE), self=Borrow(_FUTURE_TRAILERS)),
        "[method]future-trailers.get": _f(_later(Option(Own(_FIELDS))), self=Borrow(_FUTURE_TRAILERS)),
        "[constructor]outgoing-request": _f(Own(_OUT_REQUEST), headers=Own(_FIELDS)),
        **{
            f"[method]outgoing-request.{name}": _f(type, self=Borrow(_OUT_REQUEST))
            for name, type in _URI.items()
        },
        **{
            f"[method]outgoing-request.set-{name}": Function(
                (Param("self", Borrow(_OUT_REQUEST)), Param(name, type)), _PLAIN
            )
            for name, type in _URI.items()
        },
        **_message("outgoing-request", _OUT_REQUEST, _OUT_BODY, "body"),
        "[constructor]outgoing-response": _f(Own(_OUT_RESPONSE), headers=Own(_FIELDS)),
        "[method]outgoing-response.status-code": _f(U16, self=Borrow(_OUT_RESPONSE)),
        "[method]outgoing-response.set-status-code": _f(_PLAIN, self=Borrow(_OUT_RESPONSE), status_code=U16),
        **_message("outgoing-response", _OUT_RESPONSE, _OUT_BODY, "body"),
        "[method]outgoing-body.write": _f(Result(Own(_OUTPUT), None), self=Borrow(_OUT_BODY)),
        "[static]outgoing-body.finish": _f(
            Result(None, ERROR_CODE), this=Own(_OUT_BODY), trailers=Option(Own(_FIELDS))
        ),
        "[constructor]request-options": _f(Own(_OPTIONS)),
        **{f"[method]request-options.{name}": _f(Option(U64), self=Borrow(_OPTIONS)) for name in TIMES},
        **{
            f"[method]request-options.set-{name}": _f(_PLAIN, self=Borrow(_OPTIONS), duration=Option(U64))
            for name in TIMES
        },
        "[static]response-outparam.set": _f(
            None, param=Own(_OUTPARAM), response=Result(Own(_OUT_RESPONSE), ERROR_CODE)
        ),
        "[method]future-incoming-response.subscribe": _f(Own(_POLLABLE), self=Borrow(_FUTURE_RESPONSE)),
        "[method]future-incoming-response.get": _f(_later(Own(_RESPONSE)), self=Borrow(_FUTURE_RESPONSE)),
    },
    "wasi:http/outgoing-handler": {
        "handle": _f(
            Result(Own(_FUTURE_RESPONSE), ERROR_CODE),
            request=Own(_OUT_REQUEST),
            options=Option(Own(_OPTIONS)),
        )
    },
}
