"""TLS, by options: what a server shows, and whom it believes."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from .errors import UsageError

if TYPE_CHECKING:
    import argparse


def add_options(command: argparse._ActionsContainer) -> None:
    """Add the options."""
    command.add_argument(
        "--certificate",
        type=Path,
        metavar="FILE.pem",
        help="serve by TLS, with this certificate and its chain",
    )
    command.add_argument(
        "--key", type=Path, metavar="FILE.pem", help="its key, where that is not in the same file"
    )
    command.add_argument(
        "--client-ca", type=Path, metavar="FILE.pem",
        help="take only clients that show a certificate of this authority",
    )  # fmt: skip


def server_context(options: argparse.Namespace) -> ssl.SSLContext | None:
    """Return what TLS is made by, or None where none is asked for.

    Raises:
        UsageError: a file cannot be read, or is none; or an option stands alone.
    """
    if options.certificate is None:
        for name in ("key", "client_ca"):
            if getattr(options, name) is not None:
                raise UsageError(f"--{name.replace('_', '-')}: there is no TLS without --certificate")
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(options.certificate, options.key, password=_ask_nobody)
    except (OSError, ValueError) as error:
        files = " and ".join(str(each) for each in (options.certificate, options.key) if each is not None)
        raise UsageError(f"--certificate: {files}: {_reason(error)}") from None
    if options.client_ca is not None:
        try:
            context.load_verify_locations(options.client_ca)
        except (OSError, ValueError) as error:
            raise UsageError(f"--client-ca: {options.client_ca}: {_reason(error)}") from None
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _ask_nobody() -> NoReturn:
    raise ValueError("the key has a passphrase, and nobody is there to ask. Mend: a key without one")


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return "no certificate or key in PEM, or one that is not the other's"
    return getattr(error, "strerror", None) or str(error)
