"""Files -> packages by their names, and what a name in a file stands for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from capwit.codegen.base.graph import components
from capwit.codegen.errors import GenerateError
from capwit.codegen.wit_reader.syntax import Interface, TopUse, World

if TYPE_CHECKING:
    from collections.abc import Sequence

    from capwit.codegen.errors import Location
    from capwit.codegen.wit_reader.syntax import File, Gate, Item, Name, PackageName, Path

Kind: TypeAlias = Literal["interface", "world"]


@dataclass(slots=True)
class Scope:
    """One file's part of a package, with the names that its own `use` lines give."""

    package: PackageName
    aliases: dict[str, Path] = field(default_factory=dict)
    worlds: set[str] = field(default_factory=set)
    """The aliases that some `include` names."""


@dataclass(slots=True)
class Gathered:
    """A package as its files tell it: each interface and world with the part that it stands in."""

    name: PackageName
    place: Location
    doc: str = ""
    items: dict[str, tuple[Interface | World, Scope]] = field(default_factory=dict)


@dataclass(slots=True)
class Target:
    """What a path leads to."""

    package: PackageName
    label: str
    item: Interface | World
    scope: Scope

    @property
    def id(self) -> str:
        """`demo:kv/store@0.1.0`."""
        return self.package.path(self.label)


class Gathering:
    """All packages; the first one is the one that was asked for."""

    def __init__(self, groups: Sequence[Sequence[File]], features: frozenset[str] | None) -> None:
        """`features` are those whose unstable items are taken; all of them if it is `None`."""
        self.features = features
        self.packages: dict[PackageName, Gathered] = {}
        self.scopes: list[Scope] = []
        self.needs: dict[PackageName, set[PackageName]] = {}
        for group in groups:
            self._group(group)
        self.root = next(iter(self.packages))

    def _group(self, files: Sequence[File]) -> None:
        named = [file for file in files if file.package]
        if not named:
            mend = "begin one of its files with `package ns:name;`"
            raise GenerateError(*files[0].place, message="no file names its package", mend=mend)
        name = named[0].package
        assert name
        for file in named:
            if file.package != name:
                message = f"the package is {file.package} here, and {name} at {named[0].place}"
                raise GenerateError(*file.place, message=message, mend="give both the same name")
        own = self._new(name, named[0].place)
        documented = [file for file in named if file.doc]
        own.doc = documented[0].doc if documented else ""
        if len(documented) > 1:
            message = f"the package is also documented at {documented[0].place}"
            raise GenerateError(*documented[1].place, message=message, mend="write it into one place")
        for file in files:
            self._add(own, file.items)
            for nested in file.nested:
                inner = self._new(nested.name, nested.place)
                inner.doc = nested.doc
                self._add(inner, nested.items)

    def _new(self, name: PackageName, place: Location) -> Gathered:
        if name in self.packages:
            message = f"the package {name} is also at {self.packages[name].place}"
            raise GenerateError(*place, message=message, mend="keep one of them")
        self.packages[name] = Gathered(name, place)
        return self.packages[name]

    def _add(self, package: Gathered, items: Sequence[Item]) -> None:
        scope = Scope(package.name)
        self.scopes.append(scope)
        for item in items:
            if isinstance(item, TopUse):
                if item.name.text in scope.aliases:
                    raise twice(item.name, scope.aliases[item.name.text].name)
                scope.aliases[item.name.text] = item.path
        for item in items:
            if isinstance(item, TopUse):
                continue
            label = item.head.label
            if label in package.items:
                raise twice(item.head.name, package.items[label][0].head.name)
            if label in scope.aliases:
                raise twice(item.head.name, scope.aliases[label].name)
            package.items[label] = (item, scope)

    def target(self, path: Path, scope: Scope, kind: Kind) -> Target:
        """The interface or world that a path in a part of a package names. Raises `GenerateError`."""
        name, seen = path.name, {""}
        while path.package is None and path.name.text in scope.aliases:
            label = path.name.text
            if label in seen:
                raise GenerateError(*name.place, f"`{name.text}`", "it stands for itself", "name what it is")
            seen.add(label)
            if kind == "world":
                scope.worlds.add(label)
            path = scope.aliases[label]
            if path.package is None and path.name.text == label:
                break  # `use name;`: that of another file
        package = path.package or scope.package
        if path.package == scope.package:
            message = f"it names its own package, {package}"
            mend = f"name what is in it by `{path.name.text}` alone"
            raise GenerateError(*name.place, message=message, mend=mend)
        if package not in self.packages:
            known = ", ".join(sorted(str(each) for each in self.packages))
            message = f"there is no package {package}: there are {known}"
            mend = "put its WIT into the folder `deps` beside yours"
            raise GenerateError(*name.place, message=message, mend=mend)
        found = self.packages[package].items.get(path.name.text)
        if found is None:
            message = f"the package {package} has no {kind} `{path.name.text}`"
            raise GenerateError(*name.place, message=message, mend="declare it, or name another one")
        item, home = found
        self.needs.setdefault(scope.package, set()).add(package)
        if isinstance(item, World) != (kind == "world"):
            other = "world" if kind == "interface" else "interface"
            message = f"`{path.name.text}` is a {other}, and no {kind}"
            raise GenerateError(*name.place, message=message, mend=f"name {_article(kind)} {kind}")
        if not self.included(item.head.gates, package):
            feature = next(gate.value for gate in item.head.gates if gate.kind == "unstable")
            raise self.left_out(name, feature)
        return Target(package, path.name.text, item, home)

    def check(self) -> None:
        """Looks up what files use and do not need, and finds packages that need each other.

        It comes last, when all else is looked up. Raises `GenerateError`.
        """
        for scope in self.scopes:
            for alias, path in scope.aliases.items():
                self.target(path, scope, "world" if alias in scope.worlds else "interface")
        edges = {name: sorted(self.needs.get(name, set()) - {name}) for name in self.packages}
        for loop in components(edges):
            if len(loop) > 1:
                names = ", ".join(map(str, sorted(loop)))
                message = f"the packages {names} need each other"
                place = self.packages[loop[0]].place
                raise GenerateError(*place, message=message, mend="make them one package, or part them")

    def left_out(self, name: Name, feature: str) -> GenerateError:
        """The error for a name of something that is only there with a feature."""
        message = f"`{name.text}` is unstable, and its feature `{feature}` is not asked for"
        return GenerateError(*name.place, message=message, mend=f"ask for it: --features {feature}")

    def included(self, gates: Sequence[Gate], package: PackageName) -> bool:
        """Whether what bears these gates is there. Raises `GenerateError` for a version yet to come."""
        for gate in gates:
            if gate.kind == "unstable":
                return self.features is None or gate.value in self.features
            if gate.kind == "since" and not package.version:
                message = f"the package {package} has no version, and its gates need one"
                raise GenerateError(*gate.place, message=message, mend="give it one: `@0.1.0`")
            if gate.kind == "since" and precedence(gate.value) > precedence(package.version):
                message = f"@since names version {gate.value}, and the package is of {package.version}"
                raise GenerateError(*gate.place, message=message, mend="raise the version of the package")
        return True


def precedence(version: str) -> tuple[tuple[int, ...], bool, tuple[tuple[bool, int, str], ...], str]:
    """What orders versions: numbers, then pre-releases before releases, then builds."""
    rest, _, build = version.partition("+")
    numbers, _, pre = rest.partition("-")
    parts = [(not part.isdigit(), len(part) if part.isdigit() else 0, part) for part in pre.split(".")]
    return tuple(map(int, numbers.split("."))), not pre, tuple(parts), build


def twice(name: Name, other: Name) -> GenerateError:
    """The error for a name that something else in its scope bears, too."""
    message = f"`{name.text}` is also the name of what stands at {other.place}"
    return GenerateError(*name.place, message=message, mend="give one of them another name")


def _article(kind: Kind) -> str:
    return "an" if kind == "interface" else "a"
