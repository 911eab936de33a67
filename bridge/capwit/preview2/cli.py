"""`wasi:cli`: arguments, environment, standard streams, exit.

Source: https://github.com/WebAssembly/WASI/tree/main/proposals/cli
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final, NoReturn

from capwit.bridge.errors import GuestExit
from capwit.caps.environment import environment
from capwit.caps.streams import TerminalSessionClient
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


class TerminalInput:
    """That standard input is a terminal: there is nothing to call."""

    wit_resource: ClassVar = "wasi:cli/terminal-input.terminal-input"


class TerminalOutput:
    """That standard output or error is a terminal."""

    wit_resource: ClassVar = "wasi:cli/terminal-output.terminal-output"


async def _is_terminal(stream: object) -> bool:
    return isinstance(stream, TerminalSessionClient) and await stream.is_terminal()


async def _terminal_stdin(grants: WasiGrants) -> TerminalInput | None:
    return TerminalInput() if await _is_terminal(grants.stdin) else None


async def _terminal_stdout(grants: WasiGrants) -> TerminalOutput | None:
    return TerminalOutput() if await _is_terminal(grants.stdout) else None


async def _terminal_stderr(grants: WasiGrants) -> TerminalOutput | None:
    return TerminalOutput() if await _is_terminal(grants.stderr or grants.stdout) else None


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
    "wasi:cli/terminal-stdin": {"get-terminal-stdin": _terminal_stdin},
    "wasi:cli/terminal-stdout": {"get-terminal-stdout": _terminal_stdout},
    "wasi:cli/terminal-stderr": {"get-terminal-stderr": _terminal_stderr},
    "wasi:cli/exit": {"exit": _exit, "exit-with-code": _exit_with_code},
}
