"""The example's program, in each language and on each store: the same lines, and a balanced ledger."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from capwit.cli.main import main
from capwit.codegen import generate, write

from tests.support.guests import c_guest, python_guest, wasi_guest

EXAMPLE = Path(__file__).parents[2] / "examples" / "kv"
LINES = """\
stored {durability}
apple is red, 3 bytes
durian is missing
melon is too large
plum deleted
plum was gone
citrus holds 1
keys apple pear
changes 4
summary 2 keys, 8 bytes
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the example with its bindings and components built."""
    top = tmp_path_factory.mktemp("kv")
    shutil.copytree(EXAMPLE, top / "examples" / "kv")
    write(generate(EXAMPLE / "kv.capnp").files, top / "build" / "kv")
    wit = top / "build" / "kv" / "wit"
    shutil.copy(python_guest(EXAMPLE / "guest.py", wit, "app"), top / "build" / "app.wasm")
    shutil.copy(python_guest(EXAMPLE / "summarizer.py", wit, "summary"), top / "build" / "summary.wasm")
    return top


def run(manifest: Path, *options: str) -> tuple[dict[str, Any], str]:
    """Run a manifest; returns what `--json` says, and what the program printed: not how long it compiled."""
    command = [sys.executable, "-m", "capwit.cli.main", "run", "--json", *options, str(manifest)]
    done = subprocess.run(
        command, cwd=manifest.parents[2], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    printed = [line for line in done.stderr.splitlines(keepends=True) if not line.startswith("compiling ")]
    return json.loads(done.stdout), "".join(printed)


@pytest.mark.parametrize(
    ("manifest", "durability"), [("app.toml", "in memory"), ("app-sqlite.toml", "on disk")]
)
def test_the_python_guest_cannot_tell_the_stores_apart(folder: Path, manifest: str, durability: str) -> None:
    answer, printed = run(folder / "examples" / "kv" / manifest)
    assert printed == "arguments [], environment []\n" + LINES.format(durability=durability)
    assert answer["result"] == {"keys": ["apple", "pear"], "changes": 4, "summary": "2 keys, 8 bytes"}
    assert answer["ledger"]["balance"] == 0
    assert answer["ledger"]["events"]["lend"] == answer["ledger"]["events"]["return"] == 1


def test_the_program_runs_on_no_more_than_it_needs(folder: Path) -> None:
    answer, printed = run(folder / "examples" / "kv" / "app-narrow.toml", "--deny-unused")
    assert printed == "arguments [], environment []\n" + LINES.format(durability="in memory")
    assert answer["ledger"]["balance"] == 0
    assert "deny" not in answer["ledger"]["events"]


def test_the_c_guest_prints_what_the_python_guest_does(folder: Path) -> None:
    built = c_guest(EXAMPLE / "guest.c", folder / "build" / "kv" / "wit", "app")
    shutil.copy(built, folder / "build" / "app-c.wasm")
    manifest = folder / "examples" / "kv" / "app-c.toml"
    text = (folder / "examples" / "kv" / "app.toml").read_text()
    manifest.write_text(text.replace("build/app.wasm", "build/app-c.wasm"))
    answer, printed = run(manifest)
    assert printed == LINES.format(durability="in memory")
    assert answer["result"] == {"keys": ["apple", "pear"], "changes": 4, "summary": "2 keys, 8 bytes"}
    assert answer["ledger"]["balance"] == 0


def test_a_core_module_holds_buckets_among_its_descriptors(folder: Path) -> None:
    out = folder / "build" / "kv"
    assert main(["generate", str(EXAMPLE / "kv.capnp"), "--out", str(out), "--guest", "c"]) == 0
    shutil.copy(wasi_guest(EXAMPLE / "core.c", out / "guest"), folder / "build" / "core.wasm")
    answer, printed = run(folder / "examples" / "kv" / "core.toml", "--deny-unused")
    assert printed == (
        "the store is descriptor 3, the bucket 4\nlemon is yellow, version 1\nsummary 1 keys, 6 bytes\n"
    )
    assert answer["ledger"]["balance"] == 0
    events = answer["ledger"]["events"]
    assert events["drop"] == 4
    assert events["lend"] == events["return"] == 1


def test_in_processes_of_their_own_the_programs_are_the_same(folder: Path) -> None:
    answer, printed = run(folder / "examples" / "kv" / "app.toml", "--isolate")
    assert printed == "arguments [], environment []\n" + LINES.format(durability="in memory")
    assert answer["result"] == {"keys": ["apple", "pear"], "changes": 4, "summary": "2 keys, 8 bytes"}
    assert answer["ledger"]["balance"] == 0


def test_without_the_optional_grant_the_program_runs_and_says_so(folder: Path) -> None:
    text = (folder / "examples" / "kv" / "app.toml").read_text()
    alone = text[: text.index("[grants.summarizer]")]
    manifest = folder / "examples" / "kv" / "alone.toml"
    manifest.write_text(alone)
    answer, printed = run(manifest)
    assert printed.endswith("changes 4\nno summarizer\n")
    assert "lend" not in answer["ledger"]["events"]


def test_what_is_stored_on_disk_is_there_in_the_next_run(folder: Path) -> None:
    manifest = folder / "examples" / "kv" / "app-sqlite.toml"
    run(manifest)
    probe = folder / "examples" / "kv" / "probe.py"
    probe.write_text(
        "import asyncio, kv, stores\n"
        "async def main():\n"
        "    store = kv.StoreClient(stores.sqlite('../../build/kv.sqlite'))\n"
        "    bucket = await store.open('fruit')\n"
        "    print([entry.key for entry in await bucket.list('')])\n"
        "asyncio.run(main())\n"
    )
    done = subprocess.run(
        [sys.executable, str(probe)],
        env={"PYTHONPATH": str(folder / "build" / "kv")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == "['apple', 'pear']\n", done.stderr
