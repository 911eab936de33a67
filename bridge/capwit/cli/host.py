"""`capwit host`: a place where others start instances."""

from __future__ import annotations

import argparse
import asyncio
import sys
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from capwit.bridge import Host, Limits
from capwit.caps.host import HostQuota, WasmHostClient
from capwit.hosting import Placing, isolation
from capwit.program import load_bindings
from capwit.rpc import Bounds, Service

from . import exits, generated, records, tls
from .given import add_limits
from .listening import listen
from .progress import progress_shown
from .quantities import large_number, size, span, whole_number
from .stopping import stopped_by_signals, until

if TYPE_CHECKING:
    from capwit.bridge import Ledger

_EXAMPLES = """\
examples:
  capwit host --listen unix:/run/capwit/host.sock
  capwit host --listen 127.0.0.1:0                    any port that is free: the first line says which
  capwit host --listen 127.0.0.1:9000 --instances 20 --total-memory 1GiB --lifetime 1h
  capwit host --listen 127.0.0.1:9000 --bindings kv.py     components may be granted what kv.capnp has

Who connects gets a `WasmHost` (capwit/caps/host.capnp): it takes components and wasip1 modules, and starts
instances of them on capabilities that the client has from anywhere. Nothing of this machine is granted: no
file, no clock, no network. --instances, --total-memory, --total-fuel, --lifetime and --code are the quota of
each client; --fuel, --memory and --timeout bound each instance. What a client has started ends when it goes.

SIGINT and SIGTERM stop it: what runs has --grace to end, and a second signal ends it at once.

exit codes:
  0     stopped by a signal
  2     wrong usage
  69    the address cannot be listened at
  78    bindings that cannot be used
"""


def add_parser(commands: Any) -> None:
    """Add the command to the parser."""
    command: argparse.ArgumentParser = commands.add_parser(
        "host",
        help="let others start instances here",
        description="Let others start instances here, on capabilities of theirs, within a quota.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument(
        "--listen",
        required=True,
        metavar="ADDRESS",
        help="HOST:PORT or unix:/path; port 0 is any that is free",
    )
    generated.add_option(command)
    command.add_argument(
        "--instances", type=whole_number, default=100, metavar="N",
        help="instances of one client that live at one time, 100 by default",
    )  # fmt: skip
    command.add_argument(
        "--total-memory", type=size, default="4GiB", metavar="SIZE",
        help="memory of all instances of one client, by their limits: 4GiB by default",
    )  # fmt: skip
    command.add_argument(
        "--total-fuel",
        type=large_number,
        default=0,
        metavar="N",
        help="wasm instructions of one client, about",
    )
    command.add_argument(
        "--lifetime", type=span, default=0, metavar="TIME", help="how long an instance may live"
    )
    command.add_argument(
        "--code", type=size, default="256MiB", metavar="SIZE",
        help="code that one client may have loaded: 256MiB by default",
    )  # fmt: skip
    command.add_argument(
        "--max-instances", type=whole_number, default=1000, metavar="N",
        help="instances of all clients that live at one time, 1000 by default",
    )  # fmt: skip
    command.add_argument(
        "--clients", type=whole_number, default=100, metavar="N", help="clients at one time, 100 by default"
    )
    command.add_argument("--isolate", action="store_true", help="run each instance in a process of its own")
    tls.add_options(command)
    add_limits(command)
    command.add_argument(
        "--grace", type=span, default=10.0, metavar="TIME",
        help="how long instances may take to end once it is to stop: 10s by default",
    )  # fmt: skip
    records.add_options(command)
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serve until a signal; returns the exit code."""
    for path in generated.modules(options.bindings):
        load_bindings(path)
    ceiling = Limits(
        **{
            name: given
            for name in ("fuel", "memory", "wall")
            if (given := getattr(options, "timeout" if name == "wall" else name)) is not None
        }
    )
    with records.recording(options) as recording:
        asyncio.run(_serve(options, ceiling, recording.ledger))
    return 0 if recording.whole else exits.OUTPUT


async def _serve(options: argparse.Namespace, ceiling: Limits, ledger: Ledger) -> None:
    quota = HostQuota(
        instances=options.instances,
        memory=options.total_memory,
        fuel=options.total_fuel,
        time=int(options.lifetime * 1e9),
        code=options.code,
    )
    by_tls = tls.server_context(options)
    async with AsyncExitStack() as stack:
        listening = listen(options.listen)
        stack.callback(listening.close)
        with progress_shown() as progress:
            host = await stack.enter_async_context(
                Host(max_instances=options.max_instances, ledger=ledger, progress=progress)
            )
        placing = Placing(host, ceiling, start=isolation.start if options.isolate else None)
        bounds = Bounds(clients=options.clients)
        service = await stack.enter_async_context(
            Service(
                WasmHostClient, lambda _: placing.opened(quota), listening,
                ledger=ledger, bounds=bounds, tls=by_tls,
            )
        )  # fmt: skip
        stop, at_once = stopped_by_signals()
        sys.stdout.write(f"serving {service.address}{' by TLS' if by_tls else ''}\n")
        sys.stdout.flush()
        await stop.wait()
        draining = asyncio.ensure_future(placing.drain(options.grace))
        await until(at_once, draining)
        if not draining.done():
            await placing.drain(0)
        await draining
