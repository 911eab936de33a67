"""`capwit inspect`: what a component imports, exports and needs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from capwit.cli import exits

from tests.bridge.support import probe_guest

if TYPE_CHECKING:
    from pathlib import Path


def needs(text: str) -> dict[str, tuple[str, str]]:
    """Return the table of grants: import -> grant, and what happens without it."""
    lines = text[text.index("GRANT") :].splitlines()
    source, without = lines[0].index("IMPORT"), lines[0].index("WITHOUT IT")
    return {line[source:without].strip(): (line[:source].strip(), line[without:]) for line in lines[1:]}


def test_the_wit_and_the_grants_of_a_guest(capwit: Any) -> None:
    done = capwit("inspect", probe_guest())
    assert (done.code, done.err) == (0, "")
    assert "echo: func(text: string) -> result<string, cap-error>;" in done.out
    assert "import test:probe/app-grants@0.1.0;" in done.out
    table = needs(done.out)
    assert table["test:probe/app-grants@0.1.0#get-desk, a desk"] == ("desk", "refused")
    assert table["test:probe/app-grants@0.1.0#get-spare, a desk"] == ("spare", "the guest gets none")
    assert table["test:probe/app-grants@0.1.0#get-motto"] == ("motto", "the guest gets none")
    wasi = {name.partition("@")[0]: row for name, row in table.items() if name.startswith("wasi:")}
    assert wasi["wasi:cli/environment"] == ("args, env", "no arguments, no environment")
    assert wasi["wasi:cli/stdout"] == ("wasi.stdout", "closed")
    assert wasi["wasi:random/random"] == ("wasi.entropy", "a call traps")
    assert wasi["wasi:clocks/wall-clock"] == ("wasi.wall_clock", "a call traps")
    assert wasi["wasi:io/streams"] == ("-", "comes with stdin, stdout and stderr")
    assert wasi["wasi:filesystem/types"] == ("-", "refused: access")
    assert wasi["wasi:filesystem/preopens"] == ("-", "empty")
    assert wasi["wasi:sockets/tcp-create-socket"] == ("-", "refused: access-denied")


def test_the_keys_it_names_are_a_manifests(capwit: Any, tmp_path: Path) -> None:
    keys = {grant for grant, _ in needs(capwit("inspect", probe_guest()).out).values()}
    wasi = {key.removeprefix("wasi.") for key in keys if key.startswith("wasi.")}
    manifest = tmp_path / "all.toml"
    lines = [f"{key} = true" for key in sorted(wasi)]
    manifest.write_text('module = "gone.wasm"\nargs = []\nenv = {}\n[wasi]\n' + "\n".join(lines))
    done = capwit("run", manifest)
    assert "gone.wasm: No such file or directory" in done.err  # so every key was known


def test_the_packages_of_wasi_are_left_out_unless_asked_for(capwit: Any) -> None:
    short, whole = (capwit("inspect", *options, probe_guest()).out for options in ([], ["--wit"]))
    assert "import wasi:io/streams@" in short
    assert "package wasi:io@" not in short
    assert "package test:probe@0.1.0" in short
    assert "--wit prints them" in short
    assert "package wasi:io@" in whole


def test_wit_alone(capwit: Any) -> None:
    out = capwit("inspect", "--wit", probe_guest()).out
    assert out.startswith("package ")
    assert "WITHOUT IT" not in out


def test_json(capwit: Any) -> None:
    answer = json.loads(capwit("inspect", "--json", probe_guest()).out)
    assert "test:probe/probe@0.1.0" in answer["imports"]
    assert "test:probe/app-exports-worker@0.1.0" in answer["exports"]
    names = {grant["import"].partition("@")[0]: grant["name"] for grant in answer["grants"]}
    assert (names["wasi:cli/stdout"], names["wasi:cli/exit"]) == ("wasi.stdout", None)
    assert {
        "name": "desk",
        "import": "test:probe/app-grants@0.1.0#get-desk, a desk",
        "without": "refused",
    } in answer["grants"]


def test_a_component_that_needs_nothing(capwit: Any, component: Any) -> None:
    done = capwit("inspect", component(""))
    assert done.code == 0
    assert done.out.endswith("It needs no grants.\n")


def test_imports_that_no_grant_satisfies(capwit: Any, component: Any) -> None:
    path = component(
        """(import "f" (func)) (import "wasi:http/types@0.3.0" (instance (export "f" (func))))"""
    )
    table = needs(capwit("inspect", path).out)
    assert table["f"] == ("-", "refused: no grant can satisfy it")
    assert table["wasi:http/types@0.3.0"] == ("-", "refused: nothing here serves it")


def test_a_file_that_is_not_there(capwit: Any, tmp_path: Path) -> None:
    done = capwit("inspect", tmp_path / "gone.wasm")
    assert (done.code, done.out) == (exits.BAD_INPUT, "")
    assert done.err.startswith("capwit: ")
    assert done.err.endswith("gone.wasm: No such file or directory. Mend: build it with `capwit build`\n")
