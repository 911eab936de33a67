"""What one call carries across besides values: its capabilities, and who owns them afterwards."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any, Final, TypeVar

from capwit.bridge.binding import ANY_CAP
from capwit.bridge.capability import HOST, AnyClient, Client, OwnedCapability, check_implements
from capwit.bridge.errors import ConversionError, HandleError
from capwit.bridge.ledger import Event
from capwit.bridge.target import Origin, Untold

from .hook import hook_of, is_null
from .remote import OfPeer
from .schema import Schemas
from .served import Served
from .shape import Allowance

if TYPE_CHECKING:
    from capwit.bridge.binding import Interface
    from capwit.bridge.ledger import Ledger
    from capwit.bridge.target import Target

    from .peer import Peer
    from .vat import Vat

C = TypeVar("C", bound=Client)

PEER: Final = "peer"  # the holder's name of what others hold by RPC


class _Everything(dict[str, Any]):
    def __contains__(self, name: object) -> bool:
        return True


# What a peer's capability is of which no interface is told: any, and the peer says whether it is one.
_UNKNOWN: Final = copy(ANY_CAP)
_UNKNOWN.lineage = _Everything()


class Crossing(Allowance):
    """The capabilities of one call, in one direction or both."""

    __slots__ = ("_given", "_ledger", "_lent", "_peer", "_vat", "afar")

    def __init__(self, vat: Vat, ledger: Ledger, peer: Peer | None = None) -> None:
        """Carry capabilities between a vat and its peers, and enter them in a ledger.

        `peer` is the client whose call it is, where what it holds is counted.
        """
        super().__init__()
        self._vat = vat
        self._ledger = ledger
        self._peer = peer
        self._given: dict[OwnedCapability[Any], None] = {}
        self._lent: list[tuple[Client, OwnedCapability[Any]]] = []
        self.afar = False  # whether any that came in is a peer's, or a promise

    # -- Out, to a peer --

    def give(self, value: Any, make: type[Client], schema: Any) -> Any:
        """Return pycapnp's client of a capability that changes hands once all is `sent`."""
        given = self.lend(value, make, schema)
        owned = value.owned if isinstance(value, Client) else None
        if owned is not None:
            if owned in self._given:
                raise HandleError(f"handle #{owned.handle} was given to {self._holder} in the same call")
            self._given[owned] = None
        return given

    def lend(self, value: Any, make: type[Client], schema: Any) -> Any:
        """Return pycapnp's client of a capability; the peer has a reference of its own."""
        check_implements(make.interface, value)
        client = value if isinstance(value, Client) else make(value)
        return self.offer(client).cast_as(schema)

    def offer(self, client: Client) -> Any:
        """Return pycapnp's client of the capability behind one of ours."""
        target, _ = _told(client)
        if isinstance(target, OfPeer) and self._passes_on(target):
            return target.capability
        return self._vat.served(self.serve(client))

    def _passes_on(self, target: OfPeer) -> bool:
        """Tell whether a peer's capability goes to another one as it is, and is not called through here.

        What a guest in a process of its own exports is: only its host may end it by cancelling a call.
        """
        return target.vat is self._vat and (target.origin is Origin.REMOTE or target.peer is self._peer)

    def serve(self, client: Client) -> Served:
        """Return what answers a peer's calls of a capability, with a reference of its own."""
        target, interface = _told(client)
        owned = OwnedCapability(
            interface.client, str(interface), target, self._ledger, Event.KEEP, self._holder,
            parent=_number(client),
        )  # fmt: skip
        served = Served(self._vat, owned, interface, self._ledger, self._peer)
        for_all = self._vat.cancels and _is_asked(client)  # a guest's host calls it for all its clients
        served.runs_on = target.origin is Origin.EXPORT and not for_all
        served.in_order = not for_all
        return served

    def sent(self) -> None:
        """What was given is the peer's now."""
        for owned in self._given:
            if owned.live:
                owned.end(Event.GIVE, "given to a peer", f"to {self._holder}")
        self._given.clear()

    @property
    def _holder(self) -> str:
        return PEER if self._peer is None else self._peer.name

    # -- In, from a peer --

    def take(self, capability: Any, make: type[C]) -> C:
        """Return a client that owns a reference to pycapnp's capability."""
        return make.owning(self._own(capability, make, Event.MINT))

    def adopt(self, capability: Any, make: type[C]) -> C:
        """Return a client that owns a reference to pycapnp's capability, whatever it was known as."""
        return self.take(capability.cast_as(Schemas.of_interface(make.interface)), make)

    def take_list(self, capabilities: Any, make: type[C]) -> list[C]:
        """Return clients that own references to pycapnp's capabilities.

        Raises:
            ConversionError: one of them is null.
        """
        listed = list(capabilities)
        if any(is_null(each) for each in listed):
            raise ConversionError(f"a list of {make.interface}s: expected capabilities, got null")
        return [self.take(each, make) for each in listed]

    def borrow(self, capability: Any, make: type[C]) -> C:
        """Return a client of pycapnp's capability that ends with the call."""
        owned = self._own(capability, make, Event.LEND)
        client = make.lent(owned)
        self._lent.append((client, owned))
        return client

    def over(self) -> None:
        """The call is over, and with it what it was lent."""
        for client, owned in self._lent:
            client.end_loan()
            if owned.live:
                owned.end(Event.RETURN, "lent for one call")
        self._lent.clear()

    def _own(self, capability: Any, make: type[Client], event: Event) -> OwnedCapability[Any]:
        interface = make.interface
        target: Target
        if make is AnyClient:
            home = self._vat.home(hook_of(capability))
            target = (
                Untold(home.owned.target, home.interface)
                if home
                else Untold(self._vat.target(capability, None, self._ledger, self._peer), _UNKNOWN)
            )
        else:
            target = self._vat.target(capability, interface, self._ledger, self._peer)
        self.afar = self.afar or isinstance(target, OfPeer)
        return OwnedCapability(make, str(interface), target, self._ledger, event, HOST)

    def settle(self, client: Client, home: Target) -> Client:
        """Return a client of what a promise has become, in the place of that of the promise."""
        promise = client.target
        owned = client.owned
        if owned is not None:
            home.retain()
            promise.release()
        return client._across(lambda _: home)


def _told(client: Client) -> tuple[Target, Interface]:
    """Return what is behind a client, and the interface it is known as, also where its holder is not told."""
    target = client.target
    return (target.inner, target.interface) if isinstance(target, Untold) else (target, client.interface)


def _is_asked(client: Client) -> bool:
    return isinstance(client.target, Untold) and client.target.asked


def _number(client: Client) -> int:
    owned = client.owned
    return owned.handle if owned is not None else 0
