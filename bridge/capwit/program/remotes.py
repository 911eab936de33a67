"""What a program is granted of other processes: one connection to each, however many grants lead there."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any, TypeVar

from capwit.bridge.capability import Client
from capwit.bridge.errors import CapError, ErrorKind, GrantError, ManifestError
from capwit.bridge.table import client_class
from capwit.caps.files import DirectoryClient
from capwit.caps.lookups import Lookups
from capwit.caps.standard import FuelGrantClient, KeyValueScopeClient
from capwit.caps.store import StoreClient
from capwit.caps.wasi import CLIENTS, SOCKETS
from capwit.engine.types import Option, Own

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AsyncExitStack

    from capwit.bridge.ledger import Ledger
    from capwit.engine.types import Type
    from capwit.manifest.declared import Manifest, Remote
    from capwit.rpc import Line

C = TypeVar("C", bound=Client)


class Remotes:
    """The peers of one program and of the components that it is wired to."""

    def __init__(self, ledger: Ledger, stack: AsyncExitStack) -> None:
        """Connect to nothing yet; connections end with `stack`."""
        self._ledger = ledger
        self._stack = stack
        self._lookups = Lookups()
        self._lines: dict[tuple[object, ...], Line] = {}

    async def open(self, source: Remote, client: type[C], where: str) -> C:
        """Return a client of a grant, which ends with the program; its peer has said that it is one.

        Raises:
            ManifestError: the peer cannot be reached, or a step is none; the message begins with `where`.
            GrantError: it offers something else.
        """
        line = await self._line(source, where)
        try:
            found = await line.open(client, source.steps)
        except ValueError as error:
            raise ManifestError(f"{where}.remote: {error}") from None
        except CapError as error:
            if error.kind is ErrorKind.UNIMPLEMENTED:
                raise GrantError(f"{where}: {error.reason}. Mend: name a peer that offers one") from None
            raise ManifestError(f"{where}: {error.reason}") from None
        self._stack.push_async_callback(found.close)
        return found

    async def _line(self, source: Remote, where: str) -> Line:
        # Grants that differ in how they are connected to have connections of their own.
        key = (source.peer, *sorted(source.files.items()), *sorted(source.times.items()))
        known = self._lines.get(key)
        if known is None:
            from capwit import rpc  # which few programs need

            times: dict[str, Any] = dict(source.times)
            reconnect = times.pop("reconnect", 0.0)
            try:
                tls = rpc.client_tls(**source.files) if source.peer.tls else None
            except (OSError, ssl.SSLError) as error:
                what = ", ".join(map(str, source.files.values()))
                raise ManifestError(f"{where}: {what}: {error.strerror or 'no certificate'}") from None
            find = self._lookups.find
            dial = rpc.Dial(source.peer, tls, reach=source.reach, find=find, links=False, **times)
            known = self._lines[key] = await self._stack.enter_async_context(
                rpc.dialling(dial, self._ledger, reconnect)
            )
        return known


def client_of(manifest: Manifest, key: str, source: Remote, asked: Mapping[str, Type]) -> type[Client]:
    """Return what a remote grant must be, by its key; `asked` are the types of the program's own grants.

    Raises:
        ManifestError: the program asks for a value, or for another interface than the manifest names.
    """
    kinds: tuple[type[Client], ...]
    match key.partition("."):
        case "grants", _, name if name in asked:
            type = asked[name]
            held = type.some if isinstance(type, Option) else type
            if not isinstance(held, Own):
                raise ManifestError(f"{manifest.path}: {key}: the program asks for a value, not a capability")
            kinds = (client_class(held.resource),)
        case "grants", _, _:  # it is only there for something else: the code, or a folder
            kinds = (DirectoryClient,) if manifest.is_folder(key) else (StoreClient,)
        case "wasi", _, name if name in CLIENTS:
            kinds = CLIENTS[name]
        case "wasi", _, name if name.startswith("sockets."):
            kinds = SOCKETS[::-1]  # a listener, where it is not said
        case "wasi", _, _:
            kinds = (DirectoryClient,)
        case "env", _, _:
            kinds = (KeyValueScopeClient,)
        case _:
            kinds = (FuelGrantClient,)
    if not source.interface:
        return kinds[-1]
    for kind in kinds:
        if kind.interface.name == source.interface:
            return kind
    known = " or ".join(kind.interface.name for kind in kinds)
    raise ManifestError(f"{manifest.path}: {key}.interface: expected {known}, got {source.interface!r}")
