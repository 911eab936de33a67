"""What was generated of a schema -> that schema, by the bridge files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from capwit.codegen.errors import GenerateError
from capwit.codegen.export import agreement, text
from capwit.codegen.export import bridge as bridges
from capwit.codegen.export.printed import Printer
from capwit.codegen.export.regained import Regained
from capwit.codegen.export.shapes import documented
from capwit.codegen.lower.shapes import ARENA_DOC
from capwit.codegen.schema.wire import Wire
from capwit.codegen.wit_reader.syntax import Enum, Flags, Record, Resource, Variant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from capwit.codegen.export.bridge import Bridge
    from capwit.codegen.wit_reader.packages import Interface, Wit

_ADDED: Final = re.compile(r"(^|\n\n)Defaults to (`.*`|the value that the schema gives)\.$")
_CONSTANT: Final = re.compile(r"(^|\n)The constant `[^\n]*` is `[^\n]*`\.(?=\n|$)")
_GENERATED: Final = re.compile(r".+-(grants|exports-.+|guest-.+)")


class Restored:
    """Bridge files, and all that they import from beside them."""

    def __init__(self, paths: Sequence[Path], wit: Wit) -> None:
        """The schemas of WIT that was generated from them. Raises `GenerateError`."""
        self.wit = wit
        self.interfaces: set[tuple[str, str]] = set()
        self.files: dict[str, tuple[Bridge, int]] = {}
        self.named: dict[str, Path] = {}  # the bridge files that were named, by their files
        waiting, known = [*paths], set(paths)
        while waiting:
            path = waiting.pop(0)
            bridge = bridges.read(path)
            if path in paths:
                self._check(path, bridge)
                self.named |= dict.fromkeys(bridge.files.values(), path)
            self.interfaces.add((bridge.package, bridge.interface))
            for id, name in bridge.files.items():
                if Path(name).name != name or self.files.setdefault(name, (bridge, id))[1] != id:
                    message = f"two files would be called {name}"
                    raise GenerateError(
                        str(path), message=message, mend="generate each into a folder of its own"
                    )
            new = [each for each in bridge.beside if each not in known]
            known |= {*new}
            waiting += new

    def _check(self, path: Path, bridge: Bridge) -> None:
        packages = {*self.wit.packages}
        if bridge.package not in packages:
            message = f"it is of {bridge.package}, which the source does not name"
            told = ", ".join(sorted(packages))
            raise GenerateError(str(path), message=message, mend=f"name that of one of: {told}")

    def texts(self, given: Mapping[str, str]) -> dict[str, str]:
        """The text of each file; `given` are other names for some. Raises `GenerateError`."""
        return {
            given.get(name, name): text.emit(self._printer(bridge, id, given).build())
            for name, (bridge, id) in self.files.items()
        }

    def _printer(self, bridge: Bridge, id: int, given: Mapping[str, str]) -> Printer:
        annotations = Regained(bridge, self.wit).annotations()
        return Printer(bridge, id, self._docs(bridge), annotations, given)

    def agree(self, folder: Path, given: Mapping[str, str]) -> None:
        """Check that the texts, which stand in a folder, give the WIT again. Raises `GenerateError`."""
        for name, path in self.named.items():
            agreement.check(self.wit, folder / given.get(name, name), path)

    def wires(self, given: Mapping[str, str]) -> dict[str, Wire]:
        """What each file is to be on the wire."""
        wires = {id(bridge): Wire.read(bridge.schema) for bridge, _ in self.files.values()}
        return {
            given.get(name, name): wires[id(bridge)].of(file) for name, (bridge, file) in self.files.items()
        }

    def constants(self) -> list[str]:
        """The constants that the schemas had: they are not on the wire, and not in the files."""
        found = {id(bridge): bridge for bridge, _ in self.files.values()}
        return [name for bridge in found.values() for name in bridge.constants]

    def others(self) -> list[Interface]:
        """The interfaces of the package that was read which no schema has given."""
        return [
            interface
            for interface in self.wit.root.interfaces.values()
            if (str(interface.package), interface.label) not in self.interfaces
            and not _GENERATED.fullmatch(interface.label)
        ]

    def _docs(self, bridge: Bridge) -> dict[str, str]:
        """What the WIT says of what the schema declares, by labels."""
        found = (
            scope
            for scope in self.wit.scopes.values()
            if (str(scope.package), scope.label) == (bridge.package, bridge.interface)
        )
        return {label: doc for scope in found for label, doc in _documented(scope) if doc}


def _documented(interface: Interface) -> Iterator[tuple[str, str]]:
    yield "", _CONSTANT.sub("", documented(interface.head)).strip("\n")
    for label, definition in interface.definitions.items():
        yield label, documented(definition.head).removesuffix(ARENA_DOC).rstrip()
        match definition:
            case Record(fields=members):
                yield from ((f"{label}.{each.name.text}", _ADDED.sub("", each.doc)) for each in members)
            case Variant(cases=members) | Enum(cases=members) | Flags(flags=members):
                yield from ((f"{label}.{each.name.text}", _ADDED.sub("", each.doc)) for each in members)
            case Resource(functions=functions):
                yield from ((f"{label}.{each.head.label}", documented(each.head)) for each in functions)
            case _:
                pass


def found_beside(source: Path, wit: Wit) -> list[Path]:
    """The bridge files of a package's interfaces that `capwit generate` has put beside the WIT's folder."""
    folder = source if source.is_dir() else source.parent
    return [
        path
        for path in sorted(folder.resolve().parent.glob("*.bridge.json"))
        if bridges.is_of(path)[0] == str(wit.root.name)
    ]
