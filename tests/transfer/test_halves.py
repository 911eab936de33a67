"""A transfer that does not come to its end: each parcel has exactly one owner, or is released."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from capwit.bridge import (
    CapError,
    ConversionError,
    ErrorKind,
    Event,
    HandleError,
    Host,
    InstanceEnded,
    Limits,
    Trap,
)
from capwit.testing import assert_revoked, scenario

from tests.support.isolation import MISFIT, eventually, is_isolated
from tests.transfer.support import (
    Desk,
    Parcel,
    Waiting,
    each_language,
    each_way,
    lent,
    moved,
    pair,
    parcel,
    party,
    released,
    stays,
)

IN_ONE_PROCESS: dict[str, str] = {}
EVERY_RUN = {
    "test_a_receiver_that_traps_has_had_it[c-py]",
    "test_a_receiver_that_is_closed_in_the_middle[py-c]",
    "test_a_grant_that_is_revoked_in_the_middle[c-py]",
}


class Slow(Desk):
    """A desk whose parcels do not tell their labels until they are let."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()

    def make(self, label: str) -> Any:
        return Waiting(label, self.asked)


async def step() -> None:
    """Let asyncio forget what has woken this task: a future, its error, and the failed call's arguments."""
    await asyncio.sleep(0)


# -- The receiver fails --


@each_way
@scenario
async def test_a_receiver_that_traps_has_had_it(capwit_host: Host, giver: str, receiver: str) -> None:
    async with pair(capwit_host, giver, receiver) as (first, second):
        await first.make("x")
        await first.fling()  # and lives on
        assert isinstance(second.instance.ended, Trap)
        await first.holds(0)
        await second.holds(0)
        await moved(capwit_host.ledger, "giver", "receiver", end=Event.EXIT)
        await first.make("y")
        assert await first.label() == "y"


@each_way
@scenario
async def test_a_receiver_that_is_gone_gets_nothing(capwit_host: Host, giver: str, receiver: str) -> None:
    async with pair(capwit_host, giver, receiver) as (first, second):
        await first.make("x")
        await second.instance.close()
        with pytest.raises(CapError) as caught:
            await first.hand()
        assert caught.value.kind is ErrorKind.DISCONNECTED
        await step()
        await released(capwit_host.ledger, count=1, holders=["giver", "host"])


@each_way
@scenario
async def test_a_receiver_that_may_hold_no_more_has_none_of_it(
    capwit_host: Host, giver: str, receiver: str
) -> None:
    async with (
        party(capwit_host, receiver, "receiver", limits=Limits(handles=3)) as second,
        party(capwit_host, giver, "giver", peer=second.client) as first,
    ):
        for number in range(5):
            await first.make(str(number))
        with pytest.raises(CapError) as caught:
            await first.ship()
        assert caught.value.kind is ErrorKind.EXHAUSTED
        assert caught.value.reason == "party.unpack: the instance behind it ran into its limit of handles"
        assert first.instance.ended is second.instance.ended is None
        await step()
        await released(capwit_host.ledger, count=5)


@each_language
@scenario
async def test_a_call_that_is_refused_releases_what_it_was_to_give(capwit_host: Host, language: str) -> None:
    class Refusing:
        """A party that does not take anything."""

        def __getattr__(self, method: str) -> Any:
            def refuse(*_: Any) -> Any:
                raise CapError(ErrorKind.OVERLOADED, "no room")

            return refuse

    async with party(capwit_host, language, "giver", peer=Refusing()) as first:
        await first.make("x")
        with pytest.raises(CapError, match="overloaded: no room"):
            await first.hand()
        await released(capwit_host.ledger)
        await first.make("y")
        await first.make("z")
        with pytest.raises(CapError, match="overloaded: no room"):
            await first.ship()
        await released(capwit_host.ledger, count=3)
        await first.holds(0)


# -- The call is ended --


@each_way
@scenario
async def test_a_transfer_that_is_cancelled_leaves_one_owner(
    capwit_host: Host, giver: str, receiver: str
) -> None:
    desk = Slow()
    async with pair(capwit_host, giver, receiver, desk=desk) as (first, second):
        await first.make("x")
        call = asyncio.ensure_future(first.hand())
        await desk.asked.wait()  # the receiver has it, and reads it
        if not is_isolated():  # the call's message has it, too, for as long as that is under way
            await first.holds(0)
        await second.holds(1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

        def ended() -> None:
            assert first.instance.ended is not None

        await eventually(ended)
        assert second.instance.ended is None  # and its call goes on
        await first.holds(0)
        await second.holds(1)
        await moved(capwit_host.ledger, "giver", "receiver")
    await released(capwit_host.ledger)


@each_way
@scenario
async def test_a_receiver_that_is_closed_in_the_middle(capwit_host: Host, giver: str, receiver: str) -> None:
    desk = Slow()
    async with pair(capwit_host, giver, receiver, desk=desk) as (first, second):
        await first.make("x")
        call = asyncio.ensure_future(first.hand())
        await desk.asked.wait()  # the receiver has it, and reads it
        await second.instance.close()
        with pytest.raises(CapError) as caught:
            await call
        assert caught.value.kind is ErrorKind.DISCONNECTED
        await step()
        await released(capwit_host.ledger)
        assert first.instance.ended is None


@each_way
@scenario
async def test_a_grant_that_is_revoked_in_the_middle(capwit_host: Host, giver: str, receiver: str) -> None:
    desk = Slow()
    async with pair(capwit_host, giver, receiver, desk=desk) as (first, second):
        await first.make("x")
        call = asyncio.ensure_future(first.hand())
        await desk.asked.wait()  # the receiver has it, and reads it
        first.instance.revoke("desk", "enough")
        with pytest.raises(CapError, match=r"the grant `giver\.desk` was revoked: enough"):
            await call
        await second.holds(1)  # the receiver owns it, for what it is worth
        with pytest.raises(CapError, match="revoked"):
            await second.label()
        assert_revoked(capwit_host.ledger, "giver.desk", reason="enough")
        await second.drop()
        await released(capwit_host.ledger)


# -- Arguments that do not fit --


@each_language
@scenario
async def test_an_argument_that_does_not_fit_gives_nothing(capwit_host: Host, language: str) -> None:
    async with party(capwit_host, language, "receiver") as second:
        spare = parcel.ParcelClient(Parcel("spare"))
        wrapping = parcel.CrateWrappingNone()
        with pytest.raises(TypeError, match=r"Desk is not a test:parcel/parcel@0\.1\.0\.parcel"):
            await second.unpack(parcel.Crate("crate", Parcel("x"), spare, [Parcel("y"), Desk()], wrapping))
        with pytest.raises(MISFIT, match=r"party\.unpack: (arguments\.)?crate\.wrapping: "):
            await second.unpack(parcel.Crate("crate", Parcel("x"), spare, [Parcel("y")], "none"))
        await second.holds(0)
        assert second.instance.ended is None
        assert await second.look(spare) == "spare"
    await released(capwit_host.ledger)


@each_way
@scenario
async def test_an_owned_argument_beside_one_that_does_not_fit_is_released(
    capwit_host: Host, giver: str, receiver: str
) -> None:
    async with pair(capwit_host, giver, receiver) as (first, second):
        await first.make("x")
        given = await first.give()
        with pytest.raises(TypeError, match="Desk is not a"):
            await second.unpack(parcel.Crate("crate", given, None, [Desk()], parcel.CrateWrappingNone()))
        assert await given.label() == "x"  # found out before anything was given
        with pytest.raises(MISFIT, match=r"crate\.wrapping"):
            await second.unpack(parcel.Crate("crate", given, None, [], "none"))
        await second.holds(0)
        await stays(given)
        # It was on its way.
        await released(capwit_host.ledger, count=1, holders=["giver", "host", "receiver"])
        with pytest.raises(HandleError, match=r"was (given to receiver|released)"):
            await given.label()


# -- What a giver must not do --


@each_way
@scenario
async def test_one_handle_cannot_be_given_twice(capwit_host: Host, giver: str, receiver: str) -> None:
    async with pair(capwit_host, giver, receiver) as (first, second):
        await first.make("x")
        with pytest.raises(InstanceEnded):
            await first.twice()
        assert second.instance.ended is None
        await second.holds(0)
        await released(capwit_host.ledger)


@each_language
@scenario
async def test_one_client_cannot_be_given_twice(capwit_host: Host, language: str) -> None:
    async with party(capwit_host, "c" if language == "py" else "py", "giver") as first:
        await first.make("x")
        given = await first.give()
        async with party(capwit_host, language, "receiver") as second:
            with pytest.raises((HandleError, ConversionError), match="was given to receiver"):
                await second.unpack(
                    parcel.Crate("twice", given, given, [], parcel.CrateWrappingNone()),
                )
            await second.holds(0)
            assert second.instance.ended is None
            await stays(given)
            await released(capwit_host.ledger)


@each_way
@scenario
async def test_a_handle_cannot_be_given_while_it_is_lent(
    capwit_host: Host, giver: str, receiver: str
) -> None:
    async with pair(capwit_host, giver, receiver) as (first, second):
        await first.make("x")
        with pytest.raises(InstanceEnded):
            await first.both()
        await second.holds(0)
        await released(capwit_host.ledger)


@each_language
@scenario
async def test_a_client_may_be_given_while_it_is_lent(capwit_host: Host, language: str) -> None:
    """In host code the loan is a handle of its own: it lasts for the call, whoever owns the parcel."""
    async with party(capwit_host, "c" if language == "py" else "py", "giver") as first:
        await first.make("x")
        given = await first.give()
        async with party(capwit_host, language, "receiver") as second:
            await second.pair(given, given)
            await second.holds(1)
            await lent(capwit_host.ledger, "receiver")
            await moved(capwit_host.ledger, "giver", "receiver")
            assert await second.label() == "x"


@each_language
@scenario
async def test_what_is_dropped_while_it_is_lent_lasts_for_the_call(capwit_host: Host, language: str) -> None:
    async with party(capwit_host, "c" if language == "py" else "py", "giver", desk=Slow()) as first:
        await first.make("x")
        given = await first.give()
        made = given.local(Waiting)
        assert made is not None
        waiting = made
        async with party(capwit_host, language, "receiver") as second:
            call = asyncio.ensure_future(second.look(given))
            await waiting.asked.wait()
            await given.close()
            with pytest.raises(HandleError, match="was released"):
                await given.label()
            waiting.go.set()
            assert await call == "x"
            await released(capwit_host.ledger)
