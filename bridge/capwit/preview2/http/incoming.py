"""What a guest receives: requests, responses, their content and its trailers.

Source: https://github.com/WebAssembly/WASI/tree/main/proposals/http
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any, ClassVar, Final

from capwit.bridge.errors import CapError
from capwit.caps.http import BODY, Ending, EndingError, EndingTrailers
from capwit.caps.streams import BYTE_SOURCE
from capwit.engine.types import Err, Ok
from capwit.preview2.context import answer, ask, by
from capwit.preview2.errors import WasiError
from capwit.preview2.poll import Pollable
from capwit.preview2.streams import InputStream
from capwit.preview2.waits import Background

from .codes import code_of, failure_of_call
from .fields import WEIGHT, Fields
from .words import method_case, scheme_case

if TYPE_CHECKING:
    from capwit.bridge.binding import MaybeAwaitable, Method
    from capwit.caps.http import BodyClient, HttpFailure, Request, Response
    from capwit.preview2.context import Handler
    from capwit.preview2.grants import WasiGrants

    from .words import Word

_READ: Final[Method[bytes]] = BYTE_SOURCE.methods["read"]
_READABLE: Final[Method[None]] = BYTE_SOURCE.methods["readable"]
_ENDING: Final[Method[Ending]] = BODY.methods["ending"]

_PIECE: Final = 64 * 1024


class BodyFailed(CapError):  # noqa: N818 - it is an answer
    """Content cannot be read on.

    Attributes:
        failure: what HTTP says of that.
    """

    def __init__(self, error: CapError, failure: HttpFailure) -> None:
        """Fail as a capability did, and say why."""
        super().__init__(error.kind, error.reason)
        self.failure = failure


class _Content:
    """The `ByteSource` of a body, which tells why it fails."""

    def __init__(self, body: BodyClient) -> None:
        self._body = body

    def read(self, limit: int) -> MaybeAwaitable[bytes]:
        try:
            data = ask(self._body, _READ, limit)
        except CapError as error:
            return self._fail(error)
        return self._wait(data) if isinstance(data, Awaitable) else data

    def readable(self) -> MaybeAwaitable[None]:
        return ask(self._body, _READABLE)

    async def _wait(self, data: Awaitable[bytes]) -> bytes:
        try:
            return await data
        except CapError as error:
            return await self._fail(error)

    async def _fail(self, error: CapError) -> bytes:
        raise BodyFailed(error, await _why(self._body, error)) from error


async def _why(body: BodyClient, error: CapError) -> HttpFailure:
    try:
        ending = await answer(ask(body, _ENDING))
    except CapError:
        return failure_of_call(error)
    return ending.value if isinstance(ending, EndingError) else failure_of_call(error)


class IncomingBody:
    """Content on its way to a guest; without a `body` there is none."""

    wit_resource: ClassVar = "wasi:http/types.incoming-body"

    def __init__(self, body: BodyClient | None) -> None:
        """Give what `body` has."""
        self._body = body
        self._taken = False

    def stream(self) -> InputStream:
        """Return the content, once.

        Raises:
            WasiError: it was taken before.
        """
        if self._taken:
            raise WasiError(None)
        self._taken = True
        return InputStream(None if self._body is None else _Content(self._body))

    def finish(self) -> FutureTrailers:
        """Return what follows the content; what nobody has read of that is let go."""
        return FutureTrailers(self._body)


class FutureTrailers:
    """The trailers, once the content has come to its end."""

    wit_resource: ClassVar = "wasi:http/types.future-trailers"
    wit_weight: ClassVar = WEIGHT

    def __init__(self, body: BodyClient | None) -> None:
        """Read the rest of `body`."""
        self._work = Background(_ending(body))
        self._taken = False

    def subscribe(self) -> Pollable:
        """Return what is ready once the trailers are there, or an error."""
        work = self._work
        return Pollable(lambda: None if work.done else work)

    def get(self) -> Any:
        """Return none as yet; then, once, the trailers, if there are any, or an error."""
        if not self._work.done:
            return None
        if self._taken:
            return Err(None)
        self._taken = True
        match self._work.result():
            case EndingTrailers(fields):
                return Ok(Ok(Fields.received(fields) if fields else None))
            case EndingError(why):
                return Ok(Err(code_of(why)))


async def _ending(body: BodyClient | None) -> Ending:
    if body is None:
        return EndingTrailers([])
    try:
        while await answer(ask(body, _READ, _PIECE)):
            pass
        return await answer(ask(body, _ENDING))
    except CapError as error:
        return EndingError(await _why(body, error))


class _Message:
    """What requests and responses have in common."""

    wit_weight: ClassVar = WEIGHT

    def __init__(self, headers: Fields, body: BodyClient | None) -> None:
        self.headers = headers
        self._body = body
        self._consumed = False

    def consume(self) -> IncomingBody:
        """Return the content, once.

        Raises:
            WasiError: it was taken before.
        """
        if self._consumed:
            raise WasiError(None)
        self._consumed = True
        body, self._body = self._body, None
        return IncomingBody(body)


class IncomingRequest(_Message):
    """A request that a guest is to answer."""

    wit_resource: ClassVar = "wasi:http/types.incoming-request"

    def __init__(self, request: Request) -> None:
        """Show what was asked."""
        super().__init__(Fields.received(request.headers), request.body)
        self.method: Word = method_case(request.method)
        self.path = request.path or None
        self.scheme = scheme_case(request.scheme) if request.scheme else None
        self.authority = request.authority or None


class IncomingResponse(_Message):
    """What a server has answered."""

    wit_resource: ClassVar = "wasi:http/types.incoming-response"

    def __init__(self, response: Response) -> None:
        """Show what was answered."""
        super().__init__(Fields.received(response.headers), response.body)
        self.status = response.status


def _headers(_: WasiGrants, message: _Message) -> Fields:
    return message.headers.frozen()


def _method(_: WasiGrants, request: IncomingRequest) -> Word:
    return request.method


def _path(_: WasiGrants, request: IncomingRequest) -> str | None:
    return request.path


def _scheme(_: WasiGrants, request: IncomingRequest) -> Word | None:
    return request.scheme


def _authority(_: WasiGrants, request: IncomingRequest) -> str | None:
    return request.authority


def _status(_: WasiGrants, response: IncomingResponse) -> int:
    return response.status


HANDLERS: Final[dict[str, Handler]] = {
    "[method]incoming-request.method": _method,
    "[method]incoming-request.path-with-query": _path,
    "[method]incoming-request.scheme": _scheme,
    "[method]incoming-request.authority": _authority,
    "[method]incoming-request.headers": _headers,
    "[method]incoming-request.consume": by(_Message.consume),
    "[method]incoming-response.status": _status,
    "[method]incoming-response.headers": _headers,
    "[method]incoming-response.consume": by(_Message.consume),
    "[method]incoming-body.stream": by(IncomingBody.stream),
    "[static]incoming-body.finish": by(IncomingBody.finish),
    "[method]future-trailers.subscribe": by(FutureTrailers.subscribe),
    "[method]future-trailers.get": by(FutureTrailers.get),
}
