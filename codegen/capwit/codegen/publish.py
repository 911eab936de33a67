"""Generates again what the repository checks in: `python -m capwit.codegen.publish [--check]`.

`wit/` holds one folder for each WIT package that the project publishes; the bindings of the standard
capabilities stand beside their schema.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from capwit.codegen.emit.deps import errors_wit
from capwit.codegen.generator import generate
from capwit.codegen.output import check, write

if TYPE_CHECKING:
    from collections.abc import Sequence

SCHEMAS: Final = {
    PurePosixPath("bridge/capwit/caps/standard.capnp"): "capwit-caps",
    PurePosixPath("bridge/capwit/caps/files.capnp"): "capwit-files",
    PurePosixPath("bridge/capwit/caps/streams.capnp"): "capwit-streams",
    PurePosixPath("bridge/capwit/caps/http.capnp"): "capwit-http",
    PurePosixPath("bridge/capwit/caps/net.capnp"): "capwit-net",
    PurePosixPath("bridge/capwit/caps/store.capnp"): "capwit-store",
    PurePosixPath("bridge/capwit/caps/host.capnp"): "capwit-host",
    PurePosixPath("bridge/capwit/cli/cue/evaluator.capnp"): "capwit-cue",
}
"""The schemas whose bindings are checked in, and the folders of their packages."""


def published(repository: Path) -> dict[PurePosixPath, str]:
    """All generated files of the repository, by their paths in it."""
    files = {PurePosixPath("wit/capwit-bridge/errors.wit"): errors_wit()}
    for schema, folder in SCHEMAS.items():
        for path, text in generate(repository / schema).files.items():
            if path.parts[:2] == ("wit", "deps"):
                continue
            in_wit = path.parts[0] == "wit"
            files[PurePosixPath("wit", folder, path.name) if in_wit else schema.parent / path] = text
    return files


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the files, or with `--check` names those that are stale; answers the exit status."""
    parser = argparse.ArgumentParser(prog="python -m capwit.codegen.publish", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a file is stale")
    parser.add_argument(
        "--repository", type=Path, default=Path(), help="the repository's folder (default: .)"
    )
    args = parser.parse_args(arguments)
    files = published(args.repository)
    if args.check:
        stale = check(files, args.repository)
        for path in stale:
            sys.stderr.write(f"{path}: stale; run python -m capwit.codegen.publish\n")
        return 1 if stale else 0
    sys.stdout.writelines(f"{path}\n" for path in write(files, args.repository))
    return 0


if __name__ == "__main__":
    sys.exit(main())
