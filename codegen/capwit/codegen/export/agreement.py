"""Whether WIT is what a schema gives: a bridge file is believed as far as it fits what it is of."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, assert_never

from capwit.codegen.errors import GenerateError
from capwit.codegen.generator import generate
from capwit.codegen.output import write
from capwit.codegen.wit_reader import read
from capwit.codegen.wit_reader.packages import Origin
from capwit.codegen.wit_reader.syntax import (
    Alias,
    Enum,
    Flags,
    FutureOf,
    Handle,
    ListOf,
    MapOf,
    Named,
    OptionOf,
    Primitive,
    Record,
    Resource,
    ResultOf,
    StreamOf,
    TupleOf,
    Variant,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from capwit.codegen.wit_reader.packages import Interface, Wit
    from capwit.codegen.wit_reader.syntax import Definition, Function, Type

Told: TypeAlias = tuple[object, ...]
Unnamed: TypeAlias = Primitive | ListOf | MapOf | OptionOf | ResultOf | TupleOf | FutureOf | StreamOf | Handle


def check(wit: Wit, schema: Path, bridge: Path) -> None:
    """Check that WIT says nothing else than a schema, which a bridge file has given; it may say less.

    Raises `GenerateError`, which names the first thing that is otherwise.
    """
    with tempfile.TemporaryDirectory(prefix="capwit-") as folder:
        write(generate(schema, validate=False).files, Path(folder))
        made = read(Path(folder, "wit"))
    numbers: dict[Told, int] = {}
    aliases: tuple[dict[Origin, int], dict[Origin, int]] = {}, {}
    for interface in wit.scopes.values():
        if interface.id in made.scopes:
            source = _Side(wit, interface, numbers, aliases[0])
            other = _Side(made, made.scopes[interface.id], numbers, aliases[1])
            for subject, why in _differences(source, other):
                message = f"it is not of what is exported: {interface.id}: {subject} {why}"
                mend = "name the bridge file that the component was built by; or leave it out: --no-bridge"
                raise GenerateError(str(bridge), message=message, mend=mend)


def _differences(source: _Side, made: _Side) -> Iterator[tuple[str, str]]:
    for label, definition in source.interface.definitions.items():
        other = made.interface.definitions.get(label)
        if other is None:
            # A type that the interface only uses may be declared in it where a component was made.
            if label not in made.interface.uses:
                yield f"the type `{label}`", "is not in its schema"
        elif isinstance(definition, Resource) and isinstance(other, Resource):
            yield from _methods(label, definition.functions, other, source, made)
        elif source.definition(definition) != made.definition(other):
            yield f"the type `{label}`", "is another one in its schema"
    for label, function in source.interface.functions.items():
        yield from _function(label, function, made.interface.functions.get(label), source, made)


def _methods(
    label: str, functions: Iterable[Function], other: Resource, source: _Side, made: _Side
) -> Iterator[tuple[str, str]]:
    theirs = {(each.kind, each.head.label): each for each in other.functions}
    for function in functions:
        name = f"{label}.{function.head.label}"
        yield from _function(name, function, theirs.get((function.kind, function.head.label)), source, made)


def _function(
    name: str, function: Function, other: Function | None, source: _Side, made: _Side
) -> Iterator[tuple[str, str]]:
    if other is None:
        yield f"the function `{name}`", "is not in its schema"
    elif source.function(function) != made.function(other):
        yield f"the function `{name}`", "is of another type in its schema"


@dataclass(frozen=True, slots=True)
class _Side:
    """An interface, and its types as numbers: those that are alike have the same, and none is written out.

    What is declared by a name is told by where that is.
    """

    wit: Wit
    interface: Interface
    numbers: dict[Told, int]
    aliases: dict[Origin, int]  # of this side

    def function(self, function: Function) -> Told:
        params = tuple((each.name.text, self.type(each.type)) for each in function.params)
        return params, self.optional(function.result)

    def definition(self, definition: Definition) -> Told:
        match definition:
            case Record(fields=fields):
                return "record", *((each.name.text, self.type(each.type)) for each in fields)
            case Variant(cases=cases):
                return "variant", *((each.name.text, self.optional(each.type)) for each in cases)
            case Enum(cases=cases) | Flags(flags=cases):
                return type(definition).__name__, *(each.name.text for each in cases)
            case Resource():
                return ("resource",)
            case Alias(type=meant):
                return "alias", self.type(meant)
            case _:
                assert_never(definition)

    def optional(self, type: Type | None) -> int | None:
        return None if type is None else self.type(type)

    def type(self, type: Type) -> int:
        if not isinstance(type, Named):
            return self.number(self.told(type))
        interface, definition = self.wit.declared(self.interface.id, type.name.text)
        origin = Origin(interface.id, definition.head.label)
        if not isinstance(definition, Alias):
            return self.number(("own" if isinstance(definition, Resource) else "type", origin))
        if origin not in self.aliases:
            self.aliases[origin] = replace(self, interface=interface).type(definition.type)
        return self.aliases[origin]

    def number(self, told: Told) -> int:
        return self.numbers.setdefault(told, len(self.numbers))

    def told(self, type: Unnamed) -> Told:
        match type:
            case Primitive(name):
                return (name,)
            case ListOf(element, length):
                return "list", self.type(element), length
            case MapOf(key, value):
                return "map", self.type(key), self.type(value)
            case OptionOf(some):
                return "option", self.type(some)
            case ResultOf(ok, error):
                return "result", self.optional(ok), self.optional(error)
            case TupleOf(items):
                return "tuple", *map(self.type, items)
            case FutureOf(value) | StreamOf(value):
                return type.__class__.__name__, self.optional(value)
            case Handle(name, borrowed):
                interface, resource = self.wit.declared(self.interface.id, name.text)
                return "borrow" if borrowed else "own", Origin(interface.id, resource.head.label)
            case _:
                assert_never(type)
