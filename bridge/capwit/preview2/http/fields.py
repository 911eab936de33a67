"""`fields`: the headers and trailers of messages.

Source: https://github.com/WebAssembly/WASI/tree/main/proposals/http
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, TypeAlias

from capwit.bridge.errors import Limit, LimitExceeded
from capwit.caps.http import HeaderField
from capwit.caps.http_headers import FORBIDDEN, MOST_HEADERS, MOST_SECTION, is_token, is_value, section_size
from capwit.preview2.context import by
from capwit.preview2.errors import WasiError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from capwit.preview2.context import Handler
    from capwit.preview2.grants import WasiGrants

Entry: TypeAlias = tuple[str, bytes]

# How many bytes of fields one handle holds, and how many fields: they are host memory. Twice what is sent, so
# that it is sending that fails, by an error that says why.
_MOST: Final = 2 * MOST_SECTION
_MOST_ENTRIES: Final = 2 * MOST_HEADERS

WEIGHT: Final = 16
"""As how many handles fields count, whoever holds them: one for each 8 KiB that they may be."""

_IMMUTABLE: Final = ("immutable", None)
_INVALID: Final = ("invalid-syntax", None)
_FORBIDDEN: Final = ("forbidden", None)


class Fields:
    """Names and values, in order. Names are equal in any case, and keep the one that they were given in.

    Attributes:
        entries: all of them.
    """

    wit_resource: ClassVar = "wasi:http/types.fields"
    wit_weight: ClassVar = WEIGHT

    def __init__(self, entries: Iterable[Entry] = (), *, immutable: bool = False) -> None:
        """Hold some; those of a message that was received, or is on its way, are `immutable`."""
        self.entries = list(entries)
        self._immutable = immutable
        self._size = section_size(self.entries)

    @classmethod
    def received(cls, fields: Iterable[HeaderField]) -> Fields:
        """Return those of a message that came from elsewhere, without what no guest may see."""
        entries = [(field.name, field.value) for field in fields if field.name.lower() not in FORBIDDEN]
        return cls(entries, immutable=True)

    def sent(self) -> list[HeaderField]:
        """Return them as they go on their way."""
        return [HeaderField(name, value) for name, value in self.entries]

    def frozen(self) -> Fields:
        """Return the same, to look at."""
        return Fields(self.entries, immutable=True)

    def get(self, name: str) -> list[bytes]:
        """Return the values of a name."""
        name = name.lower()
        return [value for known, value in self.entries if known.lower() == name]

    def put(self, name: str, values: Sequence[bytes]) -> None:
        """Add values of a name, behind all others.

        Raises:
            WasiError: the name or a value is none, or the name is not for guests to set.
            LimitExceeded: they are too many.
        """
        _check(name, values)
        self._check_mutable()
        self._add([(name, value) for value in values])

    def replace(self, name: str, values: Sequence[bytes]) -> None:
        """Give a name these values in place of all that it had.

        Raises:
            WasiError, LimitExceeded: as `put` has them.
        """
        _check(name, values)
        self._check_mutable()
        self._remove(name)
        self._add([(name, value) for value in values])

    def delete(self, name: str) -> None:
        """Take a name away, if it is there.

        Raises:
            WasiError: as `put` has it.
        """
        _check(name, ())
        self._check_mutable()
        self._remove(name)

    def _check_mutable(self) -> None:
        if self._immutable:
            raise WasiError(_IMMUTABLE)

    def _remove(self, name: str) -> None:
        name = name.lower()
        self.entries = [entry for entry in self.entries if entry[0].lower() != name]
        self._size = section_size(self.entries)

    def _add(self, entries: list[Entry]) -> None:
        self._size += section_size(entries)
        if self._size > _MOST:
            raise LimitExceeded(
                Limit.ARGUMENTS, f"wasi:http/types#fields: {self._size} bytes of headers, the most is {_MOST}"
            )
        if len(self.entries) + len(entries) > _MOST_ENTRIES:
            raise LimitExceeded(
                Limit.ARGUMENTS,
                f"wasi:http/types#fields: more headers than {_MOST_ENTRIES}, the most there may be",
            )
        self.entries += entries

    def copy(self) -> Fields:
        """Return a copy that can be changed."""
        return Fields(self.entries)

    def length(self) -> int | None:
        """Return the length that `content-length` tells, if it does."""
        values = self.get("content-length")
        text = values[0].decode("latin-1") if values else ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None


def _check(name: str, values: Sequence[bytes]) -> None:
    if not is_token(name):
        raise WasiError(_INVALID)
    if name.lower() in FORBIDDEN:
        raise WasiError(_FORBIDDEN)
    if not all(map(is_value, values)):
        raise WasiError(_INVALID)


def _new(_: WasiGrants) -> Fields:
    return Fields()


def _from_list(_: WasiGrants, entries: list[Entry]) -> Fields:
    fields = Fields()
    for name, value in entries:
        fields.put(name, (value,))
    return fields


def _has(_: WasiGrants, fields: Fields, name: str) -> bool:
    return bool(fields.get(name))


def _append(_: WasiGrants, fields: Fields, name: str, value: bytes) -> None:
    fields.put(name, (value,))


def _entries(_: WasiGrants, fields: Fields) -> list[Entry]:
    return fields.entries


HANDLERS: Final[dict[str, Handler]] = {
    "[constructor]fields": _new,
    "[static]fields.from-list": _from_list,
    "[method]fields.get": by(Fields.get),
    "[method]fields.has": _has,
    "[method]fields.set": by(Fields.replace),
    "[method]fields.delete": by(Fields.delete),
    "[method]fields.append": _append,
    "[method]fields.entries": _entries,
    "[method]fields.clone": by(Fields.copy),
}
