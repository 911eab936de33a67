"""Host bindings for `case:constants-of-recursive@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from capwit.bridge import binding as wit

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class ChainNext:
    """`next` of `Chain`."""

    value: Chain | None


@dataclass(frozen=True, slots=True)
class ChainEnd:
    """`end` of `Chain`."""

    value: int


Chain: TypeAlias = ChainNext | ChainEnd


@dataclass(frozen=True, slots=True)
class PairTree:
    """`tree` of `Pair`."""

    value: Tree | None


@dataclass(frozen=True, slots=True)
class PairNone:
    """`none` of `Pair`."""


Pair: TypeAlias = PairTree | PairNone


@dataclass(frozen=True, slots=True)
class Tree:
    pair: Pair | None
    all: Sequence[Pair]
    size: int
    """Defaults to `3`."""


@dataclass(frozen=True, slots=True)
class GroupedGroupWhichLeft:
    """`left` of `GroupedGroupWhich`."""

    value: Grouped | None


@dataclass(frozen=True, slots=True)
class GroupedGroupWhichRight:
    """`right` of `GroupedGroupWhich`."""


GroupedGroupWhich: TypeAlias = GroupedGroupWhichLeft | GroupedGroupWhichRight
"""Which of the members of `grouped-group` is set."""


@dataclass(frozen=True, slots=True)
class GroupedGroup:
    inner: Grouped | None
    which: GroupedGroupWhich


@dataclass(frozen=True, slots=True)
class Grouped:
    group: GroupedGroup


NULL: Final = ChainNext(None)
"""Its first member is set, and null: read as a default, it would have a null in itself, without end."""
SHORT: Final = ChainNext(ChainEnd(3))
SEVERAL: Final = (ChainNext(None), ChainNext(ChainNext(ChainNext(None))), ChainEnd(0))
PAIR_: Final = PairTree(None)
DEEPER: Final = PairTree(Tree(pair=PairNone(), all=(), size=3))
GROUPED_: Final = Grouped(
    group=GroupedGroup(
        inner=Grouped(group=GroupedGroup(inner=None, which=GroupedGroupWhichLeft(None))),
        which=GroupedGroupWhichLeft(None),
    ),
)


# The bridge's tables: WIT names and types.
CHAIN_NODE = wit.Variant(
    (wit.Case("next", wit.Option(wit.Index()), ChainNext), wit.Case("end", wit.U8, ChainEnd)),
    "chain-node",
)
CHAIN = wit.arena(CHAIN_NODE, "chain")
PAIR_NODE = wit.Variant(
    (wit.Case("tree", wit.Option(wit.Index("tree")), PairTree), wit.Case("none", None, PairNone)),
    "pair-node",
)
TREE_NODE = wit.Record(
    (
        wit.Field("pair", wit.Option(wit.Index("pair")), "pair"),
        wit.Field("all", wit.List(wit.Index("pair")), "all"),
        wit.Field("size", wit.U8, "size"),
    ),
    Tree,
    "tree-node",
)
PAIR_NODES = wit.Variant((wit.Case("pair", PAIR_NODE), wit.Case("tree", TREE_NODE)), "pair-nodes")
PAIR = wit.arena(PAIR_NODES, "pair", "pair")
TREE = wit.arena(PAIR_NODES, "tree", "tree")
GROUPED_GROUP_WHICH = wit.Variant(
    (
        wit.Case("left", wit.Option(wit.Index()), GroupedGroupWhichLeft),
        wit.Case("right", None, GroupedGroupWhichRight),
    ),
    "grouped-group-which",
)
GROUPED_GROUP = wit.Record(
    (wit.Field("inner", wit.Option(wit.Index()), "inner"), wit.Field("which", GROUPED_GROUP_WHICH, "which")),
    GroupedGroup,
    "grouped-group",
)
GROUPED_NODE = wit.Record((wit.Field("group", GROUPED_GROUP, "group"),), Grouped, "grouped-node")
GROUPED = wit.arena(GROUPED_NODE, "grouped")
BINDINGS = wit.Bindings(
    package="case:constants-of-recursive@0.1.0",
    interface="schema",
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0x95B72C1BE2F9E5B1),
)
