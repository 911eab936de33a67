"""`capwit diff`: each folder of `diffs/` is one change, with what is told of it on both sides.

`pytest tests/codegen --bless` writes what is told as what is expected.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from capwit.cli.main import main
from capwit.codegen.diff.change import Bump, raised, suffices

DIFFS = Path(__file__).with_name("diffs")
CASES = sorted(path.parent.name for path in DIFFS.glob("*/old.capnp"))


@pytest.mark.parametrize("case", CASES)
def test_case(
    case: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    pytestconfig: pytest.Config,
) -> None:
    monkeypatch.chdir(DIFFS / case)
    code = main(["diff", "old.capnp", "new.capnp"])
    text = capsys.readouterr().out
    told = f"{text}exit {code}\n"
    golden = DIFFS / case / "expected.txt"
    if pytestconfig.getoption("--bless", default=False):
        golden.write_text(told, "utf-8")
    assert told == golden.read_text("utf-8")
    assert code == int("breaks" in text)


@pytest.mark.parametrize("case", ["nothing", "field-into-old-union", "method-streaming"])
def test_nothing_changed(
    case: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(DIFFS / case)
    assert main(["diff", "new.capnp", "new.capnp"]) == 0
    assert capsys.readouterr().out == (
        "On the wire (Cap'n Proto): nothing changed\nIn WIT (components): nothing changed\n"
    )


class TestCommand:
    def test_json_of_a_schema_that_is_not_valid(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        wrong = tmp_path / "wrong.capnp"
        wrong.write_text("struct {")
        assert main(["diff", str(wrong), str(wrong), "--json"]) == 65
        out, err = capsys.readouterr()
        assert json.loads(out) == {"exit": 65, "error": {"message": err[len("capwit: ") : -1]}}
        assert f"{wrong}:1:" in err

    def test_json(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        monkeypatch.chdir(DIFFS / "field-added")
        assert main(["diff", "old.capnp", "new.capnp", "--json"]) == 1
        told = json.loads(capsys.readouterr().out)
        assert told["bump"] == "major"
        assert told["package"] == {
            "old": "demo:kv@0.1.0",
            "new": "demo:kv@0.1.0",
            "asks-for": "0.2.0",
            "enough": False,
        }
        assert told["wire"] == {
            "bump": "minor",
            "changes": [
                {
                    "subject": "Entry.note",
                    "message": "a new field",
                    "bump": "minor",
                    "place": "new.capnp:7:3",
                }
            ],
        }
        assert told["wit"]["bump"] == "major"

    @pytest.mark.parametrize(("side", "code"), [("wire", 0), ("wit", 1)])
    def test_one_side_alone(
        self, side: str, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.chdir(DIFFS / "field-added")
        assert main(["diff", "old.capnp", "new.capnp", "--only", side, "--json"]) == code
        assert {*json.loads(capsys.readouterr().out)} == {"bump", "package", side}

    def test_a_schema_that_is_not_valid(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        bad = tmp_path / "bad.capnp"
        bad.write_text("struct {")
        assert main(["diff", str(DIFFS / "field-added" / "old.capnp"), str(bad)]) == 65
        assert capsys.readouterr().err.startswith(f"capwit: {bad}:1:")

    def test_an_overlay_is_for_both(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        overlay = tmp_path / "overlay.toml"
        overlay.write_text('["Entry"]\nname = "row"\n')
        old = DIFFS / "field-added" / "old.capnp"
        assert main(["diff", str(old), str(old), "--overlay", str(overlay)]) == 0
        assert capsys.readouterr().out.count("nothing changed") == 2

    def test_help_tells_the_exit_codes(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit):
            main(["diff", "--help"])
        assert "1   something breaks" in capsys.readouterr().out


ID = "@0xd2c7a3f1b4e59871;\n"


class TestWire:
    """What `diffs/` does not hold: `--only wire` needs no mapping to WIT."""

    @pytest.mark.parametrize(
        ("old", "new", "told"),
        [
            (
                "interface A {} interface B {}",
                "interface A {} interface B extends(A) {}",
                [("B", "it now extends A", "minor")],
            ),
            (
                "interface A {} interface B extends(A) {}",
                "interface A {} interface B {}",
                [("B", "it no longer extends A", "major")],
            ),
            (
                "struct Box(T) { it @0 :T; } struct A { a @0 :Box(Text); }",
                "struct Box(T) { it @0 :T; } struct A { a @0 :Box(Data); }",
                [("A.a", "its type was Box(Text), and is Box(Data)", "major")],
            ),
            (
                "struct Box(T, U) { it @0 :T; } struct A { a @0 :Box(Text, Text); }",
                "struct Box(T, U) { it @0 :U; } struct A { a @0 :Box(Text, Text); }",
                [("Box.it", "its type was a type parameter, and is a type parameter", "major")],
            ),
            (
                "struct Node { next @0 :Node; all @1 :List(Node); }",
                "struct Tree { next @0 :Tree; all @1 :List(Tree); }",
                [
                    ("Node", "it is gone", "major"),
                    ("Tree", "new: a struct", "minor"),
                ],
            ),
            (
                "struct A { a @0 :List(Bool); } struct B { b @0 :Bool; }",
                "struct A { a @0 :List(B); } struct B { b @0 :Bool; }",
                [("A.a", "its type was List(Bool), and is List(B)", "major")],
            ),
            (
                "struct A { a @0 :List(UInt8); }",
                "struct A { a @0 :AnyPointer; }",
                [("A.a", "its type was List(UInt8), and is AnyPointer", "minor")],
            ),
            (
                "struct A { a @0 :E; } enum E { e @0; }",
                "struct A { a @0 :AnyPointer; } enum E { e @0; }",
                [("A.a", "its type was E, and is AnyPointer", "major")],
            ),
            (
                "struct A { a @0 :List(UInt8) = [1]; }",
                "struct A { a @0 :List(UInt8) = [2]; }",
                [("A.a", "its default changed", "major")],
            ),
            (
                "struct A { a @0 :UInt32 = 0; }",
                "struct A { a @0 :UInt32; }",
                [],
            ),
            (
                "struct A { a @0 :List(Inner); struct Inner { i @0 :Text; } }",
                "struct A { a @0 :List(Inner); struct Inner { i @0 :Text; j @1 :Text; } }",
                [("A.Inner.j", "a new field", "minor")],
            ),
            (
                "struct A { getUrl @0 :Text; getURL @1 :Text; }",  # two names that WIT cannot tell apart
                "struct A { getUrl @0 :Text; getURL @1 :Text; more @2 :Text; }",
                [("A.more", "a new field", "minor")],
            ),
        ],
    )
    def test_it_tells(
        self,
        old: str,
        new: str,
        told: list[tuple[str, str, str]],
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        files = [tmp_path / "old.capnp", tmp_path / "new.capnp"]
        for path, text in zip(files, (old, new), strict=True):
            path.write_text(ID + text)
        code = main(["diff", *map(str, files), "--only", "wire", "--json"])
        changes = json.loads(capsys.readouterr().out)["wire"]["changes"]
        assert [(each["subject"], each["message"], each["bump"]) for each in changes] == told
        assert code == int(any(bump == "major" for _, _, bump in told))

    def test_what_an_imported_file_changes_is_told(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        text = f'{ID}using More = import "more.capnp"; struct A {{ m @0 :More.M; }}'
        for folder, member in (("old", "Text"), ("new", "UInt8")):
            (tmp_path / folder).mkdir()
            (tmp_path / folder / "a.capnp").write_text(text)
            (tmp_path / folder / "more.capnp").write_text(
                f"@0xd2c7a3f1b4e59872; struct M {{ m @0 :{member}; }}"
            )
        files = [str(tmp_path / folder / "a.capnp") for folder in ("old", "new")]
        assert main(["diff", *files]) == 1
        out = capsys.readouterr().out
        assert "breaks  M.m: its type was Text, and is UInt8" in out
        assert "breaks  record m: the field was `m: string`, and is `m: u8`" in out


class TestVersions:
    @pytest.mark.parametrize(
        ("version", "bump", "next"),
        [
            ("1.2.3", Bump.MAJOR, "2.0.0"),
            ("1.2.3", Bump.MINOR, "1.3.0"),
            ("1.2.3", Bump.PATCH, "1.2.4"),
            ("1.2.3", Bump.NONE, "1.2.3"),
            ("0.2.3", Bump.MAJOR, "0.3.0"),
            ("0.2.3", Bump.MINOR, "0.2.4"),
            ("0.2.3", Bump.PATCH, "0.2.4"),
            ("1.2.3-rc.1", Bump.MAJOR, "2.0.0"),
            ("", Bump.MAJOR, ""),
        ],
    )
    def test_what_is_asked_for(self, version: str, bump: Bump, next: str) -> None:
        assert raised(version, bump) == next

    @pytest.mark.parametrize(
        ("old", "new", "bump", "enough"),
        [
            ("1.2.3", "2.0.0", Bump.MAJOR, True),
            ("1.2.3", "1.9.0", Bump.MAJOR, False),
            ("1.2.3", "1.10.0", Bump.MINOR, True),
            ("0.1.0", "0.2.0", Bump.MAJOR, True),
            ("0.1.0", "0.1.1", Bump.MAJOR, False),
            ("0.1.0", "0.1.0", Bump.NONE, True),
            ("", "", Bump.MINOR, False),
        ],
    )
    def test_whether_it_is_enough(self, old: str, new: str, bump: Bump, enough: bool) -> None:
        assert suffices(old, new, bump) is enough
