"""`Fetch` and `HttpEndpoint` over Cap'n Proto RPC: content and trailers cross as they come."""

from __future__ import annotations

import asyncio

from capwit import rpc
from capwit.bridge import CapError
from capwit.caps import HttpFetch
from capwit.caps.http import (
    AnswerResponse,
    BodyClient,
    EndingTrailers,
    FetchClient,
    HeaderField,
    HttpEndpointClient,
    Request,
)
from capwit.caps.http_body import make_body

from tests.bridge.support import scenario
from tests.caps.http_server import Peer, serving
from tests.http.support import served


@scenario
async def test_a_guest_asks_by_somebody_elses_fetch() -> None:
    async def talk(peer: Peer) -> None:
        await peer.head()
        await peer.ok(bytes(1_000_000))

    async with (
        serving(talk) as other,
        HttpFetch([f"http://{other.authority}"]) as fetch,
        rpc.serve(FetchClient(fetch), "127.0.0.1:0") as there,
        rpc.connect(f"127.0.0.1:{there.port}") as connection,
        connection.bootstrap(FetchClient) as remote,
        served(http=remote) as server,
    ):
        got = await server.get(f"/fetch/{other.authority}/x")
        assert (got.status, got.content) == (200, bytes(1_000_000))
        assert (await server.get("/fetch/127.0.0.1:1/x")).text == "ErrorCode_HttpRequestDenied"


@scenario
async def test_a_component_is_asked_from_elsewhere() -> None:
    async with (
        served() as server,
        rpc.serve(HttpEndpointClient(server.endpoint), "127.0.0.1:0") as there,
        rpc.connect(f"127.0.0.1:{there.port}") as connection,
        connection.bootstrap(HttpEndpointClient) as remote,
    ):
        content, writer = make_body()
        asking = Request("POST", "http", "a.test", "/echo", [], BodyClient(content))
        answer = await remote.handle(asking)
        assert isinstance(answer, AnswerResponse)
        body = answer.value.body
        for piece in (b"hello ", b"you"):
            writer.write(piece)
            assert await body.read(100) == piece
        writer.finish([HeaderField("x-sum", b"9")])
        assert await body.read(100) == b""
        assert await body.ending() == EndingTrailers([HeaderField("x-sum", b"9")])
        half = await remote.handle(Request("GET", "", "", "/half/drop", [], None))
        assert isinstance(half, AnswerResponse)
        assert await half.value.body.read(100) == b"half"
        try:
            await half.value.body.read(100)
        except CapError as error:
            assert error.kind.value == "disconnected"
        else:
            raise AssertionError("half an answer was taken for a whole one")
        slow = asyncio.ensure_future(remote.handle(Request("GET", "", "", "/slow/100000", [], None)))
        while not server.host.ledger.balance:  # noqa: ASYNC110 - it is what is tested that tells nobody
            await asyncio.sleep(0.005)
        slow.cancel()
        while server.host.ledger.balance:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.005)
