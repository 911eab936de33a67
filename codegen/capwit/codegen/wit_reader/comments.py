"""The comments of a WIT text, which nest, and the characters and depths that no text may have."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from capwit.codegen.errors import GenerateError, Location

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_NESTING: Final = 100
"""How many types may nest in each other; wit-parser's own bound."""

# Control characters, bidirectional overrides, and code points that Unicode has deprecated.
# Source: https://github.com/WebAssembly/component-model/blob/main/design/mvp/WIT.md#lexical-structure
_REFUSED: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069"
    "\u0149\u0673\u0f77\u0f79\u17a3\u17a4\u17b4\u17b5]"
)
_PARTS: Final = re.compile(r'//[^\n]*|/\*|"(?:[^"\\\n]|\\.)*"|->|[<>]')
_EDGES: Final = re.compile(r"/\*|\*/")
_SOLID: Final = re.compile(r"\S")
_LINE: Final = re.compile(r"[^\n]+")


@dataclass(frozen=True, slots=True)
class Text:
    """A text whose comments are blank, and the documentation of what stands at a place (an index)."""

    blanked: str
    docs: Mapping[int, str]


def prepare(text: str, file: str) -> Text:
    """Takes the comments out of a text; what remains stands where it stood. Raises `GenerateError`."""
    text = text.removeprefix("\ufeff")
    if bad := _REFUSED.search(text):
        message = f"the character U+{ord(bad[0]):04X} is not allowed in WIT"
        raise _error(text, file, bad.start(), message, "take it out")
    return _Comments(text, file).taken_out()


class _Comments:
    """One pass over a text."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.pieces: list[str] = []
        self.done = 0
        self.groups: list[tuple[int, list[str]]] = []  # where a group of comments ends, and their texts

    def taken_out(self) -> Text:
        at, depth = 0, 0
        while found := _PARTS.search(self.text, at):
            at = found.end()
            match found[0][:2]:
                case "<":
                    depth += 1
                    if depth >= MAX_NESTING:
                        message = f"more than {MAX_NESTING} types nest in each other"
                        raise _error(self.text, self.file, found.start(), message, "give some of them names")
                case ">":
                    depth = max(depth - 1, 0)
                case "//":
                    self.comment(found.start(), at)
                case "/*":
                    at = self.block_end(found.start())
                    self.comment(found.start(), at)
                case _:
                    pass  # an arrow, or a string
        blanked = "".join([*self.pieces, self.text[self.done :]])
        docs = {}
        for end, comments in self.groups:
            if solid := _SOLID.search(blanked, end):
                docs[solid.start()] = _doc(comments)
        return Text(blanked, docs)

    def block_end(self, start: int) -> int:
        depth, at = 1, start + 2
        while depth:
            edge = _EDGES.search(self.text, at)
            if edge is None:
                raise _error(self.text, self.file, start, "the comment has no end", "close it with `*/`")
            depth += 1 if edge[0] == "/*" else -1
            at = edge.end()
        return at

    def comment(self, start: int, end: int) -> None:
        between = self.text[self.done : start]
        comment = self.text[start:end]
        if self.groups and not between.strip():
            self.groups[-1] = (end, self.groups[-1][1])
        else:
            self.groups.append((end, []))
        self.groups[-1][1].append(comment)
        self.pieces += [between, _LINE.sub(lambda line: " " * len(line[0]), comment)]
        self.done = end


def _doc(comments: Sequence[str]) -> str:
    """What documentation says, without its marks and the indentation that all of it shares."""
    texts = []
    for comment in comments:
        if comment.startswith("/**") and comment != "/**/":
            texts.append(comment[3:-2].rstrip())
        elif comment.startswith("///"):
            texts.append(comment.lstrip("/").rstrip())
    filled = [text for text in texts if text]
    indent = min((len(text) - len(text.lstrip(" \t\r\n\f")) for text in filled), default=0)
    pad = " " * indent
    return "\n".join("\n".join(text.removeprefix(pad).splitlines()) for text in texts).rstrip("\n")


class Lines:
    """Where the lines of a text begin."""

    def __init__(self, text: str, file: str) -> None:
        """The lines of the text of a file."""
        self.file = file
        self.starts = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]

    def place(self, index: int) -> Location:
        """The line and column, counted from 1, of an index."""
        line = bisect_right(self.starts, index)
        return Location(self.file, line, index - self.starts[line - 1] + 1)


def _error(text: str, file: str, index: int, message: str, mend: str) -> GenerateError:
    return GenerateError(*Lines(text, file).place(index), message=message, mend=mend)
