"""A run worth a picture: five instances, some fifty handles, moved, lent, revoked, and lost in three ways."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Any

import pytest
from capwit.bridge import Host, InstanceEnded, Ledger, Limits

from tests.bridge.support import Desk, grants, guest_of, probe


class Keeper(Desk):
    """A desk that keeps what it is shown."""

    async def look(self, item: Any) -> str:
        self.packed.append(item.keep())
        return str(await item.name())


async def run_five(ledger: Ledger) -> None:
    """Run `store`, from which `front` and `reader` get things, `mallory`, which traps, and `batch`."""
    async with AsyncExitStack() as stack:
        host = await stack.enter_async_context(Host(ledger=ledger))
        store = await stack.enter_async_context(guest_of(grants(Keeper()), host=host, name="store"))
        peer = store.worker
        front = await stack.enter_async_context(
            guest_of(grants(Keeper(), peer=peer), host=host, name="front")
        )
        reader = await stack.enter_async_context(guest_of(grants(peer=peer), host=host, name="reader"))
        mallory = await stack.enter_async_context(guest_of(grants(peer=peer), host=host, name="mallory"))
        batch = await stack.enter_async_context(guest_of(host=host, name="batch", limits=Limits(handles=9)))
        await store.exec("desk = grants.get_desk(); stock = [desk.make(f'{n}') for n in range(6)]")
        await front.exec(
            "desk = grants.get_desk(); store = grants.get_peer()\n"
            "got = [store.give('item = stock.pop()') for n in range(2)]\n"
            "said = [store.show(item, 'said = item.name()') for item in got]\n"
            "desk.look(got[0]); desk.take(got.pop())"
        )
        await reader.exec(
            "store = grants.get_peer(); got = [store.give('item = stock.pop()') for n in range(2)]"
        )
        await mallory.exec("desk = grants.get_desk(); loot = [desk.make('x') for n in range(3)]")
        mallory.instance.revoke("desk", "it asked too often")
        await mallory.exec("store = grants.get_peer()\ntry: desk.echo('x')\nexcept Exception: pass")
        with pytest.raises(InstanceEnded):
            await mallory.exec("1 / 0")
        with pytest.raises(InstanceEnded):
            await batch.exec("desk = grants.get_desk(); got = [desk.make('x') for n in range(9)]")
        await reader.exec("store.show(got[0], 'said = item.name()'); got.pop(); more = grants.get_desk()")
        await front.exec("parcel = desk.pack(got[0], 'p'); del got[:]; desk.unpack(parcel)")
        await front.worker.show(probe.ItemClient(_Named()), "said = item.name()")


class _Named:
    def name(self) -> str:
        return "lent by the host"

    def same(self, other: Any) -> bool:
        return False
