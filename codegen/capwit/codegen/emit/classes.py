"""Python classes as lines of text, the names that they hide, and the order that they stand in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

from capwit.codegen import model
from capwit.codegen.base import docs, names
from capwit.codegen.base.graph import components

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# Of modules. One more, here and in `capwit.bridge.binding`, when older ones would not run any more.
FORMAT: Final = 1


def hidden_names(definition: model.Definition) -> frozenset[str]:
    """The names that a definition's class defines."""
    match definition:
        case model.Record(fields=fields):
            return frozenset(field.attribute for field in fields)
        case model.Resource(methods=methods, casts=casts):
            own = {method.attribute for method in methods} | {cast.attribute for cast in casts}
            return names.CLIENT_ATTRIBUTES | own
        case model.Variant():
            return frozenset({"value"})
        case model.Enum() | model.Nodes() | model.Arena():
            return frozenset()
        case _:
            assert_never(definition)


def bases_first(resources: Sequence[model.Resource]) -> list[model.Resource]:
    """The interfaces, each behind those that it extends."""
    by_key = {each.key: each for each in resources}
    edges = {each.key: [base for base in each.bases if base in by_key] for each in resources}
    return [by_key[key] for component in components(edges) for key in component]


def docstring(doc: str) -> list[str]:
    """A docstring's lines, or none."""
    return docs.python_lines(doc) if doc else []


def indented(inner: Iterable[str]) -> Iterator[str]:
    """Lines inside of something."""
    return (f"    {line}" if line else "" for line in inner)


def class_lines(head: str, body: Iterable[list[str]]) -> list[str]:
    """A class; its docstring and its other parts have empty lines between them."""
    parts = [part for part in body if part]
    if not parts:
        return [f"class {head}: ..."]
    inner = [line for part in parts for line in ("", *part)][1:]
    return [f"class {head}:", *indented(inner)]
