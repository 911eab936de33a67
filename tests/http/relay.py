"""A component that costs next to nothing: it answers with how many requests it has had, and the content.

`python -m tests.http.relay OUT.wasm` writes it.
"""

from __future__ import annotations

import sys
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from capwit.preview2.signatures import SIGNATURES

from tests.bridge.support import wat
from tests.engine.support import ALLOCATOR, TypeText, flat

if TYPE_CHECKING:
    from collections.abc import Sequence

    from capwit.engine import types as wit

# What is imported, by interface: the resources that it has itself, and its functions.
_IMPORTS: Final[dict[str, tuple[Sequence[str], Sequence[str]]]] = {
    "wasi:io/error": (("error",), ()),
    "wasi:io/streams": (
        ("input-stream", "output-stream"),
        ("[method]output-stream.blocking-write-and-flush", "[method]output-stream.blocking-splice"),
    ),
    "wasi:http/types": (
        (
            "fields", "incoming-request", "incoming-body", "outgoing-response", "outgoing-body",
            "response-outparam",
        ),
        (
            "[constructor]fields", "[method]incoming-request.consume", "[method]incoming-body.stream",
            "[constructor]outgoing-response", "[method]outgoing-response.body", "[method]outgoing-body.write",
            "[static]outgoing-body.finish", "[static]response-outparam.set",
        ),
    ),
}  # fmt: skip

# Results are at 16: a zero says that one is good. Its payload is at 20, of a splice, which is longer, at 24.
_HANDLE: Final = """
  (global $count (mut i32) (i32.const 0))
  (func $good (if (i32.load8_u (i32.const 16)) (then (unreachable))))
  (func (export "handle") (param $request i32) (param $outparam i32)
    (local $in i32) (local $body i32) (local $response i32) (local $content i32) (local $out i32)
    (call $consume (local.get $request) (i32.const 16)) (call $good)
    (local.set $body (i32.load (i32.const 20)))
    (call $stream (local.get $body) (i32.const 16)) (call $good)
    (local.set $in (i32.load (i32.const 20)))
    (local.set $response (call $new-response (call $new-fields)))
    (call $body (local.get $response) (i32.const 16)) (call $good)
    (local.set $content (i32.load (i32.const 20)))
    (call $write (local.get $content) (i32.const 16)) (call $good)
    (local.set $out (i32.load (i32.const 20)))
    (call $set (local.get $outparam) (i32.const 0) (local.get $response) {rest})
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (i32.store8 (i32.const 64) (i32.add (i32.rem_u (global.get $count) (i32.const 10)) (i32.const 48)))
    (call $flushed (local.get $out) (i32.const 64) (i32.const 1) (i32.const 16)) (call $good)
    (block $end (loop $more
      (call $splice (local.get $out) (local.get $in) (i64.const 1048576) (i32.const 16))
      (br_if $more (i32.eqz (i32.load8_u (i32.const 16))))
      (br_if $end (i32.eq (i32.load8_u (i32.const 24)) (i32.const 1)))  ;; the content is at its end
      (unreachable)))
    (call $drop-in (local.get $in)) (call $drop-out (local.get $out))
    (call $finish (local.get $content) (i32.const 0) (i32.const 0) (i32.const 16)) (call $good)
    (call $drop-body (local.get $body)) (call $drop-request (local.get $request)))
"""
_CORE_NAMES: Final = {
    "[method]output-stream.blocking-write-and-flush": "flushed",
    "[method]output-stream.blocking-splice": "splice",
    "[constructor]fields": "new-fields",
    "[method]incoming-request.consume": "consume",
    "[method]incoming-body.stream": "stream",
    "[constructor]outgoing-response": "new-response",
    "[method]outgoing-response.body": "body",
    "[method]outgoing-body.write": "write",
    "[static]outgoing-body.finish": "finish",
    "[static]response-outparam.set": "set",
}
_DROPS: Final = {
    "drop-in": "input-stream",
    "drop-out": "output-stream",
    "drop-body": "incoming-body",
    "drop-request": "incoming-request",
}


@cache
def relay() -> bytes:
    """Return the component. It answers with a digit, how many requests it has had, and their content."""
    text, lowered, imported, given = [], [], [], []
    for interface, (own, labels) in _IMPORTS.items():
        types = TypeText(partial(_name, own))
        functions = []
        for label in labels:
            function = SIGNATURES[interface][label]
            params = " ".join(f'(param "{p.label}" {types.reference(p.type)})' for p in function.params)
            result = f"(result {types.reference(function.result)})" if function.result else ""
            functions.append(f'(export "{label}" (func {params} {result}))')
            name = _CORE_NAMES[label]
            lowered.append(
                f'(core func ${name} (canon lower (func ${_id(interface)} "{label}") '
                "(memory $memory) (realloc $realloc)))"
            )
            imported.append(f'(import "" "{name}" (func ${name} {_core(function)}))')
            given.append(name)
        shared = " ".join(
            f'(export "{name}" (type ${name}\' (eq ${name})))' for name in _above(interface)
        ) if labels else ""  # fmt: skip
        fresh = " ".join(f'(export "{name}" (type ${name} (sub resource)))' for name in own)
        text.append(
            f'(import "{interface}@0.2.0" (instance ${_id(interface)} {shared} {fresh} '
            f"{' '.join(types.definitions)} {' '.join(functions)}))"
        )
        text += [f'(alias export ${_id(interface)} "{name}" (type ${name}))' for name in own]
    for name, resource in _DROPS.items():
        lowered.append(f"(core func ${name} (canon resource.drop ${resource}))")
        imported.append(f'(import "" "{name}" (func ${name} (param i32)))')
        given.append(name)
    set_params = [core for p in SIGNATURES["wasi:http/types"]["[static]response-outparam.set"].params
                  for core in flat(p.type)]  # fmt: skip
    rest = " ".join(f"({core}.const 0)" for core in set_params[3:])
    exports = " ".join(f'(export "{name}" (func ${name}))' for name in given)
    return wat(f"""
      {" ".join(text)}
      {ALLOCATOR}
      (alias core export $libc "memory" (core memory $memory))
      (alias core export $libc "realloc" (core func $realloc))
      {" ".join(lowered)}
      (core module $main {" ".join(imported)} (import "" "memory" (memory 1))
        {_HANDLE.replace("{rest}", rest)})
      (core instance $main (instantiate $main (with "" (instance
        (export "memory" (memory $memory)) {exports}))))
      (func $handle (param "request" (own $incoming-request)) (param "response-out" (own $response-outparam))
        (canon lift (core func $main "handle")))
      (instance $handler (export "handle" (func $handle)))
      (export "wasi:http/incoming-handler@0.2.0" (instance $handler))""")


def _name(own: Sequence[str], resource: wit.Resource) -> str:
    """Return the name of a resource inside an interface: what is another's has a prime."""
    return f"${resource.name}" if resource.name in own else f"${resource.name}'"


def _id(interface: str) -> str:
    return interface.replace(":", "-").replace("/", "-")


def _above(interface: str) -> list[str]:
    """Return the resources of the interfaces that are imported before this one."""
    names: list[str] = []
    for each, (own, _) in _IMPORTS.items():
        if each == interface:
            break
        names += own
    return names


def _core(function: wit.Function) -> str:
    """Return the core type of a function that is lowered."""
    params = [core for p in function.params for core in flat(p.type)]
    results = flat(function.result)
    if len(results) > 1:
        params, results = [*params, "i32"], []
    return f"(param {' '.join(params)}) {'(result ' + results[0] + ')' if results else ''}"


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(relay())
