"""What changed between two versions of a schema as WIT sees it: what components of the old one can still do.

A component's types are fixed when it is built: any change of a record, variant, enum or flags type breaks
it, and so does a function that is gone or of another type. What is only added does not, unless a component
would have to export it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from capwit.codegen.diff.change import Bump, Change
from capwit.codegen.emit.read_back import read, read_all

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from capwit.codegen.emit.read_back import Definition, Function, Interface, Package, World


def compare(old: Sequence[str], new: Sequence[str]) -> list[Change]:
    """All changes of the packages of two versions; the first ones are those of the schema itself."""
    was, now = read(old[0]).name, read(new[0]).name
    if was == now:
        return sorted({*_changes(read_all(old), read_all(new))})
    own = re.compile(rf"\b{re.escape(was)}(?=[/@;])")
    renamed = read_all(own.sub(now, text) for text in old)
    told = Change(now, f"the package was named {was}", Bump.MAJOR)
    return sorted({told, *_changes(renamed, read_all(new))})


def _changes(old: Sequence[Package], new: Sequence[Package]) -> Iterator[Change]:
    pairs = [(old[0], new[0])]
    others = {package.name: package for package in new[1:]}
    pairs += [(package, others[package.name]) for package in old[1:] if package.name in others]
    exported = _exported(pairs)
    for before, after in pairs:
        for name, interface in before.interfaces.items():
            if name in after.interfaces:
                implemented = f"{after.name}/{name}" in exported
                yield from _interface(interface, after.interfaces[name], implemented)
            else:
                yield Change(f"interface {name}", "it is gone", Bump.MAJOR)
        for name in after.interfaces:
            if name not in before.interfaces:
                yield Change(f"interface {name}", "new", Bump.MINOR)
        yield from _worlds(before.worlds, after.worlds)


def _exported(pairs: Sequence[tuple[Package, Package]]) -> set[str]:
    """The interfaces that components of both versions implement, without their versions."""
    return {
        id.partition("@")[0]
        for _, package in pairs
        for world in package.worlds.values()
        for id in world.exports
    }


def _interface(old: Interface, new: Interface, implemented: bool) -> Iterator[Change]:
    for name, definition in old.definitions.items():
        if name in new.definitions:
            yield from _definition(old, new, definition, new.definitions[name], implemented)
        else:
            yield Change(f"{definition.kind} {name}", "it is gone", Bump.MAJOR)
    for name, definition in new.definitions.items():
        if name not in old.definitions:
            is_resource = definition.kind == "resource" and implemented
            yield _added(f"{definition.kind} {name}", is_resource)
    yield from _functions(old, new, old.functions, new.functions, "", implemented)


def _definition(
    old: Interface, new: Interface, before: Definition, after: Definition, implemented: bool
) -> Iterator[Change]:
    subject = f"{after.kind} {after.name}"
    if before.kind != after.kind:
        yield Change(subject, f"it was a {before.kind}", Bump.MAJOR)
    elif after.kind == "resource":
        methods = {each.name: each for each in before.functions}
        yield from _functions(
            old, new, methods, {each.name: each for each in after.functions}, f"{after.name}.", implemented
        )
    else:
        yield from _members(subject, old, new, before, after)


def _members(
    subject: str, old: Interface, new: Interface, before: Definition, after: Definition
) -> Iterator[Change]:
    was = {_label(line): line.rstrip(",") for line in before.members}
    now = {_label(line): line.rstrip(",") for line in after.members}
    what = {"record": "field", "type": "type"}.get(after.kind, "case")
    for name in was.keys() - now.keys():
        yield Change(subject, f"the {what} {name} is gone", Bump.MAJOR)
    for name in now.keys() - was.keys():
        yield Change(subject, f"the {what} {name} is new", Bump.MAJOR)
    for name in was.keys() & now.keys():
        if old.resolved(was[name]) != new.resolved(now[name]):
            yield Change(subject, f"the {what} was `{was[name]}`, and is `{now[name]}`", Bump.MAJOR)
    if [name for name in was if name in now] != [name for name in now if name in was]:
        yield Change(subject, f"its {what}s are in another order", Bump.MAJOR)


def _functions(
    old: Interface,
    new: Interface,
    before: Mapping[str, Function],
    after: Mapping[str, Function],
    prefix: str,
    implemented: bool,
) -> Iterator[Change]:
    for name, function in before.items():
        subject = f"func {prefix}{name}"
        if name not in after:
            yield Change(subject, "it is gone", Bump.MAJOR)
        elif old.resolved(function.text) != new.resolved(after[name].text):
            was, now = _signature(function), _signature(after[name])
            yield Change(subject, f"it was `{was}`, and is `{now}`", Bump.MAJOR)
    for name in after:
        if name not in before:
            yield _added(f"func {prefix}{name}", implemented)


def _added(subject: str, implemented: bool) -> Change:
    if implemented:
        return Change(subject, "new: components that exist do not export it", Bump.MAJOR)
    return Change(subject, "new", Bump.MINOR)


def _worlds(old: Mapping[str, World], new: Mapping[str, World]) -> Iterator[Change]:
    for name, world in old.items():
        if name not in new:
            yield Change(f"world {name}", "it is gone", Bump.MAJOR)
            continue
        before, after = _unversioned(world.imports), _unversioned(new[name].imports)
        for id in before - after:
            yield Change(f"world {name}", f"it no longer imports {id}", Bump.MAJOR)
        for id in after - before:
            yield Change(f"world {name}", f"it now imports {id}", Bump.MINOR)
        before, after = _unversioned(world.exports), _unversioned(new[name].exports)
        for id in before - after:
            yield Change(f"world {name}", f"it no longer exports {id}", Bump.MAJOR)
        for id in after - before:
            told = f"it now exports {id}: components that exist do not"
            yield Change(f"world {name}", told, Bump.MAJOR)
    for name in new:
        if name not in old:
            yield Change(f"world {name}", "new", Bump.MINOR)


def _unversioned(ids: Sequence[str]) -> set[str]:
    return {id.partition("@")[0] for id in ids}


def _label(member: str) -> str:
    return member.removeprefix("%").partition(":")[0].partition("(")[0].rstrip(",")


def _signature(function: Function) -> str:
    return function.text.removesuffix(";").partition(": ")[2] or function.text.removesuffix(";")
