"""Components given as text, and what they import for the errors of generated interfaces."""

from __future__ import annotations

from typing import Final

import wasmtime


def wat(text: str) -> bytes:
    """Return a component given as text."""
    return bytes(wasmtime.wat2wasm(f"(component {text})"))


# What the instance of the errors exports: the part that a method without an `AnyPointer` needs.
ERROR_EXPORTS: Final = """
    (type $k (enum "failed" "overloaded" "disconnected" "unimplemented" "revoked" "denied" "exhausted"))
    (export "error-kind" (type $kind (eq $k)))
    (type $c (record (field "kind" $kind) (field "reason" string)))
    (export "cap-error" (type (eq $c)))"""

ERROR_IMPORTS: Final = f"""
  (import "capwit:bridge/errors@0.1.0" (instance $errors {ERROR_EXPORTS}))
  (alias export $errors "cap-error" (type $cap-error))"""
