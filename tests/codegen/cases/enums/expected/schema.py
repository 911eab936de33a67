"""Host bindings for `case:enums@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from capwit.bridge import binding as wit

wit.check_format(__name__, 1)


class Suit(Enum):
    """The four suits."""

    CLUBS = "clubs"
    """Black."""
    DIAMONDS = "diamonds"
    """Red, and declared second although its number is first."""
    RED_HEARTS = "red-hearts"
    SPADES = "spades"


class CardRank(Enum):
    ACE = "ace"
    KING = "king"
    QUEEN = "queen"


@dataclass(frozen=True, slots=True)
class Card:
    rank: CardRank
    suit: Suit


# The bridge's tables: WIT names and types.
SUIT = wit.Enum(("clubs", "diamonds", "red-hearts", "spades"), Suit, "suit")
CARD_RANK = wit.Enum(("ace", "king", "queen"), CardRank, "card-rank")
CARD = wit.Record((wit.Field("rank", CARD_RANK, "rank"), wit.Field("suit", SUIT, "suit")), Card, "card")
BINDINGS = wit.Bindings(
    package="case:enums@0.1.0",
    interface="schema",
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xC2B210B6539AA642),
)
