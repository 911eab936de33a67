"""`capwit run`: options, grants, what comes out, and the exit code."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from capwit.cli import exits, records
from capwit.cli.main import COMMANDS
from capwit.manifest.kinds import KINDS

from tests.bridge.support import SCHEMA, generated, probe_guest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DESK = """
class Desk:
    def __init__(self, greeting="hello"): self.greeting = greeting
    def echo(self, text): return f"{self.greeting} {text}"
    def add(self, a, b): return a + b
    def make(self, name): raise NotImplementedError
    def look(self, item): raise OSError("/a/secret/path")
    def pack(self, item, label): return None
    def unpack(self, parcel): return []
    def tell(self, text): print("told", text)
    def take(self, item): return ""

def make(**options): return Desk(**options)

def nothing(): return object()

def broken(): raise LookupError("no such desk")
"""
ANSWER = (
    '(core module $m (func (export "run") (result i32) (i32.const {}))) (core instance $m (instantiate $m))'
)
RUN = '(func (export "run") (result (result)) (canon lift (core func $m "run")))'


def answering(code: int) -> str:
    """A component whose `run` answers well (0) or badly (1)."""
    return ANSWER.format(code) + RUN


def doing(body: str, memory: str = "1") -> str:
    """A component whose `run` does something."""
    return f"""(core module $m (memory {memory}) (func (export "run") {body}))
      (core instance $m (instantiate $m)) (func (export "run") (canon lift (core func $m "run")))"""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    path = tmp_path / "desks.py"
    path.write_text(DESK)
    return path


@pytest.fixture
def python(capwit: Any, desk: Path) -> Callable[..., Any]:
    """Run code in the Python guest: options, the code, arguments."""

    def run(*options: Any, code: str, grants: bool = True) -> Any:
        given = (
            ["--bindings", generated(SCHEMA) / "probe.py", "--grant", f"desk={desk}:make"] if grants else []
        )
        return capwit("run", *given, *options, probe_guest(), code, "more", "--fuel")

    return run


# -- A component by itself --


def test_a_component_runs_on_the_terminal_and_its_arguments(python: Any) -> None:
    done = python(code="print('out', sys.argv[2:], dict(os.environ)); print('err', file=sys.stderr)")
    assert (done.code, done.out, done.err) == (0, "out ['more', '--fuel'] {}\n", "err\n")


def test_a_components_first_argument_is_its_own_name(python: Any) -> None:
    assert python(code="print(sys.argv[0])").out == f"{probe_guest().name}\n"


def test_a_component_has_clocks_and_entropy(python: Any) -> None:
    code = "time.sleep(0.01); print(time.time() > 1.6e9, len(os.urandom(4)))"
    assert python(code=code).out == "True 4\n"


def test_env(python: Any) -> None:
    done = python("--env", "A=1", "--env", "B=x=y", code="print(sorted(os.environ.items()))")
    assert done.out == "[('A', '1'), ('B', 'x=y')]\n"


@pytest.mark.parametrize(("answer", "code", "words"), [(0, 0, ""), (1, 1, "capwit: the program failed\n")])
def test_the_programs_answer_is_the_exit_code(
    capwit: Any, component: Any, answer: int, code: int, words: str
) -> None:
    done = capwit("run", component(answering(answer)))
    assert (done.code, done.out, done.err) == (code, "", words)


@pytest.mark.parametrize("code", [0, 1, 3, 65, 255])
def test_the_guests_exit_code_is_passed_on(capwit: Any, component: Any, code: int) -> None:
    text = f"""
      (import "wasi:cli/exit@0.2.6" (instance $i (export "exit-with-code" (func (param "status-code" u8)))))
      (core func $f (canon lower (func $i "exit-with-code")))
      (core module $m (import "" "f" (func $f (param i32)))
        (func (export "run") (call $f (i32.const {code}))))
      (core instance $m (instantiate $m (with "" (instance (export "f" (func $f))))))
      (func (export "run") (canon lift (core func $m "run")))"""
    done = capwit("run", component(text))
    assert (done.code, done.err) == (code, "")


def test_a_command_of_wasi(capwit: Any, component: Any) -> None:
    text = (
        ANSWER.format(1)
        + """
      (func $run (result (result)) (canon lift (core func $m "run")))
      (instance $i (export "run" (func $run))) (export "wasi:cli/run@0.2.3" (instance $i))"""
    )
    assert capwit("run", component(text)).code == 1


def test_the_programs_own_error_is_shown(python: Any) -> None:
    done = python(code="raise Err(CapError(ErrorKind.DENIED, 'not today'))")
    assert (done.code, done.err) == (1, "capwit: the program failed: denied: not today\n")
    done = python(code=r"raise Err(CapError(ErrorKind.DENIED, 'a\x1b[2Jb\nc'))")
    assert done.err == "capwit: the program failed: denied: a\\x1b[2Jb\nc\n"  # nothing that steers a terminal


# -- What to call --

TWO_RUNS = (
    ANSWER.format(0)
    + """
  (func $run (result (result)) (canon lift (core func $m "run")))
  (instance $i (export "run" (func $run)))
  (export "a:b/one@1.0.0" (instance $i)) (export "a:b/two@1.0.0" (instance $i))
  (export "again" (func $run))"""
)


def test_more_than_one_run(capwit: Any, component: Any) -> None:
    done = capwit("run", component(TWO_RUNS))
    assert done.code == exits.BAD_INPUT
    assert "it exports more than one `run`: a:b/one@1.0.0#run, a:b/two@1.0.0#run. Mend: name what" in done.err


@pytest.mark.parametrize("entry", ["a:b/two@1.0.0#run", "again"])
def test_entry(capwit: Any, component: Any, entry: str) -> None:
    assert capwit("run", "--entry", entry, component(TWO_RUNS)).code == 0


def test_entry_of_a_resource(python: Any) -> None:
    for entry in ("worker.run", "test:probe/app-exports-worker@0.1.0#[method]worker.run"):
        assert python("--entry", entry, code="print('ran')").out == "ran\n"


@pytest.mark.parametrize("entry", ["worker.exec", "nothing", "#", "a#b#c", ""])
def test_an_entry_that_is_not_there(python: Any, entry: str) -> None:
    done = python("--entry", entry or "-", code="print('ran')")
    assert done.code == exits.BAD_INPUT
    assert (
        f"no `{entry or '-'}` that takes no parameters; what could be called: worker.run"
        in done.err.replace("test:probe/app-exports-worker@0.1.0#[method]", "")
    )


# -- Grants --


def test_a_grant_from_a_file(python: Any) -> None:
    assert python(code="print(grants.get_desk().echo('you'))").out == "hello you\n"


def test_a_grants_options(capwit: Any, desk: Path) -> None:
    done = capwit(
        "run", "--bindings", generated(SCHEMA) / "probe.py", "--grant", f"desk={desk}:make,greeting=good day",
        "--grant", "console=console", probe_guest(),
        "print(grants.get_desk().echo('you'), flush=True); grants.get_console().write(b'direct')",
    )  # fmt: skip
    assert (done.code, done.out) == (0, "good day you\ndirect")


def test_a_missing_grant(capwit: Any) -> None:
    done = capwit("run", "--bindings", generated(SCHEMA) / "probe.py", probe_guest(), "print('started')")
    assert (done.code, done.out) == (exits.NOT_GRANTED, "")
    assert "grants.desk: missing;" in done.err
    assert (
        "imports test:probe/app-grants@0.1.0#get-desk. Mend: add [grants.desk], or --grant desk=SOURCE"
        in done.err
    )


@pytest.mark.parametrize(
    ("grant", "code", "words"),
    [
        ("desk", exits.USAGE, "--grant: expected NAME=SOURCE, got 'desk'"),
        (
            "desk=lamp",
            exits.USAGE,
            f"expected one of {', '.join(KINDS)}, component; got 'lamp'",
        ),
        ("desk=console,speed=3", exits.USAGE, "unknown key"),
        (
            "desk=timer,resolution=soon",
            exits.USAGE,
            "expected a whole number from 1 to 1000000000, got 'soon'",
        ),
        ("desk=timer,resolution", exits.USAGE, "--grant desk: expected OPTION=VALUE, got 'resolution'"),
        (
            "lamp=console",
            exits.BAD_MANIFEST,
            "asks for no such grant; it asks for desk, spare, peer, console, motto, folder, terminal",
        ),
        ("desk={}:gone", exits.BAD_MANIFEST, "desks.py has no gone"),
        ("desk={}:broken", exits.BAD_MANIFEST, "desks:broken failed: LookupError: no such desk"),
        ("desk={}:make,colour=red", exits.BAD_MANIFEST, "desks:make failed: TypeError"),
        ("desk=/not/there.py:make", exits.BAD_MANIFEST, "/not/there.py: there is no such file"),
        ("desk=desks:make", exits.USAGE, "--grant desk: expected FILE.py:CALLABLE, got 'desks:make'"),
        ("desk=two words.py:make", exits.USAGE, "expected a module"),
        ("desk={}:nothing", exits.NOT_GRANTED, "the grant `desk` does not fit: object is not a test:probe"),
        ("desk=console", exits.NOT_GRANTED, "StreamConsole is not a test:probe/probe@0.1.0.desk"),
    ],
)
def test_grants_that_are_refused(capwit: Any, desk: Path, grant: str, code: int, words: str) -> None:
    bindings = generated(SCHEMA) / "probe.py"
    done = capwit(
        "run", "--bindings", bindings, "--grant", grant.format(desk), probe_guest(), "print('started')"
    )
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith("capwit: ")
    assert words in done.err
    assert "Traceback" not in done.err


def test_without_bindings_nothing_serves_an_import(python: Any) -> None:
    # In a process of its own: in this one the bindings are loaded.
    done = child("run", probe_guest(), "print('started')")
    assert done.returncode == exits.BAD_MANIFEST
    assert "imports test:probe/app-grants@0.1.0, of which no bindings are named. " in done.stderr
    assert "Mend: --bindings " in done.stderr


def test_an_exception_in_a_grant_is_told_to_the_user_and_not_to_the_guest(python: Any) -> None:
    code = """
try: print(grants.get_desk().make('x'))
except Err as error: print(error.value.kind.name)
try: grants.get_desk().unpack(probe.Parcel('x', None, [])); grants.get_desk().add(200, 200)
except Err as error: print(error.value.reason)
"""
    done = python(code=code)
    assert done.out == "UNIMPLEMENTED\n"
    assert done.code == exits.INTERNAL
    assert done.err == "capwit: desk.add: result: 400 is out of the range of u8 (0 to 255)\n"


# -- Limits --


@pytest.mark.parametrize(
    ("options", "body", "words"),
    [
        (["--fuel", "1000000"], "(loop (br 0))", "more `fuel`"),
        (["--timeout", "100ms"], "(loop (br 0))", "larger `wall`"),
        (["--timeout", "0.1"], "(loop (br 0))", "larger `wall`"),
    ],
)
def test_a_guest_that_spins(capwit: Any, component: Any, options: list[str], body: str, words: str) -> None:
    before = time.monotonic()
    done = capwit("run", *options, component(doing(body)))
    assert done.code == exits.LIMIT
    assert words in done.err
    assert time.monotonic() - before < 20


def test_a_guest_that_needs_too_much_memory(capwit: Any, component: Any) -> None:
    done = capwit("run", "--memory", "1MiB", component(doing("", memory="32")))
    assert done.code == exits.LIMIT
    assert "raise `memory`" in done.err


def test_a_guest_that_eats_memory_gets_no_more(capwit: Any, component: Any) -> None:
    # Grows until it cannot, and traps if that was past 1 MiB.
    body = """(loop (br_if 0 (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
      (if (i32.gt_u (memory.size) (i32.const 16)) (then unreachable))"""
    assert capwit("run", "--memory", "1MiB", component(doing(body))).code == 0
    assert capwit("run", "--memory", "2MiB", component(doing(body))).code == exits.TRAPPED


def test_a_guest_that_traps(capwit: Any, component: Any) -> None:
    done = capwit("run", component(doing("unreachable")))
    assert (done.code, done.out) == (exits.TRAPPED, "")
    assert done.err == "capwit: run: the guest trapped: wasm `unreachable` instruction executed\n"


@pytest.mark.parametrize(
    "options",
    [
        ["--fuel", "lots"], ["--fuel", "0"], ["--fuel", "-1"], ["--fuel", "1.5"], ["--fuel", "9" * 30],
        ["--memory", "much"], ["--memory", "64XB"], ["--memory", "-1"], ["--memory", "9" * 20],
        ["--timeout", "soon"], ["--timeout", "nan"], ["--timeout", "inf"], ["--timeout", "1 fortnight"],
        ["--env", "A"], ["--env", "=1"], ["--colour"],
        ["--dir", ""], ["--dir", "::/data"], ["--grant", "=x"],
    ],
)  # fmt: skip
def test_options_that_mean_nothing(capwit: Any, component: Any, options: list[str]) -> None:
    done = capwit("run", *options, component(answering(0)))
    assert (done.code, done.out) == (exits.USAGE, "")
    assert options[0] in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("arguments", [["{}", "\udcff"], ["--env", "A=\udcff", "{}"]])
def test_arguments_that_are_no_text(capwit: Any, component: Any, arguments: list[str]) -> None:
    path = component(answering(0))
    done = capwit("run", *[argument.format(path) for argument in arguments])
    assert done.code == exits.USAGE
    assert "\\udcff" in done.err
    assert "not UTF-8, and a guest's arguments and environment are text" in done.err


# -- --ledger and --json --


def test_ledger(python: Any) -> None:
    done = python("--ledger", code="desk = grants.get_desk(); print(desk.echo('x'))")
    assert done.code == 0
    assert done.out == "hello x\n"
    head, columns, *rows, last = done.err.splitlines()
    assert head == "ledger:"
    assert columns.split() == ["ms", "event", "handle", "holder", "interface,", "and", "why"]
    assert [row.split()[1] for row in rows if ".desk" in row] == ["grant", "exit"]
    assert rows[0].split()[:2] == ["0.000", "start"]
    assert [float(row.split()[0]) for row in rows] == sorted(float(row.split()[0]) for row in rows)
    assert any(row.endswith("test:probe/probe@0.1.0.desk, desk") for row in rows)  # the grant's name
    assert last == f"{len(rows)} events, balance 0"


def test_ledger_of_a_guest_that_ends_badly(python: Any) -> None:
    done = python("--ledger", code="desk = grants.get_desk(); 1 / 0")
    assert done.code == exits.TRAPPED
    assert "balance 0" in done.err
    lines = done.err.splitlines()  # the guest has said something, too
    events = [row.split()[1] for row in lines[lines.index("ledger:") + 2 : -2]]
    assert "trap" in events
    assert events[events.index("trap") + 1 :] == ["exit"] * events.count("exit") + ["release"]


def test_a_long_ledger_shows_its_end(python: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "_KEPT", 4)
    code = "for n in range(9): desk = grants.get_desk(); del desk"
    done = python("--ledger", code=code)
    lines = done.err.splitlines()
    count = int(lines[-1].split()[0])
    assert lines[1] == f"the last 4 events of {count}: --ledger-json FILE has them all"
    assert len(lines) == 2 + 1 + 4 + 1
    answer = json.loads(python("--ledger", "--json", code=code).out)
    assert len(answer["ledger"]["entries"]) == 4
    assert answer["ledger"]["left_out"] == count - 4


def test_ledger_as_lines(python: Any, tmp_path: Path) -> None:
    file = tmp_path / "run.jsonl"
    done = python("--ledger-json", str(file), "--json", code="desk = grants.get_desk(); 1 / 0")
    assert done.code == exits.TRAPPED
    told = json.loads(done.out)["ledger"]
    assert set(told) == {"balance", "events"}
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert len(lines) == sum(told["events"].values())
    (grant,) = [line for line in lines if line["event"] == "grant"]
    assert grant["cause"] == "desk"
    assert grant["slot"] > 0
    assert [line["sequence"] for line in lines] == list(range(1, len(lines) + 1))


def test_ledger_as_lines_that_cannot_be_written(python: Any, tmp_path: Path) -> None:
    done = python("--ledger-json", str(tmp_path / "gone" / "run.jsonl"), code="")
    assert done.code == exits.OUTPUT
    assert done.out == ""
    assert "run.jsonl: cannot be written: No such file or directory" in done.err


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")  # noqa: PTH110
def test_a_full_disk_does_not_stop_the_program(python: Any) -> None:
    done = python("--ledger-json", "/dev/full", code="print('still here')")
    assert done.out == "still here\n"
    assert done.code == exits.OUTPUT
    assert "/dev/full: no more of the ledger is written: No space left on device" in done.err
    assert "events of the ledger are not in it" in done.err


LEAKY = """
class Item:
    def name(self): return "x"
    def same(self, other): return False

class Leaky(Desk):
    kept = []
    def make(self, name): return Item()
    def look(self, item):
        self.kept.append(item.keep())
        return ""

def make(**options): return Leaky(**options)
"""


def test_debug_names_the_line_of_a_leak(capwit: Any, desk: Path) -> None:
    desk.write_text(DESK + LEAKY)
    given = ("--bindings", generated(SCHEMA) / "probe.py", "--grant", f"desk={desk}:make", probe_guest())
    done = capwit("--debug", "run", *given, "desk = grants.get_desk(); desk.look(desk.make('x'))")
    line = desk.read_text().splitlines().index("        self.kept.append(item.keep())") + 1
    assert done.code == 0
    assert done.err.count("was never released") == 1
    assert f"it was taken at {desk}:{line}. Mend:" in done.err


def test_json(python: Any) -> None:
    done = python("--json", code="grants.get_desk(); print('to the user')")
    answer = json.loads(done.out)
    assert answer["exit"] == done.code == 0
    assert answer["error"] is None
    assert answer["ledger"]["balance"] == 0
    assert answer["ledger"]["events"]["grant"] == 1
    assert done.err == "to the user\n"


@pytest.mark.parametrize(
    ("code", "exit", "message", "value"),
    [
        (
            "raise Err(CapError(ErrorKind.DENIED, 'no'))", 1,
            "the program failed: denied: no", {"kind": "denied", "reason": "no"},
        ),
        ("while True: pass", exits.LIMIT, "fuel", None),
        ("1 / 0", exits.TRAPPED, "the guest trapped", None),
    ],
)  # fmt: skip
def test_json_of_a_failure(python: Any, code: str, exit: int, message: str, value: Any) -> None:
    done = python("--json", "--fuel", "3000000000", code=code)
    answer = json.loads(done.out)
    assert answer["exit"] == done.code == exit
    assert message in answer["error"]["message"]
    assert answer["error"]["value"] == value
    assert f"capwit: {answer['error']['message']}\n" in done.err


def test_json_before_anything_has_run(capwit: Any, component: Any, tmp_path: Path) -> None:
    done = capwit("run", "--json", tmp_path / "gone.toml")
    answer = json.loads(done.out)
    assert answer["exit"] == done.code == exits.BAD_MANIFEST
    assert "gone.toml" in answer["error"]["message"]
    done = capwit("run", "--json", "--deny-unused", component(""))
    assert json.loads(done.out) == {"exit": exits.USAGE, "error": {"message": done.err[len("capwit: ") : -1]}}


@pytest.mark.parametrize(
    ("type", "value", "shown"),
    [
        ("u64", "(i64.const -1)", 2**64 - 1),
        ("f64", "(f64.const nan)", "nan"),
        ("f64", "(f64.const -inf)", "-inf"),
        ("f64", "(f64.const 0.5)", 0.5),
        ("char", "(i32.const 0x2603)", "☃"),
        ("bool", "(i32.const 1)", True),
    ],
)
def test_json_of_results(capwit: Any, component: Any, type: str, value: str, shown: Any) -> None:
    core = {"u64": "i64", "f64": "f64"}.get(type, "i32")
    text = f"""(core module $m (func (export "run") (result {core}) {value}))
      (core instance $m (instantiate $m))
      (func (export "run") (result {type}) (canon lift (core func $m "run")))"""
    done = capwit("run", "--json", component(text))

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    assert json.loads(done.out, parse_constant=refuse)["result"] == shown


# -- Help, tracebacks --


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_examples_and_exit_codes(capwit: Any, command: str) -> None:
    done = capwit(command, "--help")
    assert (done.code, done.err) == (0, "")
    assert f"  capwit {command} " in done.out.partition("examples:")[2]
    assert "\nexit codes:" in done.out
    assert max(len(line) for line in done.out.splitlines()) <= 120


def test_help_lists_every_exit_code(capwit: Any) -> None:
    text = capwit("--help").out
    for name, code in vars(exits).items():
        if name.isupper() and isinstance(code, int):
            assert f"\n  {code} " in text, name


def test_no_command(capwit: Any) -> None:
    done = capwit()
    assert done.code == exits.USAGE
    assert "COMMAND" in done.err


def test_a_traceback_only_for_who_asks(capwit: Any, component: Any) -> None:
    path = component(doing("unreachable"))
    assert "Traceback" not in capwit("run", path).err
    done = capwit("--debug", "run", path)
    assert done.code == exits.TRAPPED
    assert "Traceback (most recent call last)" in done.err
    assert done.err.endswith("capwit: run: the guest trapped: wasm `unreachable` instruction executed\n")


def test_an_error_inside_capwit_is_one_line(
    capwit: Any, component: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr("capwit.cli.run.assemble", broken)
    done = capwit("run", component(answering(0)))
    assert done.code == exits.INTERNAL
    assert done.err == (
        "capwit: ZeroDivisionError: oh (this is an error inside capwit; --debug shows where)\n"
    )


# -- Processes --


def command(*arguments: Any) -> list[str]:
    return [sys.executable, "-m", "capwit.cli.main", *map(str, arguments)]


def child(*arguments: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL
    )


def test_ctrl_c(component: Any, tmp_path: Path) -> None:
    ledger = tmp_path / "run.jsonl"
    running = subprocess.Popen(
        command("run", "--json", "--ledger-json", ledger, component(doing("(loop (br 0))"))),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        while not (ledger.is_file() and "start" in ledger.read_text()):  # it runs
            assert running.poll() is None
            time.sleep(0.05)
        before = time.monotonic()
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=30)
    finally:
        running.kill()
    assert running.returncode == exits.INTERRUPTED
    told = json.loads(out)
    assert (told["exit"], told["error"]["message"]) == (exits.INTERRUPTED, "interrupted")
    assert "the call was cancelled" in ledger.read_text()
    assert time.monotonic() - before < 5
    assert err.endswith("capwit: interrupted\n")
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "arguments",
    [
        ["inspect", probe_guest],
        ["run", "--bindings", lambda: generated(SCHEMA) / "probe.py", "--grant", "desk={}:make", probe_guest,
         "for i in range(20000): print('x' * 100)"],
    ],
    ids=["inspect", "run"],
)  # fmt: skip
def test_an_output_that_nobody_reads(desk: Path, arguments: list[Any]) -> None:
    told = [str(argument() if callable(argument) else argument).format(desk) for argument in arguments]
    running = subprocess.Popen(command(*told), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert running.stdout is not None and running.stderr is not None
    running.stdout.close()
    err = running.stderr.read().decode()
    running.stderr.close()
    assert running.wait(60) != 0
    assert "Exception ignored" not in err
    if told[0] == "inspect":
        assert (running.returncode, err) == (exits.BROKEN_PIPE, "")
    else:
        assert "OSError" in err or "BrokenPipeError" in err  # the guest's own words


def test_closed_streams(component: Any) -> None:
    path = component(answering(0))
    for closed in (">&-", "2>&-", ">&- 2>&-"):
        line = f'"$0" -m capwit.cli.main run "$1" {closed}'
        done = subprocess.run(["sh", "-c", line, sys.executable, str(path)], check=False, timeout=60)
        assert done.returncode == 0


def test_what_it_needs_of_the_environment_is_little(component: Any, tmp_path: Path) -> None:
    done = subprocess.run(
        command("run", component(answering(0))),
        env={"HOME": str(tmp_path), "PATH": os.defpath},
        check=False,
        timeout=60,
    )
    assert done.returncode == 0
