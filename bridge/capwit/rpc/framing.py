"""Where the messages of a connection begin and end: each is a table of its segments, and these."""

from __future__ import annotations

import struct
import sys
from typing import Final

_WORD: Final = 8  # bytes
_SEGMENTS: Final = 512  # of one message, at most: pycapnp refuses more


class Framing:
    """How far what has come of a stream is within a message.

    Attributes:
        whole: how many messages have come as a whole. What can be none counts as one that has, and goes on.
    """

    __slots__ = ("_due", "_table", "whole")

    def __init__(self) -> None:
        """Begin where the first message does."""
        self.whole = 0
        self._table = b""  # what there is of the next message, as long as that does not tell its length
        self._due = 0  # bytes that are to come of the one that has begun

    @property
    def within(self) -> bool:
        """Whether a message has begun and is not whole."""
        return self._due > 0 or self._table != b""

    def add(self, data: memoryview) -> None:
        """There is some more of the stream."""
        if self._table:
            data, self._table = memoryview(self._table + data), b""
        end = len(data)
        at = self._due
        while at <= end:
            self.whole += self._due > 0
            self._due = _length(data, at)
            if not self._due:
                self._table = bytes(data[at:])
                return
            if self._due == sys.maxsize:
                self.whole += 1
            at += self._due
        self._due = at - end


def _length(data: memoryview, at: int) -> int:
    """Return how long a message is; 0 if that is yet to be told, `sys.maxsize` if it can be none."""
    if len(data) - at < _WORD:
        return 0
    more: int
    first: int
    more, first = struct.unpack_from("<II", data, at)
    if not more:
        return _WORD + first * _WORD
    if more >= _SEGMENTS:
        return sys.maxsize
    table = (4 + 4 * (more + 1) + _WORD - 1) // _WORD * _WORD
    if len(data) - at < table:
        return 0
    words: int = sum(struct.unpack_from(f"<{more + 1}I", data, at + 4))
    return table + words * _WORD
