"""The documents say what is so: their tables, manifests and programs are held against the code."""

from __future__ import annotations

import argparse
import ast
import dataclasses
import json
import os
import re
import subprocess
import sys
import textwrap
import tomllib
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import pytest
from capwit import caps
from capwit.audit import read_lines, table_rows
from capwit.bridge import Entry, Event, errors
from capwit.bridge.limits import Limits
from capwit.bridge.policy import Policy
from capwit.caps import files, host, http, net, standard, store, streams
from capwit.cli import exits, held
from capwit.codegen import generate
from capwit.manifest import parse_manifest
from capwit.manifest.host_policy import parse_policy
from capwit.manifest.kinds import KINDS, MACHINE, REMOTE, everything
from capwit.manifest.narrow import RULES
from capwit.preview2.grants import GRANT_OF
from capwit.rpc.message import DEEPEST, MOST_WORDS
from capwit.rpc.shape import MOST_NUMBERS

from tests.support.documents import blocks

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parent.parent


def test_every_link_leads_somewhere() -> None:
    dead, seen = [], 0
    for document in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")):
        for link in re.findall(r"\]\(([^)\s]+)\)", FENCED.sub("", document.read_text())):
            if not re.match(r"\w+:", link):
                path, _, anchor = link.partition("#")
                target = document.parent / path if path else document
                seen += 1
                if not target.exists() or (anchor and anchor not in anchors(target)):
                    dead.append(f"{document.relative_to(ROOT)}: {link}")
    assert dead == []
    assert seen > 100


FENCED = re.compile(r"^ *```.*?^ *```", re.DOTALL | re.MULTILINE)


def anchors(document: Path) -> set[str]:
    """Return what a document's headings are linked to by."""
    headings = re.findall(r"^#+ (.*)$", FENCED.sub("", document.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


OURS = dataclasses.replace(MACHINE, code_folders=(ROOT,))


def numbers(module: ModuleType) -> set[int]:
    return {value for name, value in vars(module).items() if name.isupper() and isinstance(value, int)}


def test_the_manifest_of_the_documents_is_one() -> None:
    text = blocks("docs/manifest.md", "toml")[0]
    ours = dataclasses.replace(everything(ROOT), code_folders=(ROOT,))
    manifest = parse_manifest(tomllib.loads(text), ROOT / "examples" / "kv" / "doc.toml", ours)
    assert set(manifest.grants) == {"console", "data", "store", "summarizer"}
    commands = {"stdout", "stderr", "timer", "wall_clock", "entropy"}
    assert set(manifest.wasi) == {*commands, "http", "network", "resolver"}
    assert set(manifest.sockets) == {"http"}
    assert {f"{field.name} =" for field in dataclasses.fields(Limits)} <= set(
        re.findall(r"^\w+ =", text, re.MULTILINE)
    )


def test_every_section_of_the_figures_is_in_the_table() -> None:
    table = (ROOT / "docs" / "performance.md").read_text().partition("## How to read it")[0]
    rows = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
    documented = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    text = (ROOT / "bench" / "run.py").read_text().partition("SECTIONS")[2].partition("}")[0]
    assert documented == re.findall(r'^    "(\w+)":', text, re.MULTILINE)


def test_every_kind_and_option_is_in_the_table() -> None:
    text = (ROOT / "docs/manifest.md").read_text().partition("| rule |")[0]
    rows = re.findall(r"^\|( `.*?)\|(.*?)\|(.*?)\|$", text, re.MULTILINE)
    documented = {
        kind: set(re.findall(r"`(\w+)`", options))
        for kinds, _, options in rows
        for kind in re.findall(r"`(\w+)`", kinds)
    }
    assert documented == {kind: set(options) for kind, options in KINDS.items()}


def test_every_standard_capability_is_in_the_document() -> None:
    text = (ROOT / "docs" / "capabilities.md").read_text()
    for module in (standard, files, streams, http, net, store, host):
        for interface in module.BINDINGS.interfaces:
            protocol = interface.client.__name__.removesuffix("Client")
            assert re.search(rf"^##+ .*`{protocol}`", text, re.MULTILINE), protocol
            for method in interface.methods.maps[0].values():
                assert re.search(
                    rf"^\| `{method.attribute}`|^\| .*, `{method.attribute}`", text, re.MULTILINE
                ), method
    assert {name for name in caps.__all__ if f"`{name}`" not in text and f"`{name}(" not in text} == set()
    assert {error.name for error in files.FileError if f"`{error.name}`" not in text} == set()
    assert {error.name for error in net.NetworkError if f"`{error.name}`" not in text} == set()


@pytest.mark.parametrize("number", range(1, len(blocks("docs/manifest.md", "toml"))))
def test_the_other_tables_of_the_documents_are_read(number: int) -> None:
    table = tomllib.loads(blocks("docs/manifest.md", "toml")[number])
    path = ROOT / "examples" / "kv" / "doc.toml"
    if "kinds" in table:
        holdings, caps = parse_policy(table, path)
        assert (set(caps), holdings.code) == ({"store"}, False)
    else:
        manifest = parse_manifest({"module": "a.wasm", **table}, path, OURS)
        assert manifest.grants.keys() == table.get("grants", {}).keys()
        assert manifest.compose.keys() == table.get("compose", {}).keys()


def test_every_limit_is_in_the_table_with_its_default() -> None:
    text = (ROOT / "docs" / "limits.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| (\S+) \|.*\| `([A-Z]+)` \|", text, re.MULTILINE)
    defaults = {name: default.strip('`"').replace(",", "") for name, default, _ in rows}
    assert defaults == {
        each.name: str(each.default).replace("None", "none") for each in dataclasses.fields(Limits)
    }
    assert {limit.name for limit in errors.Limit} == {limit for *_, limit in rows} | {"ARGUMENTS"}
    manifest = parse_manifest(tomllib.loads(blocks("docs/limits.md", "toml")[0]), ROOT / "x.toml", MACHINE)
    assert manifest.refuel is not None


def test_every_rule_and_quota_is_in_the_documents() -> None:
    text = (ROOT / "docs" / "manifest.md").read_text()
    assert [rule for rule in RULES if f"`{rule}`" not in text] == []
    (example,) = (block for block in blocks("docs/manifest.md", "toml") if "[grants.store.narrow]" in block)
    narrowed = tomllib.loads(example)["grants"]["store"]["narrow"]
    assert narrowed.keys() == {each.name for each in dataclasses.fields(Policy)}


def test_all_that_may_be_said_of_a_remote_grant_is_in_the_document() -> None:
    table = tomllib.loads(blocks("docs/rpc.md", "toml")[0])
    parse_manifest({"module": "a.wasm", **table}, ROOT / "x.toml", everything(Path("/")))
    assert {*REMOTE, "remote"} - {"interface"} == set(table["grants"]["store"])
    assert "`interface`" in (ROOT / "docs" / "rpc.md").read_text()


def test_the_limits_of_a_peer_are_in_the_document() -> None:
    text = (ROOT / "docs" / "rpc.md").read_text()
    for limit in (f"{MOST_NUMBERS:,}", f"{MOST_WORDS * 8 >> 20} MiB", f"{DEEPEST:,} levels"):
        assert limit in text


def test_every_exit_code_is_in_the_table() -> None:
    text = (ROOT / "docs" / "cli.md").read_text()
    documented = {int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)}
    assert documented == numbers(exits)


def test_every_error_of_the_api_is_in_the_table() -> None:
    text = (ROOT / "docs" / "host.md").read_text()
    kinds = {name for name in errors.__all__ if name not in ("EngineError", "ErrorKind", "Limit")}
    assert {name for name in kinds if f"`{name}`" not in text} == set()


def test_every_wasi_interface_with_a_grant_is_in_the_table() -> None:
    text = (ROOT / "docs" / "wasi.md").read_text()
    for interface, grant in GRANT_OF.items():
        package, name = interface.split("/")
        assert f"`{interface}`" in text or f"`{package}/*`" in text or f"`{name}`" in text, interface
        assert grant == "launch" or f"`wasi.{grant}`" in text


def test_what_a_guest_implements_is_what_the_schema_gives(tmp_path: Path) -> None:
    schema = tmp_path / "news.capnp"
    schema.write_text(blocks("docs/schema.md", "capnp")[0])
    written = generate(schema, validate=False).files
    lines = written[PurePosixPath("wit/news.wit")].splitlines(keepends=True)
    assert blocks("docs/schema.md", "wit")[0] in "".join(x for x in lines if not x.lstrip().startswith("//"))


def test_the_program_of_capabilities_md_runs(tmp_path: Path) -> None:
    (program,) = blocks("docs/capabilities.md", "python")
    (tmp_path / "data").mkdir()
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == blocks("docs/capabilities.md", "text")[0], done.stderr


def test_every_event_and_field_of_the_ledger_is_in_its_tables() -> None:
    text = (ROOT / "docs" / "ledger.md").read_text()
    first_columns = " ".join(re.findall(r"^\| (`[^|]*) \|", text, re.MULTILINE))
    assert set(re.findall(r"`([^`]+)`", first_columns)) == {event.value for event in Event} | set(
        Entry._fields
    )


def test_the_table_and_the_line_of_the_ledgers_document_are_as_printed(tmp_path: Path) -> None:
    (line,) = blocks("docs/ledger.md", "json")
    (tmp_path / "doc.jsonl").write_text(line)
    (entry,) = read_lines(tmp_path / "doc.jsonl")
    assert isinstance(entry, Entry)
    assert json.loads(line) == entry.as_json()
    first = entry._replace(
        sequence=1, time=entry.time - 0.001502, event=Event.START, cause="app.wasm", handle=0
    )
    heading, _, row = table_rows([first._replace(interface="", parent=0), entry])
    shown = blocks("docs/ledger.md", "text")[0].splitlines()
    assert (shown[0], shown[3]) == (heading, row)


PROGRAMS = [
    (document, number)
    for document in ("docs/host.md", "docs/ledger.md", "docs/rpc.md", "docs/transfer.md", "docs/testing.md")
    for number in range(len(blocks(document, "python")))
]


@pytest.mark.parametrize(("document", "number"), PROGRAMS)
def test_the_programs_of_the_documents_compile(document: str, number: int) -> None:
    block = blocks(document, "python")[number]
    compile(f"async def block():\n{textwrap.indent(block, '    ')}", f"{document} block {number}", "exec")


def test_what_the_programs_of_the_documents_import_is_there() -> None:
    found = 0
    for document in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md")):
        for language in ("py", "python"):
            for block in blocks(str(document.relative_to(ROOT)), language):
                for each in ast.walk(ast.parse(f"async def block():\n{textwrap.indent(block, '    ')}")):
                    if isinstance(each, ast.ImportFrom) and (each.module or "").startswith("capwit"):
                        exec(ast.unparse(each), {})  # noqa: S102 - an import, of our own
                        found += 1
    assert found > 30


def test_every_annotation_is_in_the_table() -> None:
    schema = (ROOT / "codegen" / "capwit" / "wit.capnp").read_text()
    rows = re.findall(r"^\| `\$Wit\.(\w+)", (ROOT / "docs" / "schema.md").read_text(), re.MULTILINE)
    assert sorted(rows) == sorted(re.findall(r"^annotation (\w+)", schema, re.MULTILINE))


def test_what_an_option_allows_is_in_the_document() -> None:
    options = argparse.ArgumentParser()
    held.add_options(options)
    named = {text for action in options._actions for text in action.option_strings} - {"-h", "--help"}
    assert len(named) > 5
    for document in ("docs/cli.md", "docs/manifest.md"):
        text = (ROOT / document).read_text()
        assert {option for option in named if f"`{option}" not in text} == set()


@pytest.mark.parametrize("document", ["docs/host.md", "docs/rpc.md"])
def test_the_first_program_of_a_document_runs(tmp_path: Path, document: str) -> None:
    block = next(block for block in blocks(document, "python") if "asyncio.run" in block)
    (tmp_path / "schema.capnp").write_text(blocks(document, "capnp")[0])
    generated = [sys.executable, "-m", "capwit.cli.main", "generate", "schema.capnp", "--out", "."]
    subprocess.run(generated, cwd=tmp_path, check=True, capture_output=True, timeout=60)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", block],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == blocks(document, "text")[0], done.stderr


def test_every_promise_has_its_test() -> None:
    text = (ROOT / "docs" / "threat-model.md").read_text()
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text)
    assert len(named) > 20
    for path, test in named:
        assert re.search(rf"^ *(?:async )?def {test}\(", (ROOT / path).read_text(), re.MULTILINE), (
            path,
            test,
        )
    rows = [row for row in re.findall(r"^\| (.*?) \| (.*?) \|$", text, re.MULTILINE) if row[0] != "promise"]
    assert all(cell.startswith("`tests/") for _, cell in rows)
