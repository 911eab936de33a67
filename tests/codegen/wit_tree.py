"""What a WIT package says, in one form for two readers: ours, and `wasm-tools component wit --json`.

A type that has a name is told by where it is declared. What a world declares itself is told without the
world, because wasm-tools copies it into each world that includes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from capwit.codegen.wit_reader import packages, syntax

if TYPE_CHECKING:
    from capwit.codegen.wit_reader.packages import Interface, Wit

_KINDS: Final = {"free": "freestanding", "method": "method", "static": "static", "constructor": "constructor"}


class Ours:
    """The tree of what our reader gives."""

    def __init__(self, wit: Wit) -> None:
        self.wit = wit

    def tree(self) -> dict[str, Any]:
        return {
            name: {
                "interfaces": {label: self.interface(each) for label, each in package.interfaces.items()},
                "worlds": {label: self.world(each) for label, each in package.worlds.items()},
            }
            for name, package in self.wit.packages.items()
        }

    def world(self, world: packages.World) -> dict[str, Any]:
        told: dict[str, Any] = {}
        for side, items in (("imports", world.imports), ("exports", world.exports)):
            told[side] = {}
            for key, item in items.items():
                told[side][key] = self.item(item)
                if isinstance(item, packages.ScopedType):
                    told[side] |= self.methods(*item.origin, key)
        return told

    def methods(self, scope: str, label: str, name: str) -> dict[str, Any]:
        interface = self.wit.scopes[scope]
        if label in interface.uses:
            is_world = ":" in interface.uses[label].scope and interface.uses[label].scope in self.worlds()
            return self.methods(*interface.uses[label], name) if is_world else {}
        definition = interface.definitions[label]
        if not isinstance(definition, syntax.Resource):
            return {}
        renamed = {each: self.function(interface, f, definition) for each, f in _members(definition)}
        return {each.replace(label, name, 1): told for each, told in renamed.items()}

    def worlds(self) -> set[str]:
        return {each.id for package in self.wit.packages.values() for each in package.worlds.values()}

    def item(self, item: packages.WorldItem) -> Any:
        match item:
            case packages.ScopedFunction(function, scope):
                return self.function(self.wit.scopes[scope], function, None)
            case packages.ScopedInterface(id):
                return self.interface(self.wit.scopes[id]) if "#" in id else id
            case packages.ScopedType((scope, label)):
                interface = self.wit.scopes[scope]
                if label in interface.uses:
                    origin = interface.uses[label]
                    if origin.scope in self.worlds():
                        return self.item(packages.ScopedType(origin))
                    return ["type", self.ref(*origin)]
                return self.definition(interface, interface.definitions[label])

    def interface(self, interface: Interface) -> dict[str, Any]:
        types: dict[str, Any] = {label: ["type", self.ref(*o)] for label, o in interface.uses.items()}
        functions: dict[str, Any] = {}
        for label, definition in interface.definitions.items():
            types[label] = self.definition(interface, definition)
            if isinstance(definition, syntax.Resource):
                for name, function in _members(definition):
                    functions[name] = self.function(interface, function, definition)
        for label, function in interface.functions.items():
            functions[label] = self.function(interface, function, None)
        return {"types": types, "functions": functions}

    def function(self, scope: Interface, function: syntax.Function, of: syntax.Resource | None) -> Any:
        own = ["own", self.ref(scope.id, of.head.label)] if of else None
        params = [[each.name.text, self.type(scope, each.type)] for each in function.params]
        if function.kind == "method":
            assert own
            params.insert(0, ["self", ["borrow", own[1]]])
        result = self.type(scope, function.result)
        if function.kind == "constructor" and result is None:
            result = own
        return [function.is_async, _KINDS[function.kind], params, result]

    def definition(self, scope: Interface, definition: syntax.Definition) -> Any:
        match definition:
            case syntax.Record(fields=fields):
                return ["record", [[each.name.text, self.type(scope, each.type)] for each in fields]]
            case syntax.Variant(cases=cases):
                return ["variant", [[each.name.text, self.type(scope, each.type)] for each in cases]]
            case syntax.Enum(cases=cases) | syntax.Flags(flags=cases):
                return [type(definition).__name__.lower(), [each.name.text for each in cases]]
            case syntax.Resource():
                return ["resource"]
            case syntax.Alias(type=alias):
                told = self.type(scope, alias)
                is_name = isinstance(alias, syntax.Named)
                return ["type", told[1]] if is_name and told[0] == "own" else _named(told)

    def type(self, scope: Interface, type: syntax.Type | None) -> Any:
        match type:
            case None:
                return None
            case syntax.Primitive(name):
                return name
            case syntax.Named(name):
                ref = self.ref(scope.id, name.text)
                _, meant = self.wit.meant(scope.id, type)
                return ["own", ref] if isinstance(meant, syntax.Resource) else ref
            case syntax.Handle(name, borrowed):
                return ["borrow" if borrowed else "own", self.ref(scope.id, name.text)]
            case syntax.ListOf(element, length):
                return ["list", self.type(scope, element), *([length] if length else [])]
            case syntax.MapOf(key, value):
                return ["map", self.type(scope, key), self.type(scope, value)]
            case syntax.OptionOf(some):
                return ["option", self.type(scope, some)]
            case syntax.ResultOf(ok, error):
                return ["result", self.type(scope, ok), self.type(scope, error)]
            case syntax.TupleOf(items):
                return ["tuple", *(self.type(scope, item) for item in items)]
            case syntax.FutureOf(value):
                return ["future", self.type(scope, value)]
            case syntax.StreamOf(value):
                return ["stream", self.type(scope, value)]

    def ref(self, scope: str, label: str) -> Any:
        owner = "here" if "#" in scope or scope in self.worlds() else scope
        return ["ref", owner, label]


def _members(resource: syntax.Resource) -> list[tuple[str, syntax.Function]]:
    label = resource.head.label
    return [
        (
            f"[constructor]{label}" if f.kind == "constructor" else f"[{f.kind}]{label}.{f.head.label}",
            f,
        )
        for f in resource.functions
    ]


def _named(told: Any) -> Any:
    """What an alias stands for: the JSON has an anonymous type in its place, and a `type` for all else."""
    return told if isinstance(told, list) and told[0] != "ref" else ["type", told]


class Theirs:
    """The tree of what wasm-tools prints."""

    def __init__(self, printed: dict[str, Any]) -> None:
        self.printed = printed

    def tree(self) -> dict[str, Any]:
        return {
            package["name"]: {
                "interfaces": {k: self.interface(v) for k, v in package["interfaces"].items()},
                "worlds": {label: self.world(index) for label, index in package["worlds"].items()},
            }
            for package in self.printed["packages"]
        }

    def world(self, index: int) -> dict[str, Any]:
        world = self.printed["worlds"][index]
        told: dict[str, Any] = {}
        for side in ("imports", "exports"):
            told[side] = {}
            for key, item in world[side].items():
                name = self.id(int(key[10:])) if key.startswith("interface-") and key[10:].isdigit() else key
                told[side][name] = self.item(item)
        return told

    def item(self, item: dict[str, Any]) -> Any:
        if "function" in item:
            return self.function(item["function"])
        if "interface" in item:
            index = item["interface"]["id"]
            named = self.printed["interfaces"][index]["name"] is not None
            return self.id(index) if named else self.interface(index)
        return self.definition(item["type"])

    def id(self, index: int) -> str:
        interface = self.printed["interfaces"][index]
        package, _, version = self.printed["packages"][interface["package"]]["name"].partition("@")
        return f"{package}/{interface['name']}{f'@{version}' if version else ''}"

    def interface(self, index: int) -> dict[str, Any]:
        interface = self.printed["interfaces"][index]
        return {
            "types": {label: self.definition(type) for label, type in interface["types"].items()},
            "functions": {label: self.function(each) for label, each in interface["functions"].items()},
        }

    def function(self, function: dict[str, Any]) -> Any:
        kind = function["kind"] if isinstance(function["kind"], str) else next(iter(function["kind"]))
        params = [[each["name"], self.type(each["type"])] for each in function["params"]]
        is_async = kind.startswith("async-")
        return [is_async, kind.removeprefix("async-"), params, self.type(function.get("result"))]

    def definition(self, index: int) -> Any:
        kind = self.printed["types"][index]["kind"]
        if kind == "resource":
            return ["resource"]
        name, inner = next(iter(kind.items()))
        match name:
            case "record":
                return ["record", [[each["name"], self.type(each["type"])] for each in inner["fields"]]]
            case "variant":
                return ["variant", [[each["name"], self.type(each["type"])] for each in inner["cases"]]]
            case "enum":
                return ["enum", [each["name"] for each in inner["cases"]]]
            case "flags":
                return ["flags", [each["name"] for each in inner["flags"]]]
            case "type":
                return ["type", self.type(inner)]
            case _:
                return self.anonymous(name, inner)

    def anonymous(self, name: str, inner: Any) -> Any:
        match name:
            case "list" | "option" | "future" | "stream":
                return [name, self.type(inner)]
            case "fixed-length-list":
                return ["list", self.type(inner[0]), inner[1]]
            case "map":
                return ["map", *(self.type(each) for each in inner)]
            case "result":
                return ["result", self.type(inner["ok"]), self.type(inner["err"])]
            case "tuple":
                return ["tuple", *(self.type(each) for each in inner["types"])]
            case "handle":
                (kind, resource), *_ = inner.items()
                return [kind, self.type(resource)]
            case _:
                raise AssertionError(name)

    def type(self, type: int | str | None) -> Any:
        if type is None or isinstance(type, str):
            return type
        told = self.printed["types"][type]
        if told["name"] is None:
            return self.anonymous(*next(iter(told["kind"].items())))
        owner = told["owner"]
        named = "interface" in owner and self.printed["interfaces"][owner["interface"]]["name"] is not None
        return ["ref", self.id(owner["interface"]) if named else "here", told["name"]]
