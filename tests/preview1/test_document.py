"""docs/preview1.md: every function has its row, and answers as that says where nothing is granted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from capwit.preview1.abi import SIGNATURES, Errno

from tests.bridge.support import scenario
from tests.preview1.machine import machine

DOCUMENT = (Path(__file__).parents[2] / "docs" / "preview1.md").read_text()
ROWS = {
    function: (without, otherwise)
    for names, _, without, otherwise in re.findall(
        r"^\|( `.*?)\|(.*?)\|(.*?)\|(.*?)\|$", DOCUMENT, re.MULTILINE
    )
    for function in re.findall(r"`(\w+)`", names)
}
FLAGS = {"NONBLOCK", "PEEK", "WAITALL"}
NAMES = {errno.name for errno in Errno} - {"TOO_BIG"} | {"2BIG"}


def test_every_function_has_a_row() -> None:
    assert list(SIGNATURES.keys() - ROWS.keys()) == []
    assert ROWS.keys() == SIGNATURES.keys()


def test_every_errno_of_it_is_one() -> None:
    words = set(re.findall(r"`([0-9A-Z]+)`", DOCUMENT))
    assert words - FLAGS <= NAMES


@pytest.mark.parametrize("function", [name for name in SIGNATURES if name != "proc_exit"])
@scenario
async def test_what_it_answers_without_a_grant(function: str) -> None:
    arguments = [0] * len(SIGNATURES[function].params)
    if function == "poll_oneoff":
        arguments = [0, 256, 1, 512]
    async with machine() as m:
        answered = await m.call(function, *arguments)
    without = ROWS[function][0].strip()
    expected = "SUCCESS" if without.startswith("success") else without.strip("`")
    assert answered.name == expected
