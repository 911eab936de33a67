"""The generator's public surface: what it writes, what it refuses, and that it is safe to run."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path, PurePosixPath

import capnp
import pytest
from capwit.bridge import binding
from capwit.cli.main import main
from capwit.codegen import GenerateError, check, generate, generate_request, publish, write
from capwit.codegen.base import names
from capwit.codegen.emit.accept import RefusedError
from capwit.codegen.schema import parser

from tests.codegen.batches import EFFORT

ROOT = Path(__file__).parents[2]
CASES = Path(__file__).with_name("cases")
# With values of every kind: pycapnp's own reader of a damaged one must not be met unprepared.
DAMAGED = ("constants-of-structs", "constants-of-generics", "foreign")
KV = ROOT / "examples" / "kv" / "kv.capnp"
HEAD = '@0xd2c7a3f1b4e59871;\nusing Wit = import "/capwit/wit.capnp";\n'


def schema(folder: Path, text: str, name: str = "demo.capnp") -> Path:
    path = folder / name
    path.write_text(HEAD + text, "utf-8")
    return path


def command_line(*arguments: object) -> int:
    return main(["generate", *map(str, arguments)])


class TestFiles:
    def test_one_tree(self) -> None:
        generated = generate(KV)
        assert sorted(map(str, generated.files)) == [
            "kv.bridge.json",
            "kv.py",
            "wit/deps/capwit-bridge/errors.wit",
            "wit/deps/capwit-caps/standard.wit",
            "wit/kv.wit",
        ]
        assert generated.worlds == ("app", "summary")

    def test_generating_again_gives_the_same(self) -> None:
        assert generate(KV).files == generate(KV).files

    def test_nothing_names_this_machine(self) -> None:
        for text in generate(KV).files.values():
            assert str(ROOT) not in text
            assert sys.prefix not in text

    def test_packages_that_others_use_are_the_published_ones(self) -> None:
        files = generate(KV).files
        for package in ("capwit-bridge/errors.wit", "capwit-caps/standard.wit"):
            assert files[PurePosixPath("wit/deps", package)] == (ROOT / "wit" / package).read_text("utf-8")

    def test_only_what_changed_is_written(self, tmp_path: Path) -> None:
        files = generate(KV, validate=False).files
        assert write(files, tmp_path) == sorted(files)
        before = {path: (tmp_path / path).stat().st_mtime_ns for path in files}
        changed = PurePosixPath("kv.py")
        (tmp_path / changed).write_text("stale", "utf-8")
        (tmp_path / "mine.txt").write_text("mine", "utf-8")
        assert check(files, tmp_path) == [changed]
        assert write(files, tmp_path) == [changed]
        assert check(files, tmp_path) == []
        after = {path: (tmp_path / path).stat().st_mtime_ns for path in files}
        assert [path for path in sorted(files) if before[path] != after[path]] == [changed]
        assert (tmp_path / "mine.txt").read_text("utf-8") == "mine"

    def test_nothing_is_half_written(self, tmp_path: Path) -> None:
        files = generate(KV, validate=False).files
        (tmp_path / "wit" / "kv.wit").mkdir(parents=True)
        with pytest.raises(GenerateError, match=r"kv\.wit: cannot be written"):
            write(files, tmp_path)
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []

    def test_what_is_checked_in_is_fresh(self) -> None:
        assert publish.main(["--check", "--repository", str(ROOT)]) == 0

    def test_a_stale_published_file_is_named(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        for source in publish.SCHEMAS:
            (tmp_path / source).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / source).write_bytes((ROOT / source).read_bytes())
        assert publish.main(["--repository", str(tmp_path)]) == 0
        (tmp_path / "wit" / "capwit-caps" / "standard.wit").write_text("stale", "utf-8")
        capsys.readouterr()
        assert publish.main(["--check", "--repository", str(tmp_path)]) == 1
        assert capsys.readouterr().err.startswith("wit/capwit-caps/standard.wit: stale")


class TestCommand:
    def test_it_prints_what_it_writes(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        path = schema(tmp_path, "struct A { a @0 :Text; }")
        out = tmp_path / "out"
        assert command_line(path, "--out", out, "--dry-run") == 0
        assert not out.exists()
        planned = capsys.readouterr().out
        assert command_line(path, "--out", out, "--check") == 1
        assert "demo.py: missing; run `capwit generate` again" in capsys.readouterr().err
        assert command_line(path, "--out", out) == 0
        written = capsys.readouterr().out
        assert written == planned
        assert written.splitlines() == [
            str(out / name) for name in ("demo.bridge.json", "demo.py", "wit/demo.wit")
        ]
        assert command_line(path, "--out", out, "--check") == 0
        assert command_line(path, "--out", out) == 0
        assert capsys.readouterr().out == ""
        (out / "demo.py").write_text("changed")
        assert command_line(path, "--out", out, "--check") == 1
        assert capsys.readouterr().err.startswith(f"{out / 'demo.py'}: stale; run `capwit generate` again\n")

    @pytest.mark.parametrize(("package", "noted"), [("demo:one@0.1.0", False), ("demo:two@0.1.0", True)])
    def test_another_package_in_the_folder_is_told(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], package: str, noted: bool
    ) -> None:
        for name, of in (("one", "demo:one@0.1.0"), ("two", package)):
            text = f'$Wit.package("{of}");\nstruct A {{ a @0 :Text; }}'
            path = schema(tmp_path, text, f"{name}.capnp")
            assert command_line(path, "--out", tmp_path / "out", "--no-validate") == 0
        told = (
            f"note: {tmp_path}/out/wit/one.wit is of demo:one@0.1.0, and two.capnp of demo:two@0.1.0: "
            "no guest can be built of a folder with both\n"
        )
        assert (told in capsys.readouterr().err) == noted

    @pytest.mark.parametrize(("granted", "noted"), [("gardner", True), ("gardener", False), ("other", False)])
    def test_worlds_that_differ_by_a_slip_are_told(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], granted: str, noted: bool
    ) -> None:
        text = 'interface Run $Wit.exports("gardener") {}\ninterface Plot {}\n'
        path = schema(tmp_path, f'{text}struct Grants $Wit.grants("{granted}") {{ plot @0 :Plot; }}')
        assert command_line(path, "--out", tmp_path / "out", "--no-validate") == 0
        told = "note: world gardener is granted nothing, and world gardner exports nothing: are they one?\n"
        assert (told in capsys.readouterr().err) == noted

    def test_a_refusal_writes_nothing(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        path = schema(tmp_path, "struct A { a @0 :Text; }\ninterface B { b @0 (); }")
        assert command_line(path, "--out", tmp_path / "out") == 65
        assert not (tmp_path / "out").exists()
        error = capsys.readouterr().err
        assert error.startswith(f"capwit: {path}:4:15: B.b: the name 'b' is that of its own resource\n")

    def test_import_path(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (tmp_path / "roots" / "lib").mkdir(parents=True)
        (tmp_path / "roots" / "lib" / "more.capnp").write_text(
            "@0xd2c7a3f1b4e59872;\nstruct B { a @0 :Text; }"
        )
        path = schema(tmp_path, 'using More = import "/lib/more.capnp";\nstruct A { b @0 :More.B; }')
        out = tmp_path / "out"
        assert command_line(path, "--out", out) == 65
        assert "demo.capnp:3:22: b: import failed: /lib/more.capnp" in capsys.readouterr().err
        assert command_line(path, "--out", out, "--import-path", tmp_path / "roots") == 0
        assert "from lib import more" in (out / "demo.py").read_text("utf-8")
        assert (out / "wit/deps/capnp-more/more.wit").exists()
        assert not (out / "more.py").exists()

    def test_help_has_examples(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as exit:
            command_line("--help")
        assert exit.value.code == 0
        assert "capwit generate kv.capnp --out generated" in capsys.readouterr().out


class TestBadInput:
    @pytest.mark.parametrize(
        ("name", "message"),
        [("missing.capnp", "there is no such file"), ("schema.txt", "whose name ends in .capnp")],
    )
    def test_no_schema(self, tmp_path: Path, name: str, message: str) -> None:
        with pytest.raises(GenerateError, match=message):
            generate(tmp_path / name)

    def test_no_import_path(self, tmp_path: Path) -> None:
        with pytest.raises(GenerateError, match="the import path is not a folder"):
            generate(KV, [tmp_path / "missing"])

    def test_an_error_tells_every_part(self, tmp_path: Path) -> None:
        path = schema(tmp_path, "struct A {\n  a @0 :Nope;\n}")
        with pytest.raises(GenerateError) as caught:
            generate(path)
        error = caught.value
        assert (error.file, error.line, error.column, error.name) == (str(path), 4, 9, "a")
        assert error.message == "not defined: Nope"
        assert error.mend == "declare it, or import the file that does"

    @pytest.mark.parametrize(
        "text",
        [
            b"",
            b"\x00\xff\xfe",
            b"struct",
            b'"' * 1000,
            b"(" * 100_000,
            b"struct A {" * 3000,
            b"# " + b"x" * 1_000_000,
            b"@0xd2c7a3f1b4e59871; struct A { a :group {" + b" a :group {" * 3000,
            b'@0xd2c7a3f1b4e59871; using A = import "/dev/zero";',
            b'@0xd2c7a3f1b4e59871; using A = import "hostile.capnp"; struct A { a @0 :A.A; }',
            b'@0xd2c7a3f1b4e59871; const a :Data = embed "/etc/passwd";',
        ],
        ids=range(11),
    )
    def test_hostile_text_is_refused(self, tmp_path: Path, text: bytes) -> None:
        path = tmp_path / "hostile.capnp"
        path.write_bytes(text)
        with pytest.raises(GenerateError):
            generate(path)

    def test_what_is_no_file_is_not_read(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe.capnp")
        path = schema(tmp_path, 'using A = import "pipe.capnp";\nstruct B { a @0 :A.A; }')
        with pytest.raises(GenerateError, match=r"pipe\.capnp is not a file of at most 16 MiB"):
            generate(path)

    @pytest.mark.parametrize(
        ("name", "message"),
        [
            ("../secret", "outside of the schema's folder"),
            ("in/../../secret", "outside of the schema's folder"),
            ("../" * 40 + "secret", "outside of the schema's folder"),
            ("link", "outside of the schema's folder"),
            ("folder/secret", "outside of the schema's folder"),
            ("/../secret", "outside of the schema's folder"),
            ("/etc/passwd", "not there"),
            ("missing", "not there"),
            ("x" * 300, "not there"),
            ("pipe", "no regular file"),
            ("large", "more than 16 MiB"),
            (r"\x2e\x2e/secret", "an escape, or is not UTF-8"),
        ],
    )
    def test_only_files_beneath_the_schema_are_embedded(
        self, tmp_path: Path, name: str, message: str
    ) -> None:
        (tmp_path / "secret").write_text("secret")
        folder = tmp_path / "schema"
        folder.mkdir()
        (folder / "link").symlink_to("../secret")
        (folder / "folder").symlink_to("..")
        os.mkfifo(folder / "pipe")
        with (folder / "large").open("wb") as file:
            file.truncate((16 << 20) + 1)
        path = schema(folder, f'struct A {{\n  # embed "no"\n  a @0 :Data = embed "{name}";\n}}')
        with pytest.raises(GenerateError) as caught:
            parser.parse(path)
        error = caught.value
        assert (error.file, error.line, error.name) == (str(path), 5, "A.a")
        assert message in error.message
        assert error.mend

    def test_what_is_embedded_is_looked_up_where_the_parser_does(self, tmp_path: Path) -> None:
        (tmp_path / "secret").write_text("secret")
        for name in ("one", "two", "root/lib"):
            (tmp_path / name).mkdir(parents=True)
        for name in ("one/data", "root/lib/data"):
            (tmp_path / name).write_text("told")
        part = '@0xd2c7a3f1b4e59872;\nconst a :Text = embed "data";'
        (tmp_path / "one/part.capnp").write_text(part)
        text = 'using P = import "{}/part.capnp";\nconst a :Text = embed "/lib/data";\nconst b :Text = .P.a;'
        path = schema(tmp_path, text.format("one"))
        generated = generate(path, [tmp_path / "root"])
        assert generated.files[PurePosixPath("demo.py")].count('"told"') == 2
        (tmp_path / "two/data").symlink_to("../secret")
        (tmp_path / "two/part.capnp").symlink_to("../one/part.capnp")
        schema(tmp_path, text.format("two"))
        with pytest.raises(GenerateError, match=r"one/part\.capnp:2:\d+: .* outside of the schema's"):
            generate(path, [tmp_path / "root"])

    def test_an_import_that_leads_out_of_everything(self, tmp_path: Path) -> None:
        with pytest.raises(GenerateError, match=r"an import has more `\.\.` than there are folders"):
            generate(schema(tmp_path, f'using A = import "{"../" * 40}a.capnp"; struct B {{ a @0 :A.A; }}'))

    def test_a_parser_that_takes_too_long_is_ended(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(parser, "TIMEOUT", 0.01)
        with pytest.raises(GenerateError, match=r"took longer than 0\.01 s"):
            generate(KV)

    def test_a_wit_parser_that_takes_too_long_is_ended(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))  # without wasm-tools, which is done sooner
        monkeypatch.setattr("capwit.codegen.emit.accept.TIMEOUT", 0.01)
        with pytest.raises(GenerateError) as caught:
            generate(KV)
        assert str(caught.value) == (
            f"{KV}:1:1: wit-parser took more than 0.01 s over the WIT, and was stopped\n"
            "  install wasm-tools, which is quicker; or leave it out with --no-validate"
        )
        assert generate(KV, validate=False).files

    def test_wasm_tools_is_asked_where_it_is_installed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tool = tmp_path / "wasm-tools"
        tool.write_text('#!/bin/sh\necho "$@" >&2\nls $3 >&2\nexit 1\n')
        tool.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
        with pytest.raises(RefusedError, match=r"an error of capwit's:\ncomponent wit wit\ndeps\nkv\.wit$"):
            generate(KV)

    @pytest.mark.parametrize("request_bytes", [b"", b"x", b"\x00" * 64, b"\xff" * 64])
    def test_a_request_that_is_none(self, request_bytes: bytes) -> None:
        with pytest.raises(GenerateError, match="<request>: it cannot be read"):
            generate_request(request_bytes)


class TestRequest:
    def test_it_gives_what_the_schema_gives(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """As `capnp compile` makes one: only the schema itself is asked for."""
        monkeypatch.chdir(KV.parent)
        folder = Path(capnp.__file__).parent
        module = capnp.SchemaParser().load(str(folder / "schema.capnp"), imports=[str(folder.parent)])
        with module.CodeGeneratorRequest.from_bytes(parser.parse(KV)) as reader:
            request = reader.as_builder()
        asked = request.requestedFiles[0].to_dict()
        request.init("requestedFiles", 1)
        request.requestedFiles[0].from_dict(asked)
        (generated,) = generate_request(request.to_bytes())
        assert generated.files == generate(KV).files

    @pytest.mark.parametrize("schema", [KV, *(CASES / name / "schema.capnp" for name in DAMAGED)])
    def test_damaged_ones_are_errors_and_nothing_worse(self, schema: Path) -> None:
        request = bytearray(parser.parse(schema))
        for index in range(0, len(request), (389 if schema == KV else 127) // EFFORT or 1):
            damaged = request.copy()
            damaged[index] ^= 0x55
            with contextlib.suppress(GenerateError):
                generate_request(bytes(damaged), validate=False)


class TestNames:
    @pytest.mark.parametrize(
        ("name", "label"),
        [
            ("openSub", "open-sub"),
            ("HTTPServer", "http-server"),
            ("getURL", "get-url"),
            ("sha256Sum", "sha256-sum"),
            ("utf8", "utf8"),
            ("aB", "a-b"),
            ("UInt64", "u-int64"),
            ("my_file.v2", "my-file-v2"),
        ],
    )
    def test_labels(self, name: str, label: str) -> None:
        assert names.kebab(name) == label

    def test_a_file_need_not_bear_a_legal_name(self, tmp_path: Path) -> None:
        path = schema(tmp_path, "struct A { a @0 :Text; }", "my c++ file.capnp")
        files = generate(path).files
        assert sorted(map(str, files)) == ["my c++ file.bridge.json", "my_cpp_file.py", "wit/my c++ file.wit"]
        assert "package capnp:my-cpp-file@0.1.0;" in files[PurePosixPath("wit/my c++ file.wit")]

    def test_what_clients_and_grants_have_is_reserved(self) -> None:
        """Else a method of a schema would hide it."""
        assert {
            name for name in {*dir(binding.Client), "interface"} if not name.startswith("_")
        } == names.CLIENT_ATTRIBUTES
        assert {
            name for name in {*dir(binding.Grants), "grants_interface"} if not name.startswith("_")
        } == names.GRANTS_ATTRIBUTES


def test_the_generator_imports_no_runtime() -> None:
    program = "import sys, capwit.codegen.command, capwit.codegen.publish; print(*sys.modules)"
    env = {"PYTHONPATH": ":".join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, env=env, text=True
    )
    loaded = {name.split(".")[1] for name in done.stdout.split() if name.startswith("capwit.")}
    assert loaded == {"codegen"}
    assert "wasmtime" not in done.stdout.split()


class TestBounds:
    def test_interfaces_above_one(self, tmp_path: Path) -> None:
        chain = [f"interface I{i} extends(I{i - 1}) {{}}\n" for i in range(1, 66)]
        generate(schema(tmp_path, "interface I0 {}\n" + "".join(chain[:64])), validate=False)
        path = schema(tmp_path, "interface I0 {}\n" + "".join(chain))
        with pytest.raises(GenerateError, match="I65: it extends more than 64 interfaces"):
            generate(path, validate=False)

    def test_nested_brands(self, tmp_path: Path) -> None:
        nested = "Text"
        for _ in range(12):
            nested = f"Box({nested})"
        box = "struct Box(T) { value @0 :T; }\n"
        generate(schema(tmp_path, f"{box}struct A {{ a @0 :{nested}; }}"), validate=False)
        path = schema(tmp_path, f"{box}struct A {{ a @0 :Box({nested}); }}")
        with pytest.raises(GenerateError, match=r"A\.a: its type leads to endlessly many brands of Box"):
            generate(path, validate=False)

    def test_brands_that_double(self, tmp_path: Path) -> None:
        """Each gives the next one two of itself, so that its name would be a million words long."""
        last = 11
        boxes = [f"struct B{i}(T) {{ a @0 :B{i + 1}(Pair(T, T)); }}\n" for i in range(last)]
        text = "struct Pair(T, U) { t @0 :T; u @1 :U; }\n" + "".join(boxes)
        path = schema(tmp_path, f"{text}struct B{last}(T) {{ a @0 :T; }}\nstruct A {{ a @0 :B0(Text); }}")
        with pytest.raises(GenerateError, match=r"a brand of Pair that is made of more than 250 types"):
            generate(path, validate=False)

    @pytest.mark.parametrize(
        ("bound", "value", "told"),
        [
            (
                "lower.values",
                "()",
                "what makes more than 1000 values, with all before it, in a constant is not",
            ),
            ("schema.values", "(a = .c, b = .c)", "with all before it, the schema has more than 1000 values"),
        ],
    )
    def test_constants_that_double(
        self, bound: str, value: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What is null in one has what its type says; one that is named in another is written out there."""
        structs = [f"struct S{i} {{ a @0 :S{i - 1}; b @1 :S{i - 1}; }}\n" for i in range(1, 12)]
        consts = [f"const c{i} :S{i} = {value.replace('.c', f'.c{i - 1}')};\n" for i in range(1, 12)]
        text = "struct S0 { a @0 :UInt8; }\nconst c0 :S0 = (a = 1);\n" + "".join(structs + consts)
        monkeypatch.setattr(f"capwit.codegen.{bound}.MAX_PARTS", 1000)
        with pytest.raises(GenerateError, match=rf"c\d: {told}"):
            generate(schema(tmp_path, text), validate=False)

    def test_what_a_file_gives_does_not_depend_on_who_imports_it(self, tmp_path: Path) -> None:
        cases = Path(__file__).with_name("cases") / "generics-imported"
        alone = generate(cases / "boxes.capnp", validate=False).files
        imported = generate(cases / "schema.capnp", validate=False).files
        assert alone[PurePosixPath("boxes.py")] == imported[PurePosixPath("boxes.py")]
        below = PurePosixPath("wit/deps/case-generics-imported-boxes/boxes.wit")
        assert alone[PurePosixPath("wit/boxes.wit")] == imported[below]
