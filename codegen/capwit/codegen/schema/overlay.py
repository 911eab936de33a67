"""An overlay: annotations for a schema that one cannot edit.

    ["kv.capnp"]                  # a file: of those that the schema uses, by its name
    package = "demo:kv@1.0.0"

    ["Bucket.set.value"]          # a declaration, a member, or a method's parameter (or result)
    name = "content"

    ["other.capnp:Thing"]         # the same, in a file that the schema imports
    skip = true

A key is a path, a value what `/capwit/wit.capnp` declares: a text, `true` for `Void`, a table for a struct.
`false` takes an annotation away that the schema gives.
"""

from __future__ import annotations

import tomllib
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias

from capwit.codegen.base.docs import literal
from capwit.codegen.errors import GenerateError
from capwit.codegen.schema.annotations import Wit
from capwit.codegen.schema.nodes import (
    Annotation,
    Const,
    Enum,
    Field,
    File,
    Group,
    Interface,
    Member,
    Method,
    Node,
    Pointer,
    Schema,
    Struct,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from capwit.codegen.schema.nodes import Body, Value

Kind: TypeAlias = Literal[
    "file", "struct", "enum", "interface", "const", "annotation", "field", "union", "group", "enumerant",
    "method", "param",
]  # fmt: skip
"""What an annotation may stand on, as Cap'n Proto calls it. A `union` is a named one."""


class Rule(NamedTuple):
    """What an annotation takes, and what it may stand on (nothing: on anything)."""

    takes: Literal["Text", "Void", "Resource"]
    on: frozenset[Kind] = frozenset()


RULES: Final[Mapping[Wit, Rule]] = {
    Wit.PACKAGE: Rule("Text", frozenset({"file"})),
    Wit.NAME: Rule("Text"),
    Wit.SKIP: Rule("Void"),
    Wit.OPEN: Rule("Void", frozenset({"enum", "union", "struct", "group"})),
    Wit.TRANSFER: Rule("Void", frozenset({"param", "field"})),
    Wit.REQUIRED: Rule("Void", frozenset({"field"})),
    Wit.OPTIONAL: Rule("Void", frozenset({"field"})),
    Wit.PIPELINE: Rule("Void", frozenset({"method"})),
    Wit.GRANTS: Rule("Text", frozenset({"struct"})),
    Wit.EXPORTS: Rule("Text", frozenset({"interface"})),
    Wit.GUEST: Rule("Text", frozenset({"interface"})),
    Wit.RESOURCE: Rule("Resource", frozenset({"interface"})),
    Wit.FUNCTION: Rule("Text", frozenset({"method"})),
}
"""What `/capwit/wit.capnp` says of each annotation."""

_BY_NAME: Final = {wit.name.lower(): wit for wit in Wit}
_SIZE: Final = 16 << 20  # bytes


class _Place(NamedTuple):
    """What a path leads to: a declaration, or a member of it."""

    node: int
    member: str
    kind: Kind


def apply(schema: Schema, overlay: Path) -> Schema:
    """The schema with the annotations of an overlay file.

    Raises `GenerateError`, which names the file and the key.
    """
    return _Overlay(schema, overlay).apply()


class _Overlay:
    """One overlay file on its way into a schema."""

    def __init__(self, schema: Schema, file: Path) -> None:
        self.schema = schema
        self.file = file
        self.nodes = dict(schema.nodes)
        self.files: dict[str, list[int]] = {}
        for id, source in schema.files.items():
            self.files.setdefault(source.path.name, []).append(id)
        self.paths = {(node.file, node.path): node.id for node in schema.nodes.values()}

    def apply(self) -> Schema:
        changes: dict[_Place, dict[int, Value]] = {}
        removed: dict[_Place, set[int]] = {}
        named: dict[_Place, str] = {}
        for key, table in self.read().items():
            place = self.place(key)
            if place in named:
                raise self.error(key, f"it is the same declaration as {named[place]!r}", "keep one of them")
            named[place] = key
            if not isinstance(table, dict):
                raise self.error(key, "its value is not a table", f'write ["{key}"] on a line of its own')
            for name, value in table.items():
                wit, given = self.annotation(key, place.kind, name, value)
                if given is False:
                    removed.setdefault(place, set()).add(wit)
                else:
                    changes.setdefault(place, {})[wit] = None if given is True else given
        for place in named:
            self.annotate(place, changes.get(place, {}), removed.get(place, set()))
        return replace(self.schema, nodes=self.nodes, members={})

    def read(self) -> dict[str, Any]:
        try:
            with self.file.open("rb") as file:
                text = file.read(_SIZE + 1)
            if len(text) > _SIZE:
                raise self.error("", f"it is longer than {_SIZE >> 20} MiB")
            return tomllib.loads(text.decode())
        except OSError as error:
            raise self.error("", f"it cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise self.error("", "it is not UTF-8") from None
        except tomllib.TOMLDecodeError as error:
            raise self.error("", f"it is not TOML: {error}") from None
        except RecursionError:
            raise self.error("", "it is not TOML: it nests too deep") from None

    def error(self, key: str, message: str, mend: str = "") -> GenerateError:
        return GenerateError(str(self.file), name=key, message=message, mend=mend)

    def place(self, key: str) -> _Place:
        """What a key names. A path without a file is looked up in the files that were asked for."""
        if key.endswith(".capnp"):
            return _Place(self.file_id(key, key), "", "file")
        name, colon, path = key.rpartition(":")
        files = (self.file_id(name, key),) if colon else self.schema.roots
        parts = tuple(path.split("."))
        places = list(filter(None, (self.find(file, parts) for file in files)))
        if not places:
            raise self.error(key, "the schema declares nothing of this name", self.suggest(path, files))
        if len(places) > 1:
            mend = f'write the file before it: "{self.schema.files[files[0]].path.name}:{path}"'
            raise self.error(key, "several of the files declare it", mend)
        return places[0]

    def file_id(self, name: str, key: str) -> int:
        found = self.files.get(name, [])
        if not found:
            listed = ", ".join(sorted(self.files))
            raise self.error(key, f"the schema uses no file {name!r}", f"it uses {listed}")
        if len(found) > 1:
            raise self.error(key, f"the schema uses several files named {name!r}", "rename one of them")
        return found[0]

    def find(self, file: int, path: tuple[str, ...]) -> _Place | None:
        *outer, last = path
        method = path[-2] if len(path) > 1 else ""
        holders = [tuple(outer)]
        holders += [(*outer[:-1], f"{method}${kind}") for kind in ("Params", "Results") if method]
        for holder in holders:
            id = self.paths.get((file, holder))
            member = self.schema.member(id, last) if id is not None else None
            if id is not None and member is not None:
                return _Place(id, last, self.kind_of(self.schema.nodes[id], member))
        id = self.paths.get((file, path))
        if id is None or not path[0]:
            return None
        return _Place(id, "", _kind(self.schema.nodes[id].body))

    def kind_of(self, node: Node, member: Member) -> Kind:
        match member:
            case Method():
                return "method"
            case Field(type=Group(id)):
                body = self.schema.node(id).body
                fields = body.fields if isinstance(body, Struct) else ()
                return "union" if fields and all(f.discriminant is not None for f in fields) else "group"
            case Field():
                return "param" if node.inline and node.path[-1].endswith("$Params") else "field"
            case _:
                return "enumerant"

    def suggest(self, path: str, files: Iterable[int]) -> str:
        close = get_close_matches(path, dict.fromkeys(self.names(files)), n=1)
        return (
            f'"{close[0]}" is the nearest one' if close else "write it as the schema does: Outer.Inner.member"
        )

    def names(self, files: Iterable[int]) -> Iterator[str]:
        wanted = set(files)
        for node in self.schema.nodes.values():
            if node.file in wanted:
                name = node.name.replace("$Params", "").replace("$Results", "")
                members = _members(node.body)
                yield from filter(None, [name, *(f"{name}.{member.name}" for member in members)])

    def annotation(self, key: str, kind: Kind, name: str, value: object) -> tuple[Wit, Value]:
        where = f"{key}.{name}"
        wit = _BY_NAME.get(name)
        if wit is None and isinstance(value, dict):
            mend = f'a path is one key, in quotes: ["{where}"]'
            raise self.error(where, f"{name!r} is not an annotation", mend)
        if wit is None:
            close = get_close_matches(name, _BY_NAME, n=1)
            mend = f"{close[0]!r} is the nearest one" if close else f"there are {', '.join(_BY_NAME)}"
            raise self.error(where, f"{name!r} is not an annotation", mend)
        rule = RULES[wit]
        if rule.on and kind not in rule.on:
            on = " and ".join(sorted(rule.on))
            raise self.error(where, f"{wit} does not stand on {_article(kind)}", f"it stands on: {on}")
        match rule.takes, value:
            case _, False:
                return wit, False
            case "Void", True:
                return wit, True
            case "Text", str(text):
                return wit, text
            case "Resource", {"interface": str(interface), "name": str(resource), **rest} if not rest:
                text = f"(interface = {literal(interface)}, name = {literal(resource)})"
                return wit, Pointer(text, value)
            case _:
                raise self.error(where, f"{wit} does not take {value!r:.60}", _MENDS[rule.takes])

    def annotate(self, place: _Place, given: Mapping[int, Value], removed: set[int]) -> None:
        node = self.nodes[place.node]

        def merged(old: Mapping[int, Value]) -> dict[int, Value]:
            return {id: value for id, value in {**old, **given}.items() if id not in removed}

        if not place.member:
            self.nodes[node.id] = replace(node, annotations=merged(node.annotations))
            return
        self.nodes[node.id] = replace(node, body=_with_member(node.body, place.member, merged))


_MENDS: Final = {
    "Text": 'give it a text: "..." (or false, which takes it away)',
    "Void": "give it true (or false, which takes it away)",
    "Resource": 'give it { interface = "wasi:io/streams@0.2.0", name = "input-stream" }',
}


def _with_member(body: Body, name: str, merged: Any) -> Body:
    def each(members: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(
            replace(member, annotations=merged(member.annotations)) if member.name == name else member
            for member in members
        )

    match body:
        case Struct():
            return replace(body, fields=each(body.fields))
        case Enum():
            return replace(body, enumerants=each(body.enumerants))
        case Interface():
            return replace(body, methods=each(body.methods))
        case _:
            return body


def _members(body: Body) -> tuple[Member, ...]:
    match body:
        case Struct(members) | Enum(members) | Interface(members):
            return members
        case _:
            return ()


def _kind(body: Body) -> Kind:
    match body:
        case File():
            return "file"
        case Struct():
            return "struct"
        case Enum():
            return "enum"
        case Interface():
            return "interface"
        case Const():
            return "const"
        case Annotation():
            return "annotation"


def _article(kind: Kind) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
