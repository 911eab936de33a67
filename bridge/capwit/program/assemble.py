"""From a manifest to a running instance: its bindings, its capabilities, its entry point."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar, assert_never

from capwit import caps
from capwit.bridge.errors import GrantError, ManifestError
from capwit.bridge.instance import Instance
from capwit.bridge.match import compatible
from capwit.bridge.serve import find_grants
from capwit.bridge.table import client_class
from capwit.caps import HttpFetch
from capwit.caps.files import DirectoryClient
from capwit.caps.standard import FuelGrantClient, KeyValueScopeClient
from capwit.caps.store import StoreClient
from capwit.engine.types import Option, Own, Type
from capwit.hosting.entry import find_entry, run_entry
from capwit.hosting.grants import asked_for
from capwit.manifest.declared import (
    Exported,
    Factory,
    Given,
    Inline,
    Manifest,
    Remote,
    Source,
    Standard,
    Stored,
    Wired,
)
from capwit.manifest.wiring import in_order, wires
from capwit.preview2 import WasiGrants

from .bound import how_to_bind, is_grants
from .code import composed, fetch_code, is_module
from .modules import load_bindings
from .narrowing import narrowed, policies_of
from .remotes import Remotes, client_of
from .sources import make_source, make_wasi

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Container, Mapping
    from pathlib import Path

    from capwit.bridge.app import App
    from capwit.bridge.binding import Client, Grants, GrantsInterface
    from capwit.bridge.capset import CapSet
    from capwit.bridge.host import Host
    from capwit.bridge.loaded import Loaded
    from capwit.bridge.module import Module, ModuleInstance
    from capwit.bridge.running import Running
    from capwit.engine.fuel import Refuel
    from capwit.hosting.isolation import IsolatedInstance


@dataclass(frozen=True, slots=True)
class Program:
    """A started program, and what it is called by."""

    app: App
    instance: AnyInstance
    entry: str

    async def run(self) -> Any:
        """Call the entry point; returns the good end of its result.

        Raises:
            ProgramError: the program answered with an error.
        """
        if isinstance(self.instance, Instance):
            return await run_entry(self.instance, self.entry)
        return await self.instance.run(self.entry)


@dataclass(frozen=True, slots=True)
class ModuleProgram:
    """A started program that is a core module, and what it is called by."""

    instance: ModuleInstance | IsolatedInstance
    entry: str | None

    async def run(self) -> Any:
        """Run it: returns what its entry point does, which `_start` is not.

        Raises:
            GuestExit: it has ended itself by an exit code.
        """
        return await self.instance.run(self.entry)


@asynccontextmanager
async def assemble(
    host: Host, manifest: Manifest, standard: Mapping[str, object] | None = None
) -> AsyncIterator[Program | ModuleProgram]:
    """Start the program of a manifest; it ends with the scope, and so do the components it is wired to.

    `standard` replaces what stands behind kinds of standard capability: `{"console": ...}`.

    Raises:
        ManifestError, GrantError, LinkError, LoadError: it cannot be started; the message says why.
    """
    async with AsyncExitStack() as stack:
        assembly = Assembly(host, dict(standard or {}), stack)
        module = program = None
        made: dict[str, object] = {}
        code = await assembly.code(manifest, made)
        if await asyncio.to_thread(is_module, code):
            module = await assembly.prepare_module(manifest, code, made)
        else:
            program = await assembly.prepare(manifest, code, made)
        await assembly.start_components(manifest)
        if program is None:
            assert module is not None
            yield ModuleProgram(await assembly.start_module(module), manifest.entry)
            return
        instance = await assembly.start(program)
        yield Program(program.loaded, instance, find_entry(program.loaded, manifest.entry))


AnyInstance: TypeAlias = "Instance | IsolatedInstance"
L = TypeVar("L", bound="App | Module")
R = TypeVar("R", bound="Running")


@dataclass(frozen=True, slots=True)
class _Prepared(Generic[L]):
    """A program for which all is there that this machine has, and of which nothing has run.

    Attributes:
        loaded: its component or module.
        asked: the grants interfaces that it imports, each with the labels of the grants that it asks for.
        made: the capabilities that it is granted of this machine, by their keys: `grants.store`, `refuel`.
        inner: the programs of its own that it is granted the exports of, by the same.
    """

    manifest: Manifest
    loaded: L
    asked: list[tuple[GrantsInterface, Container[str]]]
    made: dict[str, object]
    inner: dict[str, _Prepared[App]]


class Assembly:
    """Starts a program and, before it, the components that its grants come from.

    All are prepared before the first one runs: what a guest does to the folders that it is granted changes
    neither what code is read nor which folders and files the others are granted.
    """

    def __init__(self, host: Host, standard: dict[str, object], stack: AsyncExitStack) -> None:
        """Start programs that end with `stack`."""
        self._host = host
        self._standard = standard
        self._stack = stack
        self._started: dict[str, AnyInstance] = {}
        self._remotes = Remotes(host.ledger, stack)
        self._caps = host.caps

    def within(self, stack: AsyncExitStack, caps: CapSet | None = None) -> Assembly:
        """Return what starts programs that end with `stack`, wired to the same components.

        `caps` is what is given by name, in place of what the host holds.
        """
        inner = Assembly(self._host, self._standard, stack)
        inner._caps = self._caps if caps is None else caps
        inner._started = self._started
        inner._remotes = self._remotes
        return inner

    async def code(self, manifest: Manifest, made: dict[str, object]) -> Path | bytes:
        """Return where a program's code is, or the code itself; a store that it is in is `made` for that."""
        match manifest.module:
            case Inline(binary):
                return binary
            case Stored() as stored:
                where = f"{manifest.path}: module"
                return await fetch_code(stored, await self._store(manifest, stored.store, where, made), where)
            case path:
                return path

    async def _store(self, manifest: Manifest, name: str, where: str, made: dict[str, object]) -> StoreClient:
        key = f"grants.{name}"
        granted = manifest.grants.get(name, Given(name))
        found = self._given(granted, f"{where}.store") if isinstance(granted, Given) else granted
        match found:
            case Standard() | Factory() as source:
                found = made[key] = await make_source(source, f"{manifest.path}: {key}", self._standard)
            case Remote() as source:
                found = made[key] = await self._remotes.open(source, StoreClient, f"{manifest.path}: {key}")
            case Exported() | Wired():
                raise ManifestError(
                    f"{where}.store: {key} is another component's, which runs after all code is read. "
                    "Mend: a store of this machine, or the host's"
                )
            case _:
                pass
        try:
            return narrowed(manifest, key, StoreClient(found))
        except TypeError as error:
            raise ManifestError(f"{where}.store: {error}") from None

    async def prepare_inner(self, manifest: Manifest) -> _Prepared[App]:
        """Prepare a program that another one is granted the exports of."""
        made: dict[str, object] = {}
        return await self.prepare(manifest, await self.code(manifest, made), made)

    async def prepare(
        self, manifest: Manifest, code: Path | bytes, made: dict[str, object]
    ) -> _Prepared[App]:
        """Load a program's code, and make what it is granted of this machine."""
        bindings = [load_bindings(path, str(manifest.path)) for path in manifest.bindings]
        if manifest.compose:
            code = await asyncio.to_thread(composed, manifest, code, bindings)
        app = await self._host.load(code, *bindings, name=_name(manifest, code))
        for name in manifest.sockets:
            raise ManifestError(
                f"{manifest.path}: wasi.sockets.{name}: {app.name} is a component, which opens its sockets "
                "itself. Mend: grant it `network` under [wasi]"
            )
        self._refuse_unknown(manifest, app)
        return await self._prepared(manifest, app, made)

    async def prepare_module(
        self, manifest: Manifest, code: Path | bytes, made: dict[str, object]
    ) -> _Prepared[Module]:
        """Load the code of a program that is a core module, and make what it is granted of this machine."""
        bindings = [load_bindings(path, str(manifest.path)) for path in manifest.bindings]
        for name in manifest.compose:
            raise ManifestError(
                f"{manifest.path}: compose.{name}: {manifest.module.name} is a core module, and composed are "
                "components"
            )
        module = await self._host.load_module(code, *bindings, name=_name(manifest, code))
        self._refuse_unknown(manifest, module)
        return await self._prepared(manifest, module, made)

    async def _prepared(self, manifest: Manifest, loaded: L, made: dict[str, object]) -> _Prepared[L]:
        inner: dict[str, _Prepared[App]] = {}
        asked = asked_for(loaded)
        types = {grant.attribute: grant.type for interface, _ in asked for grant in interface.grants.values()}
        for key, source in manifest.sources.items():
            where = f"{manifest.path}: {key}"
            if isinstance(source, Given) and isinstance(held := self._caps.get(source.name), Remote):
                source = held  # noqa: PLW2901 - what it has to be is known here
            match source:
                case _ if key in made:
                    pass
                case Remote():
                    client = client_of(manifest, key, source, types)
                    made[key] = await self._remotes.open(source, client, where)
                case Standard() if key.removeprefix("wasi.") in manifest.wasi:
                    made[key] = await make_wasi(
                        source, where, self._standard, narrowed=key in manifest.narrow
                    )
                case Standard() | Factory():
                    made[key] = await make_source(source, where, self._standard)
                case Exported():
                    inner[key] = await self.prepare_inner(source.manifest)
                case Wired() | Given():
                    pass
                case _:
                    assert_never(source)
            fetch = made.get(key)
            if isinstance(fetch, HttpFetch):  # its connections end with the program
                await self._stack.enter_async_context(fetch)
        return _Prepared(manifest, loaded, asked, made, inner)

    async def start_components(self, manifest: Manifest) -> None:
        """Start the components of a manifest that others are wired to, each after those it is wired to."""
        order = in_order(manifest.path, wires(manifest), manifest.components)
        components = {name: await self.prepare_inner(manifest.components[name]) for name in order}
        for name, component in components.items():
            self._started[name] = await self.start(component, name)

    async def start(self, program: _Prepared[App], name: str | None = None) -> AnyInstance:
        """Start one program, whose components run."""
        return await self._start(program.loaded, program, name)

    async def start_module(self, program: _Prepared[Module]) -> ModuleInstance | IsolatedInstance:
        """Start a program that is a core module, whose components run."""
        return await self._start(program.loaded, program, None)

    async def _start(
        self, loaded: Loaded[Any, R], program: _Prepared[Any], name: str | None
    ) -> R | IsolatedInstance:
        manifest = program.manifest
        grants = await self._grants(program)
        how: dict[str, Any] = {
            "limits": manifest.limits,
            "name": name,
            "policies": policies_of(manifest, grants),
            "refuel": await self._refuel(program),
        }
        if manifest.isolation == "process":
            from capwit.hosting.isolation import isolated  # pycapnp: not for who needs none

            return await self._stack.enter_async_context(isolated(program.loaded, *grants, **how))
        return await self._stack.enter_async_context(loaded.instantiate(*grants, **how))

    async def _grants(self, program: _Prepared[Any]) -> list[Grants]:
        return [
            *[await self._typed(program, *asked) for asked in program.asked],
            await self._wasi(program),
        ]

    def _refuse_unknown(self, manifest: Manifest, loaded: App | Module) -> None:
        bindings = loaded.bindings()
        for interface in loaded.imported_functions():
            if is_grants(interface) and find_grants(bindings, interface, compatible) is None:
                raise ManifestError(
                    f"{manifest.path}: {manifest.module.name} imports {interface}, of which no bindings are "
                    f"named. Mend: {how_to_bind(manifest, interface)}"
                )
        asked = [
            grant.attribute
            for interface, labels in asked_for(loaded)
            for grant in interface.grants.values()
            if grant.label in labels
        ]
        for name in manifest.grants:
            if name not in asked and name not in manifest.indirect:
                known = f"it asks for {', '.join(asked)}" if asked else "it asks for none"
                raise ManifestError(
                    f"{manifest.path}: grants.{name}: {loaded.name} asks for no such grant; {known}"
                )

    async def _typed(
        self, program: _Prepared[Any], interface: GrantsInterface, labels: Container[str]
    ) -> Grants:
        manifest = program.manifest
        values: dict[str, Any] = {}
        for grant in interface.grants.values():
            source = manifest.grants.get(grant.attribute)
            if source is not None:
                key = f"grants.{grant.attribute}"
                values[grant.attribute] = await self._capability(program, key, source, grant.type)
            elif grant.label not in labels:
                values[grant.attribute] = None
            elif not isinstance(grant.type, Option):
                raise GrantError(
                    f"{manifest.path}: grants.{grant.attribute}: missing; {manifest.module.name} imports "
                    f"{interface.interface}#{grant.label}. Mend: add [grants.{grant.attribute}], "
                    f"or --grant {grant.attribute}=SOURCE"
                )
        return interface.make(**values)

    async def _capability(self, program: _Prepared[Any], key: str, source: Source, type: Type) -> object:
        where = f"{program.manifest.path}: {key}"
        match source:
            case Standard() | Factory() | Remote():
                return program.made[key]
            case Exported(interface):
                client = _client_of(type, interface, where)
                return await self._export(await self.start(program.inner[key]), client)
            case Wired(interface, component):
                return await self._export(self._started[component], _client_of(type, interface, where))
            case Given():
                given = self._given(source, f"{where}.given")
                return program.made[key] if isinstance(given, Remote) else given
            case _:
                assert_never(source)

    def _given(self, source: Given, where: str) -> object:
        if source.name not in self._caps:
            known = ", ".join(self._caps) or "nothing"
            raise ManifestError(f"{where}: the host holds no {source.name!r}; it holds {known}")
        return self._caps[source.name]

    async def _refuel(self, program: _Prepared[Any]) -> Refuel | None:
        manifest = program.manifest
        if manifest.refuel is None:
            return None
        where = f"{manifest.path}: refuel"
        given = await self._capability(program, "refuel", manifest.refuel, FuelGrantClient.interface.own)
        try:
            client = FuelGrantClient(given)
        except TypeError as error:
            raise ManifestError(f"{where}: {error}") from None
        return narrowed(manifest, "refuel", client).take

    async def _export(self, instance: AnyInstance, client: type[Client]) -> Client:
        return await self._stack.enter_async_context(await instance.export(client))

    async def _wasi(self, program: _Prepared[Any]) -> Grants:
        manifest = program.manifest
        values: dict[str, Any] = {name: program.made[f"wasi.{name}"] for name in manifest.wasi}
        if manifest.args is not None or manifest.env is not None:
            values["launch"] = caps.Launch(manifest.args or (), manifest.env)
        if manifest.environment is not None:
            interface = KeyValueScopeClient.interface.own
            values["environment"] = await self._capability(
                program, "env.scope", manifest.environment, interface
            )
        values["preopens"] = {
            path: await self._preopen(program, path, source) for path, source in manifest.preopens.items()
        }
        values["sockets"] = {name: program.made[f"wasi.sockets.{name}"] for name in manifest.sockets}
        return WasiGrants(**values, preopen_fds=manifest.preopen_fds, socket_fds=manifest.socket_fds)

    async def _preopen(self, program: _Prepared[Any], path: str, source: Source) -> object:
        key = f"wasi.preopens.{path}"
        if not isinstance(source, Given) or source.name not in program.manifest.grants:
            return await self._capability(program, key, source, DirectoryClient.interface.own)
        key, source = f"grants.{source.name}", program.manifest.grants[source.name]
        found = await self._capability(program, key, source, DirectoryClient.interface.own)
        try:
            return narrowed(program.manifest, key, DirectoryClient(found))
        except TypeError as error:
            raise GrantError(f"{program.manifest.path}: wasi.preopens.{path}.namespace: {error}") from None


def _name(manifest: Manifest, code: Path | bytes) -> str | None:
    """Return what code is called that is no file."""
    return manifest.module.name if isinstance(code, bytes) else None


def _client_of(type: Type, interface: str, where: str) -> type[Client]:
    held = type.some if isinstance(type, Option) else type
    if not isinstance(held, Own):
        raise ManifestError(f"{where}: the program asks for a value here, not for a capability")
    if held.resource.name != interface:
        raise ManifestError(f"{where}.interface: expected {held.resource.name!r}, got {interface!r}")
    return client_class(held.resource)
