"""A Cap'n Proto schema as plain data, read from a `CodeGeneratorRequest`.

A `.capnp` file (by way of `capwit.codegen.schema.parser`) and the `capnp compile` plugin convention meet
here. Types as they are *used* are `Type`; what is *declared* is a `Node`. Nothing is decided: names
and types are the schema's own.

Source: https://github.com/capnproto/capnproto/blob/v1.0.2/c++/src/capnp/schema.capnp
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from capwit.codegen.errors import GenerateError, Location
from capwit.codegen.schema.scan import Declaration, read_text, scan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

STREAM_RESULT: Final = 0x995F9A3377C0B16E
"""The result struct of a method that is declared `-> stream`."""


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


Type: TypeAlias = Builtin | ListOf | Use | AnyPointer | Parameter


@dataclass(frozen=True, slots=True)
class Encoded:
    """A value whose type is not told: as the root of an encoded message.

    One of a generic's parameter is such a value, too. `decode` reads it as the type that the parameter is
    bound to; what it gives is `plain`, as in a `Pointer`. It raises `ValueError` where it is none.
    """

    message: bytes
    decode: Callable[[Type], Any] = field(default=lambda _: None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Pointer:
    """A struct or list, as the schema writes it (`text`), and as dicts, lists and `Encoded` (`plain`).

    What is null is not in the dicts, and of a union only the member that is set, which is `None` if it is
    null; an enumerant is its name.
    Both are empty where it cannot be told.
    """

    text: str = ""
    plain: Any = field(default=None, compare=False)

    def __str__(self) -> str:
        """As the schema writes it."""
        return self.text


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

    `parameters` counts the type parameters that it declares itself. `capwit.codegen.lower.brands` makes one
    node of each used brand of a generic: `origin` is then the generic, `brand` what its own parameters
    are bound to, `arguments` what those of all scopes around it are, too, the outermost first.
    `home` is the file in whose package a declaration is generated, if not its own.
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
    parameters: int = 0
    origin: int | None = None
    brand: tuple[Type, ...] = ()
    arguments: tuple[Type, ...] = ()
    home: int | None = None

    @property
    def package(self) -> int:
        """The file in whose package it is generated."""
        return self.file if self.home is None else self.home

    @property
    def template(self) -> bool:
        """Whether it is generic: what is generated are its brands."""
        return self.generic and isinstance(self.body, Struct | Interface)

    @property
    def bound(self) -> bool:
        """Whether it is a brand that binds some parameter."""
        return any(not isinstance(type, AnyPointer) for type in self.arguments)

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
    """All declarations by id, the files that were asked for (`roots`), and the request that told them."""

    nodes: Mapping[int, Node]
    files: Mapping[int, SourceFile]
    roots: tuple[int, ...]
    request: bytes = field(default=b"", repr=False)
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
        """Where a declaration, or a member of it, stands; `$package` is a member of a file."""
        node = self.node(id)
        source = self.files[node.file]
        declarations = self.declarations(source)
        path = (*node.path, member) if member else node.path
        while path and path not in declarations:
            method = path[-1].partition("$")[0]
            path = (*path[:-1], method) if method != path[-1] else path[:-1]
        found = declarations.get(path)
        return Location(source.shown, found.line, found.column) if found else Location(source.shown)

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
                self.scans[source.id] = scan(read_text(source.path)).declarations
            except OSError:
                self.scans[source.id] = {}
        return self.scans[source.id]
