"""Host bindings for `case:constants@0.1.0`.

Constants and defaults.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol

from capwit.bridge import binding as wit
from capwit.bridge.binding import MaybeAwaitable

wit.check_format(__name__, 1)


class Grade(Enum):
    BAD = "bad"
    GOOD = "good"


@dataclass(frozen=True, slots=True)
class Settings:
    size: int
    """In bytes.

    Defaults to `10`.
    """
    label: str
    """Defaults to `"none"`."""
    grade: Grade
    """Defaults to `good`."""
    flag: bool
    """Defaults to `true`."""
    ratio: float
    """Defaults to `1.5`."""
    key: bytes
    """Defaults to `0x"00 ff"`."""
    tags: Sequence[str]
    """Defaults to `["a", "b"]`."""


class Search(Protocol):
    def find(self, text: str, limit: int, exact: bool) -> MaybeAwaitable[None]:
        """Looks for a text.

        `limit` defaults to `20`.
        `exact` defaults to `false`.
        """


class SearchClient(wit.Client):
    """`Search`, wherever it lives."""

    async def find(self, text: str, limit: int, exact: bool) -> None:
        """Looks for a text.

        `limit` defaults to `20`.
        `exact` defaults to `false`.
        """
        await self._call(_SEARCH_FIND, text, limit, exact)


LIMIT: Final = 4096
"""How much."""
NAME: Final = 'a "quoted" \\ name'
MAGIC: Final = b"\xca\xfe"
RATIO: Final = 0.25
INFINITE: Final = float("inf")
YES: Final = True
BEST: Final = Grade.GOOD
SETTINGS_DEPTH: Final = -3


# The bridge's tables: WIT names and types.
SEARCH = wit.Interface(SearchClient, "case:constants/schema@0.1.0", "search", 0xEDCFD151323ACD63)
GRADE = wit.Enum(("bad", "good"), Grade, "grade")
SETTINGS = wit.Record(
    (
        wit.Field("size", wit.U32, "size"),
        wit.Field("label", wit.STRING, "label"),
        wit.Field("grade", GRADE, "grade"),
        wit.Field("flag", wit.BOOL, "flag"),
        wit.Field("ratio", wit.F32, "ratio"),
        wit.Field("key", wit.BYTES, "key"),
        wit.Field("tags", wit.List(wit.STRING), "tags"),
    ),
    Settings,
    "settings",
)
_SEARCH_FIND: wit.Method[None] = SEARCH.method(
    "find",
    "find",
    {"text": wit.STRING, "limit": wit.U32, "exact": wit.BOOL},
    None,
)
BINDINGS = wit.Bindings(
    package="case:constants@0.1.0",
    interface="schema",
    interfaces=(SEARCH,),
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xF517017F1ED26C3A),
)
