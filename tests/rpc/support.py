"""Bindings of the generator's cases, and random values of their types."""

from __future__ import annotations

import atexit
import importlib
import shutil
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, assert_never

import capnp
from capwit.bridge.binding import ANY_VALUE, AnyValue
from capwit.engine.types import (
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
from capwit.rpc import Message
from hypothesis import strategies as st

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests/codegen/cases"

# What modules and parsers read, for as long as they are there.
_SCRATCH = tempfile.TemporaryDirectory(prefix="capwit-rpc-")
atexit.register(_SCRATCH.cleanup)


@cache
def bindings(case: str) -> ModuleType:
    """The expected module of a case, imported as itself with the bridge file beside it."""
    name = "rpc_case_" + case.replace("-", "_")
    folder = Path(_SCRATCH.name, name)
    shutil.copytree(CASES / case / "expected", folder)
    (folder / "schema.py").rename(folder / f"{name}.py")
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(folder))


@cache
def plain(case: str, *changes: tuple[str, str]) -> Any:
    """A case's schema as pycapnp itself loads it; with `changes` to its text, as a peer may have it."""
    text = (CASES / case / "schema.capnp").read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = Path(tempfile.mkdtemp(dir=_SCRATCH.name)) / "schema.capnp"
    path.write_text(text)
    included = [ROOT / "codegen", ROOT / "codegen/capwit", ROOT / "bridge/capwit"]
    parser = capnp.SchemaParser()
    _PARSERS.append(parser)
    return parser.load(str(path), imports=[*map(str, included), str(Path(capnp.__file__).parent.parent)])


_PARSERS: list[Any] = []  # what they have loaded lives as long as they do


def values(type: Type, depth: int = 3) -> st.SearchStrategy[Any]:
    """Values of a type without capabilities; of one that contains itself, `depth` levels at most."""
    if type is ANY_VALUE:
        point = Message(bindings("lists").POINT)
        encoded = values(point.type).map(point.encode)
        return st.builds(AnyValue, st.just(b"") | encoded, st.just([]))
    match type:
        case Prim("bool"):
            return st.booleans()
        case Prim("f32"):
            return st.floats(width=32, allow_nan=False)
        case Prim("f64"):
            return st.floats(allow_nan=False)
        case Prim(name):
            bits = int(name[1:])
            low, high = (-(1 << bits - 1), 1 << bits - 1) if name[0] == "s" else (0, 1 << bits)
            return st.integers(low, high - 1)
        case String():
            return st.text(max_size=8)
        case List(Prim("u8")):
            return st.binary(max_size=8)
        case List(element):
            return st.lists(values(element, depth), max_size=3)
        case Record(fields, spread=spread) if spread is not None:
            return _arena(type, fields[0].type, depth)
        case Record(fields, make) if make is not None:
            given = (
                st.integers(0, 1000) if field.label == "ticks" else values(field.type, depth)
                for field in fields  # `ticks` is a list of `Void`: its length
            )
            return st.builds(make, *given)
        case Variant(cases):
            return st.one_of(*(_case(case, depth) for case in cases))
        case Enum(make=make) if make is not None:
            return st.sampled_from(make)
        case Option(Own() | Borrow()):
            return st.none()
        case Option(some):
            return st.none() | values(some, depth)
        case Own() | Borrow() | Record() | Tuple() | Enum() | Flags() | Result():
            raise AssertionError(f"no values of {type}")
        case _:
            assert_never(type)


def _case(case: Any, depth: int) -> st.SearchStrategy[Any]:
    if case.label == "unknown" and isinstance(case.type, Prim):
        return st.integers(1000, 0xFFFF).map(case.make)
    return st.builds(case.make, values(case.type, depth)) if case.type else st.just(case.make())


def _arena(arena: Record, nodes: Type, depth: int) -> st.SearchStrategy[Any]:
    assert isinstance(nodes, List)
    types = (
        {case.label: case.type for case in nodes.element.cases if case.type}
        if isinstance(nodes.element, Variant) and nodes.element.cases[0].make is None
        else {"": nodes.element}
    )

    def node(case: str, left: int) -> st.SearchStrategy[Any]:
        return part(types[case], left)

    def part(type: Type, left: int) -> st.SearchStrategy[Any]:
        if type is ANY_VALUE:
            return values(type)
        match type:
            case Prim() if hasattr(type, "case"):
                return node(type.case, left - 1)
            case Option(Prim() as index) if hasattr(index, "case"):
                return st.none() | part(index, left) if left > 0 else st.none()
            case List(Prim("u8")):
                return values(type)
            case List(element):
                return st.lists(part(element, left), max_size=2) if left > 0 else st.just([])
            case Record(fields, make, spread=None) if make is not None:
                return st.builds(make, *(part(field.type, left) for field in fields))
            case Variant(cases):
                choices = [
                    st.builds(case.make, part(case.type, left)) if case.type else st.just(case.make())
                    for case in cases
                    if case.make
                ]
                return st.one_of(*choices)
            case _:
                return values(type)

    return node(arena.name if len(types) > 1 else "", depth)
