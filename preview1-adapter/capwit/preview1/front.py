"""The front itself: every import of a snapshot of the preview is served, or refuses in its own way."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from capwit.bridge.errors import InstanceEnded, LinkError
from capwit.caps.wasi import NOTHING, WasiGrants
from capwit.engine.core import CoreFunction, CoreOther, ValueType
from capwit.engine.core_link import CoreHostFunction

from . import args, clock, fd, path, poll, proc, random, sock, transfer
from .abi import SIGNATURES, SNAPSHOTS, Errno
from .direct import never_waits
from .errors import errno_of
from .guest import Guest, Handler

if TYPE_CHECKING:
    from collections.abc import Callable

    from capwit.bridge.table import CapTable
    from capwit.engine.core import CoreImport
    from capwit.engine.store import Store

    from .abi import Snapshot

_SAME: Final[dict[str, Handler]] = {
    **args.HANDLERS,
    **clock.HANDLERS,
    **fd.HANDLERS,
    **transfer.HANDLERS,
    **path.HANDLERS,
    **proc.HANDLERS,
    **random.HANDLERS,
    **sock.HANDLERS,
}
_BY_SNAPSHOT: Final[dict[str, Handler]] = {**fd.BY_SNAPSHOT, **path.BY_SNAPSHOT, **poll.BY_SNAPSHOT}


def _handlers(snapshot: Snapshot) -> dict[str, Handler]:
    handlers = _SAME | {name: partial(handler, snapshot) for name, handler in _BY_SNAPSHOT.items()}
    return {name: handler for name, handler in handlers.items() if name not in snapshot.without}


HANDLERS: Final = {module: _handlers(snapshot) for module, snapshot in SNAPSHOTS.items()}


class Preview1:
    """Serves `wasi_snapshot_preview1` and `wasi_unstable` to core modules."""

    def claims(self, module: str) -> bool:
        """Return whether a module name is this preview's."""
        return module in SNAPSHOTS

    def serve(self, imported: CoreImport) -> CoreHostFunction:
        """Return what serves an import; a name that the preview does not have answers NOSYS.

        Raises:
            LinkError: the import is of another type than the function, or no function.
        """
        type, module = imported.type, imported.module
        if isinstance(type, CoreOther):
            raise LinkError(f"{type.what}, and {module} has only functions, of numbers")
        handler = HANDLERS[module].get(imported.name)
        if handler is None:
            return CoreHostFunction(imported.name, type, _unknown(module, imported.name, type))
        known = SIGNATURES[imported.name]
        if type != known:
            raise LinkError(
                f"of type {type}, which in {module} is {known}. Mend: build it with current tools"
            )
        return CoreHostFunction(
            imported.name, type, handler, _catch, partial(_never_waits, imported.name), of_guest=True
        )

    def begin(self, store: Store, table: CapTable) -> Guest:
        """Open the descriptors of what an instance is granted."""
        grants = table.grants.get(WasiGrants, NOTHING)
        assert isinstance(grants, WasiGrants)
        guest = Guest(store, table, grants)
        if store.core is not None:
            store.core.numbers = guest.fds
        return guest


def _never_waits(name: str, store: Store) -> bool:
    guest: Guest = store.guest
    return never_waits(name, guest.grants, elsewhere=store.core is not None)


def _catch(_: Store, error: Exception) -> Errno:
    return errno_of(error)


def _unknown(module: str, name: str, type: CoreFunction) -> Callable[..., Any]:
    """Return what an unknown function does: it answers that there is no such function, where it can."""
    if type.results == (ValueType.I32,):
        return lambda *_: Errno.NOSYS

    def end(*_: object) -> Any:
        raise InstanceEnded(f"{module}.{name}: there is no such function, and it has no errno to say so")

    return end
