"""Host bindings for `case:recursive@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from capwit.bridge import binding as wit
from capwit.bridge.binding import MaybeAwaitable

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class Tree:
    """A label, and what is below it."""

    label: str
    children: Sequence[Tree]
    owner: OwnerClient | None


@dataclass(frozen=True, slots=True)
class Chain:
    value: int
    next: Chain | None


@dataclass(frozen=True, slots=True)
class ForestAllResults:
    """What `all` of `forest` returns."""

    trees: Sequence[Tree]
    first: Tree


@dataclass(frozen=True, slots=True)
class Holder:
    trees: Sequence[Tree]
    one: Tree


class Owner(Protocol):
    def name(self) -> MaybeAwaitable[str]: ...


class Forest(Protocol):
    def grow(self, tree: Tree) -> MaybeAwaitable[Tree]: ...

    def all(self, trees: Sequence[Tree]) -> MaybeAwaitable[ForestAllResults]: ...


class OwnerClient(wit.Client):
    """`Owner`, wherever it lives."""

    async def name(self) -> str:
        return await self._call(_OWNER_NAME)


class ForestClient(wit.Client):
    """`Forest`, wherever it lives."""

    async def grow(self, tree: Tree) -> Tree:
        return await self._call(_FOREST_GROW, tree)

    async def all(self, trees: Sequence[Tree]) -> ForestAllResults:
        return await self._call(_FOREST_ALL, trees)


# The bridge's tables: WIT names and types.
OWNER = wit.Interface(OwnerClient, "case:recursive/schema@0.1.0", "owner", 0xF320DDF5A3E6B5DF)
FOREST = wit.Interface(ForestClient, "case:recursive/schema@0.1.0", "forest", 0xB1623FB4773EF374)
TREE_NODE = wit.Record(
    (
        wit.Field("label", wit.STRING, "label"),
        wit.Field("children", wit.List(wit.Index()), "children"),
        wit.Field("owner", wit.Option(OWNER.own), "owner"),
    ),
    Tree,
    "tree-node",
)
TREE = wit.arena(TREE_NODE, "tree")
CHAIN_NODE = wit.Record(
    (wit.Field("value", wit.U32, "value"), wit.Field("next", wit.Option(wit.Index()), "next")),
    Chain,
    "chain-node",
)
CHAIN = wit.arena(CHAIN_NODE, "chain")
FOREST_ALL_RESULTS = wit.Record(
    (wit.Field("trees", wit.List(TREE), "trees"), wit.Field("first", TREE, "first")),
    ForestAllResults,
    "forest-all-results",
)
HOLDER = wit.Record(
    (wit.Field("trees", wit.List(TREE), "trees"), wit.Field("one", TREE, "one")),
    Holder,
    "holder",
)
_OWNER_NAME: wit.Method[str] = OWNER.method("name", "name", {}, wit.STRING)
_FOREST_GROW: wit.Method[Tree] = FOREST.method("grow", "grow", {"tree": TREE}, TREE)
_FOREST_ALL: wit.Method[ForestAllResults] = FOREST.method(
    "all",
    "all",
    {"trees": wit.List(TREE)},
    FOREST_ALL_RESULTS,
)
BINDINGS = wit.Bindings(
    package="case:recursive@0.1.0",
    interface="schema",
    interfaces=(OWNER, FOREST),
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xA1CE078705D04CA6),
)
