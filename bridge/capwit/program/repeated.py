"""Programs that are prepared once and started many times: one instance for each request, say."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

from capwit.bridge.errors import LinkError

from .assemble import Assembly
from .code import is_module

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from capwit.bridge.app import App
    from capwit.bridge.capset import CapSet
    from capwit.bridge.host import Host
    from capwit.manifest import Manifest

    from .assemble import AnyInstance


class Repeated:
    """A program that is prepared, with the components it is wired to running.

    Attributes:
        app: its component.
    """

    def __init__(self, assembly: Assembly, prepared: Any) -> None:
        """Start `prepared` as often as is asked."""
        self.app: App = prepared.loaded
        self._assembly = assembly
        self._prepared = prepared

    @asynccontextmanager
    async def start(self, caps: CapSet | None = None) -> AsyncIterator[AnyInstance]:
        """Give a fresh instance on its grants; what is its own ends with the scope.

        The capabilities of this machine are made once, and are the same for all instances. What the manifest
        is given by name (`given`) is of `caps`, where there are any, and else of what the host holds.
        """
        async with AsyncExitStack() as stack:
            yield await self._assembly.within(stack, caps).start(self._prepared)


@asynccontextmanager
async def assemble_repeated(
    host: Host, manifest: Manifest, standard: Mapping[str, object] | None = None
) -> AsyncIterator[Repeated]:
    """Prepare the program of a manifest, and start the components that it is wired to.

    `standard` replaces what stands behind kinds of standard capability.

    Raises:
        ManifestError, GrantError, LinkError, LoadError: it cannot be started; the message says why.
    """
    async with AsyncExitStack() as stack:
        assembly = Assembly(host, dict(standard or {}), stack)
        made: dict[str, object] = {}
        code = await assembly.code(manifest, made)
        if await asyncio.to_thread(is_module, code):
            raise LinkError(
                f"{manifest.path}: its module is a core module, which exports no interfaces. "
                "Mend: make a component of it"
            )
        program = await assembly.prepare(manifest, code, made)
        await assembly.start_components(manifest)
        yield Repeated(assembly, program)
