"""Assertions about who held what. What they say when they fail is the handles' own lives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capwit.bridge import Event
from capwit.bridge.ledger import CLOSING, OPENING

from .life import Life, lives

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from capwit.bridge import Entry, Ledger

    from .life import Of

_SHOWN = 12  # so many lives are shown of a failure: the latest ones


def assert_moved(ledger: Ledger, giver: str, receiver: str, *, of: Of = None) -> Life:
    """Assert that a reference moved from one holder to another, directly or through the host.

    Holders are instances by name, or `host`. Returns what became of the reference, the first if there are
    several: the giver's handle ended with it, and the receiver had one of its own.
    """
    __tracebackhide__ = True
    return _one(ledger, of, lambda life: life.moved(giver, receiver), f"moved from {giver} to {receiver}")


def assert_lent(ledger: Ledger, holder: str, *, of: Of = None) -> Life:
    """Assert that a capability was lent to a holder, and that the loan is over."""
    __tracebackhide__ = True
    return _one(
        ledger,
        of,
        lambda life: life.begin.event is Event.LEND and life.begin.holder == holder and life.end is not None,
        f"was lent to {holder} and returned",
    )


def assert_released(ledger: Ledger, holder: str | None = None, *, of: Of = None) -> list[Life]:
    """Assert that nobody holds any of these references any more, and that there were some.

    With a `holder`, those are meant that it was the last one to hold.
    """
    __tracebackhide__ = True
    meant = lives(ledger, of)
    found = [life for life in meant if holder in (None, life.holders[-1])]
    by = "" if holder is None else f" of {holder}"
    if not found:
        raise _failure(f"there was no handle{_named(of)}{by}", meant, ledger)
    held = [life for life in found if life.end is None]
    if held:
        raise _failure(f"{len(held)} of {len(found)} handles{_named(of)}{by} were not released", held, ledger)
    return found


def assert_denied(ledger: Ledger, grant: str | None = None, *, reason: str = "") -> Entry:
    """Assert that a call was not allowed by a grant's policy, and return that entry.

    A `grant` is meant by its whole name, `app.store`, or by the end of it; `reason` is a part of the
    answer that the caller got.
    """
    __tracebackhide__ = True
    return _noted(ledger, Event.DENY, "no call was denied", grant, reason)


def assert_revoked(ledger: Ledger, grant: str | None = None, *, reason: str = "") -> Entry:
    """Assert that a grant was revoked, and return that entry. See `assert_denied`."""
    __tracebackhide__ = True
    return _noted(ledger, Event.REVOKE, "nothing was revoked", grant, reason)


def assert_balanced(ledger: Ledger) -> None:
    """Assert that every handle that became live has ended, and did so once, by the entries themselves."""
    __tracebackhide__ = True
    entries = list(ledger)
    whole = len(entries) == len(ledger)  # else the beginnings of some have been forgotten
    live: set[int] = set()
    for entry in entries:
        if entry.event in OPENING:
            if entry.handle in live:
                raise AssertionError(f"handle #{entry.handle} became live twice: {entry}")
            live.add(entry.handle)
        elif entry.event in CLOSING:
            if whole and entry.handle not in live:
                raise AssertionError(f"handle #{entry.handle} ended twice: {entry}")
            live.discard(entry.handle)
    if live or ledger.balance:
        held = [life for life in lives(ledger) if life.end is None]
        raise _failure(f"{ledger.balance or len(live)} handles are live", held, ledger)


def _one(ledger: Ledger, of: Of, wanted: Callable[[Life], bool], what: str) -> Life:
    __tracebackhide__ = True
    meant = lives(ledger, of)
    for life in meant:
        if wanted(life):
            return life
    raise _failure(f"no handle{_named(of)} {what}", meant, ledger)


def _noted(ledger: Ledger, event: Event, nothing: str, grant: str | None, reason: str) -> Entry:
    __tracebackhide__ = True
    noted = [entry for entry in ledger if entry.event is event]
    for entry in noted:
        named = grant is None or entry.holder == grant or entry.holder.endswith(f".{grant}")
        if named and reason in entry.cause:
            return entry
    of = "" if grant is None else f" of the grant `{grant}`"
    why = f" for {reason!r}" if reason else ""
    others = [f"  {entry.holder}: {entry.cause}" for entry in noted[-_SHOWN:]]
    raise AssertionError("\n".join([f"{nothing}{of}{why}{'; but:' if others else ''}", *others]))


def _named(of: Of) -> str:
    if of is None:
        return ""
    return f" of `{of}`" if isinstance(of, str) else f" of {of!r}"


def _failure(what: str, told: Sequence[Life], ledger: Ledger) -> AssertionError:
    if not told:
        return AssertionError(f"{what}: the ledger tells of none such")
    taken = {owned.handle: ledger.taken_at(owned) for owned in ledger.live()}
    lines = [f"{what}. What became of each:"]
    if len(told) > _SHOWN:
        lines.append(f"(the latest {_SHOWN} of {len(told)})")
    for life in told[-_SHOWN:]:
        lines.append(str(life))
        where = taken.get(life.entries[-1].handle)
        if life.end is None:
            lines.append(f"         still live{f', taken at {where}' if where else ''}")
    return AssertionError("\n".join(lines))
