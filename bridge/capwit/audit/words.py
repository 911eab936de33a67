"""What is said of a handle and of a holder, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from capwit.bridge.ledger import Event

if TYPE_CHECKING:
    from .history import History, Holder, Life, Moment

_OPENED: Final = {
    Event.GRANT: "granted",
    Event.MINT: "made",
    Event.LEND: "lent for one call",
    Event.KEEP: "kept",
    Event.RECEIVE: "received",
}
_CLOSED: Final = {
    Event.DROP: "dropped",
    Event.RETURN: "returned",
    Event.GIVE: "given away",
    Event.RELEASE: "released",
    Event.EXIT: "released because its holder ended",
}
_FATES: Final = {Event.TRAP: "trap", Event.LIMIT: "limit"}


def since(history: History, moment: Moment) -> str:
    """Return when something happened, counted from the first event: `+12.3 ms`, `+4.56 s`."""
    elapsed = moment.entry.time - history.began
    return f"+{elapsed:.3f} s" if abs(elapsed) >= 1 else f"+{elapsed * 1e3:.1f} ms"


def fate_of(holder: Holder) -> tuple[str, str]:
    """Return how a holder ended, as one word, and in full."""
    if holder.ended is None:
        return "", "still there at the end of the record" if holder.started else "not an instance"
    entry = holder.ended.entry
    return _FATES.get(entry.event, "end"), f"{entry.event.value}: {entry.cause}"


def handle_words(history: History, life: Life) -> str:
    """Return a handle's whole story, a sentence a line."""
    told = [
        f"#{life.number} {life.interface}, held by {life.holder}"
        + (f", slot {life.slot}" if life.slot else "")
    ]
    if life.opened is None:
        told.append("from before this record")
    else:
        entry = life.opened.entry
        origin = f" (from #{entry.parent})" if entry.parent else ""
        why = f": {entry.cause}" if entry.cause else ""
        told.append(f"{_OPENED[entry.event]}{origin}{why}, {since(history, life.opened)}")
    if life.cut is not None:
        told.append(f"revoked, {since(history, life.cut)}")
    if life.closed is None:
        told.append("still held at the end of the record")
    else:
        entry = life.closed.entry
        why = f" {entry.cause}" if entry.event is Event.GIVE else ""
        told.append(f"{_CLOSED[entry.event]}{why}, {since(history, life.closed)}")
    return "; ".join(told)
