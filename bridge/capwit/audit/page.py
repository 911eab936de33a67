"""The picture of a ledger: one page of HTML that holds all it needs, and runs nothing."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import tostring

from .choice import choose
from .flow import draw_flow
from .lanes import Lanes
from .style import COLOURS, style_text
from .svg import cut, el, plural
from .words import fate_of, since

if TYPE_CHECKING:
    from collections.abc import Sequence
    from xml.etree.ElementTree import Element

    from .choice import Choice
    from .history import History

_ROWS: Final = 40  # of a table

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"


def draw_page(history: History, title: str) -> str:
    """Return the picture of a history as a page of HTML, which is well-formed XML as well.

    It is bounded: of a large ledger it shows what is most telling, and says what it leaves out.
    """
    choice = choose(history)
    frequent = Counter(life.interface for life in choice.lives).most_common()
    colours = {interface: f"i{place}" for place, (interface, _) in enumerate(frequent[:COLOURS])}
    page = el(
        "html",
        el(
            "head",
            el("meta", charset="utf-8"),
            el("meta", http_equiv="Content-Security-Policy", content=_POLICY),
            el("meta", name="viewport", content="width=device-width"),
            el("title", f"{title}: who held what"),
            _style(),
        ),
        el(
            "body",
            _heads(),
            el("h1", title),
            *_summary(history, choice),
            el("h2", "Who gave what to whom"),
            el("div", draw_flow(history, choice.holders), class_="scroll"),
            el("h2", "Who held what, in the order of events"),
            _legend(colours, others=len(frequent) - len(colours)),
            el("div", Lanes(history, choice, colours).draw(), class_="scroll"),
            *_revocations(history, choice),
            *_endings(history, choice),
        ),
        lang="en",
    )
    text = tostring(page, encoding="unicode", short_empty_elements=False)
    return f"<!DOCTYPE html>\n{text}\n"


def _style() -> Element:
    style = el("style")
    style.text = style_text()  # as it is: nothing of it comes from a ledger
    return style


def _heads() -> Element:
    """Return what drawings refer to: the heads of arrows, and stripes."""
    heads = [
        el(
            "marker", el("path", class_="head", d="M0 0L8 4L0 8z"), id=f"{kind}-head", viewBox="0 0 8 8",
            refX=7, refY=4, markerWidth=7, markerHeight=7, markerUnits="userSpaceOnUse", orient="auto",
        )
        for kind in ("give", "lend")
    ]  # fmt: skip
    stripes = el(
        "pattern",
        el("rect", class_="stripe-back", width=6, height=6),
        el("path", class_="stripe", d="M0 0V6"),
        id="stripes", width=5, height=5, patternUnits="userSpaceOnUse", patternTransform="rotate(45)",
    )  # fmt: skip
    return el("svg", el("defs", *heads, stripes), class_="heads", width=0, height=0)


def _summary(history: History, choice: Choice) -> list[Element]:
    began = datetime.fromtimestamp(history.began, UTC)
    parts = [
        plural(history.events, "event"),
        f"{history.ended - history.began:.3f} s from {began:%Y-%m-%d %H:%M:%S} UTC",
        plural(len(history.holders) - 1, "instance"),
        plural(len(history.lives), "handle"),
        plural(len(history.revoked), "revocation"),
        plural(sum(history.denied.values()), "denied call"),
    ]
    held = len(history.held)
    told = [el("p", " · ".join(parts))]
    if held:
        told.append(el("p", f"{plural(held, 'handle')} still held at the end of the record", class_="bad"))
    else:
        told.append(el("p", "Every handle was released."))
    if choice.left_out:
        told.append(el("p", f"Left out below: {', '.join(choice.left_out)}.", class_="left-out"))
    return told


def _legend(colours: dict[str, str], others: int) -> Element:
    def sample(*parts: Element, width: int = 22) -> Element:
        return el("svg", *parts, width=width, height=14, viewBox=f"0 0 {width} 14")

    def swatch(classes: str) -> Element:
        return sample(el("rect", class_=f"bar {classes}", x=1, y=2, width=20, height=10, rx=3))

    def arrow(kind: str) -> Element:
        return sample(el("path", class_=f"arrow {kind}", marker_end=f"url(#{kind}-head)", d="M1 7H20"))

    items = [(swatch(colour), interface.rpartition(".")[2]) for interface, colour in colours.items()]
    if others:
        items.append((swatch("ix"), plural(others, "other interface")))
    items += [
        (
            sample(
                el("rect", class_="bar ix", x=1, y=2, width=20, height=10, rx=3),
                el("circle", class_="grant", cx=7, cy=7, r=3),
            ),
            "a grant",
        ),
        (swatch("ix lent"), "lent for one call"),
        (arrow("give"), "given"),
        (arrow("lend"), "lent, or kept"),
        (
            sample(
                el("rect", class_="cut", x=8, y=2, width=13, height=10, rx=3),
                el("path", class_="cross", d="M4 3l8 8m0 -8l-8 8"),
            ),
            "revoked",
        ),
        (sample(el("rect", class_="end trap", x=9, y=0, width=4, height=14, rx=2)), "trapped"),
        (sample(el("rect", class_="end limit", x=9, y=0, width=4, height=14, rx=2)), "hit a limit"),
        (sample(el("path", class_="held ix", d="M8 1l9 6l-9 6z")), "still held"),
    ]
    return el("ul", *(el("li", drawing, words) for drawing, words in items), class_="legend")


def _revocations(history: History, choice: Choice) -> list[Element]:
    if not choice.revoked and not history.denied:
        return []
    cuts = Counter(life.cut.at for life in history.lives.values() if life.cut is not None)
    rows: list[list[str]] = []
    for number, moment in enumerate(choice.revoked, 1):
        grant, why = moment.entry.holder, moment.entry.cause
        lost = plural(cuts[moment.at], "handle") if cuts[moment.at] else ""
        rows.append([f"R{number}", grant, since(history, moment), lost, why])
    for grant, count in history.denied.most_common(_ROWS):
        rows.append(["denied", grant, "", plural(count, "call"), ""])
    return [
        el("h2", "Revoked and denied"),
        _table(("", "grant", "when", "cut or denied", "why"), rows),
    ]


def _endings(history: History, choice: Choice) -> list[Element]:
    rows, kinds = [], []
    for holder in choice.holders[1:]:
        fate, words = fate_of(holder)
        component = holder.started.entry.cause if holder.started else ""
        ended = since(history, holder.ended) if holder.ended else ""
        rows.append([holder.name, component, str(len(holder.lives)), ended, words])
        kinds.append(fate)
    if not rows:
        return []
    table = _table(("instance", "component", "handles", "ended", "how"), rows, kinds)
    return [el("h2", "Instances"), table]


def _table(headings: tuple[str, ...], rows: list[list[str]], kinds: Sequence[str] = ()) -> Element:
    """Return a table; the last cell of each row may be of a kind."""
    drawn = [[el("td", cut(text, 300)) for text in row] for row in rows]
    for row, kind in zip(drawn, kinds, strict=False):
        row[-1].set("class", kind)
    return el(
        "table",
        el("tr", *(el("th", heading) for heading in headings)),
        *(el("tr", *row) for row in drawn),
    )
