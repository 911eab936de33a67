"""Capabilities: what stands behind a handle, and who owns it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self, TypeVar

from .convert import holds_handles, map_handles
from .errors import CapError, ErrorKind, HandleError
from .ledger import Event, Ledger

if TYPE_CHECKING:
    from types import TracebackType

    from capwit.engine.types import Resource

    from .binding import Interface, Method

R = TypeVar("R")
C = TypeVar("C", bound="Client")

HOST = "host"  # the holder's name of what host code itself owns


class Target(Protocol):
    """What answers a capability's calls: an object of this process, or a guest's own resource."""

    @property
    def identity(self) -> object:
        """What two references to the same capability have in common."""

    def invoke(self, method: Method[Any], arguments: tuple[Any, ...]) -> Any:
        """Call a method; returns its result, or an awaitable of it."""

    def retain(self) -> None:
        """One more reference is owned."""

    def release(self) -> None:
        """One reference less is owned; without any the capability may go."""

    async def settle(self) -> None:
        """Wait until what the last `release` set going has happened."""


class Local:
    """An object of this process that implements an interface."""

    __slots__ = ("object",)

    def __init__(self, object: object) -> None:
        """Stand for `object`."""
        self.object = object

    @property
    def identity(self) -> object:
        """The object itself."""
        return self.object

    def invoke(self, method: Method[Any], arguments: tuple[Any, ...]) -> Any:
        """Call the object's own method."""
        return getattr(self.object, method.attribute)(*arguments)

    def retain(self) -> None:
        """Python's own references keep the object."""

    def release(self) -> None:
        """The object lives on for as long as Python refers to it."""

    async def settle(self) -> None:
        """Nothing to wait for."""


class OwnedCapability:
    """One owned reference to a capability: the host end of one handle. Released exactly once."""

    __slots__ = ("_ledger", "_over", "handle", "holder", "interface", "target")

    def __init__(self, interface: str, target: Target, ledger: Ledger, event: Event, holder: str) -> None:
        """Own a reference, and enter it in the ledger as the `holder`'s."""
        self.interface = interface
        self.target = target
        self.holder = holder
        self.handle = ledger.open(event, self)
        self._ledger = ledger
        self._over: str | None = None
        target.retain()

    @property
    def live(self) -> bool:
        """Whether the reference is still owned."""
        return self._over is None

    def check(self) -> None:
        """Raise `HandleError` unless the reference is still owned."""
        if self._over is not None:
            raise HandleError(f"handle #{self.handle} of {self.interface} was {self._over}")

    def end(self, event: Event, how: str) -> None:
        """End the reference: it is released, or another one has taken its place."""
        self.check()
        self._over = how
        self._ledger.close(event, self)
        self.target.release()

    def move(self, holder: str, interface: str | None = None) -> OwnedCapability:
        """Give the reference to another holder, as its own or another `interface`; this one is over."""
        self.target.retain()  # across the gap between the two
        try:
            self.end(Event.GIVE, f"given to {holder}")
            name = interface or self.interface
            return OwnedCapability(name, self.target, self._ledger, Event.RECEIVE, holder)
        finally:
            self.target.release()

    def keep(
        self, holder: str, interface: str | None = None, target: Target | None = None
    ) -> OwnedCapability:
        """Return a new reference to the same capability, as its own or another `interface` and `target`."""
        self.check()
        name, behind = interface or self.interface, target or self.target
        return OwnedCapability(name, behind, self._ledger, Event.KEEP, holder)


class Client:
    """The base of generated clients: calls a capability, wherever it lives.

    A client that host code is handed with ownership is released by `close` or `async with`, else when
    nobody refers to it any more, at the latest with its host. One that a call was lent ends with that
    call, unless it is kept.
    """

    __slots__ = ("_lent", "_owned", "_target")

    interface: ClassVar[Interface]

    def __init__(self, implementation: object) -> None:
        """Call `implementation`, an object of this process (or another client's capability)."""
        check_implements(type(self).interface, implementation)
        self._target: Target = target_of(implementation)
        self._owned: OwnedCapability | None = None
        self._lent: bool | None = None  # None: not lent; else whether the call still runs

    @classmethod
    def owning(cls, owned: OwnedCapability) -> Self:
        """Return the client that owns a reference."""
        client = cls.__new__(cls)
        client._target, client._owned, client._lent = owned.target, owned, None
        return client

    @classmethod
    def lent(cls, owned: OwnedCapability) -> Self:
        """Return a client of somebody else's reference, until `end_loan`."""
        client = cls.__new__(cls)
        client._target, client._owned, client._lent = owned.target, owned, True
        return client

    def end_loan(self) -> None:
        """The call that this client was lent for is over."""
        self._lent = False

    def keep(self) -> Self:
        """Return a client with a reference of its own, which outlives the call."""
        return self._as(type(self))

    def _as(self, client: type[C]) -> C:
        """Return a client of an interface that this one's extends, with a reference of its own."""
        self._check()
        if self._owned is None:
            return client(self)
        return client.owning(self._owned.keep(HOST, str(client.interface)))

    @property
    def target(self) -> Target:
        """What answers the calls.

        Raises:
            HandleError: the reference is over.
        """
        self._check()
        return self._target

    @property
    def owned(self) -> OwnedCapability | None:
        """The reference this client owns, where it owns one."""
        return None if self._lent is not None else self._owned

    def _check(self) -> None:
        if self._lent is False:
            raise HandleError(
                f"a {type(self).interface} was lent for one call, and that call is over. "
                "Mend: `keep()` it during the call"
            )
        if self._owned is not None and self._lent is None:
            self._owned.check()

    async def _call(self, method: Method[R], *arguments: Any) -> R:
        target = self.target
        if holds_handles(method):
            arguments = tuple(
                map_handles(param.type, argument, as_client)
                for param, argument in zip(method.params, arguments, strict=True)
            )
        result = target.invoke(method, arguments)
        if hasattr(result, "__await__"):
            result = await result
        if method.result is not None and holds_handles(method):
            result = map_handles(method.result, result, as_client)
        checked: R = result
        return checked

    async def close(self) -> None:
        """Release the reference. A second time it does nothing."""
        owned = self.owned
        if owned is not None and owned.live:
            owned.end(Event.RELEASE, "released")
            await owned.target.settle()

    async def __aenter__(self) -> Self:
        """Enter a scope that releases the reference."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Release the reference."""
        await self.close()

    def __del__(self) -> None:
        """Release what is still owned: a reference ends with the client that nobody refers to any more."""
        owned = getattr(self, "_owned", None)  # none where `__init__` has refused its argument
        if owned is not None and self._lent is None and owned.live:
            owned.end(Event.RELEASE, "released with its client")

    def __eq__(self, other: object) -> bool:
        """Tell whether both are references to the same capability."""
        if isinstance(other, Client):
            return self._target.identity is other._target.identity
        return NotImplemented

    def __hash__(self) -> int:
        """Hash by the capability."""
        return hash(id(self._target.identity))

    def __repr__(self) -> str:
        """Show the interface and what stands behind it."""
        return f"<{type(self).__name__} of {type(self._target.identity).__name__}>"


class Untold:
    """What stands behind a capability whose interface is not told: the target, and what it was known as.

    It can be had back as that, or as what that extends, and as nothing else: an object of this process may
    have methods of other interfaces, too, which its holder was never given.
    """

    __slots__ = ("interface", "target")

    def __init__(self, target: Target, interface: Interface) -> None:
        """Stand for `target`, known as an `interface`."""
        self.target = target
        self.interface = interface

    @property
    def identity(self) -> object:
        """That of the target."""
        return self.target.identity

    def invoke(self, method: Method[Any], arguments: tuple[Any, ...]) -> Any:
        """Refuse: there are no methods without an interface."""
        raise TypeError(f"{method} of a capability whose interface is not told")

    def retain(self) -> None:
        """One more reference to the target."""
        self.target.retain()

    def release(self) -> None:
        """One reference less to the target."""
        self.target.release()

    async def settle(self) -> None:
        """Wait for the target."""
        await self.target.settle()


class AnyClient(Client):
    """A capability whose interface is not told: `Capability` in a schema, `any-cap` in WIT."""

    def __init__(self, capability: Client) -> None:
        """Stand for the capability behind a client."""
        if not isinstance(capability, Client):
            raise TypeError(
                f"expected a client, got a {type(capability).__name__}: its interface is not told"
            )
        target = capability.target
        known = target if isinstance(target, Untold) else Untold(target, type(capability).interface)
        self._target: Target = known
        self._owned: OwnedCapability | None = None
        self._lent: bool | None = None

    def cast(self, client: type[C]) -> C:
        """Return a client of the interface that it has, with a reference of its own.

        Raises:
            CapError: it has another interface (`unimplemented`).
        """
        target = self.target
        assert isinstance(target, Untold)
        if str(client.interface) not in target.interface.lineage:
            raise CapError(ErrorKind.UNIMPLEMENTED, f"the capability is no {client.interface}")
        known = target.interface.client.__new__(target.interface.client)
        known._target, known._owned, known._lent = target.target, None, None
        if self._owned is None:
            return client(known)
        return client.owning(self._owned.keep(HOST, str(client.interface), target.target))


def target_of(implementation: object) -> Target:
    """Return what answers the calls of an implementation: a client's target, or the object itself."""
    return implementation.target if isinstance(implementation, Client) else Local(implementation)


def as_client(resource: Resource, value: Any) -> Any:
    """Return a capability as a client of its resource's class."""
    make = resource.make
    if make is None or isinstance(value, make):
        return value
    return make(value)


def check_implements(interface: Interface, implementation: object) -> None:
    """Check that an object has every method of an interface.

    Raises:
        TypeError: it lacks some; the message names them.
    """
    kind = type(implementation)
    if kind in interface.fitting:
        return
    if interface.client is AnyClient and not isinstance(implementation, AnyClient):
        raise TypeError(f"expected an AnyClient, got a {kind.__name__}. Mend: AnyClient(client)")
    if isinstance(implementation, Client):
        given = implementation.interface
        if str(interface) not in given.lineage:
            raise TypeError(f"expected a {interface}, got a {given}")
    elif _lacking(kind, interface):
        # What the class lacks, this one object of it may have.
        missing = _lacking(implementation, interface)
        if missing:
            raise TypeError(f"{kind.__name__} is not a {interface}: it has no method {', '.join(missing)}")
        return
    interface.fitting.add(kind)


def _lacking(implementation: object, interface: Interface) -> list[str]:
    names = [method.attribute for method in interface.methods.values()]
    return [name for name in names if not callable(getattr(implementation, name, None))]
