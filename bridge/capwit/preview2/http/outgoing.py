"""What a guest sends: requests and responses, and how long it waits for an answer.

Source: https://github.com/WebAssembly/WASI/tree/main/proposals/http
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, ClassVar, Final

from capwit.bridge.origins import is_authority
from capwit.caps.http import BodyClient, HttpError, Request, Response, Timeouts
from capwit.caps.http_body import MemoryBody
from capwit.caps.http_headers import MOST_PATH, is_path
from capwit.preview2.context import by
from capwit.preview2.errors import WasiError

from . import content, fields
from .content import OutgoingBody
from .words import method_case, method_word, scheme_case, scheme_word

if TYPE_CHECKING:
    from collections.abc import Callable

    from capwit.caps.http_body import PipedBody
    from capwit.preview2.context import Handler
    from capwit.preview2.grants import WasiGrants

    from .fields import Fields
    from .words import Word


WEIGHT: Final = fields.WEIGHT + content.WEIGHT
"""As how many handles a message counts that a guest makes up: it keeps what it is made of."""


class _Message:
    """What requests and responses have in common."""

    wit_weight: ClassVar = WEIGHT

    # What is wrong with content of another length than was told, and with trailers that are too long.
    _wrong: ClassVar[HttpError]
    _section: ClassVar[HttpError]

    def __init__(self, headers: Fields) -> None:
        self.headers = headers.frozen()
        self._content: PipedBody | None = None
        self._body: Callable[[], OutgoingBody | None] = lambda: None  # the guest's: not to be kept

    def body(self) -> OutgoingBody:
        """Return where the content goes, once.

        Raises:
            WasiError: it was taken before.
        """
        if self._content is not None:
            raise WasiError(None)
        body = OutgoingBody(self.headers.length(), self._wrong, self._section)
        self._content, self._body = body.content, weakref.ref(body)
        return body


class OutgoingRequest(_Message):
    """A request that a guest makes up: GET by default."""

    wit_resource: ClassVar = "wasi:http/types.outgoing-request"
    _wrong = HttpError.HTTP_REQUEST_BODY_SIZE
    _section = HttpError.HTTP_REQUEST_TRAILER_SECTION_SIZE

    def __init__(self, headers: Fields) -> None:
        """Make a request with these headers."""
        super().__init__(headers)
        self.method = "GET"
        self.path: str | None = None
        self.scheme: str | None = None
        self.authority: str | None = None

    def request(self) -> Request:
        """Return the request as it is sent: to `https` and `/` unless it says otherwise."""
        content = self._content
        return Request(
            self.method,
            self.scheme or "https",
            self.authority or "",
            self.path or "/",
            self.headers.sent(),
            None if content is None else BodyClient(content),
        )


class OutgoingResponse(_Message):
    """A response that a guest makes up: 200 by default."""

    wit_resource: ClassVar = "wasi:http/types.outgoing-response"
    _wrong = HttpError.HTTP_RESPONSE_BODY_SIZE
    _section = HttpError.HTTP_RESPONSE_TRAILER_SECTION_SIZE

    def __init__(self, headers: Fields) -> None:
        """Make a response with these headers."""
        super().__init__(headers)
        self.status = 200

    def response(self) -> Response:
        """Return the response as it is sent."""
        return Response(self.status, self.headers.sent(), BodyClient(self._content or MemoryBody()))

    def abandon(self) -> None:
        """The guest will not go on with its content."""
        body = self._body()
        if body is not None:
            body.abandon()


class RequestOptions:
    """How long a guest waits, in nanoseconds; None is as long as the host does.

    Attributes:
        times: by the names of the WIT.
    """

    wit_resource: ClassVar = "wasi:http/types.request-options"

    def __init__(self) -> None:
        """Leave it to the host."""
        self.times: dict[str, int | None] = {}

    def timeouts(self) -> Timeouts:
        """Return what is waited; no time at all is as little as there is."""
        given = (self.times.get(name) for name in TIMES)
        return Timeouts(*(0 if time is None else max(1, time) for time in given))


TIMES: Final = ("connect-timeout", "first-byte-timeout", "between-bytes-timeout")


def _new_request(_: WasiGrants, headers: Fields) -> OutgoingRequest:
    return OutgoingRequest(headers)


def _method(_: WasiGrants, request: OutgoingRequest) -> Word:
    return method_case(request.method)


def _set_method(_: WasiGrants, request: OutgoingRequest, method: Word) -> None:
    request.method = method_word(method)


def _path(_: WasiGrants, request: OutgoingRequest) -> str | None:
    return request.path


def _set_path(_: WasiGrants, request: OutgoingRequest, path: str | None) -> None:
    if path is not None and not path.startswith(("/", "*")):
        if path and not path.startswith("?"):
            raise WasiError(None)
        path = f"/{path}"  # it may be a query alone: that of the root
    if path is not None and (len(path) > MOST_PATH or not is_path(path)):
        raise WasiError(None)
    request.path = path


def _scheme(_: WasiGrants, request: OutgoingRequest) -> Word | None:
    return None if request.scheme is None else scheme_case(request.scheme)


def _set_scheme(_: WasiGrants, request: OutgoingRequest, scheme: Word | None) -> None:
    request.scheme = None if scheme is None else scheme_word(scheme)


def _authority(_: WasiGrants, request: OutgoingRequest) -> str | None:
    return request.authority


def _set_authority(_: WasiGrants, request: OutgoingRequest, authority: str | None) -> None:
    if authority is not None and not is_authority(authority):
        raise WasiError(None)
    request.authority = authority


def _headers(_: WasiGrants, message: _Message) -> Fields:
    return message.headers.frozen()


def _new_response(_: WasiGrants, headers: Fields) -> OutgoingResponse:
    return OutgoingResponse(headers)


def _status(_: WasiGrants, response: OutgoingResponse) -> int:
    return response.status


def _set_status(_: WasiGrants, response: OutgoingResponse, status: int) -> None:
    if not 100 <= status <= 999:
        raise WasiError(None)
    response.status = status


def _new_options(_: WasiGrants) -> RequestOptions:
    return RequestOptions()


def _getter(name: str) -> Handler:
    def get(_: WasiGrants, options: RequestOptions) -> int | None:
        return options.times.get(name)

    return get


def _setter(name: str) -> Handler:
    def set(_: WasiGrants, options: RequestOptions, time: int | None) -> None:
        options.times[name] = time

    return set


HANDLERS: Final[dict[str, Handler]] = {
    "[constructor]outgoing-request": _new_request,
    "[method]outgoing-request.method": _method,
    "[method]outgoing-request.set-method": _set_method,
    "[method]outgoing-request.path-with-query": _path,
    "[method]outgoing-request.set-path-with-query": _set_path,
    "[method]outgoing-request.scheme": _scheme,
    "[method]outgoing-request.set-scheme": _set_scheme,
    "[method]outgoing-request.authority": _authority,
    "[method]outgoing-request.set-authority": _set_authority,
    "[method]outgoing-request.headers": _headers,
    "[method]outgoing-request.body": by(_Message.body),
    "[constructor]outgoing-response": _new_response,
    "[method]outgoing-response.status-code": _status,
    "[method]outgoing-response.set-status-code": _set_status,
    "[method]outgoing-response.headers": _headers,
    "[method]outgoing-response.body": by(_Message.body),
    "[method]outgoing-body.write": by(OutgoingBody.stream),
    "[static]outgoing-body.finish": by(OutgoingBody.finish),
    "[constructor]request-options": _new_options,
    **{f"[method]request-options.{name}": _getter(name) for name in TIMES},
    **{f"[method]request-options.set-{name}": _setter(name) for name in TIMES},
}
