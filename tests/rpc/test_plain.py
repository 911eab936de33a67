"""A component in WIT of its own, served by the schema that `capwit export` makes of it, to plain pycapnp."""

from __future__ import annotations

import asyncio
import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import capnp
import pytest
from capwit.bridge import CapError, ConversionError, ErrorKind, HandleError, Host, LinkError, Policy
from capwit.bridge.pairs import Unpaired, pair
from capwit.cli.main import main
from capwit.engine.types import (
    CHAR,
    STRING,
    U8,
    U32,
    Case,
    Enum,
    Field,
    Flags,
    List,
    Option,
    Record,
    Result,
    Tuple,
    Type,
    Variant,
)
from capwit.program import find_export, load_bindings

from tests.bridge.support import scenario
from tests.support.components import ERROR_IMPORTS, wat

from .serving import Server, client, serving, until
from .shop import Shop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ITEM = {
    "name": "pear",
    "color": "deepBlue",
    "wants": {"gift": True, "fast": False, "silent": True},
    "letter": 0x1F350,
    "sizes": {"v0": -128, "v1": 2.5},
    "note": {"some": "überreif"},
    "label": b"\0\xff",
}
STOCK: dict[str, Any] = {
    "items": [ITEM, {**ITEM, "name": "", "note": {"none": None}, "label": b"", "letter": 0}],
    "paid": {"parts": [0, 2**64 - 1]},
    "deep": {"some": {"none": None}},
    "end": {"err": "late"},
    "bare": {"err": None},
    "colors": [{"some": "green"}, {"none": None}],
    "rows": [{"v0": True, "v1": 0.5, "v2": -(2**63), "v3": 0xE9}],
    "words": [["a", ""], [], ["b"]],
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return Shop(tmp_path_factory.mktemp("plain") / "a" / "b" / "shop")


@pytest.fixture(scope="module")
def server(shop: Shop) -> Iterator[Server]:
    """A server with an instance for each client."""
    with serving(shop.folder / "none.toml") as started:
        yield started
        stopped(started)


def stopped(server: Server) -> None:
    """Stop a server, whose ledger balances."""
    done = server.stop()
    assert (done["code"], done["ledger"]["balance"]) == (0, 0), done
    assert "Traceback" not in done["err"]


@scenario
async def test_values_of_every_kind(server: Server, shop: Shop) -> None:
    assert server.told["interface"] == "demo:shop/shop@0.1.0.shop"
    async with client(server.address, kind=shop.schema.Shop) as served:
        assert (await served.echo(STOCK)).result.to_dict() == STOCK
        other = STOCK | {
            "paid": {"card": "x"},
            "deep": {"some": {"some": 0}},
            "end": {"ok": "red"},
            "bare": {"ok": None},
        }
        assert (await served.echo(other)).result.to_dict() == other
        empty = (await served.echo({})).result.to_dict()  # zeros and nothing are values, too
        assert empty["items"] == [] and empty["deep"] == {"none": None} and empty["paid"] == {"cash": None}
        wants = {"fast": True}
        assert (await served.choose("red", wants, 0x61, {"cash": None})).result.to_dict() == {"ok": "red"}
        assert (await served.choose("green", wants, 0x61, {"card": "ünd"})).result.to_dict() == {"err": "ünd"}


@scenario
async def visit(address: str, shop: Shop) -> None:
    """Have all that lives in the guest, and pass what lives here."""
    async with client(address, kind=shop.schema.Shop) as served:
        one = (await served.newBasket(1)).result
        two = (await served.basketNamed("2")).result.ok
        assert (await served.basketNamed("")).result.to_dict() == {"err": "it has no name"}
        assert ((await one.same(one)).result, (await one.same(two)).result) == (True, False)
        assert (await served.total([one, two, one])).result == 4
        await one.merge(two)
        assert ((await one.number()).result, (await served.basketCount()).result) == (3, 1)
        with pytest.raises(capnp.KjException, match="not a live handle of this instance's basket"):
            await two.number()
        many = list((await served.open(3)).result)
        assert [(await each.number()).result for each in many] == [0, 1, 2]
        shelf = (await served.build(7, True)).result.some
        assert (await served.basketCount()).result == 6
        assert (await served.clear(shelf)).result == 10
        assert (await served.build(0, True)).result.which() == "none"
        del many, one, two, shelf
        await gone(served)

        watcher, angry = shop.watcher(), shop.watcher(seen={"err": "no"})
        told = await served.tell(watcher, {"name": "pear", "count": 1})
        assert told.result.to_dict() == {"ok": True}
        assert (await served.tell(angry, {"name": "pear", "count": 2})).result.to_dict() == {"err": "no"}
        assert watcher.events == [({"name": "pear", "count": 1}, {"none": None})]
        assert angry.events == [({"name": "pear", "count": 2}, {"some": "pear"})]
        await served.keep(watcher)
        back = (await served.giveBack()).result
        await back.some.seen({"name": "home", "count": 0}, {"none": None})
        assert watcher.events[1][0] == {"name": "home", "count": 0}
        assert (await served.giveBack()).result.which() == "none"
        deputies = (await served.deputies([watcher, angry])).result
        assert (await deputies[1].seen({"name": "", "count": 0}, {"none": None})).result.to_dict() == {
            "err": "no"
        }


@pytest.mark.parametrize(
    ("file", "options"),
    [
        ("none.toml", ()),
        ("none.toml", ("--instances", "shared")),
        ("shop.wasm", ("--instances", "2")),
        ("shop.wasm", ("--isolate",)),
    ],
)
def test_resources_and_capabilities(shop: Shop, file: str, options: tuple[str, ...]) -> None:
    if file == "shop.wasm":  # of which all that clients have is known, too: the schema
        options = (*options, "--bindings", str(shop.folder / "shop.capnp"))
    with serving(shop.folder / file, *options) as server:
        visit(server.address, shop)
        stopped(server)


async def gone(served: Any) -> None:
    """Wait until what was dropped has been destroyed in the guest."""
    for _ in range(500):
        if (await served.basketCount()).result == 0:
            return
    raise AssertionError("a basket is left")


ALIEN = (
    "expected a demo:shop/shop@0.1.0.basket that this component has made, got (one of elsewhere|another one)"
)


def nulls(served: Any) -> Any:
    request = served.total_request()
    request.init("all", 2)
    return request.send()


BAD: dict[str, tuple[str, Callable[[Any], Any], str]] = {
    "an enumerant": ("newer", lambda s: s.choose("pink", {}, 65, {}), "number 3 is no enumerant of color"),
    "a member": ("newer", lambda s: s.choose("red", {}, 65, {"owed": None}), "number 3 is no member of paym"),
    "a surrogate": ("schema", lambda s: s.choose("red", {}, 0xD800, {}), "55296 is no character of Unicode"),
    "no character": ("schema", lambda s: s.choose("red", {}, 0x110000, {}), "1114112 is no character"),
    "no UTF-8": ("bytes", lambda s: s.echo({"items": [{"name": b"\xff\0"}]}), "UTF-8"),
    "no watcher": ("schema", lambda s: s.keep(), "by: expected a capability, got null"),
    "no basket": ("schema", lambda s: s.clear({"place": 1}), "main: expected a capability, got null"),
    "a null in a list": ("schema", nulls, "expected capabilities, got null"),
}  # fmt: skip


@scenario
async def test_what_is_refused_does_not_harm_the_guest(server: Server, shop: Shop) -> None:
    for what, (schema, call, message) in BAD.items():
        async with client(server.address, kind=getattr(shop, schema).Shop) as served:
            with pytest.raises(capnp.KjException, match=message) as caught:
                await call(served)
            assert caught.value.type == "FAILED", what
            assert (await served.echo({})).result.paid.which() == "cash", what


@scenario
async def test_baskets_that_cannot_be_taken(server: Server, shop: Shop) -> None:
    kind = shop.schema.Shop
    async with client(server.address, kind=kind) as served, client(server.address, kind=kind) as other:
        one, foreign = (await served.newBasket(1)).result, (await other.newBasket(2)).result
        for basket in (shop.fake(), foreign):
            with pytest.raises(capnp.KjException, match=ALIEN):
                await one.merge(basket)
        with pytest.raises(
            capnp.KjException, match="is given away by a call that is to use it otherwise, too"
        ):
            await one.merge(one)
        with pytest.raises(capnp.KjException, match="is given away"):
            await served.clear({"place": 1, "main": one, "spare": one})
        assert (await one.number()).result == 1
        assert ((await served.basketCount()).result, (await other.basketCount()).result) == (1, 1)


OUTCOMES = ("", ALIEN, ALIEN, "sold out")


class Promised:
    """A basket that a client promises, by the answer that an object of its own is still to give."""

    def __init__(self, shop: Shop) -> None:
        self.kept: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        class Maker(shop.schema.Shop.Server):  # type: ignore[name-defined,misc]
            async def newBasket(_, **params: Any) -> Any:  # noqa: N802, N805 - as the schema has it
                return await self.kept

        self.basket = shop.schema.Shop._new_client(Maker()).newBasket(0).result


@scenario
async def pass_promises(address: str, shop: Shop) -> None:
    """Pass on what has not been answered yet."""
    kind = shop.schema.Shop
    async with client(address, kind=kind) as served, client(address, kind=kind) as other:
        one = served.newBasket(1).result
        merging = one.merge(served.newBasket(2).result)
        assert (await one.number()).result == 3  # calls are made in their order
        await merging
        assert (await one.same(one)).result
        assert (await served.total([served.newBasket(each).result for each in range(100)])).result == 4950
        twice = served.newBasket(7).result
        with pytest.raises(capnp.KjException, match="is given away"):
            await served.clear({"place": 1, "main": twice, "spare": twice})

        becomes = [(await each.newBasket(4)).result for each in (served, other)]
        for what, fails in zip([*becomes, shop.fake(), OSError("sold out")], OUTCOMES, strict=True):
            promised = Promised(shop)
            merging, number = one.merge(promised.basket), one.number()
            assert (await served.basketCount()).result  # other references do not wait
            (promised.kept.set_exception if isinstance(what, OSError) else promised.kept.set_result)(what)
            with pytest.raises(capnp.KjException, match=fails) if fails else nullcontext():
                await merging
            assert (await number).result == 7

        promised = Promised(shop)
        merging, number = one.merge(promised.basket), one.number()
        await served.basketCount()  # both calls have come in
        merging.cancel()
        assert (await number).result == 7
        promised.kept.cancel()
        async with client(address, kind=kind) as leaves:
            promised = Promised(shop)
            leaves.newBasket(1).result.merge(promised.basket)
            await leaves.basketCount()
        promised.kept.cancel()


@pytest.mark.parametrize("isolation", ["none", "process"])
def test_baskets_that_are_passed_on_before_they_are_there(shop: Shop, isolation: str) -> None:
    with serving(shop.folder / f"{isolation}.toml") as server:
        pass_promises(server.address, shop)
        stopped(server)


@scenario
async def keep_a_promise_late(address: str, shop: Shop) -> None:
    kind = shop.schema.Shop
    async with client(address, kind=kind) as served, client(address, kind=kind) as other:
        promised, basket = Promised(shop), (await served.newBasket(4)).result
        waiting = asyncio.ensure_future(_awaited(served.total([promised.basket])))
        for _ in range(3):
            assert (await other.basketCount()).result == 1
        assert not waiting.done()
        promised.kept.set_result(basket)
        assert (await waiting).result == 4


@pytest.mark.parametrize("isolation", ["none", "process"])
def test_who_waits_for_a_promise_keeps_no_other_client_waiting(shop: Shop, isolation: str) -> None:
    with serving(shop.folder / f"{isolation}.toml", "--instances", "shared") as server:
        keep_a_promise_late(server.address, shop)
        stopped(server)


async def _awaited(promise: Any) -> Any:
    return await promise


@scenario
async def test_what_ends_a_guest_ends_that_client_only(server: Server, shop: Shop) -> None:
    kind = shop.schema.Shop
    async with client(server.address, kind=kind) as other:
        basket = (await other.newBasket(1)).result
        async with client(server.address, kind=kind) as served:
            with pytest.raises(capnp.KjException, match="has ended"):
                await served.fail()
        async with client(server.address, kind=kind) as served:
            failing = shop.watcher(fails="out of order")
            answer = await served.tell(shop.watcher(), {})
            assert answer.result.ok
            why = "watcher.seen has no error to answer its component, which ends with it"
            with pytest.raises(capnp.KjException, match=why):
                await served.tell(failing, {})
        assert (await basket.number()).result == 1
    await until(lambda: server.balance() == 0)


# -- Without a server --


@scenario
async def test_python_has_it_narrowed_and_revoked_as_any_other(shop: Shop) -> None:
    watch, bindings = (
        load_bindings(shop.folder / "made" / f"{name}.py") for name in ("demo_shop_watch", "shop")
    )
    made: Any = sys.modules["shop"]
    async with Host() as host:
        app = await host.load(shop.folder / "shop.wasm", watch, bindings)
        async with app.instantiate() as instance, await instance.export(made.ShopClient) as own:
            assert own == await instance.export(made.ShopClient)
            assert [await own.basket_count(), await instance.call("demo:shop/shop@0.1.0#open", 0)] == [0, []]
            async with own.attenuate() as granted:
                one, two = await granted.new_basket(1), await granted.new_basket(2)
                await one.merge(two)  # which is its own, whatever it has passed
                assert await one.number() == 3
                with pytest.raises(HandleError, match="given back to the component that made it"):
                    await two.number()
                few = one.attenuate(Policy(allow=("basket.same",)))
                assert await few.same(one)
                with pytest.raises(CapError, match="that this component has made"):
                    await one.merge(few)  # which would be narrowed no more
                with pytest.raises(ConversionError, match=r"shop\.choose: letter: expected int"):
                    await own.choose(made.Color.RED, made.Wants(True, True, True), "A", made.PaymentCash())
                granted.revoke("enough")
                with pytest.raises(CapError, match="enough"):
                    await one.number()
                del one, few
            await instance.settle()
            assert host.ledger.balance == 1
            assert await own.basket_count() == 0
    assert host.ledger.balance == 0


@scenario
async def test_functions_outside_any_interface(tmp_path: Path) -> None:
    text = """(core module $m
        (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
      (core instance $i (instantiate $m))
      (func (export "add") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "add")))"""
    (tmp_path / "sum.wasm").write_bytes(wat(text))
    assert main(["export", str(tmp_path / "sum.wasm"), "-o", str(tmp_path / "sums.capnp")]) == 0
    assert main(["generate", str(tmp_path / "sums.capnp"), "--out", str(tmp_path / "made")]) == 0
    bindings = load_bindings(tmp_path / "made" / "sums.py")
    made: Any = sys.modules["sums"]
    async with Host() as host:
        app = await host.load(tmp_path / "sum.wasm", bindings)
        async with app.instantiate() as instance, await instance.export(find_export(app)) as sums:
            assert await sums.add(40, 2) == 42  # type: ignore[attr-defined]
            assert await instance.call("add", 1, 2) == 3
        other = await host.load(wat(text.replace("u32", "u8")), bindings)
        with pytest.raises(LinkError, match="a: it is u8, in the bindings u32"):
            find_export(other)
    del sys.modules[made.__name__]


@scenario
async def test_what_a_guest_answers_to_one_that_has_ended_is_released(shop: Shop) -> None:
    """A guest calls this process, which calls another guest and gives that call up."""
    made = shop.folder / "made"
    bindings = [load_bindings(made / "demo_shop_watch.py"), load_bindings(made / "shop.py")]

    class Watcher:
        async def seen(self, what: Any, note: Any) -> None:
            asked = asyncio.ensure_future(other.open(3))
            await asyncio.sleep(0)
            asked.cancel()
            await asyncio.wait([asked])
            raise CapError(ErrorKind.FAILED, "given up")

        deputy = seen

    async with Host() as host:
        app = await host.load(shop.folder / "shop.wasm", *bindings)
        kind: Any = find_export(app)
        async with (
            app.instantiate() as first,
            app.instantiate() as second,
            await first.export(kind) as served,
            await second.export(kind) as other,
        ):
            with pytest.raises(CapError, match="given up"):
                await served.tell(Watcher(), sys.modules["demo_shop_watch"].Event("pear", 1))
            async with asyncio.timeout(10):
                while await other.basket_count():
                    await second.settle()


ANSWERS = f"""{ERROR_IMPORTS}
  (core module $m
    (memory (export "memory") 1)
    (data (i32.const 16) "\\01\\00\\00\\00\\01\\00\\00\\00\\20\\00\\00\\00\\04")
    (data (i32.const 32) "full")
    (func (export "good") (result i32) i32.const 64) (func (export "bad") (result i32) i32.const 16))
  (core instance $i (instantiate $m))
  (func $a (result (result (option u32) (error $cap-error)))
    (canon lift (core func $i "good") (memory (core memory $i "memory"))))
  (func $b (result (result (result u32) (error $cap-error)))
    (canon lift (core func $i "good") (memory (core memory $i "memory"))))
  (func $c (result (result (option u32) (error $cap-error)))
    (canon lift (core func $i "bad") (memory (core memory $i "memory"))))
  (instance $x (export "cap-error" (type $cap-error))
    (export "a" (func $a)) (export "b" (func $b)) (export "c" (func $c)))
  (export "test:x/x" (instance $x))"""


@scenario
async def test_what_may_be_answered_besides_an_error(tmp_path: Path) -> None:
    (tmp_path / "x.wasm").write_bytes(wat(ANSWERS))
    assert main(["export", str(tmp_path / "x.wasm"), "-o", str(tmp_path / "x.capnp")]) == 0
    assert main(["generate", str(tmp_path / "x.capnp"), "--out", str(tmp_path / "made")]) == 0
    bindings = load_bindings(tmp_path / "made" / "x.py")
    async with Host() as host:
        app = await host.load(tmp_path / "x.wasm", bindings)
        kind: Any = find_export(app)
        async with app.instantiate() as instance, await instance.export(kind) as x:
            assert (type(await x.a()).__name__, (await x.b()).value) == ("OptionUInt32None", 0)
            with pytest.raises(CapError, match="overloaded: full"):
                await x.c()


NONE = Variant((Case("none", None, object), Case("some", STRING, object)))
PLAIN = Record((Field("a", U32, "a"), Field("b", STRING, "b")), object)


@pytest.mark.parametrize(
    ("found", "known", "message"),
    [
        (U32, CHAR, "x: it is u32, in the bindings char"),
        (Option(U32), NONE, "x.some: it is u32, in the bindings a string"),
        (Option(STRING), STRING, "x: it is an option, in the bindings a string"),
        (Result(None, STRING), NONE, "x: it lacks none, some"),
        (List(Tuple((U32, STRING))), List(PLAIN), "x[]: it lacks a, b"),
        (Record((Field("a", U32, "a"),)), PLAIN, "x: it lacks b"),
        (
            Record((Field("a", STRING, "a"), Field("B", STRING, "b"))),
            PLAIN,
            "x.a: it is a string, in the bindings u32",
        ),
        (Flags(("a", "b", "c")), PLAIN, "x: it has c, which the bindings lack"),
        (Enum(("a", "b")), Enum(("a",), ErrorKind), "x: it has b, which the bindings lack"),
        (Variant((Case("none", U8), Case("some", STRING))), NONE, "x.none: only one of the two has a value"),
    ],
)
def test_types_that_do_not_stand_for_each_other(found: Type, known: Type, message: str) -> None:
    with pytest.raises(Unpaired) as caught:
        pair(found, known, "x")
    assert str(caught.value) == message
