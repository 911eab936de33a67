"""A client by pycapnp alone: all that it knows of the server is the schema.

`python examples/chat/client.py HOST:PORT` has two people in the room, each with a connection.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import capnp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

HERE = Path(__file__).parent
# Where the schema's own imports are: `/capwit/wit.capnp`, and `/capnp/stream.capnp`, which pycapnp has.
IMPORTS = [HERE.parents[1] / "codegen", Path(capnp.__file__).parents[1]]
chat: Any = capnp.load(str(HERE / "chat.capnp"), imports=list(map(str, IMPORTS)))


class Ears(chat.Listener.Server):  # type: ignore[misc]
    """A capability of ours, which the guest calls."""

    def __init__(self, name: str) -> None:
        """Hear for somebody."""
        self.name = name
        self.heard_something = asyncio.Event()

    async def heard(self, who: str, text: str, **_: Any) -> None:
        """Be told what somebody has said."""
        print(f"{self.name} hears {who}: {text}")
        self.heard_something.set()


@asynccontextmanager
async def room(address: str) -> AsyncIterator[Any]:
    """Connect: the room is what the server offers."""
    host, _, port = address.rpartition(":")
    stream = await capnp.AsyncIoStream.create_connection(host, int(port))
    client = capnp.TwoPartyClient(stream)
    try:
        yield client.bootstrap().cast_as(chat.Room)
    finally:
        client.close()
        stream.close()


async def main(address: str) -> None:
    """Talk."""
    async with capnp.kj_loop(), room(address) as anns, room(address) as bobs:
        ears = Ears("ann")
        ann = (await anns.join("ann", ears)).seat
        bob = (await bobs.join("bob", Ears("bob"))).seat
        print("there are", *(await bobs.names()).names)
        print("bob is heard by", (await bob.say("hello!")).listeners)
        await asyncio.wait_for(ears.heard_something.wait(), 10)
        del ann  # the guest is told: she has left
        print("there are", *(await bobs.names()).names)
        try:
            await anns.join("", ears)
        except capnp.KjException as error:
            print(error.type.lower(), error.description)


asyncio.run(main(sys.argv[1]))
