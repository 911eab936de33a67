"""Values: every type, both ways, through a guest; and what does not fit is refused by name."""

from __future__ import annotations

import asyncio
import enum
import math
from types import FunctionType
from typing import TYPE_CHECKING, Any

import pytest
from capwit.engine import types as wit
from capwit.engine.emit import Source
from capwit.engine.errors import ConversionError, InstanceEnded
from capwit.engine.lift import Lift
from capwit.engine.lower import Lower
from capwit.engine.plan import HostFunction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.engine.shapes import TYPES, with_classes
from tests.engine.support import THING, echo_component, echo_function, running
from tests.support.values import INTEGERS, same, values

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

# -- Values --


class Thing:
    """What stands behind a handle: itself, and no other."""


async def echo(type: wit.Type, sent: list[Any], *, wait: bool = False) -> tuple[list[Any], list[Any]]:
    """Return what the host was given and what came back, for each value."""
    seen: list[Any] = []

    def at_once(store: Any, x: Any) -> Any:
        seen.append(x)
        return x

    async def later(store: Any, x: Any) -> Any:
        await asyncio.sleep(0)
        seen.append(x)
        return x

    function = echo_function(type)
    functions = {"echo": (function, later if wait else at_once)}
    async with running(echo_component(type), functions, resources={"thing": THING}) as guest:
        back = [await guest.call("echo", function, value) for value in sent]
        assert not guest.slots.live, "every handle that went in came out again"
    return seen, back


def round_trip(type: wit.Type, sent: list[Any], *, wait: bool = False) -> None:
    seen, back = asyncio.run(echo(type, sent, wait=wait))
    assert len(back) == len(sent)
    for value, inside, returned in zip(sent, seen, back, strict=True):
        assert same(value, inside), (value, inside)
        assert same(value, returned), (value, returned)


@st.composite
def typed_values(draw: Any, classes: SearchStrategy[bool]) -> tuple[wit.Type, list[Any]]:
    type = draw(TYPES)
    if draw(classes):
        type = with_classes(type)
    return type, draw(st.lists(values(type, st.builds(Thing)), min_size=1, max_size=4))


DEEP = wit.Option(wit.Option(wit.Option(wit.STRING)))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(typed_values(st.booleans()), st.booleans())
@example((DEEP, [None, wit.Some(None), wit.Some(wit.Some(None)), wit.Some(wit.Some("x"))]), True)
@example((wit.Result(None, None), [wit.Ok(None), wit.Err(None)]), False)
@example((wit.List(wit.List(wit.STRING)), [[], [[]], [[""], [], ["a", "b"]]]), False)
@example((wit.Tuple((wit.U8,) * 40), [tuple(range(40))]), False)
@example((wit.List(wit.BOOL), [[True, False]]), False)
def test_every_type_goes_through_a_guest_and_back(typed: tuple[wit.Type, list[Any]], wait: bool) -> None:
    type, sent = typed
    round_trip(type, sent, wait=wait)


@pytest.mark.parametrize(
    ("type", "value"),
    [
        (wit.STRING, "nul \0, astral \U0001f600, combining e\u0301"),
        (wit.STRING, "\U0001f600" * 200_000),
        (wit.STRING, ""),
        (wit.BYTES, bytes(range(256)) * 4_000),
        (wit.List(wit.U64), list(range(60_000))),
        (wit.List(wit.STRING), [str(i) for i in range(20_000)]),
        (wit.List(wit.Tuple((wit.U8, wit.STRING))), [(i % 256, "x") for i in range(10_000)]),
        (wit.F64, -0.0),
        (wit.F32, math.inf),
        (wit.F64, -math.inf),
        (wit.F64, math.nan),
        (wit.CHAR, "\U0010ffff"),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_large_and_odd_values(type: wit.Type, value: Any) -> None:
    round_trip(type, [value])


@pytest.mark.parametrize("data", [bytearray(b"abc"), memoryview(b"abc"), memoryview(b"aXbXcX")[::2]])
def test_bytes_like_objects_are_bytes(data: Any) -> None:
    _, back = asyncio.run(echo(wit.BYTES, [data]))
    assert back == [b"abc"]


@pytest.mark.parametrize("cases", [3, 30])
def test_of_a_variant_only_cases_with_a_payload_are_functions(cases: int) -> None:
    """A type may have thousands without, and so many functions take long to be compiled."""
    many = wit.Variant((wit.Case("some", wit.U8), *(wit.Case(f"c{n}", None) for n in range(cases))))
    source = Source("cases")
    Lower(source, id).write(many, "value", "at")
    Lift(source).value(many, ["size", "data", "payload"])
    made = [each for each in source.compile().values() if isinstance(each, FunctionType)]
    files = [each.__code__.co_filename for each in made]
    assert sum(file.startswith("<capwit plan") for file in files) == 4  # both ways, the variant and its case


POINT = wit.Record((wit.Field("x", wit.S8, "x"), wit.Field("tags", wit.List(wit.STRING), "tags")))
SHAPE = wit.Variant((wit.Case("dot", POINT), wit.Case("none", None)))
Color = enum.Enum("Color", [("RED", "red")])

# type, value, what the message says after the function's name
MISFITS: list[tuple[wit.Type, Any, str]] = [
    *[
        (wit.Prim(name), value, f"x: {value} is out of the range of {name}")
        for name, (sign, bits) in INTEGERS.items()
        for value in ((-1, 1 << bits) if sign == "u" else (-(1 << bits - 1) - 1, 1 << bits - 1))
    ],
    (wit.U8, "7", "x: expected int, got str '7'"),
    (wit.U8, 1.0, "x: expected int, got float 1.0"),
    (wit.U8, None, "x: expected int, got NoneType"),
    (wit.BOOL, 2, "x: expected bool, got int 2"),
    (wit.BOOL, [], "x: expected bool, got list"),
    (wit.CHAR, "ab", "x: expected a str of one Unicode scalar value"),
    (wit.CHAR, "\ud800", "x: expected a str of one Unicode scalar value"),
    (wit.CHAR, b"a", "x: expected a str of one Unicode scalar value"),
    (wit.CHAR, 5, "x: expected a str of one Unicode scalar value"),
    (wit.F32, 1e39, "1e+39 is out of the range of f32"),
    (wit.F32, "1", "x: expected float"),
    (wit.F64, 10**400, "is out of the range of f64"),
    (wit.F64, None, "x: expected float"),
    (wit.STRING, b"x", "x: expected str, got bytes"),
    (wit.STRING, "\ud800", "x: the str holds a lone surrogate"),
    (wit.BYTES, "x", "x: expected bytes, got str"),
    (wit.BYTES, [1, 2], "x: expected bytes, got list"),
    (wit.List(wit.U8), 3, "x: expected bytes, got int"),
    (wit.List(wit.U16), 3, "x: expected a list, got int"),
    (wit.List(wit.STRING), "abc", "x: expected a list, got str"),
    (wit.List(wit.U16), [1, 2, -3], "x[2]: -3 is out of the range of u16"),
    (wit.List(wit.List(wit.STRING)), [[], ["a", 1]], "x[1][1]: expected str, got int 1"),
    (wit.Tuple((wit.U8, wit.U8)), (1,), "x: expected a tuple of 2"),
    (wit.Tuple((wit.U8, wit.U8)), (1, 2, 3), "x: expected a tuple of 2"),
    (wit.Tuple((wit.U8, wit.STRING)), (1, 2), "x[1]: expected str"),
    (wit.Tuple((wit.U8,)), 5, "x: expected a tuple of 1"),
    (POINT, {"x": 1}, "x: expected a dict with 'tags'"),
    (POINT, None, "x: expected a dict with 'x'"),
    (POINT, {"x": 200, "tags": []}, "x.x: 200 is out of the range of s8"),
    (POINT, {"x": 1, "tags": ["a", None]}, "x.tags[1]: expected str, got NoneType"),
    (SHAPE, ("dot", {"x": 1, "tags": [2]}), "x.dot.tags[0]: expected str, got int 2"),
    (SHAPE, ("none", 1), "x.none: this case has no payload"),
    (SHAPE, ("blob", 1), "x: expected a (label, payload) pair with one of dot, none"),
    (SHAPE, "dot", "x: expected a (label, payload) pair"),
    (SHAPE, None, "x: expected a (label, payload) pair"),
    (SHAPE, ([], 1), "x: expected a (label, payload) pair"),
    (wit.Enum(("red", "blue")), "green", "x: expected one of red, blue, got str 'green'"),
    (wit.Enum(("red", "blue")), [], "x: expected one of red, blue"),
    (wit.Enum(("red",), Color), "red", "x: expected a member of Color, got str 'red'"),
    (wit.Flags(("a", "b")), {"c"}, "x: expected a set out of a, b; got set"),
    (wit.Flags(("a", "b")), "ab", "x: expected a set out of a, b; got str"),
    (wit.Flags(("a", "b")), 3, "x: expected a set out of a, b; got int"),
    (wit.Flags(("a", "b")), [["a"]], "x: expected a set out of a, b; got list"),
    (wit.Option(wit.U8), 256, "x: 256 is out of the range of u8"),
    (wit.Option(wit.Option(wit.U8)), 5, "x: expected None or Some(...), got int 5"),
    (wit.Option(wit.Option(wit.U8)), wit.Some(300), "x: 300 is out of the range of u8"),
    (wit.Result(wit.U8, wit.STRING), 5, "x: expected Ok(...) or Err(...), got int 5"),
    (wit.Result(wit.U8, wit.STRING), wit.Ok(-1), "x.ok: -1 is out of the range of u8"),
    (wit.Result(wit.U8, wit.STRING), wit.Err(1), "x.err: expected str, got int 1"),
]


@pytest.mark.parametrize(("type", "value", "message"), MISFITS, ids=lambda value: repr(value)[:30])
def test_what_does_not_fit_is_refused_with_function_argument_and_path(
    type: wit.Type, value: Any, message: str
) -> None:
    async def main() -> None:
        function = echo_function(type)
        functions = {"echo": (function, lambda store, x: value)}
        async with running(echo_component(type), functions, resources={"thing": THING}) as guest:
            with pytest.raises(ConversionError) as caught:
                await guest.call("echo", function, value)
            assert str(caught.value).startswith("echo: x")
            assert message in str(caught.value)
            assert guest.store.ended is None, "a bad argument costs the caller nothing but the call"

    asyncio.run(main())


@pytest.mark.parametrize("wait", [False, True])
@pytest.mark.parametrize(
    ("type", "bad", "message"),
    [
        (wit.U8, 256, "echo: result: 256 is out of the range of u8"),
        (wit.U64, -1, "echo: result: -1 is out of the range of u64"),
        (wit.List(wit.STRING), ["a", 2], "echo: result[1]: expected str, got int 2"),
        (POINT, {"x": 1}, "echo: result: expected a dict with 'tags'"),
        (SHAPE, ("dot", {"x": 1, "tags": ["a" * 50, 3]}), "echo: result.dot.tags[1]: expected str"),
        (wit.Option(wit.List(wit.STRING)), ["a", "b", 3], "echo: result[2]: expected str"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_a_host_function_that_answers_nonsense_ends_the_instance(
    type: wit.Type, bad: Any, message: str, wait: bool
) -> None:
    good = {
        wit.U8: 1, wit.U64: 1, POINT: {"x": 1, "tags": []}, SHAPE: ("none", None),
        wit.List(wit.STRING): [], wit.Option(wit.List(wit.STRING)): None,
    }[type]  # fmt: skip

    async def later(store: Any, x: Any) -> Any:
        await asyncio.sleep(0)
        return bad

    async def main() -> None:
        function = echo_function(type)
        functions = {"echo": (function, later if wait else (lambda store, x: bad))}
        async with running(echo_component(type), functions, resources={"thing": THING}) as guest:
            with pytest.raises(ConversionError) as caught:
                await guest.call("echo", function, good)
            assert message in str(caught.value)
            with pytest.raises(InstanceEnded):
                await guest.call("echo", function, good)
            assert guest.slots.ends == [guest.store.ended]

    asyncio.run(main())


def test_the_wrong_number_of_arguments_is_told() -> None:
    async def main() -> None:
        function = echo_function(wit.U8)
        async with running(
            echo_component(wit.U8), {"echo": (function, lambda s, x: x)}, resources={"thing": THING}
        ) as guest:
            for arguments in ((), (1, 2)):
                with pytest.raises(ConversionError, match=f"takes 1 arguments, got {len(arguments)}"):
                    await guest.call("echo", function, *arguments)
            assert await guest.call("echo", function, 3) == 3

    asyncio.run(main())


def test_flags_may_be_any_collection_of_labels() -> None:
    _, back = asyncio.run(echo(wit.Flags(("a", "b", "c")), [["b", "a", "b"], ("c",), {"a": 1}, set()]))
    assert back == [frozenset("ab"), frozenset("c"), frozenset("a"), frozenset()]


# -- Results at the top level --

RESULT = wit.Result(wit.STRING, wit.Enum(("gone", "busy")))


class GoneError(Exception):
    """What a capability raises, and its type carries."""


def catch(store: Any, error: Exception) -> Any:
    if isinstance(error, GoneError):
        return "gone"
    raise error


@pytest.mark.parametrize("wait", ["sync", "async", "later"])
def test_a_caught_exception_becomes_the_bad_end(wait: str) -> None:
    def serve(store: Any, x: Any) -> Any:
        if isinstance(x, wit.Err):
            raise GoneError
        return x.value

    async def serve_async(store: Any, x: Any) -> Any:
        if wait == "later":
            await asyncio.sleep(0)
        return serve(store, x)

    async def main() -> None:
        function = echo_function(RESULT)
        host = HostFunction("echo", function, serve if wait == "sync" else serve_async, catch)
        async with running(echo_component(RESULT), {"echo": host}, resources={"thing": THING}) as guest:
            assert await guest.call("echo", function, wit.Ok("fine")) == wit.Ok("fine")
            assert await guest.call("echo", function, wit.Err("busy")) == wit.Err("gone")
            assert await guest.call("echo", function, wit.Ok("on")) == wit.Ok("on")

    asyncio.run(main())


@pytest.mark.parametrize("wait", ["sync", "async", "later"])
@pytest.mark.parametrize("answer", [5, GoneError, KeyError("x")], ids=repr)
def test_what_catch_cannot_carry_ends_the_instance(wait: str, answer: Any) -> None:
    def bad_catch(store: Any, error: Exception) -> Any:
        if isinstance(error, KeyError):
            raise error
        return "no such label"

    def serve(store: Any, x: Any) -> Any:
        if answer == 5:
            return answer
        raise answer

    async def serve_async(store: Any, x: Any) -> Any:
        if wait == "later":
            await asyncio.sleep(0)
        return serve(store, x)

    expected: tuple[type[Exception], str] = (
        {
            5: (ConversionError, "echo: result: expected str, got int 5"),
            GoneError: (ConversionError, "echo: error: expected one of gone, busy"),
        }.get(answer, (KeyError, "x"))
        if not isinstance(answer, KeyError)
        else (KeyError, "x")
    )

    async def main() -> None:
        function = echo_function(RESULT)
        host = HostFunction("echo", function, serve if wait == "sync" else serve_async, bad_catch)
        async with running(echo_component(RESULT), {"echo": host}, resources={"thing": THING}) as guest:
            with pytest.raises(expected[0]) as caught:
                await guest.call("echo", function, wit.Ok("a"))
            assert expected[1] in str(caught.value)
            with pytest.raises(InstanceEnded):
                await guest.call("echo", function, wit.Ok("a"))

    asyncio.run(main())
