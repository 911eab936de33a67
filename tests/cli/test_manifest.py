"""Manifests: every key, right and wrong, through `capwit run`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import Limits, ManifestError
from capwit.cli import exits
from capwit.manifest import Exported, Factory, Standard, read_manifest
from capwit.program import MACHINE

from tests.bridge.support import SCHEMA, generated, probe_guest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def write(tmp_path: Path) -> Any:
    """Write a manifest, and return its path."""

    def write(text: str | bytes) -> Path:
        path = tmp_path / "app.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


# A manifest, and what is said of it after `app.toml: `.
WRONG: dict[str, tuple[str | bytes, str]] = {
    # TOML itself
    "syntax": ('module = "a.wasm"\nargs = [\n', "not TOML: "),
    "syntax, with the line": ('module = "a.wasm"\n\nenv = = 3\n', "(at line 3, column 7)"),
    "a key twice": ('module = "a"\nmodule = "b"\n', "not TOML: Cannot overwrite a value (at line 2"),
    "not text": (b"module = '\xff'", "not UTF-8 text (byte 10)"),
    "nested lists": ("args = " + "[" * 5000 + "]" * 5000, "not a manifest: "),
    "an endless number": ("limits.fuel = " + "9" * 10_000, "not a manifest: "),
    "nested tables": (
        "".join(
            f'[{".".join(["grants.a"] * depth)}]\nkind="component"\ninterface="x"\nmodule="x"\n'
            for depth in range(1, 150)
        ).replace('[grants.a]', 'module="x"\n[grants.a]', 1),
        "",
    ),
    # The top
    "empty": ("", "module: missing; expected the path of a component"),
    "module": ("module = 3", "module: expected the path of a component, got 3"),
    "module, a list": ('module = ["a.wasm"]', "module: expected the path of a component, got ['a.wasm']"),
    "module, no path": ('module = "a\\u0000b"', "is no path"),
}  # fmt: skip

# The same of the keys below a `module`.
WRONG_KEYS: dict[str, tuple[str, str]] = {
    "unknown": ('modul = "b"', "modul: unknown key; known are module, bindings, entry, args"),
    "bindings": ('bindings = 3', "bindings: expected a list of strings, got 3"),
    "bindings in a list": ('bindings = ["a", 3]', "bindings: expected a list of strings"),
    "entry": ('entry = 3', "entry: expected what to call, such as 'runner.run', got 3"),
    "args": ('args = "a b"', "args: expected a list of strings, got 'a b'"),
    "args in a list": ('args = [1]', "args: expected a list of strings, got [1]"),
    "env": ('env = ["A=1"]', "env: expected a table such as"),
    "env's value": ('env = { A = 1 }', "env.A: expected a string, got 1"),
    "env's name": ('env = { "A=B" = "x" }', "env.'A=B': the name of a variable"),
    "env's empty name": ('env = { "" = "x" }', "env.'': the name of a variable is not empty"),
    "env's zero byte": ('env = { A = "x\\u0000" }', "env.A: expected a string"),
    # Limits
    "limits": ('limits = 3', "limits: expected a table of limits, got 3"),
    "limits, unknown": ('[limits]\nspeed = 3', "limits.speed: unknown key; known are fuel, memory"),
    "fuel": ('[limits]\nfuel = "x"', "limits.fuel: expected a whole number above 0, got 'x'"),
    "fuel, none": ('[limits]\nfuel = 0', "limits.fuel: expected a whole number above 0, got 0"),
    "fuel, true": ('[limits]\nfuel = true', "limits.fuel: expected a whole number above 0, got True"),
    "fuel, too much": ('[limits]\nfuel = 99999999999999999999', "limits.fuel: expected a whole number"),
    "memory": ('[limits]\nmemory = "64 XB"', "limits.memory: expected a size such as"),
    "memory, below zero": ('[limits]\nmemory = -1', "limits.memory: expected a size"),
    "memory, a list": ('[limits]\nmemory = [1]', "limits.memory: expected a size"),
    "wall": ('[limits]\nwall = "soon"', "limits.wall: expected a time such as 2 or '250ms', got 'soon'"),
    "wall, nan": ('[limits]\nwall = nan', "limits.wall: expected a time"),
    "wall, inf": ('[limits]\nwall = inf', "limits.wall: expected a time"),
    "tables, not table": ('[limits]\ntable = 1\ntables = "x"', "limits.tables: expected a whole number"),
    "memories, not memory": ('[limits]\nmemory = 1\nmemories = 0', "limits.memories: expected a whole"),
    "handles": ('[limits]\nhandles = 1.5', "limits.handles: expected a whole number above 0, got 1.5"),
    # WASI
    "wasi": ('wasi = true', "wasi: expected a table of WASI grants, got True"),
    "wasi, unknown": ('[wasi]\nnet = true', "wasi.net: unknown key; known are stdin, stdout, stderr"),
    "wasi, a string": ('[wasi]\nstdout = "yes"', "wasi.stdout: expected true, false or a table"),
    "wasi's option": ('[wasi]\nstdout = { colour = 1 }', "wasi.stdout.colour: unknown key"),
    "resolution": (
        '[wasi]\ntimer = { resolution = "1ms" }',
        "wasi.timer.resolution: expected a whole number from 1 to 1000000000, got '1ms'",
    ),
    "resolution, none": ('[wasi]\ntimer = { resolution = 0 }', "wasi.timer.resolution: expected a whole"),
    "resolution, true": ('[wasi]\ntimer = { resolution = true }', "wasi.timer.resolution: expected"),
    "seed": ('[wasi]\nentropy = { seed = -1 }', "wasi.entropy.seed: expected a whole number from 0"),
    # Grants
    "grants": ('grants = 3', "grants: expected a table of grants, got 3"),
    "a grant": ('grants.store = "x"', "grants.store: expected a table, got 'x'"),
    "a grant of no kind": ('[grants.store]', "grants.store.kind: missing; expected one of console"),
    "a grant's kind": ('[grants.store]\nkind = "disk"', "grants.store.kind: expected one of console"),
    "a grant's kind, a number": ('[grants.store]\nkind = 3', "grants.store.kind: expected one of"),
    "a grant's option": ('[grants.c]\nkind = "console"\nx = 1', "grants.c.x: unknown key"),
    "a kind without options": ('[grants.c]\nkind = "terminal"\nx = 1', "x: unknown key; known are none"),
    "no path": ('[grants.d]\nkind = "directory"', "grants.d.path: missing; expected the path of a folder"),
    "a path": ('[grants.d]\nkind = "directory"\npath = 3', "d.path: expected the path of a folder, got 3"),
    "a path, none": ('[grants.d]\nkind = "directory"\npath = "a\\u0000"', "d.path: 'a\\x00' is no path"),
    "a path elsewhere": (
        '[grants.d]\nkind = "directory"\npath = ".."',
        "grants.d.path: '..' is outside of the manifest's folder. Mend: allow its folder, with --allow-dir",
    ),
    "the root": ('[grants.d]\nkind = "directory"\npath = "/"', "grants.d.path: '/' is outside"),
    "readonly": (
        '[grants.d]\nkind = "directory"\npath = "."\nreadonly = "yes"',
        "grants.d.readonly: expected true or false, got 'yes'",
    ),
    "files": ('[grants.d]\nkind = "directory"\npath = "."\nfiles = 0', "d.files: expected a whole number"),
    "bytes": ('[grants.d]\nkind = "memory"\nbytes = "much"', "grants.d.bytes: expected a size such as"),
    "bytes, true": ('[grants.d]\nkind = "memory"\nbytes = true', "grants.d.bytes: expected a size such as"),
    "bytes, a list": ('[grants.d]\nkind = "memory"\nbytes = [1]', "grants.d.bytes: expected a size such as"),
    "values": ('[grants.s]\nkind = "settings"\nvalues = { a = 1 }', "s.values: expected a table"),
    "source": ('[grants.a]\nkind = "audit"\npath = "a"\nsource = 1', "a.source: expected a name"),
    "no fuel": ('[grants.f]\nkind = "fuel"', "grants.f.amount: missing; expected a whole number from 0"),
    "a factory": ('[grants.store]\nfactory = 3', "grants.store.factory: expected a module of"),
    "a factory elsewhere": ('[grants.s]\nfactory = "../x:f"', "grants.s.factory: expected a module of"),
    "a factory of no callable": ('[grants.s]\nfactory = "x"', "grants.s.factory: expected a module"),
    "a component of no interface": (
        '[grants.s]\nkind = "component"\nmodule = "b"',
        "grants.s.interface: missing; expected the interface that the component exports",
    ),
    "a component of no module": (
        '[grants.s]\nkind = "component"\ninterface = "b"',
        "grants.s.module: missing; expected the path of a component",
    ),
    "a component's own keys": (
        '[grants.s]\nkind = "component"\ninterface = "b"\nmodule = "b"\nlimits = { fuel = "x" }',
        "grants.s.limits.fuel: expected a whole number above 0, got 'x'",
    ),
    "a component's unknown key": (
        '[grants.s]\nkind = "component"\ninterface = "b"\nmodule = "b"\nspeed = 3',
        "grants.s.speed: unknown key; known are module",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", [*WRONG, *WRONG_KEYS])
def test_a_manifest_that_is_wrong(capwit: Any, write: Any, case: str) -> None:
    text, message = WRONG[case] if case in WRONG else WRONG_KEYS[case]
    if case in WRONG_KEYS:
        text = f'module = "a"\n{text!s}'
    done = capwit("run", write(text))
    assert done.code in (
        (exits.BAD_MANIFEST, exits.BAD_INPUT) if case == "nested tables" else (exits.BAD_MANIFEST,)
    )
    assert done.out == ""
    assert done.err.startswith("capwit: ")
    assert "app.toml: " in done.err or case == "nested tables"
    assert message in done.err
    assert done.err.count("\n") == 1


def test_every_key(write: Any, tmp_path: Path) -> None:
    manifest = read_manifest(
        write("""
module = "sub/../a.wasm"
bindings = "b.py"
entry = "runner.run"
args = ["a", "b"]
env = { A = "1" }
[limits]
fuel = 5
memory = "1MiB"
memories = 2
table = 3
tables = 4
handles = 6
wall = 1.5
[wasi]
stdout = true
stderr = false
timer = { resolution = 7 }
[grants.c]
kind = "console"
[grants.f]
factory = "stores:memory"
size = 3
deep = { x = [1] }
[grants.s]
kind = "component"
interface = "summarizer"
module = "s.wasm"
args = ["s"]
[grants.s.grants.e]
kind = "entropy"
seed = 8
"""),
        MACHINE,
    )
    folder = tmp_path.resolve()
    assert manifest.module == folder / "a.wasm"
    assert manifest.bindings == (folder / "b.py",)
    assert (manifest.entry, manifest.args, manifest.env) == ("runner.run", ("a", "b"), {"A": "1"})
    assert manifest.limits == Limits(
        fuel=5, memory="1MiB", memories=2, table=3, tables=4, handles=6, wall=1.5
    )
    assert manifest.wasi == {"stdout": Standard("console", {}), "timer": Standard("timer", {"resolution": 7})}
    assert manifest.grants["c"] == Standard("console", {})
    assert manifest.grants["f"] == Factory(folder / "stores.py", "memory", {"size": 3, "deep": {"x": [1]}})
    inner = manifest.grants["s"]
    assert isinstance(inner, Exported)
    assert (inner.interface, inner.manifest.module) == ("summarizer", folder / "s.wasm")
    assert inner.manifest.args == ("s",)
    assert inner.manifest.grants == {"e": Standard("entropy", {"seed": 8})}


def test_what_is_not_named_is_not_granted(write: Any) -> None:
    manifest = read_manifest(write('module = "a.wasm"'))
    assert (manifest.args, manifest.env, manifest.wasi, manifest.grants) == (None, None, {}, {})
    assert manifest.limits == Limits()


def test_a_manifest_that_is_not_there(capwit: Any, tmp_path: Path) -> None:
    done = capwit("run", tmp_path / "gone.toml")
    assert done.code == exits.BAD_MANIFEST
    assert done.err.endswith("gone.toml: No such file or directory\n")
    done = capwit("run", f"{'x' * 300}.toml")
    assert done.code == exits.BAD_MANIFEST
    (tmp_path / "folder.toml").mkdir()
    assert "Is a directory" in capwit("run", tmp_path / "folder.toml").err


def test_links_in_a_circle(capwit: Any, write: Any, tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    done = capwit("run", write('module = "loop/a.wasm"'))
    assert done.code in (exits.BAD_MANIFEST, exits.BAD_INPUT)
    assert "Traceback" not in done.err
    assert "inside capwit" not in done.err


def test_bad_paths_are_manifest_errors(write: Any) -> None:
    with pytest.raises(ManifestError, match="is no path"):
        read_manifest(write('module = "a"\nbindings = "b\\u0000"'), MACHINE)


# -- A whole manifest, run --

DESK = """
class Desk:
    def __init__(self, greeting): self.greeting = greeting
    def echo(self, text): return f"{self.greeting} {text}"
    def add(self, a, b): return a + b
    def make(self, name): raise NotImplementedError
    def look(self, item): return ""
    def pack(self, item, label): return None
    def unpack(self, parcel): return []
    def tell(self, text): return None
    def take(self, item): return ""

def make(greeting="hello"): return Desk(greeting)
"""


def whole(more: str = "", code: str = "print('x')", top: str = "") -> str:
    """A manifest that runs code in the Python guest."""
    return f'''
module = "{probe_guest()}"
bindings = "{generated(SCHEMA) / "probe.py"}"
{top or f'args = ["app", {json.dumps(code)}]'}
[grants.desk]
factory = "desks:make"
greeting = "good day"
{
        more
        or """[wasi]
stdout = true
entropy = true"""
    }
'''


@pytest.fixture
def run(capwit: Any, write: Any, tmp_path: Path) -> Any:
    (tmp_path / "desks.py").write_text(DESK)

    def run(*arguments: str, options: tuple[str, ...] = (), **manifest: str) -> Any:
        return capwit("run", *options, write(whole(**manifest)), *arguments)

    return run


def test_a_manifest_runs(run: Any) -> None:
    done = run(code="print(grants.get_desk().echo('you'), sys.argv[2:], dict(os.environ))")
    assert (done.code, done.out, done.err) == (0, "good day you [] {}\n", "")


def test_arguments_follow_the_manifests(run: Any) -> None:
    own = ["--ledger", "--help", "--", "-x", "y"]  # none of them is capwit's
    assert run(*own, code="print(sys.argv[2:])").out == f"{own}\n"


def test_arguments_without_a_manifests_follow_the_programs_name(run: Any) -> None:
    done = run("print(sys.argv[0], sys.argv[2:])", "z", top="env = {}")
    assert done.out == f"{probe_guest().name} ['z']\n"


def test_env_adds_to_the_manifests(run: Any) -> None:
    top = "args = ['a', 'print(sorted(os.environ.items()))']\nenv = { A = '1', B = '2' }"
    assert run(top=top, options=("--env", "B=3")).out == "[('A', '1'), ('B', '3')]\n"


def test_the_command_line_limits_a_manifest(run: Any) -> None:
    assert run(code="while True: pass", options=("--timeout", "300ms")).code == exits.LIMIT


@pytest.mark.parametrize(
    ("limits", "code", "words"),
    [
        ("fuel = 3_000_000_000", "while True: pass", "more `fuel`"),
        ("wall = '300ms'", "while True: pass", "larger `wall`"),
        ("handles = 3", "kept = [grants.get_desk() for _ in range(9)]", "larger `handles`"),
        ("memory = '1MiB'", "", "raise `memory`"),
        ("tables = 1", "", "raise `tables`"),
    ],
)
def test_limits(run: Any, limits: str, code: str, words: str) -> None:
    done = run(code=code, more=f"[wasi]\nentropy = true\n[limits]\n{limits}")
    assert done.code == exits.LIMIT
    assert words in done.err


def test_stdout_and_stderr(run: Any) -> None:
    code = "print('out', flush=True); print('err', file=sys.stderr)"
    both = "[wasi]\nstdout = true\nstderr = true\nentropy = true"
    done = run(code=code, more=both)
    assert (done.out, done.err) == ("out\n", "err\n")
    done = run(code=code)
    assert (done.out, done.err) == ("out\nerr\n", "")


def test_a_grant_that_nobody_asks_for(run: Any) -> None:
    done = run(more="[grants.lamp]\nkind = 'console'")
    assert done.code == exits.BAD_MANIFEST
    assert "grants.lamp: " in done.err
    assert (
        "asks for no such grant; it asks for desk, spare, peer, console, motto, folder, terminal" in done.err
    )


def test_a_grant_of_another_kind_than_asked_for(run: Any) -> None:
    done = run(more="[grants.console]\nkind = 'timer'\n[wasi]\nentropy = true")
    assert done.code == exits.NOT_GRANTED
    assert "SystemTimer is not a capwit:caps/standard@0.1.0.console: it has no method write" in done.err


def test_a_component_for_a_grant(run: Any, tmp_path: Path) -> None:
    peer = f'''
[grants.peer]
kind = "component"
interface = "worker"
module = "{probe_guest()}"
wasi = {{ entropy = true, stdout = true }}
[grants.peer.grants.desk]
factory = "desks:make"
greeting = "inner"
[wasi]
stdout = true
entropy = true'''
    code = "print(grants.get_peer().exec(\"said = grants.get_desk().echo('peer')\"))"
    done = run(code=code, more=peer, options=("--ledger",))
    assert (done.code, done.out) == (0, "inner peer\n")
    assert "balance 0" in done.err


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("interface = 'desk'", "grants.peer.interface: expected 'worker', got 'desk'"),
        ("interface = 'worker'\nmodule = 'gone.wasm'", "gone.wasm: No such file or directory"),
    ],
)
def test_a_component_for_a_grant_that_cannot_be(run: Any, more: str, words: str) -> None:
    module = "" if "module" in more else f"\nmodule = '{probe_guest()}'"
    grants = f"""[grants.peer]
kind = 'component'
{more}{module}
wasi.entropy = true
grants.desk.factory = 'desks:make'"""
    done = run(more=f"{grants}\n[wasi]\nentropy = true")
    assert done.code in (exits.BAD_MANIFEST, exits.BAD_INPUT)
    assert words in done.err


CHECK = "from capwit.bridge import binding as wit\nwit.check_format(__name__"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("odd.py", "x = 3", "not a module that `capwit generate` wrote: it has no BINDINGS"),
        ("odd.py", "BINDINGS = 3", "it has no BINDINGS"),
        (
            "odd.py",
            "import nowhere_to_be_found",
            "ModuleNotFoundError: No module named 'nowhere_to_be_found'",
        ),
        ("odd.py", "x = = 3", "SyntaxError"),
        ("odd.py", f"{CHECK}, 0)", "odd: generated by an older capwit than this one. Mend: run `capwit gene"),
        ("odd.py", f"{CHECK}, 99)", "odd: generated by a newer capwit than this one. Mend: "),
        (
            "odd.py",
            '"""\nWritten by `capwit generate` from x.capnp; do not edit.\n"""\n{}["x"]',
            "KeyError: 'x'. Mend: if another capwit wrote it, run `capwit generate` again",
        ),
        ("time.py", "x = 3", "Python has another module named time, from itself. Mend: rename the file"),
        ("json.py", "x = 3", "Python has another module named json, from "),
    ],
)
def test_bindings_that_are_none(
    capwit: Any, write: Any, tmp_path: Path, name: str, text: str, words: str
) -> None:
    (tmp_path / name).write_text(text)
    done = capwit("run", write(f'module = "a.wasm"\nbindings = "{name}"'))
    assert done.code == exits.BAD_MANIFEST
    assert words in done.err
    assert "Traceback" not in done.err


def test_bindings_that_are_not_there(capwit: Any, write: Any) -> None:
    for name, words in (("gone_bindings.py", "there is no such file"), (".", "is no Python file. Mend: ")):
        done = capwit("run", write(f'module = "a.wasm"\nbindings = "{name}"'))
        assert done.code == exits.BAD_MANIFEST
        assert "app.toml: bindings: " in done.err
        assert words in done.err
