"""`capwit run`: a program on its grants."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from capwit.bridge import Host
from capwit.bridge.errors import EngineError, GuestExit, ManifestError
from capwit.caps import DescriptorSink, StreamConsole, Terminal
from capwit.hosting.outcome import plain
from capwit.program import ProgramError, assemble, is_module
from capwit.program.needs import examine

from . import exits, given, manifests, network, records
from .codes import exit_code
from .errors import UsageError
from .held import Held, read_held
from .progress import progress_shown

if TYPE_CHECKING:
    from capwit.bridge import Ledger
    from capwit.manifest import (
        Manifest,
    )

_EXAMPLES: Final = """\
examples:
  capwit run examples/kv/app.toml                     a manifest: all that it grants, and nothing else
  capwit run examples/kv/app.cue                      the same in CUE, whose library is run as a guest
  capwit run --ledger examples/kv/app.toml            and every handle's life, on standard error
  capwit run tool.wasm --input x                      a component or module: the terminal, clocks and entropy
  capwit run --dir data::/data tool.wasm              and a folder
  capwit run --stdin in.txt --stdout out.txt tool.wasm
  capwit run --entropy seed:42 --clock fixed:0 tool.wasm    the same bytes and times in each run
  capwit run --fetch https://api.example.org app.wasm    and a server that it may send requests to
  capwit run --listen 127.0.0.1:8080 server.wasm      and an address to serve at
  capwit run --env LANG=C --timeout 5s tool.wasm      with an environment, for at most 5 seconds
  capwit run --grant store=stores.py:memory --bindings kv.py app.wasm
  capwit run --grant data=directory,path=data,readonly=true --bindings app.py app.wasm
  capwit run --grant store=capnp://10.0.0.1:9000 app.toml    and a capability of another process

FILE decides where options end: what follows it goes to the guest. Guests started from a manifest get the
manifest's `args` and then what follows.

Guests with an interpreter take long to compile: with CAPWIT_COMPILE=quick in the environment a third less, to
code that may run slower.

exit codes: the guest's own where it ended by itself; otherwise
  0    it is done
  1    it answered with an error
  2    wrong usage
  65   FILE cannot be run: it is no WebAssembly, or has nothing to call
  69   an address that a module is to listen at cannot be listened at
  74   the output cannot be written
  77   a grant is missing or does not fit
  78   a manifest that cannot be used
  134  it trapped
  137  it ran into a limit
"""


def add_parser(commands: Any) -> None:
    """Add the command to the parser."""
    command: argparse.ArgumentParser = commands.add_parser(
        "run",
        usage="capwit run [OPTIONS] FILE [ARGS...]",
        help="run a component, or the program of a manifest",
        description="Run a component, or the program of a manifest, on exactly what it is granted.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    given.add_options(command)
    network.add_options(command)
    command.add_argument(
        "--deny-unused", action="store_true", help="refuse a manifest that grants what is never used"
    )
    command.add_argument("--entry", metavar="NAME", help="what to call, where it is not plain")
    records.add_options(command)
    command.add_argument(
        "--json", action="store_true",
        help="print one JSON object; what the guest prints goes to standard error",
    )  # fmt: skip
    given.add_program(command)
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the program; returns its exit code."""
    output = _to_stderr() if options.json else {}
    failure: EngineError | KeyboardInterrupt | None = None
    code, result = 0, None
    with records.recording(options) as recording:
        ledger = recording.ledger
        try:
            held = read_held(options)
            manifest = given.read_given(options, held)
            module = not isinstance(manifest.module, Path) or is_module(manifest.module)
            manifest = network.with_network(manifest, options, module=module)
            if options.deny_unused:
                _deny_unused(manifest, options.file)
            result = asyncio.run(_run(manifest, held, ledger, output))
        except GuestExit as exit:
            code = exit.code
        except UsageError:
            raise
        except EngineError as error:
            code, failure = exit_code(error) or exits.INTERNAL, error
        except KeyboardInterrupt as error:
            code, failure = exits.INTERRUPTED, error
    if code == 0 and not recording.whole:
        code = exits.OUTPUT
    if options.json:
        answer = {
            "exit": code,
            "result": plain(result),
            "error": None if failure is None else _error(failure),
            "ledger": records.as_data(ledger, whole=options.ledger),
        }
        sys.stdout.write(json.dumps(answer) + "\n")
        options.json = False  # it is answered: `main` is not to tell the failure in another object
    if failure is not None:
        raise failure
    return code


def _to_stderr() -> dict[str, object]:
    """Return what replaces the kinds that write to standard output."""
    return {
        "console": StreamConsole(sys.stderr.buffer),
        "terminal": Terminal(0, 2),
        "stdout": DescriptorSink(2),
    }


async def _run(manifest: Manifest, held: Held, ledger: Ledger, output: dict[str, object]) -> Any:
    caps = await held.make()
    with progress_shown() as progress:
        async with (
            Host(
                caps=caps,
                max_instances=held.holdings.max_instances,
                ledger=ledger,
                progress=progress,
            ) as host,
            assemble(host, manifest, output) as program,
        ):
            progress.finish()
            return await program.run()


def _deny_unused(manifest: Manifest, path: Path) -> None:
    if not manifests.is_manifest(path):
        raise UsageError(f"--deny-unused: {path} is no manifest: it is granted what any command has")
    unused = [f"{each.key}.{key}".removeprefix(".") for each in examine(manifest) for key in each.unused]
    if unused:
        raise ManifestError(
            f"{path}: {', '.join(unused)}: granted, but never used. Mend: take out what --deny-unused refuses"
        )


def _error(failure: EngineError | KeyboardInterrupt) -> dict[str, Any]:
    return {
        "message": str(failure) or "interrupted",
        "value": plain(failure.error) if isinstance(failure, ProgramError) else None,
    }
