"""One component made of several: what one is granted is what another one exports, in the same store.

Capabilities that pass between the two stay inside: wasmtime moves them from one to the other without the
host, which neither sees nor counts, revokes or limits them. What either has of the host is the host's as
ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import wasmtime
from capwit.engine.component import Component, Extern, Interface, Use
from capwit.engine.decode import decode
from capwit.engine.errors import LoadError
from capwit.engine.outer import Outer, regrouped
from capwit.engine.types import Option, Own, Resource, Type
from capwit.engine.wrapper import splice

from .binding import Bindings
from .match import compatible
from .serve import find_grants

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .binding import Grant, GrantsInterface


class _Plug(NamedTuple):
    """A grant of the outer component that a part satisfies."""

    grants: str  # the imported interface that hands it out
    label: str  # and its function there
    optional: bool
    resource: Resource  # as the component imports it
    part: str  # the part's name
    exported: Interface


def compose(binary: bytes, /, *bindings: Bindings, **parts: bytes) -> bytes:
    """Return a component that is `binary`, with some of its grants satisfied by components inside.

    The keyword arguments are the grants by name, each the component whose exported resource it is.

    Each `get-...` of such a grant makes a new object. The parts share the limits of the one instance that
    they become, and what both import is granted to both: `Limits(memories=...)` must count the memories of
    all, and one more where a grant is optional.

    Raises:
        LoadError: there is no such grant, or a part does not export what it asks for.
    """
    outer = decode(binary, "component")
    inner = {name: decode(part, name) for name, part in parts.items()}
    known = [*bindings, *Bindings.loaded.values()]
    plugs = [_plug(outer, name, part, known) for name, part in inner.items()]
    text = _Composition(outer, inner, plugs).composed()
    try:
        composed = wasmtime.wat2wasm(text)
    except wasmtime.WasmtimeError as error:
        raise LoadError(f"the components do not fit each other: {error}") from error
    return splice(bytes(composed), *parts.values(), binary)


def _plug(outer: Component, name: str, part: Component, bindings: list[Bindings]) -> _Plug:
    asked: list[str] = []
    for imported, item in outer.imports.items():
        grants = find_grants(bindings, imported, compatible)
        if grants is None or not isinstance(item, Interface):
            continue
        for label in item.functions:
            grant = grants.grants.get(label)
            if grant is None:
                continue
            asked.append(grant.attribute)
            if grant.attribute == name:
                return _fitting(imported, grants, grant, item, name, part)
    known = ", ".join(asked) or "nothing"
    raise LoadError(f"the component asks for no grant {name!r}: it asks for {known}")


def _fitting(
    imported: str, grants: GrantsInterface, grant: Grant, item: Interface, name: str, part: Component
) -> _Plug:
    type = grant.type.some if isinstance(grant.type, Option) else grant.type
    if not isinstance(type, Own) or type.resource.make is None:
        raise LoadError(f"the grant {name!r} is no capability: a component cannot be one")
    wanted = type.resource.make.interface
    found = item.functions[grant.label].result
    found = found.some if isinstance(found, Option) else found
    assert isinstance(found, Own)
    for label, exported in part.exports.items():
        if (
            isinstance(exported, Interface)
            and any(compatible(label, each) for each in wanted.exports)
            and f"[constructor]{wanted.name}" in exported.functions
        ):
            optional = isinstance(grant.type, Option)
            return _Plug(imported, grant.label, optional, found.resource, name, exported)
    known = ", ".join(part.exports) or "nothing"
    raise LoadError(
        f"the part {name!r} exports no {wanted}, which the grant asks for: it exports {known}. "
        "Mend: mark the interface with $Wit.exports and build the part for that world"
    )


class _Composition(Outer):
    """Writes the composed component as text."""

    def __init__(self, component: Component, parts: Mapping[str, Component], plugs: list[_Plug]) -> None:
        super().__init__()
        self.component = component
        self.parts = parts
        self.plugs = {plug.resource: plug for plug in plugs}
        self.granted = {(plug.grants, plug.label): plug for plug in plugs}
        self.inside: dict[str, str] = {}  # by a part's name, the instance that it exports

    def composed(self) -> str:
        """Return the outer component, with placeholders for those inside."""
        everything = _merged([*self.parts.values(), self._rest()])
        for name, item in everything.imports.items():
            self.imported(name, item, everything.uses)
        self.lines += [f"(component $part{n})" for n in range(len(self.parts))] + ["(component $guest)"]
        for number, (name, part) in enumerate(self.parts.items()):
            arguments = (f'(with "{each}" {self.imports[each]})' for each in part.imports)
            self.lines.append(f"(instance $part{number} (instantiate $part{number} {' '.join(arguments)}))")
            exported = next(plug.exported for plug in self.plugs.values() if plug.part == name)
            self.inside[name] = self.id()
            self.lines.append(
                f'(alias export $part{number} "{exported.name}" (instance {self.inside[name]}))'
            )
        arguments = (f'(with "{name}" {self._argument(name)})' for name in self.component.imports)
        self.lines.append(f"(instance $guest (instantiate $guest {' '.join(arguments)}))")
        for name, item in self.component.exports.items():
            self.exported(name, item)
        return "\n".join(["(component", *self.lines, ")"])

    def _rest(self) -> Component:
        """What the component asks for besides what its parts are."""
        imports = dict(self.component.imports)
        for name, item in imports.items():
            if isinstance(item, Interface):
                types = {label: type for label, type in item.types.items() if type not in self.plugs}
                functions = {
                    label: function
                    for label, function in item.functions.items()
                    if self._plug_of(label, item) is None and (name, label) not in self.granted
                }
                imports[name] = Interface(name, types, functions, item.uses)
        return Component(imports, {}, self.component.uses)

    def _plug_of(self, label: str, item: Interface) -> _Plug | None:
        """Return the part whose resource a function is a method of."""
        if not label.startswith("["):
            return None
        type = item.types.get(label.partition("]")[2].partition(".")[0])
        return self.plugs.get(type) if isinstance(type, Resource) else None

    def _argument(self, name: str) -> str:
        """Return what the component gets for an import: the outer one, or one with a part's resource."""
        item = self.component.imports[name]
        if not isinstance(item, Interface) or not any(type in self.plugs for type in item.types.values()):
            return self.imports[name]
        outside = self.imports[name].removeprefix("(instance ").removesuffix(")")
        functions = []
        for label in item.functions:
            if granted := self.granted.get((name, label)):
                functions.append(self._made(granted))
            elif plug := self._plug_of(label, item):
                if label not in plug.exported.functions:
                    raise LoadError(f"the part {plug.part!r} does not export {label}, which is asked of it")
                functions.append(f'(func {self.inside[plug.part]} "{label}")')
            else:
                functions.append(f'(func {outside} "{label}")')
        needed, lines = regrouped(item)
        types = [self._type(type) for type in needed]
        shim, id = self.id(), self.id()
        self.lines += [f"(component {shim}", *lines, ")"]
        given = [f'(with "type{n}" {type})' for n, type in enumerate(types)]
        given += [f'(with "func{n}" {function})' for n, function in enumerate(functions)]
        self.lines.append(f"(instance {id} (instantiate {shim} {' '.join(given)}))")
        return f"(instance {id})"

    def _type(self, type: Type | Resource) -> str:
        """Return a type that the component imports: the outer one's, or a part's."""
        plug = self.plugs.get(type) if isinstance(type, Resource) else None
        return (
            f'(type {self.inside[plug.part]} "{plug.resource.name}")'
            if plug
            else f"(type {self.called(type)})"
        )

    def _made(self, plug: _Plug) -> str:
        """Return the function that hands out a part's resource: its constructor, as an option if need be."""
        make = f'{self.inside[plug.part]} "[constructor]{plug.resource.name}"'
        if not plug.optional:
            return f"(func {make})"
        core, some, type, get = self.id(), self.id(), self.id(), self.id()
        self.lines += [
            f"(core func {core} (canon lower (func {make})))",
            f"(core module {some}",
            '  (import "" "make" (func $make (result i32)))',
            '  (memory (export "memory") 1)',
            '  (func (export "get") (result i32)',
            "    (i32.store8 (i32.const 0) (i32.const 1))",
            "    (i32.store (i32.const 4) (call $make))",
            "    (i32.const 0)))",
            f'(core instance {some} (instantiate {some} (with "" (instance (export "make" (func {core}))))))',
            f'(alias export {self.inside[plug.part]} "{plug.resource.name}" (type {type}))',
            f'(func {get} (result (option (own {type}))) (canon lift (core func {some} "get")',
            f'  (memory (core memory {some} "memory"))))',
        ]
        return f"(func {get})"


def _merged(components: list[Component]) -> Component:
    """Return what all of them import together."""
    imports: dict[str, Extern] = {}
    uses: dict[str, Use] = {}
    for component in components:
        uses.update(component.uses)
        for name, item in component.imports.items():
            known = imports.get(name)
            if isinstance(known, Interface) and isinstance(item, Interface):
                imports[name] = Interface(
                    name,
                    {**known.types, **item.types},
                    {**known.functions, **item.functions},
                    {**known.uses, **item.uses},
                )
            else:
                imports[name] = item
    return Component(imports, {}, uses)
