"""Host bindings for `case:open@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

from capwit.bridge import binding as wit
from capwit.bridge.binding import MaybeAwaitable

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class LevelLow:
    """A whisper."""


@dataclass(frozen=True, slots=True)
class LevelHigh:
    """`high` of `Level`."""


@dataclass(frozen=True, slots=True)
class LevelUnknown:
    """One that the schema does not name, by its number."""

    value: int


Level: TypeAlias = LevelLow | LevelHigh | LevelUnknown
"""How loud."""


@dataclass(frozen=True, slots=True)
class EventWhatStarted:
    """`started` of `EventWhat`."""

    value: str


@dataclass(frozen=True, slots=True)
class EventWhatStopped:
    """`stopped` of `EventWhat`."""


@dataclass(frozen=True, slots=True)
class EventWhatUnknown:
    """One that the schema does not name, by its number."""

    value: int


EventWhat: TypeAlias = EventWhatStarted | EventWhatStopped | EventWhatUnknown


@dataclass(frozen=True, slots=True)
class Event:
    level: Level
    """Defaults to `high`."""
    what: EventWhat


@dataclass(frozen=True, slots=True)
class ShapeCircle:
    """`circle` of `Shape`."""

    value: float


@dataclass(frozen=True, slots=True)
class ShapeSquare:
    """`square` of `Shape`."""

    value: float


@dataclass(frozen=True, slots=True)
class ShapeUnknown:
    """One that the schema does not name, by its number."""

    value: int


Shape: TypeAlias = ShapeCircle | ShapeSquare | ShapeUnknown


@dataclass(frozen=True, slots=True)
class SizedWhichSmall:
    """`small` of `SizedWhich`."""


@dataclass(frozen=True, slots=True)
class SizedWhichLarge:
    """`large` of `SizedWhich`."""

    value: int


@dataclass(frozen=True, slots=True)
class SizedWhichUnknown:
    """One that the schema does not name, by its number."""

    value: int


SizedWhich: TypeAlias = SizedWhichSmall | SizedWhichLarge | SizedWhichUnknown
"""Which of the members of `sized` is set."""


@dataclass(frozen=True, slots=True)
class Sized:
    name: str
    which: SizedWhich


@dataclass(frozen=True, slots=True)
class GroupedInnerWhichB:
    """`b` of `GroupedInnerWhich`."""


@dataclass(frozen=True, slots=True)
class GroupedInnerWhichC:
    """`c` of `GroupedInnerWhich`."""


@dataclass(frozen=True, slots=True)
class GroupedInnerWhichUnknown:
    """One that the schema does not name, by its number."""

    value: int


GroupedInnerWhich: TypeAlias = GroupedInnerWhichB | GroupedInnerWhichC | GroupedInnerWhichUnknown
"""Which of the members of `grouped-inner` is set."""


@dataclass(frozen=True, slots=True)
class GroupedInner:
    a: str
    which: GroupedInnerWhich


@dataclass(frozen=True, slots=True)
class Grouped:
    inner: GroupedInner


class Log(Protocol):
    def write(self, event: Event, level: Level) -> MaybeAwaitable[Shape]: ...


class LogClient(wit.Client):
    """`Log`, wherever it lives."""

    async def write(self, event: Event, level: Level) -> Shape:
        return await self._call(_LOG_WRITE, event, level)


LOUDEST: Final = LevelHigh()


# The bridge's tables: WIT names and types.
LOG = wit.Interface(LogClient, "case:open/schema@0.1.0", "log", 0xCE0036528DE9F6BF)
LEVEL = wit.Variant(
    (
        wit.Case("low", None, LevelLow),
        wit.Case("high", None, LevelHigh),
        wit.Case("unknown", wit.U16, LevelUnknown),
    ),
    "level",
)
EVENT_WHAT = wit.Variant(
    (
        wit.Case("started", wit.STRING, EventWhatStarted),
        wit.Case("stopped", None, EventWhatStopped),
        wit.Case("unknown", wit.U16, EventWhatUnknown),
    ),
    "event-what",
)
EVENT = wit.Record(
    (wit.Field("level", LEVEL, "level"), wit.Field("what", EVENT_WHAT, "what")),
    Event,
    "event",
)
SHAPE = wit.Variant(
    (
        wit.Case("circle", wit.F64, ShapeCircle),
        wit.Case("square", wit.F64, ShapeSquare),
        wit.Case("unknown", wit.U16, ShapeUnknown),
    ),
    "shape",
)
SIZED_WHICH = wit.Variant(
    (
        wit.Case("small", None, SizedWhichSmall),
        wit.Case("large", wit.U8, SizedWhichLarge),
        wit.Case("unknown", wit.U16, SizedWhichUnknown),
    ),
    "sized-which",
)
SIZED = wit.Record(
    (wit.Field("name", wit.STRING, "name"), wit.Field("which", SIZED_WHICH, "which")),
    Sized,
    "sized",
)
GROUPED_INNER_WHICH = wit.Variant(
    (
        wit.Case("b", None, GroupedInnerWhichB),
        wit.Case("c", None, GroupedInnerWhichC),
        wit.Case("unknown", wit.U16, GroupedInnerWhichUnknown),
    ),
    "grouped-inner-which",
)
GROUPED_INNER = wit.Record(
    (wit.Field("a", wit.STRING, "a"), wit.Field("which", GROUPED_INNER_WHICH, "which")),
    GroupedInner,
    "grouped-inner",
)
GROUPED = wit.Record((wit.Field("inner", GROUPED_INNER, "inner"),), Grouped, "grouped")
_LOG_WRITE: wit.Method[Shape] = LOG.method("write", "write", {"event": EVENT, "level": LEVEL}, SHAPE)
BINDINGS = wit.Bindings(
    package="case:open@0.1.0",
    interface="schema",
    interfaces=(LOG,),
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xA348F99874421257),
)
