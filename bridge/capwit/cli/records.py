"""What `capwit run` makes of the ledger: a table, a file, data, a picture."""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from capwit.audit import JsonLines, table_rows
from capwit.bridge import Ledger

from . import graph
from .errors import OutputError
from .terminal import printable_line

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

_KEPT: Final = 10_000  # entries, for the table and for data: the latest


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options that say what is made of the ledger."""
    group = command.add_argument_group("the ledger")
    group.add_argument("--ledger", action="store_true", help="show every handle's life on standard error")
    group.add_argument(
        "--ledger-json", type=Path, metavar="FILE",
        help="write the ledger to a file as it grows, a line of JSON an event",
    )  # fmt: skip
    group.add_argument(
        "--graph", type=Path, metavar="FILE.html", help="draw who held what, and who gave it to whom"
    )


@dataclass(frozen=True, slots=True)
class Recording:
    """The ledger of a run, and the file that it is written to."""

    ledger: Ledger
    lines: JsonLines | None

    @property
    def whole(self) -> bool:
        """Whether nothing is missing in the file."""
        return self.lines is None or self.lines.lost == 0


@contextmanager
def recording(options: argparse.Namespace) -> Iterator[Recording]:
    """Give a scope the ledger of a run; what was asked for is made of it, however the run ends.

    Raises:
        OutputError: a file cannot be written. One that takes no more in the middle of a run stops nothing.
    """
    ledger = Ledger(keep=_KEPT if options.ledger else 0, debug=options.debug)
    with ExitStack() as stack:
        lines = None
        if options.graph is not None:
            graph.write(options.graph, "")  # that it can be written is known before anything runs
        if options.ledger_json or options.graph is not None:
            # A picture is drawn from a file as well, so that memory stays bounded however long the run is.
            folder = stack.enter_context(TemporaryDirectory()) if options.ledger_json is None else ""
            lines = stack.enter_context(_open(options.ledger_json or Path(folder, "ledger.jsonl")))
            ledger.listen(lines)
        try:
            yield Recording(ledger, lines)
        finally:
            if lines is not None:
                lines.close()
            if options.ledger and not options.json:
                _show(ledger)
            if options.graph is not None and lines is not None:
                graph.draw(lines.path, options.graph, options.file.name)


def print_json(told: dict[str, Any]) -> None:
    """Print an object, on a line of its own, at once."""
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def as_data(ledger: Ledger, whole: bool) -> dict[str, Any]:
    """Return the ledger as what JSON can hold: its counts, and its kept entries where the `whole` is."""
    told: dict[str, Any] = {
        "balance": ledger.balance,
        "events": {event.value: count for event, count in ledger.counts().items()},
    }
    if whole:
        entries = [entry.as_json() for entry in ledger]
        told |= {"entries": entries, "left_out": len(ledger) - len(entries)}
    return told


def _open(path: Path) -> JsonLines:
    try:
        return JsonLines(path)
    except (OSError, ValueError) as error:  # the latter: a name with a NUL in it
        raise OutputError(f"{path}: cannot be written: {getattr(error, 'strerror', None) or error}") from None


def _show(ledger: Ledger) -> None:
    entries = list(ledger)
    sys.stderr.write("ledger:\n")
    if len(entries) < len(ledger):
        sys.stderr.write(
            f"the last {len(entries)} events of {len(ledger)}: --ledger-json FILE has them all\n"
        )
    for row in table_rows(entries):
        sys.stderr.write(f"{printable_line(row)}\n")
    sys.stderr.write(f"{len(ledger)} events, balance {ledger.balance}\n")
