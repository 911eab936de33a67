"""Compiling: in a child process with limits, so that neither the event loop nor the host suffers.

Run as a module it is that child: `python -m capwit.engine.compiler INPUT OUTPUT`.
"""

from __future__ import annotations

import asyncio
import ctypes
import hashlib
import os
import platform
import resource
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from weakref import WeakValueDictionary

from . import abi
from .core import is_core_module
from .errors import LoadError
from .runtime import SETTINGS, Runtime, make_engine

if TYPE_CHECKING:
    from .cache import CompileCache

# Smaller components are compiled here: starting a child would take longer than they do.
_SMALL: Final = 16 * 1024
_SECONDS: Final = 300
_BYTES: Final = 8 * 2**30  # of address space
_SAID: Final = 300  # characters of what a dead child said last
_REFUSED: Final = 3  # the child's status for a component that wasmtime does not take

# Told about once a second what is going on, and for how long already.
Progress: TypeAlias = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Kind:
    """What wasmtime compiles one kind of binary with."""

    what: str
    new: Any
    serialize: Any
    map: Any
    delete: Any


_COMPONENT: Final = _Kind(
    "component",
    abi.component_new,
    abi.component_serialize,
    abi.component_deserialize_file,
    abi.component_delete,
)
_MODULE: Final = _Kind(
    "module", abi.module_new, abi.module_serialize, abi.module_deserialize_file, abi.module_delete
)


def _kind_of(binary: bytes) -> _Kind:
    return _MODULE if is_core_module(binary) else _COMPONENT


class RefusedError(LoadError):
    """What is to be compiled is not valid, or uses what the engine does not have."""


class Compiled:
    """The compiled code of a component or a core module, in one engine."""

    def __init__(self, pointer: int, runtime: Runtime, kind: _Kind) -> None:
        """Own the code at an address."""
        self.pointer = pointer
        self.is_module = kind is _MODULE  # a linker must not be given the other kind: it would not notice
        self._runtime = runtime  # the engine outlives its code
        self._delete = kind.delete

    def __del__(self) -> None:
        """Let the code go; instances in it keep their own reference."""
        self._delete(self.pointer)


def is_quick() -> bool:
    """Return whether large code is to be had soon rather than to run fast: who works on a guest says so."""
    return os.environ.get("CAPWIT_COMPILE") == "quick"


def cache_key(binary: bytes) -> str:
    """Return what compiled code depends on, as one hash."""
    settings = f"{SETTINGS},quick" if is_quick() else SETTINGS
    digest = hashlib.sha256(f"{abi.PINNED} {settings} {platform.machine()} ".encode())
    digest.update(binary)
    return digest.hexdigest()


async def _keyed(binary: bytes) -> str:
    """Return the key; large code is hashed beside the event loop, which it would hold up."""
    return cache_key(binary) if is_small(binary) else await asyncio.to_thread(cache_key, binary)


def is_small(binary: bytes) -> bool:
    """Return whether code is compiled where it runs, and not kept on disk."""
    return len(binary) < _SMALL


class Compiler:
    """Compiles components and core modules for one runtime, each once for as long as somebody has it."""

    def __init__(
        self, runtime: Runtime, cache: CompileCache | None, progress: Progress | None = None
    ) -> None:
        """Use a runtime, and a cache on disk where there is one; `progress` is told of what takes long."""
        self._runtime = runtime
        self._cache = cache
        self._progress = progress
        # Neither is kept: compiled code lives with what runs it, a lock with who waits for it.
        self._known: WeakValueDictionary[str, Compiled] = WeakValueDictionary()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def find(self, binary: bytes, name: str) -> Compiled | None:
        """Return the compiled code of what is compiled already, here or on disk."""
        key = await _keyed(binary)
        known = self._known.get(key)
        if known is None and self._cache is not None and not is_small(binary):
            with suppress(OSError):  # `compile` says what is wrong with the folder
                known = await self._mapped(self._cache, binary, key, name)
        return None if known is None else self._known.setdefault(key, known)

    async def compile(self, binary: bytes, name: str) -> Compiled:
        """Return the compiled code of a component, or of a core module.

        Raises:
            LoadError: wasmtime refuses it, or it takes too long or too much memory.
        """
        key = await _keyed(binary)
        async with self._locks.setdefault(key, asyncio.Lock()):
            known = self._known.get(key)
            if known is None:
                known = self._known[key] = await self._compile(binary, key, name)
        return known

    async def _compile(self, binary: bytes, key: str, name: str) -> Compiled:
        cache = self._cache
        if cache is None or is_small(binary):
            return await asyncio.to_thread(self._compile_here, binary, name)
        try:
            mapped = await self._mapped(cache, binary, key, name)
            return mapped or await self._compile_into(cache, binary, key, name)
        except OSError as error:
            raise LoadError(
                f"{name}: the compile cache {cache.folder} cannot be used: {error}. "
                "Mend: make it a folder of your own, with room in it"
            ) from error

    async def _mapped(self, cache: CompileCache, binary: bytes, key: str, name: str) -> Compiled | None:
        path = await asyncio.to_thread(cache.find, key)
        if path is None:
            return None
        try:
            return self._map(path, name, _kind_of(binary))
        except LoadError:  # of another build of wasmtime, or for another processor
            cache.forget(path)
            return None

    async def _compile_into(self, cache: CompileCache, binary: bytes, key: str, name: str) -> Compiled:
        source, target = cache.scratch(), cache.scratch()
        try:
            await asyncio.to_thread(source.write_bytes, binary)
            await self._compile_in_child(source, target, name, _kind_of(binary))
            compiled = self._map(
                target, name, _kind_of(binary)
            )  # before it is an entry: it stays mapped when it is renamed
            await asyncio.to_thread(cache.store, key, target)
            return compiled
        finally:
            source.unlink(missing_ok=True)
            target.unlink(missing_ok=True)

    async def _compile_in_child(self, source: Path, target: Path, name: str, kind: _Kind) -> None:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "capwit.engine.compiler", str(source), str(target)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is ours to pass on
        )
        told = asyncio.create_task(self._tell(f"compiling {name}"))
        try:
            async with asyncio.timeout(_SECONDS):
                _, output = await child.communicate()
        except TimeoutError:
            raise LoadError(f"{name}: compiling took more than {_SECONDS} s, and was stopped") from None
        finally:
            told.cancel()
            if child.returncode is None:
                child.kill()
                await child.wait()
        words = output.decode("utf-8", "replace")
        if child.returncode == _REFUSED:
            raise _refused(name, kind, words)
        if child.returncode != 0:
            last = words.strip().rpartition("\n")[2][-_SAID:] or "it said nothing"
            raise LoadError(
                f"{name}: the compiler died (status {child.returncode}): {last}. "
                f"It may use {_BYTES >> 30} GiB of address space and {_SECONDS} s"
            )

    async def _tell(self, step: str) -> None:
        started = time.monotonic()
        while self._progress is not None:
            await asyncio.sleep(1)
            self._progress(f"{step}, {time.monotonic() - started:.0f} s")

    def _compile_here(self, binary: bytes, name: str) -> Compiled:
        pointer, kind = ctypes.c_void_p(), _kind_of(binary)
        error = kind.new(self._runtime.engine, binary, len(binary), ctypes.addressof(pointer))
        if error:
            raise _refused(name, kind, abi.take_error(error))
        return Compiled(pointer.value or 0, self._runtime, kind)

    def _map(self, path: Path, name: str, kind: _Kind) -> Compiled:
        pointer = ctypes.c_void_p()
        error = kind.map(self._runtime.engine, str(path).encode(), ctypes.addressof(pointer))
        if error:
            raise _refused(name, kind, abi.take_error(error))
        return Compiled(pointer.value or 0, self._runtime, kind)


def _refused(name: str, kind: _Kind, message: str) -> RefusedError:
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    reason = lines[-1].removeprefix("0: ") if lines else "no reason given"
    return RefusedError(f"{name}: wasmtime refuses the {kind.what}: {reason}")


def _child(source: Path, target: Path) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (_BYTES, _BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    engine = make_engine(quick=is_quick())
    binary = source.read_bytes()
    pointer = ctypes.c_void_p()
    code = (ctypes.c_size_t * 2)()
    address = ctypes.cast(engine.ptr(), ctypes.c_void_p).value
    kind = _kind_of(binary)
    error = kind.new(address, binary, len(binary), ctypes.addressof(pointer))
    error = error or kind.serialize(pointer.value, ctypes.addressof(code))
    if error:
        sys.stderr.write(abi.take_error(error))
        return _REFUSED
    with target.open("wb") as file:
        file.write((ctypes.c_char * code[0]).from_address(code[1]))
    return 0


if __name__ == "__main__":
    raise SystemExit(_child(Path(sys.argv[1]), Path(sys.argv[2])))
