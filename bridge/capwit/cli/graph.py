"""`capwit graph`: a picture of a ledger."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from capwit.audit import draw_mermaid, draw_page, put_together, read_lines

from .errors import OutputError

if TYPE_CHECKING:
    from capwit.audit import History

_EXAMPLES: Final = """\
examples:
  capwit run --ledger-json run.jsonl app.toml     a ledger, event by event
  capwit graph run.jsonl -o run.html              who held what, who gave it to whom, what was revoked
  capwit graph run.jsonl --mermaid                the same as a sequence diagram, in Mermaid's text
  capwit run --graph run.html app.toml            both at once

exit codes: 0 drawn, 2 wrong usage, 65 there is no such ledger, 74 the output cannot be written.
"""


def add_parser(commands: Any) -> None:
    """Add the command to the parser."""
    command: argparse.ArgumentParser = commands.add_parser(
        "graph",
        help="draw who held what, by a ledger",
        description="Draw who held what, who gave it to whom, and what was revoked.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("-o", "--out", type=Path, metavar="FILE", help="write here, not to standard output")
    command.add_argument("--mermaid", action="store_true", help="Mermaid's text in place of HTML")
    command.add_argument("ledger", type=Path, metavar="LEDGER.jsonl", help="what `run --ledger-json` wrote")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Draw the picture; returns the exit code."""
    history = put_together(read_lines(options.ledger))
    text = draw_mermaid(history) if options.mermaid else draw_page(history, options.ledger.name)
    if options.out is None:
        sys.stdout.write(text)
    else:
        write(options.out, text)
    return 0


def draw(ledger: Path, out: Path, title: str) -> None:
    """Draw the ledger in one file to another one.

    Raises:
        LedgerError: the first is no ledger.
        OutputError: the second cannot be written.
    """
    history: History = put_together(read_lines(ledger))
    write(out, draw_page(history, title))


def write(path: Path, text: str) -> None:
    """Write a file.

    Raises:
        OutputError: it cannot be written.
    """
    try:
        path.write_bytes(text.encode())
    except (OSError, ValueError) as error:  # the latter: a name with a NUL in it
        raise OutputError(f"{path}: cannot be written: {getattr(error, 'strerror', None) or error}") from None
