"""Interfaces whose names are resolved, and what WIT asks of types beyond their syntax."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple, assert_never

from capwit.codegen.base.graph import components, is_loop
from capwit.codegen.errors import GenerateError
from capwit.codegen.wit_reader.comments import MAX_NESTING
from capwit.codegen.wit_reader.gather import twice
from capwit.codegen.wit_reader.packages import Interface, Origin, needed
from capwit.codegen.wit_reader.syntax import (
    Alias,
    Definition,
    Enum,
    Flags,
    Function,
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
    Type,
    Use,
    Variant,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from capwit.codegen.wit_reader.gather import Gathering, Scope
    from capwit.codegen.wit_reader.syntax import Gate, Include, Member, Name, PackageName, WorldMember


class Facts(NamedTuple):
    """What is known of a type: how deep it nests, whether it holds a borrow, whether it is a resource."""

    depth: int
    borrows: bool
    resource: Origin | None = None


_DEFINITIONS: Final = Record | Variant | Enum | Flags | Resource | Alias
_SCALAR: Final = Facts(1, False)
_NOTHING: Final = Facts(0, False)


class Interfaces:
    """All scopes on their way: what each declares and uses, and what is known of its types."""

    def __init__(self, gathering: Gathering) -> None:
        """The interfaces of these packages."""
        self.gathering = gathering
        self.scopes: dict[str, Interface] = {}
        self.used: dict[tuple[str, str], Name] = {}  # scope and label -> where it is used
        self.hidden: dict[tuple[str, str], Gate] = {}  # what is left out, by the gate that hides it
        self.facts: dict[tuple[str, str], Facts] = {}

    def declare(
        self, interface: Interface, scope: Scope, members: Iterable[Member | WorldMember | Include]
    ) -> None:
        """Takes what the members of an interface, or of a world, declare. Raises `GenerateError`."""
        self.scopes[interface.id] = interface
        names: dict[str, Name] = {}
        for member in members:
            if isinstance(member, Use):
                self._use(interface, scope, member, names)
            elif isinstance(member, Function):
                if self._included(interface, member):
                    claim(names, member.head.name)
                    interface.functions[member.head.label] = member
            elif isinstance(member, _DEFINITIONS) and self._included(interface, member):
                claim(names, member.head.name)
                interface.definitions[member.head.label] = self._without_hidden(interface, member)

    def _included(self, interface: Interface, member: Definition | Function) -> bool:
        gates = member.head.gates
        if self.gathering.included(gates, interface.package):
            return True
        hiding = member.head.hiding
        self.hidden[interface.id, member.head.label] = hiding
        self.hide(member.functions if isinstance(member, Resource) else (), interface.package, hiding)
        return False

    def hide(self, members: Iterable[object], package: PackageName, hiding: Gate) -> None:
        """Refuses what would be there while that which it is in is not."""
        for member in members:
            if isinstance(member, Use):
                gates, place = member.gates, member.path.name
            elif isinstance(member, Function | _DEFINITIONS):
                gates, place = member.head.gates, member.head.name
            else:
                continue
            if self.gathering.included(gates, package):
                message = f"it is in what is unstable (`{hiding.value}`), and does not say so itself"
                mend = f"write `@unstable(feature = {hiding.value})` before it, too"
                raise GenerateError(*place.place, place.text, message, mend)

    def _use(self, interface: Interface, scope: Scope, use: Use, names: dict[str, Name]) -> None:
        if not self.gathering.included(use.gates, interface.package):
            hiding = next(gate for gate in use.gates if gate.kind == "unstable")
            self.hidden |= {(interface.id, each.other.text): hiding for each in use.names}
            return
        target = self.gathering.target(use.path, scope, "interface").id
        for each in use.names:
            claim(names, each.other)
            interface.uses[each.other.text] = Origin(target, each.name.text)
            self.used[interface.id, each.other.text] = each.name

    def _without_hidden(self, interface: Interface, definition: Definition) -> Definition:
        """A resource without the functions that are left out."""
        if not isinstance(definition, Resource):
            return definition
        kept = [
            each
            for each in definition.functions
            if self.gathering.included(each.head.gates, interface.package)
        ]
        names: dict[str, Name] = {}
        for function in kept:
            if same(function.head.label, definition.head.label) and function.kind != "constructor":
                message = f"a method may not be named like its resource, `{definition.head.label}`"
                raise GenerateError(*function.head.name.place, message=message, mend="give it another name")
            is_constructor = function.kind == "constructor"
            claim(names, replace(function.head.name, text="()") if is_constructor else function.head.name)
        return replace(definition, functions=tuple(kept))

    def check(self, ids: Sequence[str]) -> None:
        """Looks up all names in some scopes, and checks their types. Raises `GenerateError`."""
        among = {*ids}
        edges = {id: [each for each in needed(self.scopes[id]) if each in among] for id in ids}
        for loop in components(edges):
            interface = self.scopes[loop[0]]
            if is_loop(loop, edges):
                message = f"it uses types of itself, by way of {', '.join(loop)}"
                raise GenerateError(*interface.head.name.place, interface.label, message, "part it")
            self._check(interface)

    def _check(self, interface: Interface) -> None:
        for label, origin in interface.uses.items():
            name = self.used.get((interface.id, label))
            if name is None:
                continue  # an included world's
            target = self.scopes[origin.scope]
            if origin.label in target.functions:
                message = f"`{origin.label}` is a function of {target.id}, and no type"
                raise GenerateError(*name.place, message=message, mend="use a type")
            if origin.label not in target.definitions and origin.label not in target.uses:
                raise self._missing(target, name)
            self.facts[interface.id, label] = self.facts[origin]
        edges = {
            label: [name.text for name in mentioned(each) if name.text in interface.definitions]
            for label, each in interface.definitions.items()
        }
        order: list[str] = []
        for loop in components(edges):
            definition = interface.definitions[loop[0]]
            if is_loop(loop, edges):
                message = "a type may not contain itself"
                mend = "let a list of nodes hold them, which name each other by number"
                raise GenerateError(*definition.head.name.place, loop[0], message, mend)
            order += loop
            self.facts[interface.id, loop[0]] = self._facts(interface, definition)
        interface.definitions = {label: interface.definitions[label] for label in order}
        for each in interface.definitions.values():
            if isinstance(each, Resource):
                for function in each.functions:
                    self.check_function(interface, function, each)
        for function in interface.functions.values():
            self.check_function(interface, function)

    def check_function(self, scope: Interface, function: Function, of: Resource | None = None) -> None:
        """Checks the types of a function. Raises `GenerateError`."""
        names: dict[str, Name] = {}
        if function.kind == "method":
            claim(names, replace(function.head.name, text="self"))
        for param in function.params:
            claim(names, param.name)
            self.known(scope, param.type, param.name)
        if function.result is None:
            return
        place = function.head.name
        if self.known(scope, function.result, place).borrows:
            message = "a function cannot give back a borrow"
            raise GenerateError(*place.place, place.text, message, "give an owned handle")
        if function.kind == "constructor" and of is not None:
            made = function.result
            while isinstance(made, Named) and made.name.text in scope.definitions:
                alias = scope.definitions[made.name.text]
                if not isinstance(alias, Alias):
                    break
                made = alias.type
            ok = made.ok if isinstance(made, ResultOf) else None
            if not isinstance(ok, Named) or ok.name.text != of.head.label:
                message = (
                    f"a constructor gives nothing else than its resource, or result<{of.head.label}, ...>"
                )
                raise GenerateError(*place.place, of.head.label, message, "make it a static function")

    def _facts(self, interface: Interface, definition: Definition) -> Facts:
        place = definition.head.name
        match definition:
            case Record(fields=fields):
                if not fields:
                    raise GenerateError(*place.place, place.text, "the record is empty", "give it a field")
                names: dict[str, Name] = {}
                for field in fields:
                    claim(names, field.name)
                return self._all(interface, [(field.name, field.type) for field in fields], place)
            case Variant(cases=cases) | Enum(cases=cases) | Flags(flags=cases):
                names = {}
                for case in cases:
                    claim(names, case.name)
                return self._all(interface, [(case.name, case.type) for case in cases if case.type], place)
            case Resource():
                return Facts(1, False, Origin(interface.id, definition.head.label))
            case Alias(type=type):
                return self.known(interface, type, place)
            case _:
                assert_never(definition)

    def _all(self, interface: Interface, types: Sequence[tuple[Name, Type]], place: Name) -> Facts:
        found = [self.known(interface, type, name) for name, type in types]
        return _around(found, place)

    def known(self, scope: Interface, type: Type, place: Name) -> Facts:
        """What is known of a type at a place. Raises `GenerateError`."""
        match type:
            case Primitive():
                return _SCALAR
            case Handle(name, borrowed):
                found = self._named(scope, name)
                if found.resource is None:
                    message = f"`{name.text}` is no resource"
                    raise GenerateError(*name.place, message=message, mend="a handle is of a resource")
                return Facts(1, borrowed)
            case Named(name):
                return self._named(scope, name)
            case _:
                return _around([self.known(scope, each, place) for each in parts(type)], place)

    def _named(self, scope: Interface, name: Name) -> Facts:
        known = self.facts.get((scope.id, name.text))
        if known is None:
            if name.text in scope.functions:
                message = f"`{name.text}` is a function, and no type"
                raise GenerateError(*name.place, message=message, mend="name a type")
            raise self._missing(scope, name)
        return known

    def _missing(self, scope: Interface, name: Name) -> GenerateError:
        if hiding := self.hidden.get((scope.id, name.text)):
            return self.gathering.left_out(name, hiding.value)
        message = f"{scope.id} has no type `{name.text}`"
        return GenerateError(*name.place, message=message, mend="declare it, or use it from where it is")


def same(one: str, other: str) -> bool:
    """Whether two labels are one to a component: case does not count, nor where `-` stands."""
    return one.lower().replace("-", "") == other.lower().replace("-", "")


def claim(names: dict[str, Name], name: Name) -> None:
    """Takes a name, which is to be its scope's only one, as `same` compares them."""
    other = names.setdefault(name.text.lower().replace("-", ""), name)
    if other is not name:
        raise twice(name, other)


def parts(type: Type) -> Iterator[Type]:
    """The types that an anonymous type is made of."""
    match type:
        case ListOf(one) | OptionOf(one):
            yield one
        case MapOf(key, value):
            yield from (key, value)
        case ResultOf(ok, error):
            yield from (each for each in (ok, error) if each)
        case TupleOf(items):
            yield from items
        case FutureOf(inner) | StreamOf(inner):
            yield from (inner,) if inner else ()
        case Primitive() | Handle() | Named():
            pass
        case _:
            assert_never(type)


def names_in(type: Type) -> Iterator[Name]:
    """The names that a type mentions."""
    waiting = [type]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Handle | Named):
            yield each.name
        waiting += parts(each)


def mentioned(definition: Definition) -> Iterator[Name]:
    """The names that a definition is made of; a resource is made of none."""
    match definition:
        case Record(fields=fields):
            yield from (name for field in fields for name in names_in(field.type))
        case Variant(cases=cases):
            yield from (name for case in cases if case.type for name in names_in(case.type))
        case Alias(type=type):
            yield from names_in(type)
        case Enum() | Flags() | Resource():
            pass
        case _:
            assert_never(definition)


def _around(inner: Sequence[Facts], place: Name) -> Facts:
    depth = 1 + max((each.depth for each in inner), default=0)
    if depth > MAX_NESTING:
        message = f"more than {MAX_NESTING} types nest in each other"
        raise GenerateError(*place.place, place.text, message, "flatten them")
    return Facts(depth, any(each.borrows for each in inner))
