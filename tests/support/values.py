"""Random values of component types, those of generated bindings included, and what it is to be equal."""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING, Any, Final

from capwit.bridge.arena import Index
from capwit.engine import types as wit
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hypothesis.strategies import SearchStrategy

INTEGERS: Final = {f"{sign}{bits}": (sign, bits) for sign in "su" for bits in (8, 16, 32, 64)}
TEXTS: Final = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
DEPTH: Final = 4
"""How deep a value that contains itself may go."""


def values(type: wit.Type, own: SearchStrategy[Any] | Callable[[wit.Resource], SearchStrategy[Any]]) -> Any:
    """Values of a type; `own` gives the capabilities in them."""
    return _values(type, own if callable(own) else lambda _: own)


@st.composite
def _values(draw: st.DrawFn, type: wit.Type, own: Callable[[wit.Resource], SearchStrategy[Any]]) -> Any:
    return _Values(draw, own).value(type)


class _Values:
    def __init__(self, draw: st.DrawFn, own: Callable[[wit.Resource], SearchStrategy[Any]]) -> None:
        self.draw = draw
        self.own = own
        self.depth = 0
        self.nodes: Mapping[str, wit.Type] = {}  # of the arena at hand

    def value(self, type: wit.Type) -> Any:
        match type:
            case Index(case=case):
                self.depth += 1
                try:
                    return self.value(self.nodes[case])
                finally:
                    self.depth -= 1
            case wit.Record(spread=None, fields=fields, make=make):
                parts = [self.value(f.type) for f in fields]
                return (
                    make(*parts) if make else {f.label: part for f, part in zip(fields, parts, strict=True)}
                )
            case wit.Record(fields=[wit.Field(type=wit.List(nodes))], name=name):
                return self.arena(nodes, name)
            case wit.Variant(cases):
                return self.case(self.draw(st.sampled_from(cases)))
            case wit.Option(wit.Option() as some):
                return wit.Some(self.value(some)) if self.draw(st.booleans()) else None
            case wit.Option(some):
                return self.value(some) if self.draw(st.booleans()) and self.more(some) else None
            case wit.List(element) if element != wit.U8:
                most = 2 if self.depth else 4
                return [
                    self.value(element)
                    for _ in range(self.draw(st.integers(0, most)) if self.more(element) else 0)
                ]
            case wit.Tuple(items):
                return tuple(self.value(item) for item in items)
            case wit.Result(ok, err):
                good = self.draw(st.booleans())
                end = ok if good else err
                return (wit.Ok if good else wit.Err)(None if end is None else self.value(end))
            case wit.Own(resource):
                return self.draw(self.own(resource))
            case _:
                return self.draw(_scalars(type))

    def more(self, type: wit.Type) -> bool:
        """Whether there may be a value of something that may be left out."""
        return not isinstance(type, Index) or self.depth < DEPTH

    def arena(self, nodes: wit.Type, name: str) -> Any:
        """A value that contains itself: what its root is. Several types in one arena are told by `name`."""
        around = self.nodes, self.depth
        self.nodes, self.depth = _kinds(nodes), 0
        try:
            return self.value(self.nodes["" if "" in self.nodes else name])
        finally:
            self.nodes, self.depth = around

    def case(self, case: wit.Case) -> Any:
        if case.make is None:
            return case.label, None if case.type is None else self.value(case.type)
        return case.make() if case.type is None else case.make(self.value(case.type))


def _kinds(nodes: wit.Type) -> dict[str, wit.Type]:
    """The types of an arena's nodes, by their case in the variant over them, if there is one."""
    if isinstance(nodes, wit.Variant) and nodes.cases[0].make is None:
        return {case.label: case.type for case in nodes.cases if case.type}
    return {"": nodes}


def _scalars(type: wit.Type) -> SearchStrategy[Any]:
    match type:
        case wit.Prim("bool"):
            return st.booleans()
        case wit.Prim("char"):
            return st.characters(exclude_categories=["Cs"])
        case wit.Prim("f32"):
            return st.floats(width=32)
        case wit.Prim("f64"):
            return st.floats()
        case wit.Prim(name):
            sign, bits = INTEGERS[name]
            low = 0 if sign == "u" else -(1 << (bits - 1))
            return st.integers(low, low + (1 << bits) - 1)
        case wit.String():
            return TEXTS
        case wit.List():
            return st.binary(max_size=40)
        case wit.Enum(labels, make):
            return st.sampled_from(list(make or labels))
        case wit.Flags(labels):
            return st.frozensets(st.sampled_from(labels))
        case _:
            raise AssertionError(f"{type} cannot be returned")


def same(one: Any, other: Any) -> bool:
    """Equality where NaN is NaN, and -0.0 is not 0.0."""
    if one.__class__ is not other.__class__:
        return False
    if isinstance(one, float):
        return math.isnan(one) == math.isnan(other) and (
            math.isnan(one) or struct.pack("d", one) == struct.pack("d", other)
        )
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, wit.Some | wit.Ok | wit.Err):
        return same(one.value, other.value)
    if hasattr(one, "__dataclass_fields__"):
        return all(same(getattr(one, name), getattr(other, name)) for name in one.__dataclass_fields__)
    return bool(one == other)
