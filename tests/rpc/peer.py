"""The other process of a test: `python -m tests.rpc.peer ROLE ADDRESS FOLDER`.

`kv` serves the example's store at ADDRESS, and `far` a node of far.capnp, which says each call; FOLDER has
their bindings. `relay` serves such a node of another process, whose address is a third argument. `worker` is
a plain pycapnp client of the worker that a guest exports. Each says on its output what a test waits for.
`standard` serves each standard capability at an address of its own, such as `ADDRESS-dir`, whose files are in
FOLDER.
"""

from __future__ import annotations

import asyncio
import importlib
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import capnp
from capwit import caps, rpc
from capwit.caps.files import DirectoryClient
from capwit.caps.standard import ConsoleClient, EntropySourceClient, TimerClient, WallClockClient
from capwit.caps.store import ScriptPackageClient, StoreClient
from capwit.caps.streams import ByteSinkClient, ByteSourceClient

from tests.rpc.node import Node

ROOT = Path(__file__).parents[2]


async def kv(address: str, folder: str) -> None:
    sys.path[:0] = [folder, str(ROOT / "examples" / "kv")]
    bindings, stores = importlib.import_module("kv"), importlib.import_module("stores")
    async with rpc.serve(bindings.StoreClient(stores.memory()), address) as server:
        print("ready", flush=True)
        await server.closed()


async def far(address: str, folder: str) -> None:
    sys.path.insert(0, folder)
    bindings = importlib.import_module("far")
    async with rpc.serve(bindings.NodeClient(Node("far", said)), address) as server:
        said("ready" if address.startswith("unix:") else f"ready {server.port}")
        await server.closed()


async def relay(address: str, folder: str, target: str) -> None:
    sys.path.insert(0, folder)
    bindings = importlib.import_module("far")
    async with (
        rpc.line(target) as line,
        await line.open(bindings.NodeClient) as node,
        rpc.serve(node, address) as server,
    ):
        said("ready")
        await server.closed()


async def standard(address: str, folder: str) -> None:
    top = Path(folder)
    scripts = caps.DirectoryScripts(caps.HostDirectory(top, readonly=True), "hello")
    served = {
        "dir": DirectoryClient(caps.HostDirectory(top)),
        "stdin": ByteSourceClient(caps.MemorySource(b"one\ntwo\n")),
        "stdout": ConsoleClient(caps.StreamConsole(sys.stdout.buffer)),
        "sink": ByteSinkClient(caps.DescriptorSink(1)),
        "timer": TimerClient(caps.SteppedTimer()),
        "wall_clock": WallClockClient(caps.FixedClock(12, 34)),
        "entropy": EntropySourceClient(caps.SeededEntropy(42)),
        "store": StoreClient(caps.MemoryStore()),
        "scripts": ScriptPackageClient(scripts),
    }
    async with AsyncExitStack() as stack:
        for name, client in served.items():
            await stack.enter_async_context(rpc.serve(client, f"{address}-{name}"))
        said("ready")
        await asyncio.Event().wait()


def said(what: str) -> None:
    print(what, flush=True)


async def worker(address: str, schema: str) -> None:
    probe = load(schema)

    class Item(probe.Item.Server):  # type: ignore[name-defined,misc]
        """One that lives in this process."""

        async def name(self, _context: Any, **_: Any) -> str:
            return "from afar"

        def __del__(self) -> None:
            print("dropped", flush=True)

    async with capnp.kj_loop():
        stream = await capnp.AsyncIoStream.create_unix_connection(address.removeprefix("unix:"))
        client = capnp.TwoPartyClient(stream)
        found = client.bootstrap().cast_as(probe.Worker)
        print((await found.exec("said = 'hello ' + str(6 * 7)")).said, flush=True)
        print((await found.show(Item(), "said = item.name()")).said, flush=True)
        try:
            await found.exec("raise Err(CapError(ErrorKind.OVERLOADED, 'busy'))")
        except capnp.KjException as error:
            print(error.type, error.description, flush=True)
        client.close()
        stream.close()


def load(schema: str) -> Any:
    roots = [ROOT / "codegen", ROOT / "bridge", Path(capnp.__file__).parent.parent]
    imports = [str(each) for root in roots for each in (root, root / "capwit")]
    return capnp.load(schema, imports=imports)


if __name__ == "__main__":
    role, *arguments = sys.argv[1:]
    roles: dict[str, Any] = {"kv": kv, "far": far, "relay": relay, "standard": standard, "worker": worker}
    asyncio.run(roles[role](*arguments))
