"""The values of constants, as Python has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from capwit.codegen import model
from capwit.codegen.base import names
from capwit.codegen.lower.select import kept
from capwit.codegen.schema.annotations import Wit
from capwit.codegen.schema.nodes import (
    AnyPointer,
    Builtin,
    Encoded,
    Enum,
    Field,
    Group,
    Interface,
    ListOf,
    Struct,
    Type,
    Use,
)

if TYPE_CHECKING:
    from capwit.codegen.lower.shapes import Shapes


MAX_DEPTH: Final = 50
"""How deep a constant's value may nest."""

MAX_PARTS: Final = 100_000
"""How many values all constants may be made of: what is null in one has the fields of its type's default."""


class Values:
    """Makes values of the types that `shapes` has shaped; `id` is the constant that they are of."""

    def __init__(self, shapes: Shapes) -> None:
        """Makes the values of all constants of a schema."""
        self.shapes = shapes
        self.schema = shapes.schema
        self.id = 0
        self.depth = 0
        self.parts = 0

    def constant(self, id: int, type: Type, plain: Any) -> model.Value:
        """The value of a constant; `plain` is as `schema.Pointer` has it. Raises `GenerateError`."""
        self.id = id
        return self.value(type, plain)

    def value(self, type: Type | Group, plain: Any) -> model.Value:
        """A value of a type; `plain` is as `schema.Pointer` has it, or a scalar; `None` where it is null."""
        if self.depth == MAX_DEPTH:
            raise self._unmapped(f"a value that nests more than {MAX_DEPTH} deep")
        if self.parts == MAX_PARTS:
            raise self._unmapped(f"what makes more than {MAX_PARTS} values, with all before it,")
        self.depth += 1
        self.parts += 1
        try:
            return self._value(type, plain)
        finally:
            self.depth -= 1

    def _value(self, type: Type | Group, plain: Any) -> model.Value:
        if isinstance(plain, Encoded) and not isinstance(type, AnyPointer):
            try:
                plain = plain.decode(self._generic(type))
            except ValueError:
                raise self._unmapped("a value that is not of its parameter's type") from None
        match type:
            case Builtin("void"):
                return None
            case Builtin("text"):
                return str(plain or "")
            case Builtin("data") | ListOf(Builtin("uint8")):
                return bytes(plain or b"")
            case Builtin("bool"):
                return bool(plain)
            case Builtin("float32" | "float64"):
                return float(plain or 0)
            case Builtin():
                return int(plain or 0)
            case ListOf(element):
                items = tuple(self.value(element, item) for item in plain or ())
                return len(items) if self.shapes.type(element, self.id, "") is None else items
            case Use(id) | Group(id):
                return self._declared(id, plain)
            case AnyPointer("Capability"):
                return None
            case AnyPointer():
                return plain or Encoded(b"")
            case _:
                raise AssertionError(f"{type} was bound by capwit.codegen.lower.brands")

    def _generic(self, type: Type | Group) -> Type:
        """A type as the schema declares it: a brand as the generic that it is of."""
        match type:
            case ListOf(element):
                return ListOf(self._generic(element))
            case Use(id) | Group(id):
                return Use(self.schema.node(id).origin or id)
            case _:
                return type

    def _declared(self, id: int, plain: Any) -> model.Value:
        match self.schema.node(id).body:
            case Enum(enumerants):
                found = [each for each in enumerants if plain in (each.name, each.ordinal)]
                if not found and plain is not None:
                    raise self._unmapped(f"the enumerant {plain}, which it does not name,")
                ordinal = (found or enumerants)[0].ordinal if plain is not None else 0
                return model.Enumerated(model.Key(id), self.shapes.enumerant(id, ordinal or 0))
            case Struct() if self.shapes.types[id] is None:
                return None
            case Struct(fields):
                return self._struct(id, fields, {} if plain is None else plain)
            case Interface():
                return None
            case _:
                raise self._unmapped("a value of this type")

    def _struct(self, id: int, fields: tuple[Field, ...], plain: dict[str, Any]) -> model.Value:
        labels = self.shapes.labels
        part = "node" if self._arena(id) else ""
        given: list[tuple[str, model.Value]] = []
        chosen: model.Value = None
        union = [field for field in fields if field.discriminant is not None]
        is_set = next((field for field in union if field.name in plain), None)
        is_set = is_set or next((field for field in union if field.discriminant == 0), None)
        whole = all(field in union or self.shapes.type(field.type, id, "") is None for field in kept(fields))
        place = len(given)
        for field in kept(fields):
            type = self.shapes.type(field.type, id, field.name)
            if field.discriminant is None and type is not None:
                attribute = names.attribute(labels.member(id, field))
                given.append((attribute, self._field(id, field, plain)))
            elif field is is_set:
                place = len(given)
                payload = () if type is None else (self._field(id, field, plain),)
                key = model.Key(id, part if whole else "which")
                chosen = model.Chosen(key, labels.member(id, field), payload)
        if union and chosen is None:
            raise self._unmapped(f"a member that {Wit.SKIP} leaves out")
        if not union:
            return model.Made(model.Key(id), tuple(given))
        if whole:
            return chosen
        given.insert(place, ("which", chosen))
        return model.Made(model.Key(id), tuple(given))

    def _field(self, id: int, field: Field, plain: dict[str, Any]) -> model.Value:
        if plain.get(field.name) is not None:
            return self.value(field.type, plain[field.name])
        own = self._arena(self._around(id))
        if isinstance(field.type, Use) and own is not None and self._arena(field.type.id) == own:
            return None  # in its own arena a reference may be null
        if Wit.REQUIRED in field.annotations:
            raise self._unmapped(f"a null capability that is {Wit.REQUIRED}")
        default = field.default
        return self.value(field.type, getattr(default, "plain", default))

    def _around(self, id: int) -> int:
        """The struct itself that a group, or a group in a group, stands in."""
        node = self.schema.node(id)
        while isinstance(node.body, Struct) and node.body.group:
            node = self.schema.node(node.parent)
        return node.id

    def _arena(self, id: int) -> model.Ref | None:
        """The nodes of the arena that a struct is in, if it contains itself."""
        found = self.shapes.definitions.get(id, ())
        return next((each.nodes for each in found if isinstance(each, model.Arena)), None)

    def _unmapped(self, what: str) -> Exception:
        message = f"{what} in a constant is not mapped"
        return self.schema.error(self.id, "", message, f"leave it out with {Wit.SKIP}")
