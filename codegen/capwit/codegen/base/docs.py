"""Doc comments, made fit for WIT text and for Python source."""

from __future__ import annotations

import math
import re
import textwrap
from typing import Final

# What wit-parser refuses in a comment: control characters, bidirectional overrides, deprecated code points.
# Source: https://github.com/bytecodealliance/wasm-tools/blob/main/crates/wit-parser/src/ast/lex.rs
_REFUSED: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff"
    "\u0149\u0673\u0f77\u0f79\u17a3\u17a4\u17b4\u17b5]"
)


def clean(doc: str) -> str:
    """A doc comment without what no text may hold, and without empty lines around it."""
    lines = [line.rstrip() for line in _REFUSED.sub("", doc.replace("\t", "    ")).split("\n")]
    return "\n".join(lines).strip("\n")


def joined(*parts: str) -> str:
    """Paragraphs, one below the other; empty ones vanish."""
    return "\n\n".join(filter(None, parts))


def wit_lines(doc: str) -> list[str]:
    """A doc comment as WIT text. Generators put it into string literals of other languages, unescaped."""
    safe = doc.replace("\\", "\\\\").replace('"""', "'''")
    return [f"/// {line}".rstrip() for line in safe.split("\n")] if safe else []


def python_lines(doc: str) -> list[str]:
    """A doc comment as a docstring, its lines not indented."""
    safe = doc.replace("\\", "\\\\").replace('"""', "'''")
    lines = safe.split("\n")
    if safe.endswith('"'):
        lines[-1] = f'{lines[-1][:-1]}\\"'
    first = lines[0].strip()
    if first.startswith('"'):
        first = f" {first}"  # a formatter leaves no four quotes
    if len(lines) == 1:
        return [f'"""{first}"""']
    rest = textwrap.dedent("\n".join(lines[1:])).split("\n")  # as a formatter leaves it
    return [f'"""{first}', *rest, '"""']


def literal(value: object) -> str:
    """A value as a schema writes it: `5`, `"text"`, `0x"00 ff"`, `true`."""
    match value:
        case None:
            return "void"
        case bool():
            return "true" if value else "false"
        case float() if math.isnan(value):
            return "nan"
        case float() if math.isinf(value):
            return "inf" if value > 0 else "-inf"
        case str():
            text = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
            return f'"{_REFUSED.sub("?", text)}"'
        case bytes():
            return f'0x"{value.hex(" ")}"'
        case _:
            return _REFUSED.sub("?", str(value))
