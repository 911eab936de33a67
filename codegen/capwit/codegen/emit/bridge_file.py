"""`<stem>.bridge.json`: what WIT does not carry of a schema, so that the way back is wire-compatible.

One JSON object: the file's id, package and imports, and its declarations in the order of the text. A
declaration tells its id, kind, the schema's name and the WIT name (`null`: it is not in the WIT), and its
members with their ordinals, types and defaults (in the schema's own notation). A type is a string for a
builtin (`"uint64"`), else an object: `{"list": type}`, `{"use": id}`, `{"group": id}`. What is skipped, or
void, is listed too: its ordinals are taken. `brands` are the types that generics have become: the generic's
id, the WIT name, and what each parameter is bound to, those of the scopes around it first. `others` are the
files of an import loop that share the package. What is imported of files that hold nothing but generics, and
so have no bridge file, is declared here too. `nodes` are the declarations as Cap'n Proto itself has them
(`capwit.codegen.emit.packed`).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, assert_never

from capwit.codegen.base import docs
from capwit.codegen.emit import packed
from capwit.codegen.lower.select import kept
from capwit.codegen.schema.annotations import Wit
from capwit.codegen.schema.nodes import (
    Annotation,
    AnyPointer,
    Builtin,
    Const,
    Enum,
    Field,
    File,
    Group,
    Interface,
    ListOf,
    Member,
    Node,
    Parameter,
    Pointer,
    Schema,
    SourceFile,
    Struct,
    Type,
    Use,
)

if TYPE_CHECKING:
    from capwit.codegen import model
    from capwit.codegen.lower.naming import Labels

FORMAT: Final = 1


def emit(schema: Schema, labels: Labels, package: model.Package, whole: model.Model) -> str:
    """The text of a package's bridge file."""
    source, concrete = package.source, whole.schema
    files = [source.id, *(other.id for other in package.others)]
    told = {file.id for each in whole.packages for file in (each.source, *each.others)}
    silent: set[int] = set()  # what holds nothing but generics has no bridge file of its own
    named: dict[int, str] = {}
    brands: list[dict[str, Any]] = []
    for each in package.definitions:
        node = concrete.nodes[each.key.node]
        if each.key.part:
            continue
        if node.origin is None or not node.bound:
            named[node.origin or node.id] = each.names.label
        if node.origin is not None and (node.bound or node.file not in files):
            silent |= {schema.nodes[node.origin].file} - told
            arguments = [_type(type, concrete) for type in node.arguments]
            brands.append({"id": _id(node.origin), "wit": each.names.label, "arguments": arguments})
    files += sorted(silent)  # in an order of ours: in which a request lists them is its maker's affair
    content = {
        "format": FORMAT,
        "schema": source.path.name,
        "id": _id(source.id),
        "package": package.id,
        "interface": package.interface,
        "imports": _imports(source),
        "declarations": [
            _declaration(node, labels, named)
            for file in files
            for node in schema.nodes.values()
            if node.file == file and not isinstance(node.body, File | Annotation)
        ],
    }
    if brands:
        content["brands"] = brands
    if package.others:
        content["others"] = [
            {"schema": other.path.name, "id": _id(other.id), "imports": _imports(other)}
            for other in package.others
        ]
    content["nodes"] = packed.emit(schema, files)
    return f"{_text(content)}\n"


def _imports(source: SourceFile) -> dict[str, str]:
    return {name: _id(id) for name, id in sorted(source.imports.items())}


def _declaration(node: Node, labels: Labels, named: dict[int, str]) -> dict[str, Any]:
    head = {"id": _id(node.id), "name": node.name, "parent": _id(node.parent), "wit": named.get(node.id)}
    match node.body:
        case Struct(fields, group):
            kind = "group" if group else "inline" if node.inline else "struct"
            members = [_field(node, field, labels) for field in fields]
            return {**head, "kind": kind, "fields": members}
        case Enum(enumerants):
            return {
                **head,
                "kind": "enum",
                "enumerants": [_member(node, each, labels) for each in enumerants],
            }
        case Interface(methods, superclasses):
            listed = [
                {
                    **_member(node, each, labels),
                    "params": _id(each.params.id),
                    "results": _id(each.results.id),
                }
                for each in methods
            ]
            extended = [_id(use.id) for use in superclasses]
            known = node.annotations.get(Wit.RESOURCE)
            if isinstance(known, Pointer):
                head["resource"] = known.plain
            return {**head, "kind": "interface", "extends": extended, "methods": listed}
        case Const(type, value):
            return {**head, "kind": "const", "type": _type(type), "value": docs.literal(value)}
        case File() | Annotation():
            return head
        case _:
            assert_never(node.body)


def _member(node: Node, member: Member, labels: Labels) -> dict[str, Any]:
    label = labels.member(node.id, member) if kept([member]) else None
    return {"ordinal": member.ordinal, "name": member.name, "wit": label}


def _field(node: Node, field: Field, labels: Labels) -> dict[str, Any]:
    told = {**_member(node, field, labels), "type": _type(field.type)}
    if field.discriminant is not None:
        told["discriminant"] = field.discriminant
    if field.explicit_default:
        told["default"] = docs.literal(field.default)
    return told


def _type(type: Type | Group, concrete: Schema | None = None) -> Any:
    """A type; one of `concrete`, in which brands are nodes of their own, is told as its generic's."""
    match type:
        case Builtin(name):
            return name
        case ListOf(element):
            return {"list": _type(element, concrete)}
        case Group(id):
            return {"group": _id(id)}
        case Use(id) if concrete is not None:
            node = concrete.node(id)
            brand = [_type(each, concrete) for each in node.arguments]
            return {"use": _id(node.origin or id), **({"brand": brand} if brand else {})}
        case Use(id, bindings):
            brands = {
                _id(binding.scope): binding.types and [each and _type(each) for each in binding.types]
                for binding in bindings
            }
            return {"use": _id(id), **({"brand": brands} if brands else {})}
        case AnyPointer(name):
            return {"any": name}
        case Parameter(scope, index):
            return {"parameter": index, "scope": _id(scope or 0)}
        case _:
            assert_never(type)


def _text(value: Any, indent: str = "\n") -> str:
    """JSON, laid out as `json.dumps(value, indent=1)` does, which takes three times as long."""
    match value:
        case dict() | list() if not value:
            return "{}" if isinstance(value, dict) else "[]"
        case dict():
            inner = f"{indent} "
            members = (f"{_quoted(name)}: {_text(each, inner)}" for name, each in value.items())
            return f"{{{inner}{f',{inner}'.join(members)}{indent}}}"
        case list() | tuple():
            inner = f"{indent} "
            return f"[{inner}{f',{inner}'.join(_text(each, inner) for each in value)}{indent}]"
        case str():
            return _quoted(value)
        case _:
            return json.dumps(value)


_quoted: Final = json.encoder.encode_basestring_ascii


def _id(id: int) -> str:
    return f"{id:#018x}"
