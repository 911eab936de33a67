"""Ways out of a folder that a guest may try: none leads there, whatever function tries it."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import Host
from capwit.caps import HostDirectory, MemoryDirectory
from capwit.caps.files import DirectoryClient, OpenFlags
from capwit.caps.using import value
from capwit.preview1.abi import Errno, OFlags, Rights

from tests.bridge.support import scenario
from tests.preview1.kinds import WIDE, put, read
from tests.preview1.machine import DATA, OUT, PATH, Machine, machine
from tests.support.isolation import is_isolated

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterator
    from pathlib import Path

IN_ONE_PROCESS: dict[str, str] = {}
EVERY_RUN = {"test_what_is_no_file"}

CANARY = b"canary"
ROOT = 3
FOLLOW = 1
WAYS = 1 << 30

# The granted folder `inside` lies beside `secret` and `outside/secret`. It has a file `f`, folders `d/e`, and
# links that somebody has put there: the host is no friend of the guest, nor of itself.
LINKS = {
    "up": "..",
    "up-slash": "../",
    "to-secret": "../secret",
    "to-new": "../new",
    "to-outside": "../outside",
    "chain": "chain-2",
    "chain-2": "d/chain-3",
    "chain-3-of-d": "d/chain-3",
    "d/chain-3": "../up",
    "d/up-up": "../..",
    "d/e/up-up-up": "../../..",
    "d/through": "../up/outside",
    "back-in": "../inside/f",
    "loop": "loop",
    "deep": "d/" * 3 + "../" * 9 + "secret",
}
ABSOLUTE = {  # no file system in memory has such
    "absolute": "{outer}/secret",
    "absolute-folder": "{outer}/outside",
    "absolute-root": "/",
    "absolute-inside": "{outer}/inside/f",
    "to-proc": "/proc/self/root{outer}/secret",
    "to-cwd": "/proc/self/cwd",
    "to-fd": "/proc/self/fd/0",
    "to-null": "/dev/null",
    "d/absolute": "//{outer}//secret",
}
PATHS = [
    "..", "../", "../.", "../..", "../secret", "./../secret", ".//..//secret", "../outside/secret",
    "../inside/f", "d/../../secret", "d/e/../../../secret", "d/./e/.././../../secret", "d//..//..//secret",
    "../" * 60 + "secret", "f/../../secret", "none/../../secret", "/", "//", "/secret", "/../secret",
    "{outer}/secret", "/{outer}/secret",
    "/proc/self/root{outer}/secret", "/proc/self/cwd/../secret", "/proc/self/fd/3/../secret", "/dev/stdin",
    "/etc/passwd", "up", "up/", "up/.", "up/secret", "up/inside/../secret", "up-slash/secret", "to-secret",
    "to-secret/", "to-new", "to-new/", "to-outside/secret", "to-outside/", "to-outside/new", "chain/secret",
    "chain-2/secret", "chain-3-of-d/secret", "d/up-up/secret", "d/e/up-up-up/secret", "d/through/secret",
    "d/../up/secret", "back-in", "loop/../../secret", "loop", "deep", "deep/", "d/e/../../up/outside/secret",
    "\u2025/secret", "\uff0e\uff0e/secret", "..\u200b/secret", "\u2024\u2024/secret", "..\u2215secret",
    "..\\secret", "%2e%2e/secret", "~/secret", "C:\\secret", ".. /secret", "../secret\0", "..\0/secret",
    "f\0/../../secret", "\0../secret", "d/\0/../../../secret",
    *ABSOLUTE, *(f"{name}/" for name in ABSOLUTE), "absolute-folder/secret", "absolute-root/etc/passwd",
    "to-cwd/../secret", "to-proc/../secret",
]  # fmt: skip


@dataclass(frozen=True)
class Ground:
    """Where escapes are tried: what is granted, and a way to look at what is outside."""

    outer: str
    granted: Any
    look: Callable[[], Awaitable[Any]]
    links: frozenset[str]
    policies: Any = None


GROUNDS: dict[str, Callable[[Path], Awaitable[Ground]]] = {
    "host, narrowed": lambda folder: _on_the_host(folder, None, WIDE),
    "host, name by name": lambda folder: _on_the_host(folder, False),
    "memory": lambda _: _in_memory(),
}


async def _on_the_host(tmp_path: Path, openat2: bool | None, policies: Any = None) -> Ground:
    inside = tmp_path / "inside"
    (inside / "d" / "e").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    (tmp_path / "secret").write_bytes(CANARY)
    (tmp_path / "outside" / "secret").write_bytes(CANARY)
    (inside / "f").write_bytes(b"of the guest")
    links = frozenset({**LINKS, **ABSOLUTE})
    for name, target in {**LINKS, **ABSOLUTE}.items():
        (inside / name).symlink_to(target.format(outer=tmp_path))

    async def look() -> Any:
        found = [
            tmp_path,
            *sorted((tmp_path / "outside").rglob("*")),
            tmp_path / "outside",
            tmp_path / "secret",
        ]
        return [
            (path, (it := path.lstat()).st_ino, it.st_mtime_ns, it.st_ctime_ns, it.st_nlink) for path in found
        ], [(tmp_path / name).read_bytes() for name in ("secret", "outside/secret")]

    return Ground(str(tmp_path), HostDirectory(inside, openat2=openat2), look, links, policies)


async def _in_memory() -> Ground:
    outer = MemoryDirectory()
    for name in ("inside", "inside/d", "inside/d/e", "outside"):
        outer.create_directory(name)
    for name in ("secret", "outside/secret", "inside/f"):
        await put(outer, name, CANARY if "secret" in name else b"of the guest")
    for name, target in LINKS.items():
        outer.symlink(target, f"inside/{name}")

    async def look() -> Any:
        client = DirectoryClient(outer)
        names = (".", "outside", "secret", "outside/secret")
        stats = [value(await client.stat_at(name, False)) for name in names]
        return stats, [await read(outer, name) for name in names[2:]]

    granted = await _opened(outer, "inside")
    return Ground("", granted, look, frozenset(LINKS))


async def _opened(directory: Any, path: str) -> Any:
    flags = OpenFlags(
        read=True, write=False, mutate=True, create=False, exclusive=False, truncate=False, directory=True,
        follow=False,
    )  # fmt: skip
    return value(await DirectoryClient(directory).open(path, flags))


async def all_ways(m: Machine, fd: int, path: str) -> set[str]:
    """Try a path with every function that takes one; returns what succeeded."""
    name = path.encode()
    await m.poke(PATH, name)
    await m.poke(DATA, b"taken")
    at, taken = (PATH, len(name)), (DATA, 5)
    done = set()

    async def tried(name: str, *arguments: int) -> bool:
        answer = await m.call(name, *arguments)
        if answer is Errno.SUCCESS:
            done.add(name)
        return answer is Errno.SUCCESS

    for lookup in (0, FOLLOW):
        for oflags in (0, OFlags.DIRECTORY, OFlags.CREAT, OFlags.TRUNC, OFlags.CREAT | OFlags.EXCL):
            for rights in (0, Rights.FD_READ | Rights.FD_WRITE):
                if not await tried("path_open", fd, lookup, *at, oflags, rights, WAYS - 1, 0, OUT):
                    continue
                opened = await m.u32()
                if await m.read(opened, 6) == CANARY:
                    done.add("read the canary")
                if await m.write(opened, b"written") > 0:
                    done.add("wrote")
                await m.call("fd_close", opened)
        await tried("path_filestat_get", fd, lookup, *at, OUT)
        await tried("path_filestat_set_times", fd, lookup, *at, 1, 1, 5)
        await tried("path_link", fd, lookup, *at, fd, *taken)
        await tried("path_link", fd, lookup, DATA, 1, fd, *at)
    await tried("path_readlink", fd, *at, DATA + 100, 100, OUT)
    await tried("path_create_directory", fd, *at)
    await tried("path_symlink", *taken, fd, *at)
    await tried("path_rename", fd, *at, fd, *taken)
    await m.poke(DATA, b"f")
    await tried("path_rename", fd, DATA, 1, fd, *at)
    await tried("path_remove_directory", fd, *at)
    await tried("path_unlink_file", fd, *at)
    return done


# What may succeed: a name of the folder's own is acted upon, and never what it leads to.
OF_A_LINK = {
    "path_filestat_get", "path_filestat_set_times", "path_readlink", "path_link", "path_rename",
    "path_unlink_file",
}  # fmt: skip


@pytest.mark.parametrize("path", PATHS, ids=[ascii(path)[1:40] for path in PATHS])
@scenario
async def test_a_path(path: str, tmp_path: Path) -> None:
    async with Host() as host:
        for number, make in enumerate(GROUNDS.values()):
            ground = await make(tmp_path / str(number))
            before = await ground.look()
            tried = path.replace("{outer}", ground.outer)
            async with machine(host=host, preopens={"/": ground.granted}, policies=ground.policies) as m:
                done = await all_ways(m, ROOT, tried)
            assert await ground.look() == before
            assert "read the canary" not in done
            if tried in ground.links:
                assert done <= OF_A_LINK
            if tried.split("/")[0] in ("", ".."):
                assert not done


# -- Ways of more than one step

Attempt = Callable[[Machine], Any]
ATTEMPTS: dict[str, Attempt] = {}


def attempt(way: Attempt) -> Attempt:
    """Take a way of more than one step in; it returns what it has read, if anything."""
    ATTEMPTS[way.__name__] = way
    return way


async def link(m: Machine, target: str, name: str) -> Errno:
    await m.poke(DATA, target.encode())
    await m.poke(PATH, name.encode())
    return await m.call("path_symlink", DATA, len(target.encode()), ROOT, PATH, len(name.encode()))


async def rename(m: Machine, old: str, new: str, fd: int = ROOT, to: int = ROOT) -> Errno:
    await m.poke(DATA, old.encode())
    await m.poke(PATH, new.encode())
    return await m.call("path_rename", fd, DATA, len(old), to, PATH, len(new))


async def hard_link(m: Machine, old: str, new: str, fd: int = ROOT, to: int = ROOT) -> Errno:
    await m.poke(DATA, old.encode())
    await m.poke(PATH, new.encode())
    return await m.call("path_link", fd, 0, DATA, len(old), to, PATH, len(new))


async def folder(m: Machine, path: str) -> int:
    fd = await m.open(path, OFlags.DIRECTORY, WAYS - 1 & ~Rights.FD_WRITE)
    assert fd > 0, path
    return fd


async def content(m: Machine, path: str, fd: int = ROOT) -> bytes | int:
    """Open a path, following links, and read it; an errno below 0 where that is refused."""
    opened = await m.open(path, 0, Rights.FD_READ, fd=fd)
    return await m.read(opened, 100) if opened > 0 else opened


@attempt
async def a_link_of_its_own(m: Machine) -> Any:
    await link(m, "..", "mine")
    await link(m, "../secret", "to-it")
    return [await content(m, "mine/secret"), await content(m, "to-it")]


@attempt
async def a_chain_of_links(m: Machine) -> Any:
    for number in range(39):
        await link(m, f"l{number + 1}", f"l{number}")
    await link(m, "..", "l39")
    return [await content(m, "l0/secret"), await content(m, "l20/secret")]


@attempt
async def a_link_that_is_moved(m: Machine) -> Any:
    await link(m, "../../secret", "d/e/inner")  # it leads to inside/secret, which is allowed, and not there
    await rename(m, "d/e/inner", "inner")
    return await content(m, "inner")


@attempt
async def a_hard_link_to_a_link(m: Machine) -> Any:
    await link(m, "../../secret", "d/e/inner")
    return [await hard_link(m, "d/e/inner", "inner") is Errno.SUCCESS and await content(m, "inner")]


@attempt
async def an_absolute_link(m: Machine) -> Any:
    assert await link(m, "/", "root") is Errno.PERM
    assert await link(m, "//", "root") is Errno.PERM
    assert await link(m, "/proc/self/cwd", "root") is Errno.PERM
    return await content(m, "root/etc/passwd")


@attempt
async def a_folder_that_is_moved_up(m: Machine) -> Any:
    inner = await folder(m, "d/e")
    await rename(m, "d/e", "e")
    return [await content(m, path, inner) for path in ("..", "../secret", "../../secret", "../f")]


@attempt
async def a_parent_of_an_inner_folder(m: Machine) -> Any:
    inner = await folder(m, "d")
    return [
        await content(m, path, inner) for path in ("..", "../f", "../../secret", "e/../../f", "up-up/secret")
    ]


@attempt
async def a_rename_out(m: Machine) -> Any:
    inner = await folder(m, "d")
    done = [
        await rename(m, "f", "../f"),
        await rename(m, "d", "../d"),
        await rename(m, "f", "../../f", to=inner),
    ]
    done += [await rename(m, "../secret", "mine"), await rename(m, "to-outside/secret", "mine")]
    assert Errno.SUCCESS not in done
    return await content(m, "mine")


@attempt
async def a_hard_link_in_or_out(m: Machine) -> Any:
    inner = await folder(m, "d")
    for old in ("../secret", "to-secret/", "up/secret", "to-outside/secret", "d/up-up/secret"):
        assert await hard_link(m, old, "mine") is not Errno.SUCCESS
    assert await hard_link(m, "f", "../mine") is not Errno.SUCCESS
    assert await hard_link(m, "f", "../../mine", to=inner) is not Errno.SUCCESS
    assert await hard_link(m, "f", "to-outside/mine") is not Errno.SUCCESS
    await hard_link(m, "to-secret", "mine")  # the link itself
    return await content(m, "mine")


@attempt
async def a_number_used_after_it_was_closed(m: Machine) -> Any:
    inner = await folder(m, "d")
    assert await m.call("fd_close", inner) is Errno.SUCCESS
    assert await content(m, "e", inner) == -Errno.BADF
    file = await m.open("f", 0, Rights.FD_READ)
    assert file == inner
    return [await content(m, path, inner) for path in ("..", "../secret", ".")]


@attempt
async def renumbering_folders(m: Machine) -> Any:
    inner = await folder(m, "d/e")
    assert await m.call("fd_renumber", inner, ROOT) is Errno.SUCCESS
    return [await content(m, path) for path in ("..", "../secret", "../../../secret", "../../f")]


@attempt
async def renumbering_onto_numbers_of_the_host(m: Machine) -> Any:
    for number in (0, 1, 2, 5, 100, 2**31 - 1, 2**32 - 1):
        assert await m.call("fd_renumber", ROOT, number) is Errno.BADF
        assert await m.call("fd_renumber", number, ROOT) is Errno.BADF
    return [await content(m, "f", number) for number in (0, 1, 2, 5, 100)]


@attempt
async def numbers_of_the_host(m: Machine) -> Any:
    return [await m.read(number, 10) for number in (0, 1, 2, *range(4, 64))]


@attempt
async def a_closed_preopen(m: Machine) -> Any:
    assert await m.call("fd_close", ROOT) is Errno.SUCCESS
    assert await m.call("fd_readdir", ROOT, DATA, 100, 0, OUT) is Errno.BADF
    return await content(m, "f")


@attempt
async def what_is_made_through_links(m: Machine) -> Any:
    for path in ("to-new", "to-outside/new", "up/new", "d/through/new", "chain/new", "absolute-folder/new"):
        assert await m.open(path, OFlags.CREAT) < 0
        assert await m.path("path_create_directory", ROOT, path) is not Errno.SUCCESS
        assert await link(m, "x", path) is not Errno.SUCCESS


@attempt
async def what_is_taken_away_through_links(m: Machine) -> Any:
    for path in ("up/secret", "to-outside/secret", "d/through/secret", "absolute-folder/secret"):
        assert await m.path("path_unlink_file", ROOT, path) is not Errno.SUCCESS
        assert await m.path("path_remove_directory", ROOT, path) is not Errno.SUCCESS
    for path in ("to-outside", "up", "to-outside/", "up/"):
        assert await m.path("path_remove_directory", ROOT, path) is not Errno.SUCCESS


@attempt
async def what_is_cut_through_links(m: Machine) -> Any:
    for path in ("to-secret", "deep", "back-in", "up/secret", "d/up-up/secret"):
        assert await m.open(path, OFlags.TRUNC, 0) < 0
        assert await m.open(path, OFlags.CREAT | OFlags.TRUNC) < 0


@attempt
async def a_listing_of_what_is_outside(m: Machine) -> Any:
    names = []
    for path in ("..", "up", "up/", "to-outside", "to-outside/", "d/up-up", "absolute-root", "to-cwd"):
        opened = await m.open(path, OFlags.DIRECTORY, Rights.FD_READDIR)
        names += await m.entries(opened) if opened > 0 else []
    return names


@pytest.mark.parametrize("kind", GROUNDS)
@pytest.mark.parametrize("name", ATTEMPTS)
@scenario
async def test_an_attempt(name: str, kind: str, tmp_path: Path) -> None:
    ground = await GROUNDS[kind](tmp_path)
    before = await ground.look()
    async with machine(preopens={"/": ground.granted}, policies=ground.policies) as m:
        found = await ATTEMPTS[name](m)
    assert await ground.look() == before
    assert all(
        isinstance(each, int) and each <= 0 for each in (found if isinstance(found, list) else [found or 0])
    )


# -- What the host does meanwhile


@contextmanager
def meanwhile(*steps: Callable[[], Any]) -> Iterator[None]:
    """Let another thread take the steps over and over."""
    ended = threading.Event()

    def work() -> None:
        while not ended.is_set():
            for step in steps:
                step()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def swapping(inside: Path, name: str, target: str, real: Callable[[Path], None]) -> list[Callable[[], Any]]:
    """Return the steps that put a link in the place of what is real, and back."""
    made, kept = inside / "made", inside / "kept"
    made.symlink_to(target)
    real(kept)
    at = inside / name
    moves = ((kept, at), (at, kept), (made, at), (at, made))
    return [partial(old.rename, new) for old, new in moves]


def real_folder(path: Path) -> None:
    path.mkdir()
    (path / "secret").write_bytes(b"of the guest")


RACES = {
    "a folder": ("../outside", real_folder, ("racing/secret", "racing/../racing/secret", "./racing/secret")),
    "a folder, absolute": ("{outer}/outside", real_folder, ("racing/secret", "racing/")),
    "a file": ("../secret", lambda path: path.write_bytes(b"of the guest"), ("racing", "d/../racing")),
    "a folder on the way": ("..", real_folder, ("racing/outside/secret", "racing/secret", "racing/../f")),
}


@pytest.mark.parametrize("openat2", [True, False])
@pytest.mark.parametrize("race", RACES)
@scenario
async def test_a_race(race: str, openat2: bool, tmp_path: Path) -> None:
    target, real, paths = RACES[race]
    ground = await _on_the_host(tmp_path, openat2)
    before = await ground.look()
    steps = swapping(tmp_path / "inside", "racing", target.format(outer=tmp_path), real)
    async with machine(preopens={"/": ground.granted}) as m:
        with meanwhile(*steps):
            for _ in range(4 if is_isolated() else 40):
                for path in paths:
                    assert await content(m, path) != CANARY
                    opened = await m.open(path, OFlags.CREAT | OFlags.TRUNC)
                    if opened > 0:
                        await m.write(opened, b"written")
                    await m.path("path_unlink_file", ROOT, path + "x")
                for fd in range(4, 300):
                    if await m.call("fd_close", fd) is Errno.BADF:
                        break
    assert await ground.look() == before


@pytest.mark.parametrize("openat2", [True, False])
@scenario
async def test_a_folder_that_the_host_moves_out(openat2: bool, tmp_path: Path) -> None:
    ground = await _on_the_host(tmp_path, openat2)
    inside, away = tmp_path / "inside" / "d", tmp_path / "outside" / "d"
    async with machine(preopens={"/": ground.granted}) as m:
        inner = await folder(m, "d/e")
        with meanwhile(partial(inside.rename, away), partial(away.rename, inside)):
            for _ in range(6 if is_isolated() else 60):
                for path in ("d/e/../../secret", "d/../secret", "d/e/../../f", "d/e/../../../secret"):
                    assert await content(m, path) != CANARY
                    assert await content(m, "../" + path, inner) == -Errno.PERM
                for fd in range(5, 300):
                    if await m.call("fd_close", fd) is Errno.BADF:
                        break
    assert (tmp_path / "secret").read_bytes() == CANARY


@scenario
async def test_what_is_no_file(tmp_path: Path) -> None:
    ground = await _on_the_host(tmp_path, True)
    os.mkfifo(tmp_path / "inside" / "fifo")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "inside" / "socket"))
        async with machine(preopens={"/": ground.granted}) as m:
            for name in ("fifo", "socket"):
                for rights in (0, Rights.FD_READ, Rights.FD_WRITE, Rights.FD_READ | Rights.FD_WRITE):
                    assert await m.open(name, 0, rights) == -Errno.PERM, name
