"""Where a program's code is: a file, the manifest itself, or a store that has it by its hash."""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from capwit.cli import exits

from tests.preview1.support import wat
from tests.preview1.test_abi import WRITE, vectors

if TYPE_CHECKING:
    from pathlib import Path

HELLO = wat(f"""(module
  (import "wasi_snapshot_preview1" "fd_write" (func $f (param {WRITE}) (result i32)))
  {vectors((1024, 6))}
  (func (export "_start") (drop (call $f (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 0)))))""")
HASH = sha256(HELLO).hexdigest()
ENDS = "[wasi]\nstdout = true\n"
IN_A_FOLDER = f'module = {{ store = "modules", hash = "sha256:{HASH}" }}\n{ENDS}'
STORE = '[grants.modules]\nkind = "store"\npath = "modules"\n'


@pytest.fixture
def app(tmp_path: Path) -> Any:
    """Write a manifest, next to a folder of blobs, and return its path."""
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / HASH).write_bytes(HELLO)

    def write(text: str) -> Path:
        path = tmp_path / "app.toml"
        path.write_text(text)
        return path

    return write


def test_code_in_the_manifest_itself(capwit: Any, app: Any) -> None:
    path = app(f'module = {{ inline = "{b64encode(HELLO).decode()}" }}\n{ENDS}')
    assert capwit("run", path).out == "abcdef"
    shown = capwit("inspect", path).out
    assert f"inline, {len(HELLO)} bytes" in shown and "wasi_snapshot_preview1.fd_write" in shown
    empty = b64encode(wat("(component)")).decode()
    done = capwit("run", app(f'module = {{ inline = "{empty}" }}'))
    assert "inline.wasm" in done.err  # a component, without anything to call


def test_code_in_a_folder_of_blobs(capwit: Any, app: Any) -> None:
    path = app(IN_A_FOLDER + STORE)
    assert capwit("run", path).out == "abcdef"
    done = capwit("inspect", path)
    assert done.code == 0 and f"sha256:{HASH} of modules" in done.out and "never used" not in done.out
    ledger = capwit("run", "--json", path)
    assert json.loads(ledger.out)["exit"] == 0


def test_code_in_a_store_that_is_given(capwit: Any, app: Any, tmp_path: Path) -> None:
    policy = tmp_path / "host.toml"
    policy.write_text('[caps.modules]\nkind = "store"\npath = "modules"\n')
    path = app(IN_A_FOLDER)
    assert capwit("run", "--policy", policy, path).out == "abcdef"
    done = capwit("run", path)
    assert done.code == exits.BAD_MANIFEST and "module.store: the host holds no 'modules'" in done.err
    assert "'modules' is not opened to look at what it has" in capwit("inspect", path).err


def test_a_store_that_gives_something_else(capwit: Any, app: Any, tmp_path: Path) -> None:
    blob = tmp_path / "modules" / HASH
    path = app(IN_A_FOLDER + STORE)
    for content in (HELLO[:-1] + b"\0", HELLO + b"\0", b""):
        blob.write_bytes(content)
        for command in ("run", "inspect"):
            done = capwit(command, path)
            assert done.code == exits.BAD_INPUT and "something else" in done.err, (command, done.err)
            assert done.out == ""
    blob.unlink()
    done = capwit("run", path)
    assert done.code == exits.BAD_INPUT and f"the store 'modules' has no sha256:{HASH}" in done.err


def test_a_store_that_is_narrowed(capwit: Any, app: Any) -> None:
    allowed = app(IN_A_FOLDER + STORE + 'narrow = { allow = ["store.size", "store.get"] }')
    assert capwit("run", allowed).out == "abcdef"
    done = capwit("run", app(IN_A_FOLDER + STORE + 'narrow = { deny = ["store.get"] }'))
    assert done.code == exits.BAD_INPUT and "the store 'modules': denied" in done.err


@pytest.mark.parametrize(
    ("module", "message"),
    [
        ('{ inline = "*" }', "module.inline: no base64"),
        ('{ inline = 3 }', "module.inline: expected code as base64, got 3"),
        ('{ inline = "", store = "x" }', "module.store: unknown key; known are inline"),
        ('{ inline = "" }', "inline.wasm"),
        ("{ }", "module.hash: missing; expected 'sha256:'"),
        ('{ hash = "sha256:12", store = "x" }', "module.hash: expected 'sha256:' and 64 hex"),
        (f'{{ hash = "sha256:{HASH.upper()}", store = "x" }}', "module.hash: expected"),
        (f'{{ hash = "md5:{HASH}", store = "x" }}', "module.hash: expected"),
        (f'{{ hash = "sha256:{HASH}" }}', "module.store: missing"),
        (f'{{ hash = "sha256:{HASH}", store = "clock" }}', "module.store: SystemTimer is not a"),
        (f'{{ hash = "sha256:{HASH}", store = "other" }}', "grants.other is another component's"),
        ('{ path = "a" }', "module.path: unknown key; known are store, hash"),
    ],
)  # fmt: skip
def test_what_is_wrong(capwit: Any, app: Any, module: str, message: str) -> None:
    grants = (
        '[grants.clock]\nkind = "timer"\n[grants.other]\ncomponent = "c"\ninterface = "store"\n'
        '[components.c]\nmodule = "c.wasm"\n'
    )
    done = capwit("run", app(f"module = {module}\n{grants}"))
    assert done.code in (exits.BAD_MANIFEST, exits.BAD_INPUT)
    assert message in done.err and "Traceback" not in done.err
