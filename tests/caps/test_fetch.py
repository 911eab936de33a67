"""Requests to real servers on loopback, and to such that misbehave."""

from __future__ import annotations

import asyncio
import gc
import ssl
from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import CapError, ErrorKind
from capwit.caps import HttpFetch, MemorySource, make_pipe
from capwit.caps.http import (
    AnswerError,
    AnswerResponse,
    BodyClient,
    Ending,
    EndingError,
    EndingTrailers,
    FetchClient,
    HeaderField,
    HttpError,
    Request,
    Timeouts,
)
from capwit.caps.http_headers import failure

from tests.caps.http_server import Peer, Server, serving
from tests.caps.support import scenario
from tests.support.certificates import certificate

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NO_LIMIT = Timeouts(0, 0, 0)
ANY = ["http://127.0.0.1:*", "https://127.0.0.1:*", "https://localhost:*"]


class Content:
    """A body made of a source, and how it ends."""

    def __init__(self, source: Any, ending: Ending | None = None) -> None:
        self._source = source
        self._ending = ending or EndingTrailers([])

    def read(self, limit: int) -> Any:
        return self._source.read(limit)

    def readable(self) -> Any:
        return self._source.readable()

    def ending(self) -> Ending:
        return self._ending


def request(
    server: Server,
    method: str = "GET",
    path: str = "/",
    *,
    headers: Sequence[tuple[str, bytes]] = (),
    body: object = None,
    scheme: str = "http",
    authority: str | None = None,
) -> Request:
    fields = [HeaderField(*each) for each in headers]
    client = None if body is None else BodyClient(body)
    return Request(method, scheme, server.authority if authority is None else authority, path, fields, client)


async def answered(fetch: HttpFetch, asked: Request, timeouts: Timeouts = NO_LIMIT) -> Any:
    """Return the response, or the error that there is in its place."""
    answer = await FetchClient(fetch).send(asked, timeouts)
    match answer:
        case AnswerResponse(response):
            return response
        case AnswerError(why):
            return why.error


async def content(body: BodyClient) -> bytes:
    parts = []
    while data := await body.read(1 << 20):
        parts.append(data)
    return b"".join(parts)


@scenario
async def test_a_request_and_its_response() -> None:
    heads = []

    async def talk(peer: Peer) -> None:
        heads.append(await peer.head())
        await peer.say(
            b"HTTP/1.1 404 Nothing\r\nContent-Length: 5\r\nX-A: 1\r\nx-a: 2\r\nKeep-Alive: 5\r\n"
            b"Connection: close, X-Own\r\nx-own: hop\r\n\r\nhello"
        )

    async with serving(talk) as server, HttpFetch(ANY) as fetch:
        asked = request(server, path="/a?b=c", headers=[("X-Y", b"\xfc"), ("accept", b"*/*")])
        response = await answered(fetch, asked)
        assert response.status == 404
        assert await content(response.body) == b"hello"
        assert await response.body.ending() == EndingTrailers([])
    assert heads == [["GET /a?b=c HTTP/1.1", f"host: {server.authority}", "x-y: \xfc", "accept: */*"]]
    assert [(each.name, each.value) for each in response.headers] == [
        ("content-length", b"5"),
        ("x-a", b"1"),
        ("x-a", b"2"),
    ]


@scenario
async def test_bodies_stream_both_ways_with_trailers() -> None:
    got = []

    async def talk(peer: Peer) -> None:
        head = await peer.head()
        assert "transfer-encoding: chunked" in head
        await peer.say(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        await peer.say(b"3\r\none\r\n")
        got.append(await peer.chunked())
        await peer.say(b"3\r\ntwo\r\n0\r\nx-sum: 7\r\n\r\n")

    async with serving(talk) as server, HttpFetch(ANY) as fetch:
        source, sink = make_pipe()
        body = Content(source, EndingTrailers([HeaderField("X-Check", b"ok")]))
        response = await answered(fetch, request(server, "POST", body=body))
        assert await response.body.read(10) == b"one"  # while the request is still on its way
        assert sink.write(b"load") is None
        sink.end()
        assert await content(response.body) == b"two"
        assert await response.body.ending() == EndingTrailers([HeaderField("x-sum", b"7")])
    assert got == [(b"load", ["X-Check: ok"])]


@scenario
async def test_a_body_of_a_known_length() -> None:
    got = []

    async def talk(peer: Peer) -> None:
        await peer.head()
        got.append(await peer.reader.readexactly(5))
        await peer.ok()

    async with serving(talk) as server, HttpFetch(ANY) as fetch:
        asked = request(
            server, "PUT", headers=[("content-length", b"5")], body=Content(MemorySource(b"hello"))
        )
        assert (await answered(fetch, asked)).status == 200
    assert got == [b"hello"]


@scenario
async def test_a_length_without_a_body() -> None:
    async with serving(silent) as server, HttpFetch(ANY) as fetch:
        asked = request(server, "POST", headers=[("content-length", b"5")])
        assert await answered(fetch, asked) is HttpError.HTTP_REQUEST_BODY_SIZE


@pytest.mark.parametrize("length", [b"4", b"6"])
@scenario
async def test_a_body_that_is_not_as_long_as_was_told(length: bytes) -> None:
    async def talk(peer: Peer) -> None:
        await peer.head()
        await peer.reader.readexactly(int(length) + 1)
        await peer.ok()

    async with serving(talk) as server, HttpFetch(ANY) as fetch:
        asked = request(
            server, "PUT", headers=[("content-length", length)], body=Content(MemorySource(b"hello"))
        )
        assert await answered(fetch, asked) is HttpError.HTTP_REQUEST_BODY_SIZE


@scenario
async def test_a_body_that_is_given_up_is_not_taken_for_a_whole_one() -> None:
    whole = []

    async def talk(peer: Peer) -> None:
        await peer.head()
        whole.append(await peer.chunked())

    async with serving(talk) as server, HttpFetch(ANY) as fetch:
        why = EndingError(failure(HttpError.LOOP_DETECTED))
        asked = request(server, "POST", body=Content(MemorySource(b"half"), why))
        assert await answered(fetch, asked) is HttpError.LOOP_DETECTED
    assert whole == []


async def talk_well(peer: Peer) -> None:
    while True:
        head = await peer.head()
        if "transfer-encoding: chunked" in head:
            await peer.chunked()
        await peer.ok()


@scenario
async def test_a_connection_is_used_again() -> None:
    async with serving(talk_well) as server, HttpFetch(ANY) as fetch:
        for _ in range(3):
            response = await answered(fetch, request(server))
            assert await content(response.body) == b"fine"
        response = await answered(fetch, request(server, "POST", body=Content(MemorySource(b"x" * 70_000))))
        assert await content(response.body) == b"fine"
        assert server.connections == 1


@scenario
async def test_a_connection_that_the_server_has_closed_is_not_used_again() -> None:
    async def talk(peer: Peer) -> None:
        await peer.head()
        await peer.ok()

    async with serving(talk) as server, HttpFetch(ANY) as fetch:
        for _ in range(3):
            response = await answered(fetch, request(server))
            assert await content(response.body) == b"fine"
        assert server.connections == 3


@pytest.mark.parametrize(("method", "times"), [("GET", 2), ("PUT", 2), ("POST", 1), ("PATCH", 1)])
@scenario
async def test_what_is_asked_again_where_the_connection_has_ended(method: str, times: int) -> None:
    asked = []

    async def talk(peer: Peer) -> None:
        for _ in range(2):
            asked.append((await peer.head())[0].split()[0])
            if asked.count(method) == 1:
                return
            await peer.say(b"HTTP/1.1 204 No\r\n\r\n")

    async with serving(talk) as server, HttpFetch(ANY) as fetch:
        await content((await answered(fetch, request(server, "HEAD"))).body)
        answer = await answered(fetch, request(server, method))
        if times == 1:
            assert answer is HttpError.CONNECTION_TERMINATED
    assert asked == ["HEAD", *[method] * times]


@scenario
async def test_what_has_timed_out_is_not_asked_again() -> None:
    asked = []

    async def talk(peer: Peer) -> None:
        asked.append(await peer.head())
        await peer.ok()
        asked.append(await peer.head())
        await peer.gone()

    async with serving(talk) as server, HttpFetch(ANY) as fetch:
        await content((await answered(fetch, request(server))).body)
        error = await answered(fetch, request(server), Timeouts(0, 20_000_000, 0))
        assert error is HttpError.CONNECTION_READ_TIMEOUT
        assert (server.connections, len(asked)) == (1, 2)


@scenario
async def test_one_length_is_believed() -> None:
    got = []

    async def talk(peer: Peer) -> None:
        await peer.head()
        got.append(await peer.chunked())
        await peer.say(
            b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\nx: 1\r\n\r\n"
            b"5\r\nhello\r\n0\r\nContent-Length: 9\r\nhost: z\r\nx-y: 2\r\n\r\n"
        )

    async with serving(talk) as server, HttpFetch(ANY) as fetch:
        names = ("Content-Length", "trailer", "transfer-encoding", "x-ok")
        trailers = EndingTrailers([HeaderField(name, b"7") for name in names])
        asked = request(server, "POST", body=Content(MemorySource(b"load"), trailers))
        response = await answered(fetch, asked)
        assert response.headers == [HeaderField("x", b"1")]
        assert await content(response.body) == b"hello"
        assert await response.body.ending() == EndingTrailers([HeaderField("x-y", b"2")])
    assert got == [(b"load", ["x-ok: 7"])]


@scenario
async def test_a_response_that_nobody_reads_is_given_up() -> None:
    gone = asyncio.Event()

    async def talk(peer: Peer) -> None:
        await peer.head()
        await peer.say(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            while True:
                await peer.say(bytes(100_000))
        except ConnectionError:
            gone.set()

    async with serving(talk) as server, HttpFetch(ANY) as fetch:
        response = await answered(fetch, request(server))
        await response.body.read(1)
        del response
        gc.collect()
        await gone.wait()


@scenario
async def test_a_call_that_is_cancelled_gives_the_request_up() -> None:
    asked, gone = asyncio.Event(), asyncio.Event()

    async def talk(peer: Peer) -> None:
        await peer.head()
        asked.set()
        assert await peer.gone()
        gone.set()

    async with serving(talk) as server, HttpFetch(ANY) as fetch:
        call = asyncio.ensure_future(answered(fetch, request(server)))
        await asked.wait()
        call.cancel()
        await gone.wait()


@scenario
async def test_closing_ends_what_is_under_way() -> None:
    async def talk(peer: Peer) -> None:
        await peer.head()
        await peer.say(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345")
        await peer.gone()

    async with serving(talk) as server:
        async with HttpFetch(ANY) as fetch:
            response = await answered(fetch, request(server))
            assert await response.body.read(10) == b"12345"
        with pytest.raises(CapError) as caught:
            await response.body.read(10)
        assert caught.value.kind is ErrorKind.DISCONNECTED
        assert isinstance(await response.body.ending(), EndingError)
        assert await answered(fetch, request(server)) is HttpError.HTTP_REQUEST_DENIED


BAD_RESPONSES = {
    b"": HttpError.CONNECTION_TERMINATED,
    b"HTTP/1.1 200": HttpError.HTTP_RESPONSE_INCOMPLETE,
    b"nonsense\r\n\r\n": HttpError.HTTP_PROTOCOL_ERROR,
    b"HTTP/1.1 101 Other\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n": HttpError.HTTP_PROTOCOL_ERROR,
    b"HTTP/1.1 200 OK\r\nx: " + b"y" * 100_000: HttpError.HTTP_RESPONSE_HEADER_SECTION_SIZE,
    b"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\n": HttpError.HTTP_RESPONSE_TRANSFER_CODING,
    b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n": HttpError.HTTP_PROTOCOL_ERROR,
}


@pytest.mark.parametrize(("said", "error"), BAD_RESPONSES.items(), ids=range(len(BAD_RESPONSES)))
@scenario
async def test_a_response_that_is_none(said: bytes, error: HttpError) -> None:
    async def talk(peer: Peer) -> None:
        await peer.head()
        await peer.say(said)

    async with serving(talk) as server, HttpFetch(ANY) as fetch:
        assert await answered(fetch, request(server)) is error


@pytest.mark.parametrize(
    "said", [b"content-length: 10\r\n\r\nhalf", b"transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n"]
)
@scenario
async def test_a_response_that_ends_in_its_middle(said: bytes) -> None:
    async def talk(peer: Peer) -> None:
        await peer.head()
        await peer.say(b"HTTP/1.1 200 OK\r\n" + said)

    async with serving(talk) as server, HttpFetch(ANY) as fetch:
        response = await answered(fetch, request(server))
        assert await response.body.read(100) == b"half"
        for _ in range(2):
            with pytest.raises(CapError, match="the response is not whole"):
                await response.body.read(100)
        assert await response.body.ending() == EndingError(failure(HttpError.HTTP_RESPONSE_INCOMPLETE))


async def silent(peer: Peer) -> None:
    await peer.head()
    await peer.gone()


@scenario
async def test_timeouts() -> None:
    soon = 20_000_000

    async def half(peer: Peer) -> None:
        await peer.head()
        await peer.say(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")
        await peer.gone()

    async with serving(silent) as server, HttpFetch(ANY) as fetch:
        error = await answered(fetch, request(server), Timeouts(0, soon, 0))
        assert error is HttpError.CONNECTION_READ_TIMEOUT
    async with serving(half) as server, HttpFetch(ANY) as fetch:
        response = await answered(fetch, request(server), Timeouts(0, 0, soon))
        assert await response.body.read(10) == b"half"
        with pytest.raises(CapError):
            await response.body.read(10)
        ending = await response.body.ending()
        assert ending == EndingError(failure(HttpError.CONNECTION_READ_TIMEOUT))

    async def deaf(peer: Peer) -> None:
        await asyncio.Event().wait()

    async with serving(deaf) as server, HttpFetch(ANY) as fetch:
        body = Content(MemorySource(bytes(50_000_000)))
        error = await answered(fetch, request(server, "POST", body=body), Timeouts(0, 0, soon))
        assert error is HttpError.CONNECTION_WRITE_TIMEOUT


@scenario
async def test_tls(tmp_path: Path) -> None:
    cert = await asyncio.to_thread(certificate, tmp_path, "server", "DNS:localhost")
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(cert)
    known = ssl.create_default_context(cafile=str(cert))
    async with serving(talk_well, ours) as server:
        asked = request(server, scheme="https", authority=f"localhost:{server.port}")
        async with HttpFetch(ANY, tls=known) as fetch:
            assert await content((await answered(fetch, asked)).body) == b"fine"
            elsewhere = request(server, scheme="https")
            assert await answered(fetch, elsewhere) is HttpError.TLS_CERTIFICATE_ERROR
        async with HttpFetch(ANY) as fetch:
            assert await answered(fetch, asked) is HttpError.TLS_CERTIFICATE_ERROR
    async with serving(lambda peer: peer.ok()) as server, HttpFetch(ANY) as fetch:
        asked = request(server, scheme="https", authority=f"localhost:{server.port}")
        assert await answered(fetch, asked) is HttpError.TLS_PROTOCOL_ERROR


@scenario
async def test_servers_that_are_not_there() -> None:
    async with serving(talk_well) as server:
        pass
    async with HttpFetch(["http://*:*"]) as fetch:
        assert await answered(fetch, request(server)) is HttpError.CONNECTION_REFUSED
        nowhere = request(server, authority="nowhere.invalid")
        assert await answered(fetch, nowhere) is HttpError.DNS_ERROR


@scenario
async def test_what_is_not_allowed_is_not_sent() -> None:
    async with serving(talk_well) as server:
        here = f"http://{server.authority}"
        async with HttpFetch([here], ["GET"]) as fetch:
            for asked in (
                request(server, "POST"),
                request(server, "get"),
                request(server, scheme="https"),
                request(server, authority="127.0.0.1"),
                request(server, authority=f"localhost:{server.port}"),
                request(server, headers=[("Host", b"elsewhere.test")]),
                request(server, headers=[("transfer-encoding", b"chunked")]),
                request(server, headers=[("Connection", b"close")]),
            ):
                assert await answered(fetch, asked) is HttpError.HTTP_REQUEST_DENIED
        async with HttpFetch([]) as fetch:
            assert await answered(fetch, request(server)) is HttpError.HTTP_REQUEST_DENIED
        async with HttpFetch(ANY) as fetch:
            for asked, error in (
                (request(server, "CONNECT"), HttpError.HTTP_REQUEST_METHOD_INVALID),
                (request(server, "A B"), HttpError.HTTP_REQUEST_METHOD_INVALID),
                (request(server, path="a"), HttpError.HTTP_REQUEST_URI_INVALID),
                (request(server, path="/ HTTP/1.1\r\nx: y"), HttpError.HTTP_REQUEST_URI_INVALID),
                (request(server, path=""), HttpError.HTTP_REQUEST_URI_INVALID),
                (request(server, path="/" * 20_000), HttpError.HTTP_REQUEST_URI_TOO_LONG),
                (request(server, authority=f"x@{server.authority}"), HttpError.HTTP_REQUEST_URI_INVALID),
                (request(server, headers=[("a b", b"")]), HttpError.HTTP_PROTOCOL_ERROR),
                (request(server, headers=[("a", b"b\r\nc: d")]), HttpError.HTTP_PROTOCOL_ERROR),
                (request(server, headers=[("content-length", b"x")]), HttpError.HTTP_PROTOCOL_ERROR),
                (
                    request(server, headers=[("a", bytes(70_000))]),
                    HttpError.HTTP_REQUEST_HEADER_SECTION_SIZE,
                ),
                (
                    request(server, headers=[("a", b"")] * 1001),
                    HttpError.HTTP_REQUEST_HEADER_SECTION_SIZE,
                ),
            ):
                assert await answered(fetch, asked) is error
        assert server.connections == 0


@scenario
async def test_redirects_are_not_followed() -> None:
    async def talk(peer: Peer) -> None:
        await peer.head()
        await peer.say(b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n")

    async with serving(talk) as server, HttpFetch(ANY) as fetch:
        assert (await answered(fetch, request(server))).status == 302


@scenario
async def test_the_number_of_connections_is_limited() -> None:
    async with serving(silent) as server, HttpFetch(ANY, connections=2) as fetch:
        waiting = [asyncio.ensure_future(answered(fetch, request(server))) for _ in range(2)]
        while server.connections < 2:  # noqa: ASYNC110 - sockets tell nobody else
            await asyncio.sleep(0.001)
        assert await answered(fetch, request(server)) is HttpError.CONNECTION_LIMIT_REACHED
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


@scenario
async def test_connections_that_are_not_open_yet_count() -> None:
    async with serving(silent) as server, HttpFetch(ANY, connections=2) as fetch:
        asked = [asyncio.ensure_future(answered(fetch, request(server))) for _ in range(5)]
        done, waiting = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        while len(done) < 3:
            more, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            done |= more
        assert {each.result() for each in done} == {HttpError.CONNECTION_LIMIT_REACHED}
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        assert server.connections <= 2


@scenario
async def test_a_connection_that_waits_makes_room() -> None:
    async with serving(talk_well) as one, serving(talk_well) as other, HttpFetch(ANY, connections=1) as fetch:
        for server in (one, other, one):
            response = await answered(fetch, request(server))
            assert await content(response.body) == b"fine"


@scenario
async def test_a_slow_reader_holds_the_server_up() -> None:
    sent = 0

    async def talk(peer: Peer) -> None:
        nonlocal sent
        await peer.head()
        await peer.say(b"HTTP/1.1 200 OK\r\ncontent-length: 64000000\r\n\r\n")
        for _ in range(640):
            await peer.say(bytes(100_000))
            sent += 100_000

    async with serving(talk) as server, HttpFetch(ANY) as fetch:
        response = await answered(fetch, request(server))
        await response.body.readable()
        await asyncio.sleep(0.3)
        assert sent < 32_000_000  # what the kernel holds on loopback, and no more
        total = 0
        while data := await response.body.read(1 << 20):
            total += len(data)
        assert total == 64_000_000
