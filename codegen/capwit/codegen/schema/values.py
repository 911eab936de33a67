"""The values of a request, as plain data: of annotations, constants and defaults."""

from __future__ import annotations

import re
import struct
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import capnp
from capnp.lib.capnp import _ListSchema
from capwit.codegen.errors import GenerateError
from capwit.codegen.schema.annotations import Wit
from capwit.codegen.schema.nodes import Builtin, Encoded, ListOf, Pointer, Type, Use, Value
from capwit.codegen.schema.reader import schema_capnp

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_PARTS: Final = 100_000
"""How many values all constants and defaults may be made of; numbers in a list do not count."""

_SEGMENTS: Final = struct.Struct("<II")  # of a message of one segment: the number of others, its words
_BEFORE: Final = 3  # words of an encoded `Value` before its pointer: the message's root, and two of data
_BREAK: Final = re.compile(r"\n\s*")


def annotated(proto: Any) -> dict[int, Value]:
    """The values of a declaration's annotations, by their ids."""
    return {
        each.id: _resource(each.value) if each.id == Wit.RESOURCE else _scalar(each.value)
        for each in proto.annotations
    }


class Values:
    """Reads values, and counts them: whatever one constant is made of may be made of others."""

    def __init__(self, protos: Mapping[int, Any], shown: str) -> None:
        """Of a request whose nodes are `protos`; errors are of the file `shown`."""
        self._protos = protos
        self._kinds = {id: str(proto.which()) for id, proto in protos.items()}
        self._shown = shown
        self._parts = 0  # how many have been read

    def value(self, type: Any, value: Any, at: str) -> Value:
        """The value of a constant or default, which stands `at` a declaration. Raises `GenerateError`."""
        if value.which() not in ("struct", "list", "anyPointer"):
            return _scalar(value)
        try:
            if value.which() == "anyPointer":
                return Pointer("<opaque pointer>", self._encoded(value.anyPointer, at))
            schema = self._schema_of(type)
            read = value.struct.as_struct(schema) if value.which() == "struct" else value.list.as_list(schema)
            return Pointer(_BREAK.sub(" ", str(read)), self._plain(read, at))
        except (capnp.KjException, AttributeError, KeyError, RuntimeError):
            return Pointer()

    def _plain(self, value: Any, at: str) -> Any:
        """A value that pycapnp has read, as dicts, lists and `Encoded`."""
        self._parts += 1
        if self._parts > MAX_PARTS:
            message = f"with all before it, the schema has more than {MAX_PARTS} values"
            mend = "name fewer constants in others: each is written out"
            raise GenerateError(self._shown, name=at, message=message, mend=mend)
        match value:
            case capnp.lib.capnp._DynamicListReader() | list():
                items = [*value]
                if items and isinstance(items[0], int | float):
                    return items
                return [self._plain(item, at) for item in items]
            case capnp.lib.capnp._DynamicStructReader():
                fields = value.schema.non_union_fields
                given = {name: self._plain(value._get(name), at) for name in fields if value._has(name)}
                if value.schema.union_fields:
                    name = str(value.which())
                    # What is null is read as a default, which may have a null in the same place, without end.
                    given[name] = self._plain(value._get(name), at) if value._has(name) else None
                return given
            case capnp.lib.capnp._DynamicObjectReader():
                return self._encoded(value, at)
            case capnp.lib.capnp._DynamicEnum():
                return str(value)
            case _:
                return value

    def _encoded(self, pointer: Any, at: str) -> Encoded:
        """A pointer as the root of a message of its own.

        A `Value` is encoded that holds it: a message of one segment, whose last word before the pointer's own
        objects is the pointer. Pointers are relative, so what stands before it can go.
        """
        holder = schema_capnp().Value.new_message()
        holder.anyPointer = pointer
        message = holder.to_bytes()
        last, words = _SEGMENTS.unpack_from(message)
        if last:
            raise KeyError("more than one segment")

        def decode(type: Type) -> Any:
            try:
                with schema_capnp().Value.from_bytes(message) as value:
                    return self._read_as(type, value.anyPointer, at)
            except (capnp.KjException, AttributeError, KeyError, RuntimeError) as error:
                raise ValueError("it is not of its type") from error

        return Encoded(_SEGMENTS.pack(0, words - _BEFORE) + message[_SEGMENTS.size + 8 * _BEFORE :], decode)

    def _read_as(self, type: Type, pointer: Any, at: str) -> Any:
        """What a pointer leads to, as a type of ours."""
        match type:
            case Builtin("text"):
                return pointer.as_text()
            case Builtin("data"):
                return bytes(pointer.as_list(_ListSchema(capnp.types.UInt8)))
            case ListOf():
                return self._plain(pointer.as_list(self._schema_for(type)), at)
            case _:
                return self._plain(pointer.as_struct(self._schema_for(type)), at)

    def _schema_for(self, type: Type) -> Any:
        """pycapnp's own schema of a type of ours."""
        match type:
            case ListOf(element):
                return _ListSchema(self._schema_for(element))
            case Use(id):
                return getattr(self._loader.get(id), f"as_{self._kinds[id]}")()
            case Builtin(name):
                return _builtin(name)
            case _:
                raise KeyError(f"no schema of {type}")

    def _schema_of(self, type: Any) -> Any:
        """pycapnp's own schema of a type."""
        kind = str(type.which())
        if kind == "list":
            return _ListSchema(self._schema_of(type.list.elementType))
        if kind in ("struct", "enum", "interface"):
            return getattr(self._loader.get(getattr(type, kind).typeId), f"as_{kind}")()
        return _builtin(kind)

    @cached_property
    def _loader(self) -> Any:
        loader = capnp.SchemaLoader()
        for proto in self._protos.values():
            str(proto)  # raises for a pointer that is none; the loader would end the process
            loader.load_dynamic(proto)
        return loader


def _builtin(name: str) -> Any:
    """pycapnp's own schema of a builtin type, by its name in schema.capnp: `uint64`."""
    return getattr(capnp.types, (name[0].upper() + name[1:]).replace("Uint", "UInt"))


@cache
def _annotations_capnp() -> Any:
    """The file that declares our annotations."""
    own = Path(__file__).parents[2]
    return capnp.SchemaParser().load(str(own / "wit.capnp"), imports=[str(own.parent)])


def _resource(value: Any) -> Value:
    """The value of `$Wit.resource`; its type is ours, whatever the request says of it."""
    if value.which() != "struct":
        return Pointer()
    read = value.struct.as_struct(_annotations_capnp().Resource.schema)
    return Pointer(str(read), {"interface": read.interface, "name": read.name})


def _scalar(proto: Any) -> Value:
    match proto.which():
        case "void" | "interface":
            return None
        case "list" | "struct" | "anyPointer":
            return Pointer()
        case "text":
            return str(proto.text)
        case "data":
            return bytes(proto.data)
        case "bool":
            return bool(proto.bool)
        case "float32" | "float64" as kind:
            return float(getattr(proto, kind))
        case kind:
            return int(getattr(proto, kind))
