"""Lifting: from wasmtime's values to Python's.

Every type knows which machine words its payload holds; one `struct` reads the words of all
parameters, or of all fields, at once, and an expression turns them into the Python value.
"""

from __future__ import annotations

import ctypes
import struct
from binascii import unhexlify
from typing import TYPE_CHECKING, Any, Final, assert_never

from . import abi, types
from .packing import HEX
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
    from collections.abc import Callable, Sequence

    from .emit import Source

_LARGE: Final = 4096  # bytes
_HEX: Final = HEX[0]
_NAMES: Final = struct.Struct("<QQ").iter_unpack


def read_bytes(size: int, data: int) -> bytes:
    """Return a `list<u8>` whose `size` values stand at an address."""
    if size < _LARGE:
        copied = abi.SPACE[data : data + size * abi.VAL_SIZE].tobytes()
        return copied[abi.PAYLOAD :: abi.VAL_SIZE]
    # Without the copy; but making the array's type takes longer than copying a small one.
    values: Any = (ctypes.c_char * (size * abi.VAL_SIZE)).from_address(data)
    strided: bytes = values[abi.PAYLOAD :: abi.VAL_SIZE]
    return strided


def read_bytes_of_string(size: int, data: int) -> bytes:
    """Return a `list<u8>` that came as a string of the characters 0 to 255, which stands at an address."""
    encoded = abi.SPACE[data : data + size].tobytes()
    return encoded if encoded.isascii() else encoded.decode().encode("latin-1")


def read_packed_bytes(size: int, data: int) -> bytes:
    """Return a `list<u8>` that came as such a string, or as one of hexadecimal digits: its last byte says."""
    end = data + size - 1
    if abi.SPACE[end] == _HEX:
        return unhexlify(abi.SPACE[data:end])
    return read_bytes_of_string(size - 1, data)


def read_string_of_string(size: int, data: int) -> str:
    """Return a `string` whose UTF-8 came as such a string."""
    return str(read_bytes_of_string(size, data), "utf-8")


def words(type: Type) -> str:
    """Return the `struct` codes of a payload's words; every payload fills 24 bytes."""
    match type:
        case Prim(name):
            code = abi.SCALAR[name]
        case String() | List() | Record() | Tuple() | Enum() | Flags():
            code = "QQ"  # size, data
        case Variant():
            code = "QQQ"  # label's size and data, payload
        case Option() | Own() | Borrow():
            code = "Q"
        case Result():
            code = "?7xQ"
        case _:
            assert_never(type)
    return f"{code}{24 - struct.calcsize('<' + code)}x"


def word_count(type: Type) -> int:
    """Return how many words a payload has."""
    match type:
        case Variant():
            return 3
        case Prim() | Option() | Own() | Borrow():
            return 1
        case _:
            return 2


def _bare(case: Case) -> Callable[[object, int], Any]:
    """Return what reads a case without payload, which is always the same value."""
    value = (case.label, None) if case.make is None else case.make()
    return lambda _, payload: value


class Lift:
    """Writes the lifting functions of one plan into its source."""

    def __init__(self, source: Source, *, lane: bool = False) -> None:
        """Write into `source`; on the byte `lane`, bytes and strings come as `lane` has it."""
        self._source = source
        self._lane = lane
        self._functions: dict[int, str] = {}
        self._kept: list[Type] = []

    def slots(self, items: Sequence[Type], lead: int) -> tuple[str, str, list[str]]:
        """Return how to read consecutive values, each after `lead` bytes: unpacker, targets, expressions.

        The unpacker takes a buffer, and where in it the values begin.
        """
        layout = struct.Struct("<" + "".join(f"{lead}x{words(item)}" for item in items))
        unpack = self._source.constant("unpack", layout.unpack_from)
        targets: list[str] = []
        values: list[str] = []
        for item in items:
            own = [self._source.fresh("w") for _ in range(word_count(item))]
            targets += own
            values.append(self.value(item, own))
        return unpack, "".join(f"{target}, " for target in targets), values

    def value(self, type: Type, w: list[str]) -> str:
        """Return the expression of a value whose words are in the variables `w`."""
        match type:
            case Prim("char"):
                return f"chr({w[0]})"
            case Prim():
                return w[0]
            case String() if self._lane:
                return f"read_string_of_string({w[0]}, {w[1]})"
            case List(types.U8) if self._lane:
                return f"read_packed_bytes({w[0]}, {w[1]})"
            case String():
                return f"str(SPACE[{w[1]}:{w[1]} + {w[0]}], 'utf-8')"
            case List(types.U8):
                return f"read_bytes({w[0]}, {w[1]})"
            case Enum():
                return f"{self._enum(type)}[SPACE[{w[1]}:{w[1]} + {w[0]}].tobytes()]"
            case _:
                return f"{self._function(type)}(s, {', '.join(w)})"

    def _enum(self, type: Enum) -> str:
        members = type.make or str
        return self._source.constant("enum", {label.encode(): members(label) for label in type.labels})

    def _function(self, type: Type) -> str:
        name = self._functions.get(id(type))
        if name is None:
            self._kept.append(type)  # an id is only worth something while its object lives
            name = self._functions[id(type)] = self._source.fresh("lift")
            self._write(name, type)
        return name

    def _write(self, name: str, type: Type) -> None:
        match type:
            case List(element):
                unpack, targets, (value,) = self.slots([element], abi.PAYLOAD)
                rows = self._source.constant("rows", struct.Struct(f"<8x{words(element)}").iter_unpack)
                body = [f"return [{value} for {targets} in {rows}(SPACE[data:data + size * 32])]"]
                self._source.function(name, "s, size, data", body)
            case Record(fields, make):
                unpack, targets, values = self.slots([f.type for f in fields], abi.NAME_SIZE + abi.PAYLOAD)
                if make is None:
                    made = ", ".join(f"{f.label!r}: {v}" for f, v in zip(fields, values, strict=True))
                    made = f"{{{made}}}"
                else:
                    made = f"{self._source.constant('record', make)}({', '.join(values)})"
                body = [
                    f"{targets}= {unpack}(SPACE, data)",
                    f"return {made}",
                ]
                self._source.function(name, "s, size, data", body)
            case Tuple(items):
                unpack, targets, values = self.slots(items, abi.PAYLOAD)
                body = [
                    f"{targets}= {unpack}(SPACE, data)",
                    f"return ({', '.join(values)},)",
                ]
                self._source.function(name, "s, size, data", body)
            case Variant(cases):
                arms = self._source.table("cases", {c.label.encode(): self._case(c) for c in cases})
                body = [f"return {arms}[SPACE[data:data + size].tobytes()](s, payload)"]
                self._source.function(name, "s, size, data, payload", body)
            case Option(some):
                lines = self._payload(some, types.Some if isinstance(some, Option) else None)
                self._source.function(name, "s, payload", ["if not payload:", "    return None", *lines])
            case Result(ok, err):
                good = self._payload(ok, types.Ok)
                bad = self._payload(err, types.Err)
                body = ["if ok:", *(f"    {line}" for line in good), *bad]
                self._source.function(name, "s, ok, payload", body)
            case Flags():
                names = self._source.constant("names", _NAMES)
                label = "str(SPACE[at:at + n], 'utf-8')"
                body = [f"return frozenset({label} for n, at in {names}(SPACE[data:data + size * 16]))"]
                self._source.function(name, "s, size, data", body)
            case Own(resource) | Borrow(resource):
                known = self._source.constant("resource", resource)
                if resource.guest:
                    body = [f"return s.handles.lift_guest(any_clone(handle), {known})"]
                else:
                    lift = "lift_own" if isinstance(type, Own) else "lift_borrow"
                    body = [
                        # `to_host` takes an own out of the guest's table, and ends a borrow.
                        "error = to_host(s.context, handle, slot_at)",
                        "if error:",
                        "    raise RuntimeError(take_error(error))",
                        "host = slot.value",
                        "rep = host_rep(host)",
                        "host_delete(host)",
                        f"return s.handles.{lift}(rep, {known})",
                    ]
                self._source.function(name, "s, handle", body)
            case Prim() | String() | Enum():
                raise AssertionError(f"{type} is an expression")
            case _:
                assert_never(type)

    def _payload(self, type: Type | None, wrap: type | None) -> list[str]:
        wrapper = "" if wrap is None else self._source.constant("wrap", wrap)
        if type is None:
            return [f"return {wrapper}(None)"]
        unpack, targets, (value,) = self.slots([type], abi.PAYLOAD)
        return [f"{targets}= {unpack}(SPACE, payload)", f"return {wrapper}({value})"]

    def _case(self, case: Case) -> str:
        if case.type is None:  # there may be thousands
            return self._source.constant("bare", _bare(case))
        name = self._source.fresh("case")
        unpack, targets, (value,) = self.slots([case.type], abi.PAYLOAD)
        made = f"({case.label!r}, {value})"
        if case.make is not None:
            made = f"{self._source.constant('case_class', case.make)}({value})"
        body = [f"{targets}= {unpack}(SPACE, payload)", f"return {made}"]
        return self._source.function(name, "s, payload", body)
