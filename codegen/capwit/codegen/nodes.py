"""A package's declarations as Cap'n Proto itself has them, as text.

A bridge file carries them, so that a program needs no `.capnp` file to speak Cap'n Proto RPC: an encoded
`CodeGeneratorRequest` that holds nothing but nodes, packed. What a run depends on (annotations, which
nodes are nested where, the folder that the schema stood in) is left out.
"""

from __future__ import annotations

import base64
import textwrap
from typing import TYPE_CHECKING, Any, Final

import capnp
from capwit.codegen.request import open_request, schema_capnp
from capwit.codegen.schema import Enum, Interface, Struct

if TYPE_CHECKING:
    from collections.abc import Collection

    from capwit.codegen.schema import Schema

WIDTH: Final = 100
_LEFT_OUT: Final = frozenset(
    {"displayName", "displayNamePrefixLength", "annotations", "nestedNodes", "startByte", "endByte"}
)


def emit(schema: Schema, files: Collection[int]) -> list[str]:
    """The structs, enums and interfaces of some files: lines of base64."""
    nodes = [
        node
        for node in schema.nodes.values()
        if node.file in files and isinstance(node.body, Struct | Enum | Interface)
    ]
    schemas = schema_capnp()
    with open_request(schema.request, schema.files[schema.roots[0]].shown) as request:
        protos = {proto.id: proto for proto in request.nodes}
        written = schemas.CodeGeneratorRequest.new_message()
        listed = written.init("nodes", len(nodes))
        for node, copy in zip(nodes, listed, strict=True):
            _copy(protos[node.id], copy)
            file = f"{schema.files[node.file].path.name}:"
            copy.displayName = file + node.name
            copy.displayNamePrefixLength = len(file.encode())
        packed = written.to_bytes_packed()
    return textwrap.wrap(base64.b64encode(packed).decode(), WIDTH)


def _copy(source: Any, target: Any) -> None:
    """Copies field by field: a copy of the whole has the size that the source's own writer gave it."""
    waiting = [(source, target)]
    while waiting:
        source, target = waiting.pop()
        fields = source.schema
        chosen = [str(source.which())] if fields.union_fields else []  # to be told even where it is null
        plain = [name for name in fields.non_union_fields if name not in _LEFT_OUT and source._has(name)]
        for name in (*plain, *chosen):
            value = getattr(source, name)
            match value:
                case capnp.lib.capnp._DynamicStructReader():
                    waiting.append((value, target.init(name)))
                case capnp.lib.capnp._DynamicListReader():
                    waiting += zip(value, target.init(name, len(value)), strict=True)
                case _:
                    setattr(target, name, value)
