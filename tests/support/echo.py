"""Components that give back what they are given, whatever its type: only the types of their text differ.

A handle that is inside of a value is an index to the guest: it gives it back as it came.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import wasmtime
from capwit.bridge.binding import CAP_ERROR
from capwit.engine import types as wit

from tests.engine.support import ALLOCATOR, TypeText

if TYPE_CHECKING:
    from collections.abc import Sequence

    from capwit.bridge.binding import Interface

ERRORS: Final = "capwit:bridge/errors@0.1.0"
AREA: Final = 1024
"""Where a result lies in the guest's memory: `{ good: 0, list }`."""


def echo_guest(laws: Interface, relay: Interface, grants: str) -> bytes:
    """A component that exports `laws` and is granted a `relay` by the interface `grants`.

    Each method of `laws` takes a list and returns one: `echo<n>` gives back what it is given, `relay<n>` what
    the method `echo<n>` of the relay gives for it.
    """
    return bytes(wasmtime.wat2wasm(_Guest(laws, relay, grants).text()))


class _Guest:
    def __init__(self, laws: Interface, relay: Interface, grants: str) -> None:
        self.laws = laws
        self.relay = relay
        self.grants = grants
        self.resources: dict[wit.Resource, str] = {relay.resource: "$relay"}
        self.types = TypeText(self.resource)
        self.fault = self.types.reference(CAP_ERROR)
        self.echoes = {
            label: self.ends(method.params, method.result) for label, method in relay.methods.items()
        }

    def resource(self, resource: wit.Resource) -> str:
        return self.resources.setdefault(resource, f"$r{len(self.resources)}")

    def ends(self, params: Sequence[wit.Param], result: wit.Type | None) -> str:
        """A method's parameter and result, behind the receiver."""
        [param] = params
        assert isinstance(param.type, wit.List), f"the guest moves lists, not {param.type}"
        assert param.type == result
        text = self.types.reference(param.type)
        return f'(param "{param.label}" {text}) (result (result {text} (error {self.fault})))'

    def text(self) -> str:
        self.foreign = [each for each in self.resources if each.interface != self.relay.interface]
        relays = list(self.relay.methods)
        return f"""(component
  {" ".join(map(self.home, self.foreign))}
  (import "{self.relay.interface}" (instance $types {self.declared(shared=True)} {self.methods()}))
  {self.aliases()}
  (import "{self.grants}" (instance $grants
    (export "relay" (type $granted (eq $relay))) (export "get-relay" (func (result (own $granted))))))
  {ALLOCATOR}
  (core func $get (canon lower (func $grants "get-relay")))
  (core func $drop (canon resource.drop $relay))
  (type $laws (resource (rep i32) (dtor (core func $drop))))
  (core func $new (canon resource.new $laws))
  {self.each('(core func $relay-{0} (canon lower (func $types "[method]{1}.{0}") {2}))', relays)}
  (core module $main
    (import "" "memory" (memory 1))
    (import "" "reset" (func $reset))
    (import "" "get" (func $get (result i32)))
    (import "" "new" (func $new (param i32) (result i32)))
    {self.each('(import "" "{0}" (func ${0} (param i32 i32 i32 i32)))', relays)}
    (func (export "make") (result i32) (call $new (call $get)))
    (func (export "echo") (param $rep i32) (param $at i32) (param $length i32) (result i32)
      (i32.store8 (i32.const {AREA}) (i32.const 0))
      (i32.store offset=4 (i32.const {AREA}) (local.get $at))
      (i32.store offset=8 (i32.const {AREA}) (local.get $length))
      (i32.const {AREA}))
    {
            self.each(
                '''(func (export "{0}") (param $rep i32) (param $at i32) (param $length i32) (result i32)
      (call ${0} (local.get $rep) (local.get $at) (local.get $length) (i32.const 1024)) (i32.const 1024))''',
                relays,
            )
        }
    (func (export "done") (param i32) (call $reset)))
  (core instance $main (instantiate $main (with "" (instance
    (export "memory" (memory $libc "memory")) (export "reset" (func $libc "reset"))
    (export "get" (func $get)) (export "new" (func $new))
    {self.each('(export "{0}" (func $relay-{0}))', relays)}))))
  (func $make (result (own $laws)) (canon lift (core func $main "make")))
  {" ".join(map(self.lifted, self.laws.methods))}
  {self.shim()})"""

    def each(self, template: str, labels: Sequence[str]) -> str:
        memory = '(memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))'
        return "\n    ".join(template.format(label, self.relay.name, memory) for label in labels)

    def home(self, resource: wit.Resource) -> str:
        """The import of a resource that another interface defines: one instance for each interface."""
        first, *others = [each for each in self.foreign if each.interface == resource.interface]
        if resource != first:
            return ""
        exports = " ".join(f'(export "{each.name}" (type (sub resource)))' for each in (first, *others))
        name = f"$home{self.resources[first][1:]}"
        aliases = " ".join(
            f'(alias export {name} "{each.name}" (type {self.resources[each]}-home))'
            for each in (first, *others)
        )
        return f'(import "{resource.interface}" (instance {name} {exports})) {aliases}'

    def declared(self, *, shared: bool) -> str:
        """All types, in an instance's type; `shared` tells whether foreign resources are those imported."""
        lines = []
        for resource, name in self.resources.items():
            bound = f"(eq {name}-home)" if shared and resource in self.foreign else "(sub resource)"
            label = name[1:] if resource in self.foreign else resource.name
            lines.append(f'(export "{label}" (type {name} {bound}))')
        return "\n    ".join([*lines, *self.types.definitions])

    def aliases(self) -> str:
        """What the instance of all types declares, one level further out."""
        named = {
            name: name[1:] if each in self.foreign else each.name for each, name in self.resources.items()
        }
        named |= {f"${name}": name for name in self.types.names}
        return "\n  ".join(f'(alias export $types "{label}" (type {name}))' for name, label in named.items())

    def methods(self) -> str:
        return "\n    ".join(
            f'(export "[method]{self.relay.name}.{label}" (func (param "self" (borrow $relay)) {ends}))'
            for label, ends in self.echoes.items()
        )

    def lifted(self, label: str) -> str:
        core = label if (relayed := label.replace("relay", "echo")) == label else relayed
        of = "echo" if core == label else core
        return f"""(func ${label} (param "self" (borrow $laws)) {self.echoes[core]}
    (canon lift (core func $main "{of}") (memory (core memory $libc "memory"))
      (realloc (core func $libc "realloc")) (post-return (core func $main "done"))))"""

    def shim(self) -> str:
        """The component that the exported interface is handed through: there its resource has a name."""
        labels = list(self.laws.methods)
        ends = {label: self.echoes[label.replace("relay", "echo")] for label in labels}
        imports = [
            f'(import "{each}" (func ${each} (param "self" (borrow $laws)) {ends[each]}))' for each in labels
        ]
        exports = [
            f'(export "[method]{self.laws.name}.{each}" (func ${each})'
            f' (func (param "self" (borrow $out)) {ends[each]}))'
            for each in labels
        ]
        withs = " ".join(f'(with "{each}" (func ${each}))' for each in labels)
        return f"""(component $shim
    (import "types" (instance $types {self.declared(shared=False)}))
    {self.aliases()}
    (import "laws" (type $laws (sub resource)))
    (import "make" (func $make (result (own $laws))))
    {" ".join(imports)}
    (export $out "{self.laws.name}" (type $laws))
    (export "[constructor]{self.laws.name}" (func $make) (func (result (own $out))))
    {" ".join(exports)})
  (instance $exported (instantiate $shim (with "types" (instance $types)) (with "laws" (type $laws))
    (with "make" (func $make)) {withs}))
  (export "{self.laws.exports[0]}" (instance $exported))"""
