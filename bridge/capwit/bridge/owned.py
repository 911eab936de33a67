"""One owned reference to a capability: the host end of one handle."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from time import time
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from .errors import HandleError
from .ledger import Event, Ledger
from .membrane import Membrane

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .capability import Client
    from .policy import Policy
    from .target import Origin, Target

C = TypeVar("C", bound="Client")
C_co = TypeVar("C_co", bound="Client", covariant=True)

HOST: Final = "host"  # the holder's name of what host code itself owns


class OwnedCapability(Generic[C_co]):
    """One owned reference to a capability: the host end of one handle. Released exactly once.

    Attributes:
        make: the client class that calls it; None where the handle is one of WASI's own.
        interface: the interface it is held as, by WIT name.
        target: what answers its calls.
        holder: who owns it: an instance's name, or `host`.
        handle: its number in the ledger.
        slot: where in the holder's table it is; 0 for what host code owns.
        parent: the handle it came from, by number; 0 where there is none.
    """

    __slots__ = (
        "_ledger",
        "_membrane",
        "_over",
        "handle",
        "holder",
        "interface",
        "make",
        "parent",
        "slot",
        "target",
    )

    def __init__(
        self,
        make: type[C_co] | None,
        interface: str,
        target: Target,
        ledger: Ledger,
        event: Event,
        holder: str,
        *,
        slot: int = 0,
        parent: int = 0,
        cause: str = "",
    ) -> None:
        """Own a reference, and enter it in the ledger as the `holder`'s."""
        self.make = make
        self.interface = interface
        self.target = target
        self.holder = holder
        self.slot = slot
        self.parent = parent
        self._ledger = ledger
        self._over: tuple[str, float] | None = None  # how, and when
        self._membrane: Membrane | None = None
        self.handle = ledger.open(event, self, parent, cause)
        target.retain()

    @property
    def live(self) -> bool:
        """Whether the reference is still owned."""
        return self._over is None

    @property
    def origin(self) -> Origin:
        """Where the capability lives."""
        return self.target.origin

    def check(self) -> None:
        """Raise `HandleError` unless the reference is still owned."""
        if self._over is not None:
            raise HandleError(f"handle #{self.handle} of {self.interface} was {self._state()}")

    def _state(self) -> str:
        if self._over is None:
            return f"live, held by {self.holder}"
        how, when = self._over
        return f"{how} at {datetime.fromtimestamp(when, UTC):%H:%M:%S.%f} UTC"

    def end(self, event: Event, how: str, cause: str = "") -> None:
        """End the reference: it is released, or another one has taken its place."""
        self.check()
        self._over = how, time()
        self._ledger.close(event, self, cause)
        self.target.release()

    async def release(self) -> None:
        """End the reference, and wait until what that sets going has happened."""
        self.end(Event.RELEASE, "released")
        await self.target.settle()

    def transfer(
        self, holder: str, interface: str | None = None, make: type[C_co] | None = None, *, slot: int = 0
    ) -> OwnedCapability[C_co]:
        """Give the reference to another holder, as its own or another `interface`; this one is over."""
        self.target.retain()  # across the gap between the two
        try:
            self.end(Event.GIVE, f"given to {holder}", f"to {holder}")
            received = OwnedCapability(
                make or self.make,
                interface or self.interface,
                self.target,
                self._ledger,
                Event.RECEIVE,
                holder,
                slot=slot,
                parent=self.handle,
            )
            received._membrane = self._membrane if holder == HOST else None
            return received
        finally:
            self.target.release()

    def keep(self, target: Target | None = None) -> OwnedCapability[C_co]:
        """Return a new reference of the host's own, to the same capability or as `target` has it."""
        return self._keep(self.make, self.interface, target)

    def keep_as(self, make: type[C], target: Target) -> OwnedCapability[C]:
        """Return a new reference of the host's own as another interface, that of the client class `make`."""
        return self._keep(make, str(make.interface), target)

    def _keep(self, make: type[C] | None, interface: str, target: Target | None) -> OwnedCapability[C]:
        self.check()
        behind = target or self.target
        return OwnedCapability(make, interface, behind, self._ledger, Event.KEEP, HOST, parent=self.handle)

    @contextmanager
    def borrow(self) -> Iterator[C_co]:
        """Lend the capability, for a scope: the client is of no use after it."""
        self.check()
        assert self.make is not None
        client = self.make.lent(self)
        try:
            yield client
        finally:
            client.end_loan()

    def attenuate(
        self, policy: Policy | None = None, *, name: str = "", target: Target | None = None
    ) -> OwnedCapability[C_co]:
        """Return a new reference that can be revoked, and does no more than a policy allows.

        What is had through it is narrowed and revoked with it. It is to the same capability, or as `target`
        has it: a loan may have come through membranes that the reference itself has not.

        Raises:
            HandleError: the reference is over.
            ValueError: the policy names a method that there is not, or a quota is no number, size or time.
        """
        if policy is not None:
            policy.check(*(() if self.make is None else (self.make.interface,)))
        membrane = Membrane(name or f"handle #{self.handle}", policy, self._ledger)
        narrowed = self.keep(target=membrane.outward(target or self.target))
        membrane.handle = narrowed.handle
        narrowed._membrane = membrane
        return narrowed

    def revoke(self, reason: str = "") -> None:
        """Cut whatever came of this reference, whoever holds it. This one stays owned, and is of no use.

        Raises:
            HandleError: `attenuate` did not make it: it cannot be told from other references.
        """
        if self._membrane is None:
            raise HandleError(
                f"handle #{self.handle} of {self.interface} cannot be revoked by itself. "
                "Mend: hand out what `attenuate()` returns, and revoke that"
            )
        self._membrane.revoke(reason)

    def __repr__(self) -> str:
        """Show the reference as an error would."""
        return f"<{type(self).__name__} #{self.handle} of {self.interface}, {self._state()}>"
