"""`capwit serve --listen` as a process of its own, with the room of examples/chat, and plain clients."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import capnp

from tests.bridge.support import generated
from tests.support.guests import python_guest

from .peer import load

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Callable, Iterator

ROOT: Final = Path(__file__).parents[2]
EXAMPLE: Final = ROOT / "examples" / "chat"
SCHEMA: Final = EXAMPLE / "chat.capnp"


@cache
def chat() -> Any:
    """The schema, as pycapnp itself loads it."""
    return load(str(SCHEMA))


def program(folder: Path) -> Path:
    """Lay the example out as its demo builds it, and return its manifest."""
    made = generated(SCHEMA)
    shutil.copytree(made, folder / "build" / "chat", dirs_exist_ok=True)
    shutil.copy(python_guest(EXAMPLE / "guest.py", made / "wit", "app"), folder / "build" / "chat.wasm")
    shutil.copytree(EXAMPLE, folder / "examples" / "chat", dirs_exist_ok=True)
    return folder / "examples" / "chat" / "app.toml"


@dataclass
class Server:
    """A server that runs, and the file that its ledger is written to."""

    process: subprocess.Popen[str]
    told: dict[str, Any]
    ledger: Path

    @property
    def address(self) -> str:
        return str(self.told["serving"])

    def events(self, *names: str) -> list[dict[str, Any]]:
        """The events of these names that it has entered by now."""
        lines = self.ledger.read_text().splitlines() if self.ledger.exists() else []
        return [entry for entry in map(json.loads, lines) if entry.get("event") in names]

    def balance(self) -> int:
        """How many handles live."""
        opened = len(self.events("grant", "mint", "lend", "keep", "receive"))
        return opened - len(self.events("drop", "return", "give", "release", "exit"))

    def stop(self, number: int = 15) -> dict[str, Any]:
        """Send a signal: returns the exit code, what it said at the end, and what on standard error."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=60)
        told = json.loads(out) if out else {}
        return {**told, "code": self.process.returncode, "err": err}


@contextmanager
def serving(manifest: Path, *options: object, listen: str = "127.0.0.1:0") -> Iterator[Server]:
    """Start a server; it is killed if it is still there at the end."""
    ledger = manifest.parent / "ledger.jsonl"
    ledger.unlink(missing_ok=True)
    command = [sys.executable, "-m", "capwit.cli.main", "serve", "--json", "--ledger-json", str(ledger)]
    command += ["--listen", listen, *map(str, options), str(manifest)]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=manifest.parents[2], **pipes) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, process.communicate()
            yield Server(process, json.loads(line), ledger)
        finally:
            if process.poll() is None:
                process.kill()
                process.communicate()


@asynccontextmanager
async def client(address: str, tls: ssl.SSLContext | None = None, kind: Any = None) -> AsyncIterator[Any]:
    """A client by pycapnp alone: gives the room, or what is served as another `kind` of interface."""
    async with capnp.kj_loop() if not hasattr(asyncio.get_running_loop(), "_kj_loop") else _nothing():
        if address.startswith("unix:"):
            stream = await capnp.AsyncIoStream.create_unix_connection(address.removeprefix("unix:"))
        else:
            host, _, port = address.rpartition(":")
            stream = await capnp.AsyncIoStream.create_connection(host, int(port), ssl=tls)
        system = capnp.TwoPartyClient(stream)
        try:
            yield system.bootstrap().cast_as(kind or chat().Room)
        finally:
            system.close()
            stream.close()


@asynccontextmanager
async def _nothing() -> AsyncIterator[None]:
    yield


async def until(condition: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait until something holds, which another process brings about."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.02)
