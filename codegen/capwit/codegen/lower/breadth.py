"""How much a type is, written out in full: what walks types does so at each place where they are.

A schema of a kilobyte can stand for more than any machine has room for: each of forty structs has the one
before it twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from capwit.codegen.model.definitions import Resource, in_order, mentioned
from capwit.codegen.model.types import ListOf, OptionOf, Ref

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from capwit.codegen.model.definitions import Definition
    from capwit.codegen.model.types import Key, Type
    from capwit.codegen.schema.nodes import Schema

# The host takes no component that has a larger one: `engine/valtype.py`, which this layer does not see.
MOST: Final = 10_000


def check_breadth(schema: Schema, definitions: Iterable[Definition]) -> None:
    """Raises `GenerateError` at the first declaration whose type has more parts than a component's may."""
    parts: dict[Key, int] = {}
    for each in in_order([each for each in definitions if not isinstance(each, Resource)]):
        parts[each.key] = size = 1 + sum(_parts(type, parts) for type in mentioned(each))
        if size > MOST:
            message = f"it has more than {MOST:,} parts, with all that it is made of written out in full"
            mend = "let it hold an interface in the place of structs that hold each other many times over"
            raise schema.error(each.key.node, "", message, mend)


def _parts(type: Type, known: Mapping[Key, int]) -> int:
    size = 1
    while isinstance(type, ListOf | OptionOf):
        type = type.element if isinstance(type, ListOf) else type.some
        size += 1
    return size + known[type.key] - 1 if isinstance(type, Ref) else size
