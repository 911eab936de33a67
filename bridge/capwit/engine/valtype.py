"""Value types and function types: the part of the binary format that describes plain data.

Source: https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md#type-definitions
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from capwit.engine import types
from capwit.engine.items import Item, Signature, Sort, Spaces, Value, unsupported
from capwit.engine.types import Function, Resource

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from capwit.engine.binary import Reader

MAX_SIZE: Final = 10_000
MAX_DEPTH: Final = 100

PRIMITIVES: Final[Mapping[int, types.Type]] = {
    0x7F: types.BOOL,
    0x7E: types.S8,
    0x7D: types.U8,
    0x7C: types.S16,
    0x7B: types.U16,
    0x7A: types.S32,
    0x79: types.U32,
    0x78: types.S64,
    0x77: types.U64,
    0x76: types.F32,
    0x75: types.F64,
    0x74: types.CHAR,
    0x73: types.STRING,
}

# What the engine does not carry, by the byte that says so, for messages.
REFUSED: Final[Mapping[int, str]] = {
    0x3E: "a resource with an async destructor",
    0x43: "an async function",
    0x63: "`map`",
    0x64: "`error-context`",
    0x65: "`future`",
    0x66: "`stream`",
    0x67: "a list of fixed length",
}


def read_function(spaces: Spaces, reader: Reader) -> Signature:
    """`functype`."""
    values = [(reader.label(), read_value(spaces, reader)) for _ in reader.repeat()]
    result = None
    match reader.byte():
        case 0x00:
            result = read_value(spaces, reader)
        case 0x01:
            if reader.byte():
                raise unsupported(reader, "a function with named results")
        case other:
            raise reader.error(f"describes a function's results in an unknown way, {other:#x}")
    distinct(reader, [label for label, _ in values])
    size = 1 + sum(value.size for _, value in values) + (result.size if result else 0)
    reader.source.spend(size, reader.position)
    params = tuple(types.Param(label, value.type) for label, value in values)
    return Signature(Function(params, result.type if result else None), size)


def read_value(spaces: Spaces, reader: Reader) -> Value:
    """`valtype`: a primitive, or the index of a type."""
    code = reader.peek()
    if primitive := PRIMITIVES.get(code):
        reader.byte()
        return Value(primitive)
    if 0x40 <= code < 0x80:  # a negative number: a type that may stand here in later formats
        raise unsupported(reader, REFUSED.get(code, f"a type of the unknown kind {code:#x}"))
    return spaces.get(reader, Sort.TYPE, Value)


def read_optional(spaces: Spaces, reader: Reader) -> Value | None:
    """A type that may be absent."""
    match reader.byte():
        case 0x00:
            return None
        case 0x01:
            return read_value(spaces, reader)
        case other:
            raise reader.error(f"has {other:#x} where 0 or 1 tells whether a type follows")


def read_composite(spaces: Spaces, reader: Reader, code: int) -> Value:
    """`defvaltype` beyond the primitives."""
    match code:
        case 0x72:
            fields = [(reader.label(), read_value(spaces, reader)) for _ in reader.repeat()]
            distinct(reader, [label for label, _ in fields])
            record = types.Record(tuple(types.Field(n, v.type, n.replace("-", "_")) for n, v in fields))
            return compose(reader, record, [value for _, value in fields])
        case 0x71:
            cases = [read_case(spaces, reader) for _ in reader.repeat()]
            distinct(reader, [label for label, _ in cases])
            variant = types.Variant(tuple(types.Case(n, v.type if v else None) for n, v in cases))
            return compose(reader, variant, [value for _, value in cases], len(cases))
        case 0x70:
            element = read_value(spaces, reader)
            return compose(reader, types.List(element.type), [element])
        case 0x6F:
            items = [read_value(spaces, reader) for _ in reader.repeat()]
            return compose(reader, types.Tuple(tuple(item.type for item in items)), items)
        case 0x6E:
            labels = read_labels(reader)
            return compose(reader, types.Flags(labels), [], len(labels))
        case 0x6D:
            labels = read_labels(reader)
            return compose(reader, types.Enum(labels), [], len(labels))
        case 0x6B:
            some = read_value(spaces, reader)
            return compose(reader, types.Option(some.type), [some])
        case 0x6A:
            ok, err = read_optional(spaces, reader), read_optional(spaces, reader)
            result = types.Result(ok.type if ok else None, err.type if err else None)
            return compose(reader, result, [ok, err])
        case 0x69:
            return Value(types.Own(spaces.get(reader, Sort.TYPE, Resource)))
        case 0x68:
            return Value(types.Borrow(spaces.get(reader, Sort.TYPE, Resource)))
        case _:
            raise unsupported(reader, f"a type of the unknown kind {code:#x}")


def read_case(spaces: Spaces, reader: Reader) -> tuple[str, Value | None]:
    """A variant's case."""
    label, value = reader.label(), read_optional(spaces, reader)
    if reader.byte():
        raise unsupported(reader, "a variant case that refines another")
    return label, value


def read_labels(reader: Reader) -> tuple[str, ...]:
    """The labels of flags or of an enum."""
    labels = [reader.label() for _ in reader.repeat()]
    distinct(reader, labels)
    return tuple(labels)


def compose(reader: Reader, type: types.Type, parts: Sequence[Value | None], width: int = 0) -> Value:
    """A type of these parts, unless it is too large or too deep to be written out."""
    values = [part for part in parts if part]
    size = 1 + width + sum(part.size for part in values)
    depth = 1 + max((part.depth for part in values), default=0)
    if size > MAX_SIZE or depth > MAX_DEPTH:
        raise reader.error(f"a type has more than {MAX_SIZE} parts or {MAX_DEPTH} levels")
    reader.source.spend(size, reader.position)
    return Value(type, size, depth)


def named(item: Item, name: str) -> Item:
    """What is exported by a name: a value type that had none yet is told apart by it from now on."""
    if not isinstance(item, Value) or item.named:
        return item
    match item.type:
        case types.Record() | types.Variant() | types.Enum() | types.Flags():
            return replace(item, type=replace(item.type, name=name), named=True)
        case _:
            return replace(item, named=True)


def distinct(reader: Reader, labels: Sequence[str]) -> None:
    """Refuse labels that occur twice."""
    if len(set(labels)) < len(labels):
        raise reader.error("a type has two members of one name")
