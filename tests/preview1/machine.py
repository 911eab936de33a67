"""A module that exports each function of the preview as it is, so that tests call them from Python."""

from __future__ import annotations

import struct
from contextlib import asynccontextmanager, nullcontext
from functools import cache
from typing import TYPE_CHECKING, Any

from capwit.bridge import Host
from capwit.caps.wasi import WasiGrants
from capwit.preview1.abi import DIRENT, EVENT, FDSTAT, PREVIEW1, SIGNATURES, Errno, FileType

from tests.preview1.support import wat

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from capwit.bridge import Ledger, ModuleInstance, Policy
    from capwit.preview1.abi import Snapshot

PATH, DATA, OUT = 0x1000, 0x4000, 0x100  # where tests put a path, bytes, and what is answered
ALL = (1 << 30) - 1


@cache
def binary(snapshot: Snapshot = PREVIEW1) -> bytes:
    imports, wrappers = [], []
    for name, type in SIGNATURES.items():
        if name in snapshot.without:
            continue
        params = " ".join(each.value for each in type.params)
        results = " ".join(each.value for each in type.results)
        shape = f"(param {params}) (result {results})"
        arguments = " ".join(f"(local.get {number})" for number in range(len(type.params)))
        imports.append(f'(import "{snapshot.module}" "{name}" (func ${name} {shape}))')
        wrappers.append(f'(func (export "{name}") {shape} (call ${name} {arguments}))')
    return wat(f"""(module {"".join(imports)} (memory (export "memory") 2) {"".join(wrappers)}
      (func (export "peek") (param i32) (result i64) (i64.load (local.get 0)))
      (func (export "poke") (param i32 i32) (i32.store8 (local.get 0) (local.get 1)))
      (func (export "poke64") (param i32 i64) (i64.store (local.get 0) (local.get 1))))""")


class Machine:
    """An instance of that module."""

    def __init__(self, instance: ModuleInstance, snapshot: Snapshot, ledger: Ledger) -> None:
        self.instance = instance
        self.snapshot = snapshot
        self.ledger = ledger

    async def call(self, name: str, *arguments: int) -> Errno:
        types = SIGNATURES[name].params
        masked = [
            argument & (0xFFFFFFFF if type.value == "i32" else 2**64 - 1)
            for argument, type in zip(arguments, types, strict=True)
        ]
        return Errno(await self.instance.call(name, *masked))

    async def poke(self, at: int, data: bytes) -> None:
        whole = len(data) & ~7
        for start in range(0, whole, 8):
            await self.instance.call("poke64", at + start, int.from_bytes(data[start : start + 8], "little"))
        for number, byte in enumerate(data[whole:], whole):
            await self.instance.call("poke", at + number, byte)

    async def peek(self, at: int, size: int) -> bytes:
        parts = [struct.pack("<Q", await self.instance.call("peek", at + i)) for i in range(0, size, 8)]
        return b"".join(parts)[:size]

    async def u32(self, at: int = OUT) -> int:
        return int.from_bytes(await self.peek(at, 4), "little")

    async def path(
        self, name: str, fd: int, path: str, *arguments: int, before: tuple[int, ...] = ()
    ) -> Errno:
        await self.poke(PATH, path.encode())
        return await self.call(name, fd, *before, PATH, len(path.encode()), *arguments)

    async def open(
        self,
        path: str,
        oflags: int = 0,
        rights: int = ALL,
        flags: int = 0,
        fd: int = 3,
        inheriting: int = ALL,
    ) -> int:
        """Open a path; returns the descriptor, or an errno below 0."""
        answer = await self.path("path_open", fd, path, oflags, rights, inheriting, flags, OUT, before=(1,))
        return await self.u32() if answer is Errno.SUCCESS else -answer

    async def write(self, fd: int, data: bytes, name: str = "fd_write", *offset: int) -> int:
        """Write bytes; returns how many, or an errno below 0."""
        await self.poke(DATA, data)
        await self.poke(OUT + 16, struct.pack("<II", DATA, len(data)))
        answer = await self.call(name, fd, OUT + 16, 1, *offset, OUT)
        return await self.u32() if answer is Errno.SUCCESS else -answer

    async def read(self, fd: int, size: int, name: str = "fd_read", *offset: int) -> bytes | int:
        await self.poke(OUT + 16, struct.pack("<II", DATA, size))
        answer = await self.call(name, fd, OUT + 16, 1, *offset, OUT)
        return await self.peek(DATA, await self.u32()) if answer is Errno.SUCCESS else -answer

    async def fdstat(self, fd: int) -> tuple[FileType, int, int, int]:
        assert await self.call("fd_fdstat_get", fd, OUT) is Errno.SUCCESS
        type, flags, rights, inheriting = FDSTAT.unpack(await self.peek(OUT, FDSTAT.size))
        return FileType(type), flags, rights, inheriting

    async def filestat(self, fd: int) -> tuple[int, ...]:
        assert await self.call("fd_filestat_get", fd, OUT) is Errno.SUCCESS
        layout = self.snapshot.filestat
        return layout.unpack(await self.peek(OUT, layout.size))

    async def entries(self, fd: int, cookie: int = 0, size: int = 4096) -> list[tuple[str, int]]:
        """List a directory: the whole entries of one answer, names and cookies."""
        assert await self.call("fd_readdir", fd, DATA, size, cookie, OUT) is Errno.SUCCESS
        data = await self.peek(DATA, await self.u32())
        found, at = [], 0
        while at + DIRENT.size <= len(data):
            next, _, length, _ = DIRENT.unpack_from(data, at)
            name = data[at + DIRENT.size : at + DIRENT.size + length]
            if len(name) < length:
                break
            found.append((name.decode(), next))
            at += DIRENT.size + length
        return found

    async def events(self, *subscriptions: bytes) -> list[tuple[int, Errno, int]]:
        """Poll; returns of each event its number, its errno and its type."""
        size = self.snapshot.subscription_size
        await self.poke(DATA, b"".join(each.ljust(size, b"\0") for each in subscriptions))
        assert await self.call("poll_oneoff", DATA, PATH, len(subscriptions), OUT) is Errno.SUCCESS
        count = await self.u32()
        data = await self.peek(PATH, count * EVENT.size)
        return [(user, Errno(errno), type) for user, errno, type, *_ in EVENT.iter_unpack(data)]


@asynccontextmanager
async def machine(
    snapshot: Snapshot = PREVIEW1,
    policies: Mapping[str, Policy] | None = None,
    host: Host | None = None,
    **grants: Any,
) -> AsyncIterator[Machine]:
    async with Host() if host is None else nullcontext(host) as where:
        module = await where.load_module(binary(snapshot), name="machine.wasm")
        async with module.instantiate(WasiGrants(**grants), policies=policies) as instance:
            yield Machine(instance, snapshot, where.ledger)
        assert where.ledger.balance == 0
