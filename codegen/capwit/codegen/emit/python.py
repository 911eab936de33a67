"""Python bindings: what people and type checkers see of them, protocols, dataclasses and clients."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, assert_never

from capwit.codegen import model
from capwit.codegen.base import docs, names
from capwit.codegen.emit.classes import FORMAT, bases_first, class_lines, docstring, hidden_names, indented
from capwit.codegen.emit.layout import WIDTH, Expression, call, keyword, lines, prefixed, tuple_of
from capwit.codegen.emit.module import Module
from capwit.codegen.emit.tables import bridge_tables
from capwit.codegen.schema.nodes import Encoded

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

_DATACLASS: Final = "@dataclass(frozen=True, slots=True{})"


def emit(whole: model.Model, package: model.Package) -> str:
    """The text of a package's module."""
    module = Module(whole, package)
    writer = _Writer(module)
    body = [*writer.blocks(), bridge_tables(module)]
    return "\n".join([*writer.head(), *(line for block in body for line in ("", "", *block)), ""])


class _Writer:
    """Writes one module, but for its tables."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.package = module.package
        self.definitions = module.whole.definitions

    def head(self) -> list[str]:
        doc = docs.joined(
            f"Host bindings for `{self.package.id}`.",
            self.package.doc,
            f"Written by `capwit generate` from {docs.clean(self.package.source.path.name)}; do not edit.",
        )
        format = [f"wit.check_format(__name__, {FORMAT})"]
        parts = [["from __future__ import annotations"], *self.module.imports(), format]
        head = [*docs.python_lines(doc), "# ruff: noqa"]
        return [*head, *(line for part in parts if part for line in ("", *part))]

    def blocks(self) -> list[list[str]]:
        resources = self.package.resources
        blocks = [block for each in self.package.definitions for block in self.data(each)]
        based = bases_first(resources)
        blocks += [self.protocol(each) for each in based]
        blocks += [self.client(each) for each in based]
        blocks += [self.grants(each) for each in self.package.grants]
        constants = [line for each in self.package.constants for line in self.constant(each)]
        return [*blocks, constants] if constants else blocks

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
                for line in self.attribute(field, self.module.type(field.type, hidden, clients=True))
            ]
        )
        return self.dataclass(record.names.cls, body)

    def attribute(self, field: model.Field, annotation: str, default: str = "") -> list[str]:
        return [f"{field.attribute}: {annotation}{default}", *docstring(field.doc)]

    def dataclass(self, head: str, body: Sequence[list[str]], options: str = "") -> list[str]:
        self.module.use("dataclasses", "dataclass")
        return [_DATACLASS.format(options), *class_lines(head, body)]

    def variant(self, variant: model.Variant) -> Iterator[list[str]]:
        for case in variant.cases:
            doc = case.doc or f"`{case.label}` of `{variant.names.cls}`."
            value = [f"value: {self.module.type(case.type, (), clients=True)}"] if case.type else []
            yield self.dataclass(case.cls, [docstring(doc), value])
        self.module.use("typing", "TypeAlias")
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
        self.module.use("enum", "Enum")
        cases = [
            line
            for case in enum.cases
            for line in (f'{case.attribute} = "{case.label}"', *docstring(case.doc))
        ]
        return class_lines(f"{enum.names.cls}(Enum)", [docstring(enum.doc), cases])

    def protocol(self, resource: model.Resource) -> list[str]:
        self.module.use("typing", "Protocol")
        hidden = hidden_names(resource)
        methods = [self.protocol_method(hidden, method) for method in resource.methods]
        bases = [self.module.qualified(base, self.module.resource(base).names.cls) for base in resource.bases]
        head = f"{resource.names.cls}({', '.join([*bases, 'Protocol'])})"
        return class_lines(head, [docstring(resource.doc), *methods])

    def protocol_method(self, hidden: Collection[str], method: model.Method) -> list[str]:
        self.module.use("capwit.bridge.binding", "MaybeAwaitable")
        params = self.params(method, hidden, clients=True)
        result = self.module.type(method.result, hidden) if method.result else "None"
        doc = docstring(method.doc)
        head = prefixed(
            "",
            call(f"def {method.attribute}", "self", *params),
            f" -> MaybeAwaitable[{result}]:{'' if doc else ' ...'}",
        )
        return [*lines(head, 0, 4), *indented(doc)]

    def params(
        self, method: model.Method, hidden: Collection[str], *, clients: bool = False
    ) -> Iterator[str]:
        for each in method.params:
            yield f"{each.attribute}: {self.module.type(each.type, hidden, clients=clients)}"

    def client(self, resource: model.Resource) -> list[str]:
        doc = docstring(f"`{resource.names.cls}`, wherever it lives.")
        hidden = hidden_names(resource)
        methods = [self.client_method(resource, hidden, method) for method in resource.methods]
        bases_have = {
            cast.key
            for base in resource.bases
            for cast in self.module.resource(base).casts
            if cast.key != base
        }
        had = {resource.key, *bases_have}
        methods += [self.cast(cast) for cast in resource.casts if cast.key not in had]
        bases = [self.module.qualified(base, self.module.resource(base).client) for base in resource.bases]
        return class_lines(f"{resource.client}({', '.join(bases or ['wit.Client'])})", [doc, *methods])

    def cast(self, cast: model.Cast) -> list[str]:
        client = self.module.qualified(cast.key, self.module.resource(cast.key).client)
        doc = "Another reference to this capability, as what it extends; `close` it."
        return [
            f"def {cast.attribute}(self) -> {client}:",
            *indented([*docstring(doc), f"return self._as({client})"]),
        ]

    def client_method(
        self, resource: model.Resource, hidden: Collection[str], method: model.Method
    ) -> list[str]:
        params = self.params(method, hidden)
        result = self.module.type(method.result, hidden, clients=True) if method.result else "None"
        head = prefixed("", call(f"async def {method.attribute}", "self", *params), f" -> {result}:")
        done = "return await" if method.result else "await"
        body = call(
            f"{done} self._call",
            self.module.constants.methods[resource.key, method.label],
            *(each.attribute for each in method.params),
        )
        return [*lines(head, 0, 4), *indented(docstring(method.doc)), *lines(body, 4, 4)]

    def grants(self, grants: model.Grants) -> list[str]:
        hidden = {field.attribute for field in grants.fields}
        fields = []
        for field in grants.fields:
            default = " = None" if isinstance(field.type, model.OptionOf) else ""
            fields += self.attribute(field, self.module.type(field.type, hidden), default)
        return self.dataclass(
            f"{grants.names.cls}(wit.Grants)", [docstring(grants.doc), fields], ", kw_only=True"
        )

    def constant(self, constant: model.Constant) -> list[str]:
        self.module.use("typing", "Final")
        head = f"{self.module.constants.constants[constant.label]}: Final = "
        return [*lines(prefixed(head, self.value(constant.value))), *docstring(constant.doc)]

    def value(self, value: model.Value) -> Expression:
        match value:
            case model.Enumerated(key, label):
                return self.enumerant(self.definitions[key], label)
            case model.Made(key, fields):
                given = [keyword(attribute, self.value(part)) for attribute, part in fields]
                return call(self.module.qualified(key, self.definitions[key].names.cls), *given)
            case model.Chosen(key, label, payload):
                variant = self.definitions[key]
                assert isinstance(variant, model.Variant)
                cls = next(case.cls for case in variant.cases if case.label == label)
                return call(self.module.qualified(key, cls), *map(self.value, payload))
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
            cls = next(case.cls for case in enum.cases if case.label == label)
            return f"{self.module.qualified(enum.key, cls)}()"
        return f"{self.module.qualified(enum.key, enum.names.cls)}.{names.upper(label)}"
