"""Worlds that mix: components that import WASI and interfaces of their own, and pass WASI's resources on."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

from capwit.bridge import Host
from capwit.caps import MemoryDirectory, open_flags
from capwit.caps.files import DirectoryClient
from capwit.preview2 import WasiGrants
from capwit.preview2.descriptors import Descriptor
from capwit.preview2.signatures import FILE_ERRORS

from tests.bridge.support import bindings, scenario
from tests.engine.support import ALLOCATOR
from tests.support.components import ERROR_IMPORTS, wat

SCHEMA: Final = Path(__file__).parent / "schemas" / "shelf.capnp"
DIRECTORY, NOT_PERMITTED = 3, 256 + FILE_ERRORS.index("not-permitted")


@cache
def component() -> bytes:
    """What it has is in a global: from its preopen, from the shelf. `kind` asks what that is."""
    errors = " ".join(f'"{label}"' for label in FILE_ERRORS)
    labels = "unknown block-device character-device directory fifo symbolic-link regular-file socket"
    kinds = " ".join(f'"{label}"' for label in labels.split())
    return wat(f"""
  (import "wasi:filesystem/types@0.2.0" (instance $f
    (export "descriptor" (type $d (sub resource)))
    (type $code' (enum {errors})) (export "error-code" (type $code (eq $code')))
    (type $kind' (enum {kinds})) (export "descriptor-type" (type $kind (eq $kind')))
    (export "[method]descriptor.get-type" (func (param "self" (borrow $d))
      (result (result $kind (error $code)))))))
  (alias export $f "descriptor" (type $d))
  (import "wasi:filesystem/preopens@0.2.0" (instance $r
    (export "descriptor" (type $d' (eq $d)))
    (export "get-directories" (func (result (list (tuple (own $d') string)))))))
  {ERROR_IMPORTS}
  (import "test:shelf/shelf@0.1.0" (instance $s
    (export "cap-error" (type $error (eq $cap-error)))
    (export "descriptor" (type $d' (eq $d)))
    (export "shelf" (type $shelf (sub resource)))
    (export "[method]shelf.put" (func (param "self" (borrow $shelf)) (param "folder" (own $d'))
      (result (result (error $error)))))
    (export "[method]shelf.take" (func (param "self" (borrow $shelf))
      (result (result (own $d') (error $error)))))))
  (alias export $s "shelf" (type $shelf))
  (import "test:shelf/app-grants@0.1.0" (instance $g
    (export "shelf" (type $shelf' (eq $shelf)))
    (export "get-shelf" (func (result (own $shelf'))))))
  {ALLOCATOR}
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $get-shelf (canon lower (func $g "get-shelf")))
  (core func $preopens (canon lower (func $r "get-directories") (memory $memory) (realloc $realloc)))
  (core func $get-type (canon lower (func $f "[method]descriptor.get-type") (memory $memory)))
  (core func $put (canon lower (func $s "[method]shelf.put") (memory $memory) (realloc $realloc)))
  (core func $take (canon lower (func $s "[method]shelf.take") (memory $memory) (realloc $realloc)))
  (core module $m
    (import "" "memory" (memory 1))
    (import "" "get-shelf" (func $get-shelf (result i32)))
    (import "" "preopens" (func $preopens (param i32)))
    (import "" "get-type" (func $get-type (param i32 i32)))
    (import "" "put" (func $put (param i32 i32 i32)))
    (import "" "take" (func $take (param i32 i32)))
    (global $d (mut i32) (i32.const 0))
    (func (export "open")
      (call $preopens (i32.const 16))
      (global.set $d (i32.load (i32.load (i32.const 16)))))
    (func (export "put") (result i32)
      (call $put (call $get-shelf) (global.get $d) (i32.const 16))
      (i32.load8_u (i32.const 16)))
    (func (export "take") (result i32)
      (call $take (call $get-shelf) (i32.const 16))
      (global.set $d (i32.load (i32.const 20)))
      (i32.load8_u (i32.const 16)))
    (func (export "kind") (result i32)
      (call $get-type (global.get $d) (i32.const 16))
      (i32.or (i32.shl (i32.load8_u (i32.const 16)) (i32.const 8)) (i32.load8_u (i32.const 17)))))
  (core instance $i (instantiate $m (with "" (instance (export "memory" (memory $memory))
    (export "get-shelf" (func $get-shelf)) (export "preopens" (func $preopens))
    (export "get-type" (func $get-type)) (export "put" (func $put)) (export "take" (func $take))))))
  (func (export "open") (canon lift (core func $i "open")))
  (func (export "put") (result u32) (canon lift (core func $i "put")))
  (func (export "take") (result u32) (canon lift (core func $i "take")))
  (func (export "kind") (result u32) (canon lift (core func $i "kind")))
""")


class Shelf:
    """Where one descriptor lies."""

    def __init__(self, folder: Any = None) -> None:
        self.folder = folder

    def put(self, folder: Any) -> None:
        self.folder = folder

    def take(self) -> Any:
        folder, self.folder = self.folder, None
        return folder


@scenario
async def test_a_descriptor_moves_from_one_component_to_another() -> None:
    shelf = bindings(SCHEMA)
    directory = DirectoryClient(MemoryDirectory()).attenuate()
    grants = shelf.Grants(shelf=Shelf())
    async with Host() as host:
        app = await host.load(component(), shelf.BINDINGS)
        async with app.instantiate(grants, name="second") as second:
            preopens = WasiGrants(preopens={"/": directory})
            async with app.instantiate(grants, preopens, name="first") as first:
                await first.call("open")
                assert await first.call("kind") == DIRECTORY
                assert await first.call("put") == 0
                assert await second.call("take") == 0
                assert await second.call("kind") == DIRECTORY
            assert await second.call("kind") == DIRECTORY  # it is the second's own
            moved = [e for e in host.ledger if e.interface.endswith(".descriptor")]
            assert [(e.event.value, e.holder) for e in moved] == [
                ("grant", "first"),
                *[("give", "first"), ("receive", "host"), ("give", "host"), ("receive", "second")],
            ]
            directory.revoke()
            assert await second.call("kind") == NOT_PERMITTED
    assert host.ledger.balance == 0


@scenario
async def test_a_descriptor_that_a_capability_hands_out() -> None:
    shelf = bindings(SCHEMA)
    directory = DirectoryClient(MemoryDirectory())
    opened: Any = await directory.open("f", open_flags(write=True, create=True))
    for client, kind in ((directory, DIRECTORY), (opened.value, 6)):
        async with Host() as host:
            app = await host.load(component(), shelf.BINDINGS)
            async with app.instantiate(shelf.Grants(shelf=Shelf(Descriptor.of(client)))) as instance:
                assert await instance.call("take") == 0
                assert await instance.call("kind") == kind
        assert host.ledger.balance == 0
