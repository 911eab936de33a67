"""Which error has which exit code. To know them all is to import all of capwit: only a failure needs it."""

from __future__ import annotations

from typing import Final

from capwit.audit import LedgerError
from capwit.bridge.errors import (
    CapError,
    EngineError,
    GrantError,
    InstanceEnded,
    LimitExceeded,
    LinkError,
    LoadError,
    ManifestError,
    Trap,
)
from capwit.codegen.errors import GenerateError, WriteError
from capwit.preview2.errors import NotGrantedError
from capwit.program import ListenError, ProgramError

from . import exits
from .errors import AddressError, OutputError, UsageError
from .toolchains.errors import BuildError

# The first class that an error is an instance of decides.
_CODES: Final[tuple[tuple[type[Exception], int], ...]] = (
    (UsageError, exits.USAGE),
    (AddressError, exits.UNAVAILABLE),
    (OutputError, exits.OUTPUT),
    (LedgerError, exits.BAD_INPUT),
    (ProgramError, exits.PROGRAM),
    (ListenError, exits.UNAVAILABLE),
    (ManifestError, exits.BAD_MANIFEST),
    (GrantError, exits.NOT_GRANTED),
    (LoadError, exits.BAD_INPUT),
    (LinkError, exits.BAD_INPUT),
    (LimitExceeded, exits.LIMIT),
    (NotGrantedError, exits.NOT_GRANTED),
    (Trap, exits.TRAPPED),
    (InstanceEnded, exits.TRAPPED),
    (CapError, exits.PROGRAM),
    (EngineError, exits.INTERNAL),
    (WriteError, exits.OUTPUT),
    (GenerateError, exits.BAD_INPUT),
)


def exit_code(error: Exception) -> int | None:
    """Return the exit code of an error, or None where it is none that capwit raises on purpose."""
    if isinstance(error, BuildError):
        return error.exit_code
    return next((code for kind, code in _CODES if isinstance(error, kind)), None)
