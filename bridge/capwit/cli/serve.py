"""`capwit serve`: a component that answers requests, behind a server."""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from capwit.bridge import Host
from capwit.http import AsgiApp, ComponentEndpoint, Pool, address_of, listen, run_server
from capwit.program import assemble_repeated

from . import exits, given, records
from .errors import AddressError
from .held import Held, read_held
from .progress import progress_shown
from .quantities import span, whole_number
from .stopping import stopped_by_signals, until

if TYPE_CHECKING:
    import socket

    from capwit.bridge import Ledger
    from capwit.bridge.manifest import Manifest

_EXAMPLES: Final = """\
examples:
  capwit serve --http 127.0.0.1:8080 app.wasm             a component that exports wasi:http/incoming-handler
  capwit serve --http 127.0.0.1:8080 app.toml             or the program of a manifest, on its grants
  capwit serve --http 127.0.0.1:0 app.wasm                any port that is free: the first line says which
  capwit serve --http [::]:80 --concurrency 200 --timeout 5s app.wasm
  capwit serve --http 127.0.0.1:8080 --fetch https://api.example.org app.wasm
  capwit serve --http 127.0.0.1:8080 --reuse 1000 app.wasm     an instance answers 1,000 requests, one by one

Each request has an instance of its own, which ends with it, unless --reuse says otherwise; --fuel, --memory
and --timeout are the limits of one. SIGINT and SIGTERM stop it: what is under way has --grace to end, and a
second signal ends it at once.

exit codes:
  0     stopped by a signal
  2     wrong usage
  65    FILE is no component that answers requests
  69    the address cannot be listened at
  77    a grant is missing or does not fit
  78    a manifest that cannot be used
"""

_ADDRESS: Final = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.%]+)\]|(?P<host>[^:\[\]]*)):(?P<port>[0-9]{1,5})")


def add_parser(commands: Any) -> None:
    """Add the command to the parser."""
    command: argparse.ArgumentParser = commands.add_parser(
        "serve",
        help="answer HTTP requests by a component",
        description="Answer HTTP requests by a component, on exactly what it is granted.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument(
        "--http", type=_address, required=True, metavar="HOST:PORT",
        help="where to listen; port 0 is any that is free",
    )  # fmt: skip
    command.add_argument(
        "--concurrency", type=whole_number, default=100, metavar="N",
        help="how many requests are answered at once, 100 by default; 10 times as many wait",
    )  # fmt: skip
    command.add_argument(
        "--reuse", type=whole_number, default=1, metavar="N",
        help="how many requests an instance answers, one after the other: 1 by default",
    )  # fmt: skip
    command.add_argument(
        "--grace", type=span, default=10.0, metavar="TIME",
        help="how long requests may take to end once it is to stop: 10s by default",
    )  # fmt: skip
    given.add_options(command)
    records.add_options(command)
    command.add_argument("file", type=Path, metavar="FILE", help="a manifest (.toml) or a component (.wasm)")
    command.add_argument("args", nargs=argparse.REMAINDER, metavar="ARGS", help="arguments for the guest")
    command.set_defaults(run=run, entry=None, json=False)


def _address(text: str) -> tuple[str, int]:
    found = _ADDRESS.fullmatch(text)
    if found is None or int(found["port"]) > 65535:
        raise argparse.ArgumentTypeError(f"expected HOST:PORT such as 127.0.0.1:8080, got {text!r}")
    return found["six"] or found["host"] or "0.0.0.0", int(found["port"])  # noqa: S104 - as was asked


def run(options: argparse.Namespace) -> int:
    """Serve until a signal; returns the exit code."""
    with records.recording(options) as recording:
        held = read_held(options)
        manifest = given.read_given(options, held)
        asyncio.run(_serve(options, manifest, held, recording.ledger))
    return 0 if recording.whole else exits.OUTPUT


def _listen(host: str, port: int) -> socket.socket:
    try:
        return listen(host, port)
    except (OSError, UnicodeError) as error:  # the latter for what can be no name
        raise AddressError(
            f"--http {host}:{port}: cannot be listened at: {getattr(error, 'strerror', None) or error}. "
            "Mend: name an address of this machine that nobody has, or port 0"
        ) from None


async def _serve(options: argparse.Namespace, manifest: Manifest, held: Held, ledger: Ledger) -> None:
    most = held.holdings.max_instances
    if options.policy is None:  # nobody has said how many may live
        most = max(most, 2 * options.concurrency)
    asyncio.get_running_loop().set_exception_handler(_tell)
    async with AsyncExitStack() as stack:
        listening = stack.enter_context(_listen(*options.http))
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
        address = address_of(listening)
        serving = asyncio.ensure_future(run_server(AsgiApp(endpoint), listening, stop.wait, options.grace))
        sys.stdout.write(f"serving {address}\n")
        sys.stdout.flush()
        await until(stop, serving)
        closing = asyncio.ensure_future(endpoint.close(options.grace))
        await until(at_once, closing)
        if not closing.done():
            await endpoint.close()
            await closing
        await serving


def _tell(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Tell of what goes wrong unseen, but not of a connection that the server cuts because it is to stop."""
    if not isinstance(context.get("exception"), asyncio.CancelledError):
        loop.default_exception_handler(context)
