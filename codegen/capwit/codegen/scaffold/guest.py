"""What a guest of a world is told by the WIT: what it holds, and what it has to implement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from capwit.codegen.emit import read_back

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import PurePosixPath

    from capwit.codegen.emit.read_back import Definition, Function, Interface

FAILS: Final = ", cap-error>"
"""How the result of a call that can fail ends."""

MOVED: Final = (
    "A handle that was moved away, as an `own<T>` parameter or in a value that was passed on, is not yours",
    "any more: do not use it again, and do not drop it. To give one away and keep it, duplicate it before.",
)
"""What whoever writes a guest must know, in two lines."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A function that hands out what the guest is granted: `name` is what, `type` its WIT type.

    `resource` is the resource it is a handle of, if it is one; `optional` tells that it may be absent.
    """

    name: str
    function: Function
    type: str
    resource: Definition | None
    optional: bool


@dataclass(frozen=True, slots=True)
class Guest:
    """A world's guest, and the interfaces of all packages by their ids.

    `own` are those through which it makes handles of objects of its own.
    """

    world: str
    schema: str
    grants: Interface | None
    own: tuple[Interface, ...]
    exports: tuple[Interface, ...]
    interfaces: Mapping[str, Interface]

    @property
    def fails(self) -> bool:
        """Whether any function that it exports can fail with a `cap-error`."""
        return any((function.result or "").endswith(FAILS) for _, _, function in self.functions())

    def functions(self) -> Iterator[tuple[Interface, Definition | None, Function]]:
        """All functions that it exports, with the resource they are of."""
        for interface in self.exports:
            for definition in interface.definitions.values():
                yield from ((interface, definition, each) for each in definition.functions)
            yield from ((interface, None, each) for each in interface.functions.values())

    def handed(self) -> Iterator[Grant]:
        """What it is granted."""
        for function in self.grants.functions.values() if self.grants else ():
            type = function.result or "_"
            optional = type.startswith("option<")
            inner = type.removeprefix("option<").removesuffix(">") if optional else type
            assert self.grants is not None
            found = self.find(self.grants, inner)
            resource = found[1] if found and found[1].kind == "resource" else None
            yield Grant(function.name.removeprefix("get-"), function, type, resource, optional)

    def wrapped(self) -> Iterator[tuple[Interface, Function, str]]:
        """Where it makes handles of its own objects, by which function, and of which resource."""
        for interface in self.own:
            function = interface.functions["wrap"]
            found = self.find(interface, function.result or "")
            assert found is not None
            yield interface, function, found[1].name

    def find(self, interface: Interface, name: str) -> tuple[Interface, Definition] | None:
        """The definition that a type's name in an interface stands for."""
        label = name.removeprefix("%")
        seen = 0
        while label in interface.uses and seen < len(self.interfaces) + 1:
            id, label = interface.uses[label]
            interface = self.interfaces[id]
            seen += 1
        found = interface.definitions.get(label)
        return (interface, found) if found else None


def one_line(text: str) -> str:
    """A text that stays a part of one line of a comment, or of a docstring, whatever it holds."""
    plain = "".join(char if char.isprintable() else "?" for char in text)
    return plain.replace("\\", "/").replace('"""', "'''")


def _called(exports: Iterable[str]) -> set[str]:
    """The interfaces of a guest's own objects, by what is exported: where these are called."""
    names = (id.partition("@")[0].rpartition("/")[2] for id in exports)
    return {name.removesuffix("-calls") for name in names if name.endswith("-calls")}


def guests(files: Mapping[PurePosixPath, str], schema: str) -> list[Guest]:
    """The guests of a generated package's worlds."""
    texts = sorted((len(path.parts), path, text) for path, text in files.items() if path.suffix == ".wit")
    packages = read_back.read_all(text for _, _, text in texts)
    root = packages[0]
    interfaces = {each.id: each for package in packages for each in package.interfaces.values()}
    return [
        Guest(
            world.name,
            one_line(schema),
            root.interfaces.get(f"{world.name}-grants"),
            tuple(interfaces[id] for id in world.imports if interfaces[id].name in _called(world.exports)),
            tuple(interfaces[id] for id in world.exports),
            interfaces,
        )
        for world in root.worlds.values()
    ]
