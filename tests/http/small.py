"""Components that cost next to nothing: one that answers requests, and one that sends some.

`python -m tests.http.small relay OUT.wasm` writes one.
"""

from __future__ import annotations

import sys
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from capwit.preview2.signatures import SIGNATURES

from tests.engine.support import ALLOCATOR, TypeText, flat
from tests.support.components import wat

if TYPE_CHECKING:
    from collections.abc import Sequence

    from capwit.engine import types as wit

# Of an interface: the resources that it has itself, and its functions by what the core code calls them.
Imports = dict[str, tuple[tuple[str, ...], dict[str, str]]]


def component(imports: Imports, core: str, exports: str) -> bytes:
    """Return a component of core code, whose imports are functions of WASI.

    The code is that of module `$main`. For a resource that it drops it has a function named after it:
    `drop-fields`.
    """
    text, lowered, linked = [], [], {}
    above: list[str] = []
    for interface, (own, functions) in imports.items():
        instance = f"${interface.replace(':', '-').replace('/', '-')}"
        types = TypeText(partial(_name, own))
        declared = []
        for name, label in functions.items():
            function = SIGNATURES[interface][label]
            params = " ".join(f'(param "{p.label}" {types.reference(p.type)})' for p in function.params)
            result = f"(result {types.reference(function.result)})" if function.result else ""
            declared.append(f'(export "{label}" (func {params} {result}))')
            lowered.append(
                f'(core func ${name} (canon lower (func {instance} "{label}") '
                "(memory $memory) (realloc $realloc)))"
            )
            linked[name] = _core(function)
        shared = [f'(export "{name}" (type ${name}\' (eq ${name})))' for name in above] if functions else []
        fresh = [f'(export "{name}" (type ${name} (sub resource)))' for name in own]
        body = " ".join([*shared, *fresh, *types.definitions, *declared])
        text.append(f'(import "{interface}@0.2.0" (instance {instance} {body}))')
        text += [f'(alias export {instance} "{name}" (type ${name}))' for name in own]
        for name in own:
            lowered.append(f"(core func $drop-{name} (canon resource.drop ${name}))")
            linked[f"drop-{name}"] = "(param i32)"
        above += own
    taken = " ".join(f'(import "" "{name}" (func ${name} {type}))' for name, type in linked.items())
    given = " ".join(f'(export "{name}" (func ${name}))' for name in linked)
    return wat(f"""
      {" ".join(text)}
      {ALLOCATOR}
      (alias core export $libc "memory" (core memory $memory))
      (alias core export $libc "realloc" (core func $realloc))
      {" ".join(lowered)}
      (core module $main {taken} (import "" "memory" (memory 1)) {core})
      (core instance $main (instantiate $main (with "" (instance
        (export "memory" (memory $memory)) {given}))))
      {exports}""")


def _name(own: Sequence[str], resource: wit.Resource) -> str:
    """Return the name of a resource inside an interface: what is another's has a prime."""
    return f"${resource.name}" if resource.name in own else f"${resource.name}'"


def _core(function: wit.Function) -> str:
    """Return the core type of a function that is lowered."""
    params = [core for p in function.params for core in flat(p.type)]
    results = flat(function.result)
    if len(results) > 1:
        params, results = [*params, "i32"], []
    return f"(param {' '.join(params)}) {'(result ' + results[0] + ')' if results else ''}"


# Results are at 16: a zero says that one is good. Its payload is at 20, of a splice, which is longer, at 24.
_RELAY: Final = """
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
    (call $drop-input-stream (local.get $in)) (call $drop-output-stream (local.get $out))
    (call $finish (local.get $content) (i32.const 0) (i32.const 0) (i32.const 16)) (call $good)
    (call $drop-incoming-body (local.get $body)) (call $drop-incoming-request (local.get $request)))
"""
_RELAYS: Final[Imports] = {
    "wasi:io/error": (("error",), {}),
    "wasi:io/streams": (
        ("input-stream", "output-stream"),
        {
            "flushed": "[method]output-stream.blocking-write-and-flush",
            "splice": "[method]output-stream.blocking-splice",
        },
    ),
    "wasi:http/types": (
        (
            "fields", "incoming-request", "incoming-body", "outgoing-response", "outgoing-body",
            "response-outparam",
        ),
        {
            "new-fields": "[constructor]fields",
            "consume": "[method]incoming-request.consume",
            "stream": "[method]incoming-body.stream",
            "new-response": "[constructor]outgoing-response",
            "body": "[method]outgoing-response.body",
            "write": "[method]outgoing-body.write",
            "finish": "[static]outgoing-body.finish",
            "set": "[static]response-outparam.set",
        },
    ),
}  # fmt: skip


@cache
def relay() -> bytes:
    """Return what answers with a digit, how many requests it has had, and their content."""
    answer = SIGNATURES["wasi:http/types"]["[static]response-outparam.set"]
    rest = [core for p in answer.params for core in flat(p.type)][3:]  # where an error would be
    return component(
        _RELAYS,
        _RELAY.replace("{rest}", " ".join(f"({core}.const 0)" for core in rest)),
        """(func $handle
             (param "request" (own $incoming-request)) (param "response-out" (own $response-outparam))
             (canon lift (core func $main "handle")))
           (instance $handler (export "handle" (func $handle)))
           (export "wasi:http/incoming-handler@0.2.0" (instance $handler))""",
    )


# A response is in an option at 64, a result at 72 and another one at 80: its handle is at 88.
_ASKER: Final = """
  (data (i32.const 128) "/")
  (func (export "ask") (param $at i32) (param $length i32) (param $n i32)
    (local $request i32) (local $future i32) (local $pollable i32)
    (local $response i32) (local $body i32) (local $in i32)
    (loop $more
      (local.set $request (call $new-request (call $new-fields)))
      (if (call $set-scheme (local.get $request) (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0))
        (then (unreachable)))
      (if (call $set-authority (local.get $request) (i32.const 1) (local.get $at) (local.get $length))
        (then (unreachable)))
      (if (call $set-path (local.get $request) (i32.const 1) (i32.const 128) (i32.const 1))
        (then (unreachable)))
      (call $send (local.get $request) (i32.const 0) (i32.const 0) (i32.const 16))
      (if (i32.load8_u (i32.const 16)) (then (unreachable)))
      (local.set $future (i32.load (i32.const 24)))
      (local.set $pollable (call $subscribe (local.get $future)))
      (call $block (local.get $pollable)) (call $drop-pollable (local.get $pollable))
      (call $get (local.get $future) (i32.const 64))
      (if (i32.or (i32.load8_u (i32.const 72)) (i32.load8_u (i32.const 80))) (then (unreachable)))
      (local.set $response (i32.load (i32.const 88)))
      (call $consume (local.get $response) (i32.const 16))
      (local.set $body (i32.load (i32.const 20)))
      (call $stream (local.get $body) (i32.const 16))
      (local.set $in (i32.load (i32.const 20)))
      (loop $reading
        (call $read (local.get $in) (i64.const 65536) (i32.const 16))
        (br_if $reading (i32.eqz (i32.load8_u (i32.const 16)))))
      (call $drop-input-stream (local.get $in)) (call $drop-incoming-body (local.get $body))
      (call $drop-incoming-response (local.get $response))
      (call $drop-future-incoming-response (local.get $future))
      (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
"""
_ASKS: Final[Imports] = {
    "wasi:io/error": (("error",), {}),
    "wasi:io/poll": (("pollable",), {"block": "[method]pollable.block"}),
    "wasi:io/streams": (("input-stream",), {"read": "[method]input-stream.blocking-read"}),
    "wasi:http/types": (
        (
            "fields", "outgoing-request", "request-options", "incoming-response", "future-incoming-response",
            "incoming-body",
        ),
        {
            "new-fields": "[constructor]fields",
            "new-request": "[constructor]outgoing-request",
            "set-scheme": "[method]outgoing-request.set-scheme",
            "set-authority": "[method]outgoing-request.set-authority",
            "set-path": "[method]outgoing-request.set-path-with-query",
            "subscribe": "[method]future-incoming-response.subscribe",
            "get": "[method]future-incoming-response.get",
            "consume": "[method]incoming-response.consume",
            "stream": "[method]incoming-body.stream",
        },
    ),
    "wasi:http/outgoing-handler": ((), {"send": "handle"}),
}  # fmt: skip


@cache
def asker() -> bytes:
    """Return what sends `n` requests to a server, one after the other: `ask(authority, n)`."""
    return component(
        _ASKS,
        _ASKER,
        """(func (export "ask") (param "authority" string) (param "n" u32)
             (canon lift (core func $main "ask") (memory $memory) (realloc $realloc)))""",
    )


if __name__ == "__main__":
    Path(sys.argv[2]).write_bytes({"relay": relay, "asker": asker}[sys.argv[1]]())
