"""Text from a schema is untrusted: whatever it holds, it stays a comment, a docstring, a label."""

from __future__ import annotations

import ast
import json
import unicodedata

import pytest
from capwit.codegen.base import docs, names
from capwit.codegen.schema.scan import scan
from hypothesis import example, given
from hypothesis import strategies as st

TEXT = st.text(st.characters(codec="utf-8") | st.sampled_from('"\\\n\t#{}();@'))


@given(TEXT)
@example('ends with a quote"')
@example('"""\nimport os\n"""')
@example("ends with a backslash\\")
@example("\u202eoverride")
def test_a_doc_comment_stays_a_docstring(doc: str) -> None:
    cleaned = docs.clean(doc)
    (statement,) = ast.parse("\n".join(docs.python_lines(cleaned))).body
    assert isinstance(statement, ast.Expr)
    written = ast.literal_eval(statement.value)
    assert written.strip() == cleaned.replace('"""', "'''").strip()


@given(TEXT)
def test_a_doc_comment_stays_a_wit_comment(doc: str) -> None:
    lines = docs.wit_lines(docs.clean(doc))
    text = "\n".join(lines)
    assert all(line.startswith("///") for line in lines)
    assert text.count("\n") == max(len(lines) - 1, 0)
    assert '"""' not in text
    assert not {char for char in text if unicodedata.category(char) == "Cc"} - {"\n"}


@given(st.text())
def test_a_literal_is_one_line(value: str) -> None:
    assert "\n" not in docs.literal(value)
    assert "\n" not in docs.literal(json.dumps(value))


@given(st.from_regex(r"[A-Za-z][A-Za-z0-9]*", fullmatch=True))
def test_every_name_has_a_label(name: str) -> None:
    label = names.kebab(name)
    assert names.LABEL.fullmatch(label)
    assert label.replace("-", "") == name.lower()
    assert names.snake(label).isidentifier()
    assert names.pascal(label).isidentifier()


@given(TEXT)
@example("union {" * 100)
@example('import "')
@example("a @0 (b :c")
def test_any_text_can_be_scanned(text: str) -> None:
    lines = text.split("\n")
    for declaration in scan(text).declarations.values():
        assert 1 <= declaration.line <= len(lines)
        assert 1 <= declaration.column <= len(lines[declaration.line - 1]) + 1


@pytest.mark.parametrize(
    "before",
    [
        "const a :Text = ",
        "const a :Text = # comment\n",
        'const a :Data = 0x"41\n"; const b :Text = ',
        'const a :Text =\n`"\\\n; const b :Text = ',
        "const a :Text =\n`# is no comment\r; const b :Text = ",
        'const a :Text = "#"; const b :Text = ',
        'const a :Text = "\\"#"; const b :Text = ',
    ],
)
def test_no_file_is_hidden_from_a_scan(before: str) -> None:
    """Cap'n Proto's parser takes each of these, and would read the file."""
    (imported,) = scan(f'{before}import"file";').imports
    (embedded,) = scan(f'{before}embed"file";').embeds
    assert imported.text == embedded.text == '"file"'
