"""What only the command line can say."""

from __future__ import annotations

from capwit.bridge.errors import EngineError


class UsageError(EngineError):
    """An option that means nothing: the message names it, and what was expected."""


class AddressError(EngineError):
    """An address that cannot be listened at: the message names it."""


class OutputError(EngineError):
    """A file that cannot be written: the message names it."""
