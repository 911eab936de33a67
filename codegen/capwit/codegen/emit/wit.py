"""WIT text, formatted as `wasm-tools component wit` formats it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, assert_never

from capwit.codegen import model
from capwit.codegen.base import docs
from capwit.codegen.base.names import canonical, text_label
from capwit.codegen.model.builtin import ANY_CAP

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

ERRORS: Final = "capwit:bridge/errors@0.1.0"
"""The interface that defines `cap-error`."""

WRAP: Final = """\
A handle of an object of the component's own, by the number that the component has chosen for it.
While any handle of it is left, anywhere, another one is a handle of the same capability."""

NUMBER_OF: Final = "The number of the object behind a handle, if `wrap` made it."

RELEASE: Final = "No handle of the object is left: its number is free again."


def emit(whole: model.Model, package: model.Package) -> str:
    """The text of a package."""
    blocks = [
        *_interface(whole, package),
        *(_grants(whole, package, grants) for grants in package.grants),
        *(
            _exports(whole, package, resource, label)
            for resource in package.resources
            for label in resource.exports
        ),
        *(block for each in package.guests for block in _guest(whole, package, each)),
        [line for world in package.worlds for line in _world(package, world)],
    ]
    return "\n".join(
        "\n".join([*block, ""]) for block in [[f"package {_name(package)}{package.at};"], *blocks] if block
    )


@dataclass(frozen=True, slots=True)
class _Scope:
    """What an interface's types are called in it, and the `use` lines for those it does not define."""

    locals: Mapping[model.Key, str]
    uses: tuple[str, ...]

    def type(self, type: model.Type) -> str:
        match type:
            case model.Scalar(name):
                return name
            case model.Text():
                return "string"
            case model.Data():
                return "list<u8>"
            case model.ListOf(element):
                return f"list<{self.type(element)}>"
            case model.OptionOf(some):
                return f"option<{self.type(some)}>"
            case model.Ref(key) | model.Own(key):
                return text_label(self.locals[key])
            case model.Index():
                return "u32"
            case model.Borrow(key):
                return f"borrow<{text_label(self.locals[key])}>"
            case _:
                assert_never(type)

    def method(self, method: model.Method) -> str:
        return f"{text_label(method.label)}: func({self.params(method)}) -> {self.result(method)};"

    def call(self, method: model.Method) -> str:
        """A method as a function of the object that it is called on."""
        params = ", ".join(filter(None, [f"{_numbered(method)}: u32", self.params(method)]))
        return f"{called(method.label)}: func({params}) -> {self.result(method)};"

    def params(self, method: model.Method) -> str:
        return ", ".join(f"{text_label(param.label)}: {self.type(param.type)}" for param in method.params)

    def result(self, method: model.Method) -> str:
        return f"result<{self.type(method.result) if method.result else '_'}, cap-error>"


def _scope(
    whole: model.Model,
    package: model.Package,
    types: Iterable[model.Type],
    *,
    defined: Iterable[model.Definition] = (),
    taken: Iterable[str] = (),
    fails: bool,
) -> _Scope:
    """The scope of an interface that uses `types`; `fails` tells whether anything in it gives `cap-error`."""
    locals = {each.key: each.names.label for each in defined}
    labels = set(map(canonical, (*locals.values(), *taken, "cap-error")))
    used: dict[str, list[str]] = {ERRORS: ["cap-error"]} if fails else {}
    for key in filter(None, map(model.named, types)):
        if key in locals:
            continue
        home = whole.homes[key]
        definition = whole.definitions[key]
        foreign = definition.foreign if isinstance(definition, model.Resource) else None
        local = definition.names.label
        label = foreign.name if foreign else local
        if canonical(local) in labels:
            local = f"{home.interface}-{label}"
        while canonical(local) in labels:
            local += "-type"
        locals[key] = local
        labels.add(canonical(local))
        path = text_label(home.interface)
        if foreign:
            path = _escaped(foreign.interface)
        elif home.name != package.name:
            path = f"{_name(home)}/{path}{home.at}"
        item = text_label(label) if local == label else f"{text_label(label)} as {text_label(local)}"
        used.setdefault(path, []).append(item)
    return _Scope(locals, tuple(f"use {path}.{{{', '.join(items)}}};" for path, items in used.items()))


def _name(package: model.Package) -> str:
    """A package's name as it stands in WIT text."""
    return _escaped(package.name)


def _escaped(name: str) -> str:
    """The name of a package, or of an interface with its package, as it stands in WIT text."""
    path, at, version = name.partition("@")
    return re.sub(r"[a-z0-9-]+", lambda found: text_label(found[0]), path) + at + version


def _interface(whole: model.Model, package: model.Package) -> Iterator[list[str]]:
    if not package.declared:
        return
    types = [type for each in package.declared for type in model.mentioned(each)]
    fails = any(each.inherited or each.methods for each in package.resources if each.declared)
    if any(each.untold for each in package.resources if each.declared):
        types.append(model.Own(ANY_CAP))
        fails = True
    scope = _scope(whole, package, types, defined=package.declared, fails=fails)
    blocks = [_definition(scope, each) for each in model.in_order(package.declared)]
    constants = "\n".join(f"The constant `{each.label}` is `{each.written}`." for each in package.constants)
    yield _block(
        f"interface {text_label(package.interface)}", docs.joined(package.doc, constants), scope, blocks
    )


def _grants(whole: model.Model, package: model.Package, grants: model.Grants) -> list[str]:
    functions = [f"get-{field.label}" for field in grants.fields]
    scope = _scope(whole, package, [field.type for field in grants.fields], taken=functions, fails=False)
    blocks = [
        [*docs.wit_lines(field.doc), f"get-{field.label}: func() -> {scope.type(field.type)};"]
        for field in grants.fields
    ]
    return _block(f"interface {grants.label}", grants.doc, scope, blocks)


def _exports(whole: model.Model, package: model.Package, resource: model.Resource, label: str) -> list[str]:
    name = resource.names.label
    exported = replace(resource, casts=(), untold=False)  # a guest cannot make a handle of what it imports
    fails = bool(resource.inherited or resource.methods)
    scope = _scope(whole, package, model.mentioned(exported), taken=[name], fails=fails)
    return _block(f"interface {label}", "", scope, [_resource(scope, exported, ["constructor();"])])


def _guest(whole: model.Model, package: model.Package, guest: model.GuestInterface) -> Iterator[list[str]]:
    resource = whole.definitions[guest.key]
    assert isinstance(resource, model.Resource)
    label = resource.names.label
    own = model.Own(resource.key)
    scope = _scope(whole, package, [own], taken=["wrap", "number-of"], fails=False)
    blocks = [
        [*docs.wit_lines(WRAP), f"wrap: func(object: u32) -> {scope.type(own)};"],
        [
            *docs.wit_lines(NUMBER_OF),
            f"number-of: func(handle: {scope.type(model.Borrow(own.key))}) -> option<u32>;",
        ],
    ]
    yield _block(f"interface {guest.label}", f"The component's own objects as `{label}`.", scope, blocks)
    methods = (*resource.inherited, *resource.methods)
    types = model.mentioned(replace(resource, casts=()))
    taken = ["release", *(called(method.label) for method in methods)]
    scope = _scope(whole, package, types, taken=taken, fails=bool(methods))
    blocks = [[*docs.wit_lines(method.doc), scope.call(method)] for method in methods]
    blocks.append([*docs.wit_lines(RELEASE), "release: func(object: u32);"])
    doc = f"Where the component's own `{label}` objects are called, by their numbers."
    yield _block(f"interface {guest.calls}", doc, scope, blocks)


def called(label: str) -> str:
    """The function that a method of a component's own objects is: `call-deliver`."""
    return f"call-{label}"


def _numbered(method: model.Method) -> str:
    """What a function calls the number of the object: none of the method's own parameters."""
    name, taken = "object", {canonical(param.label) for param in method.params}
    while canonical(name) in taken:
        name = f"the-{name}"
    return name


def _world(package: model.Package, world: model.World) -> list[str]:
    imports = [*([package.interface] if package.declared else []), *world.imports]
    blocks = [[f"import {text_label(label)};" for label in imports]]
    blocks.append([f"export {label};" for label in world.exports])
    return [f"world {text_label(world.label)} {{", *_indented(filter(None, blocks)), "}"]


def _block(head: str, doc: str, scope: _Scope, blocks: Sequence[list[str]]) -> list[str]:
    uses = [list(scope.uses)] if scope.uses else []
    return [*docs.wit_lines(doc), f"{head} {{", *_indented([*uses, *blocks]), "}"]


def _indented(blocks: Iterable[Sequence[str]]) -> Iterator[str]:
    """Blocks, an empty line between each two."""
    for index, block in enumerate(blocks):
        if index:
            yield ""
        for line in block:
            yield f"  {line}"


def _definition(scope: _Scope, definition: model.Definition) -> list[str]:
    head = text_label(definition.names.label)
    match definition:
        case model.Record():
            fields = [
                (field.doc, f"{text_label(field.label)}: {scope.type(field.type)},")
                for field in definition.fields
            ]
            return _braced(f"record {head}", definition.doc, fields)
        case model.Variant():
            cases = [
                (case.doc, f"{text_label(case.label)}{f'({scope.type(case.type)})' if case.type else ''},")
                for case in definition.cases
            ]
            return _braced(f"variant {head}", definition.doc, cases)
        case model.Enum():
            listed = [(case.doc, f"{text_label(case.label)},") for case in definition.cases]
            return _braced(f"enum {head}", definition.doc, listed)
        case model.Nodes():
            listed = [("", f"{text_label(label)}({scope.type(type)}),") for label, type in definition.cases]
            return _braced(f"variant {head}", definition.doc, listed)
        case model.Arena():
            nodes = ("", f"nodes: list<{scope.type(definition.nodes)}>,")
            return _braced(f"record {head}", definition.doc, [nodes])
        case model.Resource():
            return _resource(scope, definition, [])
        case _:
            assert_never(definition)


def _resource(scope: _Scope, resource: model.Resource, constructors: Sequence[str]) -> list[str]:
    head = f"resource {text_label(resource.names.label)}"
    items = [("", line) for line in constructors]
    items += [(method.doc, scope.method(method)) for method in (*resource.inherited, *resource.methods)]
    items += [
        (_cast_doc(resource, cast), f"{cast.label}: func() -> {scope.type(model.Own(cast.key))};")
        for cast in resource.casts
    ]
    if resource.untold:
        own, any_cap = scope.type(model.Own(resource.key)), scope.type(model.Own(ANY_CAP))
        items.append(
            ("A handle of this capability that does not tell its interface.", f"to-any: func() -> {any_cap};")
        )
        items.append(
            ("The other way.", f"from-any: static func(cap: {any_cap}) -> result<{own}, cap-error>;")
        )
    return _braced(head, resource.doc, items) if items else [*docs.wit_lines(resource.doc), f"{head};"]


def _cast_doc(resource: model.Resource, cast: model.Cast) -> str:
    if cast.key == resource.key:
        return "Another handle of this capability: to give one away and keep one."
    return "A handle of this capability as what it extends."


def _braced(head: str, doc: str, items: Iterable[tuple[str, str]]) -> list[str]:
    lines = [line for doc_of, text in items for line in (*docs.wit_lines(doc_of), text)]
    return [*docs.wit_lines(doc), f"{head} {{", *(f"  {line}" for line in lines), "}"]
