"""What is behind far.capnp, in whichever process."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from capwit.bridge import CapError, ErrorKind

if TYPE_CHECKING:
    from collections.abc import Callable

KINDS: Final = (ErrorKind.FAILED, ErrorKind.OVERLOADED, ErrorKind.DISCONNECTED, ErrorKind.UNIMPLEMENTED)


class Node:
    """A node, which tells of each call."""

    def __init__(self, name: str, tell: Callable[[str], object] = lambda _: None) -> None:
        self._name = name
        self._tell = tell
        self._below: dict[str, Node] = {}
        self._kept: Any = None
        self._written = 0

    def name(self) -> str:
        self._tell("name")
        return self._name

    def child(self, name: str) -> Node:
        self._tell("child")
        return self._below.setdefault(name, Node(f"{self._name}/{name}", self._tell))

    def find(self, name: str) -> Node:
        self._tell("find")
        return self._below.setdefault(name, Node(f"{self._name}/{name}", self._tell))

    def same(self, other: Any) -> bool:
        return bool(other == type(other)(self))

    def hold(self, node: Any) -> None:
        self._kept = node.keep()

    def held(self) -> Any:
        return self._kept.keep()

    async def ask(self, node: Any) -> str:
        return str(await node.name())

    def fail(self, kind: int) -> None:
        raise CapError(KINDS[kind], "as it was told")

    async def wait(self) -> None:
        self._tell("wait")
        await asyncio.Event().wait()

    def write(self, data: bytes) -> None:
        self._written += len(data)

    def written(self) -> int:
        return self._written
