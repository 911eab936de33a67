"""Kinds of directories, all of which a guest must find alike."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from capwit.bridge import Policy
from capwit.caps import HostDirectory, MemoryDirectory
from capwit.caps.files import DirectoryClient, FileClient, OpenAnswerDirectory, OpenAnswerFile, OpenFlags
from capwit.caps.using import value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


class Elsewhere:
    """A file or directory of another process, as far as its holder can see: every call waits.

    A directory that is passed to it is its own again, as one is that returns home over a connection.
    """

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._inner, name)

        async def call(*arguments: Any) -> Any:
            await asyncio.sleep(0)
            answer = method(*map(_home, arguments))
            if asyncio.iscoroutine(answer):
                answer = await answer
            match answer:
                case OpenAnswerFile(file):
                    return OpenAnswerFile(FileClient(Elsewhere(file.target.identity)))
                case OpenAnswerDirectory(directory):
                    return OpenAnswerDirectory(DirectoryClient(Elsewhere(directory.target.identity)))
                case _:
                    return answer

        return call


def _home(argument: Any) -> Any:
    if isinstance(argument, DirectoryClient):
        found = argument.local(Elsewhere)
        if found is not None:
            return DirectoryClient(found._inner)
    return argument


async def put(directory: Any, path: str, data: bytes) -> None:
    """Make a file."""
    flags = OpenFlags(
        read=False, write=True, mutate=True, create=True, exclusive=False, truncate=True, directory=False,
        follow=False,
    )  # fmt: skip
    file = value(await DirectoryClient(directory).open(path, flags))
    assert isinstance(file, FileClient)
    assert value(await file.write(0, data)) == len(data)


async def read(directory: Any, path: str) -> bytes:
    """Return what is in a file."""
    flags = OpenFlags(
        read=True, write=False, mutate=False, create=False, exclusive=False, truncate=False, directory=False,
        follow=False,
    )  # fmt: skip
    file = value(await DirectoryClient(directory).open(path, flags))
    assert isinstance(file, FileClient)
    return value(await file.read(0, 1_000))


@dataclass(frozen=True)
class Kind:
    """How a directory is made on a folder of the machine, and what narrows the grant of it."""

    make: Callable[[Path], Any]
    policies: Mapping[str, Policy] = field(default_factory=dict)


# Wide enough for any test; but whatever it narrows, it stands before every call, and before every handle
# that is had through it.
WIDE = {"wasi.preopens./": Policy(calls=10**9, bytes="1GiB", in_flight=1_000, deadline=60)}

KINDS = {
    "host": Kind(HostDirectory),
    "host, name by name": Kind(lambda folder: HostDirectory(folder, openat2=False)),
    "memory": Kind(lambda _: MemoryDirectory()),
    "elsewhere": Kind(lambda _: Elsewhere(MemoryDirectory())),
    "narrowed host": Kind(HostDirectory, WIDE),
    "narrowed memory": Kind(lambda _: MemoryDirectory(), WIDE),
    "behind two membranes": Kind(lambda folder: DirectoryClient(HostDirectory(folder)).attenuate(), WIDE),
}
