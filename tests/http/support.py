"""A guest behind a real server on loopback, and real clients for it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from capwit.bridge import Host
from capwit.caps.local import SystemEntropy, SystemTimer
from capwit.http import AsgiApp, ComponentEndpoint, Pool, listen, run_server
from capwit.preview2 import WasiGrants

from tests.caps.http_server import Peer
from tests.support.guests import python_guest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from capwit.bridge import Limits

ROOT = Path(__file__).parents[2]


@cache
def guest() -> Path:
    """Return the component of guest.py."""
    return python_guest(Path(__file__).with_name("guest.py"), ROOT / "examples" / "http" / "wit", "app")


class Served:
    """A guest behind a server."""

    def __init__(self, host: Host, port: int, endpoint: ComponentEndpoint) -> None:
        self.host = host
        self.port = port
        self.endpoint = endpoint

    @property
    def authority(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def connect(self) -> Peer:
        """Return a connection; `Peer` has the words of both sides."""
        return Peer(*await asyncio.open_connection("127.0.0.1", self.port))

    async def get(self, path: str, *, method: str = "GET", content: bytes = b"", head: str = "") -> Response:
        """Send one request on a connection of its own, and return the whole answer."""
        peer = await self.connect()
        length = f"content-length: {len(content)}\r\n" if content else ""
        await peer.say(
            f"{method} {path} HTTP/1.1\r\nhost: {self.authority}\r\nconnection: close\r\n{length}{head}\r\n"
            .encode() + content
        )  # fmt: skip
        try:
            return Response(await peer.reader.read())
        finally:
            peer.writer.close()
            await peer.writer.wait_closed()


class Response:
    """An answer as it came over the wire."""

    def __init__(self, data: bytes) -> None:
        head, _, rest = data.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        self.status = int(first.split()[1])
        self.headers = dict(line.lower().split(": ", 1) for line in lines)
        self.whole = True
        self.content = rest
        if self.headers.get("transfer-encoding") == "chunked":
            self.content, self.whole = unchunked(rest)

    @property
    def text(self) -> str:
        return self.content.decode()


def unchunked(data: bytes) -> tuple[bytes, bool]:
    """Return what chunks hold, and whether the last one is among them."""
    parts: list[bytes] = []
    at = 0
    while at < len(data):
        end = data.index(b"\r\n", at)
        size = int(data[at:end], 16)
        if not size:
            return b"".join(parts), True
        parts.append(data[end + 2 : end + 2 + size])
        at = end + size + 4
    return b"".join(parts), False


@asynccontextmanager
async def served(
    component: bytes | None = None,
    *,
    limits: Limits | None = None,
    http: Any = None,
    grace: float = 1,
    patience: float = 30,
    connections: int = 2000,
    **pool: Any,
) -> AsyncIterator[Served]:
    """Serve a component, the guest by default; nothing of it may be left at the end."""
    async with Host() as host:
        app = await host.load(component or guest(), name="guest.wasm")
        grants = WasiGrants(entropy=SystemEntropy(), timer=SystemTimer(), http=http)
        instances = Pool(lambda: app.instantiate(grants, limits=limits), **pool)
        endpoint = ComponentEndpoint(app, instances.use)
        listening = listen("127.0.0.1", 0)
        port = listening.getsockname()[1]
        over = asyncio.Event()
        asgi = AsgiApp(endpoint, patience=patience)
        server = asyncio.ensure_future(run_server(asgi, listening, over.wait, grace, connections=connections))
        try:
            yield Served(host, port, endpoint)
        finally:
            over.set()
            await endpoint.close(grace)
            await server
            await instances.close()
    assert host.ledger.balance == 0
