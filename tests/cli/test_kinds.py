"""The kinds of standard capability, granted by a manifest to a guest of Python, which uses them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from capwit.cli import exits
from capwit.manifest.kinds import KINDS
from capwit.program.sources import STANDARD

from tests.bridge.support import SCHEMA, generated, probe_guest

if TYPE_CHECKING:
    from pathlib import Path

# What the code below calls: the shorthand of a program that uses a directory.
GUEST = """
def flags(letters):
    return files.OpenFlags(*(letter in letters for letter in "rwmcxtdf"))
def value(answer):
    if isinstance(answer.value, files.FileError):
        raise SystemError(answer.value.name)
    return answer.value
def read(folder, path):
    return value(value(folder.open(path, flags("rf"))).read(0, 1000)).decode()
def refused(call, *arguments):
    return call(*arguments).value.name
folder = grants.get_folder()
"""

DESK = """
class Desk:
    def echo(self, text): return text
    def add(self, a, b): return a + b
    def make(self, name): return None
    def look(self, item): return ""
    def pack(self, item, label): return None
    def unpack(self, parcel): return []
    def tell(self, text): return None
    def take(self, item): return ""
"""


@pytest.fixture
def run(capwit: Any, tmp_path: Path) -> Any:
    """Run code in a guest with grants as a manifest has them, and options of the command line."""
    (tmp_path / "desks.py").write_text(DESK)

    def run(grants: str, code: str, *options: Any) -> Any:
        manifest = tmp_path / "app.toml"
        manifest.write_text(f"""
module = "{probe_guest()}"
bindings = "{generated(SCHEMA) / "probe.py"}"
args = ["app", {json.dumps(code)}]
[wasi]
stdout = true
entropy = true
[grants.desk]
factory = "desks:Desk"
{grants}""")
        return capwit("run", *options, manifest)

    return run


def test_every_kind_can_be_made() -> None:
    assert set(KINDS) == set(STANDARD)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    (folder / "sub").mkdir(parents=True)
    (folder / "greeting").write_text("hello")
    (folder / "sub" / "inner").write_text("from within")
    (folder / "out").symlink_to("../secret")
    (tmp_path / "secret").write_text("secret")
    return folder


DIRECTORY = '[grants.folder]\nkind = "directory"\npath = "data"\n'


def test_a_guest_reads_and_writes_in_a_granted_directory(run: Any, data: Path) -> None:
    code = (
        GUEST
        + """
print(read(folder, "greeting"))
with value(folder.open("new", flags("rwc"))) as file:
    value(file.write(0, b"written by a guest"))
    print(value(file.stat()).size)
with value(folder.open("sub", flags("d"))) as sub:
    print(read(sub, "inner"), refused(sub.open, "../greeting", flags("r")), refused(sub.unlink, "inner"))
print(sorted(entry.name for entry in value(folder.list(0, 100))))
folder.rename("new", folder, "sub/kept")
"""
    )
    done = run(DIRECTORY, code)
    assert (done.code, done.err) == (0, "")
    assert done.out == ("hello\n18\nfrom within NOT_PERMITTED READ_ONLY\n['greeting', 'new', 'out', 'sub']\n")
    assert (data / "sub" / "kept").read_text() == "written by a guest"
    assert not (data / "new").exists()


def test_a_guest_does_not_get_out(run: Any, data: Path, tmp_path: Path) -> None:
    code = (
        GUEST
        + """
for path in ("..", "../secret", "out", "/etc/passwd", "sub/../../secret", "sub/../out"):
    for letters in ("rf", "wf", "wcf"):
        print(refused(folder.open, path, flags(letters)))
print(refused(folder.symlink, "/etc/passwd", "link"), refused(folder.link, "../secret", False, folder, "x"))
"""
    )
    done = run(DIRECTORY, code)
    assert (done.code, done.err, set(done.out.split())) == (0, "", {"NOT_PERMITTED"})
    assert (tmp_path / "secret").read_text() == "secret"


def test_a_guest_changes_nothing_through_a_readonly_grant(run: Any, data: Path) -> None:
    code = (
        GUEST
        + """
print(read(folder, "greeting"), folder.access().write)
print(refused(folder.open, "greeting", flags("w")), refused(folder.open, "new", flags("wc")),
      refused(folder.unlink, "greeting"), refused(folder.rename, "greeting", folder, "x"),
      refused(folder.open, "sub", flags("dm")))
print(refused(value(folder.open("sub", flags("d"))).unlink, "inner"))
print(refused(value(folder.open("greeting", flags("r"))).append, b"x"))
"""
    )
    done = run(DIRECTORY + "readonly = true", code)
    assert (done.code, done.err) == (0, "")
    refusals = "READ_ONLY READ_ONLY READ_ONLY READ_ONLY READ_ONLY\nREAD_ONLY\nBAD_DESCRIPTOR\n"
    assert done.out == "hello False\n" + refusals
    assert (data / "greeting").read_text() == "hello"


def test_how_many_files_a_guest_may_hold_open(run: Any, data: Path) -> None:
    code = (
        GUEST
        + """
held = [value(folder.open("greeting", flags("r"))) for _ in range(3)]
print(refused(folder.open, "greeting", flags("r")))
held.pop().__exit__(None, None, None)
print(read(folder, "greeting"))
"""
    )
    assert run(DIRECTORY + "files = 3", code).out == "TOO_MANY_OPEN\nhello\n"


def test_a_directory_in_memory(run: Any) -> None:
    code = (
        GUEST
        + """
file = value(folder.open("x", flags("rwc")))
print(value(file.write(0, bytes(2000))), refused(file.write, 5000, b"x"))
print(refused(folder.create_directory, "d"))
"""
    )
    done = run('[grants.folder]\nkind = "memory"\nbytes = "1KiB"\nnodes = 1', code)
    assert (done.code, done.out) == (0, "1024 INSUFFICIENT_SPACE\nINSUFFICIENT_SPACE\n")


def test_a_directory_of_the_command_line(run: Any, data: Path, tmp_path: Path) -> None:
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    (outside / "x").write_text("granted")
    code = GUEST + "print(read(folder, 'x'), refused(folder.unlink, 'x'))"
    done = run("", code, "--grant", f"folder=directory,path={outside},readonly=true")
    assert (done.code, done.out, done.err) == (0, "granted READ_ONLY\n", "")


def test_a_directory_that_is_not_there(run: Any, tmp_path: Path) -> None:
    done = run(DIRECTORY, "")
    assert done.code == exits.BAD_MANIFEST
    assert done.err.endswith(f"grants.folder: {tmp_path}/data: No such file or directory\n")
    (tmp_path / "data").write_text("")
    assert "data: Not a directory" in run(DIRECTORY, "").err


def test_a_link_out_of_the_manifests_folder_is_no_way_around(run: Any, tmp_path: Path) -> None:
    (tmp_path / "data").symlink_to("/etc")
    done = run(DIRECTORY, "")
    assert done.code == exits.BAD_MANIFEST
    assert "grants.folder.path: 'data' is outside of the manifest's folder" in done.err


def test_an_audit_log(run: Any, tmp_path: Path) -> None:
    grants = '[grants.audit]\nkind = "audit"\npath = "audit.jsonl"\nsource = "app"'
    code = "grants.get_audit().append('began', [standard.AuditField('what', 'x')])"
    for _ in range(2):
        assert run(grants, code).code == 0
    records = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    assert [record["event"] for record in records] == ["began", "began"]
    assert records[0]["source"] == "app"
    assert records[0]["fields"] == {"what": "x"}


def test_settings(run: Any) -> None:
    grants = '[grants.settings]\nkind = "settings"\nvalues = { colour = "red" }\nreadonly = true'
    code = """
settings = grants.get_settings()
print(settings.list(), settings.get("colour").value)
try: settings.set("colour", "blue")
except Err as error: print(error.value.kind.name)
"""
    assert run(grants, code).out == "['colour'] red\nDENIED\n"


def test_fuel(run: Any) -> None:
    grants = '[grants.fuel]\nkind = "fuel"\namount = 100'
    code = "fuel = grants.get_fuel(); print(fuel.take(60), fuel.take(60))"
    assert run(grants, code).out == "60 40\n"


def test_a_terminal(run: Any) -> None:
    code = "t = grants.get_terminal(); t.write(b'shown\\n'); t.flush(); print(t.is_terminal(), flush=True)"
    grants = '[grants.terminal]\nkind = "terminal"'
    assert run(grants, code).out == "shown\nFalse\n"
    done = run(grants, code, "--json")
    assert done.err == "shown\nFalse\n"
    assert json.loads(done.out)["exit"] == 0
