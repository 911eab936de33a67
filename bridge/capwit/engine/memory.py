"""A core guest's memory: where the pointers of its calls lead."""

from __future__ import annotations

import ctypes
import struct
from typing import Any, Final

from . import abi

_REGION: Final = struct.Struct("<II")  # as a memory of 32 bits has it


class GuestMemory:
    """The memory that a core instance exports; one that exports none has an empty one.

    It never moves while it grows (the engine is configured so) and never shrinks. So where it begins is asked
    once, and how large it is only when something would lie behind the end that was last known.
    """

    __slots__ = ("_at", "_base", "_context", "_kept", "_size", "found")

    def __init__(self, context: int) -> None:
        """Stand for the memory of a store's instance, which is not there yet."""
        self.found = False
        self._context = context
        self._base = 0
        self._size = 0  # as last known
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

    def _known(self) -> int:
        """Look how large it is by now."""
        if self._at:
            self._size = abi.memory_size(self._context, self._at)
        return self._size

    def has(self, at: int, size: int) -> bool:
        """Return whether there are `size` bytes from `at` on."""
        return at + size <= self._size or at + size <= self._known()

    def read(self, at: int, size: int) -> bytes | None:
        """Return a copy of `size` bytes, or None where they are not all in the memory."""
        if at + size > self._size and at + size > self._known():
            return None
        at += self._base
        return abi.SPACE[at : at + size].tobytes()

    def write(self, at: int, data: bytes) -> bool:
        """Write `data`; returns whether there was room for all, else writes nothing."""
        size = len(data)
        if at + size > self._size and at + size > self._known():
            return False
        at += self._base
        abi.SPACE[at : at + size] = data
        return True

    def get(self, layout: struct.Struct, at: int) -> tuple[Any, ...] | None:
        """Return what lies at an address, or None where it is not all in the memory."""
        if at + layout.size > self._size and at + layout.size > self._known():
            return None
        return layout.unpack_from(abi.SPACE, self._base + at)

    def regions(self, at: int, count: int) -> list[tuple[int, int]] | None:
        """Return the regions that a table of `count` addresses and sizes tells of, but for empty ones.

        Where the table or any of them is not all in the memory, it returns None.
        """
        end = at + count * _REGION.size
        if end > self._size and end > self._known():
            return None
        found = []
        for region in _REGION.iter_unpack(abi.SPACE[self._base + at : self._base + end]):
            address, size = region
            if address + size > self._size and address + size > self._known():
                return None
            if size:
                found.append(region)
        return found

    def put(self, layout: struct.Struct, at: int, value: Any) -> bool:
        """Write one value; returns whether there was room for it, else writes nothing."""
        if at + layout.size > self._size and at + layout.size > self._known():
            return False
        layout.pack_into(abi.SPACE, self._base + at, value)
        return True

    def view(self, at: int, size: int) -> memoryview | None:
        """Return the bytes themselves, or None where they are not all in the memory.

        The view leads nowhere once the store has ended: whoever asks for it releases it before anything is
        awaited, and hands it to nobody who may keep it.
        """
        if at + size > self._size and at + size > self._known():
            return None
        at += self._base
        return abi.SPACE[at : at + size]
