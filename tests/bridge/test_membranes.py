"""Grants that are narrowed and revoked: what came of them, wherever it has gone."""

from __future__ import annotations

import asyncio
import functools
from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import CapError, ErrorKind, Event, GrantError, HandleError, Policy
from capwit.bridge.binding import BOOL, BYTES, STRING, U64, Interface, List
from capwit.bridge.capability import AnyClient, Client
from capwit.bridge.convert import weigh
from capwit.bridge.membrane import Guarded, Membrane, local_object
from capwit.bridge.target import Local, Target
from capwit.manifest.narrow import Narrowing
from hypothesis import given
from hypothesis import strategies as st

from tests.bridge.support import Desk, Item, balanced, grants, guest_of, probe, scenario
from tests.support.isolation import eventually, is_isolated

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

IN_ONE_PROCESS: dict[str, str] = {}
EVERY_RUN = {"test_a_grant_that_is_cut_is_cut_in_every_instance", "test_a_call_that_waits_ends_as_revoked"}

SAID = "try: said = {}\nexcept Exception as e: said = e.value.kind.name + ': ' + e.value.reason"


def tried(code: str) -> str:
    """Return a guest's code that says what it gets, or how it fails."""
    return SAID.format(code)


# -- Revoking --


@scenario
async def test_what_came_of_a_grant_is_cut_with_it() -> None:
    async with guest_of() as guest:
        await guest.exec("desk = grants.get_desk(); item = desk.make('x'); said = item.name()")
        guest.instance.revoke("desk", "the user logged out")
        why = "REVOKED: the grant `guest.desk` was revoked: the user logged out"
        assert await guest.exec(tried("desk.echo('x')")) == why
        assert await guest.exec(tried("item.name()")) == why
        assert await guest.exec(tried("grants.get_desk().echo('x')")) == why
        guest.instance.revoke("desk")  # a second time it does nothing
        assert await guest.exec(tried("desk.echo('x')")) == why
        assert [(e.event, e.holder, e.cause) for e in guest.ledger if e.event is Event.REVOKE] == [
            (Event.REVOKE, "guest.desk", "the user logged out")
        ]
    assert balanced(guest.ledger)


@scenario
async def test_a_grant_that_is_cut_is_cut_in_every_instance() -> None:
    class Relay(Desk):
        item: Any = None

        async def take(self, item: Any) -> str:
            self.item = item
            return "taken"

        def make(self, name: str) -> Any:
            return self.item

    relay = Relay()
    async with (
        guest_of(name="first") as first,
        guest_of(grants(relay), host=first.host, name="second") as second,
    ):
        await first.exec("desk = grants.get_desk(); kept = desk.make('x'); said = ''")
        handed = await first.worker.give("item = desk.make('y')")
        relay.item = handed
        assert await second.exec("desk = grants.get_desk(); i = desk.make(''); said = i.name()") == "y"
        first.instance.revoke("desk")
        revoked = "REVOKED: the grant `first.desk` was revoked"
        assert await second.exec(tried("i.name()")) == revoked
        assert await second.exec("said = desk.echo('mine')") == "mine"
    assert balanced(first.ledger)


@scenario
async def test_one_grant_is_cut_and_the_others_are_not() -> None:
    async with guest_of(grants(Desk(), spare=Desk())) as guest:
        guest.instance.revoke("spare")
        assert await guest.exec("said = grants.get_desk().echo('on')") == "on"
        assert (await guest.exec(tried("grants.get_spare().echo('off')"))).startswith("REVOKED")
        with pytest.raises(GrantError, match="was not granted 'dsk': it was granted desk"):
            guest.instance.revoke("dsk")


@scenario
async def test_a_call_that_waits_ends_as_revoked() -> None:
    cleaned = asyncio.Event()

    called = asyncio.Event()

    class Slow(Desk):
        async def echo(self, text: str) -> str:
            called.set()
            try:
                await asyncio.Event().wait()
            finally:
                await asyncio.sleep(0)  # what it waits for while it cleans up is left alone
                cleaned.set()
            return text

    async with guest_of(grants(Slow())) as guest:
        call = asyncio.create_task(guest.exec(tried("grants.get_desk().echo('x')")))
        await called.wait()
        guest.instance.revoke("desk", "enough")
        assert await call == "REVOKED: the grant `guest.desk` was revoked: enough"
        assert cleaned.is_set()
        assert await guest.exec("said = 'alive'") == "alive"


@scenario
async def test_an_implementation_that_goes_on_is_heard_no_more() -> None:
    called = asyncio.Event()

    class Stubborn(Desk):
        async def make(self, name: str) -> Any:
            called.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                return Item("late")

    async with guest_of(grants(Stubborn())) as guest:
        call = asyncio.create_task(guest.exec(tried("grants.get_desk().make('x').name()")))
        await called.wait()
        guest.instance.revoke("desk")
        assert (await call).startswith("REVOKED")
    assert balanced(guest.ledger)


@scenario
async def test_what_is_answered_too_late_is_released_at_once() -> None:
    called = asyncio.Event()

    class Late(Desk):
        async def make(self, name: str) -> Any:
            item = await guest.worker.give("item = grants.get_desk().make('x')")
            called.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                return item

    async with guest_of() as guest:
        desk = probe.DeskClient(Late()).attenuate()
        before = guest.ledger.balance
        call = asyncio.create_task(desk.make("x"))
        await called.wait()
        desk.revoke()
        with pytest.raises(CapError, match="was revoked") as caught:
            await call
        assert caught.value.kind is ErrorKind.REVOKED

        def released() -> None:
            assert guest.ledger.balance == before

        await eventually(released)
    assert balanced(guest.ledger)


# -- What passes through --


@scenario
async def test_what_returns_home_is_what_it_was() -> None:
    class Home(Desk):
        """Recognises what it has made, and what it was given."""

        def __init__(self) -> None:
            super().__init__()
            self.made: list[Item] = []
            self.seen: list[Any] = []
            self.kept: Any = None

        def make(self, name: str) -> Any:
            self.made.append(Item(name))
            return self.made[-1]

        async def look(self, item: Any) -> str:
            self.seen.append(item.local(Item))
            self.kept = item.keep()
            return str(await item.name())

        def pack(self, item: Any, label: str) -> Any:
            return probe.Parcel(label, self.kept.keep(), [self.made[0]])

    home = Home()
    async with guest_of(grants(home)) as guest:
        await guest.exec("desk = grants.get_desk(); a = desk.make('a'); said = desk.look(a)")
        assert home.seen == home.made
        same = "p = desk.pack(a, ''); said = f'{a.same(p.item)} {a.same(p.more[0])}'"
        assert await guest.exec(same) == "True True"
        guest.instance.revoke("desk")
        assert await home.kept.name() == "a"  # its own, which no membrane stands before
        await home.kept.close()


@scenario
async def test_what_a_guest_passes_in_is_cut_too() -> None:
    class Keeper(Desk):
        kept: Any = None

        async def look(self, item: Any) -> str:
            self.kept = item.keep()
            return str(await item.name())

    keeper = Keeper()
    async with guest_of(grants(Desk(), spare=keeper)) as guest:
        await guest.exec("item = grants.get_desk().make('x'); said = grants.get_spare().look(item)")
        assert await keeper.kept.name() == "x"
        guest.instance.revoke("spare")
        with pytest.raises(CapError, match=r"the grant `guest\.spare` was revoked"):
            await keeper.kept.name()
        assert await guest.exec("said = item.name()") == "x"
        await keeper.kept.close()


_steps = st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=30)


@given(_steps)
def test_crossing_is_a_set_of_membranes(steps: list[tuple[int, bool]]) -> None:
    """In and out again is nothing, whatever lies between; no way of crossing makes a target grow."""
    membranes = [Membrane(str(number)) for number in range(4)]
    local = Local(object())
    target: Target = local
    sides: dict[int, bool] = {}  # by membrane, whether it has come out of it
    for number, out in steps:
        target = membranes[number].outward(target) if out else membranes[number].inward(target)
        if sides.get(number) == (not out):
            del sides[number]
        else:
            sides[number] = out
        layers = {}
        inner = target
        while isinstance(inner, Guarded):
            layers[membranes.index(inner.membrane)] = inner.side.value == "out"
            inner = inner.inner
        assert inner is local
        assert layers == sides
        assert target.identity is local.object
        assert local_object(target) is local.object


@scenario
async def test_what_is_made_of_a_loan_ends_with_it() -> None:
    class Taker(Desk):
        taken: Any = None

        async def take(self, item: Any) -> str:
            self.taken = item
            return str(await item.name())

    class Lender(Desk):
        made: Any = ()

        async def look(self, item: Any) -> str:
            any_item = AnyClient(item)
            self.kept = any_item.cast(probe.ItemClient)  # a reference of its own
            await probe.DeskClient(taker).attenuate().take(item)
            self.made = (probe.ItemClient(item), any_item, taker.taken)
            return str(await self.made[0].name())

    taker, lender = Taker(), Lender()
    async with guest_of(grants(lender)) as guest:
        await guest.exec("desk = grants.get_desk(); item = desk.make('x'); said = desk.look(item)")
        for each in lender.made:
            with pytest.raises(HandleError, match="was lent for one call, and that call is over"):
                each.keep()
        assert await lender.kept.name() == "x"
        await lender.kept.close()
    assert balanced(guest.ledger)


@scenario
async def test_a_loan_that_is_answered_with_is_kept() -> None:
    class Mirror(Desk):
        item: Any = None

        async def look(self, item: Any) -> str:
            self.item = await probe.DeskClient(self).attenuate().pack(item, "")
            return ""

        async def pack(self, item: Any, label: str) -> Any:
            return probe.Parcel(label, item, [])

    mirror = Mirror()
    async with guest_of(grants(mirror)) as guest:
        await guest.exec("desk = grants.get_desk(); item = desk.make('x'); said = desk.look(item)")
        assert await mirror.item.item.name() == "x"
        await mirror.item.item.close()
        assert await guest.exec("said = desk.pack(item, '').item.name()") == "x"
    assert balanced(guest.ledger)


@scenario
async def test_what_a_refused_call_was_to_give_stays_as_it_was() -> None:
    async with guest_of() as guest:
        item = await guest.worker.give("item = grants.get_desk().make('x')")
        inner = probe.DeskClient(Desk()).attenuate(Policy(deny=("desk.take",)), name="inner")
        outer = inner.attenuate(name="outer")
        with pytest.raises(CapError, match="the grant `inner` does not allow it"):
            await outer.take(item)
        outer.revoke()
        assert await item.name() == "x"
        await item.close()
    assert balanced(guest.ledger)


# -- Narrowing --


@scenario
async def test_a_policy_allows_what_it_names() -> None:
    desk = probe.DeskClient(Desk()).attenuate(Policy(allow=("desk.make", "item.name")), name="make-only")
    async with guest_of(grants(desk)) as guest:
        assert await guest.exec("desk = grants.get_desk(); item = desk.make('x'); said = item.name()") == "x"
        denied = "DENIED: {}: the grant `make-only` does not allow it"
        assert await guest.exec(tried("desk.echo('x')")) == denied.format("desk.echo")
        assert await guest.exec(tried("str(item.same(item))")) == denied.format("item.same")


@scenario
async def test_a_policy_denies_what_it_names_over_what_it_allows() -> None:
    desk = probe.DeskClient(Desk()).attenuate(Policy(allow=("desk.*",), deny=("desk.echo",)))
    async with guest_of(grants(desk)) as guest:
        assert await guest.exec("desk = grants.get_desk(); said = str(desk.add(1, 2))") == "3"
        assert (await guest.exec(tried("desk.echo('x')"))).startswith("DENIED: desk.echo")


@scenario
async def test_a_guard_is_asked_before_each_call() -> None:
    def only_public(text: str) -> bool:
        return text.startswith("public/")

    desk = probe.DeskClient(Desk()).attenuate(Policy(guards={"desk.echo": only_public}))
    async with guest_of(grants(desk)) as guest:
        assert await guest.exec("desk = grants.get_desk(); said = desk.echo('public/a')") == "public/a"
        assert await guest.exec(tried("desk.echo('secret')")) == (
            "DENIED: desk.echo: the grant `desk` does not allow it with these arguments"
        )


@scenario
async def test_quotas_of_calls_and_bytes_count_what_is_had_through_it_too() -> None:
    desk = probe.DeskClient(Desk()).attenuate(Policy(calls=3, bytes=100))
    async with guest_of(grants(desk)) as guest:
        await guest.exec("desk = grants.get_desk(); item = desk.make('0123456789'); said = ''")
        assert await guest.exec(tried("desk.echo('y' * 91)")) == (
            "EXHAUSTED: desk.echo: 91 bytes, and 90 are left of the 100 of the grant `desk`"
        )
        assert await guest.exec(tried("item.name()")) == "0123456789"
        assert await guest.exec(tried("item.name()")) == (
            "EXHAUSTED: item.name: the grant `desk` has had its 3 calls"
        )


@scenario
async def test_an_answer_that_is_too_long_for_the_quota_is_not_given() -> None:
    desk = probe.DeskClient(Desk()).attenuate(Policy(bytes="1KiB"))
    async with guest_of(grants(desk)) as guest:
        told = await guest.exec(tried("grants.get_desk().echo('z' * 600)"))
        assert told == "EXHAUSTED: desk.echo: 600 bytes, and 424 are left of the 1KiB of the grant `desk`"


@scenario
async def test_a_grant_lasts_as_long_as_its_policy_says() -> None:
    class Slow(Desk):
        async def echo(self, text: str) -> str:
            await asyncio.Event().wait()
            return text

    desk = probe.DeskClient(Slow()).attenuate(Policy(expires=0.2))
    late = probe.DeskClient(Slow()).attenuate(Policy(deadline="50ms"))
    async with guest_of(grants(desk, spare=late)) as guest:
        assert await guest.exec(tried("grants.get_spare().echo('x')")) == (
            "EXHAUSTED: desk.echo: took longer than the 0.05 s that the grant `desk` gives a call"
        )
        over = "REVOKED: the grant `desk` has expired: it was for 0.2"
        assert await guest.exec(tried("grants.get_desk().echo('x')")) == over  # also while it waits
        assert await guest.exec(tried("grants.get_desk().add(1, 2)")) == over


class Slow:
    """An item that says when its name is asked for, and tells it when it may."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.go = asyncio.Event()

    async def name(self) -> str:
        self.asked.set()
        await self.go.wait()
        return "slow"

    def same(self, other: Any) -> bool:
        return False


class Keeper(Desk):
    """A desk that keeps what it looks at, and asks it nothing."""

    kept: Any = None

    async def look(self, item: Any) -> str:
        self.kept = item.keep()
        return ""


@scenario
async def test_what_was_passed_in_through_a_grant_is_cut_when_it_expires() -> None:
    slow = Slow()
    keeper = Keeper()
    desk = probe.DeskClient(keeper).attenuate(Policy(expires=0.2))
    membrane = Membrane("expiring", Policy(expires="50ms"))
    await desk.look(probe.ItemClient(slow))
    waiting = asyncio.create_task(keeper.kept.name())
    await slow.asked.wait()
    over = r"the grant `desk` has expired: it was for 0\.2"
    with pytest.raises(CapError, match=over):
        await asyncio.wait_for(waiting, 30)
    with pytest.raises(CapError, match=over):
        await keeper.kept.same(keeper.kept)
    assert membrane.revoked  # though nobody has called through it


def test_lists_of_numbers_weigh_what_their_numbers_do() -> None:
    assert weigh(List(U64), [1] * 1000) == 8000
    assert weigh(List(BOOL), [True] * 10) == 10
    assert weigh(List(BYTES), [b"abc", b"d"]) == 4


@scenario
async def test_calls_in_flight_are_counted() -> None:
    go = asyncio.Event()

    class Slow(Desk):
        async def echo(self, text: str) -> str:
            await go.wait()
            return text

    desk = probe.DeskClient(Slow()).attenuate(Policy(in_flight=1))
    first = asyncio.create_task(desk.echo("first"))
    await asyncio.sleep(0.01)
    with pytest.raises(CapError, match=r"1 calls wait on the grant `desk`, which is its limit") as caught:
        await desk.echo("second")
    assert caught.value.kind is ErrorKind.OVERLOADED
    go.set()
    assert await first == "first"
    assert await desk.echo("third") == "third"


@scenario
async def test_calls_that_go_the_other_way_are_not_in_flight() -> None:
    slow = Slow()
    keeper = Keeper()
    desk = probe.DeskClient(keeper).attenuate(Policy(in_flight=1))
    await desk.look(probe.ItemClient(slow))
    call = asyncio.create_task(keeper.kept.name())
    await slow.asked.wait()
    assert await desk.echo("a call") == "a call"
    slow.go.set()
    assert await call == "slow"


@pytest.mark.parametrize(
    ("policy", "error"),
    [
        (Policy(allow=("desk.mkae",)), r"'desk\.mkae' is no method of desk.*Mend: one of desk\.add"),
        (Policy(deny=("worker.exec",)), r"'worker\.exec' is no method of desk"),
        (Policy(calls=-1), "calls: expected a whole number, got -1"),
        (Policy(bytes="many"), "expected a size such as 65536"),
        (Policy(expires="soon"), "expected a time such as 2"),
    ],
)
def test_a_policy_that_says_nothing_sensible_is_refused(policy: Policy, error: str) -> None:
    with pytest.raises(ValueError, match=error):
        probe.DeskClient(Desk()).attenuate(policy)


async def _never(text: str) -> bool:
    return False


async def _none_yet(text: str) -> AsyncIterator[bool]:
    yield False


@pytest.mark.parametrize("guard", [_never, _none_yet])
def test_a_guard_that_would_have_to_be_awaited_is_refused(guard: Any) -> None:
    with pytest.raises(ValueError, match=r"the guard of 'desk\.echo' is a coroutine function"):
        probe.DeskClient(Desk()).attenuate(Policy(guards={"desk.echo": guard}))


@scenario
async def test_a_guard_that_answers_later_denies() -> None:
    guard = functools.partial(lambda answer, text: answer(text), _never)
    desk = probe.DeskClient(Desk()).attenuate(Policy(guards={"desk.echo": guard}))
    with pytest.raises(CapError, match="does not allow it with these arguments"):
        await desk.echo("x")


@scenario
async def test_the_policy_of_an_owned_reference_is_checked_too() -> None:
    async with guest_of() as guest:
        item = await guest.worker.give("item = grants.get_desk().make('x')")
        with pytest.raises(ValueError, match=r"'item\.nmae' is no method of item"):
            item.owned.attenuate(Policy(deny=("item.nmae",)))
        await item.close()


class _FirstClient(Client):
    pass


class _SecondClient(Client):
    pass


class _BothClient(Client):
    pass


@scenario
async def test_a_rule_is_asked_of_the_parameter_that_it_names_in_each_interface_of_the_name() -> None:
    first, second = Interface(_FirstClient, "a:a/a", "item", 1), Interface(_SecondClient, "b:b/b", "item", 2)
    both = Interface(_BothClient, "a:a/a", "both", 3)
    first.method("open", "open", {"path": STRING, "note": STRING}, None)
    second.method("open", "open", {"note": STRING, "path": STRING}, None)
    for label, led in (("first", first), ("second", second)):
        both.method(label, label, {}, led.own)
    narrowing = Narrowing(Policy(), {"item.open": {"path": {"prefix": "public/"}}})

    class Open:
        def open(self, *_: str) -> None:
            pass

    membrane = Membrane("both", narrowing.of([both]))
    for client, secret, public in (
        (_FirstClient, ("secret", "public/"), ("public/", "secret")),
        (_SecondClient, ("public/", "secret"), ("secret", "public/")),
    ):
        guarded = membrane.guard(client(Open()))
        opened = client.interface.methods["open"]
        await guarded._call(opened, *public)
        with pytest.raises(CapError, match=r"item\.open: .* with these arguments"):
            await guarded._call(opened, *secret)


@scenario
async def test_narrowing_again_adds_to_it() -> None:
    desk = probe.DeskClient(Desk()).attenuate(Policy(deny=("desk.echo",)), name="outer")
    twice = desk.attenuate(Policy(deny=("desk.add",)), name="inner")
    assert twice == desk == probe.DeskClient(desk)
    async with guest_of(grants(twice)) as guest:
        assert "`outer`" in await guest.exec(tried("grants.get_desk().echo('x')"))
        assert "`inner`" in await guest.exec(tried("grants.get_desk().add(1, 2)"))
        desk.revoke()
        assert "REVOKED" in await guest.exec(tried("grants.get_desk().make('x')"))


@scenario
async def test_a_narrowed_capability_is_not_taken_for_the_object_behind_it() -> None:
    item = Item("x")
    narrowed = probe.ItemClient(item).attenuate(Policy(deny=("item.same",)))
    assert probe.ItemClient(item).local(Item) is item
    assert probe.ItemClient(item).local(Desk) is None
    assert narrowed.local(Item) is None
    assert probe.ItemClient(item).attenuate().local(Item) is item


@scenario
async def test_only_who_narrowed_it_can_revoke() -> None:
    class Thief(Desk):
        async def look(self, item: Any) -> str:
            with pytest.raises(HandleError, match="cannot be revoked by itself"):
                item.revoke()
            return str(await item.name())

    async with guest_of(grants(Thief())) as guest:
        code = "d = grants.get_desk(); said = d.look(d.make('x'))"
        assert await guest.exec(code) == "x"


# -- Owned references --


@scenario
async def test_what_was_lent_is_narrowed_as_it_was_lent() -> None:
    class Keeper(Desk):
        narrowed: Any = None

        async def look(self, item: Any) -> str:
            self.narrowed = item.attenuate()
            return str(await self.narrowed.name())

    keeper = Keeper()
    async with guest_of(grants(Desk(), spare=keeper)) as guest:
        await guest.exec("item = grants.get_desk().make('x'); said = grants.get_spare().look(item)")
        assert await keeper.narrowed.name() == "x"
        guest.instance.revoke("spare")
        with pytest.raises(CapError, match=r"the grant `guest\.spare` was revoked"):
            await keeper.narrowed.name()
        await keeper.narrowed.close()


@scenario
async def test_an_owned_reference_is_narrowed_lent_and_released() -> None:
    async with guest_of(name="giver") as guest:
        await guest.exec("desk = grants.get_desk(); said = ''")
        item = await guest.worker.give("item = desk.make('x')")
        assert item.owned is not None
        assert (item.owned.parent or is_isolated()) and item.owned.holder == "host"
        narrowed = item.attenuate(Policy(calls=1))
        assert narrowed.owned.parent == item.owned.handle
        with item.borrow() as lent:
            assert await lent.name() == "x"
            assert lent.owned is None
        with pytest.raises(HandleError, match="was lent for one call"):
            await lent.name()
        with narrowed.owned.borrow() as lent:
            assert await lent.name() == "x"
        with pytest.raises(CapError, match="has had its 1 calls"):
            await narrowed.name()
        narrowed.revoke("done")
        with pytest.raises(CapError, match=r"was revoked: done"):
            await narrowed.name()
        await narrowed.close()
        await item.close()
        with pytest.raises(HandleError, match=r"#\d+ of .*item was released at \d\d:\d\d:"):
            await item.name()
    assert balanced(guest.ledger)


# -- Calls that wait, and must not any more --


async def _spins(revoke: Any) -> None:
    for number in range(10_000_000):
        if number == 3:
            revoke()
        await asyncio.sleep(0)


async def _is_about_to_go_on(revoke: Any) -> None:
    future = asyncio.get_running_loop().create_future()

    def both() -> None:
        future.set_result(None)
        revoke()

    asyncio.get_running_loop().call_soon(both)
    await future
    await asyncio.Event().wait()


async def _revokes_itself(revoke: Any) -> None:
    await asyncio.sleep(0)
    revoke()
    await asyncio.Event().wait()


async def _has_a_timeout_of_its_own(revoke: Any) -> None:
    try:
        async with asyncio.timeout(0.05):
            asyncio.get_running_loop().call_later(0.05, revoke)
            await asyncio.Event().wait()
    except TimeoutError:
        pass
    await asyncio.Event().wait()


@pytest.mark.parametrize("wait", [_spins, _is_about_to_go_on, _revokes_itself, _has_a_timeout_of_its_own])
@scenario
async def test_a_call_ends_as_revoked_wherever_it_is(wait: Any) -> None:
    class Slow(Desk):
        async def echo(self, text: str) -> str:
            await wait(revoke)
            return text

    async with guest_of(grants(Slow())) as guest:

        def revoke() -> None:
            guest.instance.revoke("desk")

        async with asyncio.timeout(20):
            assert (await guest.exec(tried("grants.get_desk().echo('x')"))).startswith("REVOKED")


@scenario
async def test_a_deadline_in_a_task_that_was_cancelled_before_is_a_deadline() -> None:
    class Slow(Desk):
        async def echo(self, text: str) -> str:
            await asyncio.Event().wait()
            return text

    desk = probe.DeskClient(Slow()).attenuate(Policy(deadline=0.05))
    async with guest_of(grants(desk)) as guest:

        async def work() -> str:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:  # it cleans up, by way of the guest
                return await guest.exec(tried("grants.get_desk().echo('x')"))
            return ""

        task = asyncio.create_task(work())
        await asyncio.sleep(0)
        task.cancel()
        assert (await task).startswith("EXHAUSTED")
        assert await guest.exec("said = 'alive'") == "alive"
