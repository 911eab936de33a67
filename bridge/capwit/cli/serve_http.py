"""`capwit serve --http`."""

from __future__ import annotations

import asyncio
import resource
import sys
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from capwit.bridge import Host
from capwit.http import AsgiApp, ComponentEndpoint, Pool, address_of, listen, run_server
from capwit.program import assemble_repeated

from . import records
from .errors import listened_at
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
    """Answer requests until a signal; returns what there is to tell of them: nothing."""
    most = held.holdings.max_instances
    if options.policy is None:  # nobody has said how many may live
        most = max(most, 2 * options.concurrency)
    tls = server_context(options)
    async with AsyncExitStack() as stack:
        with listened_at("--http {}:{}".format(*options.http)):
            listening = stack.enter_context(listen(*options.http))
        caps = await held.make()
        with progress_shown() as progress:
            host = await stack.enter_async_context(
                Host(caps=caps, max_instances=most, ledger=ledger, progress=progress)
            )
            program = await stack.enter_async_context(assemble_repeated(host, manifest))
            pool = Pool(
                program.start,
                concurrency=options.concurrency,
                waiting=10 * options.concurrency,
                reuse=options.reuse,
            )
            stack.push_async_callback(pool.close)
            endpoint = ComponentEndpoint(program.app, pool.use)
            stack.push_async_callback(endpoint.close)
            await program.app.compile()  # the first request is not to wait for it
            progress.finish()
        stop, at_once = stopped_by_signals()
        address = address_of(listening, tls=tls is not None)
        app = AsgiApp(endpoint, patience=options.patience)
        serving = asyncio.ensure_future(
            run_server(
                app,
                listening,
                stop.wait,
                options.grace,
                connections=options.connections or _connections(options.concurrency),
                at_once=at_once.wait,
                tls=tls,
            )
        )
        records.print_json({"serving": address}) if options.json else sys.stdout.write(f"serving {address}\n")
        sys.stdout.flush()
        await until(stop, serving)
        closing = asyncio.ensure_future(endpoint.close(options.grace))
        await until(at_once, closing)
        if not closing.done():
            await endpoint.close()
            await closing
        await serving
    return {}


def _connections(concurrency: int) -> int:
    """Return how many connections there may be where nobody has said so.

    More than all requests that are answered or wait, so that one more is told that there are too many. But
    instances need descriptors, too.
    """
    may_open, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 20 * concurrency
    return wanted if may_open == resource.RLIM_INFINITY else max(1, min(wanted, may_open // 2))
