"""Generated interfaces beside Preview 1, in one module: a standard kind of handle is a descriptor to both."""

from __future__ import annotations

from typing import Any

from capwit.bridge import Host
from capwit.caps import MemoryDirectory, open_flags, value
from capwit.caps.files import BINDINGS, DirectoryClient, FileClient
from capwit.caps.wasi import WasiGrants
from capwit.preview1.abi import Errno

from tests.bridge.support import scenario
from tests.preview1.support import wat

FILES = "capwit:files/files@0.1.0"
WASI = "wasi_snapshot_preview1"

# Opens "notes" in descriptor 3 by the method of a `Directory`, and reads it by `fd_read`.
READER = f"""(module
  (import "{FILES}" "[method]directory.open"
    (func $open (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "{FILES}" "[resource-drop]file" (func $drop-file (param i32)))
  (import "{FILES}" "[resource-drop]directory" (func $drop-directory (param i32)))
  (import "{WASI}" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "notes")
  (data (i32.const 32) "\\00\\01\\00\\00\\40\\00\\00\\00")
  (global $heap (mut i32) (i32.const 4096))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (global.get $heap) (global.set $heap (i32.add (global.get $heap) (local.get 3))))
  (func (export "open") (result i32)
    (call $open (i32.const 3) (i32.const 16) (i32.const 5)
      (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
      (i32.const 1) (i32.const 64))
    (if (i32.load8_u (i32.const 64)) (then (unreachable)))
    (if (i32.load8_u (i32.const 68)) (then (unreachable)))
    (i32.load (i32.const 72)))
  (func (export "read") (param i32) (result i32)
    (call $fd_read (local.get 0) (i32.const 32) (i32.const 1) (i32.const 48)))
  (func (export "byte") (param i32) (result i32) (i32.load8_u (i32.add (i32.const 256) (local.get 0))))
  (func (export "drop") (param i32) (call $drop-file (local.get 0)))
  (func (export "leave") (call $drop-directory (i32.const 3))))"""


async def notes() -> Any:
    folder = MemoryDirectory()
    opened = value(await DirectoryClient(folder).open("notes", open_flags(write=True, create=True)))
    assert isinstance(opened, FileClient)
    value(await opened.write(0, b"hello"))
    return folder


@scenario
async def test_a_preopened_folder_opens_files_that_are_read() -> None:
    async with Host() as host:
        module = await host.load_module(wat(READER), BINDINGS)
        async with module.instantiate(WasiGrants(preopens={"/": await notes()})) as instance:
            fd = await instance.call("open")
            assert fd == 4
            assert await instance.call("read", fd) == Errno.SUCCESS
            assert bytes([await instance.call("byte", at) for at in range(5)]) == b"hello"
            assert instance.handles == 2
            await instance.call("drop", fd)
            assert await instance.call("read", fd) == Errno.BADF
            assert await instance.call("open") == fd
            await instance.call("leave")
            assert instance.handles == 1
        assert host.ledger.balance == 0
