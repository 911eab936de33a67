"""What pycapnp's parser does not tell of a schema's text: doc comments, places, imports and embedded files.

The text has been parsed before (or is about to be), so nothing is checked here: a scan of any text
ends, in time linear in its length, and finds what it can. In a text that the parser takes it finds every
string that the parser finds, for what is imported and embedded is looked at before the parser opens it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterator, Mapping, Sequence

Path: TypeAlias = tuple[str, ...]
"""A declaration by its names from the file inwards; a field or method is the last name. A method's
inline parameters are members of `(..., "method$Params")`, its results of `"method$Results"`; an annotation
of the file itself is `("$package",)`."""

_TOKEN: Final = re.compile(
    r"""(?P<space>[ \t\r\n\f\v\ufeff]+ | \#[^\n]*)
      | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<string>"(?:[^"\\\n]|\\.)*"? | `[^\r\n]*)
      | (?P<hex>0x"[^"]*"?)
      | (?P<number>[0-9][A-Za-z0-9_.]*)
      | (?P<mark>->|.)""",
    re.VERBOSE | re.DOTALL,
)
_DOC: Final = re.compile(r"[ \t\r]*\n?(?P<lines>(?:[ \t]*\#[^\n]*(?:\n|\Z))+)")
_COMMENT: Final = re.compile(r"[ \t]*\# ?([^\n]*)")
STREAM: Final = '"/capnp/stream.capnp"'
"""What `-> stream` imports."""

_TYPES: Final = frozenset({"struct", "enum", "interface", "const", "annotation"})


MAX_DEPTH: Final = 64
"""How deep declarations may nest in each other; what is deeper in is not noted."""


class Declaration(NamedTuple):
    """Where a declaration's name stands (line and column, from 1), and its doc comment."""

    line: int
    column: int
    doc: str


class Quoted(NamedTuple):
    """A string as it stands in a text, and its line (from 1)."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Scan:
    """All declarations of a text by path (`()` is the file), and the files that it imports and embeds.

    Those are strings as they stand there, quotes and all; each import once. `composed` tells whether it
    may hold a value of a struct: one in brackets, or by the name of a constant.
    """

    declarations: Mapping[Path, Declaration]
    imports: tuple[Quoted, ...]
    embeds: tuple[Quoted, ...]
    composed: bool = False


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


@dataclass(slots=True)
class _Text:
    """A text and its lines."""

    text: str
    lines: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.lines = [0, *(match.end() for match in re.finditer("\n", self.text))]

    def quoted(self, text: str, offset: int) -> Quoted:
        return Quoted(text, bisect_right(self.lines, offset))

    def declaration(self, offset: int, doc: str) -> Declaration:
        line = bisect_right(self.lines, offset)
        return Declaration(line, offset - self.lines[line - 1] + 1, doc)

    def doc_after(self, offset: int) -> str:
        """The comment that belongs to what ends at `offset`: it starts on that line or on the next one."""
        match = _DOC.match(self.text, offset)
        if match is None:
            return ""
        return "".join(
            _COMMENT.sub(r"\1", line).rstrip() + "\n" for line in match["lines"].rstrip("\n").split("\n")
        )

    def tokens(self) -> Iterator[_Token]:
        for match in _TOKEN.finditer(self.text):
            kind = match.lastgroup or ""
            if kind != "space":
                yield _Token(kind, match[0], match.start(), match.end())


def read_text(path: pathlib.Path) -> str:
    """The text of a file as Cap'n Proto reads it: only a newline ends a line, and with it a comment."""
    return path.read_bytes().decode("utf-8", "replace")


def scan(text: str) -> Scan:
    """Finds the declarations and imports in the text of a schema."""
    source = _Text(text)
    found: dict[Path, Declaration] = {}
    imports: dict[str, Quoted] = {}
    embeds: list[Quoted] = []
    composed = False
    scopes: list[Path | None] = [()]  # None: a block that declares nothing
    statement: list[_Token] = []
    for token in source.tokens():
        if token.text in ("{", ";"):
            scope = scopes[-1]
            doc = source.doc_after(token.end)
            inner = None if scope is None else _declare(source, found, scope, statement, doc)
            if token.text == "{":
                scopes.append(inner)
            statement = []
        elif token.text == "}":
            _late_doc(found, scopes[-1], source.doc_after(token.end))
            if len(scopes) > 1:
                scopes.pop()
            statement = []
        else:
            before = statement[-1].text if statement else ""
            if token.kind == "string" and before == "import":
                imports.setdefault(token.text, source.quoted(token.text, token.start))
            elif token.kind == "string" and before == "embed":
                embeds.append(source.quoted(token.text, token.start))
            elif before == "->" and token.text == "stream":  # the parser looks it up by itself
                imports.setdefault(STREAM, source.quoted(STREAM, token.start))
            composed |= (before == "=" and token.kind in ("mark", "word")) or before == token.text == "("
            statement.append(token)
    found.setdefault((), Declaration(1, 1, ""))
    return Scan(found, tuple(imports.values()), tuple(embeds), composed)


class Deepest(NamedTuple):
    """Where brackets nest deepest in a text (line and column, from 1), and how deep."""

    depth: int
    line: int
    column: int


NOWHERE: Final = Deepest(0, 0, 0)
"""Where they do in no text."""


def deepest(text: str) -> Deepest:
    """Finds where brackets nest deepest in a text."""
    source = _Text(text)
    depth, found, at = 0, 0, 0
    for token in source.tokens():
        depth += (token.text in ("(", "[", "{")) - (token.text in (")", "]", "}"))
        if depth > found:
            found, at = depth, token.start
    place = source.declaration(at, "")
    return Deepest(found, place.line, place.column)


def _declare(
    source: _Text, found: dict[Path, Declaration], scope: Path, statement: Sequence[_Token], doc: str
) -> Path | None:
    """Notes what a statement declares; answers the scope that a block behind it opens."""
    first = statement[0] if statement else None
    second = statement[1] if len(statement) > 1 else None
    if first is None:
        return None
    if first.text == "@" and not scope:
        found[()] = Declaration(1, 1, doc)
        return None
    if first.text == "$" and not scope:
        annotation = next((one.text for one, after in pairwise(statement) if after.text == "("), "")
        found.setdefault((f"${annotation}",), source.declaration(first.start, ""))
        return None
    if first.text == "union" and (second is None or second.text in "@$"):
        return scope  # the members of an unnamed union are those of its struct
    if first.kind != "word" or second is None or first.text == "using":
        return None
    name = second if first.text in _TYPES and second.kind == "word" else first
    if len(scope) == MAX_DEPTH:
        return None
    path = (*scope, name.text)
    found.setdefault(path, source.declaration(name.start, doc))
    _declare_parameters(source, found, path, statement)
    return path


def _declare_parameters(
    source: _Text, found: dict[Path, Declaration], path: Path, statement: Sequence[_Token]
) -> None:
    """Notes a method's inline parameters and results: `m @0 (a :Text) -> (b :Text)`."""
    depth = 0
    owner = (*path[:-1], f"{path[-1]}$Params")
    for before, token, after in zip(statement, statement[1:], statement[2:], strict=False):
        depth += (before.text in "([") - (before.text in ")]")
        if before.text == "->" and not depth:
            owner = (*path[:-1], f"{path[-1]}$Results")
        elif depth == 1 and before.text in "(," and token.kind == "word" and after.text == ":":
            found.setdefault((*owner, token.text), source.declaration(token.start, ""))


def _late_doc(found: dict[Path, Declaration], scope: Path | None, doc: str) -> None:
    """A comment behind a block belongs to it, unless one stands at its head."""
    declaration = found.get(scope) if scope else None
    if scope and declaration and doc and not declaration.doc:
        found[scope] = declaration._replace(doc=doc)
