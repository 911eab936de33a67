"""What the command line says of a program: options that `run` and `serve` have in common."""

from __future__ import annotations

import argparse
import dataclasses
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from capwit.bridge import Limits
from capwit.bridge.errors import LoadError, ManifestError
from capwit.bridge.origins import Origins
from capwit.manifest import (
    USUAL_GRANTS,
    Manifest,
    Source,
    Standard,
    parse_manifest,
    wasi_kind,
)
from capwit.manifest.declared import isolated

from . import generated, manifests, network, redirect
from . import held as holding
from .errors import UsageError
from .held import OWNER, Held

if TYPE_CHECKING:
    from collections.abc import Callable

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


def add_limits(command: argparse.ArgumentParser) -> None:
    """Add the options that limit each instance."""
    limits = command.add_argument_group("limits")
    for option, limit, shape, help in _LIMITS:
        limits.add_argument(option, type=_limit(limit), metavar=shape, help=help)


def add_program(command: argparse.ArgumentParser) -> None:
    """Add what is to be run, and what follows it."""
    command.add_argument(
        "file", type=Path, metavar="FILE", help="a manifest (.toml, .cue) or a component (.wasm)"
    )
    args = command.add_argument(
        "args", nargs=argparse.REMAINDER, metavar="ARGS", help="arguments for the guest"
    )
    args.required = False  # or else a message says that it is


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options that grant, that put something behind a grant, and that limit."""
    grants = command.add_argument_group("what it is granted")
    grants.add_argument("--env", action="append", default=[], metavar="K=V", help="a variable for the guest")
    grants.add_argument(
        "--dir",
        action="append",
        default=[],
        metavar="HOST[::GUEST]",
        help="a folder for the guest, by the same path or as GUEST",
    )
    grants.add_argument(
        "--fetch", action="append", default=[], metavar="ORIGIN",
        help="a server that a component may send requests to, such as https://api.example.org",
    )  # fmt: skip
    grants.add_argument(
        "--grant", action="append", default=[], metavar="NAME=SOURCE",
        help="a grant: a kind such as console or directory, FILE.py:CALLABLE, or capnp://HOST:PORT; "
        "then ,OPTION=VALUE",
    )  # fmt: skip
    generated.add_option(grants)
    redirect.add_options(command)
    holding.add_options(command)
    command.add_argument(
        "--isolate",
        action="store_true",
        help="run each instance in a process of its own, which holds its grants only",
    )
    add_limits(command)


def read_given(options: argparse.Namespace, held: Held) -> Manifest:
    """Return the manifest of the program, with what the options add and limit.

    Raises:
        LoadError: there is no such file.
        ManifestError: the manifest cannot be used.
        UsageError: an option means nothing.
    """
    manifest = redirect.redirected(_narrow(_manifest(options, held), options), options)
    return isolated(manifest) if options.isolate else manifest


def _manifest(options: argparse.Namespace, held: Held) -> Manifest:
    path: Path = options.file
    if manifests.is_manifest(path):
        return manifests.read(path, held.holdings)
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
        bindings=(*manifest.bindings, *generated.modules(options.bindings)),
        entry=options.entry or manifest.entry,
    )


def _folder(text: str) -> tuple[str, Standard]:
    """Read `HOST` or `HOST::GUEST`."""
    host, _, guest = text.partition("::")
    if not host or "\0" in text or not _is_text(text):
        raise UsageError(f"--dir: expected HOST[::GUEST], got {text!r}")
    if not os.path.lexists(host):  # else the manifest would be blamed for it
        raise ManifestError(f"--dir {host}: No such file or directory")
    return guest or host, Standard("directory", {"path": Path(host).absolute()})


def _fetch(manifest: Manifest, origins: list[str]) -> dict[str, Standard]:
    """Return what is behind requests to other servers: those of the manifest, and those that are added."""
    if not origins:
        return {}
    try:
        Origins(origins)
    except ValueError as error:
        raise UsageError(f"--fetch: {error}") from None
    given = network.options_of(manifest.wasi.get("http", Standard("fetch", {"allow": []})), "--fetch")
    return {"http": Standard("fetch", {**given, "allow": [*given["allow"], *origins]})}


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
    """Read `NAME=KIND`, `NAME=FILE.py:CALLABLE` or `NAME=capnp://HOST:PORT`, each with `,OPTION=VALUE`."""
    name, source = _pair(text, "--grant", "NAME=SOURCE")
    what, *given = source.split(",")
    options: dict[str, Any] = dict(_pair(option, f"--grant {name}", "OPTION=VALUE") for option in given)
    file, colon, callable = what.rpartition(":")
    if re.match(r"capnps?://|unix:", what):
        table, file = {"remote": what, **{key: _value(text) for key, text in options.items()}}, ""
    elif colon:
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
