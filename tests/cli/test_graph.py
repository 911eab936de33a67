"""`capwit graph`, and `capwit run --graph`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from capwit.cli import exits

from tests.bridge.support import SCHEMA, generated, probe_guest

if TYPE_CHECKING:
    from pathlib import Path

DESKS = """
class Item:
    def name(self): return "x"
    def same(self, other): return False

class Desk:
    def echo(self, text): return text
    def add(self, a, b): return a + b
    def make(self, name): return Item()
    def look(self, item): return ""
    def pack(self, item, label): return None
    def unpack(self, parcel): return []
    def tell(self, text): pass
    def take(self, item): return ""

def make(): return Desk()
"""
CODE = "desk = grants.get_desk(); item = desk.make('x'); del item"


@pytest.fixture
def run(capwit: Any, tmp_path: Path) -> Any:
    def call(*options: Any, code: str = CODE) -> Any:
        desks = tmp_path / "desks.py"
        desks.write_text(DESKS)
        given = ("--bindings", generated(SCHEMA) / "probe.py", "--grant", f"desk={desks}:make")
        return capwit("run", *given, *options, probe_guest(), code)

    return call


def test_a_ledger_becomes_a_page_or_mermaid(capwit: Any, run: Any, tmp_path: Path) -> None:
    ledger, page = tmp_path / "run.jsonl", tmp_path / "run.html"
    assert run("--ledger-json", ledger).code == 0
    done = capwit("graph", ledger, "-o", page)
    assert (done.code, done.out, done.err) == (0, "", "")
    text = page.read_text()
    assert text.startswith("<!DOCTYPE html>")
    assert "<h1>run.jsonl</h1>" in text
    assert " item</text>" in text
    assert capwit("graph", ledger).out == text
    diagram = capwit("graph", "--mermaid", ledger).out
    assert diagram.startswith("sequenceDiagram\n    participant h0 as host\n")
    assert "grants #35;" in diagram


def test_a_run_draws_its_own_ledger_however_it_ends(run: Any, tmp_path: Path) -> None:
    page = tmp_path / "run.html"
    done = run("--graph", page, code=f"{CODE}; 1 / 0")
    assert done.code == exits.TRAPPED
    text = page.read_text()
    assert f"<h1>{probe_guest().name}</h1>" in text
    assert "trap: " in text
    assert "Every handle was released." in text
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".jsonl"] == []


def test_a_picture_that_cannot_be_written_is_told_before_anything_runs(run: Any, tmp_path: Path) -> None:
    done = run("--graph", tmp_path / "gone" / "run.html", code="print('ran')")
    assert (done.code, done.out) == (exits.OUTPUT, "")
    assert "run.html: cannot be written: No such file or directory" in done.err


def test_what_is_no_ledger(capwit: Any, tmp_path: Path) -> None:
    file = tmp_path / "x.jsonl"
    done = capwit("graph", file)
    assert (done.code, done.err) == (exits.BAD_INPUT, f"capwit: {file}: No such file or directory\n")
    file.write_text('{"event": "mint"}\nhello\n')
    done = capwit("graph", file)
    assert done.code == exits.BAD_INPUT
    assert f"{file}:1: no event of a ledger: its `time` is no number" in done.err
    done = capwit("graph", probe_guest())
    assert done.code == exits.BAD_INPUT
    file.write_text("")
    assert capwit("graph", file, "-o", tmp_path).code == exits.OUTPUT
