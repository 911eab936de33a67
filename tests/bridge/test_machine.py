"""Several guests, in any order: granted, called, given, lent, revoked, ended. The invariants hold throughout.

A model says of every handle which capability it leads to and which grants it has come through; whatever the
bridge does must agree with it, and the ledger must balance.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import os
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import CapError, ErrorKind, Host, InstanceEnded, LimitExceeded, Limits, Trap
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.bridge.support import Desk, Guest, Item, balanced, grants, guest_of

if TYPE_CHECKING:
    from collections.abc import Coroutine

GRANTS = ("desk", "spare")
TRIED = "try: said = {}\nexcept Err as e: said = e.value.kind.name"

MADE = "try: {} = {}\nexcept Err as e: said = e.value.kind.name"


@dataclass
class Held:
    """What the model knows of a handle: the capability, and what it has come through, and which way."""

    name: str
    crossed: dict[Grant, str] = field(default_factory=dict)

    def through(self, grant: Grant, way: str) -> Held:
        crossed = dict(self.crossed)
        if crossed.get(grant, way) == way:
            crossed[grant] = way
        else:
            del crossed[grant]  # it has returned home
        return Held(self.name, crossed)

    @property
    def revoked(self) -> bool:
        return any(grant.revoked for grant in self.crossed)


@dataclass(eq=False)
class Grant:
    """A grant of the model."""

    name: str
    revoked: bool = False


class Shelf(Desk):
    """A desk that hands out what the machine has put on it, and keeps what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.out: Any = None
        self.taken: list[Any] = []

    def make(self, name: str) -> Any:
        out, self.out = self.out, None
        return Item(name) if out is None else out

    async def take(self, item: Any) -> str:
        self.taken.append(item)
        return ""

    async def unpack(self, parcel: Any) -> list[str]:
        self.taken += [parcel.item, *parcel.more]
        return []

    async def echo(self, text: str) -> str:
        await asyncio.Event().wait()
        return text


@dataclass
class One:
    """An instance of the model."""

    guest: Guest
    scope: AsyncExitStack
    shelf: Shelf
    grants: dict[str, Grant]
    held: dict[str, Held] = field(default_factory=dict)


class Machine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()  # no Runner: it takes SIGINT, and would not get it back
        self.host = Host()
        self.run(self.host.__aenter__())
        self.ones: list[One] = []
        self.mine: list[tuple[Any, Held]] = []  # what host code owns
        self.names = itertools.count()

    def run(self, steps: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(asyncio.wait_for(steps, 60))

    def teardown(self) -> None:
        try:
            self.run(self.end())
        finally:
            self.loop.run_until_complete(self.loop.shutdown_default_executor())
            self.loop.close()

    async def end(self) -> None:
        self.mine.clear()
        for one in self.ones:
            await one.scope.aclose()
        await self.host.__aexit__(None, None, None)
        assert balanced(self.host.ledger)

    # -- What the rules choose from --

    def one(self, data: st.DataObject) -> One:
        return data.draw(st.sampled_from(self.ones))

    def grant(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from(GRANTS))

    def variable(self, data: st.DataObject, one: One) -> str:
        return data.draw(st.sampled_from(sorted(one.held)))

    def new(self) -> str:
        return f"v{next(self.names)}"

    def holding(self, data: st.DataObject) -> One | None:
        able = [one for one in self.ones if one.held]
        return data.draw(st.sampled_from(able)) if able else None

    async def exec(self, one: One, code: str) -> str:
        return await one.guest.exec(code)

    # -- Lives --

    @precondition(lambda self: len(self.ones) < 3)
    @rule()
    def start(self) -> None:
        async def begin() -> None:
            scope, shelf, name = AsyncExitStack(), Shelf(), f"guest{next(self.names)}"
            guest = await scope.enter_async_context(
                guest_of(
                    grants(shelf, spare=shelf), host=self.host, name=name, limits=Limits(handles=40, wall=30)
                )
            )
            await guest.exec("desk = grants.get_desk(); spare = grants.get_spare()")
            self.ones.append(One(guest, scope, shelf, {each: Grant(f"{name}.{each}") for each in GRANTS}))

        self.run(begin())

    @precondition(lambda self: len(self.ones) > 1)
    @rule(data=st.data(), how=st.sampled_from(["close", "trap", "cancel", "limit", "inside"]))
    def finish(self, data: st.DataObject, how: str) -> None:
        one = self.one(data)
        self.ones.remove(one)

        async def finish() -> None:
            match how:
                case "close":
                    pass
                case "trap":
                    with pytest.raises(Trap):
                        await self.exec(one, "os.abort()")
                case "cancel":
                    call = asyncio.ensure_future(self.exec(one, "spare.echo('')"))
                    await asyncio.sleep(0.01)
                    call.cancel()
                    with pytest.raises((asyncio.CancelledError, CapError)):  # the latter: it was revoked
                        await call
                case "limit":
                    with pytest.raises((LimitExceeded, CapError)):
                        await self.exec(one, "kept = [grants.get_desk() for _ in range(40)]")
                case _:
                    await one.guest.instance.close()
                    with pytest.raises(InstanceEnded):
                        await self.exec(one, "said = 'dead'")
            await one.guest.worker.close()
            await one.scope.aclose()
            assert one.guest.instance.handles == 0

        self.run(finish())

    # -- What a guest does with what it holds --

    @precondition(lambda self: self.ones)
    @rule(data=st.data())
    def mint(self, data: st.DataObject) -> None:
        one, by = self.one(data), self.grant(data)
        if len(one.held) >= 30:
            return
        variable, grant = self.new(), one.grants[by]
        said = self.run(self.exec(one, MADE.format(variable, f"{by}.make({variable!r})")))
        assert said == ("REVOKED" if grant.revoked else "")
        if not grant.revoked:
            one.held[variable] = Held(variable).through(grant, "out")

    @rule(data=st.data())
    def call(self, data: st.DataObject) -> None:
        if one := self.holding(data):
            variable = self.variable(data, one)
            held = one.held[variable]
            said = self.run(self.exec(one, TRIED.format(f"{variable}.name()")))
            assert said == ("REVOKED" if held.revoked else held.name)

    @rule(data=st.data())
    def compare(self, data: st.DataObject) -> None:
        if one := self.holding(data):
            a, b = self.variable(data, one), self.variable(data, one)
            said = self.run(self.exec(one, TRIED.format(f"{a}.same({b})")))
            same = str(one.held[a].name == one.held[b].name)
            assert said == ("REVOKED" if one.held[a].revoked else same)

    @rule(data=st.data())
    def drop(self, data: st.DataObject) -> None:
        if one := self.holding(data):
            variable = self.variable(data, one)
            self.run(self.exec(one, f"del {variable}; import gc; gc.collect()"))
            del one.held[variable]

    @rule(data=st.data())
    def lend(self, data: st.DataObject) -> None:
        if one := self.holding(data):
            variable, by = self.variable(data, one), self.grant(data)
            held, grant = one.held[variable], one.grants[by]
            said = self.run(self.exec(one, TRIED.format(f"{by}.look({variable})")))
            assert said == ("REVOKED" if held.revoked or grant.revoked else held.name)

    @rule(data=st.data())
    def get_a_parcel(self, data: st.DataObject) -> None:
        """What it lends comes back inside a record, with two new ones in a list."""
        one = self.holding(data)
        if one is None or len(one.held) >= 28:
            return
        variable, by = self.variable(data, one), self.grant(data)
        held, grant = one.held[variable], one.grants[by]
        a, b, c = self.new(), self.new(), self.new()
        made = f"{a} = p.item; {b}, {c} = p.more; del p"
        said = self.run(self.exec(one, f"{MADE.format('p', f'{by}.pack({variable}, {a!r})')}\nelse: {made}"))
        assert said == ("REVOKED" if grant.revoked else "")
        if not grant.revoked:
            one.held[a] = held.through(grant, "in").through(grant, "out")
            one.held[b] = Held(f"{a}-1").through(grant, "out")
            one.held[c] = Held(f"{a}-2").through(grant, "out")

    # -- From a guest to the host, and on --

    @rule(data=st.data(), nested=st.booleans())
    def give_through_a_grant(self, data: st.DataObject, nested: bool) -> None:
        one = self.holding(data)
        if one is None:
            return
        variable, by = self.variable(data, one), self.grant(data)
        held, grant = one.held.pop(variable), one.grants[by]
        call = f"{by}.unpack(probe.Parcel('', None, [{variable}]))" if nested else f"{by}.take({variable})"
        said = self.run(self.exec(one, f"{TRIED.format(call)}\ndel {variable}; import gc; gc.collect()"))
        if grant.revoked:
            assert said == "REVOKED"  # what was given is nobody's: it is released
        else:
            item = one.shelf.taken.pop()
            assert item is not None
            self.mine.append((item, held.through(grant, "in")))
        one.shelf.taken.clear()

    @rule(data=st.data())
    def give_as_an_answer(self, data: st.DataObject) -> None:
        if one := self.holding(data):
            variable = self.variable(data, one)
            held = one.held.pop(variable)
            item = self.run(one.guest.worker.give(f"item = {variable}; del {variable}"))
            self.mine.append((item, held))

    @precondition(lambda self: self.ones and self.mine)
    @rule(data=st.data())
    def hand_out(self, data: st.DataObject) -> None:
        one, by = self.one(data), self.grant(data)
        if len(one.held) >= 30:
            return
        item, held = self.mine.pop(data.draw(st.integers(0, len(self.mine) - 1)))
        variable, grant = self.new(), one.grants[by]
        one.shelf.out = item
        said = self.run(self.exec(one, MADE.format(variable, f"{by}.make('')")))
        if grant.revoked:
            assert said == "REVOKED"
            one.shelf.out = None
            self.mine.append((item, held))
        else:
            one.held[variable] = held.through(grant, "out")

    @precondition(lambda self: self.ones and self.mine)
    @rule(data=st.data())
    def show(self, data: st.DataObject) -> None:
        one = self.one(data)
        item, held = data.draw(st.sampled_from(self.mine))
        said = self.run(one.guest.worker.show(item, TRIED.format("item.name()")))
        assert said == ("REVOKED" if held.revoked else held.name)

    # -- What host code does --

    @precondition(lambda self: self.mine and len(self.mine) < 40)
    @rule(data=st.data(), narrowed=st.booleans())
    def keep(self, data: st.DataObject, narrowed: bool) -> None:
        item, held = data.draw(st.sampled_from(self.mine))
        if narrowed:
            second, cut = item.attenuate(name="narrowed"), Grant("narrowed")
            self.mine.append((second, held.through(cut, "out")))
            if data.draw(st.booleans()):
                second.revoke()
                cut.revoked = True
        else:
            self.mine.append((item.keep(), held))
        assert self.mine[-1][0] == item

    @precondition(lambda self: self.mine)
    @rule(data=st.data())
    def use(self, data: st.DataObject) -> None:
        item, held = data.draw(st.sampled_from(self.mine))
        if held.revoked:
            with pytest.raises(CapError) as caught:
                self.run(item.name())
            assert caught.value.kind is ErrorKind.REVOKED
        else:
            assert self.run(item.name()) == held.name

    @precondition(lambda self: self.mine)
    @rule(data=st.data())
    def close(self, data: st.DataObject) -> None:
        item, _ = self.mine.pop(data.draw(st.integers(0, len(self.mine) - 1)))
        self.run(item.close())

    @precondition(lambda self: self.ones)
    @rule(data=st.data())
    def revoke(self, data: st.DataObject) -> None:
        one, by = self.one(data), self.grant(data)
        one.guest.instance.revoke(by)
        one.grants[by].revoked = True

    # -- What holds at any time --

    @invariant()
    def everything_is_held_once(self) -> None:
        gc.collect(1)
        for one in self.ones:
            assert one.guest.instance.ended is None
            assert one.guest.instance.handles == len(GRANTS) + len(one.held)
        for item, _ in self.mine:
            assert item.owned is not None and item.owned.live
        held = sum(one.guest.instance.handles for one in self.ones)
        assert self.host.ledger.balance == held + len(self.mine) + len(self.ones)  # each with its worker


# Set to 10 for ten times as many examples, and others than the last time.
LONG = int(os.environ.get("CAPWIT_LONG", "1"))

TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=25 * LONG,
    stateful_step_count=80,
    deadline=None,
    derandomize=LONG == 1,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],  # a step is a guest's: shrinking takes minutes, and what it draws is not stable
)
