"""`capwit inspect`: what a component imports and exports, and what satisfies it."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from capwit.engine.core import CoreModule
from capwit.engine.lane import find_lane
from capwit.engine.wit_text import to_wit
from capwit.program.needs import Need, Report, Satisfied, examine, find_needs, read_component

from . import exits, manifests
from .errors import UsageError
from .held import add_options, read_held
from .terminal import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from capwit.engine.lane import Lane

_EXAMPLES: Final = """\
examples:
  capwit inspect build/app.wasm                imports and exports as WIT, then the grants it needs
  capwit inspect --wit build/app.wasm          the WIT alone, complete
  capwit inspect --json build/app.wasm         the grants, for a program to read
  capwit inspect app.toml                      what a manifest grants, what is missing, what is unused

exit codes:
  0   shown, and nothing is missing
  2   wrong usage
  65  FILE is no WebAssembly
  77  a manifest does not grant what its program cannot be without
  78  a manifest that cannot be used: it is wrong, or names no bindings of what its program imports
"""


def add_parser(commands: Any) -> None:
    """Add the command to the parser."""
    command: argparse.ArgumentParser = commands.add_parser(
        "inspect",
        help="show what a component imports, exports and needs, or what a manifest grants",
        description="Show a component's imports and exports as WIT, and which grants satisfy them;\n"
        "or, import by import, what a manifest satisfies them with.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("-v", "--verbose", action="store_true", help="tell how its bytes cross, too")
    command.add_argument("--json", action="store_true", help="print one JSON object")
    command.add_argument("--wit", action="store_true", help="print the WIT alone, WASI's own packages too")
    add_options(command)
    command.add_argument("--manifest", type=Path, metavar="FILE.toml", help="a manifest; so is a FILE.toml")
    command.add_argument("file", type=Path, nargs="?", metavar="FILE", help="a component, or a manifest")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Show a component, or a manifest."""
    path: Path | None = options.file
    if path is not None and manifests.is_manifest(path) and options.manifest is None:
        options.manifest, path = path, None
    if (path is None) == (options.manifest is None):
        raise UsageError("expected a component (.wasm) or a manifest (.toml), and not both")
    if path is None:
        return _show_manifest(options)
    component = read_component(path)
    needs = list(find_needs(component))
    if isinstance(component, CoreModule):
        return _show_module(options, component, needs)
    if options.json:
        return _answer(component.imports, component.exports, needs)
    if options.wit:
        sys.stdout.write(to_wit(component))
        return 0
    text = to_wit(component, without="wasi")
    if any(name.startswith("wasi:") for name in (*component.imports, *component.exports)):
        text += "\n// The packages of wasi:* are left out; --wit prints them.\n"
    sys.stdout.write(f"{text}\n{_needs(needs)}")
    if options.verbose:
        sys.stdout.write(printable(f"\n{_bytes(find_lane(component))}"))
    return 0


def _bytes(lane: Lane) -> str:
    """Tell which functions take the byte lane, and why others that carry bytes do not."""
    taken = len(lane.imports) + len(lane.exports)
    if not taken and not lane.refused:
        return "None of its functions carry bytes.\n"
    lines = [f"Functions that carry bytes in one piece: {taken}.\n"]
    if lane.refused:
        rows = [("#".join(filter(None, place)), why) for place, why in lane.refused.items()]
        lines += ["\n", _table(("CARRIES THEM ONE BY ONE", "WHY"), rows)]
    return "".join(lines)


def _answer(imports: Iterable[str], exports: Iterable[str], needs: list[Need]) -> int:
    grants = [{"name": need.name, "import": need.source, "without": need.without} for need in needs]
    _print({"imports": [*imports], "exports": [*exports], "grants": grants})
    return 0


def _print(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer, indent=2) + "\n")


def _show_module(options: argparse.Namespace, module: CoreModule, needs: list[Need]) -> int:
    if options.wit:
        raise UsageError("--wit: a core module has no WIT. Mend: leave --wit out")
    if options.json:
        return _answer((need.source for need in needs), module.exports, needs)
    exports = "".join(f"//   {name}: {type}\n" for name, type in module.exports.items())
    sys.stdout.write(printable(f"// A core module. It exports:\n{exports}\n{_needs(needs)}"))
    return 0


def _show_manifest(options: argparse.Namespace) -> int:
    if options.wit:
        raise UsageError("--wit: a manifest has no WIT. Mend: name the component")
    manifest = manifests.read(options.manifest, read_held(options).holdings)
    reports = examine(manifest)
    if options.json:
        _print({"manifest": str(manifest.path), "programs": [_plain(report) for report in reports]})
    else:
        sys.stdout.write(printable("\n".join(_report(manifest.path, report) for report in reports)))
    if any(report.missing for report in reports):
        return exits.NOT_GRANTED
    return exits.BAD_MANIFEST if any(report.unbound for report in reports) else 0


def _plain(report: Report) -> dict[str, Any]:
    return {
        "key": report.key,
        "module": str(report.module),
        "imports": [
            {
                "grant": need.name,
                "import": need.source,
                "source": source,
                "narrowed": narrowed or None,
                "without": need.without,
            }
            for need, source, narrowed in report.imports
        ],
        "missing": [need.name for need in report.missing],
        "unused": list(report.unused),
        "unbound": list(report.unbound),
    }


def _report(path: Path, report: Report) -> str:
    text = f"{path}{f': {report.key}' if report.key else ''}: {report.module}\n\n"
    rows = [(each.need.name or "-", each.need.source, _by(each)) for each in report.imports]
    text += _table(("GRANT", "IMPORT", "SATISFIED BY"), rows) if rows else "It needs no grants.\n"
    if report.missing:
        text += f"\nMissing: {', '.join(f'grants.{need.name}' for need in report.missing)}\n"
    for interface, how in report.unbound.items():
        text += f"\nMissing: bindings of {interface}. Mend: {how}\n"
    if report.unused:
        text += f"\nGranted, but never used: {', '.join(report.unused)}\n"
    return text


def _by(each: Satisfied) -> str:
    if each.source is None:
        return f"nothing: {each.need.without}"
    return f"{each.source}; only {each.narrowed}" if each.narrowed else each.source


def _needs(needs: list[Need]) -> str:
    if not needs:
        return "It needs no grants.\n"
    rows = ((need.name or "-", need.source, need.without) for need in needs)
    return _table(("GRANT", "IMPORT", "WITHOUT IT"), rows)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    rows = [head, *rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    widths[-1] = 0
    lines = ("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "".join(f"{line}\n" for line in lines)
