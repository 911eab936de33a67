"""A Cap'n Proto schema as plain data, read from a `CodeGeneratorRequest`.

A `.capnp` file (by way of `capwit.codegen.parser`) and the `capnp compile` plugin convention meet
here. Types as they are *used* are `Type`; what is *declared* is a `Node`. Nothing is decided: names
and types are the schema's own.

Source: https://github.com/capnproto/capnproto/blob/v1.0.2/c++/src/capnp/schema.capnp
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

import capnp
from capwit.codegen.errors import GenerateError, Location, shown
from capwit.codegen.scan import MAX_DEPTH, Declaration, scan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

STREAM_RESULT: Final = 0x995F9A3377C0B16E
"""The result struct of a method that is declared `-> stream`."""

_NO_DISCRIMINANT: Final = 0xFFFF
_NESTING_LIMIT: Final = 512  # pointers: a bound on the reader's recursion, above what the mapping allows
_TRAVERSALS: Final = 8  # how often each word may be read: lists of empty elements cost nothing to send


@dataclass(frozen=True, slots=True)
class Builtin:
    """A type that has no declaration, by its name in schema.capnp: `void`, `uint64`, `text`."""

    name: str


@dataclass(frozen=True, slots=True)
class ListOf:
    """`List(element)`."""

    element: Type


@dataclass(frozen=True, slots=True)
class Binding:
    """What a brand binds the parameters of one scope to; `None` for one that is left unbound.

    `types` is `None` where the bindings of the scope around the use are inherited.
    """

    scope: int
    types: tuple[Type | None, ...] | None


@dataclass(frozen=True, slots=True)
class Use:
    """An enum, struct or interface, used as a type."""

    id: int
    brand: tuple[Binding, ...] = ()


@dataclass(frozen=True, slots=True)
class AnyPointer:
    """`AnyPointer`, `AnyStruct`, `AnyList` or `Capability`."""

    name: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A generic's parameter: of the declaration `scope`, or of the method around it (`None`)."""

    scope: int | None
    index: int


_M = TypeVar("_M", bound="Member")

Type: TypeAlias = Builtin | ListOf | Use | AnyPointer | Parameter


@dataclass(frozen=True, slots=True)
class Pointer:
    """A value of a pointer type that is not spelled out here."""


Value: TypeAlias = bool | int | float | str | bytes | Pointer | None
"""A constant, default or annotation's value: `None` for `Void`, the number for an enumerant."""


@dataclass(frozen=True, slots=True)
class Member:
    """What a declaration lists: an enumerant, a field (a group has no ordinal), a method."""

    name: str
    order: int
    ordinal: int | None
    doc: str
    annotations: Mapping[int, Value]


@dataclass(frozen=True, slots=True)
class Field(Member):
    """A field: a slot of some type, or a group (`Group`).

    `discriminant` is its number in the struct's unnamed union; `default` is told only if the schema does.
    """

    type: Type | Group
    discriminant: int | None
    default: Value
    explicit_default: bool


@dataclass(frozen=True, slots=True)
class Group:
    """A group or named union: the node that holds its fields."""

    id: int


@dataclass(frozen=True, slots=True)
class Method(Member):
    """A method. Its parameter and result structs are inline if their `path` tells so (`Node.inline`)."""

    params: Use
    results: Use
    generic: bool


@dataclass(frozen=True, slots=True)
class File:
    """A file's own node."""


@dataclass(frozen=True, slots=True)
class Struct:
    """A struct's fields, as they are ordered in the schema's text; `group` tells a group or named union."""

    fields: tuple[Field, ...]
    group: bool


@dataclass(frozen=True, slots=True)
class Enum:
    """An enum's enumerants, as they are ordered in the schema's text."""

    enumerants: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Interface:
    """An interface's methods, as they are ordered in the schema's text, and what it extends."""

    methods: tuple[Method, ...]
    superclasses: tuple[Use, ...]


@dataclass(frozen=True, slots=True)
class Const:
    """A constant."""

    type: Type
    value: Value


@dataclass(frozen=True, slots=True)
class Annotation:
    """An annotation's declaration; nothing of it is needed."""


Body: TypeAlias = File | Struct | Enum | Interface | Const | Annotation


@dataclass(frozen=True, slots=True)
class Node:
    """A declaration. `path` holds its names from the file inwards, `parent` is the node around it.

    Groups, and the structs of a method's inline parameters (`m$Params`) and results (`m$Results`),
    have nodes and paths of their own.
    """

    id: int
    file: int
    parent: int
    path: tuple[str, ...]
    doc: str
    annotations: Mapping[int, Value]
    generic: bool
    nested: tuple[int, ...]
    body: Body

    @property
    def name(self) -> str:
        """How the schema's writer calls it: `Entry.meta`."""
        return ".".join(self.path)

    @property
    def inline(self) -> bool:
        """Whether it is the struct of a method's inline parameters or results."""
        return bool(self.path) and "$" in self.path[-1]


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file, where its text is (it may be gone), how it is shown, and what it imports: file ids by name."""

    id: int
    path: Path
    shown: str
    imports: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Schema:
    """All declarations by id, and the files that were asked for (`roots`)."""

    nodes: Mapping[int, Node]
    files: Mapping[int, SourceFile]
    roots: tuple[int, ...]
    scans: dict[int, Mapping[tuple[str, ...], Declaration]] = field(default_factory=dict, repr=False)
    members: dict[int, dict[str, Member]] = field(default_factory=dict, repr=False)

    def node(self, id: int) -> Node:
        """The declaration `id`; a `GenerateError` if the request left it out."""
        if id not in self.nodes:
            raise GenerateError(
                self.files[self.roots[0]].shown, message=f"the declaration {id:#x} is missing"
            )
        return self.nodes[id]

    def member(self, id: int, name: str) -> Member | None:
        """The field, enumerant or method of that name that a declaration lists."""
        if id not in self.members:
            match self.node(id).body:
                case Struct(members) | Enum(members) | Interface(members):
                    self.members[id] = {member.name: member for member in members}
                case _:
                    self.members[id] = {}
        return self.members[id].get(name)

    def locate(self, id: int, member: str = "") -> Location:
        """Where a declaration, or a member of it, stands."""
        node = self.node(id)
        source = self.files[node.file]
        declarations = self.declarations(source)
        path = (*node.path, member) if member else node.path
        while path and path not in declarations:
            method = path[-1].partition("$")[0]
            path = (*path[:-1], method) if method != path[-1] else path[:-1]
        found = declarations.get(path)
        return Location(source.shown, found.line, found.column) if path and found else Location(source.shown)

    def error(self, id: int, member: str, message: str, mend: str = "") -> GenerateError:
        """An error at a declaration, or at a member of it."""
        names = ".".join(filter(None, [*self.node(id).path, member]))
        for kind in ("$Params", "$Results"):
            names = names.replace(kind, "")
        return GenerateError(*self.locate(id, member), name=names, message=message, mend=mend)

    def declarations(self, source: SourceFile) -> Mapping[tuple[str, ...], Declaration]:
        """Where everything in a file stands, as far as its text can be read."""
        if source.id not in self.scans:
            try:
                self.scans[source.id] = scan(source.path.read_text("utf-8", "replace")).declarations
            except OSError:
                self.scans[source.id] = {}
        return self.scans[source.id]


def read(request: bytes, roots: int | None = None, schema: Path | None = None) -> Schema:
    """Reads a `CodeGeneratorRequest`.

    Its first `roots` files are those that were asked for (all of them if `None`). Errors name files as
    seen from `schema`, if the request was made of one.
    """
    try:
        request_type = _schema_capnp().CodeGeneratorRequest
        words = len(request) // 8 * _TRAVERSALS + 1024
        with request_type.from_bytes(request, words, _NESTING_LIMIT) as reader:
            return _Reader(reader, schema).schema(roots)
    except (capnp.KjException, ValueError) as error:
        message = str(error).partition("\nstack:")[0].rpartition("failed: ")[2]
        file = str(schema) if schema else "<request>"
        raise GenerateError(file, message=f"it cannot be read: {message}") from None


@cache
def _schema_capnp() -> Any:
    """Cap'n Proto's schema of schemas: the module as a whole, which keeps the parser that its types need."""
    included = Path(capnp.__file__).parent
    return capnp.SchemaParser().load(str(included / "schema.capnp"), imports=[str(included.parent)])


class _Reader:
    """Turns the nodes of one request into data, file by file and inwards."""

    def __init__(self, request: Any, root: Path | None) -> None:
        self.request = request
        self.root = root
        self.protos = {node.id: node for node in request.nodes}
        self.infos = {info.id: info for info in request.sourceInfo}
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
            self.walk(id)
        return Schema(self.nodes, files, asked)

    def source(self, id: int, path: Path, imports: Mapping[str, int]) -> SourceFile:
        return SourceFile(id, path, shown(path, self.root) if self.root else str(path), imports)

    def walk(self, file: int) -> None:
        waiting: list[tuple[int, int, tuple[str, ...]]] = [(file, 0, ())]
        while waiting:
            id, parent, path = waiting.pop()
            if id in self.nodes or id not in self.protos:
                continue
            if len(path) > MAX_DEPTH:
                raise ValueError(f"failed: declarations nest more than {MAX_DEPTH} deep")
            proto = self.protos[id]
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
                return Const(_type(proto.const.type), _value(proto.const.value))
            case _:
                return Annotation()

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
            default=_value(proto.slot.defaultValue) if explicit else None,
            explicit_default=explicit,
        )


def _in_order(members: Sequence[_M]) -> tuple[_M, ...]:
    return tuple(sorted(members, key=lambda member: member.order))


def _annotations(proto: Any) -> dict[int, Value]:
    return {annotation.id: _value(annotation.value) for annotation in proto.annotations}


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
    return tuple(_binding(scope) for scope in proto.scopes)


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
