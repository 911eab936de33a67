"""What `capwit serve --http` costs, beside a plain ASGI application on the same server.

The guest is of `tests/http/small.py`, and does next to nothing: it answers with how many requests its
instance has had, and with their content. Another one asks a server, beside wasmtime's own host.
Servers are processes of their own. It ends where a request sees what another one left behind.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import wasmtime
import wasmtime.component
from capwit.bridge import Host, Limits
from capwit.caps import HttpFetch
from capwit.preview2 import WasiGrants
from generated import EXAMPLES, built
from measure import alone, compare, timed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from measure import Bench, Row, Side

ROOT: Final = Path(__file__).parent.parent
MIB: Final = 1 << 20
PIECE: Final = bytes(65536)
CONNECTIONS: Final = 8
PLAIN: Final = """
import asyncio
from capwit.http import address_of, listen, run_server

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"1", "more_body": True})
    more = True
    while more:
        message = await receive()
        more = message.get("more_body", False)
        if message.get("body"):
            await send({"type": "http.response.body", "body": message["body"], "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})

async def main():
    listening = listen("127.0.0.1", 0)
    print("serving", address_of(listening), flush=True)
    await run_server(app, listening, asyncio.Event().wait)

asyncio.run(main())
"""


class Server:
    """A server in a child process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        """Read where it listens."""
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("serving "), line
        self.port = int(line.rpartition(":")[2])
        self._folder = Path(f"/proc/{process.pid}")

    def forget_peak(self) -> None:
        """Have the most memory that the process had begin at what it has."""
        (self._folder / "clear_refs").write_text("5")

    def memory(self, what: str) -> int:
        """Return how many bytes the process has (`VmRSS`), or had at most (`VmHWM`)."""
        lines = (self._folder / "status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(what)) * 1024


@contextmanager
def started(*command: str) -> Iterator[Server]:
    """Start a server with Python, and end it."""
    with subprocess.Popen(
        [sys.executable, *command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            yield Server(process)
        finally:
            process.terminate()


async def chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """Yield the pieces of an answer's content."""
    while length := int(await reader.readline(), 16):
        yield (await reader.readexactly(length + 2))[:length]
    await reader.readexactly(2)


async def ask(server: Server, count: int, path: bytes) -> set[bytes]:
    """Send requests one after the other on one connection; returns the contents of the answers."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    found = set()
    for _ in range(count):
        writer.write(b"GET %b HTTP/1.1\r\nhost: localhost\r\n\r\n" % path)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        found.add(b"".join([piece async for piece in chunks(reader)]))
    writer.close()
    return found


def one(server: Server, each: int = 50, path: bytes = b"/", seen: bytes = b"1") -> Side:
    """Return a side: the seconds of a request, over some connections that are kept."""

    async def side() -> float:
        start = time.perf_counter()
        answers = await asyncio.gather(*(ask(server, each, path) for _ in range(CONNECTIONS)))
        taken = time.perf_counter() - start
        if seen and set().union(*answers) != {seen}:
            sys.exit(f"a request saw what another one had left behind: {answers}")
        return taken / (CONNECTIONS * each)

    return side


def crowd(server: Server, count: int = 1000) -> Side:
    """Return a side: the seconds of a request, where as many connections have one at once."""

    async def side() -> float:
        start = time.perf_counter()
        answers = await asyncio.gather(*(ask(server, 1, b"/") for _ in range(count)))
        if set().union(*answers) != {b"1"}:
            sys.exit(f"a request saw what another one had left behind: {answers}")
        return (time.perf_counter() - start) / count

    return side


async def carry(server: Server, size: int) -> float:
    """Send content and have it back, both at once; returns the seconds that it takes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    start = time.perf_counter()
    writer.write(b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: %d\r\n\r\n" % size)

    async def send() -> None:
        for _ in range(size // len(PIECE)):
            writer.write(PIECE)
            await writer.drain()

    sending = asyncio.ensure_future(send())
    await reader.readuntil(b"\r\n\r\n")
    seen = sum([len(piece) async for piece in chunks(reader)])
    assert seen == size + 1, seen
    await sending
    writer.close()
    return time.perf_counter() - start


def carried(server: Server, size: int) -> Side:
    """Return a side: the seconds that content takes through the server."""
    return lambda: carry(server, size)


def grown(server: Server, size: int) -> Side:
    """Return a side: the bytes of memory by which the server grows while content goes through it."""

    async def side() -> float:
        await asyncio.to_thread(server.forget_peak)
        before = server.memory("VmRSS")
        await carry(server, size)
        return max(4096, server.memory("VmHWM") - before)  # a page is the least that the kernel tells

    return side


async def asking(binary: Path, server: Server, count: int = 50) -> Row:
    """Requests that a guest sends, one after the other, under capwit and under wasmtime's own host."""
    authority = f"127.0.0.1:{server.port}"
    engine = wasmtime.Engine()
    linker, store = wasmtime.component.Linker(engine), wasmtime.Store(engine)
    linker.add_wasip2()
    linker.add_wasi_http()
    store.set_wasi(wasmtime.WasiConfig())
    store.set_wasi_http()
    native: Any = linker.instantiate(
        store, wasmtime.component.Component(engine, await asyncio.to_thread(binary.read_bytes))
    )
    function: Any = native.get_func(store, "ask")

    async def theirs() -> None:
        function(store, authority, count)

    async with Host() as host, HttpFetch([f"http://{authority}"]) as fetch:
        app = await host.load(binary)
        async with app.instantiate(WasiGrants(http=fetch), limits=Limits(wall="none")) as instance:
            return await compare(
                "a request that a guest sends",
                timed(lambda: instance.call("ask", authority, count), count),
                timed(theirs, count),
                beside="native add_wasi_http",
                at_most=5,
            )


async def rows(_: Bench) -> AsyncIterator[Row]:
    """Requests a second, a thousand at once, and content."""
    serve = ("-m", "capwit.cli.main", "serve", "--http", "127.0.0.1:0", "--timeout", "10min")
    with tempfile.TemporaryDirectory() as folder, started("-c", PLAIN) as plain:
        relay = str(Path(folder) / "relay.wasm")
        for name in ("relay", "asker"):
            make = [sys.executable, "-m", "tests.http.small", name, str(Path(folder) / f"{name}.wasm")]
            await asyncio.to_thread(subprocess.run, make, check=True, cwd=ROOT)
        yield await asking(Path(folder) / "asker.wasm", plain)
        beside = "plain ASGI"
        with started(*serve, relay) as server:
            yield await compare(
                "a request, an instance each", one(server), one(plain), beside=beside, at_most=5
            )
            yield await compare(
                "one of 1,000 at once, an instance each",
                crowd(server), crowd(plain), beside=beside, at_most=4, rounds=5,
            )  # fmt: skip
            yield await compare(
                "content, 32 MiB both ways at once",
                carried(server, 32 * MIB), carried(plain, 32 * MIB),
                beside=beside, at_most=4, carries=32 * MIB, rounds=5,
            )  # fmt: skip
            yield await alone(
                "memory for 256 MiB of it", grown(server, 256 * MIB), within=32 * MIB, unit="B", rounds=5
            )
        with started(*serve, "--reuse", "1000000", relay) as server:
            yield await compare(
                "a request, an instance used again",
                one(server, seen=b""), one(plain), beside=beside, at_most=3,
            )  # fmt: skip
        guest = await built("http/guest.py", EXAMPLES / "http" / "wit", "app", Path(folder))
        hello = b"/hello/reader"
        with started(*serve, str(guest)) as server:
            yield await compare(
                "a request, a Python guest, an instance each",
                one(server, 10, hello, b"hello, reader\n"), one(plain), beside=beside, rounds=5,
            )  # fmt: skip
        with started(*serve, "--reuse", "1000000", str(guest)) as server:
            yield await compare(
                "a request, a Python guest, used again",
                one(server, 10, hello, b"hello, reader\n"), one(plain), beside=beside, rounds=5,
            )  # fmt: skip
