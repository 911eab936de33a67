"""Transfers between components in one process, and between such as are in processes of their own: the same.

What the ledger of this process tells of a process's handles is who has capabilities of this one; the lives of
handles inside are that process's own, so that the other suites here, which look at those, are of one process.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import CapError, ErrorKind, Ledger, Trap
from capwit.testing import scenario

from tests.support.isolation import each_isolation, host_of
from tests.transfer.support import Desk, Parcel, Party, Waiting, pair, parcel, party

if TYPE_CHECKING:
    from capwit.bridge import Host

# One of each language is enough: what crosses does not know by whom.
each_giver = pytest.mark.parametrize(("giver", "receiver"), [("c", "c"), ("c", "py")])


def host(isolation: str) -> Host:
    return host_of(isolation, ledger=Ledger(keep=None, debug=True))


async def have(first: Party, second: Party, *expected: int) -> None:
    """Wait until the parties hold so many parcels: that one lets go of one is a message of its own."""
    for _ in range(500):
        if (first.parcels, second.parcels) == expected:
            return
        await asyncio.sleep(0.01)
    raise AssertionError((first.parcels, second.parcels))


def only_the_host_holds(host: Host) -> None:
    assert [repr(owned) for owned in host.ledger.live() if owned.holder != "host"] == []


class Slow(Desk):
    """A desk whose parcels do not tell their labels until they are let."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()

    def make(self, label: str) -> Any:
        return Waiting(label, self.asked)


@each_giver
@each_isolation
@scenario
async def test_in_every_shape_it_moves(isolation: str, giver: str, receiver: str) -> None:
    desk = Desk()
    async with host(isolation) as where:
        async with pair(where, giver, receiver, desk=desk) as (first, second):
            await first.make("x")
            assert await first.hand() == "x"  # as an argument
            await have(first, second, 0, 1)
            assert await second.label() == "x"
            await second.drop()

            await first.make("y")
            given = await first.give()  # as a result
            await have(first, second, 0, 0)
            assert given == parcel.ParcelClient(desk.made[-1])
            assert given.local(Parcel) is desk.made[-1]
            assert await second.take(given) == "y"
            await have(first, second, 0, 1)
            await second.drop()

            labels = [f"{number}" for number in range(6)]
            for label in labels:
                await first.make(label)
            assert await first.ship() == labels  # in records, options, lists and variants
            await have(first, second, 0, 6)

            await first.make("z")
            assert await first.lend() == "z"  # and is lent
            await have(first, second, 1, 6)
        only_the_host_holds(where)


@each_isolation
@scenario
async def test_there_and_back_it_is_the_same(isolation: str) -> None:
    desk = Desk()
    async with host(isolation) as where:
        async with pair(where, "c", "c", desk=desk) as (first, second):
            await first.make("x")
            (made,) = desk.made
            for _ in range(2):
                given = await first.give()
                assert given == parcel.ParcelClient(made)
                await second.take(given)
                given = await second.give()
                assert given == parcel.ParcelClient(made)
                await first.take(given)
            own = await first.instance.export(parcel.ParcelClient)  # and so is what is a guest's own
            identity = own.keep()
            await second.take(own)
            back = await second.give()
            assert back == identity
            assert await back.label() == "own 1"
            await back.close()
            await identity.close()
        only_the_host_holds(where)


@each_isolation
@scenario
async def test_what_was_given_is_the_givers_no_more(isolation: str) -> None:
    async with host(isolation) as where:
        async with pair(where, "c", "c") as (first, second):
            await first.make("x")
            await first.hand()
            with pytest.raises(Trap):
                await first.again()
            assert isinstance(first.instance.ended, Trap)
            assert await second.label() == "x"
            await second.drop()
            await have(first, second, 0, 0)
        async with party(where, "c", "thief") as thief:
            with pytest.raises(Trap):
                await thief.regive(Parcel("x"))  # what is only lent
        only_the_host_holds(where)


@each_isolation
@scenario
async def test_a_receiver_that_traps_ends_alone(isolation: str) -> None:
    async with host(isolation) as where:
        async with pair(where, "c", "c") as (first, second):
            await first.make("x")
            await first.fling()  # and lives on
            await have(first, second, 0, 0)
            assert isinstance(second.instance.ended, Trap)
            await first.make("y")
            assert await first.label() == "y"
            with pytest.raises(CapError) as caught:
                await first.hand()
            assert caught.value.kind is ErrorKind.DISCONNECTED
        only_the_host_holds(where)


@each_isolation
@scenario
async def test_a_grant_that_is_revoked_in_the_middle(isolation: str) -> None:
    desk = Slow()
    async with host(isolation) as where:
        async with pair(where, "c", "c", desk=desk) as (first, second):
            await first.make("x")
            call = asyncio.ensure_future(first.hand())
            await desk.asked.wait()  # the receiver has it, and reads it
            first.instance.revoke("desk", "enough")
            with pytest.raises(CapError, match=r"the grant `giver\.desk` was revoked: enough"):
                await call
            await have(first, second, 0, 1)  # the receiver owns it, for what it is worth
            with pytest.raises(CapError, match="revoked"):
                await second.label()
            await second.drop()
        only_the_host_holds(where)


@each_isolation
@scenario
async def test_a_receiver_that_is_closed_in_the_middle(isolation: str) -> None:
    desk = Slow()
    async with host(isolation) as where:
        async with pair(where, "c", "c", desk=desk) as (first, second):
            await first.make("x")
            call = asyncio.ensure_future(first.hand())
            await desk.asked.wait()
            await second.instance.close()
            with pytest.raises(CapError) as caught:
                await call
            assert caught.value.kind is ErrorKind.DISCONNECTED
            await have(first, second, 0, 0)
            assert first.instance.ended is None
        only_the_host_holds(where)
