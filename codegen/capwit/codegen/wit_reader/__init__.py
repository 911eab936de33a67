"""WIT, read: text -> syntax -> packages whose names are resolved.

```
comments   a text without its comments, and what they document
parse      wit.lark -> syntax
files      a file, or a folder with its `deps`
gather     files -> packages; what a path leads to; gates
resolve    interfaces: names, loops, what WIT asks of types
worlds     includes, and the imports that follow from what is imported and exported
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from capwit.codegen.wit_reader.files import read_files, read_text
from capwit.codegen.wit_reader.gather import Gathering
from capwit.codegen.wit_reader.packages import Interface, Package, Wit, World
from capwit.codegen.wit_reader.resolve import Interfaces
from capwit.codegen.wit_reader.syntax import Interface as InterfaceSyntax
from capwit.codegen.wit_reader.worlds import Worlds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from capwit.codegen.wit_reader.syntax import File


def read(path: Path, features: Iterable[str] | None = ()) -> Wit:
    """Reads a `.wit` file, or a folder of them with its `deps`.

    What is unstable is left out, but for `features` (`None`: it is all there). Raises `GenerateError`.
    """
    return _resolved(read_files(path), features)


def read_string(text: str, file: str = "<text>", features: Iterable[str] | None = ()) -> Wit:
    """Reads a text, which errors call `file`. Raises `GenerateError`."""
    return _resolved(read_text(text, file), features)


def _resolved(groups: Sequence[Sequence[File]], features: Iterable[str] | None) -> Wit:
    gathering = Gathering(groups, None if features is None else frozenset(features))
    interfaces = Interfaces(gathering)
    worlds = Worlds(gathering, interfaces)
    packages: dict[str, Package] = {}
    for gathered in gathering.packages.values():
        package = packages[str(gathered.name)] = Package(gathered.name, gathered.doc)
        for label, (item, scope) in gathered.items.items():
            if not gathering.included(item.head.gates, gathered.name):
                interfaces.hide(item.members, gathered.name, item.head.hiding)
                continue
            interface = Interface(gathered.name.path(label), gathered.name, item.head)
            if isinstance(item, InterfaceSyntax):
                package.interfaces[label] = interface
                interfaces.declare(interface, scope, item.members)
            else:
                package.worlds[label] = World(interface.id, gathered.name, item.head, interface)
                worlds.declare(package.worlds[label], item, scope)
    interfaces.check([each.id for package in packages.values() for each in package.interfaces.values()])
    worlds.resolve()
    gathering.check()
    return Wit(packages[str(gathering.root)], packages, interfaces.scopes)
