"""Host bindings for `case:exports-self@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from capwit.bridge import binding as wit
from capwit.bridge.binding import MaybeAwaitable

wit.check_format(__name__, 1)


class Node(Protocol):
    """Refers to itself: to the resource that the host declares, not to the one that is exported."""

    def attach(self, child: NodeClient) -> MaybeAwaitable[Sequence[Node]]: ...


class NodeClient(wit.Client):
    """`Node`, wherever it lives."""

    async def attach(self, child: Node) -> Sequence[NodeClient]:
        return await self._call(_NODE_ATTACH, child)


# The bridge's tables: WIT names and types.
NODE = wit.Interface(
    NodeClient,
    "case:exports-self/schema@0.1.0",
    "node",
    0xB3E662B1D21611D2,
    exports=("case:exports-self/tree-exports-node@0.1.0",),
)
_NODE_ATTACH: wit.Method[Sequence[NodeClient]] = NODE.method(
    "attach",
    "attach",
    {"child": NODE.borrow},
    wit.List(NODE.own),
)
BINDINGS = wit.Bindings(
    package="case:exports-self@0.1.0",
    interface="schema",
    interfaces=(NODE,),
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xBEFDFF043615C3FB),
)
