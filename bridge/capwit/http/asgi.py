"""An `HttpEndpoint` as an ASGI application, for any server that runs such.

Source: https://asgi.readthedocs.io/en/latest/specs/www.html
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from capwit.bridge.errors import CapError, EngineError, ErrorKind, Limit, LimitExceeded
from capwit.caps.http import (
    AnswerError,
    AnswerResponse,
    BodyClient,
    EndingTrailers,
    HttpEndpointClient,
    HttpError,
    Request,
)
from capwit.caps.http_body import make_body
from capwit.caps.http_headers import failure, without_forbidden

from .target import path_of, target_of

if TYPE_CHECKING:
    from capwit.caps.http import HttpEndpoint, HttpFailure, Response
    from capwit.caps.http_body import BodyWriter

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

_PIECE: Final = 64 * 1024
_TRAILERS: Final = "http.response.trailers"
_LONGEST: Final = 200  # characters of what others say, in the log
_log = logging.getLogger("capwit.http")


class ContentNotWhole(Exception):  # noqa: N818 - the server is to end the connection
    """An answer ends in the middle of its content: the client must not take it for a whole one."""


class AsgiApp:
    """An ASGI application that answers by an `HttpEndpoint`: of a component, or of any other implementer.

    Content streams both ways. A client that goes away ends the call. That is seen only behind what it has
    sent: content that nobody takes is let go after a while, and who reads it later is told that it is not
    whole. What fails before the answer has begun is 500, and 503 or 504 where there was no room
    or no time. Trailers are passed on where the server has the extension for them.
    """

    def __init__(self, endpoint: HttpEndpoint, *, patience: float = 30.0) -> None:
        """Answer by `endpoint`, which stays its owner's; content waits `patience` seconds for its reader."""
        self._endpoint = HttpEndpointClient(endpoint)
        self._patience = patience

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        match scope["type"]:
            case "http":
                await self._answer(scope, receive, send)
            case "lifespan":
                await _live(receive, send)
            case "websocket":
                await receive()
                await send({"type": "websocket.close"})
            case _:
                raise RuntimeError(f"this application answers no {scope['type']!r}")

    async def _answer(self, scope: Message, receive: Receive, send: Send) -> None:
        target = target_of(scope)
        if target is None:
            await _refuse(send, 400)
            return
        body, writer = make_body()
        request = _request(scope, *target, None if _is_empty(scope) else BodyClient(body))
        del body  # whoever answers may let it go
        receiving = asyncio.ensure_future(_receive(receive, writer, self._patience))
        answering = asyncio.ensure_future(self._respond(scope, request, send, receiving))
        del request, writer
        try:
            await asyncio.wait((receiving, answering), return_when=asyncio.FIRST_COMPLETED)
            if not answering.done():  # the client has gone
                answering.cancel()
            await asyncio.wait((answering,))
        finally:
            receiving.cancel()
            answering.cancel()
            await asyncio.gather(receiving, answering, return_exceptions=True)
        if not answering.cancelled():
            answering.result()

    async def _respond(
        self, scope: Message, request: Request, send: Send, receiving: asyncio.Future[None]
    ) -> None:
        if receiving.done():  # the client has gone, or its stream of HTTP/2, before the request was looked at
            return
        what = _line(f"{scope['method']} {path_of(scope)}")
        try:
            answer = await self._endpoint.handle(request)
        except Exception as error:  # the endpoint may be of the host's own making
            _log.warning("%s: %s", what, _reason(error))
            await _refuse(send, _status(error))
            return
        finally:
            del request
        match answer:
            case AnswerResponse(response) if response.status >= 200:
                await _pass_on(scope, response, send, what)
            case AnswerResponse(response):
                _log.warning("%s: the guest answered with %d, which is no answer", what, response.status)
                await _refuse(send, 500)
            case AnswerError(why):
                _log.warning("%s: the guest answered with an error: %s", what, _words(why))
                await _refuse(send, 500)


def _is_empty(scope: Message) -> bool:
    """Tell whether a request has no content: before HTTP/2, what has some says so."""
    names = {bytes(name).lower() for name, _ in scope["headers"]}
    return scope["http_version"] in ("1.0", "1.1") and not names & {b"content-length", b"transfer-encoding"}


def _request(scope: Message, authority: str, path: str, body: BodyClient | None) -> Request:
    headers = without_forbidden((bytes(name), bytes(value)) for name, value in scope["headers"])
    return Request(scope["method"], scope.get("scheme", "http"), authority, path, headers, body)


async def _receive(receive: Receive, writer: BodyWriter, patience: float) -> None:
    """Pass the content on, and return once the client has gone."""
    wanted = True
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            writer.fail(failure(HttpError.CONNECTION_TERMINATED))
            return
        if wanted:  # or else nobody reads it: what is left is let go
            wanted = await _write(writer, message.get("body", b""), patience)
        if not message.get("more_body", False):
            writer.finish()


async def _write(writer: BodyWriter, data: bytes, patience: float) -> bool:
    """Write content as it is taken, and tell whether more of it is wanted."""
    try:
        while data:
            room = writer.writable()
            if not isinstance(room, int):
                room = await asyncio.wait_for(room, patience)
            waits = writer.write(data[:room])
            if waits is not None:
                await waits
            data = data[room:]
    except TimeoutError:
        writer.fail(failure(HttpError.CONNECTION_READ_TIMEOUT))
        return False
    except CapError:
        return False
    return True


async def _pass_on(scope: Message, response: Response, send: Send, what: str) -> None:
    """Send a response, piece by piece."""
    headers = [(field.name.lower().encode(), field.value) for field in response.headers]
    if response.status == 204:  # which has no length: RFC 9110, section 8.6
        headers = [(name, value) for name, value in headers if name != b"content-length"]
    announced = any(name == b"trailer" for name, _ in headers)
    trailing = announced and _TRAILERS in (scope.get("extensions") or {})
    start = {"type": "http.response.start", "status": response.status, "headers": headers}
    body = response.body
    try:
        data = await body.read(_PIECE)
        await send({**start, "trailers": True} if trailing else start)
        while data:
            await send({"type": "http.response.body", "body": data, "more_body": True})
            data = await body.read(_PIECE)
        ending = await body.ending()
    except Exception as error:
        _log.warning("%s: %s", what, _reason(error))
        raise ContentNotWhole(_reason(error)) from None
    if not isinstance(ending, EndingTrailers):
        _log.warning("%s: the content is not whole: %s", what, _words(ending.value))
        raise ContentNotWhole(_words(ending.value))
    await send({"type": "http.response.body", "body": b"", "more_body": False})
    if trailing:
        fields = [(field.name.lower().encode(), field.value) for field in ending.value]
        await send({"type": _TRAILERS, "headers": fields, "more_trailers": False})


async def _refuse(send: Send, status: int) -> None:
    """Send a response that only has a status: why is the owner's affair, and in the log."""
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _status(error: Exception) -> int:
    """Return the status that tells a client of an error."""
    match error:
        case LimitExceeded(limit=Limit.WALL):
            return 504
        case (
            LimitExceeded(limit=Limit.INSTANCES)
            | CapError(kind=ErrorKind.OVERLOADED | ErrorKind.DISCONNECTED)
        ):
            return 503
        case _:
            return 500


def _words(why: HttpFailure) -> str:
    return _line(f"{why.error.value}: {why.text}" if why.text else why.error.value)


def _reason(error: Exception) -> str:
    return _line(
        str(error) if isinstance(error, CapError | EngineError) else f"{type(error).__name__}: {error}"
    )


def _line(text: str) -> str:
    """Return what somebody else says as part of a line: it can neither begin another nor fill the log."""
    cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in cut)


async def _live(receive: Receive, send: Send) -> None:
    """Answer what a server says when it starts and stops: there is nothing to be done."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
