"""Values to messages and back, against pycapnp's own reading of the same bytes."""

from __future__ import annotations

from typing import Any

import pytest
from capwit.rpc import Message
from hypothesis import given, settings

from .support import bindings, values

TABLES = [
    ("scalars", "SCALARS"),
    ("enums", "CARD"),
    ("groups", "PERSON"),
    ("unions", "SHAPE"),
    ("unions", "ACCOUNT"),
    ("unions", "GONE"),
    ("lists", "LISTS"),
    ("open", "EVENT"),
    ("open", "SHAPE"),
    ("open", "SIZED"),
    ("open", "GROUPED"),
    ("generics", "USER"),
    ("generics", "MAP_TEXT_DATA"),
    ("generics-alone", "USES"),
    ("generics-imported", "USES"),
    ("import-loop", "A_"),
    ("recursive", "TREE"),
    ("recursive", "HOLDER"),
    ("recursive-pair", "JSON"),
    ("recursive-pair", "A_"),
    ("recursive-generic", "USES"),
]


@pytest.mark.parametrize(("case", "table"), TABLES)
def test_what_goes_in_comes_out(case: str, table: str) -> None:
    type = getattr(bindings(case), table)
    message = Message(type)

    @settings(max_examples=60, deadline=None, database=None)
    @given(values(type))
    def holds(value: Any) -> None:
        data = message.encode(value)
        back = message.decode(data)
        assert back == value
        assert message.encode(back) == data

    holds()
