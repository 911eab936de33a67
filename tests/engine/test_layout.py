"""How the canonical ABI lays values out: what it costs to find out, whatever a guest's types are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from capwit.engine import types as wit
from capwit.engine.component import Component, Interface
from capwit.engine.decode import decode
from capwit.engine.forwarder import Forwarded, Forwarder
from capwit.engine.layout import layout
from capwit.engine.wrapper import wrap

from tests.engine.support import wasm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Counted(tuple[Any, ...]):
    """A type's parts, that count how often they are looked through."""

    __slots__ = ()
    seen = 0

    def __iter__(self) -> Iterator[Any]:
        Counted.seen += 1
        return super().__iter__()


LEVELS = {
    "tuples": lambda inner: wit.Tuple(Counted([inner])),
    "records": lambda inner: wit.Record(Counted([wit.Field("f", inner, "f")])),
    "variants": lambda inner: wit.Variant(Counted([wit.Case("c", inner)])),
    "options": lambda inner: wit.Option(wit.Tuple(Counted([inner]))),
    "results": lambda inner: wit.Result(wit.Tuple(Counted([inner])), None),
}


@pytest.mark.parametrize("level", LEVELS.values(), ids=LEVELS)
def test_each_part_of_a_type_is_looked_at_once(level: Callable[[wit.Type], wit.Type]) -> None:
    type: wit.Type = wit.U8
    for _ in range(10):
        type = level(type)
    Counted.seen = 0
    layout(type)
    assert Counted.seen <= 10


@pytest.mark.parametrize("level", LEVELS.values(), ids=LEVELS)
def test_a_lane_looks_at_what_functions_have_in_common_once(level: Callable[[wit.Type], wit.Type]) -> None:
    def looks(functions: int) -> int:
        type: wit.Type = wit.BYTES
        for _ in range(30):
            type = level(type)
        result = wit.Tuple((type, wit.List(type)))
        made = [wit.Function((), result) for _ in range(functions)]
        Counted.seen = 0
        Forwarder([Forwarded(each, each) for each in made], to_host=True).forwarding()
        return Counted.seen

    assert looks(10) == looks(1) < 30 * 10


def types_and_functions(levels: int, width: int, functions: int) -> bytes:
    """A component whose functions have a type of many, written in few bytes."""
    parts = "".join(f"(type $t{n} (tuple {f'$t{n - 1} ' * width})) " for n in range(1, levels + 1))
    exports = " ".join(f'(export "f{n}" (func (param "x" $t{levels})))' for n in range(functions))
    return wasm(f'(component (type $t0 (list u8)) {parts} (import "a:b/c" (instance {exports})))')


@pytest.mark.parametrize(("levels", "width", "functions"), [(90, 1, 50), (5, 4, 30), (6, 3, 60)])
def test_types_that_are_too_many_written_out_do_without_a_lane(
    levels: int, width: int, functions: int
) -> None:
    few, many = (types_and_functions(levels, width, count) for count in (1, functions))
    assert wrap(few, decode(few), lane=True).lane.sides == 1
    wrapped = wrap(many, decode(many), lane=True)
    assert wrapped.binary == many
    assert "too large together" in wrapped.lane.refused["a:b/c", "f0"]


def test_deep_types_that_carry_bytes_load() -> None:
    levels = "".join(f"(type $t{n} (option (tuple $t{n - 1}))) " for n in range(1, 41))
    function = '(func (param "x" $t40) (result $t40))'
    guest = wasm(
        f'(component (type $t0 (list u8)) {levels} (import "a:b/c" (instance (export "f" {function}))))'
    )
    assert wrap(guest, decode(guest), lane=True).lane.imports == {("a:b/c", "f"): "f0"}


class Name(str):
    """An interface's name, that counts how often one is compared."""

    __slots__ = ()
    __hash__ = str.__hash__
    seen = 0

    def __eq__(self, other: object) -> bool:
        Name.seen += 1
        return str.__eq__(self, other)


BORROW = wit.Borrow(wit.Resource("a:b/i0", "r"))


def looks(*, interfaces: int = 1, functions: int = 1, lent: int = 1) -> int:
    """Return how often parameters and names are looked at to put a component onto the lane."""
    params = [wit.Param("x", wit.BYTES), *(wit.Param(f"p{n}", BORROW) for n in range(lent))]
    externs = [
        Interface(
            Name(f"a:b/i{number}"),
            {"r": BORROW.resource} if number == 0 else {},
            {f"f{n}": wit.Function(Counted(params), None) for n in range(functions)},
        )
        for number in range(interfaces)
    ]
    component = Component({each.name: each for each in externs}, {})
    Counted.seen = Name.seen = 0
    assert len(wrap(b"", component, lane=True).lane.imports) == interfaces * functions
    return Counted.seen + Name.seen


@pytest.mark.parametrize("what", ["interfaces", "functions"])
def test_a_lane_costs_each_function_the_same_however_many_there_are(what: str) -> None:
    assert looks(**{what: 40}) <= 4 * looks(**{what: 10})


def test_a_lane_costs_the_same_looks_however_many_handles_are_lent() -> None:
    assert looks(lent=200) == looks(lent=20)


def test_a_lane_looks_at_all_cases_as_often_however_many_there_are() -> None:
    def looks(cases: int) -> int:
        type = wit.Variant(Counted([wit.Case(f"c{n}", wit.BYTES) for n in range(cases)]))
        function = wit.Function((wit.Param("x", wit.List(type)),), type)
        component = Component({"a:b/c": Interface("a:b/c", {"v": type}, {"f": function})}, {})
        Counted.seen = 0
        assert wrap(b"", component, lane=True).lane.imports
        return Counted.seen

    assert looks(200) == looks(20)
