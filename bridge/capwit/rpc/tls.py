"""TLS for connections: who a peer is, told by certificates."""

from __future__ import annotations

import errno
import ssl
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from pathlib import Path


def client_tls(
    *, ca: Path | None = None, certificate: Path | None = None, key: Path | None = None
) -> ssl.SSLContext:
    """Return what a client's side needs: a peer's certificate must be of the authority `ca`, and of its name.

    Without `ca` it is of those that the system trusts. `certificate` and `key` say who we are. All three are
    PEM files.

    Raises:
        OSError, ssl.SSLError: a file cannot be read, or is none; or the key has a passphrase.
    """
    context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=ca)
    return _with(context, certificate, key)


def server_tls(certificate: Path, key: Path, *, clients: Path | None = None) -> ssl.SSLContext:
    """Return what a server's side needs; with `clients`, who connects has a certificate of that authority.

    Raises:
        OSError, ssl.SSLError: a file cannot be read, or is none; or the key has a passphrase.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=clients)
    if clients is not None:
        context.verify_mode = ssl.CERT_REQUIRED
    return _with(context, certificate, key)


def _with(context: ssl.SSLContext, certificate: Path | None, key: Path | None) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    if certificate is not None:
        context.load_cert_chain(certificate, key, password=_ask_nobody)
    return context


def _ask_nobody() -> NoReturn:
    """Stand for the terminal, on which OpenSSL would wait for a passphrase."""
    why = "the key has a passphrase, and nobody is there to ask. Mend: a key without one"
    raise PermissionError(errno.EACCES, why)
