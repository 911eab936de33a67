"""What the ledger proves: however an instance ends, what it held is released in order, exactly once."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from capwit.audit import put_together
from capwit.bridge import Event, Host, InstanceEnded, Ledger, Limits
from capwit.bridge.ledger import CLOSING, OPENING

from tests.bridge.support import (
    ENTROPY,
    Desk,
    Guest,
    Item,
    Stuck,
    balanced,
    grants,
    guest_of,
    probe,
    probe_guest,
    scenario,
)
from tests.support.components import wat

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

# A guest that holds a desk and four things of it, of which it has dropped one and given one away.
TAKES = """
desk = grants.get_desk()
held = [desk.make(f'{n}') for n in range(4)]
desk.take(held.pop(1)); del held[1]
said = len(held)
"""
ENDINGS = (Event.TRAP, Event.LIMIT, Event.END)


def proof(ledger: Ledger, holder: str) -> tuple[Event, str]:
    """Return how an instance ended and why, by its events alone, which must show one orderly end."""
    told = [entry for entry in ledger if entry.holder == holder]
    assert [entry.event for entry in told].count(Event.START) == 1
    assert told[0].event is Event.START
    (end,) = [place for place, entry in enumerate(told) if entry.event in ENDINGS]
    live: dict[int, int] = {}
    for entry in told[:end]:
        if entry.event in OPENING:
            live[entry.handle] = entry.slot
        elif entry.event in CLOSING:
            del live[entry.handle]
    after = told[end + 1 :]
    assert [(entry.event, entry.handle, entry.slot) for entry in after] == [
        (Event.EXIT, handle, slot) for handle, slot in live.items()
    ]
    assert [entry.slot for entry in after] == sorted(live.values())  # the order in which they came
    return told[end].event, told[end].cause


class Wrong(Stuck):
    """A desk that answers with what it has not promised."""

    def add(self, a: int, b: int) -> Any:
        return "not a number"


async def closed(guest: Guest, _: Stuck) -> None:
    await guest.instance.close()


async def host_shut_down(guest: Guest, _: Stuck) -> None:
    await guest.host.__aexit__(None, None, None)
    await guest.host.__aenter__()  # for the end of its own scope


async def cancelled(guest: Guest, desk: Stuck) -> None:
    call = asyncio.create_task(guest.exec("desk.echo('x')"))
    await desk.asked.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call


def running(code: str) -> Callable[[Guest, Stuck], Awaitable[None]]:
    async def run(guest: Guest, _: Stuck) -> None:
        with pytest.raises(Exception, match=r"."):
            await guest.exec(code)

    return run


HOW: dict[str, tuple[Callable[[Guest, Stuck], Awaitable[None]], Limits | None, Event, str]] = {
    "exit": (running("os._exit(0)"), None, Event.END, "the guest exited with code 0"),
    "trap": (running("1 / 0"), None, Event.TRAP, "the guest trapped: "),
    "fuel": (running("while True: pass"), Limits(fuel=3_000_000_000), Event.LIMIT, "its fuel"),
    "wall": (running("desk.echo('x')"), Limits(wall="500ms"), Event.LIMIT, "wall limit of 0.5 s"),
    "handles": (
        running("for n in range(9): held.append(desk.make('x'))"),
        Limits(handles=6),
        Event.LIMIT,
        "holds 6 handles",
    ),
    "host error": (running("desk.add(1, 2)"), None, Event.END, "desk.add: result: expected int"),
    "cancel": (cancelled, None, Event.END, "worker.exec: the call was cancelled"),
    "close": (closed, None, Event.END, "the instance was closed"),
    "host shutdown": (host_shut_down, None, Event.END, "the instance was closed"),
}


@pytest.mark.parametrize("how", HOW)
@scenario
async def test_whatever_ends_an_instance_releases_all_it_holds_in_order(how: str) -> None:
    end, limits, event, cause = HOW[how]
    desk = Wrong()
    async with Host() as host, guest_of(grants(desk), host=host, limits=limits) as guest:
        assert await guest.exec(TAKES) == "2"
        held = guest.instance.handles
        assert held >= 3  # the desk and two things; Python may hold streams of WASI besides
        await end(guest, desk)
        ending, why = proof(host.ledger, "guest")
        assert ending is event
        assert cause in why
        assert guest.instance.handles == 0
    assert balanced(host.ledger)
    assert proof(host.ledger, "guest") == (ending, why)  # the end of its scope has added nothing


@scenario
async def test_a_start_tells_the_component_and_a_grant_its_name() -> None:
    async with guest_of(name="first") as guest:
        await guest.exec("desk = grants.get_desk(); item = desk.make('x')")
        start, grant, mint = (
            next(e for e in guest.ledger if e.event is event and e.holder == "first")
            for event in (Event.START, Event.GRANT, Event.MINT)
        )
        assert start.cause == "guest.wasm"
        assert (grant.cause, grant.interface, grant.parent) == ("desk", "test:probe/probe@0.1.0.desk", 0)
        assert mint.parent == grant.handle


@scenario
async def test_what_host_code_lends_comes_of_nothing_the_guest_called() -> None:
    async with guest_of() as guest:
        await guest.exec("desk = grants.get_desk(); desk.make('x')")
        await guest.worker.show(Item("y"), "said = ''")
        lent = next(entry for entry in guest.ledger if entry.event is Event.LEND)
        assert lent.parent == 0


@scenario
async def test_an_instance_that_does_not_come_up_has_started_and_ended() -> None:
    start = wat("(core module $m (func $f unreachable) (start $f)) (core instance (instantiate $m))")
    async with Host() as host:
        app = await host.load(start, name="broken.wasm")
        with pytest.raises(InstanceEnded):
            await app.start()
        ending, why = proof(host.ledger, "broken")
        assert ending is Event.TRAP
        assert "unreachable" in why


@scenario
async def test_a_grant_tells_through_which_others_it_came() -> None:
    everyone = probe.DeskClient(Desk()).attenuate(name="everyone")
    async with guest_of(grants(everyone), name="parent") as parent:
        app = await parent.host.load(probe_guest(), probe.BINDINGS)
        held = [parent.instance.caps.grants(make) for make in (probe.Grants, type(ENTROPY))]
        child = await app.start(*held, parent=parent.instance, name="child")
        async with await child.export(probe.WorkerClient) as worker:
            await worker.exec("desk = grants.get_desk(); item = desk.make('x')")
            everyone.revoke("closing time")
        (grant,) = (entry for entry in parent.ledger if entry.event is Event.GRANT)
        (revoke,) = (entry for entry in parent.ledger if entry.event is Event.REVOKE)
        assert grant.cause == "desk through parent.desk through everyone"
        assert (revoke.holder, revoke.handle, revoke.cause) == ("everyone", 0, "closing time")
        cut = [life for life in put_together(parent.ledger).lives.values() if life.cut is not None]
        assert [(life.holder, life.short) for life in cut] == [("child", "desk"), ("child", "item")]


@scenario
async def test_revoking_what_was_made_of_a_handle_tells_its_number() -> None:
    async with guest_of() as guest:
        narrowed = guest.worker.attenuate()
        assert narrowed.owned is not None
        narrowed.revoke("enough")
        (revoke,) = (entry for entry in guest.ledger if entry.event is Event.REVOKE)
        assert (revoke.handle, revoke.cause) == (narrowed.owned.handle, "enough")
        await narrowed.close()


# -- Listening --


@scenario
async def test_a_listener_is_told_of_every_event_until_it_has_had_enough() -> None:
    told: list[Any] = []
    async with guest_of() as guest:
        before = len(guest.ledger)
        stop = guest.ledger.listen(told.append)
        await guest.exec("desk = grants.get_desk(); del desk")
        assert told == list(guest.ledger)[before:]
        assert {Event.GRANT, Event.DROP} <= {entry.event for entry in told}
        stop()
        stop()  # a second time it does nothing
        count = len(told)
        await guest.exec("desk = grants.get_desk()")
        assert len(told) == count


@scenario
async def test_a_listener_that_fails_is_told_no_more_and_hurts_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    told: list[Any] = []

    def fail(entry: Any) -> None:
        told.append(entry)
        raise OSError("full")

    async with guest_of() as guest:
        guest.ledger.listen(fail)
        await guest.exec(TAKES)
    assert len(told) == 1
    assert caplog.text.count("a listener of the ledger failed, and is told no more") == 1
    assert balanced(guest.ledger)


@scenario
async def test_what_is_kept_is_bounded_and_what_is_counted_is_not() -> None:
    ledger = Ledger(keep=5)
    async with Host(ledger=ledger) as host, guest_of(host=host) as guest:
        await guest.exec("for n in range(20): desk = grants.get_desk(); del desk")
    assert [entry.sequence for entry in ledger] == list(range(len(ledger) - 4, len(ledger) + 1))
    counts = ledger.counts()
    assert counts[Event.GRANT] == counts[Event.DROP] == 20
    assert sum(counts.values()) == len(ledger)


# -- Leaks --


class Hoarder(Desk):
    """A desk that keeps what it is shown, and never lets go of it."""

    async def look(self, item: Any) -> str:
        self.packed.append(item.keep())
        return "kept"


def line_of(words: str) -> str:
    """Return this file and the number of the line with these words, as a debugger names a place."""
    lines = Path(__file__).read_text().splitlines()
    (number,) = [at for at, line in enumerate(lines, 1) if words in line and "line_of" not in line]
    return f"{__file__}:{number}"


@scenario
async def test_in_debug_mode_a_leak_names_the_line_that_took_the_handle(
    caplog: pytest.LogCaptureFixture,
) -> None:
    desk = Hoarder()
    async with Host(debug=True) as host:
        async with guest_of(grants(desk), host=host) as guest:
            await guest.exec("desk = grants.get_desk(); desk.look(desk.make('x'))")
            worker = await guest.instance.export(probe.WorkerClient)  # never closed
            await guest.worker.close()
        assert worker.owned is not None
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 2
    kept, made = sorted(warnings, key=lambda text: "worker" in text)
    assert f"was taken at {line_of('packed.append(item.keep())')}" in kept
    assert f"was taken at {line_of('# never closed')}" in made
    assert "test:probe/probe@0.1.0.item was never released" in kept
    assert "Mend: `async with` the client that owns it, or close it" in made
    assert balanced(host.ledger)


@scenario
async def test_without_debug_nothing_is_said_of_leaks(caplog: pytest.LogCaptureFixture) -> None:
    async with Host() as host, guest_of(grants(Hoarder()), host=host) as guest:
        await guest.exec("desk = grants.get_desk(); desk.look(desk.make('x'))")
    assert caplog.records == []
    assert balanced(host.ledger)


def test_a_host_does_not_change_the_ledger_it_is_given() -> None:
    with pytest.raises(ValueError, match=r"Ledger\(debug=True\)"):
        Host(ledger=Ledger(), debug=True)
    assert Host(ledger=Ledger(debug=True), debug=True).ledger.debug


def test_names_beyond_those_that_are_told_apart_are_still_of_one_holder_each() -> None:
    ledger = Ledger()
    names = [ledger.name_holder(f"tool{number}") for number in range(10_100)]
    assert len({*names}) == len(names)
    assert (names[0], names[-1].partition("-")[0]) == ("tool0", "instance")
    assert ledger.name_holder("tool0") == "tool0-2"
