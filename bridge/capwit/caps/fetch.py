"""Requests to other servers from this process: those that are allowed, on connections that are used again."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import defaultdict
from typing import TYPE_CHECKING, Final, Self

import h11
from capwit.bridge.origins import PORTS, Origin, Origins, read_origin

from .http import (
    Answer,
    AnswerError,
    AnswerResponse,
    BodyClient,
    HttpError,
    Response,
)
from .http_exchange import Connection, Exchange, ExchangeFailed, ResponseBody, fields_of
from .http_headers import (
    FORBIDDEN,
    MOST_HEADERS,
    MOST_PATH,
    MOST_SECTION,
    failure,
    is_path,
    is_token,
    is_value,
    section_size,
)
from .lookups import Lookups

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .http import HttpFailure, Request, Timeouts

_NANO: Final = 1_000_000_000
_WITH_CONTENT: Final = ("POST", "PUT", "PATCH")  # a request without content says so there
_REPEATABLE: Final = frozenset(("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"))  # twice is as once
_IDLE: Final = 15.0  # seconds that a connection waits for another request


class HttpFetch:
    """A `Fetch` of this machine, by HTTP/1.1, to the servers that it allows and to no other.

    Redirects are not followed, so that each request is checked by itself; there are no cookies and no
    proxies, and content is not decoded. Close it, or use it in an `async with`: its connections end then.
    """

    def __init__(
        self,
        allow: Iterable[str],
        methods: Iterable[str] | None = None,
        *,
        connections: int = 100,
        timeout: float = 600.0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Allow requests to origins: `https://api.example.org`, `http://*.example.org:8080`, `https://*:*`.

        `methods` are all that may be used, such as `["GET", "HEAD"]`. At most `connections` are open at once.
        `timeout` (seconds) is how long is waited where a request does not say so itself. `tls` is how servers
        are checked: by the machine's own certificates by default.

        Raises:
            ValueError: an origin is none.
        """
        self._allowed = Origins(allow)
        self._methods = None if methods is None else frozenset(methods)
        self._most = connections
        self._timeout = timeout
        self._tls = tls
        self._open: set[Connection] = set()
        self._connecting = 0  # how many more there may soon be
        self._idle: defaultdict[Origin, dict[Connection, asyncio.TimerHandle]] = defaultdict(dict)
        self._lookups = Lookups()
        self._closed = False

    async def __aenter__(self) -> Self:
        """Enter a scope that closes the connections."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self.close()

    async def close(self) -> None:
        """Close all connections: what is under way on them ends. Further requests are refused."""
        self._closed = True
        for idle in self._idle.values():
            for timer in idle.values():
                timer.cancel()
        self._idle.clear()
        for connection in list(self._open):
            self._close(connection)
        await asyncio.sleep(0)  # sockets close in the loop's next turn

    async def send(self, request: Request, timeouts: Timeouts) -> Answer:
        """Send a request, and return its response once that has begun."""
        try:
            origin = read_origin(request.scheme, request.authority)
            refused = self._refuse(request, origin)
            if refused is not None or origin is None:
                return AnswerError(refused or failure(HttpError.HTTP_REQUEST_URI_INVALID))
            response = await self._exchange(request, origin, timeouts)
        except ExchangeFailed as failed:
            return AnswerError(failed.failure)
        return AnswerResponse(response)

    def _refuse(self, request: Request, origin: Origin | None) -> HttpFailure | None:
        """Return why a request is not made, if it is not."""
        headers = [(field.name, field.value) for field in request.headers]
        size = section_size(headers)
        if not is_token(request.method) or request.method == "CONNECT":
            return failure(HttpError.HTTP_REQUEST_METHOD_INVALID)
        if len(request.path) > MOST_PATH:
            return failure(HttpError.HTTP_REQUEST_URI_TOO_LONG)
        if origin is None or not is_path(request.path):
            return failure(HttpError.HTTP_REQUEST_URI_INVALID)
        if size > MOST_SECTION or len(headers) > MOST_HEADERS:
            return failure(HttpError.HTTP_REQUEST_HEADER_SECTION_SIZE, number=size)
        if any(not is_token(name) or not is_value(value) for name, value in headers):
            return failure(HttpError.HTTP_PROTOCOL_ERROR)
        denied = (
            self._closed
            or origin not in self._allowed
            or (self._methods is not None and request.method not in self._methods)
            or any(name.lower() in FORBIDDEN for name, _ in headers)
        )
        return failure(HttpError.HTTP_REQUEST_DENIED) if denied else None

    async def _exchange(self, request: Request, origin: Origin, timeouts: Timeouts) -> Response:
        connect, first, between = (
            each / _NANO if each else self._timeout
            for each in (timeouts.connect, timeouts.first_byte, timeouts.between_bytes)
        )
        try:
            head = _head(request, origin)
        except h11.LocalProtocolError:  # two lengths, or one that is no number
            raise ExchangeFailed(failure(HttpError.HTTP_PROTOCOL_ERROR)) from None
        while True:
            connection = self._take(origin) or await self._connect(origin, connect)
            exchange = Exchange(connection, between, lambda c, usable: self._give(origin, c, usable))
            try:
                response = await exchange.begin(head, request.body, first)
            except ExchangeFailed as failed:
                # A server may close a connection at any time: also just as it is used again. Whether it has
                # read the request is not known then: what must not be done twice is not asked twice.
                ended = failed.failure.error is HttpError.CONNECTION_TERMINATED and not connection.heard
                if connection.used and ended and request.body is None and request.method in _REPEATABLE:
                    continue
                raise
            body = ResponseBody(exchange)
            return Response(response.status_code, fields_of(response), BodyClient(body))

    # -- Connections --

    def _take(self, origin: Origin) -> Connection | None:
        """Return a connection that waits for another request, the last one that was used first."""
        idle = self._idle.get(origin)
        while idle:
            connection, timer = idle.popitem()
            timer.cancel()
            if connection.usable:
                return connection
            self._close(connection)
        return None

    def _give(self, origin: Origin, connection: Connection, usable: bool) -> None:
        """Keep a connection for another request, for a while, or close it."""
        if not usable or self._closed:
            self._close(connection)
            return
        idle = self._idle[origin]
        idle[connection] = asyncio.get_running_loop().call_later(_IDLE, self._expire, origin, connection)

    def _expire(self, origin: Origin, connection: Connection) -> None:
        self._idle[origin].pop(connection, None)
        self._close(connection)

    def _close(self, connection: Connection) -> None:
        self._open.discard(connection)
        connection.close()

    async def _connect(self, origin: Origin, seconds: float) -> Connection:
        if len(self._open) + self._connecting >= self._most and not self._spare():
            raise ExchangeFailed(failure(HttpError.CONNECTION_LIMIT_REACHED))
        late = HttpError.DNS_TIMEOUT
        self._connecting += 1
        try:
            async with asyncio.timeout(seconds):
                addresses = await self._lookups.find(origin.host, origin.port)
                late = HttpError.CONNECTION_TIMEOUT
                reader, writer = await self._open_one(origin, addresses)
        except TimeoutError:
            raise ExchangeFailed(failure(late)) from None
        except (OSError, ssl.SSLError) as error:
            raise ExchangeFailed(_failure_of(error)) from None
        finally:
            self._connecting -= 1
        connection = Connection(reader, writer)
        self._open.add(connection)
        if self._closed:
            self._close(connection)
        return connection

    def _spare(self) -> bool:
        """Close a connection that nobody uses, to make room for one to another server."""
        for origin in list(self._idle):
            connection = self._take(origin)
            if connection is not None:
                self._close(connection)
                return True
        return False

    async def _open_one(
        self, origin: Origin, addresses: list[str]
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        tls = self._context() if origin.scheme == "https" else None
        name = origin.host if tls is not None else None
        for address in addresses[:-1]:
            try:
                return await asyncio.open_connection(address, origin.port, ssl=tls, server_hostname=name)
            except ssl.SSLError:
                raise  # the server is there
            except OSError:
                continue
        return await asyncio.open_connection(addresses[-1], origin.port, ssl=tls, server_hostname=name)

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls


def _failure_of(error: OSError) -> HttpFailure:
    """Return why there is no connection."""
    match error:
        case socket.gaierror():
            return failure(HttpError.DNS_ERROR, _RESOLVERS.get(error.errno or 0, ""))
        case ssl.SSLCertVerificationError():
            return failure(HttpError.TLS_CERTIFICATE_ERROR)
        case ssl.SSLError(reason=str(reason)) if "ALERT" in reason:
            return failure(HttpError.TLS_ALERT_RECEIVED, reason)
        case ssl.SSLError():
            return failure(HttpError.TLS_PROTOCOL_ERROR)
        case ConnectionRefusedError():
            return failure(HttpError.CONNECTION_REFUSED)
        case ConnectionError():
            return failure(HttpError.CONNECTION_TERMINATED)
        case _:
            return failure(HttpError.DESTINATION_UNAVAILABLE)


_RESOLVERS: Final = {
    getattr(socket, name): name for name in ("EAI_AGAIN", "EAI_FAIL", "EAI_NONAME", "EAI_NODATA")
}


def _head(request: Request, origin: Origin) -> h11.Request:
    """Return the head of a request. Where it goes is told by its origin alone."""
    host = f"[{origin.host}]" if ":" in origin.host else origin.host
    if origin.port != PORTS[origin.scheme]:
        host = f"{host}:{origin.port}"
    headers = [(field.name.lower().encode(), field.value) for field in request.headers]
    told = any(name == b"content-length" for name, _ in headers)
    if request.body is not None and not told:
        headers.append((b"transfer-encoding", b"chunked"))
    elif request.body is None and not told and request.method in _WITH_CONTENT:
        headers.append((b"content-length", b"0"))
    return h11.Request(
        method=request.method, target=request.path, headers=[(b"host", host.encode()), *headers]
    )
