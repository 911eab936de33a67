"""How the canonical ABI lays values out: in core memory, and flat, as a core function's numbers.

Source: https://github.com/WebAssembly/component-model/blob/main/design/mvp/CanonicalABI.md#alignment
"""

from __future__ import annotations

from itertools import islice, zip_longest
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias, assert_never

from .core import CoreFunction, ValueType
from .types import (
    Borrow,
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
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from .types import Function

MOST_FLAT_PARAMS: Final = 16
MOST_FLAT_RESULTS: Final = 1


class Layout(NamedTuple):
    """A type's size and alignment in memory, in bytes, and the core values that it is flat.

    Of more of those than are ever passed, only one more is kept.
    """

    size: int
    align: int
    flat: tuple[ValueType, ...]


# What tells how values of a type lie: `layout`, or `Layouts`.
Layouter: TypeAlias = "Callable[[Type], Layout]"


class Scalar(NamedTuple):
    """A scalar's `struct` code in memory, and the core type that carries it flat."""

    code: str
    type: ValueType


_I32, _I64 = ValueType.I32, ValueType.I64
SCALARS: Final = {
    "bool": Scalar("?", _I32),
    "s8": Scalar("b", _I32),
    "u8": Scalar("B", _I32),
    "s16": Scalar("h", _I32),
    "u16": Scalar("H", _I32),
    "s32": Scalar("i", _I32),
    "u32": Scalar("I", _I32),
    "s64": Scalar("q", _I64),
    "u64": Scalar("Q", _I64),
    "f32": Scalar("f", ValueType.F32),
    "f64": Scalar("d", ValueType.F64),
    "char": Scalar("I", _I32),
}
SIZES: Final = {"?": 1, "b": 1, "B": 1, "h": 2, "H": 2, "i": 4, "I": 4, "q": 8, "Q": 8, "f": 4, "d": 8}
_POINTER_AND_LENGTH: Final = Layout(8, 4, (_I32, _I32))
_HANDLE: Final = Layout(4, 4, (_I32,))


def align_to(at: int, align: int) -> int:
    """Return the first address from `at` on that is aligned."""
    return (at + align - 1) // align * align


class Layouts:
    """Layouts of types that have parts in common, each found once."""

    def __init__(self) -> None:
        """Know none yet."""
        self._known: dict[int, tuple[Type, Layout]] = {}  # by id, since to hash a type looks at all of it

    def __call__(self, type: Type) -> Layout:
        """Return how values of a type lie."""
        known = self._known.get(id(type))
        if known is None:
            known = self._known[id(type)] = (type, _layout(type, self))
        return known[1]


def layout(type: Type) -> Layout:
    """Return how values of a type lie. Each part is looked at once: twice at each level would be 2**depth."""
    return _layout(type, layout)


def _layout(type: Type, layout: Layouter) -> Layout:
    """Return how values of a type lie, with what tells it of a part."""
    match type:
        case Prim(name):
            code, core = SCALARS[name]
            return Layout(SIZES[code], SIZES[code], (core,))
        case String() | List():
            return _POINTER_AND_LENGTH
        case Record() | Tuple():
            found = [layout(part) for part in parts_of(type)]
            flat = islice((core for part in found for core in part.flat), MOST_FLAT_PARAMS + 1)
            align = max((part.align for part in found), default=1)
            *_, end = _places(found)
            return Layout(align_to(end, align), align, tuple(flat))
        case Variant() | Enum() | Option() | Result():
            cases = cases_of(type)
            ends = [layout(case) for case in cases if case is not None]
            code, offset = _discriminant(len(cases), ends)
            align = max([SIZES[code], *(end.align for end in ends)])
            size = align_to(offset + max((end.size for end in ends), default=0), align)
            flat = islice((_I32, *_join([end.flat for end in ends])), MOST_FLAT_PARAMS + 1)
            return Layout(size, align, tuple(flat))
        case Flags(labels):
            code, words = flag_words(len(labels))
            return Layout(SIZES[code] * words, SIZES[code], (_I32,) * min(words, MOST_FLAT_PARAMS + 1))
        case Own() | Borrow():
            return _HANDLE
        case _:
            assert_never(type)


def parts_of(type: Record | Tuple) -> Sequence[Type]:
    """Return the types of what stands in a record or tuple, in order."""
    return type.items if isinstance(type, Tuple) else [field.type for field in type.fields]


def cases_of(type: Variant | Enum | Option | Result) -> Sequence[Type | None]:
    """Return the payloads' types of whatever is one of several cases."""
    match type:
        case Variant(cases):
            return [case.type for case in cases]
        case Enum(labels):
            return [None] * len(labels)
        case Option(some):
            return [None, some]
        case Result(ok, err):
            return [ok, err]


def offsets(parts: Iterable[Type], layout: Layouter = layout) -> list[int]:
    """Return where each of several values lies, one after the other."""
    return list(_places(map(layout, parts)))[:-1]


def _places(parts: Iterable[Layout]) -> Iterator[int]:
    """Yield where each value lies, and where the last one ends."""
    at = 0
    for size, align, _ in parts:
        at = align_to(at, align)
        yield at
        at += size
    yield at


def discriminant(type: Variant | Enum | Option | Result, layout: Layouter = layout) -> tuple[str, int]:
    """Return the `struct` code of what tells a value's case, and where the payload lies behind it."""
    cases = cases_of(type)
    return _discriminant(len(cases), [layout(case) for case in cases if case is not None])


def _discriminant(count: int, ends: Iterable[Layout]) -> tuple[str, int]:
    code = "B" if count <= 1 << 8 else "H" if count <= 1 << 16 else "I"
    return code, align_to(SIZES[code], max((end.align for end in ends), default=1))


def flag_words(count: int) -> tuple[str, int]:
    """Return the `struct` code of the words that hold `count` flags, and how many words there are."""
    return ("B", 1) if count <= 8 else ("H", 1) if count <= 16 else ("I", -(-count // 32))


def _join(payloads: list[tuple[ValueType, ...]]) -> list[ValueType]:
    """Return the core values that carry any of several payloads."""
    return [_wider({*each} - {None}) for each in zip_longest(*payloads)]


def _wider(found: set[ValueType | None]) -> ValueType:
    if len(found) == 1:
        return found.pop() or _I32
    return _I32 if found == {_I32, ValueType.F32} else _I64


def flat_params(type: Function, layout: Layouter = layout) -> tuple[ValueType, ...]:
    """Return the core values that a function's parameters are: if too many, not all."""
    return tuple(core for param in type.params for core in layout(param.type).flat)


def flat_result(type: Function, layout: Layouter = layout) -> tuple[ValueType, ...]:
    """Return the core values that a function's result is: if too many, not all."""
    return () if type.result is None else layout(type.result).flat


def lowered(type: Function, layout: Layouter = layout) -> CoreFunction:
    """Return the core function that a guest imports for a function: many values go through memory."""
    params, results = flat_params(type, layout), flat_result(type, layout)
    if len(params) > MOST_FLAT_PARAMS:
        params = (_I32,)
    if len(results) > MOST_FLAT_RESULTS:
        params, results = (*params, _I32), ()
    return CoreFunction(params, results)


def allocates(type: Type | None) -> bool:
    """Return whether values of a type need memory of the guest's besides where they lie themselves."""
    match type:
        case None | Prim() | Enum() | Flags() | Own() | Borrow():
            return False
        case String() | List():
            return True
        case Record() | Tuple():
            return any(map(allocates, parts_of(type)))
        case Variant() | Option() | Result():
            return any(map(allocates, cases_of(type)))
        case _:
            assert_never(type)
