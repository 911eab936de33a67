"""Python bindings: protocols, dataclasses, clients, and the tables that tell the bridge of them."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Final, assert_never

from capwit.codegen import model
from capwit.codegen.base import docs, names
from capwit.codegen.emit.classes import FORMAT, bases_first, class_lines, docstring, hidden_names, indented
from capwit.codegen.emit.layout import (
    WIDTH,
    Expression,
    Group,
    assigned,
    call,
    dict_of,
    keyword,
    lines,
    prefixed,
    tuple_of,
)
from capwit.codegen.emit.tables import tables
from capwit.codegen.model.builtin import BRIDGE
from capwit.codegen.schema.nodes import Encoded

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

_STANDARD: Final = frozenset({"builtins", "collections.abc", "dataclasses", "enum", "typing"})
_DATACLASS: Final = "@dataclass(frozen=True, slots=True{})"


def emit(whole: model.Model, package: model.Package) -> str:
    """The text of a package's module."""
    writer = _Writer(whole, package)
    body = writer.body()
    return "\n".join([*writer.head(), *body, ""])


class _Writer:
    """Writes one module, and notes what its head has to import."""

    def __init__(self, whole: model.Model, package: model.Package) -> None:
        self.whole = whole
        self.package = package
        self.tables = {each.source.id: tables(each) for each in (*whole.packages, BRIDGE)}
        self.constants = self.tables[package.source.id]
        self.imports: dict[str, set[str]] = {"capwit.bridge": {"binding as wit"}}  # by module; "": modules
        # In a class, a member hides a module of the same name from the annotations.
        taken = {"wit"} | {name for each in package.definitions for name in hidden_names(each)}
        taken |= {field.attribute for grants in package.grants for field in grants.fields}
        self.aliases = {BRIDGE.module: "wit"}
        for module in ["builtins", *(home.module for home in whole.packages if home is not package)]:
            alias = module.rpartition(".")[2]
            while alias in taken:
                alias += "_"
            self.aliases[module] = alias
            taken.add(alias)

    def head(self) -> list[str]:
        doc = docs.joined(
            f"Host bindings for `{self.package.id}`.",
            self.package.doc,
            f"Written by `capwit generate` from {docs.clean(self.package.source.path.name)}; do not edit.",
        )
        lines = [f"import {spelled}" for spelled in sorted(self.imports.pop("", ()))]
        lines += [
            f"from {module} import {', '.join(sorted(spelled, key=str.lower))}"
            for module, spelled in sorted(self.imports.items())
        ]
        standard = [line for line in lines if line.split()[1] in _STANDARD]
        others = [line for line in lines if line not in standard]
        parts = [["from __future__ import annotations"], standard, others]
        head = [*docs.python_lines(doc), "# ruff: noqa"]
        parts += [[f"wit.check_format(__name__, {FORMAT})"]]
        return [*head, *(line for part in parts if part for line in ("", *part))]

    def body(self) -> list[str]:
        resources = self.package.resources
        blocks = [block for each in self.package.definitions for block in self.data(each)]
        based = bases_first(resources)
        blocks += [self.protocol(each) for each in based]
        blocks += [self.client(each) for each in based]
        blocks += [self.grants(each) for each in self.package.grants]
        constants = [line for each in self.package.constants for line in self.constant(each)]
        blocks += [constants] if constants else []
        return [line for block in [*blocks, self.bridge()] for line in ("", "", *block)]

    # What people and type checkers see.

    def data(self, definition: model.Definition) -> Iterator[list[str]]:
        match definition:
            case model.Record():
                yield self.record(definition)
            case model.Variant():
                yield from self.variant(definition)
            case model.Enum():
                yield self.enum(definition)
            case model.Resource() | model.Nodes() | model.Arena():
                pass
            case _:
                assert_never(definition)

    def record(self, record: model.Record) -> list[str]:
        body = [docstring(record.doc)]
        hidden = hidden_names(record)
        body.append(
            [
                line
                for field in record.fields
                for line in self.attribute(field, self.type(field.type, hidden, clients=True))
            ]
        )
        return self.dataclass(record.names.cls, body)

    def attribute(self, field: model.Field, annotation: str, default: str = "") -> list[str]:
        return [f"{field.attribute}: {annotation}{default}", *docstring(field.doc)]

    def dataclass(self, head: str, body: Sequence[list[str]], options: str = "") -> list[str]:
        self.use("dataclasses", "dataclass")
        return [_DATACLASS.format(options), *class_lines(head, body)]

    def variant(self, variant: model.Variant) -> Iterator[list[str]]:
        for case in variant.cases:
            doc = case.doc or f"`{case.label}` of `{variant.names.cls}`."
            value = [f"value: {self.type(case.type, (), clients=True)}"] if case.type else []
            yield self.dataclass(case.cls, [docstring(doc), value])
        self.use("typing", "TypeAlias")
        alias = " | ".join(case.cls for case in variant.cases)
        head = f"{variant.names.cls}: TypeAlias = "
        whole = [head + alias]
        if len(whole[0]) > WIDTH:
            whole = [f"{head}(", f"    {alias}", ")"]
        if max(map(len, whole)) > WIDTH:
            first, *rest = (case.cls for case in variant.cases)
            whole = [f"{head}(", f"    {first}", *(f"    | {cls}" for cls in rest), ")"]
        yield [*whole, *docstring(variant.doc)]

    def enum(self, enum: model.Enum) -> list[str]:
        self.use("enum", "Enum")
        cases = [
            line
            for case in enum.cases
            for line in (f'{case.attribute} = "{case.label}"', *docstring(case.doc))
        ]
        return class_lines(f"{enum.names.cls}(Enum)", [docstring(enum.doc), cases])

    def protocol(self, resource: model.Resource) -> list[str]:
        self.use("typing", "Protocol")
        hidden = hidden_names(resource)
        methods = [self.protocol_method(hidden, method) for method in resource.methods]
        bases = [self.qualified(base, self.resource(base).names.cls) for base in resource.bases]
        head = f"{resource.names.cls}({', '.join([*bases, 'Protocol'])})"
        return class_lines(head, [docstring(resource.doc), *methods])

    def protocol_method(self, hidden: Collection[str], method: model.Method) -> list[str]:
        self.use("capwit.bridge.binding", "MaybeAwaitable")
        params = [f"{each.attribute}: {self.type(each.type, hidden, clients=True)}" for each in method.params]
        result = self.type(method.result, hidden) if method.result else "None"
        doc = docstring(method.doc)
        head = prefixed(
            "",
            call(f"def {method.attribute}", "self", *params),
            f" -> MaybeAwaitable[{result}]:{'' if doc else ' ...'}",
        )
        return [*lines(head, 0, 4), *indented(doc)]

    def client(self, resource: model.Resource) -> list[str]:
        doc = docstring(f"`{resource.names.cls}`, wherever it lives.")
        hidden = hidden_names(resource)
        methods = [self.client_method(resource, hidden, method) for method in resource.methods]
        bases_have = {
            cast.key for base in resource.bases for cast in self.resource(base).casts if cast.key != base
        }
        had = {resource.key, *bases_have}
        methods += [self.cast(cast) for cast in resource.casts if cast.key not in had]
        bases = [self.qualified(base, self.resource(base).client) for base in resource.bases]
        return class_lines(f"{resource.client}({', '.join(bases or ['wit.Client'])})", [doc, *methods])

    def cast(self, cast: model.Cast) -> list[str]:
        client = self.qualified(cast.key, self.resource(cast.key).client)
        doc = "Another reference to this capability, as what it extends; `close` it."
        return [
            f"def {cast.attribute}(self) -> {client}:",
            *indented([*docstring(doc), f"return self._as({client})"]),
        ]

    def resource(self, key: model.Key) -> model.Resource:
        resource = self.whole.definitions[key]
        assert isinstance(resource, model.Resource)
        return resource

    def client_method(
        self, resource: model.Resource, hidden: Collection[str], method: model.Method
    ) -> list[str]:
        params = [f"{each.attribute}: {self.type(each.type, hidden)}" for each in method.params]
        result = self.type(method.result, hidden, clients=True) if method.result else "None"
        head = prefixed("", call(f"async def {method.attribute}", "self", *params), f" -> {result}:")
        done = "return await" if method.result else "await"
        body = call(
            f"{done} self._call",
            self.constants.methods[resource.key, method.label],
            *(each.attribute for each in method.params),
        )
        return [*lines(head, 0, 4), *indented(docstring(method.doc)), *lines(body, 4, 4)]

    def grants(self, grants: model.Grants) -> list[str]:
        hidden = {field.attribute for field in grants.fields}
        fields = []
        for field in grants.fields:
            default = " = None" if isinstance(field.type, model.OptionOf) else ""
            fields += self.attribute(field, self.type(field.type, hidden), default)
        return self.dataclass(
            f"{grants.names.cls}(wit.Grants)", [docstring(grants.doc), fields], ", kw_only=True"
        )

    def constant(self, constant: model.Constant) -> list[str]:
        self.use("typing", "Final")
        return [
            *lines(
                prefixed(f"{self.constants.constants[constant.label]}: Final = ", self.value(constant.value))
            ),
            *docstring(constant.doc),
        ]

    def value(self, value: model.Value) -> Expression:
        match value:
            case model.Enumerated(key, label):
                return self.enumerant(self.whole.definitions[key], label)
            case model.Made(key, fields):
                given = [keyword(attribute, self.value(part)) for attribute, part in fields]
                return call(self.qualified(key, self.whole.definitions[key].names.cls), *given)
            case model.Chosen(key, label, payload):
                variant = self.whole.definitions[key]
                assert isinstance(variant, model.Variant)
                cls = next(case.cls for case in variant.cases if case.label == label)
                return call(self.qualified(key, cls), *map(self.value, payload))
            case Encoded(message):
                return call("wit.AnyValue", self.value(message))
            case tuple():
                return tuple_of([self.value(item) for item in value])
            case float() if not math.isfinite(value):
                return f'float("{value}")'
            case float():
                return repr(value).replace("e+", "e")
            case _:
                text = repr(value)
                plain = isinstance(value, str | bytes) and '"' not in text
                return text.replace("'", '"') if plain else text

    def enumerant(self, enum: model.Definition, label: str) -> str:
        if isinstance(enum, model.Variant):  # an open one
            return (
                f"{self.qualified(enum.key, next(case.cls for case in enum.cases if case.label == label))}()"
            )
        return f"{self.qualified(enum.key, enum.names.cls)}.{names.upper(label)}"

    def type(self, type: model.Type, hidden: Collection[str], *, clients: bool = False) -> str:
        """A type as an annotation, in a class whose members hide some names."""
        match type:
            case model.Scalar(name):
                python = {"b": "bool", "f": "float"}.get(name[0], "int")
                return self.builtin(python, hidden)
            case model.Text():
                return self.builtin("str", hidden)
            case model.Data():
                return self.builtin("bytes", hidden)
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

    def builtin(self, name: str, hidden: Collection[str]) -> str:
        if name not in hidden:
            return name
        return f"{self.module('builtins')}.{name}"

    def qualified(self, key: model.Key, name: str) -> str:
        home = self.whole.homes[key]
        return name if home is self.package else f"{self.module(home.module)}.{name}"

    def module(self, module: str) -> str:
        """The name by which this module knows another one."""
        alias = self.aliases[module]
        folder, _, name = module.rpartition(".")
        spelled = name if alias == name else f"{name} as {alias}"
        self.use(folder, spelled)
        return alias

    def use(self, module: str, name: str) -> None:
        self.imports.setdefault(module, set()).add(name)

    # What the bridge sees.

    def bridge(self) -> list[str]:
        resources = self.package.resources
        data = [each for each in self.package.definitions if not isinstance(each, model.Resource)]
        based = bases_first(resources)
        written = [line for each in based for line in lines(self.resource_table(each))]
        written += [line for each in model.in_order(data) for line in lines(self.data_table(each))]
        for resource in based:
            written += [line for each in resource.methods for line in self.method_table(resource, each)]
        written += [line for each in self.package.grants for line in lines(self.grants_table(each))]
        arguments: list[Expression] = [
            f'package="{self.package.id}"',
            f'interface="{self.package.interface}"',
        ]
        if resources:
            arguments.append(prefixed("interfaces=", tuple_of([self.name(each) for each in resources])))
        if self.package.grants:
            tables = [self.name(each) for each in self.package.grants]
            arguments.append(prefixed("grants=", tuple_of(tables)))
        if self.package.guests:
            guests = [self.guest_table(each) for each in self.package.guests]
            arguments.append(prefixed("guests=", tuple_of(guests)))
        ids = [f"0x{source.id:016X}" for source in (self.package.source, *self.package.others)]
        schema = call("wit.SchemaFile", "__name__", f'"{self.package.stem}.bridge.json"', *ids)
        arguments.append(prefixed("schema=", schema))
        return [
            "# The bridge's tables: WIT names and types.",
            *written,
            *lines(call("BINDINGS = wit.Bindings", *arguments)),
        ]

    def resource_table(self, resource: model.Resource) -> Group:
        foreign = resource.foreign
        interface = foreign.interface if foreign else self.package.qualified(self.package.interface)
        bases = [self.table_of(base) for base in resource.bases]
        exports = [f'"{self.package.qualified(label)}"' for label in resource.exports]
        return call(
            f"{self.name(resource)} = wit.Interface",
            resource.client,
            f'"{interface}"',
            f'"{foreign.name if foreign else resource.names.label}"',
            f"0x{resource.type_id:016X}",
            *([prefixed("extends=", tuple_of(bases))] if bases else []),
            *([prefixed("exports=", tuple_of(exports))] if exports else []),
            *(["foreign=True"] if foreign else []),
        )

    def method_table(self, resource: model.Resource, method: model.Method) -> list[str]:
        result = self.type(method.result, (), clients=True) if method.result else "None"
        table = self.constants.methods[resource.key, method.label]
        params = [prefixed(f'"{each.label}": ', self.table(each.type)) for each in method.params]
        made = call(
            f"{self.name(resource)}.method",
            f'"{method.label}"',
            f'"{method.attribute}"',
            dict_of(params),
            self.table(method.result) if method.result else "None",
            *(["pipelined=True"] if method.pipelined else []),
            *([f"function={json.dumps(method.function)}"] if method.function else []),
        )
        return assigned(table, "wit.Method", result, made)

    def data_table(self, definition: model.Definition) -> Expression:
        given = definition.names
        match definition:
            case model.Record(fields=fields):
                items = [
                    call("wit.Field", f'"{each.label}"', self.table(each.type), f'"{each.attribute}"')
                    for each in fields
                ]
                return call(
                    f"{self.name(definition)} = wit.Record", tuple_of(items), given.cls, f'"{given.label}"'
                )
            case model.Variant(cases=cases):
                items = [
                    call(
                        "wit.Case",
                        f'"{each.label}"',
                        self.table(each.type) if each.type else "None",
                        each.cls,
                    )
                    for each in cases
                ]
                return call(f"{self.name(definition)} = wit.Variant", tuple_of(items), f'"{given.label}"')
            case model.Enum(cases=enumerants):
                labels = tuple_of([f'"{each.label}"' for each in enumerants])
                return call(f"{self.name(definition)} = wit.Enum", labels, given.cls, f'"{given.label}"')
            case model.Nodes(cases=nodes):
                items = [call("wit.Case", f'"{label}"', self.table(type)) for label, type in nodes]
                return call(f"{self.name(definition)} = wit.Variant", tuple_of(items), f'"{given.label}"')
            case model.Arena(nodes=nodes_of, case=case):
                table = self.table(nodes_of)
                return call(
                    f"{self.name(definition)} = wit.arena",
                    table,
                    f'"{given.label}"',
                    *([f'"{case}"'] if case else []),
                )
            case model.Resource():
                return self.resource_table(definition)
            case _:
                assert_never(definition)

    def grants_table(self, grants: model.Grants) -> Expression:
        items = [
            call("wit.Grant", f'"{each.attribute}"', f'"get-{each.label}"', self.table(each.type))
            for each in grants.fields
        ]
        interface = f'"{self.package.qualified(grants.label)}"'
        return call(
            f"{self.name(grants)} = wit.GrantsInterface", grants.names.cls, interface, tuple_of(items)
        )

    def guest_table(self, guest: model.GuestInterface) -> Expression:
        labels = (guest.label, guest.calls)
        names = [f'"{self.package.qualified(label)}"' for label in labels]
        return call("wit.GuestInterface", self.table_of(guest.key), *names)

    def name(self, defined: model.Definition | model.Grants) -> str:
        return self.constants.definitions[defined.key]

    def table_of(self, key: model.Key) -> str:
        home = self.whole.homes[key]
        return self.qualified(key, self.tables[home.source.id].definitions[key])

    def table(self, type: model.Type) -> Expression:
        match type:
            case model.Scalar(name):
                return f"wit.{name.upper()}"
            case model.Text():
                return "wit.STRING"
            case model.Data():
                return "wit.BYTES"
            case model.ListOf(element):
                return call("wit.List", self.table(element))
            case model.OptionOf(some):
                return call("wit.Option", self.table(some))
            case model.Ref(key):
                return self.table_of(key)
            case model.Index(case=case):
                return f'wit.Index("{case}")' if case else "wit.Index()"
            case model.Own(key):
                return f"{self.table_of(key)}.own"
            case model.Borrow(key):
                return f"{self.table_of(key)}.borrow"
            case _:
                assert_never(type)
