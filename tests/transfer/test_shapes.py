"""A handle moves, or is lent, in each shape that a value can have: between components in Python and in C."""

from __future__ import annotations

from typing import Any

import pytest
from capwit.bridge import Event, Host, InstanceEnded, Trap
from capwit.testing import scenario

from tests.transfer.support import (
    Desk,
    Parcel,
    each_language,
    each_way,
    heard,
    lent,
    moved,
    pair,
    parcel,
    party,
    released,
)

IN_ONE_PROCESS: dict[str, str] = {}
# One of each language is enough: what crosses does not know by whom.
EVERY_RUN = {
    "test_an_argument_moves[py-c]",
    "test_records_options_lists_and_variants_move_what_they_hold[c-py]",
    "test_what_was_given_cannot_be_used[c]",
    "test_there_and_back_it_is_the_same[py-c]",
}

# -- Moves --


@each_way
@scenario
async def test_an_argument_moves(capwit_host: Host, giver: str, receiver: str) -> None:
    async with pair(capwit_host, giver, receiver) as (first, second):
        await first.make("x")
        assert await first.hand() == "x"
        await first.holds(0)
        await second.holds(1)
        assert await second.label() == "x"
        await moved(capwit_host.ledger, "giver", "receiver", holders=["giver", "host", "receiver"])
        await second.drop()
        await released(capwit_host.ledger, "receiver")


@each_way
@scenario
async def test_a_result_moves(capwit_host: Host, giver: str, receiver: str) -> None:
    async with pair(capwit_host, giver, receiver) as (first, second):
        await first.make("x")
        given = await first.give()
        await moved(capwit_host.ledger, "giver", "host", of=given)
        await first.holds(0)
        assert await second.take(given) == "x"
        await moved(capwit_host.ledger, "host", "receiver", of=given)
        await second.holds(1)


# What is in a crate: one in `first`, the next in `spare`, `rest`, and as the variant's `gift` or `bundle`.
MANY = range(1, 7)


@each_way
@scenario
async def test_records_options_lists_and_variants_move_what_they_hold(
    capwit_host: Host, giver: str, receiver: str
) -> None:
    async with pair(capwit_host, giver, receiver) as (first, second):
        for many in MANY:
            labels = [f"{number} of {many}" for number in range(many)]
            for label in labels:
                await first.make(label)
            assert await first.ship() == labels
            await first.holds(0)
            await second.holds(many)
            for _ in labels:
                await second.drop()
    holders = ["giver", "host", "receiver"]
    await released(capwit_host.ledger, count=sum(MANY), holders=holders, end=Event.DROP)


@each_language
@scenario
async def test_a_value_in_a_result_gives_the_host_what_it_holds(capwit_host: Host, language: str) -> None:
    async with party(capwit_host, language, "giver") as first:
        for many in MANY:
            for number in range(many):
                await first.make(str(number))
            owned = contents(await first.pack())
            await first.holds(0)
            assert [await each.label() for each in owned] == [str(number) for number in range(many)]
            for each in owned:
                await moved(capwit_host.ledger, "giver", "host", of=each)
                await each.close()
        await released(capwit_host.ledger)


def contents(crate: Any) -> list[Any]:
    owned = [crate.first, *([crate.spare] if crate.spare else []), *crate.rest]
    match crate.wrapping:
        case parcel.CrateWrappingGift(gift):
            owned.append(gift)
        case parcel.CrateWrappingBundle(bundle):
            owned += bundle
        case parcel.CrateWrappingNone():
            pass
    return owned


@each_language
@scenario
async def test_what_was_given_cannot_be_used(capwit_host: Host, language: str) -> None:
    async with party(capwit_host, language, "giver") as first:
        await first.make("x")
        async with await first.give() as given:
            with pytest.raises(Trap):
                await first.again()
            assert await given.label() == "x"  # the giver has ended; what it gave away has not
    assert isinstance(first.instance.ended, Trap)


@each_way
@scenario
async def test_what_was_given_to_a_peer_cannot_be_used(capwit_host: Host, giver: str, receiver: str) -> None:
    async with pair(capwit_host, giver, receiver) as (first, second):
        await first.make("x")
        await first.hand()
        with pytest.raises(Trap):
            await first.again()
        assert await second.label() == "x"


# -- Loans --


@each_way
@scenario
async def test_a_loan_ends_with_its_call(capwit_host: Host, giver: str, receiver: str) -> None:
    async with pair(capwit_host, giver, receiver) as (first, second):
        await first.make("x")
        assert await first.lend() == "x"
        await first.holds(1)
        await second.holds(0)
        await lent(capwit_host.ledger, "receiver", count=2, by="giver")
        assert await first.label() == "x"  # it is the giver's still


@each_language
@scenario
async def test_a_guest_that_keeps_what_it_was_lent_has_nothing(capwit_host: Host, language: str) -> None:
    async with party(capwit_host, language, "keeper") as keeper:
        # A handle that is not let go of traps at the end of the call; a Python object lets go, and is empty.
        with pytest.raises(Trap):
            await keeper.keep_(Parcel("x"))
            await keeper.kept()
    await lent(capwit_host.ledger, "keeper")


@each_language
@scenario
async def test_what_is_lent_cannot_be_given_away(capwit_host: Host, language: str) -> None:
    async with party(capwit_host, language, "thief") as thief:
        with pytest.raises(InstanceEnded):
            await thief.regive(Parcel("x"))
    await lent(capwit_host.ledger, "thief", count=1)


# -- Identity --


@each_way
@scenario
async def test_there_and_back_it_is_the_same(capwit_host: Host, giver: str, receiver: str) -> None:
    desk = Desk()
    async with pair(capwit_host, giver, receiver, desk=desk) as (first, second):
        await first.make("x")
        (made,) = desk.made
        for _ in range(3):
            given = await first.give()
            assert given == parcel.ParcelClient(made)
            await second.take(given)
            given = await second.give()
            assert given == parcel.ParcelClient(made)
            assert await given.same(made)
            await first.take(given)
        kept = parcel.ParcelClient(made)
        given = await first.give()
        assert await second.pair(kept, given.keep()) is (receiver == "py")  # the C party does not ask
        assert given.local(Parcel) is made
        assert hash(given) == hash(kept)


# -- A resource of the guest's own --


@each_way
@scenario
async def test_a_resource_of_one_component_is_an_import_of_another(
    capwit_host: Host, giver: str, receiver: str
) -> None:
    desk = Desk()
    async with pair(capwit_host, giver, receiver, desk=desk) as (first, second):
        own = await first.instance.export(parcel.ParcelClient)
        assert await own.label() == "own 1"
        assert await second.look(own) == "own 1"
        assert await second.take(own) == "own 1"
        assert await second.label() == "own 1"
        again = await second.give()
        assert await second.take(again) == "own 1"
        assert desk.told == []
        await second.drop()
        await first.settle()
        await heard(desk, *["own 1 is gone"] * (giver == "c"))
        await released(capwit_host.ledger)


@each_way
@scenario
async def test_a_guest_gets_back_what_is_its_own(capwit_host: Host, giver: str, receiver: str) -> None:
    desk = Desk()
    async with pair(capwit_host, giver, receiver, desk=desk) as (first, second):
        own = await first.instance.export(parcel.ParcelClient)
        identity = own.keep()
        await second.take(own)
        back = await second.give()
        assert back == identity
        await identity.close()
        await back.close()
        await heard(desk, *["own 1 is gone"] * (giver == "c"))
