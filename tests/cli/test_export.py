"""`capwit export` of components: their exports by reflection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from capwit.cli import exits
from capwit.codegen import generate, write
from capwit.codegen.generator import load

from tests.bridge.support import SCHEMA, generated, probe_guest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SHAPES = """
  (component $inner
    (type $point' (record (field "x" s32) (field "y-2" s32)))
    (export $point "point" (type $point'))
  )
  (core module $m
    (func (export "f") (param i32 i32) (result i32) unreachable)
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  )
  (core instance $i (instantiate $m))
  (func $run (param "a" s32) (param "b" char) (result u32) (canon lift (core func $i "f")))
  (export "run" (func $run))
"""


def test_what_a_guest_exports_is_a_schema(capwit: Any, tmp_path: Path) -> None:
    out = tmp_path / "probe.capnp"
    done = capwit("export", probe_guest(), "-o", out)
    assert done.code == 0
    # What componentize-py exports for itself.
    assert (
        done.err == f"{probe_guest()}: exports: left out: it is of no package; --interface exports takes it\n"
    )
    text = out.read_text()
    assert '$Wit.package("test:probe@0.1.0");' in text
    assert "give @2 (code :Text) -> (result :TestProbeProbe.Item);" in text  # a `result<item, cap-error>`
    assert 'newWorker @0 () -> (result :Worker) $Wit.function("[constructor]worker");' in text
    assert sorted(done.out.split()) == [str(out), str(tmp_path / "test-probe-probe.capnp")]
    assert load(out).roots
    assert capwit("export", probe_guest(), "-o", out, "--check").code == 0
    kept = out.read_bytes()
    assert capwit("export", probe_guest(), "-o", out).code == 0
    assert out.read_bytes() == kept


def test_a_bridge_file_is_held_against_the_components_types(capwit: Any, tmp_path: Path) -> None:
    out, bridge = tmp_path / "probe.capnp", generated(SCHEMA) / "probe.bridge.json"
    assert capwit("export", probe_guest(), "--bridge", bridge, "-o", out).code == 0
    assert "show @1 (item :Item, code :Text) -> (said :Text);" in out.read_text()
    other = tmp_path / "other" / "probe.capnp"
    other.parent.mkdir()
    other.write_text(SCHEMA.read_text().replace("show @1 (item :Item, code :Text)", "show @1 (code :Text)"))
    write(generate(other, validate=False).files, tmp_path)
    elsewhere = tmp_path / "new.capnp"
    done = capwit("export", probe_guest(), "--bridge", tmp_path / "probe.bridge.json", "-o", elsewhere)
    assert done.code == exits.BAD_INPUT
    assert "the function `worker.show` is of another type in its schema" in done.err


def test_functions_of_no_interface_are_those_of_an_interface(
    capwit: Any, component: Callable[[str], Path], tmp_path: Path
) -> None:
    path = component(SHAPES)
    done = capwit("export", path, "-o", tmp_path / "small.capnp")
    assert (done.code, done.err) == (0, "")
    run = 'run @0 (a :Int32, b :UInt32) -> (result :UInt32) $Wit.function("run");'
    assert run in (tmp_path / "small.capnp").read_text()


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        (["no.wasm", "-o", "x.capnp"], 65, "no.wasm: No such file or directory"),
        (["no.wit", "-o", "x.capnp"], 65, "no.wit: it cannot be read: No such file or directory"),
        (["two.wit", "-o", "x.capnp"], 2, "there are several interfaces: one, two. Mend: name a folder"),
        (["two.wit", "--interface", "three", "-o", "x.capnp"], 65, "name one of: a:b/one, a:b/two"),
        (["none.wit", "-o", "x.capnp"], 65, "there is no interface to export"),
        (["core.wasm", "-o", "x.capnp"], 65, "it is a core module, which has no WIT"),
        (["two.wit"], 2, "required: -o/--out"),
    ],
)
def test_bad_input(
    capwit: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], code: int, told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "two.wit").write_text("package a:b; interface one {} interface two {}")
    (tmp_path / "none.wit").write_text("package a:b;")
    (tmp_path / "core.wasm").write_bytes(b"\0asm\1\0\0\0")
    done = capwit("export", *options)
    assert done.code == code, done
    assert told in done.err
    assert not (tmp_path / "x.capnp").exists()
