"""The record of every handle: who got it, how, and how it ended. At exit the balance is zero."""

from __future__ import annotations

import logging
import re
import sys
from collections import deque
from enum import Enum
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .owned import OwnedCapability

_log = logging.getLogger("capwit.bridge")

_RESERVED: Final = ("host", "peer")  # who is no instance: host code, and what others hold by RPC
_STEMS: Final = 10_000  # that are told apart: peers may name what they start, and no name is used twice
_OTHERS: Final = "instance"  # what those are called for whose names there is no room
_APART: Final = re.compile(r"[.\s]+")  # grants are told as `holder.grant`, and ways as `one through other`


class Event(Enum):
    """What can happen to a handle, to a grant, or to an instance."""

    # These make a handle live:
    GRANT = "grant"  # a grants interface handed it out
    MINT = "mint"  # a call's result made it
    LEND = "lend"  # for the length of one call
    KEEP = "keep"  # a second reference to what was lent or held
    RECEIVE = "receive"  # from another holder, who gave it
    # These end it:
    DROP = "drop"  # the guest dropped it
    RETURN = "return"  # the call it was lent for is over
    GIVE = "give"  # to another holder, who receives it
    RELEASE = "release"  # host code closed it
    EXIT = "exit"  # its holder is gone
    # These are told of a grant:
    REVOKE = "revoke"  # whoever holds what came of it can use it no more
    DENY = "deny"  # a call that it does not allow
    # And these of an instance, before whatever it holds is released:
    START = "start"
    TRAP = "trap"  # it ended by a fault of its own
    LIMIT = "limit"  # it ended at one of its limits
    END = "end"  # it ended otherwise: it was closed or cancelled, or has exited


OPENING: Final = frozenset({Event.GRANT, Event.MINT, Event.LEND, Event.KEEP, Event.RECEIVE})
CLOSING: Final = frozenset({Event.DROP, Event.RETURN, Event.GIVE, Event.RELEASE, Event.EXIT})


class Entry(NamedTuple):
    """One event.

    Attributes:
        sequence: counts all events of the ledger, from 1.
        time: seconds since 1970-01-01T00:00:00Z.
        event: what happened.
        handle: the handle's number in this ledger; 0 where the event is not told of a handle.
        interface: the handle's interface, by WIT name.
        holder: who holds or held it: an instance's name, or `host`.
        slot: where in its instance's table it is; 0 for what host code holds.
        parent: the handle it came from: that which was called, lent, or given away; 0 where there is none.
        cause: what a person may want to know besides: the grant's name (and ` through ` which other grants
            it came), why an instance ended.

    A grant that is revoked or denies a call is told by its name, `holder.grant`, in place of a holder; one
    that `attenuate` made of a handle, by that handle's number as well.
    """

    sequence: int
    time: float
    event: Event
    handle: int
    interface: str
    holder: str
    slot: int
    parent: int
    cause: str

    def as_json(self) -> dict[str, Any]:
        """Return the entry as what JSON can hold, without what does not apply."""
        told = {**self._asdict(), "event": self.event.value}
        return {key: value for key, value in told.items() if value or key in ("sequence", "time")}


class Ledger:
    """Counts every handle, knows the live ones, and keeps the latest entries.

    `keep` bounds how many entries are kept, not what is counted; None keeps all. With `debug` it knows the
    line of the program that took each live handle.
    """

    __slots__ = ("_counts", "_entries", "_handles", "_listeners", "_live", "_numbers", "_sequence", "_taken")

    def __init__(self, keep: int | None = 10_000, *, debug: bool = False) -> None:
        """Start an empty ledger."""
        self._entries: deque[tuple[Any, ...]] = deque(maxlen=keep)
        self._counts = {event.value: 0 for event in Event}
        self._live: dict[int, OwnedCapability[Any]] = {}
        self._sequence = 0
        self._handles = 0
        self._numbers = dict.fromkeys(_RESERVED, 1)  # of the holders named so: `tool`, `tool-2`
        self._listeners: list[Callable[[Entry], None]] = []
        self._taken: dict[int, str] | None = {} if debug else None

    def name_holder(self, wanted: str) -> str:
        """Return the name of a new holder: the wanted one, or with a number where another has or had that."""
        stem = _APART.sub("-", wanted)
        if len(self._numbers) >= _STEMS and stem not in self._numbers:
            stem = _OTHERS
        if not self._is_taken(stem):
            self._numbers[stem] = 1
            return stem
        number = self._numbers.get(stem, 1) + 1
        while f"{stem}-{number}" in self._numbers:
            number += 1
        self._numbers[stem] = number
        return f"{stem}-{number}"

    def _is_taken(self, name: str) -> bool:
        stem, _, number = name.rpartition("-")
        numbered = number.isdecimal() and len(number) < 10 and 1 < int(number) <= self._numbers.get(stem, 1)
        return numbered or name in self._numbers

    def open(self, event: Event, owned: OwnedCapability[Any], parent: int, cause: str = "") -> int:
        """Record a handle that becomes live, and return its number."""
        self._handles = handle = self._handles + 1
        self._live[handle] = owned
        if self._taken is not None:
            self._taken[handle] = _line_of_the_program()
        self._record(event, handle, owned.interface, owned.holder, owned.slot, parent, cause)
        return handle

    def close(self, event: Event, owned: OwnedCapability[Any], cause: str = "") -> None:
        """Record how a live handle ends."""
        handle = owned.handle
        del self._live[handle]
        if self._taken is not None:
            del self._taken[handle]
        self._record(event, handle, owned.interface, owned.holder, owned.slot, 0, cause)

    def note(self, event: Event, holder: str, cause: str = "", interface: str = "", handle: int = 0) -> None:
        """Record what happened to a grant or to an instance."""
        self._record(event, handle, interface, holder, 0, 0, cause)

    def _record(
        self, event: Event, handle: int, interface: str, holder: str, slot: int, parent: int, cause: str
    ) -> None:
        self._sequence = sequence = self._sequence + 1
        self._counts[event._value_] += 1  # by value: a member's hash is Python's own and slow
        entry = (sequence, time(), event, handle, interface, holder, slot, parent, cause)
        self._entries.append(entry)
        if self._listeners:
            self._tell(Entry._make(entry))

    def _tell(self, entry: Entry) -> None:
        for listener in list(self._listeners):
            try:
                listener(entry)
            except Exception:  # an event is told in the middle of a release, which has to go on
                _log.exception("a listener of the ledger failed, and is told no more")
                self._listeners.remove(listener)

    def listen(self, listener: Callable[[Entry], None]) -> Callable[[], None]:
        """Tell `listener` of every event from now on; returns what ends that.

        It is called in the middle of things: it must not wait, or touch a capability. One that raises is
        not called again.
        """
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    @property
    def balance(self) -> int:
        """How many handles are live."""
        return len(self._live)

    def live(self) -> list[OwnedCapability[Any]]:
        """Return the live handles, oldest first."""
        return list(self._live.values())

    @property
    def debug(self) -> bool:
        """Whether it knows the line of the program that took each live handle."""
        return self._taken is not None

    def taken_at(self, owned: OwnedCapability[Any]) -> str | None:
        """Return the file and line of the program that took a live handle; None without `debug`."""
        return None if self._taken is None else self._taken.get(owned.handle)

    def counts(self) -> dict[Event, int]:
        """Return how often each event happened."""
        return {event: self._counts[event.value] for event in Event if self._counts[event.value]}

    def __iter__(self) -> Iterator[Entry]:
        """Iterate over the kept entries, oldest first."""
        # A copy: the garbage collector may release a handle at any time.
        return map(Entry._make, list(self._entries))

    def __len__(self) -> int:
        """Return how many events there were."""
        return self._sequence


_OURS: Final = f"{Path(__file__).parents[1]}/"


def _line_of_the_program() -> str:
    frame = sys._getframe(2)
    generated = False  # a generated client's method stands between `Client._call` and the program
    while frame.f_back is not None and (generated or frame.f_code.co_filename.startswith((_OURS, "<"))):
        generated = not generated and frame.f_code.co_name == "_call"
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"
