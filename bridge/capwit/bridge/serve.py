"""What serves a component's imports of generated interfaces: methods of handles, and grants."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from capwit.engine.errors import EngineError, InstanceEnded, LinkError, ReentranceError
from capwit.engine.plan import HostFunction
from capwit.engine.types import Function, Option, Own, Resource

from .capability import Client, OwnedCapability
from .convert import has_handle, map_handles
from .errors import CapError, ErrorKind, GrantError, HandleError
from .ledger import Event
from .match import find_mismatch
from .table import CapTable, client_class

if TYPE_CHECKING:
    from collections.abc import Callable

    from capwit.engine.component import Interface as ImportedInterface
    from capwit.engine.store import Store

    from .binding import Bindings, Grant, Grants, GrantsInterface, Interface, Method

_log = logging.getLogger("capwit.bridge")


def as_cap_error(label: str, error: Exception) -> CapError:
    """Return what a caller is told of an exception in a capability, or raise it: then the caller ends.

    The reason crosses into the guest, so it does not quote exceptions that were not meant for it: a
    message may hold paths or secrets of the host. The log has it all.
    """
    match error:
        case CapError():
            return error
        case InstanceEnded():
            return CapError(ErrorKind.DISCONNECTED, f"{label}: the instance behind it has ended")
        case ReentranceError() | HandleError():
            return CapError(ErrorKind.FAILED, str(error))
        case EngineError():
            raise error
        case NotImplementedError():
            return CapError(ErrorKind.UNIMPLEMENTED, f"{label} is not implemented")
        case _:
            _log.error("%s: the capability raised", label, exc_info=error)
            return CapError(ErrorKind.FAILED, f"{label}: the capability failed ({type(error).__name__})")


def method_function(method: Method[Any], found: Function, name: str) -> HostFunction:
    """Return what serves a method that a component imports.

    Raises:
        LinkError: the component was built against another version of the schema.
    """
    label = str(method)
    wanted = method.type(method.interface.resource)
    mismatch = find_mismatch(wanted, found)
    if mismatch:
        raise LinkError(
            f"{name}: its import {method.interface.interface}#{label} "
            f"is not that of the bindings: {mismatch}. Mend: generate the bindings and build the component from the same schema"
        )
    # The receiver is the reference itself: it makes no client.
    receiver = Resource(method.interface.interface, method.interface.name)
    lends = any(has_handle(param.type) for param in method.params)
    return HostFunction(
        label,
        method.type(receiver),
        _lending_call(method) if lends else _plain_call(method),
        lambda _, error: as_cap_error(label, error),
    )


def _plain_call(method: Method[Any]) -> Callable[..., Any]:
    def call(_: Store, receiver: OwnedCapability, *arguments: Any) -> Any:
        return receiver.target.invoke(method, arguments)

    return call


def _lending_call(method: Method[Any]) -> Callable[..., Any]:
    """Serve a method that takes capabilities: what it is lent ends with it."""

    def call(_: Store, receiver: OwnedCapability, *arguments: Any) -> Any:
        lent: list[Client] = []

        def note(_: Resource, client: Client) -> Client:
            lent.append(client)
            return client

        for param, argument in zip(method.params, arguments, strict=True):
            map_handles(param.type, argument, note)
        lent = [client for client in lent if client.owned is None]
        try:
            result = receiver.target.invoke(method, arguments)
        except BaseException:
            _end_loans(lent)
            raise
        if hasattr(result, "__await__"):
            return _then_end(result, lent)
        _end_loans(lent)
        return result

    return call


async def _then_end(result: Any, lent: list[Client]) -> Any:
    try:
        return await result
    finally:
        _end_loans(lent)


def _end_loans(lent: list[Client]) -> None:
    for client in lent:
        client.end_loan()


def grant_function(interface: GrantsInterface, grant: Grant, found: Function, name: str) -> HostFunction:
    """Return what hands out one grant: a new handle at each call.

    Raises:
        LinkError: the component was built against another version of the schema.
    """
    mismatch = find_mismatch(Function((), grant.type), found)
    if mismatch:
        raise LinkError(
            f"{name}: its import {interface.interface}#{grant.label} "
            f"is not that of the bindings: {mismatch}. Mend: generate the bindings and build the component from the same schema"
        )

    def call(store: Store) -> Any:
        table = store.handles
        assert isinstance(table, CapTable)
        value = getattr(table.grants[interface.make], grant.attribute)
        if isinstance(value, Client):
            value = type(value)(value)  # a reference of the guest's own: the grant stays with the host
        table.event = Event.GRANT
        return value

    return HostFunction(f"{interface.interface}#{grant.label}", Function((), grant.type), call)


def check_grants(
    interface: GrantsInterface, grants: Grants | None, imported: ImportedInterface, name: str
) -> None:
    """Check that what a component asks for is granted, and is what it says.

    Raises:
        GrantError: a grant is missing or of another interface; the message names the import.
    """
    for label in imported.functions:
        grant = interface.grants[label]
        where = f"{name}: its import {interface.interface}#{label}"
        type = grant.type
        optional = isinstance(type, Option)
        if isinstance(type, Option):
            type = type.some
        value = None if grants is None else getattr(grants, grant.attribute)
        if value is None:
            if not optional:
                raise GrantError(
                    f"{where} is not granted. Mend: grant `{grant.attribute}`"
                    + (f", a {client_class(type.resource).interface}" if isinstance(type, Own) else "")
                )
        elif isinstance(type, Own):
            try:
                client_class(type.resource)(value)
            except HandleError as error:
                raise GrantError(f"{where}: the grant `{grant.attribute}` does not fit: {error}") from None


def find_interface(bindings: list[Bindings], name: str, same: Callable[[str, str], bool]) -> list[Interface]:
    """Return the bindings' interfaces of one WIT interface."""
    return [i for b in bindings for i in b.interfaces if same(i.interface, name)]


def find_grants(
    bindings: list[Bindings], name: str, same: Callable[[str, str], bool]
) -> GrantsInterface | None:
    """Return the bindings' grants of one WIT interface."""
    return next((g for b in bindings for g in b.grants if same(g.interface, name)), None)
