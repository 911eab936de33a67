"""Overlays: annotations for a schema that one cannot edit, and the errors of those that do not fit."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path, PurePosixPath

import capwit
import pytest
from capwit.codegen import GenerateError, generate
from capwit.codegen.schema.annotations import Wit
from capwit.codegen.schema.overlay import RULES

ERRORS = Path(__file__).with_name("overlays")

SCHEMA = """\
@0xd2c7a3f1b4e59871;
using Other = import "other.capnp";

struct Entry {
  key @0 :Text;
  meta :group { size @1 :UInt32; }
  secret @2 :Other.Secret;
}
enum Colour { red @0; green @1; }
interface Bucket {
  get @0 (key :Text, bucket :Bucket) -> (key :Text, size :UInt32);
}
interface Runner { run @0 (entry :Entry, colour :Colour) -> (); }
struct Grants { bucket @0 :Bucket; spare @1 :Bucket; }
"""
OTHER = "@0xd2c7a3f1b4e59872;\nstruct Secret { word @0 :Text; }\n"


@pytest.fixture
def schema(tmp_path: Path) -> Path:
    (tmp_path / "other.capnp").write_text(OTHER)
    path = tmp_path / "demo.capnp"
    path.write_text(SCHEMA)
    return path


def wit(schema: Path, overlay: str, name: str = "wit/demo.wit") -> str:
    file = schema.with_name("overlay.toml")
    file.write_text(overlay)
    return generate(schema, overlay=file, validate=False).files[PurePosixPath(name)]


class TestPlaces:
    @pytest.mark.parametrize(
        ("overlay", "expected"),
        [
            ('["demo.capnp"]\npackage = "a:b@1.2.3"', "package a:b@1.2.3;"),
            ('["Entry"]\nname = "row"', "record row {"),
            ('["Entry.key"]\nname = "label"', "label: string,"),
            ('["Entry.meta"]\nname = "facts"', "facts: entry-facts,"),
            ('["Entry.meta.size"]\nname = "length"', "length: u32,"),
            ('["Colour.red"]\nname = "crimson"', "crimson,"),
            ('["Bucket.get"]\nname = "look-up"', "look-up: func("),
            ('["Bucket.get.key"]\nname = "of"', "get: func(of: string, bucket: borrow<bucket>)"),
            ('["Bucket.get$Results.key"]\nname = "of"', "of: string,"),
            ('["Bucket.get.size"]\nname = "length"', "length: u32,"),
            ('["Bucket.get.bucket"]\ntransfer = true', "bucket: bucket)"),
            ('["Runner"]\nexports = "app"', "export app-exports-runner;"),
            ('["Runner"]\nguest = "app"', "export app-guest-runner-calls;"),
            ('["Grants"]\ngrants = "app"', "get-bucket: func() -> bucket;"),
            (
                '["Grants"]\ngrants = "app"\n["Grants.spare"]\noptional = true',
                "get-spare: func() -> option<bucket>;",
            ),
            ('["demo.capnp:Entry"]\nname = "row"', "record row {"),
        ],
    )
    def test_each_kind(self, schema: Path, overlay: str, expected: str) -> None:
        assert expected not in wit(schema, "")
        assert expected in wit(schema, overlay)

    def test_an_imported_file(self, schema: Path) -> None:
        overlay = '["other.capnp:Secret"]\nname = "hidden"\n["other.capnp"]\npackage = "o:o@1.0.0"\n'
        assert "record hidden {" in wit(schema, overlay, "wit/deps/o-o/other.wit")
        assert "use o:o/other@1.0.0.{hidden};" in wit(schema, overlay)

    def test_what_is_skipped(self, schema: Path) -> None:
        assert "secret" not in wit(schema, '["Entry.secret"]\nskip = true')

    def test_an_annotation_of_the_schema_is_replaced_or_taken_away(self, schema: Path) -> None:
        text = SCHEMA.replace("struct Entry {", 'struct Entry $W.name("row") {').replace(
            "key @0 :Text;", "key @0 :Text $W.skip;", 1
        )
        schema.write_text(text.replace("using Other", 'using W = import "/capwit/wit.capnp";\nusing Other'))
        plain = wit(schema, "")
        assert "record row {" in plain
        assert "key: string,\n" not in plain.partition("interface bucket")[0].partition("}")[0]
        changed = wit(schema, '["Entry"]\nname = "line"\n["Entry.key"]\nskip = false\n')
        assert "record line {\n    key: string,\n" in changed
        assert "record entry {" in wit(schema, '["Entry"]\nname = false')


@pytest.mark.parametrize("path", sorted(ERRORS.glob("*.toml")), ids=lambda path: path.stem)
def test_refused(
    path: Path, schema: Path, monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> None:
    monkeypatch.chdir(ERRORS)
    with pytest.raises(GenerateError) as caught:
        generate(schema, overlay=Path(path.name), validate=False)
    golden = path.with_suffix(".txt")
    if pytestconfig.getoption("--bless", default=False):
        golden.write_text(f"{caught.value}\n")
    assert f"{caught.value}\n" == golden.read_text()
    assert caught.value.file == path.name


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff", "it is not UTF-8"),
        (b"a = ", "it is not TOML: "),
        (b"a = " + b"[" * 100_000, "it is not TOML: "),
    ],
)
def test_what_is_no_toml(schema: Path, content: bytes, message: str) -> None:
    overlay = schema.with_name("overlay.toml")
    overlay.write_bytes(content)
    with pytest.raises(GenerateError, match=rf"overlay\.toml: {message}"):
        generate(schema, overlay=overlay)
    overlay.unlink()
    with pytest.raises(GenerateError, match=r"overlay\.toml: it cannot be read: No such file"):
        generate(schema, overlay=overlay)


def test_the_rules_are_those_of_the_annotations_file() -> None:
    found = next(path for path in (Path(root, "wit.capnp") for root in capwit.__path__) if path.exists())
    declared = re.findall(
        r"^annotation (\w+) @(0x\w+) \((.*?)\) :(\w+);", found.read_text("utf-8"), re.MULTILINE
    )
    rules = {
        Wit(int(id, 16)): (takes, frozenset() if on == "*" else frozenset(on.split(", ")))
        for _, id, on, takes in declared
    }
    assert rules == {wit: (rule.takes, rule.on) for wit, rule in RULES.items()}
    assert [name for name, *_ in declared] == [wit.name.lower() for wit in RULES]


def test_the_documented_overlay_is_one() -> None:
    text = (Path(__file__).parents[2] / "docs" / "schema.md").read_text("utf-8")
    (block,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    for table in tomllib.loads(block).values():
        assert {*table} <= {wit.name.lower() for wit in Wit}
