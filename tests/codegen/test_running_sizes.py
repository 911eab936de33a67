"""Types of every size and shape, there and back through a component."""

from __future__ import annotations

from typing import Any

import pytest

from tests.codegen.support import case, echoed, scenario


def wide(m: Any) -> Any:
    cycle = [True, -8, 16, -32, 64, 0.5, 0.25, "text", b"data", [1, -2]]
    return m.Wide(**{f"f{i}": cycle[i % 10] for i in range(500)})


def deep(m: Any) -> Any:
    value = m.S90("the bottom")
    for number in reversed(range(90)):
        value = getattr(m, f"S{number}")(value)
    return value


def person(m: Any) -> Any:
    place = m.PersonAddressPlace("a city", 4_000_000_000)
    return m.Person("somebody", m.PersonAddress("a street", place), [m.PersonPhone("1"), m.PersonPhone("2")])


def lists(m: Any) -> Any:
    return m.Lists(
        texts=["", "a", "é"],
        bytes_as_list=bytes(range(256)),
        bits=[True, False] * 9,
        grid=[[], [0.5, -0.5], []],
        chunks=[b"", b"\0\1"],
        ticks=7,
        points=[m.Point(-1, 1)],
        colours=[[], [m.Colour.RED, m.Colour.GREEN]],
    )


SENT = {
    "many-fields": ("WIDE", wide),
    "many-bools": ("BOOLS", lambda m: m.Bools(**{f"b{i}": i % 3 == 0 for i in range(33)})),
    "many-enumerants": (
        "SENT",
        lambda m: m.Sent(m.Code.CODE299, [m.Code.CODE0, m.Code.CODE255, m.Code.CODE256]),
    ),
    "deep": ("S0_", deep),
    "groups": ("PERSON", person),
    "lists": ("LISTS", lists),
    "unions-of-one": ("NAMED", lambda m: m.Named(m.NamedWhich2Only(7), "text", m.NamedWhichAlone(True))),
}


@pytest.mark.parametrize("name", SENT)
@scenario
async def test_it_comes_back_as_it_went(name: str) -> None:
    m = case(name)
    table, make = SENT[name]
    value = make(m)
    assert await echoed(getattr(m, table), value) == value


@pytest.mark.parametrize(
    "make",
    [
        lambda m: m.ShapeCircle(0.5),
        lambda m: m.ShapeNothing(),
        lambda m: m.ShapeCorners([m.ShapeCorner(1.0, 2.0)]),
        lambda m: m.ShapeBoxCase(m.ShapeBox(1.0, 2.0)),
        lambda m: m.ShapeUnit(),
    ],
)
@scenario
async def test_every_member_of_a_union(make: Any) -> None:
    m = case("unions")
    assert await echoed(m.SHAPE, make(m)) == make(m)


@scenario
async def test_unions_named_and_not() -> None:
    m = case("unions")
    for state in (m.AccountStateActive(), m.AccountStateClosed(2**64 - 1)):
        value = m.Account(1, m.AccountWhichCompany("company"), state)
        assert await echoed(m.ACCOUNT, value) == value
