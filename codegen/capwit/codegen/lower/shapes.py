"""Structs and enums as records, variants and enums."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

from capwit.codegen import model
from capwit.codegen.base import docs, names
from capwit.codegen.base.graph import components, is_loop
from capwit.codegen.lower.naming import FileScope, Labels, Namespace
from capwit.codegen.lower.select import kept, uses
from capwit.codegen.model.builtin import ANY_CAP, ANY_VALUE
from capwit.codegen.schema.annotations import Wit
from capwit.codegen.schema.nodes import (
    AnyPointer,
    Builtin,
    Enum,
    Field,
    Group,
    Interface,
    ListOf,
    Node,
    Parameter,
    Pointer,
    Struct,
    Type,
    Use,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from capwit.codegen.schema.nodes import Schema

SCALARS: Final = {
    "bool": "bool",
    "int8": "s8",
    "int16": "s16",
    "int32": "s32",
    "int64": "s64",
    "uint8": "u8",
    "uint16": "u16",
    "uint32": "u32",
    "uint64": "u64",
    "float32": "f32",
    "float64": "f64",
}

MAX_NESTING: Final = 96
"""How deep types may nest in each other: the component model allows 100, the results around them included."""


MAX_DEFAULT: Final = 80
"""How long the default of a list or struct may be to be told in full, in characters."""

ARENA_DOC: Final = """\
It contains itself, which WIT cannot say: its parts are `nodes`, the root first. A reference is a node's
index, greater than that of the node which holds it; each node but the root is referred to once."""


class Shapes:
    """What every struct and enum of a schema becomes. A struct of which nothing is left becomes nothing."""

    def __init__(
        self, schema: Schema, labels: Labels, scopes: Mapping[int, FileScope], nodes: Sequence[Node]
    ) -> None:
        """Shapes the structs and enums among `nodes`, and names them in the scope of their file."""
        self.schema = schema
        self.labels = labels
        self.scopes = scopes
        self.definitions: dict[int, list[model.Definition]] = {}
        self.types: dict[int, model.Type | None] = {}
        self.depths: dict[model.Key, int] = {ANY_VALUE: 2}
        for node in nodes:
            self.definitions[node.id] = []
            self._refuse_unmapped(node)
            if isinstance(node.body, Enum):
                self._enum(node, node.body)
        for loop, structs in self._in_order(nodes):
            if loop:
                self._arena(structs)
                continue
            for node, body in structs:
                if not node.inline and Wit.GRANTS not in node.annotations:
                    self.types[node.id] = self._struct(node, body)

    def type(self, type: Type | Group, id: int, member: str) -> model.Type | None:
        """The type of something that is used at a place; `None` if it is void.

        A capability is `Own`: only who uses it can tell whether it may be null, or is lent.
        """
        result = self._type(type, id, member)
        if result is not None and self.depth(result) > MAX_NESTING:
            message = f"its type nests more than {MAX_NESTING} types in each other"
            raise self.schema.error(id, member, message, "flatten it")
        return result

    def field(self, node: Node, field: Field) -> model.Type | None:
        """The type of a struct's field: a capability in it may be null, unless `$Wit.required`."""
        self.refuse(field, node.id, Wit.TRANSFER, Wit.OPTIONAL)
        type = self.type(field.type, node.id, field.name)
        if not isinstance(type, model.Own):
            self.refuse(field, node.id, Wit.REQUIRED)
            return model.OptionOf(type) if isinstance(type, model.Index) else type
        return type if Wit.REQUIRED in field.annotations else model.OptionOf(type)

    def grant(self, node: Node, field: Field) -> model.Type | None:
        """The type of what a component is granted: there, unless `$Wit.optional`."""
        self.refuse(field, node.id, Wit.TRANSFER, Wit.REQUIRED)
        type = self.type(field.type, node.id, field.name)
        return model.OptionOf(type) if type and Wit.OPTIONAL in field.annotations else type

    def depth(self, type: model.Type) -> int:
        """How many types nest in a type, itself included."""
        depth = 1
        while isinstance(type, model.ListOf | model.OptionOf):
            depth += 1
            type = type.element if isinstance(type, model.ListOf) else type.some
        return depth + self.depths[type.key] if isinstance(type, model.Ref) else depth

    def record(
        self, key: model.Key, named: model.Names, doc: str, fields: Sequence[model.Field]
    ) -> model.Type:
        """Defines a record."""
        self.depths[key] = max(self.depth(field.type) for field in fields)
        self.definitions[key.node].append(model.Record(key, named, doc, tuple(fields)))
        return model.Ref(key)

    def doc_of(self, node: Node, field: Field) -> str:
        """A field's doc comment, with its default."""
        default = self.default(field)
        return docs.joined(docs.clean(field.doc), f"Defaults to {default}." if default else "")

    def default(self, field: Field) -> str:
        """A field's default as the schema writes it, if it is worth telling."""
        if not field.explicit_default:
            return ""
        if isinstance(field.default, Pointer) and not 0 < len(field.default.text) <= MAX_DEFAULT:
            return "the value that the schema gives"
        if isinstance(field.type, Use) and isinstance(field.default, int):
            return f"`{self.enumerant(field.type.id, field.default)}`"
        return f"`{docs.literal(field.default)}`"

    def enumerant(self, id: int, ordinal: int) -> str:
        """The label of an enumerant by its number."""
        body = self.schema.node(id).body
        listed = kept(body.enumerants) if isinstance(body, Enum) else ()
        found = next((each for each in listed if each.ordinal == ordinal), None)
        if found is None:
            raise self.schema.error(id, "", f"it has no enumerant {ordinal}, but a value that is one")
        return self.labels.member(id, found)

    def _in_order(self, nodes: Sequence[Node]) -> list[tuple[bool, list[tuple[Node, Struct]]]]:
        """The structs, each behind those that its fields contain, those that contain each other together."""
        structs = {node.id: (node, node.body) for node in nodes if isinstance(node.body, Struct)}
        edges = {
            id: [target for field in kept(body.fields) for target in uses(field.type) if target in structs]
            for id, (_, body) in structs.items()
        }
        place = {id: index for index, id in enumerate(structs)}
        return [
            (is_loop(component, edges), [structs[id] for id in sorted(component, key=place.__getitem__)])
            for component in components(edges)
        ]

    def _arena(self, structs: Sequence[tuple[Node, Struct]]) -> None:
        """Structs that contain each other, with the groups in them: inner ones first."""
        roots = [(node, body) for node, body in structs if not body.group]
        given = {node.id: self.define(self.labels.node(node), model.Key(node.id)) for node, _ in roots}
        several = len(roots) > 1
        for id, name in given.items():
            self.types[id] = model.Index(model.Key(id), name.label if several else "")
        refs: dict[int, model.Ref] = {}
        for node, body in structs:
            if body.group:
                self.types[node.id] = self._struct(node, body)
                continue
            label = f"{given[node.id].label}-node"
            self.scope(node).labels.claim(label, node.id)
            shape = self._struct(node, body, model.Names(label, given[node.id].cls), "node")
            assert isinstance(shape, model.Ref)  # it has a field at least: the way back to itself
            refs[node.id] = shape
        nodes = next(iter(refs.values()))
        first = min((node for node, _ in roots), key=lambda node: len(node.path))
        if several:
            key = model.Key(first.id, "nodes")
            label = f"{given[first.id].label}-nodes"
            listed = tuple((given[id].label, ref) for id, ref in refs.items())
            doc = "A node of an arena: one of the types that contain each other."
            self.definitions[first.id].append(model.Nodes(key, self.define(label, key), doc, listed))
            nodes = model.Ref(key)
        depth = 1 + max(self.depths[ref.key] for ref in refs.values())
        self.depths[nodes.key] = max(depth, self.depths.get(nodes.key, 0))
        for node, _ in roots:
            key = model.Key(node.id)
            self.depths[key] = self.depths[nodes.key] + 2
            doc = docs.joined(docs.clean(node.doc), ARENA_DOC)
            case = given[node.id].label if several else ""
            self.definitions[node.id].append(model.Arena(key, given[node.id], doc, nodes, case))
            self.types[node.id] = model.Ref(key)

    def _type(self, type: Type | Group, id: int, member: str) -> model.Type | None:
        match type:
            case Builtin("void"):
                return None
            case Builtin("text"):
                return model.Text()
            case Builtin("data") | ListOf(Builtin("uint8")):
                return model.Data()
            case Builtin(name):
                return model.Scalar(SCALARS[name])
            case ListOf(element):
                inner = self._type(element, id, member)
                return model.Scalar("u32") if inner is None else model.ListOf(inner)
            case Group(target):
                return self._shape(target, id, member)
            case Use(target):
                return self._declared(target, id, member)
            case AnyPointer("Capability"):
                return model.Own(ANY_CAP)
            case AnyPointer():
                return model.Ref(ANY_VALUE)
            case Parameter():
                raise AssertionError(f"{type} was bound by capwit.codegen.lower.brands")
            case _:
                assert_never(type)

    def _declared(self, target: int, id: int, member: str) -> model.Type | None:
        node = self.schema.node(target)
        if isinstance(node.body, Interface):
            return model.Own(model.Key(target))
        if Wit.GRANTS in node.annotations:
            message = f"{node.name} is what a component is granted, and cannot be used as a type"
            mend = f"use a struct of what both need, and let one of {node.name}'s fields hold it"
            raise self.schema.error(id, member, message, mend)
        return self._shape(target, id, member)

    def _shape(self, target: int, id: int, member: str) -> model.Type | None:
        if target not in self.types:
            raise self.schema.error(
                id, member, f"its type {target:#x} is neither an enum, a struct nor an interface"
            )
        return self.types[target]

    def _struct(
        self, node: Node, body: Struct, named: model.Names | None = None, part: str = ""
    ) -> model.Type | None:
        members = Namespace(self.schema, "name")
        fields: list[model.Field] = []
        cases: list[model.Case] = []
        which = 0
        for field in kept(body.fields):
            label = members.claim(self.labels.member(node.id, field), node.id, field.name)
            type = self.field(node, field)
            doc = self.doc_of(node, field)
            if field.discriminant is not None:
                which = which if cases else len(fields)
                cases.append(model.Case(label, "", type, doc))
            elif type is not None:
                fields.append(model.Field(label, names.attribute(label), type, doc))
        label = self.labels.node(node)
        doc = docs.clean(node.doc)
        whole = model.Key(node.id, part)
        if not cases and not fields:
            self._open(members, node, cases)
            return None
        named = named or self.define(label, whole)
        if not fields:
            return self._variant(whole, named, doc, self._open(members, node, cases))
        union = self.which(node, members, cases)
        fields[which:which] = [union] if union else []
        return self.record(whole, named, doc, fields)

    def which(self, node: Node, members: Namespace, cases: Sequence[model.Case]) -> model.Field | None:
        """What a struct's unnamed union is beside its fields: a field `which`; `None` without a union."""
        cases = self._open(members, node, cases)
        if not cases:
            return None
        label = self.labels.node(node)
        key = model.Key(node.id, "which")
        doc = f"Which of the members of `{label}` is set."
        variant = self._variant(key, self.define(f"{label}-which", key), doc, cases)
        name = members.claim("which", node.id)
        return model.Field(name, name, variant, "")

    def scope(self, node: Node) -> FileScope:
        """The scope that a declaration's definitions are named in."""
        return self.scopes[node.package]

    def define(self, label: str, key: model.Key) -> model.Names:
        """Names a definition."""
        return self.scope(self.schema.node(key.node)).define(label, key.node)

    def _variant(
        self, key: model.Key, named: model.Names, doc: str, cases: Sequence[model.Case]
    ) -> model.Type:
        self.depths[key] = max(self.depth(case.type) if case.type else 0 for case in cases)
        self.definitions[key.node].append(model.Variant(key, named, doc, tuple(cases)))
        return model.Ref(key)

    def _enum(self, node: Node, body: Enum) -> None:
        members = Namespace(self.schema, "name")
        if Wit.OPEN in node.annotations:
            self._open_enum(node, body, members)
            return
        cases = []
        for each in kept(body.enumerants):
            label = members.claim(self.labels.member(node.id, each), node.id, each.name)
            cases.append(model.Enumerant(label, names.upper(label), docs.clean(each.doc)))
        if not cases:
            message = "it has no enumerants, and WIT has no enum without cases"
            raise self.schema.error(node.id, "", message, f"put {Wit.SKIP} on it, and on what uses it")
        key = model.Key(node.id)
        self.depths[key] = 0
        self.types[node.id] = model.Ref(key)
        definition = model.Enum(
            key, self.define(self.labels.node(node), key), docs.clean(node.doc), tuple(cases)
        )
        self.definitions[node.id].append(definition)

    def _open_enum(self, node: Node, body: Enum, members: Namespace) -> None:
        cases = []
        for each in kept(body.enumerants):
            label = members.claim(self.labels.member(node.id, each), node.id, each.name)
            cases.append(model.Case(label, "", None, docs.clean(each.doc)))
        cases.append(self._unknown(members, node))
        doc = docs.clean(node.doc)
        key = model.Key(node.id)
        self.types[node.id] = self._variant(key, self.define(self.labels.node(node), key), doc, cases)

    def _open(self, members: Namespace, node: Node, cases: Sequence[model.Case]) -> Sequence[model.Case]:
        """A union's cases, and one for what the schema does not name, where it is open."""
        field = self.schema.member(node.parent, node.path[-1])
        on_field = field is not None and Wit.OPEN in field.annotations
        if not on_field and Wit.OPEN not in node.annotations:
            return cases
        if not cases:
            message = f"{Wit.OPEN} means nothing here: there is no union"
            raise self.schema.error(node.id, "", message, "take it away")
        return [*cases, self._unknown(members, node)]

    def _unknown(self, members: Namespace, node: Node) -> model.Case:
        label = members.claim("unknown", node.id)
        return model.Case(label, "", model.Scalar("u16"), "One that the schema does not name, by its number.")

    def refuse(self, field: Field, id: int, *annotations: Wit) -> None:
        """Refuses annotations that mean nothing on a field."""
        for annotation in annotations:
            if annotation in field.annotations:
                raise self.schema.error(id, field.name, f"{annotation} means nothing here", "take it away")

    def _refuse_unmapped(self, node: Node) -> None:
        for field in node.body.fields if isinstance(node.body, Struct) else ():
            if not isinstance(field.type, Group):
                self.refuse(field, node.id, Wit.OPEN)
