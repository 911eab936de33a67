"""Any calls with any numbers: the guest is answered, or ends; and so on both file systems alike."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from capwit.caps import HostDirectory, MemoryConsole, MemoryDirectory, MemorySource, SeededEntropy
from capwit.engine.core import ValueType
from capwit.preview1.abi import PREVIEW0, PREVIEW1, SIGNATURES, Errno, Snapshot
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.preview1.machine import DATA, PATH, machine

# Names at PATH + 16 * number, eight bytes each; buffers behind them.
NAMES = [b"a", b"b", b"d", b"d/a", b"..", b".", b"d/../b", b"l", b"a/", b"\xff", b"/", b"../x", b"d/l", b""]
NOT_CALLED = {"proc_exit", "proc_raise", "poll_oneoff", "sched_yield"}
# What two file systems may answer differently: the order of a listing, and where it ends.
UNLIKE = {"fd_readdir"}

small = st.sampled_from([0, 1, 2, 3, 4, 5, 6, 8, 16])
wild = st.sampled_from([-1, 2**31, 2**32 - 1, 131072, 131071, 77])
address = st.one_of(
    st.integers(0, len(NAMES) - 1).map(lambda number: PATH + 16 * number), st.just(DATA), st.just(0x100)
)
i32 = st.one_of(small, small, address, address, wild)
i64 = st.one_of(small, st.sampled_from([-1, 2**63, 2**64 - 1, (1 << 30) - 1, 100]))


@st.composite
def a_call(draw: st.DrawFn) -> tuple[str, tuple[int, ...]]:
    name = draw(st.sampled_from(sorted(SIGNATURES.keys() - NOT_CALLED)))
    return name, tuple(draw(i32 if type is ValueType.I32 else i64) for type in SIGNATURES[name].params)


@st.composite
def an_opening(draw: st.DrawFn) -> tuple[str, tuple[int, ...]]:
    """One that is likely to succeed, so that there is something to call."""
    number = draw(st.integers(0, 3))
    path = PATH + 16 * number
    if draw(st.booleans()):
        return "path_create_directory", (3, path, len(NAMES[number]))
    oflags = draw(st.sampled_from([0, 1, 2, 9]))
    return "path_open", (3, 1, path, len(NAMES[number]), oflags, (1 << 30) - 1, (1 << 30) - 1, 0, 0x100)


any_call = st.one_of(an_opening(), a_call(), a_call())
Calls = list[tuple[str, tuple[int, ...]]]


async def answers(snapshot: Snapshot, directory: Any, calls: Calls) -> list[Errno]:
    async with machine(
        snapshot,
        preopens={"/": directory},
        stdin=MemorySource(b"some input"),
        stdout=MemoryConsole(),
        entropy=SeededEntropy(1),
    ) as m:
        for number, name in enumerate(NAMES):
            await m.poke(PATH + 16 * number, name)
        for at in (DATA, 0x100):  # vectors of a few bytes
            await m.poke(at, b"\0\x41\0\0\4\0\0\0" * 2)
        return [await m.call(name, *arguments) for name, arguments in calls]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from([PREVIEW1, PREVIEW0]), st.lists(any_call, max_size=25))
def test_any_calls(snapshot: Snapshot, calls: Calls) -> None:
    calls = [call for call in calls if call[0] not in snapshot.without]
    with tempfile.TemporaryDirectory() as folder:
        inside = Path(folder) / "inside"
        inside.mkdir()
        on_disk = asyncio.run(answers(snapshot, HostDirectory(inside), calls))
        assert [each.name for each in Path(folder).iterdir()] == ["inside"]
    in_memory = asyncio.run(answers(snapshot, MemoryDirectory(), calls))
    for call, one, other in zip(calls, on_disk, in_memory, strict=True):
        assert one is other or call[0] in UNLIKE, (call, one, other)
