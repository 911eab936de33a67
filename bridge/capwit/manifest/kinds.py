"""The kinds of standard capability that a manifest can name, and the options each takes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final

from capwit.bridge.addresses import ENDPOINT, NAME, RULE, AddressRule, parse_endpoint, parse_name
from capwit.bridge.holdings import EVERYWHERE, Holdings
from capwit.bridge.origins import EXPECTED, PORTS, OriginRule
from capwit.engine.limits import parse_size, parse_time

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from capwit.bridge.holdings import Place, Reach


def _as_it_is(value: Any, place: Place) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class Option:
    """What an option may be.

    Attributes:
        expected: what is expected, to be read after that word.
        fits: whether a value has the shape that is expected.
        meant: the value that one of that shape means in a place; raises ValueError if it means none there.
        required: whether it must be given.
    """

    expected: str
    fits: Callable[[object], bool]
    meant: Callable[[Any, Place], Any] = _as_it_is
    required: bool = False

    def read(self, value: object, place: Place) -> Any:
        """Return the value that is meant.

        Raises:
            ValueError: it is none; the message begins with "expected", or says what mends it.
        """
        if not self.fits(value):
            raise ValueError(f"expected {self.expected}, got {value!r}")
        return self.meant(value, place)


def whole(least: int, most: int) -> Option:
    """Return an option that is a whole number."""
    return Option(
        f"a whole number from {least} to {most}", lambda value: type(value) is int and least <= value <= most
    )


def _required(option: Option) -> Option:
    return replace(option, required=True)


def _is(*types: type) -> Callable[[object], bool]:
    return lambda value: isinstance(value, types)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def _listed(value: object) -> Any:
    """Return a value that may be a list: a text stands for a list of itself."""
    return [value] if isinstance(value, str) else value


def _each(check: Callable[[str, Place], object]) -> Callable[[Any, Place], list[str]]:
    """Return what takes texts, or one that stands alone, and checks each."""

    def meant(given: str | list[str], place: Place) -> list[str]:
        texts: list[str] = _listed(given)
        for text in texts:
            check(text, place)
        return texts

    return meant


def _text(expected: str) -> Option:
    return Option(expected, _is(str))


def _location(expected: str) -> Option:
    """Return an option that is a path: relative to the manifest's folder, and in one that the host gives."""
    return Option(expected, _is(str), lambda text, place: place.within(text))


def _redirected(text: str, place: Place) -> Path:
    place.has_kind("directory")  # the stream's own kind does not say that it reaches files
    return place.within(text)


def _addresses(of: Reach) -> Option:
    """Return an option that is addresses of the network, of those that the host gives for one use."""
    check = _each(lambda text, place: place.reaches(of, AddressRule.parse(text), text))
    return Option(f"a list of {RULE}", _is_texts, check)


def _endpoint(of: Reach) -> Option:
    """Return an option that is one address of the network, of those that the host gives for one use."""

    def meant(text: str, place: Place) -> str:
        parse_endpoint(text)
        place.reaches(of, AddressRule.parse(text), text)
        return text

    return Option(ENDPOINT, _is(str), meant)


def _hosts(hosts: dict[str, list[str]], place: Place) -> dict[str, list[str]]:
    for name, addresses in hosts.items():
        parse_name(name)
        for address in addresses:
            ip_address(address)
    return hosts


_FLAG: Final = Option("true or false", _is(bool))
_SIZE: Final = Option("a size such as 65536 or '64MiB'", _is(int, str), lambda size, _: parse_size(size))
_TIME: Final = Option("a time such as 2 or '250ms'", _is(int, float, str), lambda time, _: parse_time(time))
_FOLDER: Final = _location("the path of a folder")
_FILE: Final = _location("the path of a file")
_COUNT: Final = whole(1, 1_000_000)
_RESOLUTION: Final = whole(1, 1_000_000_000)
_U64: Final = whole(0, 2**64 - 1)
_SETTINGS: Final = Option(
    "a table of strings", lambda value: isinstance(value, dict) and _is_texts([*value.values()])
)
_SERVERS: Final = Option(
    f"{EXPECTED}, or a list of such",
    lambda value: isinstance(_listed(value), list) and bool(_listed(value)),
    _each(lambda text, place: place.asks(OriginRule.parse(text), text)),
)
_METHODS: Final = Option(
    "a method such as 'GET', or a list of such",
    lambda value: _is_texts(_listed(value)) and all(text.isalpha() for text in _listed(value)),
    lambda given, _: _listed(given),
)
_NAMES: Final = Option(
    f"a list of {NAME}", _is_texts, _each(lambda text, place: place.resolves(parse_name(text), text))
)
_HOSTS: Final = Option(
    "a table of lists of addresses, such as { db = ['10.0.0.1'] }",
    lambda value: isinstance(value, dict) and all(map(_is_texts, value.values())),
    _hosts,
)
_STREAM: Final = {"path": Option("the path of a file", _is(str), _redirected)}

KINDS: Final[dict[str, dict[str, Option]]] = {
    "console": _STREAM,
    "stderr": _STREAM,
    "terminal": {},
    "stdin": _STREAM,
    "stdout": {},
    "timer": {"resolution": _RESOLUTION, "stepped": _FLAG},
    "wall_clock": {"resolution": _RESOLUTION, "fixed": _U64},
    "entropy": {"seed": _U64},
    "directory": {"path": _required(_FOLDER), "readonly": _FLAG, "files": _COUNT},
    "memory": {"bytes": _SIZE, "nodes": _COUNT},
    "store": {"path": _FOLDER, "limit": _SIZE, "readonly": _FLAG},
    "scripts": {"path": _required(_FOLDER), "entry": _required(_text("a name"))},
    "settings": {"values": _SETTINGS, "readonly": _FLAG},
    "audit": {"path": _required(_FILE), "source": _text("a name"), "limit": _SIZE},
    "fetch": {"allow": _required(_SERVERS), "methods": _METHODS, "connections": _COUNT},
    "network": {"connect": _addresses("connect"), "listen": _addresses("listen"), "sockets": _COUNT},
    "resolver": {"names": _NAMES, "hosts": _HOSTS},
    "tcp_listener": {"address": _required(_endpoint("listen")), "sockets": _COUNT},
    "tcp_socket": {"address": _required(_endpoint("connect"))},
    "udp_socket": {"address": _endpoint("listen"), "peer": _endpoint("connect")},
    "fuel": {"amount": _required(whole(0, 2**63 - 1))},
}
"""What each kind is made with, by the names of its maker's parameters."""

REMOTE: Final[dict[str, Option]] = {
    "interface": _text("the name of an interface"),
    **dict.fromkeys(("reconnect", "timeout", "keepalive"), _TIME),
    **dict.fromkeys(("ca", "certificate", "key"), _FILE),
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
