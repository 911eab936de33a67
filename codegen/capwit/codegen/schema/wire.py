"""What Cap'n Proto puts on the wire: the fields of a struct by ordinal, and where each one lies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from capwit.codegen.schema.nodes import STREAM_RESULT, Group, Schema, Struct
from capwit.codegen.schema.reader import schema_capnp

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from capwit.codegen.schema.nodes import Type


class Choice(NamedTuple):
    """Where a union's number lies in its struct (in units of 16 bits), and the one that chooses a member."""

    offset: int
    number: int


@dataclass(frozen=True, slots=True)
class Slot:
    """A field, groups looked through.

    `name` is the path from the struct (`meta.size`), `at` the node that lists it under `member`; `offset` is
    in units of its type's size; `default` is comparable, and nothing else; `choices` are the unions it is in.
    """

    name: str
    at: int
    member: str
    type: Type
    offset: int
    default: object
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class _Layout:
    """A struct's own fields by name: offset and default. `union` is where its union's number lies."""

    fields: Mapping[str, tuple[int, object]]
    union: int


@dataclass(frozen=True, slots=True)
class Wire:
    """A schema, and the layout of its structs."""

    schema: Schema
    layouts: Mapping[int, _Layout]

    @classmethod
    def read(cls, schema: Schema) -> Wire:
        """The layouts stand in the encoded request that a schema was read from."""
        schemas = schema_capnp()  # kept while it is used
        words = len(schema.request) * 8 + 1024
        with schemas.CodeGeneratorRequest.from_bytes(schema.request, words) as reader:
            structs = (node for node in reader.nodes if node.which() == "struct")
            return cls(schema, {node.id: _layout(node) for node in structs})

    def of(self, file: int) -> Wire:
        """The same, as if one file alone were asked for."""
        return replace(self, schema=replace(self.schema, roots=(file,)))

    def slots(self, id: int) -> dict[int, Slot]:
        """The fields of a struct, by ordinal."""
        return dict(sorted(self._slots(id)))

    def _slots(self, id: int) -> Iterator[tuple[int, Slot]]:
        waiting: list[tuple[int, str, tuple[Choice, ...]]] = [(id, "", ())]
        while waiting:
            at, prefix, around = waiting.pop()
            if at == STREAM_RESULT:
                continue
            node, layout = self.schema.node(at), self.layouts[at]
            for field in node.body.fields if isinstance(node.body, Struct) else ():
                name = f"{prefix}{field.name}"
                choice = () if field.discriminant is None else (Choice(layout.union, field.discriminant),)
                if isinstance(field.type, Group):
                    waiting.append((field.type.id, f"{name}.", around + choice))
                elif field.ordinal is not None:
                    slot = Slot(name, at, field.name, field.type, *layout.fields[field.name], around + choice)
                    yield field.ordinal, slot


def _layout(node: Any) -> _Layout:
    slots = [field for field in node.struct.fields if field.which() == "slot"]
    fields = {field.name: (field.slot.offset, _default(field.slot.defaultValue)) for field in slots}
    return _Layout(fields, node.struct.discriminantOffset)


def _default(value: Any) -> object:
    """A default as bytes: equal defaults are equal, whether the schema spells them out or not."""
    return bytes(value.as_builder().to_bytes())
