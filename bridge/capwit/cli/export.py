"""`capwit export`: the Cap'n Proto schema of a component, or of WIT."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from capwit.codegen.errors import GenerateError
from capwit.codegen.export import roots
from capwit.codegen.export.restored import Restored, found_beside
from capwit.codegen.export.writing import Target
from capwit.codegen.wit_reader import read, read_string
from capwit.engine.core import CoreModule
from capwit.engine.wit_text import to_wit
from capwit.program.needs import read_component

from .errors import UsageError

if TYPE_CHECKING:
    from capwit.codegen.wit_reader.packages import Interface, Wit

_EPILOG: Final = """\
There is one file for each interface. A file that was exported before is read first: what it declares keeps
its ids and ordinals, what is new gets the next ones, and what is gone leaves its ordinal taken. What would
break peers that speak the former version is refused. Worlds are not exported: they say who has what.
WIT that `capwit generate` has made of a schema gives that schema back, where the bridge file stands beside
its folder, or is named.

exit codes:
  0   the files are written, or current
  1   --check: a file is stale
  2   wrong usage
  65  the source cannot be read, or has something that Cap'n Proto has no words for
  74  the output cannot be written

examples:
  capwit export app.wasm -o app.capnp            what a component exports, and what that needs
  capwit export wit/ -o schemas                  each interface of a package
  capwit export wit/ --interface store -o store.capnp
  capwit export app.wasm -o app.capnp --check    fails if that is not what it gives
  capwit export app.wasm --bridge kv.bridge.json -o kv.capnp
"""
_LOST: Final = "for which WIT has no words"


def add_parser(commands: Any) -> None:
    """Add the command to the parser."""
    command: argparse.ArgumentParser = commands.add_parser(
        "export",
        help="make a Cap'n Proto schema of a component's exports, or of WIT",
        description="Make Cap'n Proto schemas of what a component exports, or of a WIT package's interfaces.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("source", type=Path, metavar="SOURCE", help="a component, a .wit file, or a folder")
    command.add_argument(
        "-o",
        "--out",
        type=Path,
        required=True,
        metavar="OUT",
        help="FILE.capnp for one interface, which has those it needs beside it; or a folder",
    )
    command.add_argument(
        "--interface",
        action="append",
        default=[],
        metavar="NAME",
        help="export this one alone, by its name or as ns:package/name; may be given several times",
    )
    command.add_argument(
        "--features", action="append", default=[], metavar="NAME", help="also take what is @unstable with it"
    )
    own = command.add_mutually_exclusive_group()
    own.add_argument(
        "--bridge",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="the bridge file of a schema that the WIT was generated from: gives that schema back",
    )
    own.add_argument("--no-bridge", action="store_true", help="do not look for bridge files beside the WIT")
    command.add_argument("--check", action="store_true", help="write nothing; fail if a file is stale")
    command.add_argument(
        "--allow-breaking", action="store_true", help="go on although peers of the former version break"
    )
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Export a component, or WIT."""
    source: Path = options.source
    wit, listed = _component(source) if source.suffix == ".wasm" else _package(source, options.features)
    bridges = options.bridge
    if not bridges and not options.no_bridge and not options.interface and source.suffix != ".wasm":
        bridges = found_beside(source, wit)
    is_file = options.out.suffix == ".capnp"
    folder = options.out.parent if is_file else options.out
    target = Target(folder)
    if bridges:
        restored = Restored(bridges, wit)
        _tell_what_is_left_out(source, restored)
        first = next(iter(restored.files))
        if is_file and len(bridges) > 1:
            raise UsageError(f"-o {options.out}: there are several bridge files. Mend: name a folder")
        names = {first: options.out.name} if is_file else {}
        files = target.restored(restored, names, options.allow_breaking)
    else:
        chosen = _chosen(source, listed, options)
        names = {chosen[0].id: options.out.name} if is_file else {}
        files = target.exported(wit, chosen, names, options.allow_breaking)
    if options.check:
        stale = target.stale(files)
        sys.stderr.writelines(f"{folder / path}: stale; run `capwit export` again\n" for path in stale)
        return 1 if stale else 0
    written = target.write(files)
    sys.stdout.writelines(f"{folder / path}\n" for path in written)
    if not written:
        sys.stderr.write(f"{options.out}: all {len(files)} files are current\n")
    return 0


def _tell_what_is_left_out(source: Path, restored: Restored) -> None:
    for name in restored.constants():
        sys.stderr.write(f"{source}: left out: the constant {name}, which is not on the wire\n")
    for each in restored.others():
        told = "it is not of the schema; --no-bridge takes it"
        sys.stderr.write(f"{source}: left out: the interface {each.label}: {told}\n")


def _chosen(source: Path, listed: list[Interface], options: argparse.Namespace) -> list[Interface]:
    if not options.interface:
        listed = _of_packages(source, listed)
    chosen = roots.chosen(listed, options.interface, str(source))
    if not chosen:
        mend = "name a component that exports an interface, or WIT that has one"
        raise GenerateError(str(source), message="there is no interface to export", mend=mend)
    if options.out.suffix == ".capnp" and len(chosen) > 1:
        names = ", ".join(each.label for each in chosen)
        told = f"-o {options.out}: there are several interfaces: {names}"
        raise UsageError(f"{told}. Mend: name a folder, or one of them with --interface")
    return chosen


def _of_packages(source: Path, listed: list[Interface]) -> list[Interface]:
    """The interfaces that other components could name, too, if there are any."""
    found = [each for each in listed if "#" not in each.id]
    for each in listed if found else ():
        if each not in found:
            told = f"left out: it is of no package; --interface {each.label} takes it"
            sys.stderr.write(f"{source}: {each.label}: {told}\n")
    return found or listed


def _package(source: Path, features: list[str]) -> tuple[Wit, list[Interface]]:
    wit = read(source, features)
    return wit, roots.of_package(wit)


def _component(source: Path) -> tuple[Wit, list[Interface]]:
    component = read_component(source)
    if isinstance(component, CoreModule):
        message = "it is a core module, which has no WIT"
        raise GenerateError(str(source), message=message, mend="name a component")
    text = to_wit(component)
    for line in text.splitlines():
        if _LOST in line:
            sys.stderr.write(f"{source}: left out: {line.strip().removeprefix('// ')}\n")
    wit = read_string(text, str(source))
    return roots.of_world(wit, wit.root.worlds["root"])
