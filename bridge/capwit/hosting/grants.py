"""The grants of an instance as a list of named capabilities, which can cross between processes, and back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from capwit.bridge.binding import AnyClient
from capwit.bridge.capability import Client
from capwit.bridge.capset import CapSet
from capwit.bridge.errors import CapError, ConversionError, GrantError
from capwit.bridge.match import compatible
from capwit.bridge.serve import find_grants
from capwit.bridge.table import client_class
from capwit.caps import Launch
from capwit.caps.host import HostGrant, InstanceLimits, SpawnOptions
from capwit.caps.standard import EnvVar, FuelGrantClient
from capwit.caps.wasi import WasiGrants, kinds_of
from capwit.engine.types import Option, Own, Type

from .values import of_text, to_text

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from capwit.bridge.app import App
    from capwit.bridge.binding import Grants, GrantsInterface, Interface
    from capwit.bridge.module import Module
    from capwit.engine.fuel import Refuel
    from capwit.engine.types import Borrow


def asked_for(loaded: App | Module) -> list[tuple[GrantsInterface, Container[str]]]:
    """Return the generated grants interfaces that a program imports, and by which functions it asks."""
    bindings = loaded.bindings()
    imported = loaded.imported_functions().items()
    found = [(find_grants(bindings, name, compatible), labels) for name, labels in imported]
    return [(interface, labels) for interface, labels in found if interface is not None]


def to_grants(
    loaded: App | Module, given: Sequence[HostGrant], options: SpawnOptions, held: list[Client]
) -> list[Grants]:
    """Return the grants that an instance is started with, of named capabilities.

    Each client that is made owns a reference, and is added to those that are `held`.

    Raises:
        GrantError: a name is there twice, or is none that the code asks for, or the capability is another
            than what is asked for; what is missing is told where the instance is started.
    """
    named: dict[str, HostGrant] = {}
    for grant in given:
        if grant.name in named:
            raise GrantError(f"{loaded.name}: two grants are named {grant.name!r}")
        named[grant.name] = grant
    named.pop("refuel", None)
    typed = [_typed(loaded, interface, named, held) for interface, _ in asked_for(loaded)]
    wasi = _wasi(loaded, named, options, held)
    if named:
        known = sorted(each.attribute for made, _ in asked_for(loaded) for each in made.grants.values())
        raise GrantError(
            f"{loaded.name} asks for no grant {next(iter(named))!r}: "
            f"it asks for {', '.join(known) or 'none'}, and what is behind WASI's imports"
        )
    return [*typed, wasi]


def refuel_of(given: Sequence[HostGrant], held: list[Client]) -> Refuel | None:
    """Return what more fuel is asked for by: what is granted as `refuel`, as in a manifest.

    Raises:
        CapError: it is another capability.
    """
    for grant in given:
        if grant.name == "refuel":
            if grant.capability is None:
                raise GrantError("the grant 'refuel' is no capability")
            client = grant.capability.cast(FuelGrantClient)
            held.append(client)
            return client.take
    return None


def _typed(
    loaded: App | Module, interface: GrantsInterface, named: dict[str, HostGrant], held: list[Client]
) -> Grants:
    values: dict[str, Any] = {}
    for grant in interface.grants.values():
        values[grant.attribute] = None
        names = _names(interface.make, grant.attribute)
        if (name := next((each for each in names if each in named), None)) is not None:
            given = named.pop(name)
            if (kind := _client_of(grant.type)) is None:
                values[grant.attribute] = _value(loaded, given, grant.type, held)
            else:
                values[grant.attribute] = _capability(loaded, given, (kind,))
                held.append(values[grant.attribute])
    return interface.make(**values)


def _names(make: type[Grants], attribute: str) -> tuple[str, str]:
    """Return the names of a grant, as `CapSet.of` makes them."""
    return f"{make.__name__}.{attribute}", attribute


def _value(loaded: App | Module, given: HostGrant, type: Type, held: list[Client]) -> Any:
    """Return a value that is granted, with clients of the capabilities in it."""

    def client(of: Own | Borrow, place: Any) -> Client:
        found = dict(enumerate(given.capabilities))[place].cast(client_class(of.resource))
        held.append(found)
        return found

    try:
        return of_text(type, given.value, client)
    except (ConversionError, CapError) as error:
        raise GrantError(f"{loaded.name}: the grant {given.name!r}: {error}") from None


def _client_of(type: Type) -> type[Client] | None:
    held = type.some if isinstance(type, Option) else type
    return client_class(held.resource) if isinstance(held, Own) else None


def _wasi(
    loaded: App | Module, named: dict[str, HostGrant], options: SpawnOptions, held: list[Client]
) -> Grants:
    found: dict[str, Any] = {}
    fds: dict[str, dict[str, int]] = {"preopens": {}, "sockets": {}}
    for name in [name for name in named if kinds_of(name)]:
        grant = named.pop(name)
        found[name] = _capability(loaded, grant, kinds_of(name))
        held.append(found[name])
        table, _, item = name.removeprefix(WasiGrants.prefix).partition(".")
        if item and grant.descriptor:
            fds[table][item] = grant.descriptor
    if options.args or options.env:
        found["wasi.launch"] = Launch(tuple(options.args), {each.name: each.value for each in options.env})
    grants = CapSet(found).grants(WasiGrants)
    return replace(grants, preopen_fds=fds["preopens"], socket_fds=fds["sockets"])


def _capability(loaded: App | Module, grant: HostGrant, kinds: Sequence[type[Client] | None]) -> Client:
    where = f"{loaded.name}: the grant {grant.name!r}"
    if grant.capability is None:
        raise GrantError(f"{where} is none, and what is asked for is a capability")
    known = [kind for kind in kinds if kind is not None]
    told = _lineage(grant.interface_id, known)
    for kind in known[:-1]:
        if str(kind.interface) in told:
            return grant.capability.cast(kind)
    if told and str(known[-1].interface) not in told:
        raise GrantError(f"{where} is another capability than {' or '.join(str(k.interface) for k in known)}")
    try:
        return grant.capability.cast(known[-1])
    except CapError as error:
        raise GrantError(f"{where}: {error.reason}") from None


def _lineage(id: int, kinds: Sequence[type[Client]]) -> Container[str]:
    """Return what a capability is, by the id of its interface; nothing where that is not known here."""
    heirs: list[Interface] = [heir for kind in kinds for heir in kind.interface.heirs]
    return next((each.lineage for each in heirs if each.type_id == id), () if not id else _OTHER)


_OTHER: Final = ("",)  # what is none of the kinds that are asked for


def to_named(grants: Sequence[Grants], clients: Mapping[str, Any]) -> list[HostGrant]:
    """Return what grants hold by name: `clients` has each as it is to be given."""
    fds: dict[str, int] = {}
    types: dict[str, Type] = {}
    for given in grants:
        if not isinstance(given, WasiGrants):
            make = type(given)
            types |= {
                name: each.type
                for each in make.grants_interface.grants.values()
                for name in _names(make, each.attribute)
            }
        if isinstance(given, WasiGrants):
            fds = {
                **{f"wasi.preopens.{path}": fd for path, fd in given.preopen_fds.items()},
                **{f"wasi.sockets.{name}": fd for name, fd in given.socket_fds.items()},
            }
    named = []
    for name, client in clients.items():
        if isinstance(client, Client):
            id = client.interface.type_id
            named.append(HostGrant(name, AnyClient(client), id, fds.get(name, 0), "", []))
            continue
        held: list[AnyClient] = []

        def place(_: Own | Borrow, each: Client, held: list[AnyClient] = held) -> int:
            held.append(AnyClient(each))
            return len(held) - 1

        named.append(HostGrant(name, None, 0, 0, to_text(types[name], client, place), held))
    return named


def named(*grants: Grants) -> list[HostGrant]:
    """Return what grants hold as a host takes it: each by its name."""
    return to_named(grants, {name: client for given in grants for name, client in given.clients().items()})


def options(
    name: str = "", args: Sequence[str] = (), env: Mapping[str, str] | None = None, **limits: int
) -> SpawnOptions:
    """Return what an instance is started with; `limits` are by the fields of `InstanceLimits`."""
    fields = {**dict.fromkeys(InstanceLimits.__slots__, 0), **limits}
    variables = [EnvVar(name, value) for name, value in (env or {}).items()]
    return SpawnOptions(name, list(args), variables, InstanceLimits(**fields))
