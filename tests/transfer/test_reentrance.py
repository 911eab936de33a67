"""A guest that is inside a host call when it is called: calls queue, and what could never end is refused."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from capwit.bridge import CapError, Host
from capwit.testing import scenario

from tests.support.isolation import AT_ONCE, RING
from tests.transfer.support import (
    Desk,
    Parcel,
    Waiting,
    each_language,
    each_way,
    moved,
    pair,
    parcel,
    party,
    released,
)

IN_ONE_PROCESS = {
    "test_a_capability_that_calls_the_guest_that_waits_for_it_is_refused": RING,
    "test_a_call_from_elsewhere_queues": AT_ONCE,
    "test_a_ring_through_a_transfer_is_refused_and_the_parcel_has_arrived": RING,
}
EVERY_RUN: set[str] = set()


@each_language
@scenario
async def test_a_capability_that_calls_the_guest_that_waits_for_it_is_refused(
    capwit_host: Host, language: str
) -> None:
    class Calling(Desk):
        guest: Any = None
        answered: str = ""

        async def make(self, label: str) -> Any:
            try:
                await self.guest.take(Parcel("back"))
            except CapError as error:
                self.answered = str(error)
            except Exception as error:
                self.answered = type(error).__name__
            return Parcel(label)

    desk = Calling()
    async with party(capwit_host, language, "guest", desk=desk) as guest:
        desk.guest = guest
        await guest.make("x")
        assert desk.answered == "ReentranceError"
        await guest.holds(1)  # what it was to be given it never got
        assert await guest.label() == "x"
        assert desk.answered and guest.instance.ended is None


@each_language
@scenario
async def test_a_call_from_elsewhere_queues(capwit_host: Host, language: str) -> None:
    asked = asyncio.Event()
    waiting = Waiting("slow", asked)
    async with party(capwit_host, language, "guest") as guest:
        first = asyncio.ensure_future(guest.take(waiting))
        await asked.wait()
        second = asyncio.ensure_future(guest.take(Parcel("quick")))
        await asyncio.sleep(0)
        await guest.holds(1)  # nothing is lowered before its turn has come
        waiting.go.set()
        assert [await first, await second] == ["slow", "quick"]
        assert await guest.label() == "quick"
        await guest.holds(2)


@each_way
@scenario
async def test_a_ring_through_a_transfer_is_refused_and_the_parcel_has_arrived(
    capwit_host: Host, giver: str, receiver: str
) -> None:
    class Asking(Parcel):
        """A parcel that asks the giver before it tells its label."""

        guest: Any = None

        async def label(self) -> str:
            return str(await self.guest.look(Parcel("asked")))

    class Maker(Desk):
        def make(self, label: str) -> Any:
            self.made.append(Asking(label))
            return self.made[-1]

    desk = Maker()
    async with pair(capwit_host, giver, receiver, desk=desk) as (first, second):
        await first.make("x")
        desk.made[0].guest = first  # type: ignore[attr-defined]
        with pytest.raises(CapError, match="the instance waits for the capability that makes this call"):
            await first.hand()
        assert first.instance.ended is second.instance.ended is None
        await moved(capwit_host.ledger, "giver", "receiver")
        await second.holds(1)
        assert await second.give() == parcel.ParcelClient(desk.made[0])
    await released(capwit_host.ledger)
