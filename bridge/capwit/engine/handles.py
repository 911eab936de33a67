"""What a store asks of its owner as handles cross."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from .errors import EngineError
    from .types import Resource


class Handles(Protocol):
    """What a store's owner does with the handles that cross: one hook for each way across."""

    def lift_own(self, rep: int, resource: Resource) -> Any:
        """The guest gave away an owned handle of a host resource."""

    def lift_borrow(self, rep: int, resource: Resource) -> Any:
        """The guest lends a handle of a host resource for the length of the call."""

    def lift_guest(self, handle: int, resource: Resource) -> Any:
        """A handle of the guest's own resource came out; the pointer is the callee's to free."""

    def lower_own(self, value: Any, resource: Resource) -> int:
        """Return the slot of a handle that the guest is to own."""

    def lower_borrow(self, value: Any, resource: Resource) -> int:
        """Return the slot of a handle that the guest may use until its call ends."""

    def lower_guest(self, value: Any, resource: Resource, given: bool) -> int:
        """Return the pointer of a handle of the guest's own resource, which is lent or `given` back."""

    def dropped(self, rep: int) -> None:
        """The guest dropped an owned handle of a host resource."""

    def begin_call(self) -> None:
        """An export is about to be called: its arguments are lowered next."""

    def abandon_call(self) -> None:
        """An argument did not fit: what was lowered for the call goes nowhere."""

    def end_call(self) -> None:
        """The call is over, and with it what its arguments lent."""

    def ended(self, why: EngineError | None) -> None:
        """The instance is over: whatever it still holds is to be released. Must not raise."""


class Numbers(Protocol):
    """How a core module knows its handles: each by a number, of which it makes no other use."""

    def add(self, slot: int, resource: Resource) -> int:
        """Return the number of a handle that the guest is to own."""

    def slot(self, number: int, resource: Resource) -> int | None:
        """Return the slot of a handle of a resource, or None where the number stands for none."""

    def forget(self, number: int) -> None:
        """The handle is not the guest's any more."""
