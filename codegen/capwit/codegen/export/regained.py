"""The annotations that a schema must have had, by the WIT that it gave: bridge files do not tell them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from capwit.codegen.base.names import kebab
from capwit.codegen.schema.annotations import Wit as Annotation
from capwit.codegen.schema.nodes import AnyPointer, Builtin, Enum, Field, Group, Interface, Struct, Use
from capwit.codegen.wit_reader import syntax

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from capwit.codegen.export.bridge import Bridge
    from capwit.codegen.schema.nodes import Body, Member, Node, Type
    from capwit.codegen.wit_reader.packages import Interface as Scope
    from capwit.codegen.wit_reader.packages import Wit

Place: TypeAlias = tuple[int, str]
"""A declaration, or (with its name) a member of it."""


class Regained:
    """What one bridge file's schema must have been annotated with."""

    def __init__(self, bridge: Bridge, wit: Wit) -> None:
        """The WIT need not have the package: then nothing is known."""
        self.bridge = bridge
        self.schema = bridge.schema
        self.wit = wit
        self.package = wit.packages.get(bridge.package)
        interfaces: Mapping[str, Scope] = self.package.interfaces if self.package else {}
        self.interfaces = interfaces
        self.own = interfaces.get(bridge.interface)
        self.nodes = [node for node in self.schema.nodes.values() if node.file in bridge.files and node.path]
        self.found: dict[Place, list[str]] = {}

    def annotations(self) -> dict[Place, list[str]]:
        """The annotations of each place, without the `$Wit.` before them."""
        if self.package is None:
            return {}
        for node in self.nodes:
            match node.body:
                case Interface():
                    self._interface(node, node.body)
                case Struct() if not node.inline:
                    self._struct(node, node.body)
                case Enum() if self._is_open(node):
                    self._add(node.id, "", Annotation.OPEN)
                case _:
                    pass
        self._grants()
        self._skipped()
        return self.found

    def _add(self, id: int, member: str, annotation: Annotation, value: str = "") -> None:
        name = annotation.name.lower()
        self.found.setdefault((id, member), []).append(f'{name}("{value}")' if value else name)

    def _label(self, id: int, member: str = "") -> str:
        return self.bridge.labels.get((id, member)) or ""

    # Interfaces

    def _interface(self, node: Node, body: Interface) -> None:
        labels = [*filter(None, [self._label(node.id)]), *self.bridge.brands.get(node.id, ())]
        resources = [self._definition(label) for label in labels]
        worlds: dict[Annotation, str] = {}
        for name, interface in self.interfaces.items():
            for label in labels:
                if world := self._world(name, f"-exports-{label}"):
                    worlds[Annotation.EXPORTS] = world
                    resources.append(interface.definitions.get(label))
                if (world := self._world(name, f"-guest-{label}")) and f"{name}-calls" in self.interfaces:
                    worlds[Annotation.GUEST] = world
        for annotation, world in worlds.items():
            self._add(node.id, "", annotation, world)
        functions = {
            each.head.label: each
            for resource in resources
            if isinstance(resource, syntax.Resource)
            for each in resource.functions
        }
        for method in body.methods:
            function = functions.get(self._label(node.id, method.name))
            params = self.schema.node(method.params.id)
            if function and params.inline and isinstance(params.body, Struct):
                given = {each.name.text: each.type for each in function.params}
                for param in params.body.fields:
                    type = given.get(self._label(params.id, param.name))
                    if self._is_capability(param.type) and isinstance(type, syntax.Named):
                        self._add(params.id, param.name, Annotation.TRANSFER)

    def _world(self, name: str, end: str) -> str:
        """The world of a generated interface's name, which has that end."""
        world = name.removesuffix(end)
        if not self.package or not name.endswith(end):
            return ""
        # A component has its interfaces, and no worlds that would name them.
        return world if world in self.package.worlds or not self.package.worlds else ""

    # Structs

    def _struct(self, node: Node, body: Struct) -> None:
        label = self._label(node.id)
        members = dict(self._members(label)) if label else {}
        for field in body.fields:
            type = members.get(self._label(node.id, field.name))
            if type is not None and self._is_capability(field.type) and not isinstance(type, syntax.OptionOf):
                self._add(node.id, field.name, Annotation.REQUIRED)
        if self._is_open(node):
            at, member = (node.parent, node.path[-1]) if body.group else (node.id, "")
            self._add(at, member, Annotation.OPEN)

    def _members(self, label: str) -> Iterator[tuple[str, syntax.Type | None]]:
        """The members of all that one struct has become."""
        for name in (label, f"{label}-which", f"{label}-node"):
            match self._definition(name):
                case syntax.Record(fields=fields):
                    yield from ((each.name.text, each.type) for each in fields)
                case syntax.Variant(cases=cases):
                    yield from ((each.name.text, each.type) for each in cases)
                case _:
                    pass

    def _is_open(self, node: Node) -> bool:
        """Whether what it has become has a case that none of its members gives."""
        label = self._label(node.id)
        if not label or "unknown" in {self._label(node.id, each.name) for each in _listed(node.body)}:
            return False
        for name in (label, f"{label}-which", f"{label}-node"):
            variant = self._definition(name)
            if isinstance(variant, syntax.Variant):
                return "unknown" in {case.name.text for case in variant.cases}
        return False

    def _definition(self, label: str) -> syntax.Definition | None:
        return self.own.definitions.get(label) if self.own else None

    def _is_capability(self, type: Type | Group) -> bool:
        if isinstance(type, Use):
            node = self.schema.nodes.get(type.id)
            return node is not None and isinstance(node.body, Interface)
        return type == AnyPointer("Capability")

    # Grants, and what is left out

    def _grants(self) -> None:
        for name, interface in self.interfaces.items():
            world = self._world(name, "-grants")
            if not world:
                continue
            asked = {*interface.functions}
            fitting = [each for each in self.nodes if self._functions(each) == asked]
            if (
                not fitting and asked and self.package and not self.package.worlds
            ):  # a component asks for less
                fitting = [each for each in self.nodes if self._functions(each) >= asked]
            if len(fitting) != 1:
                continue
            node = fitting[0]
            assert isinstance(node.body, Struct)
            self._add(node.id, "", Annotation.GRANTS, world)
            for field in node.body.fields:
                function = interface.functions.get(f"get-{self._label(node.id, field.name)}")
                if function and isinstance(function.result, syntax.OptionOf) and field.discriminant is None:
                    self._add(node.id, field.name, Annotation.OPTIONAL)
            self._which(node, node.body, interface)
            required = [place for place in self.found if place[0] == node.id and place[1]]
            for place in required:
                self.found[place] = [each for each in self.found[place] if each != "required"]

    def _which(self, node: Node, body: Struct, interface: Scope) -> None:
        """What a granted union tells."""
        function = interface.functions.get("get-which")
        if function is None or function.result is None:
            return
        _, variant = self.wit.meant(interface.id, function.result)
        if not isinstance(variant, syntax.Variant):
            return
        label = variant.head.label.removesuffix("-which")
        if label != kebab(node.name):
            self._add(node.id, "", Annotation.NAME, label)
        cases = {each.name.text: each.type for each in variant.cases}
        for field in body.fields:
            type = cases.pop(self._label(node.id, field.name), None)
            if field.discriminant is not None and isinstance(type, syntax.OptionOf):
                self._add(node.id, field.name, Annotation.OPTIONAL)
        if "unknown" in cases:
            self._add(node.id, "", Annotation.OPEN)

    def _functions(self, node: Node) -> set[str]:
        """The functions that would grant what a struct holds, if it may be one that is granted."""
        body = node.body
        if not isinstance(body, Struct) or body.group or node.inline or self._label(node.id):
            return set()
        labels = {
            "which" if field.discriminant is not None else self._label(node.id, field.name)
            for field in body.fields
            if self._label(node.id, field.name)
            and (field.discriminant is not None or not self._is_void(field))
        }
        return {f"get-{label}" for label in labels}

    def _skipped(self) -> None:
        """Declarations that are not in the WIT, though something of them would be."""
        gone = {node.id for node in self.nodes if self._is_gone(node)}
        for id in gone:
            if self.schema.node(id).parent not in gone:
                self._add(id, "", Annotation.SKIP)

    def _is_gone(self, node: Node) -> bool:
        around = self.schema.node(node.parent)
        while around.path:
            if around.generic:
                return False  # what it is in would tell
            around = self.schema.node(around.parent)
        granted = any(each.startswith("grants") for each in self.found.get((node.id, ""), ()))
        if granted or node.id in self.bridge.brands:
            return False
        group = isinstance(node.body, Struct) and (node.body.group or node.inline)
        return not group and not self._label(node.id) and not self._vanishes(node)

    def _vanishes(self, node: Node) -> bool:
        """Whether a struct has nothing that WIT could say."""
        seen: set[int] = set()
        waiting = [node]
        while waiting:
            each = waiting.pop()
            if each.id in seen:
                return False
            seen.add(each.id)
            if not isinstance(each.body, Struct):
                return False
            for field in each.body.fields:
                if not self._label(each.id, field.name):
                    continue
                if field.discriminant is not None:
                    return False
                if isinstance(field.type, Use | Group) and field.type.id in self.schema.nodes:
                    waiting.append(self.schema.node(field.type.id))
                elif field.type != Builtin("void"):
                    return False
        return True

    def _is_void(self, field: Field) -> bool:
        if isinstance(field.type, Use | Group):
            node = self.schema.nodes.get(field.type.id)
            return node is not None and self._vanishes(node)
        return field.type == Builtin("void")


def _listed(body: Body) -> Sequence[Member]:
    match body:
        case Struct(fields):
            return fields
        case Enum(enumerants):
            return enumerants
        case _:
            return ()
