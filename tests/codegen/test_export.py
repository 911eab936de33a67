"""`capwit export`: WIT -> Cap'n Proto, what stays when the WIT grows, and what comes back."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final, NamedTuple
from unittest.mock import Mock

import pytest
from capwit.cli.main import main
from capwit.codegen import GenerateError, generate
from capwit.codegen import write as write_files
from capwit.codegen.diff import wire as wire_diff
from capwit.codegen.emit.deps import errors_wit
from capwit.codegen.export import agreement, export
from capwit.codegen.export.naming import child_id
from capwit.codegen.export.writing import Target
from capwit.codegen.generator import generate_schema
from capwit.codegen.schema.parser import parse
from capwit.codegen.schema.request import read as read_request
from capwit.codegen.schema.wire import Wire
from capwit.codegen.wit_reader import read, read_string
from hypothesis import given, note
from hypothesis import strategies as st

from tests.codegen import wit_texts
from tests.codegen.batches import batches, by_stem, law, write
from tests.codegen.wit_form import Form
from tests.support.work import at_most

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capwit.codegen.wit_reader.packages import Wit

    from tests.codegen.schemas import Schema

HERE: Final = Path(__file__).parent
CORPUS: Final = HERE / "wit"
EXPORTS: Final = HERE / "exports"


class Done(NamedTuple):
    code: int
    out: str
    err: str


def capwit(*arguments: object) -> Done:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(["export", *map(str, arguments)])
    return Done(code, out.getvalue(), err.getvalue())


@pytest.mark.parametrize("case", ["everything.wit", "folder"])
def test_case(case: str, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    done = capwit(CORPUS / case, "-o", tmp_path)
    assert (done.code, done.err) == (0, "")
    golden = EXPORTS / case.removesuffix(".wit")
    if pytestconfig.getoption("--bless", default=False):
        shutil.rmtree(golden, ignore_errors=True)
        shutil.copytree(tmp_path, golden)
    texts = {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()}
    assert texts == {path.name: path.read_text("utf-8") for path in golden.iterdir()}
    assert sorted(done.out.split()) == sorted(str(tmp_path / name) for name in texts)


def test_what_is_current_is_left_and_what_is_stale_is_told(tmp_path: Path) -> None:
    out = tmp_path / "one.capnp"
    assert capwit(CORPUS / "everything.wit", "--interface", "other-types", "-o", out).code == 0
    again = capwit(CORPUS / "everything.wit", "--interface", "other-types", "-o", out)
    assert again == (0, "", f"{out}: all 1 files are current\n")
    check = [CORPUS / "everything.wit", "--interface", "other-types", "-o", out, "--check"]
    assert capwit(*check) == (0, "", "")
    out.write_text(out.read_text("utf-8").replace("# A block.", "# Another."), "utf-8")
    assert capwit(*check) == (1, "", f"{out}: stale; run `capwit export` again\n")
    assert capwit(*check[:-1]) == (0, f"{out}\n", "")


def exported(text: str, folder: Path, breaking: bool = False) -> dict[str, str]:
    """What a text with the interface `i` gives, written to a folder."""
    wit = read_string(f"package a:b@1.0.0;\n{text}", "x.wit")
    target = Target(folder)
    files = target.exported(wit, [*wit.root.interfaces.values()], {}, breaking)
    target.write(files)
    return {str(name): content for name, content in files.items()}


def wire(path: Path) -> Wire:
    return Wire.read(read_request(parse(path), roots=1, schema=path))


BEFORE: Final = """
interface i {
  record r { a: u32, b: string, c: shade, }
  variant v { x(u8), y(string) }
  enum shade { dark, light }
  flags f { p, q }
  resource thing { get: func(n: u32) -> string; put: func(r: r); }
  run: func();
}
"""
AFTER: Final = """
interface i {
  enum shade { pale, light, dark }
  record r { z: bool, b: string, a: u32, c: shade, }
  variant v { w(r), y(string), x(u8) }
  flags f { o, q, p }
  resource other { constructor(); }
  resource thing { also: func(); put: func(r: r); get: func(n: u32) -> string; }
  stop: func();
  run: func();
}
"""


def test_what_grows_and_is_put_in_another_order_stays_compatible(tmp_path: Path) -> None:
    exported(BEFORE, tmp_path)
    old = wire(tmp_path / "i.capnp")
    text = exported(AFTER, tmp_path)["i.capnp"]
    changes = wire_diff.compare(old, wire(tmp_path / "i.capnp"))
    assert {str(change.bump) for change in changes} == {"minor"}
    assert {change.subject for change in changes} == {
        "I.newOther", "I.stop", "Other", "R.z", "Shade.pale", "Thing.also", "V.w", "F.o",
    }  # fmt: skip
    assert "z @3 :Bool;" in text
    assert exported(AFTER, tmp_path)["i.capnp"] == text


def test_what_is_gone_leaves_its_ordinal(tmp_path: Path) -> None:
    exported(BEFORE, tmp_path)
    old = wire(tmp_path / "i.capnp")
    gone = BEFORE.replace("b: string, c: shade, ", "").replace("dark, light", "light").replace("x(u8), ", "")
    text = exported(gone, tmp_path)["i.capnp"]
    assert "removedB @1 :AnyPointer $Wit.skip;" in text
    assert "removedC @2 :Shade $Wit.skip;" in text
    assert "removedDark @0 $Wit.skip;" in text
    assert "removedX @0 :UInt8 $Wit.skip;" in text
    changes = wire_diff.compare(old, wire(tmp_path / "i.capnp"))
    assert {str(change.bump) for change in changes if "type was Shade" not in change.message} <= {
        "patch",
        "minor",
    }
    assert exported(gone, tmp_path)["i.capnp"] == text
    more = exported(gone.replace("light }", "light, lighter }"), tmp_path)["i.capnp"]
    assert "lighter @2;" in more


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        ("run: func();", "run: func(x: u8);", "I.run: its number was @0"),
        ("get: func(n: u32) -> string;", "get: func(n: u32) -> u8;", "Thing.removedGet"),
        ("record r { a: u32,", "record r { a: u64,", "R.a: its number was @0, and is @3"),
        ("variant v { x(u8), y(string) }", "enum v { x, y }", "V: it was a struct, and is an enum"),
        ("resource thing { get: func(n: u32) -> string; put: func(r: r); }", "", "Thing: it is gone"),
        ("enum shade { dark, light }", "record shade { dark: u8 }", "Shade: it was an enum, and is a struct"),
        ("enum shade { dark, light }", "resource shade { dark: func(); }", "Shade: it was an enum, and is"),
        ("resource thing { get:", "record thing { n: u8 } resource other { get:", "Thing: it was an interf"),
    ],
)
def test_what_breaks_is_refused(was: str, now: str, told: str, tmp_path: Path) -> None:
    first = exported(BEFORE, tmp_path)
    assert was in BEFORE
    after = BEFORE.replace(was, now)
    with pytest.raises(GenerateError, match="it would break those who have it") as caught:
        exported(after, tmp_path)
    assert told in caught.value.message
    assert "--allow-breaking" in caught.value.mend
    assert (tmp_path / "i.capnp").read_text("utf-8") == first["i.capnp"]
    assert exported(after, tmp_path, breaking=True) != first


def test_a_file_of_somebody_elses_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "other.capnp"
    path.write_text("@0xa8d1c0ffedffffff;\nstruct Mine {}\n", "utf-8")
    done = capwit(CORPUS / "everything.wit", "--interface", "other-types", "-o", path)
    assert done.code == 65
    assert "not written by `capwit export`" in done.err
    assert path.read_text("utf-8").endswith("struct Mine {}\n")


def test_ids_are_those_that_capnp_derives(tmp_path: Path) -> None:
    text = exported("interface i { record some-name { a: u8 } }", tmp_path)["i.capnp"]
    file = int(text.partition("@")[2][:18], 16)
    assert f"struct SomeName @{child_id(file, 'SomeName'):#018x}" in text
    derived = tmp_path / "derived.capnp"
    derived.write_text(f"@{file:#018x};\nstruct SomeName {{}}\n", "utf-8")
    assert child_id(file, "SomeName") in read_request(parse(derived), roots=1, schema=derived).nodes


def test_ids_stay_for_compatible_versions(tmp_path: Path) -> None:
    def first_line(version: str) -> str:
        wit = read_string(f"package a:b@{version}; interface i {{}}")
        return export(wit, wit.root.interfaces.values()).files["i.capnp"].split("\n")[1]

    assert first_line("1.0.0") == first_line("1.2.3") != first_line("2.0.0")
    assert first_line("0.2.0") == first_line("0.2.9") != first_line("0.3.0")


@pytest.mark.parametrize(
    ("members", "what"),
    [
        ("f: func() -> future<u8>;", "f: a future"),
        ("record r { x: stream<u8> }", "r: a stream"),
        ("f: func(x: error-context);", "f: error-context"),
        ("type t = list<u8, 4>;\nf: func() -> t;", "f: a list of a fixed length"),
        ("variant v { x(map<string, u8>) }", "v: a map"),
        ("use capwit:bridge/errors@0.1.0.{cap-error}; f: func(x: cap-error);", "f: `cap-error` as a value"),
    ],
)
def test_what_is_not_mapped_is_named(members: str, what: str, tmp_path: Path) -> None:
    bridge = errors_wit().replace("package capwit:bridge@0.1.0;", "package capwit:bridge@0.1.0 {") + "}"
    with pytest.raises(GenerateError) as caught:
        exported(f"interface i {{ {members} }}\n{bridge}", tmp_path)
    assert f"{what} is not mapped to Cap'n Proto\n  " in str(caught.value)
    assert caught.value.line in (2, 3)


def test_a_call_that_can_fail_is_one_that_raises(tmp_path: Path) -> None:
    bridge = errors_wit().replace("package capwit:bridge@0.1.0;", "package capwit:bridge@0.1.0 {") + "}"
    text = exported(
        """interface i {
             use capwit:bridge/errors@0.1.0.{cap-error, any-cap, any-value};
             resource r {
               a: func() -> result<_, cap-error>;
               b: func(x: any-value, y: borrow<any-cap>) -> result<r, cap-error>;
             }
           }"""
        + bridge,
        tmp_path,
    )["i.capnp"]
    assert "a @0 () -> ();" in text
    assert "b @1 (x :AnyPointer, y :Capability) -> (result :R);" in text


def test_a_long_way_from_name_to_name_is_gone(tmp_path: Path) -> None:
    names = "".join(f"type t{n} = t{n - 1};\n" for n in range(1, 3000))
    text = exported(f"interface i {{ resource t0;\n{names} f: func(x: t2999, y: borrow<t2999>); }}", tmp_path)
    assert 'f @0 (x :T0 $Wit.transfer, y :T0) -> () $Wit.function("f");' in text["i.capnp"]


def test_names_that_each_stand_for_two_of_the_next_are_not_written_out() -> None:
    names = "".join(f"type t{n} = list<tuple<t{n - 1}, t{n - 1}>>;\n" for n in range(1, 40))
    wit = read_string(f"package a:b; interface i {{ type t0 = list<u8>;\n{names} f: func(x: t39); }}")
    with at_most(20_000):
        text = export(wit, wit.root.interfaces.values()).files["i.capnp"]
    assert text.count("\nstruct ") == 39


def test_all_files_are_parsed_by_one_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = Mock(side_effect=subprocess.run)
    monkeypatch.setattr("subprocess.run", started)
    text = "interface i0 { record r { a: u8 } }" + "".join(
        f"interface i{n} {{ use i{n - 1}.{{r as s}}; record r {{ s: s }} }}\n" for n in range(1, 5)
    )
    files = exported(text, tmp_path)
    assert (len(files), started.call_count) == (5, 1)
    assert exported(text, tmp_path) == files
    assert started.call_count == 3  # what was there, and what it would be


def test_more_files_than_can_be_parsed_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("capwit.codegen.export.MAX_FILES", 2)
    with pytest.raises(GenerateError, match=r"there are more than 2 interfaces to export\n.*--interface"):
        exported("interface a {} interface b {} interface c {}", tmp_path)


def test_two_versions_of_an_interface_stand_beside_each_other(tmp_path: Path) -> None:
    old, new = (
        f"package c:d@{version} {{ interface t {{ record r {{ {fields} }} }} }}"
        for version, fields in (("1.0.0", "a: u8"), ("1.1.0", "a: u8, b: u8"))
    )
    used = "use c:d/t@1.0.0.{r as old}; use c:d/t@1.1.0.{r as new}; f: func(x: old) -> new;"
    text = f"interface i {{ {used} }} {old} {new}"
    assert "f @0 (x :CDT.R) -> (result :CDT2.R)" in exported(text, tmp_path)["i.capnp"]
    assert exported(text, tmp_path).keys() == {"i.capnp", "c-d-t.capnp", "c-d-t2.capnp"}


@pytest.mark.parametrize("function", ["func()", "func(first: u8)", "func() -> u8"])
def test_a_name_that_fills_a_line_by_itself(function: str, tmp_path: Path) -> None:
    label = "-".join(["word"] * 20)
    assert (
        f'$Wit.function("{label}")'
        in exported(f"interface i {{ {label}: {function}; }}", tmp_path)["i.capnp"]
    )


def test_a_text_that_is_none_is_an_error_inside_capwit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("capwit.codegen.export.text.emit", lambda file: f"@{file.id:#x};\nstruct")
    (tmp_path / "x.wit").write_text("package a:b@0.1.0;\ninterface i { f: func(); }")
    done = capwit(tmp_path / "x.wit", "-o", tmp_path / "i.capnp")
    assert done.code == 70
    assert f"{tmp_path}/i.capnp: what it would be is not valid: line 2: parse error" in done.err


def test_what_came_of_a_bridge_file_is_not_gone_on_with_without_it(tmp_path: Path) -> None:
    kv = HERE.parents[1] / "examples" / "kv" / "kv.capnp"
    write_files(generate(kv, validate=False).files, tmp_path)
    command = [tmp_path / "wit", "--interface", "kv", "-o", tmp_path / "kv.capnp"]
    assert capwit(*command, "--bridge", tmp_path / "kv.bridge.json").code == 0
    done = capwit(*command)
    assert done.code == 65
    assert "Entry.meta: it has a group, which is of a bridge file and not of WIT" in done.err


def returned(files: dict[str, str], folder: Path) -> dict[str, Wit]:
    """What exported files give when WIT is generated of them, by their names."""
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    lines = [f'using F{number} = import "{name}";' for number, name in enumerate(files)]
    whole = folder / "whole.capnp"
    whole.write_text("\n".join(["@0xa8d1c0ffedffffff;", *lines, ""]), "utf-8")
    schema = read_request(parse(whole), schema=whole)
    found = {}
    for id, source in schema.files.items():
        if source.path.name in files:
            generated = generate_schema(schema, id, validate=False)
            for path, text in generated.files.items():
                if path.suffix == ".wit":
                    target = folder / source.path.stem / path
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_text(text, "utf-8")
            found[source.path.name] = read(folder / source.path.stem / "wit")
    return found


def check_return(wit: Wit, folder: Path) -> None:
    """All interfaces of a package come back as docs/export.md says."""
    files = dict(export(wit, wit.root.interfaces.values()).files)
    back = returned(files, folder)
    for label, interface in wit.root.interfaces.items():
        there = back[f"{label}.capnp"]
        assert there.root.name == wit.root.name
        before = Form(wit, returned=False).interface(interface)
        if not before["types"] and not before["functions"]:
            continue  # an interface of nothing, or of other names alone, does not come back
        came = Form(there, returned=True).interface(there.root.interfaces[label])
        made = came["types"].keys() - before["types"].keys()
        came["types"] = {label: told for label, told in came["types"].items() if label not in made}
        assert came == before


@pytest.mark.parametrize("case", ["everything.wit", "folder"])
def test_a_package_comes_back(case: str, tmp_path: Path) -> None:
    check_return(read(CORPUS / case), tmp_path)


@law(5)
@given(data=st.data())
def test_random_packages_come_back(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("random")
    made = [data.draw(wit_texts.interfaces(f"i{number}")) for number in range(6)]
    text = "\n".join(["package random:texts@0.1.0;", *map(wit_texts.text, made)])
    note(text)
    check_return(read_string(text), folder)
    shutil.rmtree(folder)


# Schema -> WIT -> schema


# What a file declares, its generics may hold types of a file that WIT has no need of: it is not generated.
LACKS: Final = "which no bridge file beside it has"


def rounded(folder: Path, generated: Path) -> list[Path]:
    """Exports WIT that was generated, and answers the files; none where something is lacking."""
    done = capwit(generated / "wit", "-o", folder)
    if LACKS in done.err:
        return []
    assert done.code == 0, done.err
    assert all(": left out: the constant " in line for line in done.err.splitlines())
    return [Path(line) for line in done.out.splitlines()]


def check_wire(before: Path, after: Path) -> None:
    """Nothing changed on the wire; constants, which are not there, are gone."""
    changes = wire_diff.compare(wire(before), wire(after))
    assert {(change.message, str(change.bump)) for change in changes} <= {("it is gone", "patch")}


def plain(files: Mapping[PurePosixPath, str]) -> dict[str, str]:
    """The WIT among some files, without its documentation."""
    return {
        str(path): re.sub(r"\n *///.*", "", text) for path, text in files.items() if path.suffix == ".wit"
    }


ROUND: Final = [
    "capabilities", "exports-self", "extends-diamond", "generics-unbound", "grants-union", "guest-generic",
    "import-loop", "imports", "names", "open", "recursive-pair", "skip",
]  # fmt: skip


@pytest.mark.parametrize("case", ROUND)
def test_a_schema_comes_back_and_gives_the_same_wit(case: str, tmp_path: Path) -> None:
    source = HERE / "cases" / case
    generated = tmp_path / "generated"
    shutil.copytree(source / "expected", generated)
    for published in ("bridge", "caps"):
        target = generated / "wit" / "deps" / f"capwit-{published}"
        if not target.exists():
            shutil.copytree(HERE.parents[1] / "wit" / f"capwit-{published}", target)
    files = rounded(tmp_path / "back", generated)
    assert files
    for path in files:
        check_wire(source / path.name, path)
    schemas = (source / "schema.capnp", tmp_path / "back" / "schema.capnp")
    before, after = (plain(generate(schema, validate=False).files) for schema in schemas)
    assert after == before


@law(1)
@given(batch=batches())
def test_random_schemas_come_back(tmp_path_factory: pytest.TempPathFactory, batch: list[Schema]) -> None:
    folder = tmp_path_factory.mktemp("batch")
    path = write(folder, batch)
    whole = read_request(parse(path), schema=path)
    for each in batch:
        note(repr(each))
        try:
            generated = generate_schema(whole, by_stem(whole)[each.stem], validate=False)
        except GenerateError:
            continue  # `test_laws` looks at what is refused
        write_files(generated.files, folder / "out" / each.stem)
        for back in rounded(folder / "back" / each.stem, folder / "out" / each.stem):
            check_wire(folder / back.name, back)
    shutil.rmtree(folder)


def test_a_schema_that_came_back_is_current_and_keeps_its_documentation(tmp_path: Path) -> None:
    kv = HERE.parents[1] / "examples" / "kv" / "kv.capnp"
    write_files(generate(kv, validate=False).files, tmp_path / "generated")
    out = tmp_path / "other.capnp"
    assert capwit(tmp_path / "generated" / "wit", "-o", out) == (0, f"{out}\n", "")
    assert capwit(tmp_path / "generated" / "wit", "-o", out, "--check").code == 0
    text = out.read_text("utf-8")
    assert '$Wit.name("kv");' in text
    assert "struct Entry @0x989c2985052eb44a {\n  # A key and what is stored under it.\n" in text
    check_wire(kv, out)


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        (
            "durability: func() -> result<durability",
            "durability: func() -> result<string",
            "function `store.dur",
        ),
        (
            "durability: func()",
            "durability: func(a: u8)",
            "the function `store.durability` is of another type",
        ),
        ("    durability: func()", "    more: func();\n    durability: func()", "`store.more` is not in its"),
        (
            "  record entry {",
            "  record more { a: u8 }\n  record entry {",
            "the type `more` is not in its schema",
        ),
        ("    value: list<u8>", "    value: string", "the type `entry` is another one in its schema"),
    ],
)
def test_a_bridge_file_of_another_schema_is_refused(was: str, now: str, told: str, tmp_path: Path) -> None:
    kv = HERE.parents[1] / "examples" / "kv" / "kv.capnp"
    write_files(generate(kv, validate=False).files, tmp_path)
    path = tmp_path / "wit" / "kv.wit"
    text = path.read_text("utf-8")
    assert text.count(was) == 1
    path.write_text(text.replace(was, now), "utf-8")
    done = capwit(tmp_path / "wit", "-o", tmp_path / "kv.capnp")
    assert done.code == 65, done.err
    assert "kv.bridge.json: it is not of what is exported: " in done.err
    assert told in done.err
    assert not (tmp_path / "kv.capnp").exists()
    assert capwit(tmp_path / "wit", "--no-bridge", "-o", tmp_path / "kv").code == 0


def test_a_bridge_file_is_held_against_names_that_each_stand_for_two_of_the_next(tmp_path: Path) -> None:
    kv = HERE.parents[1] / "examples" / "kv" / "kv.capnp"
    write_files(generate(kv, validate=False).files, tmp_path)
    path = tmp_path / "wit" / "kv.wit"
    names = "".join(f"type t{n} = list<tuple<t{n - 1}, t{n - 1}>>;\n" for n in range(1, 40))
    text = path.read_text("utf-8").replace("    value: list<u8>", "    value: t39")
    text = text.replace("interface kv {", "interface kv {\n  use more.{t39};", 1)
    path.write_text(f"{text}\ninterface more {{ type t0 = u8; {names} }}\n", "utf-8")
    wit = read(tmp_path / "wit")
    with at_most(1_000_000), pytest.raises(GenerateError, match="`entry` is another one in its schema"):
        agreement.check(wit, kv, tmp_path / "kv.bridge.json")


def test_what_no_schema_has_given_is_told(tmp_path: Path) -> None:
    kv = HERE.parents[1] / "examples" / "kv" / "kv.capnp"
    generated = generate(kv, validate=False).files
    write_files(generated, tmp_path)
    (tmp_path / "wit" / "more.wit").write_text("interface more { f: func(); }")
    done = capwit(tmp_path / "wit", "-o", tmp_path / "kv.capnp")
    assert done.code == 0
    assert done.err.endswith("left out: the interface more: it is not of the schema; --no-bridge takes it\n")
    assert capwit(tmp_path / "wit", "--no-bridge", "-o", tmp_path / "all").code == 0
    assert (tmp_path / "all" / "more.capnp").exists()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"package": "other:kv@0.1.0"}, "it is of other:kv@0.1.0, which the source does not name"),
        ({"format": 2}, "it is not a bridge file that this version of capwit wrote"),
        ({"nodes": ["AAAA"]}, "it is not a bridge file that this version of capwit wrote"),
        ({"nodes": "x"}, "it is not a bridge file that this version of capwit wrote"),
        ({"schema": "a\0b"}, "'a\\x00b' is no name of a file"),
        ({"schema": "long" * 75}, "is no name of a file"),
        ({"nodes": []}, "it is not a bridge file that this version of capwit wrote"),
        ({"declarations": [{}]}, "it is not a bridge file that this version of capwit wrote"),
        ({"id": "0x1"}, "kv.capnp: what it would be is not valid: line 2: invalid ID"),
        ({"imports": {"/etc/passwd": "0x1"}, "schema": "../x.capnp"}, "two files would be called ../x.capnp"),
    ],
)
def test_a_bad_bridge_file_is_refused(change: dict[str, object], told: str, tmp_path: Path) -> None:
    kv = HERE.parents[1] / "examples" / "kv" / "kv.capnp"
    write_files(generate(kv, validate=False).files, tmp_path / "generated")
    bridge = tmp_path / "bad.bridge.json"
    good = json.loads((tmp_path / "generated" / "kv.bridge.json").read_text("utf-8"))
    bridge.write_text(json.dumps({**good, **change}), "utf-8")
    done = capwit(tmp_path / "generated" / "wit", "--bridge", bridge, "-o", tmp_path / "kv.capnp")
    assert done.code == 65, done.err
    assert told in done.err
    assert not (tmp_path / "kv.capnp").exists()
