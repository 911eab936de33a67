"""Host bindings for `capwit:store@0.1.0`.

What is kept by what it is, and what is run by its sources: blobs that are known by their hashes, and the
scripts of an interpreter.

Written by `capwit generate` from store.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from capwit.bridge import binding as wit
from capwit.bridge.binding import MaybeAwaitable

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class BlobSizeAbsent:
    """`absent` of `BlobSize`."""


@dataclass(frozen=True, slots=True)
class BlobSizeBytes:
    """`bytes` of `BlobSize`."""

    value: int


BlobSize: TypeAlias = BlobSizeAbsent | BlobSizeBytes
"""How large something is, if it is there."""


@dataclass(frozen=True, slots=True)
class BlobPartAbsent:
    """`absent` of `BlobPart`."""


@dataclass(frozen=True, slots=True)
class BlobPartData:
    """Empty exactly at its end, and where none are asked for; fewer than asked for where that is too many at once."""

    value: bytes


BlobPart: TypeAlias = BlobPartAbsent | BlobPartData
"""Bytes of something, if it is there."""


class Store(Protocol):
    """Blobs by the SHA-256 of their bytes, 32 bytes long: what has a hash never changes. A hash of another length is
    `failed`.
    """

    def put(self, data: bytes) -> MaybeAwaitable[bytes]:
        """Keeps a blob; one that is there is kept once. `denied` where the store is for reading only, `exhausted` where it
        is full.
        """

    def upload(self) -> MaybeAwaitable[Upload]:
        """Begins a blob that is written in parts."""

    def has(self, hash: bytes) -> MaybeAwaitable[bool]:
        """Whether there is a blob."""

    def size(self, hash: bytes) -> MaybeAwaitable[BlobSize]:
        """How large a blob is."""

    def get(self, hash: bytes, offset: int, length: int) -> MaybeAwaitable[BlobPart]:
        """Part of a blob. Who reads all of it can tell by its hash that it is what was asked for, and should."""


class Upload(Protocol):
    """A blob on its way into a store. It is not there before its end."""

    def write(self, data: bytes) -> MaybeAwaitable[None]:
        """Adds bytes. `exhausted` where the blob is larger than the store takes."""

    def finish(self) -> MaybeAwaitable[bytes]:
        """Keeps the blob. A second time, and a `write` after it, is `failed`."""


class ScriptPackage(Protocol):
    """The sources of a script, by names with `/` between their parts: what an interpreter is given to run."""

    def entry(self) -> MaybeAwaitable[str]:
        """The source that is run first."""

    def list(self) -> MaybeAwaitable[Sequence[str]]:
        """The names of all sources, in order."""

    def size(self, name: str) -> MaybeAwaitable[BlobSize]:
        """How large a source is."""

    def read(self, name: str, offset: int, length: int) -> MaybeAwaitable[BlobPart]:
        """Part of a source."""


class StoreClient(wit.Client):
    """`Store`, wherever it lives."""

    async def put(self, data: bytes) -> bytes:
        """Keeps a blob; one that is there is kept once. `denied` where the store is for reading only, `exhausted` where it
        is full.
        """
        return await self._call(_STORE_PUT, data)

    async def upload(self) -> UploadClient:
        """Begins a blob that is written in parts."""
        return await self._call(_STORE_UPLOAD)

    async def has(self, hash: bytes) -> bool:
        """Whether there is a blob."""
        return await self._call(_STORE_HAS, hash)

    async def size(self, hash: bytes) -> BlobSize:
        """How large a blob is."""
        return await self._call(_STORE_SIZE, hash)

    async def get(self, hash: bytes, offset: int, length: int) -> BlobPart:
        """Part of a blob. Who reads all of it can tell by its hash that it is what was asked for, and should."""
        return await self._call(_STORE_GET, hash, offset, length)


class UploadClient(wit.Client):
    """`Upload`, wherever it lives."""

    async def write(self, data: bytes) -> None:
        """Adds bytes. `exhausted` where the blob is larger than the store takes."""
        await self._call(_UPLOAD_WRITE, data)

    async def finish(self) -> bytes:
        """Keeps the blob. A second time, and a `write` after it, is `failed`."""
        return await self._call(_UPLOAD_FINISH)


class ScriptPackageClient(wit.Client):
    """`ScriptPackage`, wherever it lives."""

    async def entry(self) -> str:
        """The source that is run first."""
        return await self._call(_SCRIPT_PACKAGE_ENTRY)

    async def list(self) -> Sequence[str]:
        """The names of all sources, in order."""
        return await self._call(_SCRIPT_PACKAGE_LIST)

    async def size(self, name: str) -> BlobSize:
        """How large a source is."""
        return await self._call(_SCRIPT_PACKAGE_SIZE, name)

    async def read(self, name: str, offset: int, length: int) -> BlobPart:
        """Part of a source."""
        return await self._call(_SCRIPT_PACKAGE_READ, name, offset, length)


# The bridge's tables: WIT names and types.
STORE = wit.Interface(StoreClient, "capwit:store/store@0.1.0", "store", 0xBD0A2D9C3D545DB2)
UPLOAD = wit.Interface(UploadClient, "capwit:store/store@0.1.0", "upload", 0xB5B92BE74669411E)
SCRIPT_PACKAGE = wit.Interface(
    ScriptPackageClient,
    "capwit:store/store@0.1.0",
    "script-package",
    0xA4B937B2B002285D,
)
BLOB_SIZE = wit.Variant(
    (wit.Case("absent", None, BlobSizeAbsent), wit.Case("bytes", wit.U64, BlobSizeBytes)),
    "blob-size",
)
BLOB_PART = wit.Variant(
    (wit.Case("absent", None, BlobPartAbsent), wit.Case("data", wit.BYTES, BlobPartData)),
    "blob-part",
)
_STORE_PUT: wit.Method[bytes] = STORE.method("put", "put", {"data": wit.BYTES}, wit.BYTES)
_STORE_UPLOAD: wit.Method[UploadClient] = STORE.method("upload", "upload", {}, UPLOAD.own)
_STORE_HAS: wit.Method[bool] = STORE.method("has", "has", {"hash": wit.BYTES}, wit.BOOL)
_STORE_SIZE: wit.Method[BlobSize] = STORE.method("size", "size", {"hash": wit.BYTES}, BLOB_SIZE)
_STORE_GET: wit.Method[BlobPart] = STORE.method(
    "get",
    "get",
    {"hash": wit.BYTES, "offset": wit.U64, "length": wit.U32},
    BLOB_PART,
)
_UPLOAD_WRITE: wit.Method[None] = UPLOAD.method("write", "write", {"data": wit.BYTES}, None)
_UPLOAD_FINISH: wit.Method[bytes] = UPLOAD.method("finish", "finish", {}, wit.BYTES)
_SCRIPT_PACKAGE_ENTRY: wit.Method[str] = SCRIPT_PACKAGE.method("entry", "entry", {}, wit.STRING)
_SCRIPT_PACKAGE_LIST: wit.Method[Sequence[str]] = SCRIPT_PACKAGE.method(
    "list",
    "list",
    {},
    wit.List(wit.STRING),
)
_SCRIPT_PACKAGE_SIZE: wit.Method[BlobSize] = SCRIPT_PACKAGE.method(
    "size",
    "size",
    {"name": wit.STRING},
    BLOB_SIZE,
)
_SCRIPT_PACKAGE_READ: wit.Method[BlobPart] = SCRIPT_PACKAGE.method(
    "read",
    "read",
    {"name": wit.STRING, "offset": wit.U64, "length": wit.U32},
    BLOB_PART,
)
BINDINGS = wit.Bindings(
    package="capwit:store@0.1.0",
    interface="store",
    interfaces=(STORE, UPLOAD, SCRIPT_PACKAGE),
    schema=wit.SchemaFile(__name__, "store.bridge.json", 0xC4F7A1D95B2E8036),
)
