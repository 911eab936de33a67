"""A guest that can call every function of WASI that is served: an interpreter, built once for all tests.

Its WIT is made of the table that the front holds components against, so that it grows with it.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from capwit.bridge import Host
from capwit.caps.local import SystemEntropy
from capwit.engine.component import Component, Interface, Use
from capwit.engine.plan import HostFunction
from capwit.engine.types import (
    STRING,
    Borrow,
    Function,
    List,
    Option,
    Own,
    Param,
    Record,
    Resource,
    Result,
    Tuple,
    Type,
    Variant,
)
from capwit.engine.wit_text import to_wit
from capwit.preview2 import WasiGrants, front
from capwit.preview2.signatures import SIGNATURES

from tests.support.guests import FOLDER, compiled, python_component
from tests.support.isolation import is_isolated

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from capwit.bridge import Instance, Limits

_VERSION: Final = "0.2.1"
_GUEST: Final = Path(__file__).with_name("wasi_guest.py")
# componentize-py's libc brings WASI's packages itself, and admits no others of their names, not even with the
# same types. So the guest is built with packages of another name, as long as WASI's, and then renamed.
_ALIAS: Final = "wasx:"


@cache
def wasi_guest() -> Path:
    """Return the component of the interpreter."""
    text = to_wit(_world()).replace("@0.2.0", f"@{_VERSION}").replace("wasi:", _ALIAS)
    folder = FOLDER / f"wasi-wit-{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "world.wit").write_text(text)
    binary = python_component(_GUEST, folder, "root").read_bytes().replace(_ALIAS.encode(), b"wasi:")
    # Not among its WIT, of which a binary is a part, too: it would be built anew.
    guest = FOLDER / f"wasi-{hashlib.sha256(binary).hexdigest()[:16]}.wasm"
    if not guest.is_file():
        made = guest.with_suffix(f".{os.getpid()}")
        made.write_bytes(binary)
        made.replace(guest)
    return compiled(guest)


def _world() -> Component:
    homes: dict[Any, str] = {}  # of named types: the interface that mentions one first
    imports: dict[str, Any] = {}
    for name, functions in SIGNATURES.items():
        interface = f"{name}@0.2.0"
        types: dict[str, Any] = {}
        for function in functions.values():
            for type in (*(param.type for param in function.params), function.result):
                types |= {each.name: each for each in named(type)}
        for label, type in types.items():
            home = homes.setdefault(
                (label, type), type.interface if isinstance(type, Resource) else interface
            )
            if home not in {interface, *imports}:  # one that has no functions
                imports[home] = Interface(home, {label: type}, {})
        found = {label: homes[label, type] for label, type in types.items()}
        uses = {label: Use(home, label) for label, home in found.items() if home != interface}
        imports[interface] = Interface(interface, types, functions, uses)
    return Component(imports, {"exec": Function((Param("code", STRING),), STRING)})


def named(type: Type | None) -> Iterator[Any]:
    """Yield the types inside a type that have names, the innermost first."""
    match type:
        case Own(resource) | Borrow(resource):
            yield resource
            return
        case List(item) | Option(item):
            yield from named(item)
        case Tuple(items):
            for item in items:
                yield from named(item)
        case Result(ok, err):
            yield from named(ok)
            yield from named(err)
        case Record(fields):
            for each in fields:
                yield from named(each.type)
        case Variant(cases):
            for case in cases:
                yield from named(case.type)
    if getattr(type, "name", "") and type.__class__.__name__ != "Prim":
        yield type


@dataclass
class Explorer:
    """A running interpreter."""

    host: Host
    instance: Instance

    async def exec(self, code: str) -> str:
        """Run code in the guest, and return what it left in `said`, as text."""
        said = str(await self.instance.call("exec", code))
        assert not said.startswith("raised "), said
        return said


@asynccontextmanager
async def explorer(*, limits: Limits | None = None, **given: Any) -> AsyncIterator[Explorer]:
    """Start an interpreter with these WASI grants, and entropy. Its host must end balanced."""
    given.setdefault("entropy", SystemEntropy())
    async with Host() as host:
        app = await host.load(wasi_guest(), name="explorer.wasm")
        async with app.instantiate(WasiGrants(**given), limits=limits) as instance:
            yield Explorer(host, instance)
    assert host.ledger.balance == 0


# Which guest calls the functions of an interface, or one of them: a file of probes, or what a test calls it.
CALLERS: Final = {
    "wasi:cli/environment": "others",
    "wasi:cli/exit#exit": "exit",
    "wasi:cli/exit#exit-with-code": "exit-with-code",
    "wasi:cli/stderr": "others",
    "wasi:cli/stdin": "others",
    "wasi:cli/stdout": "others",
    "wasi:cli/terminal-stderr": "others",
    "wasi:cli/terminal-stdin": "others",
    "wasi:cli/terminal-stdout": "others",
    "wasi:clocks/monotonic-clock": "others",
    "wasi:clocks/wall-clock": "others",
    "wasi:filesystem/preopens": "files",
    "wasi:filesystem/types": "files",
    "wasi:http/outgoing-handler": "web",
    "wasi:http/types": "web",
    "wasi:http/types#[method]incoming-request.authority": "server",
    "wasi:http/types#[method]incoming-request.consume": "server",
    "wasi:http/types#[method]incoming-request.headers": "server",
    "wasi:http/types#[method]incoming-request.method": "server",
    "wasi:http/types#[method]incoming-request.path-with-query": "server",
    "wasi:http/types#[method]incoming-request.scheme": "server",
    "wasi:http/types#[static]response-outparam.set": "server",
    "wasi:io/error": "failure",
    "wasi:io/poll": "others",
    "wasi:io/streams": "files",
    "wasi:io/streams#[method]output-stream.splice": "failure",
    "wasi:random/insecure": "others",
    "wasi:random/insecure-seed": "others",
    "wasi:random/random": "others",
    "wasi:sockets/instance-network": "sockets",
    "wasi:sockets/ip-name-lookup": "datagrams",
    "wasi:sockets/tcp": "sockets",
    "wasi:sockets/tcp-create-socket": "sockets",
    "wasi:sockets/udp": "datagrams",
    "wasi:sockets/udp-create-socket": "datagrams",
}


def functions_of(caller: str | None) -> set[str]:
    """Return the functions that a guest is to call; those of `None` have no guest."""
    return {
        f"{interface}#{label}"
        for interface, functions in SIGNATURES.items()
        for label in functions
        if CALLERS.get(f"{interface}#{label}", CALLERS.get(interface)) == caller
    }


@contextmanager
def held_to(caller: str) -> Iterator[None]:
    """Hold a guest that is loaded inside to its functions: it must have called each of them.

    What a guest calls in another process is not seen here.
    """
    called: set[str] = set()

    def recorded(label: str, type: Function, call: Callable[..., Any], catch: Any) -> HostFunction:
        def record(*arguments: Any) -> Any:
            called.add(label)
            return call(*arguments)

        return HostFunction(label, type, record, catch)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(front, "HostFunction", recorded)
        yield
    assert functions_of(caller)
    assert is_isolated() or not functions_of(caller) - called
