"""Clients: what host code calls a capability by, wherever it lives."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from .crossing import as_client
from .errors import CapError, ErrorKind, HandleError
from .ledger import Event
from .membrane import Membrane, answers_at_once, local_object, prepared
from .owned import HOST, OwnedCapability
from .target import Local, Target, Untold

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from .binding import Interface, Method
    from .policy import Policy

__all__ = [
    "HOST",
    "AnyClient",
    "Client",
    "Local",
    "OwnedCapability",
    "Target",
    "Untold",
    "check_implements",
    "target_of",
]

R = TypeVar("R")
C = TypeVar("C", bound="Client")
T = TypeVar("T")


class Loan:
    """The time that a capability is lent for: one call, within that of which it is itself lent."""

    __slots__ = ("_of", "_over")

    def __init__(self, of: Loan | None = None) -> None:
        """Begin, within another one where it is of what was lent."""
        self._of = of
        self._over = False

    @property
    def over(self) -> bool:
        """Whether it has ended, or one that it is within."""
        loan: Loan | None = self
        while loan is not None and not loan._over:
            loan = loan._of
        return loan is not None

    def end(self) -> None:
        """The call is over."""
        self._over = True


class Client:
    """The base of generated clients: calls a capability, wherever it lives.

    A client that host code is handed with ownership is released by `close` or `async with`, else when
    nobody refers to it any more, at the latest with its host. One that a call was lent ends with that
    call, unless it is kept.
    """

    __slots__ = ("_lent", "_membrane", "_owned", "_target")

    interface: ClassVar[Interface]

    def __init__(self, implementation: object) -> None:
        """Call `implementation`, an object of this process (or another client's capability)."""
        check_implements(type(self).interface, implementation)
        self._target: Target = target_of(implementation)
        self._owned, self._lent = _loan_of(implementation)
        self._membrane: Membrane | None = None  # one that `attenuate` made for this client

    @classmethod
    def _made(cls, target: Target, owned: OwnedCapability[Any] | None, lent: Loan | None) -> Self:
        client = cls.__new__(cls)
        client._target, client._owned, client._lent, client._membrane = target, owned, lent, None
        return client

    @classmethod
    def _of(cls, target: Target) -> Self:
        """Return a client of what answers calls, without a reference of its own."""
        return cls._made(target, None, None)

    @classmethod
    def owning(cls, owned: OwnedCapability[Any]) -> Self:
        """Return the client that owns a reference."""
        return cls._made(owned.target, owned, None)

    @classmethod
    def lent(cls, owned: OwnedCapability[Any]) -> Self:
        """Return a client of somebody else's reference, until `end_loan`."""
        return cls._made(owned.target, owned, Loan())

    def _loan(self, turn: Callable[[Target], Target]) -> Self:
        """Return a client of the same capability as `turn` has it, until its own `end_loan`."""
        return type(self)._made(turn(self.target), self._owned, Loan(self._lent))

    def _across(self, turn: Callable[[Target], Target]) -> Self:
        """Return the capability as `turn` has it: an owned reference changes, else there is a new client.

        That of a lent one is lent for as long.
        """
        target = turn(self.target)
        owned = self.owned
        if owned is None:
            return type(self)._made(target, self._owned, self._lent)
        self._target = owned.target = target
        return self

    def end_loan(self) -> None:
        """The call that this client was lent for is over."""
        if self._lent is not None:
            self._lent.end()

    def keep(self) -> Self:
        """Return a client with a reference of its own, which outlives the call."""
        return self._as(type(self))

    def _as(self, client: type[C]) -> C:
        """Return a client of an interface that this one's extends, with a reference of its own."""
        self._check()
        if self._owned is None:
            return client._of(self._target)
        return client.owning(self._owned.keep_as(client, self._target))

    @property
    def target(self) -> Target:
        """What answers the calls.

        Raises:
            HandleError: the reference is over.
        """
        self._check()
        return self._target

    @property
    def owned(self) -> OwnedCapability[Self] | None:
        """The reference this client owns, where it owns one."""
        return None if self._lent is not None else self._owned

    def local(self, kind: type[T]) -> T | None:
        """Return the object behind the client, where it is a `kind` of this process and is not narrowed.

        So an implementation recognises what it has handed out itself, and still cannot be made to overlook
        what the grant that it came back through does not allow.

        Raises:
            HandleError: the reference is over.
            CapError: a grant that it came through was revoked.
        """
        found = local_object(self.target)
        return found if isinstance(found, kind) else None

    def attenuate(self, policy: Policy | None = None, *, name: str = "") -> Self:
        """Return a client that can be revoked, and does no more than a policy allows.

        What is had through it is narrowed and revoked with it. It owns a reference where this one does.

        Raises:
            ValueError: the policy names a method that there is not, or a quota is no number, size or time.
        """
        if policy is not None:
            policy.check(type(self).interface)
        if self._owned is not None:
            return type(self).owning(self._owned.attenuate(policy, name=name, target=self.target))
        membrane = Membrane(name or type(self).interface.name, policy)
        client = type(self)._of(membrane.outward(self.target))
        client._membrane = membrane
        return client

    def revoke(self, reason: str = "") -> None:
        """Cut whatever came of this client, whoever holds it.

        Raises:
            HandleError: `attenuate` did not make it: it cannot be told from other references.
        """
        owned = self.owned
        if owned is not None:
            owned.revoke(reason)
        elif self._membrane is not None:
            self._membrane.revoke(reason)
        else:
            raise HandleError(
                f"a {type(self).interface} cannot be revoked by itself. "
                "Mend: hand out what `attenuate()` returns, and revoke that"
            )

    @contextmanager
    def borrow(self) -> Iterator[Self]:
        """Lend the capability, for a scope: the client that it gives is of no use after it."""
        lent = self._loan(_same)
        try:
            yield lent
        finally:
            lent.end_loan()

    def _check(self) -> None:
        if self._lent is not None and self._lent.over:
            raise HandleError(
                f"a {type(self).interface} was lent for one call, and that call is over. "
                "Mend: `keep()` it during the call"
            )
        if self._owned is not None and self._lent is None:
            self._owned.check()

    async def _call(self, method: Method[R], *arguments: Any) -> R:
        target = self.target
        if method.carries:
            arguments = method.map_arguments(arguments, as_client)
        result = target.invoke(method, arguments)
        if hasattr(result, "__await__"):
            result = await result
        if method.carries:
            result = method.map_result(result, as_client)
        checked: R = result
        return checked

    async def close(self) -> None:
        """Release the reference. A second time it does nothing."""
        owned = self.owned
        if owned is not None and owned.live:
            await owned.release()

    async def __aenter__(self) -> Self:
        """Enter a scope that releases the reference."""
        return self

    async def __aexit__(self, *_: object) -> None:
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
        self._owned, self._lent = _loan_of(capability)
        self._membrane: Membrane | None = None

    def cast(self, client: type[C]) -> C:
        """Return a client of the interface that it has, with a reference of its own.

        Raises:
            CapError: it has another interface (`unimplemented`).
        """
        target = self.target
        assert isinstance(target, Untold)
        if str(client.interface) not in target.interface.lineage:
            raise CapError(ErrorKind.UNIMPLEMENTED, f"the capability is no {client.interface}")
        if self._owned is None:
            return client._of(target.inner)
        return client.owning(self._owned.keep_as(client, target.inner))


def target_of(implementation: object) -> Target:
    """Return what answers the calls of an implementation: a client's target, or the object itself."""
    return implementation.target if isinstance(implementation, Client) else Local(implementation)


def _loan_of(implementation: object) -> tuple[OwnedCapability[Any] | None, Loan | None]:
    """Return the reference that is lent, and for how long: a client of a lent client is no more than lent."""
    if isinstance(implementation, Client) and implementation._lent is not None:
        return implementation._owned, implementation._lent
    return None, None


def _same(target: Target) -> Target:
    return target


def check_implements(interface: Interface, implementation: object) -> None:
    """Check that an object has every method of an interface.

    Raises:
        TypeError: it lacks some; the message names them.
    """
    kind = type(implementation)
    lacked = interface.lacked.get(kind)
    if lacked is None:
        lacked = interface.lacked[kind] = _lacked_by(implementation, kind, interface)
    # What the class lacks, this one object of it may have.
    missing = [name for name in lacked if not callable(getattr(implementation, name, None))]
    if missing:
        raise TypeError(f"{kind.__name__} is not a {interface}: it has no method {', '.join(missing)}")


def _lacked_by(implementation: object, kind: type, interface: Interface) -> list[str]:
    """Return the names of the methods that a class does not have.

    Raises:
        TypeError: no object of it implements the interface, whatever methods it has.
    """
    if implementation is None:  # which has all methods of an interface without any
        raise TypeError(f"NoneType is not a {interface}: a null is no capability")
    if interface.client is AnyClient and not isinstance(implementation, AnyClient):
        raise TypeError(f"expected an AnyClient, got a {kind.__name__}. Mend: AnyClient(client)")
    if isinstance(implementation, Client):
        given = implementation.interface
        if str(interface) not in given.lineage:
            raise TypeError(f"expected a {interface}, got a {given}")
        return []
    if interface.foreign:
        _check_stands_for(kind, interface)
        return []
    names = [method.attribute for method in interface.methods.values()]
    return [name for name in names if not callable(getattr(kind, name, None))]


def _check_stands_for(kind: type, interface: Interface) -> None:
    """Check that objects of a class stand behind a resource that WIT knows already: the class says so.

    Raises:
        TypeError: it does not. Whoever serves the resource's methods would meet what it does not know.
    """
    resource = f"{interface.interface.partition('@')[0]}.{interface.name}"
    if getattr(kind, "wit_resource", None) != resource:
        raise TypeError(
            f"{kind.__name__} does not stand behind {resource}. "
            "Mend: hand out an object of a class that serves it, whose `wit_resource` names it"
        )


def prepare(client: Client, method: Method[R]) -> Callable[..., R | Awaitable[R]]:
    """Return what calls a client's method that carries no capability: its result, or an awaitable of it.

    It is for calls by the thousand: what stays the same is looked up once. A reference that is over, a
    grant that is revoked or used up end its calls as they end any other. A function, as is `waits_never`:
    a client's own methods are those of its schema.
    """
    if client._owned is None and client._lent is None:
        return prepared(client._target, method)
    return lambda *arguments: client.target.invoke(method, arguments)


def waits_never(client: Client, method: Method[Any]) -> bool:
    """Return whether a method never has to be awaited, because what implements it says so."""
    return answers_at_once(client._target, method)
