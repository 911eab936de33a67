"""Random types of the component model, as a guest of these tests may echo them."""

from __future__ import annotations

import enum
from dataclasses import make_dataclass, replace
from typing import TYPE_CHECKING

from capwit.engine import types as wit
from hypothesis import strategies as st

from tests.engine.support import THING
from tests.support.values import INTEGERS

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

SCALARS = [wit.Prim(name) for name in ("bool", "char", "f32", "f64", *INTEGERS)]
LABELS = tuple(f"l{i}-x" for i in range(6))


def records(items: SearchStrategy[wit.Type]) -> SearchStrategy[wit.Type]:
    return st.lists(items, min_size=1, max_size=5).map(
        lambda found: wit.Record(
            tuple(wit.Field(f"f{i}-x", item, f"f{i}_x") for i, item in enumerate(found)), None, "rec"
        )
    )


def variants(items: SearchStrategy[wit.Type]) -> SearchStrategy[wit.Type]:
    return st.lists(st.none() | items, min_size=1, max_size=4).map(
        lambda found: wit.Variant(tuple(wit.Case(f"c{i}-x", item) for i, item in enumerate(found)), "var")
    )


LEAVES: SearchStrategy[wit.Type] = st.one_of(
    st.sampled_from([*SCALARS, wit.STRING, wit.BYTES, wit.Own(THING)]),
    st.integers(1, 6).map(lambda n: wit.Enum(LABELS[:n], None, "enu")),
    st.integers(1, 6).map(lambda n: wit.Flags(LABELS[:n], "fla")),
)


def types_of(leaves: SearchStrategy[wit.Type]) -> SearchStrategy[wit.Type]:
    """Types that are made of others."""
    return st.recursive(
        leaves,
        lambda items: st.one_of(
            items.map(wit.List),
            items.map(wit.Option),
            st.lists(items, min_size=1, max_size=4).map(lambda found: wit.Tuple(tuple(found))),
            st.builds(wit.Result, st.none() | items, st.none() | items),
            records(items),
            variants(items),
        ),
        max_leaves=8,
    )


TYPES: SearchStrategy[wit.Type] = types_of(LEAVES)


def with_classes(type: wit.Type) -> wit.Type:
    """The same type, with Python classes of its own."""
    match type:
        case wit.Record(fields):
            bound = tuple(f._replace(type=with_classes(f.type)) for f in fields)
            return replace(type, fields=bound, make=make_dataclass("Rec", [f.attribute for f in fields]))
        case wit.Variant(cases):
            return replace(
                type,
                cases=tuple(
                    wit.Case(
                        case.label,
                        case.type and with_classes(case.type),
                        make_dataclass(f"Case{i}", ["value"] if case.type else []),
                    )
                    for i, case in enumerate(cases)
                ),
            )
        case wit.Enum(labels):
            members = [(f"M{i}", label) for i, label in enumerate(labels)]
            return wit.Enum(labels, enum.Enum("Enu", members))  # type: ignore[arg-type]
        case wit.List(element):
            return wit.List(with_classes(element))
        case wit.Option(some):
            return wit.Option(with_classes(some))
        case wit.Tuple(items):
            return wit.Tuple(tuple(with_classes(item) for item in items))
        case wit.Result(ok, err):
            return wit.Result(ok and with_classes(ok), err and with_classes(err))
        case _:
            return type
