"""What can be wrong with a record of a ledger."""

from __future__ import annotations

from capwit.bridge.errors import EngineError


class LedgerError(EngineError):
    """A file that is no record of a ledger: the message has the file and the line."""
