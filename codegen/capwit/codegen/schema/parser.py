"""Parses a `.capnp` file: a path goes in, a `CodeGeneratorRequest` comes out.

pycapnp's parser ends the whole process on a schema that is not valid, so it runs in a child
(`capwit.codegen.schema.parser_child`), which bounds its own time and memory: a schema is untrusted.
"""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import capwit
from capwit.codegen.errors import GenerateError, shown
from capwit.codegen.schema.scan import NOWHERE, deepest, read_text, scan

if TYPE_CHECKING:
    from collections.abc import Sequence

TIMEOUT: Final = 60.0
"""Seconds that a schema and its imports may take to parse."""

_FAILURE: Final = re.compile(r"(?:\s*what\(\):\s*)?(?P<file>[^\n]+?):(?P<line>\d+): failed: (?P<message>.+)")
_MEMBER: Final = re.compile(r"context: member\.name = (\w+)")
_SUBJECT: Final = re.compile(r"(?:: |['\"])([\w./+-]+)['\"]?$")

_LANGUAGE: Final = "https://capnproto.org/language.html"
_MENDS: Final = {
    "File does not declare an ID": "add the line `@0x...;` that is named here at the head of the file",
    "file to embed is outside": "copy it there; or name it from a folder of --import-path on: /...",
    "file to embed": "name one beneath the schema's folder",
    "files to embed": "embed less",
    "path of a file": "name the file as it is, in UTF-8 and without escapes",
    "Import failed": "name the folder it is in with --import-path",
    "Not defined": "declare it, or import the file that does",
    "is already defined": "give one of them another name",
    "ordinal": "number the members from @0 on, each number once, whatever order they stand in",
    "Parse error": f"correct what stands there: the syntax is that of {_LANGUAGE}",
    "": f"correct it: {_LANGUAGE} says what is allowed",
}
"""What mends a failure, by words of it; the first that fits."""

_CLIMBS: Final = 'can\'t use ".." to break out'
"""What the parser says of a path that leads out of the folder that it has begun in."""

_DEEP: Final = 100
"""How deep brackets nest where that may be what the parser could not cope with."""


def import_roots(import_paths: Sequence[Path] = ()) -> list[Path]:
    """The folders in which `import "/..."` is looked up: the caller's, capwit's own, Cap'n Proto's."""
    spec = importlib.util.find_spec("capnp")
    installed = [Path(spec.origin).parent.parent] if spec and spec.origin else []
    roots = [*import_paths, *(Path(folder).parent for folder in capwit.__path__), *installed]
    return list(dict.fromkeys(root.resolve() for root in roots))


def parse(schema: Path, import_paths: Sequence[Path] = ()) -> bytes:
    """Parses `schema` and whatever it imports into an encoded `CodeGeneratorRequest`.

    The request lists every file by its absolute path, `schema` first. Raises `GenerateError`.
    """
    return parse_all([schema], import_paths)


def parse_all(schemas: Sequence[Path], import_paths: Sequence[Path] = ()) -> bytes:
    """Parses several schemas as `parse` does one: what they share is read once. Raises `GenerateError`."""
    for schema in schemas:
        if schema.suffix != ".capnp":
            raise GenerateError(str(schema), message="a schema is a file whose name ends in .capnp")
        if not schema.is_file():
            raise GenerateError(str(schema), message="there is no such file")
    for folder in import_paths:
        if not folder.is_dir():
            raise GenerateError(str(folder), message="the import path is not a folder")
    paths = [*(str(schema.resolve()) for schema in schemas), "--", *map(str, import_roots(import_paths))]
    try:
        child = subprocess.run(
            [sys.executable, "-P", "-m", "capwit.codegen.schema.parser_child", *paths],
            capture_output=True,
            check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            timeout=TIMEOUT,
        )
    except subprocess.TimeoutExpired:
        raise GenerateError(str(schemas[0]), message=f"parsing took longer than {TIMEOUT:g} s") from None
    if child.returncode:
        raise _failure(schemas[0], child.stderr.decode(errors="replace").splitlines())
    return child.stdout


def _failure(schema: Path, words: Sequence[str]) -> GenerateError:
    """Our error for what a parser that ended said: `w/kv.capnp:11: failed: Not defined: Nope`."""
    files = [Path(word.removeprefix("file: ")) for word in words if word.startswith("file: ")]
    failures = [
        (file, failed)
        for failed in filter(None, map(_FAILURE.fullmatch, words))
        for file in files
        if f"/{file}".endswith("/" + failed["file"])
    ]
    if not failures:
        told = next((word.removeprefix("error: ") for word in words if word.startswith("error: ")), "")
        if any(_CLIMBS in word for word in words):
            told = "an import has more `..` than there are folders above it"
        return GenerateError(str(schema), message=told) if told else _too_much(files, schema)
    file, failed = failures[0]
    message = failed["message"].rstrip(".")
    text = read_text(file)
    member = next((found[1] for found in map(_MEMBER.search, words) if found), "")
    subject = _SUBJECT.search(message)
    line = int(failed["line"]) + 1  # the parser counts from 0
    column = _column(text, line, [subject[1] if subject else "", member])
    mend = next(mend for part, mend in _MENDS.items() if part in message)
    name = member or _around(text, line)
    return GenerateError(shown(file, schema), line, column, name, message[:1].lower() + message[1:], mend)


def _too_much(files: Sequence[Path], schema: Path) -> GenerateError:
    """Our error for a parser that ended without a word: where brackets nest deepest, if they do."""
    texts = {file: read_text(file) for file in files if file.is_file()}
    place, file = max(((deepest(text), file) for file, text in texts.items()), default=(NOWHERE, schema))
    message = "the parser cannot cope with it: it nests too deep, or is too large"
    mend = "nest less deep, or move parts of it to files of their own"
    if place.depth < _DEEP:
        return GenerateError(str(schema), message=message, mend=mend)
    name = _around(texts[file], place.line)
    return GenerateError(shown(file, schema), place.line, place.column, name, message, mend)


def _around(text: str, line: int) -> str:
    """What is declared last before the end of a line."""
    found = [(each.line, each.column, path) for path, each in scan(text).declarations.items() if path]
    return ".".join(max((each for each in found if each[0] <= line), default=(0, 0, ()))[2])


def _column(text: str, line: int, words: Sequence[str]) -> int:
    """The column of the first of `words` that stands in a line, or of its first character."""
    lines = text.split("\n")
    found = lines[line - 1] if line <= len(lines) else ""
    for word in filter(None, words):
        if at := re.search(rf"(?<!\w){re.escape(word)}(?!\w)", found):
            return at.start() + 1
    return len(found) - len(found.lstrip()) + 1
