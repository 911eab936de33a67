"""Values that contain themselves, which WIT has only as arenas: all nodes in one list, the root first.

In Python they are what the schema says: dataclasses in dataclasses. Both ways are iterative: neither a
deep value of the host's nor an arena of a guest's meets the recursion limit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from capwit.engine.types import Field, List, Option, Prim, Record, Type, Variant

from .errors import CapError, ErrorKind

MOST_NODES: Final = 1 << 20
"""How many nodes one value may have: a list that holds itself would never end."""


@dataclass(frozen=True, slots=True)
class Index(Prim):
    """A `u32` that refers to another node of its arena: to the `case` of the variant over its nodes."""

    name: str
    case: str

    def __init__(self, case: str = "") -> None:
        """Refer to nodes of a case; where all nodes are of one type there are none."""
        object.__setattr__(self, "name", "u32")
        object.__setattr__(self, "case", case)


@dataclass(frozen=True, slots=True)
class _Spread:
    """A value as WIT has it."""

    nodes: Sequence[Any]


# What stands in place of a reference: given the reference's case, and what stands there now.
_Swap: TypeAlias = Callable[[str, Any], Any]
_Swapper: TypeAlias = Callable[[Any, _Swap], Any]


def arena(nodes: Type, name: str, case: str = "") -> Record:
    """Return the record of values whose parts are `nodes`: a type with `Index` in it.

    Where several types contain each other, `nodes` is the variant over them, and `case` that of the root.
    """
    if case and isinstance(nodes, Variant):
        swappers = {each.label: _swapper(each.type) for each in nodes.cases if each.type}
    else:
        swappers = {"": _swapper(nodes)}

    def spread(value: Any) -> _Spread:
        waiting: list[tuple[str, Any]] = [(case, value)]
        found: list[Any] = []

        def refer(to: str, part: Any) -> int:
            waiting.append((to, part))
            return len(waiting) - 1

        for kind, part in waiting:
            if len(waiting) > MOST_NODES:
                raise ValueError(f"a {name} of more than {MOST_NODES} parts")
            swap = swappers[kind]
            node = swap(part, refer) if swap else part
            found.append((kind, node) if case else node)
        return _Spread(found)

    def make(listed: Sequence[Any]) -> Any:
        if not listed:
            raise _broken(name, "it has no nodes")
        kinds, parts = (list(each) for each in zip(*listed, strict=True)) if case else ([], list(listed))
        if case and kinds[0] != case:
            raise _broken(name, f"its root is a {kinds[0]}")
        used = [False] * len(parts)
        used[0] = True
        at = 0

        def resolve(to: str, index: int) -> Any:
            if not at < index < len(parts) or used[index]:
                raise _broken(name, f"node {at} refers to node {index}")
            if case and kinds[index] != to:
                raise _broken(name, f"node {at} refers to node {index} as a {to}")
            used[index] = True
            return parts[index]

        for at in range(len(parts) - 1, -1, -1):  # what a node refers to stands behind it
            swap = swappers[kinds[at] if case else ""]
            if swap:
                parts[at] = swap(parts[at], resolve)
        if not all(used):
            raise _broken(name, f"nothing refers to node {used.index(False)}")
        return parts[0]

    return Record((Field("nodes", List(nodes), "nodes"),), make, name, spread)


def _broken(name: str, why: str) -> CapError:
    return CapError(
        ErrorKind.FAILED,
        f"a {name} is not well-formed: {why}. "
        "Mend: refer to each node but the first once, from one before it",
    )


def _swapper(type: Type | None) -> _Swapper | None:
    """Return what replaces all references in a node, or None where it has none."""
    match type:
        case Index(case=case):
            return lambda value, swap: swap(case, value)
        case List(element):
            return _in_list(_swapper(element))
        case Option(some):
            return _in_option(_swapper(some))
        case Record(fields, make, spread=None) if make is not None:
            return _in_record(make, [(field.attribute, _swapper(field.type)) for field in fields])
        case Variant(cases):
            return _in_variant({case.make: _swapper(case.type) for case in cases})
        case _:
            return None


def _in_list(inner: _Swapper | None) -> _Swapper | None:
    return inner and (lambda value, swap: [inner(item, swap) for item in value])


def _in_option(inner: _Swapper | None) -> _Swapper | None:
    return inner and (lambda value, swap: None if value is None else inner(value, swap))


def _in_record(make: Callable[..., Any], fields: list[tuple[str, _Swapper | None]]) -> _Swapper | None:
    if not any(swapper for _, swapper in fields):
        return None

    def swap_record(value: Any, swap: _Swap) -> Any:
        parts = ((getattr(value, attribute), inner) for attribute, inner in fields)
        return make(*[inner(part, swap) if inner else part for part, inner in parts])

    return swap_record


def _in_variant(cases: dict[Any, _Swapper | None]) -> _Swapper | None:
    if not any(cases.values()):
        return None

    def swap_variant(value: Any, swap: _Swap) -> Any:
        inner = cases.get(value.__class__)
        return value.__class__(inner(value.value, swap)) if inner else value

    return swap_variant
