"""Exit codes of `capwit`.

`capwit run` exits with the guest's own code where the guest ended by itself. The codes of capwit's
own errors follow sysexits.h, and a shell's habit of 128 and a signal's number.
"""

from __future__ import annotations

from typing import Final

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
