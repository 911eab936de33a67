"""What a store can call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from .store import Store


class Bound(Protocol):
    """What is called in a store: an export of its instance, or the instantiation itself.

    `frame` is what the call reads and writes. It is the call's own: a store makes one at a time.
    `start` and `unpack` are given what they are looked up on, as plain functions are.
    """

    @property
    def label(self) -> str:
        """What errors call it."""

    @property
    def frame(self) -> Any:
        """What the call reads and writes."""

    @property
    def on_heap(self) -> bool:
        """Whether there is anything to free."""

    @property
    def start(self) -> Callable[[Any, Any, tuple[Any, ...]], int]:
        """Fill the frame, start the call, and return its future."""

    @property
    def unpack(self) -> Callable[[Any, Any], Any]:
        """Return the result."""

    def free(self, store: Store) -> None:
        """Free what the frame's values hold, and end what the call lent."""
