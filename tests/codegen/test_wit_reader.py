"""The reader of WIT beside wit-parser: what it takes, what it refuses, and what it makes of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path, PurePosixPath
from typing import Any, Final

import pytest
from capwit.codegen import GenerateError, Location
from capwit.codegen.emit.accept import RefusedError, accept
from capwit.codegen.wit_reader import read, read_string
from capwit.codegen.wit_reader.parse import parse
from hypothesis import given, note
from hypothesis import strategies as st

from tests.codegen import wit_texts
from tests.codegen.batches import law
from tests.codegen.wit_tree import Ours, Theirs
from tests.support.crates import has_wit_tool, wit_tool

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parents[1]
CORPUS: Final = [HERE / "wit" / name for name in ("everything.wit", "gates.wit", "folder")]
CASES: Final = sorted((HERE / "cases").glob("*/expected/wit"))
PUBLISHED: Final = sorted((ROOT / "wit").glob("*/*.wit"))


def whole(path: Path, folder: Path) -> Path:
    """A package, with the published ones that it may use."""
    shutil.copytree(path, folder, dirs_exist_ok=True)
    lacking = {f"{each.parent.name.replace('-', ':')}/": each for each in PUBLISHED}
    while True:
        text = "".join(each.read_text("utf-8") for each in folder.rglob("*.wit"))
        found = [name for name in lacking if name in text]
        if not found:
            return folder
        for published in map(lacking.pop, found):
            own = folder / "deps" / published.parent.name
            own.mkdir(parents=True, exist_ok=True)
            shutil.copy(published, own)


def packages(folder: Path) -> list[Path]:
    """All there is: our own texts, what the generator gives for each case, and what is published."""
    for number, path in enumerate(CASES):
        whole(path, folder / str(number))
    for published in PUBLISHED:
        whole(published.parent, folder / published.parent.name)
    return [*CORPUS, *sorted(folder.iterdir())]


def printed(path: Path, *options: str) -> Any:
    """The tree that wasm-tools prints of a package."""
    command: list[str | Path] = [wit_tool(), "component", "wit", "--json", *options, str(path)]
    done = subprocess.run(command, capture_output=True, check=True)
    return Theirs(json.loads(done.stdout)).tree()


def test_what_is_generated_and_published_is_read(tmp_path: Path) -> None:
    found = [read(path) for path in packages(tmp_path)]
    assert len(found) > 60
    assert sum(len(wit.root.worlds) for wit in found) > 10


def test_the_tree_is_that_of_wasm_tools(tmp_path: Path) -> None:
    for path in packages(tmp_path):
        assert Ours(read(path)).tree() == printed(path), path
    gates = HERE / "wit" / "gates.wit"
    assert Ours(read(gates, ["more"])).tree() == printed(gates, "--features", "more")
    assert Ours(read(gates, None)).tree() == printed(gates, "--all-features")


def test_documentation_stands_with_what_it_is_of() -> None:
    root = read(HERE / "wit" / "everything.wit").root
    types = root.interfaces["other-types"]
    assert root.doc == "What every kind of declaration looks like."
    assert types.head.doc == ""
    assert types.definitions["pair"].head.doc == "A record.\n\n    indented"
    assert types.definitions["shape"].head.doc == "A block."
    assert [field.doc for field in types.definitions["pair"].fields] == ["The left one.", ""]  # type: ignore[union-attr]
    thing = read(HERE / "wit" / "gates.wit").root.interfaces["stable"].definitions["thing"]
    assert [each.head.doc for each in thing.functions] == ["Documentation stands before gates."]  # type: ignore[union-attr]


def test_a_gate_hides_what_is_unstable() -> None:
    path = HERE / "wit" / "gates.wit"
    stable = read(path).root.interfaces["stable"]
    assert (set(stable.functions), set(stable.definitions)) == ({"old"}, {"thing"})
    assert set(read(path).root.interfaces) == {"stable"}
    more = read(path, ["more"]).root
    assert set(more.interfaces) == {"stable", "soon"}
    assert set(more.interfaces["stable"].functions) == {"old", "take"}
    old = more.interfaces["stable"].functions["old"]
    assert [(gate.kind, gate.value) for gate in old.head.gates] == [
        ("since", "0.2.1"),
        ("deprecated", "0.2.2"),
    ]


def test_a_world_includes_and_imports_what_its_interfaces_need() -> None:
    worlds = read(HERE / "wit" / "everything.wit").root.worlds
    own = "test:everything/{}@1.2.0-rc.1+build.7".format
    shared = "test:dep/shared@0.3.0"
    assert set(worlds["w"].imports) == {
        *map(own, ["other-types", "user"]), shared, "pair", "own-record", "log", "inner",
    }  # fmt: skip
    assert set(worlds["w"].exports) == {own("empty"), "run", shared}
    assert set(worlds["larger"].imports) == {*worlds["w"].imports, "place", "world", "first", "second"}


# What is refused: the text, where, and what is said. `lenient` are those that componentize-py's parser takes,
# though the component model refuses them (or the encoder, later).
HEAD: Final = "package a:b;\n"
REFUSED: Final = [
    ("interface i {}", "1:1", "no file names its package"),
    (HEAD + "interface i {", "2:14", "the end of the text is not expected here"),
    (HEAD + "interface i }", "2:13", "`}` is not expected here\n  write `{` there"),
    (HEAD + "interface i { f: func() }", "2:25", "`}` is not expected here\n  write `->` or `;` there"),
    (HEAD + "interface i { $ }", "2:15", "the character '$' is not expected here"),
    (HEAD + "interface type {}", "2:11", "`type` is not expected here\n  write a name there"),
    (HEAD + "interface i { x: func(a: fool_) ; }", "2:26", "`fool_` is not a name in WIT"),
    (HEAD + "interface i { Ab: func(); }", "2:15", "`Ab` is not a name in WIT"),
    (HEAD + "interface from {}", "2:11", "`from` is a keyword\n  write it `%from`"),
    (HEAD + "/* /* */ interface i {}", "2:1", "the comment has no end"),
    (HEAD + "// \u202e\n", "2:4", "the character U+202E is not allowed in WIT"),
    (HEAD + "interface i { f: func(x: list<u8, 4294967296>); }", "2:35", "the list is too long"),
    ("package a:b@1.0;", "1:13", "is not expected here"),
    ("package a:b@01.0.0;", "1:13", "`01.0.0` is not a version"),
    ("package a:b { interface i {} }", "1:1", "no file names its package"),
    (HEAD + "package c:d {} package c:d {}", "2:24", "the package c:d is also at"),
    (HEAD + "interface i {} interface i {}", "2:26", "`i` is also the name of what stands at"),
    (HEAD + "use i as j; interface i {} interface j {}", "2:38", "`j` is also the name of"),
    (HEAD + "use no;", "2:5", "the package a:b has no interface `no`"),
    (HEAD + "use i as i2; use i2 as i;", "2:5", "it stands for itself"),
    (HEAD + "interface i { use c:d/e.{f}; }", "2:23", "there is no package c:d: there are a:b"),
    (HEAD + "interface i { use w.{f}; } world w {}", "2:19", "`w` is a world, and no interface"),
    (HEAD + "interface i {} world w { include i; }", "2:34", "`i` is a interface, and no world"),
    (HEAD + "interface i { use j.{t}; } interface j {}", "2:22", "a:b/j has no type `t`"),
    (HEAD + "interface i { use j.{t}; } interface j { t: func(); }", "2:22", "`t` is a function of a:b/j"),
    (HEAD + "interface i { f: func(x: t); }", "2:26", "a:b/i has no type `t`"),
    (HEAD + "interface i { f: func(x: f); }", "2:26", "`f` is a function, and no type"),
    (HEAD + "interface i { type t = list<t>; }", "2:20", "a type may not contain itself"),
    (HEAD + "interface i { use j.{t}; type u = t; } interface j { use i.{u}; type t = u; }", "2:", "itself"),
    (HEAD + "interface i { type t = u8; f: func(x: borrow<t>); }", "2:46", "`t` is no resource"),
    (HEAD + "interface i { resource r; f: func() -> list<borrow<r>>; }", "2:27", "cannot give back a borrow"),
    (HEAD + "interface i { resource r { constructor() -> u8; } }", "2:28", "a constructor gives"),
    (HEAD + "interface i { f: func(x: map<f32, u8>); }", "2:26", "the keys of a map are"),
    (HEAD + "world w { import f: func(); import f: func(); }", "2:36", "the world imports `f` already"),
    (HEAD + "interface i {} world w { export i; export i; }", "2:43", "the world exports `a:b/i` already"),
    (HEAD + "world v { import f: func(); } world w { include v; import f: func(); }", "2:59", "`f` already"),
    (HEAD + "world v { import f: func(); } world w { include v with { g as h } }", "2:58", "of the name `g`"),
    (HEAD + "world v { include w; } world w { include v; }", "2:", "it includes itself"),
    (
        HEAD + "interface i { type t = u8; } interface j { use i.{t}; } interface k { use j.{t}; }"
        " world w { export k; export i; }",
        "2:101",
        "it needs a:b/i imported, which the world exports",
    ),
    (HEAD + "@since(version = 1.0.0) interface i {}", "2:2", "the package a:b has no version"),
    ("package a:b@1.0.0; @since(version = 1.0.1) interface i {}", "1:21", "@since names version 1.0.1"),
    (HEAD + "@since(feature = x) interface i {}", "2:8", "@since takes no such thing"),
    (HEAD + "@deprecated(version = 1.0.0) interface i {}", "2:2", "a gate is @since or @unstable"),
    (HEAD + "@new(version = 1.0.0) interface i {}", "2:2", "there is no gate `@new`"),
    (
        HEAD + "interface i { @unstable(feature = x) type t = u8; f: func(x: t); }",
        "2:62",
        "`t` is unstable, and its feature `x` is not asked for\n  ask for it: --features x",
    ),
    (HEAD + "@unstable(feature = x) interface i { type t = u8; }", "2:43", "it is in what is unstable (`x`)"),
]  # fmt: skip
LENIENT: Final = [
    (HEAD + "interface i { f: func(x: tuple<>); }", "2:26", "the tuple is empty"),
    (HEAD + "interface i { record r {} }", "2:22", "the record is empty"),
    (HEAD + "interface i { enum e { a, A } }", "2:27", "`A` is also the name of what stands at"),
    (HEAD + "interface i { enum e { a-b, ab } }", "2:29", "`ab` is also the name of what stands at"),
    (HEAD + "interface i { flags f {} }", "2:21", "the flags type is empty"),
    (HEAD + "interface i { f: func(a: u8, A: u8); }", "2:30", "`A` is also the name of"),
    (HEAD + "interface i { resource r { f: func(); f: static func(); } }", "2:39", "`f` is also the name"),
    (HEAD + "interface i { resource r { r: func(); } }", "2:28", "a method may not be named like"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "place", "message"), [*REFUSED, *LENIENT])
def test_a_refusal_has_a_place_and_a_mend(text: str, place: str, message: str) -> None:
    with pytest.raises(GenerateError) as caught:
        read_string(text, "x.wit")
    assert str(caught.value).startswith(f"x.wit:{place}")
    assert message in str(caught.value)
    assert caught.value.mend


def accepted(text: str) -> bool:
    files = {PurePosixPath("wit/x.wit"): text}
    try:
        accept(files, (), Location("x.wit"))
    except RefusedError:
        return False
    return True


@pytest.mark.parametrize("text", [text for text, _, _ in REFUSED if "world" not in text])
def test_wit_parser_refuses_it_too(text: str) -> None:
    assert not accepted(text)


def taken(text: str, folder: Path) -> bool:
    """Whether wasm-tools takes a text, which refuses more than componentize-py's parser does."""
    (folder / "x.wit").write_text(text, "utf-8")
    command: list[str | Path] = [wit_tool(), "component", "wit", folder / "x.wit"]
    quiet = {**os.environ, "RUST_BACKTRACE": "0"}  # a backtrace takes longer than all else
    return subprocess.run(command, capture_output=True, check=False, env=quiet).returncode == 0


def test_wasm_tools_refuses_all_of_it(tmp_path: Path) -> None:
    assert [text for text, _, _ in (*REFUSED, *LENIENT) if taken(text, tmp_path)] == []


# Where two names meet that may differ in case and hyphens alone.
MEETING: Final = [
    "interface {} {{}} interface {} {{}}",
    "interface i {{ {}: func(); {}: func(); }}",
    "interface i {{ type {} = u8; {}: func(); }}",
    "interface i {{ type {} = u8; type {} = u16; }}",
    "interface i {{ f: func({}: u8, {}: u8); }}",
    "interface i {{ record r {{ {}: u8, {}: u8 }} }}",
    "interface i {{ variant r {{ {}(u8), {} }} }}",
    "interface i {{ enum r {{ {}, {} }} }}",
    "interface i {{ flags r {{ {}, {} }} }}",
    "interface i {{ resource r {{ {}: func(); {}: func(); }} }}",
    "interface i {{ resource r {{ {}: func(); {}: static func(); }} }}",
    "interface i {{ resource {}; resource {}; }}",
    "interface i {{ resource {}; {}: func(); }}",
    "interface i {{ resource {} {{ {}: func(); }} }}",
    "interface i {{ resource {} {{ constructor(); }} resource {} {{ constructor(); }} }}",
    "interface j {{ type a = u8; }} interface i {{ use j.{{a as {}}}; type {} = u8; }}",
    "world w {{ import {}: func(); import {}: func(); }}",
    "world w {{ export {}: func(); export {}: func(); }}",
    "world w {{ import {}: func(); export {}: func(); }}",
    "world w {{ type {} = u8; import {}: func(); }}",
    "world {} {{}} world {} {{}}",
    "world {} {{}} interface {} {{}}",
    "world w {{ import {}: interface {{ f: func(); }} import {}: interface {{ f: func(); }} }}",
    "world v {{ import {}: func(); }} world w {{ include v; import {}: func(); }}",
]
ALIKE: Final = [("a-b", "ab"), ("a", "A"), ("a-b", "A-B"), ("a-b-c", "ab-c"), ("a1", "a-b1")]


def test_names_that_differ_in_hyphens_are_told_apart_where_wasm_tools_does(tmp_path: Path) -> None:
    texts = [f"{HEAD}{place.format(*pair)}\n" for place in MEETING for pair in ALIKE]
    refused = []
    for text in texts:
        try:
            read_string(text, "x.wit")
        except GenerateError:
            refused.append(text)
    assert refused == [text for text in texts if not taken(text, tmp_path)]
    assert 50 < len(refused) < len(texts)


def test_wit_parser_takes_what_the_reader_takes() -> None:
    for path in CORPUS:
        texts = path.rglob("*.wit") if path.is_dir() else [path]
        base = path if path.is_dir() else path.parent
        files = {PurePosixPath("wit", each.relative_to(base)): each.read_text("utf-8") for each in texts}
        accept(files, tuple(read(path).root.worlds), Location(path.name))


@law(4)
@given(data=st.data())
def test_random_interfaces_are_read_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    made = [data.draw(wit_texts.interfaces(f"i{number}")) for number in range(12)]
    text = "\n".join(["package random:texts;", *map(wit_texts.text, made)])
    note(text)
    assert parse(text, "random.wit").items == tuple(made)
    wit = read_string(text, "random.wit")
    assert accepted(text)
    if has_wit_tool():
        path = tmp_path_factory.mktemp("random") / "random.wit"
        path.write_text(text, "utf-8")
        assert Ours(wit).tree() == printed(path)


TEXTS: Final = [path.read_text("utf-8") for path in CORPUS if path.is_file()]
PIECES: Final = [*"{}()<>,;:.@%=_/-> \n", "type", "record", "use", "list<", "/*", "*/", '"', "0.1", "a-", "é"]


@law(150)
@given(text=st.sampled_from(TEXTS), data=st.data())
def test_whatever_is_wrong_is_told(text: str, data: st.DataObject) -> None:
    """A text with pieces cut out, put in and moved is read, or refused with a place: nothing else happens."""
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = min(start + data.draw(st.integers(0, 12)), len(text))
        text = text[:start] + data.draw(st.sampled_from(["", *PIECES])) + text[end:]
    try:
        read_string(text, "x.wit", None)
    except GenerateError as error:
        assert error.file == "x.wit"
        assert error.line, str(error)
        assert error.message


MANY: Final = 50_000


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD + "interface i { f: func(x: " + "list<" * MANY, "more than 100 types nest"),
        (HEAD + "interface i {" * MANY, "is not expected here"),
        (HEAD + "package a:c {" * MANY, "is not expected here"),
        (HEAD + "/*" * MANY, "the comment has no end"),
        (HEAD + "/// x\n" * MANY, None),
        (HEAD + "@since(version = 1.0.0) " * (MANY // 10), "is not expected here"),
        (HEAD + "interface i { f: func(x: " + "a" * MANY + "); }", "has no type"),
        ("package a:b@1.0.0-" + "1" * MANY + ";", None),
        (
            HEAD
            + "interface i { type t0 = u8; "
            + "".join(f"type t{n} = option<t{n - 1}>; " for n in range(1, 200))
            + "}",
            "more than 100 types nest",
        ),
        (HEAD + "interface i { " + "".join(f"type t{n} = u8; " for n in range(5000)) + "}", None),
        (
            HEAD
            + "".join(f"interface i{n} {{ use i{n + 1}.{{t}}; }} " for n in range(2000))
            + "interface i2000 { type t = u8; }",
            None,
        ),
        (
            HEAD + "".join(f"world w{n} {{ include w{n + 1}; }} " for n in range(900)) + "world w900 {}",
            None,
        ),
        (HEAD + "\x00", r"the character U\+0000"),
        ("", "no file names its package"),
    ],
    ids=range(14),
)
def test_a_hostile_text_is_read_or_refused(text: str, message: str | None) -> None:
    if message is None:
        assert read_string(text).root.name.name == "b"
        return
    with pytest.raises(GenerateError, match=message):
        read_string(text)


def test_files_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("capwit.codegen.wit_reader.files.MAX_FILES", 3)
    with pytest.raises(GenerateError, match="more than 3 files"):
        read(HERE / "wit" / "folder")
    monkeypatch.setattr("capwit.codegen.wit_reader.files.MAX_SIZE", 1 << 10)
    with pytest.raises(GenerateError, match="there is more than"):
        read(HERE / "wit" / "everything.wit")
    with pytest.raises(GenerateError, match=r"the folder holds no \.wit file"):
        read(tmp_path)
    with pytest.raises(GenerateError, match="cannot be read: No such file"):
        read(tmp_path / "no.wit")
    (tmp_path / "x.wit").write_bytes(b"\xff")
    with pytest.raises(GenerateError, match="not a text in UTF-8"):
        read(tmp_path)
