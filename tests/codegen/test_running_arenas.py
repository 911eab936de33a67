"""Arenas as a guest makes them, well-formed or not: what is not is the error of the call that carries it."""

from __future__ import annotations

import gc
import struct
from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import Host

from tests.codegen.support import case, scenario
from tests.engine.support import ALLOCATOR
from tests.support.components import ERROR_IMPORTS, wat

if TYPE_CHECKING:
    from collections.abc import Sequence

NODES = 1024  # where the guest has its nodes
NODE = struct.Struct("<IIIIB3xI")  # label, children (each a pointer and a length), owner (whether, and which)


def image(children: Sequence[Sequence[int]]) -> bytes:
    """The guest's memory from `NODES` on: nodes with these children, the first one with an owner."""
    at = NODES + NODE.size * len(children)
    nodes, lists = b"", b""
    for number, each in enumerate(children):
        nodes += NODE.pack(0, 0, at + len(lists), len(each), not number, 0)
        lists += struct.pack(f"<{len(each)}I", *each)
    return nodes + lists


def grower(children: Sequence[Sequence[int]]) -> bytes:
    """A component that passes a tree to a forest, and returns the reason of the error, or nothing."""
    data = "".join(f"\\{byte:02x}" for byte in image(children))
    return wat(f"""
  {ERROR_IMPORTS}
  (import "case:recursive/schema@0.1.0" (instance $s
    (export "cap-error" (type $error (eq $cap-error)))
    (export "owner" (type $owner (sub resource)))
    (type $nodex (record (field "label" string) (field "children" (list u32))
      (field "owner" (option (own $owner)))))
    (export "tree-node" (type $node (eq $nodex)))
    (type $treex (record (field "nodes" (list $node))))
    (export "tree" (type $tree (eq $treex)))
    (export "forest" (type $forest (sub resource)))
    (export "[method]forest.grow" (func (param "self" (borrow $forest)) (param "tree" $tree)
      (result (result $tree (error $error)))))))
  (alias export $s "forest" (type $forest))
  (alias export $s "owner" (type $owner))
  {ALLOCATOR}
  (core func $grow (canon lower (func $s "[method]forest.grow") (memory (core memory $libc "memory"))
    (realloc (core func $libc "realloc"))))
  (core module $m
    (import "l" "memory" (memory 1))
    (import "h" "grow" (func $grow (param i32 i32 i32 i32)))
    (data (i32.const {NODES}) "{data}")
    (func (export "run") (param $forest i32) (param $owner i32) (result i32)
      (i32.store (i32.const {NODES + 20}) (local.get $owner))
      (call $grow (local.get $forest) (i32.const {NODES}) (i32.const {len(children)}) (i32.const 16))
      (if (i32.eqz (i32.load8_u (i32.const 16))) (then (i64.store (i32.const 24) (i64.const 0))))
      (i32.const 24)))
  (core instance $i (instantiate $m (with "l" (instance $libc))
    (with "h" (instance (export "grow" (func $grow))))))
  (func (export "run") (param "forest" (own $forest)) (param "owner" (own $owner)) (result string)
    (canon lift (core func $i "run") (memory (core memory $libc "memory"))
      (realloc (core func $libc "realloc"))))
""")


class Owner:
    def name(self) -> str:
        return "someone"


class Forest:
    def __init__(self) -> None:
        self.grown: list[Any] = []

    def grow(self, tree: Any) -> Any:
        self.grown.append(tree)
        return tree

    def all(self, trees: Any) -> Any: ...


async def told(children: Sequence[Sequence[int]], forest: Forest) -> str:
    """What a guest is told of a tree of its own."""
    m = case("recursive")
    async with Host() as host:
        app = await host.load(grower(children), m.BINDINGS)
        async with app.instantiate() as instance:
            reason = await instance.call("run", m.ForestClient(forest), m.OwnerClient(Owner()))
            assert isinstance(reason, str)
            forest.grown.clear()
            gc.collect()
            # Of the owner, the guest has what came back, and the host nothing.
            assert instance.handles == (1 if reason else 2)
            assert len(host.ledger.live()) == instance.handles
    assert host.ledger.balance == 0
    return reason


@scenario
async def test_a_tree_that_is_one() -> None:
    class Checked(Forest):
        def grow(self, tree: Any) -> Any:
            assert [len(each.children) for each in tree.children] == [1, 0]
            return super().grow(tree)

    assert await told([[1, 2], [3], [], []], Checked()) == ""


@pytest.mark.parametrize(
    ("children", "why"),
    [
        ([[1, 1], []], "node 0 refers to node 1"),  # an index twice
        ([[1, 2], [2], []], "node 0 refers to node 2"),  # by two nodes
        ([[1], [0]], "node 1 refers to node 0"),  # backwards
        ([[0]], "node 0 refers to node 0"),
        ([[1], [2], [1]], "node 2 refers to node 1"),  # a loop
        ([[7]], "node 0 refers to node 7"),  # out of range
        ([[2**32 - 1]], f"node 0 refers to node {2**32 - 1}"),
        ([[], []], "nothing refers to node 1"),
    ],
)
@scenario
async def test_a_tree_that_is_none_is_that_calls_error(children: list[list[int]], why: str) -> None:
    forest = Forest()
    reason = await told(children, forest)
    assert why in reason
    assert "Mend: refer to each node but the first once, from one before it" in reason
