"""`wasi:http/outgoing-handler`: a real guest, real servers on loopback, and all that can go wrong."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from capwit.bridge import CapError, ErrorKind, Limits
from capwit.caps import HttpFetch
from capwit.caps.http import (
    Answer,
    AnswerError,
    AnswerResponse,
    BodyClient,
    EndingError,
    EndingTrailers,
    HeaderField,
    HttpError,
    Request,
    Response,
    Timeouts,
)
from capwit.caps.http_body import MemoryBody, make_body
from capwit.caps.http_headers import failure

from tests.bridge.support import scenario
from tests.caps.http_server import Peer, serving
from tests.preview2.http_support import Scripted, http_guest

if TYPE_CHECKING:
    from capwit.caps.http import HttpFailure


def answer(data: bytes = b"", status: int = 200) -> Answer:
    return AnswerResponse(Response(status, [], BodyClient(MemoryBody(data))))


async def echo(peer: Peer) -> None:
    """Answer each request with its own content, piece by piece, and its trailers."""
    while True:
        await peer.head()
        await peer.say(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nX-Seen: yes\r\n\r\n")
        while line := await peer.reader.readline():
            await peer.say(line)
            if not (length := int(line, 16)):
                break
            await peer.say(await peer.reader.readexactly(length + 2))
        while line := await peer.reader.readline():
            await peer.say(line)
            if line == b"\r\n":
                break


@scenario
async def test_a_request_with_content_and_trailers() -> None:
    async with (
        serving(echo) as server,
        HttpFetch([f"http://{server.authority}"]) as fetch,
        http_guest(fetch) as guest,
    ):
        assert (
            await guest.exec(f"""
request = make("{server.authority}", "/p?q", "Post", headers=[("x-a", b"1")])
body = request.body()
future = outgoing_handler.handle(request, None)
assert future.get() is None
with body.write() as stream:
    stream.blocking_write_and_flush(b"hello ")
    stream.blocking_write_and_flush(b"you")
http.OutgoingBody.finish(body, fields(("x-sum", b"9")))
response = waited(future).value
assert isinstance(future.get(), Err)
future.__exit__(None, None, None)
said = response.status(), response.headers().entries(), content(response)
""")
            == "(200, [('x-seen', b'yes')], (b'hello you', [('x-sum', b'9')]))"
        )


@scenario
async def test_large_content_both_ways() -> None:
    size = 16 * 1024 * 1024
    async with (
        serving(echo) as server,
        HttpFetch([f"http://{server.authority}"]) as fetch,
        http_guest(fetch) as guest,
    ):
        assert (
            await guest.exec(f"""
request = make("{server.authority}", "/", "Post")
body = request.body()
future = outgoing_handler.handle(request, None)
out, source, left = body.write(), None, {size}
under_way, same = bytearray(), True
ready = out.subscribe()
total = 0
while True:
    waits = [ready] if left else []
    waits.append(reading if source else (answered := future.subscribe()))
    poll.poll(waits)
    if left and (room := out.check_write()):
        piece = (b"%08d" % left * (room // 8 + 1))[: min(room, left)]
        out.write(piece); under_way += piece; left -= len(piece)
        if not left:
            out.flush(); ready.__exit__(None, None, None); out.__exit__(None, None, None)
            http.OutgoingBody.finish(body, None)
    if source is None:
        answered.__exit__(None, None, None)
        if (result := future.get()) is not None:
            response = result.value.value
            incoming = response.consume(); source = incoming.stream(); reading = source.subscribe()
    else:
        try:
            data = source.read(1 << 20)
            same = same and under_way.startswith(data)
            del under_way[:len(data)]; total += len(data)
        except Err:
            break
said = total == {size} and same and not under_way
""")
            == "True"
        )


@scenario
async def test_many_requests_at_once() -> None:
    async def slow(peer: Peer) -> None:
        head = await peer.head()
        await asyncio.sleep(0.05)
        await peer.ok(head[0].split()[1].encode())

    async with (
        serving(slow) as server,
        HttpFetch([f"http://{server.authority}"]) as fetch,
        http_guest(fetch) as guest,
    ):
        assert (
            await guest.exec(f"""
futures = [outgoing_handler.handle(make("{server.authority}", f"/{{i}}"), None) for i in range(50)]
said = [content(waited(future).value)[0] for future in futures] == [b"/%d" % i for i in range(50)]
""")
            == "True"
        )


@scenario
async def test_without_a_grant_each_request_is_denied() -> None:
    async with http_guest() as guest:
        assert await guest.exec("said = attempt(outgoing_handler.handle, make('a.test'), None)") == (
            "HttpRequestDenied"
        )
        asked = "attempt(outgoing_handler.handle, make('a.test'), http.RequestOptions())"
        assert await guest.exec(f"said = {asked}") == "HttpRequestDenied"


@scenario
async def test_what_is_not_allowed_is_denied() -> None:
    async with (
        serving(echo) as server,
        HttpFetch(["https://a.test"]) as fetch,
        http_guest(fetch) as guest,
    ):
        assert await guest.exec(f"said = send(make('{server.authority}'))") == "HttpRequestDenied"
        assert server.connections == 0


@scenario
async def test_a_request_needs_an_authority() -> None:
    async with http_guest(Scripted(lambda _: answer())) as guest:
        assert await guest.exec(
            "said = attempt(outgoing_handler.handle, http.OutgoingRequest(http.Fields()), None)"
        ) == ("HttpRequestUriInvalid")


@scenario
async def test_what_a_fetch_is_asked() -> None:
    fetch = Scripted(lambda _: answer(b"fine"))
    async with http_guest(fetch) as guest:
        assert (
            await guest.exec("""
o = http.RequestOptions()
o.set_connect_timeout(5); o.set_between_bytes_timeout(0)
r = http.OutgoingRequest(fields(("X-a", b"1")))
r.set_authority("a.test")
said = content(send(r, o))""")
            == "(b'fine', None)"
        )
    assert fetch.asked == [
        (
            Request("GET", "https", "a.test", "/", [HeaderField("X-a", b"1")], None),
            Timeouts(5, 0, 1),
        )
    ]


# Of each error: what a fetch tells, and what the guest sees.
TOLD = {
    HttpError.DNS_ERROR: ("NXDOMAIN", 3, "DnsError DnsErrorPayload(rcode='NXDOMAIN', info_code=3)"),
    HttpError.TLS_ALERT_RECEIVED: (
        "bad", 42, "TlsAlertReceived TlsAlertReceivedPayload(alert_id=42, alert_message='bad')"
    ),
    HttpError.HTTP_REQUEST_BODY_SIZE: ("", 2**40, f"HttpRequestBodySize {2**40}"),
    HttpError.HTTP_REQUEST_HEADER_SECTION_SIZE: ("", 7, "HttpRequestHeaderSectionSize 7"),
    HttpError.HTTP_REQUEST_HEADER_SIZE: (
        "a", 7, "HttpRequestHeaderSize FieldSizePayload(field_name='a', field_size=7)"
    ),
    HttpError.HTTP_REQUEST_TRAILER_SECTION_SIZE: ("", 2**40, "HttpRequestTrailerSectionSize"),
    HttpError.HTTP_REQUEST_TRAILER_SIZE: (
        "", None, "HttpRequestTrailerSize FieldSizePayload(field_name=None, field_size=None)"
    ),
    HttpError.HTTP_RESPONSE_HEADER_SECTION_SIZE: ("", 7, "HttpResponseHeaderSectionSize 7"),
    HttpError.HTTP_RESPONSE_HEADER_SIZE: (
        "a", 2**40, "HttpResponseHeaderSize FieldSizePayload(field_name='a', field_size=None)"
    ),
    HttpError.HTTP_RESPONSE_BODY_SIZE: ("", None, "HttpResponseBodySize"),
    HttpError.HTTP_RESPONSE_TRAILER_SECTION_SIZE: ("", 7, "HttpResponseTrailerSectionSize 7"),
    HttpError.HTTP_RESPONSE_TRAILER_SIZE: (
        "a", 7, "HttpResponseTrailerSize FieldSizePayload(field_name='a', field_size=7)"
    ),
    HttpError.HTTP_RESPONSE_TRANSFER_CODING: ("odd", None, "HttpResponseTransferCoding odd"),
    HttpError.HTTP_RESPONSE_CONTENT_CODING: ("odd", None, "HttpResponseContentCoding odd"),
    HttpError.INTERNAL_ERROR: ("what", None, "InternalError what"),
}  # fmt: skip


@scenario
async def test_every_error_code() -> None:
    told: HttpFailure

    fetch = Scripted(lambda _: AnswerError(told))
    async with http_guest(fetch) as guest:
        for error in HttpError:
            name = error.value.title().replace("-", "")
            text, number, seen = TOLD.get(error, ("", None, name))
            told = failure(error, text, number)
            assert await guest.exec("said = send(make('a.test'))") == seen
    assert len(fetch.asked) == 39


@pytest.mark.parametrize(
    ("kind", "seen"),
    [
        (ErrorKind.DENIED, "HttpRequestDenied"),
        (ErrorKind.DISCONNECTED, "ConnectionTerminated"),
        (ErrorKind.OVERLOADED, "InternalError overloaded: why"),
    ],
)
@scenario
async def test_a_fetch_that_fails_itself(kind: ErrorKind, seen: str) -> None:
    def fail(_: Request) -> Answer:
        raise CapError(kind, "why")

    async with http_guest(Scripted(fail)) as guest:
        assert await guest.exec("said = send(make('a.test'))") == seen


@scenario
async def test_content_that_is_not_whole_tells_why() -> None:
    def half(_: Request) -> Answer:
        body, writer = make_body()
        writer.write(b"half")
        writer.fail(failure(HttpError.LOOP_DETECTED))
        return AnswerResponse(Response(200, [], BodyClient(body)))

    async with http_guest(Scripted(half)) as guest:
        assert await guest.exec("said = content(send(make('a.test')))") == "(b'half', 'LoopDetected')"
        assert (
            await guest.exec("""
body = send(make('a.test')).consume()
said = code(waited(http.IncomingBody.finish(body)).value)""")
            == "LoopDetected"
        )


@scenario
async def test_an_error_of_another_stream_is_none_of_http() -> None:
    async with http_guest() as guest:
        assert (
            await guest.exec("""
out = stdout.get_stdout()
said = attempt(out.check_write)""")
            == "Closed"
        )


@scenario
async def test_what_is_received_is_had_once() -> None:
    async with http_guest(Scripted(lambda _: answer(b"x"))) as guest:
        assert (
            await guest.exec("""
response = send(make('a.test'))
body = response.consume()
stream = body.stream()
said = attempt(response.consume), attempt(body.stream), attempt(response.headers().append, "a", b"")
""")
            == "('refused', 'refused', 'Immutable')"
        )
        assert (
            await guest.exec("""
stream.__exit__(None, None, None)
trailers = http.IncomingBody.finish(body)
said = waited(trailers).value, isinstance(trailers.get(), Err)""")
            == "(None, True)"
        )


async def failed_content(request: Request) -> Answer:
    """Read a request's content, and answer with how it ended."""
    assert request.body is not None
    try:
        while await request.body.read(100):
            pass
    except CapError:
        ending = await request.body.ending()
        assert isinstance(ending, EndingError)
        return AnswerError(ending.value)
    return answer(b"whole")


@pytest.mark.parametrize(
    ("told", "written", "finish", "seen"),
    [
        (5, b"hello", "None", "whole"),
        (None, b"hello", "None", "whole"),
        (4, b"hello", "Failed", "HttpRequestBodySize"),
        (6, b"hello", "HttpRequestBodySize 5", "HttpRequestBodySize 5"),
    ],
)
@scenario
async def test_content_of_a_told_length(told: int | None, written: bytes, finish: str, seen: str) -> None:
    headers = [] if told is None else [("content-length", str(told).encode())]
    async with http_guest(Scripted(failed_content)) as guest:
        got = await guest.exec(f"""
request = make("a.test", headers={headers})
body = request.body()
future = outgoing_handler.handle(request, None)
with body.write() as stream:
    wrote = attempt(stream.blocking_write_and_flush, {written!r})
finished = attempt(http.OutgoingBody.finish, body, None)
result = waited(future)
said = wrote, finished, content(result.value)[0] if isinstance(result, Ok) else code(result.value)""")
    if seen == "whole":
        assert got == "(None, None, b'whole')"
    elif finish == "Failed":
        assert "LastOperationFailed" in got and got.endswith(
            "'HttpRequestBodySize 5', 'HttpRequestBodySize 5')"
        )
    else:
        assert got == f"(None, '{finish}', '{seen}')"


@scenario
async def test_content_that_is_dropped_is_not_whole() -> None:
    async with http_guest(Scripted(failed_content)) as guest:
        assert (
            await guest.exec("""
request = make("a.test")
body = request.body()
future = outgoing_handler.handle(request, None)
with body.write() as stream:
    stream.blocking_write_and_flush(b"half")
body.__exit__(None, None, None)
said = code(waited(future).value)""")
            == "HttpProtocolError"
        )


@scenario
async def test_trailers_tell_of_no_length() -> None:
    seen = []

    async def ended(request: Request) -> Answer:
        assert request.body is not None
        while await request.body.read(100):
            pass
        seen.append(await request.body.ending())
        return answer()

    async with http_guest(Scripted(ended)) as guest:
        await guest.exec("""
request = make("a.test")
body = request.body()
future = outgoing_handler.handle(request, None)
http.OutgoingBody.finish(body, fields(("Content-Length", b"3"), ("trailer", b"x"), ("x", b"1")))
waited(future)""")
    assert seen == [EndingTrailers([HeaderField("x", b"1")])]


@scenario
async def test_trailers_that_are_too_long() -> None:
    async with http_guest(Scripted(failed_content)) as guest:
        assert (
            await guest.exec("""
request = make("a.test")
body = request.body()
future = outgoing_handler.handle(request, None)
said = attempt(http.OutgoingBody.finish, body, fields(("a", b"x" * 70_000)))
said += " " + code(waited(future).value)""")
            == "HttpRequestTrailerSectionSize 70005 HttpRequestTrailerSectionSize 70005"
        )


class Hanging:
    """Requests that are not answered, and how many of those were given up."""

    def __init__(self) -> None:
        self.begun = 0
        self.ended = 0

    async def send(self, request: Request, timeouts: Timeouts) -> Answer:
        self.begun += 1
        try:
            await asyncio.Event().wait()
        finally:
            self.ended += 1
        raise AssertionError


async def settled(hanging: Hanging, count: int) -> None:
    while hanging.ended < count:  # noqa: ASYNC110 - it is what is tested that tells nobody
        await asyncio.sleep(0.001)


@scenario
async def test_a_request_that_is_dropped_is_given_up() -> None:
    hanging = Hanging()
    async with http_guest(hanging) as guest:
        await guest.exec("future = outgoing_handler.handle(make('a.test'), None)")
        await asyncio.sleep(0)
        await guest.exec("future.__exit__(None, None, None)")
        await settled(hanging, hanging.begun)
        assert hanging.ended == hanging.begun == 1


@scenario
async def test_nothing_outlives_the_instance() -> None:
    hanging = Hanging()
    gone = asyncio.Event()

    async def endless(peer: Peer) -> None:
        await peer.head()
        await peer.say(b"HTTP/1.1 200 OK\r\n\r\nx")
        assert await peer.gone()
        gone.set()

    async with http_guest(hanging) as guest:
        await guest.exec("kept = [outgoing_handler.handle(make('a.test'), None) for _ in range(3)]")
        await asyncio.sleep(0.01)
        assert (hanging.begun, hanging.ended) == (3, 0)
    await settled(hanging, 3)
    async with serving(endless) as server, HttpFetch([f"http://{server.authority}"]) as fetch:
        async with http_guest(fetch) as guest:
            await guest.exec(f"""
response = send(make("{server.authority}"))
body = response.consume(); stream = body.stream()
said = stream.blocking_read(1)""")
        await gone.wait()


@scenario
async def test_a_grant_that_is_revoked() -> None:
    async def slow(peer: Peer) -> None:
        await peer.head()
        await peer.say(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx")
        await peer.gone()

    async with (
        serving(slow) as server,
        HttpFetch([f"http://{server.authority}"]) as fetch,
        http_guest(fetch) as guest,
    ):
        await guest.exec(f"""
response = send(make("{server.authority}"))
body = response.consume(); stream = body.stream()
said = stream.blocking_read(1)""")
        guest.instance.revoke("wasi.http")
        assert await guest.exec("said = send(make('a.test'))") == "HttpRequestDenied"
        assert "LastOperationFailed" in await guest.exec("said = attempt(stream.blocking_read, 1)")


@scenario
async def test_a_request_is_over_before_the_guest_asks() -> None:
    async with http_guest(Scripted(lambda _: answer(b"x")), limits=Limits(handles=200)) as guest:
        for _ in range(300):
            await guest.exec("said = content(send(make('a.test')))[0]")
