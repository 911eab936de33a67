"""What a WIT interface is once it has gone to Cap'n Proto and come back, by what docs/export.md says.

Types are written out in full, so that names which only exist on the way do not count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from capwit.codegen.wit_reader import syntax

if TYPE_CHECKING:
    from capwit.codegen.wit_reader.packages import Interface, Wit


class Form:
    """The form of interfaces that were read: of WIT as it was, or as it came back."""

    def __init__(self, wit: Wit, returned: bool) -> None:
        self.wit = wit
        self.returned = returned

    def interface(self, interface: Interface) -> dict[str, Any]:
        """Types by label, and functions by the resource that they are of (`""`: of none) and label."""
        types, functions = {}, {}
        for label, each in interface.definitions.items():
            if isinstance(each, syntax.Resource):
                for function in each.functions:
                    functions[self.place(interface, label, function)] = self.function(
                        interface, function, label
                    )
            elif not isinstance(each, syntax.Alias):
                types[label.lower()] = self.definition(interface, each)
        for function in interface.functions.values():
            functions[self.place(interface, "", function)] = self.function(interface, function, "")
        return {"types": types, "functions": functions}

    def place(self, interface: Interface, resource: str, function: syntax.Function) -> tuple[str, str]:
        label = function.head.label.lower()
        if self.returned:  # what is of no resource has come as an interface that is named after its own
            own = interface.label.lower()
            return ("" if resource in (own, f"{own}-functions") else resource, label)
        match function.kind:
            case "free":
                return "", label
            case "constructor":
                return "", f"new-{resource}".lower()
            case "static":
                return "", f"{resource}-{label}".lower()
            case "method":
                return resource.lower(), label

    def function(self, interface: Interface, function: syntax.Function, resource: str) -> Any:
        params = []
        for param in function.params:
            label = param.name.text.lower()
            told = self.type(interface, param.type, top=True)
            params.append((label if label != "self" else "the-self", told))
        result = function.result
        if function.kind == "constructor" and result is None:
            return params, ("own", resource.lower())
        owner = interface
        if result is not None:
            owner, meant = self.wit.meant(interface.id, result)
            error = meant.error if isinstance(meant, syntax.ResultOf) else None
            if isinstance(error, syntax.Named) and error.name.text == "cap-error":
                assert isinstance(meant, syntax.ResultOf)
                return params, self.type(owner, meant.ok) if meant.ok else None
        return params, self.type(interface, result) if result else None

    def definition(self, scope: Interface, definition: syntax.Definition) -> Any:
        match definition:
            case syntax.Record(fields=fields):
                return "record", [(each.name.text.lower(), self.type(scope, each.type)) for each in fields]
            case syntax.Variant(cases=cases):
                return "variant", [
                    (each.name.text.lower(), self.type(scope, each.type) if each.type else None)
                    for each in cases
                ]
            case syntax.Enum(cases=cases):
                return "enum", [each.name.text.lower() for each in cases]
            case syntax.Flags(flags=flags):
                return "record", [(each.name.text.lower(), "bool") for each in flags]
            case syntax.Alias(type=type):
                return self.type(scope, type)
            case syntax.Resource(head):
                return "own", head.label.lower()

    def type(self, scope: Interface, type: syntax.Type, top: bool = False) -> Any:
        match type:
            case syntax.Primitive("char"):
                return "u32"
            case syntax.Primitive(name):
                return name
            case syntax.Named(name):
                owner, definition = self.wit.find(scope.id, name.text)
                return self.definition(owner, definition)
            case syntax.Handle(name, borrowed):
                owner, meant = self.wit.meant(scope.id, syntax.Named(name))
                assert isinstance(meant, syntax.Resource)
                return "borrow" if borrowed and top else "own", meant.head.label.lower()
            case syntax.ListOf(element):
                return "list", self.type(scope, element)
            case syntax.OptionOf(some):
                return "variant", [("none", None), ("some", self.type(scope, some))]
            case syntax.ResultOf(ok, error):
                return "variant", [
                    ("ok", self.type(scope, ok) if ok else None),
                    ("err", self.type(scope, error) if error else None),
                ]
            case syntax.TupleOf(items):
                return "record", [(f"v{index}", self.type(scope, item)) for index, item in enumerate(items)]
            case _:
                raise AssertionError(type)
