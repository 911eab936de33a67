"""One request and its response on one connection, by HTTP/1.1: h11 frames, asyncio carries."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import h11
from capwit.bridge.errors import CapError, ErrorKind

from .http import EndingError, EndingTrailers, HeaderField, HttpError
from .http_headers import MOST_SECTION, failure, sent_behind, trailers_of, without_forbidden

if TYPE_CHECKING:
    from collections.abc import Callable

    from capwit.bridge.binding import MaybeAwaitable

    from .http import BodyClient, Ending, HttpFailure

_PIECE: Final = 64 * 1024  # bytes that are read from, or written to, a connection at once


class ExchangeFailed(Exception):  # noqa: N818 - it is an answer
    """A request has no whole response.

    Attributes:
        failure: why.
    """

    def __init__(self, failure: HttpFailure) -> None:
        """Fail for a reason."""
        super().__init__(failure.error.value)
        self.failure = failure


class Connection:
    """A connection to a server, for one exchange at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Own an open connection."""
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=MOST_SECTION)
        self._loop = asyncio.get_running_loop()
        self.used = False  # whether it has carried an exchange before
        self.heard = False  # whether anything of the present response has come

    @property
    def usable(self) -> bool:
        """Whether neither side has closed it."""
        return not self._reader.at_eof() and not self._writer.is_closing()

    def reset(self) -> bool:
        """Get ready for another exchange; returns whether that is possible."""
        if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
            return False
        self._http.start_next_cycle()
        self.used, self.heard = True, False
        return self.usable and not self._http.trailing_data[0]

    async def send(self, event: Any, seconds: float) -> None:
        """Send a part of the request.

        Raises:
            ExchangeFailed: the server takes it too slowly.
            ConnectionError: it does not take it at all.
            h11.LocalProtocolError: it is not what HTTP allows here.
        """
        data = self._http.send(event)
        if data:
            self._writer.write(data)
            try:
                async with asyncio.timeout(seconds):
                    await self._writer.drain()
            except TimeoutError:
                raise ExchangeFailed(failure(HttpError.CONNECTION_WRITE_TIMEOUT)) from None

    async def receive(self, seconds: float | None) -> Any:
        """Return the next part of the response.

        Raises:
            ExchangeFailed: there is none.
        """
        try:
            while (event := self._http.next_event()) is h11.NEED_DATA:
                async with asyncio.timeout(seconds):
                    data = await self._reader.read(_PIECE)
                self.heard = self.heard or bool(data)
                if not data and not self.heard:
                    raise ExchangeFailed(failure(HttpError.CONNECTION_TERMINATED))
                self._http.receive_data(data)
        except TimeoutError:
            raise ExchangeFailed(failure(HttpError.CONNECTION_READ_TIMEOUT)) from None
        except h11.RemoteProtocolError as error:
            raise ExchangeFailed(self._complaint(error)) from None
        except OSError:  # TLS has errors of its own
            raise ExchangeFailed(failure(HttpError.CONNECTION_TERMINATED)) from None
        return event

    def _complaint(self, error: h11.RemoteProtocolError) -> HttpFailure:
        if self._reader.at_eof():
            return failure(HttpError.HTTP_RESPONSE_INCOMPLETE)
        if error.error_status_hint == 431:  # h11's word for a section that does not end
            return failure(HttpError.HTTP_RESPONSE_HEADER_SECTION_SIZE, number=MOST_SECTION)
        if error.error_status_hint == 501:
            return failure(HttpError.HTTP_RESPONSE_TRANSFER_CODING)
        return failure(HttpError.HTTP_PROTOCOL_ERROR)

    def close(self) -> None:
        """Close it at once, whatever is under way."""
        if not self._loop.is_closed():
            self._writer.transport.abort()


class Exchange:
    """A request that is under way on a connection."""

    def __init__(
        self, connection: Connection, between: float, done: Callable[[Connection, bool], None]
    ) -> None:
        """Use a connection, and give it back to `done`, which is told whether it can be used again."""
        self._connection = connection
        self._between = between
        self._done: Callable[[Connection, bool], None] | None = done
        self._sending: asyncio.Task[None] | None = None
        self._refused: HttpFailure | None = None  # why the request's own content is not whole

    async def begin(self, head: h11.Request, body: BodyClient | None, seconds: float) -> h11.Response:
        """Send a request, its content in a task of its own, and return the head of the response.

        Raises:
            ExchangeFailed: there is no response; the connection is closed.
        """
        try:
            return await self._begin(head, body, seconds)
        except ExchangeFailed as failed:
            self.abort()
            raise ExchangeFailed(self._refused or failed.failure) from None
        except BaseException:
            self.abort()
            raise

    async def _begin(self, head: h11.Request, body: BodyClient | None, seconds: float) -> h11.Response:
        with suppress(ConnectionError):  # what the server has said before it went is still to be read
            await self._connection.send(head, seconds)
            if body is None:
                await self._end(seconds)
        if body is not None:
            told = any(name == b"content-length" for name, _ in head.headers)
            self._sending = asyncio.ensure_future(self._send(body, trailing=not told))
        try:
            async with asyncio.timeout(seconds):
                return await self._head()
        except TimeoutError:
            raise ExchangeFailed(failure(HttpError.CONNECTION_READ_TIMEOUT)) from None

    async def _end(self, seconds: float) -> None:
        try:
            await self._connection.send(h11.EndOfMessage(), seconds)
        except h11.LocalProtocolError:  # a length was told, and there is no content
            raise ExchangeFailed(failure(HttpError.HTTP_REQUEST_BODY_SIZE)) from None

    async def _head(self) -> h11.Response:
        while True:
            event = await self._connection.receive(None)
            if isinstance(event, h11.Response):
                return event
            if not isinstance(event, h11.InformationalResponse) or event.status_code == 101:
                raise ExchangeFailed(failure(HttpError.HTTP_PROTOCOL_ERROR))

    async def _send(self, body: BodyClient, *, trailing: bool) -> None:
        try:
            while data := await body.read(_PIECE):
                await self._connection.send(h11.Data(data), self._between)
            match await body.ending():
                case EndingTrailers(trailers):
                    fields = [(each.name.encode(), each.value) for each in sent_behind(trailers) if trailing]
                    await self._connection.send(h11.EndOfMessage(headers=fields), self._between)
                case EndingError(why):
                    self._refuse(why)
        except ConnectionError:
            pass  # the response tells why the server does not take it, or that it is gone
        except ExchangeFailed as failed:
            self._refuse(failed.failure)
        except h11.LocalProtocolError:  # more, or less, than was told
            self._refuse(failure(HttpError.HTTP_REQUEST_BODY_SIZE))
        except CapError as error:
            self._refuse(await _why(body, error))
        finally:
            await body.close()

    def _refuse(self, why: HttpFailure) -> None:
        """Give the request up: its content is not whole, and the server must not take it as if it were."""
        self._refused = why
        self._connection.close()

    async def receive(self) -> Any:
        """Return the next part of the response's content.

        Raises:
            ExchangeFailed: it is not whole; the connection is closed.
        """
        try:
            event = await self._connection.receive(self._between)
        except ExchangeFailed as failed:
            self.abort()
            raise ExchangeFailed(self._refused or failed.failure) from None
        if isinstance(event, h11.EndOfMessage):
            self._finish()
        return event

    def _finish(self) -> None:
        """The response is whole: what is left of the request is of no use to anybody."""
        sent = self._sending is None or self._sending.done()
        self._release(sent and self._connection.reset())

    def abort(self) -> None:
        """Give up: nobody waits for the rest."""
        self._release(usable=False)

    def _release(self, usable: bool) -> None:
        done, self._done = self._done, None
        if done is None:
            return
        if self._sending is not None and not self._sending.done():
            with suppress(RuntimeError):  # the loop is gone
                self._sending.cancel()
        done(self._connection, usable)


async def _why(body: BodyClient, error: CapError) -> HttpFailure:
    """Return why a body could not be read."""
    with suppress(CapError):
        ending = await body.ending()
        if isinstance(ending, EndingError):
            return ending.value
    return failure(HttpError.INTERNAL_ERROR, f"the request's content: {error}")


class ResponseBody:
    """The content of a response, from its connection. Without references to it, it is given up."""

    def __init__(self, exchange: Exchange) -> None:
        """Read what follows the head of a response."""
        self._exchange = exchange
        self._left = memoryview(b"")
        self._ending: Ending | None = None
        self._lock = asyncio.Lock()

    def __del__(self) -> None:
        """Give up what has not been read."""
        self._exchange.abort()

    def read(self, limit: int) -> MaybeAwaitable[bytes]:
        """Return bytes, at once if some have come."""
        return self._take(limit) if self._is_readable or not limit else self._read_later(limit)

    def readable(self) -> MaybeAwaitable[None]:
        """Wait until some have come, or the end."""
        return None if self._is_readable else self._fill()

    async def ending(self) -> Ending:
        """Return how the content ended, once it has."""
        while self._ending is None:
            if self._left:
                raise CapError(ErrorKind.FAILED, "the content has not been read to its end")
            await self._fill()
        return self._ending

    @property
    def _is_readable(self) -> bool:
        return bool(self._left) or self._ending is not None

    async def _read_later(self, limit: int) -> bytes:
        await self._fill()
        return self._take(limit)

    def _take(self, limit: int) -> bytes:
        if not self._left and isinstance(self._ending, EndingError) and limit:
            raise CapError(
                ErrorKind.DISCONNECTED, f"the response is not whole: {self._ending.value.error.value}"
            )
        data, self._left = bytes(self._left[:limit]), self._left[limit:]
        return data

    async def _fill(self) -> None:
        async with self._lock:
            while not self._is_readable:
                try:
                    event = await self._exchange.receive()
                except ExchangeFailed as failed:
                    self._ending = EndingError(failed.failure)
                    return
                match event:
                    case h11.Data(data=data):
                        self._left = memoryview(bytes(data))
                    case h11.EndOfMessage(headers=trailers):
                        self._ending = EndingTrailers(trailers_of(trailers.raw_items()))


def fields_of(response: h11.Response) -> list[HeaderField]:
    """Return a response's headers, without those about the connection."""
    return without_forbidden(response.headers.raw_items())
