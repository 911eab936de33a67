"""The two sides of every comparison: one guest under capwit's engine, the same under wasmtime-py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import wasmtime
from capwit.engine.compiler import Compiler
from capwit.engine.decode import decode
from capwit.engine.limits import StoreLimits
from capwit.engine.link import Linked, LinkedInstance
from capwit.engine.plan import HostFunction
from capwit.engine.store import Store
from capwit.engine.types import BYTES, U32, Borrow, Function, Own, Param, Resource
from capwit.engine.wrapper import wrap
from guests import STORE
from wasmtime import component as py

if TYPE_CHECKING:
    from collections.abc import Callable

    from capwit.engine.runtime import Runtime

BLOB: Final = bytes(range(256)) * 4096
LIMITS: Final = StoreLimits(
    fuel=None, memory=2**26, memories=1, table=10_000, tables=4, instances=100, wall=None, lanes=1
)
BUCKET: Final = Resource("bench:kv/store", "bucket")
SELF: Final = Param("self", Borrow(BUCKET))
ONE: Final = Function((Param("n", U32),), U32)
TWO: Final = Function((Param("n", U32), Param("len", U32)), U32)
EXPORTS: Final = {"run": ONE, "noop": ONE, "put": TWO, "take": TWO}


class Slots:
    """The least that a store's owner does: slots that are their own capabilities."""

    def lift_own(self, rep: int, resource: Resource) -> int:
        """Return the slot."""
        return rep

    lift_borrow = lift_own

    def lower_own(self, value: int, resource: Resource) -> int:
        """Return the slot."""
        return value

    def dropped(self, rep: int) -> None:
        """Nothing is kept."""

    def begin_call(self) -> None:
        """Nothing is kept."""

    abandon_call = end_call = begin_call

    def ended(self, why: object) -> None:
        """Nothing is kept."""


class Ours:
    """The guest under capwit's engine; `add` serves the method that is called."""

    def __init__(self, runtime: Runtime, add: Callable[..., Any]) -> None:
        """Use a runtime."""
        self._runtime = runtime
        self._add = add

    async def link(self) -> Linked:
        """Compile and link the guest."""
        functions = {
            "[method]bucket.add": HostFunction("add", Function((SELF, Param("x", U32)), U32), self._add),
            "[method]bucket.put": HostFunction(
                "put", Function((SELF, Param("d", BYTES)), U32), lambda s, b, d: len(d)
            ),
            "[method]bucket.take": HostFunction(
                "take", Function((SELF, Param("n", U32)), BYTES), lambda s, b, n: BLOB[:n]
            ),
            "open": HostFunction("open", Function((), Own(BUCKET)), lambda s: 7),
        }
        guest = bytes(wasmtime.wat2wasm(STORE))
        wrapped = wrap(guest, decode(guest), lane=True)
        compiled = await Compiler(self._runtime, None).compile(wrapped.binary, "bench")
        resources = {BUCKET.interface: {"bucket": BUCKET}}
        return Linked(
            self._runtime, compiled, {BUCKET.interface: functions}, resources, "bench", wrapped.lane
        )

    async def start(self, linked: Linked) -> LinkedInstance:
        """Return an instance of the linked guest."""
        store = Store(self._runtime.engine, Slots(), LIMITS)  # type: ignore[arg-type]
        return await linked.instantiate(store)


class Theirs:
    """The guest under wasmtime-py's own component API."""

    def __init__(self) -> None:
        """Link and instantiate the guest."""
        self._engine = engine = wasmtime.Engine()
        self._component = component = py.Component(engine, STORE)
        self._linker = linker = py.Linker(engine)
        self.store: wasmtime.Store = wasmtime.Store(engine)

        def end(bucket: Any) -> int:
            """Read the slot of a borrowed handle, which ends the borrow."""
            rep: int = bucket.to_host(self.store).rep
            return rep

        def add(_: Any, bucket: Any, x: int) -> int:
            end(bucket)
            return x + 1

        def put(_: Any, bucket: Any, data: bytes) -> int:
            end(bucket)
            return len(data)

        def take(_: Any, bucket: Any, n: int) -> bytes:
            end(bucket)
            return BLOB[:n]

        def open_(_: Any) -> Any:
            return py.ResourceHost.own(7, 1).to_any(self.store)

        with linker.root() as root, root.add_instance("bench:kv/store") as interface:
            interface.add_resource("bucket", py.ResourceType.host(1), lambda store, rep: None)
            interface.add_func("[method]bucket.add", add)
            interface.add_func("[method]bucket.put", put)
            interface.add_func("[method]bucket.take", take)
            interface.add_func("open", open_)
        self._instance = linker.instantiate(self.store, component)

    def start(self) -> wasmtime.Store:
        """Return the store of one more instance."""
        store: wasmtime.Store = wasmtime.Store(self._engine)
        self._linker.instantiate(store, self._component)
        return store

    def func(self, name: str) -> py.Func:
        """Return an export."""
        func = self._instance.get_func(self.store, name)
        assert func is not None
        return func

    def call(self, name: str, *args: int) -> Any:
        """Call an export by name."""
        func = self.func(name)
        result = func(self.store, *args)
        func.post_return(self.store)
        return result
