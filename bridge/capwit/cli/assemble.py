"""From a manifest to a running instance: its bindings, its capabilities, its entry point."""

from __future__ import annotations

import importlib.util
import sys
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from capwit import caps
from capwit.bridge.binding import Bindings, Client, Grants
from capwit.bridge.errors import GrantError, LinkError, ManifestError
from capwit.bridge.manifest import Exported, Factory, Manifest, Source, Standard
from capwit.bridge.match import compatible
from capwit.bridge.serve import find_grants
from capwit.bridge.table import client_class
from capwit.engine.types import Err, Function, Ok, Option, Own, Type
from capwit.preview2 import WasiGrants

from .errors import ProgramError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping
    from pathlib import Path
    from types import ModuleType

    from capwit.bridge.binding import GrantsInterface
    from capwit.bridge.host import App, Host
    from capwit.bridge.instance import Instance

# What makes each kind of `capwit.bridge.kinds`, with its options as keyword arguments.
_STANDARD: Final[dict[str, Callable[..., object]]] = {
    "console": caps.StreamConsole,
    "stderr": lambda: caps.StreamConsole(sys.stderr.buffer),
    "terminal": caps.Terminal,
    "stdin": caps.DescriptorSource,
    "stdout": caps.DescriptorSink,
    "timer": caps.SystemTimer,
    "wall_clock": caps.SystemWallClock,
    "entropy": lambda seed=None: caps.SystemEntropy() if seed is None else caps.SeededEntropy(seed),
    "directory": caps.HostDirectory,
    "memory": caps.MemoryDirectory,
    "settings": caps.DictScope,
    "audit": caps.JsonLinesAudit,
    "fuel": caps.FuelBudget,
}


@dataclass(frozen=True, slots=True)
class Program:
    """A started program, and what it is called by."""

    app: App
    instance: Instance
    entry: str

    async def run(self) -> Any:
        """Call the entry point; returns the good end of its result.

        Raises:
            ProgramError: the program answered with an error.
        """
        return await run_entry(self.instance, self.entry)


@asynccontextmanager
async def assemble(
    host: Host, manifest: Manifest, standard: Mapping[str, object] | None = None
) -> AsyncIterator[Program]:
    """Start the program of a manifest; it ends with the scope.

    `standard` replaces what stands behind kinds of standard capability: `{"console": ...}`.

    Raises:
        ManifestError, GrantError, LinkError, LoadError: it cannot be started; the message says why.
    """
    async with AsyncExitStack() as stack:
        assembly = _Assembly(host, dict(standard or {}), stack)
        instance = await assembly.start(manifest)
        yield Program(instance.app, instance, find_entry(instance.app, manifest.entry))


class _Assembly:
    """Starts a program and, before it, the components that its grants come from."""

    def __init__(self, host: Host, standard: dict[str, object], stack: AsyncExitStack) -> None:
        self._host = host
        self._standard = standard
        self._stack = stack

    async def start(self, manifest: Manifest) -> Instance:
        bindings = [load_bindings(path) for path in manifest.bindings]
        app = await self._host.load(manifest.module, *bindings)
        self._refuse_unknown(manifest, app)
        grants = [await self._typed(manifest, interface) for interface in asked_for(app)]
        wasi = self._wasi(manifest)
        return await self._stack.enter_async_context(app.instantiate(*grants, *wasi, limits=manifest.limits))

    def _refuse_unknown(self, manifest: Manifest, app: App) -> None:
        asked = [grant.attribute for interface in asked_for(app) for grant in interface.grants.values()]
        for name in manifest.grants:
            if name not in asked:
                known = f"it asks for {', '.join(asked)}" if asked else "it asks for none"
                raise ManifestError(
                    f"{manifest.path}: grants.{name}: {app.name} asks for no such grant; {known}"
                )

    async def _typed(self, manifest: Manifest, interface: GrantsInterface) -> Grants:
        values: dict[str, Any] = {}
        for grant in interface.grants.values():
            source = manifest.grants.get(grant.attribute)
            if source is not None:
                values[grant.attribute] = await self._capability(
                    manifest, grant.attribute, source, grant.type
                )
            elif not isinstance(grant.type, Option):
                raise GrantError(
                    f"{manifest.path}: grants.{grant.attribute}: missing; {manifest.module.name} imports "
                    f"{interface.interface}#{grant.label}. Mend: add [grants.{grant.attribute}], "
                    f"or --grant {grant.attribute}=SOURCE"
                )
        return interface.make(**values)

    async def _capability(self, manifest: Manifest, name: str, source: Source, type: Type) -> object:
        where = f"{manifest.path}: grants.{name}"
        match source:
            case Standard(kind, options):
                return self._make_standard(kind, options, where)
            case Factory(file, callable, options):
                return make_from_factory(file, callable, options, where)
            case Exported(interface, inner):
                instance = await self.start(inner)
                exported = await instance.export(_client_of(type, interface, where))
                return await self._stack.enter_async_context(exported)

    def _make_standard(self, kind: str, options: dict[str, Any], where: str) -> object:
        replaced = self._standard.get(kind)
        if replaced is not None:
            return replaced
        try:
            return _STANDARD[kind](**options)
        except OSError as error:
            raise ManifestError(f"{where}: {error.filename or kind}: {error.strerror}") from None

    def _wasi(self, manifest: Manifest) -> list[Grants]:
        values: dict[str, Any] = {
            name: self._make_standard(kind.kind, kind.options, f"{manifest.path}: wasi.{name}")
            for name, kind in manifest.wasi.items()
        }
        if manifest.args is not None or manifest.env is not None:
            values["launch"] = caps.Launch(manifest.args or (), manifest.env)
        return [WasiGrants(**values)]


def asked_for(app: App) -> list[GrantsInterface]:
    """Return the generated grants interfaces that a component imports."""
    found = (find_grants(app.bindings(), name, compatible) for name in app.imported_interfaces())
    return [interface for interface in found if interface is not None]


def _client_of(type: Type, interface: str, where: str) -> type[Client]:
    held = type.some if isinstance(type, Option) else type
    if not isinstance(held, Own):
        raise ManifestError(f"{where}: the program asks for a value here, not for a capability")
    if held.resource.name != interface:
        raise ManifestError(f"{where}.interface: expected {held.resource.name!r}, got {interface!r}")
    return client_class(held.resource)


def load_bindings(path: Path) -> Bindings:
    """Import a generated module by its file, under its own name.

    Raises:
        ManifestError: it is not there, fails to import, or is not a generated module.
    """
    module = _import(path, path.stem, f"{path}: bindings")
    bindings = getattr(module, "BINDINGS", None)
    if not isinstance(bindings, Bindings):
        raise ManifestError(
            f"{path}: bindings: not a module that `capwit generate` wrote: it has no BINDINGS"
        )
    return bindings


def make_from_factory(file: Path, callable: str, options: dict[str, Any], where: str) -> object:
    """Call a factory. It is host code, and runs with the host's authority.

    Raises:
        ManifestError: there is no such file or callable, or it does not take these options.
    """
    module = _import(file, file.stem, where)
    make = getattr(module, callable, None)
    if make is None:
        raise ManifestError(f"{where}.factory: {file.name} has no {callable}")
    try:
        return make(**options)
    except Exception as error:
        raise ManifestError(
            f"{where}: {file.stem}:{callable} failed: {type(error).__name__}: {error}"
        ) from error


def _import(path: Path, name: str, where: str) -> ModuleType:
    known = sys.modules.get(name)
    if known is not None:
        origin = getattr(known, "__file__", None)
        if origin == str(path):
            return known
        raise ManifestError(
            f"{where}: {path.name}: Python has another module named {name}, from {origin or 'itself'}. "
            "Mend: rename the file"
        )
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise ManifestError(f"{where}: there is no {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise ManifestError(f"{where}: importing {path} failed: {type(error).__name__}: {error}") from error
    return module


def find_entry(app: App, entry: str | None = None) -> str:
    """Return the full name of what a component is run by.

    That is what `entry` names, in full or as `resource.method`; else `wasi:cli/run`, else its only `run`.

    Raises:
        LinkError: there is none, or more than one.
    """
    callable = dict(_entries(app))
    if entry is None:
        found = [full for full, short in callable.items() if short.rpartition(".")[2] == "run"]
        found = [full for full in found if full.startswith("wasi:cli/run@")] or found
    else:
        found = [full for full, short in callable.items() if entry in (full, short)]
    if len(found) == 1:
        return found[0]
    wanted = f"`{entry or 'run'}`"
    if found:
        what = f"more than one {wanted}: {', '.join(found)}"
    else:
        others = ", ".join(callable) or "nothing"
        what = f"no {wanted} that takes no parameters; what could be called: {others}"
    raise LinkError(
        f"{app.name}: it exports {what}. Mend: name what to call with `entry` in the manifest, or --entry"
    )


def _entries(app: App) -> Iterator[tuple[str, str]]:
    """Yield what a component can be called by without arguments: its full name, and a short one."""
    for label, exported in app.component.exports.items():
        if isinstance(exported, Function) and not exported.params:
            yield label, label
    for name, interface in app.exported_interfaces().items():
        for label, type in interface.functions.items():
            method = label.removeprefix("[method]")
            if method == label and not type.params and not label.startswith("["):
                yield f"{name}#{label}", label
            elif method != label and len(type.params) == 1:
                constructor = interface.functions.get(f"[constructor]{method.partition('.')[0]}")
                if constructor is not None and not constructor.params:
                    yield f"{name}#{label}", method


async def run_entry(instance: Instance, entry: str) -> Any:
    """Call an entry point, constructing the resource it is a method of."""
    interface, _, label = entry.rpartition("#")
    if not label.startswith("[method]"):
        return _good(await instance.call(entry))
    resource = label.removeprefix("[method]").partition(".")[0]
    handle = await instance.call(f"{interface}#[constructor]{resource}")
    owned = instance.adopt(handle, f"{interface}.{resource}", Client)
    try:
        return _good(await instance.call(entry, handle))
    finally:
        await owned.release()


def _good(answer: Any) -> Any:
    match answer:
        case Ok(value):
            return value
        case Err(error):
            raise ProgramError(error)
        case _:
            return answer
