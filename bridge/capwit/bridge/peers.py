"""Where capabilities of other processes are: `capnp://10.0.0.1:9000`, `unix:/run/db#store.open:users`."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

PEER: Final = (
    "a peer such as 'capnp://127.0.0.1:9000', 'capnps://store.example:9000' (TLS) or 'unix:/run/store'"
)
STEPS: Final = "steps such as 'store.open:accounts/bucket.view' behind the '#'"

_HOST: Final = r"\[(?P<six>[0-9A-Fa-f:.]{2,45})\]|(?P<name>[A-Za-z0-9_.-]{1,255})"
_TCP: Final = re.compile(rf"(?:(?P<scheme>capnps?)://)?(?:{_HOST}):(?P<port>[0-9]{{1,5}})/?")
_STEP: Final = re.compile(
    r"(?P<interface>[a-z][a-z0-9-]{0,255})\.(?P<method>[a-z][a-z0-9-]{0,255})(?P<arguments>(?::[^:/#]*)*)"
)
_MOST_STEPS: Final = 16
_MOST: Final = 4096  # characters


@dataclass(frozen=True, slots=True)
class PeerAddress:
    """Where a process listens that speaks Cap'n Proto RPC.

    Attributes:
        host, port: by TCP: a name or an address.
        socket: the path of a Unix socket; empty where it is TCP.
        tls: whether it is TLS over that.
    """

    host: str = ""
    port: int = 0
    socket: str = ""
    tls: bool = False

    @classmethod
    def parse(cls, text: str) -> PeerAddress:
        """Read `capnp://host:port`, `capnps://host:port`, `unix:/path`, or `host:port` for short.

        Raises:
            ValueError: it is none of these.
        """
        kind, colon, path = text.partition(":")
        if colon and kind == "unix" and path and "\0" not in path:
            return cls(socket=path)
        found = _TCP.fullmatch(text) if len(text) <= _MOST else None
        if found is None or int(found["port"]) > 65535:
            raise ValueError(f"{text!r} is no address. Mend: `host:port`, or `unix:/path`")
        return cls(found["six"] or found["name"], int(found["port"]), tls=found["scheme"] == "capnps")

    @property
    def ip(self) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
        """Its IP address, where it is not a name that has one."""
        try:
            return ipaddress.ip_address(self.host)
        except ValueError:
            return None

    @property
    def endpoint(self) -> str:
        """The host and the port, as address rules are written."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def plain(self) -> str:
        """Where it is, without how it is spoken to: `127.0.0.1:9000`, `unix:/path`."""
        return f"unix:{self.socket}" if self.socket else self.endpoint

    def __str__(self) -> str:
        """Show it as a manifest has it."""
        if self.socket:
            return self.plain
        return f"{'capnps' if self.tls else 'capnp'}://{self.endpoint}"


@dataclass(frozen=True, slots=True)
class Step:
    """One step from a peer's capability to another one: a method that returns it.

    Attributes:
        interface, method: their WIT names, as a policy has them: `store.open`.
        arguments: texts, one for each parameter.
    """

    interface: str
    method: str
    arguments: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Show it as a manifest has it."""
        return ":".join(
            (f"{self.interface}.{self.method}", *(quote(each, safe=" ") for each in self.arguments))
        )


def parse_steps(text: str) -> tuple[Step, ...]:
    """Read the way from a peer's capability to the one that is meant: `store.open:accounts/bucket.view`.

    In an argument, any character may stand as `%2F` does for `/`; `:`, `/`, `#` and `%` must.

    Raises:
        ValueError: it is none.
    """
    if not text:
        return ()
    found = [_STEP.fullmatch(step) for step in text.split("/", _MOST_STEPS)] if len(text) <= _MOST else [None]
    steps = []
    for step in found:
        if step is None or re.search("%(?![0-9A-Fa-f]{2})", step["arguments"]):
            raise ValueError(f"expected {STEPS}, got {text!r}")
        arguments = tuple(unquote(each) for each in step["arguments"].split(":")[1:])
        steps.append(Step(step["interface"], step["method"], arguments))
    return tuple(steps)


def parse_peer(text: str) -> tuple[PeerAddress, tuple[Step, ...]]:
    """Read a peer and, behind a `#`, the steps to one of its capabilities.

    Raises:
        ValueError: it is none; the message says what was expected.
    """
    address, _, steps = text.partition("#")
    if not address.startswith(("capnp://", "capnps://", "unix:")):
        raise ValueError(f"expected {PEER}, got {text!r}")
    try:
        peer = PeerAddress.parse(address)
    except ValueError:
        raise ValueError(f"expected {PEER}, got {text!r}") from None
    return peer, parse_steps(steps)
