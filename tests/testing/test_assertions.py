"""The assertions about who held what: they hold, they fail, and they show why."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import Event, Host, Ledger, OwnedCapability, Policy
from capwit.bridge.target import Local
from capwit.testing import (
    assert_balanced,
    assert_denied,
    assert_lent,
    assert_moved,
    assert_released,
    assert_revoked,
    lives,
    scenario,
)

from tests.bridge.support import Desk, Item, grants, guest_of, probe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from capwit.bridge import Entry


class Relay(Desk):
    """A desk that hands out what it was told to."""

    item: Any = None

    def make(self, name: str) -> Any:
        return Item(name) if self.item is None else self.item


@scenario
async def test_a_move_through_the_host(capwit_host: Host) -> None:
    ledger = capwit_host.ledger
    relay = Relay()
    async with (
        guest_of(host=capwit_host, name="first") as first,
        guest_of(grants(relay), host=capwit_host, name="second") as second,
    ):
        relay.item = item = await first.worker.give("item = grants.get_desk().make('x')")
        assert_moved(ledger, "first", "host", of=item)
        with pytest.raises(AssertionError, match="no handle of `item` moved from first to second"):
            assert_moved(ledger, "first", "second", of="item")
        await second.exec("item = grants.get_desk().make('')")
        life = assert_moved(ledger, "first", "second", of="test:probe/probe@0.1.0.item")
        assert life.holders == ["first", "host", "second"]
        assert life.begin.event is Event.MINT
        assert life.end is None
        assert life is not assert_moved(ledger, "first", "second", of=item)  # made anew, and equal
        with pytest.raises(AssertionError) as caught:
            assert_released(ledger, "second", of="item")
        assert str(caught.value).splitlines()[:3] == [
            "1 of 1 handles of `item` of second were not released. What became of each:",
            "test:probe/probe@0.1.0.item",
            f"  {life.begin.sequence:>5}  mint     #{life.begin.handle:<4} first",
        ]
        where = re.search(r"still live, taken at (.*):\d+$", str(caught.value))
        assert where is not None and where[1].endswith("tests/bridge/support.py")  # and not the bindings
        await second.exec("del item")
        assert_released(ledger, "second", of="item")
        with pytest.raises(AssertionError, match="there was no handle of `itme`: the ledger tells of none"):
            assert_released(ledger, of="itme")
        with pytest.raises(AssertionError, match=r"2 handles are live. What became of each:\n.*\.worker"):
            assert_balanced(ledger)


@scenario
async def test_a_move_by_way_of_somebody_else_is_not_one(capwit_host: Host) -> None:
    relay = Relay()
    async with (
        guest_of(host=capwit_host, name="a") as a,
        guest_of(grants(relay), host=capwit_host, name="b") as b,
        guest_of(grants(relay), host=capwit_host, name="c") as c,
    ):
        relay.item = await a.worker.give("item = grants.get_desk().make('x')")
        relay.item = await b.worker.give("item = grants.get_desk().make('')")
        await c.exec("grants.get_desk().make('')")
        assert_moved(capwit_host.ledger, "b", "c")
        with pytest.raises(AssertionError, match="moved from a to c"):
            assert_moved(capwit_host.ledger, "a", "c")


@scenario
async def test_a_loan(capwit_host: Host) -> None:
    async with guest_of(host=capwit_host, name="reader") as reader:
        await reader.worker.show(Item("x"), "said = item.name()")
        assert_lent(capwit_host.ledger, "reader", of="item")
        with pytest.raises(AssertionError, match="no handle of `desk` was lent to reader and returned"):
            assert_lent(capwit_host.ledger, "reader", of="desk")


@scenario
async def test_what_a_grant_does_not_allow(capwit_host: Host) -> None:
    desk = probe.DeskClient(Desk()).attenuate(Policy(deny=("desk.echo",)), name="quiet")
    code = "try: grants.get_desk().echo('x')\nexcept Err: said = 'refused'"
    async with guest_of(grants(desk), host=capwit_host, name="app") as guest:
        with pytest.raises(AssertionError, match=r"^no call was denied$"):
            assert_denied(capwit_host.ledger)
        assert await guest.exec(code) == "refused"
        assert_denied(capwit_host.ledger, "quiet", reason="desk.echo")
        with pytest.raises(AssertionError, match=r"no call was denied for 'desk.add'; but:\n  quiet: desk"):
            assert_denied(capwit_host.ledger, reason="desk.add")
        guest.instance.revoke("desk", "late")
        assert_revoked(capwit_host.ledger, "desk", reason="late")
        assert_revoked(capwit_host.ledger, "app.desk")
        with pytest.raises(AssertionError, match="nothing was revoked of the grant `spare`; but:"):
            assert_revoked(capwit_host.ledger, "spare")


def kept(ledger: Ledger) -> OwnedCapability[Any]:
    return OwnedCapability(probe.ItemClient, "a:b/c.item", Local(Item("x")), ledger, Event.KEEP, "host")


def test_a_ledger_that_forgets_is_told_from_one_that_is_wrong() -> None:
    class Wrong(Ledger):
        """A ledger with one event too many."""

        def __iter__(self) -> Iterator[Entry]:
            yield from (entries := list(super().__iter__()))
            yield entries[-1]

        def __len__(self) -> int:
            return super().__len__() + 1

    forgets, wrong = Ledger(keep=1), Wrong()
    for ledger in (forgets, wrong):
        kept(ledger).end(Event.RELEASE, "released")
    assert_balanced(forgets)
    with pytest.raises(AssertionError, match="handle #1 ended twice"):
        assert_balanced(wrong)


def test_a_client_without_a_reference_is_not_in_the_ledger() -> None:
    ledger = Ledger()
    kept(ledger).end(Event.RELEASE, "released")
    with pytest.raises(ValueError, match="owns no reference of its own"):
        lives(ledger, of=probe.ItemClient(Item("x")))
