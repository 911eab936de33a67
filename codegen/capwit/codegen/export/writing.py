"""Exported files on the disk: what is there already is what a later run keeps its ids and ordinals from."""

from __future__ import annotations

import tempfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from capwit.codegen import output
from capwit.codegen.diff import wire
from capwit.codegen.diff.change import Bump
from capwit.codegen.emit.accept import RefusedError
from capwit.codegen.errors import GenerateError
from capwit.codegen.export import export
from capwit.codegen.export import former as formerly
from capwit.codegen.export.former import FormerFile
from capwit.codegen.schema.parser import parse_all
from capwit.codegen.schema.request import read
from capwit.codegen.schema.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from capwit.codegen.diff.change import Change
    from capwit.codegen.export.restored import Restored
    from capwit.codegen.wit_reader.packages import Interface, Wit

MARK: Final = "Written by `capwit export`"


class Target:
    """A folder that is exported to, and what stands there."""

    def __init__(self, folder: Path) -> None:
        """The folder need not be there yet."""
        self.folder = folder
        self.known: dict[str, Wire] = {}

    def former(self, name: str) -> FormerFile:
        """What the file of a name was before. Raises `GenerateError` where it cannot be gone on with."""
        return formerly.read(self.known[name].schema) if name in self.known else FormerFile()

    def _look(self, names: Iterable[str]) -> None:
        """Reads those of some files that are there. Raises `GenerateError` where one is not ours."""
        there = [path for path in (self.folder / name for name in names) if path.exists()]
        for path in there:
            try:
                is_ours = MARK in path.read_text("utf-8")
            except (OSError, UnicodeDecodeError):
                is_ours = False
            if not is_ours:
                message = "it is there already, and not written by `capwit export`"
                raise GenerateError(
                    str(path), message=message, mend="export to another file, or take it away"
                )
        self.known = _wires(there)

    def exported(
        self, wit: Wit, roots: Sequence[Interface], given: Mapping[str, str], breaking: bool
    ) -> dict[PurePosixPath, str]:
        """The files of some interfaces; `given` are names of files by interfaces.

        Where `breaking` is not allowed, what would break peers that speak a former version is refused.
        Raises `GenerateError`.
        """
        self._look(export(wit, roots, given=given).files)  # which they are does not depend on what was there
        return self._checked(export(wit, roots, self.former, given).files, {}, breaking)

    def restored(
        self, restored: Restored, given: Mapping[str, str], breaking: bool
    ) -> dict[PurePosixPath, str]:
        """The files of schemas that WIT was generated from. Raises `GenerateError`."""
        files = restored.texts(given)
        self._look(files)
        return self._checked(
            files, restored.wires(given), breaking, lambda folder: restored.agree(folder, given)
        )

    def _checked(
        self,
        files: Mapping[str, str],
        meant: Mapping[str, Wire],
        breaking: bool,
        further: Callable[[Path], None] = lambda _: None,
    ) -> dict[PurePosixPath, str]:
        """The files, which Cap'n Proto's own parser has read, and which say what they are to say."""
        with tempfile.TemporaryDirectory(prefix="capwit-") as folder:
            for name, text in files.items():
                Path(folder, name).write_text(text, "utf-8")
            paths = [Path(folder, name) for name in files]
            for name, new in self._parsed(paths, ours=not meant).items():
                if name in meant:
                    for change in wire.compare(meant[name], new):
                        same = change.bump is not Bump.MAJOR or change.message == _DEFAULT
                        assert same, f"{name}: {change}"
                if name in self.known and not breaking:
                    self._compare(name, wire.compare(self.known[name], new))
            further(Path(folder))
        return {PurePosixPath(name): text for name, text in files.items()}

    def _parsed(self, paths: Sequence[Path], ours: bool) -> dict[str, Wire]:
        """What files are on the wire. A bridge file may be at fault where they are not `ours` alone."""
        try:
            return _wires(paths)
        except GenerateError as error:
            path = self.folder / Path(error.file).name
            message = f"what it would be is not valid: {error.name or 'line'} {error.line}: {error.message}"
            if ours and error.message == _NO_SYNTAX:
                raise RefusedError(f"{path}: {message}") from None
            raise GenerateError(str(path), message=message, mend=error.mend) from None

    def _compare(self, name: str, changes: Sequence[Change]) -> None:
        broken = [f"{each.subject}: {each.message}" for each in changes if each.bump is Bump.MAJOR]
        if broken:
            told = "; ".join(broken[:_TOLD]) + ("; ..." if len(broken) > _TOLD else "")
            message = f"it would break those who have it as it is: {told}"
            mend = "export to another file; or put up with that: --allow-breaking"
            raise GenerateError(str(self.folder / name), message=message, mend=mend)

    def write(self, files: Mapping[PurePosixPath, str]) -> list[PurePosixPath]:
        """Writes what is missing or stale, and answers which. Raises `GenerateError`."""
        return output.write(files, self.folder)

    def stale(self, files: Mapping[PurePosixPath, str]) -> list[PurePosixPath]:
        """What is missing or stale."""
        return output.check(files, self.folder)


_DEFAULT: Final = "its default changed"
"""What does not count beside a bridge file, which has an empty text where Cap'n Proto has none."""

_NO_SYNTAX: Final = "parse error"
"""What Cap'n Proto's parser says of a text that no WIT accounts for."""

_TOLD: Final = 5
"""How many changes an error tells."""


def _wires(paths: Sequence[Path]) -> dict[str, Wire]:
    """What each file is on the wire, by its name. All are parsed at once, for they import each other."""
    if not paths:
        return {}
    whole = Wire.read(read(parse_all(paths), roots=len(paths), schema=paths[0]))
    ids = {source.path: id for id, source in whole.schema.files.items()}
    return {path.name: whole.of(ids[path.resolve()]) for path in paths}
