"""The ASGI application alone, before an endpoint of the host's own: what it lets in, out and into the log."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from capwit.bridge import CapError
from capwit.caps.http import (
    Answer,
    AnswerError,
    AnswerResponse,
    BodyClient,
    EndingTrailers,
    HeaderField,
    HttpError,
    Response,
)
from capwit.caps.http_body import MemoryBody
from capwit.caps.http_headers import failure
from capwit.http import AsgiApp
from capwit.http.asgi import ContentNotWhole

from tests.bridge.support import scenario

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from capwit.caps.http import Ending, Request


@dataclass
class Endpoint:
    """Answers as it is told, or raises that, and remembers what it was asked."""

    answer: Answer | Exception = field(default_factory=lambda: response(200))
    asked: list[Request] = field(default_factory=list)

    def handle(self, request: Request) -> Answer:
        self.asked.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def response(status: int = 200, *headers: tuple[str, bytes], body: Any = None) -> AnswerResponse:
    fields = [HeaderField(*header) for header in headers]
    return AnswerResponse(Response(status, fields, BodyClient(body or MemoryBody(b""))))


def scope(target: bytes = b"/", *, method: str = "GET", host: bytes = b"a.test") -> dict[str, Any]:
    path, _, query = target.partition(b"?")
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path.decode(),
        "raw_path": path,
        "query_string": query,
        "headers": [(b"host", host)],
    }


async def ask(endpoint: Endpoint, what: dict[str, Any]) -> MutableMapping[str, Any]:
    """Ask once, and return how the answer starts."""
    sent: list[MutableMapping[str, Any]] = []
    messages = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> MutableMapping[str, Any]:
        return messages.pop() if messages else await forever()

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    await AsgiApp(endpoint)(what, receive, send)
    return sent[0]


async def forever() -> NoReturn:
    await asyncio.Future[None]()
    raise AssertionError


@pytest.mark.parametrize(
    ("what", "told"),
    [
        (scope(b"/a%0Ab?c=d"), ("a.test", "/a%0Ab?c=d")),
        (scope(b"/", host=b"[::1]:80"), ("[::1]:80", "/")),
        (scope(b"/", host=b""), ("", "/")),
        (scope(b"*", method="OPTIONS"), ("a.test", "*")),
        (scope(b"http://other.test:1/x?y"), ("other.test:1", "/x?y")),
        (scope(b"HTTP://other.test?y", host=b"not one"), ("other.test", "/?y")),
        (scope(b"http://other.test", method="OPTIONS"), ("other.test", "*")),
        ({**scope(), "path": "/a b?", "raw_path": None}, ("a.test", "/a%20b%3F")),
    ],
)
@scenario
async def test_where_a_request_leads(what: dict[str, Any], told: tuple[str, str]) -> None:
    endpoint = Endpoint()
    assert (await ask(endpoint, what))["status"] == 200
    assert [(asked.authority, asked.path) for asked in endpoint.asked] == [told]


@pytest.mark.parametrize(
    "what",
    [
        scope(b"asked"),
        scope(b""),
        scope(b"*"),
        scope(b"/asked#part"),
        scope(b"http:///x"),
        scope(b"http://me@other.test/"),
        scope(b"ftp://other.test/"),
        scope(b"a.test:1", method="CONNECT"),
        scope(host=b"a b"),
        scope(host=b"a\xff"),
        scope(host=b"a.test/x"),
        scope(host=b"a.test:x"),
    ],
)
@scenario
async def test_a_target_that_leads_nowhere(what: dict[str, Any]) -> None:
    endpoint = Endpoint()
    assert ((await ask(endpoint, what))["status"], endpoint.asked) == (400, [])


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (ValueError("its\nown"), r"ValueError: its\nown"),
        (AnswerError(failure(HttpError.INTERNAL_ERROR, "a\nWARNING b\x1b[2J\u2028c")),
         r"internal-error: a\nWARNING b\x1b[2J\u2028c"),
        (AnswerError(failure(HttpError.INTERNAL_ERROR, "long" * 100_000)), "longlong..."),
    ],
)  # fmt: skip
@scenario
async def test_a_failure_is_one_line_of_the_log(
    answer: Answer | Exception, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert (await ask(Endpoint(answer), scope(b"/a%0Ab")))["status"] == 500
    (line,) = caplog.messages
    assert line.startswith("GET /a%0Ab: ")
    assert line.endswith(reason)
    assert len(line) < 300


@scenario
async def test_a_long_path_is_cut_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    await ask(Endpoint(KeyError()), scope(b"/" + b"a" * 10_000))
    assert len(caplog.text) < 400


@scenario
async def test_no_content_has_no_length() -> None:
    length = ("Content-Length", b"3")
    assert (await ask(Endpoint(response(204, length)), scope()))["headers"] == []
    assert (await ask(Endpoint(response(304, length)), scope()))["headers"] == [(b"content-length", b"3")]


class Broken:
    """Content of the host's own making that cannot be read."""

    def read(self, limit: int) -> bytes:
        raise ValueError("its\nown")

    def readable(self) -> None: ...

    def ending(self) -> Ending:
        return EndingTrailers([])


@scenario
async def test_content_that_fails_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ContentNotWhole):
        await ask(Endpoint(response(body=Broken())), scope())
    assert caplog.messages == [r"GET /: ValueError: its\nown"]


@scenario
async def test_content_that_nobody_takes_is_let_go() -> None:
    over = asyncio.Event()
    read: list[int] = []

    class Late:
        async def handle(self, request: Request) -> Answer:
            assert request.body is not None
            await over.wait()
            with pytest.raises(CapError, match="not whole: connection-read-timeout"):
                while True:
                    read.append(len(await request.body.read(1 << 20)))
            return response(200)

    pieces = iter([{"type": "http.request", "body": bytes(100_000), "more_body": True}] * 20)

    async def receive() -> MutableMapping[str, Any]:
        for message in pieces:
            return message
        over.set()  # all of it was taken
        return await forever()

    async def send(message: MutableMapping[str, Any]) -> None:
        pass

    what = {**scope(), "headers": [(b"host", b"a.test"), (b"content-length", b"2000000")]}
    await AsgiApp(Late(), patience=0.01)(what, receive, send)
    assert read == [256 * 1024]
