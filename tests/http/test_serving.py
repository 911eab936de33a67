"""A Python guest behind a real server: streams, isolation, failures, limits, clients that go away."""

from __future__ import annotations

import asyncio
import gc
import http.client
import logging
from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import Host, Limits, LinkError
from capwit.caps import HttpFetch
from capwit.caps.http import AnswerResponse, BodyClient, EndingTrailers, HeaderField, Request
from capwit.caps.http_body import MemoryBody, make_body
from capwit.http import ComponentEndpoint, Pool, clients

from tests.bridge.support import scenario
from tests.caps.http_server import Peer, serving
from tests.http.small import relay
from tests.http.support import Served, served
from tests.support.components import wat
from tests.support.wasi import held_to

if TYPE_CHECKING:
    from pathlib import Path

IN_ONE_PROCESS: dict[str, str] = {}
EVERY_RUN = {
    "test_a_guest_asks_another_server",
    "test_half_an_answer_is_not_taken_for_a_whole_one[trap]",
    "test_a_client_that_goes_away_ends_the_guest[/slow/1000000]",
}


@scenario
async def test_what_a_guest_is_asked() -> None:
    with held_to("server"):
        await asked()


async def asked() -> None:
    async with served() as server:
        assert (await server.get("/echo", method="POST", content=b"x")).text == "x"
        got = await server.get("/asked/a%20b?c=d%2F", head="X-A: 1\r\nX-a: \xfc\r\nTE: x\r\nUpgrade: y\r\n")
        assert got.text == str(
            ["Method_Get", "/asked/a%20b?c=d%2F", "Scheme_Http", server.authority,
             [("te", "x"), ("x-a", "1"), ("x-a", "\xc3\xbc")]]
        )  # fmt: skip
        assert got.headers["content-type"] == "text/plain"
        assert (await server.get("/asked", method="BREW")).text.startswith("['BREW', ")
        assert (await server.get("/status/404")).status == 404
        assert (await server.get("/status/204")).status == 204
        head = await server.get("/count", method="HEAD")
        assert (head.status, head.headers["content-length"], head.content) == (200, "1", b"")


@scenario
async def test_the_standard_librarys_client() -> None:
    async with served() as server:

        def ask() -> list[tuple[int, bytes]]:
            connection = http.client.HTTPConnection("127.0.0.1", server.port)
            answers = []
            for content in (b"", b"x" * 200_000, iter([b"a" * 10_000] * 5)):
                connection.request("POST", "/echo", content)
                response = connection.getresponse()
                answers.append((response.status, response.read()))
            connection.close()
            return answers

        assert await asyncio.to_thread(ask) == [(200, b""), (200, b"x" * 200_000), (200, b"a" * 50_000)]


@scenario
async def test_content_streams_both_ways() -> None:
    async with served() as server:
        peer = await server.connect()
        await peer.say(b"POST /echo HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n")
        await peer.say(b"5\r\nhello\r\n")
        assert (await peer.head())[0].startswith("HTTP/1.1 200")
        assert await peer.reader.readexactly(10) == b"5\r\nhello\r\n"  # before the request has ended
        await peer.say(b"3\r\nyou\r\n0\r\n\r\n")
        assert await peer.chunked() == (b"you", [])
        await peer.say(b"GET /count HTTP/1.1\r\nhost: a\r\n\r\n")  # the connection goes on
        assert (await peer.head())[0].startswith("HTTP/1.1 200")
        peer.writer.close()


@scenario
async def test_large_content() -> None:
    size = 16 * 1024 * 1024
    async with served() as server:
        got = await server.get("/length", method="POST", content=bytes(size))
        assert got.text == str(size)
        got = await server.get(f"/big/{size}")
        assert got.whole and len(got.content) == size
        got = await server.get("/relay", method="POST", content=b"0123456789" * 30_000)
        assert got.whole and got.content == b"0123456789" * 30_000


@scenario
async def test_a_slow_client_holds_the_guest_up() -> None:
    async with served() as server:
        peer = await server.connect()
        await peer.say(b"GET /big/1000000000 HTTP/1.1\r\nhost: a\r\n\r\n")
        await peer.head()
        await asyncio.sleep(0.3)
        assert server.host.ledger.balance > 0  # it waits, far from its end
        peer.writer.transport.abort()
        await ended(server)


async def ended(server: Served) -> None:
    """Wait until no instance is left."""
    while server.host.ledger.balance:  # noqa: ASYNC110 - it is what is tested that tells nobody
        await asyncio.sleep(0.005)


@scenario
async def test_clients_that_stay_without_a_word_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "_SILENCE", 1.0)
    async with served(connections=2) as server:
        deaf, silent = await server.connect(), await server.connect()
        await deaf.say(b"GET /big/1000000000 HTTP/1.1\r\nhost: a\r\n\r\n")
        await deaf.head()  # and reads no further
        await silent.say(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes((0, 0, 0, 4, 0, 0, 0, 0, 0)))
        got = await asyncio.wait_for(asyncio.gather(server.get("/count"), server.get("/slow/1500")), 30)
        assert [each.text for each in got] == ["1", "slow"]  # who waits for the guest is not cut
        for each in (deaf, silent):
            each.writer.transport.abort()


@pytest.mark.parametrize("path", ["/slow/1000000", "/busy", "/length"])
@scenario
async def test_a_client_that_goes_away_ends_the_guest(path: str) -> None:
    async with served() as server:
        peer = await server.connect()
        await peer.say(f"POST {path} HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nhalf".encode())
        if path != "/length":
            await peer.say(b" more")
        while not server.host.ledger.balance:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.005)
        peer.writer.transport.abort()
        await ended(server)


@scenario
async def test_a_client_that_goes_away_behind_content_that_nobody_reads() -> None:
    async with served(patience=0.1) as server:
        peer = await server.connect()
        peer.writer.write(b"POST /slow/1000000 HTTP/1.1\r\nhost: a\r\ncontent-length: 8000000\r\n\r\n")
        peer.writer.write(bytes(4_000_000))
        while not server.host.ledger.balance:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.005)
        peer.writer.transport.abort()
        await ended(server)


@scenario
async def test_each_request_has_an_instance_of_its_own() -> None:
    async with served(relay(), concurrency=20) as server:
        got = await asyncio.gather(*(server.get("/", method="POST", content=b"?") for _ in range(60)))
        assert {each.text for each in got} == {"1?"}


@scenario
async def test_an_instance_may_be_used_again() -> None:
    async with served(concurrency=1, reuse=3) as server:
        got = [(await server.get("/count")).text for _ in range(7)]
        assert got == ["1", "2", "3", "1", "2", "3", "1"]
        assert (await server.get("/trap")).status == 500
        assert (await server.get("/count")).text == "1"
        assert not (await server.get("/half/keep")).whole  # and not: never ended
        assert (await server.get("/count")).text == "2"
        assert (await server.get("/late")).text == "early"
        assert (await server.get("/count")).text == "1001"  # once that was over, and not before


@scenario
async def test_others_go_on_meanwhile() -> None:
    async with served() as server:
        slow = asyncio.ensure_future(server.get("/slow/300"))
        busy = await server.connect()
        await busy.say(b"GET /busy HTTP/1.1\r\nhost: a\r\n\r\n")
        got = await asyncio.gather(*(server.get("/trap" if i % 2 else "/count") for i in range(6)))
        assert [each.status for each in got] == [200, 500] * 3
        assert (await slow).text == "slow"
        busy.writer.transport.abort()


@pytest.mark.parametrize("path", ["/trap", "/nothing", "/error", "/status/102"])
@scenario
async def test_no_answer_is_500(path: str, caplog: pytest.LogCaptureFixture) -> None:
    async with served() as server:
        got = await server.get(path)
        assert (got.status, got.content) == (500, b"")
        assert (await server.get("/count")).text == "1"
    assert any(record.getMessage().startswith(f"GET {path}: ") for record in caplog.records)


@pytest.mark.parametrize("how", ["trap", "drop", "keep"])
@scenario
async def test_half_an_answer_is_not_taken_for_a_whole_one(how: str) -> None:
    async with served() as server:
        got = await server.get(f"/half/{how}")
        assert (got.status, got.content, got.whole) == (200, b"half", False)


@scenario
async def test_a_request_that_takes_too_long() -> None:
    async with served(limits=Limits(wall="100ms")) as server:
        assert (await server.get("/slow/10000")).status == 504
        assert (await server.get("/busy")).status == 504
        while (await server.get("/slow/1")).status != 200:  # on a busy machine, that may take too long, too
            pass


@scenario
async def test_an_instance_that_a_closed_pool_gets_back_ends() -> None:
    async with Host() as host:
        app = await host.load(wat(""))
        pool = Pool(app.instantiate, reuse=2)
        async with pool.use() as instance:
            await pool.close()
            assert instance.ended is None
        assert instance.ended is not None


@pytest.mark.parametrize("waiting", [0, 1])
@scenario
async def test_more_than_may_wait(waiting: int) -> None:
    async with served(concurrency=1, waiting=waiting) as server:
        slow = [asyncio.ensure_future(server.get("/slow/200")) for _ in range(1 + waiting)]
        while not server.host.ledger.balance:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.05)
        assert (await server.get("/count")).status == 503
        assert {each.status for each in await asyncio.gather(*slow)} == {200}


@scenario
async def test_content_that_nobody_reads() -> None:
    async with served() as server:
        got = await server.get("/ignore", method="POST", content=bytes(2_000_000))
        assert got.text == "ignored"


@scenario
async def test_stopping_lets_what_is_under_way_end() -> None:
    async with served(grace=5) as server:
        slow = asyncio.ensure_future(server.get("/slow/200"))
        while not server.host.ledger.balance:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.005)
    assert (await slow).text == "slow"


@scenario
async def test_stopping_waits_no_longer_than_it_was_told() -> None:
    async with served(grace=0.05) as server:
        slow = asyncio.ensure_future(server.get("/slow/100000"))
        while not server.host.ledger.balance:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.005)
    assert (await slow).status == 503


@scenario
async def test_a_guest_asks_another_server() -> None:
    async def talk(peer: Peer) -> None:
        head = await peer.head()
        await peer.ok(head[0].encode() * 1000)

    async with (
        serving(talk) as other,
        HttpFetch([f"http://{other.authority}"]) as fetch,
        served(http=fetch) as server,
    ):
        got = await server.get(f"/fetch/{other.authority}/x?y")
        assert (got.status, got.content) == (200, b"GET /x?y HTTP/1.1" * 1000)
        assert (await server.get("/fetch/127.0.0.1:1/x")).text == "ErrorCode_HttpRequestDenied"
    async with served() as server:
        got = await server.get(f"/fetch/{other.authority}/x")
        assert (got.status, got.text) == (502, "ErrorCode_HttpRequestDenied")


@scenario
async def test_as_a_capability() -> None:
    async with served() as server:
        trailers = [HeaderField("X-Sum", b"5")]
        asked = Request("POST", "", "", "/echo", [], BodyClient(MemoryBody(b"hello", trailers)))
        answer = await server.endpoint.handle(asked)
        assert isinstance(answer, AnswerResponse)
        body = answer.value.body
        assert await body.read(100) == b"hello"
        assert await body.read(100) == b""
        assert await body.ending() == EndingTrailers(trailers)
        content, writer = make_body()
        answer = await server.endpoint.handle(Request("POST", "", "", "/echo", [], BodyClient(content)))
        del content, body, answer
        gc.collect()
        await ended(server)  # nobody waits for the answer any more
        writer.end()


@scenario
async def test_a_component_that_answers_nothing(tmp_path: Path) -> None:
    def use() -> Any:
        raise AssertionError

    async with Host() as host:
        app = await host.load(wat("(component (core module))"), name="silent.wasm")
        with pytest.raises(LinkError, match=r"silent.wasm: it answers no requests: it exports nothing"):
            ComponentEndpoint(app, use)


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "capwit.http")
