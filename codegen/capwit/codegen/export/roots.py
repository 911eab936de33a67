"""Which interfaces are exported."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from capwit.codegen.errors import GenerateError
from capwit.codegen.wit_reader.packages import Interface, ScopedFunction, ScopedInterface

if TYPE_CHECKING:
    from collections.abc import Sequence

    from capwit.codegen.wit_reader.packages import Wit, World


def of_package(wit: Wit) -> list[Interface]:
    """The interfaces of the package that was read."""
    return [*wit.root.interfaces.values()]


def of_world(wit: Wit, world: World) -> tuple[Wit, list[Interface]]:
    """What a world exports; its functions become an interface that is named after it."""
    listed = [wit.scopes[item.id] for item in world.exports.values() if isinstance(item, ScopedInterface)]
    functions = {
        label: item.function for label, item in world.exports.items() if isinstance(item, ScopedFunction)
    }
    if functions:
        own = Interface(
            f"{world.id}#functions",
            world.package,
            world.head,
            dict(world.scope.uses),
            dict(world.scope.definitions),
            functions,
        )
        wit = replace(wit, scopes={**wit.scopes, own.id: own})
        listed.append(own)
    return wit, listed


def chosen(listed: Sequence[Interface], names: Sequence[str], source: str) -> list[Interface]:
    """Those of the interfaces that are named, by label or id; else all of them. Raises `GenerateError`."""
    if not names:
        return [*listed]
    found = []
    for name in names:
        fits = [each for each in listed if name in (each.id, each.label, each.id.partition("@")[0])]
        if len(fits) != 1:
            given = ", ".join(each.id for each in listed)
            message = f"it has {'no' if not fits else 'more than one'} interface `{name}`"
            raise GenerateError(source, message=message, mend=f"name one of: {given}")
        found += fits
    return found
