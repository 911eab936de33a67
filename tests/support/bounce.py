"""A core module that passes on what it is returned, whatever its type."""

from __future__ import annotations

from typing import TYPE_CHECKING

import wasmtime

if TYPE_CHECKING:
    from capwit.bridge.binding import Interface

AREA = 64


def bounce_module(relay: Interface, grants: str) -> bytes:
    """A module that is granted a `relay` by the interface `grants`, and exports a function for each method.

    Each method takes a list and returns one. The function calls it with an empty list, and then with the list
    that it was returned.
    """
    return bytes(wasmtime.wat2wasm("\n".join(["(module", *_lines(relay, grants), ")"])))


def _lines(relay: Interface, grants: str) -> list[str]:
    imports = [
        f'(import "{grants}" "get-relay" (func $get (result i32)))',
        f'(import "{relay.interface}" "[resource-drop]{relay.name}" (func $drop (param i32)))',
    ]
    functions = []
    for number, label in enumerate(relay.methods):
        name = f"[method]{relay.name}.{label}"
        imports.append(f'(import "{relay.interface}" "{name}" (func $f{number} (param i32 i32 i32 i32)))')
        functions.append(f"""
  (func (export "{label}") (local $relay i32)
    (local.set $relay (call $get))
    (call $f{number} (local.get $relay) (i32.const 0) (i32.const 0) (i32.const {AREA}))
    (if (i32.load8_u (i32.const {AREA})) (then (unreachable)))
    (call $f{number} (local.get $relay) (i32.load offset=4 (i32.const {AREA}))
      (i32.load offset=8 (i32.const {AREA})) (i32.const {AREA}))
    (if (i32.load8_u (i32.const {AREA})) (then (unreachable)))
    (call $drop (local.get $relay)))""")
    return [
        *imports,
        """
  (memory (export "memory") 64)
  (global $top (mut i32) (i32.const 1024))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $top) (i32.sub (local.get 2) (i32.const 1)))
      (i32.sub (i32.const 0) (local.get 2))))
    (global.set $top (i32.add (local.get $at) (local.get 3)))
    (local.get $at))""",
        *functions,
    ]
