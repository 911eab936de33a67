"""A program's code: a file, bytes that the manifest holds itself, or a blob of a store by its hash."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, assert_never

from capwit.bridge import compose
from capwit.bridge.code_file import read_file
from capwit.bridge.errors import CapError, LoadError, ManifestError
from capwit.caps.stores import fetch
from capwit.engine.core import is_core_module
from capwit.manifest.declared import Code, Inline, Manifest, Standard, Stored

if TYPE_CHECKING:
    from collections.abc import Sequence

    from capwit.bridge.binding import Bindings
    from capwit.caps.store import StoreClient

_MOST: Final = 256 * 1024 * 1024  # bytes of code


def is_module(code: Path | bytes) -> bool:
    """Return whether code is a core module, which is no component; what cannot be read is neither."""
    if isinstance(code, bytes):
        return is_core_module(code)
    try:
        if not code.is_file():  # to open a pipe waits for whoever writes it
            return False
        with code.open("rb") as file:
            return is_core_module(file.read(8))
    except (OSError, ValueError):
        return False


async def fetch_code(code: Stored, store: StoreClient, where: str) -> bytes:
    """Return code that a store has; that it has the hash that was asked for is checked.

    Raises:
        LoadError: the store has none, or gives something else.
    """
    try:
        found = await fetch(store, code.hash, _MOST)
    except CapError as error:
        raise LoadError(f"{where}: the store {code.store!r}: {error}") from None
    if found is None:
        raise LoadError(
            f"{where}: the store {code.store!r} has no sha256:{code.hash.hex()}. Mend: put the module into it"
        )
    return found


def composed(manifest: Manifest, code: Path | bytes, bindings: Sequence[Bindings]) -> bytes:
    """Return a program's component, made one with those that its manifest composes it with.

    Raises:
        LoadError: one cannot be read, or they do not fit.
    """
    binary = code if isinstance(code, bytes) else read_file(code)
    parts = {name: read_file(path) for name, path in manifest.compose.items()}
    try:
        return compose(binary, *bindings, **parts)
    except LoadError as error:
        raise LoadError(f"{manifest.path}: compose: {error}") from None


def read_code(manifest: Manifest) -> bytes:
    """Return a program's code, for who runs nothing.

    Raises:
        LoadError: it cannot be read.
        ManifestError: it is in a store that is not a folder of this machine.
    """
    return _read(manifest, manifest.module)


def _read(manifest: Manifest, code: Code) -> bytes:
    match code:
        case Path():
            return read_file(code)
        case Inline():
            return code.binary
        case Stored():
            source = manifest.grants.get(code.store)
            folder = source.options.get("path") if isinstance(source, Standard) else None
            if folder is None:
                raise ManifestError(
                    f"{manifest.path}: module.store: {code.store!r} is not opened to look at what it has. "
                    "Mend: look at the module's own file"
                )
            binary = read_file(folder / code.hash.hex())
            code.check(binary)
            return binary
        case _:
            assert_never(code)
