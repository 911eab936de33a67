"""A child process that has been taken over harms nobody but its own instance."""

from __future__ import annotations

import asyncio
import resource
import socket
import sys
from typing import Any

import pytest
from capwit.bridge import CapError, ErrorKind, Ledger
from capwit.caps.host import WasmCodeClient, WasmHostClient
from capwit.hosting import named, options
from capwit.preview2 import WasiGrants
from capwit.rpc import connection, pair

from tests.bridge.support import ROOT, scenario
from tests.hosting.support import settled


class Console:
    """Takes its time, and counts."""

    def __init__(self) -> None:
        self.most = 0
        self.now = 0
        self.written = 0
        self.some = asyncio.Event()

    async def write(self, data: bytes) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        self.written += 1
        if self.written > 3000:
            self.some.set()
        try:
            await asyncio.sleep(0.001)
        finally:
            self.now -= 1


class Code:
    def imports(self) -> list[str]:
        return []

    exports = imports


async def explain(method: Any, error: CapError) -> CapError:
    return error


@pytest.mark.parametrize("what", ["flood", "garbage", "kill"])
@scenario
async def test_a_child_that_has_been_taken_over(what: str) -> None:
    ledger, console = Ledger(), Console()
    ours, theirs = socket.socketpair()
    with theirs:
        process = await asyncio.create_subprocess_exec(
            *(
                sys.executable,
                "-m",
                "tests.hosting.hostile",
                str(theirs.fileno()),
                what.replace("kill", "flood"),
            ),
            pass_fds=(theirs.fileno(),),
            cwd=ROOT,
        )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    async with pair.child(ours, WasmHostClient, name="hostile", ledger=ledger, explain=explain) as there:
        grants = named(WasiGrants(stdout=console))
        call = asyncio.ensure_future(there.spawn(WasmCodeClient(Code()), grants, options()))
        if what != "garbage":
            await console.some.wait()
            if what == "kill":
                process.kill()
            else:
                assert console.most <= connection.BOUNDS.calls  # however many are sent
                await asyncio.wait_for(asyncio.sleep(0.01), 60)  # others have their turn
                call.cancel()
        with pytest.raises((CapError, asyncio.CancelledError)) as caught:
            await call
        if isinstance(caught.value, CapError):
            assert caught.value.kind is ErrorKind.DISCONNECTED
    if process.returncode is None:
        process.kill()
    await process.wait()
    del grants
    await settled(ledger)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 200 << 10  # KiB
