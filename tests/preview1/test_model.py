"""Calls of all kinds, on two file systems and on a model of one: the same answers, the same content."""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path
from typing import Any

from capwit.bridge import Host
from capwit.caps import HostDirectory, MemoryDirectory
from capwit.preview1.abi import DIRECTORY_RIGHTS, Errno, FdFlags, FileType, OFlags, Rights
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.preview1.kinds import WIDE
from tests.preview1.machine import DATA, OUT, PATH, Machine, machine
from tests.preview1.model import ROOT, Model
from tests.preview1.native import native

NEW = PATH + 64
READS, WRITES = Rights.FD_READ, Rights.FD_WRITE | Rights.FD_FILESTAT_SET_SIZE

fds = st.sampled_from([3, 3, 3, 4, 4, 5, 6, 7])
paths = st.sampled_from(["a", "b", "d", "d/a", "d/d", "d/d/a", "a/b"])
offsets = st.sampled_from([0, 1, 3, 5, 70])
data = st.sampled_from([b"", b"x", b"hello", b"0123456789" * 6])
CALLS: dict[str, tuple[st.SearchStrategy[Any], ...]] = {
    "open": (
        fds, paths, st.sampled_from([0, OFlags.CREAT, OFlags.CREAT, OFlags.DIRECTORY, 3, 5, 8, 9, 13]),
        st.sampled_from([0, READS, WRITES, READS | WRITES]), st.sampled_from([0, 0, FdFlags.APPEND]),
    ),
    "close": (fds,), "renumber": (fds, fds), "set_flags": (fds, st.sampled_from([0, FdFlags.APPEND])),
    "stat": (fds,), "names": (fds,),
    "read": (fds, st.sampled_from([0, 1, 100])), "pread": (fds, st.sampled_from([0, 4, 100]), offsets),
    "write": (fds, data), "pwrite": (fds, data, offsets), "set_size": (fds, offsets),
    "seek": (fds, st.sampled_from([-80, -2, 0, 2, 90]), st.sampled_from([0, 1, 2])),
    "make": (fds, paths), "remove": (fds, paths), "unlink": (fds, paths),
    "rename": (fds, paths, fds, paths), "link": (fds, paths, fds, paths),
}  # fmt: skip
OFTEN = ["open", "open", "open", "make", "write", "read"]
Call = tuple[str, tuple[Any, ...]]
calls = st.sampled_from([*CALLS, *OFTEN]).flatmap(
    lambda name: st.tuples(st.just(name), st.tuples(*CALLS[name]))
)


async def done(m: Machine, name: str, arguments: tuple[Any, ...]) -> Any:
    """Make a call of the model; returns what the guest is told, or an errno."""
    fd, *rest = arguments
    match name:
        case "open":
            path, oflags, rights, flags = rest
            return told(await m.open(path, oflags, rights | DIRECTORY_RIGHTS, flags, fd))
        case "read" | "pread":
            found = await m.read(fd, rest[0], f"fd_{name}", *rest[1:])
            return found if isinstance(found, bytes) else told(found)
        case "write" | "pwrite":
            return told(await m.write(fd, rest[0], f"fd_{name}", *rest[1:]))
        case "seek":
            answer = await m.call("fd_seek", fd, *rest, OUT)
            return await m.u32() if answer is Errno.SUCCESS else answer
        case "stat":
            if (answer := await m.call("fd_filestat_get", fd, OUT)) is not Errno.SUCCESS:
                return answer
            _, _, kind, names, size, *_ = await m.filestat(fd)
            return ("file", size, names) if kind == FileType.REGULAR_FILE else ("folder", 0, 0)
        case "names":
            if (answer := await m.call("fd_readdir", fd, DATA, 4096, 0, OUT)) is not Errno.SUCCESS:
                return answer
            return sorted(name for name, _ in await m.entries(fd))
        case "rename" | "link":
            path, to, new_path = rest
            await m.poke(NEW, new_path.encode())
            before = (0,) if name == "link" else ()
            new = (to, NEW, len(new_path))
            return plain(await m.path(f"path_{name}", fd, path, *new, before=before))
        case "make" | "remove" | "unlink":
            function = {"make": "create_directory", "remove": "remove_directory", "unlink": "unlink_file"}
            return plain(await m.path(f"path_{function[name]}", fd, *rest))
        case _:
            function = {"set_flags": "fdstat_set_flags", "set_size": "filestat_set_size"}
            return plain(await m.call(f"fd_{function.get(name, name)}", fd, *rest))


def told(number: int) -> int | Errno:
    return number if number >= 0 else Errno(-number)


def plain(answer: Errno) -> Errno | None:
    return None if answer is Errno.SUCCESS else answer


async def answers(sequence: list[Call]) -> dict[str, list[Any]]:
    """Make the calls on each kind of directory."""
    with tempfile.TemporaryDirectory() as folder:
        inside = Path(folder) / "inside"
        inside.mkdir()
        found = {}
        async with Host() as host:
            for kind, directory, policies in (
                ("host", HostDirectory(inside), None),
                ("memory", MemoryDirectory(), None),
                ("narrowed", MemoryDirectory(), WIDE),
            ):
                async with machine(host=host, policies=policies, preopens={"/": directory}) as m:
                    found[kind] = [await done(m, name, arguments) for name, arguments in sequence]
        beside = await asyncio.to_thread(os.listdir, folder)
    assert beside == ["inside"]
    return found


FILE = ("open", (ROOT, "a", OFlags.CREAT, READS | WRITES, 0))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(calls, max_size=40))
@example(
    [FILE, ("write", (4, b"hello")), ("set_flags", (4, 1)), ("pwrite", (4, b"x", 0)), ("pread", (4, 9, 0))]
)
@example([("make", (ROOT, "d")), ("open", (ROOT, "d", 2, 0, 0)), ("remove", (ROOT, "d")), ("names", (4,))])
@example([("make", (ROOT, "d")), ("open", (ROOT, "d", 2, 0, 0)), ("remove", (ROOT, "d")), ("make", (4, "a"))])
@example([("make", (ROOT, "d")), ("make", (ROOT, "d/d")), ("rename", (ROOT, "d/d", ROOT, "d"))])
def test_the_model(sequence: list[Call]) -> None:
    model = Model()
    expected = [model.call(name, *arguments) for name, arguments in sequence]
    for kind, found in asyncio.run(answers(sequence)).items():
        for call, one, other in zip(sequence, expected, found, strict=True):
            assert one == other, (kind, call, one, other)


# What the model answers, and wasmtime for the same: for a file where a directory belongs, and for a right.
UNLIKE = {(Errno.NOTDIR, Errno.BADF), (Errno.NOTCAPABLE, Errno.INVAL)}


def lenient(name: str, arguments: tuple[Any, ...]) -> bool:
    """Return whether wasmtime lets more pass: to move nothing, and to read what was opened for nothing."""
    if name == "open":
        return not arguments[3]
    return name in ("read", "pread", "write", "pwrite") and not arguments[1]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(calls, max_size=40))
def test_the_model_is_wasmtimes(sequence: list[Call]) -> None:
    sequence = [call for call in sequence if not lenient(*call)]

    async def under_wasmtime(folder: Path) -> list[Any]:
        with native(folder) as m:
            return [await done(m, name, arguments) for name, arguments in sequence]

    model = Model()
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(under_wasmtime(Path(folder)))
    for (name, arguments), other in zip(sequence, found, strict=True):
        one = model.call(name, *arguments)
        assert one == other or (one, other) in UNLIKE, (name, arguments, one, other)
