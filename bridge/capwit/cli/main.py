"""`capwit`: one command, one place where errors become exit codes."""

from __future__ import annotations

import argparse
import errno
import json
import logging
import os
import sys
import traceback
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

from . import exits
from .terminal import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

_EXITS: Final = f"""\
exit codes:
  0     done
  1     the program answered with an error; `--check` found a stale file;
        `diff` found a change that breaks
  2     wrong usage
  {exits.BAD_INPUT}    bad input: a schema, a component, a ledger
  {exits.UNAVAILABLE}    a tool is missing; an address cannot be listened at
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


_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


# The commands: the module of each, which is imported when it is asked for, and what it does.
COMMANDS: Final = {
    "generate": ("capwit.codegen.command", "make WIT and Python bindings of a Cap'n Proto schema"),
    "diff": (
        "capwit.codegen.diff.command",
        "tell what changed between two versions of a schema, and whom it breaks",
    ),
    "export": ("capwit.cli.export", "make a Cap'n Proto schema of a component's exports, or of WIT"),
    "build": ("capwit.cli.build", "make a module or a component of a guest's source"),
    "inspect": (
        "capwit.cli.inspect",
        "show what a component imports, exports and needs, or what a manifest grants",
    ),
    "run": ("capwit.cli.run", "run a component, or the program of a manifest"),
    "serve": ("capwit.cli.serve", "answer HTTP requests, or Cap'n Proto clients, by a component"),
    "host": ("capwit.cli.host", "let others start instances here"),
    "graph": ("capwit.cli.graph", "draw who held what, by a ledger"),
}


def parser(command: str | None = None) -> argparse.ArgumentParser:
    """Return the parser of the command line, with the options of one command; of the others, their names."""
    top = argparse.ArgumentParser(
        prog="capwit",
        description="WIT resources as owned capabilities: generate, build, inspect and run components.",
        epilog=_EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action=_Version, nargs=0, help="show capwit's version, and end")
    top.add_argument("--debug", action="store_true", help="show tracebacks")
    commands = top.add_subparsers(
        title="commands", dest="command", required=True, metavar="COMMAND", parser_class=_Command
    )
    for name, (module, what) in COMMANDS.items():
        if name == command:
            import_module(module).add_parser(commands)
        else:
            commands.add_parser(name, help=what, add_help=False)
    return top


class _Command(argparse.ArgumentParser):
    """Tells of what it does not know itself: else the usage shown would be that of `capwit` alone."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return found, unknown


class _Version(argparse.Action):
    """Looks the version up only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        sys.stdout.write(f"capwit {version('capwit')}\n")
        parser.exit()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, and return its exit code."""
    if sys.stdout is None or sys.stderr is None:  # started with a closed one
        sys.stdout, sys.stderr = sys.stdout or _nothing(), sys.stderr or _nothing()
    given = sys.argv[1:] if arguments is None else arguments
    try:
        code = _main(given)
        sys.stdout.flush()
    except KeyboardInterrupt:
        _say("interrupted")
        code = exits.INTERRUPTED
    except BrokenPipeError:
        code = exits.BROKEN_PIPE
        _let_go_of_output()
    except OSError as error:
        _say(f"standard output: {error.strerror}")
        code = exits.OUTPUT
        _let_go_of_output()
    return code


def _main(given: Sequence[str]) -> int:
    command = next((argument for argument in given if not argument.startswith("-")), None)
    options = parser(command).parse_args(given)
    log = _Log(options.debug)
    logging.getLogger("capwit").addHandler(log)
    try:
        return _run(options)
    finally:
        logging.getLogger("capwit").removeHandler(log)


def _run(options: argparse.Namespace) -> int:
    try:
        code: int = options.run(options)
    except BrokenPipeError:
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _FULL and error.filename is None:
            raise  # of standard output: whatever else is written has a name
        from .codes import exit_code

        found = exit_code(error)
        if found is not None:
            return _fail(error, found, options)
        wrapped = f"{type(error).__name__}: {error} (this is an error inside capwit; --debug shows where)"
        return _fail(error, exits.INTERNAL, options, wrapped)
    return code


def _fail(error: Exception, code: int, options: argparse.Namespace, text: str | None = None) -> int:
    if options.debug:
        traceback.print_exception(error)
    if getattr(options, "json", False):
        sys.stdout.write(json.dumps({"exit": code, "error": {"message": text or str(error)}}) + "\n")
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
