"""What is a file system in memory's own: that it is bounded, and gone when nobody holds it."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest
from capwit.caps import MemoryDirectory
from capwit.caps.files import FileError

from tests.caps.support import content, got, names, opened, put, refused, scenario

E = FileError


def space(root: Any) -> tuple[int, int]:
    """Return the bytes and the names there is still room for."""
    left = root._tree._space
    return left.bytes, left.nodes


@scenario
async def test_bytes_are_bounded() -> None:
    root = MemoryDirectory(bytes=100)
    file = await opened(root, "x", "rwc")
    assert await got(file.write(0, bytes(60))) == 60
    assert await got(file.write(50, b"y" * 60)) == 50  # what there is room for
    assert await got(file.write(100, b"z")) is await got(file.append(b"z")) is E.INSUFFICIENT_SPACE
    assert await got(file.write(0, b"a")) == 1
    assert await got(file.set_size(101)) is E.INSUFFICIENT_SPACE
    assert await got(file.allocate(0, 101)) is E.INSUFFICIENT_SPACE
    assert await got(root.symlink("target", "link")) is E.INSUFFICIENT_SPACE
    assert await got(file.set_size(94)) is None
    assert await got(root.symlink("target", "link")) is None
    assert await got(file.read(48, 4)) == b"\0\0yy"


@pytest.mark.parametrize("offset", [2**40, 2**63 - 1])
@scenario
async def test_a_hole_takes_room(offset: int) -> None:
    root = MemoryDirectory(bytes=100)
    file = await opened(root, "x", "wc")
    assert await got(file.write(offset, b"x")) is E.INSUFFICIENT_SPACE
    assert await got(file.set_size(offset)) is E.INSUFFICIENT_SPACE
    assert (await got(file.stat())).size == 0


@scenario
async def test_names_are_bounded() -> None:
    root = MemoryDirectory(nodes=3)
    await put(root, "a")
    assert await got(root.create_directory("d")) is None
    assert await got(root.link("a", False, root, "b")) is None
    full = E.INSUFFICIENT_SPACE
    assert await refused(root, "c", "wc") is full
    assert await got(root.create_directory("c")) is full
    assert await got(root.symlink("a", "c")) is full
    assert await got(root.link("a", False, root, "c")) is full
    assert await got(root.rename("a", root, "d/a")) is None
    assert await got(root.unlink("b")) is None
    await put(root, "c")
    assert await names(root) == ["c", "d"]


@scenario
async def test_room_comes_back_with_the_last_reference() -> None:
    root = MemoryDirectory(bytes=100, nodes=5)
    before = space(root)
    await put(root, "x", bytes(90))
    await got(root.link("x", False, root, "y"))
    await got(root.symlink("x", "z"))
    file = await opened(root, "x", "r")
    for name in ("x", "y", "z"):
        assert await got(root.unlink(name)) is None
    assert space(root) == (10, before[1] - 1)
    assert len(await got(file.read(0, 100))) == 90
    del file
    assert space(root) == before
    await put(root, "x", bytes(90))
    await put(root, "y")
    await got(root.rename("y", root, "x"))
    await got(root.create_directory("d"))
    await got(root.remove_directory("d"))
    await got(root.unlink("x"))
    assert space(root) == before


@scenario
async def test_it_lives_as_long_as_anything_in_it() -> None:
    root = MemoryDirectory()
    await got(root.create_directory("d"))
    await put(root, "d/x", b"content")
    inner = await opened(root, "d", "rd")
    tree = weakref.ref(root._tree)
    del root
    assert await content(inner, "x") == b"content"
    del inner
    gc.collect()
    assert tree() is None
