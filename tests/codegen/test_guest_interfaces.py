"""Components that implement `$Wit.guest`: what is asked of them when they are linked, and when they run."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import CapError, ErrorKind, Host, Instance, LinkError
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.codegen.support import case, scenario
from tests.engine.support import ALLOCATOR
from tests.support.components import ERROR_IMPORTS, wat

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

WRAP = '(export "wrap" (func (param "object" u32) (result (own $both2))))'
RELEASE = '(export "release" (func $release))'
CALL_ACT = '(export "call-act" (func $act))'
EXPORT = "case:guest/app-guest-both-calls@0.1.0"


def component(
    *,
    functions: str = WRAP,
    calls: str = f"{RELEASE} {CALL_ACT}",
    export: str = EXPORT,
    release: str = "u32",
    start: str = "",
) -> bytes:
    """A component that wraps objects as `both`: `make` does, `acted` and `released` add up their numbers.

    `releases` tells how often a number below 64 was released.
    """
    return wat(f"""
  {ERROR_IMPORTS}
  (import "case:guest/schema@0.1.0" (instance $s (export "both" (type (sub resource)))))
  (alias export $s "both" (type $both))
  (import "case:guest/app-guest-both@0.1.0" (instance $g
    (export "both" (type $both2 (eq $both))) {functions}))
  {ALLOCATOR}
  (core func $wrap (canon lower (func $g "wrap")))
  (core module $m
    (import "h" "wrap" (func $wrap (param i32) (result i32)))
    (import "l" "memory" (memory 1))
    (global $acted (mut i32) (i32.const 0))
    (global $released (mut i32) (i32.const 0))
    (func (export "make") (param i32) (result i32) (call $wrap (local.get 0)))
    (func (export "act") (param i32) (result i32)
      (if (i32.eqz (local.get 0)) (then (unreachable)))
      (global.set $acted (i32.add (global.get $acted) (local.get 0)))
      (i32.const 64))
    (func $count (param i32) (result i32)
      (i32.add (i32.const 256) (i32.shl (i32.and (local.get 0) (i32.const 63)) (i32.const 2))))
    (func (export "releases") (param i32) (result i32) (i32.load (call $count (local.get 0))))
    (func (export "release") (param i32)
      (i32.store (call $count (local.get 0))
        (i32.add (i32.load (call $count (local.get 0))) (i32.const 1)))
      (global.set $released (i32.add (global.get $released) (local.get 0))))
    (func (export "acted") (result i32) (global.get $acted))
    (func (export "released") (result i32) (global.get $released))
    (func $start (drop (call $wrap (i32.const 1)))) {start})
  (core instance $i (instantiate $m
    (with "l" (instance $libc)) (with "h" (instance (export "wrap" (func $wrap))))))
  (func $act (param "object" u32) (result (result (error $cap-error)))
    (canon lift (core func $i "act") (memory (core memory $libc "memory"))))
  (func $release (param "object" {release}) (canon lift (core func $i "release")))
  (func (export "make") (param "object" u32) (result (own $both)) (canon lift (core func $i "make")))
  (func (export "acted") (result u32) (canon lift (core func $i "acted")))
  (func (export "released") (result u32) (canon lift (core func $i "released")))
  (func (export "releases") (param "object" u32) (result u32) (canon lift (core func $i "releases")))
  (instance $calls {calls})
  (export "{export}" (instance $calls))
""")


async def refused(**parts: str) -> str:
    """What is said of a component that is not linked."""
    async with Host() as host:
        app = await host.load(component(**parts), case("guest").BINDINGS, name="odd.wasm")
        with pytest.raises(LinkError) as caught:
            await app.start()
    assert host.ledger.balance == 0
    return str(caught.value)


@asynccontextmanager
async def running(**parts: str) -> AsyncIterator[Instance]:
    """An instance of the component."""
    async with Host() as host:
        app = await host.load(component(**parts), case("guest").BINDINGS)
        async with app.instantiate() as instance:
            yield instance
    assert host.ledger.balance == 0


async def made(instance: Instance, number: int) -> Any:
    """A client of the object with a number."""
    return case("guest").BothClient.owning(await instance.call("make", number))


class TestLinked:
    @scenario
    async def test_it_exports_where_its_objects_are_called(self) -> None:
        told = await refused(export="case:guest/other@0.1.0")
        assert told.startswith("odd.wasm: it imports case:guest/app-guest-both@0.1.0, but does not export ")
        assert "Mend: build it for the world" in told

    @scenario
    async def test_it_can_be_told_that_nothing_is_left(self) -> None:
        told = await refused(calls=CALL_ACT)
        assert told.startswith(
            f"odd.wasm: its export {EXPORT}#release is not that of the bindings: it is not"
        )

    @scenario
    async def test_its_exports_are_those_of_the_schema(self) -> None:
        told = await refused(release="s32")
        assert f"its export {EXPORT}#release is not that of the bindings: object: it is s32" in told
        told = await refused(calls='(export "release" (func $release)) (export "call-act" (func $release))')
        assert f"{EXPORT}#call-act is not that of the bindings: result: only one of the two" in told

    @scenario
    async def test_its_imports_are_those_of_the_schema(self) -> None:
        number_of = '(export "number-of" (func (param "handle" (own $both2)) (result (option u32))))'
        told = await refused(functions=f"{WRAP} {number_of}")
        assert "its import case:guest/app-guest-both@0.1.0#number-of is not that of the bindings" in told
        told = await refused(functions=f'{WRAP} (export "count" (func (result u32)))')
        assert "its import case:guest/app-guest-both@0.1.0#count is not in the bindings" in told

    @scenario
    async def test_it_wraps_nothing_before_it_can_be_called(self) -> None:
        told = await refused(start="(start $start)")
        assert told.startswith("odd.wasm: it calls case:guest/app-guest-both@0.1.0#wrap while it is being ")
        assert "Mend: call it from an export" in told


class TestRunning:
    @scenario
    async def test_it_is_called_by_number_and_released_once(self) -> None:
        async with running() as instance:
            clients = [await made(instance, number) for number in (5, 5, 7, 2**32 - 1)]
            assert clients[0] == clients[1] != clients[2]
            for client in clients[:3]:
                await client.act()
            assert await instance.call("acted") == 17
            for client in clients[:3]:
                await client.close()
            assert await instance.call("released") == 12
            await clients[3].close()
            assert await instance.call("released") == 11  # as numbers of 32 bits add up

    @settings(max_examples=40, deadline=None)
    @given(st.lists(st.tuples(st.sampled_from(["make", "keep", "close", "hurry", "act"]), st.integers(1, 3))))
    def test_a_release_comes_once_for_each_time_that_the_last_reference_goes(
        self, steps: list[tuple[str, int]]
    ) -> None:
        """Against a model: how many references there are to a number, and how often none was left."""

        @scenario
        async def check() -> None:
            async with running() as instance:
                clients: dict[int, list[Any]] = {1: [], 2: [], 3: []}
                releases, acted = dict.fromkeys(clients, 0), 0
                for step, number in steps:
                    held = clients[number]
                    if step == "make":
                        held.append(await made(instance, number))
                    elif held and step == "keep":
                        held.append(held[0].keep())
                    elif held and step == "close":
                        await held.pop().close()
                        releases[number] += not held
                    elif held and step == "hurry":  # it is wrapped again before the release can come
                        held.clear()
                        held.append(await made(instance, number))
                    elif held and step == "act":
                        await held[-1].act()
                        acted += number
                    assert len(set(held)) <= 1
                    for each, count in releases.items():
                        assert await instance.call("releases", each) == count
                assert await instance.call("acted") == acted

        check()

    @scenario
    async def test_a_method_that_it_does_not_export_is_not_implemented(self) -> None:
        async with running(calls=RELEASE) as instance:
            async with await made(instance, 5) as client:
                with pytest.raises(CapError, match=r"both\.act is not implemented") as caught:
                    await client.act()
                assert caught.value.kind is ErrorKind.UNIMPLEMENTED
            assert await instance.call("released") == 5

    @scenario
    async def test_many_calls_at_once_come_one_by_one(self) -> None:
        async with running() as instance:
            async with await made(instance, 3) as client:
                await asyncio.gather(*(client.act() for _ in range(100)))
            assert await instance.call("acted") == 300
            assert await instance.call("released") == 3

    @scenario
    async def test_a_call_that_traps_ends_the_instance_for_all_that_wait(self) -> None:
        async with running() as instance:
            bad, good = await made(instance, 0), await made(instance, 1)
            calls = [asyncio.ensure_future(client.act()) for client in (good, bad, good)]
            answers = await asyncio.gather(*calls, return_exceptions=True)
            assert answers[0] is None
            for error in answers[1:]:
                assert isinstance(error, CapError)
                assert error.kind is ErrorKind.DISCONNECTED
            await bad.close()
            await good.close()
