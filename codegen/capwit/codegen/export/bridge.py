"""A bridge file, read: the schema that `capwit generate` made WIT of, and the labels that it gave.

What it says of annotations is the package, the labels, what is left out, and which resources are WIT's own.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import capnp
from capwit.codegen.emit.bridge_file import FORMAT
from capwit.codegen.errors import GenerateError
from capwit.codegen.schema.parser import import_roots
from capwit.codegen.schema.reader import schema_capnp
from capwit.codegen.schema.request import read as read_request

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from capwit.codegen.schema.nodes import Schema

MAX_SIZE: Final = 64 << 20  # bytes
MAX_FILES: Final = 1000
_WORDS: Final = 1 << 26
_DECLARED: Final = ("struct", "enum", "interface")
_LONGEST_NAME: Final = 200  # bytes of a file's, to which others are added


@dataclass(frozen=True, slots=True)
class Bridge:
    """What a bridge file says, with those of all that it imports.

    `files` are the files that it is of itself, by id: their names, and what each imports. `labels` are by
    declaration, and by declaration and member; one that is `None` is not in the WIT.
    """

    package: str
    interface: str
    schema: Schema
    files: Mapping[int, str]
    imports: Mapping[int, Mapping[str, int]]
    constants: tuple[str, ...]
    labels: Mapping[tuple[int, str], str | None]
    resources: Mapping[int, Mapping[str, str]]
    brands: Mapping[int, tuple[str, ...]]
    """The labels of what each generic has become."""
    beside: tuple[Path, ...]
    """The bridge files of what it imports by a relative name."""


def read(path: Path) -> Bridge:
    """Reads a bridge file, and those beside it that it needs. Raises `GenerateError`."""
    content = _content(path)
    try:
        return _Reader(path, content).bridge()
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError, capnp.KjException) as error:
        told = str(error).partition("\nstack:")[0][:200]
        message = f"it is not a bridge file that this version of capwit wrote: {type(error).__name__}: {told}"
        raise GenerateError(str(path), message=message, mend="run `capwit generate` again") from None


def is_of(path: Path) -> tuple[str, str]:
    """The package and interface that a bridge file is of. Raises `GenerateError`."""
    content = _content(path)
    return str(content.get("package")), str(content.get("interface"))


def _content(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            text = file.read(MAX_SIZE + 1)
    except OSError as error:
        raise GenerateError(str(path), message=f"it cannot be read: {error.strerror}") from None
    try:
        content = json.loads(text) if len(text) <= MAX_SIZE else None
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        message = "it is not a bridge file that this version of capwit wrote"
        raise GenerateError(str(path), message=message, mend="run `capwit generate` again")
    return content


class _Reader:
    """One bridge file, and those that it needs, on their way to a request that has them all."""

    def __init__(self, path: Path, content: Mapping[str, Any]) -> None:
        self.path = path
        self.content = content
        self.schemas = schema_capnp()
        self.nodes: dict[int, Any] = {}
        self.nested: dict[int, list[tuple[int, str]]] = {}
        self.files: dict[int, tuple[str, dict[str, int]]] = {}

    def bridge(self) -> Bridge:
        own = self.add(self.content)
        waiting = [(self.path, self.content)]
        known = {self.path.resolve()}
        beside: list[Path] = []
        while waiting:
            path, content = waiting.pop()
            listed = [content, *content.get("others", ())]
            for name in sorted({name for each in listed for name in each["imports"]}):
                found = _beside(path, name)
                if found is None or found.resolve() in known:
                    continue
                known.add(found.resolve())
                if not name.startswith("/"):
                    beside.append(found)
                if len(known) > MAX_FILES:
                    raise ValueError(f"it needs more than {MAX_FILES} others")
                waiting.append((found, _content(found)))
                self.add(waiting[-1][1])
        request = self.request(own)
        schema = read_request(request, roots=len(own), schema=None)
        declarations = self.content["declarations"]
        labels: dict[tuple[int, str], str | None] = {}
        resources = {}
        for each in declarations:
            id = int(each["id"], 16)
            labels[id, ""] = each["wit"]
            for kind in ("fields", "enumerants", "methods"):
                labels |= {(id, member["name"]): member["wit"] for member in each.get(kind, ())}
            if "resource" in each:
                resources[id] = {str(key): str(value) for key, value in each["resource"].items()}
        return Bridge(
            package=str(self.content["package"]),
            interface=str(self.content["interface"]),
            schema=schema,
            files={id: self.files[id][0] for id in own},
            imports={id: imports for id, (_, imports) in self.files.items()},
            constants=tuple(str(each["name"]) for each in declarations if each["kind"] == "const"),
            labels=labels,
            resources=resources,
            brands=_brands(self.content.get("brands", ())),
            beside=tuple(beside),
        )

    def add(self, content: Mapping[str, Any]) -> list[int]:
        """Takes what one file says: its nodes, and where they are declared; the files that it is of."""
        files = []
        for each in (content, *content.get("others", ())):
            files.append(int(each["id"], 16))
            imports = {str(name): int(id, 16) for name, id in each["imports"].items()}
            name = str(each["schema"])
            if not name.isprintable() or not 0 < len(name.encode()) <= _LONGEST_NAME:
                raise ValueError(f"{name!r:.60} is no name of a file")
            self.files[files[-1]] = name, imports
        packed = base64.b64decode("".join(content["nodes"]))
        request = self.schemas.CodeGeneratorRequest.from_bytes_packed(packed, _WORDS)
        for node in request.nodes:
            self.nodes[node.id] = node
        for each in content["declarations"]:
            if each["kind"] in _DECLARED:
                name = str(each["name"]).rpartition(".")[2]
                self.nested.setdefault(int(each["parent"], 16), []).append((int(each["id"], 16), name))
        return files

    def request(self, own: list[int]) -> bytes:
        """A request as Cap'n Proto's own compiler would give it, but for what bridge files leave out."""
        written = self.schemas.CodeGeneratorRequest.new_message()
        listed = written.init("nodes", len(self.nodes) + len(self.files))
        for index, node in enumerate(self.nodes.values()):
            listed[index] = node
            self._nest(listed[index])
        for index, (id, (name, _)) in enumerate(self.files.items(), len(self.nodes)):
            node = listed[index]
            node.id, node.displayName, node.file = id, name, None
            self._nest(node)
        requested = written.init("requestedFiles", len(own))
        for file, id in zip(requested, own, strict=True):
            file.id, file.filename = id, self.files[id][0]
        return bytes(written.to_bytes())

    def _nest(self, node: Any) -> None:
        children = self.nested.get(node.id, [])
        for nested, (id, name) in zip(node.init("nestedNodes", len(children)), children, strict=True):
            nested.id, nested.name = id, name


def _brands(listed: Sequence[Mapping[str, Any]]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    for each in listed:
        id = int(each["id"], 16)
        found[id] = (*found.get(id, ()), str(each["wit"]))
    return found


def _beside(path: Path, name: str) -> Path | None:
    """The bridge file of a schema that another one imports, by the name that it imports it by."""
    bridge = name.removesuffix(".capnp") + ".bridge.json"
    if not name.startswith("/"):
        choices = [path.parent / bridge, path.parent / Path(bridge).name]
    else:
        choices = [root / bridge[1:] for root in import_roots()]
    return next((choice for choice in choices if choice.is_file()), None)
