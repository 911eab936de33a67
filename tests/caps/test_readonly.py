"""What is granted for reading only can be read, and changed in no way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from capwit.caps.files import Access, Advice, DirectoryClient, FileError, NewTimeNow
from capwit.caps.host_files import HostDirectory
from capwit.caps.memory_files import MemoryDirectory
from capwit.caps.readonly import ReadOnlyDirectory

from tests.caps.support import content, got, names, opened, put, refused, scenario

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

E = FileError
NOW = NewTimeNow()


async def reopened(directory: Any) -> Any:
    """Return the directory as it opens itself without `mutate`."""
    return await opened(directory, ".", "rd")


async def viewed(directory: Any) -> Any:
    return ReadOnlyDirectory(directory)


async def viewed_through_clients(directory: Any) -> Any:
    return DirectoryClient(ReadOnlyDirectory(DirectoryClient(directory)))


async def granted(directory: Any) -> Any:
    """Return the host's directory as it is granted for reading only."""
    return HostDirectory(directory.folder, readonly=True)


class Folder(HostDirectory):
    """A directory of the machine that tells which."""

    __slots__ = ("folder",)

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder


def on_disk(folder: Path) -> Folder:
    return Folder(folder)


def in_memory(_: Path) -> MemoryDirectory:
    return MemoryDirectory()


@pytest.fixture(
    params=[
        (on_disk, granted), (on_disk, reopened), (on_disk, viewed), (on_disk, viewed_through_clients),
        (in_memory, reopened), (in_memory, viewed), (in_memory, viewed_through_clients),
    ],
    ids=lambda param: f"{param[0].__name__}-{param[1].__name__}",
)  # fmt: skip
def both(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Any, Callable[[Any], Any]]:
    """A directory that can be changed, and what makes it one that cannot."""
    make, protect = request.param
    return make(tmp_path), protect


async def furnished(both: tuple[Any, Callable[[Any], Any]]) -> tuple[Any, Any]:
    root, protect = both
    await put(root, "file", b"content")
    await got(root.create_directory("dir"))
    await put(root, "dir/file", b"inner")
    await got(root.symlink("file", "link"))
    return root, await protect(root)


CHANGES: dict[str, Callable[[Any, Any], Any]] = {
    "mkdir": lambda root, _: root.create_directory("new"),
    "rmdir": lambda root, _: root.remove_directory("dir"),
    "unlink": lambda root, _: root.unlink("file"),
    "rename": lambda root, _: root.rename("file", root, "new"),
    "rename in": lambda root, _: root.rename("file", root, "dir/new"),
    "rename out": lambda root, other: root.rename("file", other, "new"),
    "link": lambda root, _: root.link("file", False, root, "new"),
    "link out": lambda root, other: root.link("file", False, other, "new"),
    "symlink": lambda root, _: root.symlink("file", "new"),
    "times": lambda root, _: root.set_times(NOW, NOW),
    "times of a file": lambda root, _: root.set_times_at("file", False, NOW, NOW),
    "times through a link": lambda root, _: root.set_times_at("link", True, NOW, NOW),
    "nothing there": lambda root, _: root.unlink("none"),
}


@pytest.mark.parametrize("change", CHANGES)
@scenario
async def test_nothing_can_be_changed(both: Any, change: str) -> None:
    root, protected = await furnished(both)
    before = [await got(root.stat_at("file", False)), await got(root.stat())]
    assert await got(CHANGES[change](protected, root)) is E.READ_ONLY
    assert [await got(root.stat_at("file", False)), await got(root.stat())] == before
    assert await names(root) == ["dir", "file", "link"]


@pytest.mark.parametrize("letters", ["w", "rw", "rc", "rcx", "rt", "rm", "rdm"])
@pytest.mark.parametrize("path", ["file", "new", "dir", "dir/file", "link"])
@scenario
async def test_nothing_is_opened_to_change_it(both: Any, path: str, letters: str) -> None:
    root, protected = await furnished(both)
    assert await refused(protected, path, letters) is E.READ_ONLY
    assert await content(root, "file") == b"content"
    assert await names(root) == ["dir", "file", "link"]


@scenario
async def test_nothing_moves_into_it(both: Any) -> None:
    root, protected = await furnished(both)
    refusals = (E.READ_ONLY, E.CROSS_DEVICE)
    assert await got(root.rename("file", protected, "new")) in refusals
    assert await got(root.link("file", False, protected, "new")) in refusals
    assert await names(root) == ["dir", "file", "link"]


@scenario
async def test_it_can_be_read(both: Any) -> None:
    root, protected = await furnished(both)
    assert await content(protected, "file") == await content(protected, "link") == b"content"
    assert await names(protected) == ["dir", "file", "link"]
    assert await got(protected.read_link("link")) == "file"
    assert (await got(protected.stat())).inode == (await got(root.stat())).inode
    assert (await got(protected.stat_at("dir/file", False))).size == 5
    assert await got(protected.sync(True)) is None
    assert await refused(protected, "none", "r") is E.NO_ENTRY
    assert await refused(protected, "..", "r") is E.NOT_PERMITTED


async def access(node: Any) -> Access:
    answer = node.access()
    found: Access = await answer if hasattr(answer, "__await__") else answer
    return found


@scenario
async def test_what_is_opened_through_it_is_for_reading_only(both: Any) -> None:
    _, protected = await furnished(both)
    assert await access(protected) == Access(True, False)
    inner = await opened(protected, "dir", "rd")
    assert await access(inner) == Access(True, False)
    assert await names(inner) == ["file"]
    assert await refused(inner, "file", "w") is await got(inner.unlink("file")) is E.READ_ONLY
    assert await refused(inner, "..", "r") is E.NOT_PERMITTED
    file = await opened(inner, "file", "r")
    assert await access(file) == Access(True, False)
    assert await got(file.read(0, 9)) == b"inner"
    assert (await got(file.stat())).size == 5
    assert await got(file.advise(0, 0, Advice.RANDOM)) is None
    assert await got(file.sync(False)) is None
    assert await got(file.set_times(NOW, NOW)) is E.READ_ONLY
    for refusal in (file.write(0, b"x"), file.append(b"x"), file.allocate(0, 9)):
        assert await got(refusal) in (E.READ_ONLY, E.BAD_DESCRIPTOR)
    assert await got(file.set_size(0)) in (E.READ_ONLY, E.INVALID)
    assert await got(file.read(0, 9)) == b"inner"
