"""What a component imports and exports, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from capwit.engine.types import Function, Resource, Type

if TYPE_CHECKING:
    from collections.abc import Mapping


class Use(NamedTuple):
    """Where a type that is `use`d comes from: an interface, and the type's name in it."""

    interface: str
    label: str


@dataclass(frozen=True)
class Interface:
    """An imported or exported instance, its members by name and in the binary's order.

    Functions bear the names of the binary: `open`, `[constructor]bucket`, `[method]bucket.get`,
    `[static]bucket.merge`. `uses` tells which of `types` are another interface's.
    """

    name: str
    types: Mapping[str, Type | Resource]
    functions: Mapping[str, Function]
    uses: Mapping[str, Use] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Definition:
    """A value type imported or exported by the component itself, outside any interface."""

    type: Type


@dataclass(frozen=True, slots=True)
class Unsupported:
    """An import or export that no capability can stand for. `what` names its sort for a person."""

    what: str


Extern: TypeAlias = Interface | Function | Resource | Definition | Unsupported


@dataclass(frozen=True)
class Component:
    """A component's imports and exports by name, in the binary's order.

    `uses` tells which of the types imported outside any interface are an interface's.
    """

    imports: Mapping[str, Extern]
    exports: Mapping[str, Extern]
    uses: Mapping[str, Use] = field(default_factory=dict, compare=False)
