"""Bindings that the command line names: generated modules, or schemas, of which they are made."""

from __future__ import annotations

import atexit
import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable


def add_option(command: argparse._ActionsContainer) -> None:
    """Add the option."""
    command.add_argument(
        "--bindings", action="append", default=[], metavar="FILE",
        help="generated bindings (.py), or a schema that they are made of (.capnp)",
    )  # fmt: skip


def modules(given: Iterable[str]) -> list[Path]:
    """Return the generated modules that are named, each after those that it imports.

    Those of schemas are made, and go with this process.

    Raises:
        GenerateError: a schema is not valid, or not mapped.
    """
    paths = [Path(text).resolve() for text in given]
    schemas = [path for path in paths if path.suffix == ".capnp"]
    found = [path for path in paths if path not in schemas]
    if schemas:
        from capwit.codegen import generate, write  # not for who names modules
        from capwit.codegen.plugin import combined

        folder = Path(mkdtemp(prefix="capwit-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        generated = combined([generate(path, validate=False) for path in schemas])
        write(generated.files, folder)
        found += [folder / module for module in generated.modules]
    return found
