"""The grants of an instance as a list of named capabilities, which can cross between processes, and back."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from capwit.bridge.binding import AnyClient
from capwit.bridge.capability import Client
from capwit.bridge.capset import CapSet
from capwit.bridge.errors import CapError, ConversionError, GrantError
from capwit.bridge.functions import find_functions
from capwit.bridge.match import compatible
from capwit.bridge.serve import find_grants
from capwit.bridge.table import client_class
from capwit.caps import Launch
from capwit.caps.host import HostGrant, InstanceLimits, SpawnOptions
from capwit.caps.standard import EnvVar, FuelGrantClient
from capwit.caps.wasi import WasiGrants, kinds_of
from capwit.engine.fault import show
from capwit.engine.types import Option, Own, Type

from .values import of_text, to_text

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping, Sequence

    from capwit.bridge.app import App
    from capwit.bridge.binding import Grant, Grants, GrantsInterface, Interface
    from capwit.bridge.membrane import Membrane
    from capwit.bridge.module import Module
    from capwit.engine.fuel import Refuel
    from capwit.engine.types import Borrow


def asked_for(loaded: App | Module) -> list[tuple[GrantsInterface, Container[str]]]:
    """Return the grants interfaces that a program imports, and the labels of the grants that it asks for."""
    bindings = loaded.bindings()
    found: list[tuple[GrantsInterface, Container[str]]] = []
    for name, labels in loaded.imported_functions().items():
        interface = find_grants(bindings, name, compatible) or find_functions(bindings, name)
        if interface is not None and (asked := interface.asked_by(labels)):
            found.append((interface, asked))
    return found


def to_grants(
    loaded: App | Module, given: Sequence[HostGrant], options: SpawnOptions, held: list[Client]
) -> list[Grants]:
    """Return the grants that an instance is started with, of named capabilities.

    Each client that is made owns a reference, and is added to those that are `held`.

    Raises:
        GrantError: a grant is there twice, or is none that the code asks for, or may be one of several, or
            the capability is another than what is asked for; what is missing is told where the instance is
            started.
    """
    named: dict[str, HostGrant] = {}
    for grant in given:
        if grant.name in named:
            raise GrantError(f"{loaded.name}: two grants are named {grant.name!r}")
        named[grant.name] = grant
    named.pop("refuel", None)
    wasi = _wasi(loaded, named, options, held)
    asked = [*dict.fromkeys(interface for interface, _ in asked_for(loaded))]
    placed: dict[str, HostGrant] = {}
    for grant in named.values():
        name = _full_name(loaded, grant.name, asked)
        if name in placed:
            raise GrantError(f"{loaded.name}: two grants are named {name!r}")
        placed[name] = grant
    return [*(_typed(loaded, interface, placed, held) for interface in asked), wasi]


def _full_name(loaded: App | Module, name: str, asked: Sequence[GrantsInterface]) -> str:
    """Return the name of the grant that a name stands for, which may be its own name alone."""
    wit, _, own = name.rpartition(".")
    known = [(interface, grant) for interface in asked for grant in interface.grants.values()]
    found = [
        _name(interface, grant)
        for interface, grant in known
        if own == grant.attribute and (not wit or compatible(wit, interface.interface))
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise GrantError(
            f"{loaded.name} asks for more than one grant {name!r}. Mend: name it {' or '.join(found)}"
        )
    names = ", ".join(sorted(grant.attribute for _, grant in known)) or "none"
    raise GrantError(
        f"{loaded.name} asks for no grant {name!r}: it asks for {names}, and what is behind WASI's imports"
    )


def _name(interface: GrantsInterface, grant: Grant) -> str:
    """Return the name of a grant by which no other interface has one."""
    return f"{interface.interface}.{grant.attribute}"


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
    loaded: App | Module, interface: GrantsInterface, placed: Mapping[str, HostGrant], held: list[Client]
) -> Grants:
    values: dict[str, Any] = {}
    for grant in interface.grants.values():
        values[grant.attribute] = None
        if (given := placed.get(_name(interface, grant))) is not None:
            if (kind := _client_of(grant.type)) is None:
                values[grant.attribute] = _value(loaded, given, grant.type, held)
            else:
                values[grant.attribute] = _capability(loaded, given, (kind,))
                held.append(values[grant.attribute])
    return interface.make(**values)


def _value(loaded: App | Module, given: HostGrant, wanted: Type, held: list[Client]) -> Any:
    """Return a value that is granted, with clients of the capabilities in it."""
    left: list[AnyClient | None] = [*given.capabilities]

    def client(of: Own | Borrow, place: Any) -> Client:
        there = left[place] if type(place) is int and 0 <= place < len(left) else None
        if there is None:
            raise ConversionError(f"there is no capability {show(place)}, or it is there already")
        left[place] = None
        found = there.cast(client_class(of.resource))
        held.append(found)
        return found

    try:
        return of_text(wanted, given.value, client)
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


def named(
    *grants: Grants, membrane: Callable[[type[Grants], str], Membrane] | None = None
) -> list[HostGrant]:
    """Return what grants hold as a host takes it: each by its name.

    With `membrane`, each is on the other side of the one that it returns for the class and the name.

    Raises:
        GrantError: one is not of its type.
        ConversionError: a value is too long.
    """
    found = []
    for given in grants:
        clients = given.clients(None if membrane is None else partial(membrane, type(given)))
        if isinstance(given, WasiGrants):
            fds = {
                **{f"wasi.preopens.{path}": fd for path, fd in given.preopen_fds.items()},
                **{f"wasi.sockets.{name}": fd for name, fd in given.socket_fds.items()},
            }
            found += [_of_client(name, client, fds.get(name, 0)) for name, client in clients.items()]
            continue
        interface = type(given).grants_interface
        for grant in interface.grants.values():
            if (value := clients.get(grant.attribute)) is not None:
                name = _name(interface, grant)
                found.append(
                    _of_client(name, value)
                    if isinstance(value, Client)
                    else _of_value(name, grant.type, value)
                )
    return found


def to_refuel(client: FuelGrantClient) -> HostGrant:
    """Return the grant that more fuel is asked for by."""
    return _of_client("refuel", client)


def _of_client(name: str, client: Client, fd: int = 0) -> HostGrant:
    return HostGrant(name, AnyClient(client), client.interface.type_id, fd, "", [])


def _of_value(name: str, type: Type, value: Any) -> HostGrant:
    held: list[AnyClient] = []

    def place(_: Own | Borrow, each: Client) -> int:
        held.append(AnyClient(each))
        return len(held) - 1

    return HostGrant(name, None, 0, 0, to_text(name, type, value, place), held)


def options(
    name: str = "", args: Sequence[str] = (), env: Mapping[str, str] | None = None, **limits: int
) -> SpawnOptions:
    """Return what an instance is started with; `limits` are by the fields of `InstanceLimits`."""
    fields = {**dict.fromkeys(InstanceLimits.__slots__, 0), **limits}
    variables = [EnvVar(name, value) for name, value in (env or {}).items()]
    return SpawnOptions(name, list(args), variables, InstanceLimits(**fields))
