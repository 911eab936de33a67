"""What `capwit serve` costs and holds: requests a second, a thousand at once, 256 MiB of content.

Run it with `python bench/web.py [CONTENT_MIB]`. The server is a process of its own; beside it, as the floor,
a plain ASGI application on the same server, which answers with the same bytes. It fails where a request sees
what another one left behind, or where memory grows with the content.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parent.parent
SLACK: Final = 32.0  # MiB that buffers of both sides may take, however large the content is
PIECE: Final = bytes(65536)

FLOOR: Final = """
import asyncio
from capwit.http import address_of, listen, run_server

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"1")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"1", "more_body": True})
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
        self._status = Path(f"/proc/{process.pid}/status")

    def memory(self) -> float:
        """Return how many MiB the process has."""
        lines = self._status.read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


@contextmanager
def started(*command: str) -> Iterator[Server]:
    """Start a server, and end it."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            yield Server(process)
        finally:
            process.terminate()


async def ask(server: Server, count: int) -> set[bytes]:
    """Send requests one after the other on one connection; returns the contents of the answers."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    found = set()
    for _ in range(count):
        writer.write(b"GET /count HTTP/1.1\r\nhost: localhost\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        found.add(await reader.readexactly(length))
    writer.close()
    return found


async def rate(server: Server, connections: int = 8, each: int = 100) -> float:
    """Return how many requests a second are answered over some connections that are kept."""
    await asyncio.gather(*(ask(server, 10) for _ in range(connections)))
    start = time.perf_counter()
    await asyncio.gather(*(ask(server, each) for _ in range(connections)))
    return connections * each / (time.perf_counter() - start)


async def at_once(server: Server, count: int) -> float:
    """Send requests on as many connections at once; returns the seconds until all are answered."""
    start = time.perf_counter()
    answers = await asyncio.gather(*(ask(server, 1) for _ in range(count)))
    found = set().union(*answers)
    if found != {b"1"}:
        sys.exit(f"a request saw what another one had left behind: {found}")
    return time.perf_counter() - start


async def content(server: Server, path: str, size: int) -> tuple[float, float]:
    """Carry `size` bytes to the guest (`/length`), from it (`/big/...`), or both (`/relay`).

    Returns the seconds that it took, and the most memory the server had meanwhile.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    start, most = time.perf_counter(), 0.0

    async def watch() -> None:
        nonlocal most
        while True:
            most = max(most, server.memory())
            await asyncio.sleep(0.02)

    async def send() -> None:
        method, sent = (b"GET", 0) if path.startswith("/big") else (b"POST", size)
        head = b"%s %s HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: %d\r\n\r\n"
        writer.write(head % (method, path.encode(), sent))
        for _ in range(sent // len(PIECE)):
            writer.write(PIECE)
            await writer.drain()

    watching, sending = asyncio.ensure_future(watch()), asyncio.ensure_future(send())
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
    total = 0
    while data := await reader.read(1 << 20):
        total += len(data)
    assert total == len(str(size)) if path == "/length" else total > size, total
    await sending
    watching.cancel()
    writer.close()
    return time.perf_counter() - start, most


async def measure(folder: Path, mib: int) -> None:
    """Measure all of it, and print a line for each."""
    guest = folder / "guest.wasm"
    wit = ROOT / "examples" / "http" / "wit"
    build = ["-m", "capwit.cli.main", "build", str(ROOT / "tests" / "http" / "guest.py"), "--wit", str(wit)]
    done = [sys.executable, *build, "--world", "app", "-o", str(guest)]
    await asyncio.to_thread(subprocess.run, done, check=True, capture_output=True)
    serve = (sys.executable, "-m", "capwit.cli.main", "serve", "--http", "127.0.0.1:0", "--timeout", "10min")
    kinds = {
        "a plain ASGI application (the floor)": (sys.executable, "-c", FLOOR),
        "a Python guest, an instance each": (*serve, str(guest)),
        "a Python guest, used again": (*serve, "--reuse", "1000000", str(guest)),
    }
    for what, command in kinds.items():
        with started(*command) as server:
            print(f"{what:<40} {await rate(server):>8,.0f} requests/s")
    with started(*serve, str(guest)) as server:
        await ask(server, 1)
        before = server.memory()
        seconds = await at_once(server, 1000)
        print(
            f"{'1,000 requests at once, an instance each':<40} {1000 / seconds:>8,.0f} requests/s  "
            f"{before:.0f} MiB before, {server.memory():.0f} MiB after"
        )
    ways = {"to the guest": "/length", "from the guest": "/big/{}", "through the guest": "/relay"}
    for way, path in ways.items():
        with started(*serve, str(guest)) as server:
            await content(server, path.format(1 << 20), 1 << 20)
            before = server.memory()
            seconds, most = await content(server, path.format(mib << 20), mib << 20)
        what = f"{mib} MiB {way}"
        print(f"{what:<40} {mib / seconds:>8,.0f} MiB/s       {before:.0f} MiB before, {most:.0f} at most")
        if most - before > SLACK:
            sys.exit(f"memory grew by more than {SLACK:.0f} MiB")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        asyncio.run(measure(Path(made), int(sys.argv[1]) if len(sys.argv) > 1 else 256))
