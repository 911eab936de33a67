"""`capwit run`: a program on its grants."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import math
import os
import re
import sys
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from capwit.bridge import Host, Limits
from capwit.bridge.errors import EngineError, GuestExit, LoadError, ManifestError
from capwit.bridge.manifest import (
    USUAL_GRANTS,
    Manifest,
    Source,
    Standard,
    parse_manifest,
    read_manifest,
    wasi_kind,
)
from capwit.bridge.origins import Origins
from capwit.caps import DescriptorSink, StreamConsole, Terminal
from capwit.program import ProgramError, assemble, is_module
from capwit.program.needs import examine

from . import exits, network, records, redirect
from .codes import exit_code
from .errors import UsageError
from .held import OWNER, Held, add_options, read_held
from .progress import progress_shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from capwit.bridge import Ledger

_EXAMPLES: Final = """\
examples:
  capwit run examples/kv/app.toml                     a manifest: all that it grants, and nothing else
  capwit run --ledger examples/kv/app.toml            and every handle's life, on standard error
  capwit run tool.wasm --input x                      a component or module: the terminal, clocks and entropy
  capwit run --dir data::/data tool.wasm              and a folder, for a wasip1 module
  capwit run --stdin in.txt --stdout out.txt tool.wasm
  capwit run --entropy seed:42 --clock fixed:0 tool.wasm    the same bytes and times in each run
  capwit run --fetch https://api.example.org app.wasm    and a server that it may send requests to
  capwit run --listen 127.0.0.1:8080 server.wasm      and an address to serve at
  capwit run --env LANG=C --timeout 5s tool.wasm      with an environment, for at most 5 seconds
  capwit run --grant store=stores.py:memory --bindings kv.py app.wasm
  capwit run --grant data=directory,path=data,readonly=true --bindings app.py app.wasm

FILE decides where options end: what follows it goes to the guest. Guests started from a manifest get the
manifest's `args` and then what follows.
"""


# Options that set a limit: the option, the limit, what it takes.
_LIMITS: Final = (
    ("--fuel", "fuel", "N", "wasm instructions, about"),
    ("--memory", "memory", "SIZE", "such as 64MiB"),
    ("--timeout", "wall", "TIME", "that one call may take, such as 2s"),
)


def _limit(name: str) -> Callable[[str], int | str]:
    """Return the parser of an option that sets a limit."""

    def parse(text: str) -> int | str:
        value = int(text) if re.fullmatch(r"[0-9]{1,20}", text) else text
        limit: dict[str, Any] = {name: value}
        try:
            Limits(**limit).for_store()
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error).removeprefix(f"{name}: ")) from None
        return value

    return parse


def add_parser(commands: Any) -> None:
    """Add the command to the parser."""
    command: argparse.ArgumentParser = commands.add_parser(
        "run",
        help="run a component, or the program of a manifest",
        description="Run a component, or the program of a manifest, on exactly what it is granted.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("--env", action="append", default=[], metavar="K=V", help="a variable for the guest")
    command.add_argument(
        "--dir",
        action="append",
        default=[],
        metavar="HOST[::GUEST]",
        help="a folder for a wasip1 module, by the same path or as GUEST",
    )
    network.add_options(command)
    command.add_argument(
        "--fetch", action="append", default=[], metavar="ORIGIN",
        help="a server that a component may send requests to, such as https://api.example.org",
    )  # fmt: skip
    command.add_argument(
        "--grant", action="append", default=[], metavar="NAME=SOURCE",
        help="a grant: a kind such as console or directory, or FILE.py:CALLABLE; then ,OPTION=VALUE",
    )  # fmt: skip
    command.add_argument(
        "--bindings", action="append", default=[], metavar="FILE.py", help="generated bindings"
    )
    redirect.add_options(command)
    add_options(command)
    command.add_argument(
        "--deny-unused", action="store_true", help="refuse a manifest that grants what is never used"
    )
    command.add_argument("--entry", metavar="NAME", help="what to call, where it is not plain")
    for option, limit, shape, help in _LIMITS:
        command.add_argument(option, type=_limit(limit), metavar=shape, help=help)
    records.add_options(command)
    command.add_argument(
        "--json", action="store_true",
        help="print one JSON object; what the guest prints goes to standard error",
    )  # fmt: skip
    command.add_argument("file", type=Path, metavar="FILE", help="a manifest (.toml) or a component (.wasm)")
    command.add_argument("args", nargs=argparse.REMAINDER, metavar="ARGS", help="arguments for the guest")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the program; returns its exit code."""
    output = _to_stderr() if options.json else {}
    code, result, failure = 0, None, None
    with records.recording(options) as recording:
        ledger = recording.ledger
        try:
            held = read_held(options)
            manifest = redirect.redirected(_narrow(_manifest(options, held), options), options)
            module = not isinstance(manifest.module, Path) or is_module(manifest.module)
            manifest = network.with_network(manifest, options, module=module)
            if options.dir and not module:
                raise UsageError(
                    f"--dir: {manifest.module.name} is a component, whose files are not served yet. "
                    "Mend: build it for wasm32-wasip1, or grant it a Directory"
                )
            if options.deny_unused:
                _deny_unused(manifest, options.file)
            result = asyncio.run(_run(manifest, held, ledger, output))
        except GuestExit as exit:
            code = exit.code
        except UsageError:
            raise
        except EngineError as error:
            code, failure = exit_code(error) or exits.INTERNAL, error
    if code == 0 and not recording.whole:
        code = exits.OUTPUT
    if options.json:
        answer = {
            "exit": code,
            "result": _plain(result),
            "error": None if failure is None else _error(failure),
            "ledger": records.as_data(ledger, whole=options.ledger),
        }
        sys.stdout.write(json.dumps(answer) + "\n")
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
    if path.suffix != ".toml":
        raise UsageError(f"--deny-unused: {path} is no manifest: it is granted what any command has")
    unused = [f"{each.key}.{key}".removeprefix(".") for each in examine(manifest) for key in each.unused]
    if unused:
        raise ManifestError(
            f"{path}: {', '.join(unused)}: granted, but never used. Mend: take out what --deny-unused refuses"
        )


def _manifest(options: argparse.Namespace, held: Held) -> Manifest:
    path: Path = options.file
    if path.suffix == ".toml":
        return read_manifest(path, held.holdings)
    if not os.path.isfile(path):  # noqa: PTH113 - Path's own raises for a name that is too long
        what = "not a file" if os.path.lexists(path) else "no such file"
        raise LoadError(f"{path}: {what}. Mend: name a manifest (.toml) or a component (.wasm)")
    # Without a manifest the guest gets what any command has: the terminal, clocks, entropy, its arguments.
    wasi = {name: wasi_kind(name) in held.holdings.kinds for name in USUAL_GRANTS}
    return parse_manifest({"module": path.name, "args": [path.name], "wasi": wasi}, path, held.holdings)


def _narrow(manifest: Manifest, options: argparse.Namespace) -> Manifest:
    """Return the manifest with what the command line adds and limits."""
    limits = {limit: getattr(options, option.removeprefix("--")) for option, limit, *_ in _LIMITS}
    given = {name: value for name, value in limits.items() if value is not None}
    own_args = manifest.args or (manifest.module.name,)
    for text in (*options.args, *options.env):
        if not _is_text(text):
            raise UsageError(f"{text!r}: not UTF-8, and a guest's arguments and environment are text")
    env = {**(manifest.env or {}), **dict(_pair(text, "--env", "K=V") for text in options.env)}
    grants: dict[str, Source] = {**manifest.grants, **dict(_grant(text) for text in options.grant)}
    return dataclasses.replace(
        manifest,
        limits=dataclasses.replace(manifest.limits, **given),
        args=(*own_args, *options.args) if options.args else manifest.args,
        env=env if options.env else manifest.env,
        preopens={**manifest.preopens, **dict(_folder(text) for text in options.dir)},
        grants=grants,
        wasi={**manifest.wasi, **_fetch(manifest, options.fetch)},
        bindings=(*manifest.bindings, *(Path(text).resolve() for text in options.bindings)),
        entry=options.entry or manifest.entry,
    )


def _folder(text: str) -> tuple[str, Standard]:
    """Read `HOST` or `HOST::GUEST`."""
    host, _, guest = text.partition("::")
    if not host or "\0" in text or not _is_text(text):
        raise UsageError(f"--dir: expected HOST[::GUEST], got {text!r}")
    return guest or host, Standard("directory", {"path": Path(host).absolute()})


def _fetch(manifest: Manifest, origins: list[str]) -> dict[str, Standard]:
    """Return what is behind requests to other servers: those of the manifest, and those that are added."""
    if not origins:
        return {}
    try:
        Origins(origins)
    except ValueError as error:
        raise UsageError(f"--fetch: {error}") from None
    given = manifest.wasi.get("http", Standard("fetch", {"allow": ()})).options
    return {"http": Standard("fetch", {**given, "allow": (*given["allow"], *origins)})}


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # bytes that Python smuggles through as lone surrogates
        return False
    return True


def _pair(text: str, option: str, shape: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise UsageError(f"{option}: expected {shape}, got {text!r}")
    return name, value


def _grant(text: str) -> tuple[str, Source]:
    """Read `NAME=KIND,OPTION=VALUE` or `NAME=FILE.py:CALLABLE,OPTION=VALUE`."""
    name, source = _pair(text, "--grant", "NAME=SOURCE")
    what, *given = source.split(",")
    options: dict[str, Any] = dict(_pair(option, f"--grant {name}", "OPTION=VALUE") for option in given)
    file, colon, callable = what.rpartition(":")
    if colon:
        if Path(file).suffix != ".py":
            raise UsageError(f"--grant {name}: expected FILE.py:CALLABLE, got {what!r}")
        table = {"factory": f"{Path(file).stem}:{callable}", **options}
    else:
        table = {"kind": what, **{key: _value(text) for key, text in options.items()}}
    try:
        manifest = parse_manifest(
            {"module": "-", "grants": {name: table}}, Path(file).parent / "--grant", OWNER
        )
    except ManifestError as error:
        raise UsageError(f"--grant {text}: {error}") from None
    return name, manifest.grants[name]


def _value(text: str) -> int | bool | str:
    """Return an option's value as a manifest would have it."""
    if re.fullmatch(r"[0-9]{1,20}", text):
        return int(text)
    return {"true": True, "false": False}.get(text, text)


def _error(failure: EngineError) -> dict[str, Any]:
    return {
        "message": str(failure),
        "value": _plain(failure.error) if isinstance(failure, ProgramError) else None,
    }


def _plain(value: Any) -> Any:
    """Return a value of a WIT type as JSON can say it."""
    match value:
        case float() if not math.isfinite(value):
            return str(value)
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
