"""`wasi:cli`, clocks and randomness: each function, granted and not; commands and reactors."""

from __future__ import annotations

import re
from typing import Any

import pytest
from capwit.bridge import Host, InstanceEnded, LinkError
from capwit.caps import (
    FixedClock,
    Launch,
    MemoryConsole,
    MemorySink,
    MemorySource,
    SeededEntropy,
    SystemTimer,
)
from capwit.caps.streams import TerminalSize

from tests.bridge.support import scenario
from tests.support.components import wat
from tests.support.wasi import explorer

pytestmark = pytest.mark.usefixtures("interpreter")

TERMINALS = """
said = (terminal_stdin.get_terminal_stdin(), terminal_stdout.get_terminal_stdout(),
    terminal_stderr.get_terminal_stderr())
said = [t is not None for t in said]"""


class Terminal(MemorySink):
    """A terminal, or what stands in its place."""

    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal
        self.source = MemorySource(b"typed")

    def read(self, limit: int) -> bytes:
        return self.source.read(limit)

    def readable(self) -> None: ...

    def is_terminal(self) -> bool:
        return self.terminal

    def size(self) -> TerminalSize:
        return TerminalSize(80, 25)


@pytest.mark.parametrize("terminal", [True, False])
@scenario
async def test_terminals(terminal: bool) -> None:
    session = Terminal(terminal)
    async with explorer(stdin=session, stdout=session) as guest:
        assert await guest.exec(TERMINALS) == str([terminal] * 3)
        await guest.exec("stdout.get_stdout().blocking_write_and_flush(b'shown')")
        assert await guest.exec("said = stdin.get_stdin().blocking_read(9)") == "b'typed'"
    assert session.data == b"shown"


@scenario
async def test_standard_error_may_be_the_only_terminal() -> None:
    async with explorer(stdout=MemoryConsole(), stderr=Terminal(True)) as guest:
        assert await guest.exec(TERMINALS) == "[False, False, True]"


@scenario
async def test_no_terminals() -> None:
    async with explorer() as guest:
        assert await guest.exec(TERMINALS) == "[False, False, False]"


@scenario
async def test_the_environment() -> None:
    code = "said = environment.get_arguments(), environment.get_environment(), environment.initial_cwd()"
    async with explorer(launch=Launch(["it", "a b"], {"K": "v"})) as guest:
        assert await guest.exec(code) == "(['it', 'a b'], [('K', 'v')], None)"
    async with explorer() as guest:
        assert await guest.exec(code) == "([], [], None)"


@scenario
async def test_clocks_and_randomness() -> None:
    code = """
said = [monotonic_clock.resolution(), monotonic_clock.now() % 1000, wall_clock.now().seconds]
said += [wall_clock.resolution().nanoseconds, len(random.get_random_bytes(7)), random.get_random_u64() > 0]
said += [len(insecure.get_insecure_random_bytes(0)), insecure.get_insecure_random_u64() > 0]
said += [len(insecure_seed.insecure_seed())]"""
    grants: dict[str, Any] = {
        "timer": SystemTimer(1000),
        "wall_clock": FixedClock(77),
        "entropy": SeededEntropy(1),
    }
    async with explorer(**grants) as guest:
        assert await guest.exec(code) == "[1000, 0, 77, 1, 7, True, 0, True, 2]"


@pytest.mark.parametrize(
    ("call", "grant"),
    [
        ("monotonic_clock.now()", "timer"),
        ("monotonic_clock.resolution()", "timer"),
        ("monotonic_clock.subscribe_instant(0)", "timer"),
        ("monotonic_clock.subscribe_duration(0)", "timer"),
        ("wall_clock.now()", "wall_clock"),
        ("wall_clock.resolution()", "wall_clock"),
    ],
)
@scenario
async def test_a_call_without_its_grant_names_it(call: str, grant: str) -> None:
    async with explorer() as guest:
        with pytest.raises(InstanceEnded, match=f"Mend: grant `{grant}`"):
            await guest.exec(call)


@pytest.mark.parametrize(
    ("interface", "function", "named"),
    [
        ("wasi:clocks/timezone@0.2.3", "f", "wasi:clocks/timezone@0.2.3"),
        ("wasi:sockets/network@0.2.3", "network-error-code", "wasi:sockets/network@0.2.3#network-error-code"),
    ],
)
@scenario
async def test_what_is_unstable_is_refused_by_name(interface: str, function: str, named: str) -> None:
    binary = wat(f'(import "{interface}" (instance (export "{function}" (func (result u64)))))')
    async with Host() as host:
        app = await host.load(binary, name="zoned.wasm")
        with pytest.raises(LinkError, match=rf"zoned\.wasm: its import {re.escape(named)} is @unstable"):
            await app.start()
