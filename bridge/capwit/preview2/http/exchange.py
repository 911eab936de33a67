"""Requests that a guest sends, and responses that it gives.

Source: https://github.com/WebAssembly/WASI/tree/main/proposals/http
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from capwit.bridge.errors import CapError
from capwit.caps.http import Answer, AnswerError, AnswerResponse, HttpError
from capwit.caps.http_headers import failure
from capwit.engine.types import Err, Ok
from capwit.preview2.context import answer, by
from capwit.preview2.poll import Pollable
from capwit.preview2.waits import Background

from .codes import code_of, failure_of, failure_of_call, refused
from .incoming import BodyFailed, IncomingResponse
from .outgoing import WEIGHT, OutgoingRequest, OutgoingResponse, RequestOptions

if TYPE_CHECKING:
    import asyncio

    from capwit.caps.http import Fetch, Request, Timeouts
    from capwit.preview2.context import Handler
    from capwit.preview2.grants import WasiGrants
    from capwit.preview2.streams import StreamError

    from .codes import Code


class FutureIncomingResponse:
    """A request that is under way. Without references to it, or to what came of it, it is given up."""

    wit_resource: ClassVar = "wasi:http/types.future-incoming-response"
    wit_weight: ClassVar = WEIGHT  # the request is behind it

    def __init__(self, work: Background[Answer]) -> None:
        """Wait for `work`."""
        self._work: Background[Answer] | None = work

    def subscribe(self) -> Pollable:
        """Return what is ready once there is a response, or an error."""
        work = self._work
        return Pollable(lambda: None if work is None or work.done else work)

    def get(self) -> Any:
        """Return none as yet; then, once, the response or an error."""
        if self._work is None:
            return Err(None)
        if not self._work.done:
            return None
        work, self._work = self._work, None
        match work.result():
            case AnswerResponse(response):
                return Ok(Ok(IncomingResponse(response)))
            case AnswerError(why):
                return Ok(Err(code_of(why)))


async def _send(fetch: Fetch, request: Request, timeouts: Timeouts) -> Answer:
    try:
        return await answer(fetch.send(request, timeouts))
    except CapError as error:
        return AnswerError(failure_of_call(error))


def _handle(
    grants: WasiGrants, request: OutgoingRequest, options: RequestOptions | None
) -> FutureIncomingResponse:
    if grants.http is None:
        raise refused(HttpError.HTTP_REQUEST_DENIED)
    if request.authority is None:
        raise refused(HttpError.HTTP_REQUEST_URI_INVALID)
    timeouts = (options or RequestOptions()).timeouts()
    return FutureIncomingResponse(Background(_send(grants.http, request.request(), timeouts)))


class ResponseOutparam:
    """Where a guest puts its response: whoever asked is told at once."""

    wit_resource: ClassVar = "wasi:http/types.response-outparam"

    def __init__(self, answered: asyncio.Future[Answer]) -> None:
        """Tell `answered` of the response."""
        self._answered = answered
        self._response: OutgoingResponse | None = None

    def set(self, result: Ok[OutgoingResponse] | Err[Code]) -> None:
        """Put a response, or an error in its place."""
        match result:
            case Ok(response):
                self._response = response
                self._put(AnswerResponse(response.response()))
            case Err(code):
                self._put(AnswerError(failure_of(code)))

    def close(self) -> None:
        """The guest has run: what it has not put there, or not finished, is not coming any more."""
        self._put(AnswerError(failure(HttpError.INTERNAL_ERROR, "the guest gave no response")))
        self.abandon()

    def abandon(self) -> None:
        """The guest does not go on: content that it has not finished is not whole."""
        if self._response is not None:
            self._response.abandon()

    def _put(self, answer: Answer) -> None:
        if not self._answered.done():
            self._answered.set_result(answer)


def _error_code(_: WasiGrants, error: StreamError) -> Code | None:
    return code_of(error.cause.failure) if isinstance(error.cause, BodyFailed) else None


TYPES: Final[dict[str, Handler]] = {
    "http-error-code": _error_code,
    "[static]response-outparam.set": by(ResponseOutparam.set),
    "[method]future-incoming-response.subscribe": by(FutureIncomingResponse.subscribe),
    "[method]future-incoming-response.get": by(FutureIncomingResponse.get),
}
OUTGOING: Final[dict[str, Handler]] = {"handle": _handle}
