"""WIT text as this generator writes it, read back: who compares or implements it needs no more.

One declaration or member stands on a line of its own; doc comments are left out. It is not a parser of WIT:
that is `wit_reader`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_BLOCK: Final = re.compile(r"(?P<kind>[a-z]+) %?(?P<name>[a-z0-9-]+) \{")
_PACKAGE: Final = re.compile(r"package (?P<name>[^@;]+)(@(?P<version>[^;]+))?;")
_USE: Final = re.compile(r"use %?(?P<path>[^{]+)\.\{(?P<items>[^}]+)\};")
_RESOURCE: Final = re.compile(r"resource %?(?P<name>[a-z0-9-]+);")
_ALIAS: Final = re.compile(r"type %?(?P<name>[a-z0-9-]+) = (?P<type>.+);")
_FUNCTION: Final = re.compile(
    r"%?(?P<name>[a-z0-9-]+): (?P<static>static )?func\((?P<params>.*?)\)( -> (?P<result>.+))?;"
)
_CONSTRUCTOR: Final = re.compile(r"constructor\((?P<params>.*)\)( -> .+)?;")
_TYPE_NAME: Final = re.compile(r"%?[a-z][a-z0-9-]*(?![a-z0-9-]|\s*:)")


class Param(NamedTuple):
    """A parameter and its type."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Function:
    """A function, method (`kind`: `method`, `static`, `constructor`) or free function (`free`)."""

    kind: str
    name: str
    params: tuple[Param, ...]
    result: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Definition:
    """A type: `kind` is `record`, `variant`, `enum`, `flags`, `resource` or `type`; `members` as written."""

    kind: str
    name: str
    members: tuple[str, ...]
    functions: tuple[Function, ...]


@dataclass(slots=True)
class Interface:
    """An interface. `uses` leads from a name to the interface that it is of, and its name there."""

    name: str
    package: str
    version: str
    uses: dict[str, tuple[str, str]] = field(default_factory=dict)
    definitions: dict[str, Definition] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The interface as others name it: `demo:kv/kv@0.1.0`."""
        return _qualified(self.package, self.version, self.name)

    def resolved(self, text: str) -> str:
        """A text with the type names in it written out, without versions: `demo:kv/kv.entry`."""
        return _TYPE_NAME.sub(lambda found: self._resolve(found[0].removeprefix("%")), text)

    def _resolve(self, name: str) -> str:
        if name in self.definitions:
            return f"{self.package}/{self.name}.{name}"
        if name in self.uses:
            interface, original = self.uses[name]
            return f"{interface.partition('@')[0]}.{original}"
        return name


@dataclass(frozen=True, slots=True)
class World:
    """A world: the interfaces that it imports and exports, by their ids."""

    name: str
    imports: tuple[str, ...]
    exports: tuple[str, ...]


@dataclass(slots=True)
class Package:
    """A package, by what it declares."""

    name: str
    version: str
    interfaces: dict[str, Interface] = field(default_factory=dict)
    worlds: dict[str, World] = field(default_factory=dict)


def read(text: str) -> Package:
    """Reads the text of one package."""
    lines = (line.strip() for line in text.splitlines())
    waiting = iter([line for line in lines if line and not line.startswith("//")])
    head = _PACKAGE.fullmatch(next(waiting))
    assert head, "the generator starts a package with its name"
    package = Package(head["name"], head["version"] or "")
    for line in waiting:
        block = _BLOCK.fullmatch(line)
        assert block, line
        if block["kind"] == "interface":
            package.interfaces[block["name"]] = _interface(package, block["name"], waiting)
        else:
            package.worlds[block["name"]] = _world(package, block["name"], _members(waiting))
    return package


def read_all(texts: Iterable[str]) -> list[Package]:
    """Reads packages in the order of their first texts: one package may be spread over several of them."""
    found: dict[str, Package] = {}
    for text in texts:
        part = read(text)
        package = found.setdefault(part.name, part)
        package.interfaces |= part.interfaces
        package.worlds |= part.worlds
    return list(found.values())


def _interface(package: Package, name: str, lines: Iterator[str]) -> Interface:
    found = Interface(name, package.name, package.version)
    for line in lines:
        if line == "}":
            break
        if use := _USE.fullmatch(line):
            path = _path(package, use["path"])
            for item in use["items"].split(", "):
                original, _, alias = item.partition(" as ")
                found.uses[(alias or original).removeprefix("%")] = (path, original.removeprefix("%"))
        elif resource := _RESOURCE.fullmatch(line):
            found.definitions[resource["name"]] = Definition("resource", resource["name"], (), ())
        elif alias := _ALIAS.fullmatch(line):
            found.definitions[alias["name"]] = Definition("type", alias["name"], (alias["type"],), ())
        elif block := _BLOCK.fullmatch(line):
            members = tuple(_members(lines))
            functions = map(_function, members) if block["kind"] == "resource" else ()
            definition = Definition(block["kind"], block["name"], members, tuple(functions))
            found.definitions[definition.name] = definition
        else:
            function = _function(line)
            found.functions[function.name] = Function(
                "free", function.name, function.params, function.result, function.text
            )
    return found


def _members(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if line == "}":
            return
        yield line


def _world(package: Package, name: str, lines: Iterable[str]) -> World:
    found: dict[str, list[str]] = {"import": [], "export": []}
    for line in lines:
        kind, _, path = line.removesuffix(";").partition(" ")
        found[kind].append(_path(package, path))
    return World(name, tuple(found["import"]), tuple(found["export"]))


def _path(package: Package, text: str) -> str:
    label = text.removeprefix("%")
    return label if ":" in label else _qualified(package.name, package.version, label)


def _qualified(package: str, version: str, interface: str) -> str:
    return f"{package}/{interface}@{version}" if version else f"{package}/{interface}"


def _function(line: str) -> Function:
    if found := _CONSTRUCTOR.fullmatch(line):
        return Function("constructor", "constructor", _params(found["params"]), None, line)
    found = _FUNCTION.fullmatch(line)
    assert found, line
    kind = "static" if found["static"] else "method"
    return Function(kind, found["name"], _params(found["params"]), found["result"], line)


def _params(text: str) -> tuple[Param, ...]:
    params = []
    for part in split(text):
        name, _, type = part.partition(": ")
        params.append(Param(name.removeprefix("%"), type))
    return tuple(params)


def split(text: str) -> list[str]:
    """What commas part, except those within `<...>`."""
    parts = [""]
    depth = 0
    for char in text:
        depth += (char == "<") - (char == ">")
        if char == "," and not depth:
            parts.append("")
        else:
            parts[-1] += char
    return [part.strip() for part in parts if part.strip()]
