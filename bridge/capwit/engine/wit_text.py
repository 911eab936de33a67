"""A component's imports and exports as WIT, for people, generators and wit-parser.

The text has a package `root:component` whose world `root` is the component, and a nested package for
each package whose interfaces the world names. An interface that is imported and exported is printed
once, with the members of both. What WIT has no words for is told by a comment in its place.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final, TypeAlias

from capwit.engine import types
from capwit.engine.binary import LABEL
from capwit.engine.component import Component, Definition, Extern, Interface, Unsupported, Use
from capwit.engine.types import Function, Resource, Type

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

INDENT: Final = "  "
INTERFACE_NAME: Final = re.compile(rf"({LABEL}:{LABEL})/({LABEL})((?:@[0-9A-Za-z.+-]+)?)")
FUNCTION_NAME: Final = re.compile(rf"(?:\[(constructor|method|static)\]({LABEL})(?![\w-])\.?)?({LABEL})?")
# fmt: off
KEYWORDS: Final = frozenset({
    "as", "async", "bool", "borrow", "char", "constructor", "enum", "error-context", "export",
    "f32", "f64", "flags", "from", "func", "future", "import", "include", "interface", "list",
    "map", "option", "own", "package", "record", "resource", "result", "s16", "s32", "s64", "s8",
    "static", "stream", "string", "tuple", "type", "u16", "u32", "u64", "u8", "use", "variant",
    "with", "world",
})
# fmt: on

# The members of an interface by their names in the binary, each as lines of WIT.
Members: TypeAlias = dict[str, list[str]]


class UnsayableError(Exception):
    """Something that WIT has no words for. Inside this module only: a comment tells it."""


def to_wit(component: Component, without: str | None = None) -> str:
    """The WIT of a component: a text with the package `root:component` and all that it names.

    `without` leaves the packages of one namespace out, such as `wasi`: their names stand for them.
    """
    packages: dict[str, dict[str, Members]] = defaultdict(dict)
    for item in (*component.imports.values(), *component.exports.values()):
        if isinstance(item, Interface) and (match := INTERFACE_NAME.fullmatch(item.name)):
            package, label, version = match.groups()
            known = packages[package + version].setdefault(label, {})
            _merge(known, _members(item.name, item.types, item.functions, item.uses))
    parts = ["package root:component;", _text(_block("world root", _world(component)))]
    for package, interfaces in packages.items():
        if without is not None and package.startswith(f"{without}:"):
            continue
        blocks = (["", *_block(f"interface {_id(label)}", _layout(m))] for label, m in interfaces.items())
        lines = [line for block in blocks for line in block]
        parts.append(_text(_block(f"package {_path(package)}", lines[1:])))
    return "\n\n".join(parts) + "\n"


def _world(component: Component) -> Iterator[str]:
    named: dict[str, Type | Resource] = {}
    functions: dict[str, Function] = {}
    for name, item in component.imports.items():
        match item:
            case Definition(type):
                named[name] = type
            case Resource():
                named[name] = item
            case Function() if name.startswith("["):
                functions[name] = item
    yield from _layout(_members("", named, functions, component.uses))
    names = _names(named)
    for word, externs in (("import", component.imports), ("export", component.exports)):
        for name, item in externs.items():
            if word == "export" or (name not in named and name not in functions):
                yield from _extern(word, name, item, names)


def _extern(word: str, name: str, item: Extern, names: Mapping[_Key, str]) -> Iterator[str]:
    try:
        match item:
            case Interface() if INTERFACE_NAME.fullmatch(name):
                yield f"{word} {_path(name)};"
            case Interface():
                members = _members(name, item.types, item.functions, item.uses)
                yield from _block(f"{word} {_id(name)}: interface", _layout(members))
            case Function():
                yield f"{word} {_id(name)}: {_signature(item, names)};"
            case Unsupported(what):
                raise UnsayableError(what)
            case Definition() | Resource():
                raise UnsayableError("a type outside an interface")
    except UnsayableError as error:
        yield _comment(f"{word} {name}", error)


def _members(
    owner: str,
    named: Mapping[str, Type | Resource],
    functions: Mapping[str, Function],
    uses: Mapping[str, Use],
) -> Members:
    names = _names(named)
    members: Members = {}
    for label, type in named.items():
        use = uses.get(label)
        try:
            if use and INTERFACE_NAME.fullmatch(use.interface):
                members[label] = [_use(owner, label, use)]
            elif names[_key(type)] != label:
                members[label] = [f"type {_id(label)} = {_id(names[_key(type)])};"]
            elif isinstance(type, Resource):
                if use:
                    raise UnsayableError(f"a resource of {use.interface or 'the world'}")
                members[label] = [f"resource {_id(label)};"]
            else:
                members[label] = list(_definition(label, type, names))
        except UnsayableError as error:
            members[label] = [_comment(label, error)]
    for name, function in functions.items():
        try:
            members[name] = [_member(name, function, names)]
        except UnsayableError as error:
            members[name] = [_comment(name, error)]
    return members


def _merge(members: Members, more: Members) -> None:
    """Add the members of the same interface, seen from its other side."""
    for name, lines in more.items():
        if members.setdefault(name, lines) != lines:
            members[f"{name}, as it is exported"] = [f"// as it is exported: {line}" for line in lines]


def _layout(members: Members) -> Iterator[str]:
    """The lines of a whole interface, each method in its resource."""
    methods: dict[str, list[str]] = defaultdict(list)
    others: Members = {}
    for name, lines in members.items():
        match = FUNCTION_NAME.match(name)
        if match and match[2]:
            methods[match[2]] += lines
        else:
            others[name] = lines
    for lines in others.values():
        yield from (line for line in lines if line.startswith("use "))
    for name, lines in others.items():
        if name in methods and lines[0].startswith("resource "):
            yield from _block(lines[0].removesuffix(";"), methods.pop(name))
        elif not lines[0].startswith("use "):
            yield from lines
    for resource, lines in methods.items():
        yield from (_comment(line, UnsayableError(f"a member of {resource}")) for line in lines)


def _definition(label: str, type: Type, names: Mapping[_Key, str]) -> Iterator[str]:
    match type:
        case types.Record(fields):
            lines = [f"{_id(field.label)}: {_type(field.type, names)}," for field in fields]
            yield from _block(f"record {_id(label)}", lines)
        case types.Variant(cases):
            payloads = [f"({_type(case.type, names)})" if case.type else "" for case in cases]
            lines = [f"{_id(case.label)}{payload}," for case, payload in zip(cases, payloads, strict=True)]
            yield from _block(f"variant {_id(label)}", lines)
        case types.Enum(labels):
            yield from _block(f"enum {_id(label)}", [f"{_id(case)}," for case in labels])
        case types.Flags(labels):
            yield from _block(f"flags {_id(label)}", [f"{_id(flag)}," for flag in labels])
        case _:
            yield f"type {_id(label)} = {_type(type, names)};"


def _member(name: str, function: Function, names: Mapping[_Key, str]) -> str:
    match = FUNCTION_NAME.fullmatch(name)
    match match.groups() if match else None:
        case ["constructor", _, None]:
            bare = isinstance(function.result, types.Own)
            made = Function(function.params, None if bare else function.result)
            return _signature(made, names).replace("func", "constructor", 1) + ";"
        case ["method", _, str(label)] if function.params:
            return f"{_id(label)}: {_signature(Function(function.params[1:], function.result), names)};"
        case ["static", _, str(label)]:
            return f"{_id(label)}: static {_signature(function, names)};"
        case [None, None, str(label)]:
            return f"{_id(label)}: {_signature(function, names)};"
        case _:
            raise UnsayableError("a function of a name that is not WIT's")


def _signature(function: Function, names: Mapping[_Key, str]) -> str:
    params = ", ".join(f"{_id(label)}: {_type(type, names)}" for label, type in function.params)
    result = f" -> {_type(function.result, names)}" if function.result else ""
    return f"func({params}){result}"


def _type(type: Type, names: Mapping[_Key, str]) -> str:
    match type:
        case types.Prim(name):
            return name
        case types.String():
            return "string"
        case types.List(element):
            return f"list<{_type(element, names)}>"
        case types.Option(some):
            return f"option<{_type(some, names)}>"
        case types.Tuple(items):
            return f"tuple<{', '.join(_type(item, names) for item in items)}>"
        case types.Result(None, None):
            return "result"
        case types.Result(ok, None) if ok:
            return f"result<{_type(ok, names)}>"
        case types.Result(ok, err):
            return f"result<{_type(ok, names) if ok else '_'}, {_type(err, names) if err else '_'}>"
        case types.Own(resource):
            return _reference(resource, names)
        case types.Borrow(resource):
            return f"borrow<{_reference(resource, names)}>"
        case types.Record() | types.Variant() | types.Enum() | types.Flags():
            return _reference(type, names)


# Names. A type is referred to by the label that its interface gives it.

_Key: TypeAlias = tuple[str, str | Type]
_Named: TypeAlias = Resource | types.Record | types.Variant | types.Enum | types.Flags


def _names(named: Mapping[str, Type | Resource]) -> dict[_Key, str]:
    names: dict[_Key, str] = {}
    for label, type in named.items():
        names.setdefault(_key(type), label)
    for label, type in named.items():
        if not isinstance(type, Resource):
            names.setdefault(("", type), label)  # what has another name, or none, but the same shape
    return names


def _key(type: Type | Resource) -> _Key:
    """What tells a type from others. A resource is the same one whether imported or exported."""
    match type:
        case Resource(interface, name):
            return (interface, name)
        case types.Record() | types.Variant() | types.Enum() | types.Flags():
            return (type.name, type)
        case _:
            return ("", type)


def _reference(type: _Named, names: Mapping[_Key, str]) -> str:
    label = names.get(_key(type)) or (None if isinstance(type, Resource) else names.get(("", type)))
    if label is None:
        raise UnsayableError(f"the type {type.name!r}, which its interface does not name")
    return _id(label)


def _use(owner: str, label: str, use: Use) -> str:
    """A `use`, by the interface's short name where it is of the same package."""
    here, there = INTERFACE_NAME.fullmatch(owner), INTERFACE_NAME.fullmatch(use.interface)
    near = here and there and (here[1], here[3]) == (there[1], there[3])
    path = _id(there[2]) if near and there else _path(use.interface)
    renamed = "" if label == use.label else f" as {_id(label)}"
    return f"use {path}.{{{_id(use.label)}{renamed}}};"


def _path(name: str) -> str:
    """A package's or interface's full name, its version as it is."""
    path, at, version = name.partition("@")
    return re.sub(LABEL, lambda label: _id(label[0]), path) + at + version


def _id(label: str) -> str:
    if not re.fullmatch(LABEL, label):
        raise UnsayableError("a name that is not WIT's")
    return f"%{label}" if label in KEYWORDS else label


# Layout


def _block(head: str, lines: Iterable[str]) -> list[str]:
    return [f"{head} {{", *(INDENT + line if line else line for line in lines), "}"]


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines)


def _comment(what: str, error: UnsayableError) -> str:
    return f"// {what}: {error}, for which WIT has no words"
