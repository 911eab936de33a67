"""What of a history a picture shows: one of 100,000 events shows no more than the eye can take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from capwit.bridge.ledger import Event

if TYPE_CHECKING:
    from .history import History, Holder, Life, Moment

_HOLDERS: Final = 24
_LIVES: Final = 240
_REVOKED: Final = 40
_MOVED: Final = (Event.RECEIVE, Event.LEND, Event.KEEP)


@dataclass(frozen=True, slots=True)
class Choice:
    """The part of a history that is shown, and how much there is besides.

    What is told of first: handles that were revoked, never ended, or went from one holder to another.
    """

    holders: list[Holder]
    lives: list[Life]
    revoked: list[Moment]
    left_out: list[str]


def choose(history: History) -> Choice:
    """Choose what is shown of a history."""
    weights = {number: _weight(life) for number, life in history.lives.items()}
    for life in history.lives.values():  # who gave something away is as telling as who got it
        if life.parent is not None and weights[life.number] >= 2:
            weights[life.parent.number] = max(weights[life.parent.number], 2)
    holders = list(history.holders.values())
    if len(holders) > _HOLDERS:
        of = {holder.name: sum(weights[life.number] for life in holder.lives) for holder in holders[1:]}
        best = set(sorted(of, key=lambda name: -of[name])[: _HOLDERS - 1])
        holders = [holder for holder in holders if holder is holders[0] or holder.name in best]
    shown = {holder.name for holder in holders}
    lives = [life for life in history.lives.values() if life.holder in shown and not life.passing]
    every = sum(not life.passing for life in history.lives.values())
    if len(lives) > _LIVES:
        lives = sorted(lives, key=lambda life: -weights[life.number])[:_LIVES]
        lives.sort(key=lambda life: life.number)
    revoked = history.revoked[:_REVOKED]
    return Choice(holders, lives, revoked, _left_out(history, holders, every - len(lives), revoked))


def _weight(life: Life) -> int:
    if life.cut is not None or life.closed is None or life.opened is None:
        return 3
    if life.opened.entry.event in _MOVED or life.closed.entry.event is Event.GIVE:
        return 2
    return 1 if life.opened.entry.event is Event.GRANT else 0


def _left_out(history: History, holders: list[Holder], lives: int, revoked: list[Moment]) -> list[str]:
    counts = (
        (lives, len(history.lives), "handles"),
        (len(history.holders) - len(holders), len(history.holders) - 1, "instances"),
        (len(history.revoked) - len(revoked), len(history.revoked), "revocations"),
    )
    told = [f"{left:,} of {all:,} {what}" for left, all, what in counts if left]
    if history.missing:
        told.append(f"{history.missing:,} events that the record lacks")
    return told
