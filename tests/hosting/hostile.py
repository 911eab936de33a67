"""A child process that has been taken over: `python -m tests.hosting.hostile FD WHAT`.

It serves a host capability on a socket of its parent, and does what no child of ours does: `flood` calls what
it is granted without end and without waiting, `garbage` sends bytes that are no message.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from typing import TYPE_CHECKING, Any

from capwit.bridge import Ledger
from capwit.caps.host import WasmHostClient
from capwit.caps.standard import ConsoleClient
from capwit.rpc import pair

if TYPE_CHECKING:
    from capwit.caps.host import HostGrant


class Hostile:
    """A host that starts nothing."""

    def __init__(self, what: str, end: socket.socket) -> None:
        self.what = what
        self.end = end
        self.floods: list[asyncio.Task[None]] = []

    async def spawn(self, code: Any, grants: list[HostGrant], options: Any) -> Any:
        given = grants[0].capability
        assert given is not None
        console = given.cast(ConsoleClient)
        match self.what:
            case "flood":
                self.floods = [asyncio.ensure_future(self.flood(console)) for _ in range(5000)]
                await asyncio.Event().wait()
            case "garbage":
                os.write(self.end.fileno(), b"\xff" * 64)
        raise AssertionError

    async def flood(self, console: ConsoleClient) -> None:
        while True:
            try:
                await console.write(bytes(1000))
            except Exception:
                await asyncio.sleep(0)

    def load(self, wasm: bytes, name: str) -> Any: ...

    limited = usage = load


async def main(descriptor: int, what: str) -> None:
    end = socket.socket(fileno=descriptor)
    host = Hostile(what, socket.socket(fileno=os.dup(descriptor)))
    async with pair.parent(end, WasmHostClient(host), ledger=Ledger()) as connection:
        await connection.closed()
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
