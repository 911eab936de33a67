"""Order and loops in a graph. Iterative: a schema may be built to be deep."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

N = TypeVar("N", bound="Hashable")


def closure(roots: Iterable[N], edges: Mapping[N, Iterable[N]]) -> set[N]:
    """What can be reached from `roots`, themselves included."""
    reached: set[N] = set()
    waiting = list(roots)
    while waiting:
        node = waiting.pop()
        if node not in reached:
            reached.add(node)
            waiting += edges.get(node, ())
    return reached


def components(edges: Mapping[N, Sequence[N]]) -> Iterator[list[N]]:
    """The strongly connected components, each behind those that it leads to (Tarjan's algorithm).

    A component of several nodes is a loop, and so is one whose only node leads to itself.
    """
    index: dict[N, int] = {}
    low: dict[N, int] = {}
    open_nodes: dict[N, None] = {}
    for root in edges:
        if root in index:
            continue
        index[root] = low[root] = len(index)
        open_nodes[root] = None
        waiting = [(root, iter(edges[root]))]
        while waiting:
            node, targets = waiting[-1]
            for target in targets:
                if target not in index:
                    index[target] = low[target] = len(index)
                    open_nodes[target] = None
                    waiting.append((target, iter(edges.get(target, ()))))
                    break
                if target in open_nodes:
                    low[node] = min(low[node], index[target])
            else:
                waiting.pop()
                if waiting:
                    holder = waiting[-1][0]
                    low[holder] = min(low[holder], low[node])
                if low[node] == index[node]:
                    component: list[N] = []
                    while not component or component[-1] != node:
                        component.append(open_nodes.popitem()[0])
                    yield component


def is_loop(component: Sequence[N], edges: Mapping[N, Sequence[N]]) -> bool:
    """Whether one of the `components` of a graph is a loop."""
    return len(component) > 1 or component[0] in edges.get(component[0], ())
