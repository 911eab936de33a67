"""`capwit run`: a program on its grants."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import sys
from enum import Enum
from pathlib import Path
from typing import Any, Final

from capwit.bridge import Host, Ledger
from capwit.bridge.errors import GuestExit, ManifestError
from capwit.bridge.manifest import WASI_GRANTS, Manifest, Source, parse_manifest, read_manifest
from capwit.caps.local import StreamConsole

from .assemble import ProgramError, assemble
from .progress import progress_shown

_EXAMPLES: Final = """\
examples:
  capwit run examples/kv/app.toml                     a manifest: all that it grants, and nothing else
  capwit run --ledger examples/kv/app.toml            and every handle's life, on standard error
  capwit run tool.wasm --input x                      a component: the terminal, clocks and entropy
  capwit run --env LANG=C --timeout 5s tool.wasm      with an environment, for at most 5 seconds
  capwit run --grant store=stores.py:memory --bindings kv.py app.wasm

FILE decides where options end: what follows it goes to the guest. Guests started from a manifest get the
manifest's `args` and then what follows.
"""


def add_parser(commands: Any) -> None:
    """Add the command to the parser."""
    command: argparse.ArgumentParser = commands.add_parser(
        "run",
        help="run a component, or the program of a manifest",
        description="Run a component, or the program of a manifest, on exactly the capabilities it is granted.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("--env", action="append", default=[], metavar="K=V", help="a variable for the guest")
    command.add_argument(
        "--dir", action="append", default=[], metavar="HOST[::GUEST]", help="a folder (not yet)"
    )
    command.add_argument(
        "--grant", action="append", default=[], metavar="NAME=SOURCE",
        help="a grant: console, timer, wall_clock, entropy or FILE.py:CALLABLE; then ,OPTION=VALUE",
    )  # fmt: skip
    command.add_argument(
        "--bindings", action="append", default=[], metavar="FILE.py", help="generated bindings"
    )
    command.add_argument("--entry", metavar="NAME", help="what to call, where it is not plain")
    command.add_argument("--fuel", type=int, metavar="N", help="wasm instructions, about")
    command.add_argument("--memory", metavar="SIZE", help="such as 64MiB")
    command.add_argument("--timeout", metavar="TIME", help="such as 2s")
    command.add_argument("--ledger", action="store_true", help="show every handle's life on standard error")
    command.add_argument(
        "--json", action="store_true",
        help="print one JSON object; what the guest prints goes to standard error",
    )  # fmt: skip
    command.add_argument("file", type=Path, metavar="FILE", help="a manifest (.toml) or a component (.wasm)")
    command.add_argument("args", nargs=argparse.REMAINDER, metavar="ARGS", help="arguments for the guest")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the program; returns its exit code."""
    if options.dir:
        raise ManifestError("--dir: folders are not granted yet. Mend: hand data over through a capability")
    manifest = _narrow(_manifest(options), options)
    ledger = Ledger(keep=None if options.ledger or options.json else 0)
    console = StreamConsole(sys.stderr.buffer) if options.json else StreamConsole()
    code, result, failure = 0, None, None
    try:
        result = asyncio.run(_run(manifest, ledger, console))
    except GuestExit as exit:
        code = exit.code
    except ProgramError as error:
        code, failure = 1, error
    finally:
        if options.ledger:
            _show(ledger)
    if failure is not None:
        sys.stderr.write(f"capwit: {failure}\n")
    if options.json:
        answer = {
            "exit": code,
            "result": _plain(result),
            "error": None if failure is None else _plain(failure.error),
            "ledger": {
                "balance": ledger.balance,
                "events": {event.value: count for event, count in ledger.counts().items()},
            },
        }
        sys.stdout.write(json.dumps(answer) + "\n")
    return code


async def _run(manifest: Manifest, ledger: Ledger, console: StreamConsole) -> Any:
    with progress_shown() as progress:
        async with (
            Host(ledger=ledger, progress=progress) as host,
            assemble(host, manifest, {"console": console}) as program,
        ):
            progress.finish()
            return await program.run()


def _manifest(options: argparse.Namespace) -> Manifest:
    path: Path = options.file
    if path.suffix == ".toml":
        return read_manifest(path)
    if not path.is_file():
        raise ManifestError(f"{path}: no such file. Mend: name a manifest (.toml) or a component (.wasm)")
    # Without a manifest the guest gets what any command has: the terminal, clocks, entropy, its arguments.
    table = {"module": path.name, "args": [path.name], "wasi": dict.fromkeys(WASI_GRANTS, True)}
    return parse_manifest(table, path)


def _narrow(manifest: Manifest, options: argparse.Namespace) -> Manifest:
    """Return the manifest with what the command line adds and limits."""
    limits = {"fuel": options.fuel, "memory": options.memory, "wall": options.timeout}
    given = {name: value for name, value in limits.items() if value is not None}
    changed = dataclasses.replace(manifest.limits, **given) if given else manifest.limits
    try:
        changed.for_store()
    except ValueError as error:
        raise ManifestError(f"--fuel, --memory or --timeout: {error}") from None
    args = (*(manifest.args or ()), *options.args) if options.args else manifest.args
    env = {**(manifest.env or {}), **dict(_pair(text, "--env", "K=V") for text in options.env)}
    grants: dict[str, Source] = {**manifest.grants, **dict(_grant(text) for text in options.grant)}
    return dataclasses.replace(
        manifest,
        limits=changed,
        args=args,
        env=env if options.env else manifest.env,
        grants=grants,
        bindings=(*manifest.bindings, *(Path(text).resolve() for text in options.bindings)),
        entry=options.entry or manifest.entry,
    )


def _pair(text: str, option: str, shape: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise ManifestError(f"{option}: expected {shape}, got {text!r}")
    return name, value


def _grant(text: str) -> tuple[str, Source]:
    name, source = _pair(text, "--grant", "NAME=SOURCE")
    what, *options = source.split(",")
    table: dict[str, Any] = dict(_pair(option, f"--grant {name}", "OPTION=VALUE") for option in options)
    file, colon, callable = what.rpartition(":")
    folder = Path()
    if colon:
        folder = Path(file).parent
        table["factory"] = f"{Path(file).stem}:{callable}"
    else:
        table["kind"] = what
        table |= {
            key: int(value) for key, value in table.items() if isinstance(value, str) and value.isdigit()
        }
    manifest = parse_manifest({"module": "-", "grants": {name: table}}, folder / f"--grant {name}")
    return name, manifest.grants[name]


def _show(ledger: Ledger) -> None:
    sys.stderr.write("ledger:\n")
    for entry in ledger:
        sys.stderr.write(f"{entry}\n")
    sys.stderr.write(f"{len(ledger)} events, balance {ledger.balance}\n")


def _plain(value: Any) -> Any:
    """Return a value of a WIT type as JSON can say it."""
    match value:
        case bytes():
            return {"bytes": value.hex()}
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case list() | tuple() | frozenset():
            return [_plain(item) for item in value]
        case Enum():
            return value.value
        case None | bool() | int() | float() | str():
            return value
        case _:
            return repr(value)
