"""What a component defines, and the index spaces in which its definitions are found."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from capwit.engine.component import Unsupported
from capwit.engine.types import Function, Resource, Type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capwit.engine.binary import DecodeError, Reader
    from capwit.engine.scope import Scope

T = TypeVar("T")


class Sort(IntEnum):
    """The index spaces. All the core ones are one here: nothing of them is kept."""

    CORE = 0
    FUNCTION = 1
    VALUE = 2
    TYPE = 3
    COMPONENT = 4
    INSTANCE = 5


SORT_NAMES: Final[Mapping[Sort, str]] = {
    Sort.CORE: "a core item",
    Sort.FUNCTION: "a function",
    Sort.VALUE: "a value",
    Sort.TYPE: "a type",
    Sort.COMPONENT: "a component",
    Sort.INSTANCE: "an instance",
}


@dataclass(frozen=True, eq=False, slots=True)
class Value:
    """A value type. Its identity tells who defined it: to `use` a type is to name the same object.

    `size` counts the nodes of the type written out as a tree, `depth` its levels.
    """

    type: Type
    size: int = 1
    depth: int = 1
    named: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Signature:
    """A function, or its type. `size` counts the nodes of its types."""

    function: Function
    size: int


@dataclass(frozen=True, eq=False, slots=True)
class Nested:
    """A component defined inside another, and the scope it stands in."""

    start: int
    end: int
    scope: Scope


@dataclass(frozen=True, eq=False, slots=True)
class InstanceType:
    """An instance type's declarations, and the scope they stand in."""

    start: int
    end: int
    scope: Scope


@dataclass(frozen=True, eq=False, slots=True)
class ComponentType:
    """A component type. Only what it is is kept: a component that imports one is refused."""


@dataclass(frozen=True, eq=False, slots=True)
class Instance:
    """An instance: its exports."""

    exports: Mapping[str, Item]


Item: TypeAlias = (
    Signature | Value | Resource | InstanceType | ComponentType | Nested | Instance | Unsupported
)


@dataclass(eq=False)
class Spaces:
    """The index spaces of a component or type."""

    spaces: Mapping[Sort, list[Item]] = field(
        default_factory=lambda: {sort: [] for sort in Sort}, init=False, repr=False
    )

    def add(self, sort: Sort, item: Item) -> None:
        """Define the next item of an index space."""
        self.spaces[sort].append(item)

    def item(self, reader: Reader, sort: Sort, index: int) -> Item:
        """The item at an index."""
        space = self.spaces[sort]
        if index >= len(space):
            raise reader.error(f"refers to {SORT_NAMES[sort]} number {index}, of {len(space)}")
        return space[index]

    def get(self, reader: Reader, sort: Sort, kind: type[T]) -> T:
        """The item whose index comes next, which must be of one kind."""
        item = self.item(reader, sort, reader.u32())
        if not isinstance(item, kind):
            raise reader.error(f"refers to {SORT_NAMES[sort]} that is not a {kind.__name__.lower()}")
        return item


def unsupported(reader: Reader, what: str) -> DecodeError:
    """The error for what the engine does not carry."""
    return reader.error(
        f"uses {what}, which is not supported: build for WASI 0.2, without async (P3) features"
    )
