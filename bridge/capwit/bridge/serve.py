"""What serves a component's imports of generated interfaces: methods of handles, and grants."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from capwit.engine.errors import InstanceEnded, LimitExceeded, LinkError, ReentranceError, Trap
from capwit.engine.plan import HostFunction
from capwit.engine.types import Borrow, Function, Option, Own, Param, Resource, Result

from .binding import ANY_CAP, CAP_ERROR, find_misfit
from .capability import AnyClient, Client, OwnedCapability
from .convert import has_handle, map_handles
from .errors import CapError, ErrorKind, GrantError, HandleError
from .ledger import Event
from .match import find_mismatch
from .membrane import Side, route
from .pairs import Unpaired
from .plain import adapted_import
from .table import CapTable, client_class
from .target import Gone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from capwit.engine.store import Store

    from .binding import Bindings, Grant, Grants, GrantsInterface, Interface, Method

_log = logging.getLogger("capwit.bridge")


def as_cap_error(label: str, error: Exception) -> CapError:
    """Return what a caller is told of an exception in a capability.

    The reason crosses into the guest, so it does not quote exceptions that were not meant for it: a
    message may hold paths or secrets of the host. The log has it all.
    """
    match error:
        case CapError():
            # Its traceback leads to the frames that hold the arguments, and back to who holds it: what they
            # own would be released no sooner than the garbage collector comes by.
            return error.with_traceback(None)
        case LimitExceeded(limit=limit):
            return CapError(
                ErrorKind.EXHAUSTED, f"{label}: the instance behind it ran into its limit of {limit.value}"
            )
        case InstanceEnded():
            if isinstance(error, Trap):  # of which nobody else might learn
                _log.warning("%s", error)
            return CapError(ErrorKind.DISCONNECTED, f"{label}: the instance behind it has ended")
        case ReentranceError() | HandleError():
            return CapError(ErrorKind.FAILED, str(error))
        case NotImplementedError():
            return CapError(ErrorKind.UNIMPLEMENTED, f"{label} is not implemented")
        case _:
            _log.error("%s: the capability raised", label, exc_info=error)
            return CapError(ErrorKind.FAILED, f"{label}: the capability failed ({type(error).__name__})")


def function_of(
    known: Mapping[str, Interface], label: str, found: Function | None = None
) -> HostFunction | None:
    """Return what serves a function of a WIT interface, given the resources in it that the bindings have.

    A component that has it in WIT of its own, as `found`, is served that.
    """
    resource, _, name = label.rpartition("]")[2].partition(".")
    interface = known.get(resource)
    if interface is None:
        return None
    if label.startswith("[static]"):
        return _from_any_function(interface) if name == "from-any" else None
    if not label.startswith("[method]"):
        return None
    if method := interface.methods.get(name):
        host = method_function(interface, method)
        if found is not None and find_mismatch(host.type, found):
            with suppress(Unpaired):  # else what differs is told as of any other
                return adapted_import(host, method, found)
        return host
    if cast := interface.casts().get(name):
        return _cast_function(interface, name, cast)
    return _to_any_function(interface) if name == "to-any" else None


def method_function(interface: Interface, method: Method[Any]) -> HostFunction:
    """Return what serves a method, own or inherited, of an interface."""
    label = f"{interface.name}.{method.label}"
    receiver = _bare(interface)
    lends = any(has_handle(param.type) for param in method.params)
    call = _lending_call(method) if lends else _plain_call(method)
    return HostFunction(
        label,
        method.type(receiver),
        _call_for_one(method, call) if isinstance(method.result, Own) else call,
        lambda _, error: as_cap_error(label, error),
    )


def _cast_function(interface: Interface, label: str, wanted: Interface) -> HostFunction:
    """Return what makes another handle of a capability, as an interface that its own extends."""
    label = f"{interface.name}.{label}"

    def call(store: Store, receiver: OwnedCapability[Any]) -> Client:
        assert isinstance(store.handles, CapTable)
        store.handles.coming.append((Event.KEEP, ""))
        return wanted.client.lent(receiver)

    return HostFunction(label, Function((Param("self", Borrow(_bare(interface))),), wanted.own), call)


def _to_any_function(interface: Interface) -> HostFunction:
    """Return what makes a handle of a capability that does not tell its interface."""
    label = f"{interface.name}.to-any"

    def call(store: Store, receiver: OwnedCapability[Any]) -> Client:
        assert isinstance(store.handles, CapTable)
        store.handles.coming.append((Event.KEEP, ""))
        return AnyClient(interface.client.lent(receiver))

    return HostFunction(label, Function((Param("self", Borrow(_bare(interface))),), ANY_CAP.own), call)


def _from_any_function(interface: Interface) -> HostFunction:
    """Return what makes a handle of an interface of one that does not tell it, if it is one."""
    label = f"{interface.name}.from-any"
    type = Function((Param("cap", ANY_CAP.own),), Result(interface.own, CAP_ERROR))

    def call(_: Store, cap: AnyClient) -> Client:
        return cap.cast(interface.client)

    return HostFunction(label, type, call, lambda _, error: as_cap_error(label, error))


def _bare(interface: Interface) -> Resource:
    """Return an interface's resource as a receiver: the reference itself, and no client."""
    return Resource(interface.interface, interface.name)


def _plain_call(method: Method[Any]) -> Callable[..., Any]:
    if method.carries:  # a handle: what it comes of is told

        def call(store: Store, receiver: OwnedCapability[Any], *arguments: Any) -> Any:
            store.handles.called = receiver.handle  # type: ignore[attr-defined]
            return receiver.target.invoke(method, arguments)

    else:

        def call(store: Store, receiver: OwnedCapability[Any], *arguments: Any) -> Any:
            return receiver.target.invoke(method, arguments)

    return call


def _lending_call(method: Method[Any]) -> Callable[..., Any]:
    """Serve a method that takes capabilities: what it is lent ends with it."""

    def call(store: Store, receiver: OwnedCapability[Any], *arguments: Any) -> Any:
        store.handles.called = receiver.handle  # type: ignore[attr-defined]
        lent: list[Client] = []

        def note(_: Own | Borrow, client: Client) -> Client:
            lent.append(client)
            return client

        method.map_arguments(arguments, note)
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


def _call_for_one(method: Method[Any], call: Callable[..., Any]) -> Callable[..., Any]:
    """Serve a method whose result is a capability: Cap'n Proto may answer null where WIT cannot."""

    async def later(answer: Any) -> Any:
        return found(await answer)

    def found(answer: Any) -> Any:
        if answer is None:
            raise CapError(ErrorKind.FAILED, f"{method}: the answer is null, and no capability")
        return answer

    def call_for_one(store: Store, receiver: OwnedCapability[Any], *arguments: Any) -> Any:
        answer = call(store, receiver, *arguments)
        return later(answer) if hasattr(answer, "__await__") else found(answer)

    return call_for_one


async def _then_end(result: Any, lent: list[Client]) -> Any:
    try:
        return await result
    finally:
        _end_loans(lent)


def _end_loans(lent: list[Client]) -> None:
    for client in lent:
        client.end_loan()


def grant_function(interface: GrantsInterface, grant: Grant) -> HostFunction:
    """Return what hands out one grant: new handles at each call."""

    def call(store: Store) -> Any:
        table = store.handles
        assert isinstance(table, CapTable)
        grants = table.grants.get(interface.make)  # none, where all are optional and none was given
        value = None if grants is None else getattr(grants, grant.attribute)
        membrane = table.membrane(interface.make, grant.attribute)
        table.called = 0
        causes: list[str] = []

        def hand_out(held: Own | Borrow, capability: Any) -> Any:
            # A client without a reference of its own: the grant stays with the host.
            make = client_class(held.resource)
            try:
                client = make(capability)
            except HandleError as error:  # the host has closed it since
                client = make._of(Gone(f"the grant `{grant.attribute}` is over: {error}"))
            others = (
                m.name for m, side in route(client.target)[:-1] if side is Side.OUT and m is not membrane
            )
            causes.append(" through ".join((grant.attribute, *others)))
            return membrane.guard(client)

        given = map_handles(grant.type, value, hand_out)
        table.coming += [(Event.GRANT, cause) for cause in reversed(causes)]
        return given

    return HostFunction(f"{interface.interface}#{grant.label}", Function((), grant.type), call)


def check_grants(interface: GrantsInterface, grants: Grants | None, labels: Iterable[str], name: str) -> None:
    """Check that what a component asks for, by these functions, is granted, and is what it says.

    Raises:
        GrantError: a grant, or a capability in one, is missing or of another interface; the message names
            the import and the place.
        LinkError: the component was built from another version of the schema.
    """
    for label in labels:
        grant = interface.grants.get(label)
        if grant is None:
            raise other_schema(name, f"{interface.interface}#{label}")
        where = f"{name}: its import {interface.interface}#{label}"
        value = None if grants is None else getattr(grants, grant.attribute)
        if value is None and not isinstance(grant.type, Option):
            wanted = (
                f", a {client_class(grant.type.resource).interface}" if isinstance(grant.type, Own) else ""
            )
            raise GrantError(f"{where} is not granted. Mend: grant `{grant.attribute}`{wanted}")
        if fault := find_misfit(grant.type, value, grant.attribute):
            raise GrantError(f"{where}: the grant `{grant.attribute}` does not fit: {fault}")


def check_type(name: str, imported: str, host: HostFunction, found: Function) -> HostFunction:
    """Return what serves an import, which must be of the type that a component says.

    Raises:
        LinkError: the component was built from another version of the schema.
    """
    if mismatch := find_mismatch(host.type, found):
        raise other_schema(name, imported, mismatch)
    return host


def other_schema(name: str, imported: str, mismatch: str | None = None) -> LinkError:
    """Return the error of a component that was built from another version of the schema."""
    how = "is not in the bindings" if mismatch is None else f"is not that of the bindings: {mismatch}"
    return LinkError(
        f"{name}: its import {imported} {how}. "
        "Mend: generate the bindings and build the component from the same schema"
    )


def find_interface(bindings: list[Bindings], name: str, same: Callable[[str, str], bool]) -> list[Interface]:
    """Return the bindings' interfaces of one WIT interface."""
    return [i for b in bindings for i in b.interfaces if same(i.interface, name) and not i.foreign]


def find_grants(
    bindings: list[Bindings], name: str, same: Callable[[str, str], bool]
) -> GrantsInterface | None:
    """Return the bindings' grants of one WIT interface."""
    return next((g for b in bindings for g in b.grants if same(g.interface, name)), None)
