"""Values of WIT types as text, and back: what guests are granted and called with in other processes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import ConversionError, Host, LinkError, Trap
from capwit.engine.types import (
    BOOL,
    CHAR,
    F64,
    STRING,
    U8,
    U32,
    Case,
    Enum,
    Field,
    Flags,
    Function,
    List,
    Option,
    Record,
    Result,
    Tuple,
    Type,
    Variant,
)
from capwit.hosting.values import of_text, result_to, to_text
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.bridge.support import scenario
from tests.engine.shapes import TYPES, with_classes
from tests.support.components import wat
from tests.support.isolation import each_isolation
from tests.support.values import same, values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_value_comes_back_as_it_was_with_what_it_holds(data: st.DataObject) -> None:
    type = data.draw(TYPES | TYPES.map(with_classes))
    value = data.draw(values(type, st.builds(object)))
    held: list[Any] = []

    def place(_: Any, thing: Any) -> int:
        held.append(thing)
        return len(held) - 1

    assert same(of_text(type, to_text("value", type, value, place), lambda _, place: held[place]), value)


def none(*_: Any) -> Any:
    raise AssertionError("there is no capability")


@pytest.mark.parametrize(
    ("type", "text"),
    [
        (U32, "-1"),
        (U32, "1.5"),
        (U32, "true"),
        (BOOL, "1"),
        (CHAR, "7"),
        (F64, "true"),
        (F64, '" 1_0 "'),
        (F64, "1" + "0" * 400),
        (F64, "1e400"),
        (F64, "NaN"),
        (F64, "Infinity"),
        (F64, "-Infinity"),
        (STRING, "7"),
        (STRING, '"\\ud800"'),
        (STRING, "nothing"),
        (List(U8), '"?"'),
        (List(U32), "{}"),
        (List(U32), "[" * 100_000),
        (Tuple((U32, U32)), "[1]"),
        (Enum(("a",)), '"b"'),
        (Flags(("a",)), '["b"]'),
        (Flags(("a",)), "[[]]"),
        (Variant((Case("x", U32),)), '["y", 1]'),
        (Variant((Case("x", U32),)), '["x"]'),
        (Variant((Case("x", U32),)), "[{}]"),
        (Variant((Case("x", U32),)), '["x", 1, 2]'),
        (Variant((Case("x", None),)), '["x", null]'),
        (Record((Field("x", U32, "x"),)), "[]"),
        (Record((Field("x", U32, "x"),)), '{"x": 1, "y": 2}'),
        (Option(U32), "[]"),
        (Result(U32, None), '["neither", 1]'),
        (Result(None, U32), '["ok", 1]'),
        (STRING, '"' + "x" * (256 << 10) + '"'),
    ],
)
def test_what_is_none_is_refused(type: Type, text: str) -> None:
    with pytest.raises(ConversionError):
        of_text(type, text, none)


def test_a_result_that_is_too_long_names_the_function() -> None:
    function = Function((), STRING)
    assert result_to("tell", function, "x" * 1000) == f'"{"x" * 1000}"'
    with pytest.raises(ConversionError, match="tell: it has more than 262144 characters as JSON"):
        result_to("tell", function, "x" * (256 << 10))


class Counted(list[int]):
    """A list that knows how many of its items have been looked at."""

    looked_at = 0

    def __iter__(self) -> Iterator[int]:
        for each in super().__iter__():
            self.looked_at += 1
            yield each


def test_of_what_is_too_long_no_more_is_looked_at_than_fits() -> None:
    numbers = Counted(range(1 << 20))
    with pytest.raises(ConversionError, match="tell: it has more than 262144 characters"):
        result_to("tell", Function((), List(U32)), numbers)
    assert numbers.looked_at <= 256 << 10


class Name(str):
    """A label that counts how often it is compared with another."""

    __slots__ = ()
    compared = 0

    def __eq__(self, other: object) -> bool:
        Name.compared += 1
        return str.__eq__(self, other)

    __hash__ = str.__hash__


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (lambda names: Variant(tuple(Case(name, None) for name in names)), ["a999"]),
        (lambda names: Enum(tuple(names)), "a999"),
    ],
    ids=["variant", "enum"],
)
def test_a_value_takes_no_longer_where_a_type_has_many_cases(
    kind: Callable[[list[Name]], Type], value: object
) -> None:
    type, text = List(kind([Name(f"a{number}") for number in range(1000)])), json.dumps([value] * 1000)
    Name.compared = 0
    assert json.loads(to_text("all", type, of_text(type, text, none), none)) == [value] * 1000
    assert 1000 <= Name.compared < 10_000


FLIPS = """
  (core module $m (memory (export "memory") 1)
    (func (export "flip") (param i32 i32) (result i32)
      (i32.store8 (i32.const 8) (i32.eqz (local.get 0)))
      (i32.store (i32.const 12) (i32.add (local.get 1) (i32.const 1)))
      (i32.const 8))
    (func (export "end") (result i32) unreachable))
  (core instance $m (instantiate $m))
  (alias core export $m "memory" (core memory $memory))
  (type $pair (record (field "on" bool) (field "count" u32)))
  (export $pair' "pair" (type $pair))
  (func (export "flip") (param "it" $pair') (result $pair')
    (canon lift (core func $m "flip") (memory $memory)))
  (func (export "end") (result bool) (canon lift (core func $m "end")))
"""


@each_isolation
@scenario
async def test_a_function_of_a_component_is_called_with_values() -> None:
    async with Host() as host:
        app = await host.load(wat(FLIPS), name="flips.wasm")
        async with app.instantiate() as instance:
            assert await instance.call("flip", {"on": True, "count": 6}) == {"on": False, "count": 7}
            with pytest.raises(ConversionError, match=r"flip.*count"):
                await instance.call("flip", {"on": True, "count": -1})
            with pytest.raises(LinkError, match="exports no function flop"):
                await instance.call("flop")
            with pytest.raises(Trap):
                await instance.call("end")
            assert isinstance(instance.ended, Trap)
