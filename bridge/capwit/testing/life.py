"""What became of each reference, as the ledger has it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from capwit.bridge import Client, Entry, Event, OwnedCapability
from capwit.bridge.ledger import CLOSING, OPENING

if TYPE_CHECKING:
    from typing import Any

    from capwit.bridge import Ledger

    # Which references are meant: those of an interface, by its WIT name or the end of it (`parcel`), or one.
    Of: TypeAlias = str | Client | OwnedCapability[Any] | None


@dataclass(eq=False)
class Life:
    """One reference, from the one who had it first, through all that it was given to, to its end.

    Attributes:
        entries: what the ledger tells of it, oldest first.
    """

    entries: list[Entry] = field(default_factory=list)

    @property
    def interface(self) -> str:
        """The interface it was held as last, by WIT name."""
        return self.entries[-1].interface

    @property
    def holders(self) -> list[str]:
        """Who has held it, in this order."""
        return [entry.holder for entry in self.entries if entry.event in OPENING]

    @property
    def begin(self) -> Entry:
        """How it came about."""
        return self.entries[0]

    @property
    def end(self) -> Entry | None:
        """How it ended; None while somebody holds it."""
        last = self.entries[-1]
        return last if last.event in CLOSING and last.event is not Event.GIVE else None

    def moved(self, giver: str, receiver: str) -> bool:
        """Tell whether one holder has given it to another one, directly or through the host."""
        held = self.holders
        return any(
            receiver in (held[at + 1], *(held[at + 2 : at + 3] if held[at + 1] == "host" else ()))
            for at in range(len(held) - 1)
            if held[at] == giver
        )

    def is_of(self, which: Of) -> bool:
        """Tell whether this is a reference that is meant."""
        if which is None:
            return True
        if isinstance(which, str):
            return any(e.interface == which or e.interface.endswith(f".{which}") for e in self.entries)
        owned = which.owned if isinstance(which, Client) else which
        if owned is None:
            raise ValueError(f"{which!r} owns no reference of its own, so the ledger does not know it")
        return any(entry.handle == owned.handle for entry in self.entries)

    def __str__(self) -> str:
        """Show the reference's life, a line for each thing that happened."""
        lines = [
            f"  {e.sequence:>5}  {e.event.value:<8} #{e.handle:<4} {e.holder:<12} {e.cause}".rstrip()
            for e in self.entries
        ]
        return "\n".join([self.interface, *lines])


def lives(ledger: Ledger, of: Of = None) -> list[Life]:
    """Return the references that a ledger tells of, in the order in which they came about.

    The whole of a life is there only as long as the ledger keeps its entries: see `Ledger(keep=None)`.
    """
    found: list[Life] = []
    by_handle: dict[int, Life] = {}
    for entry in ledger:
        if entry.event not in OPENING | CLOSING:
            continue
        life = by_handle.get(entry.parent if entry.event is Event.RECEIVE else entry.handle)
        if life is None:
            life = Life()
            found.append(life)
        by_handle[entry.handle] = life
        life.entries.append(entry)
    return [life for life in found if life.is_of(of)]
