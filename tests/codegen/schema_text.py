"""Cap'n Proto schemas as trees, and the text that they are written as."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass
class Slot:
    """A field, an enumerant (whose `type` is empty) or a parameter; its ordinal is given to it last."""

    name: str
    type: str = ""
    tail: str = ""
    doc: str = ""
    ordinal: int = 0
    literal: object = None  # how to write a value of its type, if there is one


@dataclass
class Block:
    """A group or a union; an unnamed union has no name."""

    kind: str
    name: str
    members: list[Slot | Block]
    tail: str = ""
    doc: str = ""


@dataclass
class Method:
    """A method: what is taken and given is text, but for inline ones."""

    name: str
    params: str | list[Slot]
    results: str | list[Slot]
    generics: str = ""
    tail: str = ""
    doc: str = ""
    ordinal: int = 0


@dataclass
class Declaration:
    """A struct, enum or interface, with what is declared in it; `index` counts all of a schema."""

    kind: str
    name: str
    index: int
    file: File
    around: Declaration | None = None
    generics: tuple[str, ...] = ()
    members: list[Slot | Block] = field(default_factory=list)
    methods: list[Method] = field(default_factory=list)
    extends: list[str] = field(default_factory=list)
    above: set[int] = field(default_factory=set)
    nested: list[Declaration] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    tail: str = ""
    doc: str = ""
    whole: bool = False
    usable: bool = True

    @property
    def path(self) -> list[Declaration]:
        """The declarations around it, from the file inwards, and itself."""
        return [*(self.around.path if self.around else []), self]

    @property
    def slots(self) -> list[Slot]:
        """Its own fields, those of its groups and unions included."""
        return list(slots(self.members))


@dataclass
class File:
    """A file; `lines` are what stands in it besides declarations."""

    name: str
    id: int
    package: str = ""
    imports: list[File] = field(default_factory=list)
    declarations: list[Declaration] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    aliases: list[tuple[str, Declaration]] = field(default_factory=list)
    doc: str = ""

    @property
    def alias(self) -> str:
        """What other files call it."""
        return f"File{self.name.title()}"


Scope: TypeAlias = File | Declaration


def slots(members: Sequence[Slot | Block]) -> Iterator[Slot]:
    """All fields among the members, in the order of the text."""
    for member in members:
        if isinstance(member, Slot):
            yield member
        else:
            yield from slots(member.members)


def declared(scope: Scope) -> Iterator[Declaration]:
    """All that is declared in a file or a declaration, outer ones first."""
    for each in scope.declarations if isinstance(scope, File) else scope.nested:
        yield each
        yield from declared(each)


def text(file: File) -> str:
    """A file as it is written."""
    lines = [f"@{file.id:#x};", *comment(file.doc, ""), 'using Wit = import "/capwit/wit.capnp";']
    lines += [f'$Wit.package("{file.package}");'] if file.package else []
    lines += [f'using {other.alias} = import "{other.name}.capnp";' for other in file.imports]
    lines += file.lines
    for each in file.declarations:
        lines += _declaration(each)
    return "\n".join([*lines, ""])


def comment(doc: str, indent: str) -> list[str]:
    """A doc comment."""
    return [f"{indent}# {line}" for line in doc.split("\n")] if doc else []


def _declaration(each: Declaration) -> Iterator[str]:
    generics = f"({', '.join(each.generics)})" if each.generics else ""
    extends = f" extends({', '.join(each.extends)})" if each.extends else ""
    yield f"{each.kind} {each.name}{generics}{extends}{each.tail} {{"
    yield from comment(each.doc, "  ")
    for line in each.lines:
        yield f"  {line}"
    for inner in each.nested:
        yield from (f"  {line}" for line in _declaration(inner))
    for member in each.members:
        yield from (f"  {line}" for line in _member(member))
    for method in each.methods:
        yield f"  {_method(method)}"
        yield from comment(method.doc, "  ")
    yield "}"


def _member(member: Slot | Block) -> Iterator[str]:
    if isinstance(member, Slot):
        type = f" : {member.type}" if member.type else ""  # `:.` would be one operator
        yield f"{member.name} @{member.ordinal}{type}{member.tail};"
        yield from comment(member.doc, "")
        return
    yield f"{member.name} :{member.kind}{member.tail} {{" if member.name else f"{member.kind}{member.tail} {{"
    yield from comment(member.doc, "  ")
    for inner in member.members:
        yield from (f"  {line}" for line in _member(inner))
    yield "}"


def _method(method: Method) -> str:
    results = f" -> {_ends(method.results)}" if method.results else ""
    return f"{method.name} @{method.ordinal}{method.generics} {_ends(method.params)}{results}{method.tail};"


def _ends(ends: str | list[Slot]) -> str:
    if isinstance(ends, str):
        return ends
    return f"({', '.join(f'{slot.name} : {slot.type}{slot.tail}' for slot in ends)})"
