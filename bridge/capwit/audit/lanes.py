"""The picture of who held what, when: a lane for each holder, a bar for each handle."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from capwit.bridge.ledger import Event
from capwit.bridge.owned import HOST

from .svg import cut, drawing, el, width_of
from .words import fate_of, handle_words, since

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from .choice import Choice
    from .history import History, Holder, Life

_LEFT: Final = 150.0  # of the first column: holders' names stand before it
_RIGHT: Final = 26.0
_TOP: Final = 46.0
_ROW: Final = 18.0
_BAR: Final = 13.0
_PAD: Final = 7.0  # above and below a lane's rows
_GAP: Final = 6.0  # between lanes, and between bars of one row
_WIDTH: Final = 1180.0  # that columns are spread over, as far as they are not too close
_STEP: Final = (6.0, 26.0)  # pixels from one event to the next: at least, at most


@dataclass(slots=True)
class _Lane:
    """One holder's lane: which row each of its bars is in."""

    holder: Holder
    top: float = 0.0
    rows: list[float] = field(default_factory=list)  # where each row's last bar, or its label, ends

    @property
    def height(self) -> float:
        return max(2, len(self.rows)) * _ROW + 2 * _PAD

    def place(self, left: float, right: float) -> int:
        """Return the first row that is free from `left` on, and fill it up to `right`."""
        for row, taken in enumerate(self.rows):
            if taken + _GAP <= left:
                self.rows[row] = right
                return row
        self.rows.append(right)
        return len(self.rows) - 1


@dataclass(frozen=True, slots=True)
class _Bar:
    life: Life
    left: float
    right: float
    middle: float


class Lanes:
    """Lays out and draws the lanes of a choice; `colours` has the class of each interface."""

    def __init__(self, history: History, choice: Choice, colours: dict[str, str]) -> None:
        """Lay it out."""
        self._history = history
        self._choice = choice
        self._colours = colours
        self._columns = self._spread()
        self._end = max(self._columns.values(), default=_LEFT) + 14
        self._lanes = {holder.name: _Lane(holder) for holder in choice.holders}
        rows = {life.number: self._row(life) for life in choice.lives}
        top = _TOP
        for lane in self._lanes.values():
            lane.top = top
            top += lane.height + _GAP
        self._bottom = top
        self._bars = {life.number: self._bar(life, rows[life.number]) for life in choice.lives}
        reach = max((taken for lane in self._lanes.values() for taken in lane.rows), default=0.0)
        self._width = max(self._end, reach, _LEFT + 400) + _RIGHT

    def _spread(self) -> dict[int, float]:
        """Return where each event that is shown stands from left to right.

        Events are evenly spread, in their order: in time they come in bursts. What is given and what is
        received of it are one moment, and so are an instance's end and what that releases.
        """
        at: set[int] = {moment.at for moment in self._choice.revoked}
        same: dict[int, int] = {}
        for holder in self._choice.holders:
            at |= {moment.at for moment in (holder.started, holder.ended) if moment}
        for life in self._choice.lives:
            at |= {moment.at for moment in (life.opened, life.closed) if moment}
            source, end = life.source, self._history.holders[life.holder].ended
            if life.opened and life.opened.entry.event is Event.RECEIVE and source and source.closed:
                same[life.opened.at] = source.closed.at
            if life.closed and life.closed.entry.event is Event.EXIT and end and end.at < life.closed.at:
                same[life.closed.at] = end.at
        at |= set(same.values())
        order = sorted(at - same.keys())
        low, high = _STEP
        step = min(high, max(low, (_WIDTH - _LEFT - _RIGHT) / max(1, len(order))))
        columns = {moment: _LEFT + 12 + step * place for place, moment in enumerate(order)}
        for moment, first in same.items():
            columns[moment] = columns[first]
        return columns

    def _row(self, life: Life) -> int:
        left, right = self._span(life)
        label, _ = self._label_at(life, left, right)
        return self._lanes[life.holder].place(left, max(right, label + width_of(_label(life))))

    def _span(self, life: Life) -> tuple[float, float]:
        left = self._columns[life.opened.at] if life.opened else _LEFT
        right = self._columns[life.closed.at] if life.closed else self._end
        return left, max(right, left + 4)

    @staticmethod
    def _label_at(life: Life, left: float, right: float) -> tuple[float, bool]:
        """Return where a bar's label begins, and whether that is inside the bar."""
        inside = right - left > width_of(_label(life)) + 18 and life.cut is None
        marked = life.closed is None or life.closed.entry.event is Event.EXIT  # how it ended stands there
        return (left + 12, True) if inside else (right + (12 if marked else 4), False)

    def _bar(self, life: Life, row: int) -> _Bar:
        left, right = self._span(life)
        middle = self._lanes[life.holder].top + _PAD + row * _ROW + _ROW / 2
        return _Bar(life, left, right, middle)

    # -- Drawing --

    def draw(self) -> Element:
        """Return the drawing."""
        return drawing(
            "lanes",
            "Who held what, in the order of events",
            *(self._draw_lane(lane) for lane in self._lanes.values()),
            *self._draw_times(),
            *(self._draw_revocation(number) for number in range(len(self._choice.revoked))),
            *(self._draw_bar(bar) for bar in self._bars.values()),
            *(arrow for bar in self._bars.values() if (arrow := self._draw_arrow(bar)) is not None),
            *(self._draw_label(bar) for bar in self._bars.values()),
            width=self._width,
            height=self._bottom,
        )

    def _draw_lane(self, lane: _Lane) -> Element:
        holder, top, height = lane.holder, lane.top, lane.height
        left = self._columns[holder.started.at] if holder.started else _LEFT
        right = self._columns[holder.ended.at] if holder.ended else self._width - _RIGHT / 2
        fate, words = fate_of(holder)
        told = f"{holder.name}: {words}"
        below = "host code" if holder.name == HOST else ""
        if holder.started is not None:
            told += f", started {since(self._history, holder.started)}"
            below = holder.started.entry.cause.replace("\\", "/").rpartition("/")[2]
        ground = "hosts" if holder.name == HOST else "lane"
        wide = max(right + 5 - left, 8.0)
        parts = [
            el("title", told),
            el("rect", class_="floor", x=0, y=top, width=self._width, height=height, rx=6),
            el("rect", class_=ground, x=left - 5, y=top, width=wide, height=height, rx=5),
            el("text", cut(holder.name, 19), class_="holder", x=10, y=top + 17),
            el("text", cut(below, 22), class_="small", x=10, y=top + 31),
        ]
        if holder.ended is not None:
            parts.append(el("rect", class_=f"end {fate}", x=right + 3, y=top, width=4, height=height, rx=2))
        if fate in ("trap", "limit"):
            parts.append(el("text", fate, class_=f"small {fate}", x=10, y=top + 44))
        return el("g", *parts)

    def _draw_times(self) -> list[Element]:
        """Draw the time of a column about every 90 pixels."""
        drawn: list[Element] = []
        moments = {m.at: m for life in self._choice.lives for m in (life.opened, life.closed) if m}
        free = 0.0
        for at in sorted(moments):
            x = self._columns[at]
            if x < free:
                continue
            free = x + 90
            drawn.append(el("line", class_="tick", x1=x, x2=x, y1=_TOP - 8, y2=self._bottom - _GAP))
            drawn.append(el("text", since(self._history, moments[at]), class_="time", x=x, y=_TOP - 12))
        return drawn

    def _draw_revocation(self, number: int) -> Element:
        moment = self._choice.revoked[number]
        x = self._columns[moment.at]
        entry = moment.entry
        why = f": {entry.cause}" if entry.cause else ""
        return el(
            "g",
            el("title", f"R{number + 1}: {entry.holder} was revoked{why}, {since(self._history, moment)}"),
            el("line", class_="revoke", x1=x, x2=x, y1=20, y2=self._bottom - _GAP),
            el("rect", class_="badge", x=x - 11, y=3, width=22, height=16, rx=8),
            el("text", f"R{number + 1}", class_="badge", x=x, y=15),
            class_="revocation",
        )

    def _draw_bar(self, bar: _Bar) -> Element:
        life, y, wide = bar.life, bar.middle - _BAR / 2, bar.right - bar.left
        colour = self._colours.get(life.interface, "ix")
        event = life.opened.entry.event if life.opened is not None else None
        look = f"bar {colour} lent" if event is Event.LEND else f"bar {colour}"
        parts = [
            el("title", handle_words(self._history, life)),
            el("rect", class_=look, x=bar.left, y=y, width=wide, height=_BAR, rx=3),
        ]
        if life.cut is not None:
            at = min(bar.right - 3, max(bar.left, self._columns.get(life.cut.at, bar.left)))
            parts.append(el("rect", class_="cut", x=at, y=y, width=bar.right - at, height=_BAR, rx=3))
            parts.append(el("path", class_="cross", d=f"M{at - 4:.1f} {bar.middle - 4:.1f}l8 8m0 -8l-8 8"))
        if event is Event.GRANT:
            parts.append(el("circle", class_="grant", cx=bar.left + 6, cy=bar.middle, r=3))
        if life.closed is None:
            point = f"M{bar.right:.1f} {y:.1f}l9 {_BAR / 2}l-9 {_BAR / 2}z"
            parts.append(el("path", class_=f"held {colour}", d=point))
        return el("g", *parts, class_="handle")

    def _draw_label(self, bar: _Bar) -> Element:
        place, inside = self._label_at(bar.life, bar.left, bar.right)
        look = "label in" if inside else "label"
        return el("text", _label(bar.life), class_=look, x=place, y=bar.middle + 4)

    def _draw_arrow(self, bar: _Bar) -> Element | None:
        """Draw from which bar a handle that was given or lent has come."""
        life = bar.life
        source = self._bars.get(life.source.number) if life.source is not None else None
        if source is None or life.opened is None or source.life.holder == life.holder:
            return None
        event = life.opened.entry.event
        if event not in (Event.RECEIVE, Event.LEND, Event.KEEP):
            return None
        x, down = bar.left, bar.middle > source.middle
        start = source.middle + (_BAR / 2 if down else -_BAR / 2)
        end = bar.middle + (-_BAR / 2 - 1 if down else _BAR / 2 + 1)
        kind = "give" if event is Event.RECEIVE else "lend"
        return el(
            "path", class_=f"arrow {kind}", marker_end=f"url(#{kind}-head)",
            d=f"M{x:.1f} {start:.1f}L{x:.1f} {end:.1f}",
        )  # fmt: skip


def _label(life: Life) -> str:
    return cut(f"#{life.number} {life.short}", 24)
