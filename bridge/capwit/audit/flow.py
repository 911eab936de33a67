"""The picture of who gave what to whom: a node for each holder, an arrow for all that went one way."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from capwit.bridge.ledger import Event

from .svg import cut, drawing, el, plural, width_of
from .words import fate_of

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from .history import History, Holder

_MOST: Final = 12  # nodes, and as many interfaces told of one arrow as its tooltip takes
_NODE: Final = (132.0, 40.0)
_VERBS: Final = {
    Event.GRANT: "granted",
    Event.MINT: "made for it",
    Event.LEND: "lent",
    Event.KEEP: "kept by it",
    Event.RECEIVE: "given",
}


@dataclass(slots=True)
class _Way:
    """All that went from one holder to another."""

    events: Counter[Event] = field(default_factory=Counter)
    interfaces: Counter[str] = field(default_factory=Counter)
    cut: int = 0

    @property
    def label(self) -> str:
        shown = [f"{count} {name}" if count > 1 else name for name, count in self.interfaces.most_common(2)]
        more = len(self.interfaces) - len(shown)
        return cut(", ".join(shown), 30) + (f" +{more}" if more else "")

    @property
    def lent(self) -> bool:
        return self.events.keys() <= {Event.LEND}

    def words(self, giver: str, taker: str) -> str:
        verbs = ", ".join(f"{count} {_VERBS[event]}" for event, count in self.events.items())
        names = ", ".join(f"{count} {name}" for name, count in self.interfaces.most_common(_MOST))
        revoked = f"; {self.cut} revoked" if self.cut else ""
        return f"{giver} to {taker}: {verbs} ({names}){revoked}"


def draw_flow(history: History, holders: list[Holder]) -> Element:
    """Draw what went from holder to holder; the most connected ones, where there are many."""
    ways: dict[tuple[str, str], _Way] = {}
    degree: Counter[str] = Counter()
    for move in history.moves:
        way = ways.setdefault((move.giver, move.life.holder), _Way())
        way.events[move.event] += 1
        way.interfaces[move.life.short] += 1
        way.cut += move.life.cut is not None
        degree.update((move.giver, move.life.holder))
    if len(holders) > _MOST:
        best = {name for name, _ in degree.most_common(_MOST)}
        holders = [holder for holder in holders if holder.name in best]
    places = _places(len(holders))
    width = max(x for x, _ in places) + _NODE[0] / 2 + 60
    height = max(y for _, y in places) + _NODE[1] / 2 + 24
    at = {holder.name: place for holder, place in zip(holders, places, strict=True)}
    drawn = {pair: way for pair, way in ways.items() if pair[0] in at and pair[1] in at}
    return drawing(
        "flow",
        "Who gave what to whom",
        *(_draw_way(*pair, way, at, both=(pair[1], pair[0]) in drawn) for pair, way in drawn.items()),
        *(_draw_node(holder, *at[holder.name]) for holder in holders),
        width=width,
        height=height,
    )


def _places(count: int) -> list[tuple[float, float]]:
    """Return a place for each node: on an ellipse, the first one on top."""
    wide, high = max(250.0, 62.0 * count), max(120.0, 32.0 * count)
    middle = wide + _NODE[0] / 2 + 60, high + _NODE[1] / 2 + 12
    turns = [2 * math.pi * place / count - math.pi / 2 for place in range(count)]
    return [(middle[0] + wide * math.cos(turn), middle[1] + high * math.sin(turn)) for turn in turns]


def _draw_node(holder: Holder, x: float, y: float) -> Element:
    fate, words = fate_of(holder)
    width, height = _NODE
    sign = {"trap": "trapped, ", "limit": "hit a limit, "}.get(fate, "")
    return el(
        "g",
        el("title", f"{holder.name}: {words}"),
        el(
            "rect",
            class_=f"node {fate if fate != 'end' else ''}",
            x=x - width / 2,
            y=y - height / 2,
            width=width,
            height=height,
            rx=9,
        ),
        el("text", cut(holder.name, 18), class_="name", x=x, y=y - 3),
        el("text", sign + plural(len(holder.lives), "handle"), class_="count", x=x, y=y + 12),
    )


def _draw_way(
    giver: str, taker: str, way: _Way, at: dict[str, tuple[float, float]], *, both: bool
) -> Element:
    """Draw one arrow, bent where there is one the other way."""
    (x1, y1), (x2, y2) = at[giver], at[taker]
    away = math.hypot(x2 - x1, y2 - y1) or 1.0
    normal = (y1 - y2) / away, (x2 - x1) / away
    bend = 26.0 if both else 0.0
    cx, cy = (x1 + x2) / 2 + normal[0] * bend, (y1 + y2) / 2 + normal[1] * bend
    start, end = _edge(x1, y1, cx, cy), _edge(x2, y2, cx, cy)
    (lx, ly) = (_on_curve(*ends) for ends in zip(start, (cx, cy), end, strict=True))
    kind = "lend" if way.lent else "give"
    wide = width_of(way.label) + 10
    count = sum(way.events.values())
    return el(
        "g",
        el("title", way.words(giver, taker)),
        el(
            "path", class_=f"way {kind} {'severed' if way.cut else ''}", marker_end=f"url(#{kind}-head)",
            stroke_width=min(5.0, 1.2 + math.log2(count) / 2),
            d=f"M{start[0]:.1f} {start[1]:.1f}Q{cx:.1f} {cy:.1f} {end[0]:.1f} {end[1]:.1f}",
        ),
        el("rect", class_="plate", x=lx - wide / 2, y=ly - 8, width=wide, height=16, rx=4),
        el("text", way.label, class_=f"way {'severed' if way.cut else ''}", x=lx, y=ly + 4),
    )  # fmt: skip


def _on_curve(start: float, control: float, end: float, along: float = 0.4) -> float:
    """Return a coordinate of a point on a curve: nearer to its start, so that the way back has its own."""
    back = 1 - along
    return back * back * start + 2 * along * back * control + along * along * end


def _edge(x: float, y: float, tx: float, ty: float) -> tuple[float, float]:
    """Return where the line from a node's middle to a point leaves the node."""
    dx, dy = tx - x, ty - y
    half = _NODE[0] / 2 + 3, _NODE[1] / 2 + 3
    scale = min(half[0] / abs(dx) if dx else math.inf, half[1] / abs(dy) if dy else math.inf, 1.0)
    return x + dx * scale, y + dy * scale
