"""Where a command listens for clients."""

from __future__ import annotations

from capwit.rpc import Listening, PeerAddress

from .errors import UsageError, listened_at


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
    with listened_at(f"--listen {text}"):
        return Listening(address)
