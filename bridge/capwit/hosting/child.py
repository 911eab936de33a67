"""What a child process is: a host whose only way out is one socket."""

from __future__ import annotations

import asyncio
import ctypes
import importlib
import importlib.util
import os
import pkgutil
import resource
import signal
import socket
import sys
from pathlib import Path
from typing import Any, Final, NoReturn

import capwit.bridge as bridge
from capwit.caps import files, host, http, net, standard, store, streams
from capwit.rpc import pair
from capwit.rpc.schema import Schemas

from . import sealed
from .local import Placing

# All of these are imported, also what of them is imported only where it is needed.
_PACKAGES: Final = ("engine", "bridge", "caps", "rpc", "preview1", "preview2")
_PR_SET_PDEATHSIG: Final = 1
_PR_SET_DUMPABLE: Final = 4
_PR_SET_NO_NEW_PRIVS: Final = 38
_LIMITS: Final = {
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_NOFILE: 64,
    resource.RLIMIT_MEMLOCK: 0,
}
_ROOM: Final = 512 << 20  # bytes of memory besides the instance's own: Python, messages, code


def end_with_parent() -> None:
    """Have this process killed once the thread that has forked it has ended."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def run(settings: dict[str, Any], descriptor: int, code: int) -> NoReturn:
    """Be a child, until there is no connection any more.

    `settings`: `cache`, the folder of compiled code; `bindings`, names and files of generated modules;
    `lane`, whether there is a byte lane; `quick`, whether code is compiled to be had soon, by which it is
    found; `memory`, bytes that its instance may have. `code` is a file that has what it runs.
    """
    status = 70
    try:
        end_with_parent()
        wasm = os.pread(code, os.fstat(code).st_size, 0)
        _close_all_but(descriptor)
        _confine(settings["memory"])
        if settings["quick"]:
            os.environ["CAPWIT_COMPILE"] = "quick"
        with socket.socket(fileno=descriptor) as end:
            asyncio.run(_serve(end, settings, wasm))
        status = 0
    except BaseException as error:
        if sys.flags.dev_mode:
            sys.excepthook(type(error), error, error.__traceback__)
    finally:
        os._exit(status)


def _close_all_but(descriptor: int) -> None:
    """Close what has been opened before: pycapnp has folders open that schemas are looked for in."""
    os.closerange(3, descriptor)
    os.closerange(descriptor + 1, os.sysconf("SC_OPEN_MAX"))


def _confine(memory: int) -> None:
    """Give up what an instance does not need of the system."""
    Path("/proc/self/oom_score_adj").write_text(
        "1000", encoding="ascii"
    )  # who goes first, if memory is short
    for limit, value in {**_LIMITS, resource.RLIMIT_DATA: memory + _ROOM}.items():
        _, most = resource.getrlimit(limit)
        least = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.setrlimit(limit, (least, least))
    _prctl(_PR_SET_DUMPABLE, 0)
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, value, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


_libc: Final = ctypes.CDLL(None, use_errno=True)


async def _serve(end: socket.socket, settings: dict[str, Any], wasm: bytes) -> None:
    for name, file in settings["bindings"]:
        _load(name, file)
        Schemas.of(name)
    async with bridge.Host(cache=Path(settings["cache"]), lane=settings["lane"]) as place:
        placing = Placing(place, before_start=sealed.seal, code=wasm)
        async with pair.parent(end, placing.capability(), ledger=place.ledger) as connection:
            await connection.closed()
        os._exit(0)  # nobody is there any more to be told of what goes with it


def prepare() -> None:
    """Read what every child needs: once its instance runs, it opens nothing any more."""
    for name in _PACKAGES:
        package = importlib.import_module(f"capwit.{name}")
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(found.name)
    for module in (files, host, http, net, standard, store, streams):
        Schemas.of(module.__name__)
    place = bridge.Host()
    _ = place.fronts, place.module_fronts  # which are found once for all


def _load(name: str, file: str | None) -> None:
    """Import a generated module by the name that it has where the parent found it."""
    if name in sys.modules:
        return
    if file is None:
        importlib.import_module(name)
        return
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None and spec.loader is not None
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
