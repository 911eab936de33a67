"""What a WASI handler works on: its instance's grants."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

from capwit.caps.using import answer, ask

from .errors import NotGrantedError
from .grants import NOTHING, WasiGrants

if TYPE_CHECKING:
    from capwit.bridge.table import CapTable
    from capwit.engine.store import Store

__all__ = ["Handler", "answer", "ask", "by", "granted", "grants_of"]

T = TypeVar("T")

# A handler takes the grants and the call's arguments; a resource arrives as the object behind it.
Handler: TypeAlias = Callable[..., Any]


def grants_of(store: Store) -> WasiGrants:
    """Return what an instance was granted."""
    table = cast("CapTable", store.handles)
    return cast("WasiGrants", table.grants.get(WasiGrants, NOTHING))


def granted(capability: T | None, function: str, grant: str) -> T:
    """Return a capability that a call cannot do without.

    Raises:
        NotGrantedError: it is not granted.
    """
    if capability is None:
        raise NotGrantedError(function, grant)
    return capability


def by(method: Callable[..., Any]) -> Handler:
    """Return the handler that is a resource's own method: it needs no grants."""
    return lambda _, *arguments: method(*arguments)
