"""What can go wrong when a guest is loaded or runs. One root; each says what would mend it."""

from __future__ import annotations

from enum import Enum


class EngineError(Exception):
    """Every error of capwit is one of these.

    Attributes:
        fuel_left: what an instance had left that has failed to start; None where none of it has run.
    """

    fuel_left: int | None = None


class LoadError(EngineError):
    """The file is no component that can run here."""


class LinkError(EngineError):
    """An import that nothing satisfies, or that has another type than what would satisfy it."""


class ConversionError(EngineError):
    """A Python value that does not fit the WIT type: the message has the function and the path."""


class ReentranceError(EngineError):
    """A call into an instance from a capability which that same instance is waiting for."""

    @classmethod
    def of(cls, function: str) -> ReentranceError:
        """Return the error of such a call of `function`."""
        why = "the instance waits for the capability that makes this call, and could never answer"
        return cls(f"{function}: {why}. Mend: make the call from another task, and do not wait for it")


class InstanceEnded(EngineError):  # noqa: N818 - an end is not always an error
    """The instance has trapped, hit a limit, or was closed: it takes no more calls."""


class Trap(InstanceEnded):
    """The guest trapped. `reason` is wasm's own word, `backtrace` the guest's frames."""

    def __init__(self, function: str, reason: str, backtrace: str = "") -> None:
        """Make the error of a trap in `function`."""
        super().__init__(f"{function}: the guest trapped: {reason}")
        self.function = function
        self.reason = reason
        self.backtrace = backtrace


class GuestExit(InstanceEnded):
    """The guest asked to exit, with a code of 0 to 255."""

    def __init__(self, code: int) -> None:
        """Make the end of a guest that exits with `code`."""
        super().__init__(f"the guest exited with code {code}")
        self.code = code


class Limit(Enum):
    """The limits an instance runs under."""

    FUEL = "fuel"
    MEMORY = "memory"
    TABLE = "table"
    INSTANCES = "instances"
    HANDLES = "handles"
    WALL = "wall"
    ARGUMENTS = "arguments"


class LimitExceeded(InstanceEnded):
    """The guest ran into a limit of its instance: `limit` says which."""

    def __init__(self, limit: Limit, message: str) -> None:
        """Make the error of one limit."""
        super().__init__(message)
        self.limit = limit
