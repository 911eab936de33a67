"""`capwit build`, through the command."""

from __future__ import annotations

import argparse
import os
import stat
import textwrap
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import wasmtime
import wasmtime.component
from capwit.cli.build import BuildError, add_parser
from capwit.cli.toolchains import go

if TYPE_CHECKING:
    from collections.abc import Iterator

COMPONENT = b"\0asm\x0d\0\x01\0"

HELLO_WIT = """
    package demo:hello@0.1.0;
    interface greetings {
      resource greeter { constructor(); greet: func(name: string) -> string; }
    }
    world hello { export greetings; }
    world idle {}
"""
GUEST = """
    from words.hello import HELLO
    from wit_world.exports import greetings
    class Greeter(greetings.Greeter):
        def __init__(self): ...
        def greet(self, name):
            return f"{HELLO} {name}"
"""
WORDS = "HELLO = 'hello'"

COUNTER_WIT = """
    // Above the package there may be comments; package is a word in this one.
    package demo:counter@0.1.0;
    world counter {
      use shared:types/numbers@1.0.0.{number};
      export next: func() -> number;
    }
"""
SHARED_WIT = """
    package shared:types@1.0.0;
    interface numbers { type number = u32; }
"""
COUNTER = """
    #include <string.h>
    static char seen[100];
    __attribute__((export_name("next"))) unsigned next(void) {
        seen[strlen(seen)] = '.';
        return strlen(seen);
    }
"""


@dataclass
class Project:
    """A folder with a guest, its WIT under `wit`, and a cache of its own."""

    folder: Path
    capsys: pytest.CaptureFixture[str] = field(repr=False)

    def write(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text))

    def build(self, source: str, *options: str, wit: str = "wit", world: str = "hello") -> tuple[int, str]:
        """Run the command in this process; return its exit code and what it says."""
        places = ["--wit", str(self.folder / wit), "-o", str(self.out)]
        return self._run([str(self.folder / source), *places, f"--world={world}", *options])

    def run(self, *arguments: str | Path, status: int) -> str:
        """Run the command on its own arguments; return what it says."""
        got, said = self._run([*map(str, arguments)])
        assert got == status, said
        return said

    def _run(self, arguments: list[str]) -> tuple[int, str]:
        parser = argparse.ArgumentParser(prog="capwit")
        add_parser(parser.add_subparsers(required=True))
        args = parser.parse_args(["build", *arguments])
        try:
            status, said = args.run(args), ""
        except BuildError as error:
            status, said = error.exit_code, str(error)
        captured = self.capsys.readouterr()
        assert captured.out == ""
        return status, captured.err + said

    @property
    def out(self) -> Path:
        return self.folder / "made" / "out.wasm"


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        user_cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        patch.setenv("ZIG_GLOBAL_CACHE_DIR", str(user_cache / "zig"))  # its libc takes half a minute
        patch.setenv("XDG_CACHE_HOME", str(folder))
        yield folder


@pytest.fixture
def project(tmp_path: Path, cache: Path, capsys: pytest.CaptureFixture[str]) -> Project:
    made = Project(tmp_path, capsys)
    made.write({"guest.py": GUEST, "words/hello.py": WORDS, "wit/hello.wit": HELLO_WIT})
    return made


def test_a_python_guest_is_built_once(project: Project, cache: Path) -> None:
    status, said = project.build("guest.py")
    assert status == 0
    assert "building guest.py with componentize-py" in said
    first = project.out.read_bytes()
    assert first.startswith(COMPONENT)
    assert f"{project.out}: {len(first):,} bytes, in " in said

    project.out.unlink()
    status, said = project.build("guest.py")
    assert status == 0
    assert said == f"{project.out}: {len(first):,} bytes, from the cache\n"
    assert project.out.read_bytes() == first
    assert [path.name for path in project.out.parent.iterdir()] == ["out.wasm"]
    folders = [path for path in cache.rglob("*") if path.is_dir() and any(path.glob("*.*"))]
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in folders] == [0o700]

    # What the guest imports is part of it; and a build that fails leaves what stood there.
    project.write({"words/hello.py": "HELLO = 'hi'\n1 / 0"})
    status, said = project.build("guest.py")
    assert status == 65, said
    assert f'File "{project.folder}/words/hello.py", line 2' in said
    assert "ZeroDivisionError" in said
    assert project.out.read_bytes() == first


def test_a_guest_sees_no_package_of_the_builder(project: Project) -> None:
    project.write({"guest.py": "import pytest\n" + textwrap.dedent(GUEST)})
    status, said = project.build("guest.py", "--no-cache")
    assert status == 65, said
    assert "imports `pytest`, which a guest cannot see" in said
    assert f"pip install --target {project.folder} pytest" in said


def test_a_guest_holds_nothing_while_it_is_built(project: Project) -> None:
    project.write(
        {
            "wit/hello.wit": """
            package demo:hello@0.1.0;
            interface clock { now: func() -> u64; }
            world hello { import clock; }
        """,
            "guest.py": """
            from wit_world.imports import clock
            clock.now()
        """,
        }
    )
    status, said = project.build("guest.py")
    assert status == 65, said
    assert "while it is imported" in said
    assert "in a method" in said


@pytest.mark.parametrize(
    ("files", "arguments", "status", "said"),
    [
        ({"guest.py": "def f(:\n"}, {}, 65, "guest.py:1:7: invalid syntax"),
        ({"guest.py": "\0"}, {}, 65, "guest.py"),
        ({"guest.py": "(" * 100_000}, {}, 65, "guest.py"),
        ({"words/hello.py": "x = = 1"}, {}, 65, "words/hello.py:1:5"),
        ({"guest.py": "class Geeter: ..."}, {}, 65, "no class `Greeter`, which world `hello` exports"),
        (
            {},
            {"world": "hullo"},
            65,
            "no world `hullo`. Mend: name one that it has: --world hello, --world idle",
        ),
        ({}, {"world": "--help"}, 65, "no world `--help`"),
        (
            {},
            {"wit": "nowhere"},
            65,
            "nowhere is not a folder. Mend: name the folder that `capwit generate` wrote",
        ),
        ({}, {"wit": "words"}, 65, "words holds no .wit file"),
        ({}, {"wit": "."}, 65, " holds no .wit file. Mend: name the folder in it: --wit /"),
        ({"wit/hello.wit": "package a:b;\nworld hello { export x; }"}, {}, 65, "wit/hello.wit:2:22"),
        ({}, {"source": "absent.py"}, 65, "absent.py: No such file"),
        ({}, {"source": "absent.c"}, 65, "absent.c: there is no such file"),
        ({"json.py": GUEST}, {"source": "json.py"}, 65, "rename it: my_json.py"),
        ({"a-b.py": GUEST}, {"source": "a-b.py"}, 65, "letters, digits and underscores"),
        ({"guest.rs": ""}, {"source": "guest.rs"}, 2, "a component in Rust is a crate"),
        ({"guest.lua": ""}, {"source": "guest.lua"}, 2, "Lua makes no component. Mend: run the script"),
        ({"guest.txt": ""}, {"source": "guest.txt"}, 2, "name one of .rs, .c, .cpp"),
        ({}, {"source": "words"}, 2, "is a folder without a Cargo.toml, a go.mod or a .csproj"),
    ],
)
def test_what_cannot_be_built_says_why(
    project: Project, files: dict[str, str], arguments: dict[str, str], status: int, said: str
) -> None:
    project.write(files)
    got, told = project.build(**{"source": "guest.py", **arguments})
    assert (got, said in told) == (status, True), told
    assert "Traceback" not in told
    assert not project.out.exists()


def test_a_folder_cannot_be_written_over(project: Project) -> None:
    project.out.mkdir(parents=True)
    status, said = project.build("guest.py")
    assert (status, "is the source, or a folder" in said) == (2, True)


def test_a_cache_that_others_can_write_to_is_refused(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in (tmp_path, tmp_path / "capwit", tmp_path / "capwit" / "builds"):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o777)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    status, said = project.build("guest.py")
    assert (status, "--no-cache" in said) == (65, True)


def test_a_missing_tool_is_named_with_how_to_get_it(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write({"guest.c": COUNTER})
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("NODE_PATH", raising=False)
    status, said = project.build("guest.c")
    assert status == 69
    assert "a C guest needs" in said
    assert "install" in said.splitlines()[-1]


def test_a_c_guest_runs(project: Project) -> None:
    project.write(
        {"counter.c": COUNTER, "wit/hello.wit": COUNTER_WIT, "wit/deps/shared/types.wit": SHARED_WIT}
    )
    build_or_skip(project, "counter.c")
    engine = wasmtime.Engine()
    store = wasmtime.Store(engine)
    instance = wasmtime.component.Linker(engine).instantiate(
        store, wasmtime.component.Component.from_file(engine, str(project.out))
    )
    count = instance.get_func(store, "next")
    assert count is not None
    assert [count(store), count(store)] == [1, 2]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("int f(void) { return x; }", "bad.c:1:22: error: use of undeclared identifier 'x'"),
        ("int f(void) { return 1; }", "next"),
    ],
)
def test_a_c_guest_that_does_not_fit_its_world(project: Project, source: str, said: str) -> None:
    project.write({"wit/hello.wit": COUNTER_WIT, "wit/deps/shared/types.wit": SHARED_WIT, "bad.c": source})
    status, told = project.build("bad.c", world="counter")
    skip_if_unavailable(status, told)
    assert (status, said in told) == (65, True), told
    assert not project.out.exists()


def test_a_c_guest_may_use_its_library(project: Project) -> None:
    printing = '#include <stdio.h>\n__attribute__((export_name("next"))) int next(void) { return puts("x"); }'
    project.write(
        {"guest.c": printing, "wit/hello.wit": COUNTER_WIT, "wit/deps/shared/types.wit": SHARED_WIT}
    )
    build_or_skip(project, "guest.c")
    assert b"wasi:cli/stdout" in project.out.read_bytes()


@pytest.mark.parametrize(
    ("source", "options", "status", "said"),
    [
        ("guest.c", [], 0, "bytes, in"),
        ("guest.py", [], 2, "Python makes no wasip1 module. Mend: name a world with --wit and --world"),
        (
            "guest.c",
            ["--world=hello"],
            2,
            "--wit is missing. Mend: give a component both, a program neither",
        ),
        ("guest.c", ["--wit=wit"], 2, "--world is missing"),
        ("guest.c", ["--stub-wasi"], 2, "--stub-wasi is for Python components"),
        ("broken.c", [], 65, "broken.c:1:24: error: use of undeclared identifier 'x'"),
        ("broken.zig", [], 65, "broken.zig:1:"),
        ("broken.cpp", [], 65, "broken.cpp:1:"),
    ],
)
def test_a_program_is_built_without_a_world(
    project: Project, source: str, options: list[str], status: int, said: str
) -> None:
    broken = {f"broken.{suffix}": "int main(void) {return x;}" for suffix in ("c", "cpp", "zig")}
    project.write({"guest.c": "int main(void) { return 3; }", **broken})
    assert said in project.run(project.folder / source, *options, "-o", project.out, status=status)
    if status == 0:
        assert project.out.read_bytes().startswith(b"\0asm\x01\0\0\0")


# Each compiler, looked for on an empty path.
@pytest.mark.parametrize(
    ("source", "options", "said"),
    [
        ("program.go", [], "a Go guest needs go, which is not installed. Mend: install Go 1.24 or later"),
        ("program.rs", [], "no rustc of the path has a library for wasm32-wasip1. Mend: rustup target add"),
        (
            "program.ts",
            [],
            "AssemblyScript needs node, which is not installed. Mend: install Node.js, and npm install",
        ),
        (
            "program.go",
            ["--tinygo"],
            "a Go guest by TinyGo needs tinygo, which is not installed. Mend: install TinyGo",
        ),
        ("csharp/x.csproj", [], "a C# guest needs dotnet, which is not installed. Mend: install the SDK of"),
    ],
)
def test_each_missing_compiler_is_named(
    project: Project, monkeypatch: pytest.MonkeyPatch, source: str, options: list[str], said: str
) -> None:
    project.write({source: ""})
    monkeypatch.setenv("PATH", str(project.folder))
    monkeypatch.setattr(go, "_OFFICIAL", str(project.folder))
    named = project.folder / source.removesuffix("/x.csproj")
    assert said in project.run(named, *options, "-o", project.out, status=69)


# These were not to be had from a registry: scripts stand in for them.
@pytest.mark.parametrize(
    ("source", "options", "compiler", "script"),
    [
        (
            "program.go",
            ["--tinygo"],
            "tinygo",
            '[ "$1 $2 $6" = "build -target=wasip1 ./program.go" ] && echo made > "$5"',
        ),
        (
            "csharp/x.csproj",
            [],
            "dotnet",
            'made="${5#--artifacts-path=}/bin/x/AppBundle"; mkdir -p "$made"; echo made > "$made/x.wasm"',
        ),
    ],
)
def test_compilers_that_no_registry_has(
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    source: str,
    options: list[str],
    compiler: str,
    script: str,
) -> None:
    project.write({source: "", compiler: f"#!/bin/sh\n{script}"})
    (project.folder / compiler).chmod(0o755)
    monkeypatch.setenv("PATH", f"{project.folder}{os.pathsep}{os.environ['PATH']}")
    named = project.folder / source.removesuffix("/x.csproj")
    project.run(named, *options, "-o", project.out, status=0)
    assert project.out.read_text() == "made\n"
    project.write({compiler: "#!/bin/sh\necho line 3: what is this; exit 1"})
    said = project.run(named, *options, "-o", project.out, status=65)
    assert "line 3: what is this\nMend: correct" in said
    status, said = project.build(named.name, *options)
    assert (status, "Mend: " in said) == (2, True), said


def test_a_file_named_as_an_option_is_a_file(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.write(
        {"-toolexec=true.go": "", "go": '#!/bin/sh\nfor last; do :; done; echo "takes $last"; exit 1'}
    )
    (project.folder / "go").chmod(0o755)
    monkeypatch.setenv("PATH", str(project.folder))
    said = project.run(project.folder / "-toolexec=true.go", "-o", project.out, status=65)
    assert "takes ./-toolexec=true.go\n" in said


def test_a_component_of_javascript_needs_jco(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.write({"guest.js": ""})
    (project.folder / "node").write_text("")
    (project.folder / "node").chmod(0o755)
    monkeypatch.setenv("PATH", str(project.folder))
    monkeypatch.setenv("NODE_PATH", "")
    monkeypatch.chdir(project.folder)
    status, said = project.build("guest.js")
    assert (status, "a JavaScript guest needs @bytecodealliance/jco, which is not installed" in said) == (
        69,
        True,
    )


def test_bindings_that_only_wit_bindgen_makes(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.write({"guest.c": '#include "hello.h"\n', "node": "", "wasm-tools": ""})
    (project.folder / "wasm-tools").chmod(0o755)
    monkeypatch.setenv("PATH", str(project.folder))
    status, said = project.build("guest.c")
    assert (status, "a C guest that includes hello.h needs wit-bindgen" in said) == (69, True), said
    project.write({"hello.h": "int next(void);\n"})  # which is its own
    status, said = project.build("guest.c")
    assert "wit-bindgen" not in said


def test_a_go_module_that_wit_bindgen_has_bindings_for(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write(
        {"guest/go.mod": "module wit_component\n", "go": "#!/bin/sh\necho $@; exit 1", "wasm-tools": ""}
    )
    for name in ("go", "wasm-tools"):
        (project.folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(project.folder))
    status, said = project.build("guest")
    assert (status, "a Go guest needs wit-bindgen, which is not installed" in said) == (69, True), said
    project.write({"wit-bindgen": "#!/bin/sh\necho \"error: unrecognized subcommand 'go'\"; exit 2"})
    (project.folder / "wit-bindgen").chmod(0o755)
    status, said = project.build("guest")
    assert (status, "needs a wit-bindgen with its feature `go`. Mend: cargo install" in said) == (69, True), (
        said
    )
    project.write({"guest/wit_exports.go": ""})  # which are its own
    status, said = project.build("guest")
    assert (status, "build -trimpath" in said, "-overlay" in said) == (65, True, False), said
    assert "-checklinkname=0" in said, "bindings reach into Go's runtime, whoever made them"
    project.write({"guest/go.mod": "module own\n"})
    _, said = project.build("guest")
    assert ("build -trimpath" in said, "-checklinkname" in said) == (True, False), said


def test_stubs_are_not_for_c(project: Project) -> None:
    project.write({"guest.c": COUNTER})
    status, said = project.build("guest.c", "--stub-wasi")
    assert (status, "--stub-wasi is for Python components" in said) == (2, True)


def test_help_has_examples(project: Project) -> None:
    with pytest.raises(SystemExit) as ended:
        project.build("guest.py", "--help")
    assert ended.value.code == 0
    assert (
        "capwit build examples/kv/guest.py --wit build/kv/wit --world app -o"
        in project.capsys.readouterr().out
    )


def build_or_skip(project: Project, source: str) -> None:
    status, said = project.build(source, world="counter")
    skip_if_unavailable(status, said)
    assert status == 0, said


def skip_if_unavailable(status: int, said: str) -> None:
    if status == 69:
        pytest.skip(said.replace("\n", ": ").strip())
