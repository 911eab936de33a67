"""WASI's imports one by one, from components of a few lines: versions, refusals, exits, limits."""

from __future__ import annotations

from typing import Any

import pytest
from capwit.bridge import EngineError, GuestExit, Host, InstanceEnded, LimitExceeded, LinkError, Trap
from capwit.caps.local import FixedClock, SystemEntropy, SystemTimer
from capwit.preview2 import WasiGrants

from tests.bridge.support import scenario
from tests.support.components import wat
from tests.support.isolation import handles
from tests.support.wasi import held_to

IN_ONE_PROCESS: dict[str, str] = {}
EVERY_RUN = {
    "test_a_call_that_is_refused_has_its_own_error",
    "test_a_call_that_has_no_error_to_give_ends_the_guest",
    "test_a_list_that_is_refused_is_empty",
}

MEMORY = """
  (core module $m (memory (export "memory") 4) (global $top (mut i32) (i32.const 4096))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.get $top) (global.set $top (i32.add (global.get $top) (local.get 3)))))
  (core instance $m (instantiate $m))
  (alias core export $m "memory" (core memory $memory))
"""


def calling(interface: str, import_: str, result: str, lower: str, *, body: str, types: str = "") -> bytes:
    """A component whose `run` calls one imported function `f`, and answers with a number."""
    return wat(f"""
      {types}
      (import "{interface}" (instance $i {import_}))
      {MEMORY}
      (core func $f (canon lower (func $i "{result}")
        (memory $memory) (realloc (core func $m "realloc"))))
      (core module $main
        (import "" "f" (func $f {lower}))
        (import "" "memory" (memory 4))
        (func (export "run") (result i64) {body}))
      (core instance $main (instantiate $main (with "" (instance
        (export "f" (func $f)) (export "memory" (memory $memory))))))
      (func (export "run") (result u64) (canon lift (core func $main "run")))""")


def plain(interface: str, function: str, type: str, *, body: str, lower: str) -> bytes:
    """`calling` a function of simple types."""
    return calling(interface, f'(export "{function}" (func {type}))', function, lower, body=body)


async def run(binary: bytes, **given: Any) -> int:
    """Instantiate a component on WASI grants, and call its `run`."""
    async with Host() as host:
        app = await host.load(binary, name="small.wasm")
        async with app.instantiate(WasiGrants(**given)) as instance:
            return int(await instance.call("run"))


def now(version: str) -> bytes:
    return plain(
        f"wasi:clocks/monotonic-clock@{version}",
        "resolution",
        "(result u64)",
        body="(call $f)",
        lower="(result i64)",
    )


@pytest.mark.parametrize("version", [*(f"0.2.{patch}" for patch in range(13)), "0.2.99"])
@scenario
async def test_any_patch_of_version_0_2(version: str) -> None:
    assert await run(now(version), timer=SystemTimer(resolution=5_000)) == 5_000


@pytest.mark.parametrize("version", ["0.1.0", "0.3.0", "0.2.0-rc-2023-11-10", "1.0.0"])
@scenario
async def test_other_versions_are_not_served(version: str) -> None:
    with pytest.raises(
        LinkError, match=f"it imports wasi:clocks/monotonic-clock@{version}, and nothing here"
    ):
        await run(now(version), timer=SystemTimer())


@scenario
async def test_random_u64() -> None:
    binary = plain(
        "wasi:random/insecure@0.2.0",
        "get-insecure-random-u64",
        "(result u64)",
        body="(call $f)",
        lower="(result i64)",
    )
    assert await run(binary, entropy=SystemEntropy()) != await run(binary, entropy=SystemEntropy())


@scenario
async def test_too_much_entropy_at_once() -> None:
    binary = plain(
        "wasi:random/random@0.2.0", "get-random-bytes", '(param "len" u64) (result (list u8))',
        body="(call $f (i64.const 0x7fffffffffffffff) (i32.const 16)) (i64.const 0)", lower="(param i64 i32)",
    )  # fmt: skip
    with pytest.raises(LimitExceeded, match="the most is 1048576"):
        await run(binary, entropy=SystemEntropy())


@pytest.mark.parametrize("code", [0, 1, 7, 255])
@scenario
async def test_exit_with_code(code: int) -> None:
    binary = plain(
        "wasi:cli/exit@0.2.6", "exit-with-code", '(param "status-code" u8)',
        body=f"(call $f (i32.const {code})) (i64.const 0)", lower="(param i32)",
    )  # fmt: skip
    with held_to("exit-with-code"), pytest.raises(GuestExit) as ended:
        await run(binary)
    assert ended.value.code == code


@pytest.mark.parametrize(("status", "code"), [(0, 0), (1, 1)])
@scenario
async def test_exit(status: int, code: int) -> None:
    binary = plain(
        "wasi:cli/exit@0.2.0", "exit", '(param "status" (result))',
        body=f"(call $f (i32.const {status})) (i64.const 0)", lower="(param i32)",
    )  # fmt: skip
    with held_to("exit"), pytest.raises(GuestExit) as ended:
        await run(binary)
    assert ended.value.code == code


@scenario
async def test_a_component_that_exits_while_it_is_instantiated() -> None:
    binary = wat("""
      (import "wasi:cli/exit@0.2.0" (instance $i (export "exit" (func (param "status" (result))))))
      (core func $f (canon lower (func $i "exit")))
      (core module $main (import "" "f" (func $f (param i32)))
        (func $start (call $f (i32.const 0))) (start $start))
      (core instance (instantiate $main (with "" (instance (export "f" (func $f))))))""")
    async with Host() as host:
        app = await host.load(binary)
        with pytest.raises(GuestExit):
            await app.start()
    assert host.ledger.balance == 0


@scenario
async def test_a_list_that_is_refused_is_empty() -> None:
    binary = calling(
        "wasi:made/up@0.2.0",
        '(export "it" (type $d (sub resource)))'
        '(export "all" (func (result (list (tuple (own $d) string)))))',
        "all", "(param i32)",
        body="(call $f (i32.const 16)) (i64.load32_u (i32.const 20))",
    )  # fmt: skip
    assert await run(binary) == 0


@scenario
async def test_an_option_that_is_refused_is_none() -> None:
    binary = calling(
        "wasi:made/up@0.2.0",
        '(export "it" (type $t (sub resource))) (export "one" (func (result (option (own $t)))))',
        "one", "(param i32)",
        body="""(i64.store (i32.const 16) (i64.const -1)) (call $f (i32.const 16))
          (i64.load8_u (i32.const 16))""",
    )  # fmt: skip
    assert await run(binary) == 0


@pytest.mark.parametrize(
    ("labels", "refusal"),
    [
        ('"access" "again"', "access"),
        ('"unknown" "access-denied"', "access-denied"),
        ('"again" "not-permitted"', "not-permitted"),
    ],
)
@scenario
async def test_a_call_that_is_refused_has_its_own_error(labels: str, refusal: str) -> None:
    binary = calling(
        "wasi:made/up@0.2.0",
        f'(type $e (enum {labels})) (export "error-code" (type $error (eq $e)))'
        '(export "try" (func (result (result u32 (error $error)))))',
        "try", "(param i32)",
        body="""(call $f (i32.const 16))
          (i64.or (i64.shl (i64.load8_u (i32.const 16)) (i64.const 8)) (i64.load8_u (i32.const 20)))""",
    )  # fmt: skip
    index = [label.strip('"') for label in labels.split()].index(refusal)
    assert await run(binary) == 1 << 8 | index


@scenario
async def test_what_is_given_to_a_call_that_is_refused_is_released() -> None:
    binary = wat(f"""
      {POLL}
      (import "wasi:made/up@0.2.0" (instance $i
        (alias outer 1 $pollable (type $p')) (export "pollable" (type $p (eq $p')))
        (export "take" (func (param "it" (own $p)) (result (option u8))))))
      {MEMORY}
      (core func $take (canon lower (func $i "take") (memory $memory)))
      (core func $timer (canon lower (func $clock "subscribe-duration")))
      (core module $main
        (import "" "take" (func $take (param i32 i32)))
        (import "" "timer" (func $timer (param i64) (result i32)))
        (func (export "run") (call $take (call $timer (i64.const 1)) (i32.const 16))))
      (core instance $main (instantiate $main (with "" (instance
        (export "take" (func $take)) (export "timer" (func $timer))))))
      (func (export "run") (canon lift (core func $main "run")))""")
    async with Host() as host:
        app = await host.load(binary)
        async with app.instantiate(WasiGrants(timer=SystemTimer())) as instance:
            await instance.call("run")
            assert await handles(instance) == 0


@scenario
async def test_a_call_that_has_no_error_to_give_ends_the_guest() -> None:
    binary = plain("wasi:made/up@0.2.0", "count", "(result u64)", body="(call $f)", lower="(result i64)")
    with pytest.raises(InstanceEnded) as ended:
        await run(binary)
    assert str(ended.value) == (
        "wasi:made/up#count is not granted. Mend: this release serves no such function"
    )


@scenario
async def test_what_is_not_called_is_not_missed() -> None:
    binary = plain(
        "wasi:clocks/wall-clock@0.2.0", "count", "(result u64)", body="(i64.const 7)", lower="(result i64)"
    )
    assert await run(binary) == 7


WALL = (
    '(type $d (record (field "seconds" u64) (field "nanoseconds" u32))) (export "datetime" (type $t (eq $d)))'
    '(export "now" (func (result $t)))'
)


@scenario
async def test_the_wall_clock() -> None:
    binary = calling(
        "wasi:clocks/wall-clock@0.2.0", WALL, "now", "(param i32)",
        body="""(call $f (i32.const 16))
          (i64.add (i64.load (i32.const 16)) (i64.load32_u (i32.const 24)))""",
    )  # fmt: skip
    assert await run(binary, wall_clock=FixedClock(1_000, 7)) == 1_007


@pytest.mark.parametrize("instant", [(-1, 0), (0, 2**32), ("now", 0)])
@scenario
async def test_a_clock_that_answers_nonsense_ends_the_guest(instant: Any) -> None:
    binary = calling(
        "wasi:clocks/wall-clock@0.2.0", WALL, "now", "(param i32)",
        body="(call $f (i32.const 16)) (i64.const 0)",
    )  # fmt: skip
    with pytest.raises(EngineError, match=r"wall-clock(#|\.)now: result\.(nano)?seconds: "):
        await run(binary, wall_clock=FixedClock(*instant))


POLL = """
  (import "wasi:io/poll@0.2.0" (instance $poll (export "pollable" (type $p (sub resource)))
    (export "poll" (func (param "in" (list (borrow $p))) (result (list u32))))))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
    (alias outer 1 $pollable (type $p')) (export "pollable" (type $p (eq $p')))
    (export "subscribe-duration" (func (param "when" u64) (result (own $p))))))
"""


def polling(*durations: int) -> bytes:
    """A component that polls timers, and answers with the index of the first that is ready."""
    stores = "".join(
        f"(i32.store (i32.const {64 + 4 * i}) (call $timer (i64.const {duration})))"
        for i, duration in enumerate(durations)
    )
    return wat(f"""
      {POLL} {MEMORY}
      (core func $poll (canon lower (func $poll "poll")
        (memory $memory) (realloc (core func $m "realloc"))))
      (core func $timer (canon lower (func $clock "subscribe-duration")))
      (core module $main
        (import "" "poll" (func $poll (param i32 i32 i32)))
        (import "" "timer" (func $timer (param i64) (result i32)))
        (import "" "memory" (memory 4))
        (func (export "run") (result i64)
          {stores}
          (call $poll (i32.const 64) (i32.const {len(durations)}) (i32.const 16))
          (i64.load32_u (i32.load (i32.const 16)))))
      (core instance $main (instantiate $main (with "" (instance
        (export "poll" (func $poll)) (export "timer" (func $timer))
        (export "memory" (memory $memory))))))
      (func (export "run") (result u64) (canon lift (core func $main "run")))""")


HOUR = 3_600_000_000_000


@pytest.mark.parametrize(
    ("durations", "first"),
    [((HOUR, 0, HOUR), 1), ((HOUR, 50_000_000), 1), ((2**64 - 1, HOUR, 20_000_000), 2)],
)
@scenario
async def test_poll(durations: tuple[int, ...], first: int) -> None:
    assert (
        await run(polling(*(d if d < 2**63 else d - 2**64 for d in durations)), timer=SystemTimer()) == first
    )


@scenario
async def test_polling_nothing_would_never_end() -> None:
    with pytest.raises((InstanceEnded, Trap), match="nothing to wait for"):
        await run(polling(), timer=SystemTimer())


@scenario
async def test_a_pollable_without_a_timer_names_the_grant() -> None:
    with pytest.raises(InstanceEnded, match="grant `timer`"):
        await run(polling(1))
