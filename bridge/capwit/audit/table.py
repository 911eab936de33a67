"""The ledger as a table, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from capwit.bridge.ledger import Event

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from capwit.bridge.ledger import Entry

_WIDEST: Final = 24  # of the holders' column: a longer name only pushes its own row
_HEADINGS: Final = ("ms", "event", "handle", "holder", "interface, and why")
_PREPOSITIONS: Final = {Event.MINT: "from", Event.KEEP: "of", Event.LEND: "of", Event.RECEIVE: "was"}


def table_rows(entries: Sequence[Entry]) -> Iterator[str]:
    """Yield entries as the lines of a table, headings first; times are in ms after the first entry.

    Names and causes are shown as they are: what goes to a terminal is to be made printable first.
    """
    if not entries:
        return
    began = entries[0].time
    width = max(len(_HEADINGS[3]), min(_WIDEST, max(len(entry.holder) for entry in entries)))
    yield f"{_HEADINGS[0]:>10}  {_HEADINGS[1]:<7}  {_HEADINGS[2]:<6}  {_HEADINGS[3]:<{width}}  {_HEADINGS[4]}"
    for entry in entries:
        handle = f"#{entry.handle}" if entry.handle else ""
        yield (
            f"{(entry.time - began) * 1e3:>10.3f}  {entry.event.value:<7}  {handle:<6}  "
            f"{entry.holder:<{width}}  {_about(entry)}"
        ).rstrip()


def _about(entry: Entry) -> str:
    origin = f"{_PREPOSITIONS.get(entry.event, 'from')} #{entry.parent}" if entry.parent else ""
    return ", ".join(part for part in (entry.interface, origin, entry.cause) if part)
