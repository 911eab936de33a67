"""`capwit diff`: what changed between two versions of a schema."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from capwit.codegen.diff import wire, wit
from capwit.codegen.diff.change import Bump, bump, raised, suffices
from capwit.codegen.generator import generate_schema
from capwit.codegen.lower.naming import package_name
from capwit.codegen.schema.overlay import apply
from capwit.codegen.schema.parser import parse
from capwit.codegen.schema.request import read
from capwit.codegen.schema.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Sequence

    from capwit.codegen.diff.change import Change
    from capwit.codegen.schema.nodes import Schema

_ERRORS: Final = PurePosixPath("wit/deps/capwit-bridge/errors.wit")
_EPILOG: Final = """\
Both sides of a change are told. `wire` is what peers that speak Cap'n Proto see: a new field, method or
enumerant is fine. `wit` is what components see: they are fixed to the types they were built with, so that
any change of a record, variant, enum, flags or function type breaks them; a new function, resource or type
does not. Each side asks for a raise of the version: major for what breaks, minor for what is added, patch
for names and ids. Below 1.0.0 each counts one place lower.

exit codes:
  0   nothing changed, or nothing that breaks
  1   something breaks
  2   wrong usage
  65  a schema is not valid, or not mapped

examples:
  capwit diff old/kv.capnp kv.capnp
  capwit diff old/kv.capnp kv.capnp --only wire    only what Cap'n Proto peers see
  capwit diff old/kv.capnp kv.capnp --json
"""


@dataclass(frozen=True, slots=True)
class _Version:
    """One version of a schema."""

    schema: Schema
    wire: Wire

    @property
    def package(self) -> tuple[str, str]:
        """The name and version of its WIT package."""
        return package_name(self.schema, self.schema.roots[0])

    def wit(self) -> list[str]:
        """The texts of its WIT packages, its own first. Raises `GenerateError`."""
        files = generate_schema(self.schema, self.schema.roots[0], validate=False).files
        texts = sorted((len(file.parts), file, text) for file, text in files.items() if file.suffix == ".wit")
        return [text for _, file, text in texts if file != _ERRORS]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command to a command line."""
    parser = subparsers.add_parser(
        "diff",
        help="tell what changed between two versions of a schema, and whom it breaks",
        description="Tells what changed between two versions of a schema, and whom it breaks.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("old", type=Path, metavar="OLD", help="the .capnp file as it was")
    parser.add_argument("new", type=Path, metavar="NEW", help="the .capnp file as it is")
    parser.add_argument("--only", choices=["wire", "wit"], help="tell, and judge, one side alone")
    parser.add_argument(
        "--import-path", type=Path, action="append", default=[], metavar="DIR", help="as in `capwit generate`"
    )
    parser.add_argument("--overlay", type=Path, metavar="FILE", help="as in `capwit generate`, for both")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Runs the command: prints the changes, and answers the exit status.

    Raises `GenerateError`.
    """
    old, new = (
        _version(path, args.new.name, args.import_path, args.overlay) for path in (args.old, args.new)
    )
    sides: dict[str, list[Change]] = {}
    if args.only != "wit":
        sides["wire"] = wire.compare(old.wire, new.wire)
    if args.only != "wire":
        sides["wit"] = wit.compare(old.wit(), new.wit())
    told = _told(old, new, sides)
    sys.stdout.write(json.dumps(told, indent=1) + "\n" if args.json else _text(told))
    return int(any(bump(changes) is Bump.MAJOR for changes in sides.values()))


def _version(path: Path, name: str, import_paths: Sequence[Path], overlay: Path | None) -> _Version:
    """Reads a version as if its file were called `name`: WIT names come of it."""
    schema = read(parse(path, import_paths), roots=1, schema=path)
    source = schema.files[schema.roots[0]]
    schema.declarations(source)  # its text is not under that name
    named = replace(source, path=source.path.with_name(name))
    schema = replace(schema, files={**schema.files, source.id: named})
    if overlay:
        schema = apply(schema, overlay)
    return _Version(schema, Wire.read(schema))


def _told(old: _Version, new: _Version, sides: dict[str, list[Change]]) -> dict[str, Any]:
    asked = max((bump(changes) for changes in sides.values()), default=Bump.NONE)
    (was, old_version), (now, new_version) = old.package, new.package
    package = {
        "old": f"{was}@{old_version}" if old_version else was,
        "new": f"{now}@{new_version}" if new_version else now,
        "asks-for": raised(old_version, asked),
        "enough": was != now or suffices(old_version, new_version, asked),
    }
    listed = {
        name: {
            "bump": str(bump(changes)),
            "changes": [
                {
                    "subject": change.subject,
                    "message": change.message,
                    "bump": str(change.bump),
                    **({"place": change.place} if change.place else {}),
                }
                for change in changes
            ],
        }
        for name, changes in sides.items()
    }
    return {"bump": str(asked), "package": package, **listed}


_SIDES: Final = {"wire": "On the wire (Cap'n Proto)", "wit": "In WIT (components)"}
_EFFECTS: Final = {"major": "breaks", "minor": "adds", "patch": "edits"}


def _text(told: dict[str, Any]) -> str:
    lines = []
    for name, title in _SIDES.items():
        if name not in told:
            continue
        changes = told[name]["changes"]
        lines.append(f"{title}: {told[name]['bump'] if changes else 'nothing changed'}")
        for change in changes:
            place = f"  ({change['place']})" if "place" in change else ""
            lines.append(f"  {_EFFECTS[change['bump']]:6}  {change['subject']}: {change['message']}{place}")
    package = told["package"]
    old, new = (package[which].partition("@") for which in ("old", "new"))
    if package["asks-for"] and told["bump"] != "none" and old[0] == new[0]:
        end = "which it is" if package["enough"] else f"and is {new[2]}"
        lines.append(f"{new[0]} was {old[2]}, should be {package['asks-for']} or later, {end}")
    return "\n".join(lines) + "\n"
