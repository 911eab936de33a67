"""The ledger as JSON lines: written as it happens, and read back."""

from __future__ import annotations

import json
import logging
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from capwit.bridge.ledger import Entry, Event

from .errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Iterator

_log = logging.getLogger("capwit.audit")

_LONGEST: Final = 1024 * 1024  # bytes of one line
_LAST_SECOND: Final = 253_402_300_800  # the year 10,000 begins: no clock tells more
_LARGEST: Final = 2**53  # numbers beyond it are not the same in every reader of JSON
_EVENTS: Final = {event.value: event for event in Event}


class JsonLines:
    """A listener of a ledger that writes each event to a file, as one line of JSON, when it happens.

    A file that takes no more does not stop the program: the log (`capwit.audit`) is told once, further events
    are counted, and where it can still be written its last line says how many: `{"lost": 12}`.

    Attributes:
        lost: how many events are not in the file.
    """

    def __init__(self, path: Path | str, limit: int = 1024**3) -> None:
        """Begin a new file, of about `limit` bytes at most: a guest makes events as fast as it can call.

        Raises:
            OSError: it cannot be opened.
        """
        self.path = Path(path)
        self.lost = 0
        self._file = self.path.open("wb", buffering=0)
        self._left = limit

    def __call__(self, entry: Entry) -> None:
        """Write an event."""
        if self.lost:
            self.lost += 1
            return
        line = json.dumps(entry.as_json()).encode() + b"\n"
        if len(line) > self._left:
            self._stop("it has reached its limit")
            return
        self._left -= len(line)
        try:
            written = self._file.write(line)
        except (OSError, ValueError) as error:  # the latter: it was closed
            self._stop(getattr(error, "strerror", None) or str(error))
        else:
            if written != len(line):
                self._stop("the disk is full")

    def _stop(self, why: str) -> None:
        self.lost = 1
        _log.warning("%s: no more of the ledger is written: %s", self.path, why)

    def close(self) -> None:
        """Close the file. A second time it does nothing."""
        if self._file.closed:
            return
        if self.lost:
            _log.warning("%s: %d events of the ledger are not in it", self.path, self.lost)
        with suppress(OSError):
            if self.lost:
                self._file.write(json.dumps({"lost": self.lost}).encode() + b"\n")
        with suppress(OSError):
            self._file.close()

    def __enter__(self) -> Self:
        """Enter a scope that closes the file."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self.close()


def read_lines(path: Path) -> Iterator[Entry | int]:
    """Yield the events of a file of JSON lines; a number is how many events are missing at that place.

    A last line that was cut off, as when the machine stopped, counts as one missing event.

    Raises:
        LedgerError: it cannot be read, or is no record of a ledger.
    """
    try:
        with path.open("rb") as file:
            number = 0
            while line := file.readline(_LONGEST + 1):
                number += 1
                where = f"{path}:{number}"
                if len(line) > _LONGEST:
                    raise LedgerError(f"{where}: a line of more than {_LONGEST} bytes, which no event has")
                try:
                    yield _entry(line)
                except ValueError as error:
                    if line.endswith(b"\n"):
                        raise LedgerError(
                            f"{where}: no event of a ledger: {error}. "
                            "Mend: name a file that `capwit run --ledger-json` wrote"
                        ) from None
                    yield 1
    except OSError as error:
        raise LedgerError(f"{path}: {error.strerror}") from None


def _entry(line: bytes) -> Entry | int:
    """Read one line.

    Raises:
        ValueError: it is something else; the message says what.
    """
    try:
        told = json.loads(line)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    if not isinstance(told, dict):
        raise ValueError("it is no JSON object")
    if told.keys() == {"lost"}:
        return _number(told, "lost")
    event = told.get("event")
    if not isinstance(event, str) or event not in _EVENTS:
        raise ValueError("its `event` is none of a ledger's")
    time = told.get("time")
    if isinstance(time, bool) or not isinstance(time, int | float) or not 0 <= time < _LAST_SECOND:
        raise ValueError("its `time` is no number of seconds since 1970")
    return Entry(
        sequence=_number(told, "sequence"),
        time=float(time),
        event=_EVENTS[event],
        handle=_number(told, "handle"),
        interface=_text(told, "interface"),
        holder=_text(told, "holder"),
        slot=_number(told, "slot"),
        parent=_number(told, "parent"),
        cause=_text(told, "cause"),
    )


def _number(told: dict[str, Any], name: str) -> int:
    value = told.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _LARGEST:
        raise ValueError(f"its `{name}` is no whole number")
    return value


def _text(told: dict[str, Any], name: str) -> str:
    value = told.get(name, "")
    if not isinstance(value, str):
        raise ValueError(f"its `{name}` is no text")
    return value
