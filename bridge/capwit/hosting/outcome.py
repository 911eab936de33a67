"""How an instance, or a call of it, has ended: as a value that crosses between processes, and back."""

from __future__ import annotations

import json
import math
import struct
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, assert_never

from capwit.bridge.errors import (
    ConversionError,
    EngineError,
    GuestExit,
    InstanceEnded,
    Limit,
    LimitExceeded,
    LinkError,
    Trap,
)
from capwit.caps import host as schema
from capwit.caps.host import GuestEnd, GuestFailure, GuestOutcome
from capwit.preview2.errors import NotGrantedError

from .errors import ProgramError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from capwit.engine.core import ValueType

_MOST_TEXT: Final = 64 * 1024  # characters of what a guest has a say in
_BITS: Final = {"i32": "<I4x", "i64": "<Q", "f32": "<f4x", "f64": "<d"}


def plain(value: Any) -> Any:
    """Return a value of a WIT type as JSON can say it."""
    match value:
        case float() if not math.isfinite(value):
            return str(value)
        case bytes():
            return {"bytes": value.hex()}
        case dict():
            return {key: plain(item) for key, item in value.items()}
        case list() | tuple() | frozenset():
            return [plain(item) for item in value]
        case Enum():
            return value.value
        case None | bool() | int() | float() | str():
            return value
        case _:
            return repr(value)


def to_bits(types: Sequence[ValueType], values: Sequence[int | float]) -> list[int]:
    """Return a core function's arguments or results as the bits of their types.

    Raises:
        ConversionError: they are not of those types.
    """
    try:
        packed = [struct.pack(_BITS[type.value], value) for type, value in zip(types, values, strict=True)]
    except (struct.error, ValueError) as error:
        raise ConversionError(
            f"expected {', '.join(each.value for each in types) or 'none'}: {error}"
        ) from None
    return [int.from_bytes(each, "little") for each in packed]


def of_bits(types: Sequence[ValueType], bits: Sequence[int]) -> list[int | float]:
    """Return the values that some bits stand for: integers are unsigned.

    Raises:
        ConversionError: there are not as many.
    """
    if len(types) != len(bits):
        raise ConversionError(f"expected {len(types)} numbers, got {len(bits)}")
    return [
        struct.unpack(_BITS[type.value], each.to_bytes(8, "little"))[0]
        for type, each in zip(types, bits, strict=True)
    ]


def ended_by(error: EngineError) -> GuestOutcome:
    """Return the outcome that an error is."""
    if isinstance(error, GuestExit):
        return schema.GuestOutcomeExited(error.code)
    return schema.GuestOutcomeFailed(GuestFailure(_cut(str(error)), _how(error)))


def _how(error: EngineError) -> GuestEnd:
    match error:
        case Trap():
            return schema.GuestEndTrap(
                schema.GuestTrap(_cut(error.function), _cut(error.reason), _cut(error.backtrace))
            )
        case LimitExceeded():
            return schema.GuestEndLimit(error.limit.value)
        case NotGrantedError():
            return schema.GuestEndNotGranted()
        case InstanceEnded():
            return schema.GuestEndClosed()
        case ProgramError():
            return schema.GuestEndProgram(json.dumps(plain(error.error)))
        case LinkError():
            return schema.GuestEndUnlinked()
        case _:
            return schema.GuestEndOther()


def error_of(outcome: GuestOutcome) -> EngineError | None:
    """Return the error that an outcome stands for; None where it is none."""
    match outcome:
        case schema.GuestOutcomeReturned() | schema.GuestOutcomeNumbers():
            return None
        case schema.GuestOutcomeExited(code):
            return GuestExit(code)
        case schema.GuestOutcomeFailed(failure):
            return _error(failure)
        case _:
            assert_never(outcome)


def _error(failure: GuestFailure) -> EngineError:
    match failure.how:
        case schema.GuestEndTrap(trap):
            return Trap(trap.function, trap.reason, trap.backtrace)
        case schema.GuestEndLimit(name):
            known = next((limit for limit in Limit if limit.value == name), None)
            return InstanceEnded(failure.message) if known is None else LimitExceeded(known, failure.message)
        case schema.GuestEndNotGranted():
            return _with_message(NotGrantedError, failure.message)
        case schema.GuestEndClosed():
            return InstanceEnded(failure.message)
        case schema.GuestEndProgram(value):
            return ProgramError(_of_json(value))
        case schema.GuestEndUnlinked():
            return LinkError(failure.message)
        case schema.GuestEndOther():
            return EngineError(failure.message)
        case _:
            assert_never(failure.how)


def _with_message(make: type[EngineError], message: str) -> EngineError:
    """Return an error whose message was made elsewhere."""
    error = make.__new__(make)
    error.args = (message,)
    return error


def _of_json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def returned(outcome: GuestOutcome) -> Any:
    """Return what a program returned, as JSON has it, or raise the error that it has ended with."""
    error = error_of(outcome)
    if error is not None:
        raise error
    return _of_json(outcome.value) if isinstance(outcome, schema.GuestOutcomeReturned) else None


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_TEXT else f"{text[:_MOST_TEXT]}..."
