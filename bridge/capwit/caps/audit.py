"""Audit logs: in memory, as JSON lines, and in Python's own logging."""

from __future__ import annotations

import json
import logging
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from capwit.bridge.errors import CapError, ErrorKind

from .descriptors import open_settled

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from .standard import AuditField

_LONGEST: Final = 65536  # characters of one record


@dataclass(frozen=True, slots=True)
class Record:
    """What was told, by whom, and when.

    Attributes:
        time: nanoseconds since 1970-01-01T00:00:00Z.
        source: what the log was granted as; whoever writes to it cannot choose that.
    """

    time: int
    source: str
    event: str
    fields: dict[str, str]

    def json(self) -> str:
        """Return the record as one line of ASCII."""
        return json.dumps(
            {"time": self.time, "source": self.source, "event": self.event, "fields": self.fields}
        )


def _record(source: str, event: str, fields: Sequence[AuditField]) -> Record:
    """Return a record of now.

    Raises:
        CapError: it is too long, or has two fields of one name.
    """
    if len(event) + sum(len(field.name) + len(field.value) for field in fields) > _LONGEST:
        raise CapError(ErrorKind.EXHAUSTED, f"a record of more than {_LONGEST} characters")
    named = {field.name: field.value for field in fields}
    if len(named) < len(fields):
        raise CapError(ErrorKind.FAILED, "a record with two fields of one name")
    return Record(time.time_ns(), source, event, named)


class MemoryAudit:
    """An `AuditLog` in memory.

    Attributes:
        records: the latest, up to a limit.
    """

    def __init__(self, source: str = "", limit: int = 10_000) -> None:
        """Keep the last `limit` records of a source."""
        self.records: deque[Record] = deque(maxlen=limit)
        self._source = source

    def append(self, event: str, fields: Sequence[AuditField]) -> None:
        """Keep a record."""
        self.records.append(_record(self._source, event, fields))


class LoggingAudit:
    """An `AuditLog` in Python's logging: a message of JSON, so that nobody can forge a line of it."""

    def __init__(self, source: str = "", logger: str = "capwit.audit", level: int = logging.INFO) -> None:
        """Log to a logger by name."""
        self._source = source
        self._logger = logging.getLogger(logger)
        self._level = level

    def append(self, event: str, fields: Sequence[AuditField]) -> None:
        """Log a record."""
        self._logger.log(self._level, "%s", _record(self._source, event, fields).json())


class JsonLinesAudit:
    """An `AuditLog` in a file, a line each. Several may write to one file."""

    def __init__(
        self, path: Path, source: str = "", limit: int = 64 * 1024 * 1024, *, follow: bool = True
    ) -> None:
        """Append to a file, up to `limit` bytes of this log's own.

        `follow`: whether `path` may lead over links; it may not where somebody has checked where it leads.

        Raises:
            OSError: the file cannot be opened.
        """
        self._file = open(path, "ab", buffering=0, opener=None if follow else open_settled)  # noqa: SIM115
        self._source = source
        self._left = limit

    def __del__(self) -> None:
        """Close the file."""
        if hasattr(self, "_file"):
            self._file.close()

    def append(self, event: str, fields: Sequence[AuditField]) -> None:
        """Write a line.

        Raises:
            CapError: `exhausted` where the log or the disk is full, `failed` where it cannot be written.
        """
        line = _record(self._source, event, fields).json().encode() + b"\n"
        if len(line) > self._left:
            raise CapError(ErrorKind.EXHAUSTED, "the audit log is full")
        try:
            written = self._file.write(line)
        except OSError as error:
            raise CapError(ErrorKind.FAILED, f"the audit log cannot be written: {error.strerror}") from None
        if written != len(line):
            raise CapError(ErrorKind.EXHAUSTED, "the disk is full")
        self._left -= len(line)
