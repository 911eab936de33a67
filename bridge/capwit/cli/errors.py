"""What only the command line can say."""

from __future__ import annotations

from capwit.bridge.errors import EngineError


class UsageError(EngineError):
    """An option that means nothing: the message names it, and what was expected."""


class OutputError(EngineError):
    """A file that cannot be written: the message names it."""
