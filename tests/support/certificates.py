"""Certificates for servers on loopback, made when they are needed."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


def certificate(folder: Path, name: str, of: str = "IP:127.0.0.1") -> Path:
    """Make a certificate with its key in one file: it is its own authority."""
    path, key = folder / f"{name}.pem", folder / f"{name}.key"
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = ["-subj", f"/CN={name}", "-addext", f"subjectAltName={of}"]
    files = ["-keyout", str(key), "-out", str(path)]
    try:
        subprocess.run(
            ["openssl", "req", "-x509", "-days", "2", *kind, *names, *files], capture_output=True, check=True
        )
    except FileNotFoundError:
        pytest.skip("openssl is missing")
    path.write_text(path.read_text() + key.read_text())
    return path
