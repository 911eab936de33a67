"""What an event of the ledger costs when nobody listens."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from capwit.bridge import Event, Ledger, OwnedCapability
from capwit.bridge.target import Local
from measure import alone

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from measure import Bench, Row

PAIRS = 50_000


async def rows(bench: Bench) -> AsyncIterator[Row]:
    """Open and close one handle again and again, in time of this process alone."""
    ledger = Ledger()
    owned = OwnedCapability[Any](None, "bench:kv/store.bucket", Local(None), ledger, Event.MINT, "bench")
    ledger.close(Event.DROP, owned)

    async def side() -> float:
        start = time.process_time()
        for _ in range(PAIRS):
            owned.handle = ledger.open(Event.MINT, owned, 0)
            ledger.close(Event.DROP, owned)
        return (time.process_time() - start) / (2 * PAIRS)

    yield await alone("an event, nobody listening", side, within=1e-6)
