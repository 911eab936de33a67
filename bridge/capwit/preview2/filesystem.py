"""`wasi:filesystem`: descriptors on files and directories.

Source: https://github.com/WebAssembly/WASI/tree/main/proposals/filesystem
"""

from __future__ import annotations

import hashlib
import struct
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from capwit.bridge.errors import CapError
from capwit.caps.file_streams import FileSink, FileSource
from capwit.caps.files import (
    FILE,
    Advice,
    FileClient,
    Kind,
    NewTimeAt,
    NewTimeKeep,
    NewTimeNow,
    OpenFlags,
    WriteAnswerCount,
)
from capwit.caps.standard import Instant
from capwit.caps.using import FileRefused, ask, value

from .context import Handler, answer
from .descriptors import MUTATES, Descriptor, EntryStream, Kept, code_of
from .errors import WasiError
from .streams import InputStream, OutputStream, StreamError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capwit.bridge.binding import Method
    from capwit.caps.files import DirectoryClient, NewTime, ReadAnswer, Stat, StatAnswer, WriteAnswer

    from .grants import WasiGrants

_READ: Final[Method[ReadAnswer]] = FILE.methods["read"]
_WRITE: Final[Method[WriteAnswer]] = FILE.methods["write"]
_STAT: Final[Method[StatAnswer]] = FILE.methods["stat"]

_MOST_BYTES: Final = 1024 * 1024  # of one read: they are host memory until the guest has them
_SECOND: Final = 1_000_000_000
_LAST: Final = (1 << 63) - 1  # of what a file may be long
_HASHED: Final = struct.Struct("<QQQQIQI")
_DATA_SYNCED: Final = "data-integrity-sync"
_SYNCED: Final = "file-integrity-sync"
_KEPT_FLAGS: Final = frozenset({_DATA_SYNCED, _SYNCED, "requested-write-sync", MUTATES})
_FOLLOW: Final = "symlink-follow"

_TYPES: Final = {
    Kind.UNKNOWN: "unknown",
    Kind.REGULAR_FILE: "regular-file",
    Kind.DIRECTORY: "directory",
    Kind.SYMBOLIC_LINK: "symbolic-link",
    Kind.BLOCK_DEVICE: "block-device",
    Kind.CHARACTER_DEVICE: "character-device",
    Kind.FIFO: "fifo",
    Kind.SOCKET: "socket",
}

Flags: TypeAlias = frozenset[str]


# -- Streams


S = TypeVar("S", InputStream, OutputStream)


def _kept_by(stream: S, file: FileClient) -> S:
    stream.keeps = Kept(file.target)  # the descriptor may be dropped before
    return stream


async def _read_via_stream(_: WasiGrants, it: Descriptor, offset: int) -> InputStream:
    file = it.file()
    if not (await file.access()).read:
        raise WasiError("bad-descriptor")
    return _kept_by(InputStream(FileSource(file, offset)), file)


async def _write_via_stream(_: WasiGrants, it: Descriptor, offset: int) -> OutputStream:
    return await _sink(it, offset)


async def _append_via_stream(_: WasiGrants, it: Descriptor) -> OutputStream:
    return await _sink(it, None)


async def _sink(it: Descriptor, offset: int | None) -> OutputStream:
    file = it.file()
    if not await it.mutable():
        raise WasiError("bad-descriptor")
    synced = it.flags & {_SYNCED, _DATA_SYNCED}
    to = _Synced(file, data_only=_SYNCED not in it.flags) if synced else file
    return _kept_by(OutputStream(FileSink(to, offset)), file)


class _Synced(FileClient):
    """A file whose writes are on the medium when they are over."""

    __slots__ = ("_data_only",)

    def __init__(self, file: FileClient, *, data_only: bool) -> None:
        """Write to `file`."""
        super().__init__(file)
        self._data_only = data_only

    async def write(self, offset: int, data: bytes) -> WriteAnswer:
        """Write, and wait for the medium."""
        return await self._on_medium(await super().write(offset, data))

    async def append(self, data: bytes) -> WriteAnswer:
        """Append, and wait for the medium."""
        return await self._on_medium(await super().append(data))

    async def _on_medium(self, written: WriteAnswer) -> WriteAnswer:
        if isinstance(written, WriteAnswerCount):
            value(await self.sync(self._data_only))
        return written


def _error_code(_: WasiGrants, error: StreamError) -> str | None:
    return code_of(error.cause) if isinstance(error.cause, FileRefused) else None


# -- The file


async def _read(_: WasiGrants, it: Descriptor, length: int, offset: int) -> tuple[bytes, bool]:
    limit = min(length, _MOST_BYTES)
    data = value(await answer(ask(it.file(), _READ, offset, limit)))
    if len(data) > limit:
        raise WasiError("io")
    return data, not data


async def _write(_: WasiGrants, it: Descriptor, buffer: bytes, offset: int) -> int:
    file = it.file()
    written = value(await answer(ask(file, _WRITE, offset, buffer)))
    if it.flags & {_SYNCED, _DATA_SYNCED}:
        value(await file.sync(_SYNCED not in it.flags))
    return written


async def _advise(_: WasiGrants, it: Descriptor, offset: int, length: int, advice: str) -> None:
    file = it.file()
    if offset <= _LAST:  # beyond, there is nothing to be advised of
        value(await file.advise(offset, length, Advice(advice)))


async def _set_size(_: WasiGrants, it: Descriptor, size: int) -> None:
    value(await it.file().set_size(size))


# -- The file or directory


async def _sync(_: WasiGrants, it: Descriptor) -> None:
    value(await it.client.sync(False))


async def _sync_data(_: WasiGrants, it: Descriptor) -> None:
    value(await it.client.sync(True))


async def _get_flags(_: WasiGrants, it: Descriptor) -> Flags:
    access = await it.client.access()
    found = {"read"} if access.read else set()
    if access.write and isinstance(it.client, FileClient):
        found.add("write")
    return (it.flags if access.write else it.flags - {MUTATES}) | found


async def _get_type(_: WasiGrants, it: Descriptor) -> str:
    return _TYPES[(await _examined(it)).kind]


async def _stat(_: WasiGrants, it: Descriptor) -> dict[str, Any]:
    return _as_record(await _examined(it))


async def _examined(it: Descriptor) -> Stat:
    return value(await answer(ask(it.client, _STAT)))


def _as_record(stat: Stat) -> dict[str, Any]:
    return {
        "type": _TYPES[stat.kind],
        "link-count": stat.links,
        "size": stat.size,
        "data-access-timestamp": _datetime(stat.accessed),
        "data-modification-timestamp": _datetime(stat.modified),
        "status-change-timestamp": _datetime(stat.changed),
    }


def _datetime(instant: Instant) -> dict[str, int]:
    return {"seconds": instant.seconds, "nanoseconds": instant.nanoseconds}


async def _set_times(_: WasiGrants, it: Descriptor, *times: Any) -> None:
    value(await it.client.set_times(*map(_new_time, times)))


def _new_time(time: tuple[str, Mapping[str, int] | None]) -> NewTime:
    match time:
        case ("timestamp", {"seconds": int(seconds), "nanoseconds": int(nanoseconds)}):
            more, nanoseconds = divmod(nanoseconds, _SECOND)
            if seconds + more > _LAST:
                raise WasiError("overflow")
            return NewTimeAt(Instant(seconds + more, nanoseconds))
        case ("now", _):
            return NewTimeNow()
        case _:
            return NewTimeKeep()


async def _is_same_object(_: WasiGrants, it: Descriptor, other: Descriptor) -> bool:
    try:
        one, two = await _examined(it), await _examined(other)
    except CapError:
        return False
    return (one.device, one.inode) == (two.device, two.inode)


async def _metadata_hash(_: WasiGrants, it: Descriptor) -> dict[str, int]:
    return _hash(await _examined(it))


def _hash(stat: Stat) -> dict[str, int]:
    """Return what changes where a file is changed or replaced, and not from one run to the next."""
    known = _HASHED.pack(
        stat.device, stat.inode, stat.size,
        stat.modified.seconds, stat.modified.nanoseconds, stat.changed.seconds, stat.changed.nanoseconds,
    )  # fmt: skip
    lower, upper = struct.unpack("<QQ", hashlib.blake2b(known, digest_size=16).digest())
    return {"lower": lower, "upper": upper}


# -- What a path leads to


async def _open_at(
    _: WasiGrants, it: Descriptor, path_flags: Flags, path: str, open_flags: Flags, flags: Flags
) -> Any:
    directory = it.directory()
    if "directory" in open_flags and open_flags & {"create", "exclusive", "truncate"}:
        raise WasiError("invalid")
    # What is opened may be changed as the directory may, asked for or not: libcs do not ask.
    mutable = await it.mutable()
    if MUTATES in flags and not mutable:
        raise WasiError("read-only")
    opened = value(
        await directory.open(
            path,
            OpenFlags(
                read="read" in flags or "write" not in flags,
                write="write" in flags,
                mutate=mutable,
                create="create" in open_flags,
                exclusive="exclusive" in open_flags,
                truncate="truncate" in open_flags,
                directory="directory" in open_flags,
                follow=_FOLLOW in path_flags,
            ),
        )
    )
    return as_descriptor(opened, flags & _KEPT_FLAGS)


def as_descriptor(opened: FileClient | DirectoryClient, flags: Flags = frozenset({MUTATES})) -> Any:
    """Return a client that becomes a descriptor where it is handed to a guest: its reference moves there."""
    kind = FileClient if isinstance(opened, FileClient) else type(opened)
    return opened._across(partial(Descriptor, kind, flags=flags))


async def _stat_at(_: WasiGrants, it: Descriptor, path_flags: Flags, path: str) -> dict[str, Any]:
    return _as_record(value(await it.directory().stat_at(path, _FOLLOW in path_flags)))


async def _metadata_hash_at(_: WasiGrants, it: Descriptor, path_flags: Flags, path: str) -> dict[str, int]:
    return _hash(value(await it.directory().stat_at(path, _FOLLOW in path_flags)))


async def _set_times_at(_: WasiGrants, it: Descriptor, path_flags: Flags, path: str, *times: Any) -> None:
    directory = it.directory()
    value(await directory.set_times_at(path, _FOLLOW in path_flags, *map(_new_time, times)))


async def _create_directory_at(_: WasiGrants, it: Descriptor, path: str) -> None:
    value(await it.directory().create_directory(path))


async def _remove_directory_at(_: WasiGrants, it: Descriptor, path: str) -> None:
    value(await it.directory().remove_directory(path))


async def _unlink_file_at(_: WasiGrants, it: Descriptor, path: str) -> None:
    value(await it.directory().unlink(path))


async def _rename_at(_: WasiGrants, it: Descriptor, old: str, to: Descriptor, new: str) -> None:
    directory, other = it.directory(), to.directory()
    value(await directory.rename(old, other, new))


async def _link_at(
    _: WasiGrants, it: Descriptor, old_flags: Flags, old: str, to: Descriptor, new: str
) -> None:
    directory, other = it.directory(), to.directory()
    if _FOLLOW in old_flags:  # as wasmtime has it
        raise WasiError("invalid")
    value(await directory.link(old, False, other, new))


async def _symlink_at(_: WasiGrants, it: Descriptor, old: str, new: str) -> None:
    value(await it.directory().symlink(old, new))


async def _readlink_at(_: WasiGrants, it: Descriptor, path: str) -> str:
    target = value(await it.directory().read_link(path))
    if target.startswith("/"):
        raise WasiError("not-permitted")
    return target


# -- Listings and preopens


def _read_directory(_: WasiGrants, it: Descriptor) -> EntryStream:
    return EntryStream(it.directory())


async def _read_directory_entry(_: WasiGrants, entries: EntryStream) -> dict[str, str] | None:
    entry = await entries.next()
    return None if entry is None else {"type": _TYPES[entry.kind], "name": entry.name}


def _get_directories(grants: WasiGrants) -> list[tuple[Any, str]]:
    preopens: Mapping[str, Any] = grants.preopens
    return [(as_descriptor(directory), path) for path, directory in preopens.items()]


_DESCRIPTOR_HANDLERS: Final[dict[str, Handler]] = {
    "read-via-stream": _read_via_stream,
    "write-via-stream": _write_via_stream,
    "append-via-stream": _append_via_stream,
    "advise": _advise,
    "sync-data": _sync_data,
    "get-flags": _get_flags,
    "get-type": _get_type,
    "set-size": _set_size,
    "set-times": _set_times,
    "read": _read,
    "write": _write,
    "read-directory": _read_directory,
    "sync": _sync,
    "create-directory-at": _create_directory_at,
    "stat": _stat,
    "stat-at": _stat_at,
    "set-times-at": _set_times_at,
    "link-at": _link_at,
    "open-at": _open_at,
    "readlink-at": _readlink_at,
    "remove-directory-at": _remove_directory_at,
    "rename-at": _rename_at,
    "symlink-at": _symlink_at,
    "unlink-file-at": _unlink_file_at,
    "is-same-object": _is_same_object,
    "metadata-hash": _metadata_hash,
    "metadata-hash-at": _metadata_hash_at,
}
HANDLERS: Final[dict[str, dict[str, Handler]]] = {
    "wasi:filesystem/types": {
        **{f"[method]descriptor.{name}": handler for name, handler in _DESCRIPTOR_HANDLERS.items()},
        "[method]directory-entry-stream.read-directory-entry": _read_directory_entry,
        "filesystem-error-code": _error_code,
    },
    "wasi:filesystem/preopens": {"get-directories": _get_directories},
}
