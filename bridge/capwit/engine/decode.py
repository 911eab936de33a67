"""From a component's binary to its imports and exports, without compiling it.

`scope` interprets the binary; here its items get the names by which a linker and a person know them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from capwit.engine import types
from capwit.engine.binary import DecodeError, Reader, Source
from capwit.engine.component import Component, Definition, Extern, Interface, Unsupported, Use
from capwit.engine.items import ComponentType, Instance, InstanceType, Item, Nested, Signature, Value
from capwit.engine.scope import PREAMBLE, Scope
from capwit.engine.types import Function, Resource, Type

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Component", "DecodeError", "Definition", "Extern", "Interface", "Unsupported", "Use", "decode"]

BUDGET: Final = 500_000  # items read and types written out; a Python guest with all of WASI takes 13,000
MAGIC: Final = b"\0asm"
CORE_VERSION: Final = b"\x01\0\0\0"


def decode(binary: bytes, name: str = "component") -> Component:
    """Read what a component imports and exports. `name` is the file's, for messages.

    Raises `DecodeError` for anything that is not a component this engine can run. It does not
    validate: compiling does.
    """
    source = Source(binary, name, BUDGET)
    _check_preamble(source)
    world = Scope(source=source, depth=0)
    try:
        world.component(Reader(source, 0, len(binary)))
        return _Namer(source).component(world)
    except RecursionError:
        raise DecodeError(name, 0, "nests too deeply for the stack it is read on") from None


def _check_preamble(source: Source) -> None:
    data = source.data
    if not data.startswith(MAGIC):
        raise source.error(0, "is not WebAssembly: build a component with `capwit build`")
    if data.startswith(CORE_VERSION, len(MAGIC)):
        raise source.error(
            4, "is a core module, not a component: load it with `load_module`, or build with `capwit build`"
        )
    if not data.startswith(PREAMBLE):
        raise source.error(
            4, "is of a version of WebAssembly that is not supported: build it with current tools"
        )


class _Namer:
    """Gives resources and types the interface that names them first, imports before exports."""

    def __init__(self, source: Source) -> None:
        """Start with nothing named."""
        self.source = source
        self.resources: dict[Resource, Resource] = {}
        self.origins: dict[Value | Resource, Use] = {}
        self.converted: dict[int, tuple[Type, Type]] = {}  # by id; the key is kept alive beside it

    def component(self, world: Scope) -> Component:
        uses: dict[str, Use] = {}
        imports = {name: self.extern(name, item, uses, guest=False) for name, item in world.imports.items()}
        exports = {name: self.extern(name, item, {}, guest=True) for name, item in world.exports.items()}
        return Component(imports, exports, uses)

    def extern(self, name: str, item: Item, uses: dict[str, Use], *, guest: bool) -> Extern:
        match item:
            case Instance():
                return self.interface(name, item.exports, guest=guest)
            case Signature():
                return self.function(name, item)
            case Value():
                self.claim("", name, item, uses, guest=guest)
                return Definition(self.type(name, item.type))
            case Resource():
                self.claim("", name, item, uses, guest=guest)
                return self.resources[item]
            case Unsupported():
                return item
            case Nested():
                return Unsupported("a component")
            case InstanceType() | ComponentType():
                return Unsupported("the type of a component or instance")

    def interface(self, name: str, members: Mapping[str, Item], *, guest: bool) -> Interface:
        uses: dict[str, Use] = {}
        for label, item in members.items():
            if isinstance(item, Value | Resource):
                self.claim(name, label, item, uses, guest=guest)
        named: dict[str, Type | Resource] = {}
        functions: dict[str, Function] = {}
        for label, item in members.items():
            match item:
                case Value():
                    named[label] = self.type(label, item.type)
                case Resource():
                    named[label] = self.resources[item]
                case Signature():
                    functions[label] = self.function(f"{name}#{label}", item)
                case _:
                    raise self.source.error(
                        0, f"{name} holds {label!r}, which is neither a function nor a type"
                    )
        return Interface(name, named, functions, uses)

    def claim(
        self, interface: str, label: str, item: Value | Resource, uses: dict[str, Use], *, guest: bool
    ) -> None:
        """Note who names a type first, and that whoever names it later uses it."""
        self.source.spend(item.size if isinstance(item, Value) else 1, 0)
        origin = self.origins.setdefault(item, Use(interface, label))
        if origin.interface != interface:
            uses[label] = origin
        if isinstance(item, Resource):
            self.resources.setdefault(item, Resource(interface, label, guest))

    def function(self, name: str, signature: Signature) -> Function:
        self.source.spend(signature.size, 0)
        function = signature.function
        params = tuple(types.Param(label, self.type(name, type)) for label, type in function.params)
        return Function(params, self.type(name, function.result) if function.result else None)

    def type(self, user: str, type: Type) -> Type:
        """A type with its resources named; `user` is who needs it, for messages."""
        known = self.converted.get(id(type))
        if known is None:
            known = self.converted[id(type)] = (self.convert(user, type), type)
        return known[0]

    def convert(self, user: str, type: Type) -> Type:
        match type:
            case types.Prim() | types.String() | types.Enum() | types.Flags():
                return type
            case types.List(element):
                return types.List(self.type(user, element))
            case types.Option(some):
                return types.Option(self.type(user, some))
            case types.Result(ok, err):
                return types.Result(ok and self.type(user, ok), err and self.type(user, err))
            case types.Tuple(items):
                return types.Tuple(tuple(self.type(user, item) for item in items))
            case types.Record(fields):
                return replace(type, fields=tuple(f._replace(type=self.type(user, f.type)) for f in fields))
            case types.Variant(cases):
                return replace(
                    type, cases=tuple(c._replace(type=c.type and self.type(user, c.type)) for c in cases)
                )
            case types.Own(resource):
                return types.Own(self.resource(user, resource))
            case types.Borrow(resource):
                return types.Borrow(self.resource(user, resource))

    def resource(self, user: str, resource: Resource) -> Resource:
        named = self.resources.get(resource)
        if named is None:
            raise self.source.error(
                0, f"{user} uses a resource that the component neither imports nor exports"
            )
        return named
