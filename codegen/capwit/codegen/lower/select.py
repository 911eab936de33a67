"""Which declarations are generated: all, but those that `$Wit.skip` leaves out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from capwit.codegen.base.graph import closure, components
from capwit.codegen.schema.annotations import Wit
from capwit.codegen.schema.nodes import (
    STREAM_RESULT,
    Const,
    File,
    Group,
    Interface,
    ListOf,
    Member,
    Node,
    Struct,
    Type,
    Use,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from capwit.codegen.schema.nodes import Schema

M = TypeVar("M", bound=Member)

_OF_A_WORLD: Final = frozenset({Wit.GRANTS, Wit.EXPORTS, Wit.GUEST})


@dataclass(frozen=True, slots=True)
class Selection:
    """The files that a schema needs, each behind those it uses, and their declarations.

    A file's declarations are ordered as its text is, but with what is nested in a declaration before it.
    """

    files: tuple[int, ...]
    nodes: dict[int, tuple[Node, ...]]


def kept(members: Sequence[M]) -> tuple[M, ...]:
    """The members that are not skipped."""
    return tuple(
        [member for member in members if not member.annotations or Wit.SKIP not in member.annotations]
    )


def uses(type: Type | Group) -> Iterator[int]:
    """The declarations that a type names, those that it binds parameters to included."""
    waiting: list[Type | Group] = [type]
    while waiting:
        type = waiting.pop()
        match type:
            case ListOf(element):
                waiting.append(element)
            case Group(id):
                yield id
            case Use(id, brand):
                yield id
                waiting += [each for binding in brand for each in binding.types or () if each]
            case _:
                pass


def references(node: Node) -> Iterator[tuple[Member | None, int]]:
    """What a declaration refers to, by the member that does."""
    match node.body:
        case Struct(fields):
            for field in fields:
                yield from ((field, id) for id in uses(field.type))
        case Interface(methods, superclasses):
            for method in methods:
                yield from ((method, id) for use in (method.params, method.results) for id in uses(use))
            yield from ((None, id) for use in superclasses for id in uses(use))
        case Const(type):
            yield from ((None, id) for id in uses(type))
        case _:
            pass


def select(schema: Schema, root: int) -> Selection:
    """Picks what is generated for the file `root`."""
    nodes = schema.nodes
    left_out = skipped(schema)
    every: dict[int, list[int]] = {}  # within a file
    kept_ones: dict[int, dict[int, str]] = {}  # with the member that refers there
    unwanted: list[int] = []
    for node in nodes.values():
        every[node.id], kept_ones[node.id] = [], {}
        for member, id in references(node):
            if id == STREAM_RESULT:
                continue
            is_kept = member is None or bool(kept([member]))
            if schema.node(id).package == node.package:
                every[node.id].append(id)
                unwanted += [] if is_kept and node.id not in left_out else [id]
            if is_kept:
                kept_ones[node.id].setdefault(id, member.name if member else "")
    only_skipped = closure(unwanted, every)
    roots = [id for id, node in nodes.items() if id not in left_out and _is_root(node, only_skipped)]
    # What a package holds is its own affair: who else uses it cannot put anything in.
    wanted = closure(
        roots,
        {
            id: [to for to in uses if to not in left_out and nodes[to].package == nodes[id].package]
            for id, uses in kept_ones.items()
        },
    )
    files = _files(schema, root, {id: uses for id, uses in kept_ones.items() if id in wanted})
    listed = {file: tuple(node for node in _inner_first(schema, file) if node.id in wanted) for file in files}
    for node in (node for file in files for node in listed[file]):
        for target, name in kept_ones[node.id].items():
            if target in left_out:
                message = f"it uses {nodes[target].name}, which {Wit.SKIP} leaves out"
                raise schema.error(node.id, name, message, f"put {Wit.SKIP} on it as well")
            if target not in wanted and target != STREAM_RESULT:
                there = schema.files[nodes[target].package].shown
                message = f"it uses {nodes[target].name}, which {Wit.SKIP} leaves out in {there}"
                mend = "only what is left out uses it there: let something else use it as well"
                raise schema.error(node.id, name, message, mend)
    return Selection(files, listed)


def _is_root(node: Node, only_skipped: set[int]) -> bool:
    """Whether a declaration stands for itself, and not only for what refers to it."""
    if isinstance(node.body, Struct) and (node.body.group or node.inline):
        return False
    if node.template or node.bound:
        return False
    return node.id not in only_skipped or not _OF_A_WORLD.isdisjoint(node.annotations)


def skipped(schema: Schema) -> set[int]:
    """What `$Wit.skip` stands on, with all that is declared in it."""
    found: set[int] = set()
    for node in schema.nodes.values():  # a declaration comes behind the one around it
        if node.parent in found or Wit.SKIP in node.annotations:
            found.add(node.id)
    return found


def _inner_first(schema: Schema, file: int) -> Iterator[Node]:
    """The declarations of a package; those of several files in the order of the files' names."""
    children: dict[int, list[int]] = {}
    nodes = [node for node in schema.nodes.values() if node.package == file and node.parent]
    for node in sorted(nodes, key=lambda node: (node.origin is not None, schema.files[node.file].path.name)):
        around = schema.nodes[node.parent]
        inside = around.package == file and not isinstance(around.body, File)
        children.setdefault(node.parent if inside else file, []).append(node.id)
    waiting = [(file, iter(children.get(file, ())))]
    while waiting:
        id, inner = waiting[-1]
        child = next(inner, None)
        if child is None:
            waiting.pop()
            yield schema.nodes[id]
        else:
            waiting.append((child, iter(children.get(child, ()))))


def _files(schema: Schema, root: int, references: Mapping[int, Mapping[int, str]]) -> tuple[int, ...]:
    """The files that `root` uses, each behind those it uses."""
    uses: dict[int, dict[int, None]] = {}
    for id, found in references.items():
        file = schema.nodes[id].package
        for target in found:
            if schema.nodes[target].package != file:
                uses.setdefault(file, {})[schema.nodes[target].package] = None
    reached = closure([root], uses)
    graph = {file: list(uses.get(file, ())) for file in schema.files if file in reached}
    return tuple(file for component in components(graph) for file in component)
