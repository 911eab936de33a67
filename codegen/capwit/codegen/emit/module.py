"""A Python module that is being written: what it calls each type, and what it has to import for that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

from capwit.codegen import model
from capwit.codegen.emit.classes import hidden_names
from capwit.codegen.emit.constants import constants
from capwit.codegen.model.builtin import BRIDGE

if TYPE_CHECKING:
    from collections.abc import Collection

_STANDARD: Final = frozenset({"builtins", "collections.abc", "dataclasses", "enum", "typing"})


class Module:
    """The module of a package; `constants` are the names of its own."""

    def __init__(self, whole: model.Model, package: model.Package) -> None:
        """A module that has named nothing of others yet but the bridge's bindings."""
        self.whole = whole
        self.package = package
        self._constants = {each.source.id: constants(each) for each in (*whole.packages, BRIDGE)}
        self.constants = self._constants[package.source.id]
        self._imports: dict[str, set[str]] = {"capwit.bridge": {"binding as wit"}}  # by module; "": modules
        # In a class, a member hides a module of the same name from the annotations.
        taken = {"wit"} | {name for each in package.definitions for name in hidden_names(each)}
        taken |= {field.attribute for grants in package.grants for field in grants.fields}
        self._aliases = {BRIDGE.module: "wit"}
        for module in ["builtins", *(home.module for home in whole.packages if home is not package)]:
            alias = module.rpartition(".")[2]
            while alias in taken:
                alias += "_"
            self._aliases[module] = alias
            taken.add(alias)

    def imports(self) -> tuple[list[str], list[str]]:
        """The lines that import what has been named so far: of the standard library, and of others."""
        lines = [f"import {spelled}" for spelled in sorted(self._imports.get("", ()))]
        lines += [
            f"from {module} import {', '.join(sorted(spelled, key=str.lower))}"
            for module, spelled in sorted(self._imports.items())
            if module
        ]
        standard = [line for line in lines if line.split()[1] in _STANDARD]
        return standard, [line for line in lines if line not in standard]

    def use(self, module: str, name: str) -> None:
        """Imports a name, which stands for itself from then on."""
        self._imports.setdefault(module, set()).add(name)

    def resource(self, key: model.Key) -> model.Resource:
        """The interface behind a capability's type."""
        resource = self.whole.definitions[key]
        assert isinstance(resource, model.Resource)
        return resource

    def type(self, type: model.Type, hidden: Collection[str], *, clients: bool = False) -> str:
        """A type as an annotation, in a class whose members hide some names."""
        match type:
            case model.Scalar(name):
                python = {"b": "bool", "f": "float"}.get(name[0], "int")
                return self._builtin(python, hidden)
            case model.Text():
                return self._builtin("str", hidden)
            case model.Data():
                return self._builtin("bytes", hidden)
            case model.ListOf(element):
                self.use("collections.abc", "Sequence")
                return f"Sequence[{self.type(element, hidden, clients=clients)}]"
            case model.OptionOf(some):
                return f"{self.type(some, hidden, clients=clients)} | None"
            case model.Ref(key) | model.Index(key):
                return self.qualified(key, self.whole.definitions[key].names.cls)
            case model.Own(key) | model.Borrow(key):
                resource = self.resource(key)
                return self.qualified(key, resource.client if clients else resource.names.cls)
            case _:
                assert_never(type)

    def table(self, key: model.Key) -> str:
        """The constant that tells the bridge of a definition."""
        return self.qualified(key, self._constants[self.whole.homes[key].source.id].definitions[key])

    def qualified(self, key: model.Key, name: str) -> str:
        """A name of the module that a definition is in."""
        home = self.whole.homes[key]
        return name if home is self.package else f"{self._alias(home.module)}.{name}"

    def _builtin(self, name: str, hidden: Collection[str]) -> str:
        return f"{self._alias('builtins')}.{name}" if name in hidden else name

    def _alias(self, module: str) -> str:
        """The name by which this module knows another one."""
        alias = self._aliases[module]
        folder, _, name = module.rpartition(".")
        spelled = name if alias == name else f"{name} as {alias}"
        self.use(folder, spelled)
        return alias
