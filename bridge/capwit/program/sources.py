"""The capabilities that this process makes itself: the standard kinds, and what factories return."""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from capwit import caps
from capwit.bridge.errors import ManifestError
from capwit.caps.net import NetworkError
from capwit.caps.using import answer
from capwit.manifest import Exported, Factory, Given, Remote, Source, Standard, Wired

from .errors import ListenError
from .modules import make_from_factory

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from capwit.caps.store import Store


def _settled(file: dict[str, Any]) -> dict[str, Any]:
    """Return the options of a file whose path leads over no link, unless its owner says that it may."""
    return {"follow": False, **file}


def _store(path: Path | None = None, *, readonly: bool = False, **limit: int) -> Store:
    if path is None:
        return caps.MemoryStore(**limit)
    return caps.DirectoryStore(caps.HostDirectory(path, readonly=readonly, follow=False), **limit)


def _sources(path: Path) -> caps.HostDirectory:
    return caps.HostDirectory(path, readonly=True, follow=False)


# What makes each kind of `manifest.kinds`, with its options as keyword arguments: now or later. Links in
# a path were resolved when it was checked where that leads, so that one that is there now has come since.
STANDARD: Final[dict[str, Callable[..., object]]] = {
    "console": lambda **file: caps.FileConsole(**_settled(file)) if file else caps.StreamConsole(),
    "stderr": lambda **file: (
        caps.FileConsole(**_settled(file)) if file else caps.StreamConsole(sys.stderr.buffer)
    ),
    "terminal": caps.Terminal,
    "stdin": lambda **file: caps.FileInput(**_settled(file)) if file else caps.DescriptorSource(),
    "stdout": caps.DescriptorSink,
    "timer": lambda stepped=False, **ticks: caps.SteppedTimer() if stepped else caps.SystemTimer(**ticks),
    "wall_clock": lambda fixed=None, **ticks: (
        caps.SystemWallClock(**ticks) if fixed is None else caps.FixedClock(*divmod(fixed, 1_000_000_000))
    ),
    "entropy": lambda seed=None: caps.SystemEntropy() if seed is None else caps.SeededEntropy(seed),
    "directory": partial(caps.HostDirectory, follow=False),
    "memory": caps.MemoryDirectory,
    "store": _store,
    "scripts": lambda path, entry: caps.DirectoryScripts(_sources(path), entry),
    "settings": caps.DictScope,
    "audit": partial(caps.JsonLinesAudit, follow=False),
    "fetch": caps.HttpFetch,
    "network": caps.HostNetwork,
    "resolver": caps.HostResolver,
    "tcp_listener": caps.open_listener,
    "tcp_socket": caps.open_connection,
    "udp_socket": caps.open_udp,
    "fuel": caps.FuelBudget,
}


_NONE: Final[dict[str, object]] = {}
_LISTENING: Final = ("tcp_listener", "udp_socket")  # the kinds that take an address of this machine
_TAKEN: Final = (
    NetworkError.ACCESS_DENIED,
    NetworkError.ADDRESS_IN_USE,
    NetworkError.ADDRESS_NOT_BINDABLE,
)
_DESCRIPTORS: Final = {"stdin": 0, "console": 1, "stderr": 2}  # behind the kinds of standard stream


async def make_source(source: Source, where: str, instead: Mapping[str, object] = _NONE) -> object:
    """Make a capability; `instead` is what stands behind kinds, by name.

    Raises:
        ManifestError: it cannot be made, or not without a program; the message begins with `where`.
        ListenError: it is a socket whose address cannot be had.
    """
    match source:
        case Standard(kind, options):
            if kind in instead and "path" not in options:
                return instead[kind]
            try:
                return await answer(STANDARD[kind](**options))
            except OSError as error:
                raise ManifestError(f"{where}: {error.filename or kind}: {error.strerror}") from None
            except caps.NetworkRefused as error:
                if kind in _LISTENING and error.error in _TAKEN:
                    raise ListenError(
                        f"{where}: cannot be listened at: {error.error.value}. "
                        "Mend: name an address of this machine that nobody has, or port 0"
                    ) from None
                raise ManifestError(f"{where}: {error}") from None
            except ValueError as error:
                raise ManifestError(f"{where}: {error}") from None
        case Factory(file, callable, options):
            return make_from_factory(file, callable, options, where)
        case Exported() | Wired() | Given() | Remote():
            raise ManifestError(f"{where}: expected a `kind` of capability or a `factory`")


async def make_wasi(
    source: Standard, where: str, instead: Mapping[str, object] = _NONE, *, narrowed: bool = False
) -> object:
    """Make what stands behind one of WASI's own imports: a standard stream may be a terminal, and says so.

    One that is narrowed is a stream only: what its methods are called must not depend on where it leads.
    """
    fd = _DESCRIPTORS.get(source.kind)
    plain = source.kind not in instead and not source.options and not narrowed
    if fd is not None and plain and os.isatty(fd):
        return caps.Terminal(fd, fd)
    return await make_source(source, where, instead)
