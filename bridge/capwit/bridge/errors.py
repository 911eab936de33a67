"""How a capability's call fails, and how a grant is refused."""

from __future__ import annotations

from enum import Enum

from capwit.engine.errors import (
    ConversionError,
    EngineError,
    GuestExit,
    InstanceEnded,
    Limit,
    LimitExceeded,
    LinkError,
    LoadError,
    ReentranceError,
    Trap,
)

__all__ = [
    "CapError",
    "ConversionError",
    "EngineError",
    "ErrorKind",
    "GrantError",
    "GuestExit",
    "HandleError",
    "InstanceEnded",
    "Limit",
    "LimitExceeded",
    "LinkError",
    "LoadError",
    "ManifestError",
    "ReentranceError",
    "Trap",
]


class ErrorKind(Enum):
    """The kinds of `capwit:bridge/errors`; the first four are Cap'n Proto's own."""

    FAILED = "failed"
    OVERLOADED = "overloaded"
    DISCONNECTED = "disconnected"
    UNIMPLEMENTED = "unimplemented"
    REVOKED = "revoked"
    DENIED = "denied"
    EXHAUSTED = "exhausted"


class CapError(EngineError):
    """A capability's call failed, and its caller is told how: the `cap-error` of a method's result.

    An implementation raises it to answer; a client raises what the other side answered.
    """

    def __init__(self, kind: ErrorKind, reason: str) -> None:
        """Make the answer; `reason` is for a person to read, and crosses to the guest."""
        super().__init__(f"{kind.value}: {reason}")
        self.kind = kind
        self.reason = reason


class GrantError(EngineError):
    """A grant is missing, or is not of the interface that the import asks for."""


class HandleError(EngineError):
    """A handle that was released, given away, or only lent for a call that is over."""


class ManifestError(EngineError):
    """A manifest that cannot be used: the message has the file and the key."""
