"""The wasmtime engine: how it is configured, and the clock that makes its guests yield."""

from __future__ import annotations

import ctypes
import re
from typing import TYPE_CHECKING, Final

import wasmtime

from . import abi, signals
from .ticker import Ticker

if TYPE_CHECKING:
    from .pool import Pool
    from .types import Resource

# The part of a version that compatible ones have in common, with what they have not.
_COMPATIBLE: Final = re.compile(r"(?P<same>@(?:[1-9]\d*|0\.[1-9]\d*))\.[0-9.]+$")

# What a compiled component depends on besides its own bytes and wasmtime's version.
SETTINGS: Final = "fuel,epochs,no concurrency,memories stay"


def make_engine(pool: Pool | None = None, *, quick: bool = False) -> wasmtime.Engine:
    """Return an engine with the settings that every store of capwit relies on.

    With `quick`, it compiles in two thirds of the time what may then run slower.
    """
    config = wasmtime.Config()
    if quick:
        config.cranelift_opt_level = "none"
    config.consume_fuel = True
    config.epoch_interruption = True
    config.wasm_component_model = True
    # With it, wasmtime 50.0 traps as soon as a guest lends two handles in one call ("deferred host
    # scope has no call context"). What it would prevent, a second call into a suspended instance,
    # a store refuses or queues.
    at = ctypes.cast(config.ptr(), ctypes.c_void_p).value or 0
    abi.config_concurrency(at, False)
    # A memory that grows stays where it is, so that its address need not be asked for in each call.
    abi.config_memory_may_move(at, False)
    if pool is not None:
        pool.apply(at)
    return wasmtime.Engine(config)


class Runtime:
    """An engine with its ticker. Guests of one runtime share compiled code, nothing else.

    Attributes:
        engine: the engine's address.
        pool: what is reserved for instances, if anything.
    """

    def __init__(self, pool: Pool | None = None) -> None:
        """Start the engine, with a pool if that fits; `close` stops its ticker."""
        self.pool = pool if pool is not None and pool.fits() else None
        self._engine = make_engine(self.pool)
        self.engine: int = ctypes.cast(self._engine.ptr(), ctypes.c_void_p).value or 0
        self._resources: dict[tuple[str, str], int] = {}
        self._ticker = Ticker(self.engine)
        self._open = True
        signals.watch()

    def host_type(self, resource: Resource) -> int:
        """Return the number of a host resource type: the same resource, the same number.

        It is the same in all versions of its interface that are compatible, as semver has it: a component
        may be of another one than the bindings.
        """
        interface = _COMPATIBLE.sub(r"\g<same>", resource.interface)
        return self._resources.setdefault((interface, resource.name), len(self._resources) + 1)

    def close(self) -> None:
        """Stop the ticker and give signal handlers back."""
        if self._open:
            self._open = False
            self._ticker.close()
            signals.unwatch()
