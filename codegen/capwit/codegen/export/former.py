"""What was exported before: the ids and ordinals that a later run keeps, however the WIT has grown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from capwit.codegen.base.names import kebab
from capwit.codegen.diff.wire import written
from capwit.codegen.schema.annotations import Wit
from capwit.codegen.schema.nodes import (
    STREAM_RESULT,
    AnyPointer,
    Builtin,
    Enum,
    Field,
    Group,
    Interface,
    ListOf,
    Method,
    Parameter,
    Schema,
    Struct,
    Use,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from capwit.codegen.schema.nodes import Body, Member, Node


class Known(NamedTuple):
    """A member as it was: its ordinal, its name, and what tells whether it still is the same."""

    ordinal: int
    name: str
    shape: str
    """What stands in the place of it when it is gone: a type as wide as its own was."""
    stand_in: str


@dataclass(frozen=True, slots=True)
class Former:
    """One declaration as it was: its id, what it was, and its members by their WIT labels."""

    id: int = 0
    body: type[Body] | None = None
    members: Mapping[str, Known] = field(default_factory=dict)

    def as_a(self, body: type[Body]) -> Former:
        """What is kept of it where it is to be that now: of another kind of declaration, its id alone."""
        return self if self.body is body else Former(self.id)


@dataclass(frozen=True, slots=True)
class FormerFile:
    """A file as it was: its id, and what it declares, by name."""

    id: int = 0
    declarations: Mapping[str, Former] = field(default_factory=dict)


class Placed(NamedTuple):
    """A member by its WIT label and its shape, and where it goes."""

    label: str
    shape: str


def read(schema: Schema) -> FormerFile:
    """What a schema that was exported says."""
    root = schema.roots[0]
    declarations = {}
    for id in schema.node(root).nested:
        node = schema.node(id)
        declarations[node.path[-1]] = Former(
            id, type(node.body), {_label(each): known for each, known in _members(schema, node)}
        )
    return FormerFile(root, declarations)


def place(former: Former, members: Sequence[Placed]) -> tuple[list[int], list[Known]]:
    """The ordinal of each member, and those whose ordinals stay taken though they are gone."""
    kept = {
        each.label: former.members[each.label]
        for each in members
        if each.label in former.members and former.members[each.label].shape == each.shape
    }
    gone = [known for label, known in former.members.items() if label not in kept]
    free = 1 + max((known.ordinal for known in former.members.values()), default=-1)
    ordinals = []
    for each in members:
        if each.label in kept:
            ordinals.append(kept[each.label].ordinal)
        else:
            ordinals.append(free)
            free += 1
    return ordinals, gone


def _label(member: Member) -> str:
    given = member.annotations.get(Wit.NAME)
    return given if isinstance(given, str) else kebab(member.name)


def _members(schema: Schema, node: Node) -> list[tuple[Member, Known]]:
    match node.body:
        case Struct(fields):
            for each in fields:
                if isinstance(each.type, Group):
                    message = "it has a group, which is of a bridge file and not of WIT"
                    mend = "name the bridge file, or export to another file"
                    raise schema.error(node.id, each.name, message, mend)
            return [(each, _field(schema, each)) for each in fields if each.ordinal is not None]
        case Enum(enumerants):
            return [(each, Known(each.ordinal or 0, each.name, "", "")) for each in enumerants]
        case Interface(methods):
            return [
                (each, Known(each.ordinal or 0, each.name, _signature(schema, each), "")) for each in methods
            ]
        case _:
            return []


def _field(schema: Schema, field: Field) -> Known:
    assert field.ordinal is not None
    match field.type:
        case Builtin("text" | "data") | ListOf() | AnyPointer() | Parameter():
            stand_in = "AnyPointer"
        case Use(id):
            stand_in = "UInt16" if isinstance(schema.node(id).body, Enum) else "AnyPointer"
        case Builtin() | Group():
            stand_in = written(schema, field.type)
    return Known(field.ordinal, field.name, shape(written(schema, field.type)), stand_in)


def _signature(schema: Schema, method: Method) -> str:
    parts = []
    for use in (method.params, method.results):
        if use.id == STREAM_RESULT:
            parts.append("stream")
            continue
        body = schema.node(use.id).body
        fields = body.fields if isinstance(body, Struct) else ()
        listed = sorted((each.ordinal or 0, each) for each in fields)
        parts.append(signature([(each.name, written(schema, each.type)) for _, each in listed]))
    return " -> ".join(parts)


def signature(slots: Sequence[tuple[str, str]]) -> str:
    """What tells one list of parameters or results from another: names and types."""
    return ", ".join(f"{label} :{shape(type)}" for label, type in slots)


def shape(type: str) -> str:
    """A type without the names of the files that it is from."""
    return type.rpartition(".")[2] if "(" not in type else _inner(type)


def _inner(type: str) -> str:
    head, _, rest = type.partition("(")
    return f"{head}({shape(rest.removesuffix(')'))})"
