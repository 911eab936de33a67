"""`capwit serve`: a component that answers requests by HTTP, or clients by Cap'n Proto RPC."""

from __future__ import annotations

import argparse
import asyncio
import re
from typing import TYPE_CHECKING, Any, Final

from . import exits, given, records, tls
from .errors import UsageError
from .held import Held, read_held
from .quantities import span, whole_number

if TYPE_CHECKING:
    from capwit.bridge import Ledger
    from capwit.manifest import Manifest

_EXAMPLES: Final = """\
examples:
  capwit serve --http 127.0.0.1:8080 app.wasm             a component that exports wasi:http/incoming-handler
  capwit serve --http 127.0.0.1:8080 app.toml             or the program of a manifest, on its grants
  capwit serve --http 127.0.0.1:0 app.wasm                any port that is free: the first line says which
  capwit serve --http [::]:80 --concurrency 200 --timeout 5s app.wasm
  capwit serve --http 127.0.0.1:8080 --fetch https://api.example.org app.wasm
  capwit serve --http 127.0.0.1:8080 --reuse 1000 app.wasm     an instance answers 1,000 requests, one by one
  capwit serve --http 0.0.0.0:443 --certificate server.pem --key key.pem app.wasm
  capwit serve --listen 127.0.0.1:9000 app.toml           what it exports, to any Cap'n Proto client
  capwit serve --listen unix:/run/app.sock --instances shared app.toml      one instance for all clients
  capwit serve --listen 0.0.0.0:9000 --certificate server.pem --client-ca clients.pem app.toml

By HTTP each request has an instance of its own, which ends with it, unless --reuse says otherwise; by
Cap'n Proto RPC each client has, unless --instances says otherwise. --fuel, --memory and --timeout are the
limits of one. SIGINT and SIGTERM stop it: what is under way has --grace to end, and a second signal ends it
at once.

exit codes:
  0     stopped by a signal
  2     wrong usage
  65    FILE is no component that answers requests, or exports no such interface
  69    the address cannot be listened at
  77    a grant is missing or does not fit
  78    a manifest that cannot be used
"""

_ADDRESS: Final = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.%]+)\]|(?P<host>[^:\[\]]*)):(?P<port>[0-9]{1,5})")
_CONCURRENCY: Final = 100  # requests
_PATIENCE: Final = 30.0  # seconds
_GRACE: Final = 10.0  # seconds

# Options that mean something for one of the two alone.
_OF_HTTP: Final = ("concurrency", "connections", "reuse", "patience")
_OF_RPC: Final = ("export", "instances", "clients", "calls")


def add_parser(commands: Any) -> None:
    """Add the command to the parser."""
    command: argparse.ArgumentParser = commands.add_parser(
        "serve",
        usage="capwit serve (--http HOST:PORT | --listen ADDRESS) [OPTIONS] FILE [ARGS...]",
        help="answer HTTP requests, or Cap'n Proto clients, by a component",
        description="Answer HTTP requests, or any Cap'n Proto client, by a component, on what it is granted.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    where = command.add_mutually_exclusive_group(required=True)
    where.add_argument(
        "--http", type=_address, metavar="HOST:PORT",
        help="where to listen for HTTP; port 0 is any that is free",
    )  # fmt: skip
    where.add_argument(
        "--listen", metavar="HOST:PORT|unix:PATH", help="where to listen for Cap'n Proto RPC, by the same"
    )
    http = command.add_argument_group("by HTTP")
    http.add_argument(
        "--concurrency", type=whole_number, metavar="N",
        help=f"how many requests are answered at once, {_CONCURRENCY} by default; 10 times as many wait",
    )  # fmt: skip
    http.add_argument(
        "--connections", type=whole_number, metavar="N",
        help="how many may be connected; more wait until one goes. 20 times --concurrency by default, but no "
        "more than half of the files that the process may open",
    )  # fmt: skip
    http.add_argument(
        "--reuse", type=whole_number, metavar="N",
        help="how many requests an instance answers, one after the other: 1 by default",
    )  # fmt: skip
    http.add_argument(
        "--patience", type=span, metavar="TIME",
        help="how long content waits until the guest takes it, 30s by default; then it is let go",
    )  # fmt: skip
    rpc = command.add_argument_group("by Cap'n Proto RPC")
    rpc.add_argument("--export", metavar="NAME", help="which exported interface, where there are several")
    rpc.add_argument(
        "--instances", type=_instances, metavar="per-client|shared|N",
        help="an instance for each client, the default; or one, or N, for all of them",
    )  # fmt: skip
    rpc.add_argument(
        "--clients", type=whole_number, metavar="N",
        help="how many may be connected, 100 by default; more are cut at once",
    )  # fmt: skip
    rpc.add_argument(
        "--calls", type=whole_number, metavar="N",
        help="how many calls of a client may be under way, 1000 by default; more fail as overloaded",
    )  # fmt: skip
    tls.add_options(command.add_argument_group("TLS"))
    command.add_argument(
        "--grace", type=span, default=_GRACE, metavar="TIME",
        help="how long requests and calls may take to end once it is to stop: 10s by default",
    )  # fmt: skip
    given.add_options(command)
    records.add_options(command)
    command.add_argument(
        "--json", action="store_true", help="print JSON: an object once it listens, and one at the end"
    )
    given.add_program(command)
    command.set_defaults(run=run, entry=None)


def _address(text: str) -> tuple[str, int]:
    found = _ADDRESS.fullmatch(text)
    if found is None or int(found["port"]) > 65535:
        raise argparse.ArgumentTypeError(f"expected HOST:PORT such as 127.0.0.1:8080, got {text!r}")
    return found["six"] or found["host"] or "0.0.0.0", int(found["port"])  # noqa: S104 - as was asked


def _instances(text: str) -> int:
    """Return how many instances all clients share: none where each has its own."""
    if text in ("per-client", "shared"):
        return int(text == "shared")
    try:
        return whole_number(text)
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError(
            f"expected `per-client`, `shared` or a number, got {text!r}"
        ) from None


def run(options: argparse.Namespace) -> int:
    """Serve until a signal; returns the exit code."""
    foreign, where = (_OF_RPC, "--listen") if options.http else (_OF_HTTP, "--http")
    for name in foreign:
        if getattr(options, name) is not None:
            raise UsageError(f"--{name.replace('_', '-')}: it is for {where}")
    with records.recording(options) as recording:
        held = read_held(options)
        manifest = given.read_given(options, held)
        told = asyncio.run(_serve(options, manifest, held, recording.ledger))
        if options.json:
            records.print_json({**told, "ledger": records.as_data(recording.ledger, whole=options.ledger)})
    return 0 if recording.whole else exits.OUTPUT


async def _serve(
    options: argparse.Namespace, manifest: Manifest, held: Held, ledger: Ledger
) -> dict[str, Any]:
    # Each has servers of its own to import, which the other has no need of.
    if options.http:
        from .serve_http import serve

        options.concurrency = options.concurrency or _CONCURRENCY
        options.reuse = options.reuse or 1
        options.patience = _PATIENCE if options.patience is None else options.patience
    else:
        from .serve_rpc import serve
    return await serve(options, manifest, held, ledger)
