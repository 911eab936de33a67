"""Manifests: what programs are run with, as files say it. Reading one only checks it, and grants nothing."""

from .declared import Exported, Factory, Given, Manifest, Remote, Source, Standard, Wired
from .reader import USUAL_GRANTS, WASI_GRANTS, parse_manifest, read_manifest, wasi_kind
from .tables import read_toml

__all__ = [
    "USUAL_GRANTS",
    "WASI_GRANTS",
    "Exported",
    "Factory",
    "Given",
    "Manifest",
    "Remote",
    "Source",
    "Standard",
    "Wired",
    "parse_manifest",
    "read_manifest",
    "read_toml",
    "wasi_kind",
]
