"""`capnpc-wit`: what it makes of a request, recorded and made by the `capnp` tool where it is installed."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from capwit.codegen import generate, plugin
from capwit.codegen.schema import parser

REQUESTS = Path(__file__).with_name("requests")
KV = Path(__file__).parents[2] / "examples" / "kv" / "kv.capnp"
CAPNP = shutil.which("capnp")
needs_capnp = pytest.mark.skipif(CAPNP is None, reason="the capnp tool is not installed")


def tree(folder: Path) -> dict[str, str]:
    """The generated files below a folder, without the record."""
    return {
        str(path.relative_to(folder)): path.read_text("utf-8")
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".capwit-generated"
    }


def run(monkeypatch: pytest.MonkeyPatch, request: bytes, *arguments: object) -> int:
    standard_input = SimpleNamespace(buffer=io.BytesIO(request), isatty=lambda: False)
    monkeypatch.setattr(sys, "stdin", standard_input)
    return plugin.main([str(argument) for argument in arguments])


def expected(schema: Path) -> dict[str, str]:
    return {str(path): text for path, text in generate(schema, validate=False).files.items()}


class TestRecorded:
    def test_it_writes_what_generate_does_into_the_current_folder(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        assert run(monkeypatch, (REQUESTS / "garden.bin").read_bytes()) == 0
        written = tree(tmp_path)
        assert written == expected(REQUESTS / "garden.capnp")
        assert "/// A piece of ground." in written["wit/garden.wit"]
        assert '"""A piece of ground."""' in written["garden.py"]

    def test_several_files_have_a_package_each(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        request = (REQUESTS / "garden-plants.bin").read_bytes()
        assert run(monkeypatch, request, "--out", tmp_path) == 0
        written = tree(tmp_path)
        for name in ("garden", "plants"):
            for path, text in expected(REQUESTS / f"{name}.capnp").items():
                moved = path.replace("wit/", f"wit/{name}/", 1) if path.startswith("wit/") else path
                assert written.pop(moved, text) == text
        assert written == {}

    def test_our_own_parser_makes_such_a_request_too(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert run(monkeypatch, parser.parse(REQUESTS / "plants.capnp"), "--out", tmp_path) == 0
        assert tree(tmp_path) == expected(REQUESTS / "plants.capnp")

    def test_an_overlay(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        overlay = tmp_path / "garden.toml"
        overlay.write_text('["garden.capnp"]\npackage = "demo:garden@1.0.0"\n')
        request = (REQUESTS / "garden.bin").read_bytes()
        assert run(monkeypatch, request, "--out", tmp_path / "out", "--overlay", overlay) == 0
        text = (tmp_path / "out/wit/garden.wit").read_text()
        assert text.startswith("package demo:garden@1.0.0;")

    @pytest.mark.parametrize("request_bytes", [b"", b"no request", b"\xff" * 64])
    def test_what_is_no_request_is_refused(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        request_bytes: bytes,
    ) -> None:
        assert run(monkeypatch, request_bytes, "--out", tmp_path / "out") == 1
        assert capsys.readouterr().err.startswith("capnpc-wit: <request>: it cannot be read")
        assert not (tmp_path / "out").exists()

    def test_a_terminal_is_told_how_it_is_run(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: True))
        with pytest.raises(SystemExit) as exit:
            plugin.main([])
        assert exit.value.code == 2
        assert "capnp compile -owit" in capsys.readouterr().err


@needs_capnp
class TestCapnp:
    def compile(self, folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
        """Runs `capnp compile` where `capnpc-wit` is a program of this very source."""
        program = folder / "bin" / "capnpc-wit"
        program.parent.mkdir(exist_ok=True)
        program.write_text(f'#!/bin/sh\nexec {sys.executable} -m capwit.codegen.plugin "$@"\n')
        program.chmod(0o755)
        return subprocess.run(
            [str(CAPNP), "compile", *map(str, arguments)],
            capture_output=True,
            check=False,
            cwd=folder,
            env={
                "PATH": os.pathsep.join([str(program.parent), os.environ["PATH"]]),
                "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            },
            text=True,
        )

    def test_it_gives_what_generate_gives(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert plugin.main(["--flags"]) == 0
        flags = capsys.readouterr().out.split()
        shutil.copy(KV, tmp_path)
        (tmp_path / "out").mkdir()
        done = self.compile(tmp_path, *flags, "-owit:out", "kv.capnp")
        assert not done.returncode, done.stderr
        written, wanted = tree(tmp_path / "out"), expected(KV)
        # Of an imported file, capnp tells only what is used.
        imported = "wit/deps/capwit-caps/standard.wit"
        assert "resource console {" in written.pop(imported)
        wanted.pop(imported)
        assert written == wanted

    def test_a_refusal_fails_the_compilation(self, tmp_path: Path) -> None:
        (tmp_path / "bad.capnp").write_text(
            "@0xd2c7a3f1b4e59873;\nstruct A { getUrl @0 :Text; getURL @1 :Text; }\n"
        )
        done = self.compile(tmp_path, "-owit", "bad.capnp")
        assert done.returncode
        assert "capnpc-wit: bad.capnp:2:29: A.getURL: " in done.stderr
        assert not (tmp_path / "wit").exists()
