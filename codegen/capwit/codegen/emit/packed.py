"""A package's declarations as Cap'n Proto itself has them, as text.

A bridge file carries them, so that a program needs no `.capnp` file to speak Cap'n Proto RPC: an encoded
`CodeGeneratorRequest` that holds nothing but nodes, packed. What a run depends on (annotations, which
nodes are nested where, the folder that the schema stood in) is left out.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from capwit.codegen.schema.nodes import Enum, Interface, Struct
from capwit.codegen.schema.reader import open_request, schema_capnp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from capwit.codegen.schema.nodes import Schema

WIDTH: Final = 100
_LEFT_OUT: Final = frozenset(
    {"displayName", "displayNamePrefixLength", "annotations", "nestedNodes", "startByte", "endByte"}
)


class _Entry(NamedTuple):
    field: Any
    kind: str
    inner: _Fields | None


class _Fields(NamedTuple):
    plain: list[_Entry]
    union: dict[str, _Entry]


def emit(schema: Schema, files: Sequence[int]) -> list[str]:
    """The structs, enums and interfaces of some files, in their order: lines of base64."""
    nodes = [
        node
        for file in files
        for node in schema.nodes.values()
        if node.file == file and isinstance(node.body, Struct | Enum | Interface)
    ]
    schemas = schema_capnp()
    with open_request(schema.request, schema.files[schema.roots[0]].shown) as request:
        protos = {proto.id: proto for proto in request.nodes}
        written = schemas.CodeGeneratorRequest.new_message()
        listed = written.init("nodes", len(nodes))
        copier = _Copier()
        fields = copier.fields(schemas.Node.schema)
        for node, copy in zip(nodes, listed, strict=True):
            copier.copy(protos[node.id], copy, fields)
            file = f"{schema.files[node.file].path.name}:"
            copy.displayName = file + node.name
            copy.displayNamePrefixLength = len(file.encode())
        packed = written.to_bytes_packed()
    text = base64.b64encode(packed).decode()
    return [text[start : start + WIDTH] for start in range(0, len(text), WIDTH)]


class _Copier:
    """Copies structs field by field: a copy of the whole has the size that its own writer gave it."""

    def __init__(self) -> None:
        self._known: dict[int, _Fields] = {}

    def fields(self, struct: Any) -> _Fields:
        """The fields of a struct, each with those of the structs in it."""
        id = struct.node.id
        if id not in self._known:
            found = self._known[id] = _Fields([], {})
            for name, field in struct.fields.items():
                kind = str(field.proto.slot.type.which()) if str(field.proto.which()) == "slot" else "struct"
                match kind:
                    case "struct":
                        entry = _Entry(field, kind, self.fields(field.schema))
                    case "list":
                        entry = _Entry(field, kind, self.fields(field.schema.elementType))
                    case _:
                        entry = _Entry(field, kind, None)
                if name in struct.union_fields:
                    found.union[name] = entry
                elif name not in _LEFT_OUT:
                    found.plain.append(entry)
        return self._known[id]

    def copy(self, source: Any, target: Any, fields: _Fields) -> None:
        waiting = [(source, target, fields)]
        while waiting:
            source, target, fields = waiting.pop()
            entries = [entry for entry in fields.plain if source._has_by_field(entry.field)]
            if fields.union:  # to be told even where it is null
                entries.append(fields.union[source._which_str()])
            for field, kind, inner in entries:
                value = source._get_by_field(field)
                if kind == "anyPointer":
                    target._set(field.proto.name, value)  # by field pycapnp does not take these
                elif inner is None:
                    target._set_by_field(field, value)
                elif kind == "list":
                    copies = target._init_by_field(field, len(value))
                    waiting += [(*each, inner) for each in zip(value, copies, strict=True)]
                else:
                    waiting.append((value, target._init_by_field(field), inner))
