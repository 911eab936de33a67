"""The ledger in an `AuditLog`: complete where the log keeps up, honest where it does not."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from capwit.audit import AuditTrail
from capwit.bridge import CapError, Entry, ErrorKind, Event, Host, Ledger
from capwit.caps.audit import MemoryAudit

from tests.bridge.support import guest_of, scenario

if TYPE_CHECKING:
    from collections.abc import Sequence

GRABS = "for n in range({}): desk = grants.get_desk(); del desk"


def told(log: MemoryAudit) -> list[tuple[str, int]]:
    """Return the records: the event, and its number or, of `lost`, the count."""
    return [
        (record.event, int(record.fields.get("sequence") or record.fields["count"])) for record in log.records
    ]


def complete(log: MemoryAudit, ledger: Ledger) -> bool:
    """Tell whether the log accounts for every event: it has them in order, or says how many it lacks."""
    expected = 1
    for event, number in told(log):
        if event == "lost":
            expected += number
        elif number != expected:
            return False
        else:
            expected += 1
    return expected == len(ledger) + 1


@scenario
async def test_a_log_has_every_event_when_its_scope_ends() -> None:
    log, ledger = MemoryAudit("ledger"), Ledger()
    async with AuditTrail(log) as trail:
        ledger.listen(trail)
        async with Host(ledger=ledger) as host, guest_of(host=host) as guest:
            await guest.exec(GRABS.format(100))
    assert told(log) == [(entry.event.value, entry.sequence) for entry in ledger]
    grant = next(record for record in log.records if record.event == "grant")
    assert grant.fields["cause"] == "desk"
    assert grant.fields["holder"] == "guest"
    assert trail.lost == 0


@scenario
async def test_a_scope_whose_log_has_all_waits_for_nothing() -> None:
    log = MemoryAudit()
    async with AuditTrail(log, patience=3600) as trail:
        trail(entries(1, 1)[0])
        await asyncio.sleep(0.02)
        assert told(log) == [("mint", 1)]


class Slow(MemoryAudit):
    """A log that answers when it may, and fails when it must."""

    def __init__(self) -> None:
        super().__init__()
        self.may = asyncio.Event()
        self.failing = False

    async def append(self, event: str, fields: Sequence[Any]) -> None:  # type: ignore[override]
        await self.may.wait()
        if self.failing:
            raise CapError(ErrorKind.DISCONNECTED, "gone")
        super().append(event, fields)


@scenario
async def test_a_log_that_is_slow_holds_nobody_up_and_is_told_what_it_lacks(
    caplog: pytest.LogCaptureFixture,
) -> None:
    log, ledger = Slow(), Ledger()
    async with AuditTrail(log, room=5) as trail:
        ledger.listen(trail)
        async with Host(ledger=ledger) as host, guest_of(host=host) as guest:
            await guest.exec(GRABS.format(20))  # answers, though the log does not
            assert log.records == type(log.records)()
            lost = trail.lost
            assert lost == len(ledger) - 5
            log.may.set()
            while len(log.records) < 5:  # noqa: ASYNC110 - the test's own turns are what lets the log go on
                await asyncio.sleep(0)
            await guest.exec(GRABS.format(1))
    assert [event for event, _ in told(log)].count("lost") >= 1
    assert ("lost", lost) in told(log)
    assert complete(log, ledger)
    assert f"the audit log lacks {trail.lost} events of the ledger" in caplog.text
    assert caplog.text.count("from now on: the queue is full") == 1


def entries(first: int, last: int) -> list[Entry]:
    return [Entry(n, 1.5, Event.MINT, n, "a:b/c.d", "app", 1, 0, "") for n in range(first, last + 1)]


@scenario
async def test_a_log_that_fails_is_told_what_it_lacks_once_it_works_again() -> None:
    log = Slow()
    log.may.set()
    async with AuditTrail(log) as trail:
        for failing, some in ((False, entries(1, 3)), (True, entries(4, 7)), (False, entries(8, 9))):
            log.failing = failing
            for entry in some:
                trail(entry)
            await asyncio.sleep(0.02)
    assert told(log) == [("mint", 1), ("mint", 2), ("mint", 3), ("lost", 4), ("mint", 8), ("mint", 9)]
    assert trail.lost == 4


@scenario
async def test_a_log_that_hangs_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    log = Slow()
    async with AuditTrail(log, patience=0.05) as trail:
        for entry in entries(1, 8):
            trail(entry)
    assert trail.lost == 8
    assert "the audit log lacks 8 events of the ledger" in caplog.text
    trail(entries(9, 9)[0])  # too late: counted, and nothing else
    assert trail.lost == 9
    assert list(log.records) == []


@scenario
async def test_a_scope_that_is_cancelled_counts_what_it_leaves() -> None:
    log = Slow()
    began = asyncio.Event()
    trail = AuditTrail(log, patience=60)

    async def work() -> None:
        async with trail:
            for entry in entries(1, 3):
                trail(entry)
            began.set()

    task = asyncio.create_task(work())
    await began.wait()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert trail.lost == 3


@scenario
async def test_a_log_that_answers_at_once_leaves_others_their_turn() -> None:
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    log = MemoryAudit()
    other = asyncio.create_task(count())
    async with AuditTrail(log) as trail:
        for entry in entries(1, 5000):
            trail(entry)
    assert turns >= 5000 // 64
    assert len(log.records) == 5000
    other.cancel()


@scenario
async def test_a_record_has_an_end() -> None:
    log = MemoryAudit()
    async with AuditTrail(log) as trail:
        trail(Entry(1, 1.5, Event.TRAP, 0, "", "app", 0, 0, "x" * 10**6))
    (record,) = log.records
    assert len(record.fields["cause"]) == 8192
    assert trail.lost == 0
