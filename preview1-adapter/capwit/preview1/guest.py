"""What a handler works on: one instance's grants, its descriptors, its memory."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from capwit.bridge.capability import Client, prepare
from capwit.bridge.errors import InstanceEnded
from capwit.caps.standard import ENTROPY_SOURCE, TIMER
from capwit.caps.using import waits
from capwit.engine.ran import Ran

from .abi import Errno
from .errors import Refused
from .fdtable import FdTable

if TYPE_CHECKING:
    from capwit.bridge.binding import Method
    from capwit.bridge.table import CapTable
    from capwit.caps.wasi import WasiGrants
    from capwit.engine.memory import GuestMemory
    from capwit.engine.store import Store

T = TypeVar("T")

# A handler takes the guest and the call's arguments, as unsigned numbers; it returns an errno, or an
# awaitable of one, and raises what `errno_of` knows.
Handler: TypeAlias = Callable[..., Any]

MOST_VECTORS: Final = 1024  # of one call, as IOV_MAX has it
MOST_BYTES: Final = 1024 * 1024  # of one call that has to copy: they are host memory until it is over
_MOST_PATH: Final = 4096

SUCCESS: Final = Errno.SUCCESS  # looking up a member of an enum costs a tenth of a call
_NOW: Final[Method[int]] = TIMER.methods["now"]
_FILL: Final[Method[bytes]] = ENTROPY_SOURCE.methods["fill"]


class Guest:
    """One instance of a wasip1 module.

    What handlers do to its memory are the memory's own methods, which raise `OutOfBounds` (FAULT).
    """

    __slots__ = (
        "_ran",
        "arguments",
        "check",
        "environ",
        "fds",
        "fill",
        "grants",
        "memory",
        "now",
        "read",
        "write",
        "write_u32",
        "write_u64",
    )

    def __init__(self, store: Store, table: CapTable, grants: WasiGrants) -> None:
        """Begin with the descriptors of what is granted."""
        self._ran = store.ran = Ran()
        self.memory: GuestMemory = store.memory
        self.check, self.read, self.write = self.memory.check, self.memory.read, self.memory.write
        self.write_u32, self.write_u64 = self.memory.write_u32, self.memory.write_u64
        self.grants = grants
        self.now: Callable[[], int | Awaitable[int]] = _prepared(grants.timer, _NOW)
        self.fill: Callable[[int], bytes | Awaitable[bytes]] = _prepared(grants.entropy, _FILL)
        self.fds = FdTable(table, grants)
        self.arguments: list[bytes] | None = None  # asked for twice: how large, and what
        self.environ: list[bytes] | None = None

    @property
    def ran(self) -> int:
        """For how many nanoseconds the guest has really run."""
        return self._ran.nanoseconds

    def path(self, at: int, size: int) -> str:
        """Return a path from memory.

        Raises:
            Refused: no UTF-8 (ILSEQ), or longer than any path (NAMETOOLONG).
        """
        self.check(at, size)
        if size > _MOST_PATH:
            raise Refused(Errno.NAMETOOLONG)
        try:
            return self.read(at, size).decode()
        except UnicodeDecodeError:
            raise Refused(Errno.ILSEQ) from None

    def vectors(self, at: int, count: int) -> list[tuple[int, int]]:
        """Return the address and size of each buffer that is not empty; all are in memory."""
        if count > MOST_VECTORS:
            raise Refused(Errno.INVAL)
        return self.memory.regions(at, count)

    def taken(self, at: int, count: int) -> bytes:
        """Return the content of buffers, one after the other, as far as a call may copy."""
        if count > MOST_VECTORS:
            raise Refused(Errno.INVAL)
        return self.memory.gather(at, count, MOST_BYTES)

    def gather(self, vectors: list[tuple[int, int]]) -> bytes:
        """Return the content of buffers that are known, as far as a call may copy."""
        return self.memory.gathered(vectors, MOST_BYTES)

    def scatter(self, vectors: list[tuple[int, int]], data: bytes) -> None:
        """Fill buffers with data, one after the other."""
        start = 0
        for base, size in vectors:
            part = data[start : start + size]
            if not part:
                break
            self.write(base, part)
            start += len(part)


def _prepared(granted: object, method: Method[T]) -> Callable[..., T | Awaitable[T]]:
    """Return what calls a method of a grant; without the grant it refuses (NOSYS)."""
    return prepare(granted, method) if isinstance(granted, Client) else lambda *_: required(None)


async def at_once(value: T | Awaitable[T]) -> T:
    """Return what a capability's method answered, where it has not to wait.

    Raises:
        Refused: it has (AGAIN).
    """
    if not waits(value):
        return value
    answering: asyncio.Future[T] = asyncio.ensure_future(value)
    await asyncio.sleep(0)  # what is known at once is said in the first step
    if not answering.done():
        answering.cancel()
        raise Refused(Errno.AGAIN)
    return answering.result()


def wanted(vectors: list[tuple[int, int]]) -> int:
    """Return how many bytes a call that has to copy reads at most."""
    return min(MOST_BYTES, sum(size for _, size in vectors))


def given(data: object, wanted: int) -> bytes:
    """Return what a capability gave, which is not to be trusted with a guest's memory.

    Raises:
        InstanceEnded: it gave something else than was asked for.
    """
    if not isinstance(data, bytes) or len(data) > wanted:
        raise InstanceEnded(f"a capability gave something else than at most {wanted} bytes")
    return data


def required(capability: T | None, errno: Errno = Errno.NOSYS) -> T:
    """Return a capability that a call cannot do without.

    Raises:
        Refused: it is not granted.
    """
    if capability is None:
        raise Refused(errno)
    return capability
