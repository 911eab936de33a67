"""The ledger in an `AuditLog`, wherever that is."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Self

from capwit.caps.standard import AuditField, AuditLogClient

if TYPE_CHECKING:
    from capwit.bridge.ledger import Entry
    from capwit.caps.standard import AuditLog

_log = logging.getLogger("capwit.audit")

_LONGEST: Final = 8192  # characters of one field: a log takes no record without end
_BATCH: Final = 64  # records that a log which answers at once is given before others have their turn


class AuditTrail:
    """A listener of a ledger that appends each event to an `AuditLog`, in order, without waiting for it.

    Events wait in a queue of `room` places. What finds it full, and what the log does not take, is lost: it
    is counted, the log is told as soon as it takes something again (an event `lost` with a field `count`),
    and so is Python's (`capwit.audit`).

    Attributes:
        lost: how many events the log does not have.
    """

    def __init__(self, log: AuditLog | AuditLogClient, room: int = 10_000, patience: float = 5.0) -> None:
        """Make a trail to a log; at the end it waits `patience` seconds for the log to take what is left."""
        self.lost = 0
        self._client = AuditLogClient(log)
        self._room = room
        self._patience = patience
        self._queue: deque[tuple[int, Entry]] = deque()  # each with how many were lost before it
        self._gap = 0  # events lost since the last one that found room
        self._more = asyncio.Event()
        self._closing = False
        self._task: asyncio.Task[None] | None = None

    def __call__(self, entry: Entry) -> None:
        """Put an event into the queue."""
        if self._closing or len(self._queue) >= self._room:
            self._lose(1)
            self._gap += 1
            return
        self._queue.append((self._gap, entry))
        self._gap = 0
        self._more.set()

    def _lose(self, count: int, why: str = "the queue is full") -> None:
        if self.lost == 0:
            _log.warning("the audit log lacks events of the ledger from now on: %s", why)
        self.lost += count

    async def __aenter__(self) -> Self:
        """Begin to append."""
        self._task = asyncio.create_task(self._append_all())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Wait until everything is appended, for as long as there is patience."""
        assert self._task is not None
        self._closing = True
        self._more.set()
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._task, self._patience)
        finally:
            if self._queue:
                self._lose(len(self._queue), "it did not take the last ones in time")
                self._queue.clear()
        if self.lost:
            _log.warning("the audit log lacks %d events of the ledger", self.lost)

    async def _append_all(self) -> None:
        owed = 0  # events that the log lacks, and has not been told of
        since_turn = 0
        while True:
            if not self._queue:
                if self._closing:
                    break
                self._more.clear()
                await self._more.wait()
                continue
            gap, entry = self._queue[0]  # which stays until the log has it, so that it is counted
            owed += gap
            self._queue[0] = 0, entry
            if owed and await self._append("lost", {"count": owed}):
                owed = 0
            told = {name: value for name, value in entry.as_json().items() if name != "event"}
            if not await self._append(entry.event.value, told):
                self._lose(1, "it did not take one")
                owed += 1
            self._queue.popleft()
            since_turn += 1
            if since_turn % _BATCH == 0:
                await asyncio.sleep(0)
        owed += self._gap
        if owed:
            await self._append("lost", {"count": owed})

    async def _append(self, event: str, told: dict[str, object]) -> bool:
        fields = [AuditField(name, str(value)[:_LONGEST]) for name, value in told.items()]
        try:
            await self._client.append(event, fields)
        except Exception as error:
            _log.debug("the audit log did not take an event: %s", error)
            return False
        return True
