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
from typing import TYPE_CHECKING, Final

from capwit.codegen.errors import GenerateError
from capwit.codegen.export import text
from capwit.codegen.export.file import FileBuilder, Names, names
from capwit.codegen.export.former import FormerFile
from capwit.codegen.export.naming import Namespace, compatible, file_id
from capwit.codegen.export.shapes import Shapes
from capwit.codegen.schema.parser_child import FILES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from capwit.codegen.wit_reader.packages import Interface, Wit


MAX_FILES: Final = FILES - 1
"""How many files there may be: they are parsed together, with that of the annotations."""


@dataclass(frozen=True, slots=True)
class Exported:
    """The text of each file by its name: those that were asked for, and those that they import."""

    files: Mapping[str, str]


def file_names(wit: Wit, roots: Iterable[Interface], given: Mapping[str, str]) -> dict[str, Names]:
    """The file of every interface: its label, behind that of its package where it is another one.

    `given` are files by their interfaces' ids that the caller has names for.
    """
    space = Namespace(name.removesuffix(".capnp") for name in given.values())
    ids = file_ids([*roots, *wit.scopes.values()])
    found = {}
    for scope in wit.scopes.values():
        package = scope.package
        stem = scope.label.lower()
        if package != wit.root.name:
            stem = f"{package.namespace}-{package.name}-{stem}".lower()
        found[scope.id] = names(scope, given.get(scope.id) or f"{space.claim(stem)}.capnp", ids[scope.id])
    return found


def file_ids(scopes: Iterable[Interface]) -> dict[str, int]:
    """The ids of files by their interfaces': the first of two versions has the one that both would have."""
    found: dict[str, int] = {}
    taken: set[int] = set()
    for scope in scopes:
        if scope.id not in found:
            id = file_id(compatible(scope.package, scope.label))
            found[scope.id] = id if id not in taken else file_id(scope.id)
            taken.add(found[scope.id])
    return found


def export(
    wit: Wit,
    roots: Collection[Interface],
    former: Callable[[str], FormerFile] = lambda _: FormerFile(),
    given: Mapping[str, str] | None = None,
) -> Exported:
    """The schemas of some interfaces, and of what they need.

    `former` gives what a file of a name was before, whose ids and ordinals stay. `given` are the names of
    files by their interfaces' ids, in place of those derived. Raises `GenerateError` for what is not mapped.
    """
    shapes = Shapes(wit)
    known = file_names(wit, roots, given or {})
    waiting = {root.id: None for root in roots}
    files: dict[str, str] = {}
    while waiting:
        id = waiting.popitem()[0]
        file = known[id].file
        builder = FileBuilder(wit.scopes[id], shapes, known, former(file))
        files[file] = text.emit(builder.build())
        if len(files) > MAX_FILES:
            message = f"with what it needs, there are more than {MAX_FILES} interfaces to export"
            raise GenerateError(str(wit.root.name), message=message, mend="name some of them: --interface")
        waiting |= {need: None for need in builder.needs if known[need].file not in files}
    return Exported(dict(sorted(files.items())))
