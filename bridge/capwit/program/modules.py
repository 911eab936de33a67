"""The Python files that a manifest names: generated bindings, and factories of capabilities."""

from __future__ import annotations

import importlib.util
import sys
from typing import TYPE_CHECKING, Any, Final

from capwit.bridge.binding import Bindings
from capwit.bridge.errors import ManifestError

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType


_GENERATED: Final = "\nWritten by `capwit generate` from "


def load_bindings(path: Path, of: str = "") -> Bindings:
    """Import a generated module by its file, under its own name; a message begins with what it is `of`.

    Raises:
        ManifestError: it is not there, fails to import, or is not a generated module.
    """
    where = f"{of}: bindings" if of else "bindings"
    module = _import(path, path.stem, where)
    bindings = getattr(module, "BINDINGS", None)
    if not isinstance(bindings, Bindings):
        raise ManifestError(
            f"{where}: {path} is not a module that `capwit generate` wrote: it has no BINDINGS"
        )
    return bindings


def make_from_factory(file: Path, callable: str, options: dict[str, Any], where: str) -> object:
    """Call a factory. It is host code, and runs with the host's authority.

    Raises:
        ManifestError: there is no such file or callable, or it does not take these options.
    """
    module = _import(file, file.stem, where)
    make = getattr(module, callable, None)
    if make is None:
        raise ManifestError(f"{where}.factory: {file.name} has no {callable}")
    if getattr(make, "__module__", None) != module.__name__:  # `run`, of `from subprocess import run`
        raise ManifestError(
            f"{where}.factory: {callable} is not of {file.name} itself. Mend: define it there"
        )
    try:
        return make(**options)
    except Exception as error:
        raise ManifestError(
            f"{where}: {file.stem}:{callable} failed: {type(error).__name__}: {error}"
        ) from error


def _import(path: Path, name: str, where: str) -> ModuleType:
    known = sys.modules.get(name)
    if known is not None:
        origin = getattr(known, "__file__", None)
        if origin == str(path):
            return known
        raise ManifestError(
            f"{where}: {path.name}: Python has another module named {name}, from {origin or 'itself'}. "
            "Mend: rename the file"
        )
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        what = "is no Python file. Mend: name a .py file" if path.exists() else "there is no such file"
        raise ManifestError(f"{where}: {path}: {what}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        generated = _GENERATED in path.read_text(errors="replace")
        mend = ". Mend: if another capwit wrote it, run `capwit generate` again" if generated else ""
        what = f"importing {path} failed: {type(error).__name__}: {error}"
        raise ManifestError(f"{where}: {what}{'' if 'Mend: ' in what else mend}") from error
    return module
