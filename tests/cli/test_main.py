"""The command line as a whole: it knows its commands before it imports them."""

from __future__ import annotations

import argparse
import subprocess
import sys
from importlib import import_module
from importlib.metadata import version

import pytest
from capwit.cli.main import COMMANDS, main


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
