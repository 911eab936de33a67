"""Names: from the schema's camelCase to WIT labels, and from labels to Python's.

Everything in Python is named after its WIT label, so that one name space is decided, once.
"""

from __future__ import annotations

import keyword
import re
from functools import lru_cache
from typing import Final

LABEL: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
"""A WIT label as this generator makes and takes them: all in lower case."""

PACKAGE: Final = re.compile(
    r"(?P<name>[a-z][a-z0-9]*(-[a-z0-9]+)*:[a-z][a-z0-9]*(-[a-z0-9]+)*)"
    r"(@(?P<version>(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?))?"
)
"""A WIT package's name: `demo:kv@0.1.0`."""

WIT_KEYWORDS: Final = frozenset(
    [
        "as",
        "async",
        "bool",
        "borrow",
        "char",
        "constructor",
        "enum",
        "error-context",
        "export",
        "f32",
        "f64",
        "flags",
        "from",
        "func",
        "future",
        "import",
        "include",
        "interface",
        "list",
        "map",
        "option",
        "own",
        "package",
        "record",
        "resource",
        "result",
        "s16",
        "s32",
        "s64",
        "s8",
        "static",
        "stream",
        "string",
        "tuple",
        "type",
        "u16",
        "u32",
        "u64",
        "u8",
        "use",
        "variant",
        "with",
        "world",
    ]
)

CLIENT_ATTRIBUTES: Final = frozenset(
    [
        "attenuate",
        "borrow",
        "close",
        "end_loan",
        "interface",
        "keep",
        "lent",
        "local",
        "owned",
        "owning",
        "revoke",
        "target",
    ]
)
"""What every client has: a method of a schema that is named so is called with an underscore behind it."""

GRANTS_ATTRIBUTES: Final = frozenset(
    {"capabilities", "clients", "granted", "grants_interface", "guarded", "prefix"}
)
"""What every grants dataclass has."""

MODULE_NAMES: Final = frozenset(
    ["BINDINGS", "Enum", "Final", "MaybeAwaitable", "Protocol", "Sequence", "TypeAlias"]
)
"""What a generated module imports or defines by itself; a generated name gives way."""


_NO_LETTERS: Final = re.compile(r"[^A-Za-z0-9]+")
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@lru_cache(maxsize=2**16)
def kebab(name: str) -> str:
    """The WIT label of a schema's name: `openSub` and `HTTPServer` are `open-sub` and `http-server`."""
    return _HUMP.sub("-", _NO_LETTERS.sub("-", name)).strip("-").lower()


def file_label(stem: str) -> str:
    """The WIT label of a file's name, which need not be a legal label: `c++` is `cpp`."""
    return kebab(stem.replace("+", "p"))


def canonical(label: str) -> str:
    """What WIT tells names apart by: in one scope, `a-b` and `ab` are one name, and so are `A-B` and `ab`.

    Labels of this generator are in lower case already.
    """
    return label.replace("-", "")


def text_label(label: str) -> str:
    """A label as it stands in WIT text: a keyword takes a `%`."""
    return f"%{label}" if label in WIT_KEYWORDS else label


def snake(label: str) -> str:
    """The Python attribute, parameter or module of a label: `open-sub` is `open_sub`."""
    return escape(label.replace("-", "_").lower())


def attribute(label: str) -> str:
    """The attribute of a label in the bindings: as `snake`, but `wit` is the name of a module there."""
    return escape(snake(label), frozenset({"wit"}))


def pascal(label: str) -> str:
    """The Python class of a label: `entry-meta` is `EntryMeta`."""
    return "".join(part[:1].upper() + part[1:].lower() for part in label.split("-"))


def upper(label: str) -> str:
    """The Python constant of a label: `entry-meta` is `ENTRY_META`."""
    return label.replace("-", "_").upper()


def escape(name: str, reserved: frozenset[str] = frozenset()) -> str:
    """A Python name: one that is a keyword, or reserved, takes an underscore behind it."""
    return f"{name}_" if name in reserved or keyword.iskeyword(name) else name
