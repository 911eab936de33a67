"""Host code that uses directories gets values, and exceptions that say why."""

from __future__ import annotations

from typing import Any

import pytest
from capwit.bridge import CapError
from capwit.caps import FileRefused, MemoryDirectory, open_flags, value
from capwit.caps.files import DirectoryClient, FileClient, FileError

from tests.caps.support import scenario


@scenario
async def test_answers_are_values() -> None:
    root = DirectoryClient(MemoryDirectory())
    assert value(await root.create_directory("d")) is None
    file = value(await root.open("d/x", open_flags(write=True, create=True)))
    assert isinstance(file, FileClient)
    assert value(await file.write(0, b"hello")) == 5
    assert value(await file.read(0, 9)) == b"hello"
    assert value(await file.stat()).size == 5
    assert value(await root.symlink("x", "d/link")) is None
    assert value(await root.read_link("d/link")) == "x"
    assert [entry.name for entry in value(await root.list(0, 9))] == ["d"]
    inner = value(await root.open("d", open_flags(directory=True)))
    assert isinstance(inner, DirectoryClient)


REFUSALS: list[tuple[Any, FileError, str]] = [
    (lambda root: root.open("x", open_flags()), FileError.NO_ENTRY, "failed: the file system says no-entry"),
    (lambda root: root.stat_at("..", True), FileError.NOT_PERMITTED, "denied"),
    (lambda root: root.unlink("."), FileError.IS_DIRECTORY, "failed"),
    (lambda root: root.create_directory("x"), FileError.NO_ENTRY, "failed"),
    (lambda root: root.read_link("."), FileError.INVALID, "failed"),
]


@pytest.mark.parametrize(("attempt", "error", "words"), REFUSALS, ids=lambda value: str(value)[:20])
@scenario
async def test_errors_are_exceptions(attempt: Any, error: FileError, words: str) -> None:
    root = MemoryDirectory()
    root.create_directory("gone")
    inner: Any = value(root.open("gone", open_flags(mutate=True)))
    root.remove_directory("gone")
    with pytest.raises(FileRefused, match=words) as caught:
        value(await attempt(inner))
    assert caught.value.error is error
    assert isinstance(caught.value, CapError)


@scenario
async def test_refusals_of_files() -> None:
    root = DirectoryClient(MemoryDirectory(bytes=2))
    file: Any = value(await root.open("x", open_flags(write=True, create=True)))
    assert value(await file.write(0, b"hello")) == 2
    with pytest.raises(FileRefused, match="exhausted: the file system says insufficient-space"):
        value(await file.append(b"x"))
    writer: Any = value(await root.open("x", open_flags(read=False, write=True)))
    with pytest.raises(FileRefused, match="bad-descriptor"):
        value(await writer.read(0, 1))
