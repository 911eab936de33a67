"""`capnpc-wit`: the plugin that `capnp compile -owit` runs.

`capnp` gives it a `CodeGeneratorRequest` on standard input and the output folder as the current one; a plugin
gets no options that way. Who wants some pipes: `capnp compile -o- x.capnp | capnpc-wit --overlay x.toml`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from capwit.codegen.emit.accept import RefusedError
from capwit.codegen.errors import GenerateError
from capwit.codegen.generator import generate_request
from capwit.codegen.output import Generated
from capwit.codegen.record import update
from capwit.codegen.schema.parser import import_roots

if TYPE_CHECKING:
    from collections.abc import Sequence

_SIZE: Final = 256 << 20  # bytes
_HELP: Final = """\
Reads a CodeGeneratorRequest from standard input, and writes what `capwit generate` writes. Where several
files are compiled at once, each one's WIT package has a folder of its own: wit/STEM/ in place of wit/.
"""
_EXAMPLES: Final = """\
examples:
  capnp compile -owit kv.capnp
      writes wit/, kv.py and kv.bridge.json here
  capnp compile $(capnpc-wit --flags) -owit:generated kv.capnp
      the same, below generated/, for a schema that imports "/capwit/wit.capnp"
  capnp compile -o- kv.capnp | capnpc-wit --overlay kv.toml
      the same, with options

exit codes: 0 done, 1 the schema is not mapped, or a file cannot be written, 2 wrong usage.
"""


def combined(generated: Sequence[Generated]) -> Generated:
    """What several schemas give, as one tree: each one's `wit/` becomes `wit/<stem>/`.

    Raises `GenerateError` where two of them give one file in different ways.
    """
    if len(generated) == 1:
        return generated[0]
    files: dict[PurePosixPath, str] = {}
    for each in generated:
        stem = each.schema.removesuffix(".capnp")
        for path, text in each.files.items():
            inside = path.parts[0] == "wit"
            target = PurePosixPath("wit", stem, *path.parts[1:]) if inside else path
            if files.setdefault(target, text) != text:
                message = f"{target} differs from what another of the files gives for it"
                raise GenerateError(each.schema, message=message, mend="compile them one by one")
    name = " ".join(sorted(each.schema for each in generated))
    worlds = tuple(world for each in generated for world in each.worlds)
    modules = dict.fromkeys(module for each in generated for module in each.modules)
    return Generated(name, dict(sorted(files.items())), worlds, tuple(modules))


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the plugin, and answers the exit status: 0 done, 1 refused, 2 wrong usage."""
    parser = argparse.ArgumentParser(
        prog="capnpc-wit",
        description=_HELP,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--out", type=Path, default=Path(), metavar="DIR", help="the folder to write to (default: .)"
    )
    parser.add_argument(
        "--overlay", type=Path, metavar="FILE", help="a TOML file of annotations for the schema"
    )
    parser.add_argument("--no-validate", action="store_true", help="do not put the WIT before wit-parser")
    parser.add_argument(
        "--flags",
        action="store_true",
        help="print the -I flags with which capnp finds /capwit/wit.capnp, and do nothing else",
    )
    args = parser.parse_args(arguments)
    if args.flags:
        sys.stdout.write(" ".join(f"-I{folder}" for folder in import_roots()) + "\n")
        return 0
    if sys.stdin.isatty():
        parser.error("it reads a CodeGeneratorRequest from standard input: run it by `capnp compile -owit`")
    request = sys.stdin.buffer.read(_SIZE + 1)
    try:
        if not request:
            mend = "run it by `capnp compile -owit`, which says what is wrong with a schema"
            raise GenerateError("<request>", message="it cannot be read: standard input is empty", mend=mend)
        if len(request) > _SIZE:
            raise GenerateError("<request>", message=f"it is longer than {_SIZE >> 20} MiB")
        generated = generate_request(request, overlay=args.overlay, validate=not args.no_validate)
        changes = update(combined(generated), args.out)
    except (GenerateError, RefusedError) as error:
        sys.stderr.write(f"capnpc-wit: {error}\n")
        return 1
    for path in changes.changed:
        sys.stderr.write(
            f"capnpc-wit: {args.out / path}: no longer generated, but changed since: left alone\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
