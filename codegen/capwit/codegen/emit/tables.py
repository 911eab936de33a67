"""What the bridge sees of a module: a table of WIT names and types for each definition, and `BINDINGS`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, assert_never

from capwit.codegen import model
from capwit.codegen.emit.classes import bases_first
from capwit.codegen.emit.layout import Expression, assigned, call, dict_of, lines, prefixed, tuple_of

if TYPE_CHECKING:
    from capwit.codegen.emit.layout import Group
    from capwit.codegen.emit.module import Module


def bridge_tables(module: Module) -> list[str]:
    """The lines of a module's tables, the last of its blocks."""
    return _Tables(module).block()


class _Tables:
    def __init__(self, module: Module) -> None:
        self.module = module
        self.package = module.package

    def block(self) -> list[str]:
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
        bases = [self.module.table(base) for base in resource.bases]
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
        result = self.module.type(method.result, (), clients=True) if method.result else "None"
        table = self.module.constants.methods[resource.key, method.label]
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
        return call("wit.GuestInterface", self.module.table(guest.key), *names)

    def name(self, defined: model.Definition | model.Grants) -> str:
        return self.module.constants.definitions[defined.key]

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
                return self.module.table(key)
            case model.Index(case=case):
                return f'wit.Index("{case}")' if case else "wit.Index()"
            case model.Own(key):
                return f"{self.module.table(key)}.own"
            case model.Borrow(key):
                return f"{self.module.table(key)}.borrow"
            case _:
                assert_never(type)
