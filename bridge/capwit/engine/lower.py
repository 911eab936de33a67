"""Lowering: from Python's values to wasmtime's, written in place.

A lowering function writes one value at an address that holds a valid (zero) value, and leaves a
valid value there whatever happens: what is half written can be freed with `val_delete`.
"""

from __future__ import annotations

import ctypes
import struct
import threading
from binascii import hexlify
from typing import TYPE_CHECKING, Final, assert_never

from . import abi, types
from .packing import HEX, RAW, WORTH
from .types import (
    Borrow,
    Case,
    Enum,
    Flags,
    List,
    Option,
    Own,
    Prim,
    Record,
    Result,
    String,
    Tuple,
    Type,
    Variant,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from .emit import Source

_QWORD: Final = struct.Struct("<Q")
_CHUNK: Final = 4096
_PIECE: Final = 1 << 15  # bytes: what is written from them stays near the processor
_MOST_ITEMS: Final = 1 << 24  # 512 MiB as values: wasmtime aborts the process when memory runs out
_CHAR: Final = struct.Struct("<B7xI4x")
_NULL: Final = {kind: struct.pack("<B7xQ", abi.KIND[kind], 0) for kind in ("option", "resource")}


class _Chunk(threading.local):
    """A chunk of u8 values with their kinds set: only the payloads change. One for each thread."""

    def __init__(self) -> None:
        self.values = bytearray(struct.pack("<B31x", abi.KIND["u8"]) * _CHUNK)
        self.address = ctypes.addressof((ctypes.c_char * len(self.values)).from_buffer(self.values))


_chunk = _Chunk()


def read_pointer(address: int) -> int:
    """Return the pointer that stands at an address."""
    pointer: int = _QWORD.unpack_from(abi.SPACE, address)[0]
    return pointer


def check_length(length: int) -> None:
    """Refuse a list that would take more memory than any guest should cost the host."""
    if length > _MOST_ITEMS:
        raise ValueError(f"a list of {length} items, and at most {_MOST_ITEMS} can be passed at once")


def lower_bytes(value: bytes | bytearray | memoryview, address: int) -> None:
    """Write a `list<u8>` at an address."""
    if not isinstance(value, (bytes, bytearray, memoryview)):
        raise TypeError("not bytes")
    data = value.tobytes() if isinstance(value, memoryview) else value
    check_length(len(data))
    abi.list_new(address + abi.PAYLOAD, len(data))
    abi.SPACE[address] = abi.KIND["list"]
    at = read_pointer(address + 16)
    values, values_at = _chunk.values, _chunk.address
    for start in range(0, len(data), _CHUNK):
        part = data[start : start + _CHUNK]
        values[abi.PAYLOAD : len(part) * abi.VAL_SIZE : abi.VAL_SIZE] = part
        abi.memmove(at + start * abi.VAL_SIZE, values_at, len(part) * abi.VAL_SIZE)


def lower_bytes_as_string(value: bytes | bytearray | memoryview, address: int) -> None:
    """Write a `list<u8>` at an address as a string of the characters 0 to 255."""
    if not isinstance(value, (bytes, bytearray, memoryview)):
        raise TypeError("not bytes")
    data = value.tobytes() if isinstance(value, memoryview) else value
    check_length(len(data))
    if isinstance(data, bytearray) or not data.isascii():
        data = str(data, "latin-1").encode()
    abi.bytes_new(address + abi.PAYLOAD, len(data), data)
    abi.SPACE[address] = abi.KIND["string"]


def lower_packed_bytes(value: bytes | bytearray | memoryview, address: int) -> None:
    """Write a `list<u8>` at an address as such a string, or as hexadecimal digits, and behind it which."""
    if not isinstance(value, (bytes, bytearray, memoryview)):
        raise TypeError("not bytes")
    data = value.tobytes() if isinstance(value, memoryview) else value
    check_length(len(data))
    if len(data) > _PIECE:
        _lower_pieces(data, address)
        return
    if data.isascii():
        data = data + RAW
    elif len(data) >= WORTH:
        data = hexlify(data) + HEX
    else:
        data = str(data, "latin-1").encode() + RAW
    abi.bytes_new(address + abi.PAYLOAD, len(data), bytes(data))
    abi.SPACE[address] = abi.KIND["string"]


def _lower_pieces(data: bytes | bytearray, address: int) -> None:
    """Write many bytes in the same way at once where they are to be: a copy costs as much as writing them."""
    is_ascii = data.isascii()
    abi.bytes_blank(address + abi.PAYLOAD, (1 if is_ascii else 2) * len(data) + 1)
    abi.SPACE[address] = abi.KIND["string"]
    at = read_pointer(address + 16)
    if is_ascii:
        abi.SPACE[at : at + len(data)] = data
        abi.SPACE[at + len(data)] = RAW[0]
        return
    view = memoryview(data)
    for start in range(0, len(data), _PIECE):
        part = hexlify(view[start : start + _PIECE])
        abi.SPACE[at : at + len(part)] = part
        at += len(part)
    abi.SPACE[at] = HEX[0]


def lower_string_as_string(value: str, address: int) -> None:
    """Write a `string` at an address as such a string, of its UTF-8."""
    if not isinstance(value, str):
        raise TypeError("not a str")
    lower_bytes_as_string(value.encode(), address)


def lower_char(value: str, address: int) -> None:
    """Write a `char` at an address."""
    point = ord(value) if isinstance(value, str) else 0xD800
    if 0xD800 <= point <= 0xDFFF:  # a lone surrogate is no char, and wasmtime takes our word for it
        raise ValueError("not a char")
    _CHAR.pack_into(abi.SPACE, address, abi.KIND["char"], point)


def lower_string(value: str, address: int) -> None:
    """Write a `string` at an address."""
    if not isinstance(value, str):
        raise TypeError("not a str")
    data = value.encode()
    abi.bytes_new(address + abi.PAYLOAD, len(data), data)
    abi.SPACE[address] = abi.KIND["string"]


def lower_flags(value: frozenset[str], labels: tuple[str, ...], address: int) -> None:
    """Write flags at an address."""
    chosen = frozenset(value)
    if isinstance(value, str) or not chosen <= set(labels):
        raise ValueError("unknown flags")
    abi.flags_new(address + abi.PAYLOAD, len(chosen))
    abi.SPACE[address] = abi.KIND["flags"]
    at = read_pointer(address + 16)
    for offset, label in enumerate(label for label in labels if label in chosen):
        data = label.encode()
        abi.bytes_new(at + offset * abi.NAME_SIZE, len(data), data)


def _bare(case: Case) -> Callable[[object, object, int], None]:
    """Return what writes a case without payload at an address."""
    label, plain, kind = case.label.encode(), case.make is None, abi.KIND["variant"]
    bytes_new, pack, space, size = abi.bytes_new, _QWORD.pack_into, abi.SPACE, len(label)

    def lower(_: object, value: object, at: int) -> None:
        if plain and value is not None:
            raise TypeError("a case without payload")
        bytes_new(at + 8, size, label)
        pack(space, at + 24, 0)
        space[at] = kind

    return lower


class _RecordTemplate:
    """A record value with all its names, to be cloned: one C call in place of one a field."""

    def __init__(self, fields: tuple[types.Field, ...]) -> None:
        self._value = (ctypes.c_char * abi.VAL_SIZE)()
        self.address = ctypes.addressof(self._value)
        abi.record_new(self.address + abi.PAYLOAD, len(fields))
        abi.SPACE[self.address] = abi.KIND["record"]
        at = read_pointer(self.address + 16)
        for offset, field in enumerate(fields):
            label = field.label.encode()
            abi.bytes_new(at + offset * abi.ENTRY_SIZE, len(label), label)

    def __del__(self, delete: Callable[[int], None] = abi.val_delete) -> None:
        delete(self.address)


class Lower:
    """Writes the lowering functions of one plan into its source."""

    def __init__(
        self, source: Source, host_types: Callable[[types.Resource], int], *, lane: bool = False
    ) -> None:
        """Write into `source`; `host_types` numbers the host's resource types.

        On the byte `lane`, bytes and strings go as `lane` has it.
        """
        self._source = source
        self._lane = lane
        self._host_types = host_types
        self._functions: dict[int, str] = {}
        self._kept: list[object] = []

    def write(self, type: Type, value: str, address: str) -> str:
        """Return the statement that writes the value of an expression at an address."""
        match type:
            case Prim("char"):
                return f"lower_char({value}, {address})"
            case Prim("bool"):
                packed = {v: abi.scalar_packer("bool").pack(abi.KIND["bool"], v) for v in (False, True)}
                bools = self._source.constant("bools", packed)
                return f"SPACE[{address}:{address} + 16] = {bools}[{value}]"
            case Prim(name):
                pack = self._source.constant(f"pack_{name}", abi.scalar_packer(name).pack_into)
                return f"{pack}(SPACE, {address}, {abi.KIND[name]}, {value})"
            case String() if self._lane:
                return f"lower_string_as_string({value}, {address})"
            case List(types.U8) if self._lane:
                return f"lower_packed_bytes({value}, {address})"
            case String():
                return f"lower_string({value}, {address})"
            case List(types.U8):
                return f"lower_bytes({value}, {address})"
            case Flags(labels):
                return f"lower_flags({value}, {labels!r}, {address})"
            case _:
                return f"{self._function(type)}(s, {value}, {address})"

    def write_to_frame(self, type: Type, value: str, offset: int) -> str:
        """Return the statement that writes a value at an offset of a call's `frame`, which is at `at`."""
        if isinstance(type, Prim) and type.name not in ("char", "bool"):
            pack = self._source.constant(f"pack_{type.name}", abi.scalar_packer(type.name).pack_into)
            return f"{pack}(frame, {offset}, {abi.KIND[type.name]}, {value})"
        return self.write(type, value, f"at + {offset}")

    def _function(self, type: Type) -> str:
        name = self._functions.get(id(type))
        if name is None:
            self._kept.append(type)
            name = self._functions[id(type)] = self._source.fresh("lower")
            self._source.function(name, "s, value, at", self._body(type))
        return name

    def _body(self, type: Type) -> list[str]:
        match type:
            case List(element):
                lines = [
                    'if isinstance(value, (str, bytes)): raise TypeError("not a list")',
                    "value = tuple(value)",  # its length must hold while it is written
                    "check_length(len(value))",
                    "list_new(at + 8, len(value))",
                    f"SPACE[at] = {abi.KIND['list']}",
                    "item_at = read_pointer(at + 16)",
                ]
                if isinstance(element, Prim) and element.name not in ("char", "bool"):
                    code = abi.SCALAR[element.name]
                    layout = struct.Struct(f"<B7x{code}{24 - struct.calcsize(code)}x")
                    pack = self._source.constant("pack_item", layout.pack)
                    joined = f"b''.join([{pack}({abi.KIND[element.name]}, item) for item in value])"
                    return [*lines, f"SPACE[item_at:item_at + len(value) * {abi.VAL_SIZE}] = {joined}"]
                return [
                    *lines,
                    "for item in value:",
                    f"    {self.write(element, 'item', 'item_at')}",
                    f"    item_at += {abi.VAL_SIZE}",
                ]
            case Record(fields, make, spread=spread):
                template = _RecordTemplate(fields)
                self._kept.append(template)
                shaped = [f"value = {self._source.constant('spread', spread)}(value)"] if spread else []
                lines = [
                    *shaped,
                    f"val_clone({template.address}, at)",
                    "field_at = read_pointer(at + 16)",
                ]
                for offset, field in enumerate(fields):
                    read = f"value[{field.label!r}]" if make is None else f"value.{field.attribute}"
                    lines.append(self.write(field.type, read, f"field_at + {offset * abi.ENTRY_SIZE + 16}"))
                return lines
            case Tuple(items):
                lines = [
                    f'if len(value) != {len(items)}: raise ValueError("not {len(items)} items")',
                    f"tuple_new(at + 8, {len(items)})",
                    f"SPACE[at] = {abi.KIND['tuple']}",
                    "item_at = read_pointer(at + 16)",
                ]
                for offset, item in enumerate(items):
                    lines.append(self.write(item, f"value[{offset}]", f"item_at + {offset * abi.VAL_SIZE}"))
                return lines
            case Variant(cases):
                if cases[0].make is None:
                    arms = self._source.table("cases", {case.label: self._case(case) for case in cases})
                    return ["label, payload = value", f"{arms}[label](s, payload, at)"]
                arms = self._source.table("cases", {case.make: self._case(case) for case in cases})
                return [f"{arms}[value.__class__](s, value, at)"]
            case Enum(labels, make):
                names = {label if make is None else make(label): label.encode() for label in labels}
                return [
                    f"label = {self._source.constant('labels', names)}[value]",
                    "bytes_new(at + 8, len(label), label)",
                    f"SPACE[at] = {abi.KIND['enum']}",
                ]
            case Option(some):
                inner = "value.value" if isinstance(some, Option) else "value"
                null = self._source.constant("null", _NULL["option"])
                return [
                    "if value is None:",
                    f"    SPACE[at:at + 16] = {null}",
                    "    return",
                    *self._box(some, inner),
                    f"pack_box(SPACE, at, {abi.KIND['option']}, box)",
                ]
            case Result(ok, err):
                return [
                    "if value.__class__ is Ok:",
                    *(f"    {line}" for line in self.result_end(ok, "value.value", good=True)),
                    "elif value.__class__ is Err:",
                    *(f"    {line}" for line in self.result_end(err, "value.value", good=False)),
                    "else:",
                    '    raise TypeError("neither Ok nor Err")',
                ]
            case Own(resource) | Borrow(resource):
                known = self._source.constant("resource", resource)
                if resource.guest:
                    lines = [
                        f"handle = any_clone(s.handles.lower_guest(value, {known}, {isinstance(type, Own)}))"
                    ]
                else:
                    owned = isinstance(type, Own)
                    hook = "lower_own" if owned else "lower_borrow"
                    lines = [
                        f"rep = s.handles.{hook}(value, {known})",
                        f"host = host_new({owned}, rep, {self._host_types(resource)})",
                        "host_to_any(s.context, host, slot_at)",
                        "host_delete(host)",
                        "handle = slot.value",
                    ]
                return [*lines, f"pack_box(SPACE, at, {abi.KIND['resource']}, handle)"]
            case Prim() | String() | Flags():
                raise AssertionError(f"{type} is a statement")
            case _:
                assert_never(type)

    def result_end(self, type: Type | None, value: str, *, good: bool) -> list[str]:
        """Return the lines that write one end of a result at `at`."""
        tail = f"pack_result(SPACE, at, {abi.KIND['result']}, {good}, box)"
        if type is None:
            return ["box = 0", tail]
        return [*self._box(type, value), tail]

    def _box(self, type: Type, value: str) -> list[str]:
        """Return the lines that move a value to the heap, its address in `box`."""
        scratch = (ctypes.c_char * abi.VAL_SIZE)()
        self._kept.append(scratch)
        address = ctypes.addressof(scratch)
        blank = bytes(abi.VAL_SIZE)
        return [
            "try:",
            f"    {self.write(type, value, str(address))}",
            "except BaseException:",
            f"    val_delete({address})",
            f"    SPACE[{address}:{address + abi.VAL_SIZE}] = {blank!r}",
            "    raise",
            f"box = val_new({address})",
            f"SPACE[{address}:{address + abi.VAL_SIZE}] = {blank!r}",
        ]

    def _case(self, case: Case) -> str:
        if case.type is None:  # there may be thousands
            return self._source.constant("bare", _bare(case))
        label = case.label.encode()
        return self._source.function(
            self._source.fresh("case"),
            "s, value, at",
            [
                *self._box(case.type, "value" if case.make is None else "value.value"),
                f"bytes_new(at + 8, {len(label)}, {label!r})",
                "pack_q(SPACE, at + 24, box)",
                f"SPACE[at] = {abi.KIND['variant']}",
            ],
        )

    def keep(self) -> list[object]:
        """Return what must live as long as the functions do."""
        return self._kept
