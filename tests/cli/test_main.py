"""The command line as a whole: it knows its commands before it imports them."""

from __future__ import annotations

import argparse
import subprocess
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import pytest
from capwit.cli import exits
from capwit.cli.build import _install
from capwit.cli.main import COMMANDS, main
from capwit.cli.toolchains.errors import BuildError
from wasmtime import wat2wasm


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_what_its_module_says(name: str) -> None:
    module, what = COMMANDS[name]
    commands = argparse.ArgumentParser().add_subparsers()
    import_module(module).add_parser(commands)
    assert [(each.dest, each.help) for each in commands._choices_actions] == [(name, what)]


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert (ended.value.code, capsys.readouterr().out) == (0, f"capwit {version('capwit')}\n")


def test_wrong_usage_is_told_in_a_few_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["run", "--memory", "lots", "app.wasm"])
    assert len(capsys.readouterr().err.splitlines()) == 2
    with pytest.raises(SystemExit):
        main(["run"])
    assert capsys.readouterr().err.endswith(": the following arguments are required: FILE\n")
    with pytest.raises(SystemExit):
        main(["graph", "run.jsonl", "--wide"])
    told = capsys.readouterr().err
    assert told.startswith("usage: capwit graph ")
    assert told.endswith("capwit graph: error: unrecognized arguments: --wide\n")


def test_an_output_that_cannot_be_written_has_its_exit_code(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    schema = tmp_path / "x.capnp"
    schema.write_text('@0xe8f1b2a37c5d9046;\nusing Wit = import "/capwit/wit.capnp";\n$Wit.package("a:x");\n')
    file = tmp_path / "file"
    file.touch()
    (tmp_path / "out" / "x.py").mkdir(parents=True)
    for out, words in (
        (file, f"{file}: it is no folder"),
        (file / "below", "below: it is no folder"),
        (tmp_path / "out", "x.py: cannot be written: it is a folder"),
        (Path("/proc/none"), "/proc/none: cannot be written: No such file or directory"),
    ):
        assert main(["generate", str(schema), "--out", str(out)]) == exits.OUTPUT
        assert words in capsys.readouterr().err
    with pytest.raises(BuildError, match="cannot be written") as failed:
        _install(file, Path("/proc/none"))
    assert failed.value.exit_code == exits.OUTPUT


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_behind_standard_output(tmp_path: Path) -> None:
    module = tmp_path / "many.wasm"
    functions = "".join(f'(func (export "function-{n}"))' for n in range(2_000))
    module.write_bytes(wat2wasm(f"(module {functions})"))
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "capwit.cli.main", "inspect", module],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (
        exits.OUTPUT,
        "capwit: standard output: No space left on device\n",
    )


def test_an_interrupt_while_a_command_is_imported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("capwit.cli.main.import_module", interrupted)
    assert main(["run", "app.wasm"]) == exits.INTERRUPTED
    assert capsys.readouterr().err == "capwit: interrupted\n"


# What the installed command does, and Ctrl-C as it asks for a module.
INTERRUPTED = """
import os, signal, sys
from importlib.metadata import entry_points
wanted, sys.argv = sys.argv[1], ["capwit", "inspect", "gone.wasm"]
class Interrupt:
    def find_spec(self, name, *_):
        if name == wanted:
            os.kill(os.getpid(), signal.SIGINT)
signal.signal(signal.SIGINT, signal.default_int_handler)
[command] = entry_points(group="console_scripts", name="capwit")
sys.modules.pop(wanted, None)
sys.meta_path.insert(0, Interrupt())
code = command.load()()
assert wanted not in sys.modules, "it was not interrupted"
sys.exit(code)
"""


@pytest.mark.parametrize(
    "module", ["capwit.cli.main", "argparse", "capwit.cli.terminal", "capwit.cli.inspect", "capwit.engine"]
)
def test_an_interrupt_before_the_command_is_imported(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, module], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (
        exits.INTERRUPTED,
        "",
        "capwit: interrupted\n",
    )


def test_help_imports_no_engine() -> None:
    script = (
        "import sys\nfrom capwit.cli.main import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "heavy = [m for m in sys.modules if m in ('wasmtime', 'asyncio', 'capnp', 'capwit.bridge')]\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert all(name in done.stdout for name in COMMANDS)
