"""Where a peer is."""

from __future__ import annotations

from typing import NamedTuple


class Address(NamedTuple):
    """Where a peer is: by TCP, or by a Unix socket, whose `path` is empty otherwise."""

    host: str
    port: int
    path: str

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read `host:port` or `unix:/path`.

        Raises:
            ValueError: it is neither.
        """
        kind, _, path = text.partition(":")
        if kind == "unix" and path:
            return cls("", 0, path)
        host, _, port = text.rpartition(":")
        if not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
            raise ValueError(f"{text!r} is no address. Mend: `host:port`, or `unix:/path`")
        return cls(host.removeprefix("[").removesuffix("]"), int(port), "")

    def __str__(self) -> str:
        """Show it as it is read."""
        if self.path:
            return f"unix:{self.path}"
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"
