"""Host bindings for `capwit:http@0.1.0`.

HTTP by message: who may ask other servers, and who answers requests. A body comes in pieces, as fast as
both sides go on; nothing is kept whole.

How a request fails. What HTTP, or the way to the server, says is a case of the answer, `error`. An error
of the call itself (revoked, disconnected, ...) says that nobody knows what became of the request.

Written by `capwit generate` from http.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, TypeAlias

from capwit.bridge import binding as wit
from capwit.bridge.binding import MaybeAwaitable
from capwit.caps import streams

wit.check_format(__name__, 1)


class HttpError(Enum):
    """Why there is no answer, or not a whole one. The names are those of WASI 0.2."""

    DNS_TIMEOUT = "dns-timeout"
    """The name was not found out in time."""
    DNS_ERROR = "dns-error"
    """The name cannot be found out. Text: the resolver's code; number: more."""
    DESTINATION_NOT_FOUND = "destination-not-found"
    """There is no such server."""
    DESTINATION_UNAVAILABLE = "destination-unavailable"
    """The server cannot be reached at present."""
    DESTINATION_IP_PROHIBITED = "destination-ip-prohibited"
    """The server's address may not be connected to."""
    DESTINATION_IP_UNROUTABLE = "destination-ip-unroutable"
    """There is no way to the server's address."""
    CONNECTION_REFUSED = "connection-refused"
    """Nothing listens there."""
    CONNECTION_TERMINATED = "connection-terminated"
    """The connection ended in the middle of a message."""
    CONNECTION_TIMEOUT = "connection-timeout"
    """The connection was not made in time."""
    CONNECTION_READ_TIMEOUT = "connection-read-timeout"
    """The other side sent nothing for too long."""
    CONNECTION_WRITE_TIMEOUT = "connection-write-timeout"
    """The other side took nothing for too long."""
    CONNECTION_LIMIT_REACHED = "connection-limit-reached"
    """As many connections are open as may be."""
    TLS_PROTOCOL_ERROR = "tls-protocol-error"
    """The two sides do not agree on TLS."""
    TLS_CERTIFICATE_ERROR = "tls-certificate-error"
    """The server's certificate is not one to trust."""
    TLS_ALERT_RECEIVED = "tls-alert-received"
    """The server ended TLS. Text: the alert; number: its id."""
    HTTP_REQUEST_DENIED = "http-request-denied"
    """The request is not allowed."""
    HTTP_REQUEST_LENGTH_REQUIRED = "http-request-length-required"
    """The length of the request's body must be told beforehand."""
    HTTP_REQUEST_BODY_SIZE = "http-request-body-size"
    """The request's body is not as long as was told. Number: its length."""
    HTTP_REQUEST_METHOD_INVALID = "http-request-method-invalid"
    """The method is none."""
    HTTP_REQUEST_URI_INVALID = "http-request-uri-invalid"
    """Scheme, authority and path make no URI."""
    HTTP_REQUEST_URI_TOO_LONG = "http-request-uri-too-long"
    """The URI is too long."""
    HTTP_REQUEST_HEADER_SECTION_SIZE = "http-request-header-section-size"
    """The request's headers are too many or too long. Number: bytes."""
    HTTP_REQUEST_HEADER_SIZE = "http-request-header-size"
    """One is too long. Text: its name; number: bytes."""
    HTTP_REQUEST_TRAILER_SECTION_SIZE = "http-request-trailer-section-size"
    """The request's trailers are too many or too long. Number: bytes."""
    HTTP_REQUEST_TRAILER_SIZE = "http-request-trailer-size"
    """One is too long. Text: its name; number: bytes."""
    HTTP_RESPONSE_INCOMPLETE = "http-response-incomplete"
    """The response ended in its middle."""
    HTTP_RESPONSE_HEADER_SECTION_SIZE = "http-response-header-section-size"
    """The response's headers are too many or too long. Number: bytes."""
    HTTP_RESPONSE_HEADER_SIZE = "http-response-header-size"
    """One is too long. Text: its name; number: bytes."""
    HTTP_RESPONSE_BODY_SIZE = "http-response-body-size"
    """The response's body is not as long as was told. Number: its length."""
    HTTP_RESPONSE_TRAILER_SECTION_SIZE = "http-response-trailer-section-size"
    """The response's trailers are too many or too long. Number: bytes."""
    HTTP_RESPONSE_TRAILER_SIZE = "http-response-trailer-size"
    """One is too long. Text: its name; number: bytes."""
    HTTP_RESPONSE_TRANSFER_CODING = "http-response-transfer-coding"
    """How the body was transferred is not understood. Text: the coding."""
    HTTP_RESPONSE_CONTENT_CODING = "http-response-content-coding"
    """How the body is coded is not understood. Text: the coding."""
    HTTP_RESPONSE_TIMEOUT = "http-response-timeout"
    """The response did not begin in time."""
    HTTP_UPGRADE_FAILED = "http-upgrade-failed"
    """The server does not speak the other protocol."""
    HTTP_PROTOCOL_ERROR = "http-protocol-error"
    """The other side does not speak HTTP as it should."""
    LOOP_DETECTED = "loop-detected"
    """The request came back to where it had been."""
    CONFIGURATION_ERROR = "configuration-error"
    """Something on the way is not set up well."""
    INTERNAL_ERROR = "internal-error"
    """Anything else. Text: what."""


@dataclass(frozen=True, slots=True)
class HttpFailureNumberUnknown:
    """`unknown` of `HttpFailureNumber`."""


@dataclass(frozen=True, slots=True)
class HttpFailureNumberKnown:
    """`known` of `HttpFailureNumber`."""

    value: int


HttpFailureNumber: TypeAlias = HttpFailureNumberUnknown | HttpFailureNumberKnown
"""As the error has it."""


@dataclass(frozen=True, slots=True)
class HttpFailure:
    """What went wrong, and what is known of it."""

    error: HttpError
    text: str
    """As the error has it; empty where there is nothing to tell."""
    number: HttpFailureNumber
    """As the error has it."""


@dataclass(frozen=True, slots=True)
class HeaderField:
    """One header or trailer. Of several of one name, the order counts."""

    name: str
    """In any case; it means the same in all."""
    value: bytes


@dataclass(frozen=True, slots=True)
class EndingTrailers:
    """As a whole, and what followed it."""

    value: Sequence[HeaderField]


@dataclass(frozen=True, slots=True)
class EndingError:
    """In its middle."""

    value: HttpFailure


Ending: TypeAlias = EndingTrailers | EndingError
"""How a body ended."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked. Where and how it goes is none of its headers: `host`, `connection`, `keep-alive`,
    `proxy-authenticate`, `proxy-authorization`, `proxy-connection`, `transfer-encoding`, `upgrade` and
    `http2-settings` are not among them.
    """

    method: str
    """Such as GET: in its own case."""
    scheme: str
    """`http` or `https`; empty where it is not known."""
    authority: str
    """The server's name, and its port after a colon where it is not the scheme's own."""
    path: str
    """With the query."""
    headers: Sequence[HeaderField]
    body: BodyClient | None
    """None where there is no content."""


@dataclass(frozen=True, slots=True)
class Response:
    """What is answered."""

    status: int
    """From 200 to 999: what is said before the answer is not passed on."""
    headers: Sequence[HeaderField]
    """As a request's are."""
    body: BodyClient


@dataclass(frozen=True, slots=True)
class AnswerResponse:
    """`response` of `Answer`."""

    value: Response


@dataclass(frozen=True, slots=True)
class AnswerError:
    """`error` of `Answer`."""

    value: HttpFailure


Answer: TypeAlias = AnswerResponse | AnswerError
"""A response, or why there is none."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long to wait, in nanoseconds; 0 means as long as the implementer sees fit."""

    connect: int
    """Until there is a connection to the server."""
    first_byte: int
    """From then on, until the response begins."""
    between_bytes: int
    """From each piece of the response's content until the next."""


class Body(streams.ByteSource, Protocol):
    """The content of a message, read once by whoever gets the message. Whoever releases it, read or not, has
    no use for the rest: the sender may stop.

    A `read` fails as `disconnected` where the content ends before it is whole; then `ending` says why.
    """

    def ending(self) -> MaybeAwaitable[Ending]:
        """Returns once the content has been read to its end, or has ended before: read first."""


class Fetch(Protocol):
    """Asks servers: those that it allows. It follows no redirect, keeps no cookies, decodes no content."""

    def send(self, request: Request, timeouts: Timeouts) -> MaybeAwaitable[Answer]:
        """Sends a request, and returns once the response has begun. The body of the request may still be on its
        way then, and the response end before it. `httpRequestDenied` where the server or the method is not
        allowed. Ending the call, or releasing the response's body, gives the request up.
        """


class HttpEndpoint(Protocol):
    """Answers requests, as a server does."""

    def handle(self, request: Request) -> MaybeAwaitable[Answer]:
        """Returns once the response has begun. Ending the call, or releasing the response's body, says that nobody
        waits for it any more.
        """


class BodyClient(streams.ByteSourceClient):
    """`Body`, wherever it lives."""

    async def ending(self) -> Ending:
        """Returns once the content has been read to its end, or has ended before: read first."""
        return await self._call(_BODY_ENDING)

    def as_byte_source(self) -> streams.ByteSourceClient:
        """Another reference to this capability, as what it extends; `close` it."""
        return self._as(streams.ByteSourceClient)


class FetchClient(wit.Client):
    """`Fetch`, wherever it lives."""

    async def send(self, request: Request, timeouts: Timeouts) -> Answer:
        """Sends a request, and returns once the response has begun. The body of the request may still be on its
        way then, and the response end before it. `httpRequestDenied` where the server or the method is not
        allowed. Ending the call, or releasing the response's body, gives the request up.
        """
        return await self._call(_FETCH_SEND, request, timeouts)


class HttpEndpointClient(wit.Client):
    """`HttpEndpoint`, wherever it lives."""

    async def handle(self, request: Request) -> Answer:
        """Returns once the response has begun. Ending the call, or releasing the response's body, says that nobody
        waits for it any more.
        """
        return await self._call(_HTTP_ENDPOINT_HANDLE, request)


# The bridge's tables: WIT names and types.
BODY = wit.Interface(
    BodyClient,
    "capwit:http/http@0.1.0",
    "body",
    0xFD7CB131300AC4D2,
    extends=(streams.BYTE_SOURCE,),
)
FETCH = wit.Interface(FetchClient, "capwit:http/http@0.1.0", "fetch", 0x9A40739F35CC0006)
HTTP_ENDPOINT = wit.Interface(
    HttpEndpointClient,
    "capwit:http/http@0.1.0",
    "http-endpoint",
    0xE87DED3A0C06A096,
)
HTTP_ERROR = wit.Enum(
    (
        "dns-timeout",
        "dns-error",
        "destination-not-found",
        "destination-unavailable",
        "destination-ip-prohibited",
        "destination-ip-unroutable",
        "connection-refused",
        "connection-terminated",
        "connection-timeout",
        "connection-read-timeout",
        "connection-write-timeout",
        "connection-limit-reached",
        "tls-protocol-error",
        "tls-certificate-error",
        "tls-alert-received",
        "http-request-denied",
        "http-request-length-required",
        "http-request-body-size",
        "http-request-method-invalid",
        "http-request-uri-invalid",
        "http-request-uri-too-long",
        "http-request-header-section-size",
        "http-request-header-size",
        "http-request-trailer-section-size",
        "http-request-trailer-size",
        "http-response-incomplete",
        "http-response-header-section-size",
        "http-response-header-size",
        "http-response-body-size",
        "http-response-trailer-section-size",
        "http-response-trailer-size",
        "http-response-transfer-coding",
        "http-response-content-coding",
        "http-response-timeout",
        "http-upgrade-failed",
        "http-protocol-error",
        "loop-detected",
        "configuration-error",
        "internal-error",
    ),
    HttpError,
    "http-error",
)
HTTP_FAILURE_NUMBER = wit.Variant(
    (wit.Case("unknown", None, HttpFailureNumberUnknown), wit.Case("known", wit.U64, HttpFailureNumberKnown)),
    "http-failure-number",
)
HTTP_FAILURE = wit.Record(
    (
        wit.Field("error", HTTP_ERROR, "error"),
        wit.Field("text", wit.STRING, "text"),
        wit.Field("number", HTTP_FAILURE_NUMBER, "number"),
    ),
    HttpFailure,
    "http-failure",
)
HEADER_FIELD = wit.Record(
    (wit.Field("name", wit.STRING, "name"), wit.Field("value", wit.BYTES, "value")),
    HeaderField,
    "header-field",
)
ENDING = wit.Variant(
    (
        wit.Case("trailers", wit.List(HEADER_FIELD), EndingTrailers),
        wit.Case("error", HTTP_FAILURE, EndingError),
    ),
    "ending",
)
REQUEST = wit.Record(
    (
        wit.Field("method", wit.STRING, "method"),
        wit.Field("scheme", wit.STRING, "scheme"),
        wit.Field("authority", wit.STRING, "authority"),
        wit.Field("path", wit.STRING, "path"),
        wit.Field("headers", wit.List(HEADER_FIELD), "headers"),
        wit.Field("body", wit.Option(BODY.own), "body"),
    ),
    Request,
    "request",
)
RESPONSE = wit.Record(
    (
        wit.Field("status", wit.U16, "status"),
        wit.Field("headers", wit.List(HEADER_FIELD), "headers"),
        wit.Field("body", BODY.own, "body"),
    ),
    Response,
    "response",
)
ANSWER = wit.Variant(
    (wit.Case("response", RESPONSE, AnswerResponse), wit.Case("error", HTTP_FAILURE, AnswerError)),
    "answer",
)
TIMEOUTS = wit.Record(
    (
        wit.Field("connect", wit.U64, "connect"),
        wit.Field("first-byte", wit.U64, "first_byte"),
        wit.Field("between-bytes", wit.U64, "between_bytes"),
    ),
    Timeouts,
    "timeouts",
)
_BODY_ENDING: wit.Method[Ending] = BODY.method("ending", "ending", {}, ENDING)
_FETCH_SEND: wit.Method[Answer] = FETCH.method(
    "send",
    "send",
    {"request": REQUEST, "timeouts": TIMEOUTS},
    ANSWER,
)
_HTTP_ENDPOINT_HANDLE: wit.Method[Answer] = HTTP_ENDPOINT.method(
    "handle",
    "handle",
    {"request": REQUEST},
    ANSWER,
)
BINDINGS = wit.Bindings(
    package="capwit:http@0.1.0",
    interface="http",
    interfaces=(BODY, FETCH, HTTP_ENDPOINT),
    schema=wit.SchemaFile(__name__, "http.bridge.json", 0xC2D7915F8AB3E604),
)
