"""The picture of a ledger: what it shows of a real run, whatever names are in it, however large it is."""

from __future__ import annotations

import asyncio
import functools
import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from capwit.audit import History, draw_mermaid, draw_page, put_together
from capwit.bridge import Entry, Event, Ledger
from hypothesis import given
from hypothesis import strategies as st

from tests.audit.support import run_five

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


@functools.cache
def five() -> tuple[Entry, ...]:
    """The ledger of a real run of five instances."""
    ledger = Ledger()
    asyncio.run(asyncio.wait_for(run_five(ledger), 120))
    assert ledger.balance == 0
    return tuple(ledger)


def page_of(history: History) -> Element:
    return parsed(draw_page(history, "a run"))


def parsed(text: str) -> Element:
    return ET.fromstring(text)  # noqa: S314 - that it holds nothing it should not is what is tested


def of_class(page: Element, tag: str, name: str) -> list[Element]:
    return [el for el in page.iter() if el.tag.endswith(tag) and name in el.get("class", "").split()]


def texts(elements: list[Element]) -> list[str]:
    return [el.text or "" for el in elements]


# -- A real run --


def test_who_held_what() -> None:
    history = put_together(five())
    assert len(history.lives) >= 50
    assert list(history.holders) == ["host", "store", "front", "reader", "mallory", "batch"]
    page = page_of(history)
    assert texts(of_class(page, "text", "holder")) == list(history.holders)
    shown = [life for life in history.lives.values() if not life.passing]
    assert len(of_class(page, "g", "handle")) == len(shown)
    labels = texts(of_class(page, "text", "label"))
    assert sorted(labels) == sorted(f"#{life.number} {life.short}" for life in shown)
    assert len(of_class(page, "rect", "end")) == 5 + 2  # five lanes, two of the legend
    assert len(of_class(page, "circle", "grant")) == 1 + sum(e.event is Event.GRANT for e in five())


def test_who_gave_it_to_whom() -> None:
    history = put_together(five())
    given = [move for move in history.moves if move.event is Event.RECEIVE]
    ways = {(move.giver, move.life.holder) for move in given}
    assert {("store", "front"), ("store", "reader"), ("front", "host")} <= ways  # not by way of the host
    page = page_of(history)
    assert len(of_class(page, "path", "arrow")) == 2 + sum(
        move.event in (Event.RECEIVE, Event.LEND, Event.KEEP) and move.life.source is not None
        for move in history.moves
    )
    nodes = texts(of_class(page, "text", "name"))
    assert nodes == list(history.holders)
    told = {el.text or "" for el in page.iter() if el.tag.endswith("title")}
    assert "store to front: 2 given (2 item)" in told
    assert "front to store: 2 lent (2 item)" in told


def test_what_was_revoked_and_what_ended_badly() -> None:
    history = put_together(five())
    cut = {life.number for life in history.lives.values() if life.cut is not None}
    desk = next(life for life in history.lives.values() if (life.holder, life.short) == ("mallory", "desk"))
    assert cut == {desk.number} | {life.number for life in history.lives.values() if life.parent is desk}
    assert len(cut) == 4
    page = page_of(history)
    assert len(of_class(page, "rect", "cut")) == 1 + 4
    cells = texts([el for el in page.iter() if el.tag.endswith("td")])
    assert cells[:2] == ["R1", "mallory.desk"]
    assert cells[3:5] == ["4 handles", "it asked too often"]
    assert texts(of_class(page, "text", "trap")) == ["trap"]
    assert texts(of_class(page, "text", "limit")) == ["limit"]


def test_the_page_needs_nothing_and_runs_nothing() -> None:
    text = draw_page(put_together(five()), "a run")
    assert set(re.findall(r"\w+://[^\"]*", text)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"<script|<img|<link|<iframe|\bhref|\bsrc=|\bon[a-z]+=|@import|url\((?!#)", text)
    assert "default-src 'none'" in text
    assert "prefers-color-scheme: dark" in text


def test_the_same_ledger_is_the_same_picture() -> None:
    assert draw_page(put_together(five()), "x") == draw_page(put_together(five()), "x")


def test_as_mermaid() -> None:
    lines = [line.strip() for line in draw_mermaid(put_together(five())).splitlines()]
    assert lines[:3] == ["sequenceDiagram", "participant h0 as host", "participant h1 as store"]
    assert any(re.fullmatch(r"h1->>h2: gives #35;\d+ item", line) for line in lines)
    assert any(re.fullmatch(r"h2-->>h1: lends #35;\d+ item", line) for line in lines)
    assert any(re.fullmatch(r"h0->>h4: grants #35;\d+ desk #40;revoked later#41;", line) for line in lines)
    assert "Note over h0,h5: revoked mallory.desk: it asked too often" in lines
    assert any(line.startswith("Note over h4: trap: ") for line in lines)


# -- Any ledger --


def entry(sequence: int, event: Event, handle: int = 0, holder: str = "app", **more: object) -> Entry:
    told = {"interface": "a:b/c.d" if handle else "", "slot": 0, "parent": 0, "cause": "", **more}
    return Entry(sequence=sequence, time=sequence / 1000, event=event, handle=handle, holder=holder, **told)  # type: ignore[arg-type]


HOSTILE = [
    "<script>alert(1)</script>",
    "\"><svg onload='x'>&amp;]]>-->",
    "a\x00\x1b[31m\n\u202eb\ud800",
    "end; note over h0: x\nparticipant #quot;",
    "\u6f22" * 60,
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_nothing_but_text(name: str) -> None:
    history = put_together(
        [
            entry(1, Event.START, holder=name, cause=name),
            entry(2, Event.GRANT, 1, holder=name, interface=f"a:b/c.{name}", cause=name),
            entry(3, Event.REVOKE, holder=f"{name}.{name}", cause=name),
            entry(4, Event.DENY, holder=name, cause=name),
            entry(5, Event.TRAP, holder=name, cause=name),
        ]
    )
    assert len([life for life in history.lives.values() if life.cut]) == 1
    text = draw_page(history, name)
    text.encode()
    tags = {el.tag.rpartition("}")[2] for el in parsed(text).iter()}
    assert not tags & {"script", "img"}
    assert [el for el in parsed(text).iter() if "onload" in el.attrib] == []
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\ud800-\udfff]", text)
    diagram = draw_mermaid(history)
    starts = ("sequenceDiagram", "    participant h", "    Note over h", "    h")
    assert all(line.startswith(starts) for line in diagram.splitlines())
    assert not re.search(r"[;<>\"'](?<!\d;)", re.sub(r"->>", "", diagram))


SMALL = st.integers(0, 6)
WORDS = st.sampled_from(["", "host", "app", "by app", "app.desk", "x"])


@given(
    st.lists(
        st.builds(
            Entry, SMALL, st.floats(0, 9), st.sampled_from(Event), SMALL, WORDS, WORDS, SMALL, SMALL, WORDS
        )
    )
)
def test_a_record_that_makes_no_sense_is_drawn_all_the_same(entries: list[Entry]) -> None:
    history = put_together(entries)
    page_of(history)
    assert draw_mermaid(history).startswith("sequenceDiagram\n")


def test_the_empty_record() -> None:
    assert "0 events" in draw_page(put_together([]), "nothing")
    assert draw_mermaid(put_together([])) == "sequenceDiagram\n    participant h0 as host\n"


def test_a_large_ledger_is_drawn_in_part_and_says_so() -> None:
    entries: list[Entry] = []
    for number in range(1, 50_001):
        holder = f"app-{number % 300}"
        entries.append(
            entry(len(entries) + 1, Event.MINT, number, holder, interface=f"a:b/c.kind-{number % 30}")
        )
        if number % 1000:
            entries.append(entry(len(entries) + 1, Event.DROP, number, holder))
    history = put_together([*entries, 7])
    text = draw_page(history, "large")
    assert len(text) < 400_000
    page = parsed(text)
    (left_out,) = texts(of_class(page, "p", "left-out"))
    assert left_out == (
        "Left out below: 49,760 of 50,000 handles, 277 of 300 instances, 7 events that the record lacks."
    )
    assert "50 handles still held at the end of the record" in texts(of_class(page, "p", "bad"))
    assert len(draw_mermaid(history)) < 40_000


def test_what_a_bounded_ledger_has_let_go_of_is_missing() -> None:
    history = put_together([entry(11, Event.DROP, 3), entry(12, Event.MINT, 4)])
    assert history.missing == 10
    assert history.lives[3].opened is None
    assert [life.number for life in history.held] == [4]
    assert "from before this record" in draw_page(history, "x")


def test_what_came_of_a_revoked_handle_is_cut_with_it() -> None:
    history = put_together(
        [
            entry(1, Event.MINT, 1, "host"),
            entry(2, Event.KEEP, 2, "host", parent=1),
            entry(3, Event.GRANT, 3, parent=2, cause="d"),
            entry(4, Event.MINT, 4, parent=3),
            entry(5, Event.GRANT, 5, cause="d"),
            entry(6, Event.DROP, 4),
            entry(7, Event.REVOKE, 2, "handle #1"),
            entry(8, Event.MINT, 6, parent=3),
        ]
    )
    assert {number for number, life in history.lives.items() if life.cut} == {2, 3, 6}


def test_what_a_parent_passed_on_is_cut_with_the_parents_grant() -> None:
    history = put_together(
        [
            entry(1, Event.GRANT, 1, "child", cause="d through parent.d through all"),
            entry(2, Event.MINT, 2, "child", parent=1),
            entry(3, Event.GRANT, 3, "other", cause="d"),
            entry(4, Event.REVOKE, holder="parent.d"),
        ]
    )
    assert {number for number, life in history.lives.items() if life.cut} == {1, 2}
