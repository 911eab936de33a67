"""The host: it owns the engine, the compile cache and the ledger, and loads programs."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from capwit.engine.cache import CompileCache, default_folder
from capwit.engine.compiler import Compiler, is_small
from capwit.engine.pool import Pool
from capwit.engine.runtime import Runtime

from .app import App
from .capset import CapSet
from .code_file import read_file
from .ledger import Event, Ledger
from .room import Room

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .app import Front
    from .binding import Bindings
    from .module import Module, ModuleFront


_Made = TypeVar("_Made")
_log = logging.getLogger("capwit.bridge")


async def _read(file: str | Path | bytes) -> tuple[bytes, str]:
    """Return the bytes of a file and its name, or bytes that are given themselves and none."""
    if isinstance(file, bytes):
        return file, ""
    path = Path(file)
    return await asyncio.to_thread(read_file, path), str(path)


async def _decoded(
    make: Callable[[Host, str, bytes, Sequence[Bindings]], _Made],
    host: Host,
    name: str,
    binary: bytes,
    bindings: Sequence[Bindings],
) -> _Made:
    """Decode code: what is large on a thread, so that the loop goes on meanwhile."""
    if is_small(binary):
        return make(host, name, binary, bindings)
    return await asyncio.to_thread(make, host, name, binary, bindings)


@cache
def _found(group: str) -> tuple[Callable[[], Any], ...]:
    """Return what the entry points of a group name. To look is more work than to start a host."""
    from importlib.metadata import entry_points  # as much to import as a quarter of all this

    return tuple(point.load() for point in entry_points(group=group))


class Host:
    """Runs components. One `async with` per lifetime; what it still holds at the end is released.

    Attributes:
        ledger: every handle of every instance, and those that host code owns.
        caps: what it holds by name; a manifest is given of it, and can only narrow it.
        room: how many instances may live at one time.
    """

    def __init__(
        self,
        *,
        caps: CapSet | None = None,
        max_instances: int = 10_000,
        pool: bool = False,
        cache: Path | None = None,
        ledger: Ledger | None = None,
        debug: bool = False,
        progress: Callable[[str], None] | None = None,
        lane: bool | None = None,
    ) -> None:
        """Make a host with a folder for compiled code (the user's own cache folder by default).

        `max_instances` may live at one time: the next one is refused with `LimitExceeded`. With a `pool`,
        their memories and stacks are reserved when the host starts, which is for hosts of thousands: an
        instance then begins and ends with less work, and the host with some 10 us more for each. Where the
        kernel does not let the process reserve that much, the log (`capwit.engine`) says so.

        On the byte `lane` components carry bytes in one piece, many times quicker than one by one; that takes
        a memory or two more of each, and so a host with a pool has it only if it says so.

        With `debug`, or a ledger that has it, the log (`capwit.bridge`) is told at the end which handles host
        code has not released, and the line that took each. `progress` is told about once a second while a
        component compiles: `compiling app.wasm, 3 s`.
        """
        if debug and ledger is not None and not ledger.debug:
            raise ValueError("a host with a ledger of its own takes debug from it: Ledger(debug=True)")
        self._progress = progress
        self.caps = CapSet() if caps is None else caps
        self.ledger = Ledger(debug=debug) if ledger is None else ledger
        self.lane = not pool if lane is None else lane
        self._cache = cache
        self._runtime: Runtime | None = None
        self._compiler: Compiler | None = None
        self.room = Room(max_instances)
        self._pool = Pool(max_instances) if pool else None

    @cached_property
    def fronts(self) -> list[Front]:
        """What serves families of components' imports: found when the first component is linked."""
        return [make() for make in _found("capwit.fronts")]

    @cached_property
    def module_fronts(self) -> list[ModuleFront]:
        """The same for core modules."""
        return [make() for make in _found("capwit.module_fronts")]

    async def __aenter__(self) -> Self:
        """Start the engine."""
        self.room.open()
        self._runtime = Runtime(self._pool)
        cache = CompileCache(self.cache_folder)
        self._compiler = Compiler(self._runtime, cache, self._progress)
        return self

    async def __aexit__(self, *_: object) -> None:
        """End every instance, release what host code still owns, and stop the engine."""
        # A stack, so that whatever one step raises, the others are still taken.
        async with AsyncExitStack() as stack:
            stack.callback(self.runtime.close)
            stack.callback(self._release)
            for instance in self.room.close():
                stack.push_async_callback(instance.close)

    def _release(self) -> None:
        for owned in self.ledger.live():
            if self.ledger.debug:
                _log.warning(
                    "handle #%d of %s was never released: it was taken at %s. "
                    "Mend: `async with` the client that owns it, or close it",
                    owned.handle, owned.interface, self.ledger.taken_at(owned),
                )  # fmt: skip
            owned.end(Event.EXIT, "released when the host ended")

    @property
    def cache_folder(self) -> Path:
        """Where compiled code is."""
        return self._cache or default_folder()

    @property
    def runtime(self) -> Runtime:
        """The engine, inside `async with`."""
        if self._runtime is None:
            raise RuntimeError("the host is not running: use `async with Host() as host`")
        return self._runtime

    @property
    def compiler(self) -> Compiler:
        """The compiler, inside `async with`."""
        assert self.runtime and self._compiler is not None
        return self._compiler

    async def load(self, component: str | Path | bytes, *bindings: Bindings, name: str | None = None) -> App:
        """Load a component from a file, or from its bytes.

        Raises:
            LoadError: the file cannot be read, or is no component that can run here.
        """
        binary, known = await _read(component)
        return await _decoded(App, self, name or known or "component", binary, bindings)

    async def load_module(
        self, module: str | Path | bytes, *bindings: Bindings, name: str | None = None
    ) -> Module:
        """Load a core module, such as a wasip1 program, from a file, or from its bytes.

        Raises:
            LoadError: the file cannot be read, or is no core module that can run here.
        """
        from .module import Module

        binary, known = await _read(module)
        return await _decoded(Module, self, name or known or "module", binary, bindings)
