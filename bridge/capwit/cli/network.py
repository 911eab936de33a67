"""Options that give a program a part of the network: a component what it may use, a module open sockets."""

from __future__ import annotations

import argparse
import dataclasses
from typing import TYPE_CHECKING, Any, Final

from capwit.bridge.addresses import ENDPOINT, AddressRule, parse_endpoint, parse_name
from capwit.bridge.origins import OriginRule
from capwit.bridge.peers import PeerAddress
from capwit.manifest import Manifest, Remote, Standard

from .errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

# The option, the kind of open socket that a module gets, what it is for.
_ADDRESSES: Final = (
    (
        "listen",
        "tcp_listener",
        "where it may listen, such as 127.0.0.1:8080; a wasip1 module gets the listener",
    ),
    (
        "connect",
        "tcp_socket",
        "what it may connect to, such as 10.0.0.0/8:*; a wasip1 module gets the connection",
    ),
)


def text_of(parse: Callable[[str], object]) -> Callable[[str], str]:
    """Return the type of an option whose text is read later; one that cannot be is wrong usage."""

    def read(text: str) -> str:
        try:
            parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None
        return text

    return read


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `run`."""
    group = command.add_argument_group("the network")
    for option, _, use in _ADDRESSES:
        _add(group, option, AddressRule.parse, "ADDRESS", use)
    _add(group, "resolve", parse_name, "NAME", "a name that a component may look up, such as *.example.com")


def add_allowances(command: argparse._ActionsContainer) -> None:
    """Add the options that say what a manifest may ask for."""
    _add(command, "allow-listen", AddressRule.parse, "ADDRESS", "where the manifest may let it listen")
    _add(command, "allow-connect", _peer, "ADDRESS", "what it may connect to: also unix:/path, for a remote")
    _add(command, "allow-fetch", OriginRule.parse, "ORIGIN", "a server that the manifest may let it ask")
    _add(command, "allow-resolve", parse_name, "NAME", "a name that the manifest may let it look up")


def _peer(text: str) -> object:
    """Read an address, or the path of a Unix socket."""
    return PeerAddress.parse(text) if text.startswith("unix:") else AddressRule.parse(text)


def _add(
    command: argparse._ActionsContainer, option: str, parse: Callable[[str], object], shape: str, use: str
) -> None:
    command.add_argument(
        f"--{option}", action="append", default=[], type=text_of(parse), metavar=shape, help=use
    )


def with_network(manifest: Manifest, options: argparse.Namespace, *, module: bool) -> Manifest:
    """Return the manifest with what the options give: to a module, or to a component.

    Raises:
        UsageError: a module cannot be given it.
    """
    if module:
        return dataclasses.replace(manifest, sockets={**manifest.sockets, **_sockets(options)})
    wasi = dict(manifest.wasi)
    for kind, given in (
        ("network", {"connect": options.connect, "listen": options.listen}),
        ("resolver", {"names": options.resolve}),
    ):
        if any(given.values()):
            before = options_of(wasi.get(kind), f"--{next(iter(given))}")
            more = {key: [*before.get(key, ()), *texts] for key, texts in given.items()}
            wasi[kind] = Standard(kind, {**before, **more})
    return dataclasses.replace(manifest, wasi=wasi)


def options_of(source: Standard | Remote | None, option: str) -> dict[str, Any]:
    """Return what a grant is made with that an option adds to.

    Raises:
        UsageError: it is made elsewhere.
    """
    if isinstance(source, Remote):
        raise UsageError(
            f"{option}: the manifest's own is at {source.peer}, which says itself what it reaches"
        )
    return {} if source is None else source.options


def _sockets(options: argparse.Namespace) -> dict[str, Standard]:
    if options.resolve:
        raise UsageError("--resolve: a wasip1 module cannot look names up. Mend: build it for wasm32-wasip2")
    sockets = {}
    for option, kind, _ in _ADDRESSES:
        for text in getattr(options, option):
            try:
                parse_endpoint(text)
            except ValueError:
                raise UsageError(
                    f"--{option}: a wasip1 module gets an open socket: expected {ENDPOINT}, got {text!r}"
                ) from None
            sockets[text if option == "listen" else f"to {text}"] = Standard(kind, {"address": text})
    return sockets
