"""Which declarations are generated: all, but those that `$Wit.skip` leaves out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from capwit.codegen.annotations import Wit
from capwit.codegen.graph import closure, components, is_loop
from capwit.codegen.schema import (
    STREAM_RESULT,
    Const,
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

    from capwit.codegen.schema import Schema

M = TypeVar("M", bound=Member)


@dataclass(frozen=True, slots=True)
class Selection:
    """The files that a schema needs, each behind those it uses, and their declarations.

    A file's declarations are ordered as its text is, but with what is nested in a declaration before it.
    """

    files: tuple[int, ...]
    nodes: dict[int, tuple[Node, ...]]


def kept(members: Sequence[M]) -> tuple[M, ...]:
    """The members that are not skipped."""
    return tuple(member for member in members if Wit.SKIP not in member.annotations)


def uses(type: Type | Group) -> Iterator[int]:
    """The declarations that a type names."""
    while isinstance(type, ListOf):
        type = type.element
    if isinstance(type, Use | Group):
        yield type.id


def references(node: Node) -> Iterator[tuple[Member | None, int]]:
    """What a declaration refers to, by the member that does."""
    match node.body:
        case Struct(fields):
            for field in fields:
                yield from ((field, id) for id in uses(field.type))
        case Interface(methods, superclasses):
            for method in methods:
                yield from ((method, use.id) for use in (method.params, method.results))
            yield from ((None, use.id) for use in superclasses)
        case Const(type):
            yield from ((None, id) for id in uses(type))
        case _:
            pass


def select(schema: Schema, root: int) -> Selection:
    """Picks what is generated for the file `root`."""
    skipped = _skipped(schema)
    every: dict[int, list[int]] = {}  # within a file
    kept_ones: dict[int, dict[int, str]] = {}  # with the member that refers there
    unwanted: list[int] = []
    for node in schema.nodes.values():
        every[node.id], kept_ones[node.id] = [], {}
        for member, id in references(node):
            if id == STREAM_RESULT:
                continue
            is_kept = member is None or bool(kept([member]))
            if schema.node(id).file == node.file:
                every[node.id].append(id)
                unwanted += [] if is_kept and node.id not in skipped else [id]
            if is_kept:
                kept_ones[node.id].setdefault(id, member.name if member else "")
    only_skipped = closure(unwanted, every)
    roots = [id for id, node in schema.nodes.items() if id not in skipped and _is_root(node, only_skipped)]
    wanted = closure(roots, {id: [to for to in uses if to not in skipped] for id, uses in kept_ones.items()})
    files = _files(schema, root, {id: uses for id, uses in kept_ones.items() if id in wanted})
    nodes = {file: tuple(node for node in _inner_first(schema, file) if node.id in wanted) for file in files}
    for node in (node for file in files for node in nodes[file]):
        for target, name in kept_ones[node.id].items():
            if target in skipped:
                message = f"it uses {schema.nodes[target].name}, which {Wit.SKIP} leaves out"
                raise schema.error(node.id, name, message, f"put {Wit.SKIP} on it as well")
    return Selection(files, nodes)


def _is_root(node: Node, only_skipped: set[int]) -> bool:
    """Whether a declaration stands for itself, and not only for what refers to it."""
    if isinstance(node.body, Struct) and (node.body.group or node.inline):
        return False
    return node.id not in only_skipped or Wit.GRANTS in node.annotations or Wit.EXPORTS in node.annotations


def _skipped(schema: Schema) -> set[int]:
    """What `$Wit.skip` stands on, with all that is declared in it."""
    skipped: set[int] = set()
    for node in schema.nodes.values():  # a declaration comes behind the one around it
        if node.parent in skipped or Wit.SKIP in node.annotations:
            skipped.add(node.id)
    return skipped


def _inner_first(schema: Schema, file: int) -> Iterator[Node]:
    children: dict[int, list[int]] = {}
    for node in schema.nodes.values():
        if node.file == file and node.parent:
            children.setdefault(node.parent, []).append(node.id)
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
    uses: dict[int, dict[int, tuple[int, str]]] = {}  # file -> file that it uses -> one place where it does
    for id, found in references.items():
        file = schema.nodes[id].file
        for target, member in found.items():
            if schema.nodes[target].file != file:
                uses.setdefault(file, {}).setdefault(schema.nodes[target].file, (id, member))
    reached = closure([root], uses)
    graph = {file: list(uses.get(file, ())) for file in schema.files if file in reached}
    order: list[int] = []
    for component in components(graph):
        if is_loop(component, graph):
            names = " and ".join(sorted(schema.files[file].path.name for file in component))
            id, member = next(place for to, place in uses[component[0]].items() if to in component)
            message = f"{names} use each other in a loop, which is not mapped yet"
            raise schema.error(id, member, message, "move what both need to a file of its own")
        order += component
    return tuple(order)
