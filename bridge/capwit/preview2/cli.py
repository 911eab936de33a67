"""`wasi:cli`: arguments, environment, standard streams, exit.

Source: https://github.com/WebAssembly/WASI/tree/main/proposals/cli
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NoReturn

from capwit.bridge.errors import GuestExit
from capwit.caps.environment import environment
from capwit.engine.types import Ok

from .context import Handler, answer
from .streams import InputStream, OutputStream

if TYPE_CHECKING:
    from .grants import WasiGrants


async def _arguments(grants: WasiGrants) -> list[str]:
    return [] if grants.launch is None else list(await answer(grants.launch.args()))


async def _environment(grants: WasiGrants) -> list[tuple[str, str]]:
    return [(variable.name, variable.value) for variable in await environment(grants)]


def _no_folder(_: WasiGrants) -> None:
    return None


def _stdin(grants: WasiGrants) -> InputStream:
    return InputStream(grants.stdin)


def _stdout(grants: WasiGrants) -> OutputStream:
    return OutputStream(grants.stdout)


def _stderr(grants: WasiGrants) -> OutputStream:
    return OutputStream(grants.stderr or grants.stdout)


def _exit(_: WasiGrants, status: Any) -> NoReturn:
    raise GuestExit(0 if isinstance(status, Ok) else 1)


def _exit_with_code(_: WasiGrants, code: int) -> NoReturn:
    raise GuestExit(code)


HANDLERS: Final[dict[str, dict[str, Handler]]] = {
    "wasi:cli/environment": {
        "get-arguments": _arguments,
        "get-environment": _environment,
        "initial-cwd": _no_folder,
    },
    "wasi:cli/stdin": {"get-stdin": _stdin},
    "wasi:cli/stdout": {"get-stdout": _stdout},
    "wasi:cli/stderr": {"get-stderr": _stderr},
    "wasi:cli/exit": {"exit": _exit, "exit-with-code": _exit_with_code},
}
