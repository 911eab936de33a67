"""Blobs by their hashes, and the sources of a script: each implementation alike."""

from __future__ import annotations

import os
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import CapError, ErrorKind
from capwit.caps import (
    DirectoryScripts,
    DirectoryStore,
    HostDirectory,
    MemoryDirectory,
    MemoryScripts,
    MemoryStore,
    ReadOnlyDirectory,
)
from capwit.caps.files import DirectoryClient, FileClient
from capwit.caps.store import (
    BlobPartAbsent,
    BlobPartData,
    BlobSizeAbsent,
    BlobSizeBytes,
    ScriptPackageClient,
    StoreClient,
)
from capwit.caps.stores import MOST_PART, fetch
from capwit.caps.using import open_flags, value

from tests.caps.support import scenario

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HELLO = sha256(b"hello").digest()
NONE = sha256(b"nothing").digest()


@pytest.fixture(params=["memory", "a folder", "a directory in memory"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., StoreClient]:
    """Return what makes a store."""

    def made(**limit: int) -> StoreClient:
        match request.param:
            case "memory":
                return StoreClient(MemoryStore(**limit))
            case "a folder":
                return StoreClient(DirectoryStore(HostDirectory(tmp_path), **limit))
            case _:
                return StoreClient(DirectoryStore(MemoryDirectory(), **limit))

    return made


@scenario
async def test_a_blob_is_known_by_its_hash(make: Any) -> None:
    store = make()
    assert not await store.has(HELLO)
    assert await store.put(b"hello") == HELLO == await store.put(b"hello")
    assert await store.has(HELLO) and not await store.has(NONE)
    assert await store.size(HELLO) == BlobSizeBytes(5) and await store.size(NONE) == BlobSizeAbsent()
    assert await store.put(b"") == sha256().digest()
    assert await store.size(sha256().digest()) == BlobSizeBytes(0)
    assert await fetch(store, HELLO) == b"hello" and await fetch(store, NONE) is None
    assert await fetch(store, sha256().digest()) == b""


@scenario
async def test_a_blob_is_read_in_parts(make: Any) -> None:
    store = make()
    await store.put(b"hello")
    table = [(0, 2, b"he"), (2, 100, b"llo"), (4, 1, b"o"), (5, 1, b""), (2**63 - 1, 9, b""), (0, 0, b"")]
    for offset, length, expected in table:
        assert await store.get(HELLO, offset, length) == BlobPartData(expected)
    assert await store.get(NONE, 0, 1) == BlobPartAbsent()
    large = os.urandom(2 * MOST_PART + 3)
    hash = await store.put(large)
    part = await store.get(hash, 0, 2**32 - 1)
    assert isinstance(part, BlobPartData) and part.value == large[:MOST_PART]
    assert await fetch(store, hash) == large


@scenario
async def test_a_blob_is_written_in_parts(make: Any) -> None:
    store = make(limit=200)
    upload = await store.upload()
    await upload.write(b"hel")
    await upload.write(b"lo")
    assert not await store.has(HELLO)
    assert await upload.finish() == HELLO
    assert await fetch(store, HELLO) == b"hello"
    for again in (upload.finish(), upload.write(b"x")):
        with pytest.raises(CapError, match="failed: the blob is finished"):
            await again
    other, third = await store.upload(), await store.upload()
    await other.write(b"x" * 150)
    with pytest.raises(CapError) as full:
        await third.write(b"x" * 51)  # they have no more room together than one of them
    assert full.value.kind is ErrorKind.EXHAUSTED
    del other
    await third.write(b"x" * 200)


@scenario
async def test_a_store_has_its_limit(make: Any) -> None:
    store = make(limit=133)
    assert await store.put(b"hello") == HELLO
    with pytest.raises(CapError) as full:
        await store.put(b"x" * 134)
    assert full.value.kind is ErrorKind.EXHAUSTED
    with pytest.raises(CapError, match="the blob has 5 bytes, the most is 4"):
        await fetch(store, HELLO, 4)


@pytest.mark.parametrize("hash", [b"", b"x" * 31, b"x" * 33, b"../../../../etc/hostname/" + b"x" * 7])
@scenario
async def test_what_is_no_hash(make: Any, hash: bytes) -> None:
    store = make()
    for call in (store.has(hash), store.size(hash), store.get(hash, 0, 1)):
        if len(hash) == 32:
            assert await call in (False, BlobSizeAbsent(), BlobPartAbsent())
            continue
        with pytest.raises(CapError, match="a SHA-256 has 32 bytes"):
            await call


@scenario
async def test_a_folder_has_whole_blobs_and_no_others(tmp_path: Path) -> None:
    store = DirectoryStore(HostDirectory(tmp_path))
    await store.put(b"hello")
    assert os.listdir(tmp_path) == [HELLO.hex()]  # noqa: PTH208 - it does not wait
    secret = tmp_path.parent / "secret"
    secret.write_bytes(b"secret")
    (tmp_path / NONE.hex()).symlink_to(secret)
    (tmp_path / sha256(b"folder").hexdigest()).mkdir()
    assert not await store.has(NONE) and not await store.has(sha256(b"folder").digest())
    (tmp_path / HELLO.hex()).write_bytes(b"olleh")
    with pytest.raises(CapError, match="something else than was asked for"):
        await fetch(store, HELLO)


@scenario
async def test_a_store_for_reading_only() -> None:
    directory = MemoryDirectory()
    await DirectoryStore(directory).put(b"hello")
    store = DirectoryStore(ReadOnlyDirectory(directory))
    assert await store.put(b"hello") == HELLO  # it is there
    with pytest.raises(CapError) as denied:
        await store.put(b"more")
    assert denied.value.kind is ErrorKind.DENIED
    assert await fetch(store, HELLO) == b"hello"


class Liar(MemoryStore):
    """A store that another process serves, badly."""

    def __init__(self, size: int, part: bytes) -> None:
        super().__init__()
        self._size = size
        self._part = part

    def size(self, hash: bytes) -> BlobSizeBytes:
        return BlobSizeBytes(self._size)

    def get(self, hash: bytes, offset: int, length: int) -> BlobPartData:
        return BlobPartData(self._part)


@pytest.mark.parametrize(("size", "part"), [(5, b""), (5, b"hallo"), (5, b"hello!"), (2**62, b"hello")])
@scenario
async def test_a_store_that_gives_something_else(size: int, part: bytes) -> None:
    with pytest.raises(CapError):
        await fetch(Liar(size, part), HELLO)


# -- Scripts

SOURCES = {"main.py": b"import lib.tool\n", "lib/tool.py": b"x = 1\n", "lib/deep/data": b""}


async def in_memory() -> MemoryDirectory:
    directory = MemoryDirectory()
    client = DirectoryClient(directory)
    for folder in ("lib", "lib/deep", "empty"):
        value(await client.create_directory(folder))
    flags = open_flags(write=True, mutate=True, create=True)
    for name, source in SOURCES.items():
        file = value(await client.open(name, flags))
        assert isinstance(file, FileClient)
        value(await file.write(0, source))
    value(await client.symlink("main.py", "link"))
    return directory


@pytest.mark.parametrize("kind", ["memory", "directory"])
@scenario
async def test_the_sources_of_a_script(kind: str) -> None:
    given = (
        MemoryScripts({**SOURCES, "main.py": "import lib.tool\n"}, "main.py")
        if kind == "memory"
        else DirectoryScripts(await in_memory(), "main.py")
    )
    scripts = ScriptPackageClient(given)
    assert await scripts.entry() == "main.py"
    assert await scripts.list() == sorted(SOURCES)
    for name, source in SOURCES.items():
        assert await scripts.size(name) == BlobSizeBytes(len(source))
        assert await scripts.read(name, 0, 100) == BlobPartData(source)
        assert await scripts.read(name, 2, 3) == BlobPartData(source[2:5])
    for name in ("", "none", "lib", "link", "../main.py", "/main.py", "main.py/x", "a\0b"):
        assert await scripts.size(name) == BlobSizeAbsent(), name
        assert await scripts.read(name, 0, 1) == BlobPartAbsent()


def test_an_entry_that_is_none() -> None:
    with pytest.raises(ValueError, match="there is no source 'x'; there are main"):
        MemoryScripts({"main": ""}, "x")


@scenario
async def test_more_sources_than_a_script_has(tmp_path: Path) -> None:
    deep = tmp_path
    for _ in range(40):
        deep /= "d"
    deep.mkdir(parents=True)
    with pytest.raises(CapError) as exhausted:
        await DirectoryScripts(HostDirectory(tmp_path), "main").list()
    assert exhausted.value.kind is ErrorKind.EXHAUSTED
