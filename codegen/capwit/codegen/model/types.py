"""The types that WIT has of a schema's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias


class Key(NamedTuple):
    """Which definition a type refers to.

    `node` is the schema's declaration it comes from; `part` tells apart what one declaration gives rise
    to (`which`: the variant of a struct's unnamed union; `""`: the declaration itself).
    """

    node: int
    part: str = ""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A scalar by its WIT name: `bool`, `s8` to `u64`, `f32`, `f64`."""

    name: str


@dataclass(frozen=True, slots=True)
class Text:
    """`string`."""


@dataclass(frozen=True, slots=True)
class Data:
    """`list<u8>`: bytes."""


@dataclass(frozen=True, slots=True)
class ListOf:
    """`list<element>`."""

    element: Type


@dataclass(frozen=True, slots=True)
class OptionOf:
    """`option<some>`."""

    some: Type


@dataclass(frozen=True, slots=True)
class Ref:
    """A record, variant or enum."""

    key: Key


@dataclass(frozen=True, slots=True)
class Own:
    """A capability that changes hands."""

    key: Key


@dataclass(frozen=True, slots=True)
class Borrow:
    """A capability that is lent for the time of a call."""

    key: Key


@dataclass(frozen=True, slots=True)
class Index:
    """A struct that contains itself, where its own arena refers to it: a `u32`.

    `key` is that of its arena, `case` its case in the variant over the arena's nodes, if there is one.
    """

    key: Key
    case: str


Type: TypeAlias = Scalar | Text | Data | ListOf | OptionOf | Ref | Own | Borrow | Index


def named(type: Type) -> Key | None:
    """The definition that a type refers to, through lists and options."""
    while isinstance(type, ListOf | OptionOf):
        type = type.element if isinstance(type, ListOf) else type.some
    return type.key if isinstance(type, Ref | Own | Borrow) else None
