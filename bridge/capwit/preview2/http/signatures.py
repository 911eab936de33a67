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
    Resource,
    Result,
    Tuple,
    Type,
    Variant,
)
from capwit.preview2.spelling import ERROR, INPUT, OUTPUT, POLLABLE, methods
from capwit.preview2.spelling import function as _f

from .codes import ERROR_CODE
from .outgoing import TIMES
from .words import METHOD, SCHEME

_TYPES: Final = "wasi:http/types@0.2.0"
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


def _later(type: Type | None) -> Type:
    """The type of a future's `get`."""
    return Option(Result(Result(type, ERROR_CODE), None))


_URI: Final[dict[str, Type]] = {
    "method": METHOD,
    "path-with-query": Option(STRING),
    "scheme": Option(SCHEME),
    "authority": Option(STRING),
}

HANDLE: Final = _f(None, request=Own(_REQUEST), response_out=Own(_OUTPARAM))
"""The type of `wasi:http/incoming-handler#handle`, which a component exports."""

_CONSUMED: Final = {"headers": _f(Own(_FIELDS)), "consume": _f(Result(Own(_IN_BODY), None))}
_WRITTEN: Final = {"headers": _f(Own(_FIELDS)), "body": _f(Result(Own(_OUT_BODY), None))}
_SUBSCRIBE: Final = _f(Own(POLLABLE))

SIGNATURES: Final[dict[str, dict[str, Function]]] = {
    "wasi:http/types": {
        "http-error-code": _f(Option(ERROR_CODE), err=Borrow(ERROR)),
        "[constructor]fields": _f(Own(_FIELDS)),
        "[static]fields.from-list": _f(Result(Own(_FIELDS), _HEADER_ERROR), entries=_ENTRIES),
        **methods(
            _FIELDS,
            {
                "get": _f(List(BYTES), name=STRING),
                "has": _f(BOOL, name=STRING),
                "set": _f(_CHANGED, name=STRING, value=List(BYTES)),
                "delete": _f(_CHANGED, name=STRING),
                "append": _f(_CHANGED, name=STRING, value=BYTES),
                "entries": _f(_ENTRIES),
                "clone": _f(Own(_FIELDS)),
            },
        ),
        **methods(_REQUEST, {**{name: _f(type) for name, type in _URI.items()}, **_CONSUMED}),
        **methods(_RESPONSE, {"status": _f(U16), **_CONSUMED}),
        **methods(_IN_BODY, {"stream": _f(Result(Own(INPUT), None))}),
        "[static]incoming-body.finish": _f(Own(_FUTURE_TRAILERS), this=Own(_IN_BODY)),
        **methods(_FUTURE_TRAILERS, {"subscribe": _SUBSCRIBE, "get": _f(_later(Option(Own(_FIELDS))))}),
        "[constructor]outgoing-request": _f(Own(_OUT_REQUEST), headers=Own(_FIELDS)),
        **methods(
            _OUT_REQUEST,
            {
                **{name: _f(type) for name, type in _URI.items()},
                **{f"set-{name}": _f(_PLAIN, **{name: type}) for name, type in _URI.items()},
                **_WRITTEN,
            },
        ),
        "[constructor]outgoing-response": _f(Own(_OUT_RESPONSE), headers=Own(_FIELDS)),
        **methods(
            _OUT_RESPONSE,
            {"status-code": _f(U16), "set-status-code": _f(_PLAIN, status_code=U16), **_WRITTEN},
        ),
        **methods(_OUT_BODY, {"write": _f(Result(Own(OUTPUT), None))}),
        "[static]outgoing-body.finish": _f(
            Result(None, ERROR_CODE), this=Own(_OUT_BODY), trailers=Option(Own(_FIELDS))
        ),
        "[constructor]request-options": _f(Own(_OPTIONS)),
        **methods(
            _OPTIONS,
            {
                **{name: _f(Option(U64)) for name in TIMES},
                **{f"set-{name}": _f(_PLAIN, duration=Option(U64)) for name in TIMES},
            },
        ),
        "[static]response-outparam.set": _f(
            None, param=Own(_OUTPARAM), response=Result(Own(_OUT_RESPONSE), ERROR_CODE)
        ),
        **methods(_FUTURE_RESPONSE, {"subscribe": _SUBSCRIBE, "get": _f(_later(Own(_RESPONSE)))}),
    },
    "wasi:http/outgoing-handler": {
        "handle": _f(
            Result(Own(_FUTURE_RESPONSE), ERROR_CODE),
            request=Own(_OUT_REQUEST),
            options=Option(Own(_OPTIONS)),
        )
    },
}
