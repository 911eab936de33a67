"""Files that are no component, told apart: by `run` and by `inspect`, in one line."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING, Any

import pytest
import wasmtime
from capwit.cli import exits

from tests.bridge.support import probe_guest
from tests.support.components import wat

if TYPE_CHECKING:
    from pathlib import Path

SMALL = wat('(import "wasi:cli/stdout@0.2.0" (instance (export "f" (func (result (list string))))))')

NOISE = random.Random(1).randbytes(5_000)  # noqa: S311 - the same each time
FILES: dict[str, bytes] = {
    "empty": b"",
    "a text": b"import sys\nprint('hello')\n",
    "a header alone": SMALL[:8],
    "half a header": SMALL[:5],
    "half a core module": bytes(wasmtime.wat2wasm('(module (func (export "run")))'))[:-3],
    "another version": SMALL[:4] + b"\x99\x00\x01\x00",
    "random after the header": SMALL[:8] + NOISE,
    "random": NOISE,
    "zeros": bytes(100_000),
    "component text": b"(component)",
    "an elf": b"\x7fELF" + bytes(60),
    "a section that ends after the file": SMALL[:8] + b"\x07\xff\xff\xff\xff\x0f",
    "a number that is too long": SMALL[:8] + b"\x07" + b"\x80" * 20,
    "many empty sections": SMALL[:8] + b"\x00\x01\x00" * 200_000,
    "more after the end": SMALL + b"\x00",
}


@pytest.mark.parametrize("command", ["run", "inspect"])
@pytest.mark.parametrize("case", FILES)
def test_a_file_that_is_no_component(capwit: Any, tmp_path: Path, command: str, case: str) -> None:
    path = tmp_path / "bad.wasm"
    path.write_bytes(FILES[case])
    done = capwit(command, path)
    if case in ("a header alone", "many empty sections") and command == "inspect":
        assert done.code == 0  # an empty component
        return
    assert (done.code, done.out) == (exits.BAD_INPUT, "")
    assert done.err.startswith("capwit: ")
    assert "bad.wasm" in done.err
    assert "Traceback" not in done.err
    assert "inside capwit" not in done.err


@pytest.mark.parametrize("command", ["run", "inspect"])
def test_a_pipe_is_not_waited_for(capwit: Any, tmp_path: Path, command: str) -> None:
    path = tmp_path / "pipe.wasm"
    os.mkfifo(path)
    done = capwit(command, path)
    assert (done.code, done.out) == (exits.BAD_INPUT, "")
    assert f"{path}: not a file" in done.err


@pytest.mark.parametrize("command", ["run", "inspect"])
def test_a_truncated_component(capwit: Any, tmp_path: Path, command: str) -> None:
    whole = probe_guest().read_bytes()
    path = tmp_path / "cut.wasm"
    for part in (0.9999, 0.5, 0.1, 0.001):
        path.write_bytes(whole[: int(len(whole) * part)])
        done = capwit(command, path)
        assert (done.code, done.out) == (exits.BAD_INPUT, "")
        assert "cut.wasm" in done.err
        assert done.err.count("\n") <= 2


def test_flipped_bytes_never_reach_a_traceback(capwit: Any, tmp_path: Path) -> None:
    path = tmp_path / "odd.wasm"
    dice = random.Random(3)  # noqa: S311 - the same each time
    for _ in range(300):
        broken = bytearray(SMALL)
        for _ in range(dice.randint(1, 4)):
            broken[dice.randrange(8, len(broken))] = dice.randrange(256)
        path.write_bytes(broken)
        done = capwit("inspect", path)
        assert done.code in (0, exits.BAD_INPUT), (broken.hex(), done)
        assert "inside capwit" not in done.err, broken.hex()


def test_a_core_module_that_asks_for_what_nothing_serves(capwit: Any, tmp_path: Path) -> None:
    path = tmp_path / "core.wasm"
    path.write_bytes(wasmtime.wat2wasm('(module (import "env" "shoot" (func)))'))
    done = capwit("run", path)
    assert done.code == exits.BAD_INPUT
    assert "core.wasm" in done.err
    assert "shoot" in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize("command", ["run", "inspect"])
@pytest.mark.parametrize("name", ["gone.wasm", "x" * 300 + ".wasm", "folder"])
def test_a_file_that_cannot_be_read(capwit: Any, tmp_path: Path, command: str, name: str) -> None:
    (tmp_path / "folder").mkdir()
    done = capwit(command, tmp_path / name)
    assert (done.code, done.out) == (exits.BAD_INPUT, "")
    assert "Mend: " in done.err
    assert done.err.count("\n") == 1


def test_imports_that_nothing_serves(capwit: Any, component: Any) -> None:
    path = component('(import "some:where/else@1.0.0" (instance (export "f" (func))))')
    done = capwit("run", path)
    assert done.code == exits.BAD_INPUT
    assert "it imports some:where/else@1.0.0, and nothing here serves that. Mend: " in done.err


@pytest.mark.parametrize("generated", ["made.py", "made/garden.py", None])
def test_a_component_whose_bindings_are_not_named(
    capwit: Any, component: Any, tmp_path: Path, monkeypatch: Any, generated: str | None
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "made").mkdir()
    text = '(import "acme:garden/app-grants@0.1.0" (instance (export "get-beds" (func (result u32)))))'
    component(text, "made/small.wasm")
    if generated:
        (tmp_path / generated).write_text('"acme:garden/app-grants@0.1.0"')
        (tmp_path / generated).with_suffix(".bridge.json").touch()
    manifest = tmp_path / "app.toml"
    manifest.write_text('module = "made/small.wasm"\n[grants.beds]\nkind = "console"\n')
    mend = f'Mend: bindings = "{generated or "FILE.py"}"'
    done = capwit("run", "app.toml")
    assert done.code == exits.BAD_MANIFEST
    said = "app.toml: small.wasm imports acme:garden/app-grants@0.1.0, of which no bindings are named. "
    assert said + mend in done.err
    done = capwit("inspect", "app.toml")
    assert done.code == exits.BAD_MANIFEST
    assert f"\nMissing: bindings of acme:garden/app-grants@0.1.0. {mend}" in done.out
    bare = generated if generated and "/" in generated else "FILE.py"
    for grants in ([], ["--grant", "beds=console"]):
        done = capwit("run", *grants, "made/small.wasm")
        assert done.code == exits.BAD_MANIFEST
        assert f"Mend: --bindings {bare}" in done.err
    if generated:
        manifest.write_text(f'bindings = "{generated}"\n{manifest.read_text()}')
        assert capwit("inspect", "app.toml").code == 0
    (tmp_path / "gone.toml").write_text('module = "made/small.wasm"\nbindings = "gone.py"\n')
    done = capwit("inspect", "gone.toml")
    assert (done.code, done.out) == (exits.BAD_MANIFEST, "")
    assert "gone.toml: bindings: " in done.err


def test_a_component_of_another_version_of_the_schema(capwit: Any, component: Any) -> None:
    path = component("""
      (import "capwit:caps/standard@0.1.0" (instance (export "console" (type $c (sub resource)))
        (export "[method]console.write" (func (param "self" (borrow $c)) (param "data" string)
          (result (result))))))""")
    done = capwit("run", path)
    assert done.code == exits.BAD_INPUT
    assert (
        "its import capwit:caps/standard@0.1.0#[method]console.write is not that of the bindings: "
        "data: it is a string, in the bindings a list. "
        "Mend: generate the bindings and build the component from the same schema"
    ) in done.err


def test_a_component_without_run(capwit: Any, component: Any) -> None:
    done = capwit("run", component(""))
    assert done.code == exits.BAD_INPUT
    assert "it exports no `run` that takes no parameters; what could be called: nothing." in done.err


def test_a_component_that_answers_requests_is_served(capwit: Any, component: Any) -> None:
    done = capwit("run", component('(instance $i) (export "wasi:http/incoming-handler@0.2.0" (instance $i))'))
    assert done.code == exits.BAD_INPUT
    assert "it answers HTTP requests, and has no `run`. Mend: `capwit serve --http" in done.err


def test_names_in_a_component_cannot_steer_a_terminal(capwit: Any, tmp_path: Path) -> None:
    path = tmp_path / "odd.wasm"
    path.write_bytes(wat('(import "url=<https://x/_[2J>" (func))').replace(b"_[2J", b"\x1b[2J"))
    for command in ("run", "inspect"):
        done = capwit(command, path)
        assert done.code == exits.BAD_INPUT
        assert "\x1b" not in done.err + done.out
