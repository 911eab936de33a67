"""Which files become one package, and in which order: WIT allows no loop between interfaces."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from capwit.codegen.base.graph import components
from capwit.codegen.lower.naming import package_error
from capwit.codegen.lower.select import kept, references, skipped
from capwit.codegen.schema.annotations import Wit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from capwit.codegen.schema.nodes import Schema


@dataclass(frozen=True, slots=True)
class Grouping:
    """The files that give packages their names, each behind those it uses, with what each one uses."""

    files: tuple[int, ...]
    uses: Mapping[int, Sequence[int]]
    leads: Mapping[int, int]


def group(schema: Schema) -> tuple[Schema, Grouping]:
    """Puts files that use each other in a loop into one package, that of one of them.

    It is the one with `$Wit.package`, else the first by name.
    """
    edges = _uses(schema)
    leads: dict[int, int] = {}
    files: list[int] = []
    for component in components(edges):
        lead = _lead(schema, component)
        files.append(lead)
        leads |= dict.fromkeys(component, lead)
    uses: dict[int, dict[int, None]] = {file: {} for file in files}
    for file, targets in edges.items():
        uses[leads[file]] |= {leads[target]: None for target in targets if leads[target] != leads[file]}
    nodes = {
        id: node if leads[node.file] == node.file else replace(node, home=leads[node.file])
        for id, node in schema.nodes.items()
    }
    depths: dict[int, int] = {}
    for file in files:
        depths[file] = 1 + max((depths[target] for target in uses[file]), default=0)
    # Two files that do not use each other stand in an order that no third one changes.
    files.sort(key=lambda file: (depths[file], file))
    grouping = Grouping(tuple(files), {file: tuple(targets) for file, targets in uses.items()}, leads)
    return replace(schema, nodes=nodes, members={}), grouping


def _uses(schema: Schema) -> dict[int, list[int]]:
    """The files that each file uses."""
    left_out = skipped(schema)
    found: dict[int, dict[int, None]] = {file: {} for file in schema.files}
    for node in schema.nodes.values():
        if node.id in left_out:
            continue
        for member, id in references(node):
            if id in schema.nodes and (member is None or kept([member])):
                target = schema.nodes[id].file
                found[node.file] |= {} if target == node.file else {target: None}
    return {file: list(targets) for file, targets in found.items()}


def _lead(schema: Schema, loop: Sequence[int]) -> int:
    if len(loop) == 1:
        return loop[0]
    named = [file for file in sorted(loop) if Wit.PACKAGE in schema.node(file).annotations]
    if len(named) > 1:
        others = " and ".join(sorted(schema.files[file].shown for file in loop))
        message = f"{others} use each other in a loop: they become one package"
        mend = f"leave {Wit.PACKAGE} on one of them, or move what both need to a file of its own"
        raise package_error(schema, named[-1], message, mend)
    return named[0] if named else min(loop, key=lambda file: (schema.files[file].path.name, file))
