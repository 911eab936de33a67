"""`capwit generate`."""

from __future__ import annotations

import argparse
import gc
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from capwit.codegen.generator import generate
from capwit.codegen.notes import other_packages
from capwit.codegen.record import compare, update
from capwit.codegen.scaffold.languages import LANGUAGES, missing, scaffolds, write_new

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLES: Final = """\
examples:
  capwit generate kv.capnp --out generated
      writes generated/wit/, generated/kv.py and generated/kv.bridge.json
  capwit generate kv.capnp --out generated --check
      fails, and names the files, if they are not what the schema gives
  capwit generate api/kv.capnp --out generated --import-path schemas
      looks for `import "/..."` below schemas/ too
  capwit generate kv.capnp --out generated --guest python
      writes generated/guest/ too: a guest that builds as it stands

exit codes:
  0   the files are written, or current
  1   --check: a file is stale, missing, or no longer generated
  2   wrong usage
  65  the schema is not valid, or not mapped
  74  the output cannot be written
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command to a command line."""
    parser = subparsers.add_parser(
        "generate",
        help="make WIT and Python bindings of a Cap'n Proto schema",
        description="Makes a WIT package and typed Python host bindings of a Cap'n Proto schema.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("schema", type=Path, metavar="SCHEMA", help="the .capnp file")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder to write to")
    parser.add_argument(
        "--import-path",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help='where `import "/..."` is looked up, before what is installed; may be given several times',
    )
    parser.add_argument(
        "--overlay", type=Path, metavar="FILE", help="a TOML file of annotations for a schema you cannot edit"
    )
    parser.add_argument(
        "--guest",
        choices=[*LANGUAGES],
        help="also write a first guest for each world, to guest/; what is there already is left alone",
    )
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--check", action="store_true", help="write nothing; fail if a file is stale")
    only.add_argument("--dry-run", action="store_true", help="write nothing; name the files that would be")
    parser.add_argument("--no-validate", action="store_true", help="do not put the WIT before wit-parser")
    parser.set_defaults(run=run)


@contextmanager
def _all_is_kept() -> Iterator[None]:
    """Let the garbage collector rest: it would look through a tree that lives to the end, again and again."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def run(args: argparse.Namespace) -> int:
    """Runs the command: prints the files that it wrote or removed, and answers the exit status.

    Raises `GenerateError`.
    """
    with _all_is_kept():
        generated = generate(
            args.schema, args.import_path, overlay=args.overlay, validate=not args.no_validate
        )
    if args.check:
        found = compare(generated, args.out)
        for path in found.stale:
            what = "stale" if (args.out / path).exists() else "missing"
            sys.stderr.write(f"{args.out / path}: {what}; run `capwit generate` again\n")
        for path in found.gone:
            sys.stderr.write(f"{args.out / path}: no longer generated; run `capwit generate` again\n")
        return 1 if found.stale or found.gone else 0
    first = [*scaffolds(generated, args.guest, args.out)] if args.guest else []
    changes = compare(generated, args.out) if args.dry_run else update(generated, args.out)
    sys.stdout.writelines(f"{args.out / path}\n" for path in changes.stale)
    sys.stdout.writelines(f"removed {args.out / path}\n" for path in changes.gone)
    for path in changes.changed:
        sys.stderr.write(f"{args.out / path}: no longer generated, but changed since: left alone\n")
    for scaffold in first:
        new = missing(scaffold, args.out) if args.dry_run else write_new(scaffold, args.out)
        sys.stdout.writelines(f"{args.out / path}\n" for path in new)
        sys.stderr.writelines(f"to build it: {command}\n" for command in scaffold.commands)
    others = () if args.dry_run else other_packages(generated, args.out)
    sys.stderr.writelines(f"note: {note}\n" for note in (*generated.notes, *others))
    if not changes.stale and not changes.gone:
        sys.stderr.write(f"{args.out}: all {len(generated.files)} files are current\n")
    return 0
