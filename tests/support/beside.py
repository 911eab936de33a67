"""A guest beside wasmtime's own host of WASI 0.2: what both make of the same component."""

from __future__ import annotations

import ctypes
import hashlib
import os
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import pytest
import wasmtime
import wasmtime.component
from capwit.bridge import GuestExit, Host
from capwit.caps import (
    HostDirectory,
    Launch,
    MemoryConsole,
    MemoryDirectory,
    MemorySource,
    SystemEntropy,
    SystemTimer,
    SystemWallClock,
)
from capwit.engine.types import Err
from capwit.preview2 import WasiGrants

from tests.support.guests import FOLDER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True)
class Done:
    """What a command did: how it ended, what it printed, and what it left in its folder."""

    code: int
    out: str
    err: str
    files: Mapping[str, bytes | str]


@dataclass(frozen=True)
class Command:
    """What to run: a component, and what it is given."""

    component: Path
    args: Sequence[str] = ()
    env: Mapping[str, str] | None = None
    stdin: bytes = b""
    name: str = "/data"  # of its folder


def left(folder: Path) -> dict[str, bytes | str]:
    """What is in a folder: the content of files, where links lead."""
    return {
        str(path.relative_to(folder)): str(path.readlink()) if path.is_symlink() else path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


async def under_capwit(
    command: Command, folder: Path | None, *, more: Mapping[str, Any] | None = None, **host_options: Any
) -> Done:
    """Run a command on what wasmtime's host has, and `more`; without a folder, on one in memory."""
    out, err = MemoryConsole(4 << 20), MemoryConsole()
    grants = WasiGrants(
        launch=Launch(["program", *command.args], command.env),
        stdin=MemorySource(command.stdin),
        stdout=out,
        stderr=err,
        timer=SystemTimer(),
        wall_clock=SystemWallClock(),
        entropy=SystemEntropy(),
        preopens={command.name: MemoryDirectory() if folder is None else HostDirectory(folder)},
        **(more or {}),
    )
    code = 0
    async with Host(**host_options) as host:
        app = await host.load(command.component)
        run = next(name for name in app.component.exports if name.startswith("wasi:cli/run@"))
        async with app.instantiate(grants) as instance:
            try:
                code = int(isinstance(await instance.call(f"{run}#run"), Err))
            except GuestExit as exit:
                code = exit.code
    assert host.ledger.balance == 0
    return Done(code, out.text, err.text, {} if folder is None else left(folder))


def under_wasmtime(command: Command, folder: Path, scratch: Path, *, network: bool = False) -> Done:
    """Run a command on wasmtime's own WASI, whose streams are files in `scratch`."""
    engine, component = compiled(command.component)
    linker = wasmtime.component.Linker(engine)
    linker.add_wasip2()
    if network:
        linker.add_wasi_http()
    config = wasmtime.WasiConfig()
    config.argv = ["program", *command.args]
    config.env = list((command.env or {}).items())
    config.preopen_dir(str(folder), command.name)
    (scratch / "in").write_bytes(command.stdin)
    config.stdin_file = str(scratch / "in")
    config.stdout_file = str(scratch / "out")
    config.stderr_file = str(scratch / "err")
    if network:
        allow_network(config)
    store = wasmtime.Store(engine)
    store.set_wasi(config)
    if network:
        store.set_wasi_http()
    code = 0
    try:
        instance = linker.instantiate(store, component)
        exported: Any = next(i for v in VERSIONS if (i := instance.get_export_index(store, v)) is not None)
        index: Any = instance.get_export_index(store, "run", exported)
        run: Any = instance.get_func(store, index)
        try:
            answer = run(store)
            code = int(getattr(answer, "tag", "ok") == "err")
        except wasmtime.ExitTrap as exit:
            code = exit.code
    finally:
        store.close()
    return Done(code, (scratch / "out").read_text(), (scratch / "err").read_text(), left(folder))


VERSIONS = [f"wasi:cli/run@0.2.{patch}" for patch in range(13)]


def compiled(path: Path) -> tuple[wasmtime.Engine, wasmtime.component.Component]:
    """Compile a component, once for all runs of the tests, and as quickly as that can be had."""
    config = wasmtime.Config()
    config.cranelift_opt_level = "none"
    engine = wasmtime.Engine(config)
    code = FOLDER / f"{hashlib.sha256(path.read_bytes()).hexdigest()[:16]}-{version('wasmtime')}.cwasm"
    if not code.is_file():
        part = code.with_suffix(f".{os.getpid()}")
        part.write_bytes(wasmtime.component.Component(engine, path.read_bytes()).serialize())
        part.replace(code)
    return engine, wasmtime.component.Component.deserialize_file(engine, str(code))


def allow_network(config: wasmtime.WasiConfig) -> None:
    """Allow sockets and names under wasmtime, whose C API has words for addresses and names alone."""
    wasmtime._bindings.wasi_config_inherit_network(config.ptr())
    before = bytes(_flags(config))
    wasmtime._bindings.wasi_config_allow_ip_name_lookup(config.ptr(), True)
    if version("wasmtime") != "50.0.1" or before != b"\0\0\0" or bytes(_flags(config)) != b"\1\0\0":
        pytest.skip("wasmtime's own host cannot be told to allow sockets: see where 50.0.1 has the flags")
    _flags(config)[:] = [1, 1, 1]


def _flags(config: wasmtime.WasiConfig) -> Any:
    """Return where wasmtime keeps whether names, UDP and TCP are allowed."""
    start = ctypes.cast(config.ptr(), ctypes.c_void_p).value
    assert start is not None
    return (ctypes.c_uint8 * 3).from_address(start + 0x108)
