"""Capabilities inside values: which types hold any, and how each is replaced."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final, TypeAlias, assert_never

from capwit.engine.types import (
    Borrow,
    Enum,
    Flags,
    List,
    Option,
    Own,
    Prim,
    Record,
    Resource,
    Result,
    String,
    Tuple,
    Type,
    Variant,
    parts,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

Replace: TypeAlias = Callable[[Own | Borrow, Any], Any]
Mapper: TypeAlias = Callable[[Any, Replace], Any]


def has_handle(type: Type) -> bool:
    """Return whether a type holds any capability."""
    return isinstance(type, Own | Borrow) or any(map(has_handle, parts(type)))


def find_handles(type: Type, value: Any, path: str) -> Iterator[tuple[Resource, Any, str]]:
    """Yield every capability in a value that fits its type, with its resource and the path to it."""
    if not has_handle(type):
        return
    match type:
        case Own(resource) | Borrow(resource):
            yield resource, value, path
        case Option(some) if value is not None:
            yield from find_handles(some, value, path)
        case List(element):
            for index, item in enumerate(value):
                yield from find_handles(element, item, f"{path}[{index}]")
        case Record(fields, spread=spread):
            given = spread(value) if spread else value
            for field in fields:
                yield from find_handles(field.type, getattr(given, field.attribute), f"{path}.{field.label}")
        case Variant(cases) if cases[0].make is None:  # the nodes of an arena
            held = type.known[value[0]].type
            if held is not None:
                yield from find_handles(held, value[1], path)
        case Variant():
            chosen = type.known[value.__class__]
            if chosen.type is not None:
                yield from find_handles(chosen.type, value.value, f"{path}.{chosen.label}")
        case Option() | Tuple() | Result() | Prim() | String() | Enum() | Flags():
            pass  # no schema makes a tuple or a nested result
        case _:
            assert_never(type)


def map_handles(type: Type, value: Any, replace: Replace) -> Any:
    """Return a generated binding's value with every capability in it replaced."""
    found = mapper(type)
    return value if found is None or value is None else found(value, replace)


def mapper(type: Type) -> Mapper | None:
    """Return what replaces every capability in a value of a type that is not None; None where none can be."""
    match type:
        case Own() | Borrow():
            return lambda value, replace: replace(type, value)
        case Option(some):
            return mapper(some)
        case List(element):
            return _list_mapper(element)
        case Record():
            return _record_mapper(type)
        case Variant(cases) if cases[0].make is None:  # the nodes of an arena
            return _node_mapper(type)
        case Variant():
            return _variant_mapper(type)
        case Tuple() | Result() | Prim() | String() | Enum() | Flags():
            return None  # no schema makes a tuple or a nested result
        case _:
            assert_never(type)


def _list_mapper(element: Type) -> Mapper | None:
    item = mapper(element)
    if item is None:
        return None
    return lambda value, replace: [None if each is None else item(each, replace) for each in value]


def _record_mapper(type: Record) -> Mapper | None:
    parts = [(field.attribute, mapper(field.type)) for field in type.fields]
    if all(part is None for _, part in parts):
        return None
    spread, make = type.spread, type.make

    def mapped(value: Any, replace: Replace) -> Any:
        given = spread(value) if spread else value
        changes = {}
        for name, part in parts:
            old = getattr(given, name)
            changes[name] = old if part is None or old is None else part(old, replace)
        return make(*changes.values()) if spread and make else dataclasses.replace(value, **changes)

    return mapped


def _node_mapper(type: Variant) -> Mapper | None:
    parts = {case.label: None if case.type is None else mapper(case.type) for case in type.cases}
    if all(part is None for part in parts.values()):
        return None

    def mapped(value: Any, replace: Replace) -> Any:
        label, payload = value
        part = parts[label]
        return label, payload if part is None or payload is None else part(payload, replace)

    return mapped


def _variant_mapper(type: Variant) -> Mapper | None:
    parts = {case.make: None if case.type is None else mapper(case.type) for case in type.cases}
    if all(part is None for part in parts.values()):
        return None

    def mapped(value: Any, replace: Replace) -> Any:
        part = parts.get(value.__class__)
        if part is None or value.value is None:
            return value
        return value.__class__(part(value.value, replace))

    return mapped


def resources_in(type: Type) -> Iterator[Resource]:
    """Return the resources whose handles a type holds."""
    match type:
        case Own(resource) | Borrow(resource):
            yield resource
        case _:
            for part in parts(type):
                yield from resources_in(part)


_SIZES: Final = {  # bytes
    **dict.fromkeys(("bool", "s8", "u8"), 1),
    **dict.fromkeys(("s16", "u16"), 2),
    **dict.fromkeys(("s32", "u32", "f32", "char"), 4),
    **dict.fromkeys(("s64", "u64", "f64"), 8),
}


def weigh(type: Type, value: Any) -> int:
    """Return how many bytes of text, data and lists of numbers a generated binding's value holds."""
    if value is None:
        return 0
    match type:
        case String():
            return len(value) if value.isascii() else len(value.encode())
        case List(Prim(name=name)):
            return len(value) * _SIZES[name]
        case Option(some):
            return weigh(some, value)
        case List(element):
            return sum(weigh(element, item) for item in value)
        case Record(fields, spread=spread):
            given = spread(value) if spread else value
            return sum(weigh(field.type, getattr(given, field.attribute)) for field in fields)
        case Variant(cases) if cases[0].make is None:  # the nodes of an arena
            label, payload = value
            held = type.known[label].type
            return weigh(held, payload) if held else 0
        case Variant():
            chosen = type.known.get(value.__class__)
            return weigh(chosen.type, value.value) if chosen and chosen.type else 0
        case Own() | Borrow() | Prim() | Enum() | Flags() | Tuple() | Result():
            return 0
        case _:
            assert_never(type)
