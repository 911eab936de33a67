"""What every file and directory does, whoever implements it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import CapError, Membrane, Policy
from capwit.caps.files import (
    Access,
    Advice,
    DirectoryClient,
    FileError,
    Kind,
    NewTimeAt,
    NewTimeKeep,
    NewTimeNow,
)
from capwit.caps.memory_files import MemoryDirectory
from capwit.caps.standard import Instant

from tests.caps.support import FileSystem, content, got, names, opened, put, refused, scenario

if TYPE_CHECKING:
    from collections.abc import Callable

E = FileError
KEEP, NOW = NewTimeKeep(), NewTimeNow()

# -- Content --


@scenario
async def test_reading_and_writing_at_positions(root: Any) -> None:
    file = await opened(root, "x", "rwcx")
    assert await got(file.write(0, b"hello")) == 5
    assert await got(file.write(8, b"!")) == 1
    assert await got(file.read(0, 100)) == b"hello\0\0\0!"
    assert await got(file.read(4, 2)) == b"o\0"
    assert await got(file.write(1, b"")) == 0
    assert await got(file.read(1, 0)) == b""
    assert await got(file.read(9, 5)) == await got(file.read(10**12, 5)) == b""
    assert (await got(file.stat())).size == 9


@scenario
async def test_a_read_gives_1_mib_at_most(root: Any) -> None:
    file = await opened(root, "x", "rwcx")
    await got(file.set_size(3 << 20))
    assert len(await got(file.read(0, 2**32 - 1))) == 1 << 20


@scenario
async def test_reading_into_a_buffer(fs: FileSystem) -> None:
    await put(fs.local, "x", b"hello")
    file = (await opened(fs.local, "x", "r")).target.object
    buffer = bytearray(8)
    assert await got(file.read_into(1, memoryview(buffer)[2:])) == 4
    assert buffer == b"\0\0ello\0\0"
    assert await got(file.read_into(5, memoryview(buffer))) == 0
    assert await got(file.read_into(2**63, memoryview(buffer))) is E.INVALID
    writer = (await opened(fs.local, "x", "w")).target.object
    assert await got(writer.read_into(0, memoryview(buffer))) is E.BAD_DESCRIPTOR


@scenario
async def test_appending(root: Any) -> None:
    one, other = await opened(root, "x", "rwc"), await opened(root, "x", "w")
    assert await got(one.append(b"ab")) == 2
    assert await got(other.append(b"cd")) == 2
    assert await got(one.write(0, b"A")) == 1
    assert await got(one.append(b"e")) == 1
    assert await got(one.append(b"")) == 0
    assert await content(root, "x") == b"Abcde"


@scenario
async def test_size(root: Any) -> None:
    file = await opened(root, "x", "rwc")
    await got(file.write(0, b"hello"))
    assert await got(file.set_size(2)) is None
    assert await got(file.set_size(4)) is None
    assert await got(file.read(0, 9)) == b"he\0\0"
    assert await got(file.set_size(2**63)) is E.INVALID


@scenario
async def test_allocating(root: Any) -> None:
    file = await opened(root, "x", "rwc")
    await got(file.write(0, b"hello"))
    assert await got(file.allocate(2, 1)) is None
    assert (await got(file.stat())).size == 5
    assert await got(file.allocate(4, 4)) is None
    assert await got(file.read(0, 99)) == b"hello\0\0\0"
    assert await got(file.allocate(0, 0)) is E.INVALID
    assert await got(file.allocate(2**63, 1)) is E.INVALID
    assert await got(file.allocate(2**63 - 1, 1)) is E.FILE_TOO_LARGE
    assert await got((await opened(root, "x", "r")).allocate(0, 1)) is E.BAD_DESCRIPTOR


@pytest.mark.parametrize("advice", Advice)
@scenario
async def test_advice_changes_nothing(root: Any, advice: Advice) -> None:
    await put(root, "x", b"hello")
    file = await opened(root, "x", "r")
    assert await got(file.advise(0, 0, advice)) is None
    assert await got(file.advise(3, 10, advice)) is None
    assert await got(file.advise(2**63, 1, advice)) is E.INVALID
    assert await got(file.read(0, 9)) == b"hello"


@scenario
async def test_offsets_that_are_none(root: Any) -> None:
    file = await opened(root, "x", "rwc")
    for offset in (2**63, 2**64 - 1):
        assert await got(file.read(offset, 1)) is E.INVALID
        assert await got(file.write(offset, b"x")) is E.INVALID


@scenario
async def test_what_a_file_was_opened_for(root: Any) -> None:
    await put(root, "x", b"hello")
    reader, writer = await opened(root, "x", "r"), await opened(root, "x", "w")
    neither = await opened(root, "x", "")
    assert await got(writer.read(0, 1)) is await got(neither.read(0, 1)) is E.BAD_DESCRIPTOR
    for file in (reader, neither):
        assert await got(file.write(0, b"x")) is await got(file.append(b"x")) is E.BAD_DESCRIPTOR
        assert await got(file.set_size(0)) is E.INVALID
    for file, access in ((reader, Access(True, False)), (writer, Access(False, True))):
        answer = file.access()
        assert (await answer if hasattr(answer, "__await__") else answer) == access
    assert (await got(neither.stat())).size == 5
    assert await content(root, "x") == b"hello"


@scenario
async def test_syncing(root: Any) -> None:
    await put(root, "x", b"hello")
    for node in (await opened(root, "x", "w"), await opened(root, ".", "d")):
        for data_only in (True, False):
            assert await got(node.sync(data_only)) is None


# -- Opening --

# What is there: a file, a directory with a file, links to both and to nothing.
OPENING = {
    # existing files
    ("file", "r"): None,
    ("file", "d"): E.NOT_DIRECTORY,
    ("file", "rcx"): E.EXIST,
    ("file/", "r"): E.NOT_DIRECTORY,
    ("file/", "rc"): E.IS_DIRECTORY,
    ("file/.", "r"): E.NOT_DIRECTORY,
    ("file/..", "r"): E.NOT_DIRECTORY,
    ("file/x", "rc"): E.NOT_DIRECTORY,
    # directories
    ("dir", "r"): None,
    ("dir", "rd"): None,
    ("dir/", "rd"): None,
    ("dir//", "r"): None,
    ("./dir/.", "r"): None,
    ("dir/..", "r"): None,
    ("dir/../dir/../file", "r"): None,
    ("dir//file", "r"): None,
    ("dir", "w"): E.IS_DIRECTORY,
    ("dir", "rt"): E.IS_DIRECTORY,
    ("dir", "rc"): E.IS_DIRECTORY,
    ("dir", "rcx"): E.EXIST,
    ("dir/", "rc"): E.IS_DIRECTORY,
    (".", "rc"): E.IS_DIRECTORY,
    (".", "w"): E.IS_DIRECTORY,
    ("dir", "rcd"): E.INVALID,
    # what is not there
    ("none", "r"): E.NO_ENTRY,
    ("none/", "r"): E.NO_ENTRY,
    ("none/", "rc"): E.IS_DIRECTORY,
    ("none/x", "rc"): E.NO_ENTRY,
    ("none/..", "r"): E.NO_ENTRY,
    ("", "r"): E.NO_ENTRY,
    ("new", "wc"): None,
    ("new", "wcx"): None,
    ("dir/new", "rwc"): None,
    # links
    ("to-file", "r"): None,
    ("to-file", "rn"): E.LOOP,
    ("to-file", "rdn"): E.NOT_DIRECTORY,
    ("to-file", "rd"): E.NOT_DIRECTORY,
    ("to-file", "rcx"): E.EXIST,
    ("to-file/", "rn"): E.NOT_DIRECTORY,
    ("to-file/x", "rn"): E.NOT_DIRECTORY,
    ("to-dir", "r"): None,
    ("to-dir", "rd"): None,
    ("to-dir", "rn"): E.LOOP,
    ("to-dir", "rdn"): E.NOT_DIRECTORY,
    ("to-dir/", "rn"): None,
    ("to-dir/.", "rn"): None,
    ("to-dir/file", "rn"): None,
    ("to-dir/../file", "rn"): None,
    ("to-none", "r"): E.NO_ENTRY,
    ("to-none", "rn"): E.LOOP,
    ("to-none", "rcn"): E.LOOP,
    ("to-none", "rcx"): E.EXIST,
    ("to-none", "wc"): None,
    ("to-link", "r"): None,
    ("loop", "r"): E.LOOP,
    ("loop", "rn"): E.LOOP,
    ("loop/x", "r"): E.LOOP,
    ("dir/up", "r"): None,
    ("dir/up/file", "r"): None,
    ("to-file-slash", "r"): E.NOT_DIRECTORY,
    # names that cannot be
    ("a\0b", "rc"): E.INVALID,
    ("x" * 256, "rc"): E.NAME_TOO_LONG,
    ("x" * 255, "rc"): None,
    ("x/" * 2047 + "xy", "r"): E.NAME_TOO_LONG,
    ("\ud800", "rc"): E.ILLEGAL_BYTE_SEQUENCE,
    ("\N{SNOWMAN}", "rc"): None,
}  # fmt: skip


async def furnish(root: Any) -> None:
    await put(root, "file", b"content")
    await got(root.create_directory("dir"))
    await put(root, "dir/file", b"inner")
    for name, target in {
        "to-file": "file",
        "to-dir": "dir",
        "to-none": "nothing",
        "to-link": "to-file",
        "loop": "loop",
        "dir/up": "..",
        "to-file-slash": "file/",
    }.items():
        assert await got(root.symlink(target, name)) is None


@pytest.mark.parametrize(("path", "letters"), OPENING, ids=lambda value: ascii(value)[:30])
@scenario
async def test_opening(fs: FileSystem, path: str, letters: str) -> None:
    if fs.root is not fs.local and path == "\ud800":
        return  # no client of another process could say it
    await furnish(fs.root)
    expected = OPENING[path, letters]
    if expected is None:
        await opened(fs.root, path, letters)
    else:
        assert await refused(fs.root, path, letters) is expected
    assert await content(fs.root, "file") == b"content"


@scenario
async def test_what_creating_makes(root: Any) -> None:
    await furnish(root)
    await opened(root, "to-none", "wc")
    assert (await got(root.stat_at("nothing", False))).kind is Kind.REGULAR_FILE
    assert await got(root.read_link("to-none")) == "nothing"
    await opened(root, "file", "wc")
    assert await content(root, "file") == b"content"
    await opened(root, "to-file", "wct")
    assert await content(root, "file") == b""


@scenario
async def test_a_long_chain_of_links(root: Any) -> None:
    await put(root, "end", b"far")
    for index in range(45):
        target = f"link{index - 1}" if index else "end"
        assert await got(root.symlink(target, f"link{index}")) is None
    assert await content(root, "link39") == b"far"
    assert await refused(root, "link44", "r") is E.LOOP
    assert await got(root.stat_at("link44", True)) is E.LOOP


@scenario
async def test_a_directory_is_a_root_of_its_own(root: Any) -> None:
    await furnish(root)
    directory = await opened(root, "dir", "rmd")
    assert await content(directory, "file") == b"inner"
    assert await refused(directory, "..", "r") is E.NOT_PERMITTED
    assert await refused(directory, "up/file", "r") is E.NOT_PERMITTED
    assert await got(directory.stat_at("up", False)) != E.NOT_PERMITTED
    assert await got(directory.unlink("file")) is None
    assert await names(root) == sorted(
        ["dir", "file", "loop", "to-dir", "to-file", "to-file-slash", "to-link", "to-none"]
    )
    assert await names(directory) == ["up"]


# -- Examining --


@scenario
async def test_stat(root: Any) -> None:
    await furnish(root)
    kinds = {"file": Kind.REGULAR_FILE, "dir": Kind.DIRECTORY, "to-file": Kind.SYMBOLIC_LINK}
    for path, kind in kinds.items():
        assert (await got(root.stat_at(path, False))).kind is kind
    file = await got(root.stat_at("file", False))
    assert (file.size, file.links) == (7, 1)
    assert (await got(root.stat_at("to-file", False))).size == 4
    for path in ("to-file", "to-link", "./file", "dir/up/file", "dir/../file"):
        assert await got(root.stat_at(path, True)) == file
    assert await got((await opened(root, "file", "r")).stat()) == file
    directory = await got((await opened(root, "dir", "rd")).stat())
    assert await got(root.stat_at("to-dir/", False)) == directory
    assert await got(root.stat_at(".", False)) == await got(root.stat()) != directory
    assert directory.device == file.device
    assert directory.inode != file.inode


STATS = {
    "none": E.NO_ENTRY, "file/": E.NOT_DIRECTORY, "to-file/": E.NOT_DIRECTORY, "to-none/": E.NO_ENTRY,
    "file/x": E.NOT_DIRECTORY, "": E.NO_ENTRY, "..": E.NOT_PERMITTED, "/": E.NOT_PERMITTED, "loop/": E.LOOP,
}  # fmt: skip


@pytest.mark.parametrize("path", STATS)
@scenario
async def test_stat_of_what_is_not_there(root: Any, path: str) -> None:
    await furnish(root)
    assert await got(root.stat_at(path, False)) is STATS[path]
    assert await got(root.set_times_at(path, False, NOW, NOW)) is STATS[path]


@scenario
async def test_a_dangling_link_is_examined_itself(root: Any) -> None:
    await furnish(root)
    assert (await got(root.stat_at("to-none", False))).kind is Kind.SYMBOLIC_LINK
    assert await got(root.stat_at("to-none", True)) is E.NO_ENTRY


def at(seconds: int, nanoseconds: int = 0) -> NewTimeAt:
    return NewTimeAt(Instant(seconds, nanoseconds))


@scenario
async def test_times(root: Any) -> None:
    await furnish(root)
    file = await opened(root, "file", "r")
    assert await got(file.set_times(at(1, 500), at(2**31, 999_999_999))) is None
    found = await got(file.stat())
    assert (found.accessed, found.modified) == (Instant(1, 500), Instant(2**31, 999_999_999))
    assert await got(file.set_times(KEEP, at(7))) is None
    found = await got(file.stat())
    assert (found.accessed, found.modified) == (Instant(1, 500), Instant(7, 0))
    assert await got(file.set_times(NOW, KEEP)) is None
    found = await got(file.stat())
    assert found.accessed.seconds > 1_600_000_000
    assert found.modified == Instant(7, 0)
    assert found.changed.seconds > 1_600_000_000
    assert await got(file.set_times(KEEP, KEEP)) is None
    for bad in (at(0, 1_000_000_000), at(0, 2**30 - 1), at(0, 2**32 - 1), at(2**63)):
        assert await got(file.set_times(bad, KEEP)) is await got(file.set_times(KEEP, bad)) is E.INVALID


@scenario
async def test_times_by_path(root: Any) -> None:
    await furnish(root)
    assert await got(root.set_times_at("to-file", False, at(5), at(6))) is None
    assert (await got(root.stat_at("to-file", False))).modified == Instant(6, 0)
    assert (await got(root.stat_at("file", False))).modified != Instant(6, 0)
    assert await got(root.set_times_at("to-file", True, at(5), at(7))) is None
    assert (await got(root.stat_at("file", False))).modified == Instant(7, 0)
    assert await got(root.set_times_at("to-dir/", False, at(5), at(8))) is None
    assert (await got(root.stat_at("dir", False))).modified == Instant(8, 0)
    assert await got(root.set_times_at("dir/..", False, at(5), at(9))) is None
    assert await got(root.stat()) == await got(root.stat_at(".", False))
    assert (await got(root.stat())).modified == Instant(9, 0)
    assert await got(root.set_times(at(5), at(10))) is None
    assert (await got(root.stat())).modified == Instant(10, 0)


@scenario
async def test_writing_changes_the_time(root: Any) -> None:
    file = await opened(root, "x", "rwc")
    changes: list[Callable[[], Any]] = [
        lambda: file.write(0, b"x"),
        lambda: file.append(b"x"),
        lambda: file.set_size(1),
    ]
    for change in changes:
        await got(file.set_times(at(5), at(5)))
        await got(change())
        assert (await got(file.stat())).modified.seconds > 5
    await got(root.set_times(at(5), at(5)))
    await got(root.unlink("x"))
    assert (await got(root.stat())).modified.seconds > 5


# -- Names --

# Operations that fail, on what `furnish` makes.
NAMES: dict[tuple[str, ...], FileError] = {
    ("create_directory", "dir"): E.EXIST,
    ("create_directory", "file"): E.EXIST,
    ("create_directory", "to-none"): E.EXIST,
    ("create_directory", "to-none/"): E.EXIST,
    ("create_directory", "none/x"): E.NO_ENTRY,
    ("create_directory", "file/x"): E.NOT_DIRECTORY,
    ("create_directory", "."): E.EXIST,
    ("create_directory", "dir/.."): E.EXIST,
    ("create_directory", ""): E.NO_ENTRY,
    ("create_directory", ".."): E.NOT_PERMITTED,
    ("create_directory", "/x"): E.NOT_PERMITTED,
    ("create_directory", "x" * 256): E.NAME_TOO_LONG,
    ("remove_directory", "dir"): E.NOT_EMPTY,
    ("remove_directory", "file"): E.NOT_DIRECTORY,
    ("remove_directory", "file/"): E.NOT_DIRECTORY,
    ("remove_directory", "to-dir"): E.NOT_DIRECTORY,
    ("remove_directory", "to-dir/"): E.NOT_DIRECTORY,
    ("remove_directory", "none"): E.NO_ENTRY,
    ("remove_directory", "."): E.INVALID,
    ("remove_directory", "dir/."): E.INVALID,
    ("remove_directory", "dir/.."): E.NOT_EMPTY,
    ("remove_directory", ".."): E.NOT_PERMITTED,
    ("unlink", "dir"): E.IS_DIRECTORY,
    ("unlink", "dir/"): E.IS_DIRECTORY,
    ("unlink", "file/"): E.NOT_DIRECTORY,
    ("unlink", "to-file/"): E.NOT_DIRECTORY,
    ("unlink", "to-dir/"): E.NOT_DIRECTORY,
    ("unlink", "none"): E.NO_ENTRY,
    ("unlink", "none/"): E.NO_ENTRY,
    ("unlink", "."): E.IS_DIRECTORY,
    ("unlink", "dir/.."): E.IS_DIRECTORY,
    ("unlink", ".."): E.NOT_PERMITTED,
    ("symlink", "x", "file"): E.EXIST,
    ("symlink", "x", "dir"): E.EXIST,
    ("symlink", "x", "dir/"): E.EXIST,
    ("symlink", "x", "new/"): E.NO_ENTRY,
    ("symlink", "", "new"): E.NO_ENTRY,
    ("symlink", "/x", "new"): E.NOT_PERMITTED,
    ("symlink", "a\0b", "new"): E.INVALID,
    ("symlink", "x", "none/new"): E.NO_ENTRY,
    ("symlink", "x", "../new"): E.NOT_PERMITTED,
    ("read_link", "file"): E.INVALID,
    ("read_link", "dir"): E.INVALID,
    ("read_link", "."): E.INVALID,
    ("read_link", "none"): E.NO_ENTRY,
    ("read_link", "to-dir/"): E.INVALID,
    ("read_link", "to-file/"): E.NOT_DIRECTORY,
    ("read_link", ".."): E.NOT_PERMITTED,
}  # fmt: skip


@pytest.mark.parametrize("operation", NAMES, ids=lambda operation: "-".join(operation)[:40])
@scenario
async def test_names_that_cannot_be_changed(root: Any, operation: tuple[str, ...]) -> None:
    await furnish(root)
    before = await names(root)
    method, *arguments = operation
    assert await got(getattr(root, method)(*arguments)) is NAMES[operation]
    assert await names(root) == before


@scenario
async def test_directories_come_and_go(root: Any) -> None:
    assert await got(root.create_directory("a/")) is None
    assert await got(root.create_directory("a/b")) is None
    inner = await opened(root, "a/b", "rmd")
    assert await got(root.remove_directory("a")) is E.NOT_EMPTY
    assert await got(root.remove_directory("a/b/")) is None
    assert await got(root.remove_directory("a")) is None
    assert await names(root) == []
    # It lives on, and nothing can be made in it.
    assert (await got(inner.stat())).links == 0
    assert await refused(inner, "x", "wc") is E.NO_ENTRY
    assert await got(inner.create_directory("x")) is E.NO_ENTRY
    assert await got(inner.list(0, 10)) == []


@scenario
async def test_an_open_file_outlives_its_name(root: Any) -> None:
    await put(root, "x", b"old")
    file = await opened(root, "x", "rw")
    assert await got(root.unlink("x")) is None
    await put(root, "x", b"new")
    assert await got(file.read(0, 9)) == b"old"
    assert await got(file.append(b"er")) == 2
    found = await got(file.stat())
    assert (found.links, found.size) == (0, 5)
    assert await content(root, "x") == b"new"


@scenario
async def test_links_are_unlinked_themselves(root: Any) -> None:
    await furnish(root)
    for path in ("to-file", "to-dir", "to-none", "loop"):
        assert await got(root.unlink(path)) is None
    assert await content(root, "file") == b"content"
    assert await content(root, "dir/file") == b"inner"


@scenario
async def test_hard_links(root: Any) -> None:
    await furnish(root)
    assert await got(root.link("file", False, root, "dir/second")) is None
    one, other = await got(root.stat_at("file", False)), await got(root.stat_at("dir/second", False))
    assert one == other
    assert one.links == 2
    await put(root, "dir/second", b"changed")
    assert await content(root, "file") == b"changed"
    assert await got(root.unlink("file")) is None
    assert (await got(root.stat_at("dir/second", False))).links == 1
    # a link itself, or what it leads to
    assert await got(root.link("to-dir", False, root, "link")) is None
    assert await got(root.read_link("link")) == "dir"
    await put(root, "file")
    assert await got(root.link("to-file", True, root, "third")) is None
    assert (await got(root.stat_at("third", False))).kind is Kind.REGULAR_FILE


LINKS = {
    ("dir", "new"): E.NOT_PERMITTED,
    ("dir/", "new"): E.NOT_PERMITTED,
    (".", "new"): E.NOT_PERMITTED,
    ("none", "new"): E.NO_ENTRY,
    ("file/", "new"): E.NOT_DIRECTORY,
    ("file", "file"): E.EXIST,
    ("file", "dir"): E.EXIST,
    ("file", "new/"): E.NO_ENTRY,
    ("file", "none/new"): E.NO_ENTRY,
    ("file", "../new"): E.NOT_PERMITTED,
    ("../file", "new"): E.NOT_PERMITTED,
    ("file", "."): E.EXIST,
}


@pytest.mark.parametrize(("old", "new"), LINKS)
@scenario
async def test_hard_links_that_cannot_be(root: Any, old: str, new: str) -> None:
    await furnish(root)
    before = await names(root)
    assert await got(root.link(old, False, root, new)) is LINKS[old, new]
    assert await names(root) == before


RENAMES = {
    ("file", "new"): None,
    ("file", "dir/new"): None,
    ("file", "dir/file"): None,
    ("file", "to-dir"): None,
    ("file", "to-none"): None,
    ("file", "file"): None,
    ("dir", "new"): None,
    ("dir", "new/"): None,
    ("dir/", "empty"): None,
    ("dir", "empty/"): None,
    ("empty", "dir/empty"): None,
    ("to-dir", "new"): None,
    ("loop", "file"): None,
    ("dir", "dir"): None,
    ("file", "dir"): E.IS_DIRECTORY,
    ("file", "empty"): E.IS_DIRECTORY,
    ("file", "new/"): E.NOT_DIRECTORY,
    ("file/", "new"): E.NOT_DIRECTORY,
    ("file", "dir/"): E.NOT_DIRECTORY,
    ("to-dir/", "new"): E.NOT_DIRECTORY,
    ("dir", "file"): E.NOT_DIRECTORY,
    ("dir", "to-dir"): E.NOT_DIRECTORY,
    ("empty", "dir"): E.NOT_EMPTY,
    ("dir", "dir/inner"): E.INVALID,
    ("dir/file", "dir"): E.NOT_EMPTY,
    ("none", "new"): E.NO_ENTRY,
    ("file", "none/new"): E.NO_ENTRY,
    (".", "new"): E.BUSY,
    ("dir/.", "new"): E.BUSY,
    ("dir/..", "new"): E.BUSY,
    ("file", "."): E.BUSY,
    ("file", "dir/.."): E.BUSY,
    ("..", "new"): E.NOT_PERMITTED,
    ("file", ".."): E.NOT_PERMITTED,
    ("../file", "new"): E.NOT_PERMITTED,
    ("file", "../new"): E.NOT_PERMITTED,
    ("file", "/new"): E.NOT_PERMITTED,
    ("", "new"): E.NO_ENTRY,
    ("file", ""): E.NO_ENTRY,
}


@pytest.mark.parametrize(("old", "new"), RENAMES)
@scenario
async def test_renaming(root: Any, old: str, new: str) -> None:
    await furnish(root)
    await got(root.create_directory("empty"))
    before = await names(root)
    moved = await got(root.stat_at(old.rstrip("/") or "?", False))
    expected = RENAMES[old, new]
    assert await got(root.rename(old, root, new)) is expected
    if expected is not None:
        assert await names(root) == before
    else:
        assert (await got(root.stat_at(new.rstrip("/"), False))).inode == moved.inode
        if old != new:
            assert await got(root.stat_at(old.rstrip("/"), False)) is E.NO_ENTRY


@scenario
async def test_renaming_one_of_two_names_over_the_other_does_nothing(root: Any) -> None:
    await put(root, "a", b"same")
    await got(root.link("a", False, root, "b"))
    assert await got(root.rename("a", root, "b")) is None
    assert await names(root) == ["a", "b"]


@scenario
async def test_across_directories(root: Any) -> None:
    await furnish(root)
    await got(root.create_directory("other"))
    one, other = await opened(root, "dir", "rmd"), await opened(root, "other", "rmd")
    assert await got(one.rename("file", other, "moved")) is None
    assert await got(other.link("moved", False, one, "again")) is None
    assert await content(root, "other/moved") == await content(root, "dir/again") == b"inner"
    assert await got(one.rename("again", other, "../out")) is E.NOT_PERMITTED
    assert await names(one) == ["again", "up"]


@scenario
async def test_a_directory_of_another_file_system(fs: FileSystem) -> None:
    await put(fs.root, "x", b"here")
    foreign = MemoryDirectory()
    assert await got(fs.root.rename("x", foreign, "x")) is E.CROSS_DEVICE
    assert await got(fs.root.link("x", False, foreign, "x")) is E.CROSS_DEVICE
    assert await content(fs.root, "x") == b"here"
    assert await names(foreign) == []


@scenario
async def test_across_two_grants(fs: FileSystem) -> None:
    await furnish(fs.root)
    one, other = Membrane("one"), Membrane("other")
    root = one.guard(DirectoryClient(fs.root))
    to = other.guard(DirectoryClient(await opened(fs.root, "dir", "rmd")))
    assert await got(root.rename("file", to, "moved")) is None
    assert "moved" in await names(to)
    narrowed = Membrane("narrowed", Policy(deny=("directory.rename",))).guard(to)
    assert await got(root.rename("to-file", narrowed, "x")) is E.CROSS_DEVICE
    other.revoke()
    with pytest.raises(CapError, match="the grant `other` was revoked"):
        await root.rename("to-file", to, "x")
    assert "to-file" in await names(root)


# -- Listing --


@scenario
async def test_listing(root: Any) -> None:
    await furnish(root)
    entries = await got(root.list(0, 100))
    assert {entry.name: entry.kind for entry in entries} == {
        "file": Kind.REGULAR_FILE,
        "dir": Kind.DIRECTORY,
        **dict.fromkeys(
            ["to-file", "to-dir", "to-none", "to-link", "loop", "to-file-slash"], Kind.SYMBOLIC_LINK
        ),
    }
    for entry in entries:
        assert entry.inode == (await got(root.stat_at(entry.name, False))).inode
        assert 0 < entry.cookie < 2**63
    assert len({entry.cookie for entry in entries}) == len(entries)
    for index, entry in enumerate(entries):
        assert await got(root.list(entry.cookie, 100)) == entries[index + 1 :]
    assert await got(root.list(0, 2)) == entries[:2]
    assert await got(root.list(0, 0)) == []
    assert await got(root.list(entries[-1].cookie, 9)) == []


@scenario
async def test_an_empty_directory_that_fills(root: Any) -> None:
    assert await got(root.list(0, 9)) == []
    await put(root, "x")
    assert [entry.name for entry in await got(root.list(0, 9))] == ["x"]


@scenario
async def test_cookies_hold_while_what_was_listed_is_removed(root: Any) -> None:
    expected = [f"file{index:03}" for index in range(200)]
    for name in expected:
        await put(root, name)
    found: list[str] = []
    cookie = 0
    while entries := await got(root.list(cookie, 7)):
        for entry in entries:
            found.append(entry.name)
            assert await got(root.unlink(entry.name)) is None
        cookie = entries[-1].cookie
    assert sorted(found) == expected
    assert await names(root) == []


@scenario
async def test_what_stays_is_listed_once_whatever_comes(root: Any) -> None:
    stays = {f"stay{index:03}" for index in range(100)}
    for name in stays:
        await put(root, name)
    found: list[str] = []
    cookie, round = 0, 0
    while entries := await got(root.list(cookie, 9)):
        found += [entry.name for entry in entries if entry.name in stays]
        cookie = entries[-1].cookie
        round += 1
        if round < 20:
            await put(root, f"new{round}")
            await got(root.unlink(f"new{round - 1}"))
        await got(root.list(0, 3))  # somebody else, from the beginning
    assert sorted(found) == sorted(stays)
    assert len(found) == len(stays)


@scenario
async def test_a_cookie_that_nobody_gave(root: Any) -> None:
    await put(root, "x")
    for cookie in (1, 2**31, 2**62, 2**63, 2**64 - 1):
        answer = await got(root.list(cookie, 9))
        assert answer is E.INVALID or all(entry.name == "x" for entry in answer)
    assert await names(root) == ["x"]
