"""What a WIT text says, as it says it: names are not looked up yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from capwit.codegen.errors import Location


@dataclass(frozen=True, slots=True)
class Name:
    """A label without its `%`, and where it stands. Places do not count when two are compared."""

    text: str
    place: Location = field(compare=False, repr=False)


class PackageName(NamedTuple):
    """`demo:kv@0.1.0`; the version may be empty."""

    namespace: str
    name: str
    version: str = ""

    def __str__(self) -> str:
        """As WIT writes it, without any `%`."""
        return f"{self.namespace}:{self.name}{f'@{self.version}' if self.version else ''}"

    def path(self, interface: str) -> str:
        """An interface or world of the package: `demo:kv/store@0.1.0`."""
        return f"{self.namespace}:{self.name}/{interface}{f'@{self.version}' if self.version else ''}"


@dataclass(frozen=True, slots=True)
class Primitive:
    """`bool`, `s8` to `u64`, `f32`, `f64`, `char`, `string`, `error-context`."""

    name: str


@dataclass(frozen=True, slots=True)
class ListOf:
    """`list<element>`, or `list<element, length>`."""

    element: Type
    length: int | None = None


@dataclass(frozen=True, slots=True)
class MapOf:
    """`map<key, value>`."""

    key: Type
    value: Type


@dataclass(frozen=True, slots=True)
class OptionOf:
    """`option<some>`."""

    some: Type


@dataclass(frozen=True, slots=True)
class ResultOf:
    """`result<ok, error>`, either of which may be missing."""

    ok: Type | None
    error: Type | None


@dataclass(frozen=True, slots=True)
class TupleOf:
    """`tuple<...>`: at least one item."""

    items: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class FutureOf:
    """`future<value>` or `future`."""

    value: Type | None


@dataclass(frozen=True, slots=True)
class StreamOf:
    """`stream<element>` or `stream`."""

    element: Type | None


@dataclass(frozen=True, slots=True)
class Handle:
    """`own<resource>` or `borrow<resource>`."""

    name: Name
    borrowed: bool


@dataclass(frozen=True, slots=True)
class Named:
    """A type by its name; a resource so named is owned."""

    name: Name


Type: TypeAlias = (
    Primitive | ListOf | MapOf | OptionOf | ResultOf | TupleOf | FutureOf | StreamOf | Handle | Named
)


@dataclass(frozen=True, slots=True)
class Gate:
    """`@since(version = 1.0.0)`, `@deprecated(version = ...)`, `@unstable(feature = ...)`."""

    kind: Literal["since", "deprecated", "unstable"]
    value: str
    place: Location = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Head:
    """What every declaration begins with: its name, its documentation (without `///`), its gates."""

    name: Name
    doc: str
    gates: tuple[Gate, ...]

    @property
    def label(self) -> str:
        """The name alone."""
        return self.name.text

    @property
    def hiding(self) -> Gate:
        """The gate that hides it."""
        return next(gate for gate in self.gates if gate.kind == "unstable")


@dataclass(frozen=True, slots=True)
class Field:
    """A record's field, or a function's parameter (which has no documentation)."""

    name: Name
    type: Type
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A case of a variant or enum, or a flag."""

    name: Name
    type: Type | None
    doc: str


@dataclass(frozen=True, slots=True)
class Function:
    """A function: `free`, or one of a resource."""

    head: Head
    kind: Literal["free", "method", "static", "constructor"]
    params: tuple[Field, ...]
    result: Type | None
    is_async: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """`record`."""

    head: Head
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Variant:
    """`variant`: at least one case."""

    head: Head
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Enum:
    """`enum`: at least one case."""

    head: Head
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Flags:
    """`flags`: 1 to 32 of them."""

    head: Head
    flags: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Resource:
    """`resource`, with its methods, statics and constructor."""

    head: Head
    functions: tuple[Function, ...]


@dataclass(frozen=True, slots=True)
class Alias:
    """`type name = type`."""

    head: Head
    type: Type


Definition: TypeAlias = Record | Variant | Enum | Flags | Resource | Alias


@dataclass(frozen=True, slots=True)
class Path:
    """An interface or world: of the package around it, or of the one that is named."""

    package: PackageName | None
    name: Name


@dataclass(frozen=True, slots=True)
class Renamed:
    """`name as other`; without `as` both are the same."""

    name: Name
    other: Name


@dataclass(frozen=True, slots=True)
class Use:
    """`use path.{names};`."""

    path: Path
    names: tuple[Renamed, ...]
    gates: tuple[Gate, ...]


Member: TypeAlias = Use | Definition | Function


@dataclass(frozen=True, slots=True)
class Interface:
    """`interface`; one that is written in a world has that world's name for it."""

    head: Head
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Extern:
    """What a world imports or exports: `name: func`, `name: interface {}`, `path`, or `name: path`."""

    exported: bool
    head: Head
    what: Function | Interface | Path
    named: bool


@dataclass(frozen=True, slots=True)
class Include:
    """`include path with { names }`."""

    path: Path
    names: tuple[Renamed, ...]
    gates: tuple[Gate, ...]


WorldMember: TypeAlias = Use | Definition | Extern | Include


@dataclass(frozen=True, slots=True)
class World:
    """`world`."""

    head: Head
    members: tuple[WorldMember, ...]


@dataclass(frozen=True, slots=True)
class TopUse:
    """`use path as name;` of a file."""

    path: Path
    name: Name


Item: TypeAlias = Interface | World | TopUse


@dataclass(frozen=True, slots=True)
class Package:
    """What one file, or one `package ... {}` in it, says of a package."""

    name: PackageName
    doc: str
    place: Location = field(compare=False, repr=False)
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class File:
    """A file: what it says of its own package, whose name may stand in another one, and of others."""

    package: PackageName | None
    doc: str
    place: Location = field(compare=False, repr=False)
    items: tuple[Item, ...]
    nested: tuple[Package, ...]
