"""What a ledger tells, put together: who held what, who gave it to whom, and what was revoked."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from capwit.bridge.ledger import CLOSING, OPENING, Event
from capwit.bridge.owned import HOST

if TYPE_CHECKING:
    from collections.abc import Iterable

    from capwit.bridge.ledger import Entry

_MOST: Final = 1_000_000  # events: a picture of more is none


class Moment(NamedTuple):
    """An event, and where in the order of events it stands."""

    at: int
    entry: Entry


@dataclass(slots=True, eq=False)
class Life:
    """A handle, from its first event to its last. What began before the record, or never ended, has None.

    Attributes:
        parent: the handle it came from, where the record has that.
        maker: who implements the capability: an instance's name, or `host`.
        cut: when what it came of was revoked, while it lived.
    """

    number: int
    interface: str
    holder: str
    slot: int
    opened: Moment | None = None
    closed: Moment | None = None
    parent: Life | None = None
    maker: str = HOST
    cut: Moment | None = None

    @property
    def passing(self) -> bool:
        """Whether host code received it only to give it on at once."""
        return (
            self.holder == HOST
            and self.opened is not None
            and self.opened.entry.event is Event.RECEIVE
            and self.closed is not None
            and self.closed.entry.event is Event.GIVE
            and self.closed.at == self.opened.at + 1
        )

    @property
    def source(self) -> Life | None:
        """The handle it came from, past one that host code only passed on."""
        return self.parent.parent if self.parent is not None and self.parent.passing else self.parent

    @property
    def short(self) -> str:
        """The interface's own name."""
        return self.interface.rpartition(".")[2]


@dataclass(slots=True, eq=False)
class Holder:
    """An instance, or host code, and what it held."""

    name: str
    started: Moment | None = None
    ended: Moment | None = None
    lives: list[Life] = field(default_factory=list)


class Move(NamedTuple):
    """A handle that somebody has from somebody else: by `grant`, `mint`, `lend`, `keep` or `receive`.

    What host code only passes on is one move, from giver to receiver.
    """

    event: Event
    giver: str
    life: Life


@dataclass(slots=True)
class History:
    """A ledger, put together.

    Attributes:
        began: seconds since 1970-01-01T00:00:00Z of the first event.
        ended: and of the last.
        events: how many there are.
        missing: how many the record lacks.
        holders: in the order in which they appear, host code first.
        lives: handles, in the order of their numbers.
        revoked: each revocation.
        denied: how many calls each grant did not allow.
    """

    began: float = 0.0
    ended: float = 0.0
    events: int = 0
    missing: int = 0
    holders: dict[str, Holder] = field(default_factory=lambda: {HOST: Holder(HOST)})
    lives: dict[int, Life] = field(default_factory=dict)
    moves: list[Move] = field(default_factory=list)
    revoked: list[Moment] = field(default_factory=list)
    denied: Counter[str] = field(default_factory=Counter)

    @property
    def held(self) -> list[Life]:
        """The handles that have not ended."""
        return [life for life in self.lives.values() if life.closed is None]

    def _take(self, entry: Entry) -> None:
        self.events += 1
        if self.events == 1:
            self.began = entry.time
        self.ended = entry.time
        moment = Moment(self.events, entry)
        match entry.event:
            case event if event in OPENING:
                life = self._life(entry)
                life.opened = life.opened or moment
                parent = self.lives.get(entry.parent)
                if parent is not None and entry.parent < entry.handle:  # a made-up record may go in circles
                    life.parent, life.maker = parent, parent.maker
                elif event is Event.MINT and entry.holder == HOST and entry.cause.startswith("by "):
                    life.maker = entry.cause.removeprefix("by ")
            case event if event in CLOSING:
                self._life(entry).closed = moment
            case Event.REVOKE:
                self.revoked.append(moment)
            case Event.DENY:
                self.denied[entry.holder] += 1
            case Event.START:
                holder = self._holder(entry.holder)
                holder.started = holder.started or moment
            case _:  # how an instance ended
                self._holder(entry.holder).ended = moment

    def _holder(self, name: str) -> Holder:
        found = self.holders.get(name)
        if found is None:
            found = self.holders[name] = Holder(name)
        return found

    def _life(self, entry: Entry) -> Life:
        found = self.lives.get(entry.handle)
        if found is None:
            found = self.lives[entry.handle] = Life(entry.handle, entry.interface, entry.holder, entry.slot)
            self._holder(entry.holder).lives.append(found)
        return found

    def _finish(self) -> None:
        by_grant: dict[str, Moment] = {}
        by_handle: dict[int, Moment] = {}
        for moment in self.revoked:
            entry = moment.entry
            if entry.handle:
                by_handle.setdefault(entry.handle, moment)
            else:
                by_grant.setdefault(entry.holder, moment)
        cuts: dict[int, Moment | None] = {}  # also of those that ended before it
        self.lives = dict(sorted(self.lives.items()))
        for number, life in self.lives.items():
            found = [by_handle.get(number), cuts.get(life.parent.number) if life.parent else None]
            if life.opened is not None and life.opened.entry.event is Event.GRANT:
                name, *through = life.opened.entry.cause.split(" through ")
                found += (by_grant.get(grant) for grant in (f"{life.holder}.{name}", *through))
            cut = cuts[number] = min((f for f in found if f is not None), default=None, key=lambda m: m.at)
            if cut is not None and (life.closed is None or life.closed.at > cut.at):
                life.cut = cut
            if life.opened is not None and not life.passing and (giver := _giver(life)) != life.holder:
                self.moves.append(Move(life.opened.entry.event, giver, life))


def _giver(life: Life) -> str:
    """Return from whom its holder has a handle."""
    assert life.opened is not None
    match life.opened.entry.event:
        case Event.MINT:
            return life.maker
        case Event.GRANT:
            return HOST
        case _:
            return life.source.holder if life.source is not None else HOST


def put_together(events: Iterable[Entry | int]) -> History:
    """Put the events of a ledger together; a number stands for so many that the record lacks.

    What comes after the first million is counted as missing.
    """
    history = History()
    for event in events:
        if isinstance(event, int):
            history.missing += event
        elif history.events == _MOST:
            history.missing += 1
        else:
            if event.sequence > history.events + history.missing + 1 and history.events == 0:
                history.missing += event.sequence - 1  # a ledger that has let go of its oldest entries
            history._take(event)
    history._finish()
    return history
