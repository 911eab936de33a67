"""What a component asks for, and what of that a manifest grants: read from the files, nothing is run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, assert_never

from capwit.bridge.code_file import read_file
from capwit.engine.component import Component, Definition, Interface, Unsupported
from capwit.engine.core import CoreFunction, CoreModule, decode_module, is_core_module
from capwit.engine.decode import decode
from capwit.engine.types import Function, Option, Own, Resource
from capwit.manifest import Exported, Factory, Given, Manifest, Remote, Source, Standard, Wired
from capwit.manifest.wiring import in_order, wires
from capwit.preview1 import Preview1
from capwit.preview1.grants import need_of
from capwit.preview2 import Preview2
from capwit.preview2.front import without_grant
from capwit.preview2.grants import GRANT_OF

from .bound import find_unbound, how_to_bind
from .code import read_code

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from capwit.engine.core import CoreImport
    from capwit.manifest.declared import Code


_LAUNCH: Final = "args, env"


class Need(NamedTuple):
    """A grant's name (None: there is no such grant), the import it satisfies, what happens without it."""

    name: str | None
    source: str
    without: str
    required: bool = False


def find_needs(component: Component | CoreModule) -> Iterator[Need]:
    """Return which grants the imports of a component, or of a core module, ask for."""
    if isinstance(component, CoreModule):
        yield from _module_needs(component)
        return
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


def _module_needs(module: CoreModule) -> Iterator[Need]:
    for imported in module.imports:
        where = f"{imported.module}.{imported.name}"
        if Preview1().claims(imported.module):
            grant, without = need_of(imported.module, imported.name)
            yield Need(grant, where, without)
        elif ":" not in imported.module or imported.module.startswith("wasi:"):
            yield Need(None, where, "refused: nothing here serves it")
        elif imported.name.startswith("get-"):
            yield _lowered_need(imported)


def _lowered_need(imported: CoreImport) -> Need:
    """Return the grant that a lowered import asks for: whether it is a capability, only its bindings tell."""
    required = isinstance(imported.type, CoreFunction) and not imported.type.params
    without = "refused" if required else "refused, unless it is optional"
    grant = imported.name.removeprefix("get-").replace("-", "_")
    return Need(grant, f"{imported.module}#{imported.name}", without, required)


def _wasi_need(interface: Interface) -> Need:
    grant = GRANT_OF.get(interface.name.partition("@")[0])
    match grant:
        case None:
            key = None
        case "launch":
            key = _LAUNCH
        case _:
            key = f"wasi.{grant}"
    return Need(key, interface.name, without_grant(interface))


def _typed_needs(name: str, imported: Interface) -> Iterator[Need]:
    if _has_functions(imported):
        own = name.partition("@")[0].rpartition("/")[2]
        taken = {*imported.types, *imported.functions}
        grant = own.replace("-", "_") + ("_functions" if own in taken else "")
        yield Need(grant, f"{name}, its functions", "refused", required=True)
        return
    for label, function in imported.functions.items():
        result = function.result
        if label.startswith("get-") and not function.params and result is not None:
            optional = isinstance(result, Option)
            held = result.some if isinstance(result, Option) else result
            kind = f", {_a(held.resource.name)}" if isinstance(held, Own) else ""
            without = "the guest gets none" if optional else "refused"
            grant = label.removeprefix("get-").replace("-", "_")
            yield Need(grant, f"{name}#{label}{kind}", without, not optional)


def _has_functions(imported: Interface) -> bool:
    """Tell whether any function is neither of a resource of a schema nor hands out grants or handles."""
    ours = ("[method]", "get-", "wrap", "number-of")
    return any(not each.startswith(ours) and not each.endswith(".from-any") for each in imported.functions)


def _a(name: str) -> str:
    return f"{'an' if name[:1] in 'aeiou' else 'a'} {name}"


class Satisfied(NamedTuple):
    """A need, what satisfies it (None: nothing does), and what that is narrowed to."""

    need: Need
    source: str | None
    narrowed: str


@dataclass(frozen=True, slots=True)
class Report:
    """One program of a manifest, against what its component asks for.

    Attributes:
        key: where in the manifest it is: `components.summary`; empty for the program itself.
        module: its component.
        imports: what it asks for, in the component's order.
        missing: what it cannot start without.
        unused: the keys of what is granted, and never asked for.
        unbound: the interfaces of which no bindings are named, by how they would be.
    """

    key: str
    module: Code
    imports: tuple[Satisfied, ...]
    missing: tuple[Need, ...]
    unused: tuple[str, ...]
    unbound: dict[str, str]


def examine(manifest: Manifest) -> list[Report]:
    """Return how the programs of a manifest are served, the outermost one first, in its own order.

    Raises:
        LoadError: a component cannot be read, or is none.
        ManifestError: bindings cannot be read.
    """
    needed = in_order(manifest.path, wires(manifest), manifest.components)
    idle = tuple(f"components.{name}" for name in manifest.components if name not in needed)
    found: list[tuple[str, Manifest]] = []
    bindings: list[Path] = []  # each program's serve all
    left = [("", manifest)]
    left += [(f"components.{name}", manifest.components[name]) for name in manifest.components]
    while left:
        key, program = left.pop(0)
        bindings += program.bindings
        found.append((key, program))
        for name, source in program.sources.items():
            if isinstance(source, Exported):
                left.append((f"{key}.{name}".removeprefix("."), source.manifest))
    return [_examine(key, program, idle if not key else (), bindings) for key, program in found]


def _examine(key: str, manifest: Manifest, idle: tuple[str, ...], bindings: list[Path]) -> Report:
    imports = tuple(_satisfied(manifest))
    if manifest.refuel is not None:
        narrowing = manifest.narrow.get("refuel")
        need = Need("refuel", "more fuel, before it is used up", "it ends")
        imports += (Satisfied(need, describe(manifest.refuel), str(narrowing or "")),)
    asked = {name for each in imports if each.need.name for name in (each.need.name, *_names(each.need))}
    asked |= manifest.indirect
    unused = [f"grants.{name}" for name in manifest.grants if name not in asked]
    unused += [f"wasi.{name}" for name in manifest.wasi if f"wasi.{name}" not in asked]
    for table in ("preopens", "sockets"):
        if f"wasi.{table}" not in asked:
            unused += [f"wasi.{table}.{name}" for name in getattr(manifest, table)]
    if _LAUNCH not in asked:
        unused += [name for name in ("args", "env") if getattr(manifest, name)]
        unused += ["env.scope"] if manifest.environment is not None else []
    missing = tuple(each.need for each in imports if each.source is None and each.need.required)
    sources = dict.fromkeys(each.need.source.partition("#")[0] for each in imports)
    unbound = {name: how_to_bind(manifest, name) for name in find_unbound(manifest, sources, bindings)}
    return Report(key, manifest.module, imports, missing, (*unused, *idle), unbound)


def _satisfied(manifest: Manifest) -> Iterator[Satisfied]:
    """Yield what a program asks for, and then what those that it is composed with ask for besides."""
    seen: dict[Need, None] = {}
    for need in find_needs(_component(manifest)):
        seen[need] = None
        part = manifest.compose.get(need.name or "")
        yield (
            Satisfied(need, *_find(manifest, need))
            if part is None
            else Satisfied(need, f"{part.name}, composed with it", "")
        )
    for path in manifest.compose.values():
        for need in find_needs(read_component(path)):
            if need not in seen:
                seen[need] = None
                yield Satisfied(need, *_find(manifest, need))


def _find(manifest: Manifest, need: Need) -> tuple[str | None, str]:
    if need.name == _LAUNCH:
        given = [name for name in ("args", "env") if getattr(manifest, name) is not None]
        given += [f"env.scope: {describe(manifest.environment)}"] if manifest.environment is not None else []
        return ", ".join(given) or None, ""
    if need.name is None:
        return None, ""
    if len(names := _names(need)) > 1 or names[:1] in (["wasi.preopens"], ["wasi.sockets"]):
        return _find_some(manifest, names), ""
    wasi = need.name.removeprefix("wasi.")
    found = manifest.wasi.get(wasi) if wasi != need.name else manifest.grants.get(need.name)
    key = need.name if wasi != need.name else f"grants.{need.name}"
    narrowing = manifest.narrow.get(key)
    return None if found is None else describe(found), "" if narrowing is None else str(narrowing)


def _names(need: Need) -> list[str]:
    return [] if need.name is None or need.name == _LAUNCH else need.name.split(", ")


def _find_some(manifest: Manifest, names: list[str]) -> str | None:
    """Return what of several grants behind one import is granted."""
    found = [name for name in names if name.removeprefix("wasi.") in manifest.wasi]
    for table in ("preopens", "sockets"):
        if f"wasi.{table}" in names:
            found += [f"wasi.{table}.{name}" for name in getattr(manifest, table)]
    return ", ".join(found) or None


def describe(source: Source) -> str:
    """Show where a grant comes from, for a person."""
    match source:
        case Standard(kind, options):
            return f"{kind}{_options(options)}"
        case Factory(file, callable, options):
            return f"{file.name}:{callable}{_options(options)}"
        case Exported(interface, manifest):
            return f"the {interface} of {manifest.module.name}"
        case Wired(interface, component):
            return f"the {interface} of components.{component}"
        case Remote(peer, steps):
            return f"{peer}{'#' if steps else ''}{'/'.join(map(str, steps))}"
        case Given(name):
            return f"what the host holds as {name!r}"
        case _:
            assert_never(source)


def _options(options: dict[str, object]) -> str:
    return f"({', '.join(f'{key}={str(value)!r}' for key, value in options.items())})" if options else ""


def read_component(path: Path) -> Component | CoreModule:
    """Read and decode a component, or a core module.

    Raises:
        LoadError: it cannot be read, or is none.
    """
    return _decoded(read_file(path), str(path))


def _component(manifest: Manifest) -> Component | CoreModule:
    return _decoded(read_code(manifest), str(manifest.module))


def _decoded(binary: bytes, name: str) -> Component | CoreModule:
    return decode_module(binary, name) if is_core_module(binary) else decode(binary, name)
