"""The kinds of standard capability that a manifest can name, and the options each takes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final, Protocol

from capwit.bridge.addresses import ENDPOINT, NAME, RULE, AddressRule, parse_endpoint, parse_name
from capwit.bridge.holdings import EVERYWHERE, Holdings
from capwit.bridge.origins import EXPECTED, PORTS, OriginRule
from capwit.engine.limits import parse_size, parse_time

if TYPE_CHECKING:
    from pathlib import Path

    from capwit.bridge.holdings import Place, Reach


class Option(Protocol):
    """What an option may be.

    Attributes:
        required: whether it must be given.
        expected: what is expected, to be read after that word.
    """

    @property
    def required(self) -> bool:
        """Whether it must be given."""

    @property
    def expected(self) -> str:
        """What is expected."""

    def read(self, value: object, place: Place) -> Any:
        """Return the value that is meant.

        Raises:
            ValueError: it is none; the message begins with "expected", or says what mends it.
        """


def _unexpected(option: Option, value: object) -> ValueError:
    return ValueError(f"expected {option.expected}, got {value!r}")


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number."""

    least: int
    most: int
    required: bool = False

    @property
    def expected(self) -> str:
        """What is expected."""
        return f"a whole number from {self.least} to {self.most}"

    def read(self, value: object, place: Place) -> int:
        """Return the number."""
        if type(value) is not int or not self.least <= value <= self.most:
            raise _unexpected(self, value)
        return value


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    required: bool = False
    expected: str = "true or false"

    def read(self, value: object, place: Place) -> bool:
        """Return which."""
        if not isinstance(value, bool):
            raise _unexpected(self, value)
        return value


@dataclass(frozen=True, slots=True)
class Size:
    """A number of bytes."""

    required: bool = False
    expected: str = "a size such as 65536 or '64MiB'"

    def read(self, value: object, place: Place) -> int:
        """Return the bytes."""
        if not isinstance(value, int | str):
            raise _unexpected(self, value)
        return parse_size(value)


@dataclass(frozen=True, slots=True)
class Text:
    """A text."""

    expected: str
    required: bool = False

    def read(self, value: object, place: Place) -> str:
        """Return it."""
        if not isinstance(value, str):
            raise _unexpected(self, value)
        return value


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts by name."""

    expected: str
    required: bool = False

    def read(self, value: object, place: Place) -> dict[str, str]:
        """Return them."""
        if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
            raise _unexpected(self, value)
        return value


@dataclass(frozen=True, slots=True)
class Location:
    """A path, relative to the manifest's folder, and in one that the host gives.

    Attributes:
        kind: of capability that the host must give as well, as this one does not say that it reaches files.
    """

    expected: str
    required: bool = True
    kind: str = ""

    def read(self, value: object, place: Place) -> Path:
        """Return the path, made absolute."""
        if not isinstance(value, str):
            raise _unexpected(self, value)
        if self.kind:
            place.has_kind(self.kind)
        return place.within(value)


@dataclass(frozen=True, slots=True)
class Servers:
    """The servers that may be asked, by their origins, of those that the host gives."""

    required: bool = True
    expected: str = f"{EXPECTED}, or a list of such"

    def read(self, value: object, place: Place) -> tuple[str, ...]:
        """Return the origins."""
        given = [value] if isinstance(value, str) else value
        if not isinstance(given, list) or not given:
            raise _unexpected(self, value)
        for text in given:
            place.asks(OriginRule.parse(text), text)
        return tuple(given)


@dataclass(frozen=True, slots=True)
class Methods:
    """Some methods of HTTP."""

    required: bool = False
    expected: str = "a method such as 'GET', or a list of such"

    def read(self, value: object, place: Place) -> tuple[str, ...]:
        """Return the methods."""
        given = [value] if isinstance(value, str) else value
        if not isinstance(given, list) or not all(isinstance(each, str) and each.isalpha() for each in given):
            raise _unexpected(self, value)
        return tuple(given)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Addresses of the network, of which the host gives some: to connect to, or to listen at."""

    of: Reach
    required: bool = False
    expected: str = f"a list of {RULE}"

    def read(self, value: object, place: Place) -> list[str]:
        """Return the rules."""
        if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            raise _unexpected(self, value)
        for text in value:
            place.reaches(self.of, AddressRule.parse(text), text)
        return value


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address of the network, of those that the host gives."""

    of: Reach
    required: bool = False
    expected: str = ENDPOINT

    def read(self, value: object, place: Place) -> str:
        """Return it."""
        if not isinstance(value, str):
            raise _unexpected(self, value)
        parse_endpoint(value)
        place.reaches(self.of, AddressRule.parse(value), value)
        return value


@dataclass(frozen=True, slots=True)
class Names:
    """Names of hosts, of those that the host gives."""

    required: bool = False
    expected: str = f"a list of {NAME}"

    def read(self, value: object, place: Place) -> list[str]:
        """Return the patterns."""
        if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            raise _unexpected(self, value)
        for text in value:
            place.resolves(parse_name(text), text)
        return value


@dataclass(frozen=True, slots=True)
class Hosts:
    """Fixed addresses by names."""

    required: bool = False
    expected: str = "a table of lists of addresses, such as { db = ['10.0.0.1'] }"

    def read(self, value: object, place: Place) -> dict[str, list[str]]:
        """Return them."""
        if not isinstance(value, dict) or not all(isinstance(texts, list) for texts in value.values()):
            raise _unexpected(self, value)
        for name, texts in value.items():
            parse_name(name)
            for text in texts:
                if not isinstance(text, str):
                    raise _unexpected(self, value)
                ip_address(text)
        return value


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time, in seconds."""

    required: bool = False
    expected: str = "a time such as 2 or '250ms'"

    def read(self, value: object, place: Place) -> float:
        """Return the seconds."""
        if not isinstance(value, int | float | str):
            raise _unexpected(self, value)
        return parse_time(value)


_RESOLUTION: Final = Whole(1, 1_000_000_000)
_COUNT: Final = Whole(1, 1_000_000)

_REDIRECTED: Final[dict[str, Option]] = {
    "path": Location("the path of a file", required=False, kind="directory")
}

KINDS: Final[dict[str, dict[str, Option]]] = {
    "console": _REDIRECTED,
    "stderr": _REDIRECTED,
    "terminal": {},
    "stdin": _REDIRECTED,
    "stdout": {},
    "timer": {"resolution": _RESOLUTION, "stepped": Flag()},
    "wall_clock": {"resolution": _RESOLUTION, "fixed": Whole(0, 2**64 - 1)},
    "entropy": {"seed": Whole(0, 2**64 - 1)},
    "directory": {"path": Location("the path of a folder"), "readonly": Flag(), "files": _COUNT},
    "memory": {"bytes": Size(), "nodes": _COUNT},
    "store": {"path": Location("the path of a folder", required=False), "limit": Size(), "readonly": Flag()},
    "scripts": {"path": Location("the path of a folder"), "entry": Text("a name", required=True)},
    "settings": {"values": Texts("a table of strings"), "readonly": Flag()},
    "audit": {"path": Location("the path of a file"), "source": Text("a name"), "limit": Size()},
    "fetch": {"allow": Servers(), "methods": Methods(), "connections": _COUNT},
    "network": {"connect": Addresses("connect"), "listen": Addresses("listen"), "sockets": _COUNT},
    "resolver": {"names": Names(), "hosts": Hosts()},
    "tcp_listener": {"address": Endpoint("listen", required=True), "sockets": _COUNT},
    "tcp_socket": {"address": Endpoint("connect", required=True)},
    "udp_socket": {"address": Endpoint("listen"), "peer": Endpoint("connect")},
    "fuel": {"amount": Whole(0, 2**63 - 1, required=True)},
}
"""What each kind is made with, by the names of its maker's parameters."""

REMOTE: Final[dict[str, Option]] = {
    "interface": Text("the name of an interface"),
    "reconnect": Duration(),
    "timeout": Duration(),
    "keepalive": Duration(),
    **{name: Location("the path of a file", required=False) for name in ("ca", "certificate", "key")},
}
"""What may be said of a grant that lives in another process."""

MACHINE: Final = Holdings(kinds=frozenset(KINDS), own_folder=True, code=True)
"""What the command line gives to a manifest: every kind, and the manifest's own folder with its code. Of the
network it gives what `--allow-connect`, `--allow-listen` and `--allow-resolve` say."""


def everything(root: Path) -> Holdings:
    """Return what the owner of the host has: all that this machine has, its files below `root`."""
    anywhere = tuple(OriginRule.parse(f"{scheme}://*:*") for scheme in PORTS)
    return replace(
        MACHINE,
        folders=(root,),
        connect=EVERYWHERE,
        unix=(root,),
        listen=EVERYWHERE,
        fetch=anywhere,
        names=("*",),
    )
