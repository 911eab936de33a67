"""A Cap'n Proto file as data, and as text. Types are written already; everything else is decided, too."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias, assert_never

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

WIDTH: Final = 100
_INDENT: Final = "  "


@dataclass(frozen=True, slots=True)
class Slot:
    """A field, an enumerant's like, or a parameter (whose ordinal is its place)."""

    name: str
    ordinal: int
    type: str
    doc: str = ""
    annotations: tuple[str, ...] = ()
    default: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A group, a named union, or (without a name) a struct's own union."""

    name: str
    members: tuple[Member, ...]
    union: bool
    doc: str = ""
    annotations: tuple[str, ...] = ()


Member: TypeAlias = Slot | Group


@dataclass(frozen=True, slots=True)
class Struct:
    """`struct`; `id` may be 0: then Cap'n Proto derives it. `head` is what stands behind the name."""

    name: str
    id: int
    members: tuple[Member, ...]
    doc: str = ""
    annotations: tuple[str, ...] = ()
    head: str = ""
    nested: tuple[Declaration, ...] = ()


@dataclass(frozen=True, slots=True)
class Enum:
    """`enum`; an enumerant is a slot without a type."""

    name: str
    id: int
    enumerants: tuple[Slot, ...]
    doc: str = ""
    annotations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Method:
    """A method; its parameters and results are listed, or the name of a struct that holds them."""

    name: str
    ordinal: int
    params: tuple[Slot, ...] | str
    results: tuple[Slot, ...] | str
    doc: str = ""
    annotations: tuple[str, ...] = ()
    head: str = ""


@dataclass(frozen=True, slots=True)
class Interface:
    """`interface`; `head` has its parameters and what it extends."""

    name: str
    id: int
    methods: tuple[Method, ...]
    doc: str = ""
    annotations: tuple[str, ...] = ()
    head: str = ""
    nested: tuple[Declaration, ...] = ()


Declaration: TypeAlias = Struct | Enum | Interface


@dataclass(frozen=True, slots=True)
class File:
    """A file: what it imports, by the names that it uses, and what it declares."""

    id: int
    imports: tuple[tuple[str, str], ...]
    annotations: tuple[str, ...]
    declarations: tuple[Declaration, ...]
    doc: str = ""
    note: str = field(default="Written by `capwit export`: a later run keeps the ids and ordinals here.")


def emit(file: File) -> str:
    """The text of a file."""
    head = [*_doc(file.note), f"@{file.id:#018x};", *_doc(file.doc), ""]
    head += [f'using {name} = import "{path}";' for name, path in file.imports]
    head += [f"{annotation};" for annotation in file.annotations]
    blocks = ["\n".join(head)]
    blocks += ["\n".join(_declaration(each)) for each in file.declarations]
    return "\n\n".join(blocks) + "\n"


def _declaration(declaration: Declaration) -> Iterator[str]:
    id = f" @{declaration.id:#018x}" if declaration.id else ""
    annotations = "".join(f" {each}" for each in declaration.annotations)
    name = declaration.name
    match declaration:
        case Enum(enumerants=enumerants, doc=doc):
            yield f"enum {name}{id}{annotations} {{"
            inner = [*_doc(doc), *(line for each in enumerants for line in _enumerant(each))]
            yield from _indented(inner)
            yield "}"
        case Struct(members=members, doc=doc, head=head, nested=nested):
            yield f"struct {name}{id}{head}{annotations} {{"
            inner = [*_doc(doc), *(line for each in members for line in _member(each)), *_nested(nested)]
            yield from _indented(inner)
            yield "}"
        case Interface(methods=methods, doc=doc, head=head, nested=nested):
            yield f"interface {name}{id}{head}{annotations} {{"
            inner = [*_doc(doc), *(line for each in methods for line in _method(each)), *_nested(nested)]
            yield from _indented(inner)
            yield "}"
        case _:
            assert_never(declaration)


def _nested(nested: Sequence[Declaration]) -> Iterator[str]:
    for each in nested:
        yield ""
        yield from _declaration(each)


def _member(member: Member) -> Iterator[str]:
    match member:
        case Slot():
            yield f"{member.name} @{member.ordinal} {_typed(member)};"
            yield from _doc(member.doc)
        case Group(name, members, union, doc, annotations):
            kind = "union" if union else "group"
            head = f"{name} :{kind}" if name else kind
            yield f"{head}{''.join(f' {each}' for each in annotations)} {{"
            yield from _indented([*_doc(doc), *(line for each in members for line in _member(each))])
            yield "}"
        case _:
            assert_never(member)


def _typed(slot: Slot) -> str:
    default = f" = {slot.default}" if slot.default else ""
    type = f" {slot.type}" if slot.type.startswith(".") else slot.type  # `:.` would be one operator
    return " ".join([f":{type}{default}", *slot.annotations])


def _enumerant(slot: Slot) -> Iterator[str]:
    yield " ".join([f"{slot.name} @{slot.ordinal}", *slot.annotations]) + ";"
    yield from _doc(slot.doc)


def _method(method: Method) -> Iterator[str]:
    params, results = (
        each if isinstance(each, str) else [f"{slot.name} {_typed(slot)}" for slot in each]
        for each in (method.params, method.results)
    )
    end = "".join(f" {each}" for each in method.annotations) + ";"
    head = f"{method.name} @{method.ordinal}{method.head} "
    line = f"{head}{_list(params)} -> {_list(results)}{end}"
    if len(line) <= WIDTH:
        yield line
    else:
        yield from _broken(head, params, "")
        yield from _broken("    -> ", results, end)
    yield from _doc(method.doc)


def _list(given: str | Sequence[str]) -> str:
    return given if isinstance(given, str) else f"({', '.join(given)})"


def _broken(head: str, given: str | Sequence[str], end: str) -> Iterator[str]:
    line = f"{head}{_list(given)}{end}"
    if isinstance(given, str) or not given or len(line) <= WIDTH:
        yield line
        return
    yield f"{head}("
    for index, each in enumerate(given):
        yield f"      {each}{',' if index < len(given) - 1 else f'){end}'}"


def _doc(doc: str) -> list[str]:
    return [f"# {line}".rstrip() for line in doc.split("\n")] if doc else []


def _indented(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield f"{_INDENT}{line}" if line else ""
