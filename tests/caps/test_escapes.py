"""Nothing that is reached through a directory leaves it, whatever is tried."""

from __future__ import annotations

import errno
import os
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from capwit.caps import linux
from capwit.caps.files import FileError, NewTimeNow
from capwit.caps.host_files import HostDirectory

from tests.caps.support import (
    KINDS,
    FileSystem,
    content,
    flags,
    got,
    make,
    names,
    opened,
    put,
    refused,
    scenario,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
E = FileError
NOW = NewTimeNow()

# Paths that lead out of the directory, and what the last name of each would be outside. `LINKS` are planted.
LINKS = {
    "up": "..",
    "up-file": "../secret",
    "up-far": "../../../../../../../../etc",
    "absolute": "/etc",
    "absolute-file": "/etc/passwd",
    "root": "/",
    "dir/up2": "../..",
    "dir/up2-file": "../../secret",
    "dir/round": "../dir/../../secret",
    "one": "two",
    "two": "dir/three",
    "dir/three": "../up",
    "dangling": "../planted",
    "slashes": "..//.//",
    "proc": "/proc/self/root",
    "proc-cwd": "/proc/self/cwd",
}
ESCAPES = [
    "..", "../", "../.", "./..", "../..", "../secret", "../outer/file", "../outer", "../planted",
    "/", "//", "/.", "/etc/passwd", "//etc/passwd", "/proc/self/root/etc/passwd",
    "dir/../..", "dir/../../secret", "dir/./.././../secret", "dir/../dir/../../secret", "dir//..//..//secret",
    "../jail/../secret", "../jail/file", "dir/inner/../../../secret", "../../../../../../../../etc/passwd",
    "up/secret", "up/", "up/.", "up/planted", "up/jail/file", "up/outer/file", "up-file/", "up-far/passwd",
    "absolute/passwd", "absolute/", "absolute/../secret", "absolute-file/", "root/etc/passwd", "root/",
    "dir/up2/secret", "dir/up2/planted", "dir/up2/outer/file", "dir/up2-file/", "dir/round/",
    "one/secret", "one/planted", "one/jail/../secret", "two/secret", "dangling/", "slashes/secret",
    "slashes/", "slashes/planted", "proc/etc/passwd", "proc/", "proc-cwd/", "dir/up2/../secret",
    "up/../secret",
]  # fmt: skip
# Links that lead out themselves, without a slash behind.
LEADING_OUT = ["up", "up-file", "up-far", "absolute", "absolute-file", "root", "dir/up2", "dir/up2-file",
               "dir/round", "one", "two", "dir/three", "dangling", "slashes", "proc", "proc-cwd"]  # fmt: skip

# Whatever takes a path.
ATTEMPTS: dict[str, Callable[[Any, str], Any]] = {
    "read": lambda root, path: root.open(path, flags("r")),
    "list": lambda root, path: root.open(path, flags("rd")),
    "list, mutable": lambda root, path: root.open(path, flags("rdm")),
    "write": lambda root, path: root.open(path, flags("w")),
    "truncate": lambda root, path: root.open(path, flags("wt")),
    "create": lambda root, path: root.open(path, flags("wc")),
    "stat": lambda root, path: root.stat_at(path, True),
    "times": lambda root, path: root.set_times_at(path, True, NOW, NOW),
    "link from": lambda root, path: root.link(path, True, root, "loot"),
}
NAMING: dict[str, Callable[[Any, str], Any]] = {
    "create, exclusive": lambda root, path: root.open(path, flags("wcx")),
    "stat, not followed": lambda root, path: root.stat_at(path, False),
    "times, not followed": lambda root, path: root.set_times_at(path, False, NOW, NOW),
    "readlink": lambda root, path: root.read_link(path),
    "mkdir": lambda root, path: root.create_directory(path),
    "rmdir": lambda root, path: root.remove_directory(path),
    "unlink": lambda root, path: root.unlink(path),
    "rename from": lambda root, path: root.rename(path, root, "loot"),
    "rename to": lambda root, path: root.rename("file", root, path),
    "link to": lambda root, path: root.link("file", False, root, path),
    "symlink": lambda root, path: root.symlink("x", path),
}


def picture(folder: Path) -> dict[str, Any]:
    """Return all that can be seen of a folder, the jail's inside left out."""
    seen: dict[str, Any] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_relative_to(folder / "jail"):
            continue
        status = path.lstat()
        text = path.read_bytes() if path.is_file() else None
        seen[str(path)] = (status.st_mode, status.st_nlink, status.st_size, status.st_mtime_ns, text)
    return seen


@pytest.fixture(params=KINDS)
def jail(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FileSystem]:
    """A file system full of links that lead out, and a world around it that must stay as it is."""
    fs = make(request.param, "client", tmp_path)
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "outer").mkdir()
    (tmp_path / "outer" / "file").write_text("outer")
    if fs.path is None:  # the same around a directory in memory would be above its root
        (tmp_path / "jail").mkdir()
    local = fs.local
    local.create_directory("dir")
    local.create_directory("dir/inner")
    file = local.open("file", flags("wc")).value
    file.target.object.write(0, b"inside")
    for name, target in LINKS.items():
        directory, _, last = name.rpartition("/")
        if fs.path is not None:
            (fs.path / name).symlink_to(target)
        else:
            at = local if not directory else local.open(directory, flags("dm")).value.target.object
            FileSystem("memory", at, at, None).plant(last, target)
    before = picture(tmp_path)
    yield fs
    assert picture(tmp_path) == before
    assert not (tmp_path / "planted").exists()


@pytest.mark.parametrize("path", ESCAPES)
@scenario
async def test_a_path_that_leads_out(jail: FileSystem, path: str) -> None:
    for name, attempt in {**ATTEMPTS, **NAMING}.items():
        answer = await got(attempt(jail.root, path))
        # A link is a name of the directory's own: with a slash, some calls say so before they follow it.
        last = path.rstrip("/")
        own = path.endswith("/") and last in LINKS and name in NAMING
        assert answer is E.NOT_PERMITTED or (own and isinstance(answer, E)) or (
            name == "create" and path.endswith("/") and answer is E.IS_DIRECTORY
        ), (name, answer)  # fmt: skip
    assert await content(jail.root, "file") == b"inside"
    assert await got(jail.root.stat_at("loot", False)) is E.NO_ENTRY


@pytest.mark.parametrize("path", LEADING_OUT)
@scenario
async def test_a_link_that_leads_out(jail: FileSystem, path: str) -> None:
    for name, attempt in ATTEMPTS.items():
        assert await got(attempt(jail.root, path)) is E.NOT_PERMITTED, name
    assert await got(jail.root.read_link(path)) == LINKS[path]
    assert await refused(jail.root, path, "wcx") is E.EXIST
    assert await got(jail.root.unlink(path)) is None


@scenario
async def test_a_link_that_is_moved_leads_no_further(jail: FileSystem) -> None:
    # Made where it leads nowhere bad, then moved up.
    root = jail.root
    assert await got(root.symlink("../../file", "dir/inner/link")) is None
    assert await content(root, "dir/inner/link") == b"inside"
    assert await got(root.rename("dir/inner/link", root, "link")) is None
    assert await refused(root, "link", "r") is E.NOT_PERMITTED


@scenario
async def test_a_directory_that_is_moved_out_stays_its_own_root(jail: FileSystem, tmp_path: Path) -> None:
    if jail.path is None:
        return
    inner = await opened(jail.root, "dir/inner", "rdm")
    (tmp_path / "outer" / "inner").unlink(missing_ok=True)
    (jail.path / "dir" / "inner").rename(tmp_path / "elsewhere")
    try:
        for path in ("..", "../secret", "../outer/file", "./../secret"):
            assert await refused(inner, path, "r") is E.NOT_PERMITTED
    finally:
        (tmp_path / "elsewhere").rename(jail.path / "dir" / "inner")


# -- Of the machine's own directories only --


@pytest.fixture(params=[True, False], ids=["openat2", "walk"])
def openat2(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


class Swapper:
    """Does and undoes something, over and over, in a thread."""

    def __init__(self, *steps: Callable[[], object]) -> None:
        self._steps = steps
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self._over.is_set():
            for step in self._steps:
                step()

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


@scenario
async def test_a_link_that_is_swapped_in_on_the_way(tmp_path: Path, openat2: bool) -> None:
    jail, outer = tmp_path / "jail", tmp_path / "outer"
    for folder, text in ((jail / "dir", "inside"), (outer, "outside")):
        folder.mkdir(parents=True)
        (folder / "file").write_text(text)
    (jail / "link").symlink_to("../outer")
    root = HostDirectory(jail, openat2=openat2)
    swap = Swapper(
        lambda: (jail / "dir").rename(jail / "aside"),
        lambda: (jail / "link").rename(jail / "dir"),
        lambda: (jail / "dir").rename(jail / "link"),
        lambda: (jail / "aside").rename(jail / "dir"),
    )
    seen = set()
    with swap:
        for _ in range(3000):
            answer: Any = root.open("dir/file", flags("rw")).value
            if isinstance(answer, FileError):
                seen.add(answer)
            else:
                assert await got(answer.read(0, 99)) == b"inside"
    assert seen <= {E.NOT_PERMITTED, E.NO_ENTRY, E.NOT_DIRECTORY}
    assert (outer / "file").read_text() == "outside"


@scenario
async def test_a_file_that_is_swapped_for_a_link(tmp_path: Path, openat2: bool) -> None:
    jail = tmp_path / "jail"
    jail.mkdir()
    (tmp_path / "secret").write_text("secret")
    (jail / "file").write_text("inside")
    (jail / "link").symlink_to("../secret")
    root = HostDirectory(jail, openat2=openat2)
    swap = Swapper(
        lambda: (jail / "file").rename(jail / "aside"),
        lambda: (jail / "link").rename(jail / "file"),
        lambda: (jail / "file").rename(jail / "link"),
        lambda: (jail / "aside").rename(jail / "file"),
    )
    with swap:
        for _ in range(3000):
            answer: Any = root.open("file", flags("r")).value
            if not isinstance(answer, FileError):
                assert await got(answer.read(0, 99)) == b"inside"
            assert getattr(root.stat_at("file", True).value, "size", 6) == 6
            root.set_times_at("file", True, NOW, NOW)


@scenario
async def test_a_parent_that_is_moved_out_on_the_way(tmp_path: Path, openat2: bool) -> None:
    jail, outer = tmp_path / "jail", tmp_path / "outer"
    (jail / "dir" / "inner").mkdir(parents=True)
    outer.mkdir()
    for folder in (outer, tmp_path):
        (folder / "secret").write_text("secret")
    root = HostDirectory(jail, openat2=openat2)
    swap = Swapper(
        lambda: (jail / "dir" / "inner").rename(outer / "inner"),
        lambda: (outer / "inner").rename(jail / "dir" / "inner"),
    )
    with swap:
        for _ in range(3000):
            for path in ("dir/inner/../secret", "dir/inner/../../secret"):
                assert isinstance(root.open(path, flags("r")).value, FileError)


@scenario
async def test_what_is_no_file_is_not_opened(tmp_path: Path, openat2: bool) -> None:
    os.mkfifo(tmp_path / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        root = HostDirectory(tmp_path, openat2=openat2)
        for letters in ("r", "w", "rw", "rwc", ""):  # would wait forever if it waited
            for name in ("fifo", "socket"):
                assert await refused(root, name, letters) is E.NOT_PERMITTED
        kinds = {entry.name: entry.kind.value for entry in await got(root.list(0, 9))}
        assert kinds == {"fifo": "fifo", "socket": "socket"}
    device = HostDirectory("/dev", openat2=openat2)
    assert await refused(device, "null", "r") is E.NOT_PERMITTED


@pytest.mark.parametrize("path", ["root/etc/passwd", "cwd/x", "exe", "fd/0", "fd/1", "root", "cwd"])
@scenario
async def test_links_of_proc(openat2: bool, path: str) -> None:
    root = HostDirectory("/proc/self", openat2=openat2)
    refusals = (E.NOT_PERMITTED, E.LOOP, E.NO_ENTRY)
    assert await refused(root, path, "r") in refusals
    assert await got(root.stat_at(path, True)) in refusals


@scenario
async def test_a_hard_link_is_the_file_itself(tmp_path: Path, openat2: bool) -> None:
    # What the owner of a directory links into it is in it.
    (tmp_path / "jail").mkdir()
    (tmp_path / "file").write_text("shared")
    os.link(tmp_path / "file", tmp_path / "jail" / "file")
    root = HostDirectory(tmp_path / "jail", openat2=openat2)
    assert await content(root, "file") == b"shared"


@scenario
async def test_names_that_are_no_text(tmp_path: Path, openat2: bool) -> None:
    (tmp_path / "plain").write_text("")
    (tmp_path / os.fsdecode(b"\xff\xfe")).mkdir()
    (tmp_path / "link").symlink_to(os.fsdecode(b"\xff"))
    root = HostDirectory(tmp_path, openat2=openat2)
    assert await names(root) == ["link", "plain"]
    assert await got(root.read_link("link")) is E.ILLEGAL_BYTE_SEQUENCE
    assert await refused(root, "link", "r") is E.NO_ENTRY
    assert await refused(root, "\udcff\udcfe", "rd") is E.ILLEGAL_BYTE_SEQUENCE


@scenario
async def test_permissions(tmp_path: Path, openat2: bool) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "file").chmod(0)
    root = HostDirectory(tmp_path, openat2=openat2)
    user = os.geteuid()
    os.seteuid(user or 65534)  # the superuser may do everything
    try:
        assert await refused(root, "file", "r") is E.ACCESS
    finally:
        os.seteuid(user)


@scenario
async def test_how_many_may_be_open(tmp_path: Path, openat2: bool) -> None:
    root = HostDirectory(tmp_path, files=3, openat2=openat2)
    await put(root, "x")
    held = [await opened(root, "x", "r"), await opened(root, ".", "rd"), await opened(root, "x", "w")]
    assert await refused(root, "x", "r") is E.TOO_MANY_OPEN
    assert await refused(held[1], "x", "r") is E.TOO_MANY_OPEN
    assert await got(root.create_directory("still")) is None
    held.pop()
    await opened(root, "x", "r")


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@scenario
async def test_no_descriptor_stays_open(tmp_path: Path, openat2: bool) -> None:
    before = descriptors()
    root = HostDirectory(tmp_path, openat2=openat2)
    await got(root.create_directory("a"))
    await got(root.create_directory("a/b"))
    for _ in range(50):
        await put(root, "a/b/x")
        await refused(root, "a/b/none", "r")
        await refused(root, "a/b/x/y", "r")
        await refused(root, "a/../..", "r")
        await opened(root, "a/b", "rd")
        await got(root.list(0, 1))
    del root
    assert descriptors() == before


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        HostDirectory(tmp_path / "none")
    (tmp_path / "file").write_text("")
    with pytest.raises(NotADirectoryError):
        HostDirectory(tmp_path / "file")


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.EPERM, errno.EAGAIN])
@scenario
async def test_a_kernel_that_cannot_resolve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "jail" / "a" / "b").mkdir(parents=True)
    (tmp_path / "jail" / "a" / "link").symlink_to("../a/b")
    calls = 0

    def refuse(*_: object) -> int:
        nonlocal calls
        calls += 1
        raise OSError(number, os.strerror(number))

    for openat2 in (None, True) if number == errno.EAGAIN else (None,):
        monkeypatch.setattr(linux, "open_beneath", refuse)
        root = HostDirectory(tmp_path / "jail", openat2=openat2)
        await put(root, "a/link/x", b"content")
        assert await content(root, "a/b/x") == b"content"
        assert await refused(root, "a/../../secret", "r") is E.NOT_PERMITTED
    assert calls > 0
