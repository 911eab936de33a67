"""CapSets: what a holder has by name, and that nobody passes on more than it has."""

from __future__ import annotations

from typing import Any

import pytest
from capwit.bridge import CapError, CapSet, GrantError, Host, Instance, Policy
from capwit.caps import Launch, MemoryConsole, MemoryDirectory, SystemEntropy
from capwit.caps.standard import ConsoleClient
from capwit.preview2 import WasiGrants

from tests.bridge.support import (
    ENTROPY,
    Desk,
    Guest,
    Item,
    balanced,
    grants,
    guest_of,
    probe,
    probe_guest,
    scenario,
)

IN_ONE_PROCESS: dict[str, str] = {}
EVERY_RUN = {
    "test_what_the_parent_does_not_hold_is_refused_by_name",
    "test_what_a_parent_implements_or_was_given_is_its_own",
}


def test_what_a_capset_holds_is_had_by_name() -> None:
    desk = Desk()
    held = CapSet.of(grants(desk, motto="less"), WasiGrants(stdout=MemoryConsole()))
    assert held["desk"] == probe.DeskClient(desk)
    assert list(held) == ["desk", "motto", "wasi.stdout"]
    assert ("desk" in held, "spare" in held, len(held)) == (True, False, 3)
    assert held["motto"] == "less"
    assert held["wasi.stdout"].interface is ConsoleClient.interface
    assert repr(held.only("desk", "motto")) == "<CapSet of desk, motto>"
    assert (held.get("motto"), held.get("spare")) == ("less", None)


def test_grants_are_made_of_the_names() -> None:
    desk, console = probe.DeskClient(Desk()), MemoryConsole()
    held = CapSet({"desk": desk, "wasi.stdout": ConsoleClient(console), "other": 3})
    assert held.grants(probe.Grants) == probe.Grants(desk=desk)
    assert held.grants(WasiGrants).granted() == {"wasi.stdout"}


class OtherGrants(probe.Grants):  # type: ignore[misc, name-defined]
    """Another program's grants, of which one has the same name."""


@scenario
async def test_grants_of_one_name_are_told_apart_by_their_classes() -> None:
    ours, theirs = Desk(), Desk()
    held = CapSet.of(grants(ours, motto="less"), OtherGrants(desk=theirs))
    assert list(held) == ["Grants.desk", "motto", "OtherGrants.desk"]
    assert held.grants(probe.Grants).desk == probe.DeskClient(ours)
    assert held.grants(OtherGrants).desk == probe.DeskClient(theirs)
    assert held.only("OtherGrants.desk").grants(OtherGrants).granted() == {"desk"}
    async with Host() as host:
        module = await host.load_module(b"\0asm\1\0\0\0")
        async with module.instantiate(grants(ours), OtherGrants(desk=theirs)) as instance:
            assert list(instance.caps) == ["Grants.desk", "OtherGrants.desk"]
            async with module.instantiate(instance.caps.grants(OtherGrants), parent=instance) as child:
                assert await child.caps["desk"].echo("x") == "x"


def test_preopens_are_made_of_the_names_too() -> None:
    directory = MemoryDirectory()
    held = CapSet.of(WasiGrants(preopens={"/data": directory, "/tmp": directory}))  # noqa: S108 - a guest's
    assert held.only("wasi.preopens./data").grants(WasiGrants).granted() == {"wasi.preopens./data"}
    assert list(held.grants(WasiGrants).preopens) == ["/data", "/tmp"]  # noqa: S108 - a guest's


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: CapSet({"motto": "x"}).grants(probe.Grants), "Grants: `desk` is not held: held are motto"),
        (lambda: CapSet()["desk"], "`desk` is not held: held are none"),
        (lambda: CapSet({"motto": "x"}).only("desk"), "`desk` is not held"),
        (lambda: CapSet({"motto": "x"}).attenuate("motto"), "`motto` is a str, which cannot be narrowed"),
        (lambda: CapSet.of(grants(object())), "the grant `desk` does not fit: object is not a .*desk"),
        (
            lambda: CapSet.of(grants(motto=3)),
            "the grant `motto` does not fit: motto: expected str, got int",
        ),
        (lambda: CapSet.of(grants(), grants()), "two grants are named `Grants.desk`"),
        (
            lambda: CapSet.of(WasiGrants(stdout=object())),  # type: ignore[arg-type]
            r"the grant `wasi\.stdout` does not fit: object is not a .*console",
        ),
    ],
)
def test_what_is_not_held_cannot_be_had(make: Any, words: str) -> None:
    with pytest.raises(GrantError, match=words):
        make()


@scenario
async def test_one_capability_of_a_capset_is_narrowed() -> None:
    held = CapSet.of(grants(spare=Desk())).attenuate("desk", Policy(deny=("desk.echo",)))
    async with guest_of(held.grants(probe.Grants)) as guest:
        assert await guest.exec("said = grants.get_spare().echo('x')") == "x"
        with pytest.raises(CapError, match=r"desk\.echo: the grant `desk` does not allow it"):
            await guest.exec("grants.get_desk().echo('x')")
        held["desk"].revoke()
        with pytest.raises(CapError, match="the grant `desk` was revoked"):
            await guest.exec("grants.get_desk().add(1, 2)")


# -- Parents --


async def child_of(guest: Guest, *given: Any, **more: Any) -> Instance:
    app = await guest.host.load(probe_guest(), probe.BINDINGS, name="child.wasm")
    return await app.start(*given, parent=guest.instance, **more)


def passed_on(guest: Guest, *names: str) -> list[Any]:
    caps = guest.instance.caps
    return [caps.only(*names).grants(probe.Grants), caps.grants(WasiGrants)]


@scenario
async def test_a_child_of_what_its_parent_holds_is_cut_with_it() -> None:
    async with guest_of(grants(spare=Desk())) as guest:
        assert set(guest.instance.caps) == {"desk", "spare", "wasi.entropy"}
        child = await child_of(guest, *passed_on(guest, "desk", "spare"))
        grandchild = await child_of(
            Guest(guest.host, child, None),
            child.caps.only("desk").grants(probe.Grants),
            child.caps.grants(WasiGrants),
        )
        worker = await child.export(probe.WorkerClient)
        last = await grandchild.export(probe.WorkerClient)
        await last.exec("desk = grants.get_desk(); said = desk.echo('x')")
        guest.instance.revoke("desk", "the parent's time is over")
        for holder in (worker, last):
            with pytest.raises(CapError, match=r"`guest\.desk` was revoked: the parent's time is over"):
                await holder.exec("grants.get_desk().echo('x')")
        assert await worker.exec("said = grants.get_spare().echo('kept')") == "kept"
        assert child.caps["spare"] == guest.instance.caps["spare"]
    assert balanced(guest.ledger)


@scenario
async def test_a_child_is_narrowed_as_its_parent_is() -> None:
    async with Host() as host:
        app = await host.load(probe_guest(), probe.BINDINGS, name="parent.wasm")
        policies = {"desk": Policy(calls=2)}
        async with app.instantiate(grants(), ENTROPY, policies=policies) as parent:
            guest = Guest(host, parent, None)
            child = await child_of(
                guest, *passed_on(guest, "desk"), policies={"desk": Policy(deny=("desk.add",))}
            )
            worker = await child.export(probe.WorkerClient)
            await worker.exec("d = grants.get_desk(); d.echo('1'); d.echo('2')")
            with pytest.raises(CapError, match=r"`parent\.desk` has had its 2 calls"):
                await worker.exec("d.echo('3')")
            with pytest.raises(CapError, match=r"denied: desk\.add: the grant `child\.desk`"):
                await worker.exec("d.add(1, 2)")


@scenario
async def test_what_the_parent_does_not_hold_is_refused_by_name() -> None:
    desk = Desk()
    async with guest_of(grants(desk)) as guest:
        own = guest.instance.caps
        wasi = own.grants(WasiGrants)
        words = (
            r"child\.wasm: the grant `{}`, a \S+\.{}, is not held by its parent guest, whose grants are desk"
        )
        refusals = [
            (grants(Desk()), wasi, words.format("desk", "desk")),
            # What the parent has through its own membrane only is not to be had round it.
            (grants(desk), wasi, words.format("desk", "desk")),
            (grants(probe.DeskClient(desk)), wasi, words.format("desk", "desk")),
            (grants(own["desk"], spare=Desk()), wasi, words.format("spare", "desk")),
            (own.grants(probe.Grants), ENTROPY, words.format(r"wasi\.entropy", "entropy-source")),
        ]
        before = guest.ledger.balance
        for given, front, expected in refusals:
            with pytest.raises(GrantError, match=expected):
                await child_of(guest, given, front)
        assert guest.ledger.balance == before


@scenario
async def test_arguments_are_no_authority() -> None:
    async with guest_of() as guest:
        entropy = guest.instance.caps["wasi.entropy"]
        wasi = WasiGrants(entropy=entropy, launch=Launch(["child", "own"]))
        child = await child_of(guest, guest.instance.caps.grants(probe.Grants), wasi)
        worker = await child.export(probe.WorkerClient)
        assert await worker.exec("said = sys.argv[1]") == "own"


@scenario
async def test_what_a_parent_implements_or_was_given_is_its_own() -> None:
    async with guest_of() as guest:
        own = guest.instance.caps["desk"]
        child = await child_of(guest, grants(own, peer=guest.worker), guest.instance.caps.grants(WasiGrants))
        worker = await child.export(probe.WorkerClient)
        assert await worker.exec("said = grants.get_peer().exec('said = 1 + 1')") == "2"

        item = probe.ItemClient(Item("x"))
        assert not guest.instance.holds(item)
        with pytest.raises(CapError, match="held: True"):
            await guest.worker.show(item, "raise Err(CapError(ErrorKind.FAILED, 'held: ' + str(1 == 1)))")
        assert not guest.instance.holds(item)  # a loan is over with its call
        given = await guest.worker.give("item = grants.get_desk().make('y')")
        assert guest.instance.holds(given)  # it came of its grant


@scenario
async def test_a_live_handle_is_held() -> None:
    seen: list[bool] = []

    class Asked(Desk):
        def tell(self, text: str) -> None:
            seen.append(guest.instance.holds(lent))

    lent = probe.ItemClient(Item("x"))
    async with guest_of(grants(Asked())) as guest:
        await guest.worker.show(lent, "grants.get_desk().tell('now')")
        assert seen == [True]
        assert not guest.instance.holds(lent)


@scenario
async def test_a_policy_is_for_a_grant() -> None:
    async with Host() as host:
        app = await host.load(probe_guest(), probe.BINDINGS, name="app.wasm")
        given = (grants(motto="less"), WasiGrants(entropy=SystemEntropy()))
        with pytest.raises(GrantError, match=r"a policy is for `dsk`, .* grants are desk, motto, wasi"):
            await app.start(*given, policies={"dsk": Policy()})
        with pytest.raises(ValueError, match=r"'desk\.mkae' is no method of desk, or of what is"):
            await app.start(*given, policies={"desk": Policy(allow=("desk.mkae",))})
        with pytest.raises(ValueError, match=r"'entropy-source\.fil' is no method of entropy-source"):
            await app.start(*given, policies={"wasi.entropy": Policy(deny=("entropy-source.fil",))})
        with pytest.raises(ValueError, match="is no method of a value"):
            await app.start(*given, policies={"motto": Policy(deny=("x",))})
        assert len(host.ledger) == 0


@scenario
async def test_a_guard_of_all_methods_is_asked_at_each() -> None:
    asked: list[Any] = []

    def guard(*arguments: Any) -> bool:
        asked.append(arguments)
        return arguments != ("no",)

    desk = probe.DeskClient(Desk()).attenuate(Policy(guards={"desk.*": guard}))
    assert await desk.echo("yes") == "yes"
    assert await desk.add(1, 2) == 3
    with pytest.raises(CapError, match="with these arguments"):
        await desk.echo("no")
    assert asked == [("yes",), (1, 2), ("no",)]
