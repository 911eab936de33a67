"""What the two writers of conversions, `read` and `write`, have in common: the schema beside the type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import capnp
from capwit.bridge.arena import Index
from capwit.bridge.errors import ConversionError
from capwit.engine.types import Enum, List, Prim, Record, Type, Variant, breadth

from .schema import WHICH

if TYPE_CHECKING:
    from .names import Members
    from .schema import Schemas

MOST_NUMBERS: Final = 1 << 20
"""How many numbers the lists of one call may hold: `Void`s and `Bool`s cost their sender next to nothing."""

VALUE: Final = 8
"""How many numbers any other value counts as: a text, an enumerant, a struct, each field of it besides."""


def schema_of(holder: Any, attribute: str = "schema") -> Any:
    """Return the schema of a field's or an element's type, or None where its type has none."""
    try:
        return getattr(holder, attribute)
    except capnp.KjException:
        return None


def is_list(schema: Any) -> bool:
    """Return whether a schema is that of a list."""
    return isinstance(schema, capnp.lib.capnp._ListSchema)


def element_of(schema: Any) -> Any:
    """Return the schema of a list's elements, or None where they have none."""
    return schema_of(schema, "elementType")


def members_of(schemas: Schemas, struct: Any) -> Members:
    """Return the fields of pycapnp's struct by WIT label."""
    return schemas.names.members(struct.node.id)


def numbers_of(schemas: Schemas, type: Enum | Variant) -> dict[str, int]:
    """Return the numbers of an enum's members by WIT label."""
    make = type.make if isinstance(type, Enum) else type.cases[0].make
    assert make is not None
    found = schemas.names.find(make.__module__, type.name)
    if found is None:
        raise ConversionError(f"{make.__module__}: its bridge file does not know {type.name}")
    return schemas.names.enumerants(found[0])


def which_of(struct: Any) -> Any:
    """Return the field that tells which member of a union is set."""
    return struct.fields[WHICH]


def module_of(type: Type) -> str | None:
    """Return the generated module that defines the Python class of a type."""
    match type:
        case Record(spread=None, make=make) if make is not None:
            return str(make.__module__)
        case Record(fields, spread=spread) if spread is not None:  # an arena
            return module_of(fields[0].type)
        case Variant(cases) if cases[0].make is not None:
            return str(cases[0].make.__module__)
        case Variant(cases):  # the nodes of an arena
            return module_of(cases[0].type) if cases[0].type else None
        case List(element):
            return module_of(element)
        case Enum(make=make) if make is not None:
            return make.__module__
        case _:
            return None


def nodes_of(arena: Record) -> tuple[dict[str, Type], str]:
    """Return the types of an arena's nodes by case, and the case of its root (`""`: there is one)."""
    listed = arena.fields[0].type
    assert isinstance(listed, List)
    nodes = listed.element
    if isinstance(nodes, Variant) and nodes.cases[0].make is None:
        return {case.label: case.type for case in nodes.cases if case.type}, arena.name
    return {"": nodes}, ""


class Allowance:
    """What the lists of one call, or of one message, may still hold."""

    __slots__ = ("_numbers",)

    def __init__(self) -> None:
        """Begin with all of it."""
        self._numbers = MOST_NUMBERS

    @property
    def taken(self) -> int:
        """How many numbers they hold."""
        return MOST_NUMBERS - self._numbers

    def count(self, items: Any, weight: int) -> Any:
        """Return a list as it is; each item counts as so many numbers.

        Raises:
            ConversionError: they are more than that. Others wait while lists are read.
        """
        self._numbers -= len(items) * weight
        if self._numbers < 0:
            raise ConversionError(
                f"its lists hold more than {MOST_NUMBERS} numbers, or an eighth as many other values. "
                "Mend: send them in several calls, or messages"
            )
        return items


def weight(type: Type) -> int:
    """Return how many numbers a list's element counts as, without the lists in it, which count themselves.

    What a peer sends says little of it: a struct may be sent without its fields, which are made all the same.
    """
    scalar = isinstance(type, Prim) and not isinstance(type, Index)
    return 1 if scalar else VALUE * breadth(type)


def words_of(struct: Any) -> int:
    """Return how many words an element takes of which nothing is left in WIT; `Void` takes none."""
    if struct is None:
        return 0
    layout = struct.node.struct
    return int(layout.dataWordCount + layout.pointerCount)


def told(error: Any) -> str:
    """Return what pycapnp's exception says to a person, without the C++ condition."""
    first = str(error.description).partition("\n")[0]
    return first.rpartition("; ")[2] or first


def unmapped(type: Type) -> ConversionError:
    """Return the error of a type that RPC does not carry."""
    return ConversionError(f"RPC does not carry a {getattr(type, 'name', type)} here")
