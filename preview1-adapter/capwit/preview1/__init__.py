"""WASI's first preview on granted capabilities: the front of core modules."""

from capwit.caps.wasi import WasiGrants

from .front import Preview1

__all__ = ["Preview1", "WasiGrants"]
