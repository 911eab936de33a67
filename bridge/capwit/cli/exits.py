"""Exit codes of `capwit`, and which error has which.

`capwit run` exits with the guest's own code where the guest ended by itself. The codes of capwit's
own errors follow sysexits.h, and a shell's habit of 128 and a signal's number.
"""

from __future__ import annotations

from typing import Final

from capwit.audit import LedgerError
from capwit.bridge.errors import (
    CapError,
    ConversionError,
    EngineError,
    GrantError,
    HandleError,
    InstanceEnded,
    LimitExceeded,
    LinkError,
    LoadError,
    ManifestError,
    Trap,
)
from capwit.preview2.errors import NotGrantedError
from capwit.program import ProgramError

from .errors import OutputError, UsageError

PROGRAM: Final = 1
USAGE: Final = 2
BAD_INPUT: Final = 65
UNAVAILABLE: Final = 69
INTERNAL: Final = 70
OUTPUT: Final = 74
NOT_GRANTED: Final = 77
BAD_MANIFEST: Final = 78
INTERRUPTED: Final = 130
TRAPPED: Final = 134
LIMIT: Final = 137
BROKEN_PIPE: Final = 141

# The first class that an error is an instance of decides.
_CODES: Final[tuple[tuple[type[Exception], int], ...]] = (
    (UsageError, USAGE),
    (OutputError, OUTPUT),
    (LedgerError, BAD_INPUT),
    (ProgramError, PROGRAM),
    (ManifestError, BAD_MANIFEST),
    (GrantError, NOT_GRANTED),
    (LoadError, BAD_INPUT),
    (LinkError, BAD_INPUT),
    (LimitExceeded, LIMIT),
    (NotGrantedError, NOT_GRANTED),
    (Trap, TRAPPED),
    (InstanceEnded, TRAPPED),
    (CapError, PROGRAM),
    (ConversionError, INTERNAL),
    (HandleError, INTERNAL),
    (EngineError, INTERNAL),
)


def exit_code(error: EngineError) -> int:
    """Return the exit code of an error."""
    return next(code for kind, code in _CODES if isinstance(error, kind))
