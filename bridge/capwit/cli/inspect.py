"""`capwit inspect`: what a component imports and exports, and which grants it needs."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from capwit.bridge.errors import LoadError
from capwit.engine.component import Component, Definition, Interface, Unsupported
from capwit.engine.decode import decode
from capwit.engine.types import Function, Option, Own, Resource
from capwit.engine.wit_text import to_wit
from capwit.preview2 import Preview2
from capwit.preview2.front import without_grant
from capwit.preview2.grants import GRANT_OF

if TYPE_CHECKING:
    from collections.abc import Iterator

_EXAMPLES: Final = """\
examples:
  capwit inspect build/app.wasm                imports and exports as WIT, then the grants it needs
  capwit inspect --wit build/app.wasm          the WIT alone, complete
  capwit inspect --json build/app.wasm         the grants, for a program to read
"""


def add_parser(commands: Any) -> None:
    """Add the command to the parser."""
    command: argparse.ArgumentParser = commands.add_parser(
        "inspect",
        help="show what a component imports, exports and needs",
        description="Show a component's imports and exports as WIT, and which grants satisfy them.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("--json", action="store_true", help="print one JSON object")
    command.add_argument("--wit", action="store_true", help="print the WIT alone, WASI's own packages too")
    command.add_argument("file", type=Path, metavar="FILE.wasm", help="a component")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Show a component."""
    path: Path = options.file
    try:
        binary = path.read_bytes()
    except OSError as error:
        raise LoadError(f"{path}: {error.strerror or error}. Mend: build it with `capwit build`") from None
    component = decode(binary, str(path))
    needs = list(find_needs(component))
    if options.json:
        answer = {
            "imports": list(component.imports),
            "exports": list(component.exports),
            "grants": [{"name": need.name, "import": need.source, "without": need.without} for need in needs],
        }
        sys.stdout.write(json.dumps(answer, indent=2) + "\n")
        return 0
    if options.wit:
        sys.stdout.write(to_wit(component))
        return 0
    text = to_wit(component, without="wasi")
    if any(name.startswith("wasi:") for name in (*component.imports, *component.exports)):
        text += "\n// The packages of wasi:* are left out; --wit prints them.\n"
    sys.stdout.write(f"{text}\n{_table(needs)}")
    return 0


class Need(NamedTuple):
    """A grant's name (None: there is no such grant), the import it satisfies, what happens without it."""

    name: str | None
    source: str
    without: str


def find_needs(component: Component) -> Iterator[Need]:
    """Return which grants a component's imports ask for."""
    for name, imported in component.imports.items():
        match imported:
            case Interface() if Preview2().claims(name):
                yield _wasi_need(imported)
            case Interface() if name.startswith("wasi:"):
                yield Need(None, name, "refused: nothing here serves it")
            case Interface():
                yield from _typed_needs(name, imported)
            case Definition():
                pass
            case Function() | Resource() | Unsupported():
                yield Need(None, name, "refused: no grant can satisfy it")


def _wasi_need(interface: Interface) -> Need:
    grant = GRANT_OF.get(interface.name.partition("@")[0])
    match grant:
        case None:
            key = None
        case "launch":
            key = "args, env"
        case _:
            key = f"wasi.{grant}"
    return Need(key, interface.name, without_grant(interface))


def _typed_needs(name: str, imported: Interface) -> Iterator[Need]:
    for label, function in imported.functions.items():
        result = function.result
        if label.startswith("get-") and not function.params and result is not None:
            optional = isinstance(result, Option)
            held = result.some if isinstance(result, Option) else result
            kind = f", a {held.resource.name}" if isinstance(held, Own) else ""
            without = "the guest gets none" if optional else "refused"
            grant = label.removeprefix("get-").replace("-", "_")
            yield Need(grant, f"{name}#{label}{kind}", without)


def _table(needs: list[Need]) -> str:
    if not needs:
        return "It needs no grants.\n"
    rows = [("GRANT", "IMPORT", "WITHOUT IT"), *((name or "-", *rest) for name, *rest in needs)]
    widths = [max(len(row[i]) for row in rows) for i in range(2)]
    return "".join(
        f"{grant:<{widths[0]}}  {source:<{widths[1]}}  {without}\n" for grant, source, without in rows
    )
