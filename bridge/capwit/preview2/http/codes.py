"""`error-code`: what went wrong with a request, as WASI says it and as `capwit:http` does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from capwit.bridge.errors import CapError, ErrorKind
from capwit.caps.http import HttpError, HttpFailureNumberKnown
from capwit.caps.http_headers import failure
from capwit.engine.types import STRING, U8, U16, U32, U64, Case, Field, Option, Record, Type, Variant
from capwit.preview2.errors import WasiError

if TYPE_CHECKING:
    from collections.abc import Callable

    from capwit.caps.http import HttpFailure

# An `error-code` as the engine has it.
Code: TypeAlias = tuple[str, Any]


class _Payload(NamedTuple):
    """What a code tells besides its name: its type, made of a text and a number, and taken apart again."""

    type: Type | None
    make: Callable[[str, int | None], Any]
    read: Callable[[Any], tuple[str, int | None]]


def _record(name: str, text: str, number: str, size: int, type: Type) -> _Payload:
    fields = {text: Option(STRING), number: Option(type)}
    # The WIT has the DNS error's text first, and the alert's number.
    order = (number, text) if name == "TLS-alert-received-payload" else (text, number)
    return _Payload(
        Record(tuple(Field(label, fields[label], label) for label in order), name=name),
        lambda told, many: {text: told or None, number: _within(many, size)},
        lambda value: (value[text] or "", value[number]),
    )


def _number(size: int, type: Type) -> _Payload:
    return _Payload(Option(type), lambda _, many: _within(many, size), lambda value: ("", value))


def _within(number: int | None, size: int) -> int | None:
    return number if number is not None and number < 2**size else None


def _optional(payload: _Payload) -> _Payload:
    assert payload.type is not None
    return _Payload(
        Option(payload.type),
        lambda told, many: payload.make(told, many) if told or many is not None else None,
        lambda value: ("", None) if value is None else payload.read(value),
    )


_NOTHING: Final = _Payload(None, lambda *_: None, lambda _: ("", None))
_TEXT: Final = _Payload(Option(STRING), lambda told, _: told or None, lambda value: (value or "", None))
_DNS: Final = _record("DNS-error-payload", "rcode", "info-code", 16, U16)
_ALERT: Final = _record("TLS-alert-received-payload", "alert-message", "alert-id", 8, U8)
_FIELD: Final = _record("field-size-payload", "field-name", "field-size", 32, U32)

# What tells more than its name; all other codes are only names.
_PAYLOADS: Final = {
    HttpError.DNS_ERROR: _DNS,
    HttpError.TLS_ALERT_RECEIVED: _ALERT,
    HttpError.HTTP_REQUEST_BODY_SIZE: _number(64, U64),
    HttpError.HTTP_REQUEST_HEADER_SECTION_SIZE: _number(32, U32),
    HttpError.HTTP_REQUEST_HEADER_SIZE: _optional(_FIELD),
    HttpError.HTTP_REQUEST_TRAILER_SECTION_SIZE: _number(32, U32),
    HttpError.HTTP_REQUEST_TRAILER_SIZE: _FIELD,
    HttpError.HTTP_RESPONSE_HEADER_SECTION_SIZE: _number(32, U32),
    HttpError.HTTP_RESPONSE_HEADER_SIZE: _FIELD,
    HttpError.HTTP_RESPONSE_BODY_SIZE: _number(64, U64),
    HttpError.HTTP_RESPONSE_TRAILER_SECTION_SIZE: _number(32, U32),
    HttpError.HTTP_RESPONSE_TRAILER_SIZE: _FIELD,
    HttpError.HTTP_RESPONSE_TRANSFER_CODING: _TEXT,
    HttpError.HTTP_RESPONSE_CONTENT_CODING: _TEXT,
    HttpError.INTERNAL_ERROR: _TEXT,
}
_CAPITALS: Final = {"dns", "http", "ip", "tls", "uri"}  # the WIT writes them so


def _label(error: HttpError) -> str:
    return "-".join(word.upper() if word in _CAPITALS else word for word in error.value.split("-"))


_LABELS: Final = {error: _label(error) for error in HttpError}
_ERRORS: Final = {label: error for error, label in _LABELS.items()}

ERROR_CODE: Final = Variant(
    tuple(Case(label, _PAYLOADS.get(error, _NOTHING).type) for error, label in _LABELS.items()),
    "error-code",
)
"""The type, its cases in the WIT's order: that of the schema."""


def code_of(why: HttpFailure) -> Code:
    """Return the code of a failure."""
    number = why.number.value if isinstance(why.number, HttpFailureNumberKnown) else None
    return _LABELS[why.error], _PAYLOADS.get(why.error, _NOTHING).make(why.text, number)


def failure_of(code: Code) -> HttpFailure:
    """Return the failure that a guest's code tells of."""
    label, payload = code
    error = _ERRORS[label]
    return failure(error, *_PAYLOADS.get(error, _NOTHING).read(payload))


# What a call that fails by itself says, where HTTP has a word for it.
_KINDS: Final = {
    ErrorKind.DENIED: HttpError.HTTP_REQUEST_DENIED,
    ErrorKind.REVOKED: HttpError.HTTP_REQUEST_DENIED,
    ErrorKind.DISCONNECTED: HttpError.CONNECTION_TERMINATED,
}


def failure_of_call(error: CapError) -> HttpFailure:
    """Return the failure that a capability's own error amounts to."""
    if error.kind in _KINDS:
        return failure(_KINDS[error.kind])
    return failure(HttpError.INTERNAL_ERROR, str(error))


def refused(error: HttpError) -> WasiError:
    """Return a call's own error."""
    return WasiError(code_of(failure(error)))
