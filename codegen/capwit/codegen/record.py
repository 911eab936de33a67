"""What capwit wrote to an output folder: `.capwit-generated`, so that it can take its own away again.

The record holds each schema's files by path, with the SHA-256 of what was written. A file that a schema no
longer gives is removed if it is in the record and still is what was written; one that was changed since
is left alone, and is from then on nobody's but its owner's.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from capwit.codegen.errors import GenerateError, WriteError
from capwit.codegen.output import check, write

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from capwit.codegen.output import Generated

NAME: Final = ".capwit-generated"
FORMAT: Final = 1
_SIZE: Final = 16 << 20  # bytes
_NOTE: Final = "What capwit generated here, by SHA-256. It removes a file that is still as it wrote it."


# What is in each file that is generated, and hardly in another of that name: there may be no record of it.
_SIGNS: Final = {".py": b"Written by `capwit generate`", ".wit": b"package ", ".json": b'"format": '}


@dataclass(frozen=True, slots=True)
class Changes:
    """What stands between a folder and what is generated, by paths below it."""

    stale: tuple[PurePosixPath, ...]
    """Missing, or not as generated: they are written."""
    gone: tuple[PurePosixPath, ...]
    """Written once, no longer generated: they are removed."""
    changed: tuple[PurePosixPath, ...]
    """Written once, no longer generated, but changed since: they are left."""


def compare(generated: Generated, out: Path) -> Changes:
    """What `update` would do. Raises `GenerateError` for a record that cannot be read."""
    return _compare(generated, out, _read(out))


def update(generated: Generated, out: Path) -> Changes:
    """Writes what is stale, removes what is gone, and notes it in the record.

    Files that are current are not touched, the record neither. Raises `GenerateError`.
    """
    record = _read(out)
    changes = _compare(generated, out, record)
    known = {PurePosixPath(path) for files in record.values() for path in files}
    for path in changes.stale:
        there = None if path in known else _content(out / path)
        if there is not None and _SIGNS.get(path.suffix, b"") not in there:
            raise WriteError(
                str(out / path),
                message="it is there already, and no file that `capwit generate` has written",
                mend="move it, or name another folder with --out",
            )
    write(generated.files, out)
    for path in changes.gone:
        _remove(out, path)
    hashes = {str(path): _hash(text.encode()) for path, text in generated.files.items()}
    schemas = {**record, generated.schema: hashes}
    content = {"note": _NOTE, "format": FORMAT, "schemas": dict(sorted(schemas.items()))}
    write({PurePosixPath(NAME): json.dumps(content, indent=1) + "\n"}, out)
    return changes


def _compare(generated: Generated, out: Path, record: Mapping[str, Mapping[str, str]]) -> Changes:
    given = {*generated.files}
    for schema, files in record.items():
        given |= {PurePosixPath(path) for path in files} if schema != generated.schema else set()
    gone: list[PurePosixPath] = []
    changed: list[PurePosixPath] = []
    for text, hash in sorted(record.get(generated.schema, {}).items()):
        path = PurePosixPath(text)
        if path in given or not _is_inside(out, path):
            continue
        content = _content(out / path)
        if content is not None:
            (gone if _hash(content) == hash else changed).append(path)
    return Changes(tuple(check(generated.files, out)), tuple(gone), tuple(changed))


def _is_inside(out: Path, path: PurePosixPath) -> bool:
    """Whether a path of the record, which anyone may have written, stays in the folder, links included."""
    try:
        if path.is_absolute() or ".." in path.parts or (out / path).is_symlink():
            return False
        return (out / path).parent.resolve().is_relative_to(out.resolve())
    except (OSError, ValueError):  # it is none that a file could have
        return False


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes() if path.is_file() and path.stat().st_size <= _SIZE else None
    except OSError:
        return None


def _remove(out: Path, path: PurePosixPath) -> None:
    """Removes a file, and the folders that are empty without it."""
    target = out / path
    try:
        target.unlink(missing_ok=True)
    except OSError as error:
        raise WriteError(str(target), message=f"cannot be removed: {error.strerror}") from None
    for folder in target.parents:
        if folder == out or any(folder.iterdir()):
            return
        folder.rmdir()


def _read(out: Path) -> dict[str, dict[str, str]]:
    path = out / NAME
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except NotADirectoryError:
        raise WriteError(str(out), message="it is no folder", mend="name another one with --out") from None
    except OSError as error:
        raise WriteError(str(path), message=f"cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        content = None
    schemas = (
        content.get("schemas") if isinstance(content, dict) and content.get("format") == FORMAT else None
    )
    if not isinstance(schemas, dict) or not all(map(_is_listing, schemas.values())):
        raise GenerateError(
            str(path),
            message="it is not a record of what capwit wrote",
            mend="delete it: then nothing that is no longer generated is removed",
        )
    return schemas


def _is_listing(files: object) -> bool:
    return isinstance(files, dict) and all(isinstance(value, str) for value in files.values())


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
