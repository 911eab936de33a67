"""The imports of a world as a C header: its types as they lie in memory, its functions as they are lowered.

It serves a component's guest and a core module alike. On wasm32, C lays structs and unions out as the
canonical ABI does, so a type is just declared.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from capwit.codegen.base import names
from capwit.codegen.emit.read_back import split
from capwit.codegen.scaffold.canonical import MAX_PARAMS, Shapes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from capwit.codegen.emit.read_back import Definition, Function, Interface
    from capwit.codegen.scaffold.guest import Guest

_CORE: Final = {"i32": "int32_t", "i64": "int64_t", "f32": "float", "f64": "double"}
_SCALARS: Final = {
    "bool": "bool", "char": "uint32_t", "f32": "float", "f64": "double",
    **{f"u{bits}": f"uint{bits}_t" for bits in (8, 16, 32, 64)},
    **{f"s{bits}": f"int{bits}_t" for bits in (8, 16, 32, 64)},
}  # fmt: skip
_HEAD: Final = """\
// A handle is a number: who owns one drops it by its `..._drop`, and a core module by `close`, too.
// A string or list that a call returns lies where `cabi_realloc` has found memory: it is yours to free.

#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef IMPORT
#define IMPORT(interface, function) __attribute__((import_module(interface), import_name(function)))
#endif

typedef int32_t handle;
typedef struct { const char *at; size_t length; } string_t;
"""
_KEYWORDS: Final = frozenset(
    re.findall(
        r"\w+",
        """
        alignas alignof asm auto bool break case char const constexpr continue default do double else enum
        extern false float for goto if inline int long nullptr register restrict return short signed sizeof
        static switch true typedef typeof union unsigned void volatile while
        """,
    )
)


def emit(guest: Guest) -> str:
    """The text of the header."""
    return "\n".join(_Writer(guest).lines()) + "\n"


class _Writer:
    """One header on its way to text: a type is declared before what has it in it."""

    def __init__(self, guest: Guest) -> None:
        self.guest = guest
        self.shapes = Shapes(guest)
        self.declared: list[str] = []
        self.types: dict[str, str] = {}  # the C names, by what they are of
        self.items: dict[str, str] = {"string_t": "char"}  # what lists are of
        self.taken = {"string_t", "cabi_realloc"}

    def lines(self) -> Iterator[str]:
        functions = [line for interface in self.interfaces() for line in self.imports(interface)]
        yield f"// What world `{self.guest.world}` of {self.guest.schema} imports."
        yield "// Written by `capwit generate --guest c`: changes are lost."
        yield "//"
        yield from _HEAD.splitlines()
        yield from self.declared
        yield from functions

    def interfaces(self) -> list[Interface]:
        """The interfaces that all others of the guest lead to, what is used before who uses it."""
        found: dict[str, Interface] = {}

        def visit(interface: Interface) -> None:
            for id, _ in interface.uses.values():
                if id not in found:
                    visit(self.guest.interfaces[id])
            found[interface.id] = interface

        for interface in (*self.guest.exports, *self.guest.own, self.guest.grants):
            if interface is not None:
                visit(interface)
        exported = {interface.id for interface in self.guest.exports}
        return [interface for id, interface in found.items() if id not in exported]

    def imports(self, interface: Interface) -> Iterator[str]:
        resources = [each for each in interface.definitions.values() if each.kind == "resource"]
        if not resources and not interface.functions:
            return
        yield from ("", f"// ---- {interface.id}", "")
        for resource in resources:
            for function in resource.functions:
                yield from self.function(interface, function, resource)
            drop = self.free(f"{_snake(resource.name)}_drop")
            yield f'IMPORT("{interface.id}", "[resource-drop]{resource.name}") void {drop}(handle);'
        for function in interface.functions.values():
            yield from self.function(interface, function, None)

    def function(
        self, interface: Interface, function: Function, resource: Definition | None
    ) -> Iterator[str]:
        label, name = function.name, _snake(function.name)
        params = [(each.name, each.type) for each in function.params]
        if resource is not None:
            label = f"[{function.kind}]{resource.name}.{function.name}"
            name = f"{_snake(resource.name)}_{name}"
            params[:0] = [("self", f"borrow<{resource.name}>")] if function.kind == "method" else []
        flat = sum(len(self.shapes.shape(interface, type).flat) for _, type in params)
        if flat > MAX_PARAMS:
            fields = [(name, self.type(interface, type)) for name, type in params]
            given = [f"const {self.struct(f'{name}_params_t', fields)} *params"]
        else:
            given = [part for name, type in params for part in self.param(interface, name, type)]
        result = "void"
        if function.result:
            result, shape = (
                self.type(interface, function.result),
                self.shapes.shape(interface, function.result),
            )
            if len(shape.flat) > 1:
                given.append(f"{result} *result")
                result = "void"
            elif result not in _SINGLE:
                result = _CORE[shape.flat[0]]
        yield f"// {function.text}"
        listed = ", ".join(given) or "void"
        yield f'IMPORT("{interface.id}", "{label}") {result} {self.free(name)}({listed});'

    def param(self, interface: Interface, name: str, type: str) -> Iterator[str]:
        """A parameter as it is lowered."""
        found, flat = self.type(interface, type), self.shapes.shape(interface, type).flat
        label = f"{_snake(name)}_"
        if found in _SINGLE:
            yield f"{found} {label}"
        elif found in self.items:
            yield f"const {self.items[found]} *{label}"
            yield f"size_t {label}length"
        else:
            yield from (
                f"{_CORE[core]} {label}{index if len(flat) > 1 else ''}" for index, core in enumerate(flat)
            )

    def free(self, name: str) -> str:
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        return name

    def type(self, interface: Interface, type: str) -> str:
        """The C name of a type that stands in an interface; it is declared by then."""
        if type in _SCALARS:
            return _SCALARS[type]
        head, bracket, rest = type.partition("<")
        if not bracket and type != "string":
            found = self.guest.find(interface, type)
            assert found is not None, f"{type} is declared in {interface.id}"
            return self.named(*found)
        if head in ("own", "borrow"):
            return "handle"
        if not bracket:
            return "string_t"
        inner = split(rest.removesuffix(">"))
        parts = [None if each == "_" else self.type(interface, each) for each in inner]
        known = f"{head} {parts}"
        if known not in self.types:
            self.types[known] = self.composed(head, parts)
        return self.types[known]

    def composed(self, head: str, parts: Sequence[str | None]) -> str:
        """Declares a type that is made of others."""
        first = parts[0] if parts else None
        name = f"{_stem(first)}_{head}_t"
        match head:
            case "list":
                assert first is not None
                name = self.struct(name, [("at", f"const {first} *"), ("length", "size_t")])
                self.items[name] = first
                return name
            case "option":
                return self.struct(name, [("is_some", "bool"), ("value", first)])
            case "result":
                ends = list(zip(("ok", "error"), [*parts, None, None], strict=False))
                return self.struct(name, [("is_err", "bool"), *self.union(ends)])
            case _:
                return self.struct(name, [(f"item_{index}", part) for index, part in enumerate(parts)])

    def named(self, home: Interface, definition: Definition) -> str:
        """Declares a type that has a name."""
        known = f"{home.id}.{definition.name}"
        if known not in self.types:
            self.types[known] = self.defined(home, definition)
        return self.types[known]

    def defined(self, home: Interface, definition: Definition) -> str:
        name = f"{_snake(home.name)}_{_snake(definition.name)}_t"
        members = [line.rstrip(",") for line in definition.members]
        match definition.kind:
            case "resource":
                return "handle"
            case "type":
                return self.type(home, definition.members[0])
            case "record":
                pairs = [line.partition(": ") for line in members]
                return self.struct(name, [(label, self.type(home, type)) for label, _, type in pairs])
            case "flags":
                return self.numbered(
                    name, members, _word(len(members), 8, 16), [1 << i for i in range(len(members))]
                )
            case "enum":
                return self.numbered(name, members, _word(len(members), 1 << 8, 1 << 16), range(len(members)))
            case _:
                split = [line.removesuffix(")").partition("(") for line in members]
                payloads = [
                    (label, self.type(home, type) if bracket else None) for label, bracket, type in split
                ]
                labels = [label for label, _ in payloads]
                tag = self.numbered(
                    f"{name.removesuffix('_t')}_tag_t",
                    labels,
                    _word(len(labels), 1 << 8, 1 << 16),
                    range(len(labels)),
                )
                return self.struct(name, [("tag", tag), *self.union(payloads)])

    def numbered(self, name: str, labels: Sequence[str], word: str, numbers: Sequence[int]) -> str:
        """Declares a number, and what its values are called."""
        name = self.free(name)
        self.declared.append(f"typedef {word} {name};")
        stem = name.removesuffix("_t").upper()
        constants = [
            f"{self.free(f'{stem}_{_snake(label).upper()}')} = {number}"
            for label, number in zip(labels, numbers, strict=True)
        ]
        self.declared.append(f"enum {{ {', '.join(constants)} }};")
        return name

    def struct(self, name: str, fields: Sequence[tuple[str, str | None]]) -> str:
        """Declares a struct; what has no type stands in it as it is."""
        name = self.free(name)
        lines = " ".join(label if type is None else f"{_declared(type, label)};" for label, type in fields)
        self.declared.append(f"typedef struct {{ {lines} }} {name};")
        return name

    def union(self, members: Sequence[tuple[str, str | None]]) -> list[tuple[str, None]]:
        """What of several stands in a struct, for those that have a type."""
        held = " ".join(f"{_declared(type, label)};" for label, type in members if type is not None)
        return [(f"union {{ {held} }};", None)] if held else []


_SINGLE: Final = ("handle", *_SCALARS.values())


def _declared(type: str, label: str) -> str:
    name = _snake(label)
    space = "" if type.endswith("*") else " "
    return f"{type}{space}{name}_" if name in _KEYWORDS else f"{type}{space}{name}"


def _stem(type: str | None) -> str:
    return "nothing" if type is None else type.removesuffix("_t")


def _word(count: int, small: int, middle: int) -> str:
    return "uint8_t" if count <= small else "uint16_t" if count <= middle else "uint32_t"


def _snake(label: str) -> str:
    return names.snake(label.removeprefix("%")).rstrip("_")
