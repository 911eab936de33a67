"""Bindings that a measurement makes of a schema of its own."""

from __future__ import annotations

import importlib.util
import sys
from typing import TYPE_CHECKING

from capwit.codegen import generate, write

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType


def bindings(folder: Path, name: str, schema: str) -> ModuleType:
    """Return the bindings of a schema, which are written into a folder."""
    (folder / f"{name}.capnp").write_text(schema)
    write(generate(folder / f"{name}.capnp").files, folder)
    spec = importlib.util.spec_from_file_location(f"{name}_bindings", folder / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
