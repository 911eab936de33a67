"""What is written, what is left alone, and what is taken away again."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath

import pytest
from capwit.cli.main import main
from capwit.codegen import write

HEAD = "@0xd2c7a3f1b4e59871;\n"
MORE = "@0xd2c7a3f1b4e59872;\nstruct B { a @0 :Text; }\n"
USES_MORE = 'using More = import "more.capnp";\nstruct A { b @0 :More.B; }\n'
ALONE = "struct A { b @0 :Text; }\n"


@pytest.fixture
def schema(tmp_path: Path) -> Path:
    """A schema that uses another one, generated into `out`."""
    (tmp_path / "more.capnp").write_text(MORE)
    path = tmp_path / "demo.capnp"
    path.write_text(HEAD + USES_MORE)
    assert generate(path) == 0
    return path


def generate(schema: Path, *arguments: str) -> int:
    out = schema.parent / "out"
    return main(["generate", str(schema), "--out", str(out), "--no-validate", *arguments])


def listing(schema: Path) -> dict[str, int]:
    out = schema.parent / "out"
    return {str(path.relative_to(out)): path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}


def test_what_is_current_keeps_its_time(schema: Path) -> None:
    before = listing(schema)
    assert ".capwit-generated" in before
    assert generate(schema) == 0
    assert listing(schema) == before


def test_two_folders_are_alike(schema: Path) -> None:
    assert main(["generate", str(schema), "--out", str(schema.parent / "two"), "--no-validate"]) == 0
    one, two = schema.parent / "out", schema.parent / "two"
    for name in listing(schema):
        assert (one / name).read_bytes() == (two / name).read_bytes()


def test_several_write_the_same_at_once(tmp_path: Path) -> None:
    files = {PurePosixPath(f"{folder}/{name}.txt"): f"{name}\n" for folder in "ab" for name in range(50)}
    with ThreadPoolExecutor(8) as pool:
        for number in range(5):
            out = tmp_path / str(number)
            for written in [pool.submit(write, files, out) for _ in range(8)]:
                written.result()
            assert {path.relative_to(out): path.read_text() for path in out.rglob("*.*")} == {
                Path(path): text for path, text in files.items()
            }


def test_what_is_no_longer_generated_is_removed(schema: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = schema.parent / "out"
    old = {"more.py", "more.bridge.json", "wit/deps/capnp-more/more.wit"}
    assert old < {*listing(schema)}
    (out / "wit" / "deps" / "capnp-more" / "mine.txt").write_text("mine")
    schema.write_text(HEAD + ALONE)
    capsys.readouterr()

    assert generate(schema, "--check") == 1
    assert f"{out / 'more.py'}: no longer generated" in capsys.readouterr().err
    assert generate(schema, "--dry-run") == 0
    planned = capsys.readouterr().out
    assert f"removed {out / 'more.py'}" in planned.splitlines()
    assert old < {*listing(schema)}

    assert generate(schema) == 0
    assert capsys.readouterr().out == planned
    assert not old & {*listing(schema)}
    assert (out / "wit" / "deps" / "capnp-more" / "mine.txt").read_text() == "mine"
    assert generate(schema, "--check") == 0


def test_folders_that_are_left_empty_go_too(schema: Path) -> None:
    schema.write_text(HEAD + ALONE)
    assert generate(schema) == 0
    assert not (schema.parent / "out" / "wit" / "deps").exists()
    assert (schema.parent / "out" / "wit").is_dir()


def test_what_a_person_has_changed_is_left(schema: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = schema.parent / "out" / "more.py"
    mine.write_text("mine now")
    schema.write_text(HEAD + ALONE)
    capsys.readouterr()
    assert generate(schema) == 0
    assert f"{mine}: no longer generated, but changed since: left alone" in capsys.readouterr().err
    assert mine.read_text() == "mine now"
    assert not (mine.parent / "more.bridge.json").exists()
    assert generate(schema) == 0
    assert "left alone" not in capsys.readouterr().err


def test_what_was_not_written_by_us_is_left(schema: Path) -> None:
    """A file of a folder without a record might be anyone's."""
    (schema.parent / "out" / ".capwit-generated").unlink()
    schema.write_text(HEAD + ALONE)
    assert generate(schema) == 0
    assert "more.py" in listing(schema)


def test_schemas_that_share_a_folder_leave_each_others_files(schema: Path) -> None:
    more = schema.with_name("more.capnp")
    assert generate(more) == 0
    schema.write_text(HEAD + ALONE)
    assert generate(schema) == 0
    assert {"more.py", "more.bridge.json", "wit/more.wit"} <= {*listing(schema)}
    assert "wit/deps/capnp-more/more.wit" not in listing(schema)


@pytest.mark.parametrize(
    "path", ["../victim.txt", "link/victim.txt", "{absolute}", f"{'long' * 1000}/x", "no\udc00text/x", "\0"]
)
def test_a_record_does_not_lead_out_of_its_folder(schema: Path, path: str) -> None:
    victim = schema.parent / "victim.txt"
    victim.write_text("")
    (schema.parent / "out" / "link").symlink_to(schema.parent)
    record = schema.parent / "out" / ".capwit-generated"
    content = json.loads(record.read_text())
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    content["schemas"]["demo.capnp"][path.format(absolute=victim)] = empty
    record.write_text(json.dumps(content))
    assert generate(schema) == 0
    assert victim.exists()


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"format": 2, "schemas": {}}', '{"format": 1, "schemas": {"a": [1]}}', "[" * 99999],
)
def test_a_damaged_record_is_an_error(schema: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    record = schema.parent / "out" / ".capwit-generated"
    record.write_text(text)
    capsys.readouterr()
    assert generate(schema) == 65
    assert capsys.readouterr().err == (
        f"capwit: {record}: it is not a record of what capwit wrote\n"
        "  delete it: then nothing that is no longer generated is removed\n"
    )
    record.unlink()
    assert generate(schema) == 0


@pytest.mark.parametrize("name", ["demo.py", "wit/demo.wit", "demo.bridge.json"])
def test_a_file_that_is_somebody_elses_is_not_replaced(
    schema: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = schema.parent / "other"
    mine = out / name
    mine.parent.mkdir(parents=True)
    mine.write_text("hand written\n")
    capsys.readouterr()
    assert main(["generate", str(schema), "--out", str(out), "--no-validate"]) == 74
    assert capsys.readouterr().err == (
        f"capwit: {mine}: it is there already, and no file that `capwit generate` has written\n"
        "  move it, or name another folder with --out\n"
    )
    assert [path for path in out.rglob("*") if path.is_file()] == [mine]
    assert mine.read_text() == "hand written\n"


def test_without_a_record_what_is_generated_is_replaced(schema: Path) -> None:
    out = schema.parent / "out"
    before = {path: path.read_text() for path in out.rglob("*.*") if path.is_file()}
    for path in out.rglob("*.*"):
        if path.is_file():
            path.write_text(path.read_text() + "\n")
    (out / ".capwit-generated").unlink()
    assert generate(schema) == 0
    assert {path: path.read_text() for path in before} == before


def test_a_failed_write_leaves_the_record(schema: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = schema.parent / "out" / ".capwit-generated"
    before = record.read_text()
    (schema.parent / "out" / "demo.py").unlink()
    (schema.parent / "out" / "demo.py").mkdir()
    schema.write_text(HEAD + ALONE)
    capsys.readouterr()
    assert generate(schema) == 74
    assert "cannot be written: it is a folder" in capsys.readouterr().err
    assert record.read_text() == before
    assert "more.py" in listing(schema)
