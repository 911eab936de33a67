"""A `CodeGeneratorRequest`, read: by way of pycapnp, and the only place that knows its classes.

Source: https://github.com/capnproto/capnproto/blob/v1.0.2/c++/src/capnp/schema.capnp
"""

from __future__ import annotations

import re
import struct
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import capnp
from capnp.lib.capnp import _ListSchema
from capwit.codegen.errors import GenerateError, shown
from capwit.codegen.schema.annotations import Wit
from capwit.codegen.schema.nodes import (
    Annotation,
    AnyPointer,
    Binding,
    Body,
    Builtin,
    Const,
    Encoded,
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
    Pointer,
    Schema,
    SourceFile,
    Struct,
    Type,
    Use,
    Value,
)
from capwit.codegen.schema.scan import MAX_DEPTH

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MAX_PARTS: Final = 100_000
"""How many values all constants and defaults may be made of; numbers in a list do not count."""

_NO_DISCRIMINANT: Final = 0xFFFF
_NESTING_LIMIT: Final = 512  # pointers: a bound on the reader's recursion, above what the mapping allows
_SEGMENTS: Final = struct.Struct("<II")  # of a message of one segment: the number of others, its words
_BEFORE: Final = 3  # words of an encoded `Value` before its pointer: the message's root, and two of data
_BREAK: Final = re.compile(r"\n\s*")
_TRAVERSALS: Final = 8  # how often each word may be read: lists of empty elements cost nothing to send

_M = TypeVar("_M", bound=Member)


def read(request: bytes, roots: int | None = None, schema: Path | None = None) -> Schema:
    """Reads a `CodeGeneratorRequest`.

    Its first `roots` files are those that were asked for (all of them if `None`). Errors name files as
    seen from `schema`, if the request was made of one.
    """
    with open_request(request, str(schema) if schema else "<request>") as reader:
        return replace(_Reader(reader, schema).schema(roots), request=request)


@contextmanager
def open_request(request: bytes, shown: str) -> Iterator[Any]:
    """pycapnp's reader of a request; whatever is wrong inside is a `GenerateError` of the file `shown`."""
    try:
        schemas = schema_capnp()  # kept while it is used: of two threads that load it, one's is cached
        words = len(request) // 8 * _TRAVERSALS + 1024
        with schemas.CodeGeneratorRequest.from_bytes(request, words, _NESTING_LIMIT) as reader:
            yield reader
    except (capnp.KjException, ValueError) as error:
        message = str(error).partition("\nstack:")[0].rpartition("failed: ")[2]
        raise GenerateError(shown, message=f"it cannot be read: {message}") from None


@cache
def schema_capnp() -> Any:
    """Cap'n Proto's schema of schemas: the module as a whole, which keeps the parser that its types need."""
    included = Path(capnp.__file__).parent
    return capnp.SchemaParser().load(str(included / "schema.capnp"), imports=[str(included.parent)])


@cache
def _annotations_capnp() -> Any:
    """The file that declares our annotations."""
    own = Path(__file__).parents[2]
    return capnp.SchemaParser().load(str(own / "wit.capnp"), imports=[str(own.parent)])


class _Reader:
    """Turns the nodes of one request into data, file by file and inwards."""

    def __init__(self, request: Any, root: Path | None) -> None:
        self.request = request
        self.root = root
        self.protos = {node.id: node for node in request.nodes}
        self.infos = {info.id: info for info in request.sourceInfo}
        self.kinds = {id: str(proto.which()) for id, proto in self.protos.items()}
        self.plains = 0  # how many values have been read
        self.at = ""
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
            self.at = ".".join(path)
            body = self.body(proto)
            nested = [(child.id, id, (*path, child.name)) for child in proto.nestedNodes]
            self.nodes[id] = Node(
                id=id,
                file=file,
                parent=parent,
                path=path,
                doc=self.infos[id].docComment if id in self.infos else "",
                annotations=_annotations(proto),
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

    def body(self, proto: Any) -> Body:
        match proto.which():
            case "file":
                return File()
            case "struct":
                fields = [self.field(*each) for each in self.members(proto, proto.struct.fields)]
                return Struct(_in_order(fields), proto.struct.isGroup)
            case "enum":
                return Enum(_in_order([member for _, member in self.members(proto, proto.enum.enumerants)]))
            case "interface":
                interface = proto.interface
                methods = [_method(*each) for each in self.members(proto, interface.methods)]
                extended = [Use(each.id, _brand(each.brand)) for each in interface.superclasses]
                return Interface(_in_order(methods), tuple(extended))
            case "const":
                return Const(_type(proto.const.type), self.value(proto.const.type, proto.const.value))
            case _:
                return Annotation()

    def value(self, type: Any, value: Any) -> Value:
        if value.which() not in ("struct", "list", "anyPointer"):
            return _value(value)
        try:
            if value.which() == "anyPointer":
                return Pointer("<opaque pointer>", self.encoded(value.anyPointer))
            schema = self.schema_of(type)
            read = value.struct.as_struct(schema) if value.which() == "struct" else value.list.as_list(schema)
            return Pointer(_BREAK.sub(" ", str(read)), self.plain(read))
        except (capnp.KjException, AttributeError, KeyError, RuntimeError):
            return Pointer()

    def plain(self, value: Any) -> Any:
        """A value that pycapnp has read, as dicts, lists and `Encoded`."""
        self.plains += 1
        if self.plains > MAX_PARTS:
            message = f"with all before it, the schema has more than {MAX_PARTS} values"
            mend = "name fewer constants in others: each is written out"
            raise GenerateError(str(self.root or "<request>"), name=self.at, message=message, mend=mend)
        match value:
            case capnp.lib.capnp._DynamicListReader() | list():
                items = [*value]
                return items if items and isinstance(items[0], int | float) else [*map(self.plain, items)]
            case capnp.lib.capnp._DynamicStructReader():
                fields = value.schema.non_union_fields
                given = {name: self.plain(value._get(name)) for name in fields if value._has(name)}
                if value.schema.union_fields:
                    name = str(value.which())
                    # What is null is read as a default, which may have a null in the same place, without end.
                    given[name] = self.plain(value._get(name)) if value._has(name) else None
                return given
            case capnp.lib.capnp._DynamicObjectReader():
                return self.encoded(value)
            case capnp.lib.capnp._DynamicEnum():
                return str(value)
            case _:
                return value

    def encoded(self, pointer: Any) -> Encoded:
        """A pointer as the root of a message of its own.

        A `Value` is encoded that holds it: a message of one segment, whose last word before the pointer's own
        objects is the pointer. Pointers are relative, so what stands before it can go.
        """
        holder = schema_capnp().Value.new_message()
        holder.anyPointer = pointer
        message = holder.to_bytes()
        last, words = _SEGMENTS.unpack_from(message)
        if last:
            raise KeyError("more than one segment")

        def decode(type: Type) -> Any:
            try:
                with schema_capnp().Value.from_bytes(message) as value:
                    return self.read_as(type, value.anyPointer)
            except (capnp.KjException, AttributeError, KeyError, RuntimeError) as error:
                raise ValueError("it is not of its type") from error

        return Encoded(_SEGMENTS.pack(0, words - _BEFORE) + message[_SEGMENTS.size + 8 * _BEFORE :], decode)

    def read_as(self, type: Type, pointer: Any) -> Any:
        """What a pointer leads to, as a type of ours."""
        match type:
            case Builtin("text"):
                return pointer.as_text()
            case Builtin("data"):
                return bytes(pointer.as_list(_ListSchema(capnp.types.UInt8)))
            case ListOf():
                return self.plain(pointer.as_list(self.schema_for(type)))
            case _:
                return self.plain(pointer.as_struct(self.schema_for(type)))

    def schema_for(self, type: Type) -> Any:
        """pycapnp's own schema of a type of ours."""
        match type:
            case ListOf(element):
                return _ListSchema(self.schema_for(element))
            case Use(id):
                return getattr(self.loader.get(id), f"as_{self.kinds[id]}")()
            case Builtin(name):
                return _builtin(name)
            case _:
                raise KeyError(f"no schema of {type}")

    def schema_of(self, type: Any) -> Any:
        """pycapnp's own schema of a type."""
        kind = str(type.which())
        if kind == "list":
            return _ListSchema(self.schema_of(type.list.elementType))
        if kind in ("struct", "enum", "interface"):
            return getattr(self.loader.get(getattr(type, kind).typeId), f"as_{kind}")()
        return _builtin(kind)

    @cached_property
    def loader(self) -> Any:
        loader = capnp.SchemaLoader()
        for proto in self.protos.values():
            str(proto)  # raises for a pointer that is none; the loader would end the process
            loader.load_dynamic(proto)
        return loader

    def members(self, proto: Any, listed: Sequence[Any]) -> Iterator[tuple[Any, Member]]:
        info = self.infos.get(proto.id)
        docs = [member.docComment for member in info.members] if info is not None else []
        for index, each in enumerate(listed):
            doc = docs[index] if index < len(docs) else ""
            yield each, Member(each.name, each.codeOrder, index, doc, _annotations(each))

    def field(self, proto: Any, member: Member) -> Field:
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
            default=self.value(proto.slot.type, proto.slot.defaultValue) if explicit else None,
            explicit_default=explicit,
        )


def _builtin(name: str) -> Any:
    """pycapnp's own schema of a builtin type, by its name in schema.capnp: `uint64`."""
    return getattr(capnp.types, (name[0].upper() + name[1:]).replace("Uint", "UInt"))


def _in_order(members: Sequence[_M]) -> tuple[_M, ...]:
    return tuple(sorted(members, key=lambda member: member.order))


def _annotations(proto: Any) -> dict[int, Value]:
    return {
        each.id: _resource(each.value) if each.id == Wit.RESOURCE else _value(each.value)
        for each in proto.annotations
    }


def _resource(value: Any) -> Value:
    """The value of `$Wit.resource`; its type is ours, whatever the request says of it."""
    if value.which() != "struct":
        return Pointer()
    read = value.struct.as_struct(_annotations_capnp().Resource.schema)
    return Pointer(str(read), {"interface": read.interface, "name": read.name})


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


def _value(proto: Any) -> Value:
    match proto.which():
        case "void" | "interface":
            return None
        case "list" | "struct" | "anyPointer":
            return Pointer()
        case "text":
            return str(proto.text)
        case "data":
            return bytes(proto.data)
        case "bool":
            return bool(proto.bool)
        case "float32" | "float64" as kind:
            return float(getattr(proto, kind))
        case kind:
            return int(getattr(proto, kind))
