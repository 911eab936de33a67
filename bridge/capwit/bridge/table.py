"""The table of one instance's handles."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from capwit.engine import abi
from capwit.engine.errors import EngineError, Limit, LimitExceeded, Trap

from .capability import HOST, Client, OwnedCapability, check_implements, target_of
from .errors import HandleError
from .ledger import Event, Ledger
from .membrane import Membrane, Side, route
from .no_membrane import NoMembrane

if TYPE_CHECKING:
    from collections.abc import Callable

    from capwit.engine.types import Resource

    from .binding import Grants
    from .delivery import GuestObjects
    from .policy import Policy
    from .room import Room
    from .target import Target

_log = logging.getLogger("capwit.bridge")


_LAST_SLOT = 2**32 - 1  # a rep is a u32, and none is used twice


class GuestHandle:
    """A handle of a resource that the guest itself implements."""

    __slots__ = ("dropping", "pointer", "resource")

    def __init__(self, pointer: int, resource: Resource) -> None:
        """Own the handle at a pointer."""
        self.pointer = pointer
        self.resource = resource
        self.dropping = False  # whether it is on its way back into the guest, for good


class CapTable:
    """One instance's handles: slot -> `OwnedCapability`.

    A slot is the resource's `rep`, counts up and is never used again: a stale one leads nowhere.
    """

    def __init__(self, ledger: Ledger, holder: str, limit: int, *, revocable: bool = True) -> None:
        """Make the empty table of `holder`, for `limit` live handles at most.

        Grants that are not `revocable` have no membranes.
        """
        self._membrane = Membrane if revocable else NoMembrane
        self.holder = holder
        self.why_ended: EngineError | None = None
        self._ledger = ledger
        self._limit = limit
        self._slots: dict[int, OwnedCapability[Any]] = {}
        self._extra: dict[int, int] = {}  # of heavy slots: how many more each counts as
        self._weight = 0  # all that together
        self._guest: dict[GuestHandle, None] = {}  # in the order they came
        self._next = 0
        # Dicts for their order: the garbage collector does not look at an empty one, nor at one of numbers.
        self._journal: dict[int, None] = {}  # slots filled for the call whose arguments are being lowered
        self._lent: dict[int, None] = {}  # slots that end with the call
        self._given: dict[GuestHandle, None] = {}  # what goes back into the guest with the call, for good
        self.grants: dict[type[Grants], Grants] = {}
        self.objects: GuestObjects | None = None  # its own, once the instance has begun
        # How the next handles that are lowered come about, and why: the last one first.
        self.coming: list[tuple[Event, str]] = []
        self.implied: dict[object, OwnedCapability[Any]] = {}  # what answers functions that it imports
        # By whose grant it is, too: what is home behind one grant is not behind another of the same name.
        self.membranes: dict[tuple[type[Grants], str], Membrane] = {}
        self.called = 0  # the handle whose method the guest calls, by its number
        self.room: Room | None = None  # that it takes, once it does
        self._at_end: list[Callable[[], None]] | None = None

    def __len__(self) -> int:
        """Return how many handles are live."""
        return len(self._slots)

    def _slot(self, weight: int = 1) -> int:
        if len(self) + self._weight + weight > self._limit:
            several = ", as heavy ones count as several" if self._extra or weight > 1 else ""
            raise LimitExceeded(
                Limit.HANDLES,
                f"{self.holder}: the guest holds {self._limit} handles, its limit{several}. "
                "Mend: drop some, or give the instance a larger `handles`",
            )
        if self._next == _LAST_SLOT:
            raise LimitExceeded(Limit.HANDLES, f"{self.holder}: the guest has had every handle there can be")
        self._next += 1
        if weight > 1:
            self._extra[self._next] = weight - 1
            self._weight += weight - 1
        return self._next

    def _leave(self, slot: int) -> OwnedCapability[Any]:
        self._weight -= self._extra.pop(slot, 0)
        return self._slots.pop(slot)

    def mint(self, resource: Resource, value: Any, event: Event, cause: str = "") -> int:
        """Fill a slot with a new reference to a capability, and return it.

        A class whose objects are much memory says as how many handles each counts: `wit_weight`.
        """
        slot = self._slot(getattr(type(value), "wit_weight", 1))
        came_of = value._owned if isinstance(value, Client) else None
        self._slots[slot] = OwnedCapability(
            resource.make,
            f"{resource.interface}.{resource.name}",
            target_of(value),
            self._ledger,
            event,
            self.holder,
            slot=slot,
            parent=self.called if came_of is None else came_of.handle,
            cause=cause,
        )
        return slot

    def reference(self, slot: int) -> OwnedCapability[Any]:
        """Return the reference in a slot."""
        return self._slots[slot]

    def membrane(self, make: type[Grants], grant: str, policy: Policy | None = None) -> Membrane:
        """Return the membrane of a grant: whatever comes of it passes through."""
        found = self.membranes.get((make, grant))
        if found is None:
            name = f"{self.holder}.{grant}"
            found = self.membranes[make, grant] = self._membrane(name, policy, self._ledger)
        return found

    def holds(self, target: Target) -> bool:
        """Tell whether a capability is had here: by a grant, by a live handle, or as the guest's own."""
        way = route(target)
        granted = set(self.membranes.values())
        if any(side is Side.OUT and membrane in granted for membrane, side in way[:-1]):
            return True
        capability = way[-1]
        if isinstance(capability, GuestHandle) and capability in self._guest:
            return True
        if self.objects is not None and self.objects.has(capability):
            return True
        return any(leads(way, route(owned.target)) for owned in self._slots.values())

    # -- The engine's hooks --

    def lift_own(self, rep: int, resource: Resource) -> Any:
        """The guest gives a handle away: host code owns it now."""
        self._journal.clear()  # arguments are lowered before the guest runs
        owned = self._leave(rep).transfer(HOST)
        return owned if resource.make is None else client_class(resource).owning(owned)

    def lift_borrow(self, rep: int, resource: Resource) -> Any:
        """The guest lends a handle; where no client is asked for, it is the reference itself."""
        owned = self._slots[rep]
        return owned if resource.make is None else client_class(resource).lent(owned)

    def lower_own(self, value: Any, resource: Resource) -> int:
        """Hand a capability to the guest: moved where a client owns it, else a new reference."""
        event, cause = self.coming.pop() if self.coming else (Event.MINT, "")
        owned = value.owned if isinstance(value, Client) else None
        if resource.make is not None:
            check_implements(client_class(resource).interface, value)
        if owned is None:
            slot = self.mint(resource, value, event, cause)
        else:
            slot = self._slot()
            name = f"{resource.interface}.{resource.name}"
            self._slots[slot] = owned.transfer(self.holder, name, resource.make, slot=slot)
        self._journal[slot] = None
        return slot

    def lower_borrow(self, value: Any, resource: Resource) -> int:
        """Lend a capability to the guest for the length of the call."""
        if resource.make is not None:
            check_implements(client_class(resource).interface, value)
        slot = self.mint(resource, value, Event.LEND)
        self._lent[slot] = None
        return slot

    def lift_guest(self, handle: int, resource: Resource) -> GuestHandle:
        """A handle of the guest's own resource came out."""
        guest = GuestHandle(handle, resource)
        self._guest[guest] = None
        return guest

    def lower_guest(self, value: Any, resource: Resource, given: bool) -> int:
        """Return the pointer of a handle that goes back in; one that is `given` is the guest's then."""
        if value not in self._guest or value.resource != resource:
            raise HandleError(f"not a live handle of this instance's {resource.name}")
        if given:
            self._given[value] = None
            value.dropping = True
        pointer: int = value.pointer
        return pointer

    def guest_handles(self) -> list[GuestHandle]:
        """Return the live handles of the guest's own resources, in the order they came."""
        return list(self._guest)

    def dropped(self, rep: int) -> None:
        """The guest dropped a handle."""
        self._journal.clear()
        self._leave(rep).end(Event.DROP, f"dropped by {self.holder}")

    def begin_call(self) -> None:
        """Forget the slots of the last call's arguments, and what the guest called in it."""
        self._journal.clear()
        self.called = 0

    def abandon_call(self) -> None:
        """Release what was lowered for a call that does not happen."""
        for slot in self._journal:
            self._leave(slot).end(Event.RETURN, "not sent: another argument did not fit")
        self._journal.clear()
        for handle in self._given:
            handle.dropping = False
        self._given.clear()

    def end_call(self) -> None:
        """End what the call's arguments lent, and forget what they gave back."""
        for slot in self._lent:
            if slot in self._slots:
                self._leave(slot).end(Event.RETURN, f"lent to {self.holder} for one call")
        self._lent.clear()
        for handle in self._given:
            if handle in self._guest:
                del self._guest[handle]
                abi.any_delete(handle.pointer)
        self._given.clear()

    def when_ended(self, callback: Callable[[], None]) -> None:
        """Call `callback` once everything is released, after those that were named before."""
        if self._at_end is None:  # most instances have none
            self._at_end = []
        self._at_end.append(callback)

    def ended(self, why: EngineError | None) -> None:
        """Release everything, in the order it came."""
        self.why_ended = why
        self._ledger.note(_ending(why), self.holder, "" if why is None else str(why))
        for handle in self._guest:
            abi.any_delete(handle.pointer)
        self._guest.clear()
        for slot in list(self._slots):
            self._leave(slot).end(Event.EXIT, f"released when {self.holder} ended")
        if self.room is not None:
            self.room.leave(self)
        for close in self._at_end or ():
            try:
                close()
            except Exception:
                _log.exception("%s: an end handler failed", self.holder)


def leads(way: tuple[Any, ...], held: tuple[Any, ...]) -> bool:
    """Tell whether a way goes through what is held, or is that itself."""
    return way[-1] is held[-1] and len(way) >= len(held) and way[len(way) - len(held) : -1] == held[:-1]


def _ending(why: EngineError | None) -> Event:
    match why:
        case Trap():
            return Event.TRAP
        case LimitExceeded():
            return Event.LIMIT
        case _:
            return Event.END


def client_class(resource: Resource) -> type[Client]:
    """Return the client class that stands for a resource in host code."""
    make = resource.make
    assert make is not None and issubclass(make, Client)
    return make
