"""Where a request leads: the authority and the path of what a client asks for.

Source: RFC 9112, sections 3.2 and 3.3; RFC 3986, section 3.2.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from capwit.caps.http_headers import is_path

if TYPE_CHECKING:
    from collections.abc import MutableMapping

_ABSOLUTE: Final = re.compile(r"https?://([^/]*)(/.*)?", re.IGNORECASE | re.DOTALL)
_AUTHORITY: Final = re.compile(
    r"(?:\[[0-9A-Fa-f:.]+\]|(?:[\w.~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)(?::[0-9]*)?", re.ASCII
)
_IN_PATH: Final = "/:@!$&'()*+,;=~"  # what a path has unquoted, beside letters, digits and `_.-`


def path_of(scope: MutableMapping[str, Any]) -> str:
    """Return the target of a request as it was sent, but for its query."""
    raw: bytes | None = scope.get("raw_path")
    return quote(scope["path"], safe=_IN_PATH) if raw is None else raw.decode("latin-1")


def target_of(scope: MutableMapping[str, Any]) -> tuple[str, str] | None:
    """Return the authority, which may be empty, and the path with its query; nothing for what is no target.

    The authority of a target that names one counts, and not the header `host`.
    """
    path = path_of(scope)
    absolute = _ABSOLUTE.fullmatch(path)
    if absolute is not None:
        authority, path = absolute[1], absolute[2] or ("*" if scope["method"] == "OPTIONS" else "/")
        if not authority:
            return None
    else:
        named = (value for name, value in scope["headers"] if bytes(name).lower() in (b"host", b":authority"))
        authority = bytes(next(named, b"")).decode("latin-1")
    query = scope.get("query_string", b"").decode("latin-1")
    if query:
        path = f"{path}?{query}"
    if not is_path(path) or (path == "*" and scope["method"] != "OPTIONS"):
        return None
    return (authority, path) if _AUTHORITY.fullmatch(authority) else None
