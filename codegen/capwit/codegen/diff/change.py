"""What changed between two versions of a schema, and what that asks of its version number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Bump(IntEnum):
    """The part of a version number that a change asks to raise."""

    NONE = 0
    PATCH = 1
    MINOR = 2
    MAJOR = 3

    def __str__(self) -> str:
        """`major`, as people say it."""
        return self.name.lower()


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """One change: of what (`Bucket.get`), what it is, and where it stands (`kv.capnp:3:5`)."""

    subject: str
    message: str
    bump: Bump
    place: str = ""


def bump(changes: Iterable[Change]) -> Bump:
    """What several changes ask for together."""
    return max((change.bump for change in changes), default=Bump.NONE)


def raised(version: str, bump: Bump) -> str:
    """The version behind `version` that a change asks for: below 1.0.0, each part moves one place down."""
    found = re.match(r"(\d+)\.(\d+)\.(\d+)", version)
    if found is None:
        return ""
    numbers = [int(number) for number in found.groups()]
    if bump is Bump.NONE:
        return version
    place = 3 - bump
    if not numbers[0]:
        place = min(place + 1, 2)
    return ".".join(str(n) for n in [*numbers[:place], numbers[place] + 1, *[0] * (2 - place)])


def suffices(old: str, new: str, bump: Bump) -> bool:
    """Whether the version was raised from `old` to `new` by at least what a change asks for."""
    asked = re.match(r"(\d+)\.(\d+)\.(\d+)", raised(old, bump))
    given = re.match(r"(\d+)\.(\d+)\.(\d+)", new)
    if asked is None or given is None:
        return bump is Bump.NONE
    return tuple(map(int, given.groups())) >= tuple(map(int, asked.groups()))
