"""One program in each language of examples/languages, and one component: the same lines from all of them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import GuestExit, Host
from capwit.caps import (
    HostDirectory,
    Launch,
    MemoryConsole,
    MemorySource,
    SystemEntropy,
    SystemTimer,
    SystemWallClock,
)
from capwit.caps.wasi import WasiGrants
from capwit.cli.main import main

from tests.bridge.support import scenario
from tests.preview1.support import Done
from tests.support.documents import commands, matches
from tests.support.guests import python_guest
from tests.support.languages import (
    COMPONENTS,
    EXAMPLES,
    PAGES,
    PROGRAMS,
    SCRIPTS,
    component,
    page,
    program,
    wanted,
    workspace,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MANIFEST = "examples/kv/language.toml"
LINES = """\
stored in memory
apple is red
melon is too large
citrus holds lemon
summary 1 keys, 3 bytes
"""


async def run(language: str, *args: str, env: Mapping[str, str] | None = None, folder: Any = None) -> Done:
    """Run a language's program on clocks, entropy and perhaps a folder."""
    script = [SCRIPTS[language]] if language in SCRIPTS else []
    console = MemoryConsole()
    grants = WasiGrants(
        launch=Launch(("program", *script, *args), env),
        stdin=MemorySource(),
        stdout=console,
        timer=SystemTimer(),
        wall_clock=SystemWallClock(),
        entropy=SystemEntropy(),
        preopens={"/": folder} if folder is not None else {},
    )
    async with Host() as host:
        module = await host.load_module(program(language))
        code = 0
        async with module.instantiate(grants) as instance:
            try:
                await instance.run()
            except GuestExit as exit:
                code = exit.code
        assert host.ledger.balance == 0
    return Done(code, console.text)


def folder_of(language: str, tmp_path: Path) -> HostDirectory:
    if language in SCRIPTS:
        shutil.copy(EXAMPLES / PAGES[language] / SCRIPTS[language], tmp_path)
    return HostDirectory(tmp_path)


@pytest.mark.parametrize("language", [*PROGRAMS, *SCRIPTS])
@scenario
async def test_a_program(language: str, tmp_path: Path) -> None:
    (tmp_path / "in").write_text("hello")
    folder = folder_of(language, tmp_path)
    done = await run(language, "one", "käse", env={"KEY": "value"}, folder=folder)
    assert done == Done(7, "args one käse\nenv value\nread hello\ntime 1\nrandom 1\n")
    assert (tmp_path / "out").read_text() == "e1h1l2o1"


@pytest.mark.parametrize("language", PROGRAMS)
@scenario
async def test_a_program_without_a_folder_and_an_environment(language: str) -> None:
    done = await run(language)
    assert done.code not in (0, 7)
    assert "env none" in done.out or language == "Zig"  # whose output waits in its buffer, and is lost
    assert "read hello" not in done.out


def test_a_language_that_must_be_there_is_not_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAPWIT_CI_LANGUAGES", "C Lua")
    with pytest.raises(pytest.fail.Exception, match="Lua must be tested here, and was skipped: why"):
        wanted("Lua", lambda: pytest.skip("why"))
    with pytest.raises(pytest.skip.Exception):
        wanted("C++", lambda: pytest.skip("why"))


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the examples, with the other component that theirs lend a bucket to."""
    top = tmp_path_factory.mktemp("languages") / "top"
    shutil.copytree(workspace(), top)
    kv = EXAMPLES.parent / "kv"
    shutil.copy(
        python_guest(kv / "summarizer.py", workspace() / "build/kv/wit", "summary"),
        top / "build/summary.wasm",
    )
    return top


@pytest.mark.parametrize("language", COMPONENTS)
def test_a_component(language: str, example: Path) -> None:
    shutil.copy(component(language), example / "build" / "component.wasm")
    command = [sys.executable, "-m", "capwit.cli.main", "run", "--json", MANIFEST]
    done = subprocess.run(command, cwd=example, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert printed(done.stderr) == LINES.splitlines()
    assert told["result"] == {"keys": ["apple"], "changes": 0, "summary": "1 keys, 3 bytes"}
    # Five handles were had, and the guest has dropped them all; the bucket was lent, and came back.
    events = told["ledger"]["events"]
    assert (told["ledger"]["balance"], events["drop"], events["lend"], events["return"]) == (0, 5, 1, 1)


def printed(text: str) -> list[str]:
    """Return the lines of a command that are not its progress."""
    return [line for line in text.splitlines() if not line.startswith("compiling ")]


# What a page builds, and its component on its grants, is what the other tests run: here runs the rest.
@pytest.mark.parametrize("language", PAGES)
def test_a_page(
    language: str,
    example: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(example, tmp_path, dirs_exist_ok=True)
    module = program(language)
    found = commands(page(language))
    assert len(found) >= 3
    for line, shown in found:
        command, _, failed = line.partition(" || ")
        match command.split()[:2]:
            case ["capwit", "build"]:
                built = tmp_path / command.split()[-1]
                if built.name == "program.wasm":
                    shutil.copy(module, built)
                elif built.name == "component.wasm":
                    shutil.copy(component(language), built)
                assert (built.is_file(), shown) == (True, ["..."])
            case ["capwit", "run"] if command.endswith(MANIFEST):
                assert shown == LINES.splitlines()
            case ["capwit", _]:
                if language in SCRIPTS and not (tmp_path / ".cache").exists():
                    path = tmp_path / command.split()[6]
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.symlink_to(module)
                code = main(command.split()[1:])
                out, err = capfd.readouterr()
                assert (code == 0) == (not failed), out + err
                assert matches(shown, printed(out + err) + ([f"code {code}"] if failed else [])), out + err
            case _:
                done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
                assert done.stdout.splitlines() == shown
