"""A core module's imports and exports, with their types, read from its binary.

Only what stands in its type, import, function, table, memory, global, tag and export sections is read;
code is validated where it is compiled.

Source: https://webassembly.github.io/spec/core/binary/modules.html
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

from .binary import DecodeError, Reader, Source

MAGIC: Final = b"\0asm\x01\0\0\0"
_BUDGET: Final = 2_000_000  # steps, as a component's


class ValueType(Enum):
    """The types of the values that calls carry; references are carried by none that are served."""

    I32 = "i32"
    I64 = "i64"
    F32 = "f32"
    F64 = "f64"


@dataclass(frozen=True, slots=True)
class CoreFunction:
    """A function's type."""

    params: tuple[ValueType, ...]
    results: tuple[ValueType, ...]

    def __str__(self) -> str:
        """Show the type as wasm's text does: `(i32, i64) -> i32`."""
        results = ", ".join(each.value for each in self.results) or "nothing"
        return f"({', '.join(each.value for each in self.params)}) -> {results}"


@dataclass(frozen=True, slots=True)
class CoreOther:
    """Anything else: `what` says it, for messages."""

    what: str

    def __str__(self) -> str:
        """Show what it is."""
        return self.what


CoreExtern: TypeAlias = CoreFunction | CoreOther


@dataclass(frozen=True, slots=True)
class CoreImport:
    """One import: `module` and `name` are its two names."""

    module: str
    name: str
    type: CoreExtern


@dataclass(frozen=True, slots=True)
class CoreModule:
    """What a core module imports, in order, and exports by name."""

    imports: tuple[CoreImport, ...]
    exports: dict[str, CoreExtern]


_VALUES: Final = {0x7F: ValueType.I32, 0x7E: ValueType.I64, 0x7D: ValueType.F32, 0x7C: ValueType.F64}
_EXTERNREF: Final = 0x6F
# Values that no call of ours carries, and that a module may well use inside.
_STRANGE: Final = {
    0x7B: "a vector",
    0x70: "a function reference",
    _EXTERNREF: "an externref",
    0x69: "an exception reference",
    **dict.fromkeys((0x63, 0x64, 0x68, *range(0x6A, 0x6F), *range(0x71, 0x75)), "a reference"),
}
_TYPED: Final = (0x63, 0x64)  # behind which stands what is referred to
_FUNCTION, _TABLE, _MEMORY, _GLOBAL, _TAG = range(5)
MEMORY: Final = CoreOther("a memory")
_OTHER: Final = {
    _TABLE: CoreOther("a table"),
    _MEMORY: MEMORY,
    _GLOBAL: CoreOther("a global"),
    _TAG: CoreOther("an exception tag"),
}


def is_core_module(binary: bytes) -> bool:
    """Return whether a file is a core module, as its first bytes say."""
    return binary.startswith(MAGIC)


def decode_module(binary: bytes, name: str) -> CoreModule:
    """Return what a core module imports and exports. `name` is the file's, for messages.

    Raises:
        DecodeError: it cannot be read. It is not validated: compiling does that.
    """
    source = Source(binary, name, _BUDGET)
    if not is_core_module(binary):
        raise source.error(0, "is no core module")
    decoder = _Decoder()
    reader = Reader(source, len(MAGIC), len(binary))
    while reader:
        section, part = reader.byte(), reader.window()
        match section:
            case 1:
                decoder.types(part)
            case 2:
                decoder.imports(part)
            case 3:
                decoder.functions(part)
            case 5:
                decoder.memories(part)
            case 7:
                decoder.exports(part)
            case _:
                continue
        if part:
            raise part.error("a section is longer than what is in it")
    return CoreModule(tuple(decoder.imported), decoder.exported)


class _Decoder:
    """Keeps the two index spaces that exports refer to: types, and functions."""

    def __init__(self) -> None:
        self.known: list[CoreExtern] = []  # types; those that no call carries say why
        self.defined: list[CoreExtern] = []  # functions, the imported ones first
        self.imported: list[CoreImport] = []
        self.exported: dict[str, CoreExtern] = {}

    def types(self, reader: Reader) -> None:
        for _ in reader.repeat():
            form = reader.byte()
            if form != 0x60:
                raise _unsupported(reader, "types of garbage-collected objects")
            params, strange = self._values(reader)
            results, also = self._values(reader)
            strange = strange or also
            self.known.append(
                CoreOther(f"a function that takes or returns {strange}")
                if strange
                else CoreFunction(params, results)
            )

    def _values(self, reader: Reader) -> tuple[tuple[ValueType, ...], str]:
        """Return value types, and what among them no call carries."""
        found, strange = [], ""
        for _ in reader.repeat():
            code = _value_type(reader)
            if code in _VALUES:
                found.append(_VALUES[code])
            else:
                strange = _STRANGE[code]
        return tuple(found), strange

    def imports(self, reader: Reader) -> None:
        for _ in reader.repeat():
            module, name = reader.text(), reader.text()
            type = self._import(reader)
            self.imported.append(CoreImport(module, name, type))

    def _import(self, reader: Reader) -> CoreExtern:
        kind = reader.byte()
        match kind:
            case 0x00:
                type = self._type(reader)
                self.defined.append(type)
                return type
            case 0x01:
                code = _value_type(reader)  # of its elements
                _skip_limits(reader)
                if code == _EXTERNREF:
                    return CoreOther("a table of externrefs")
            case 0x02:
                _skip_limits(reader)
            case 0x03:
                code = _value_type(reader)
                reader.byte()
                if code == _EXTERNREF:
                    return CoreOther("a global with an externref")
            case 0x04:
                reader.byte()
                reader.u32()
            case _:
                raise _unsupported(reader, "imports of an unknown kind")
        return _OTHER[kind]

    def memories(self, reader: Reader) -> None:
        """Look at the module's own memories: threads may share one, as wasmtime tells only when it runs."""
        for _ in reader.repeat():
            _skip_limits(reader)

    def _type(self, reader: Reader) -> CoreExtern:
        index = reader.u32()
        if index >= len(self.known):
            raise reader.error(f"refers to type number {index}, of {len(self.known)}")
        return self.known[index]

    def functions(self, reader: Reader) -> None:
        for _ in reader.repeat():
            self.defined.append(self._type(reader))

    def exports(self, reader: Reader) -> None:
        for _ in reader.repeat():
            name, kind, index = reader.text(), reader.byte(), reader.u32()
            if kind == _FUNCTION:
                if index >= len(self.defined):
                    raise reader.error(f"refers to function number {index}, of {len(self.defined)}")
                self.exported[name] = self.defined[index]
            elif kind in _OTHER:
                self.exported[name] = _OTHER[kind]
            else:
                raise _unsupported(reader, "exports of an unknown kind")


def _value_type(reader: Reader) -> int:
    """Return the code of the next value type, and skip what belongs to it."""
    code = reader.byte()
    if code in _TYPED:
        _skip_number(reader)
    if code not in _VALUES and code not in _STRANGE:
        raise _unsupported(reader, f"values of an unknown type ({code:#x})")
    return code


def _skip_limits(reader: Reader) -> None:
    flags = reader.byte()
    if flags & 0x02:
        raise _unsupported(reader, "memory that threads share")
    for _ in range(2 if flags & 0x01 else 1):
        _skip_number(reader)
    if flags & 0x08:
        reader.u32()  # the page size


def _skip_number(reader: Reader) -> None:
    """Skip a number of up to 64 bits: the limits of a memory may have as many."""
    for _ in range(10):
        if reader.byte() < 0x80:
            return
    raise reader.error("a number is longer than 64 bits")


def _unsupported(reader: Reader, what: str) -> DecodeError:
    return reader.error(f"uses {what}, which capwit does not carry: build for wasm32-wasip1")
