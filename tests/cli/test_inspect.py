"""`capwit inspect`: what a component imports, exports and needs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from capwit.cli import exits

from tests.bridge.support import probe_guest
from tests.cli.programs import guest, write
from tests.support.components import wat

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
    assert wasi["wasi:filesystem/types"] == ("-", "comes with preopens")
    assert wasi["wasi:filesystem/preopens"] == ("wasi.preopens", "no folders")
    assert wasi["wasi:sockets/tcp-create-socket"] == ("wasi.network", "refused: access-denied")


def test_the_keys_it_names_are_a_manifests(capwit: Any, tmp_path: Path) -> None:
    keys = {grant for grant, _ in needs(capwit("inspect", probe_guest()).out).values()}
    wasi = {key.removeprefix("wasi.") for key in keys if key.startswith("wasi.")}
    manifest = tmp_path / "all.toml"
    lines = [f"{key} = {'[]' if key == 'preopens' else 'true'}" for key in sorted(wasi)]
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


def test_rows_are_in_the_components_own_order(capwit: Any, component: Any, tmp_path: Path) -> None:
    names = [
        f"wasi:{name}@0.2.0" for name in ("random/random", "cli/stdout", "clocks/wall-clock", "cli/exit")
    ]
    path = component("\n".join(f'(import "{name}" (instance))' for name in names))
    answer = json.loads(capwit("inspect", "--json", path).out)
    assert answer["imports"] == names
    assert [grant["import"] for grant in answer["grants"]] == names
    assert [*needs(capwit("inspect", path).out)] == names
    manifest = write(tmp_path, f'module = "{path.name}"')
    [program] = json.loads(capwit("inspect", "--json", manifest).out)["programs"]
    assert [each["import"] for each in program["imports"]] == names


@pytest.mark.parametrize(
    ("file", "code", "words"),
    [
        ("gone.wasm", exits.BAD_INPUT, "gone.wasm: No such file or directory"),
        ("text.wasm", exits.BAD_INPUT, "text.wasm: "),
        ("wrong.toml", exits.BAD_MANIFEST, "wrong.toml: modul: unknown key"),
    ],
)
def test_json_of_what_cannot_be_shown(capwit: Any, tmp_path: Path, file: str, code: int, words: str) -> None:
    (tmp_path / "text.wasm").write_text("no component")
    write(tmp_path, 'modul = "x.wasm"', "wrong.toml")
    done = capwit("inspect", "--json", tmp_path / file)
    answer = json.loads(done.out)
    assert answer == {"exit": code, "error": {"message": done.err[len("capwit: ") : -1]}}
    assert (done.code, words in done.err) == (code, True)


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


# -- Manifests --

WHOLE = (
    guest()
    + """
[wasi]
entropy = true
stdout = { narrow = { bytes = "1MiB" } }
[grants.desk]
factory = "desks:make"
greeting = "good day"
narrow = { deny = ["desk.tell"], calls = 9, guards."desk.echo".text.prefix = "x" }
[grants.peer]
component = "other"
interface = "worker"
[grants.motto]
given = "words"
[grants.console]
kind = "console"
"""
    + guest(prefix="components.other")
    + """[components.other.grants.desk]
kind = "component"
interface = "desk"
module = "small.wasm"
"""
)


def satisfied(text: str) -> dict[str, str]:
    """Return the first table of a manifest: grant -> what satisfies it."""
    lines = text[text.index("GRANT") :].split("\n\n")[0].splitlines()
    column = lines[0].index("SATISFIED BY")
    return {line.split()[0]: line[column:] for line in lines[1:] if not line.startswith("- ")}


def test_a_manifest_import_by_import(capwit: Any, component: Any, tmp_path: Path) -> None:
    component("")
    done = capwit("inspect", "--manifest", write(tmp_path, WHOLE))
    assert (done.code, done.err) == (0, "")
    table = satisfied(done.out)
    assert table["desk"] == (
        "desks.py:make(greeting='good day'); only deny desk.tell; calls 9; desk.echo text prefix 'x'"
    )
    assert table["peer"] == "the worker of components.other"
    assert table["motto"] == "what the host holds as 'words'"
    assert table["console"] == "console"
    assert table["spare"] == "nothing: the guest gets none"
    assert table["wasi.stdout"] == "console; only bytes 1MiB"
    assert table["wasi.entropy"] == "entropy"
    assert table["wasi.timer"] == "nothing: a call traps"
    assert "args" in done.out
    assert "Missing" not in done.out
    assert f"app.toml: components.other: {probe_guest().resolve()}\n" in done.out
    assert "the desk of small.wasm" in done.out
    assert "app.toml: components.other.grants.desk: " in done.out
    assert "It needs no grants." in done.out
    assert capwit("inspect", tmp_path / "app.toml").out == done.out


def test_what_is_missing_and_what_is_unused(capwit: Any, component: Any, tmp_path: Path) -> None:
    component("")
    text = f"""
module = "{probe_guest()}"
wasi = {{ timer = true }}
[grants.lamp]
kind = "console"
[grants.peer]
kind = "component"
interface = "worker"
module = "small.wasm"
args = ["x"]
env = {{ A = "1" }}
wasi = {{ entropy = true }}
[components.idle]
module = "small.wasm"
"""
    manifest = write(tmp_path, text)
    done = capwit("inspect", manifest)
    assert done.code == exits.NOT_GRANTED
    assert "\nMissing: grants.desk\n" in done.out
    assert "\nGranted, but never used: grants.lamp, components.idle\n" in done.out
    assert "\nGranted, but never used: wasi.entropy, args, env\n" in done.out
    answer = json.loads(capwit("inspect", "--json", manifest).out)
    program, _, peer = answer["programs"]
    assert (program["key"], program["missing"]) == ("", ["desk"])
    assert program["unused"] == ["grants.lamp", "components.idle"]
    assert (peer["key"], peer["unused"]) == ("grants.peer", ["wasi.entropy", "args", "env"])
    desk = next(each for each in program["imports"] if each["grant"] == "desk")
    assert desk == {
        "grant": "desk",
        "import": "test:probe/app-grants@0.1.0#get-desk, a desk",
        "source": None,
        "narrowed": None,
        "without": "refused",
    }


def test_nothing_unused_is_granted_where_that_is_denied(capwit: Any, component: Any, tmp_path: Path) -> None:
    text = (
        guest("print('ran')")
        + "wasi = { stdout = true, entropy = true }\ngrants.desk.factory = 'desks:make'\n"
    )
    assert capwit("run", "--deny-unused", write(tmp_path, text)).out == "ran\n"
    component("")
    idle = '[components.idle]\nmodule = "small.wasm"\n'
    done = capwit("run", "--deny-unused", write(tmp_path, text + idle))
    assert (done.code, done.out) == (exits.BAD_MANIFEST, "")
    assert "app.toml: components.idle: granted, but never used. Mend: take out" in done.err
    assert capwit("run", write(tmp_path, text + idle)).out == "ran\n"


def test_wasi_grants_that_are_not_imported_are_unused(capwit: Any, component: Any, tmp_path: Path) -> None:
    component('(core module $m (func (export "run"))) (core instance $m (instantiate $m)) '
              '(func (export "run") (canon lift (core func $m "run")))')  # fmt: skip
    manifest = write(tmp_path, 'module = "small.wasm"\nwasi = { stdout = true }\n')
    assert capwit("run", manifest).code == 0
    done = capwit("run", "--deny-unused", manifest)
    assert "app.toml: wasi.stdout: granted, but never used" in done.err
    done = capwit("run", "--deny-unused", tmp_path / "small.wasm")
    assert done.code == exits.USAGE
    assert "--deny-unused: " in done.err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "expected a component (.wasm) or a manifest (.toml), and not both"),
        (["--manifest", "a.toml", "b.wasm"], "and not both"),
        (["--wit", "a.toml"], "--wit: a manifest has no WIT. Mend: name the component"),
    ],
)
def test_what_inspect_cannot_show(capwit: Any, options: list[str], words: str) -> None:
    done = capwit("inspect", *options)
    assert (done.code, done.out) == (exits.USAGE, "")
    assert words in done.err


def test_a_manifest_is_held_against_what_the_host_gives(capwit: Any, tmp_path: Path) -> None:
    policy = write(tmp_path, "kinds = []", "policy.toml")
    manifest = write(tmp_path, 'module = "gone.wasm"\nwasi = { stdout = true }\n')
    assert "the host gives no console" in capwit("inspect", "--policy", policy, manifest).err
    assert "gone.wasm: No such file or directory" in capwit("inspect", manifest).err


def test_a_manifest_cannot_steer_the_terminal(capwit: Any, component: Any, tmp_path: Path) -> None:
    component("")
    text = """
module = "small.wasm"
[grants."a\\u001b[2J"]
kind = "console"
narrow = { allow = ["b\\u001b[2J"] }
"""
    done = capwit("inspect", write(tmp_path, text))
    assert done.code == 0
    assert "\\x1b[2J" in done.out
    assert "\x1b" not in done.out


def test_verbose_tells_which_functions_carry_bytes_and_how(capwit: Any, tmp_path: Path) -> None:
    path = tmp_path / "bytes.wasm"
    path.write_bytes(
        wat(
            """(import "demo:kv/kv" (instance (export "item" (type $item (sub resource)))
              (export "put" (func (param "data" (list u8))))
              (export "many" (func (param "data" (list u8)) (param "items" (list (borrow $item)))))))"""
        )
    )
    assert "bytes" not in capwit("inspect", path).out.splitlines()[-1]
    said = capwit("inspect", "--verbose", path).out
    assert "Functions that carry bytes in one piece: 1.\n" in said
    assert said.splitlines()[-1].split(maxsplit=1) == [
        "demo:kv/kv#many",
        "its parameter 'items' lends handles inside of a value",
    ]
    path.write_bytes(wat('(import "demo:kv/kv" (instance (export "f" (func))))'))
    assert "None of its functions carry bytes.\n" in capwit("inspect", "-v", path).out
