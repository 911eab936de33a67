"""Compiling: in a child process with limits, so that neither the event loop nor the host suffers.

Run as a module it is that child: `python -m capwit.engine.compiler INPUT OUTPUT`.
"""

from __future__ import annotations

import asyncio
import ctypes
import hashlib
import platform
import resource
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from . import abi
from .errors import LoadError
from .runtime import SETTINGS, Runtime, make_engine

if TYPE_CHECKING:
    from .cache import CompileCache

# Smaller components are compiled here: starting a child would take longer than they do.
_SMALL: Final = 16 * 1024
_SECONDS: Final = 300
_BYTES: Final = 8 * 2**30  # of address space


class Compiled:
    """A component's compiled code, in one engine."""

    def __init__(self, pointer: int, runtime: Runtime) -> None:
        """Own the code at an address."""
        self.pointer = pointer
        self._runtime = runtime  # the engine outlives its code
        self._delete = abi.component_delete

    def __del__(self) -> None:
        """Let the code go; instances in it keep their own reference."""
        self._delete(self.pointer)


def cache_key(binary: bytes) -> str:
    """Return what compiled code depends on, as one hash."""
    digest = hashlib.sha256(f"{abi.PINNED} {SETTINGS} {platform.machine()} ".encode())
    digest.update(binary)
    return digest.hexdigest()


class Compiler:
    """Compiles components for one runtime, each once."""

    def __init__(self, runtime: Runtime, cache: CompileCache | None) -> None:
        """Use a runtime, and a cache on disk where there is one."""
        self._runtime = runtime
        self._cache = cache
        self._known: dict[str, Compiled] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def compile(self, binary: bytes, name: str) -> Compiled:
        """Return the compiled code of a component.

        Raises:
            LoadError: wasmtime refuses it, or it takes too long or too much memory.
        """
        key = cache_key(binary)
        async with self._locks.setdefault(key, asyncio.Lock()):
            known = self._known.get(key)
            if known is None:
                known = self._known[key] = await self._compile(binary, key, name)
        return known

    async def _compile(self, binary: bytes, key: str, name: str) -> Compiled:
        if self._cache is None or len(binary) < _SMALL:
            return await asyncio.to_thread(self._compile_here, binary, name)
        path = await asyncio.to_thread(self._cache.find, key)
        if path is not None:
            try:
                return self._map(path, name)
            except LoadError:  # of another build of wasmtime, or for another processor
                self._cache.forget(path)
        source, target = self._cache.scratch(), self._cache.scratch()
        try:
            await asyncio.to_thread(source.write_bytes, binary)
            await asyncio.to_thread(_compile_in_child, source, target, name)
            return self._map(await asyncio.to_thread(self._cache.store, key, target), name)
        finally:
            source.unlink(missing_ok=True)
            target.unlink(missing_ok=True)

    def _compile_here(self, binary: bytes, name: str) -> Compiled:
        pointer = ctypes.c_void_p()
        error = abi.component_new(self._runtime.engine, binary, len(binary), ctypes.addressof(pointer))
        if error:
            raise _refused(name, abi.take_error(error))
        return Compiled(pointer.value or 0, self._runtime)

    def _map(self, path: Path, name: str) -> Compiled:
        pointer = ctypes.c_void_p()
        error = abi.component_deserialize_file(
            self._runtime.engine, str(path).encode(), ctypes.addressof(pointer)
        )
        if error:
            raise _refused(name, abi.take_error(error))
        return Compiled(pointer.value or 0, self._runtime)


def _refused(name: str, message: str) -> LoadError:
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    reason = lines[-1].removeprefix("0: ") if lines else "no reason given"
    return LoadError(f"{name}: wasmtime refuses the component: {reason}")


def _compile_in_child(source: Path, target: Path, name: str) -> None:
    command = [sys.executable, "-P", "-m", "capwit.engine.compiler", str(source), str(target)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_SECONDS, check=False, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        raise LoadError(f"{name}: compiling took more than {_SECONDS} s, and was stopped") from None
    if done.returncode == 1:
        raise _refused(name, done.stderr)
    if done.returncode != 0:
        words = done.stderr.strip().splitlines()
        raise LoadError(
            f"{name}: the compiler died (status {done.returncode}): {words[-1] if words else 'it said nothing'}. "
            f"It may use {_BYTES >> 30} GiB of address space and {_SECONDS} s"
        )


def _child(source: Path, target: Path) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (_BYTES, _BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    engine = make_engine()
    binary = source.read_bytes()
    pointer = ctypes.c_void_p()
    code = (ctypes.c_size_t * 2)()
    address = ctypes.cast(engine.ptr(), ctypes.c_void_p).value
    error = abi.component_new(address, binary, len(binary), ctypes.addressof(pointer))
    error = error or abi.component_serialize(pointer.value, ctypes.addressof(code))
    if error:
        sys.stderr.write(abi.take_error(error))
        return 1
    with target.open("wb") as file:
        file.write((ctypes.c_char * code[0]).from_address(code[1]))
    return 0


if __name__ == "__main__":
    raise SystemExit(_child(Path(sys.argv[1]), Path(sys.argv[2])))
