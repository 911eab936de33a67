"""The ledger as JSON lines: what is written is read back, and what is broken is told by its line."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from capwit.audit import JsonLines, LedgerError, read_lines
from capwit.bridge import Entry, Event, Host, Ledger
from hypothesis import given
from hypothesis import strategies as st

from tests.bridge.support import guest_of, scenario

NUMBERS = st.integers(0, 2**53 - 1)
TEXTS = st.text()
ENTRIES = st.builds(
    Entry, NUMBERS, st.floats(0, 2e9), st.sampled_from(Event), NUMBERS, TEXTS, TEXTS, NUMBERS, NUMBERS, TEXTS
)


@given(st.lists(ENTRIES, max_size=5))
def test_what_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, entries: list[Entry]) -> None:
    path = tmp_path_factory.getbasetemp() / "there-and-back.jsonl"
    with JsonLines(path) as lines:
        for entry in entries:
            lines(entry)
    assert list(read_lines(path)) == entries


@scenario
async def test_a_file_is_whole_at_every_moment() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.jsonl"
        ledger = Ledger()
        with JsonLines(path) as lines:
            ledger.listen(lines)
            async with Host(ledger=ledger) as host, guest_of(host=host) as guest:
                await guest.exec("desk = grants.get_desk()")
                assert list(read_lines(path)) == list(ledger)
        assert list(read_lines(path)) == list(ledger)


def entry(sequence: int) -> Entry:
    return Entry(sequence, 1.5, Event.MINT, sequence, "a:b/c.d", "app", 1, 0, "")


def test_a_full_file_takes_nothing_from_the_program(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "small.jsonl"
    with JsonLines(path, limit=300) as lines:
        for sequence in range(1, 11):
            lines(entry(sequence))
    kept = list(read_lines(path))
    assert kept == [*(entry(n) for n in range(1, len(kept))), lines.lost]
    assert lines.lost == 10 - (len(kept) - 1) > 0
    assert caplog.text.count("no more of the ledger is written: it has reached its limit") == 1
    assert f"{lines.lost} events of the ledger are not in it" in caplog.text


def test_a_closed_file_counts_what_comes_after(tmp_path: Path) -> None:
    lines = JsonLines(tmp_path / "run.jsonl")
    lines.close()
    lines(entry(1))
    lines.close()
    assert lines.lost == 1


def test_a_last_line_that_was_cut_off_is_one_missing_event(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    whole = json.dumps(entry(1).as_json()) + "\n"
    path.write_text(whole + whole[:20])
    assert list(read_lines(path)) == [entry(1), 1]


LINE = json.dumps(entry(1).as_json())


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", "Expecting value"),
        ("[]", "it is no JSON object"),
        ("3", "it is no JSON object"),
        ("{}", "its `event` is none of a ledger's"),
        ('{"event": ["mint"]}', "its `event` is none of a ledger's"),
        (LINE.replace("1.5", '"1.5"'), "its `time` is no number of seconds since 1970"),
        (LINE.replace("1.5", "NaN"), "its `time`"),
        (LINE.replace("1.5", "1e300"), "its `time`"),
        (LINE.replace("1.5", "true"), "its `time`"),
        (LINE.replace("1.5", "9" * 5000), ""),
        (LINE.replace('"slot": 1', '"slot": -1'), "its `slot` is no whole number"),
        (LINE.replace('"slot": 1', '"slot": 1.0'), "its `slot` is no whole number"),
        (LINE.replace('"slot": 1', '"slot": true'), "its `slot` is no whole number"),
        (LINE.replace('"app"', "7"), "its `holder` is no text"),
        ('{"lost": "many"}', "its `lost` is no whole number"),
        ("[" * 100_000, "it is nested too deep"),
        ("\udcff", ""),
    ],
)
def test_a_line_that_is_no_event_is_told_by_its_number(tmp_path: Path, line: str, words: str) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(f"{LINE}\n{line}\n{LINE}\n".encode(errors="surrogateescape"))
    with pytest.raises(LedgerError) as caught:
        list(read_lines(path))
    assert str(caught.value).startswith(f"{path}:2: no event of a ledger: {words}")
    assert "Mend: name a file that `capwit run --ledger-json` wrote" in str(caught.value)


def test_a_line_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(b" " * (1024 * 1024 + 1))
    with pytest.raises(LedgerError, match=r"run.jsonl:1: a line of more than 1048576 bytes"):
        list(read_lines(path))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match=r"gone.jsonl: No such file"):
        list(read_lines(tmp_path / "gone.jsonl"))
