"""Limits, from a manifest: each is broken by a guest, and says which it was and how much it allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import Host, Limit, LimitExceeded, Limits
from capwit.cli import exits

from tests.bridge.support import scenario
from tests.cli.programs import SANDBOX, guest, write
from tests.support.components import wat

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DESK = '[grants.desk]\nfactory = "desks:make"\n'
LOOP = 'refuel = { component = "a", interface = "fuel-grant" }'
SPIN = "while True: pass"


def core(body: str, start: str = "") -> str:
    """Return a component whose `run` is one function of a core module."""
    return f"""(core module $m {start} (func (export "run") {body}))
      (core instance $m (instantiate $m)) (func (export "run") (canon lift (core func $m "run")))"""


# What a component is, its limits in the manifest, and the words of the error.
BROKEN: dict[str, tuple[str, str, str]] = {
    "fuel": (core("(loop $on (br $on))"), "fuel = 1_000_000", "used up its fuel, all of its 1000000. Mend: "),
    "wall": (core("(loop $on (br $on))"), 'wall = "100ms"', "longer than its wall limit of 0.1 s. Mend: "),
    "memory": (core("", "(memory 17)"), 'memory = "1MiB"', "17 pages of 64 KiB to start: its limit is 1048"),
    "memories": (core("", "(memory 1) (memory 1)"), "", "2 memories, more than its limit of 1. Mend"),
    "table": (core("", "(table 11 funcref)"), "table = 10", "has 11 elements, more than its limit of 10. M"),
    "tables": (
        core("", "(table 1 funcref) (table 1 funcref)"), "tables = 1", "2 tables, more than its limit of 1."
    ),
    "instances": (
        core("") + "(core instance $n (instantiate $m)) (core instance $o (instantiate $m))",
        "instances = 2",
        "made of 3 core instances: its limit is 2. Mend: raise `instances`",
    ),
}  # fmt: skip


@pytest.mark.parametrize("limit", BROKEN)
def test_a_limit_of_the_component(
    capwit: Any, component: Callable[[str], Path], tmp_path: Path, limit: str
) -> None:
    text, limits, words = BROKEN[limit]
    component(text)
    done = capwit("run", write(tmp_path, f'module = "small.wasm"\n[limits]\n{limits}\n'))
    assert (done.code, done.out) == (exits.LIMIT, "")
    assert words in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    ("limits", "code", "words"),
    [
        ("handles = 3", "k = [grants.get_desk() for _ in range(9)]", "the guest holds 3 handles, its limit"),
        ("memory = '64MiB'", "try: bytes(1 << 30)\nexcept MemoryError: sys.exit(3)", None),
    ],
)
def test_a_limit_of_a_guest(capwit: Any, tmp_path: Path, limits: str, code: str, words: str | None) -> None:
    done = capwit("run", write(tmp_path, guest(code) + SANDBOX + DESK + f"[limits]\n{limits}\n"))
    if words is None:  # what a guest asks for at run time, it is told that it cannot have
        assert done.code in (3, exits.TRAPPED)
    else:
        assert done.code == exits.LIMIT
        assert words in done.err


def test_a_component_has_limits_of_its_own(capwit: Any, tmp_path: Path) -> None:
    peer = (
        '[grants.peer]\ncomponent = "a"\ninterface = "worker"\n'
        + guest(prefix="components.a")
        + '[components.a.wasi]\nentropy = true\n[components.a.grants.desk]\nfactory = "desks:make"\n'
        + '[components.a.limits]\nwall = "300ms"\n'
    )
    code = f"""
try: grants.get_peer().exec({SPIN!r})
except Err as error: print(error.value.kind.name, error.value.reason)
"""
    done = capwit("run", "--timeout", "none", write(tmp_path, guest(code) + SANDBOX + DESK + peer))
    assert (done.code, done.out) == (
        0,
        "EXHAUSTED worker.exec: the instance behind it ran into its limit of wall\n",
    )


# -- More fuel --


def test_a_guest_is_refuelled_before_it_runs_out(capwit: Any, component: Any, tmp_path: Path) -> None:
    # About 10 instructions a turn.
    turns = core("""(local $i i32) (local.set $i (i32.const 10000000))
      (loop $on (local.set $i (i32.sub (local.get $i) (i32.const 1))) (br_if $on (local.get $i)))""")
    component(turns)
    program = 'module = "small.wasm"\nlimits.fuel = 1_000_000\n'
    assert capwit("run", write(tmp_path, program)).code == exits.LIMIT
    done = capwit("run", write(tmp_path, program + 'refuel = { kind = "fuel", amount = 1_000_000_000 }\n'))
    assert (done.code, done.err) == (0, "")
    done = capwit("run", write(tmp_path, program + 'refuel = { kind = "fuel", amount = 5_000_000 }\n'))
    assert done.code == exits.LIMIT
    assert "used up its fuel, all of its 6000000" in done.err
    narrow = 'refuel = { kind = "fuel", amount = 1_000_000_000, narrow = { calls = 0 } }\n'
    done = capwit("run", write(tmp_path, program + narrow))
    assert done.code == exits.LIMIT
    assert "no more fuel: exhausted: fuel-grant.take: the grant `fuel-grant` has had its 0 calls" in done.err
    assert "fuel(amount='1000000000'); only calls 0" in capwit("inspect", tmp_path / "app.toml").out


@pytest.mark.parametrize(
    ("refuel", "words"),
    [
        ('refuel = { kind = "fuel", amount = 1 }', "refuel: there is no limit to the fuel. Mend: set `fuel`"),
        ('limits.fuel = 1\nrefuel = 3', "refuel: expected a table of a grant, got 3"),
        ('limits.fuel = 1\nrefuel = { kind = "fuel" }', "refuel.amount: missing; expected a whole number"),
        ('limits.fuel = 1\nrefuel = { kind = "console" }', "refuel: StreamConsole is not a capwit:caps/"),
        (
            'limits.fuel = 1\nrefuel = { kind = "fuel", amount = 1, narrow = { allow = ["x"] } }',
            "refuel.narrow.allow: 'x' is no method of fuel-grant",
        ),
        (
            f'limits.fuel = 1\n{LOOP}\n[components.a]\nmodule = "x"\nlimits.fuel = 1\n{LOOP}',
            "in a loop: a -(refuel)-> a",
        ),
    ],
)  # fmt: skip
def test_fuel_that_is_wrong(capwit: Any, component: Any, tmp_path: Path, refuel: str, words: str) -> None:
    component(core(""))
    done = capwit("run", write(tmp_path, f'module = "small.wasm"\n{refuel}\n'))
    assert done.code == exits.BAD_MANIFEST
    assert words in done.err


# -- Hosts --


@scenario
async def test_instances_of_a_host_are_counted_until_they_have_ended() -> None:
    async with Host(max_instances=2) as host:
        app = await host.load(wat(core("(unreachable)")))
        first = await app.start()
        async with app.instantiate():
            with pytest.raises(LimitExceeded, match="the host has 2 live instances, its limit") as caught:
                await app.start()
            assert caught.value.limit is Limit.INSTANCES
        second = await app.start()
        with pytest.raises(LimitExceeded):
            await app.start()
        with pytest.raises(Exception, match="unreachable"):
            await second.call("run")
        await app.start()
        await first.close()
        heavy = await host.load(wat(core("", "(memory 100)")))
        for _ in range(3):  # what cannot start takes no room
            with pytest.raises(LimitExceeded, match="pages of 64 KiB to start"):
                await heavy.start(limits=Limits(memory="1MiB"))
        await app.start()


def test_the_defaults_end_what_would_never_end() -> None:
    amounts = Limits().amounts()
    assert amounts["wall"] == 60
    assert all(amount < float("inf") for name, amount in amounts.items() if name != "fuel")
    assert Limits(fuel="none", wall="none").amounts()["wall"] == float("inf")
