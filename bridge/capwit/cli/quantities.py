"""Numbers, times and sizes that options are given."""

from __future__ import annotations

import argparse
import re

from capwit.engine.limits import parse_size, parse_time


def whole_number(text: str) -> int:
    """Return a number above 0."""
    if not re.fullmatch(r"[0-9]{1,7}", text) or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 to 9999999, got {text!r}")
    return int(text)


def large_number(text: str) -> int:
    """Return a number above 0 that may be large, such as one of instructions."""
    if not re.fullmatch(r"[0-9]{1,18}", text) or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number above 0, got {text!r}")
    return int(text)


def span(text: str) -> float:
    """Return a time in seconds."""
    try:
        return parse_time(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def size(text: str) -> int:
    """Return a number of bytes."""
    try:
        return parse_size(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
