"""Whether a component's types are those of the bindings: checked when it is linked, not when it runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, assert_never

from capwit.engine.types import (
    Borrow,
    Enum,
    Flags,
    Function,
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
    from collections.abc import Iterable

    from capwit.engine.types import Resource

_VERSION: Final = re.compile(
    r"(?P<name>[^@]+)(?:@(?P<major>\d+)\.(?P<minor>\d+)\.(?P<patch>\d+)(?P<pre>-[^+]*)?.*)?"
)


def compatible(one: str, other: str) -> bool:
    """Return whether two versioned interface names are the same one, as semver sees it.

    `a:b/c@0.2.0` and `a:b/c@0.2.6` are; `@0.2.0` and `@0.3.0` are not, `@1.0.0` and `@1.4.0` are.
    """
    if one == other:
        return True
    a, b = _VERSION.fullmatch(one), _VERSION.fullmatch(other)
    if a is None or b is None or any(a[part] != b[part] for part in ("name", "major", "pre")):
        return False
    return a["major"] not in (None, "0") or (a["minor"] == b["minor"] and a["minor"] != "0")


def find_mismatch(wanted: Function, found: Function) -> str | None:
    """Return where a component's function differs from the bindings', or None."""
    if len(wanted.params) != len(found.params):
        return f"it has {len(found.params)} parameters, the bindings {len(wanted.params)}"
    for ours, theirs in zip(wanted.params, found.params, strict=True):
        if ours.label != theirs.label:
            return f"its parameter is named {theirs.label}, the bindings' {ours.label}"
        fault = _differ(ours.type, theirs.type, ours.label)
        if fault:
            return fault
    return _ends(wanted.result, found.result, "result")


def _ends(wanted: Type | None, found: Type | None, path: str) -> str | None:
    if wanted is None or found is None:
        return None if wanted is found else f"{path}: only one of the two has a value"
    return _differ(wanted, found, path)


def _differ(wanted: Type, found: Type, path: str) -> str | None:
    if not isinstance(wanted, type(found)):  # an arena's `Index` is a `Prim`
        return f"{path}: it is {kind_of(found)}, in the bindings {kind_of(wanted)}"
    match wanted, found:
        case (Prim(ours), Prim(theirs)):
            return None if ours == theirs else f"{path}: it is {theirs}, in the bindings {ours}"
        case (List(ours_item), List(theirs_item)) | (Option(ours_item), Option(theirs_item)):
            return _differ(ours_item, theirs_item, f"{path}[]")
        case (Record(ours_fields), Record(theirs_fields)):
            return _members(
                [(f.label, f.type) for f in ours_fields], [(f.label, f.type) for f in theirs_fields], path
            )
        case (Variant(ours_cases), Variant(theirs_cases)):
            return _members(
                [(c.label, c.type) for c in ours_cases], [(c.label, c.type) for c in theirs_cases], path
            )
        case (Tuple(ours_items), Tuple(theirs_items)):
            if len(ours_items) != len(theirs_items):
                return f"{path}: it has {len(theirs_items)} items, in the bindings {len(ours_items)}"
            pairs = zip(ours_items, theirs_items, strict=True)
            return _first(_differ(a, b, f"{path}[{i}]") for i, (a, b) in enumerate(pairs))
        case (Enum(ours_labels), Enum(theirs_labels)) | (Flags(ours_labels), Flags(theirs_labels)):
            return _labels(list(ours_labels), list(theirs_labels), path)
        case (Result(ours_ok, ours_err), Result(theirs_ok, theirs_err)):
            return _ends(ours_ok, theirs_ok, f"{path}.ok") or _ends(ours_err, theirs_err, f"{path}.err")
        case (Own(ours_handle), Own(theirs_handle)) | (Borrow(ours_handle), Borrow(theirs_handle)):
            return _resources(ours_handle, theirs_handle, path)
        case _:
            return None  # a string is a string


def _resources(wanted: Resource, found: Resource, path: str) -> str | None:
    same = wanted.name == found.name and compatible(wanted.interface, found.interface)
    if same and wanted.guest == found.guest:
        return None
    return f"{path}: it is {found.interface}.{found.name}, in the bindings {wanted.interface}.{wanted.name}"


def _labels(wanted: list[str], found: list[str], path: str) -> str | None:
    if wanted == found:
        return None
    missing = [label for label in wanted if label not in found]
    extra = [label for label in found if label not in wanted]
    if missing:
        return f"{path}: it lacks {', '.join(missing)}"
    return f"{path}: the bindings lack {', '.join(extra)}" if extra else f"{path}: the order differs"


def _members(
    wanted: list[tuple[str, Type | None]], found: list[tuple[str, Type | None]], path: str
) -> str | None:
    return _labels([label for label, _ in wanted], [label for label, _ in found], path) or _first(
        _ends(ours, theirs, f"{path}.{label}")
        for (label, ours), (_, theirs) in zip(wanted, found, strict=True)
    )


def _first(faults: Iterable[str | None]) -> str | None:
    return next((fault for fault in faults if fault), None)


def kind_of(type: Type) -> str:
    """Return what a type is, for a person."""
    match type:
        case Prim(name):
            return name
        case String():
            return "a string"
        case Own(resource):
            return f"an owned {resource.name}"
        case Borrow(resource):
            return f"a borrowed {resource.name}"
        case List() | Record() | Tuple() | Variant() | Enum() | Flags() | Option() | Result():
            word = type.__class__.__name__.lower()
            return f"an {word}" if word[0] in "aeiou" else f"a {word}"
        case _:
            assert_never(type)
