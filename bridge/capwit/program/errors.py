"""How a program cannot be started, beyond what its manifest says wrongly."""

from __future__ import annotations

from capwit.bridge.errors import ManifestError


class ListenError(ManifestError):
    """A socket's address that cannot be listened at: the message has the file, the key and the address."""
