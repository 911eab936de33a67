"""A schema as it was read -> Cap'n Proto files as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

from capwit.codegen.base import docs
from capwit.codegen.base.names import file_label, kebab
from capwit.codegen.errors import GenerateError
from capwit.codegen.export import text
from capwit.codegen.export.naming import Namespace
from capwit.codegen.schema.annotations import Wit
from capwit.codegen.schema.nodes import (
    STREAM_RESULT,
    AnyPointer,
    Binding,
    Builtin,
    Enum,
    Field,
    Group,
    Interface,
    ListOf,
    Method,
    Node,
    Parameter,
    Pointer,
    Struct,
    Type,
    Use,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from capwit.codegen.export.bridge import Bridge

_BUILTINS: Final = {"uint8": "UInt8", "uint16": "UInt16", "uint32": "UInt32", "uint64": "UInt64"}
_OPAQUE: Final = "<opaque"
_SKIP: Final = str(Wit.SKIP)


class Printer:
    """One file of a bridge file's schema."""

    def __init__(
        self,
        bridge: Bridge,
        file: int,
        docs_of: Mapping[str, str],
        regained: Mapping[tuple[int, str], Sequence[str]],
        given: Mapping[str, str],
    ) -> None:
        """`docs_of` are the documentation comments of the WIT, by labels: `entry`, `entry.key`.

        `regained` are annotations by declaration and member, without the `$Wit.` before them. `given` are
        other names that some files are to have. All files stand in one folder.
        """
        self.given = given
        self.regained = regained
        self.bridge = bridge
        self.schema = bridge.schema
        self.file = file
        self.docs_of = docs_of
        own = [node for node in self.schema.nodes.values() if node.file == file]
        taken = {name for node in own for name in node.path}
        space = Namespace(taken)
        self.wit = space.claim("Wit")
        self.parameter = space.claim("T")

    def build(self) -> text.File:
        """The file. Raises `GenerateError` where something is not in the bridge file."""
        annotations: list[str] = []
        name = self.bridge.files[self.file]
        stem = self.given.get(name, name).removesuffix(".capnp")
        is_first = self.file == next(iter(self.bridge.files))
        if is_first:  # the others of a loop have the package by way of it
            annotations.append(f'${self.wit}.package("{self.bridge.package}")')
            annotations += self._named(file_label(stem), self.bridge.interface)
        return text.File(
            self.file,
            ((self.wit, "/capwit/wit.capnp"),),
            tuple(annotations),
            tuple(self._nested(self.schema.node(self.file))),
            self.docs_of.get("", "") if is_first else "",
        )

    def _nested(self, node: Node) -> Iterator[text.Declaration]:
        for id in node.nested:
            yield self._declaration(self.schema.node(id))

    def _declaration(self, node: Node) -> text.Declaration:
        name = node.path[-1]
        label = self.bridge.labels.get((node.id, ""))
        annotations = self._named(kebab(node.name.replace(".", "-")), label) if label else ()
        annotations += self._regained(node.id, "")
        doc = self.docs_of.get(label, "") if label else ""
        match node.body:
            case Struct():
                members = tuple(self._members(node, node.body, label or ""))
                head = self._parameters(node)
                return text.Struct(name, node.id, members, doc, annotations, head, tuple(self._nested(node)))
            case Enum(enumerants):
                slots = [
                    text.Slot(
                        each.name,
                        each.ordinal or 0,
                        "",
                        self._doc(node, each.name, label),
                        self._member(node, each.name),
                    )
                    for each in sorted(enumerants, key=lambda each: each.order)
                ]
                return text.Enum(name, node.id, tuple(slots), doc, annotations)
            case Interface(methods, superclasses):
                head = self._parameters(node)
                if superclasses:
                    head += f" extends({', '.join(self._type(each, node) for each in superclasses)})"
                if node.id in self.bridge.resources:
                    told = self.bridge.resources[node.id]
                    given = ", ".join(f"{key} = {docs.literal(value)}" for key, value in told.items())
                    annotations = (*annotations, f"${self.wit}.resource({given})")
                made = tuple(self._method(node, each, label) for each in methods)
                return text.Interface(name, node.id, made, doc, annotations, head, tuple(self._nested(node)))
            case _:
                raise AssertionError("a bridge file declares structs, enums and interfaces")

    # Members

    def _members(self, node: Node, body: Struct, label: str) -> Iterator[text.Member]:
        union = [each for each in body.fields if each.discriminant is not None]
        told = False
        for each in body.fields:
            if each.discriminant is None:
                yield self._field(node, each, label)
            elif not told:
                told = True
                yield text.Group("", tuple(self._field(node, each, label) for each in union), union=True)

    def _field(self, node: Node, field: Field, label: str) -> text.Member:
        doc = self._doc(node, field.name, label)
        if not isinstance(field.type, Group):
            type = self._type(field.type, node)
            given = self._member(node, field.name)
            default = self._default(node, field)
            return text.Slot(field.name, field.ordinal or 0, type, doc, given, default)
        inner = self.schema.node(field.type.id)
        assert isinstance(inner.body, Struct)
        union = all(each.discriminant is not None for each in inner.body.fields)
        if union:
            members = tuple(self._field(inner, each, "") for each in inner.body.fields)
        else:
            members = tuple(self._members(inner, inner.body, ""))
        return text.Group(field.name, members, union, doc, self._member(node, field.name))

    def _method(self, node: Node, method: Method, label: str | None) -> text.Method:
        names = [self._implicit(index) for index in range(self._implicits(method))]
        head = f" [{', '.join(names)}]" if names else ""
        return text.Method(
            method.name,
            method.ordinal or 0,
            self._side(node, method.params),
            self._side(node, method.results),
            self._doc(node, method.name, label),
            self._member(node, method.name),
            head,
        )

    def _side(self, node: Node, use: Use) -> tuple[text.Slot, ...] | str:
        if use.id == STREAM_RESULT:
            return "stream"
        target = self.schema.node(use.id)
        if not target.inline:
            return self._type(use, node)
        assert isinstance(target.body, Struct)
        slots = []
        for field in sorted(target.body.fields, key=lambda each: each.ordinal or 0):
            assert not isinstance(field.type, Group)
            slots.append(
                text.Slot(
                    field.name,
                    field.ordinal or 0,
                    self._type(field.type, node),
                    "",
                    self._member(target, field.name),
                    self._default(target, field),
                )
            )
        return tuple(slots)

    def _member(self, node: Node, name: str) -> tuple[str, ...]:
        label = self.bridge.labels.get((node.id, name), kebab(name))
        if label is None:
            return (f"${self.wit}.skip",)
        return self._named(kebab(name), label) + self._regained(node.id, name)

    def _regained(self, id: int, member: str) -> tuple[str, ...]:
        return tuple(f"${self.wit}.{each}" for each in self.regained.get((id, member), ()))

    def _named(self, derived: str, label: str) -> tuple[str, ...]:
        return () if derived == label else (f'${self.wit}.name("{label}")',)

    def _doc(self, node: Node, name: str, label: str | None) -> str:
        member = self.bridge.labels.get((node.id, name))
        return self.docs_of.get(f"{label}.{member}", "") if label and member else ""

    def _parameters(self, node: Node) -> str:
        names = [self._bound(node, index) for index in range(node.parameters)]
        return f"({', '.join(names)})" if names else ""

    # Types

    def _type(self, type: Type, at: Node) -> str:
        match type:
            case Builtin(name):
                return _BUILTINS.get(name, name[:1].upper() + name[1:])
            case ListOf(element):
                return f"List({self._type(element, at)})"
            case AnyPointer(name):
                return name
            case Parameter(None, index):
                return self._implicit(index)
            case Parameter(scope, index):
                assert scope is not None
                node = self.schema.node(scope)
                return self._implicit(index) if node.inline else self._bound(node, index)
            case Use(id, brand):
                return self._use(id, brand, at)
            case _:
                assert_never(type)

    def _use(self, id: int, brand: tuple[Binding, ...], at: Node) -> str:
        if id not in self.schema.nodes:
            message = f"it uses the declaration {id:#x}, which no bridge file beside it has"
            mend = "generate what it imports into the same folder"
            raise GenerateError(self.bridge.files[self.file], name=at.name, message=message, mend=mend)
        bound = {each.scope: each.types for each in brand}
        parts: list[str] = []
        node = self.schema.node(id)
        while node.path:
            types = bound.get(node.id, ())
            if types is None and parts:
                break  # what is in a scope around it is found there, with what that is bound to
            if types is None:
                types = ()
            name = node.path[-1]
            if types:
                listed = [self._type(each, at) if each else "AnyPointer" for each in types]
                name += f"({', '.join(listed)})"
            parts.insert(0, name)
            node = self.schema.node(node.parent)
        else:
            if node.id == self.file:
                return self._from_root(parts, at)
            path = next((name for name, id in self.bridge.imports[self.file].items() if id == node.id), "")
            if not path.startswith("/"):
                path = path.rpartition("/")[2] or self.bridge.files[node.id]
                path = self.given.get(path, path)
            return f'import "{path}".{".".join(parts)}'
        return ".".join(parts)

    def _from_root(self, parts: Sequence[str], at: Node) -> str:
        """A path from the file: with a dot before it, where something nearer bears its first name."""
        first = parts[0].partition("(")[0]
        around = at
        while around.path:
            nearer = {self.schema.node(id).path[-1] for id in around.nested}
            if first in nearer:
                return f".{'.'.join(parts)}"
            around = self.schema.node(around.parent)
        return ".".join(parts)

    def _bound(self, node: Node, index: int) -> str:
        return f"{self.parameter}{len(node.path)}x{index}"

    def _implicits(self, method: Method) -> int:
        """How many type parameters of its own a method has, as far as they are used."""
        count = 0
        for use in (method.params, method.results) if method.generic else ():
            if use.id != STREAM_RESULT and self.schema.node(use.id).inline:
                count = max(count, self.schema.node(use.id).parameters)
            waiting: list[Type] = [use]
            while waiting:
                match waiting.pop():
                    case Parameter(None, index):
                        count = max(count, index + 1)
                    case ListOf(element):
                        waiting.append(element)
                    case Use(_, brand):
                        waiting += [each for binding in brand for each in binding.types or () if each]
                    case _:
                        pass
        return count

    def _implicit(self, index: int) -> str:
        return f"{self.parameter}0x{index}"

    # Values

    def _default(self, node: Node, field: Field) -> str:
        if not field.explicit_default:
            return ""
        written = self._literal(field.type, field.default)
        if not written or _OPAQUE in written:
            message = "its default is not in the bridge file in a form that can be written"
            raise GenerateError(self.bridge.files[self.file], 0, 0, f"{node.name}.{field.name}", message)
        return written

    def _literal(self, type: Type | Group, value: Value) -> str:
        match type, value:
            case Use(id), int(ordinal):
                body = self.schema.node(id).body
                listed = body.enumerants if isinstance(body, Enum) else ()
                return next((each.name for each in listed if each.ordinal == ordinal), "")
            case _, Pointer(text=written):
                return written
            case _, str(content):
                return _quoted(content)
            case _:
                return docs.literal(value)


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return '"' + "".join(c if c >= " " and c != "\x7f" else f"\\x{ord(c):02x}" for c in escaped) + '"'
