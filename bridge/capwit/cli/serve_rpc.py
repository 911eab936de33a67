"""`capwit serve --listen`."""

from __future__ import annotations

import asyncio
import sys
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from capwit.bridge import Host
from capwit.program import OwnInstances, SharedInstances, assemble_repeated, find_export
from capwit.rpc import Bounds, Service

from . import records
from .listening import listen
from .progress import progress_shown
from .stopping import stopped_by_signals, until
from .tls import server_context

if TYPE_CHECKING:
    import argparse

    from capwit.bridge import Ledger
    from capwit.manifest import Manifest

    from .held import Held


async def serve(
    options: argparse.Namespace, manifest: Manifest, held: Held, ledger: Ledger
) -> dict[str, Any]:
    """Serve clients until a signal; returns what there is to tell of them."""
    bounds = _bounds(options)
    most = held.holdings.max_instances
    if options.policy is None:  # nobody has said how many may live
        most = max(most, 2 * (options.instances or bounds.clients))
    tls = server_context(options)
    async with AsyncExitStack() as stack:
        listening = listen(options.listen)
        stack.callback(listening.close)
        caps = await held.make()
        with progress_shown() as progress:
            host = await stack.enter_async_context(
                Host(caps=caps, max_instances=most, ledger=ledger, progress=progress)
            )
            program = await stack.enter_async_context(assemble_repeated(host, manifest))
            client = find_export(program.app, options.export)
            await program.app.compile()  # the first client is not to wait for it
            if options.instances:
                shared = SharedInstances(program.start, client, options.instances)
                open = (await stack.enter_async_context(shared)).open
            else:
                open = OwnInstances(lambda _: program.start(), client).open
            progress.finish()
        service = await stack.enter_async_context(
            Service(client, open, listening, ledger=ledger, bounds=bounds, tls=tls)
        )
        stop, at_once = stopped_by_signals()
        _tell_where(options, service, str(client.interface), client.interface.type_id)
        await stop.wait()
        draining = asyncio.ensure_future(service.drain(options.grace))
        await until(at_once, draining)
        if not draining.done():
            draining.cancel()
    return {"clients": service.served, "refused": service.refused}


def _bounds(options: argparse.Namespace) -> Bounds:
    given: dict[str, Any] = {name: getattr(options, name) for name in ("clients", "calls")}
    return Bounds(**{name: value for name, value in given.items() if value is not None})


def _tell_where(options: argparse.Namespace, service: Service, interface: str, id: int) -> None:
    if options.json:
        told = {"serving": service.address, "tls": options.certificate is not None}
        records.print_json({**told, "interface": interface, "id": f"0x{id:016x}"})
    else:
        by_tls = " by TLS" if options.certificate is not None else ""
        sys.stdout.write(f"serving {interface} at {service.address}{by_tls}\n")
        sys.stdout.flush()
