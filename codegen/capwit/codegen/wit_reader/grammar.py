"""The grammar of WIT, `wit.lark`, and what is told of a text that it does not fit."""

from __future__ import annotations

from functools import cache
from importlib.resources import files as resources
from typing import TYPE_CHECKING, Final

from capwit.codegen.errors import GenerateError
from lark import Lark, UnexpectedCharacters, UnexpectedInput, UnexpectedToken

if TYPE_CHECKING:
    from capwit.codegen.wit_reader.comments import Lines

_SYNTAX: Final = (
    "write what WIT's syntax has: https://github.com/WebAssembly/component-model/blob/main/design/mvp/WIT.md"
)


@cache
def parser() -> Lark:
    """The parser of WIT, which is made once."""
    grammar = resources("capwit.codegen.wit_reader").joinpath("wit.lark").read_text("utf-8")
    return Lark(grammar, parser="lalr", lexer="basic", maybe_placeholders=False)


def unexpected(error: UnexpectedInput, lines: Lines, end: int) -> GenerateError:
    """Our error for what the parser did not expect."""
    match error:
        case UnexpectedToken(token=token):
            at = end if token.type == "$END" else token.start_pos or 0
            found = "the end of the text" if token.type == "$END" else f"`{token:.40}`"
            wanted = sorted({_shown(name) for name in error.accepts or error.expected})
            mend = f"write {' or '.join(wanted)} there" if len(wanted) <= _MANY else _SYNTAX
            message = f"{found} is not expected here"
        case UnexpectedCharacters():
            at = error.pos_in_stream or 0
            message = f"the character {error.char!r} is not expected here"
            mend = _SYNTAX
        case _:
            at, message, mend = end, "it is not WIT", _SYNTAX
    return GenerateError(*lines.place(at), message=message, mend=mend)


_MANY: Final = 4
"""How many things that may stand at a place are told."""

_SHOWN: Final = {
    "ID": "a name",
    "ESCAPED": "a name",
    "PRIMITIVE": "a type",
    "VERSION": "a version",
    "INTEGER": "a number",
    "STRING": "a string",
    "$END": "nothing",
}


def _shown(terminal: str) -> str:
    """What a terminal is to somebody who writes WIT."""
    if terminal in _SHOWN:
        return _SHOWN[terminal]
    return f"`{_symbols().get(terminal, terminal.lower())}`"


@cache
def _symbols() -> dict[str, str]:
    return {terminal.name: str(terminal.pattern.value) for terminal in parser().terminals}
