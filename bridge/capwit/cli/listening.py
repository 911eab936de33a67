"""Where a command listens for clients."""

from __future__ import annotations

from capwit.rpc import Listening, PeerAddress

from .errors import AddressError, UsageError


def listen(text: str) -> Listening:
    """Listen at an address that `--listen` is given.

    Raises:
        UsageError: it is none.
        AddressError: it cannot be listened at.
    """
    try:
        address = PeerAddress.parse(text)
    except ValueError as error:
        raise UsageError(f"--listen: {error}") from None
    if address.tls:
        raise UsageError(
            f"--listen {text}: the scheme does not make it TLS. "
            f"Mend: --listen {address.plain}, with --certificate and --key"
        )
    try:
        return Listening(address)
    except (OSError, ValueError) as error:  # the latter for what can be no name
        raise AddressError(
            f"--listen {text}: cannot be listened at: {getattr(error, 'strerror', None) or error}. "
            "Mend: name an address of this machine that nobody has, or port 0"
        ) from None
