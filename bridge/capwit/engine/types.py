"""The component model's types, and the Python values they convert to.

One closed union serves every reader: the decoder builds it from a component's binary, generated
bindings build it with their own classes in it, and the plans compile it. A type without a `make`
uses plain Python values: a record is a `dict` by label, a variant a `(label, payload)` pair, an enum
a `str`, flags a `frozenset[str]`.

Source: https://github.com/WebAssembly/component-model/blob/main/design/mvp/Explainer.md#type-definitions
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeAlias, TypeVar, assert_never

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from enum import Enum as PyEnum

T = TypeVar("T")

# A Python class that values of a WIT type are made of.
PyClass: TypeAlias = "type[Any]"


@dataclass(frozen=True, slots=True)
class Prim:
    """A scalar: bool, s8..u64, f32, f64 or char."""

    name: str


@dataclass(frozen=True, slots=True)
class String:
    """`string`: a `str`."""


@dataclass(frozen=True, slots=True)
class List:
    """`list<element>`: a `list`, or `bytes` when the element is `u8`."""

    element: Type


class Field(NamedTuple):
    """A record's field: its WIT label, its type, and the attribute that holds it in Python."""

    label: str
    type: Type
    attribute: str


@dataclass(frozen=True, slots=True)
class Record:
    """A record: an instance of `make`, built from its fields in order, or a dict by label.

    Where Python has it in another shape, `spread` returns an object with the fields' attributes of a
    value, and `make` is its inverse.
    """

    fields: tuple[Field, ...]
    make: PyClass | Callable[..., Any] | None = field(default=None, compare=False)
    name: str = field(default="", compare=False)
    spread: Callable[[Any], Any] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Tuple:
    """`tuple<...>`: a `tuple`."""

    items: tuple[Type, ...]


class Case(NamedTuple):
    """A variant's case. `make` is the class of the case; a payload stands in its `value`."""

    label: str
    type: Type | None
    make: PyClass | None = None


@dataclass(frozen=True)
class Variant:
    """A variant: an instance of the case's class, or `(label, payload)` where cases have none."""

    cases: tuple[Case, ...]
    name: str = field(default="", compare=False)

    @cached_property
    def known(self) -> dict[object, Case]:
        """Each case, by its label and by its class if it has one."""
        return {key: case for case in self.cases for key in (case.label, case.make) if key is not None}


@dataclass(frozen=True)
class Enum:
    """An enum: a member of `make` (whose values are the labels), or the label."""

    labels: tuple[str, ...]
    make: type[PyEnum] | None = field(default=None, compare=False)
    name: str = field(default="", compare=False)

    @cached_property
    def known(self) -> frozenset[object]:
        """All that is of the type."""
        return frozenset(self.labels if self.make is None else self.make)


@dataclass(frozen=True, slots=True)
class Flags:
    """Flags: a `frozenset` of labels."""

    labels: tuple[str, ...]
    name: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Option:
    """`option<some>`: `None` or the value; where `some` is itself an option, `Some(value)`."""

    some: Type


@dataclass(frozen=True, slots=True)
class Result:
    """`result<ok, err>`: `Ok(value)` or `Err(value)`."""

    ok: Type | None
    err: Type | None


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource type, named by the interface that defines it.

    `guest` tells that the component itself defines it: the host holds its handles, and cannot
    look inside. `make` is the class that the host sees its handles as.
    """

    interface: str
    name: str
    guest: bool = False
    make: PyClass | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Own:
    """`own<resource>`."""

    resource: Resource


@dataclass(frozen=True, slots=True)
class Borrow:
    """`borrow<resource>`."""

    resource: Resource


Type: TypeAlias = (
    Prim | String | List | Record | Tuple | Variant | Enum | Flags | Option | Result | Own | Borrow
)


class Param(NamedTuple):
    """A function's parameter."""

    label: str
    type: Type


@dataclass(frozen=True, slots=True)
class Function:
    """A function's type."""

    params: tuple[Param, ...]
    result: Type | None


@dataclass(frozen=True, slots=True)
class Some(Generic[T]):
    """The value of an option whose own type is an option."""

    value: T


@dataclass(frozen=True, slots=True)
class Ok(Generic[T]):
    """A result's good end."""

    value: T


@dataclass(frozen=True, slots=True)
class Err(Generic[T]):
    """A result's bad end."""

    value: T


BOOL: Final = Prim("bool")
S8: Final = Prim("s8")
U8: Final = Prim("u8")
S16: Final = Prim("s16")
U16: Final = Prim("u16")
S32: Final = Prim("s32")
U32: Final = Prim("u32")
S64: Final = Prim("s64")
U64: Final = Prim("u64")
F32: Final = Prim("f32")
F64: Final = Prim("f64")
CHAR: Final = Prim("char")
STRING: Final = String()
BYTES: Final = List(U8)


def parts(type: Type) -> Iterator[Type]:
    """Yield the types that a type is directly made of."""
    match type:
        case List(element):
            yield element
        case Option(some):
            yield some
        case Tuple(items):
            yield from items
        case Result(ok, err):
            yield from (end for end in (ok, err) if end)
        case Record(fields):
            yield from (field.type for field in fields)
        case Variant(cases):
            yield from (case.type for case in cases if case.type)
        case Prim() | String() | Enum() | Flags() | Own() | Borrow():
            return
        case _:
            assert_never(type)


def breadth(type: Type) -> int:
    """Return how many values one of a type is made of at most, itself among them: a list's items are not.

    The types themselves must be bounded: each part counts wherever it is.
    """
    match type:
        case Record() | Tuple():
            return 1 + sum(map(breadth, parts(type)))
        case Variant() | Option() | Result():
            return 1 + max(map(breadth, parts(type)), default=0)
        case Flags(labels):
            return 1 + len(labels)
        case List() | Prim() | String() | Enum() | Own() | Borrow():
            return 1
        case _:
            assert_never(type)
