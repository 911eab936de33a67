"""Manifests, in TOML or in CUE."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capwit.manifest import parse_manifest, read_manifest

if TYPE_CHECKING:
    from pathlib import Path

    from capwit.manifest import Manifest
    from capwit.program import Holdings


def is_manifest(path: Path) -> bool:
    """Tell by its name whether a file is a manifest."""
    return path.suffix in (".toml", ".cue")


def read(path: Path, holdings: Holdings) -> Manifest:
    """Read and check a manifest.

    Raises:
        ManifestError: it cannot be read, or is wrong.
        BuildError: it is in CUE, whose evaluator cannot be built.
    """
    if path.suffix != ".cue":
        return read_manifest(path, holdings)
    from .cue import evaluate  # what few need, and takes a while to import

    return parse_manifest(evaluate(path), path, holdings)
