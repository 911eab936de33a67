"""The component that stands between a guest and its host on the byte lane: it forwards calls as they come.

A function is imported with one type and exported with another, which differ only in that one has a string
where the other has a `list<u8>`. Both lie in memory alike, so what the caller has put into this component's
memory is what the callee is given: arguments and results are passed on untouched. What is lent for a call
is given back after it, and the memory is free again once the caller has read the result.

An instance is entered by one call at a time, and one side of the lane has its own: a call that leads to
another of the same side never happens, since a component cannot be entered again while it waits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from .core import CoreFunction, ValueType
from .layout import MOST_FLAT_PARAMS, MOST_FLAT_RESULTS, flat_params, flat_result, layout, lowered, offsets
from .outer import Outer, needed, signature
from .types import Borrow, Function, Resource, Type

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MEMORIES: Final = 1  # of a forwarder
INSTANCES: Final = 2
MOST_PAGES: Final = 1024  # of 64 KiB: what one call may carry
NO_ROOM: Final = "capwit:bridge/lane!no-room"  # the function that a call which carries more traps in

# Memory that is given out from the front to the back, and all taken back at once.
_ARENA: Final = f"""
(core module $arena
  (memory (export "memory") 0 {MOST_PAGES})
  (global $top (mut i32) (i32.const 16))
  (func $no-room (@name "{NO_ROOM}") unreachable)
  (func (export "reset") (global.set $top (i32.const 16)))
  (func (export "done") (param i32) (global.set $top (i32.const 16)))
  (func (export "realloc") (param $old i32) (param $had i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32) (local $mask i32) (local $end i64) (local $missing i64)
    ;; A string is 2-aligned, also where it stands for bytes.
    (local.set $mask (i32.or (i32.sub (local.get $align) (i32.const 1)) (i32.const 1)))
    (local.set $at
      (i32.and (i32.add (global.get $top) (local.get $mask)) (i32.xor (local.get $mask) (i32.const -1))))
    ;; What was given out last changes its size where it is.
    (if (i32.and (i32.ne (local.get $had) (i32.const 0))
                 (i32.eq (i32.add (local.get $old) (local.get $had)) (global.get $top)))
      (then (local.set $at (local.get $old))))
    (local.set $end (i64.add (i64.extend_i32_u (local.get $at)) (i64.extend_i32_u (local.get $size))))
    (local.set $missing (i64.sub
      (i64.shr_u (i64.add (local.get $end) (i64.const 65535)) (i64.const 16))
      (i64.extend_i32_u (memory.size))))
    (if (i64.gt_s (local.get $missing) (i64.const 0))
      (then
        (if (i32.eq (memory.grow (i32.wrap_i64 (local.get $missing))) (i32.const -1))
          (then (call $no-room)))))
    (if (i32.and (i32.ne (local.get $had) (i32.const 0)) (i32.ne (local.get $at) (local.get $old)))
      (then (memory.copy (local.get $at) (local.get $old)
        (select (local.get $had) (local.get $size) (i32.lt_u (local.get $had) (local.get $size))))))
    (global.set $top (i32.wrap_i64 (local.get $end)))
    (local.get $at)))
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
        found = (type.resource for each in self.functions for _, type in _borrows(each.exported))
        return {resource: self.names[resource] for resource in found}

    def forwarding(self) -> list[str]:
        """The core module whose functions pass on what they are given."""
        imports, given, bodies = [], [], []
        for number, (_, function) in enumerate(self.functions):
            core = lowered(function)
            imports.append(f'(import "" "call{number}" (func $call{number} {_core(core)}))')
            given.append(f'(export "call{number}" (func $call{number}))')
            bodies += _body(number, function, list(self.lent()))
        for number in range(len(self.lent())):
            imports.append(f'(import "" "drop{number}" (func $drop{number} (param i32)))')
            given.append(f'(export "drop{number}" (func $drop{number}))')
        return [
            "(core module $forward",
            *imports,
            '(import "arena" "memory" (memory 0))',
            '(import "arena" "realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))',
            '(import "arena" "reset" (func $reset))',
            *bodies,
            ")",
            f'(core instance $forward (instantiate $forward (with "" (instance {" ".join(given)}))',
            '(with "arena" (instance $arena))))',
        ]

    def lifting(self) -> list[str]:
        """The exported functions."""
        lines = []
        for number, (_, function) in enumerate(self.functions):
            done = '(post-return (core func $arena "done"))' if _by_memory(function) else ""
            lines += [
                f"(func $f{number} {signature(function, self.names)}",
                f'  (canon lift (core func $forward "f{number}") {self.options[1]} {done}))',
                f'(export "f{number}" (func $f{number}))',
            ]
        return lines


def _labelled(types: Iterable[Type | Resource]) -> dict[str, Type]:
    return {f"type{n}": type for n, type in enumerate(types) if not isinstance(type, Resource)}


def _borrows(function: Function) -> Iterator[tuple[int, Borrow]]:
    """Yield the parameters that are lent handles, by their numbers."""
    for number, (_, type) in enumerate(function.params):
        if isinstance(type, Borrow):
            yield number, type


def _by_memory(function: Function) -> bool:
    """Return whether the result lies in memory: it is not one number."""
    return len(flat_result(function)) > MOST_FLAT_RESULTS


def _core(core: CoreFunction) -> str:
    params = f"(param {' '.join(each.value for each in core.params)})" if core.params else ""
    return params + "".join(f" (result {each.value})" for each in core.results)


def _body(number: int, function: Function, lent: list[Resource]) -> list[str]:
    """The core function: it is called as the guest's is, but that it says itself where its result lies."""
    core, by_memory = lowered(function), _by_memory(function)
    params = core.params[:-1] if by_memory else core.params
    own = CoreFunction(params, (ValueType.I32,) if by_memory else core.results)
    arguments = [f"(local.get {n})" for n in range(len(params))]
    lines = [f'(func (export "f{number}") {_core(own)}']
    if by_memory:
        assert function.result is not None
        size, align, _ = layout(function.result)
        at = f"(i32.const 0) (i32.const 0) (i32.const {align}) (i32.const {size})"
        lines += ["(local $at i32)", f"(local.set $at (call $realloc {at}))"]
        arguments.append("(local.get $at)")
    lines.append(f"(call $call{number} {' '.join(arguments)})")
    for param, type in _borrows(function):
        lines.append(f"(call $drop{lent.index(type.resource)} {_handle(function, param)})")
    # A result in memory holds it until it is read: then `done` is called.
    return [*lines, "(local.get $at))" if by_memory else "(call $reset))"]


def _handle(function: Function, number: int) -> str:
    """What reads the handle that a parameter is."""
    types = [param.type for param in function.params]
    if len(flat_params(function)) > MOST_FLAT_PARAMS:
        return f"(i32.load offset={offsets(types)[number]} (local.get 0))"
    return f"(local.get {sum(len(layout(type).flat) for type in types[:number])})"
