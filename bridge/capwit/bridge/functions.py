"""Functions of WIT that a component imports, answered by a capability that is granted.

`capwit export` makes one Cap'n Proto interface of the functions of an interface in WIT. A capability of that
answers them: a component that imports them asks for it by the interface's name, as for any other grant.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import make_dataclass, replace
from functools import cache
from keyword import iskeyword
from typing import TYPE_CHECKING, Any

from capwit.engine.types import Function

from .binding import Grant, Grants, GrantsInterface
from .match import compatible, find_mismatch
from .pairs import Unpaired
from .plain import adapted_import
from .serve import find_interface, grant_function, method_function
from .table import CapTable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from capwit.engine.plan import HostFunction
    from capwit.engine.store import Store

    from .binding import Bindings, Interface
    from .capability import Client
    from .owned import OwnedCapability


class FunctionGrants(GrantsInterface):
    """What grants the functions of an interface: the one capability that stands for them."""

    def __init__(self, interface: Interface) -> None:
        """Describe the grant of an interface that has functions."""
        name = interface.name.replace("-", "_")
        self._grant = Grant(f"{name}_" if iskeyword(name) else name, interface.name, interface.own)
        make = make_dataclass(
            f"{interface.client.__name__}Functions",
            [(self._grant.attribute, object)],
            bases=(Grants,),
            frozen=True,
        )
        super().__init__(make, interface.interface, (self._grant,))
        self._interface = interface
        self._methods = {each.function: each for each in interface.methods.values() if each.function}

    def asked_by(self, functions: Iterable[str]) -> tuple[str, ...]:
        """Return the grants that a component asks for which imports these functions."""
        return tuple(self.grants) if any(each in self._methods for each in functions) else ()

    def serve(self, label: str, found: Function) -> HostFunction | None:
        """Return what serves a function that a component imports, if it is one that the interface has."""
        method = self._methods.get(label)
        if method is None:
            return None
        host = method_function(self._interface, method)
        wanted = Function(method.params, host.type.result)
        host = replace(host, type=wanted)
        if find_mismatch(wanted, found):
            with suppress(Unpaired):  # else what differs is told as of any other
                host = adapted_import(host, method, found)
        call = host.call
        return replace(host, call=lambda store, *arguments: call(store, self._granted(store), *arguments))

    def _granted(self, store: Store) -> OwnedCapability[Any]:
        """Return the capability that an instance was granted: it holds a handle of it once it calls it."""
        table = store.handles
        assert isinstance(table, CapTable)
        owned = table.implied.get(self)
        if owned is None:
            client = grant_function(self, self._grant).call(store)
            event, cause = table.coming.pop()
            slot = table.mint(self._interface.resource, client, event, cause)
            owned = table.implied[self] = table.reference(slot)
        return owned


def find_functions(bindings: list[Bindings], name: str) -> FunctionGrants | None:
    """Return what grants the functions of one WIT interface, where the bindings have any."""
    found = find_interface(bindings, name, compatible)
    return next((_grants_of(interface) for interface in found if interface.has_functions), None)


@cache
def _grants_of(interface: Interface) -> FunctionGrants:
    return FunctionGrants(interface)


def functions_of(client: Client) -> Grants:
    """Return grants for a component that imports the functions that a client's interface stands for.

    Raises:
        TypeError: it stands for none.
    """
    interface = client.interface
    if not interface.has_functions:
        raise TypeError(f"{interface} stands for no functions of WIT")
    return _grants_of(interface).make(client)  # type: ignore[call-arg]
