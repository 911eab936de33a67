"""Names and ids on the way from WIT to Cap'n Proto."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from capwit.codegen.base.names import kebab
from capwit.codegen.schema.annotations import Wit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from capwit.codegen.wit_reader.syntax import PackageName

RESERVED: Final = frozenset(
    [
        "AnyList",
        "AnyPointer",
        "AnyStruct",
        "Bool",
        "Capability",
        "Data",
        "Float32",
        "Float64",
        "Int16",
        "Int32",
        "Int64",
        "Int8",
        "List",
        "Text",
        "UInt16",
        "UInt32",
        "UInt64",
        "UInt8",
        "Void",
        "Wit",
    ]
)
"""What means something of its own where a type is named; `Wit` is the file of the annotations."""

LONGEST: Final = 60
"""How long the name of a struct may be that WIT has no name for."""

_HIGH: Final = 1 << 63


class Namespace:
    """The names of one scope: what is taken twice gets a number."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        """A scope in which some names are not free."""
        self.taken = {*taken}
        self.numbers: dict[str, int] = {}

    def claim(self, name: str) -> str:
        """Takes a name, or the first free one with a number behind it."""
        found = name
        while found in self.taken:
            self.numbers[name] = self.numbers.get(name, 1) + 1
            found = f"{name}{self.numbers[name]}"
        self.taken.add(found)
        return found


def camel(label: str) -> str:
    """The name of a member: `get-all` is `getAll`."""
    first, *rest = label.lower().split("-")
    return first + "".join(map(capitalized, rest))


def pascal(label: str) -> str:
    """The name of a declaration: `http-error` is `HttpError`."""
    return "".join(map(capitalized, label.lower().split("-")))


def capitalized(word: str) -> str:
    """A word with a capital."""
    return word[:1].upper() + word[1:]


def named(name: str, label: str) -> tuple[str, ...]:
    """The annotation that makes `label` of a name again, where the name alone does not."""
    label = label.lower()
    return () if kebab(name) == label else (f'{Wit.NAME}("{label}")',)


def compatible(package: PackageName, interface: str) -> str:
    """What an interface is in all versions of its package that are compatible."""
    major, minor, *_ = [*package.version.partition("-")[0].split("."), "", ""]
    track = major if major not in ("", "0") else f"{major}.{minor}".strip(".")
    return f"{package.namespace}:{package.name}/{interface}@{track}"


def file_id(interface: str) -> int:
    """The id of an interface's file."""
    return int.from_bytes(hashlib.sha256(interface.lower().encode()).digest()[:8], "big") | _HIGH


def child_id(parent: int, name: str) -> int:
    """The id that Cap'n Proto itself derives for a declaration.

    Source: https://github.com/capnproto/capnproto/blob/v1.0.2/c++/src/capnp/compiler/parser.c++
    """
    digest = hashlib.md5(parent.to_bytes(8, "little") + name.encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[:8], "big") | _HIGH


def short(name: str) -> str:
    """A name that is not too long: what is cut off is told by a number made of it."""
    if len(name) <= LONGEST:
        return name
    digest = hashlib.sha256(name.encode()).digest()
    return f"{name[: LONGEST - 10]}{int.from_bytes(digest[:4], 'big')}"
