"""Where requests may go: origins, and patterns of them."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

PORTS: Final = {"http": 80, "https": 443}
"""The schemes that there are, and the port of each where none is named."""

_HOST: Final = r"\[(?P<six>[0-9A-Fa-f:.]{2,45})\]|(?P<name>[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*+\.?)"
_AUTHORITY: Final = re.compile(rf"(?:{_HOST})(?::(?P<port>[0-9]{{1,5}}))?")
_PATTERN: Final = re.compile(
    rf"(?P<scheme>https?)://(?:(?P<any>\*)|(?P<below>\*\.)?(?:{_HOST}))(?::(?P<port>\*|[0-9]{{1,5}}))?/?"
)
_MOST_NAME: Final = 255

EXPECTED: Final = "an origin such as 'https://api.example.org', 'http://*.example.org:8080' or 'https://*:*'"


class Origin(NamedTuple):
    """One server: a scheme, a host in its canonical form, a port."""

    scheme: str
    host: str
    port: int


def read_origin(scheme: str, authority: str) -> Origin | None:
    """Return the origin that a scheme and an authority name, or None where they name none.

    A user's name and password before the host are not taken: they would be a header of their own.
    """
    found = _AUTHORITY.fullmatch(authority)
    if scheme not in PORTS or found is None or len(authority) > _MOST_NAME:
        return None
    port = PORTS[scheme] if found["port"] is None else int(found["port"])
    host = _host(found)
    return Origin(scheme, host, port) if host is not None and 0 < port < 65536 else None


def is_authority(text: str) -> bool:
    """Tell whether a text is a host, with a port or without one."""
    return read_origin("https", text) is not None


def _host(found: re.Match[str]) -> str | None:
    """Return a host in the form in which two names of one host are equal."""
    if found["six"] is None:
        return found["name"].lower().removesuffix(".")
    try:
        return str(ipaddress.IPv6Address(found["six"]))
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class OriginRule:
    """Some origins: of one scheme.

    Attributes:
        scheme: `http` or `https`.
        host: their host, or None for any.
        below: whether all names below `host` are meant, and not that itself.
        port: their port, or None for any.
    """

    scheme: str
    host: str | None
    below: bool
    port: int | None

    @classmethod
    def parse(cls, text: object) -> OriginRule:
        """Read a rule.

        Raises:
            ValueError: it is none; the message begins with "expected".
        """
        found = _PATTERN.fullmatch(text) if isinstance(text, str) else None
        if found is None:
            raise ValueError(f"expected {EXPECTED}, got {text!r}")
        host = None if found["any"] else _host(found)
        port = found["port"]
        number = None if port == "*" else PORTS[found["scheme"]] if port is None else int(port)
        if (host is None and not found["any"]) or (number is not None and number not in range(1, 65536)):
            raise ValueError(f"expected {EXPECTED}, got {text!r}")
        return cls(found["scheme"], host, bool(found["below"]), number)

    def matches(self, origin: Origin) -> bool:
        """Tell whether an origin is one of them."""
        if self.scheme != origin.scheme or self.port not in (None, origin.port):
            return False
        if self.host is None:
            return True
        return origin.host.endswith(f".{self.host}") if self.below else origin.host == self.host

    def within(self, other: OriginRule) -> bool:
        """Tell whether all that this rule means the `other` means, too."""
        if self.scheme != other.scheme or other.port not in (None, self.port):
            return False
        if other.host is None:
            return True
        if self.host is None:
            return False
        if other.below:
            return self.host.endswith(f".{other.host}") or (self.below and self.host == other.host)
        return self.host == other.host and not self.below


class Origins:
    """A set of origins, by patterns: `https://api.example.org`, `http://*.example.org:8080`, `https://*:*`.

    `*.example.org` is every name below, and not example.org itself; `*` every host; without a port it is the
    scheme's own. A name is matched as it is asked for: which address it stands for is its owner's affair.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        """Read patterns.

        Raises:
            ValueError: one is none; the message begins with "expected".
        """
        self._patterns = tuple(dict.fromkeys(OriginRule.parse(text) for text in patterns))

    def __contains__(self, origin: Origin) -> bool:
        """Tell whether an origin is one of them."""
        return any(pattern.matches(origin) for pattern in self._patterns)
