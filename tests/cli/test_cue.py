"""Manifests in CUE: the same as in TOML, and CUE's own errors. Without Go these tests skip, and say so."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from capwit.cli import exits
from capwit.cli.main import main
from capwit.cli.toolchains import go

from tests.support.documents import commands, matches, run_command, without_progress
from tests.support.guests import python_guest
from tests.support.languages import workspace

ROOT = Path(__file__).parents[2]


def inspect(path: Path, capsys: pytest.CaptureFixture[str], *, status: int = exits.BAD_MANIFEST) -> str:
    """Look at a manifest, and return what is said, progress left out."""
    got = main(["inspect", str(path)])
    captured = capsys.readouterr()
    said = "\n".join(without_progress(captured.out + captured.err))
    if got == exits.UNAVAILABLE:
        pytest.skip(said.replace("\n", ": "))
    assert got == status, said
    return said


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            {"app.cue": 'module: "a"\nmodule: "b"\n'},
            'module: conflicting values "b" and "a":\n    {}/app.cue:1:9',
        ),
        ({"app.cue": "module: {\n"}, "expected '}}', found 'EOF':\n    {}/app.cue:1:"),
        ({"app.cue": "module: string\n"}, "module: incomplete value string:\n    {}/app.cue:1:9"),
        ({"app.cue": 'import "a.org/x"\nmodule: x.y\n'}, "{}/app.cue:1:8"),
        (
            {
                "app.cue": "package p\nmodule: #M\n",
                "m.cue": "package p\n#M: 1 & 2\n",
                "q.cue": "package q",
            },
            "conflicting values 2 and 1:\n    {}/m.cue:2:5",
        ),
        ({"app.cue": '"a text"'}, "app.cue: is no struct. Mend: give it the keys of a manifest"),
        (
            {"app.cue": 'import "strings"\nmodul: strings.ToLower("X")'},
            "app.cue: modul: unknown key; known are module",
        ),
        ({}, "app.cue: No such file or directory. Mend: name a file that can be read"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    files: dict[str, str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert said.format(tmp_path) in inspect(tmp_path / "app.cue", capsys)


def test_what_no_manifest_is_as_large_as(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "app.cue").write_text("//" + "x" * (1 << 20))
    assert "is larger than 1,048,576 bytes" in inspect(tmp_path / "app.cue", capsys)
    (tmp_path / "app.cue").write_text("x: " + "[" * 100_000 + "]" * 100_000)
    assert "app.cue: " in inspect(tmp_path / "app.cue", capsys)
    for said in (
        'import "strings"\nx: [for _ in [1, 2] {strings.Repeat("a", 600000)}]',
        f"fuel: {'1' * 5_000}",
    ):
        (tmp_path / "app.cue").write_text(said)
        assert "app.cue: says more than a manifest can hold: " in inspect(tmp_path / "app.cue", capsys)


def test_go_is_named_where_it_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "app.cue").write_text('module: "a.wasm"')
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(go, "_OFFICIAL", str(tmp_path))
    assert main(["run", str(tmp_path / "app.cue")]) == exits.UNAVAILABLE
    assert "a manifest in CUE needs go, which is not installed. Mend: install Go" in capsys.readouterr().err


def test_the_example_does_what_it_shows(tmp_path: Path) -> None:
    shutil.copytree(workspace(), tmp_path, dirs_exist_ok=True)
    shutil.copytree(ROOT / "examples" / "cue", tmp_path / "examples" / "cue")
    (tmp_path / "bridge").symlink_to(ROOT / "bridge")
    kv, wit = ROOT / "examples" / "kv", workspace() / "build" / "kv" / "wit"
    shutil.copy(python_guest(kv / "guest.py", wit, "app"), tmp_path / "build" / "app.wasm")
    shutil.copy(python_guest(kv / "summarizer.py", wit, "summary"), tmp_path / "build" / "summary.wasm")
    found = commands("examples/cue/README.md")
    assert len(found) >= 5
    for command, shown in found:
        code, printed = run_command(command, tmp_path)
        if code == exits.UNAVAILABLE:
            pytest.skip("\n".join(printed))
        assert matches(shown, printed), (command, printed)
