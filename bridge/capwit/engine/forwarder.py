"""The component that stands between a guest and its host on the byte lane: it forwards calls as they come.

A function is imported with one type and exported with another, which differ only in that one has a string
where the other has a `list<u8>`. Both lie in memory alike, so what the caller has put into this component's
memory is what the callee is given: arguments and results are passed on untouched, but for bytes, which are
packed here on their way to the host and unpacked on their way to the guest (see `packing`). What is lent for
a call is given back after it, and the memory is free again for the next one: what a result holds is read
before that begins.

An instance is entered by one call at a time, and one side of the lane has its own: a call that leads to
another of the same side never happens, since a component cannot be entered again while it waits.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Final, NamedTuple

from .core import CoreFunction, ValueType
from .layout import (
    MOST_FLAT_PARAMS,
    MOST_FLAT_RESULTS,
    Layouter,
    Layouts,
    flat_params,
    flat_result,
    lowered,
    offsets,
)
from .outer import Outer, needed, signature
from .packing import HEX, RAW, WORTH, Packing
from .types import Borrow, Function, Resource, Tuple, Type

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

MEMORIES: Final = 1  # of a forwarder
# Its own two, and the one in which wasmtime copies from it to the guest and back. wasmtime makes more of
# those only where a function is imported with the memory of a core instance that imports another one itself.
INSTANCES: Final = 3
MOST_PAGES: Final = 1024  # of 64 KiB: what one call may carry
NO_ROOM: Final = "capwit:bridge/lane!no-room"  # the function that a call which carries more traps in

_DIGITS: Final = f"(v128.const i8x16 {' '.join(str(digit) for digit in b'0123456789abcdef')})"

# Memory that is given out from the front to the back, and all taken back at once.
_ARENA: Final = f"""
(core module $arena
  (memory (export "memory") 0 {MOST_PAGES})
  (global $top (mut i32) (i32.const 16))
  (func $no-room (@name "{NO_ROOM}") unreachable)
  ;; Whether there is memory up to an address.
  (func $reaches (param $end i64) (result i32) (local $missing i64)
    (local.set $missing (i64.sub
      (i64.shr_u (i64.add (local.get $end) (i64.const 65535)) (i64.const 16))
      (i64.extend_i32_u (memory.size))))
    (if (result i32) (i64.le_s (local.get $missing) (i64.const 0))
      (then (i32.const 1))
      (else (i32.ne (memory.grow (i32.wrap_i64 (local.get $missing))) (i32.const -1)))))
  (func (export "reset") (global.set $top (i32.const 16)))
  (func (export "realloc") (param $old i32) (param $had i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32) (local $mask i32) (local $end i64)
    ;; A string is 2-aligned, also where it stands for bytes.
    (local.set $mask (i32.or (i32.sub (local.get $align) (i32.const 1)) (i32.const 1)))
    (local.set $at
      (i32.and (i32.add (global.get $top) (local.get $mask)) (i32.xor (local.get $mask) (i32.const -1))))
    ;; What was given out last changes its size where it is. Behind each part there is a byte for its mark.
    (if (i32.and (i32.ne (local.get $had) (i32.const 0)) (i32.eq
        (i32.add (i32.add (local.get $old) (local.get $had)) (i32.const 1)) (global.get $top)))
      (then (local.set $at (local.get $old))))
    (local.set $end (i64.add (i64.const 1)
      (i64.add (i64.extend_i32_u (local.get $at)) (i64.extend_i32_u (local.get $size)))))
    (if (i32.eqz (call $reaches (i64.add (local.get $end) (i64.const 32)))) (then (call $no-room)))
    (if (i32.and (i32.ne (local.get $had) (i32.const 0)) (i32.ne (local.get $at) (local.get $old)))
      (then (memory.copy (local.get $at) (local.get $old)
        (select (local.get $had) (local.get $size) (i32.lt_u (local.get $had) (local.get $size))))))
    (global.set $top (i32.wrap_i64 (local.get $end)))
    (local.get $at))
  ;; Many bytes that are not all ASCII are written as hexadecimal, if that leaves as much room as it fills,
  ;; which what comes after them may need: the mark behind tells.
  ;; There is memory beyond all that is given out, so that what is read there is no matter.
  (func (export "pack") (param $at i32) (param $size i32) (result i32 i32)
    (local $from i32) (local $to i32) (local $end i32) (local $v v128) (local $high v128) (local $low v128)
    (local.set $end (i32.add (local.get $at) (local.get $size)))
    (block $raw
      (br_if $raw (i32.lt_u (local.get $size) (i32.const {WORTH})))
      (local.set $to (i32.and (i32.add (global.get $top) (i32.const 15)) (i32.const -16)))
      (br_if $raw (i32.eqz (call $reaches (i64.add (i64.shl (i64.extend_i32_u (local.get $to)) (i64.const 1))
        (i64.add (i64.shl (i64.extend_i32_u (local.get $size)) (i64.const 2)) (i64.const 128))))))
      (local.set $from (local.get $at))
      (loop $more
        (local.set $v (v128.or (local.get $v) (v128.load (local.get $from))))
        (local.set $from (i32.add (local.get $from) (i32.const 16)))
        (br_if $more (i32.lt_u (local.get $from) (local.get $end))))
      (br_if $raw (i32.eqz (i8x16.bitmask (local.get $v))))
      (local.set $from (local.get $at))
      (local.set $at (local.get $to))
      (loop $more
        (local.set $v (v128.load (local.get $from)))
        (local.set $high (i8x16.swizzle {_DIGITS} (i8x16.shr_u (local.get $v) (i32.const 4))))
        (local.set $low (i8x16.swizzle {_DIGITS} (v128.and (local.get $v) (i8x16.splat (i32.const 15)))))
        (v128.store (local.get $to)
          (i8x16.shuffle 0 16 1 17 2 18 3 19 4 20 5 21 6 22 7 23 (local.get $high) (local.get $low)))
        (v128.store offset=16 (local.get $to)
          (i8x16.shuffle 8 24 9 25 10 26 11 27 12 28 13 29 14 30 15 31 (local.get $high) (local.get $low)))
        (local.set $to (i32.add (local.get $to) (i32.const 32)))
        (local.set $from (i32.add (local.get $from) (i32.const 16)))
        (br_if $more (i32.lt_u (local.get $from) (local.get $end))))
      (local.set $size (i32.shl (local.get $size) (i32.const 1)))
      (i32.store8 (i32.add (local.get $at) (local.get $size)) (i32.const {HEX[0]}))
      (global.set $top (i32.add (i32.add (local.get $at) (local.get $size)) (i32.const 1)))
      (return (local.get $at) (i32.add (local.get $size) (i32.const 1))))
    (i32.store8 (local.get $end) (i32.const {RAW[0]}))
    (local.get $at) (i32.add (local.get $size) (i32.const 1)))
  ;; Bytes that the host has written become what they were, where they lie.
  (func (export "unpack") (param $at i32) (param $size i32) (result i32 i32)
    (local $from i32) (local $to i32) (local $end i32) (local $high v128) (local $low v128)
    (local.set $from (local.get $at))
    (local.set $size (i32.sub (local.get $size) (i32.const 1)))
    (local.set $end (i32.add (local.get $from) (local.get $size)))
    (if (i32.eq (i32.load8_u (local.get $end)) (i32.const {HEX[0]}))
      (then
        (local.set $size (i32.shr_u (local.get $size) (i32.const 1)))
        (local.set $to (local.get $from))
        (loop $more
          (local.set $high (v128.load (local.get $from)))
          (local.set $low (v128.load offset=16 (local.get $from)))
          (v128.store (local.get $to) (v128.or
            (i8x16.shl (call $digits (i8x16.shuffle 0 2 4 6 8 10 12 14 16 18 20 22 24 26 28 30
              (local.get $high) (local.get $low))) (i32.const 4))
            (call $digits (i8x16.shuffle 1 3 5 7 9 11 13 15 17 19 21 23 25 27 29 31
              (local.get $high) (local.get $low)))))
          (local.set $to (i32.add (local.get $to) (i32.const 16)))
          (br_if $more
            (i32.lt_u (local.tee $from (i32.add (local.get $from) (i32.const 32))) (local.get $end))))))
    (local.get $at) (local.get $size))
  ;; What digits stand for: those of letters have a bit that others have not.
  (func $digits (param $c v128) (result v128) (local $letter v128)
    (local.set $letter (i8x16.shr_u (local.get $c) (i32.const 6)))
    (i8x16.add (v128.and (local.get $c) (i8x16.splat (i32.const 15)))
      (i8x16.add (i8x16.shl (local.get $letter) (i32.const 3)) (local.get $letter)))))
(core instance $arena (instantiate $arena))
"""
_MEMORY: Final = '(memory (core memory $arena "memory")) (realloc (core func $arena "realloc"))'
# How the two sides read what lies there. A guest's string is bytes, too, for its host, which decodes them.
_GUEST: Final = f"{_MEMORY} string-encoding=utf8"
_HOST: Final = f"{_MEMORY} string-encoding=latin1+utf16"


class Forwarded(NamedTuple):
    """A function as it is imported, and as it is exported."""

    imported: Function
    exported: Function


class Forwarder(Outer):
    """Writes a component that imports `func0`, `func1`... and exports each as `f0`, `f1`...

    Attributes:
        given: the types that it imports as `type0`, `type1`...
        made: the types that it exports, by their labels.
    """

    def __init__(self, functions: Sequence[Forwarded], *, to_host: bool) -> None:
        """Forward these functions, of the guest's imports `to_host`, or of its exports.

        The types with names are imported, but for those of a guest's exports as the host has them: they are
        its own, and exported.
        """
        super().__init__()
        self.functions = functions
        outside = needed(each.exported for each in functions)
        given = needed(each.imported for each in functions) | (outside if to_host else {})
        self.given = list(given.values())
        self.made = {} if to_host else _labelled(outside.values())
        self.to_host = to_host
        self.options = (_HOST, _GUEST) if to_host else (_GUEST, _HOST)

    def component(self, id: str) -> list[str]:
        """Return its text."""
        for number, type in enumerate(self.given):
            self.lines += self.named(f'import "type{number}"', self.id(), type, None, self.names)
        for number, (imported, _) in enumerate(self.functions):
            self.lines.append(
                f'(import "func{number}" (func $func{number} {signature(imported, self.names)}))'
            )
        self.lines += [_ARENA, *self.lowering(), *self.forwarding()]
        for label, type in self.made.items():
            self.export_type(label, type)
        self.lines += self.lifting()
        return [f"(component {id}", *self.lines, ")"]

    def lowering(self) -> list[str]:
        """The core functions: each callee's, and what gives back a lent handle of each resource."""
        lines = [
            f"(core func $call{n} (canon lower (func $func{n}) {self.options[0]}))"
            for n in range(len(self.functions))
        ]
        return [
            *lines,
            *(
                f"(core func $drop{n} (canon resource.drop {id}))"
                for n, id in enumerate(self.lent().values())
            ),
        ]

    def lent(self) -> dict[Resource, str]:
        """What each resource is called that a function borrows."""
        found = (resource for each in self.functions for _, resource in _borrows(each.exported))
        return {resource: self.names[resource] for resource in found}

    def forwarding(self) -> list[str]:
        """The core module whose functions pass on what they are given."""
        imports, given, bodies = [], [], []
        inward, outward = ("pack", "unpack") if self.to_host else ("unpack", "pack")
        layout = Layouts()
        packings = Packing(inward, layout), Packing(outward, layout)
        drops = {resource: f"$drop{number}" for number, resource in enumerate(self.lent())}
        for number, (imported, exported) in enumerate(self.functions):
            function = exported if self.to_host else imported  # as the guest has it: with its bytes
            core = lowered(function, layout)
            imports.append(f'(import "" "call{number}" (func $call{number} {_core(core)}))')
            given.append(f'(export "call{number}" (func $call{number}))')
            bodies += _body(number, function, layout, drops, *packings)
        for number in range(len(drops)):
            imports.append(f'(import "" "drop{number}" (func $drop{number} (param i32)))')
            given.append(f'(export "drop{number}" (func $drop{number}))')
        return [
            "(core module $forward",
            *imports,
            '(import "arena" "memory" (memory 0))',
            '(import "arena" "realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))',
            '(import "arena" "reset" (func $reset))',
            '(import "arena" "pack" (func $pack (param i32 i32) (result i32 i32)))',
            '(import "arena" "unpack" (func $unpack (param i32 i32) (result i32 i32)))',
            *(line for packing in packings for line in packing.functions),
            *bodies,
            ")",
            f'(core instance $forward (instantiate $forward (with "" (instance {" ".join(given)}))',
            '(with "arena" (instance $arena))))',
        ]

    def lifting(self) -> list[str]:
        """The exported functions."""
        lines = []
        for number, (_, function) in enumerate(self.functions):
            lines += [
                f"(func $f{number} {signature(function, self.names)}",
                f'  (canon lift (core func $forward "f{number}") {self.options[1]}))',
                f'(export "f{number}" (func $f{number}))',
            ]
        return lines


def _labelled(types: Iterable[Type | Resource]) -> dict[str, Type]:
    return {f"type{n}": type for n, type in enumerate(types) if not isinstance(type, Resource)}


def _borrows(function: Function) -> Iterator[tuple[int, Resource]]:
    """Yield the parameters that are lent handles, by their numbers, and of what."""
    for number, (_, type) in enumerate(function.params):
        if isinstance(type, Borrow):
            yield number, type.resource


def _by_memory(function: Function, layout: Layouter) -> bool:
    """Return whether the result lies in memory: it is not one number."""
    return len(flat_result(function, layout)) > MOST_FLAT_RESULTS


def _given_by_memory(function: Function, layout: Layouter) -> bool:
    """Return whether the parameters lie in memory: they are too many numbers."""
    return len(flat_params(function, layout)) > MOST_FLAT_PARAMS


def _core(core: CoreFunction) -> str:
    params = f"(param {' '.join(each.value for each in core.params)})" if core.params else ""
    return params + "".join(f" (result {each.value})" for each in core.results)


def _body(
    number: int,
    function: Function,
    layout: Layouter,
    drops: Mapping[Resource, str],
    inward: Packing,
    outward: Packing,
) -> list[str]:
    """The core function: it is called as the guest's is, but that it says itself where its result lies.

    `drops` has what gives back a lent handle of each resource, `inward` what is done to the bytes of the
    parameters, `outward` to those of the result.
    """
    core, by_memory = lowered(function, layout), _by_memory(function, layout)
    params = core.params[:-1] if by_memory else core.params
    own = CoreFunction(params, (ValueType.I32,) if by_memory else core.results)
    arguments = [f"(local.get {n})" for n in range(len(params))]
    lines = [f'(func (export "f{number}") {_core(own)} (local $at i32)']
    given = Tuple(tuple(param.type for param in function.params))
    if _given_by_memory(function, layout):
        lines += ["(local.set $at (local.get 0))", *inward.in_memory(given)]
    else:
        lines += inward.flat(given, params)
    if by_memory:
        assert function.result is not None
        size, align, _ = layout(function.result)
        at = f"(i32.const 0) (i32.const 0) (i32.const {align}) (i32.const {size})"
        lines.append(f"(local.set $at (call $realloc {at}))")
        arguments.append("(local.get $at)")
    lines.append(f"(call $call{number} {' '.join(arguments)})")
    if function.result is not None:
        lines += outward.in_memory(function.result)
    lines += (f"(call {drops[resource]} {handle})" for resource, handle in _handles(function, layout))
    # A result in memory stays as it is there, since nothing is given out before it is read.
    return [*lines, "(call $reset)", "(local.get $at))" if by_memory else ")"]


def _handles(function: Function, layout: Layouter) -> Iterator[tuple[Resource, str]]:
    """Yield for each parameter that is a lent handle what it is lent of, and what reads it."""
    if _given_by_memory(function, layout):
        where = offsets((param.type for param in function.params), layout)
        places = [f"(i32.load offset={at} (local.get 0))" for at in where]
    else:
        flat = (len(layout(param.type).flat) for param in function.params)
        places = [f"(local.get {first})" for first in accumulate(flat, initial=0)]
    for number, resource in _borrows(function):
        yield resource, places[number]
