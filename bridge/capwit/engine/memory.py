"""A core guest's memory: where the pointers of its calls lead."""

from __future__ import annotations

import ctypes
import struct
from typing import Any, Final

from . import abi

_SPACE: Final = abi.SPACE
_REGION: Final = struct.Struct("<II")  # as a memory of 32 bits has it
_get_region: Final = _REGION.unpack_from
_put_u32: Final = struct.Struct("<I").pack_into
_put_u64: Final = struct.Struct("<Q").pack_into


class OutOfBounds(Exception):  # noqa: N818 - it is an answer
    """An address of a guest leads out of its memory."""


class GuestMemory:
    """The memory that a core instance exports; one that exports none has an empty one.

    It never moves while it grows (the engine is configured so) and never shrinks. So where it begins is asked
    once, and how large it is only when something would lie behind the end that was last known.
    """

    __slots__ = ("_at", "_base", "_bytes", "_context", "_kept", "_size", "found")

    def __init__(self, context: int) -> None:
        """Stand for the memory of a store's instance, which is not there yet."""
        self.found = False
        self._context = context
        self._base = 0
        self._size = 0  # as last known
        self._bytes = _SPACE[:0]  # as many: small numbers lead into it, where addresses are large ones
        self._at = 0  # wasmtime's handle of it
        self._kept: object = None

    def find(self, caller: int) -> None:
        """Look at what a caller exports: also while it is only being instantiated."""
        self.found = True
        extern = (ctypes.c_char * abi.EXTERN_SIZE)()
        if not abi.caller_export(caller, b"memory", 6, ctypes.addressof(extern)):
            return
        if extern.raw[0] == abi.EXTERN_MEMORY:
            self.take(extern)
        else:
            abi.extern_delete(ctypes.addressof(extern))

    def take(self, extern: Any) -> None:
        """Be the memory that is exported, as wasmtime has it."""
        self.found = True
        self._kept = extern
        self._at = ctypes.addressof(extern) + abi.PAYLOAD
        self._base = abi.memory_data(self._context, self._at)

    def lose(self) -> None:
        """The store ends: no address leads anywhere from now on."""
        self.found = True
        self._at = self._size = 0
        self._bytes = _SPACE[:0]

    def _known(self) -> int:
        """Look how large it is by now."""
        if self._at:
            self._size = abi.memory_size(self._context, self._at)
            self._bytes = _SPACE[self._base : self._base + self._size]
        return self._size

    def has(self, at: int, size: int) -> bool:
        """Return whether there are `size` bytes from `at` on."""
        return at + size <= self._size or at + size <= self._known()

    def check(self, at: int, size: int) -> None:
        """Refuse an address before anything is done whose result could not be written there.

        Raises, as all that follow:
            OutOfBounds: what lies there is not all in the memory.
        """
        if at + size > self._size and at + size > self._known():
            raise OutOfBounds

    def read(self, at: int, size: int) -> bytes:
        """Return a copy of `size` bytes."""
        if at + size > self._size and at + size > self._known():
            raise OutOfBounds
        return self._bytes[at : at + size].tobytes()

    def write(self, at: int, data: bytes) -> None:
        """Write `data`."""
        size = len(data)
        if at + size > self._size and at + size > self._known():
            raise OutOfBounds
        self._bytes[at : at + size] = data

    def write_u32(self, at: int, number: int) -> None:
        """Write a number of 32 bits."""
        if at + 4 > self._size and at + 4 > self._known():
            raise OutOfBounds
        _put_u32(self._bytes, at, number)

    def write_u64(self, at: int, number: int) -> None:
        """Write a number of 64 bits."""
        if at + 8 > self._size and at + 8 > self._known():
            raise OutOfBounds
        _put_u64(self._bytes, at, number)

    def regions(self, at: int, count: int) -> list[tuple[int, int]]:
        """Return the regions that a table of `count` addresses and sizes tells of, but for empty ones."""
        end = at + count * _REGION.size
        if end > self._size and end > self._known():
            raise OutOfBounds
        found = []
        for region in _REGION.iter_unpack(self._bytes[at:end]):
            address, size = region
            if address + size > self._size and address + size > self._known():
                raise OutOfBounds
            if size:
                found.append(region)
        return found

    def gather(self, at: int, count: int, most: int) -> bytes:
        """Return what lies in such regions, one after the other: `most` bytes of it."""
        if count != 1:
            return self.gathered(self.regions(at, count), most)
        # As most calls have it, and written out: it is half of what they cost.
        if at + 8 > self._size and at + 8 > self._known():
            raise OutOfBounds
        start, size = _get_region(self._bytes, at)
        if start + size > self._size and start + size > self._known():
            raise OutOfBounds
        return self._bytes[start : start + (min(most, size))].tobytes()

    def gathered(self, regions: list[tuple[int, int]], most: int) -> bytes:
        """Return what lies in regions, one after the other: `most` bytes of it."""
        parts = []
        for at, size in regions:
            parts.append(self.read(at, min(size, most)))
            most -= len(parts[-1])
            if not most:
                break
        return b"".join(parts)

    def view(self, at: int, size: int) -> memoryview:
        """Return the bytes themselves.

        The view leads nowhere once the store has ended: whoever asks for it releases it before anything is
        awaited, and hands it to nobody who may keep it.
        """
        if at + size > self._size and at + size > self._known():
            raise OutOfBounds
        return self._bytes[at : at + size]


NO_MEMORY: Final = GuestMemory(0)
