"""`capwit`: one command, one place where errors become exit codes."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from capwit.bridge.errors import EngineError
from capwit.codegen import GenerateError
from capwit.codegen import command as generate
from capwit.codegen import diff_command as diff

from . import build, exits, graph, inspect, run
from .terminal import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

_EXITS: Final = f"""\
exit codes:
  0     done
  1     the program answered with an error; `generate --check` found a stale file;
        `diff` found a change that breaks
  2     wrong usage
  {exits.BAD_INPUT}    bad input: a schema, a component, a ledger
  {exits.UNAVAILABLE}    a tool is missing
  {exits.INTERNAL}    an error inside capwit
  {exits.OUTPUT}    the output cannot be written
  {exits.NOT_GRANTED}    a grant is missing or does not fit
  {exits.BAD_MANIFEST}    a manifest that cannot be used
  {exits.INTERRUPTED}   interrupted
  {exits.TRAPPED}   the guest trapped
  {exits.LIMIT}   the guest ran into a limit
  {exits.BROKEN_PIPE}   nobody reads the output any more
`capwit run` exits with the guest's own code where the guest ended by itself.
"""


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    top = argparse.ArgumentParser(
        prog="capwit",
        description="WIT resources as owned capabilities: generate, build, inspect and run components.",
        epilog=_EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--debug", action="store_true", help="show tracebacks")
    commands = top.add_subparsers(title="commands", dest="command", required=True, metavar="COMMAND")
    for command in (generate, diff, build, inspect, run, graph):
        command.add_parser(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, and return its exit code."""
    if sys.stdout is None or sys.stderr is None:  # started with a closed one
        sys.stdout, sys.stderr = sys.stdout or _nothing(), sys.stderr or _nothing()
    options = parser().parse_args(arguments)
    log = _Log(options.debug)
    logging.getLogger("capwit").addHandler(log)
    try:
        code = _run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        code = exits.BROKEN_PIPE
        _let_go_of_output()
    except OSError as error:
        _say(f"standard output: {error.strerror}")
        code = exits.OUTPUT
        _let_go_of_output()
    finally:
        logging.getLogger("capwit").removeHandler(log)
    return code


def _run(options: argparse.Namespace) -> int:
    try:
        code: int = options.run(options)
    except EngineError as error:
        return _fail(error, exits.exit_code(error), options.debug)
    except (GenerateError, build.BuildError) as error:
        return _fail(error, getattr(error, "exit_code", exits.BAD_INPUT), options.debug)
    except KeyboardInterrupt:
        _say("interrupted")
        return exits.INTERRUPTED
    except BrokenPipeError:
        raise
    except Exception as error:
        wrapped = f"{type(error).__name__}: {error} (this is an error inside capwit; --debug shows where)"
        return _fail(error, exits.INTERNAL, options.debug, wrapped)
    return code


def _fail(error: Exception, code: int, debug: bool, text: str | None = None) -> int:
    if debug:
        traceback.print_exception(error)
    _say(text or str(error))
    return code


def _say(text: str) -> None:
    sys.stderr.write(f"capwit: {printable(text)}\n")


class _Log(logging.Handler):
    """Shows what capwit logs, as lines on standard error; tracebacks only where they are asked for."""

    def __init__(self, debug: bool) -> None:
        super().__init__(logging.WARNING)
        self._debug = debug

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            text += f": {type(error).__name__}: {error}"
            if self._debug:
                traceback.print_exception(error)
        _say(text)


def _nothing() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")


def _let_go_of_output() -> None:
    """Point standard output at nothing: what is left in its buffer would fail again when Python ends."""
    with suppress(OSError), _nothing() as nothing:
        os.dup2(nothing.fileno(), sys.stdout.fileno())


if __name__ == "__main__":
    raise SystemExit(main())
