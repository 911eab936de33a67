"""What a measurement makes for itself: bindings of a schema, and a component of an example."""

from __future__ import annotations

import asyncio
import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from capwit.codegen import generate, write

if TYPE_CHECKING:
    from types import ModuleType

EXAMPLES: Final = Path(__file__).parent.parent / "examples"

# What a component given as text imports for the errors of generated interfaces.
ERROR_IMPORTS: Final = """
  (import "capwit:bridge/errors@0.1.0" (instance $errors
    (type $k (enum "failed" "overloaded" "disconnected" "unimplemented" "revoked" "denied" "exhausted"))
    (export "error-kind" (type $kind (eq $k)))
    (type $c (record (field "kind" $kind) (field "reason" string)))
    (export "cap-error" (type (eq $c)))))
  (alias export $errors "cap-error" (type $cap-error))"""


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


async def built(source: str, wit: Path, world: str, folder: Path) -> Path:
    """Return the component of an example's guest, which is built into a folder: some 10 s for Python."""
    component = folder / "guest.wasm"
    command = [sys.executable, "-m", "capwit.cli.main", "build", str(EXAMPLES / source)]
    command += ["--wit", str(wit), "--world", world, "-o", str(component)]
    await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True)
    return component
