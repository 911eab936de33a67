"""A `CodeGeneratorRequest`, read by way of pycapnp: its nodes as plain data.

Source: https://github.com/capnproto/capnproto/blob/v1.0.2/c++/src/capnp/schema.capnp
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from capwit.codegen.errors import shown
from capwit.codegen.schema.nodes import (
    Annotation,
    AnyPointer,
    Binding,
    Body,
    Builtin,
    Const,
    Enum,
    Field,
    File,
    Group,
    Interface,
    ListOf,
    Member,
    Method,
    Node,
    Parameter,
    Schema,
    SourceFile,
    Struct,
    Type,
    Use,
)
from capwit.codegen.schema.reader import open_request
from capwit.codegen.schema.scan import MAX_DEPTH
from capwit.codegen.schema.values import Values, annotated

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_NO_DISCRIMINANT: Final = 0xFFFF
_M = TypeVar("_M", bound=Member)


def read(request: bytes, roots: int | None = None, schema: Path | None = None) -> Schema:
    """Reads a `CodeGeneratorRequest`.

    Its first `roots` files are those that were asked for (all of them if `None`). Errors name files as
    seen from `schema`, if the request was made of one.
    """
    with open_request(request, str(schema) if schema else "<request>") as reader:
        return replace(_Reader(reader, schema).schema(roots), request=request)


class _Reader:
    """Turns the nodes of one request into data, file by file and inwards."""

    def __init__(self, request: Any, root: Path | None) -> None:
        self.request = request
        self.root = root
        self.protos = {node.id: node for node in request.nodes}
        self.infos = {info.id: info for info in request.sourceInfo}
        self.values = Values(self.protos, str(root or "<request>"))
        self.nodes: dict[int, Node] = {}

    def schema(self, roots: int | None) -> Schema:
        files: dict[int, SourceFile] = {}
        for requested in self.request.requestedFiles:
            imports = {imported.name: imported.id for imported in requested.imports}
            files[requested.id] = self.source(requested.id, Path(requested.filename), imports)
        asked = tuple(files)[:roots]
        if not asked:
            raise ValueError("failed: it names no file")
        for id, proto in self.protos.items():
            if proto.which() == "file":
                files.setdefault(id, self.source(id, Path(proto.displayName), {}))
        for id in files:
            if id not in self.protos:
                raise ValueError(f"failed: it lacks the file {id:#x}")
            self.walk(id, files)
        return Schema(self.nodes, files, asked)

    def source(self, id: int, path: Path, imports: Mapping[str, int]) -> SourceFile:
        return SourceFile(id, path, shown(path, self.root) if self.root else str(path), imports)

    def walk(self, file: int, files: Mapping[int, SourceFile]) -> None:
        waiting: list[tuple[int, int, tuple[str, ...]]] = [(file, 0, ())]
        while waiting:
            id, parent, path = waiting.pop()
            if id in self.nodes or id not in self.protos:
                continue
            if len(path) > MAX_DEPTH:
                message = f"declarations nest more than {MAX_DEPTH} deep"
                raise Schema(self.nodes, files, ()).error(parent, "", message, "nest them less deep")
            proto = self.protos[id]
            body = self.body(proto, ".".join(path))
            nested = [(child.id, id, (*path, child.name)) for child in proto.nestedNodes]
            self.nodes[id] = Node(
                id=id,
                file=file,
                parent=parent,
                path=path,
                doc=self.infos[id].docComment if id in self.infos else "",
                annotations=annotated(proto),
                generic=proto.isGeneric,
                nested=tuple(child for child, _, _ in nested),
                body=body,
                parameters=len(proto.parameters),
            )
            waiting += reversed([*nested, *self.parts(id, path, body)])

    def parts(self, id: int, path: tuple[str, ...], body: Body) -> Iterator[tuple[int, int, tuple[str, ...]]]:
        """The nodes that belong to a declaration without being declared in it."""
        match body:
            case Struct(fields):
                for member in fields:
                    if isinstance(member.type, Group):
                        yield member.type.id, id, (*path, member.name)
            case Interface(methods):
                for method in methods:
                    for use, kind in ((method.params, "Params"), (method.results, "Results")):
                        proto = self.protos.get(use.id)
                        if proto is not None and not proto.scopeId and proto.which() == "struct":
                            yield use.id, id, (*path, f"{method.name}${kind}")
            case _:
                pass

    def body(self, proto: Any, at: str) -> Body:
        match proto.which():
            case "file":
                return File()
            case "struct":
                fields = [self.field(*each, at) for each in self.members(proto, proto.struct.fields)]
                return Struct(_in_order(fields), proto.struct.isGroup)
            case "enum":
                return Enum(_in_order([member for _, member in self.members(proto, proto.enum.enumerants)]))
            case "interface":
                interface = proto.interface
                methods = [_method(*each) for each in self.members(proto, interface.methods)]
                extended = [Use(each.id, _brand(each.brand)) for each in interface.superclasses]
                return Interface(_in_order(methods), tuple(extended))
            case "const":
                return Const(
                    _type(proto.const.type), self.values.value(proto.const.type, proto.const.value, at)
                )
            case _:
                return Annotation()

    def members(self, proto: Any, listed: Sequence[Any]) -> Iterator[tuple[Any, Member]]:
        info = self.infos.get(proto.id)
        docs = [member.docComment for member in info.members] if info is not None else []
        for index, each in enumerate(listed):
            doc = docs[index] if index < len(docs) else ""
            yield each, Member(each.name, each.codeOrder, index, doc, annotated(each))

    def field(self, proto: Any, member: Member, at: str) -> Field:
        explicit = proto.which() == "slot" and proto.slot.hadExplicitDefault
        implicit = None if proto.which() == "group" else member.ordinal
        union = proto.discriminantValue
        return Field(
            name=member.name,
            order=member.order,
            ordinal=proto.ordinal.explicit if proto.ordinal.which() == "explicit" else implicit,
            doc=member.doc,
            annotations=member.annotations,
            type=Group(proto.group.typeId) if proto.which() == "group" else _type(proto.slot.type),
            discriminant=None if union == _NO_DISCRIMINANT else union,
            default=self.values.value(proto.slot.type, proto.slot.defaultValue, at) if explicit else None,
            explicit_default=explicit,
        )


def _in_order(members: Sequence[_M]) -> tuple[_M, ...]:
    return tuple(sorted(members, key=lambda member: member.order))


def _method(proto: Any, member: Member) -> Method:
    return Method(
        name=member.name,
        order=member.order,
        ordinal=member.ordinal,
        doc=member.doc,
        annotations=member.annotations,
        params=Use(proto.paramStructType, _brand(proto.paramBrand)),
        results=Use(proto.resultStructType, _brand(proto.resultBrand)),
        generic=len(proto.implicitParameters) > 0,
    )


def _type(proto: Any) -> Type:
    match proto.which():
        case "list":
            return ListOf(_type(proto.list.elementType))
        case "enum" | "struct" | "interface" as kind:
            used = getattr(proto, kind)
            return Use(used.typeId, _brand(used.brand))
        case "anyPointer":
            return _any_pointer(proto.anyPointer)
        case name:
            return Builtin(str(name))


_ANY_POINTERS: Final = {
    "anyKind": "AnyPointer",
    "struct": "AnyStruct",
    "list": "AnyList",
    "capability": "Capability",
}


def _any_pointer(proto: Any) -> Type:
    match proto.which():
        case "parameter":
            return Parameter(proto.parameter.scopeId, proto.parameter.parameterIndex)
        case "implicitMethodParameter":
            return Parameter(None, proto.implicitMethodParameter.parameterIndex)
        case _:
            return AnyPointer(_ANY_POINTERS[str(proto.unconstrained.which())])


def _brand(proto: Any) -> tuple[Binding, ...]:
    scopes = proto.scopes
    return tuple(map(_binding, scopes)) if len(scopes) else ()


def _binding(proto: Any) -> Binding:
    if proto.which() == "inherit":
        return Binding(proto.scopeId, None)
    types = [_type(bound.type) if bound.which() == "type" else None for bound in proto.bind]
    return Binding(proto.scopeId, tuple(types))
