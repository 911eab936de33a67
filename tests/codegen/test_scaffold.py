"""`--guest`: what it writes, that it builds as it stands, and that the host can call what was built."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from capwit.bridge import CapError, Host
from capwit.cli import exits
from capwit.cli.main import main
from capwit.program import load_bindings

ROOT = Path(__file__).parents[2]
KV = ROOT / "examples" / "kv" / "kv.capnp"

HARD = """\
@0xd2c7a3f1b4e59879;
using Wit = import "/capwit/wit.capnp";
$Wit.package("demo:hard@1.2.3");
struct Point { x @0 :Float64; y @1 :Float32; big @2 :UInt64; name @3 :Text; flag @4 :Bool; }
struct Shape {
  union { none @0 :Void; point @1 :Point; number @2 :Int64; ratio @3 :Float32; list @4 :List(Point); }
}
enum Colour { red @0; green @1; }
interface Thing { type @0 (match :Text, import :UInt8) -> (self :Text); }
interface Job $Wit.exports("worker") {
  scalars @0 (a :Bool, b :Int8, c :UInt16, d :Int32, e :UInt64, f :Float32, g :Float64) -> (a :UInt64);
  texts @1 (a :Text, b :Data, c :List(Text), d :List(List(UInt16))) -> (a :List(Point));
  shapes @2 (shape :Shape, point :Point, colour :Colour) -> (shape :Shape, colour :Colour);
  lend @3 (thing :Thing, job :Job) -> (thing :Thing);
  give @4 (thing :Thing $Wit.transfer, all :List(Thing)) -> (job :Job);
  many @5 (a :Text, b :Text, c :Text, d :Text, e :Text, f :Text, g :Text, h :Text, i :Text) -> ();
  import @6 (type :Text, fn :UInt32) -> stream;
  nothing @7 ();
  copy @8 () -> (value :UInt8);
  call @9 () -> (call :Call);
}
interface Other $Wit.exports("worker") { double @0 (x :Float64) -> (x :Float64); }
interface Base { show @0 (thing :Thing); }
interface Call extends(Base) $Wit.guest("worker") {
  type @0 (object :Text, thing :Thing, gift :Thing $Wit.transfer, call :Call) -> (call :Call, shape :Shape);
  many @1 (a :Text, thing :Thing, b :Text, c :Text, d :Text, e :Text, f :Text, g :Text, h :Text) -> stream;
}
interface Sink(T) $Wit.guest("worker") { put @0 (value :T) -> stream; }
interface User { use @0 (texts :Sink(Text), things :Sink(Thing)); }
struct Config { retries @0 :UInt32; name @1 :Text; }
struct Grants $Wit.grants("worker") {
  thing @0 :Thing;
  config @1 :Config;
  name @2 :Text;
  count @3 :UInt64;
  ratio @4 :Float64;
  spare @5 :Thing $Wit.optional;
  things @6 :List(Thing);
  label @7 :Text $Wit.optional;
  class @8 :UInt8;
}
"""

MANIFEST = """\
module = "app.wasm"
bindings = "kv.py"
[wasi]
stdout = true
entropy = true
[grants.store]
factory = "stores:memory"
[grants.console]
kind = "console"
"""

SOURCES = {
    "python": ["guest/app_guest.py", "guest/summary_guest.py"],
    "c": [
        "guest/app_guest.c",
        "guest/app_imports.h",
        "guest/summary_guest.c",
        "guest/summary_imports.h",
    ],
    "rust": [
        "guest/app-guest/Cargo.toml",
        "guest/app-guest/src/lib.rs",
        "guest/summary-guest/Cargo.toml",
        "guest/summary-guest/src/lib.rs",
    ],
}


class Thing:
    """A `Thing` of the hard schema."""

    def type(self, match_: str, import_: int) -> str:
        return ""


def scaffold(schema: Path, out: Path, language: str, capsys: pytest.CaptureFixture[str]) -> list[list[str]]:
    """Writes a scaffold, and answers the commands that it says would build it."""
    capsys.readouterr()
    arguments = ["generate", str(schema), "--out", str(out), "--guest", language, "--no-validate"]
    assert main(arguments) == 0
    told = capsys.readouterr().err.splitlines()
    prefix = "to build it: "
    return [shlex.split(line.removeprefix(prefix)) for line in told if line.startswith(prefix)]


def build(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Runs a command that was told; skips where a tool for it is missing."""
    assert command[:2] == ["capwit", "build"]
    code = main(command[1:])
    told = capsys.readouterr().err
    if code == exits.UNAVAILABLE:
        pytest.skip(told)
    assert code == 0, told


def hard(folder: Path) -> Path:
    path = folder / "hard.capnp"
    path.write_text(HARD)
    return path


class TestFiles:
    @pytest.mark.parametrize("language", SOURCES)
    def test_a_guest_for_each_world(
        self, language: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        commands = scaffold(KV, tmp_path, language, capsys)
        found = [path for path in (tmp_path / "guest").rglob("*") if path.is_file()]
        assert sorted(str(path.relative_to(tmp_path)) for path in found) == SOURCES[language]
        program = next(path for path in sorted(found) if path.suffix != ".toml").read_text()
        assert shlex.join(commands[0]) in program
        assert "handle that was moved away" in program
        assert "do not use it again" in program
        for grant in ("store", "console", "summarizer"):
            assert f"get_{grant}(" in program

    @pytest.mark.parametrize("language", SOURCES)
    def test_what_is_there_is_left_alone(
        self, language: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        mine, gone, *_ = (tmp_path / name for name in SOURCES[language])
        scaffold(KV, tmp_path, language, capsys)
        mine.write_text("mine")
        gone.unlink()
        scaffold(KV, tmp_path, language, capsys)
        assert mine.read_text() == "mine"
        assert gone.exists()

    def test_it_is_not_taken_away_again(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        scaffold(KV, tmp_path, "c", capsys)
        assert main(["generate", str(KV), "--out", str(tmp_path), "--no-validate"]) == 0
        assert (tmp_path / "guest/app_guest.c").exists()
        assert main(["generate", str(KV), "--out", str(tmp_path), "--no-validate", "--check"]) == 0

    def test_a_dry_run_lists_it(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        out = tmp_path / "out"
        arguments = ["generate", str(KV), "--out", str(out), "--guest", "python", "--no-validate"]
        assert main([*arguments, "--dry-run"]) == 0
        planned = capsys.readouterr().out
        assert str(out / "guest/app_guest.py") in planned.splitlines()
        assert not out.exists()
        assert main(arguments) == 0
        assert capsys.readouterr().out == planned

    def test_a_schema_without_a_world(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        path = tmp_path / "plain.capnp"
        path.write_text("@0xd2c7a3f1b4e59878;\nstruct A { a @0 :Text; }\n")
        assert main(["generate", str(path), "--out", str(tmp_path), "--guest", "c"]) == exits.BAD_INPUT
        assert "plain.capnp: it has no world for a guest" in capsys.readouterr().err
        assert not (tmp_path / "wit").exists()


class TestBuilt:
    def test_python(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        app, _ = scaffold(KV, tmp_path, "python", capsys)
        source = tmp_path / "guest" / "app_guest.py"
        text = source.read_text()
        # Every grant is got, and dropped again, before the call fails.
        source.write_text(text.replace("        raise Err(", "        show_grants()\n        raise Err(", 1))
        build(app, capsys)
        self.runs(tmp_path)

    def test_c(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        app, _ = scaffold(KV, tmp_path, "c", capsys)
        source = tmp_path / "guest" / "app_guest.c"
        text = source.read_text()
        source.write_text(text.replace("    (void)self;", "    (void)self;\n    show_grants();", 1))
        build(app, capsys)
        self.runs(tmp_path)

    def runs(self, folder: Path) -> None:
        shutil.copy(ROOT / "examples" / "kv" / "stores.py", folder)
        (folder / "app.toml").write_text(MANIFEST)
        done = subprocess.run(
            [sys.executable, "-m", "capwit.cli.main", "run", "--json", str(folder / "app.toml")],
            capture_output=True,
            check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            text=True,
        )
        assert done.returncode == 1, done.stderr
        told = json.loads(done.stdout)
        assert told["error"]["value"]["reason"] == "run is not written yet"
        assert told["error"]["value"]["kind"] == "unimplemented"
        assert told["ledger"]["balance"] == 0
        assert told["ledger"]["events"]["grant"] == 2

    def test_python_of_every_type(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (command,) = scaffold(hard(tmp_path), tmp_path, "python", capsys)
        build(command, capsys)

    def test_c_of_every_type(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """The encoder holds every core function against its type in the WIT, those of the grants included.

        A handle that a call passes in is dropped before it returns: one that is lent must be.
        """
        (command,) = scaffold(hard(tmp_path), tmp_path, "c", capsys)
        source = tmp_path / "guest" / "worker_guest.c"
        text = source.read_text()
        text = text.replace("    return job_new(1);", "    show_grants();\n    return job_new(1);")
        refused = '    return unimplemented(result, 4, "call is not written yet");'
        assert text.count(refused) == 1
        text = text.replace(refused, "    *(handle *)(result + 4) = call_wrap(5);\n    return result;")
        source.write_text(text)
        build(command, capsys)
        asyncio.run(asyncio.wait_for(self.is_not_written_yet(tmp_path), 60))

    async def is_not_written_yet(self, folder: Path) -> None:
        load_bindings(folder / "hard.py")
        m: Any = sys.modules["hard"]
        thing = Thing()
        given = {"config": m.Config(1, "a"), "name": "b", "count": 2, "ratio": 0.5, "things": [], "class_": 3}
        async with Host() as host:
            app = await host.load(folder / "worker.wasm", m.BINDINGS)
            async with app.instantiate(m.Grants(thing=thing, **given)) as instance:
                job = await instance.export(m.JobClient)
                with pytest.raises(CapError, match="lend is not written yet"):
                    await job.lend(thing, job)
                with pytest.raises(CapError, match="give is not written yet"):
                    await job.give(thing, [])
                async with await job.call() as call:  # an object of the guest's own
                    with pytest.raises(CapError, match="call-show is not written yet"):
                        await call.show(thing)
                    with pytest.raises(CapError, match="call-type is not written yet"):
                        await call.type("a", thing, thing, call)
                    with pytest.raises(CapError, match="call-many is not written yet"):
                        await call.many("a", thing, *"bcdefgh")
                assert instance.handles == 0

    def test_rust_of_every_type(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        compile, encode = scaffold(hard(tmp_path), tmp_path, "rust", capsys)
        if shutil.which("cargo") is None:
            pytest.skip("cargo is not installed")
        asked = ["rustc", "--print", "target-libdir", "--target", "wasm32-unknown-unknown"]
        library = subprocess.run(asked, capture_output=True, check=False, text=True).stdout.strip()
        if not library or not Path(library).is_dir():
            pytest.skip("Rust's target wasm32-unknown-unknown is not installed")
        fetched = subprocess.run(
            ["cargo", "fetch", *compile[-2:]], capture_output=True, check=False, text=True, timeout=300
        )
        if fetched.returncode:
            pytest.skip(f"cargo cannot get wit-bindgen: {fetched.stderr.strip().splitlines()[-1]}")
        crate, built = Path(compile[-1]).parent, ROOT / ".cache" / "native" / "scaffold"
        built.mkdir(parents=True, exist_ok=True)
        (crate / "target").symlink_to(built)  # what it depends on takes a minute to compile
        done = subprocess.run(compile, capture_output=True, check=False, text=True, timeout=600)
        assert done.returncode == 0, done.stderr
        assert "warning" not in done.stderr
        if shutil.which("wasm-tools") is None:
            pytest.skip("it compiles; wasm-tools, which makes the component, is not installed")
        done = subprocess.run(encode, capture_output=True, check=False, text=True)
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "worker.wasm").exists()
