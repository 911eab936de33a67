"""Reading TOML's tables: each wrong key is an error that says where it is and what was expected."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any, Self, TypeVar

from capwit.bridge.errors import ManifestError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from capwit.bridge.holdings import Place

T = TypeVar("T")


def read_toml(path: Path, what: str) -> dict[str, Any]:
    """Read a file of TOML.

    Raises:
        ManifestError: it cannot be read, or is none.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ManifestError(f"{path}: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise ManifestError(f"{path}: not UTF-8 text (byte {error.start})") from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ManifestError(f"{path}: not TOML: {error}") from None
    except (RecursionError, ValueError) as error:  # ValueError: a number of thousands of digits
        raise ManifestError(f"{path}: not {what}: {error}") from None


class TableReader:
    """Reads tables, and knows where in the file it is."""

    def __init__(self, path: Path, prefix: str, place: Place) -> None:
        """Read at a place in a file: `prefix` is the keys that lead to it, each with its dot."""
        self._path = path
        self._prefix = prefix
        self._place = place

    def _error(self, key: str, expected: str) -> ManifestError:
        return ManifestError(f"{self._path}: {self._prefix}{key}: {expected}")

    def _inside(self, key: str) -> Self:
        return type(self)(self._path, f"{self._prefix}{key}.", self._place)

    def _only(self, table: dict[str, Any], known: tuple[str, ...]) -> None:
        for key in table:
            if key not in known:
                raise self._error(key, f"unknown key; known are {', '.join(known) or 'none'}")

    def _get(self, table: dict[str, Any], key: str, kind: type, expected: str) -> Any:
        value = table[key]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self._error(key, f"expected {expected}, got {value!r}")
        return value

    def _text(self, table: dict[str, Any], key: str, expected: str) -> str:
        if key not in table:
            raise self._error(key, f"missing; expected {expected}")
        text: str = self._get(table, key, str, expected)
        return text

    def _one_of(self, table: dict[str, Any], key: str, known: tuple[T, ...]) -> T:
        """Return one of the values that are known: the first one where nothing is said."""
        value = table.get(key, known[0])
        if value not in known:
            raise self._error(key, f"expected one of {', '.join(map(repr, known))}, got {value!r}")
        return known[known.index(value)]

    def _file(self, text: str) -> Path:
        try:
            return self._place.locate(text)
        except ValueError as error:
            raise ManifestError(f"{self._path}: {self._prefix}{error}") from None

    def _check(self, key: str, check: Callable[..., T], *arguments: Any) -> T:
        try:
            return check(*arguments)
        except ValueError as error:
            raise self._error(key, str(error).removeprefix(f"{key}: ")) from None

    def _table(self, table: dict[str, Any], key: str, expected: str) -> dict[str, Any]:
        """Return a table that may be left out."""
        found: dict[str, Any] = self._get(table, key, dict, expected) if key in table else {}
        return found

    def _tables(self, table: dict[str, Any], key: str) -> dict[str, dict[str, Any]]:
        given = self._table(table, key, f"a table of {key}")
        inside = self._inside(key)
        return {name: inside._get(given, name, dict, "a table") for name in given}

    def _strings(self, table: dict[str, Any], key: str) -> list[str]:
        value = table.get(key, [])
        if isinstance(value, str) and key == "bindings":
            value = [value]
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self._error(key, f"expected a list of strings, got {value!r}")
        return value
