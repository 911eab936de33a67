"""Grants: what is given is handed out, what is not is refused before the guest runs or is absent in it."""

from __future__ import annotations

from typing import Any

import pytest
from capwit.bridge import CapError, GrantError, Host, InstanceEnded, Ledger, LinkError
from capwit.bridge.binding import Grants
from capwit.bridge.table import CapTable
from capwit.caps.local import MemoryConsole
from capwit.preview2 import WasiGrants

from tests.bridge.support import (
    ENTROPY,
    Desk,
    Item,
    balanced,
    grants,
    guest_of,
    life,
    probe,
    probe_guest,
    scenario,
)
from tests.support.components import ERROR_IMPORTS, wat
from tests.support.isolation import LEDGER, MISFIT, OWN_REFERENCE

IN_ONE_PROCESS = {
    "test_each_get_is_a_handle_of_its_own": LEDGER,
    "test_a_method_makes_a_handle_and_the_guest_drops_it": LEDGER,
    "test_an_absent_optional_grant_is_none_in_the_guest": LEDGER,
    "test_instances_of_one_component_have_names_of_their_own": LEDGER,
    "test_a_grant_that_the_host_has_closed_is_disconnected_and_says_why": OWN_REFERENCE,
}
EVERY_RUN = {"test_an_optional_grant_that_is_given", "test_two_instances_hold_their_own_grants_only"}

GET_DESK = "test:probe/app-grants@0.1.0#get-desk"


async def refused(*given: Any) -> GrantError:
    """Start a guest, and return why its grants are refused."""
    console = MemoryConsole()
    async with Host() as host:
        app = await host.load(probe_guest())
        with pytest.raises(GrantError) as caught:
            async with app.instantiate(*given, WasiGrants(entropy=ENTROPY.entropy, stdout=console)):
                pytest.fail("the guest was started")
        assert len(host.ledger) == 0
    return caught.value


@scenario
async def test_each_get_is_a_handle_of_its_own() -> None:
    async with guest_of() as guest:
        said = await guest.exec(
            "a = grants.get_desk(); b = grants.get_desk(); said = a.echo('a') + b.echo('b')"
        )
        assert said == "ab"
        assert await guest.handles() == 2
        await guest.exec("a.__exit__(None, None, None); said = b.echo('still')")
        assert await guest.handles() == 1
        assert life(guest.ledger, "desk") == ["grant guest", "grant guest", "drop guest"]
    assert life(guest.ledger, "desk") == ["grant guest", "grant guest", "drop guest", "exit guest"]
    assert balanced(guest.ledger)


@scenario
async def test_a_method_makes_a_handle_and_the_guest_drops_it() -> None:
    async with guest_of() as guest:
        await guest.exec(
            "with grants.get_desk() as desk, desk.make('x') as item:\n said = item.name()\nassert said == 'x'"
        )
        assert await guest.handles() == 0
    assert life(guest.ledger, "item") == ["mint guest", "drop guest"]
    assert life(guest.ledger, "desk") == ["grant guest", "drop guest"]


@scenario
async def test_an_absent_optional_grant_is_none_in_the_guest() -> None:
    async with guest_of() as guest:
        assert await guest.exec("said = (grants.get_spare(), grants.get_motto())") == "(None, None)"
        # What is handed out next was not granted, and is not said to be.
        await guest.exec("desk = grants.get_desk(); grants.get_spare(); item = desk.make('x')")
    assert life(guest.ledger, "item")[0] == "mint guest"


@scenario
async def test_an_optional_grant_that_is_given() -> None:
    async with guest_of(grants(spare=Desk(), motto="less")) as guest:
        code = "said = grants.get_motto() + grants.get_spare().echo(' is more')"
        assert await guest.exec(code) == "less is more"


@scenario
async def test_a_client_is_granted_and_stays_with_the_host() -> None:
    async with guest_of() as first:
        desk = probe.DeskClient(Desk())
        async with guest_of(grants(desk, peer=first.worker), host=first.host, name="second") as second:
            assert await second.exec("said = grants.get_peer().exec('said = 6 * 7')") == "42"
            assert await second.exec("said = grants.get_peer().exec('said = 7 * 7')") == "49"
        assert await first.exec("said = 1") == "1"


@scenario
async def test_a_released_client_as_a_grant_is_refused_by_what_happened_to_it() -> None:
    async with guest_of() as first:
        await first.worker.close()
        error = await refused(grants(peer=first.worker))
        assert "get-peer: the grant `peer` does not fit" in str(error)
        assert "released" in str(error)


@scenario
async def test_no_grants_at_all() -> None:
    assert f"{GET_DESK} is not granted. Mend: grant `desk`, a test:probe/probe@0.1.0.desk" in str(
        await refused()
    )


@scenario
async def test_a_missing_grant() -> None:
    error = await refused(probe.Grants(desk=None))
    assert f"{GET_DESK} is not granted" in str(error)


@scenario
async def test_a_grant_of_the_wrong_interface() -> None:
    error = await refused(grants(probe.ItemClient(Item("x"))))
    assert f"{GET_DESK}: the grant `desk` does not fit" in str(error)
    assert "expected a test:probe/probe@0.1.0.desk, got a test:probe/probe@0.1.0.item" in str(error)


@scenario
async def test_a_grant_that_lacks_methods() -> None:
    class Half:
        def echo(self, text: str) -> str:
            return text

        add = "not callable"

    error = await refused(grants(Half()))
    assert "Half is not a test:probe/probe@0.1.0.desk: it has no method add, make, look" in str(error)


@scenario
async def test_one_object_of_a_class_does_not_vouch_for_another() -> None:
    class Loose:
        pass

    whole, empty = Loose(), Loose()
    for name in ("echo", "add", "make", "look", "pack", "unpack", "tell", "take"):
        setattr(whole, name, getattr(Desk(), name))
    async with guest_of(grants(whole)) as guest:
        assert await guest.exec("said = grants.get_desk().echo('whole')") == "whole"
    assert "no method echo" in str(await refused(grants(empty)))


@scenario
async def test_a_value_that_does_not_fit_its_grant() -> None:
    error = await refused(grants(motto=7))
    assert "app-grants@0.1.0#get-motto: the grant `motto` does not fit" in str(error)
    assert "expected str, got int 7" in str(error)


@scenario
async def test_the_same_grants_twice() -> None:
    assert "two grants of Grants" in str(await refused(grants(), grants()))


@scenario
async def test_two_instances_hold_their_own_grants_only() -> None:
    ours, theirs = Desk(), Desk()
    async with guest_of(grants(ours)) as one, guest_of(grants(theirs), host=one.host) as two:
        assert (one.instance.name, two.instance.name) == ("guest", "guest-2")
        await one.exec("desk = grants.get_desk(); desk.tell('one')")
        await two.exec("desk = grants.get_desk(); desk.tell('two'); kept = desk.make('kept')")
        assert (ours.told, theirs.told) == (["one"], ["two"])
        assert (await one.handles(), await two.handles()) == (1, 2)
        # A number that is a handle in one instance means nothing in another.
        code = """
stolen = probe.Item.__new__(probe.Item)
stolen.handle, stolen.finalizer = 2, None
try: stolen.name()
except BaseException as error: said = type(error).__name__
"""
        with pytest.raises(InstanceEnded):
            await one.exec(code)
        assert await two.exec("said = kept.name()") == "kept"


@scenario
async def test_instances_of_one_component_have_names_of_their_own() -> None:
    async with Host() as host:
        app = await host.load(probe_guest(), name="folder/tool.wasm")
        async with app.instantiate(grants(), ENTROPY) as one, app.instantiate(grants(), ENTROPY) as two:
            for instance in (one, two):
                await (await instance.export(probe.WorkerClient)).exec("grants.get_desk()")
            assert (one.name, two.name) == ("tool", "tool-2")
        assert life(host.ledger, "desk", "tool-2") == ["grant tool-2", "drop tool-2"]


@scenario
async def test_no_two_holders_have_one_name() -> None:
    async with Host() as host:
        names = []
        for path, wanted in [
            ("a.wasm", None), ("b/a.wasm", None), ("a.wasm", "host"), ("a.wasm", "peer"), ("a.wasm", "a-4"),
            ("a.wasm", "a-2"), ("a.wasm", "host"), ("a.b.wasm", None), ("a.wasm", "a"), ("a.wasm", "a"),
        ]:  # fmt: skip
            app = await host.load(wat(""), name=path)
            names.append((await app.start(name=wanted)).name)
    assert names == ["a", "a-2", "host-2", "peer-2", "a-4", "a-2-2", "host-3", "a-b", "a-3", "a-5"]


def desk_component(methods: str, get: str, more: str = "") -> bytes:
    """A component that imports a desk's methods, and a grant."""
    return wat(f"""{ERROR_IMPORTS}
      (import "test:probe/probe@0.1.0" (instance $probe
        (export "desk" (type $desk (sub resource)))
        (alias outer 1 $cap-error (type $e)) (export "cap-error" (type $error (eq $e)))
        {methods}))
      (alias export $probe "desk" (type $desk))
      (import "test:probe/app-grants@0.1.0" (instance $grants
        (alias outer 1 $desk (type $d)) (export "desk" (type $desk (eq $d)))
        {get}))
      {more}""")


@scenario
async def test_optional_grants_of_which_none_is_given_are_absent() -> None:
    get = '(export "get-spare" (func (result (option (own $desk)))))'
    component = desk_component("", get, """
      (core module $memory (memory (export "memory") 1))
      (core instance $m (instantiate $memory))
      (core func $get (canon lower (func $grants "get-spare") (memory (core memory $m "memory"))))
      (core module $guest
        (import "host" "memory" (memory 1)) (import "host" "get" (func $get (param i32)))
        (func (export "run") (result i32)
          (i32.store8 (i32.const 0) (i32.const 9)) (call $get (i32.const 0)) (i32.load8_u (i32.const 0))))
      (core instance $g (instantiate $guest (with "host" (instance
        (export "memory" (memory $m "memory")) (export "get" (func $get))))))
      (func (export "run") (result u32) (canon lift (core func $g "run")))""")  # fmt: skip
    async with Host() as host:
        app = await host.load(component, probe.BINDINGS)
        async with app.instantiate() as instance:
            assert await instance.call("run") == 0


def test_grants_of_one_name_and_of_two_interfaces_are_behind_two_membranes() -> None:
    class Others(Grants):
        """Grants of another schema."""

    table = CapTable(Ledger(), "guest", 10)
    ours, others = table.membrane(probe.Grants, "desk"), table.membrane(Others, "desk")
    client = ours.guard(probe.DeskClient(Desk()))
    assert ours is table.membrane(probe.Grants, "desk")
    # What came of one goes to the other's implementation as the guest has it: it can still be revoked.
    arrived = client._across(others.inward)
    ours.revoke()
    with pytest.raises(CapError, match="revoked"):
        arrived.target.invoke(probe.DeskClient.interface.methods["echo"], ("x",))


ECHO = '(export "[method]desk.echo" (func (param "self" (borrow $desk)) (param "text" string)'
GET = '(export "get-desk" (func (result (own $desk))))'

OTHER_SCHEMAS = {
    "a method's parameter has another type": (
        ECHO.replace("string", "u32") + "(result (result string (error $error)))))", GET,
        "#[method]desk.echo is not that of the bindings: text: it is u32, in the bindings a string",
    ),
    "a parameter has another name": (
        ECHO.replace('"text"', '"words"') + "(result (result string (error $error)))))", GET,
        "#[method]desk.echo is not that of the bindings: its parameter is named words, the bindings' text",
    ),
    "a parameter more": (
        ECHO + '(param "loud" bool) (result (result string (error $error)))))', GET,
        "#[method]desk.echo is not that of the bindings: it has 3 parameters, the bindings 2",
    ),
    "a method's result has another type": (
        ECHO + "(result (result u8 (error $error)))))", GET,
        "#[method]desk.echo is not that of the bindings: result.ok: it is u8, in the bindings a string",
    ),
    "a result without a value": (
        ECHO + "(result (result (error $error)))))", GET,
        "#[method]desk.echo is not that of the bindings: result.ok: only one of the two has a value",
    ),
    "a method that the bindings do not know": (
        '(export "[method]desk.shout" (func (param "self" (borrow $desk))))', GET,
        "test:probe/probe@0.1.0#[method]desk.shout is not in the bindings",
    ),
    "a function that the bindings do not know": (
        '(export "shout" (func))', GET, "test:probe/probe@0.1.0#shout is not in the bindings",
    ),
    "a grant that the bindings do not know": (
        "", '(export "get-lamp" (func (result (own $desk))))',
        "test:probe/app-grants@0.1.0#get-lamp is not in the bindings",
    ),
    "a grant of another type": (
        "", '(export "get-desk" (func (result (option (own $desk)))))',
        "#get-desk is not that of the bindings: result: it is an option, in the bindings an owned desk",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", OTHER_SCHEMAS)
@scenario
async def test_a_component_of_another_version_of_the_schema(case: str) -> None:
    methods, get, message = OTHER_SCHEMAS[case]
    async with Host() as host:
        app = await host.load(desk_component(methods, get), name="other.wasm")
        with pytest.raises(LinkError) as caught:
            async with app.instantiate(grants()):
                pytest.fail("it was started")
    assert str(caught.value).startswith("other.wasm: its import ")
    assert message in str(caught.value)
    assert "Mend: generate the bindings and build the component from the same schema" in str(caught.value)


@scenario
async def test_a_component_of_the_same_schema() -> None:
    methods = ECHO + "(result (result string (error $error)))))"
    async with Host() as host:
        app = await host.load(desk_component(methods, GET))
        async with app.instantiate(grants()) as instance:
            assert instance.ended is None


@pytest.mark.parametrize(
    ("imports", "message"),
    [
        (
            '(import "some:where/else@1.0.0" (instance (export "f" (func))))',
            "it imports some:where/else@1.0.0, and nothing here serves that. Mend: import the bindings",
        ),
        (
            '(import "wasi:http/types@0.3.0" (instance (export "f" (func))))',
            "it imports wasi:http/types@0.3.0, and nothing here serves that",
        ),
        ('(import "f" (func))', "it imports f, a function outside any interface, which no grant can satisfy"),
        ('(import "r" (type (sub resource)))', "it imports r, a resource outside any interface"),
    ],
)
@scenario
async def test_an_import_that_nothing_serves(imports: str, message: str) -> None:
    async with Host() as host:
        app = await host.load(wat(imports), name="odd.wasm")
        with pytest.raises(LinkError) as caught:
            async with app.instantiate():
                pytest.fail("it was started")
    assert message in str(caught.value)


@scenario
async def test_a_newer_patch_of_the_package_fits() -> None:
    get = '(export "get-motto" (func (result (option string))))'
    text = f'(import "test:probe/app-grants@0.1.7" (instance {get}))'
    async with Host() as host:
        app = await host.load(wat(text))
        async with app.instantiate(grants()) as instance:
            assert instance.ended is None
        other = await host.load(wat(text.replace("0.1.7", "0.2.0")))
        with pytest.raises(LinkError, match="nothing here serves"):
            await other.start(grants())


@scenario
async def test_a_grant_that_the_host_has_closed_is_disconnected_and_says_why() -> None:
    call = "try: said = grants.get_peer().exec('said = 1')\nexcept Exception as e: said = repr(e.value)"
    async with guest_of() as first, guest_of(grants(peer=first.worker), host=first.host) as second:
        await first.worker.close()
        said = await second.exec(call)
        assert "DISCONNECTED" in said and "was released" in said
        assert await second.exec("said = grants.get_desk().echo('goes on')") == "goes on"
    assert balanced(first.ledger)


@scenario
async def test_values_in_grants_are_checked_by_type_not_by_truth() -> None:
    async with guest_of(grants(motto="")) as guest:
        assert await guest.exec("said = repr(grants.get_motto())") == "''"
    async with guest_of() as guest:
        with pytest.raises(MISFIT, match="expected str, got int 3"):
            await guest.worker.exec(3)
