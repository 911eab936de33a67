"""What the command line puts behind a program's streams, entropy and clocks."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from capwit.bridge import CapError, ErrorKind
from capwit.caps import FileConsole, SeededEntropy
from capwit.cli import exits

from tests.cli.programs import guest as component
from tests.cli.programs import write
from tests.preview1.support import GUESTS
from tests.support.guests import wasi_guest

HOST = GUESTS / "host.c"
WASI = "[wasi]\nstdin = true\nstdout = true\n"


def test_files_in_place_of_streams(capwit: Any, tmp_path: Path) -> None:
    before, after, errors = tmp_path / "in", tmp_path / "out", tmp_path / "err"
    before.write_text("one\ntwo\n")
    after.write_text("what was there, and was much longer than what is written now")
    done = capwit("run", "--stdin", before, "--stdout", after, wasi_guest(HOST), "echo")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert after.read_text() == "> one\n> two\n"
    assert capwit("run", "--stderr", errors, wasi_guest(GUESTS / "launch.c"), "3").out == "arg 3\n"
    assert errors.read_text() == "to stderr\n"
    launch = wasi_guest(GUESTS / "launch.c")
    assert capwit("run", "--stdout", after, "--stderr", after, launch, "3").code == 3
    assert sorted(after.read_text().splitlines()) == ["arg 3", "to stderr"]
    assert capwit("run", "--stdin", os.devnull, wasi_guest(HOST), "echo").out == ""
    source, sink = os.pipe()  # as a shell has it: --stdin <(command)
    os.write(sink, b"piped")
    os.close(sink)
    assert capwit("run", "--stdin", f"/dev/fd/{source}", wasi_guest(HOST), "echo").out == "> piped"
    os.close(source)
    shown = capwit("run", "--json", "--stdout", after, wasi_guest(HOST), "isatty")
    assert after.read_text() == "0 0 0\n" and '"exit": 0' in shown.out


def test_what_is_random_depends_on_the_seed(capwit: Any) -> None:
    program = (wasi_guest(HOST), "random")
    runs = [capwit("run", "--entropy", f"seed:{seed}", *program).out for seed in (42, 42, 7)]
    assert runs[0] == runs[1] == SeededEntropy(42).fill(16).hex() + "\n" != runs[2]
    assert capwit("run", "--entropy", "os", wasi_guest(HOST), "random").out not in runs


def test_clocks_stand_where_they_are_put(capwit: Any) -> None:
    assert capwit("run", "--clock", "fixed:0", wasi_guest(HOST), "time").out == "0.000000000\n"
    assert capwit("run", "--clock", "fixed:12.5", wasi_guest(HOST), "time").out == "12.500000000\n"
    assert capwit("run", "--clock", "fixed:0", "--timeout", "30s", wasi_guest(HOST), "sleep").out == "slept\n"
    assert int(capwit("run", "--clock", "real", wasi_guest(HOST), "time").out.split(".")[0]) > 10**9


def test_a_component_alike(capwit: Any, tmp_path: Path) -> None:
    code = "import os, time; print(input(), os.urandom(4).hex(), time.time(), time.monotonic_ns())"
    path = write(tmp_path, component(code + "; time.sleep(9); print(time.monotonic_ns())") + "".join((
        WASI, "entropy = true\ntimer = true\nwall_clock = true\n[grants.desk]\nfactory = 'desks:make'\n",
    )))  # fmt: skip
    (tmp_path / "in").write_text("typed\n")
    out = tmp_path / "out"
    seen = []
    for _ in range(2):
        done = capwit(
            "run", "--allow-dir", "/", "--stdin", tmp_path / "in", "--stdout", out, "--entropy", "seed:1",
            "--clock", "fixed:7", path,
        )  # fmt: skip
        assert done.code == 0, done.err
        seen.append(out.read_text())
    assert seen[0] == seen[1]
    said, _, wall, first, later = seen[0].split()
    assert (said, wall, int(later) - int(first)) == ("typed", "7.0", 9 * 10**9)


def manifest(tmp_path: Path, wasi: str, command: str) -> Path:
    path = tmp_path / "app.toml"
    program = f'module = "{wasi_guest(HOST)}"\nargs = ["host", "{command}"]\n'
    path.write_text(f"{program}[wasi]\nstdout = true\n{wasi}")
    return path


@pytest.mark.parametrize(
    ("option", "value", "name"),
    [
        ("--stdin", "in", "stdin"), ("--entropy", "seed:1", "entropy"), ("--entropy", "os", "entropy"),
        ("--clock", "fixed:0", "timer or wall_clock"), ("--clock", "real", "timer or wall_clock"),
    ],
)  # fmt: skip
def test_what_is_not_granted_is_not_granted_so(
    capwit: Any, tmp_path: Path, option: str, value: str, name: str
) -> None:
    path = manifest(tmp_path, "", "random")
    done = capwit("run", "--allow-dir", "/", option, value, path)
    assert done.code == exits.USAGE and f"{option}: app.toml is granted no {name}" in done.err
    policy = tmp_path / "policy.toml"
    policy.write_text('kinds = ["console"]\n')
    done = capwit("run", "--policy", policy, option, value, wasi_guest(HOST), "random")
    assert done.code == exits.USAGE and f"is granted no {name}" in done.err


def test_what_narrows_a_grant_narrows_what_is_put_there(capwit: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    path = manifest(tmp_path, '[wasi.stderr]\nnarrow = { allow = ["console.write"], bytes = 3 }', "isatty")
    path.write_text(path.read_text().replace("stdout = true", "stdout = { narrow = { bytes = 3 } }"))
    assert capwit("run", "--allow-dir", "/", "--stdout", out, path).code == 0
    assert out.read_text() == ""  # six bytes are too many


def test_a_manifest_says_the_same(capwit: Any, tmp_path: Path) -> None:
    (tmp_path / "in").write_text("typed")
    path = manifest(tmp_path, 'stdin = { path = "in" }', "echo")
    assert capwit("run", "--allow-dir", wasi_guest(HOST).parent, path).out == "> typed"
    path = manifest(tmp_path, "wall_clock = { fixed = 5 }\ntimer = { stepped = true }", "time")
    assert capwit("run", "--allow-dir", wasi_guest(HOST).parent, path).out == "0.000000005\n"
    real = capwit("run", "--allow-dir", wasi_guest(HOST).parent, "--clock", "real", path).out
    assert int(real.split(".")[0]) > 10**9
    (tmp_path / "link").symlink_to("in")  # within the folder: links are resolved when it is read
    path = manifest(tmp_path, 'stdin = { path = "link" }', "echo")
    assert capwit("run", "--allow-dir", wasi_guest(HOST).parent, path).out == "> typed"
    policy = tmp_path / "policy.toml"
    policy.write_text(f'kinds = ["console", "stdin"]\nfolders = ["{wasi_guest(HOST).parent}"]\n')
    for stream in ('stdin = { path = "in" }', 'stderr = { path = "in" }'):
        path = manifest(tmp_path, stream, "echo")
        done = capwit("run", "--policy", policy, path)
        assert done.code == exits.BAD_MANIFEST and "the host gives no " in done.err
    assert (tmp_path / "in").read_text() == "typed"
    path = manifest(tmp_path, 'stdin = { path = "/etc/hostname" }', "echo")
    done = capwit("run", "--allow-dir", wasi_guest(HOST).parent, path)
    assert done.code == exits.BAD_MANIFEST and "wasi.stdin.path: '/etc/hostname' is outside" in done.err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--entropy", "seed:"), exits.USAGE, "expected seed:N or os"),
        (("--entropy", f"seed:{2**64}"), exits.USAGE, "expected seed:N or os"),
        (("--clock", "fixed:-1"), exits.USAGE, "expected fixed:T"),
        (("--clock", "fixed:1.0000000001"), exits.USAGE, "expected fixed:T"),
        (("--stdin", "none"), exits.BAD_MANIFEST, "wasi.stdin: "),
        (("--stdout", "/"), exits.BAD_MANIFEST, "wasi.stdout: /: Is a directory"),
        (("--stdin", "a\0b"), exits.USAGE, "is no path"),
    ],
)
def test_what_is_wrong(capwit: Any, arguments: tuple[str, str], code: int, message: str) -> None:
    done = capwit("run", *arguments, wasi_guest(HOST), "time")
    assert done.code == code and message in done.err and "Traceback" not in done.err


def test_output_to_a_full_disk() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")
    with pytest.raises(CapError) as full:
        FileConsole(Path("/dev/full")).write(b"x")
    assert full.value.kind is ErrorKind.EXHAUSTED
