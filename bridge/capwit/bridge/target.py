"""What answers a capability's calls."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from .errors import CapError, ErrorKind

if TYPE_CHECKING:
    from .binding import Interface, Method


F = TypeVar("F", bound=Callable[..., Any])


def never_waits(method: F) -> F:
    """Mark a method of an implementation that returns its result itself, never an awaitable of it.

    A core module whose calls lead to such methods alone calls them more directly. An override is not marked
    by what it overrides. One that returns an awaitable all the same ends the guest that has called it.
    """
    method.never_waits = True  # type: ignore[attr-defined]
    return method


class Origin(Enum):
    """Where a capability lives."""

    LOCAL = "local"  # an object of this process
    EXPORT = "export"  # an instance: a resource that it exports, or an object that it has wrapped
    REMOTE = "remote"  # somewhere that speaks Cap'n Proto RPC


class Target(Protocol):
    """What answers a capability's calls: an object of this process, or of a guest."""

    @property
    def identity(self) -> object:
        """What two references to the same capability have in common."""

    @property
    def origin(self) -> Origin:
        """Where the capability lives."""

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

    origin = Origin.LOCAL

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


class Gone:
    """Stands where a capability was whose reference is over: each call of it is `disconnected`."""

    __slots__ = ("_why",)

    origin = Origin.LOCAL

    def __init__(self, why: str) -> None:
        """Answer with a reason."""
        self._why = why

    @property
    def identity(self) -> object:
        """Like nothing else."""
        return self

    def invoke(self, method: Method[Any], arguments: tuple[Any, ...]) -> Any:
        """Refuse."""
        raise CapError(ErrorKind.DISCONNECTED, f"{method}: {self._why}")

    def retain(self) -> None:
        """Nothing is kept."""

    def release(self) -> None:
        """Nothing was kept."""

    async def settle(self) -> None:
        """Nothing to wait for."""


class Behind:
    """A target in front of another one: the same capability, with the same references to it."""

    __slots__ = ("inner",)

    def __init__(self, inner: Target) -> None:
        """Stand in front of `inner`."""
        self.inner = inner

    @property
    def identity(self) -> object:
        """That of the inner target."""
        return self.inner.identity

    @property
    def origin(self) -> Origin:
        """That of the inner target."""
        return self.inner.origin

    def retain(self) -> None:
        """One more reference to the inner target."""
        self.inner.retain()

    def release(self) -> None:
        """One reference less to the inner target."""
        self.inner.release()

    async def settle(self) -> None:
        """Wait for the inner target."""
        await self.inner.settle()


class OfGuest:
    """A target that an instance exports."""

    __slots__ = ()

    def takes_back(self, method: Method[Any]) -> frozenset[Interface]:
        """Return the interfaces of which a call takes only what the instance itself has made."""
        raise NotImplementedError


def takes_back(target: Target, method: Method[Any]) -> frozenset[Interface]:
    """Return the interfaces of which a call takes only what the instance that it calls has made."""
    while isinstance(target, Behind):
        target = target.inner
    return target.takes_back(method) if isinstance(target, OfGuest) else frozenset()


class Untold(Behind):
    """What stands behind a capability whose interface is not told: the target, and what it was known as.

    It can be had back as that, or as what that extends, and as nothing else: an object of this process may
    have methods of other interfaces, too, which its holder was never given.

    Attributes:
        interface: what it was known as.
        asked: whether who gets it has asked an instance to export it.
    """

    __slots__ = ("asked", "interface")

    def __init__(self, inner: Target, interface: Interface, *, asked: bool = False) -> None:
        """Stand for `inner`, known as an `interface`."""
        super().__init__(inner)
        self.interface = interface
        self.asked = asked

    def invoke(self, method: Method[Any], arguments: tuple[Any, ...]) -> Any:
        """Refuse: there are no methods without an interface."""
        raise TypeError(f"{method} of a capability whose interface is not told")
