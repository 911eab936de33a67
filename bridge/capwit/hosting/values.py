"""Values of WIT types as text, which crosses between processes: JSON, by type.

| WIT | JSON |
|---|---|
| numbers, `bool`, `string`, `char` | themselves; floats that are none: `"nan"`, `"inf"`, `"-inf"` |
| `list<u8>` | base64 |
| `list`, `tuple`, `flags` | an array |
| `record` | an object |
| `enum`; `variant` | its label; `[label]` or `[label, payload]` |
| `option` | `null` or `[value]` |
| `result` | `["ok", value]` or `["err", value]` |
| `own`, `borrow` | a number: its place among the capabilities that go with the text |
"""

from __future__ import annotations

import json
import math
from base64 import b64decode, b64encode
from types import NoneType
from typing import TYPE_CHECKING, Any, Final, TypeAlias, assert_never

from capwit.bridge.convert import has_handle
from capwit.bridge.errors import ConversionError, LinkError
from capwit.engine.fault import find_fault
from capwit.engine.types import (
    U8,
    Borrow,
    Enum,
    Err,
    Flags,
    List,
    Ok,
    Option,
    Own,
    Prim,
    Record,
    Result,
    Some,
    String,
    Tuple,
    Type,
    Variant,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from capwit.engine.types import Function

    Handle: TypeAlias = Callable[[Own | Borrow, Any], Any]

_MOST: Final = 256 << 10  # characters of a text: others wait while it is read, for most of a second
_TOO_LONG: Final = f"it has more than {_MOST} characters as JSON, which is the most"
_FLOATS: Final = ("f32", "f64")
_WORDS: Final = ("nan", "inf", "-inf")
_KINDS: Final = {"bool": bool, "char": str}  # what JSON has for others is an integer


def to_text(name: str, type: Type, value: Any, handle: Handle) -> str:
    """Return a value that fits its type as text; `handle` returns the place of each capability in it.

    Raises:
        ConversionError: it is longer than 256 KiB; `name` is in the message.
    """
    text = json.dumps(_Plain(name, handle).of(type, value), allow_nan=False)
    if len(text) > _MOST:
        raise ConversionError(f"{name}: {_TOO_LONG}")
    return text


def of_text(type: Type, text: str, handle: Handle) -> Any:
    """Return the value of a text: `handle` returns the capability at a place.

    Raises:
        ConversionError: it is none of that type, or is longer than 256 KiB.
    """
    if len(text) > _MOST:
        raise ConversionError(f"a value: {_TOO_LONG}")
    try:
        value = _of_plain(type, json.loads(text), handle)
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise ConversionError(f"a value is not of its type as JSON: {error!r}") from None
    if fault := find_fault(type, value, "value"):
        raise ConversionError(fault)
    return value


def arguments_to(name: str, function: Function, arguments: Sequence[Any]) -> str:
    """Return the arguments of a function as text.

    Raises:
        ConversionError: they are not of its types, or are too long.
        LinkError: it takes or returns resources.
    """
    type = _parameters(name, function)
    if fault := find_fault(type, arguments, name):
        raise ConversionError(fault)
    return to_text(name, type, arguments, _no_handle)


def arguments_of(name: str, function: Function, text: str) -> tuple[Any, ...]:
    """Return the arguments that a text stands for. Raises what `arguments_to` does."""
    found: tuple[Any, ...] = of_text(_parameters(name, function), text, _no_handle)
    return found


def result_to(name: str, function: Function, result: Any) -> str:
    """Return the result of a function as text: `null` where it has none.

    Raises:
        ConversionError: it is too long.
    """
    return "null" if function.result is None else to_text(name, function.result, result, _no_handle)


def result_of(function: Function, text: str) -> Any:
    """Return the result that a text stands for.

    Raises:
        ConversionError: it is not of the function's type.
    """
    return None if function.result is None else of_text(function.result, text, _no_handle)


def _parameters(name: str, function: Function) -> Tuple:
    types = [param.type for param in function.params]
    if any(has_handle(each) for each in (*types, *([function.result] if function.result else []))):
        raise LinkError(
            f"{name}: it takes or returns resources, which a call from another process does not. "
            "Mend: export an interface, and call that"
        )
    return Tuple(tuple(types))


def _no_handle(of: Own | Borrow, _: Any) -> Any:
    raise AssertionError(of)


class _Plain:
    """Makes what JSON has of values. It ends where they cannot be short enough: others wait meanwhile."""

    def __init__(self, name: str, handle: Handle) -> None:
        self._name = name
        self._handle = handle
        self._room = _MOST

    def of(self, type: Type, value: Any) -> Any:
        self._room -= len(value) if isinstance(value, str | bytes | bytearray | memoryview) else 1
        if self._room < 0:
            raise ConversionError(f"{self._name}: {_TOO_LONG}")
        match type:
            case Prim(name) if name in _FLOATS:
                return float(value) if math.isfinite(value) else str(float(value))
            case Prim(name):
                return _KINDS.get(name, int)(value)  # `True` is a number to Python, and none to JSON
            case String():
                return value
            case List(element) if element == U8:
                return b64encode(bytes(value)).decode("ascii")
            case List(element):
                return [self.of(element, each) for each in value]
            case Tuple(items):
                return [self.of(item, each) for item, each in zip(items, value, strict=True)]
            case Record(fields, make=None):
                return {each.label: self.of(each.type, value[each.label]) for each in fields}
            case Record(fields, spread=spread):
                given = spread(value) if spread else value
                return {each.label: self.of(each.type, getattr(given, each.attribute)) for each in fields}
            case Variant(cases):
                plain = cases[0].make is None
                label, held, _ = type.known[value[0] if plain else value.__class__]
                if held is None:
                    return [label]
                return [label, self.of(held, value[1] if plain else value.value)]
            case Enum(make=make):
                return value if make is None else value.value
            case Flags():
                return sorted(value)
            case Option(some):
                if value is None:
                    return None
                return [self.of(some, value.value if isinstance(some, Option) else value)]
            case Result(ok, err):
                held = ok if isinstance(value, Ok) else err
                name = "ok" if isinstance(value, Ok) else "err"
                return [name, None if held is None else self.of(held, value.value)]
            case Own() | Borrow():
                return self._handle(type, value)
            case _:
                assert_never(type)


def _of_plain(type: Type, data: Any, handle: Handle) -> Any:
    match type:
        case Prim(name) if name in _FLOATS:
            return float(data) if data in _WORDS else _finite(_of(data, int, float))
        case Prim(name):
            return _of(data, _KINDS.get(name, int))
        case String():
            return _of(data, str)
        case List(element) if element == U8:
            return b64decode(data, validate=True)
        case List(element):
            return [_of_plain(element, each, handle) for each in _of(data, list)]
        case Tuple(items):
            parts = zip(items, _of(data, list), strict=True)
            return tuple(_of_plain(item, each, handle) for item, each in parts)
        case Record(fields, make=make):
            if len(_of(data, dict)) > len(fields):
                raise ValueError(f"{len(data)} fields of {len(fields)}")
            values = [_of_plain(each.type, data[each.label], handle) for each in fields]
            if make is not None:
                return make(*values)
            return {each.label: value for each, value in zip(fields, values, strict=True)}
        case Variant():
            label, *payload = _of(data, list)
            case = type.known[label]
            types = [] if case.type is None else [case.type]
            values = [_of_plain(each, held, handle) for each, held in zip(types, payload, strict=True)]
            return (label, *(values or [None])) if case.make is None else case.make(*values)
        case Enum(make=make):
            return data if make is None else make(data)  # `of_text` looks whether it is one
        case Flags():
            return frozenset(_of(data, list))
        case Option(some):
            if data is None:
                return None
            [held] = _of(data, list)
            value = _of_plain(some, held, handle)
            return Some(value) if isinstance(some, Option) else value
        case Result(ok, err):
            name, held = _of(data, list)
            end = {"ok": ok, "err": err}[name]
            value = _of(held, NoneType) if end is None else _of_plain(end, held, handle)
            return Ok(value) if name == "ok" else Err(value)
        case Own() | Borrow():
            return handle(type, data)
        case _:
            assert_never(type)


def _finite(number: float) -> float:
    """Return a number as a float: JSON has neither `NaN` nor `Infinity`, though Python reads them."""
    found = float(number)
    if not math.isfinite(found):
        raise ValueError(f"{number} is no number in JSON")
    return found


def _of(data: Any, *kinds: type) -> Any:
    """Return what JSON has, if it is of one of these types: `True` is no integer here."""
    if type(data) not in kinds:
        raise TypeError(f"expected {' or '.join(each.__name__ for each in kinds)}, got {type(data).__name__}")
    return data
