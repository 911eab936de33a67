"""Objects of a guest's own that it passes on: who calls them, when, and how long they live."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import CapError, ErrorKind, HandleError, Host, Instance, LimitExceeded, Limits, Policy

from tests.bridge.support import ENTROPY, HERE, balanced, bindings, generated, life, scenario
from tests.support.guests import python_guest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

SCHEMA = HERE / "schemas" / "hub.capnp"
m = bindings(SCHEMA)

SUBSCRIBE = """
one = objects[7] = Listener()
with grants.get_hub() as hub_, wrap(7) as handle: hub_.subscribe(handle)
"""
NOT_ANSWERED = "the instance waits for the capability that makes this call"


class Hub:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.kept: list[Any] = []
        self.waiting = asyncio.Event()
        self.go_on = asyncio.Event()

    def subscribe(self, listener: Any) -> None:
        self.kept.append(listener.keep())

    def adopt(self, listener: Any) -> None:
        self.kept.append(listener)

    def watch(self, observer: Any) -> None:
        self.kept.append(observer.keep())

    async def call(self, listener: Any, topic: str) -> bool:
        return bool(await listener.notify(m.Event(topic, None)))

    def find(self, number: int) -> Any:
        return self.kept[number].keep()

    def last(self) -> Any:
        return self.kept[-1].as_closable()

    async def wait(self) -> None:
        self.waiting.set()
        await self.go_on.wait()

    async def close(self) -> None:
        while self.kept:
            await self.kept.pop().close()


class Guest:
    """A running guest, and the hub that it holds."""

    def __init__(self, host: Host, instance: Instance, worker: Any, hub: Hub) -> None:
        self.host = host
        self.instance = instance
        self.hub = hub
        self._worker = worker

    async def exec(self, code: str) -> str:
        return str(await self._worker.exec(code))


@asynccontextmanager
async def running(host: Host, name: str = "a", hub: Hub | None = None, **limits: Any) -> AsyncIterator[Guest]:
    hub = hub or Hub()
    app = await host.load(python_guest(HERE / "hub_guest.py", generated(SCHEMA) / "wit", "app"), m.BINDINGS)
    async with app.instantiate(m.Grants(hub=hub), ENTROPY, limits=Limits(**limits), name=name) as instance:
        yield Guest(host, instance, await instance.export(m.WorkerClient), hub)


@asynccontextmanager
async def alone(*given: Any, **limits: Any) -> AsyncIterator[Guest]:
    """Give a guest on a host of its own, of which nothing is left at the end."""
    async with Host() as host, running(host, *given, **limits) as guest:
        yield guest
    assert balanced(host.ledger)


def event(topic: str, reply: Any = None) -> Any:
    return m.Event(topic, reply)


@scenario
async def test_the_host_calls_what_a_guest_has_subscribed_and_the_guest_is_told_when_it_is_over() -> None:
    async with Host() as host, running(host) as guest:
        await guest.exec(SUBSCRIBE)
        assert await guest.exec("said = released") == "[]"
        assert guest.instance.handles == 0
        (listener,) = guest.hub.kept
        assert await listener.notify(event("news")) is True
        assert await listener.notify(event("stop")) is False
        assert await guest.exec("said = one.heard, released") == "(['news', 'stop'], [])"
        await listener.close()
        assert await guest.exec("said = released, objects") == "([7], {})"
    assert life(host.ledger, "listener") == ["mint a", "keep host", "drop a", "release host"]
    assert balanced(host.ledger)


@scenario
async def test_a_delivery_waits_until_what_runs_in_the_guest_has_returned() -> None:
    async with alone() as guest:
        await guest.exec(SUBSCRIBE)
        code = "grants.get_hub().wait(); one.heard.append('the call is over')"
        call = asyncio.create_task(guest.exec(code))
        await guest.hub.waiting.wait()
        listener = guest.hub.kept[0]
        deliveries = [asyncio.create_task(listener.notify(event(topic))) for topic in ("a", "b")]
        await asyncio.sleep(0.01)
        assert not any(task.done() for task in deliveries)
        await guest.hub.close()  # what is under way holds on to the object
        guest.hub.go_on.set()
        await asyncio.gather(call, *deliveries)
        await guest.instance.settle()
        heard = "(['the call is over', 'a', 'b'], [7])"
        assert await guest.exec("said = one.heard, released") == heard


@pytest.mark.parametrize("call", ["handle.notify(hub.Event('x', None))", "hub_.call(handle, 'x')"])
@scenario
async def test_a_guest_that_waits_for_its_own_delivery_gets_failed(call: str) -> None:
    async with Host() as host, running(host) as guest:
        code = f"""
objects[1] = Listener()
with grants.get_hub() as hub_, wrap(1) as handle:
    try: {call}
    except Err as error: said = error.value.kind.name, error.value.reason, released
"""
        said = await guest.exec(code)
        assert said.startswith("('FAILED', 'test:hub/app-guest-listener-calls@0.1.0#call-notify: ")
        assert NOT_ANSWERED in said
        await guest.instance.settle()
        assert await guest.exec("said = released") == "[1]"
    assert balanced(host.ledger)


@scenario
async def test_a_number_is_one_capability_for_as_long_as_there_is_a_handle() -> None:
    async with Host() as host, running(host) as guest:
        code = """
objects[7], objects[8] = Listener(), Listener()
hub_ = grants.get_hub()
with wrap(7) as a, wrap(7) as b, wrap(8) as c:
    for each in (a, b, c): hub_.subscribe(each)
    said = [number_of(each) for each in (a, b, c)]
"""
        assert await guest.exec(code) == "[7, 7, 8]"
        seven, same, eight = guest.hub.kept
        assert seven == same != eight
        assert hash(seven) == hash(same)
        # It comes back as the same, by whatever way it went.
        code = """
with hub_.find(0) as a, hub_.find(2) as c, a.as_listener() as d:
    said = [number_of(each) for each in (a, c, d)]
"""
        assert await guest.exec(code) == "[7, 8, 7]"
        await seven.close()
        assert await guest.exec("said = released") == "[]"
        await same.close()
        assert await guest.exec("said = released") == "[7]"
        await guest.exec("objects[7] = Listener()\nwith wrap(7) as a: hub_.subscribe(a)")
        assert guest.hub.kept[3] != same
        await guest.hub.close()
        assert await guest.exec("said = released") == "[7, 7, 8]"
    assert balanced(host.ledger)


@scenario
async def test_one_that_is_wrapped_again_before_its_release_has_come_is_not_released() -> None:
    async with Host() as host, running(host) as guest:
        code = """
objects[1] = Listener()
for _ in range(3):
    with wrap(1): pass
kept = wrap(1)
"""
        await guest.exec(code)
        await guest.instance.settle()
        assert await guest.exec("said = released, number_of(kept)") == "([], 1)"
        await guest.exec("with kept: pass\nwith wrap(1): pass")
        await guest.instance.settle()
        assert await guest.exec("said = released") == "[1]"
    assert balanced(host.ledger)


@scenario
async def test_a_guest_may_not_drop_without_end_before_it_can_be_told() -> None:
    async with alone(handles=50) as guest:
        with pytest.raises(LimitExceeded, match="a: the guest has wrapped 50 objects of its own"):
            await guest.exec("for number in range(60):\n    with wrap(number): pass")


@scenario
async def test_who_waits_for_a_release_may_be_waited_for_by_the_guest() -> None:
    class Waiting(Hub):
        closing: asyncio.Task[None]

        async def wait(self) -> None:
            self.waiting.set()
            await self.go_on.wait()
            await self.closing

    hub = Waiting()
    async with alone("a", hub) as guest:
        await guest.exec(SUBSCRIBE)
        call = asyncio.create_task(guest.exec("grants.get_hub().wait(); said = released"))
        await hub.waiting.wait()
        hub.closing = asyncio.create_task(hub.close())
        await asyncio.sleep(0)  # it waits for the release, which waits for the call
        hub.go_on.set()
        assert await call == "[]"
        await guest.instance.settle()
        assert await guest.exec("said = released") == "[7]"


@scenario
async def test_what_went_through_a_grant_is_cut_with_it() -> None:
    async with alone() as guest:
        await guest.exec(SUBSCRIBE)
        await guest.exec("kept = wrap(7)")
        guest.instance.revoke("hub", "enough")
        with pytest.raises(CapError, match="was revoked: enough") as caught:
            await guest.hub.kept[0].notify(event("x"))
        assert caught.value.kind is ErrorKind.REVOKED
        await guest.hub.close()
        assert await guest.exec("said = one.heard, released, number_of(kept)") == "([], [], 7)"
        await guest.exec("kept.__exit__(None, None, None)")
        await guest.instance.settle()
        assert await guest.exec("said = released") == "[7]"


@scenario
async def test_a_guest_knows_its_own_that_comes_back_by_another_way() -> None:
    hub = Hub()
    async with (
        Host() as host,
        running(host, "a", hub) as a,
        running(host, "b", hub) as b,
    ):
        await a.exec(SUBSCRIBE)
        await b.exec("with grants.get_hub() as hub_, hub_.find(0) as theirs: hub_.subscribe(theirs)")
        assert hub.kept[0] == hub.kept[1]
        assert await a.exec("with grants.get_hub().find(1) as back: said = number_of(back)") == "7"
        assert await b.exec("with grants.get_hub().find(1) as back: said = number_of(back)") == "None"
        await hub.close()
        assert await a.exec("said = released") == "[7]"
    assert balanced(host.ledger)


@scenario
async def test_a_guest_does_not_take_its_object_for_its_own_where_it_is_narrowed_or_revoked() -> None:
    find = "h = grants.get_hub(); back = h.find({}); said = number_of(back), number_of(handle)"
    async with alone() as guest:
        await guest.exec(SUBSCRIBE)
        (listener,) = guest.hub.kept
        await guest.exec("handle = wrap(7)")
        open_, narrowed = listener.attenuate(), listener.attenuate(Policy(deny=("listener.notify",)))
        guest.hub.kept += [open_, narrowed]
        assert await guest.exec(find.format(2)) == "(None, 7)"
        assert await guest.exec(find.format(1)) == "(7, 7)"
        open_.revoke()
        assert await guest.exec("said = number_of(back), number_of(handle)") == "(None, 7)"
        await guest.hub.close()


@scenario
async def test_all_that_an_interface_has_is_named_by_it_the_inherited_too() -> None:
    async with alone() as guest:
        await guest.exec(SUBSCRIBE)
        (listener,) = guest.hub.kept
        denied = listener.attenuate(Policy(deny=("listener.*",)))
        with pytest.raises(CapError, match=r"closable\.close: .* does not allow it"):
            await denied.close_()
        allowed = listener.attenuate(Policy(allow=("listener.*",)))
        await guest.exec("Listener.close = lambda self: 'closed'")
        assert await allowed.close_() == "closed"
        await denied.close()
        await allowed.close()
        await guest.hub.close()


@scenario
async def test_a_guest_without_room_for_the_arguments_goes_on() -> None:
    async with alone(handles=3) as guest:
        await guest.exec(SUBSCRIBE)
        await guest.exec("held = [wrap(7) for _ in range(3)]")
        (listener,) = guest.hub.kept
        with pytest.raises(CapError, match=r"exhausted: listener\.notify: .* limit of handles"):
            await listener.notify(event("x", reply=listener.keep()))
        await guest.exec("while held: held.pop().__exit__(None, None, None)")
        assert await listener.notify(event("y", reply=listener.keep()))
        assert await guest.exec("said = one.heard") == "['y']"
        await guest.hub.close()


@scenario
async def test_a_listener_is_passed_on_to_another_guest() -> None:
    hub = Hub()
    async with Host() as host, running(host, "a", hub) as a, running(host, "b", hub) as b:
        await a.exec(SUBSCRIBE)
        code = """
hub_ = grants.get_hub()
theirs = hub_.find(0)
said = number_of(theirs), theirs.notify(hub.Event('from b', None))
"""
        assert await b.exec(code) == "(None, True)"
        assert await a.exec("said = one.heard") == "['from b']"
        await hub.close()
        assert await a.exec("said = released") == "[]"
        # One of its own goes along, and is called in its turn.
        await a.exec("""
def notify(event):
    kept.append(event.reply)
    return True
kept, one.notify = [], notify
""")
        await b.exec("objects[7] = Listener(); theirs.notify(hub.Event('answer me', wrap(7)))")
        await a.exec("kept[0].notify(hub.Event('from a', None))")
        assert await b.exec("said = objects[7].heard") == "['from a']"
        await b.exec("theirs.__exit__(None, None, None)")
        await a.exec("kept.pop().__exit__(None, None, None)")
        await a.instance.settle()
        await b.instance.settle()
        assert await a.exec("said = released") == "[7]"
        assert await b.exec("said = released") == "[7]"
    assert balanced(host.ledger)


@scenario
async def test_a_guest_that_waits_for_another_cannot_be_called_by_it() -> None:
    class Passing(Hub):
        other: Any

        async def wait(self) -> None:
            code = """
with grants.get_hub() as hub_, hub_.find(0) as theirs:
    try: theirs.notify(hub.Event('x', None))
    except Err as error: said = error.value.kind.name, error.value.reason
"""
            assert NOT_ANSWERED in await self.other.exec(code)

    hub = Passing()
    async with Host() as host, running(host, "a", hub) as a, running(host, "b", hub) as hub.other:
        await a.exec(SUBSCRIBE)
        await a.exec("grants.get_hub().wait()")
        assert await a.exec("said = one.heard") == "[]"
        await hub.close()
    assert balanced(host.ledger)


@pytest.mark.parametrize("end", ["closed", "trapped"])
@scenario
async def test_calls_of_an_instance_that_has_ended_are_disconnected(end: str) -> None:
    hub = Hub()
    async with Host() as host, running(host, "b", hub) as b:
        async with running(host, "a", hub) as a:
            await a.exec(SUBSCRIBE)
            await b.exec("theirs = grants.get_hub().find(0)")
            if end == "trapped":
                with pytest.raises(CapError) as caught:  # by the delivery itself
                    await hub.kept[0].push(b"")
                assert "the guest trapped" in str(caught.value.__cause__)
        with pytest.raises(CapError, match=r"listener\.notify: the instance behind it has ended") as caught:
            await hub.kept[0].notify(event("x"))
        assert caught.value.kind is ErrorKind.DISCONNECTED
        code = """
try: theirs.notify(hub.Event('x', None))
except Err as error: said = error.value.kind.name
"""
        assert await b.exec(code) == "DISCONNECTED"
        await hub.close()
    assert balanced(host.ledger)


@scenario
async def test_a_delivery_that_traps_ends_the_guest_and_the_log_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with alone() as guest:
        await guest.exec(SUBSCRIBE)
        with pytest.raises(CapError, match="disconnected"):
            await guest.hub.kept[0].push(b"")
        assert guest.instance.ended is not None
        assert "a: listener.push ended the instance: " in caplog.text
        await guest.hub.close()


@scenario
async def test_what_a_guest_answers_is_raised() -> None:
    async with alone() as guest:
        await guest.exec(SUBSCRIBE)
        await guest.exec("""
def notify(event): raise Err(errors.CapError(errors.ErrorKind.OVERLOADED, 'no more'))
one.notify = notify
""")
        with pytest.raises(CapError, match="overloaded: no more"):
            await guest.hub.kept[0].notify(event("x"))
        assert await guest.exec("said = released") == "[]"
        await guest.hub.close()


@scenario
async def test_inherited_methods_capabilities_arenas_and_streams() -> None:
    async with Host() as host, running(host) as guest:
        await guest.exec(SUBSCRIBE)
        await guest.exec("""
class Full(Listener):
    def close(self): return 'was open'
    def push(self, chunk): self.heard.append(chunk)
    def introduce(self, to, gift):
        to.notify(hub.Event('welcome', None))
        return gift
    def grow(self, tree):
        tree.nodes[0].label += '!'
        return tree
one = objects[7] = Full()
""")
        (listener,) = guest.hub.kept
        closable = listener.as_closable()
        assert await closable.close_() == "was open"
        await closable.close()
        assert await listener.release("text") == "text of 7"
        await listener.push(b"\x00\xff")
        assert await guest.exec("said = one.heard") == r"[b'\x00\xff']"

        class Here:
            def __init__(self) -> None:
                self.heard: list[str] = []

            def close_(self) -> Any: ...
            def notify(self, event: Any) -> bool:
                self.heard.append(event.topic)
                return True

            def introduce(self, to: Any, gift: Any) -> Any: ...
            def push(self, chunk: bytes) -> None: ...
            def grow(self, tree: Any) -> Any: ...
            def release(self, object: str) -> Any: ...

        to, gift = Here(), Here()
        async with await listener.introduce(to, m.ListenerClient(gift)) as back:
            assert to.heard == ["welcome"]
            assert back == m.ListenerClient(gift)
        tree = m.Tree("root", [m.Tree("leaf", [], gift)], None)
        grown = await listener.grow(tree)
        assert (grown.label, grown.children[0].label) == ("root!", "leaf")
        assert grown.children[0].owner == m.ListenerClient(gift)
        await grown.children[0].owner.close()
        await guest.hub.close()
        assert await guest.exec("said = released") == "[7]"
    assert balanced(host.ledger)


@scenario
async def test_numbers_of_two_interfaces_do_not_meet() -> None:
    async with Host() as host, running(host) as guest:
        await guest.exec(SUBSCRIBE)
        code = """
seen = []
hub_ = grants.get_hub()
objects[7] = lambda value: seen.append(value) or len(value) > 1
with observers.wrap(7) as handle:
    hub_.watch(handle)
    said = observers.number_of(handle)
"""
        assert await guest.exec(code) == "7"
        listener, observer = guest.hub.kept
        assert listener != observer
        assert await observer.next([1, 2]) is True
        assert await observer.next([]) is False
        assert await guest.exec("said = seen") == "[[1, 2], []]"
        await observer.close()
        assert await guest.exec("said = released; objects[7] = one") == "[7]"
        assert await listener.notify(event("still here"))
        await guest.hub.close()
    assert balanced(host.ledger)


@scenario
async def test_a_number_that_was_released_is_not_called_any_more() -> None:
    async with alone() as guest:
        await guest.exec(SUBSCRIBE)
        second = m.ListenerClient(guest.hub.kept[0])  # a client that holds no reference
        await guest.hub.close()
        await guest.exec(SUBSCRIBE)  # the number is another object's now
        with pytest.raises(HandleError, match=r"listener\.notify: the object was released"):
            await second.notify(event("x"))
        assert await guest.exec("said = one.heard") == "[]"
        await guest.hub.close()


@scenario
async def test_one_that_is_given_away_lives_on_with_the_host() -> None:
    async with Host() as host, running(host) as guest:
        await guest.exec("objects[3] = Listener()\ngrants.get_hub().adopt(wrap(3))")
        assert guest.instance.handles == 0
        assert await guest.hub.kept[0].notify(event("x"))
        # The last reference ends with the client that nobody refers to any more.
        guest.hub.kept.clear()
        await guest.instance.settle()
        assert await guest.exec("said = released") == "[3]"
    events = ["mint a", "give a", "receive host", "release host"]
    assert life(host.ledger, "listener") == events
    assert balanced(host.ledger)


@scenario
async def test_what_a_guest_holds_of_itself_ends_with_it_in_silence(caplog: pytest.LogCaptureFixture) -> None:
    async with Host() as host:
        async with running(host) as guest:
            await guest.exec("objects[1] = Listener(); kept = wrap(1)")
        assert guest.instance.ended is not None
    assert life(host.ledger, "listener") == ["mint a", "exit a"]
    assert caplog.text == ""
    assert balanced(host.ledger)
