"""Worlds: what they import and export, what they include, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from capwit.codegen.base.graph import components, is_loop
from capwit.codegen.errors import GenerateError
from capwit.codegen.wit_reader.packages import (
    Interface,
    Origin,
    ScopedFunction,
    ScopedInterface,
    ScopedType,
    World,
    needed,
)
from capwit.codegen.wit_reader.resolve import claim
from capwit.codegen.wit_reader.syntax import Extern, Function, Include, Path
from capwit.codegen.wit_reader.syntax import Interface as InterfaceSyntax

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from capwit.codegen.wit_reader.gather import Gathering, Scope
    from capwit.codegen.wit_reader.packages import WorldItem
    from capwit.codegen.wit_reader.resolve import Interfaces
    from capwit.codegen.wit_reader.syntax import Name
    from capwit.codegen.wit_reader.syntax import World as WorldSyntax


@dataclass(slots=True)
class _Open:
    """A world on its way: its text, where it stands, and the worlds that it includes."""

    world: World
    syntax: WorldSyntax
    scope: Scope
    includes: list[tuple[Include, str]]


class Worlds:
    """All worlds of some packages."""

    def __init__(self, gathering: Gathering, interfaces: Interfaces) -> None:
        """Worlds of interfaces that are checked already."""
        self.gathering = gathering
        self.interfaces = interfaces
        self.open: dict[str, _Open] = {}

    def declare(self, world: World, syntax: WorldSyntax, scope: Scope) -> None:
        """Takes a world, and the types that it has itself."""
        members = [each for each in syntax.members if not isinstance(each, Extern | Include)]
        self.interfaces.declare(world.scope, scope, members)
        includes = [
            (each, self.gathering.target(each.path, scope, "world").id)
            for each in syntax.members
            if isinstance(each, Include) and self.gathering.included(each.gates, world.package)
        ]
        self.open[world.id] = _Open(world, syntax, scope, includes)

    def resolve(self) -> None:
        """Finds out what all worlds import and export. Raises `GenerateError`."""
        edges = {id: [target for _, target in each.includes] for id, each in self.open.items()}
        for loop in components(edges):
            each = self.open[loop[0]]
            if is_loop(loop, edges):
                message = f"it includes itself, by way of {', '.join(loop)}"
                place = each.syntax.head.name.place
                raise GenerateError(*place, each.world.id, message, "take one `include` out")
            self._resolve(each)

    def _resolve(self, each: _Open) -> None:
        world = each.world
        names: dict[str, Name] = {}
        for label in (*world.scope.uses, *world.scope.definitions):
            world.imports[label] = ScopedType(Origin(world.id, label))
            definition = world.scope.definitions.get(label)
            name = definition.head.name if definition else self.interfaces.used[world.id, label]
            claim(names, replace(name, text=label))
        for include, target in each.includes:
            self._include(world, include, self.open[target].world, names)
        exported: dict[str, Name] = {}
        for member in each.syntax.members:
            if isinstance(member, Extern) and self.gathering.included(member.head.gates, world.package):
                self._extern(each, member, exported if member.exported else names)
        inner = [item.id for item in _interfaces({**world.imports, **world.exports})]
        self.interfaces.check([world.id, *(id for id in inner if id.startswith(f"{world.id}#"))])
        for item in (*world.imports.values(), *world.exports.values()):
            if isinstance(item, ScopedFunction) and item.scope == world.id:
                self.interfaces.check_function(world.scope, item.function)
        self._complete(each)

    def _extern(self, each: _Open, extern: Extern, names: dict[str, Name]) -> None:
        world, head = each.world, extern.head
        listed = world.exports if extern.exported else world.imports
        key = head.label
        item: WorldItem
        match extern.what:
            case Function():
                item = ScopedFunction(extern.what, world.id)
            case InterfaceSyntax():
                side = "export" if extern.exported else "import"
                inner = Interface(f"{world.id}#{side}:{key}", world.package, head)
                self.interfaces.declare(inner, each.scope, extern.what.members)
                item = ScopedInterface(inner.id, head.name.place)
            case Path():
                target = self.gathering.target(extern.what, each.scope, "interface")
                item = ScopedInterface(target.id, head.name.place)
                key = key if extern.named else target.id
        if key in listed and (extern.named or not self._is_included(each, key, extern.exported)):
            verb = "exports" if extern.exported else "imports"
            message = f"the world {verb} `{key}` already"
            raise GenerateError(*head.name.place, message=message, mend="take one of them out")
        if extern.named:
            claim(names, head.name)
        listed.setdefault(key, item)

    def _is_included(self, each: _Open, key: str, exported: bool) -> bool:
        worlds = [self.open[target].world for _, target in each.includes]
        return any(key in (world.exports if exported else world.imports) for world in worlds)

    def _include(self, world: World, include: Include, other: World, names: dict[str, Name]) -> None:
        renamed = {each.name.text: each.other.text for each in include.names}
        for each in include.names:
            found = other.imports.get(each.name.text) or other.exports.get(each.name.text)
            if found is None:
                message = f"the world {other.id} has no import or export of the name `{each.name.text}`"
                mend = "rename what has a plain name: the names of interfaces stay"
                raise GenerateError(*each.name.place, message=message, mend=mend)
        for mine, theirs in ((world.imports, other.imports), (world.exports, other.exports)):
            for key, item in theirs.items():
                name = renamed.get(key, key)
                if name in mine and ":" not in name:
                    message = f"`{name}` of the world {other.id} is also another one's name"
                    mend = "give it another one: `include ... with { it as other }`"
                    raise GenerateError(*include.path.name.place, message=message, mend=mend)
                mine.setdefault(name, item)
                if mine is world.imports and ":" not in name:
                    claim(names, replace(include.path.name, text=name))
                if isinstance(item, ScopedType):
                    world.scope.uses.setdefault(name, item.origin)

    def _complete(self, each: _Open) -> None:
        """Adds the imports that what is imported and exported needs."""
        world = each.world
        scopes = self.interfaces.scopes
        direct = [id for id in needed(world.scope) if id not in self.open]  # the others are included worlds
        for item in _interfaces(world.imports):
            direct += needed(scopes[item.id])
        imports = dict.fromkeys(self._with_needs(direct))
        exported = {key for key in world.exports if key in scopes}
        for key, export in world.exports.items():
            if isinstance(export, ScopedInterface):
                imports |= dict.fromkeys(self._export(key, export, exported))
        place = each.syntax.head.name.place
        added = {id: ScopedInterface(id, place) for id in imports if id not in world.imports}
        world.imports = {**added, **world.imports}

    def _export(self, key: str, item: ScopedInterface, exported: set[str]) -> Sequence[str]:
        """The imports that an exported interface needs: what it needs is exported, too, or else imported."""
        scopes = self.interfaces.scopes
        needs = self._with_needs(id for id in needed(scopes[item.id]) if id not in exported)
        for id in needs:
            if id in exported:
                message = f"it needs {id} imported, which the world exports"
                mend = f"export what stands between {key} and {id}, too"
                raise GenerateError(*item.place, message=message, mend=mend)
        return needs

    def _with_needs(self, ids: Iterable[str]) -> Sequence[str]:
        """Some interfaces, and all that they need, each behind those that it needs."""
        edges: dict[str, list[str]] = {}
        waiting = [*ids]
        while waiting:
            id = waiting.pop()
            if id not in edges:
                edges[id] = [*needed(self.interfaces.scopes[id])]
                waiting += edges[id]
        return [id for component in components(edges) for id in component]


def _interfaces(items: Mapping[str, WorldItem]) -> Sequence[ScopedInterface]:
    return [item for item in items.values() if isinstance(item, ScopedInterface)]
