"""The same test with instances of this process, and with instances in processes of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import Host
from capwit.hosting.isolation import isolated, start

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from capwit.bridge.app import App
    from capwit.bridge.module import Module

each_isolation = pytest.mark.parametrize("isolation", ["none", "process"])


class IsolatedHost(Host):
    """A host whose instances are in processes of their own."""

    async def load(self, *given: Any, **more: Any) -> Any:
        return _Isolated(await super().load(*given, **more))

    async def load_module(self, *given: Any, **more: Any) -> Any:
        return _Isolated(await super().load_module(*given, **more))


class _Isolated:
    def __init__(self, loaded: App | Module) -> None:
        self._loaded = loaded

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loaded, name)

    def instantiate(self, *grants: Any, **more: Any) -> AbstractAsyncContextManager[Any]:
        return isolated(self._loaded, *grants, **more)

    async def start(self, *grants: Any, **more: Any) -> Any:
        return await start(self._loaded, *grants, **more)


def host_of(isolation: str, **options: Any) -> Host:
    """A host whose instances are where `isolation` says."""
    return IsolatedHost(**options) if isolation == "process" else Host(**options)
