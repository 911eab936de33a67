"""Core modules that call generated interfaces: a handle is a descriptor, and values lie in their memory.

That values of every type do so as the canonical ABI says is held by `tests/engine/test_core_values.py`.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest
import wasmtime
from capwit.bridge import (
    CapError,
    ErrorKind,
    GrantError,
    Host,
    Limit,
    LimitExceeded,
    Limits,
    LinkError,
    Policy,
    Trap,
)
from capwit.caps import HostDirectory, MemoryDirectory
from capwit.caps.wasi import WasiGrants
from capwit.preview1.abi import FdFlags, OFlags, Rights
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.bridge.support import Desk, bindings, probe, scenario
from tests.bridge.test_guest_objects import SCHEMA as HUB

if TYPE_CHECKING:
    from pathlib import Path

GRANTS: Final = "test:probe/app-grants@0.1.0"
PROBE: Final = "test:probe/probe@0.1.0"
WASI: Final = "wasi_snapshot_preview1"
TRAP: Final = "(unreachable)"

IMPORTS: Final = f"""
  (import "{GRANTS}" "get-desk" (func $get-desk (result i32)))
  (import "{GRANTS}" "get-folder" (func $get-folder (param i32)))
  (import "{PROBE}" "[method]desk.echo" (func $echo (param i32 i32 i32 i32)))
  (import "{PROBE}" "[method]desk.make" (func $make (param i32 i32 i32 i32)))
  (import "{PROBE}" "[method]desk.look" (func $look (param i32 i32 i32)))
  (import "{PROBE}" "[method]desk.take" (func $take (param i32 i32 i32)))
  (import "{PROBE}" "[method]desk.unpack" (func $unpack (param i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "{PROBE}" "[method]item.name" (func $name (param i32 i32)))
  (import "{PROBE}" "[method]item.same" (func $same (param i32 i32 i32)))
  (import "{PROBE}" "[resource-drop]desk" (func $drop-desk (param i32)))
  (import "{PROBE}" "[resource-drop]item" (func $drop-item (param i32)))
  (import "{WASI}" "fd_close" (func $fd_close (param i32) (result i32)))
  (import "{WASI}" "fd_renumber" (func $fd_renumber (param i32 i32) (result i32)))
  (import "{WASI}" "fd_fdstat_get" (func $fd_fdstat_get (param i32 i32) (result i32)))
  (import "{WASI}" "fd_filestat_get" (func $fd_filestat_get (param i32 i32) (result i32)))
"""
MEMORY: Final = '(memory (export "memory") 2) (data (i32.const 16) "hello")'
ALLOCATOR: Final = """
  (global $heap (mut i32) (i32.const 4096))
  (func $realloc (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $heap) (i32.sub (local.get 2) (i32.const 1)))
      (i32.sub (i32.const 0) (local.get 2))))
    (global.set $heap (i32.add (local.get $at) (local.get 3)))
    (local.get $at))
"""
NAME: Final = "(call $name {} (i32.const 80))"
AGAIN: Final = NAME.format("(i32.const 4)")
UNPACK: Final = "(call $unpack (call $get-desk) (i32.const 16) (i32.const 5) {} (i32.const 80)) (i32.const 0)"
# `$item` gives an item named "hello", and traps where it cannot.
HELPERS: Final = """
  (global $desk (mut i32) (i32.const 0))
  (func $item (result i32)
    (if (i32.eqz (global.get $desk)) (then (global.set $desk (call $get-desk))))
    (call $make (global.get $desk) (i32.const 16) (i32.const 5) (i32.const 64))
    (if (i32.load8_u (i32.const 64)) (then (unreachable)))
    (i32.load (i32.const 68)))
"""


def wat(text: str) -> bytes:
    return bytes(wasmtime.wat2wasm(f"(module {text})"))


def program(body: str, memory: str = MEMORY, allocator: str = ALLOCATOR, more: str = "") -> bytes:
    """A module that imports all there is, whose `run` does what `body` says, and returns a number."""
    return wat(f'{IMPORTS} {memory} {allocator} {HELPERS} {more} (func (export "run") (result i32) {body})')


@dataclass(frozen=True)
class Ran:
    """What a module returned, and how the ledger counted it."""

    answer: int
    events: dict[str, int]


async def run(binary: bytes, desk: Desk | None = None, limits: Limits | None = None, **grants: Any) -> Ran:
    """Run a module on a desk, and see that nothing of it is left."""
    policies = grants.pop("policies", None)
    async with Host() as host:
        module = await host.load_module(binary, probe.BINDINGS, name="small.wasm")
        given = probe.Grants(desk=desk or Desk(), **grants)
        async with module.instantiate(given, WasiGrants(), limits=limits, policies=policies) as instance:
            try:
                answer = await instance.call("run")
            finally:
                await instance.close()
                assert host.ledger.balance == 0
        return Ran(answer, {event.value: count for event, count in host.ledger.counts().items()})


class TestHandles:
    """An integer among the descriptors."""

    @scenario
    async def test_a_file_that_came_by_an_interface_is_brought_to_its_disk(self, tmp_path: Path) -> None:
        imports = f'''{IMPORTS}
          (import "{WASI}" "path_open"
            (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
          (import "{WASI}" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))'''
        body = f"""
          (call $get-folder (i32.const 64))
          (if (i32.ne (i32.load8_u (i32.const 64)) (i32.const 1)) (then {TRAP}))
          (if (call $path_open (i32.load (i32.const 68)) (i32.const 0) (i32.const 16) (i32.const 5)
                (i32.const {OFlags.CREAT}) (i64.const {Rights.FD_WRITE}) (i64.const 0)
                (i32.const {FdFlags.SYNC}) (i32.const 72)) (then {TRAP}))
          (i32.store (i32.const 100) (i32.const 16))
          (i32.store (i32.const 104) (i32.const 5))
          (call $fd_write (i32.load (i32.const 72)) (i32.const 100) (i32.const 1) (i32.const 112))"""
        module = f'{imports} {MEMORY} {ALLOCATOR} {HELPERS} (func (export "run") (result i32) {body})'
        ran = await run(wat(module), folder=HostDirectory(tmp_path))
        assert ran.answer == 0
        assert [each.stat().st_size for each in os.scandir(tmp_path)] == [5]

    @scenario
    async def test_a_result_is_used_passed_on_and_dropped(self) -> None:
        desk = Desk()
        body = f"""(local $item i32)
          (local.set $item (call $item))
          (call $name (local.get $item) (i32.const 80))
          (if (i32.load8_u (i32.const 80)) (then {TRAP}))
          (if (i32.ne (i32.load (i32.const 88)) (i32.const 5)) (then {TRAP}))
          (if (i32.ne (i32.load8_u (i32.load (i32.const 84))) (i32.const 104)) (then {TRAP}))
          (call $look (global.get $desk) (local.get $item) (i32.const 80))
          (if (i32.load8_u (i32.const 80)) (then {TRAP}))
          (call $take (global.get $desk) (local.get $item) (i32.const 80))
          (if (i32.load8_u (i32.const 80)) (then {TRAP}))
          (call $drop-item (call $item))
          (call $drop-desk (global.get $desk))
          (local.get $item)"""
        ran = await run(program(body), desk)
        assert ran.answer == 4  # the lowest free numbers: 3 is the desk
        assert ran.events["give"] == 1
        assert ran.events["drop"] == 2

    @scenario
    async def test_a_drop_is_fd_close_and_the_number_is_free_again(self) -> None:
        body = f"""(local $item i32)
          (local.set $item (call $item))
          (if (call $fd_close (local.get $item)) (then {TRAP}))
          (if (i32.ne (call $fd_close (local.get $item)) (i32.const 8)) (then {TRAP}))
          (if (i32.ne (call $item) (local.get $item)) (then {TRAP}))
          (if (call $fd_renumber (local.get $item) (global.get $desk)) (then {TRAP}))
          (call $drop-item (global.get $desk))
          (call $fd_close (local.get $item))"""
        ran = await run(program(body))
        assert ran.answer == 8  # BADF
        assert ran.events["drop"] == 3  # two items, and the desk that one of them took the number of

    @scenario
    async def test_a_descriptor_takes_the_number_of_a_handle(self) -> None:
        body = f"""(local $item i32)
          (local.set $item (call $item))
          (call $get-folder (i32.const 128))
          (if (call $fd_renumber (i32.load (i32.const 132)) (local.get $item)) (then {TRAP}))
          (if (call $fd_close (local.get $item)) (then {TRAP}))
          (call $fd_close (local.get $item))"""
        ran = await run(program(body), folder=MemoryDirectory())
        assert ran.answer == 8
        assert ran.events["drop"] == 2

    @scenario
    async def test_of_a_handle_preview_1_knows_no_more(self) -> None:
        assert (await run(program("(call $fd_fdstat_get (call $item) (i32.const 128))"))).answer == 8
        assert (await run(program("(call $fd_filestat_get (call $item) (i32.const 128))"))).answer == 8

    @scenario
    async def test_a_handle_of_a_standard_kind_is_a_descriptor(self) -> None:
        body = f"""
          (call $get-folder (i32.const 128))
          (if (i32.eqz (i32.load8_u (i32.const 128))) (then {TRAP}))
          (if (call $fd_fdstat_get (i32.load (i32.const 132)) (i32.const 160)) (then {TRAP}))
          (i32.load8_u (i32.const 160))"""
        assert (await run(program(body), folder=MemoryDirectory())).answer == 3  # a directory

    @pytest.mark.parametrize(
        ("body", "message"),
        [
            (NAME.format("(i32.const 99)"), "item.name: the guest trapped: 99 is no handle of `item`"),
            (NAME.format("(i32.const -1)"), "4294967295 is no handle of `item`"),
            (NAME.format("(i32.const 1)"), "1 is no handle of `item`"),  # standard output
            (NAME.format("(call $get-desk)"), "3 is no handle of `item`"),
            ("(call $drop-item (call $get-desk))", "item.drop: the guest trapped: 3 is no handle of `item`"),
            (f"(call $drop-item (call $item)) {AGAIN}", "4 is no handle of `item`"),
            (
                f"(drop (call $item)) (call $take (i32.const 3) (i32.const 4) (i32.const 80)) {AGAIN}",
                "4 is no handle of `item`",
            ),
        ],
    )
    @scenario
    async def test_what_is_no_handle(self, body: str, message: str) -> None:
        with pytest.raises(Trap, match=message):
            await run(program(f"{body} (i32.const 0)"))

    @scenario
    async def test_a_handle_is_given_once(self) -> None:
        """As the item of a parcel, and once more in the list behind it: nothing of the call is kept."""
        body = """
          (i32.store (i32.const 200) (call $item))
          (call $unpack (global.get $desk) (i32.const 16) (i32.const 5)
            (i32.const 1) (i32.load (i32.const 200)) (i32.const 200) (i32.const 1) (i32.const 80))
          (i32.const 0)"""
        desk = Desk()
        with pytest.raises(Trap, match=r"desk\.unpack: the guest trapped: 4 is no handle"):
            await run(program(body), desk)
        assert not desk.packed


class TestCalls:
    """What a call answers."""

    @scenario
    async def test_an_error_is_the_bad_end(self) -> None:
        class Broken(Desk):
            def echo(self, text: str) -> Any:
                raise CapError(ErrorKind.OVERLOADED, text)

        body = """(call $echo (call $get-desk) (i32.const 16) (i32.const 5) (i32.const 80))
          (i32.add (i32.mul (i32.load8_u (i32.const 80)) (i32.const 100)) (i32.add
            (i32.mul (i32.load8_u (i32.const 84)) (i32.const 10)) (i32.load (i32.const 92))))"""
        assert (await run(program(body), Broken())).answer == 115  # failed, `overloaded`, 5 letters

    @scenario
    async def test_a_policy_holds(self) -> None:
        body = """(call $echo (call $get-desk) (i32.const 16) (i32.const 5) (i32.const 80))
          (i32.load8_u (i32.const 84))"""
        policies = {"desk": Policy(deny=("desk.echo",))}
        ran = await run(program(body), policies=policies)
        assert list(ErrorKind)[ran.answer] is ErrorKind.DENIED

    @scenario
    async def test_an_answer_that_does_not_fit_ends_the_instance(self) -> None:
        class Wrong(Desk):
            def echo(self, text: str) -> Any:
                return 7

        body = "(call $echo (call $get-desk) (i32.const 16) (i32.const 5) (i32.const 80)) (i32.const 0)"
        with pytest.raises(Exception, match=r"desk\.echo: result: expected str, got int 7"):
            await run(program(body), Wrong())

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ("(i32.const 131072) (i32.const 1) (i32.const 80)", "0x20000, of 1 bytes, is not in its"),
            ("(i32.const 16) (i32.const -1) (i32.const 80)", "of 4294967295 bytes, is not in its"),
            ("(i32.const 48) (i32.const 1) (i32.const 80)", "a string at 0x30 is no UTF-8"),
            ("(i32.const 16) (i32.const 5) (i32.const 81)", "16 bytes aligned to 4, cannot be written at"),
            ("(i32.const 16) (i32.const 5) (i32.const 131064)", "cannot be written at 0x1fff8"),
        ],
    )
    @scenario
    async def test_a_broken_call_traps(self, arguments: str, message: str) -> None:
        memory = MEMORY + r'(data (i32.const 48) "\ff")'
        with pytest.raises(Trap, match=message):
            await run(program(f"(call $echo (call $get-desk) {arguments}) (i32.const 0)", memory))

    @pytest.mark.parametrize(
        ("parcel", "message"),
        [
            ("(i32.const 2) (i32.const 0) (i32.const 0) (i32.const 0)", "there is no case 2 of 2"),
            ("(i32.const 256) (i32.const 0) (i32.const 0) (i32.const 0)", "there is no case 256 of 2"),
            ("(i32.const 0) (i32.const 0) (i32.const 2) (i32.const 1)", "0x2 of a list is not a"),
            ("(i32.const 0) (i32.const 0) (i32.const 0) (i32.const 999999999)", "of 3999999996 bytes"),
            ("(i32.const 0) (i32.const 0) (i32.const 0) (i32.const 2)", "0 is no handle of `item`"),
        ],
    )
    @scenario
    async def test_a_broken_value_traps(self, parcel: str, message: str) -> None:
        with pytest.raises(Trap, match=message):
            await run(program(UNPACK.format(parcel)))


NUMBERS: Final = st.one_of(
    st.integers(0, 64),
    st.sampled_from([4096, 65536, 131068, 131072, 2**31, 2**32 - 1]),
    st.integers(0, 2**32 - 1),
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(NUMBERS, min_size=7, max_size=7), st.binary(max_size=64))
def test_whatever_is_passed_is_taken_or_traps(numbers: list[int], memory: bytes) -> None:
    text = "".join(f"\\{byte:02x}" for byte in memory)
    passed = " ".join(f"(i32.const {number})" for number in numbers)
    body = f"(drop (call $item)) (drop (call $item)) (call $unpack (i32.const 3) {passed}) (i32.const 0)"
    binary = program(body, f'{MEMORY} (data (i32.const 0) "{text}")')

    async def check() -> None:
        with suppress(Trap, LimitExceeded):
            await run(binary)

    asyncio.run(check())


class TestMemory:
    """The guest finds memory for what it is returned."""

    ECHO = "(call $echo (call $get-desk) (i32.const 16) (i32.const 5) (i32.const 80)) (i32.const 0)"

    @pytest.mark.parametrize(
        ("body", "message"),
        [
            ("(i32.const 131070)", "its cabi_realloc returned 0x1fffe, which is not an address of 5 bytes"),
            ("(i32.const -1)", "its cabi_realloc returned 0xffffffff"),
            ("(unreachable)", "unreachable"),
            (ECHO, "it is called while the guest finds memory for another result"),
        ],
    )
    @scenario
    async def test_an_allocator_that_is_broken(self, body: str, message: str) -> None:
        realloc = f'(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) {body})'
        with pytest.raises(Trap, match=message):
            await run(program(self.ECHO, allocator=realloc))

    @scenario
    async def test_a_start_function_is_too_early(self) -> None:
        with pytest.raises(Trap, match=r"desk\.echo: .*it is called before the module has been instantiated"):
            await run(program("(i32.const 0)", more=f"(func $begin {self.ECHO} (drop)) (start $begin)"))

    @pytest.mark.parametrize(
        ("memory", "allocator", "message"),
        [
            ("(memory 2)", ALLOCATOR, "does not export `memory`, a memory"),
            (MEMORY, "", r"does not export `cabi_realloc`, \(i32, i32, i32, i32\) -> i32"),
            (MEMORY, '(func (export "cabi_realloc"))', "does not export `cabi_realloc`"),
        ],
    )
    @scenario
    async def test_who_cannot_be_given_memory_is_refused(
        self, memory: str, allocator: str, message: str
    ) -> None:
        with pytest.raises(LinkError, match=rf"desk\.echo returns values in its memory, and it {message}"):
            await run(program("(i32.const 0)", memory, allocator))


class TestLimits:
    """As components have them."""

    @scenario
    async def test_handles(self) -> None:
        with pytest.raises(LimitExceeded, match="holds 10 handles") as caught:
            await run(
                program("(loop $more (drop (call $item)) (br $more)) (i32.const 0)"), None, Limits(handles=10)
            )
        assert caught.value.limit is Limit.HANDLES

    @scenario
    async def test_what_one_call_carries(self) -> None:
        memory = MEMORY.replace(" 2)", " 400)")
        parcel = "(i32.const 0) (i32.const 0) (i32.const 65536) (i32.const 6000000)"
        with pytest.raises(
            LimitExceeded, match=r"desk\.unpack: one call carried more than 128 MiB"
        ) as caught:
            await run(program(UNPACK.format(parcel), memory))
        assert caught.value.limit is Limit.ARGUMENTS

    @scenario
    async def test_the_guests_own_limits_are_its_own(self) -> None:
        """What stands between it and the host takes nothing of them."""
        echo = TestMemory.ECHO
        assert (await run(program(echo), limits=Limits(tables=1, instances=1))).answer == 0


class TestImports:
    """What is imported is served, or refused before anything runs."""

    @scenario
    async def test_a_missing_grant(self) -> None:
        async with Host() as host:
            module = await host.load_module(program("(i32.const 0)"), probe.BINDINGS, name="small.wasm")
            with pytest.raises(
                GrantError, match=r"its import .*#get-desk is not granted\. Mend: grant `desk`"
            ):
                await module.start(WasiGrants())

    @pytest.mark.parametrize(
        ("imported", "message"),
        [
            (
                f'"{PROBE}" "[method]desk.echo" (func (param i32 i32 i32) (result i32))',
                r"it is of type \(i32, i32, i32\) -> i32, which lowered is \(i32, i32, i32, i32\) -> nothing",
            ),
            (f'"{PROBE}" "[method]desk.shout" (func)', r"#\[method\]desk.shout is not in the bindings"),
            (f'"{PROBE}" "[resource-drop]chair" (func (param i32))', "drop.chair is not in the bindings"),
            (f'"{PROBE}" "[resource-new]desk" (func (param i32) (result i32))', "is not in the bindings"),
            (f'"{PROBE}" "desk" (memory 1)', "#desk is not in the bindings"),
            (f'"{PROBE}" "[resource-drop]desk" (memory 1)', "it is a memory, which lowered is"),
            (f'"{GRANTS}" "get-lamp" (func (result i32))', "#get-lamp is not in the bindings"),
            (
                '"other:one/lamp@0.1.0" "on" (func)',
                "imports other:one/lamp@0.1.0.on, a function, and nothing here",
            ),
        ],
    )
    @scenario
    async def test_what_is_refused(self, imported: str, message: str) -> None:
        with pytest.raises(LinkError, match=message):
            await run(wat(f"(import {imported}) {MEMORY} {ALLOCATOR}"))

    @scenario
    async def test_objects_of_its_own_take_a_component(self) -> None:
        hub = bindings(HUB)
        imported = '(import "test:hub/app-guest-listener@0.1.0" "wrap" (func (param i32) (result i32)))'
        async with Host() as host:
            module = await host.load_module(wat(imported), hub.BINDINGS, name="small.wasm")
            with pytest.raises(LinkError, match="a guest's own objects, which a core module cannot"):
                await module.start()
