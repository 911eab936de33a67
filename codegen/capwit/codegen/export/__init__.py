"""WIT -> Cap'n Proto schemas: one file for each interface.

```
shapes   WIT's types without their scopes
former   the ids and ordinals of an earlier run, which stay
file     one interface -> one file as data
text     a file as text
```
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from capwit.codegen.export import text
from capwit.codegen.export.file import FileBuilder, Names, names
from capwit.codegen.export.former import FormerFile
from capwit.codegen.export.naming import Namespace
from capwit.codegen.export.shapes import Shapes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from capwit.codegen.wit_reader.packages import Interface, Wit


@dataclass(frozen=True, slots=True)
class Exported:
    """The text of each file by its name: those that were asked for, and those that they import."""

    files: Mapping[str, str]


def file_names(wit: Wit, given: Mapping[str, str]) -> dict[str, Names]:
    """The file of every interface: its label, behind that of its package where it is another one.

    `given` are files by their interfaces' ids that the caller has names for.
    """
    space = Namespace(name.removesuffix(".capnp") for name in given.values())
    found = {}
    for scope in wit.scopes.values():
        package = scope.package
        stem = scope.label.lower()
        if package != wit.root.name:
            stem = f"{package.namespace}-{package.name}-{stem}".lower()
        found[scope.id] = names(scope, given.get(scope.id) or f"{space.claim(stem)}.capnp")
    return found


def export(
    wit: Wit,
    roots: Iterable[Interface],
    former: Callable[[str], FormerFile] = lambda _: FormerFile(),
    given: Mapping[str, str] | None = None,
) -> Exported:
    """The schemas of some interfaces, and of what they need.

    `former` gives what a file of a name was before, whose ids and ordinals stay. `given` are the names of
    files by their interfaces' ids, in place of those derived. Raises `GenerateError` for what is not mapped.
    """
    shapes = Shapes(wit)
    known = file_names(wit, given or {})
    waiting = {root.id: None for root in roots}
    files: dict[str, str] = {}
    while waiting:
        id = waiting.popitem()[0]
        file = known[id].file
        builder = FileBuilder(wit.scopes[id], shapes, known, former(file))
        files[file] = text.emit(builder.build())
        waiting |= {need: None for need in builder.needs if known[need].file not in files}
    return Exported(dict(sorted(files.items())))
