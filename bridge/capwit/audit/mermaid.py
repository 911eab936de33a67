"""The picture of a ledger as a sequence diagram in Mermaid's text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from capwit.bridge.ledger import Event

from .choice import choose
from .svg import clean, cut

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .history import History, Move

_MOST: Final = 200  # moves: a diagram of more is refused, and nobody would read it
_PLAIN: Final = frozenset(" .-_/:,@")
_ARROWS: Final = {Event.LEND: "-->>"}
_VERBS: Final = {
    Event.GRANT: "grants",
    Event.MINT: "makes",
    Event.LEND: "lends",
    Event.KEEP: "leaves",
    Event.RECEIVE: "gives",
}


def draw_mermaid(history: History) -> str:
    """Return a history as a sequence diagram: what went from holder to holder, revocations and endings."""
    return "\n".join(["sequenceDiagram", *(f"    {line}" for line in _lines(history))]) + "\n"


def _lines(history: History) -> Iterator[str]:
    choice = choose(history)
    names = {holder.name: f"h{number}" for number, holder in enumerate(choice.holders)}
    for holder in choice.holders:
        yield f"participant {names[holder.name]} as {_text(holder.name)}"
    shown = {life.number for life in choice.lives}
    told: list[tuple[int, str]] = []
    for move in history.moves:
        if move.giver in names and move.life.number in shown and len(told) < _MOST:
            assert move.life.opened is not None
            told.append((move.life.opened.at, _move(move, names)))
    across = f"{next(iter(names.values()))},{list(names.values())[-1]}"
    for moment in choice.revoked:
        why = f": {moment.entry.cause}" if moment.entry.cause else ""
        told.append((moment.at, f"Note over {across}: {_text(f'revoked {moment.entry.holder}{why}')}"))
    for holder in choice.holders:
        if holder.ended is not None:
            entry = holder.ended.entry
            words = f"{entry.event.value}: {entry.cause}"
            told.append((holder.ended.at, f"Note over {names[holder.name]}: {_text(words)}"))
    yield from (line for _, line in sorted(told))
    left_out = list(choice.left_out)
    moves = sum(move.giver in names and move.life.number in shown for move in history.moves)
    if moves > _MOST:
        left_out.append(f"{moves - _MOST:,} of {moves:,} transfers")
    if left_out:
        yield f"Note over {across}: {_text('left out: ' + ', '.join(left_out))}"


def _move(move: Move, names: dict[str, str]) -> str:
    arrow = _ARROWS.get(move.event, "->>")
    revoked = " (revoked later)" if move.life.cut is not None else ""
    words = f"{_VERBS[move.event]} #{move.life.number} {move.life.short}{revoked}"
    return f"{names[move.giver]}{arrow}{names[move.life.holder]}: {_text(words)}"


def _text(text: str) -> str:
    """Return text that is nothing but text to Mermaid: all but plain characters are its entity codes."""
    return "".join(c if c.isalnum() or c in _PLAIN else f"#{ord(c)};" for c in cut(clean(text).strip(), 80))
