"""Commands of WASI 0.2 under capwit, and under wasmtime's own host of it: the same output, exit and files."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import pytest
import wasmtime
import wasmtime.component
from capwit.bridge import EngineError, Ledger
from capwit.cli.main import main

from tests.bridge.support import scenario
from tests.preview1.support import source_of
from tests.preview1.test_behaviours import BEHAVIOURS
from tests.preview1.test_differential import SCRIPT
from tests.support.adapted import adapted
from tests.support.beside import Command, Done, left, under_capwit, under_wasmtime
from tests.support.guests import FOLDER, python_guest, wasi_guest
from tests.support.languages import PROGRAMS, program

GUESTS = Path(__file__).parent / "guests"
RUN = "wasi:cli/run@0.2.0"


@cache
def python_command() -> Path:
    folder = FOLDER / "command-wit"  # its path is a part of what a built guest is called
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "world.wit").write_text(
        "package test:command;\n\nworld command {\n  export wasi:cli/run@0.2.0;\n}\n\n"
        "package wasi:cli@0.2.0 {\n  interface run {\n    run: func() -> result;\n  }\n}\n"
    )
    return python_guest(GUESTS / "command.py", folder, "command")


def c_command(program: str) -> Path:
    return adapted(wasi_guest(source_of(program)))


@pytest.fixture(params=["python", "c"])
def command(request: pytest.FixtureRequest) -> Path:
    """The component of one program, in each language that it is written in."""
    if request.param == "python":
        return python_command()
    return adapted(wasi_guest(GUESTS / "command.c"))


EXPECTED = """\
args /data fail
env red None
end 10
read 23xy6
size 8
link sub/c 0123xy6!
list b link sub
times 5 7
missing ENOENT
again EEXIST
full ENOTEMPTY
folder EISDIR
no folder ENOTDIR
not a link EINVAL
above refused
root ENOENT
loop ELOOP
large True
slept True True
random 100 True
FIRST
SECOND
"""


@pytest.mark.parametrize("args", [[], ["/data"], ["/data", "fail"]])
@scenario
async def test_a_program_does_the_same(command: Path, args: list[str], tmp_path: Path) -> None:
    ours, theirs, scratch = (tmp_path / name for name in ("ours", "theirs", "scratch"))
    for folder in (ours, theirs, scratch):
        folder.mkdir()
    given = Command(command, args, {"COLOUR": "red"}, b"first\nsecond\n")
    expected = under_wasmtime(given, theirs, scratch)
    done = await under_capwit(given, ours)
    assert done == expected
    if "fail" in args:
        assert done.out == EXPECTED
        assert (done.code, done.err, set(done.files)) == (1, "to the other stream\n", {"b", "large"})
        assert await under_capwit(given, None) == Done(1, EXPECTED, done.err, {})


@pytest.mark.not_compared("it is of the lane itself")
@scenario
async def test_the_byte_lane_changes_nothing(tmp_path: Path) -> None:
    component = adapted(wasi_guest(GUESTS / "command.c"))
    given = Command(component, ["/data", "fail"], {"COLOUR": "red"}, b"first\nsecond\n")
    found = []
    for lane in (False, True):
        folder, ledger = tmp_path / str(lane), Ledger()
        folder.mkdir()
        done = await under_capwit(given, folder, lane=lane, ledger=ledger)
        found.append((done, [entry._replace(time=0.0) for entry in ledger]))
    assert found[0] == found[1]


# Where wasmtime 50 does something else: what it says there. capwit does what each behaviour asks for.
WASMTIME = {
    "syncing": "errno 58",  # the flags of synchronised writes are not supported
    "links_are_followed_when_asked": "errno 32",  # LOOP also where a directory is wanted
    "dangling_links": "errno 32",
    "removing_directories": "errno 28",  # a name with a slash behind it
    "bytes_that_no_path_has": "invalid utf-8",  # ends the guest, in whose own adapter a path is text
}


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
@scenario
async def test_a_behaviour_through_the_adapter(behaviour: str, tmp_path: Path) -> None:
    ours, theirs, scratch = (tmp_path / name for name in ("ours", "theirs", "scratch"))
    for folder in (ours, theirs, scratch):
        folder.mkdir()
    given = Command(c_command("behaviours"), [behaviour], name="/")
    try:
        expected = under_wasmtime(given, theirs, scratch)
    except wasmtime.WasmtimeError as error:
        expected = Done(1, str(error), "", {})
    if behaviour == "bytes_that_no_path_has":
        with pytest.raises(EngineError):
            await under_capwit(given, ours)
        assert WASMTIME[behaviour] in expected.out
        return
    done = await under_capwit(given, ours)
    if behaviour in WASMTIME:
        assert WASMTIME[behaviour] in expected.out
        assert (done.code, done.out) == (0, "")
    else:
        assert (done.code, done.out) == (expected.code, expected.out)


_OF_ITS_OWN: Final = pytest.mark.not_compared("its runtime waits as often as it likes")


# The adapter and AssemblyScript's allocator both grow the memory: the one traps on the other, under any host.
@pytest.mark.parametrize(
    "language",
    [
        pytest.param(language, marks=[_OF_ITS_OWN] if language in ("Go", "TinyGo") else [])
        for language in PROGRAMS
        if language != "AssemblyScript"
    ],
)
@scenario
async def test_a_program_in_another_language(language: str, tmp_path: Path) -> None:
    ours, theirs, scratch = (tmp_path / name for name in ("ours", "theirs", "scratch"))
    for folder in (ours, theirs, scratch):
        folder.mkdir()
        (folder / "in").write_text("hello")
    given = Command(adapted(program(language)), ["one", "käse"], {"KEY": "value"}, name="/")
    expected = under_wasmtime(given, theirs, scratch)
    assert expected.out == "args one käse\nenv value\nread hello\ntime 1\nrandom 1\n"
    assert await under_capwit(given, ours) == expected


SHELL = """echo pear > a; echo apple >> a; sort a; mkdir d && cp a d; mv a d/b; ls; ls d
cat d/b | sort -r | wc; cd d; pwd; cat none || echo code $?
cd /; rm d; rm d/a d/b d; ls; echo $KEY; exit 3"""


@pytest.mark.parametrize(
    ("program", "args"),
    [
        ("hello", []),
        ("launch", ["0", "a b", ""]),
        ("launch", ["7"]),
        ("host", ["sleep"]),
        ("host", ["poll", "20"]),
        ("host", ["isatty"]),
        ("host", ["echo"]),
        ("host", ["exit", "9"]),
        ("tools", ["sh", "-c", SHELL]),
        ("tools", ["none"]),
    ],
)
@scenario
async def test_the_other_programs(program: str, args: list[str], tmp_path: Path) -> None:
    ours, theirs, scratch = (tmp_path / name for name in ("ours", "theirs", "scratch"))
    for folder in (ours, theirs, scratch):
        folder.mkdir()
    given = Command(c_command(program), args, {"KEY": "value"}, b"first\nsecond\n", name="/")
    expected = under_wasmtime(given, theirs, scratch)
    assert await under_capwit(given, ours) == expected


def test_capwit_run_gives_a_component_a_folder(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--dir", f"{tmp_path}::/data", str(python_command()), "/data"]) == 0
    assert "large True\n" in capfd.readouterr().out
    assert set(left(tmp_path)) == {"b", "large"}


@scenario
async def test_one_history_of_a_folder(tmp_path: Path) -> None:
    ours, theirs, scratch = (tmp_path / name for name in ("ours", "theirs", "scratch"))
    for folder in (ours, theirs, scratch):
        folder.mkdir()
    component = c_command("files")
    differences = {}
    for args in SCRIPT:
        given = Command(component, args)
        expected = under_wasmtime(given, theirs, scratch)
        done = await under_capwit(given, ours)
        if done != expected:
            differences[args] = (done, expected)
    assert differences == {}
