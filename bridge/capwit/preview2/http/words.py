"""Methods and schemes: words of HTTP, which WASI has cases for."""

from __future__ import annotations

from typing import Final, TypeAlias

from capwit.caps.http_headers import is_token
from capwit.engine.types import STRING, Case, Variant
from capwit.preview2.errors import WasiError

_MOST: Final = 255  # characters: no method and no scheme is longer

# A word as the engine has it: a case, and the word itself where the case is `other`.
Word: TypeAlias = tuple[str, str | None]

_METHODS: Final = ("get", "head", "post", "put", "delete", "connect", "options", "trace", "patch")
_SCHEMES: Final = ("HTTP", "HTTPS")

METHOD: Final = Variant((*(Case(label, None) for label in _METHODS), Case("other", STRING)), "method")
SCHEME: Final = Variant((*(Case(label, None) for label in _SCHEMES), Case("other", STRING)), "scheme")


def method_case(method: str) -> Word:
    """Return the case of a method: GET is `get`, and get is some other."""
    label = method.lower()
    return (label, None) if label in _METHODS and method.isupper() else ("other", method)


def method_word(case: Word) -> str:
    """Return the method of a case.

    Raises:
        WasiError: it is none.
    """
    return _word(case).upper() if case[0] != "other" else _word(case)


def scheme_case(scheme: str) -> Word:
    """Return the case of a scheme, which is the same in any case."""
    label = scheme.upper()
    return (label, None) if label in _SCHEMES else ("other", scheme)


def scheme_word(case: Word) -> str:
    """Return the scheme of a case.

    Raises:
        WasiError: it is none.
    """
    return _word(case).lower()


def _word(case: Word) -> str:
    label, other = case
    word = label if other is None else other
    if len(word) > _MOST or not is_token(word):
        raise WasiError(None)
    return word
