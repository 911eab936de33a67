"""From a schema to the model: packages, resources, grants, worlds and constants."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from capwit.codegen import model
from capwit.codegen.base import docs, names
from capwit.codegen.lower.brands import concrete
from capwit.codegen.lower.breadth import check_breadth
from capwit.codegen.lower.grouping import group
from capwit.codegen.lower.inheritance import Inheritance
from capwit.codegen.lower.methods import Methods
from capwit.codegen.lower.naming import FileScope, Labels, Namespace, hyphens, package_error, package_name
from capwit.codegen.lower.select import kept, references, select
from capwit.codegen.lower.shapes import Shapes
from capwit.codegen.lower.values import Values
from capwit.codegen.model.builtin import BRIDGE, untold
from capwit.codegen.schema.annotations import Wit
from capwit.codegen.schema.nodes import Const, Field, Interface, Node, Pointer, Schema, Struct, Use

if TYPE_CHECKING:
    from collections.abc import Sequence


def lower(schema: Schema, root: int) -> model.Model:
    """Decides all that is generated for the file `root`, one of the schema's roots."""
    modules = _modules(schema, root)
    schema, grouping = group(schema)
    schema = concrete(schema, grouping.files, grouping.uses)
    selection = select(schema, grouping.leads[root])
    labels = Labels(schema)
    scopes = {file: FileScope(schema) for file in selection.files}
    nodes = [node for file in selection.files for node in selection.nodes[file]]
    shapes = Shapes(schema, labels, scopes, nodes)
    values = Values(shapes)
    referred = {id for node in nodes for member, id in references(node) if not member or kept([member])}
    inheritance = Inheritance(schema, labels, nodes)
    resources: dict[int, model.Resource] = {}
    packages = []
    taken: dict[str, model.Package] = {}
    interfaces: dict[str, Namespace] = {}
    for file in selection.files:
        lowered = _File(
            shapes,
            values,
            scopes[file],
            file,
            selection.nodes[file],
            referred,
            inheritance,
            resources,
            interfaces.setdefault(package_name(schema, file)[0], Namespace(schema, "world or interface")),
        )
        package = lowered.package(*modules[file])
        other = taken.setdefault(names.canonical(package.name), package)
        if other.id != package.id:
            message = f"its package is {package.id}, and that of {other.source.shown} is {other.id}"
            message += hyphens(package.name, other.name)
            mend = f"give both the same {Wit.PACKAGE}, or each its own"
            raise package_error(schema, file, message, mend)
        packages.append(package)
    known = [*packages, BRIDGE]
    definitions = {each.key: each for package in known for each in package.definitions}
    check_breadth(schema, definitions.values())
    homes = {each.key: package for package in known for each in package.definitions}
    return model.Model(packages[-1], tuple(packages), definitions, homes, schema)


def _modules(schema: Schema, root: int) -> dict[int, tuple[str, bool]]:
    """The Python module of each file, and whether this run writes it.

    An absolute import names an installed module (`/a/b/c.capnp` is `a.b.c`), a relative one a sibling of
    the module that imports.
    """
    found = {root: (_module(schema.files[root].path.stem), True)}
    waiting = [root]
    for file in waiting:
        module, generated = found[file]
        for name, target in schema.files[file].imports.items():
            *folders, last = name.removesuffix(".capnp").split("/")
            if name.startswith("/"):
                choice = ".".join([*(_module(folder) for folder in folders[1:]), _module(last)]), False
            else:
                choice = ".".join([*module.split(".")[:-1], _module(last)]), generated
            if target not in schema.files:
                continue
            if target not in found:
                waiting.append(target)
            if target not in found or (found[target][1] and not choice[1] and target != root):
                found[target] = choice
    for file in schema.files:
        found.setdefault(file, (_module(schema.files[file].path.stem), True))
    return found


def _module(stem: str) -> str:
    name = re.sub(r"\W", "_", stem.replace("+", "p"), flags=re.ASCII)
    return names.escape(f"_{name}" if name[:1].isdigit() else name)


class _File:
    """One file on its way to a package."""

    def __init__(
        self,
        shapes: Shapes,
        values: Values,
        scope: FileScope,
        file: int,
        nodes: Sequence[Node],
        referred: set[int],
        inheritance: Inheritance,
        resources: dict[int, model.Resource],
        interfaces: Namespace,
    ) -> None:
        self.shapes = shapes
        self.values = values
        self.schema = shapes.schema
        self.labels = shapes.labels
        self.scope = scope
        self.file = file
        self.nodes = nodes
        self.referred = referred
        self.inheritance = inheritance
        self.resources = resources  # of all files that come before, too
        self.interfaces = interfaces  # of all files of the package
        self.constants = Namespace(self.schema, "name of a constant", key=str)
        self.places: dict[str, int] = {}  # world -> a declaration that names it
        self.imports: dict[str, list[str]] = {}
        self.exports: dict[str, list[str]] = {}
        self.guests: list[model.GuestInterface] = []
        self.grants: dict[str, model.Grants] = {}

    def package(self, module: str, generated: bool) -> model.Package:
        source = self.schema.files[self.file]
        node = self.schema.node(self.file)
        name, version = package_name(self.schema, self.file)
        files = [each for each in self.schema.files if self.schema.node(each).package == self.file]
        others = sorted(each for each in files if each != self.file)
        given = node.annotations.get(Wit.NAME)
        interface = self.labels.check(given or names.file_label(source.path.stem), self.file)
        self.interfaces.claim(interface, self.file)
        methods = Methods(self.shapes, self.scope)
        for each in self.nodes:
            if isinstance(each.body, Interface):
                exports = self._exports(each)
                imported = each.id in self.referred or Wit.GUEST in each.annotations
                self.resources[each.id] = methods.resource(each, each.body, exports, imported)
                self._guest(each)
            elif isinstance(each.body, Struct) and Wit.GRANTS in each.annotations:
                self._grant(each, each.body.fields)
        definitions: list[model.Definition] = []
        for each in self.nodes:
            definitions += map(self._with_cases, self.shapes.definitions[each.id])
            if isinstance(each.body, Interface):
                definitions.append(self.inheritance.inherit(each, self.resources))
        mentioned = [type for each in definitions for type in model.mentioned(each)]
        mentioned += [field.type for grants in self.grants.values() for field in grants.fields]
        if any(map(untold, mentioned)):
            definitions = [self._untold(each) for each in definitions]
        constants = [self._constant(each, each.body) for each in self.nodes if isinstance(each.body, Const)]
        return model.Package(
            source=source,
            stem=source.path.stem,
            module=module,
            generated=generated,
            name=name,
            version=version,
            interface=interface,
            doc=docs.joined(docs.clean(node.doc), *(docs.clean(self.schema.node(id).doc) for id in others)),
            definitions=tuple(definitions),
            grants=tuple(self.grants.values()),
            worlds=tuple(self._worlds()),
            constants=tuple(constants),
            others=tuple(self.schema.files[id] for id in others),
            guests=tuple(self.guests),
        )

    def _with_cases(self, definition: model.Definition) -> model.Definition:
        """A definition with its cases named: last, because they give way to types."""
        if not isinstance(definition, model.Variant):
            return definition
        variant, id = definition.names.label, definition.key.node
        if definition.key.part == "node":  # in Python it is what its arena is in WIT
            variant = variant.removesuffix("-node")
        cases = [replace(case, cls=self.scope.case(variant, case.label, id)) for case in definition.cases]
        return replace(definition, cases=tuple(cases))

    def _untold(self, definition: model.Definition) -> model.Definition:
        """A definition in a package that has capabilities whose interface is not told."""
        if not isinstance(definition, model.Resource) or definition.foreign:
            return definition
        labels = {each.label for each in (*definition.inherited, *definition.methods)}
        labels |= {definition.names.label, *(each.label for each in definition.casts)}
        taken = set(map(names.canonical, labels))
        for label in ("to-any", "from-any"):
            if names.canonical(label) in taken:
                message = f"{label!r} is what makes an untold capability of it, or it of one"
                mend = f'give its method another name with {Wit.NAME}("...")'
                raise self.schema.error(definition.key.node, "", message, mend)
        return replace(definition, untold=True)

    def _exports(self, node: Node) -> tuple[str, ...]:
        if Wit.EXPORTS not in node.annotations:
            return ()
        world = self.labels.world(node, Wit.EXPORTS)
        label = f"{world}-exports-{self.labels.node(node)}"
        self.interfaces.claim(label, node.id)
        self.exports.setdefault(world, []).append(label)
        self.places.setdefault(world, node.id)
        return (label,)

    def _guest(self, node: Node) -> None:
        if Wit.GUEST not in node.annotations:
            return
        world = self.labels.world(node, Wit.GUEST)
        label = self.interfaces.claim(f"{world}-guest-{self.labels.node(node)}", node.id)
        calls = self.interfaces.claim(f"{label}-calls", node.id)
        self.guests.append(model.GuestInterface(model.Key(node.id), label, calls))
        self.imports.setdefault(world, []).append(label)
        self.exports.setdefault(world, []).append(calls)
        self.places.setdefault(world, node.id)

    def _grant(self, node: Node, fields: Sequence[Field]) -> None:
        world = self.labels.world(node, Wit.GRANTS)
        label = self.interfaces.claim(f"{world}-grants", node.id)
        self.places.setdefault(world, node.id)
        named = self.scope.define(self.labels.node(node), node.id)
        members = Namespace(self.schema, "name")
        granted: list[model.Field] = []
        cases: list[model.Case] = []
        which = 0
        for field in kept(fields):
            name = members.claim(self.labels.member(node.id, field), node.id, field.name)
            type = self.shapes.grant(node, field)
            doc = self.shapes.doc_of(node, field)
            if field.discriminant is not None:
                which = which if cases else len(granted)
                cases.append(model.Case(name, "", type, doc))
            elif type is not None:
                attribute = names.escape(names.attribute(name), names.GRANTS_ATTRIBUTES)
                granted.append(model.Field(name, attribute, type, doc))
        union = self.shapes.which(node, members, cases)
        granted[which:which] = [union] if union else []
        if not granted:
            raise self.schema.error(node.id, "", "it grants nothing", f"take {Wit.GRANTS} away")
        self.grants[world] = model.Grants(
            model.Key(node.id), named, world, label, docs.clean(node.doc), tuple(granted)
        )

    def _worlds(self) -> list[model.World]:
        worlds = []
        for label in dict.fromkeys([*self.grants, *self.exports]):
            self.interfaces.claim(label, self.places[label])
            granted = [self.grants[label].label] if label in self.grants else []
            imports = (*granted, *self.imports.get(label, ()))
            worlds.append(model.World(label, imports, tuple(self.exports.get(label, ()))))
        return worlds

    def _constant(self, node: Node, const: Const) -> model.Constant:
        label, doc = self.constants.claim(self.labels.node(node), node.id), docs.clean(node.doc)
        written = docs.literal(const.value)
        value: model.Value
        match const.type, const.value:
            case (_, Pointer(plain=None)):
                message = "a constant of this type is not mapped"
                raise self.schema.error(node.id, "", message, f"leave it out with {Wit.SKIP}")
            case (_, Pointer(plain=plain)):
                value = self.values.constant(node.id, const.type, plain)
            case (Use(id), int(ordinal)):
                written = self.shapes.enumerant(id, ordinal)
                value = model.Enumerated(model.Key(id), written)
            case (_, scalar):
                value = scalar
        return model.Constant(label, written, doc, value)
