"""What an event loop and pycapnp have between them: which of pycapnp's clients stands for which target."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, ClassVar
from weakref import WeakKeyDictionary, WeakValueDictionary

import capnp
from capwit.bridge.errors import ConversionError

from .crossing import Crossing
from .hook import hook_of
from .remote import Remote
from .served import Served, Server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager

    from capwit.bridge.binding import Interface
    from capwit.bridge.ledger import Ledger
    from capwit.bridge.target import Target

    from .peer import Peer


class Vat:
    """The capabilities of one event loop, as pycapnp has them and as we have them.

    A vat is what Cap'n Proto calls a place where objects live: here, this process.

    Attributes:
        cancels: whether calls of what a guest exports are cancelled with their caller, and do not run on.
    """

    _known: ClassVar[WeakKeyDictionary[asyncio.AbstractEventLoop, Vat]] = WeakKeyDictionary()

    def __init__(self) -> None:
        """Start without any."""
        self.homes: WeakValueDictionary[int, Server] = WeakValueDictionary()  # by hook, while that is there
        self.remotes: dict[int, Remote] = {}  # by hook, which is theirs for as long as they are referred to
        self.asked: dict[bytes, Served | None] = {}  # what each token has arrived at that is under way
        self.cancels = False
        self._users = 0
        self._lock = asyncio.Lock()
        self._kj: AbstractAsyncContextManager[None] | None = None

    @classmethod
    def current(cls) -> Vat:
        """Return the running event loop's."""
        loop = asyncio.get_running_loop()
        vat = cls._known.get(loop)
        if vat is None:
            vat = cls._known[loop] = cls()
        return vat

    @classmethod
    @asynccontextmanager
    async def running(cls) -> AsyncIterator[Vat]:
        """Keep pycapnp's event loop running on this one: the first scope starts it, the last one ends it.

        Where the program itself is inside `capnp.kj_loop()`, that one is used.
        """
        vat = cls.current()
        async with vat._lock:
            if not vat._users and not hasattr(asyncio.get_running_loop(), "_kj_loop"):
                vat._kj = capnp.kj_loop()
                await vat._kj.__aenter__()
            vat._users += 1
        try:
            yield vat
        finally:
            async with vat._lock:
                vat._users -= 1
                if not vat._users and vat._kj is not None:
                    for remote in list(vat.remotes.values()):
                        remote.drop()
                    kj, vat._kj = vat._kj, None
                    await kj.__aexit__(None, None, None)

    def served(self, served: Served) -> Any:
        """Return pycapnp's client of an object that we serve, and know it when it comes back."""
        server = Server(served)
        capability = capnp._InterfaceModule(server.schema, "served")._new_client(server)
        self.homes[hook_of(capability)] = server
        return capability

    def crossing(self, ledger: Ledger, peer: Peer | None = None) -> Crossing:
        """Return what carries the capabilities of one call: a client's, or a peer's that is not told."""
        return Crossing(self, ledger, peer)

    def home(self, hook: int) -> Served | None:
        """Return what we serve as pycapnp's client of this hook, if it is our own."""
        server = self.homes.get(hook)
        return server.served if server is not None and server.served.owned.live else None

    def target(
        self, capability: Any, interface: Interface | None, ledger: Ledger, peer: Peer | None = None
    ) -> Target:
        """Return what answers the calls of pycapnp's client, as an `interface` (None: it is not told).

        Raises:
            ConversionError: it is an object of our own that is not one.
        """
        hook = hook_of(capability)
        home = self.home(hook)
        if home is not None:
            if interface is not None and str(interface) not in home.interface.lineage:
                raise ConversionError(f"expected a {interface}, got a {home.interface}")
            return home.owned.target
        remote = self.remotes.get(hook)
        if remote is None:
            remote = self.remotes[hook] = Remote(self, capability, hook, ledger, peer)
        return remote
