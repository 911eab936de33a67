"""Calls that never wait beside those that may: the same answers, also when a grant is cut or memory grows."""

from __future__ import annotations

import asyncio
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import Host, InstanceEnded, Policy, never_waits
from capwit.caps import MemoryConsole, MemoryDirectory, SystemEntropy
from capwit.caps.files import DirectoryClient, FileClient
from capwit.caps.standard import Instant
from capwit.caps.using import open_flags, value
from capwit.caps.wasi import WasiGrants
from capwit.preview1.abi import Errno

from tests.bridge.support import scenario
from tests.preview1.machine import ALL, machine
from tests.preview1.support import wat

if TYPE_CHECKING:
    from collections.abc import Callable

    from capwit.bridge import ModuleInstance

_IMPORTS = {
    "clock_time_get": "i32 i64 i32",
    "fd_pread": "i32 i32 i32 i64 i32",
    "fd_read": "i32 i32 i32 i32",
    "fd_write": "i32 i32 i32 i32",
    "path_open": "i32 i32 i32 i32 i32 i64 i64 i32 i32",
    "random_get": "i32 i32",
}
# Each of them, from a guest that has opened its file as 4 before.
_CALLS = {
    "clock_time_get": "(call $clock_time_get (i32.const 1) (i64.const 0) (i32.const 128))",
    "fd_pread": "(call $fd_pread (i32.const 4) (i32.const 0) (i32.const 1) (i64.const 0) (i32.const 16))",
    "fd_read": "(call $fd_read (i32.const 4) (i32.const 0) (i32.const 1) (i32.const 16))",
    "fd_write": "(call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16))",
    "path_open": "(call $open)",
    "random_get": "(call $random_get (i32.const 1024) (i32.const 16))",
}
_ANSWERS, _LAST = 2048, 65536


@cache
def module() -> bytes:
    """Loops of each call, its errnos one after the other; before each call it looks at the time of day.

    `grow` makes its memory larger before each call, and counts what is not as it should be.
    """
    imports = "".join(
        f'(import "wasi_snapshot_preview1" "{name}" (func ${name} (param {params}) (result i32)))'
        for name, params in _IMPORTS.items()
    )
    loops = "".join(
        f"""(func (export "{name}") (param $n i32) (local $i i32)
          (loop $l
            (drop (call $clock_time_get (i32.const 0) (i64.const 0) (i32.const 64)))
            (i32.store8 (i32.add (i32.const {_ANSWERS}) (local.get $i)) {call})
            (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n)))))"""
        for name, call in _CALLS.items()
    )
    return wat(f"""(module {imports} (memory (export "memory") 1)
      (data (i32.const 0) "\\00\\04\\00\\00\\10\\00\\00\\00")
      (data (i32.const 32) "data")
      (func $open (result i32) (call $path_open (i32.const 3) (i32.const 0) (i32.const 32) (i32.const 4)
        (i32.const 0) (i64.const {ALL}) (i64.const {ALL}) (i32.const 0) (i32.const 20)))
      (func (export "begin") (result i32) (call $open))
      (func $start (drop (call $clock_time_get (i32.const 1) (i64.const 0) (i32.const 256))))
      (start $start)
      {loops}
      (func (export "grow") (param $n i32) (result i32) (local $bad i32) (local $end i32)
        (loop $l
          (drop (memory.grow (i32.const 1)))
          (local.set $end (i32.mul (memory.size) (i32.const {_LAST})))
          (local.set $bad (i32.add (local.get $bad)
            (call $clock_time_get (i32.const 1) (i64.const 0) (i32.sub (local.get $end) (i32.const 8)))))
          (local.set $bad (i32.add (local.get $bad)
            (i64.ne (i64.load (i32.sub (local.get $end) (i32.const 8))) (i64.const 7))))
          (local.set $bad (i32.add (local.get $bad) (i32.ne (i32.const {Errno.FAULT.value})
            (call $clock_time_get (i32.const 1) (i64.const 0) (i32.sub (local.get $end) (i32.const 7))))))
          (i32.store (i32.const 0) (i32.sub (local.get $end) (i32.const 4)))
          (i32.store (i32.const 4) (i32.const 4))
          (i32.store (i32.sub (local.get $end) (i32.const 4)) (i32.const 0x2d2d2d2d))
          (local.set $bad (i32.add (local.get $bad)
            (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16))))
          (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $bad))
      (func (export "peek") (param i32) (result i32) (i32.load8_u (local.get 0))))""")


class Day:
    """A time of day that sets something off when it has been looked at so often."""

    def __init__(self, at: int = -1, then: Callable[[], object] = lambda: None) -> None:
        self.left = at
        self.then = then

    @never_waits
    def now(self) -> Instant:
        self.left -= 1
        if not self.left:
            self.then()
        return Instant(1, 0)

    @never_waits
    def resolution(self) -> Instant:
        return Instant(0, 1)


class Seven:
    """A timer that never waits."""

    @never_waits
    def now(self) -> int:
        return 7

    @never_waits
    def resolution(self) -> int:
        return 1

    async def sleep_until(self, deadline: int) -> None:
        """Do nothing."""


class LateSeven(Seven):
    """One that has to be awaited: what it overrides says nothing about it."""

    async def now(self) -> int:  # type: ignore[override]
        await asyncio.sleep(0)
        return 7


class LateConsole(MemoryConsole):
    async def write(self, data: bytes) -> None:  # type: ignore[override]
        await asyncio.sleep(0)
        super().write(data)


class LateEntropy(SystemEntropy):
    async def fill(self, length: int) -> bytes:  # type: ignore[override]
        await asyncio.sleep(0)
        return super().fill(length)


class LateDay(Day):
    async def now(self) -> Instant:  # type: ignore[override]
        await asyncio.sleep(0)
        return super().now()


async def folder() -> MemoryDirectory:
    directory = MemoryDirectory()
    opened = value(await DirectoryClient(directory).open("data", open_flags(write=True, create=True)))
    assert isinstance(opened, FileClient)
    value(await opened.write(0, b"x" * 1000))
    return directory


async def granted(name: str, day: Day, *, waits: bool) -> dict[str, Any]:
    """Grant what a call needs and no more: with a folder, writing to a console may wait, too."""
    timer, console, entropy = (
        (LateSeven(), LateConsole(), LateEntropy()) if waits else (Seven(), MemoryConsole(), SystemEntropy())
    )
    grants = {"timer": timer, "stdout": console, "entropy": entropy, "wall_clock": day}
    return {**grants, "preopens": {"/": await folder()}} if "read" in name or "path" in name else grants


GRANTS = {
    "clock_time_get": ("wasi.timer", "timer.now"),
    "fd_pread": ("wasi.preopens./", "file.read"),
    "fd_read": ("wasi.preopens./", "file.read"),
    "fd_write": ("wasi.stdout", "console.write"),
    "path_open": ("wasi.preopens./", "directory.open"),
    "random_get": ("wasi.entropy", "entropy-source.fill"),
}


async def answers(instance: ModuleInstance, name: str, n: int) -> list[Errno]:
    await instance.call("begin")
    await instance.call(name, n)
    return [Errno(await instance.call("peek", _ANSWERS + i)) for i in range(n)]


@pytest.mark.parametrize("waits", [False, True], ids=["at once", "may wait"])
@pytest.mark.parametrize("name", _CALLS)
@scenario
async def test_a_grant_is_cut_between_two_calls_of_a_guest(name: str, waits: bool) -> None:
    day = LateDay(3) if waits else Day(3)
    async with Host() as host:
        loaded = await host.load_module(module(), name="loops.wasm")
        grants = WasiGrants(**await granted(name, day, waits=waits))
        async with loaded.instantiate(grants) as instance:
            day.then = lambda: instance.revoke(GRANTS[name][0], "for the test")
            cut = Errno.NOTCAPABLE
            assert await answers(instance, name, 5) == [Errno.SUCCESS, Errno.SUCCESS, cut, cut, cut]


@pytest.mark.parametrize("waits", [False, True], ids=["at once", "may wait"])
@pytest.mark.parametrize("name", _CALLS)
@scenario
async def test_a_grant_is_narrowed_between_two_calls_of_a_guest(name: str, waits: bool) -> None:
    allowed = [True]
    day = LateDay(3, allowed.clear) if waits else Day(3, allowed.clear)
    grant, method = GRANTS[name]
    policies = {grant: Policy(guards={method: lambda *_: bool(allowed)})}
    async with Host() as host:
        loaded = await host.load_module(module(), name="loops.wasm")
        grants = WasiGrants(**await granted(name, day, waits=waits))
        async with loaded.instantiate(grants, policies=policies) as instance:
            cut = Errno.NOTCAPABLE
            assert await answers(instance, name, 5) == [Errno.SUCCESS, Errno.SUCCESS, cut, cut, cut]


@pytest.mark.parametrize("waits", [False, True], ids=["at once", "may wait"])
@scenario
async def test_a_grant_is_used_up_between_two_calls_of_a_guest(waits: bool) -> None:
    async with Host() as host:
        loaded = await host.load_module(module(), name="loops.wasm")
        grants = WasiGrants(**await granted("random_get", Day(), waits=waits))
        policies = {"wasi.entropy": Policy(calls=2), "wasi.stdout": Policy(bytes=40)}
        async with loaded.instantiate(grants, policies=policies) as instance:
            for name in ("random_get", "fd_write"):
                assert await answers(instance, name, 3) == [Errno.SUCCESS, Errno.SUCCESS, Errno.NOSPC]


@pytest.mark.parametrize("waits", [False, True], ids=["at once", "may wait"])
@scenario
async def test_a_memory_that_grows_between_calls(waits: bool) -> None:
    async with Host() as host:
        loaded = await host.load_module(module(), name="loops.wasm")
        grants = await granted("grow", Day(), waits=waits)
        async with loaded.instantiate(WasiGrants(**grants)) as instance:
            assert await instance.call("grow", 1_000) == 0
        assert grants["stdout"].text == "----" * 1_000


@scenario
async def test_what_says_that_it_never_waits_and_does() -> None:
    class Liar(Seven):
        @never_waits
        async def now(self) -> int:  # type: ignore[override]
            await asyncio.sleep(1)
            return 7

    async with Host() as host:
        loaded = await host.load_module(module(), name="loops.wasm")
        with pytest.raises(InstanceEnded, match=r"clock_time_get: .*`never_waits`"):
            async with loaded.instantiate(WasiGrants(timer=Liar())) as instance:
                await instance.call("clock_time_get", 1)
        assert host.ledger.balance == 0


@scenario
async def test_more_random_bytes_than_one_call_has() -> None:
    async with machine(entropy=SystemEntropy()) as m:
        assert await m.call("random_get", 0, 2 * _LAST) is Errno.SUCCESS
        assert len(set(await m.peek(_LAST, 64))) > 10
