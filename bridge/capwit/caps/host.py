"""Host bindings for `capwit:host@0.1.0`.

Where programs run: a host starts instances of the code that it is given, on capabilities that come from
anywhere. What its holder may start is bounded by a quota, which can only be handed on smaller.

Written by `capwit generate` from host.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from capwit.bridge import binding as wit
from capwit.bridge.binding import MaybeAwaitable
from capwit.caps import http, standard

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class HostGrant:
    """One thing that an instance is granted: a capability, or a value."""

    name: str
    """As a manifest names it: `store`, `wasi.stdout`, `wasi.preopens./data`. Where several interfaces that the code
    imports have a `store`, with the one's name: `example:app/grants@0.1.0.store`.
    """
    capability: wit.AnyClient | None
    """What is granted. The instance's host keeps it until the instance has ended. None for a value."""
    interface_id: int
    """The id of its interface in the schema. 0 where the grant itself tells: a `wasi.stdout` is a `Console` then."""
    descriptor: int
    """The descriptor that a preopen or a socket of a module is to have; 0 for one that is free."""
    value: str
    """What is granted, where that is no capability: JSON by its WIT type, as docs/hosts.md has it."""
    capabilities: Sequence[wit.AnyClient]
    """The capabilities in the value, which names them by their places here."""


@dataclass(frozen=True, slots=True)
class SpawnOptions:
    """What an instance is started with, besides its grants."""

    name: str
    """What records call it; its code's name where this is empty."""
    args: Sequence[str]
    """A program's arguments, its own name first."""
    env: Sequence[standard.EnvVar]
    """A program's environment."""
    limits: InstanceLimits


@dataclass(frozen=True, slots=True)
class InstanceLimits:
    """What one instance may use; 0 is for what the host gives any instance."""

    fuel: int
    """Wasm instructions, about, over its life."""
    memory: int
    """Bytes over all its memories."""
    wall: int
    """Nanoseconds that one call into it may take."""
    handles: int
    """Live handles."""
    memories: int
    """Linear memories."""
    tables: int
    """Tables."""
    table: int
    """Elements of each table."""
    instances: int
    """Core instances that a component is made of."""


@dataclass(frozen=True, slots=True)
class HostQuota:
    """What may be used by all that is started through one host capability; 0 is for no bound of its own."""

    instances: int
    """Instances that live at one time."""
    memory: int
    """Bytes that those may have together, by their limits."""
    fuel: int
    """Wasm instructions, about, in all."""
    time: int
    """Nanoseconds that each instance may live."""
    code: int
    """Bytes of code that is loaded at one time."""


@dataclass(frozen=True, slots=True)
class HostUsage:
    """What is in use of a quota."""

    instances: int
    memory: int
    fuel: int
    code: int


@dataclass(frozen=True, slots=True)
class GuestTrap:
    """How a guest trapped: in which function, by wasm's own word, and the guest's frames."""

    function: str
    reason: str
    backtrace: str


@dataclass(frozen=True, slots=True)
class GuestEndOther:
    """Anything else."""


@dataclass(frozen=True, slots=True)
class GuestEndClosed:
    """The instance had been ended from outside."""


@dataclass(frozen=True, slots=True)
class GuestEndTrap:
    """The guest trapped."""

    value: GuestTrap


@dataclass(frozen=True, slots=True)
class GuestEndLimit:
    """The guest ran into a limit, by its name: `fuel`, `memory`, `wall`, ..."""

    value: str


@dataclass(frozen=True, slots=True)
class GuestEndNotGranted:
    """It called a function of WASI that its grants do not cover, and that has no error to give."""


@dataclass(frozen=True, slots=True)
class GuestEndProgram:
    """The program's own answer was an error: its value, as JSON."""

    value: str


@dataclass(frozen=True, slots=True)
class GuestEndUnlinked:
    """There is no such export."""


GuestEnd: TypeAlias = (
    GuestEndOther
    | GuestEndClosed
    | GuestEndTrap
    | GuestEndLimit
    | GuestEndNotGranted
    | GuestEndProgram
    | GuestEndUnlinked
)
"""The kinds of bad end."""


@dataclass(frozen=True, slots=True)
class GuestFailure:
    """Why a call of an instance, or the instance itself, has ended badly."""

    message: str
    """For a person to read."""
    how: GuestEnd


@dataclass(frozen=True, slots=True)
class GuestOutcomeReturned:
    """A program has run, or a function of a component has returned: what it returned, as JSON."""

    value: str


@dataclass(frozen=True, slots=True)
class GuestOutcomeNumbers:
    """A function of a core module has returned: its results, each as the bits of its type."""

    value: Sequence[int]


@dataclass(frozen=True, slots=True)
class GuestOutcomeExited:
    """The program has ended itself, by this code."""

    value: int


@dataclass(frozen=True, slots=True)
class GuestOutcomeFailed:
    """Something else has ended it."""

    value: GuestFailure


GuestOutcome: TypeAlias = GuestOutcomeReturned | GuestOutcomeNumbers | GuestOutcomeExited | GuestOutcomeFailed
"""How a call of an instance, or the instance itself, has ended."""


@dataclass(frozen=True, slots=True)
class InstanceStats:
    """How an instance is."""

    ended: bool
    """Whether it has ended: `wait` says how."""
    handles: int
    """Live handles that the guest holds."""
    fuel_left: int
    """What is left of its fuel, or was when it ended; the highest number where it has no limit."""


class WasmHost(Protocol):
    """Starts instances. All that was had through it ends with its holder: what nobody refers to any more is ended."""

    def load(self, wasm: bytes, name: str) -> MaybeAwaitable[WasmCode]:
        """Takes a component or a core module; `name` is for messages. `failed` for what cannot run there, `exhausted`
        where the quota has no room for it.
        """

    def spawn(
        self,
        code: WasmCodeClient,
        grants: Sequence[HostGrant],
        options: SpawnOptions,
    ) -> MaybeAwaitable[WasmInstance]:
        """Starts an instance of code that this host has loaded. `failed` where its imports ask for other grants,
        `exhausted` where the quota has no room for it. One that ends while it starts is returned, too: `wait` says how
        it ended.
        """

    def limited(self, quota: HostQuota) -> MaybeAwaitable[WasmHost]:
        """A host whose use counts as this one's, and which ends where either quota does."""

    def usage(self) -> MaybeAwaitable[HostUsage]:
        """What is in use of what this host may."""


class WasmCode(Protocol):
    """Code that a host has loaded. Its instances run on without any reference to it. Its room is free again
    when there is none; by RPC, where it was passed to `spawn`, that is when the instance is let go, too.
    """

    def imports(self) -> MaybeAwaitable[Sequence[str]]:
        """What it imports: the names of interfaces, or of modules."""

    def exports(self) -> MaybeAwaitable[Sequence[str]]:
        """What it exports: the names of interfaces and functions."""


class AnswerSlot(Protocol):
    """Where the answer to a request is put."""

    def put(self, answer: http.Answer) -> MaybeAwaitable[None]:
        """Puts it there, once. Returns when its content has been read, or nobody has any use for it."""


class WasmInstance(Protocol):
    """An instance. It ends when nobody refers to it any more."""

    def export(self, name: str) -> MaybeAwaitable[wit.AnyClient]:
        """Constructs an exported resource, by the name of its interface: `example:kv/kv@0.1.0.runner`, or `runner`. It lives
        as long as the instance.
        """

    def run(self, entry: str) -> MaybeAwaitable[GuestOutcome]:
        """Runs the program: calls its entry point, which is found where none is named."""

    def call(self, function: str, arguments: Sequence[int]) -> MaybeAwaitable[GuestOutcome]:
        """Calls an exported function of a core module; arguments and results are bits of their types."""

    def wait(self) -> MaybeAwaitable[GuestOutcome]:
        """Returns when the instance has ended."""

    def kill(self) -> MaybeAwaitable[None]:
        """Ends the instance. Returns when all that it held is released."""

    def stats(self) -> MaybeAwaitable[InstanceStats]:
        """How it is at the moment."""

    def invoke(self, function: str, arguments: str) -> MaybeAwaitable[GuestOutcome]:
        """Calls an exported function of a component, which takes and returns no resources: `arguments` is an array, and
        what is `returned` a value, as JSON by their WIT types.
        """

    def handle(self, request: http.Request, slot: AnswerSlotClient) -> MaybeAwaitable[GuestOutcome]:
        """Has a component answer a request, as one that exports WASI's HTTP handler. Returns when the guest has come to its
        end, which may be after it has answered, and the content of its answer has been taken. Ending the call before ends
        the instance.
        """


class WasmHostClient(wit.Client):
    """`WasmHost`, wherever it lives."""

    async def load(self, wasm: bytes, name: str) -> WasmCodeClient:
        """Takes a component or a core module; `name` is for messages. `failed` for what cannot run there, `exhausted`
        where the quota has no room for it.
        """
        return await self._call(_WASM_HOST_LOAD, wasm, name)

    async def spawn(
        self,
        code: WasmCode,
        grants: Sequence[HostGrant],
        options: SpawnOptions,
    ) -> WasmInstanceClient:
        """Starts an instance of code that this host has loaded. `failed` where its imports ask for other grants,
        `exhausted` where the quota has no room for it. One that ends while it starts is returned, too: `wait` says how
        it ended.
        """
        return await self._call(_WASM_HOST_SPAWN, code, grants, options)

    async def limited(self, quota: HostQuota) -> WasmHostClient:
        """A host whose use counts as this one's, and which ends where either quota does."""
        return await self._call(_WASM_HOST_LIMITED, quota)

    async def usage(self) -> HostUsage:
        """What is in use of what this host may."""
        return await self._call(_WASM_HOST_USAGE)


class WasmCodeClient(wit.Client):
    """`WasmCode`, wherever it lives."""

    async def imports(self) -> Sequence[str]:
        """What it imports: the names of interfaces, or of modules."""
        return await self._call(_WASM_CODE_IMPORTS)

    async def exports(self) -> Sequence[str]:
        """What it exports: the names of interfaces and functions."""
        return await self._call(_WASM_CODE_EXPORTS)


class AnswerSlotClient(wit.Client):
    """`AnswerSlot`, wherever it lives."""

    async def put(self, answer: http.Answer) -> None:
        """Puts it there, once. Returns when its content has been read, or nobody has any use for it."""
        await self._call(_ANSWER_SLOT_PUT, answer)


class WasmInstanceClient(wit.Client):
    """`WasmInstance`, wherever it lives."""

    async def export(self, name: str) -> wit.AnyClient:
        """Constructs an exported resource, by the name of its interface: `example:kv/kv@0.1.0.runner`, or `runner`. It lives
        as long as the instance.
        """
        return await self._call(_WASM_INSTANCE_EXPORT, name)

    async def run(self, entry: str) -> GuestOutcome:
        """Runs the program: calls its entry point, which is found where none is named."""
        return await self._call(_WASM_INSTANCE_RUN, entry)

    async def call(self, function: str, arguments: Sequence[int]) -> GuestOutcome:
        """Calls an exported function of a core module; arguments and results are bits of their types."""
        return await self._call(_WASM_INSTANCE_CALL, function, arguments)

    async def wait(self) -> GuestOutcome:
        """Returns when the instance has ended."""
        return await self._call(_WASM_INSTANCE_WAIT)

    async def kill(self) -> None:
        """Ends the instance. Returns when all that it held is released."""
        await self._call(_WASM_INSTANCE_KILL)

    async def stats(self) -> InstanceStats:
        """How it is at the moment."""
        return await self._call(_WASM_INSTANCE_STATS)

    async def invoke(self, function: str, arguments: str) -> GuestOutcome:
        """Calls an exported function of a component, which takes and returns no resources: `arguments` is an array, and
        what is `returned` a value, as JSON by their WIT types.
        """
        return await self._call(_WASM_INSTANCE_INVOKE, function, arguments)

    async def handle(self, request: http.Request, slot: AnswerSlot) -> GuestOutcome:
        """Has a component answer a request, as one that exports WASI's HTTP handler. Returns when the guest has come to its
        end, which may be after it has answered, and the content of its answer has been taken. Ending the call before ends
        the instance.
        """
        return await self._call(_WASM_INSTANCE_HANDLE, request, slot)


# The bridge's tables: WIT names and types.
WASM_HOST = wit.Interface(WasmHostClient, "capwit:host/host@0.1.0", "wasm-host", 0xFCE87AC48B99BEDA)
WASM_CODE = wit.Interface(WasmCodeClient, "capwit:host/host@0.1.0", "wasm-code", 0x9F142170BF7FBA59)
ANSWER_SLOT = wit.Interface(AnswerSlotClient, "capwit:host/host@0.1.0", "answer-slot", 0xD70C4F35BDA53518)
WASM_INSTANCE = wit.Interface(
    WasmInstanceClient,
    "capwit:host/host@0.1.0",
    "wasm-instance",
    0x8FA858D0FBF3C7E1,
)
HOST_GRANT = wit.Record(
    (
        wit.Field("name", wit.STRING, "name"),
        wit.Field("capability", wit.Option(wit.ANY_CAP.own), "capability"),
        wit.Field("interface-id", wit.U64, "interface_id"),
        wit.Field("descriptor", wit.U32, "descriptor"),
        wit.Field("value", wit.STRING, "value"),
        wit.Field("capabilities", wit.List(wit.ANY_CAP.own), "capabilities"),
    ),
    HostGrant,
    "host-grant",
)
INSTANCE_LIMITS = wit.Record(
    (
        wit.Field("fuel", wit.U64, "fuel"),
        wit.Field("memory", wit.U64, "memory"),
        wit.Field("wall", wit.U64, "wall"),
        wit.Field("handles", wit.U32, "handles"),
        wit.Field("memories", wit.U32, "memories"),
        wit.Field("tables", wit.U32, "tables"),
        wit.Field("table", wit.U32, "table"),
        wit.Field("instances", wit.U32, "instances"),
    ),
    InstanceLimits,
    "instance-limits",
)
SPAWN_OPTIONS = wit.Record(
    (
        wit.Field("name", wit.STRING, "name"),
        wit.Field("args", wit.List(wit.STRING), "args"),
        wit.Field("env", wit.List(standard.ENV_VAR), "env"),
        wit.Field("limits", INSTANCE_LIMITS, "limits"),
    ),
    SpawnOptions,
    "spawn-options",
)
HOST_QUOTA = wit.Record(
    (
        wit.Field("instances", wit.U32, "instances"),
        wit.Field("memory", wit.U64, "memory"),
        wit.Field("fuel", wit.U64, "fuel"),
        wit.Field("time", wit.U64, "time"),
        wit.Field("code", wit.U64, "code"),
    ),
    HostQuota,
    "host-quota",
)
HOST_USAGE = wit.Record(
    (
        wit.Field("instances", wit.U32, "instances"),
        wit.Field("memory", wit.U64, "memory"),
        wit.Field("fuel", wit.U64, "fuel"),
        wit.Field("code", wit.U64, "code"),
    ),
    HostUsage,
    "host-usage",
)
GUEST_TRAP = wit.Record(
    (
        wit.Field("function", wit.STRING, "function"),
        wit.Field("reason", wit.STRING, "reason"),
        wit.Field("backtrace", wit.STRING, "backtrace"),
    ),
    GuestTrap,
    "guest-trap",
)
GUEST_END = wit.Variant(
    (
        wit.Case("other", None, GuestEndOther),
        wit.Case("closed", None, GuestEndClosed),
        wit.Case("trap", GUEST_TRAP, GuestEndTrap),
        wit.Case("limit", wit.STRING, GuestEndLimit),
        wit.Case("not-granted", None, GuestEndNotGranted),
        wit.Case("program", wit.STRING, GuestEndProgram),
        wit.Case("unlinked", None, GuestEndUnlinked),
    ),
    "guest-end",
)
GUEST_FAILURE = wit.Record(
    (wit.Field("message", wit.STRING, "message"), wit.Field("how", GUEST_END, "how")),
    GuestFailure,
    "guest-failure",
)
GUEST_OUTCOME = wit.Variant(
    (
        wit.Case("returned", wit.STRING, GuestOutcomeReturned),
        wit.Case("numbers", wit.List(wit.U64), GuestOutcomeNumbers),
        wit.Case("exited", wit.U8, GuestOutcomeExited),
        wit.Case("failed", GUEST_FAILURE, GuestOutcomeFailed),
    ),
    "guest-outcome",
)
INSTANCE_STATS = wit.Record(
    (
        wit.Field("ended", wit.BOOL, "ended"),
        wit.Field("handles", wit.U32, "handles"),
        wit.Field("fuel-left", wit.U64, "fuel_left"),
    ),
    InstanceStats,
    "instance-stats",
)
_WASM_HOST_LOAD: wit.Method[WasmCodeClient] = WASM_HOST.method(
    "load",
    "load",
    {"wasm": wit.BYTES, "name": wit.STRING},
    WASM_CODE.own,
)
_WASM_HOST_SPAWN: wit.Method[WasmInstanceClient] = WASM_HOST.method(
    "spawn",
    "spawn",
    {"code": WASM_CODE.borrow, "grants": wit.List(HOST_GRANT), "options": SPAWN_OPTIONS},
    WASM_INSTANCE.own,
)
_WASM_HOST_LIMITED: wit.Method[WasmHostClient] = WASM_HOST.method(
    "limited",
    "limited",
    {"quota": HOST_QUOTA},
    WASM_HOST.own,
)
_WASM_HOST_USAGE: wit.Method[HostUsage] = WASM_HOST.method("usage", "usage", {}, HOST_USAGE)
_WASM_CODE_IMPORTS: wit.Method[Sequence[str]] = WASM_CODE.method(
    "imports",
    "imports",
    {},
    wit.List(wit.STRING),
)
_WASM_CODE_EXPORTS: wit.Method[Sequence[str]] = WASM_CODE.method(
    "exports",
    "exports",
    {},
    wit.List(wit.STRING),
)
_ANSWER_SLOT_PUT: wit.Method[None] = ANSWER_SLOT.method("put", "put", {"answer": http.ANSWER}, None)
_WASM_INSTANCE_EXPORT: wit.Method[wit.AnyClient] = WASM_INSTANCE.method(
    "export",
    "export",
    {"name": wit.STRING},
    wit.ANY_CAP.own,
)
_WASM_INSTANCE_RUN: wit.Method[GuestOutcome] = WASM_INSTANCE.method(
    "run",
    "run",
    {"entry": wit.STRING},
    GUEST_OUTCOME,
)
_WASM_INSTANCE_CALL: wit.Method[GuestOutcome] = WASM_INSTANCE.method(
    "call",
    "call",
    {"function": wit.STRING, "arguments": wit.List(wit.U64)},
    GUEST_OUTCOME,
)
_WASM_INSTANCE_WAIT: wit.Method[GuestOutcome] = WASM_INSTANCE.method("wait", "wait", {}, GUEST_OUTCOME)
_WASM_INSTANCE_KILL: wit.Method[None] = WASM_INSTANCE.method("kill", "kill", {}, None)
_WASM_INSTANCE_STATS: wit.Method[InstanceStats] = WASM_INSTANCE.method("stats", "stats", {}, INSTANCE_STATS)
_WASM_INSTANCE_INVOKE: wit.Method[GuestOutcome] = WASM_INSTANCE.method(
    "invoke",
    "invoke",
    {"function": wit.STRING, "arguments": wit.STRING},
    GUEST_OUTCOME,
)
_WASM_INSTANCE_HANDLE: wit.Method[GuestOutcome] = WASM_INSTANCE.method(
    "handle",
    "handle",
    {"request": http.REQUEST, "slot": ANSWER_SLOT.borrow},
    GUEST_OUTCOME,
)
BINDINGS = wit.Bindings(
    package="capwit:host@0.1.0",
    interface="host",
    interfaces=(WASM_HOST, WASM_CODE, ANSWER_SLOT, WASM_INSTANCE),
    schema=wit.SchemaFile(__name__, "host.bridge.json", 0xC7AF5792140100C7),
)
