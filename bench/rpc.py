"""What RPC costs beside plain pycapnp: a guest's call of another process's capability, and conversion."""

from __future__ import annotations

import functools
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import capnp
import capwit
from capwit import rpc
from capwit.caps import files, standard
from capwit.rpc import Message
from measure import compare, timed
from sides import ONE, Ours

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from measure import Bench, Row

ENTRIES: Final = 50
_SERVER: Final = """
import asyncio, sys, capnp
capnp.remove_import_hook()
schema = capnp.load(sys.argv[1], imports=sys.argv[3:])
class Entropy(schema.EntropySource.Server):
    async def fill(self, length, _context, **_):
        return bytes(length)
async def accept(stream):
    await capnp.TwoPartyServer(stream, bootstrap=Entropy()).on_disconnect()
async def main():
    server = await capnp.AsyncIoStream.create_unix_server(accept, sys.argv[2])
    print("ready", flush=True)
    await server.serve_forever()
asyncio.run(capnp.run(main()))
"""


def _imports() -> list[str]:
    folders = [Path(each) for each in capwit.__path__]
    return [str(each) for folder in folders for each in (folder, folder.parent)] + [
        str(Path(capnp.__file__).parent.parent)
    ]


def _schema(module: Any) -> str:
    return str(Path(module.__file__).with_suffix(".capnp"))


@functools.cache
def _load(module: Any) -> Any:
    """The schema beside a module, as pycapnp itself has it; the parser lives as long as that."""
    parser = capnp.SchemaParser()
    _PARSERS.append(parser)
    return parser.load(_schema(module), imports=_imports())


_PARSERS: Final[list[Any]] = []


@contextmanager
def _server() -> Iterator[str]:
    """A plain pycapnp server in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/socket"
        command = [sys.executable, "-c", _SERVER, _schema(standard), path, *_imports()]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            process.stdout.readline()
            try:
                yield path
            finally:
                process.kill()


async def rows(bench: Bench) -> AsyncIterator[Row]:
    """Another process's capability, and values as messages, beside pycapnp's own."""
    yield await _remote(bench)
    async for row in _conversion():
        yield row


async def _remote(bench: Bench) -> Row:
    """Compare a guest's call of a pycapnp server with pycapnp's own client of the same."""
    n = 200
    method = standard.ENTROPY_SOURCE.methods["fill"]
    with _server() as path:
        async with rpc.connect(f"unix:{path}") as connection:
            source = connection.bootstrap(standard.EntropySourceClient)
            target = source.target

            async def add(_: Any, bucket: int, x: int) -> int:
                return x + len(await target.invoke(method, (8,)))

            ours = Ours(bench.runtime, add)
            instance = await ours.start(await ours.link())
            run = instance.linked.export("", "run", ONE)
            stream = await capnp.AsyncIoStream.create_unix_connection(path)
            client = capnp.TwoPartyClient(stream)
            schema = _load(standard)
            plain = client.bootstrap().cast_as(schema.EntropySource)

            async def theirs() -> None:
                for _ in range(n):
                    len((await plain.fill(length=8)).data)

            try:
                return await compare(
                    "a guest's call of another process",
                    timed(lambda: instance.call(run, n), n), timed(theirs, n),
                    beside="plain pycapnp", at_most=1.25,
                )  # fmt: skip
            finally:
                await instance.store.close()
                await source.close()
                client.close()
                stream.close()


async def _conversion() -> AsyncIterator[Row]:
    """Write and read a listing: as dataclasses, and as pycapnp's own dicts."""
    n = 50
    entries = [files.Entry(f"file-{i}", next(iter(files.Kind)), i, i + 1) for i in range(ENTRIES)]
    value, message = files.ListAnswerEntries(entries), Message(files.LIST_ANSWER)
    data = message.encode(value)
    schema = _load(files).ListAnswer
    with schema.from_bytes(data) as reader:
        plain = reader.to_dict()

    async def our_writing() -> None:
        for _ in range(n):
            message.encode(value)

    async def their_writing() -> None:
        for _ in range(n):
            schema.new_message(**plain).to_bytes()

    async def our_reading() -> None:
        for _ in range(n):
            message.decode(data)

    async def their_reading() -> None:
        for _ in range(n):
            with schema.from_bytes(data) as reader:
                reader.to_dict()

    for what, ours, theirs in (
        (f"{ENTRIES} entries written", our_writing, their_writing),
        (f"{ENTRIES} entries read", our_reading, their_reading),
    ):
        yield await compare(what, timed(ours, n), timed(theirs, n), beside="pycapnp's dicts", at_most=1)
