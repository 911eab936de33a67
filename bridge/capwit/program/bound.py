"""Which generated bindings know a WIT interface, told by their text: nothing of them is run."""

from __future__ import annotations

import os
import re
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from capwit.bridge.errors import ManifestError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from capwit.manifest.declared import Manifest

_MOST: Final = 100  # files of a folder that are looked at, for a message


def is_grants(interface: str) -> bool:
    """Return whether an interface is named as those are that a schema's grants are had by."""
    return interface.partition("@")[0].endswith("-grants") and not interface.startswith("wasi:")


def find_unbound(manifest: Manifest, interfaces: Iterable[str], bindings: Iterable[Path]) -> list[str]:
    """Return those of the interfaces that grants are had by, and that none of these bindings know.

    Raises:
        ManifestError: bindings cannot be read.
    """
    texts = [_read(manifest, path) for path in bindings]
    return [name for name in interfaces if is_grants(name) and not any(_knows(text, name) for text in texts)]


def how_to_bind(manifest: Manifest, interface: str) -> str:
    """Tell where the bindings of an interface are named: those that are next to the manifest, or its code."""
    bare = manifest.path.resolve() == manifest.module  # a component without a manifest
    found = _find(manifest, interface)
    if bare:
        return f"--bindings {os.path.relpath(found) if found else 'FILE.py, which `capwit generate` wrote'}"
    if found:
        return f'bindings = "{os.path.relpath(found, manifest.path.parent)}"'
    return 'bindings = "FILE.py", which `capwit generate` wrote'


def _find(manifest: Manifest, interface: str) -> Path | None:
    code = (manifest.module.parent,) if isinstance(manifest.module, Path) else ()
    for folder in dict.fromkeys((manifest.path.parent.resolve(), *code)):
        for path in islice(sorted(folder.glob("*.bridge.json")), _MOST):
            module: Path = path.with_name(path.name.removesuffix(".bridge.json") + ".py")
            if module.is_file() and _knows(module.read_text(errors="replace"), interface):
                return module
    return None


def _read(manifest: Manifest, path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError as error:
        raise ManifestError(f"{manifest.path}: bindings: {path}: {error.strerror}") from None


def _knows(text: str, interface: str) -> bool:
    return re.search(rf'"{re.escape(interface.partition("@")[0])}[@"]', text) is not None
