"""wasip1 modules on the command line: found out by themselves, granted folders, inspected."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from capwit.cli import exits

from tests.preview1.support import GUESTS, calling, wat
from tests.support.guests import wasi_guest

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]


def guest(name: str) -> Path:
    return wasi_guest(GUESTS / f"{name}.c")


@pytest.fixture
def module(tmp_path: Path) -> Callable[[str], Path]:
    """Write a module given as text, and return its path."""

    def write(text: str) -> Path:
        path = tmp_path / "small.wasm"
        path.write_bytes(wat(text))
        return path

    return write


def test_a_module_runs_like_a_component(capwit: Any) -> None:
    done = capwit("run", wasi_guest(ROOT / "examples" / "wasi" / "hello.c"))
    assert (done.code, done.out, done.err) == (0, "Hello from WASI on capOS\n", "")


def test_an_empty_module_instantiates_and_exits(capwit: Any, module: Any) -> None:
    done = capwit("run", module("(module)"))
    assert (done.code, done.out, done.err) == (0, "", "")
    example = ROOT / "examples" / "wasi" / "empty.py"
    ran = subprocess.run([sys.executable, example], capture_output=True, text=True, check=True)
    assert ran.stdout == "[wasm-host] empty module instantiated and exited\n"


def test_arguments_environment_and_the_exit_code(capwit: Any) -> None:
    done = capwit("run", "--env", "A=b", guest("launch"), "3", "--fuel")
    assert (done.code, done.out, done.err) == (3, "arg 3\narg --fuel\nenv A=b\n", "to stderr\n")


def test_a_folder_is_granted_by_its_name_or_as_another(capwit: Any, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("hello")
    files = guest("files")
    assert capwit("run", "--dir", tmp_path, files, "cat", tmp_path / "a").out == "hello"
    assert capwit("run", "--dir", f"{tmp_path}::/data", files, "cat", "/data/a").out == "hello"
    refused = capwit("run", files, "cat", tmp_path / "a")
    assert refused.code == 1 and refused.out.startswith("open: ")


def test_a_folder_that_is_not_there(capwit: Any, tmp_path: Path) -> None:
    done = capwit("run", "--dir", tmp_path / "none", guest("files"), "ls", "/")
    assert done.code == exits.BAD_MANIFEST
    assert done.err == f"capwit: --dir {tmp_path / 'none'}: No such file or directory\n"


def manifest(folder: Path, text: str) -> Path:
    path = folder / "app.toml"
    path.write_text(f'module = "{guest("files")}"\nargs = ["files", "ls", "/data"]\n{text}')
    return path


def test_a_manifest_grants_folders(capwit: Any, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a").write_text("hello")
    path = manifest(tmp_path, '[wasi]\nstdout = true\n[wasi.preopens]\n"/data" = { path = "data" }')
    assert capwit("run", "--allow-dir", guest("files").parent, path).out == ".\n..\na\n"
    path = manifest(tmp_path, '[wasi]\nstdout = true\n[wasi.preopens]\n"/data" = { kind = "memory" }')
    assert capwit("run", "--allow-dir", guest("files").parent, path).out == ".\n..\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[wasi.preopens]\n"/data" = { path = "/" }', "wasi.preopens./data.path: "),
        ('[wasi.preopens]\n"" = { path = "." }', "wasi.preopens.'': the path that a guest knows"),
        (
            '[wasi.preopens]\n"/" = { kind = "timer" }',
            "wasi.preopens./.kind: expected one of directory, memory",
        ),
        (
            '[wasi.preopens]\n"/a" = { path = ".", fd = 4 }\n"/b" = { path = ".", fd = 4 }',
            "wasi.preopens./b.fd: '/a' has 4 already",
        ),
        ('[wasi.preopens]\n"/a" = { path = ".", fd = 2 }', "wasi.preopens./a.fd: expected a whole number fr"),
        ('[wasi.preopens]\nb = { dir = ".", name = "" }', "wasi.preopens.'': the path"),
        (
            '[wasi.preopens]\n"/b" = { dir = "." }\nb = { dir = ".", name = "/b" }',
            "b.name: there is a directory '/b'",
        ),
        ('[wasi]\npreopens = [{ fd = 3, dir = "." }]', "wasi.preopens.1.name: missing; expected the path"),
        ("[wasi]\npreopens = [3]", "wasi.preopens.1: expected a table, got 3"),
        ('[wasi.preopens]\n"/" = { namespace = "home", path = "." }', "./.path: unknown key; known are nam"),
        ('[wasi.preopens]\n"/" = { namespace = "home" }', "wasi.preopens./.given: the host holds no 'home'"),
        ('[env]\nscope = { kind = "timer" }', "the grant `wasi.environment` does not fit"),
        ('[env]\nscope = { kind = "settings", values = 3 }', "env.scope.values: expected a table of strings"),
        ("[wasi]\npreopens = 3", "wasi.preopens: expected a table of preopens, got 3"),
        ('[grants.x]\nkind = "timer"', "asks for no such grant; it asks for none"),
    ],
)
def test_manifests_that_are_wrong(capwit: Any, tmp_path: Path, text: str, message: str) -> None:
    done = capwit("run", "--allow-dir", guest("files").parent, manifest(tmp_path, text))
    assert done.code in (exits.BAD_MANIFEST, exits.NOT_GRANTED)
    assert message in done.err
    assert "Traceback" not in done.err


def test_preopens_by_their_descriptors(capwit: Any, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a").write_text("hello")
    home = '[grants.home]\nkind = "directory"\npath = "data"\n[wasi]\nstdout = true\n'
    allowed = ("--allow-dir", guest("files").parent)
    for preopens in (
        'preopens = [{ fd = 4, dir = ".", name = "/x" }, { fd = 3, namespace = "home", name = "/data" }]',
        '[wasi.preopens]\nhome = { fd = 3, namespace = "home", name = "/data" }',
        '[wasi.preopens]\n"/data" = { dir = "data", readonly = true }\n"/x" = { namespace = "home" }',
    ):
        path = manifest(tmp_path, home + preopens)
        assert capwit("run", *allowed, path).out == ".\n..\na\n", preopens
        assert "Granted, but never used" not in capwit("inspect", *allowed, path).out or "dir" in preopens


def test_an_environment_of_settings(capwit: Any, tmp_path: Path) -> None:
    path = tmp_path / "app.toml"
    path.write_text(
        f'module = "{guest("launch")}"\n[wasi]\nstdout = true\nstderr = true\n[env]\nLANG = "C"\n'
        'scope = { kind = "settings", values = { LANG = "de", HOME = "/" } }'
    )
    done = capwit("run", "--allow-dir", guest("launch").parent, "--env", "A=b", path)
    assert done.out == "env LANG=C\nenv A=b\nenv HOME=/\n"
    shown = capwit("inspect", "--allow-dir", guest("launch").parent, path).out
    assert "env, env.scope: settings(" in shown


def test_more_arguments_than_a_program_may_be_started_with(capwit: Any, tmp_path: Path) -> None:
    path = tmp_path / "app.toml"
    for key, value in (("args", ["x"] * 4097), ("env", {"A": "x" * 2**20})):
        shown = json.dumps(value).replace('": ', '" = ')
        path.write_text(f'module = "a.wasm"\n{key} = {shown}')
        done = capwit("run", path)
        assert done.code == exits.BAD_MANIFEST and f"app.toml: {key}: " in done.err
    done = capwit("run", guest("launch"), *["x"] * 4097)
    assert done.code == exits.NOT_GRANTED and "args: 4098 arguments, the most is 4096" in done.err


def test_an_import_that_nothing_serves(capwit: Any, module: Any) -> None:
    done = capwit("run", module('(module (import "env" "f" (func)))'))
    assert done.code == exits.BAD_INPUT
    assert "imports env.f, a function, and nothing here serves that" in done.err


def test_a_trap(capwit: Any, module: Any) -> None:
    done = capwit("run", module('(module (func (export "_start") unreachable))'))
    assert done.code == exits.TRAPPED


def test_limits(capwit: Any, module: Any) -> None:
    spin = module('(module (func (export "_start") (loop (br 0))))')
    assert capwit("run", "--fuel", "100000", spin).code == exits.LIMIT
    assert capwit("run", "--timeout", "50ms", spin).code == exits.LIMIT
    large = module("(module (memory 2000))")
    assert capwit("run", "--memory", "64MiB", large).code == exits.LIMIT


def test_an_entry(capwit: Any, module: Any) -> None:
    path = module('(module (func (export "answer") (result i32) (i32.const 42)))')
    assert json.loads(capwit("run", "--json", "--entry", "answer", path).out)["result"] == 42
    done = capwit("run", "--entry", "question", path)
    assert done.code == exits.BAD_INPUT and "it exports no function question; functions: answer" in done.err


def test_inspect(capwit: Any, tmp_path: Path) -> None:
    path = tmp_path / "small.wasm"
    path.write_bytes(calling("fd_write", "i32 i32 i32 i32", "(i32.const 0)"))
    done = capwit("inspect", path)
    assert done.out == (
        "// A core module. It exports:\n//   memory: a memory\n//   run: () -> i32\n\n"
        f"{'GRANT':67}IMPORT                           WITHOUT IT\n"
        "wasi.stdin, wasi.stdout, wasi.stderr, wasi.preopens, wasi.sockets  "
        "wasi_snapshot_preview1.fd_write  BADF\n"
    )
    shown = json.loads(capwit("inspect", "--json", path).out)
    assert shown["imports"] == ["wasi_snapshot_preview1.fd_write"]
    assert shown["exports"] == ["memory", "run"]
    assert capwit("inspect", "--wit", path).code == exits.USAGE


def test_inspect_lists_what_nothing_serves(capwit: Any, module: Any) -> None:
    wasi = '(import "wasi_snapshot_preview1" "fd_levitate" (func))'
    out = capwit("inspect", module(f'(module {wasi} (import "env" "f" (func)))')).out
    assert "fd_levitate  answers NOSYS: wasi_snapshot_preview1 has no such function" in out
    assert "refused: nothing here serves it" in out


def test_inspect_of_a_manifest(capwit: Any, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    path = manifest(tmp_path, '[wasi]\nstdout = true\n[wasi.preopens]\n"/data" = { path = "data" }')
    done = capwit("inspect", "--allow-dir", guest("files").parent, path)
    assert done.code == 0
    row = next(line for line in done.out.splitlines() if "fd_write" in line)
    assert row.endswith("wasi.stdout, wasi.preopens./data")
