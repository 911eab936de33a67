"""From a schema to its files."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from capwit.codegen.emit import bridge_file, python, wit
from capwit.codegen.emit.accept import accept
from capwit.codegen.emit.deps import errors_wit, foreign_files
from capwit.codegen.errors import GenerateError
from capwit.codegen.lower.naming import Labels
from capwit.codegen.lower.packages import lower
from capwit.codegen.notes import near_worlds
from capwit.codegen.output import Generated
from capwit.codegen.schema.overlay import apply
from capwit.codegen.schema.parser import parse
from capwit.codegen.schema.request import read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from capwit.codegen import model
    from capwit.codegen.schema.nodes import Schema


def generate(
    schema: Path, import_paths: Sequence[Path] = (), *, overlay: Path | None = None, validate: bool = True
) -> Generated:
    """All files of a schema, below an output folder: `wit/`, `<stem>.py` and `<stem>.bridge.json`.

    `import_paths` are the folders that `import "/..."` is looked up in, before capwit's own. `overlay` is a
    file of further annotations (`capwit.codegen.schema.overlay`). The WIT is put before wit-parser, unless
    `validate` is false.

    Raises `GenerateError` for a schema that is not valid or not mapped.
    """
    read_schema = load(schema, import_paths, overlay)
    return generate_schema(read_schema, read_schema.roots[0], validate)


def load(schema: Path, import_paths: Sequence[Path] = (), overlay: Path | None = None) -> Schema:
    """Parses and reads a schema, its overlay applied. Raises `GenerateError`."""
    found = read(parse(schema, import_paths), roots=1, schema=schema)
    return apply(found, overlay) if overlay else found


def generate_request(
    request: bytes, *, overlay: Path | None = None, validate: bool = True
) -> list[Generated]:
    """The files of each schema that an encoded `CodeGeneratorRequest` asks for. Raises `GenerateError`."""
    schema = read(request)
    if overlay:
        schema = apply(schema, overlay)
    return [generate_schema(schema, root, validate) for root in schema.roots]


def generate_schema(schema: Schema, root: int, validate: bool) -> Generated:
    """The files of one of the schema's roots. Raises `GenerateError`."""
    name = schema.files[root].path.name
    if not name.isprintable():
        raise GenerateError(repr(name), message="a file of such a name is not generated")
    whole = lower(schema, root)
    files: dict[PurePosixPath, str] = {}
    modules = []
    for package in whole.packages:
        path = _wit_folder(whole, package) / f"{package.stem}.wit"
        _add(files, whole, package, path, wit.emit(whole, package))
        if package.generated:
            modules.append(PurePosixPath(f"{package.module}.py"))
            _add(files, whole, package, modules[-1], python.emit(whole, package))
            text = bridge_file.emit(schema, Labels(schema), package, whole)
            _add(files, whole, package, PurePosixPath(f"{package.stem}.bridge.json"), text)
    if any(wit.ERRORS in text for text in files.values()):
        files[PurePosixPath("wit/deps/capwit-bridge/errors.wit")] = errors_wit()
    files |= foreign_files(whole)
    notes = tuple(near_worlds(whole.root.worlds))
    worlds = tuple(world.label for world in whole.root.worlds)
    if validate:
        accept(files, worlds, schema.locate(root))
    return Generated(name, dict(sorted(files.items())), worlds, tuple(modules), notes)


def _wit_folder(whole: model.Model, package: model.Package) -> PurePosixPath:
    """The folder of a package, below the output folder: `wit`, or `wit/deps/demo-kv`."""
    folder = PurePosixPath("wit")
    return folder if package.name == whole.root.name else folder / "deps" / package.name.replace(":", "-")


def _add(
    files: dict[PurePosixPath, str],
    whole: model.Model,
    package: model.Package,
    path: PurePosixPath,
    text: str,
) -> None:
    if path in files:
        message = f"{path} is also generated from another file of that name"
        place = whole.schema.locate(package.source.id)
        raise GenerateError(*place, package.id, message, "rename one of them")
    files[path] = text
