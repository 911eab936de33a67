"""What a console starts: the command line, which may be interrupted while it is imported, too."""

from __future__ import annotations

import sys

from . import exits


def start() -> int:
    """Run the command line, and return its exit code."""
    try:
        from .main import main

        return main()
    except KeyboardInterrupt:
        sys.stderr.write("capwit: interrupted\n")
        return exits.INTERRUPTED
