"""A guest that does what a test tells it, and the host side that it is told to use."""

from __future__ import annotations

import asyncio
import functools
import importlib.util
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from capwit.bridge import Host, Instance, Ledger, Limits
from capwit.caps.local import SystemEntropy
from capwit.codegen import generate, write
from capwit.preview2 import WasiGrants
from capwit.testing import assert_balanced
from capwit.testing import scenario as scenario

from tests.support.components import ERROR_IMPORTS
from tests.support.guests import python_guest
from tests.support.isolation import handles

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from types import ModuleType

    from capwit.bridge.binding import Grants

ROOT: Final = Path(__file__).parents[2]
HERE: Final = Path(__file__).parent
GENERATED: Final = ROOT / ".cache" / "tests"
ENTROPY: Final = WasiGrants(entropy=SystemEntropy())  # what a Python guest cannot start without


def bindings(schema: Path) -> ModuleType:
    """Generate the bindings of a schema, and import them."""
    name = schema.stem
    if name not in sys.modules:
        folder = generated(schema)
        spec = importlib.util.spec_from_file_location(name, folder / f"{name}.py")
        assert spec is not None and spec.loader is not None
        sys.modules[name] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[name]


@functools.cache
def generated(schema: Path) -> Path:
    """Generate what a schema gives, and return its folder."""
    folder = GENERATED / schema.stem
    folder.mkdir(parents=True, exist_ok=True)
    (GENERATED / ".gitignore").write_text("*\n")
    write(generate(schema).files, folder)
    return folder


SCHEMA: Final = HERE / "schemas" / "probe.capnp"
probe: Final = bindings(SCHEMA)


def probe_guest() -> Path:
    """Return the component that runs what it is told: guest.py."""
    return python_guest(HERE / "guest.py", generated(SCHEMA) / "wit", "app")


# What a component given as text imports to be granted a desk, and to call its `add`.
DESK_IMPORTS: Final = f"""{ERROR_IMPORTS}
  (import "test:probe/probe@0.1.0" (instance $probe
    (export "desk" (type $desk (sub resource)))
    (alias outer 1 $cap-error (type $e)) (export "cap-error" (type $error (eq $e)))
    (export "[method]desk.add" (func (param "self" (borrow $desk)) (param "a" u8) (param "b" u8)
      (result (result u8 (error $error)))))))
  (alias export $probe "desk" (type $desk))
  (import "test:probe/app-grants@0.1.0" (instance $grants
    (alias outer 1 $desk (type $d)) (export "desk" (type $desk (eq $d)))
    (export "get-desk" (func (result (own $desk))))))"""


class Item:
    """An `Item` of this process."""

    def __init__(self, name: str) -> None:
        self._name = name

    def name(self) -> str:
        return self._name

    def same(self, other: Any) -> bool:
        return bool(other == probe.ItemClient(self))


class Desk:
    """A `Desk` that works, and keeps what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.packed: list[Any] = []

    def echo(self, text: str) -> Any:
        return text

    def add(self, a: int, b: int) -> Any:
        return a + b

    def make(self, name: str) -> Any:
        return Item(name)

    async def look(self, item: Any) -> str:
        return str(await item.name())

    async def pack(self, item: Any, label: str) -> Any:
        return probe.Parcel(label, item.keep(), [Item(f"{label}-1"), Item(f"{label}-2")])

    async def unpack(self, parcel: Any) -> list[str]:
        self.packed.append(parcel)
        return [parcel.label, *[await item.name() for item in [parcel.item, *parcel.more] if item]]

    def tell(self, text: str) -> None:
        self.told.append(text)

    async def take(self, item: Any) -> str:
        return str(await item.name())


class Stuck(Desk):
    """A desk that does not answer, and says when it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()

    async def echo(self, text: str) -> str:
        self.asked.set()
        await asyncio.Event().wait()
        return text

    async def add(self, a: int, b: int) -> Any:
        self.asked.set()
        await asyncio.Event().wait()
        return a


@dataclass
class Guest:
    """A running guest."""

    host: Host
    instance: Instance
    worker: Any

    async def exec(self, code: str) -> str:
        """Run code in the guest, and return what it left in `said`."""
        return str(await self.worker.exec(code))

    async def handles(self) -> int:
        """How many handles it holds."""
        return await handles(self.instance)

    @property
    def ledger(self) -> Ledger:
        return self.host.ledger


def grants(desk: object = None, **others: Any) -> Grants:
    """Return the guest's grants: a desk, and what else a test says."""
    made: Grants = probe.Grants(desk=Desk() if desk is None else desk, **others)
    return made


@asynccontextmanager
async def guest_of(
    *given: Grants, limits: Limits | None = None, host: Host | None = None, name: str | None = None
) -> AsyncIterator[Guest]:
    """A guest on these grants, by default a desk and entropy. Its own host must end balanced."""
    own = Host() if host is None else None
    if own is not None:
        await own.__aenter__()
    host = own or host
    assert host is not None
    given = given or (grants(),)
    if not any(isinstance(one, WasiGrants) for one in given):
        given = (*given, ENTROPY)
    try:
        app = await host.load(probe_guest(), probe.BINDINGS, name="guest.wasm")
        async with app.instantiate(*given, limits=limits, name=name) as instance:
            yield Guest(host, instance, await instance.export(probe.WorkerClient))
    finally:
        if own is not None:
            await own.__aexit__(None, None, None)
            assert own.ledger.balance == 0


def life(ledger: Ledger, name: str, holder: str | None = None) -> list[str]:
    """Return what happened to handles of a resource: `grant guest`, `drop guest`."""
    return [
        f"{entry.event.value} {entry.holder}"
        for entry in ledger
        if entry.interface.endswith(f".{name}") and holder in (None, entry.holder)
    ]


def balanced(ledger: Ledger) -> bool:
    """Tell whether every handle that became live has ended; where not, it says which."""
    assert_balanced(ledger)
    return True
