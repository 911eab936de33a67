"""Who owns what, until when: clients, loans, moves between guests, and what a guest exports."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

import pytest
from capwit.bridge import (
    CapError,
    ErrorKind,
    HandleError,
    Host,
    InstanceEnded,
    LimitExceeded,
    Limits,
    LinkError,
    Trap,
)

from tests.bridge.support import (
    DESK_IMPORTS,
    ENTROPY,
    Desk,
    Guest,
    Item,
    Stuck,
    balanced,
    grants,
    guest_of,
    life,
    probe,
    probe_guest,
    scenario,
)
from tests.support.components import wat

# -- What a guest is lent, and lends --


@scenario
async def test_an_item_lent_to_a_guest_is_its_own_for_one_call() -> None:
    async with guest_of() as guest:
        assert await guest.worker.show(Item("lent"), "said = item.name()") == "lent"
        assert guest.instance.handles == 0
    assert life(guest.ledger, "item") == ["lend guest", "return guest"]
    assert balanced(guest.ledger)


@scenario
async def test_a_guest_cannot_use_what_it_was_lent_before() -> None:
    async with guest_of() as guest:
        await guest.worker.show(Item("lent"), "stolen = item")
        assert guest.instance.handles == 0
        with pytest.raises(Trap):
            await guest.exec("stolen.name()")


@scenario
async def test_a_client_that_was_lent_ends_with_its_call() -> None:
    class Keeper(Desk):
        lent: Any = None
        kept: Any = None

        async def look(self, item: Any) -> str:
            self.lent, self.kept = item, item.keep()
            return f"{await item.name()} {await self.kept.name()}"

    desk = Keeper()
    async with guest_of(grants(desk)) as guest:
        said = await guest.exec(
            "desk = grants.get_desk()\nwith desk.make('x') as item: said = desk.look(item)"
        )
        assert said == "x x"
        with pytest.raises(HandleError, match=r"lent for one call, and that call is over. Mend: `keep\(\)`"):
            await desk.lent.name()
        with pytest.raises(HandleError):
            desk.lent.keep()
        await desk.lent.close()  # not its to release
        assert await desk.kept.name() == "x"
        assert desk.kept == desk.lent
        assert guest.ledger.balance == 3  # the worker, the desk, what was kept
        await desk.kept.close()
        assert guest.ledger.balance == 2
    assert life(guest.ledger, "item") == ["mint guest", "keep host", "drop guest", "release host"]


@pytest.mark.parametrize("outcome", ["raises", "raises later", "is cancelled"])
@scenario
async def test_a_loan_ends_however_the_method_does(outcome: str) -> None:
    lent = asyncio.Event()

    class Raising(Desk):
        lent: Any = None

        def look(self, item: Any) -> Any:
            self.lent = item
            lent.set()
            if outcome == "raises":
                raise CapError(ErrorKind.FAILED, "no")
            return self._later()

        async def _later(self) -> str:
            await asyncio.sleep(60 if outcome == "is cancelled" else 0)
            raise CapError(ErrorKind.FAILED, "no")

    desk = Raising()
    async with guest_of(grants(desk)) as guest:
        call = asyncio.ensure_future(
            guest.exec("desk = grants.get_desk()\nwith desk.make('x') as item: desk.look(item)")
        )
        await lent.wait()
        if outcome == "is cancelled":
            call.cancel()
        with pytest.raises((CapError, asyncio.CancelledError)):
            await call
        with pytest.raises(HandleError, match="that call is over"):
            await desk.lent.name()


# -- Clients --


async def given(guest: Guest, name: str = "x") -> Any:
    """Have the guest make an item and give it away."""
    return await guest.worker.give(f"with grants.get_desk() as desk: item = desk.make({name!r})")


@scenario
async def test_what_a_guest_gives_away_is_the_hosts() -> None:
    async with guest_of() as guest:
        item = await given(guest)
        assert guest.instance.handles == 0
        assert await item.name() == "x"
        async with item:
            pass
        with pytest.raises(HandleError, match=r"handle #\d+ of test:probe/probe@0.1.0.item was released"):
            await item.name()
        await item.close()  # a second time it does nothing
        with pytest.raises(HandleError):
            await item.name()
    assert life(guest.ledger, "item") == ["mint guest", "give guest", "receive host", "release host"]
    assert balanced(guest.ledger)


@scenario
async def test_what_the_host_gives_away_is_the_hosts_no_more() -> None:
    class Shelf(Desk):
        item: Any = None

        def make(self, name: str) -> Any:
            return self.item

    desk = Shelf()
    async with (
        guest_of(name="first") as first,
        guest_of(grants(desk), host=first.host, name="second") as second,
    ):
        desk.item = await given(first)
        assert await second.exec("desk = grants.get_desk(); item = desk.make(''); said = item.name()") == "x"
        with pytest.raises(HandleError, match="was given to second"):
            await desk.item.name()
        await desk.item.close()
        with pytest.raises(HandleError, match="was given to second"):
            await desk.item.name()
        with pytest.raises(HandleError, match="was given to second"):
            await second.exec("desk.make('')")  # it cannot be given twice
    assert life(first.ledger, "item") == [
        "mint first", "give first", "receive host", "give host", "receive second", "exit second",
    ]  # fmt: skip
    assert balanced(first.ledger)


@scenario
async def test_what_is_kept_first_may_be_given_again() -> None:
    class Shelf(Desk):
        item: Any = None

        def make(self, name: str) -> Any:
            return self.item.keep()

    desk = Shelf()
    async with guest_of(grants(desk)) as guest:
        desk.item = probe.ItemClient(Item("spare"))
        code = "desk = grants.get_desk(); said = desk.make('').name() + desk.make('').name()"
        assert await guest.exec(code) == "sparespare"
        assert await desk.item.name() == "spare"


@scenario
async def test_identity_survives_a_round_trip() -> None:
    original = Item("original")

    class Maker(Desk):
        def make(self, name: str) -> Any:
            return original

    async with guest_of(grants(Maker())) as guest, guest_of(host=guest.host) as other:
        item = await given(guest)
        again = await other.worker.show(item, "said = item.same(item)")
        assert again == "True"
        assert item == probe.ItemClient(original)
        assert hash(item) == hash(probe.ItemClient(original))
        assert item != probe.ItemClient(Item("original"))
        assert item != original
        assert item.target.identity is original


@scenario
async def test_a_guests_own_resource_is_itself_again_after_a_round_trip() -> None:
    async with guest_of() as first, guest_of(grants(peer=first.worker), host=first.host) as second:
        async with await first.instance.export(probe.WorkerClient) as another:
            assert another != first.worker
            kept = first.worker.keep()
            assert kept == first.worker
            await kept.close()
            assert await first.exec("said = workers") == "2"
        assert await second.exec("said = grants.get_peer().exec('said = workers')") == "2"


@scenario
async def test_capabilities_inside_values_cross_both_ways() -> None:
    desk = Desk()
    async with guest_of(grants(desk)) as guest:
        code = """
desk = grants.get_desk()
with desk.make('x') as item: parcel = desk.pack(item, 'box')
names = [parcel.item.name(), *[more.name() for more in parcel.more]]
said = names + desk.unpack(parcel)
"""
        assert await guest.exec(code) == str(["x", "box-1", "box-2", "box", "x", "box-1", "box-2"])
        (parcel,) = desk.packed
        assert guest.instance.handles == 1  # the desk: the parcel was given away, with all in it
        assert await parcel.item.name() == "x"  # a value's capabilities are given, not lent
        await parcel.more[0].close()
        code = "said = grants.get_desk().unpack(probe.Parcel('empty', None, []))"
        assert await guest.exec(code) == "['empty']"
    assert balanced(guest.ledger)


@scenario
async def test_what_a_method_was_given_and_did_not_keep_is_released() -> None:
    class Careless(Desk):
        async def unpack(self, parcel: Any) -> list[str]:
            return [parcel.label]

    async with guest_of(grants(Careless())) as guest:
        code = """
desk = grants.get_desk()
for _ in range(50):
    with desk.make('x') as item: desk.unpack(desk.pack(item, 'box'))
    desk.take(desk.make('y'))
"""
        await guest.exec(code)
        gc.collect()
        assert guest.ledger.balance == 2  # the worker and the desk: nothing piles up on the host
    assert balanced(guest.ledger)


@scenario
async def test_a_transferred_parameter_is_the_callees() -> None:
    class Taker(Desk):
        async def take(self, item: Any) -> str:
            self.taken = item
            return str(await item.name())

    desk = Taker()
    async with guest_of(grants(desk)) as guest:
        assert await guest.exec("said = grants.get_desk().take(grants.get_desk().make('mine'))") == "mine"
        assert await desk.taken.name() == "mine"  # it outlives the call
        assert life(guest.ledger, "item") == ["mint guest", "give guest", "receive host"]
        await desk.taken.close()
        with pytest.raises(HandleError, match="was released"):
            await desk.taken.name()
    assert balanced(guest.ledger)


@scenario
async def test_a_transfer_from_guest_to_guest_through_the_host() -> None:
    """Guest A calls a capability that is guest B's export, and lends it what it holds."""
    async with (
        guest_of(name="lender") as host_guest,
        guest_of(host=host_guest.host, name="reader") as reader,
    ):

        class Through(Desk):
            async def look(self, item: Any) -> str:
                return str(await reader.worker.show(item, "said = 'read ' + item.name()"))

        async with guest_of(grants(Through()), host=host_guest.host, name="owner") as owner:
            code = """
desk = grants.get_desk()
with desk.make('page') as item: said = desk.look(item) + item.name()
"""
            assert await owner.exec(code) == "read pagepage"
        assert life(reader.ledger, "item") == ["mint owner", "lend reader", "return reader", "drop owner"]


@scenario
async def test_a_peer_is_lent_what_a_guest_holds() -> None:
    async with guest_of(name="b") as b, guest_of(grants(peer=b.worker), host=b.host, name="a") as a:
        code = """
with grants.get_desk() as desk, grants.get_peer() as peer, desk.make('page') as item:
    said = peer.show(item, "said = 'read ' + item.name()") + item.name()
"""
        assert await a.exec(code) == "read pagepage"
        assert a.instance.handles == b.instance.handles == 0
        assert life(a.ledger, "item") == ["mint a", "lend b", "return b", "drop a"]
        code = """
with grants.get_peer() as peer:
    item = peer.give("with grants.get_desk() as desk: item = desk.make('gift')")
said = item.name()
"""
        assert await a.exec(code) == "gift"
    assert life(a.ledger, "item")[4:] == [
        "mint b",
        "give b",
        "receive host",
        "give host",
        "receive a",
        "exit a",
    ]
    assert balanced(a.ledger)


@scenario
async def test_a_client_is_of_an_implementation_only() -> None:
    with pytest.raises(
        TypeError, match=r"Item is not a test:probe/probe@0\.1\.0\.desk: it has no method echo"
    ):
        probe.DeskClient(Item("x"))
    assert "DeskClient of Desk" in repr(probe.DeskClient(Desk()))


# -- What a guest exports --

# A component whose resource `worker` tells a grant's method when it is destroyed: its number.
DESTRUCTOR = f"""{DESK_IMPORTS}
  (core module $memory (memory (export "memory") 1)
    (global $top (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.set $top (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
      (global.get $top)
      (global.set $top (i32.add (global.get $top) (local.get 3)))))
  (core instance $memory (instantiate $memory))
  (core func $add (canon lower (func $probe "[method]desk.add")
    (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
  (core func $get (canon lower (func $grants "get-desk")))
  (core func $drop (canon resource.drop $desk))
  (core module $destroy
    (import "" "get" (func $get (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (import "" "add" (func $add (param i32 i32 i32 i32)))
    (func (export "dtor") (param $rep i32) (local $desk i32)
      (local.set $desk (call $get))
      (call $add (local.get $desk) (local.get $rep) (i32.const 100) (i32.const 16))
      (call $drop (local.get $desk))))
  (core instance $destroy (instantiate $destroy (with "" (instance
    (export "get" (func $get)) (export "add" (func $add)) (export "drop" (func $drop))))))
  (type $worker (resource (rep i32) (dtor (core func $destroy "dtor"))))
  (core func $new (canon resource.new $worker))
  (core module $main
    (import "" "new" (func $new (param i32) (result i32)))
    (global $made (mut i32) (i32.const 0))
    (func (export "make") (result i32)
      (global.set $made (i32.add (global.get $made) (i32.const 1)))
      (call $new (global.get $made))))
  (core instance $main (instantiate $main (with "" (instance (export "new" (func $new))))))
  (func $make (result (own $worker)) (canon lift (core func $main "make")))
  (component $shim
    (import "worker" (type $worker (sub resource)))
    (import "make" (func $make (result (own $worker))))
    (export $out "worker" (type $worker))
    (export "[constructor]worker" (func $make) (func (result (own $out)))))
  (instance $exported (instantiate $shim (with "worker" (type $worker)) (with "make" (func $make))))
  (export "test:probe/app-exports-worker@0.1.0" (instance $exported))
"""


class Mourner(Desk):
    """A desk that notes which worker's destructor called it."""

    def __init__(self, *, slow: bool = False, failing: bool = False) -> None:
        super().__init__()
        self.gone: list[int] = []
        self._slow = slow
        self._failing = failing

    def add(self, a: int, b: int) -> Any:
        assert b == 100
        return self._later(a) if self._slow else self._note(a)

    def _note(self, a: int) -> Any:
        self.gone.append(a)
        return "not a number" if self._failing else 0

    async def _later(self, a: int) -> int:
        await asyncio.sleep(0.01)
        return int(self._note(a))


slow = pytest.mark.parametrize("slow", [False, True], ids=["at once", "waits"])


@slow
@scenario
async def test_a_guests_destructor_runs_when_its_last_reference_is_released(slow: bool) -> None:
    desk = Mourner(slow=slow)
    async with Host() as host:
        app = await host.load(wat(DESTRUCTOR), name="mortal.wasm")
        async with app.instantiate(grants(desk)) as instance:
            one = await instance.export(probe.WorkerClient)
            async with await instance.export(probe.WorkerClient) as two:
                kept = two.keep()
            assert desk.gone == []
            await kept.close()
            assert desk.gone == [2]
            await one.close()
            await one.close()
            assert desk.gone == [2, 1]
            with pytest.raises(HandleError, match="was released"):
                await one.run()
        assert desk.gone == [2, 1]
    assert life(host.ledger, "worker") == [
        "mint host", "mint host", "keep host", "release host", "release host", "release host",
    ]  # fmt: skip
    assert balanced(host.ledger)


@slow
@scenario
async def test_an_instance_that_is_closed_destroys_what_it_exported(slow: bool) -> None:
    desk = Mourner(slow=slow)
    async with Host() as host:
        app = await host.load(wat(DESTRUCTOR))
        async with app.instantiate(grants(desk)) as instance:
            worker = await instance.export(probe.WorkerClient)
            other = await instance.export(probe.WorkerClient)
        assert desk.gone == [1, 2]
        await worker.close()
        await other.close()
    assert desk.gone == [1, 2]
    assert balanced(host.ledger)


@slow
@scenario
async def test_a_host_that_ends_destroys_what_is_left(slow: bool) -> None:
    desk = Mourner(slow=slow)
    async with Host() as host:
        app = await host.load(wat(DESTRUCTOR))
        instance = await app.start(grants(desk))
        await instance.export(probe.WorkerClient)
    assert desk.gone == [1]
    assert isinstance(instance.ended, InstanceEnded)
    assert balanced(host.ledger)


@scenario
async def test_the_destructor_runs_when_another_guest_drops_it() -> None:
    desk = Mourner(slow=True)
    async with Host() as host:
        app = await host.load(wat(DESTRUCTOR))
        async with app.instantiate(grants(desk)) as instance:
            worker = await instance.export(probe.WorkerClient)
            async with guest_of(grants(peer=worker), host=host) as guest:
                await guest.exec("peer = grants.get_peer()")
                await worker.close()
                assert desk.gone == []  # the guest holds it still
                await guest.exec("del peer")
                await instance.settle()
                assert desk.gone == [1]
    assert balanced(host.ledger)


@scenario
async def test_a_destructor_that_fails_ends_its_instance_and_nothing_else(
    caplog: pytest.LogCaptureFixture,
) -> None:
    desk = Mourner(failing=True)
    async with Host() as host:
        app = await host.load(wat(DESTRUCTOR))
        async with app.instantiate(grants(desk)) as instance:
            worker = await instance.export(probe.WorkerClient)
            await worker.close()
            assert "desk.add: result: expected int" in str(instance.ended)
        gc.collect()  # a task whose exception nobody took would say so now
    assert "never retrieved" not in caplog.text
    assert balanced(host.ledger)


@scenario
async def test_a_guests_own_objects_in_an_ended_instance() -> None:
    async with guest_of() as guest:
        with pytest.raises(Trap):
            await guest.exec("1 / 0")
        await guest.worker.close()
        with pytest.raises(HandleError, match="was released"):
            await guest.exec("said = 1")


@scenario
async def test_a_client_outlives_its_instance_and_says_so() -> None:
    async with Host() as host:
        async with guest_of(host=host) as guest:
            pass
        with pytest.raises(InstanceEnded, match="has ended: the instance was closed"):
            await guest.exec("said = 1")
        await guest.worker.close()
        assert host.ledger.balance == 0


@scenario
async def test_an_export_that_is_not_there() -> None:
    async with guest_of() as guest:
        with pytest.raises(LinkError) as caught:
            await guest.instance.export(probe.DeskClient)
        assert "guest.wasm: exports no test:probe/probe@0.1.0.desk" in str(caught.value)
        assert "test:probe/app-exports-worker@0.1.0" in str(caught.value)
        assert "Mend: mark the interface with $Wit.exports" in str(caught.value)
        with pytest.raises(LinkError, match="exports no function nothing"):
            await guest.instance.call("nothing")


@scenario
async def test_a_method_that_is_not_exported() -> None:
    async with Host() as host:
        app = await host.load(wat(DESTRUCTOR), name="mortal.wasm")
        async with app.instantiate(grants(Mourner())) as instance:
            worker = await instance.export(probe.WorkerClient)
            with pytest.raises(
                LinkError, match=r"mortal.wasm: .*#worker.run: the component does not export it"
            ):
                await worker.run()


@scenario
async def test_arguments_that_do_not_fit_leave_nothing_behind() -> None:
    async with guest_of() as guest:
        with pytest.raises(TypeError):
            await guest.worker.show(Item("x"))
        with pytest.raises(Exception, match=r"worker.show: code: expected str, got int 3"):
            await guest.worker.show(Item("x"), 3)
        assert guest.instance.handles == 0
        assert await guest.worker.show(Item("x"), "said = item.name()") == "x"
    assert balanced(guest.ledger)


@scenario
async def test_the_host_releases_what_nobody_closed() -> None:
    async with guest_of() as guest:
        item = await given(guest)
    with pytest.raises(HandleError, match="was released when the host ended"):
        await item.name()


@scenario
async def test_a_host_is_used_inside_its_scope() -> None:
    host = Host()
    app = await host.load(probe_guest())
    with pytest.raises(RuntimeError, match="use `async with Host"):
        await app.start(grants(), ENTROPY)


@pytest.mark.not_compared("it ends a guest at no set place")
@scenario
async def test_closing_a_guest_from_inside_its_own_capability() -> None:
    class Closing(Desk):
        guest: Any = None

        async def echo(self, text: str) -> str:
            await self.guest.instance.close()
            return text

    desk = Closing()
    async with guest_of(grants(desk)) as guest:
        desk.guest = guest
        with pytest.raises(InstanceEnded, match="closed during the call"):
            await guest.exec("grants.get_desk().echo('x')")
        assert guest.instance.handles == 0


@pytest.mark.parametrize("scope", ["instance", "host"])
@scenario
async def test_a_scope_that_ends_during_a_call_ends_the_call(scope: str) -> None:
    desk = Stuck()
    async with Host() as host:
        async with guest_of(grants(desk), host=host) as guest:
            call = asyncio.create_task(guest.exec("grants.get_desk().echo('x')"))
            await desk.asked.wait()
            if scope == "host":
                await host.__aexit__(None, None, None)
        with pytest.raises(InstanceEnded, match="closed during the call"):
            await call
        if scope == "host":
            await host.__aenter__()
    assert balanced(host.ledger)


@scenario
async def test_a_destructor_that_hangs_can_be_given_up() -> None:
    desk = Stuck()
    async with Host() as host:
        app = await host.load(wat(DESTRUCTOR))
        instance = await app.start(grants(desk))
        _held = await instance.export(probe.WorkerClient)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(instance.close(), 0.1)
        assert desk.asked.is_set()
        assert isinstance(instance.ended, InstanceEnded)
    assert balanced(host.ledger)


@scenario
async def test_a_destructor_that_hangs_runs_into_the_wall(caplog: pytest.LogCaptureFixture) -> None:
    async with Host() as host:
        app = await host.load(wat(DESTRUCTOR), name="mortal.wasm")
        async with app.instantiate(grants(Stuck()), limits=Limits(wall="50ms")) as instance:
            await instance.export(probe.WorkerClient)
    assert isinstance(instance.ended, LimitExceeded)
    assert "mortal: a destructor ended the instance" in caplog.text
    assert balanced(host.ledger)


@scenario
async def test_what_a_guest_holds_of_another_is_released_in_order_when_the_host_ends() -> None:
    desk = Mourner()
    async with Host() as host:
        app = await host.load(wat(DESTRUCTOR))
        maker = await app.start(grants(desk), name="maker")
        worker = await maker.export(probe.WorkerClient)
        async with guest_of(grants(peer=worker), host=host, name="holder") as holder:
            await holder.exec("peer = grants.get_peer()")
            await worker.close()
            await host.__aexit__(None, None, None)
        assert desk.gone == [1]
        await host.__aenter__()
    assert balanced(host.ledger)
