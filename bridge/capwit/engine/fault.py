"""Why a Python value does not fit a type: looked for only once a conversion has failed."""

from __future__ import annotations

import sys
from collections.abc import Collection
from typing import TYPE_CHECKING, Final, assert_never

from .types import (
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
    from collections.abc import Iterable

_RANGES: Final = {
    **{f"s{bits}": (-(1 << bits - 1), (1 << bits - 1) - 1) for bits in (8, 16, 32, 64)},
    **{f"u{bits}": (0, (1 << bits) - 1) for bits in (8, 16, 32, 64)},
}
_FLOAT_MAX: Final = {"f32": 3.4028235677973362e38, "f64": sys.float_info.max}  # what rounds to a finite one
_SHOWN: Final = 60


def show(value: object) -> str:
    """Return a value as an error shows it: its type, and its start."""
    try:
        text = repr(value)
    except Exception:
        text = "..."
    return f"{type(value).__name__} {text if len(text) <= _SHOWN else text[: _SHOWN - 3] + '...'}"


def show_number(value: float) -> str:
    """Return a number as an error shows it: Python prints no integer of thousands of digits."""
    if isinstance(value, int) and value.bit_length() > 200:
        return f"a number of {value.bit_length()} bits"
    return str(value)


def find_fault(type: Type, value: object, path: str) -> str | None:
    """Return what is wrong with `value` as a `type`, with the path to it, or None where it fits."""
    match type:
        case Prim(name):
            return _scalar(name, value, path)
        case String():
            if not isinstance(value, str):
                return f"{path}: expected str, got {show(value)}"
            try:
                value.encode()
            except UnicodeEncodeError:
                return f"{path}: the str holds a lone surrogate, which is not Unicode text: {show(value)}"
            return None
        case List(Prim("u8")):
            good = isinstance(value, bytes | bytearray | memoryview)
            return None if good else f"{path}: expected bytes, got {show(value)}"
        case List(element):
            if isinstance(value, str | bytes) or not hasattr(value, "__iter__"):
                return f"{path}: expected a list, got {show(value)}"
            return _first(find_fault(element, item, f"{path}[{i}]") for i, item in enumerate(value))
        case Record(fields, make, spread=spread):
            try:
                value = spread(value) if spread else value
            except (TypeError, ValueError, AttributeError, KeyError) as error:
                return f"{path}: {error}"
            for field in fields:
                where = f"{path}.{field.label}"
                try:
                    item = value[field.label] if make is None else getattr(value, field.attribute)  # type: ignore[index]
                except (AttributeError, KeyError, TypeError):
                    expected = (
                        getattr(make, "__name__", type.name)
                        if make is not None
                        else f"a dict with {field.label!r}"
                    )
                    return f"{path}: expected {expected}, got {show(value)}"
                fault = find_fault(field.type, item, where)
                if fault is not None:
                    return fault
            return None
        case Tuple(items):
            if not isinstance(value, tuple | list) or len(value) != len(items):
                return f"{path}: expected a tuple of {len(items)}, got {show(value)}"
            return _first(
                find_fault(item, part, f"{path}[{i}]")
                for i, (item, part) in enumerate(zip(items, value, strict=True))
            )
        case Variant(cases):
            plain = cases[0].make is None
            key: object = value.__class__
            payload = getattr(value, "value", None)
            if plain:
                pair = isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str)
                key, payload = value if pair else (None, None)  # type: ignore[misc]
            chosen = type.known.get(key)
            if chosen is None:
                known = ", ".join(case.label if case.make is None else case.make.__name__ for case in cases)
                shape = "a (label, payload) pair with one of " if plain else "one of "
                return f"{path}: expected {shape}{known}; got {show(value)}"
            if chosen.type is None:
                extra = payload is not None and plain
                return f"{path}.{chosen.label}: this case has no payload" if extra else None
            return find_fault(chosen.type, payload, f"{path}.{chosen.label}")
        case Enum(labels, make):
            try:
                if value in type.known:
                    return None
            except TypeError:
                pass  # what cannot be looked up is none of them
            expected = f"one of {', '.join(labels)}" if make is None else f"a member of {make.__name__}"
            return f"{path}: expected {expected}, got {show(value)}"
        case Flags(labels):
            good = (
                isinstance(value, Collection)
                and not isinstance(value, str)
                and all(label in labels for label in value)
            )
            return None if good else f"{path}: expected a set out of {', '.join(labels)}; got {show(value)}"
        case Option(some):
            if value is None:
                return None
            if isinstance(some, Option):
                if not isinstance(value, Some):
                    return f"{path}: expected None or Some(...), got {show(value)}"
                value = value.value
            return find_fault(some, value, path)
        case Result(ok, err):
            if not isinstance(value, Ok | Err):
                return f"{path}: expected Ok(...) or Err(...), got {show(value)}"
            end, label = (ok, "ok") if isinstance(value, Ok) else (err, "err")
            return None if end is None else find_fault(end, value.value, f"{path}.{label}")
        case Own() | Borrow():
            return None  # the handle table says what is wrong with a handle
        case _:
            assert_never(type)


def _first(faults: Iterable[str | None]) -> str | None:
    return next((fault for fault in faults if fault is not None), None)


def _scalar(name: str, value: object, path: str) -> str | None:
    if name == "bool":
        return None if isinstance(value, bool) else f"{path}: expected bool, got {show(value)}"
    if name == "char":
        good = isinstance(value, str) and len(value) == 1 and not 0xD800 <= ord(value) <= 0xDFFF
        return None if good else f"{path}: expected a str of one Unicode scalar value, got {show(value)}"
    if name in ("f32", "f64"):
        if not isinstance(value, int | float):
            return f"{path}: expected float, got {show(value)}"
        if _FLOAT_MAX[name] < abs(value) < float("inf"):
            return f"{path}: {show_number(value)} is out of the range of {name}"
        return None
    if not isinstance(value, int):
        return f"{path}: expected int, got {show(value)}"
    low, high = _RANGES[name]
    if low <= value <= high:
        return None
    return f"{path}: {show_number(value)} is out of the range of {name} ({low} to {high})"
