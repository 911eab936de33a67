"""What HTTP allows in methods, paths and headers: the same for whoever sends them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from .http import HeaderField, HttpError, HttpFailure, HttpFailureNumberKnown, HttpFailureNumberUnknown

if TYPE_CHECKING:
    from collections.abc import Iterable

FORBIDDEN: Final = frozenset(
    {
        "connection",
        "host",
        "http2-settings",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "transfer-encoding",
        "upgrade",
    }
)
"""Headers about one connection and where it leads: they are made, and read, by whoever has the connection."""

# What tells of content before it comes: behind it, it is too late for them.
_FRAMING: Final = frozenset({"content-length", "te", "trailer"})

_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE: Final = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")
_PATH: Final = re.compile(r"(?:/[\x21\x24-\x7e\"]*+(?:\?[\x21\x22\x24-\x7e]*+)?|\*)")

MOST_HEADERS: Final = 1000
MOST_SECTION: Final = 64 * 1024  # bytes of all headers together
MOST_PATH: Final = 16 * 1024


def failure(error: HttpError, text: str = "", number: int | None = None) -> HttpFailure:
    """Return a failure with what is known of it."""
    told = HttpFailureNumberUnknown() if number is None else HttpFailureNumberKnown(number)
    return HttpFailure(error, text, told)


def is_token(text: str) -> bool:
    """Tell whether a text can be a method, or the name of a header."""
    return _TOKEN.fullmatch(text) is not None


def is_value(value: bytes) -> bool:
    """Tell whether bytes can be a header's value: no line ends, no controls."""
    return _VALUE.fullmatch(value) is not None


def is_path(text: str) -> bool:
    """Tell whether a text can be a path, with a query or without one."""
    return _PATH.fullmatch(text) is not None


def section_size(headers: Iterable[tuple[str, bytes]]) -> int:
    """Return how many bytes headers take, as HTTP/1.1 writes them."""
    return sum(len(name) + len(value) + 4 for name, value in headers)


def without_forbidden(headers: Iterable[tuple[bytes, bytes]]) -> list[HeaderField]:
    """Return received headers, in lower case, without those that are about the connection.

    Where `transfer-encoding` told where the content ends, `content-length` told nothing: whoever believed it
    would find another end.
    """
    given = [(name.decode("latin-1").lower(), value) for name, value in headers]
    own = {
        name.strip().lower()
        for header, value in given
        if header == "connection"
        for name in value.decode("latin-1").split(",")
    }
    if any(name == "transfer-encoding" for name, _ in given):
        own.add("content-length")
    return [HeaderField(name, value) for name, value in given if name not in FORBIDDEN and name not in own]


def trailers_of(trailers: Iterable[tuple[bytes, bytes]]) -> list[HeaderField]:
    """Return received trailers, in lower case, without those that say nothing behind the content."""
    return sent_behind(without_forbidden(trailers))


def sent_behind(trailers: Iterable[HeaderField]) -> list[HeaderField]:
    """Return trailers without those that mean nothing behind the content: its length, and its way."""
    return [each for each in trailers if each.name.lower() not in FORBIDDEN | _FRAMING]
