"""The names of a module's constants: the bridge's tables, and the schema's own constants.

They give way to classes and to each other by underscores behind them, so they need no mending.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from capwit.codegen import model
from capwit.codegen.base import names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Constants:
    """Constants by definition (or grants struct), by definition and method, and by the schema's constant."""

    definitions: Mapping[model.Key, str]
    methods: Mapping[tuple[model.Key, str], str]
    constants: Mapping[str, str]


def constants(package: model.Package) -> Constants:
    """Names the constants of a package's module."""
    taken = {*names.MODULE_NAMES, *_classes(package)}

    def free(name: str) -> str:
        while name in taken:
            name += "_"
        taken.add(name)
        return name

    listed = [*package.definitions, *package.grants]
    definitions = {each.key: free(names.upper(each.names.label)) for each in listed}
    return Constants(
        definitions,
        {
            (each.key, method.label): free(f"_{definitions[each.key]}_{names.upper(method.label)}")
            for each in package.resources
            for method in each.methods
        },
        {each.label: free(names.upper(each.label)) for each in package.constants},
    )


def _classes(package: model.Package) -> Iterator[str]:
    yield from (grants.names.cls for grants in package.grants)
    for definition in package.definitions:
        yield definition.names.cls
        match definition:
            case model.Variant():
                yield from (case.cls for case in definition.cases)
            case model.Resource():
                yield definition.client
            case _:
                pass
