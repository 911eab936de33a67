"""Where grants come from: components wired in a manifest, what the host gives, and no more than that."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import CapSet, Host, ManifestError
from capwit.cli import exits
from capwit.manifest import Given, Standard, Wired
from capwit.program import MACHINE, Holdings, Manifest, assemble, parse_manifest, read_manifest
from capwit.program.sources import make_source

from tests.bridge.support import GENERATED, SCHEMA, Desk, generated, probe, probe_guest
from tests.cli.programs import DESKS, SANDBOX, guest, write

if TYPE_CHECKING:
    from pathlib import Path

DESK = '[grants.desk]\nfactory = "desks:make"\n'
OURS = dataclasses.replace(MACHINE, code_folders=(GENERATED,))
PEER = '[grants.peer]\ncomponent = "{}"\ninterface = "worker"\n'


def component(name: str, grants: str = "") -> str:
    """Return a component of the guest with a desk; `grants` are other tables of it."""
    return (
        guest("pass", f"components.{name}")
        + f"[components.{name}.wasi]\nentropy = true\n[components.{name}.grants.desk]\n"
        + f'factory = "desks:make"\ngreeting = "{name}"\n'
        + grants
    )


def wire(name: str, to: str) -> str:
    return f'[components.{name}.grants.peer]\ncomponent = "{to}"\ninterface = "worker"\n'


def test_one_components_export_is_anothers_grant(capwit: Any, tmp_path: Path) -> None:
    code = """
p = grants.get_peer()
print(p.exec("said = grants.get_peer().exec('said = grants.get_desk().echo(1 and str(workers))')"))
"""
    text = guest(code) + SANDBOX + DESK + PEER.format("first") + component("first", wire("first", "second"))
    done = capwit("run", "--ledger", write(tmp_path, text + component("second")))
    assert (done.code, done.out) == (0, "second 1\n")
    assert "balance 0" in done.err


def test_one_instance_is_shared_by_several_grants(capwit: Any, tmp_path: Path) -> None:
    code = """
grants.get_peer().exec("shared = 'by the other grant'")
print(grants.get_twin().exec("said = shared + str(workers)"))
print(grants.get_peer().exec("said = workers"))
"""
    twin = PEER.replace("peer", "twin")
    text = (
        guest(code) + SANDBOX + DESK + PEER.format("a") + twin.format("a") + component("a") + component("b")
    )
    done = capwit("run", "--ledger", write(tmp_path, text))
    assert (done.code, done.out) == (0, "by the other grant2\n2\n")  # a resource for each, of one instance


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            component("a", wire("a", "b")) + component("b", wire("b", "c")) + component("c", wire("c", "a")),
            "c.grants.peer: components wait for each other in a loop: a -(grants.peer)-> b -(grants.peer)->",
        ),
        (component("a", wire("a", "a")), "in a loop: a -(grants.peer)-> a. Mend"),
        (
            component("b", wire("b", "a")) + component("a", wire("a", "c")) + component("c", wire("c", "a")),
            "loop: a -(grants.peer)-> c -(grants.peer)-> a. Mend",
        ),
        (
            component(
                "a",
                '[components.a.grants.peer]\nkind = "component"\ninterface = "worker"\nmodule = "x"\n'
                '[components.a.grants.peer.grants.peer]\ncomponent = "a"\ninterface = "worker"\n',
            ),
            "in a loop: a -(grants.peer.grants.peer)-> a",
        ),
        (
            component("a", wire("a", "nobody")),
            "components.a.grants.peer.component: there is no component 'nobody'; there are a. Mend: add",
        ),
        (PEER.format("nobody"), "grants.peer.component: there is no component 'nobody'; there are none."),
        ('[grants.peer]\ncomponent = "a"\n', "grants.peer.interface: missing; expected the interface that"),
        ('[grants.peer]\ncomponent = 3\ninterface = "x"\n', "grants.peer.component: expected the name of"),
        ('[grants.peer]\ncomponent = "a"\nmodule = "x"\n', "grants.peer.module: unknown key; known are c"),
        ("components = 3\n", "components: expected a table of components, got 3"),
        ("components.a = 3\n", "components.a: expected a table, got 3"),
        ('components.a.module = "a"\ncomponents.a.components = {}\n', "components.a.components: unknown key"),
        ("components.a.args = []\n", "components.a.module: missing"),
        ('grants.desk.given = 3\n', "grants.desk.given: expected what the host's CapSet holds it under"),
        ('grants.desk = { given = "x", path = "y" }\n', "grants.desk.path: unknown key; known are given"),
    ],
)  # fmt: skip
def test_wires_that_lead_nowhere(capwit: Any, tmp_path: Path, text: str, words: str) -> None:
    done = capwit("run", write(tmp_path, f'module = "a.wasm"\n{text}'))
    assert (done.code, done.out) == (exits.BAD_MANIFEST, "")
    assert words in done.err
    assert done.err.count("\n") == 1


def test_a_long_chain_and_a_wide_one_are_read(tmp_path: Path) -> None:
    chain = {
        f"c{i}": {"module": "x", "grants": {"peer": {"component": f"c{i + 1}", "interface": "worker"}}}
        for i in range(5000)
    }
    components: dict[str, Any] = {**chain, "c5000": {"module": "x"}}
    manifest = parse_manifest({"module": "x", "components": components}, tmp_path / "app.toml")
    assert len(manifest.components) == 5001
    components["c5000"]["grants"] = {"peer": {"component": "c0", "interface": "worker"}}
    with pytest.raises(ManifestError, match="in a loop: c0 -"):
        parse_manifest({"module": "x", "components": components}, tmp_path / "app.toml")


# -- What the host gives --


def test_a_program_gives_objects_by_name(tmp_path: Path) -> None:
    desk = Desk()
    text = guest("grants.get_desk().tell('hello'); grants.get_spare().tell('you')")
    text += '[wasi]\nentropy = true\n[grants.desk]\ngiven = "front"\nnarrow = { calls = 1 }\n'
    text += '[grants.spare]\ngiven = "back"\n'
    manifest = read_manifest(write(tmp_path, text), OURS)

    async def run() -> None:
        caps = CapSet({"front": probe.DeskClient(desk), "back": desk})
        async with Host(caps=caps) as host, assemble(host, manifest) as program:
            await program.run()
            assert program.instance.caps["desk"] == program.instance.caps["spare"]
        async with Host(caps=caps.only("back")) as host:
            with pytest.raises(
                ManifestError, match=r"grants\.desk\.given: the host holds no 'front'; it holds back"
            ):
                async with assemble(host, manifest):
                    pytest.fail("it was started")

    asyncio.run(run())
    assert desk.told == ["hello", "you"]


def test_a_manifest_made_in_python_is_its_makers_own_word(tmp_path: Path) -> None:
    desk = Desk()
    read = read_manifest(write(tmp_path, guest("grants.get_desk().tell('made')")), OURS)
    made = Manifest(
        path=tmp_path / "made",
        module=read.module,
        bindings=read.bindings,
        args=read.args,
        wasi={"entropy": Standard("entropy", {})},
        grants={"desk": Given("desk"), "peer": Wired("worker", "a")},
    )
    component = dataclasses.replace(made, grants={"desk": Given("desk")})
    loop = dataclasses.replace(made, grants={"desk": Given("desk"), "peer": Wired("worker", "a")})

    async def run(manifest: Manifest) -> None:
        async with (
            Host(caps=CapSet({"desk": desk})) as host,
            assemble(host, manifest) as program,
        ):
            await program.run()

    asyncio.run(run(dataclasses.replace(made, components={"a": component})))
    assert desk.told == ["made"]
    with pytest.raises(ManifestError, match=r"in a loop: a -\(grants\.peer\)-> a"):
        asyncio.run(run(dataclasses.replace(made, components={"a": loop})))


@pytest.mark.parametrize(
    ("holdings", "more", "words"),
    [
        (Holdings(), "[wasi]\nstdout = true", "wasi.stdout.kind: the host gives no console; it gives none"),
        (
            Holdings(kinds=frozenset({"timer"})),
            "[grants.d]\nkind = 'directory'\npath = '.'",
            "grants.d.kind: the host gives no directory; it gives timer. Mend: add it to `kinds` in",
        ),
        (
            Holdings(kinds=frozenset({"directory"})),
            "[grants.d]\nkind = 'directory'\npath = '.'",
            "grants.d.path: '.' is in no folder that the host gives. Mend: allow its folder, with",
        ),
        (Holdings(), DESK, "desk.factory: the host runs no code that a manifest names. Mend: take it out"),
        (Holdings(), "bindings = 'x.py'", "bindings: the host runs no code that a manifest names"),
        (Holdings(), "components.c.wasi.timer = true\ncomponents.c.module = 'x'", "c.wasi.timer.kind: the"),
    ],
)  # fmt: skip
def test_a_manifest_gets_nothing_that_the_host_does_not_give(
    tmp_path: Path, holdings: Holdings, more: str, words: str
) -> None:
    path = write(tmp_path, f'module = "x"\n{more}\n')
    assert read_manifest(path, MACHINE)
    with pytest.raises(ManifestError) as caught:
        read_manifest(path, holdings)
    assert words in str(caught.value)


def test_folders_outside_are_allowed_by_name(capwit: Any, tmp_path: Path) -> None:
    own, other = tmp_path / "own", tmp_path / "other"
    own.mkdir()
    other.mkdir()
    manifest = write(own, 'module = "gone.wasm"\n[grants.d]\nkind = "directory"\npath = "../other"\n')
    done = capwit("run", manifest)
    assert done.code == exits.BAD_MANIFEST
    assert "grants.d.path: '../other' is outside of the manifest's folder. Mend: allow" in done.err
    assert "gone.wasm: No such file" in capwit("run", "--allow-dir", other, manifest).err
    assert "outside of" in capwit("run", "--allow-dir", own, manifest).err


def test_a_factory_outside_is_not_run(capwit: Any, tmp_path: Path) -> None:
    own, other = tmp_path / "own", tmp_path / "other"
    own.mkdir()
    other.mkdir()
    (other / "outside.py").write_text("print('ran')\n" + DESKS)
    (own / "outside.py").symlink_to(other / "outside.py")
    text = (
        guest("print(grants.get_desk().echo('you'))") + SANDBOX + '[grants.desk]\nfactory = "outside:make"\n'
    )
    manifest = write(own, text)
    done = capwit("run", manifest)
    assert (done.code, done.out) == (exits.BAD_MANIFEST, "")
    assert "grants.desk.factory: 'outside.py' is outside of the manifest's folder" in done.err
    assert capwit("run", "--allow-dir", other, manifest).out == "ran\nhello you\n"


def test_bindings_outside_are_not_run(capwit: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own, other = tmp_path / "own", tmp_path / "other"
    own.mkdir()
    other.mkdir()
    (other / "elsewhere.py").write_text("print('ran')\n")
    manifest = write(own, 'module = "gone.wasm"\nbindings = "../other/elsewhere.py"\n')
    done = capwit("run", manifest)
    assert (done.code, done.out) == (exits.BAD_MANIFEST, "")
    assert "bindings: '../other/elsewhere.py' is outside of the manifest's folder. Mend: allow" in done.err
    policy = write(own, "code = true", "policy.toml")
    monkeypatch.chdir(tmp_path)  # what is in the working folder is run, unless a policy says what is
    assert capwit("run", "--policy", policy, manifest).out == ""
    assert capwit("run", manifest).out == "ran\n"


def test_what_a_module_has_imported_is_no_factory(capwit: Any, tmp_path: Path) -> None:
    (tmp_path / "imports.py").write_text("from os import system\n")
    text = guest() + SANDBOX + '[grants.desk]\nfactory = "imports:system"\ncommand = "echo ran"\n'
    done = capwit("run", write(tmp_path, text))
    assert (done.code, done.out) == (exits.BAD_MANIFEST, "")
    assert "grants.desk.factory: system is not of imports.py itself. Mend: define it there" in done.err


@pytest.mark.parametrize(
    "grant", [{"kind": "directory", "path": "sub/deep"}, {"kind": "audit", "path": "sub/log"}]
)
def test_a_link_that_comes_after_a_path_was_checked_is_not_followed(
    tmp_path: Path, grant: dict[str, str]
) -> None:
    own, other = tmp_path / "own", tmp_path / "other"
    (own / "sub").mkdir(parents=True)
    (other / "deep").mkdir(parents=True)
    manifest = parse_manifest({"module": "x", "grants": {"it": grant}}, own / "app.toml", MACHINE)
    (own / "sub").rename(own / "was")
    (own / "sub").symlink_to(other)
    with pytest.raises(ManifestError, match=r"sub/.*: Not a directory"):
        asyncio.run(make_source(manifest.grants["it"], "here"))
    assert not (other / "log").exists()


def test_no_component_changes_what_another_is_granted(capwit: Any, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "mine").write_text("")
    moves = "f = grants.get_folder(); f.rename('sub', f, 'was'); f.create_directory('sub')"
    inner = guest(moves, "components.a") + "[components.a.wasi]\nentropy = true\n"
    inner += '[components.a.grants.desk]\nfactory = "desks:make"\n'
    inner += '[components.a.grants.folder]\nkind = "directory"\npath = "."\n'
    text = guest("print([each.name for each in grants.get_folder().list(0, 9).value])") + SANDBOX + DESK
    text += '[grants.folder]\nkind = "directory"\npath = "sub"\n' + PEER.format("a")
    done = capwit("run", write(tmp_path, text + inner))
    assert (done.out, done.code) == ("['mine']\n", 0)


def test_a_policy_says_what_the_host_gives(capwit: Any, tmp_path: Path) -> None:
    program, host = tmp_path / "program", tmp_path / "host"
    program.mkdir()
    host.mkdir()
    text = guest("print(grants.get_desk().echo('you'))") + SANDBOX + '[grants.desk]\ngiven = "reception"\n'
    manifest = write(program, text)
    done = capwit("run", manifest)
    assert done.code == exits.BAD_MANIFEST
    assert "grants.desk.given: the host holds no 'reception'; it holds nothing" in done.err
    policy = write(
        host,
        f"""
kinds = ["console", "entropy"]
folders = ["{GENERATED}"]
[caps.reception]
factory = "desks:make"
greeting = "welcome"
[limits]
wall = "1min"
""",
        "policy.toml",
    )
    assert capwit("run", "--policy", policy, manifest).out == "welcome you\n"
    # The policy's folder is not the manifest's: what is given there does not open it.
    write(program, text.replace(SANDBOX, SANDBOX + "timer = true\n"))
    done = capwit("run", "--policy", policy, manifest)
    assert "wasi.timer.kind: the host gives no timer; it gives console, entropy" in done.err


@pytest.mark.parametrize(
    ("policy", "limits", "words"),
    [
        ("wall = '10s'", "wall = '1min'", "limits.wall: '1min' is more than the '10s' that the host gives"),
        ("wall = '10s'", "wall = 'none'", "limits.wall: 'none' is more than the '10s'"),
        ("fuel = 1000", "fuel = 2000", "limits.fuel: 2000 is more than the 1000 that the host gives"),
        ("memory = '1MiB'", "memory = 2_000_000", "limits.memory: 2000000 is more than the '1MiB'"),
        ("handles = 5", "handles = 6", "limits.handles: 6 is more than the 5 that the host gives. Mend: ask"),
    ],
)  # fmt: skip
def test_a_policy_bounds_the_limits(
    capwit: Any, tmp_path: Path, policy: str, limits: str, words: str
) -> None:
    held = write(tmp_path, f"[limits]\n{policy}\n", "policy.toml")
    done = capwit("run", "--policy", held, write(tmp_path, f'module = "gone"\n[limits]\n{limits}\n'))
    assert done.code == exits.BAD_MANIFEST
    assert words in done.err
    inside = f'module = "gone"\n[components.c]\nmodule = "gone"\nlimits.{limits}\n'
    done = capwit("run", "--policy", held, write(tmp_path, inside))
    assert f"components.c.{words}" in done.err
    assert "gone: No such file" in capwit("run", "--policy", held, write(tmp_path, 'module = "gone"\n')).err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("kinds = ['consle']", "kinds: expected some of console, "),
        ("kinds = 3", "kinds: expected a list of strings, got 3"),
        ("folders = 'x'", "folders: expected a list of strings, got 'x'"),
        ("code = 'no'", "code: expected true or false, got 'no'"),
        (
            "kind = []",
            "kind: unknown key; known are kinds, folders, code, connect, listen, fetch, names, ",
        ),
        ("caps = 3", "caps: expected a table of caps, got 3"),
        ("caps.x.kind = 'consle'", "caps.x.kind: expected one of console"),
        ("caps.x.given = 'y'", "caps.x: expected a `kind` of capability or a `factory`"),
        ("max_instances = 0", "max_instances: expected a whole number above 0, got 0"),
        ("max_instances = true", "max_instances: expected a whole number above 0, got True"),
        ("limits.fuel = 0", "limits.fuel: expected a whole number above 0"),
        ("kinds = [", "not TOML: "),
    ],
)
def test_a_policy_that_is_wrong(capwit: Any, tmp_path: Path, text: str, words: str) -> None:
    policy = write(tmp_path, text, "policy.toml")
    done = capwit("run", "--policy", policy, write(tmp_path, 'module = "gone"'))
    assert done.code == exits.BAD_MANIFEST
    assert "policy.toml: " in done.err
    assert words in done.err


def test_a_host_has_so_many_instances(capwit: Any, tmp_path: Path) -> None:
    text = guest("print('ran')") + SANDBOX + DESK + PEER.format("a") + component("a")
    manifest = write(tmp_path, text)
    two, one = (
        write(tmp_path, f'max_instances = {n}\nfolders = ["{GENERATED}"]', f"{n}.toml") for n in (2, 1)
    )
    assert capwit("run", "--policy", two, manifest).out == "ran\n"
    done = capwit("run", "--policy", one, manifest)
    assert (done.code, done.out) == (exits.LIMIT, "")
    assert "the host has 1 live instances, its limit. Mend: end some, or" in done.err


def test_a_component_by_itself_has_what_the_host_gives(capwit: Any, tmp_path: Path) -> None:
    policy = write(tmp_path, 'kinds = ["console", "stderr", "entropy"]', "policy.toml")
    desk = f"desk={tmp_path / 'desks.py'}:make"
    options = ["--bindings", generated(SCHEMA) / "probe.py", "--grant", desk]
    done = capwit("run", "--policy", policy, *options, probe_guest(), "print('ran'); time.monotonic()")
    assert (done.code, done.out) == (exits.NOT_GRANTED, "ran\n")
    assert "wasi:clocks/monotonic-clock is not granted. Mend: grant `timer`" in done.err


def test_code_may_be_left_to_the_hosts_owner(capwit: Any, tmp_path: Path) -> None:
    policy = write(tmp_path, "code = false", "policy.toml")
    text = guest("print(grants.get_desk().echo('you'))") + SANDBOX
    lines = text.splitlines()
    bindings = next(line for line in lines if line.startswith("bindings")).split('"')[1]
    text = "\n".join(line for line in lines if not line.startswith("bindings"))
    manifest = write(tmp_path, text)
    done = capwit(
        "run", "--policy", policy, "--bindings", bindings,
        "--grant", f"desk={tmp_path / 'desks.py'}:make", manifest,
    )  # fmt: skip
    assert (done.code, done.out, done.err) == (0, "hello you\n", "")
