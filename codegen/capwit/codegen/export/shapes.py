"""WIT's types without the scopes that their names stand in: what Cap'n Proto can say of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from capwit.codegen.errors import GenerateError
from capwit.codegen.wit_reader.syntax import (
    Alias,
    FutureOf,
    Handle,
    ListOf,
    MapOf,
    Named,
    OptionOf,
    Primitive,
    Resource,
    ResultOf,
    StreamOf,
    TupleOf,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from capwit.codegen.wit_reader.packages import Interface, Wit
    from capwit.codegen.wit_reader.syntax import Definition, Head, Name, PackageName, Type

BRIDGE: Final = ("capwit", "bridge", "errors")
"""Namespace, package and interface of what every generated package uses."""

_PRIMITIVES: Final = {
    "bool": "Bool", "s8": "Int8", "u8": "UInt8", "s16": "Int16", "u16": "UInt16", "s32": "Int32",
    "u32": "UInt32", "s64": "Int64", "u64": "UInt64", "f32": "Float32", "f64": "Float64",
    "char": "UInt32", "string": "Text",
}  # fmt: skip
_UNTOLD: Final = {"any-cap": "Capability", "any-value": "AnyPointer"}


@dataclass(frozen=True, slots=True, eq=False)
class Builtin:
    """What Cap'n Proto has itself: `UInt32`, `Text`, `Data`, `Capability`, `AnyPointer`."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class List:
    """`List(element)`."""

    element: Shape


@dataclass(frozen=True, slots=True, eq=False)
class Declared:
    """A struct or enum, by the interface that declares it and its label there."""

    scope: str
    label: str


@dataclass(frozen=True, slots=True, eq=False)
class Capability:
    """A capability: its interface, and whether it is only lent."""

    scope: str
    label: str
    lent: bool


@dataclass(frozen=True, slots=True, eq=False)
class Option:
    """`option<some>`: a struct of its own."""

    some: Shape


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """`result<ok, error>`: a struct of its own."""

    ok: Shape | None
    error: Shape | None


@dataclass(frozen=True, slots=True, eq=False)
class Tuple:
    """`tuple<items>`: a struct of its own."""

    items: tuple[Shape, ...]


Anonymous: TypeAlias = Option | Result | Tuple
Shape: TypeAlias = Builtin | List | Declared | Capability | Anonymous


@dataclass(frozen=True, slots=True)
class Shapes:
    """Finds shapes in some packages.

    There is one object for each shape, by which others know it: written out, a shape may be endlessly large,
    since a name in it stands for two of the next.
    """

    wit: Wit
    made: dict[tuple[object, ...], Shape] = field(default_factory=dict)
    known: dict[tuple[str, str, bool], Shape] = field(default_factory=dict)  # by scope, label, and lent

    def shape(self, scope: Interface, type: Type, at: Name) -> Shape:
        """The shape of a type in a scope; errors name the declaration `at`. Raises `GenerateError`."""
        match type:
            case Primitive("error-context"):
                raise unmapped(at, "error-context", "give a record that tells the error")
            case Primitive(name):
                return self._one(Builtin, _PRIMITIVES[name])
            case ListOf(Primitive("u8"), None):
                return self._one(Builtin, "Data")
            case ListOf(element, None):
                return self._one(List, self.shape(scope, element, at))
            case ListOf():
                raise unmapped(at, "a list of a fixed length", "make it a list of any length, or a record")
            case MapOf():
                raise unmapped(at, "a map", "make it a list of pairs")
            case FutureOf() | StreamOf():
                kind = "a future" if isinstance(type, FutureOf) else "a stream"
                raise unmapped(at, kind, "give a resource, whose methods hand out what comes")
            case OptionOf(some):
                return self._one(Option, self.shape(scope, some, at))
            case ResultOf(ok, error):
                inner = [self.shape(scope, each, at) if each else None for each in (ok, error)]
                return self._one(Result, *inner)
            case TupleOf(items):
                return self._one(Tuple, tuple(self.shape(scope, each, at) for each in items))
            case Handle(name, borrowed):
                return self._named(scope, name, at, borrowed)
            case Named(name):
                return self._named(scope, name, at, lent=False)

    def _one(self, kind: Callable[..., Shape], *parts: object) -> Shape:
        return self.made.setdefault((kind, *parts), kind(*parts))

    def _named(self, scope: Interface, name: Name, at: Name, lent: bool) -> Shape:
        owner, definition = self.wit.declared(scope.id, name.text)
        key = owner.id, definition.head.label, lent
        if key not in self.known:
            self.known[key] = self._definition(owner, definition, at, lent)
        return self.known[key]

    def _definition(self, owner: Interface, definition: Definition, at: Name, lent: bool) -> Shape:
        label = definition.head.label
        if isinstance(definition, Alias):
            return self._alias(owner, definition, at)
        if key(owner.package, owner.label) == BRIDGE:
            if label not in _UNTOLD:
                raise unmapped(at, f"`{label}` as a value", "use a type of your own")
            return self._one(Builtin, _UNTOLD[label])
        if isinstance(definition, Resource):
            return self._one(Capability, owner.id, label, lent)
        return self._one(Declared, owner.id, label)

    def _alias(self, owner: Interface, alias: Alias, at: Name) -> Shape:
        """What an alias stands for; what has no name else has the alias's."""
        inner = alias.type
        if self.is_nullable(owner, inner):
            return self.shape(owner, inner, at)
        if isinstance(inner, OptionOf | ResultOf | TupleOf):
            return self._one(Declared, owner.id, alias.head.label)
        return self.shape(owner, inner, at)

    def anonymous(self, scope: Interface, alias: Alias) -> Anonymous | None:
        """The shape of an alias that gives a name to what has none else. Raises `GenerateError`."""
        if self.is_nullable(scope, alias.type):
            return None
        if not isinstance(alias.type, OptionOf | ResultOf | TupleOf):
            return None
        shape = self.shape(scope, alias.type, alias.head.name)
        assert isinstance(shape, Option | Result | Tuple)
        return shape

    def is_nullable(self, scope: Interface, type: Type) -> bool:
        """Whether a type is an option of a capability: a null says it in a field."""
        if not isinstance(type, OptionOf):
            return False
        some = type.some
        _, meant = self.wit.meant(scope.id, some)
        return isinstance(meant, Resource | Handle)

    def failing(self, scope: Interface, type: Type | None) -> tuple[bool, Type | None, Interface]:
        """Whether a result is one that a call may fail with, and what it is else; with the scope of that."""
        if type is None:
            return False, None, scope
        owner, meant = self.wit.meant(scope.id, type)
        if isinstance(meant, ResultOf) and isinstance(meant.error, Named):
            home, error = self.wit.find(owner.id, meant.error.name.text)
            if key(home.package, home.label) == BRIDGE and error.head.label == "cap-error":
                return True, meant.ok, owner
        return False, type, scope


def key(package: PackageName, interface: str) -> tuple[str, str, str]:
    """An interface without its version."""
    return package.namespace, package.name, interface


def unmapped(at: Name, what: str, mend: str) -> GenerateError:
    """The error for what Cap'n Proto has no words for."""
    return GenerateError(*at.place, at.text, f"{what} is not mapped to Cap'n Proto", mend)


def documented(head: Head) -> str:
    """The documentation of a declaration, and since when it should not be used."""
    told = [f"Deprecated since {gate.value}." for gate in head.gates if gate.kind == "deprecated"]
    return "\n\n".join(filter(None, [head.doc, *told]))
