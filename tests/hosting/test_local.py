"""What a host capability of this process starts: on which grants, and that its budget gets all back."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from capwit.bridge import CapError, ConversionError, Host, InstanceEnded, Limit, LimitExceeded
from capwit.bridge.binding import AnyClient
from capwit.caps import FuelBudget
from capwit.caps.host import (
    GuestOutcomeNumbers,
    GuestOutcomeReturned,
    HostGrant,
    HostQuota,
)
from capwit.caps.standard import FuelGrantClient
from capwit.hosting import Placing, error_of, named, options
from capwit.hosting.isolation import IsolatedInstance, isolated

from tests.bridge.support import bindings, scenario
from tests.support.components import wat
from tests.support.isolation import each_isolation

from .support import ADD, NOTHING

twins: Final = bindings(Path(__file__).parent / "twins.capnp")

# `one` and `other` return what is granted by each, 0 where it is none. The other one is imported first.
TWINS: Final = """
  (import "test:twins/other-grants@0.1.0" (instance $other (export "get-limit" (func (result (option u32))))))
  (import "test:twins/one-grants@0.1.0" (instance $one (export "get-limit" (func (result (option u32))))))
  (core module $memory (memory (export "memory") 1))
  (core instance $memory (instantiate $memory))
  (alias core export $memory "memory" (core memory $mem))
  (core func $one (canon lower (func $one "get-limit") (memory $mem)))
  (core func $other (canon lower (func $other "get-limit") (memory $mem)))
  (core module $m
    (import "" "memory" (memory 1))
    (import "" "one" (func $one (param i32)))
    (import "" "other" (func $other (param i32)))
    (func (export "one") (result i32) (call $one (i32.const 8)) (i32.load (i32.const 12)))
    (func (export "other") (result i32) (call $other (i32.const 16)) (i32.load (i32.const 20))))
  (core instance $m (instantiate $m (with "" (instance
    (export "memory" (memory $mem))
    (export "one" (func $one))
    (export "other" (func $other))))))
  (func (export "one") (result u32) (canon lift (core func $m "one")))
  (func (export "other") (result u32) (canon lift (core func $m "other")))
"""


@each_isolation
@pytest.mark.parametrize("limits", [(7, None), (None, 8), (7, 8), (None, None)])
@scenario
async def test_a_grant_goes_to_the_interface_that_it_was_given_for(limits: tuple[int | None, ...]) -> None:
    async with Host() as host:
        app = await host.load(wat(TWINS), name="twins.wasm")
        one, other = limits
        given = twins.OneGrants(limit=one, fuel=None), twins.OtherGrants(limit=other)
        async with app.instantiate(*given) as instance:
            assert await instance.call("one") == (one or 0)
            assert await instance.call("other") == (other or 0)


@pytest.mark.parametrize(
    ("names", "why"),
    [
        (
            ["limit"],
            "asks for more than one grant 'limit'. Mend: name it test:twins/other-grants@0.1.0.limit",
        ),
        (["test:twins/one-grants@0.1.0.limit", "test:twins/one-grants@0.1.3.limit"], "two grants are named"),
        (["test:twins/third-grants@0.1.0.limit"], "asks for no grant"),
        (["OneGrants.limit"], "asks for no grant"),
        (["fuel", "test:twins/other-grants@0.1.0.limit"], "the grant 'fuel'"),  # which is no number
    ],
)
@scenario
async def test_a_name_is_that_of_one_grant(names: list[str], why: str) -> None:
    async with Host() as where:
        host = Placing(where).capability()
        async with await host.load(wat(TWINS), "twins") as code:
            grants = [HostGrant(name, None, 0, 0, "[7]", []) for name in names]
            with pytest.raises(CapError) as caught:
                await host.spawn(code, grants, options())
            assert why in caught.value.reason


class Counted(list[Any]):
    """Counts how often somebody goes through it."""

    times = 0

    def __iter__(self) -> Any:
        self.times += 1
        return super().__iter__()


@scenario
async def test_each_capability_of_a_value_is_taken_once() -> None:
    async with Host() as where:
        host = Placing(where).capability()
        async with await host.load(wat(TWINS), "twins") as code:
            count = 100
            fuel = [AnyClient(FuelGrantClient(FuelBudget(0))) for _ in range(count)]
            held = Counted(fuel)
            grant = HostGrant("fuel", None, 0, 0, str([[*range(count)]]), held)
            async with await host.spawn(code, [grant], options()):
                assert held.times < 10
            for value in ("[[0, 0]]", "[[true]]", "[[-1]]", "[[1.0]]", f"[[{count}]]"):
                with pytest.raises(CapError, match="there is no capability"):
                    await host.spawn(code, [replace(grant, value=value)], options())


def test_a_value_that_is_granted_has_a_length() -> None:
    fuel = FuelGrantClient(FuelBudget(0))
    [grant] = named(twins.OneGrants(limit=None, fuel=[fuel] * 100))
    assert len(grant.capabilities) == 100
    with pytest.raises(
        ConversionError, match=r"one-grants@0\.1\.0\.fuel: it has more than \d+ characters as JSON"
    ):
        named(twins.OneGrants(limit=None, fuel=[fuel] * 50_000))


@scenario
async def test_what_fails_before_the_start_has_taken_nothing() -> None:
    def fail() -> None:
        raise OSError("no filter")

    async with Host() as where:
        host = Placing(where, before_start=fail).capability()
        async with await host.load(NOTHING, "guest") as code:
            with pytest.raises(OSError, match="no filter"):
                await host.spawn(code, [], options())
            used = await host.usage()
            assert (used.instances, used.memory) == (0, 0)
        assert (await host.usage()).code == 0


@scenario
async def test_what_is_ended_while_it_starts_does_not_run() -> None:
    started: list[Any] = []
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def start(loaded: Any, *grants: Any, **how: Any) -> Any:
        reached.set()
        await go_on.wait()
        started.append(await loaded.start(*grants, **how))
        return started[0]

    async with Host() as where:
        placing = Placing(where, start=start)
        host = placing.capability(HostQuota(0, 0, 10_000_000, 0, 0))
        async with await host.load(NOTHING, "guest") as code:
            spawning = asyncio.ensure_future(host.spawn(code, [], options()))
            await reached.wait()
            await placing.drain(0)
            go_on.set()
            async with await spawning as instance:
                assert isinstance(error_of(await instance.wait()), InstanceEnded)
                assert started[0].ended is not None
                used = await host.usage()
                assert (used.instances, used.memory) == (0, 0)
                assert used.fuel < 1_000_000  # what it began with went back


@scenario
async def test_a_smaller_host_sheds_no_lifetime() -> None:
    async with Host() as where:
        whole = Placing(where).capability(HostQuota(0, 0, 0, 20_000_000, 0))
        host = await whole.limited(HostQuota(0, 0, 0, 0, 0))
        async with (
            await host.load(NOTHING, "guest") as code,
            await host.spawn(code, [], options()) as instance,
        ):
            error = error_of(await instance.wait())
            assert isinstance(error, LimitExceeded)
            assert error.limit is Limit.WALL


class Liar:
    """An instance in a process that has been taken over: it answers each call as if it were another."""

    async def invoke(self, function: str, arguments: str) -> Any:
        return GuestOutcomeNumbers([1])

    async def call(self, function: str, arguments: list[int]) -> Any:
        return GuestOutcomeReturned("1")

    async def run(self, entry: str) -> Any:
        return GuestOutcomeNumbers([1])


@pytest.mark.parametrize("kind", ["component", "module", "program"])
@scenario
async def test_an_answer_of_another_kind_ends_the_instance(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Host() as host:
        given = twins.OneGrants(limit=None, fuel=None), twins.OtherGrants(limit=None)
        loaded = await (host.load(wat(TWINS)) if kind == "component" else host.load_module(ADD))
        async with isolated(loaded, *(given if kind == "component" else ())) as instance:
            monkeypatch.setattr(IsolatedInstance, "_living", lambda _: Liar())
            with pytest.raises(InstanceEnded, match="answered a call by GuestOutcome"):
                match kind:
                    case "component":
                        await instance.call("one")
                    case "module":
                        await instance.call("add", 1, 2.0)
                    case _:
                        await instance.run()
            assert instance.ended is not None
        assert host.ledger.balance == 0
