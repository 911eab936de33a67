"""Generics made concrete: a schema with one declaration for each brand that is used.

`Map(Text, Data)` becomes a declaration of its own, whose fields say `Text` and `Data`; a parameter that is
left unbound, and one of a method, is `AnyPointer`. It is generated in the package of the file that uses
it, unless a file which that one depends on has it already: so what a file gives depends on nothing but
itself and what it uses. A generic that its own file does not use is there unbound.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeAlias

from capwit.codegen.base.graph import closure
from capwit.codegen.lower.select import skipped
from capwit.codegen.schema.annotations import Wit
from capwit.codegen.schema.nodes import (
    AnyPointer,
    Builtin,
    Const,
    Field,
    Group,
    Interface,
    ListOf,
    Node,
    Parameter,
    Schema,
    Struct,
    Type,
    Use,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from capwit.codegen.schema.nodes import Binding, Body, Method

MAX_DEPTH: Final = 12
"""How deep brands may nest in each other: `Foo(Foo(Text))` is two."""

MAX_SIZE: Final = 250
"""How many types one brand may be made of, written out, as its names have it."""

MAX_BRANDS: Final = 10_000
"""How many brands one schema may have."""

ANY: Final = AnyPointer("AnyPointer")

Environment: TypeAlias = "Mapping[int, tuple[Type, ...]]"
"""What the parameters of each scope around a place are bound to."""


def concrete(schema: Schema, files: Sequence[int], uses: Mapping[int, Sequence[int]]) -> Schema:
    """The schema with one node for each used brand; `files` are ordered behind those they use."""
    return _Brands(schema, uses).schema(files)


class _Brands:
    """All brands of one schema, file by file."""

    def __init__(self, schema: Schema, uses: Mapping[int, Sequence[int]]) -> None:
        self.source = schema
        self.uses = uses
        self.nodes: dict[int, Node] = dict(schema.nodes)
        self.found: dict[tuple[int, tuple[Type, ...]], dict[int, int]] = {}  # (generic, bound) by package
        self.environments: dict[int, Environment] = {}
        self.depths: dict[int, int] = {}
        self.sizes: dict[int, int] = {}
        self.waiting: deque[int] = deque()
        self.reached: Sequence[int] = ()  # the packages that the one at hand may take brands from

    def schema(self, files: Sequence[int]) -> Schema:
        order = list(dict.fromkeys(files))
        left_out = skipped(self.source)
        listed: dict[int, list[Node]] = {}
        for node in self.source.nodes.values():
            listed.setdefault(node.package, []).append(node)
        for file in order:
            below = closure([file], self.uses)
            self.reached = [each for each in order if each in below]
            for node in listed.get(file, ()):
                if not node.template and node.id not in left_out:
                    self.nodes[node.id] = replace(node, body=self.body(node, node.package, {}))
            self.drain()
            used = {self.nodes[id].origin for homes in self.found.values() for id in homes.values()}
            for node in listed.get(file, ()):
                if node.template and node.id not in used and self.declared(node):
                    self.brand(node, {}, file, node.id, "")
            self.drain()
        return replace(self.source, nodes=self.nodes, members={})

    def declared(self, node: Node) -> bool:
        """Whether a generic is one that a schema's writer would call so."""
        group = isinstance(node.body, Struct) and node.body.group
        return not group and not node.inline and Wit.SKIP not in node.annotations

    def drain(self) -> None:
        while self.waiting:
            node = self.nodes[self.waiting.popleft()]
            body = self.body(node, node.package, self.environments[node.id])
            self.nodes[node.id] = replace(node, body=body)

    def body(self, node: Node, home: int, bound: Environment) -> Body:
        """What a declaration says, without generics. Members that are skipped stay as they are."""
        match node.body:
            case Struct(fields):
                return replace(
                    node.body, fields=tuple(self.field(node, each, home, bound) for each in fields)
                )
            case Interface(methods, superclasses):
                return Interface(
                    tuple(self.method(node, each, home, bound) for each in methods),
                    tuple(self.use(each, node, "", home, bound) for each in superclasses),
                )
            case Const(type, value):
                return Const(self.type(type, node, "", home, bound), value)
            case _:
                return node.body

    def field(self, node: Node, field: Field, home: int, bound: Environment) -> Field:
        if Wit.SKIP in field.annotations:
            return field
        if not isinstance(field.type, Group):
            type = self.type(field.type, node, field.name, home, bound)
            return field if type is field.type else replace(field, type=type)
        group = self.source.nodes.get(field.type.id)
        if group is None or not group.template:
            return field
        return replace(field, type=Group(self.brand(group, bound, home, node.id, field.name)))

    def method(self, node: Node, method: Method, home: int, bound: Environment) -> Method:
        if Wit.SKIP in method.annotations:
            return method
        ends = []
        for use in (method.params, method.results):
            struct = self.source.nodes.get(use.id)
            if struct is not None and struct.inline and struct.template:
                ends.append(Use(self.brand(struct, bound, home, node.id, method.name)))
            else:
                ends.append(self.use(use, node, method.name, home, bound))
        if ends == [method.params, method.results] and not method.generic:
            return method
        return replace(method, params=ends[0], results=ends[1], generic=False)

    def type(self, type: Type, node: Node, member: str, home: int, bound: Environment) -> Type:
        match type:
            case ListOf(element):
                return ListOf(self.type(element, node, member, home, bound))
            case Parameter(scope, index):
                types = bound.get(scope, ()) if scope is not None else ()
                return types[index] if index < len(types) else ANY
            case Use():
                return self.use(type, node, member, home, bound)
            case Builtin() | AnyPointer():
                return type

    def use(self, use: Use, node: Node, member: str, home: int, bound: Environment) -> Use:
        target = self.source.nodes.get(use.id)
        if target is None or not target.template:
            return Use(use.id) if use.brand else use
        given: dict[int, tuple[Type, ...]] = {}
        for binding in use.brand:
            given[binding.scope] = self.binding(binding, node, member, home, bound)
        return Use(self.brand(target, given, home, node.id, member))

    def binding(
        self, binding: Binding, node: Node, member: str, home: int, bound: Environment
    ) -> tuple[Type, ...]:
        if binding.types is None:
            return bound.get(binding.scope, ())
        return tuple(
            ANY if type is None else self.type(type, node, member, home, bound) for type in binding.types
        )

    def brand(self, generic: Node, given: Environment, home: int, id: int, member: str) -> int:
        """The node of a generic with what it is given, for a place that needs it."""
        scopes = self.scopes(generic)
        bound = {scope.id: _filled(given.get(scope.id, ()), scope.parameters) for scope in scopes}
        key = generic.id, tuple(type for scope in scopes for type in bound[scope.id])
        homes = self.found.setdefault(key, {})
        for package in self.reached:
            if package in homes:
                return homes[package]
        made = (1 << 64) + len(self.environments)  # no id of a schema
        homes[home] = made
        self.depths[made] = 1 + max(map(self.depth, key[1]), default=0)
        self.sizes[made] = 1 + sum(map(self.size, key[1]))
        self.environments[made] = bound
        if message := self.beyond(made, generic):
            raise self.source.error(self.origin(id), member, message, "use fewer type parameters there")
        parent = self.source.nodes[generic.parent]
        if parent.template:
            parent = self.nodes[self.brand(parent, bound, home, id, member)]
        self.nodes[made] = replace(
            generic,
            id=made,
            parent=parent.id,
            generic=False,
            origin=generic.id,
            brand=bound.get(generic.id, ()),
            arguments=key[1],
            home=home,
        )
        self.waiting.append(made)
        return made

    def beyond(self, made: int, generic: Node) -> str:
        """What is too much with a new brand, if anything is."""
        if self.depths[made] > MAX_DEPTH:
            return f"its type leads to endlessly many brands of {generic.name}"
        if self.sizes[made] > MAX_SIZE:
            return f"its type leads to a brand of {generic.name} that is made of more than {MAX_SIZE} types"
        return f"it leads to more than {MAX_BRANDS} brands" if len(self.environments) > MAX_BRANDS else ""

    def origin(self, id: int) -> int:
        """The declaration of the source that a node was made of."""
        return self.nodes[id].origin or id

    def scopes(self, node: Node) -> list[Node]:
        """The declarations around a node, itself included, that have type parameters."""
        found = []
        at: Node | None = node
        while at is not None:
            found += [at] if at.parameters else []
            at = self.source.nodes.get(at.parent)
        return found[::-1]

    def depth(self, type: Type) -> int:
        depth = 0
        while isinstance(type, ListOf):
            depth += 1
            type = type.element
        return depth + (self.depths.get(type.id, 0) if isinstance(type, Use) else 0)

    def size(self, type: Type) -> int:
        while isinstance(type, ListOf):
            type = type.element
        return self.sizes.get(type.id, 1) if isinstance(type, Use) else 1


def _filled(types: Sequence[Type], count: int) -> tuple[Type, ...]:
    """What `count` parameters are bound to, whatever a request says of them."""
    return (*types, *[ANY] * count)[:count]
