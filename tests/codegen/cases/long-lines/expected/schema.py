"""Host bindings for `case:long-lines@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from capwit.bridge import binding as wit
from capwit.bridge.binding import MaybeAwaitable

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class AVeryLongNameForAStructTheFirstOfSeveralAlternatives:
    """`the-first-of-several-alternatives` of `AVeryLongNameForAStruct`."""

    value: Sequence[AnotherVeryLongNameForAStruct]


@dataclass(frozen=True, slots=True)
class AVeryLongNameForAStructTheSecondOfSeveralAlternatives:
    """`the-second-of-several-alternatives` of `AVeryLongNameForAStruct`."""

    value: Sequence[AnotherVeryLongNameForAStruct]


@dataclass(frozen=True, slots=True)
class AVeryLongNameForAStructTheThirdOfSeveralAlternatives:
    """`the-third-of-several-alternatives` of `AVeryLongNameForAStruct`."""


AVeryLongNameForAStruct: TypeAlias = (
    AVeryLongNameForAStructTheFirstOfSeveralAlternatives
    | AVeryLongNameForAStructTheSecondOfSeveralAlternatives
    | AVeryLongNameForAStructTheThirdOfSeveralAlternatives
)


@dataclass(frozen=True, slots=True)
class AnotherVeryLongNameForAStruct:
    text: str


@dataclass(frozen=True, slots=True)
class AnInterfaceWithALongNameMethodWithALongNameAndALongResultResults:
    """What `method-with-a-long-name-and-a-long-result` of `an-interface-with-a-long-name` returns."""

    one: Sequence[AnotherVeryLongNameForAStruct]
    two: AVeryLongNameForAStruct


class AnInterfaceWithALongName(Protocol):
    def method_with_many_parameters(
        self,
        first: AnotherVeryLongNameForAStruct,
        second: Sequence[AnotherVeryLongNameForAStruct],
        third: int,
    ) -> MaybeAwaitable[Sequence[AnotherVeryLongNameForAStruct]]: ...

    def method_with_a_long_name_and_a_long_result(
        self,
    ) -> MaybeAwaitable[AnInterfaceWithALongNameMethodWithALongNameAndALongResultResults]: ...


class AnInterfaceWithAnEvenLongerNameThanThatOne(Protocol):
    def own(self) -> MaybeAwaitable[AnInterfaceWithALongName]: ...


class AnInterfaceWithALongNameClient(wit.Client):
    """`AnInterfaceWithALongName`, wherever it lives."""

    async def method_with_many_parameters(
        self,
        first: AnotherVeryLongNameForAStruct,
        second: Sequence[AnotherVeryLongNameForAStruct],
        third: int,
    ) -> Sequence[AnotherVeryLongNameForAStruct]:
        return await self._call(
            _AN_INTERFACE_WITH_A_LONG_NAME_METHOD_WITH_MANY_PARAMETERS,
            first,
            second,
            third,
        )

    async def method_with_a_long_name_and_a_long_result(
        self,
    ) -> AnInterfaceWithALongNameMethodWithALongNameAndALongResultResults:
        return await self._call(_AN_INTERFACE_WITH_A_LONG_NAME_METHOD_WITH_A_LONG_NAME_AND_A_LONG_RESULT)


class AnInterfaceWithAnEvenLongerNameThanThatOneClient(wit.Client):
    """`AnInterfaceWithAnEvenLongerNameThanThatOne`, wherever it lives."""

    async def own(self) -> AnInterfaceWithALongNameClient:
        return await self._call(_AN_INTERFACE_WITH_AN_EVEN_LONGER_NAME_THAN_THAT_ONE_OWN)


# The bridge's tables: WIT names and types.
AN_INTERFACE_WITH_A_LONG_NAME = wit.Interface(
    AnInterfaceWithALongNameClient,
    "case:long-lines/schema@0.1.0",
    "an-interface-with-a-long-name",
    0xF1563758380539F2,
)
AN_INTERFACE_WITH_AN_EVEN_LONGER_NAME_THAN_THAT_ONE = wit.Interface(
    AnInterfaceWithAnEvenLongerNameThanThatOneClient,
    "case:long-lines/schema@0.1.0",
    "an-interface-with-an-even-longer-name-than-that-one",
    0xA34B69A51728B2CE,
)
ANOTHER_VERY_LONG_NAME_FOR_A_STRUCT = wit.Record(
    (wit.Field("text", wit.STRING, "text"),),
    AnotherVeryLongNameForAStruct,
    "another-very-long-name-for-a-struct",
)
A_VERY_LONG_NAME_FOR_A_STRUCT = wit.Variant(
    (
        wit.Case(
            "the-first-of-several-alternatives",
            wit.List(ANOTHER_VERY_LONG_NAME_FOR_A_STRUCT),
            AVeryLongNameForAStructTheFirstOfSeveralAlternatives,
        ),
        wit.Case(
            "the-second-of-several-alternatives",
            wit.List(ANOTHER_VERY_LONG_NAME_FOR_A_STRUCT),
            AVeryLongNameForAStructTheSecondOfSeveralAlternatives,
        ),
        wit.Case(
            "the-third-of-several-alternatives",
            None,
            AVeryLongNameForAStructTheThirdOfSeveralAlternatives,
        ),
    ),
    "a-very-long-name-for-a-struct",
)
AN_INTERFACE_WITH_A_LONG_NAME_METHOD_WITH_A_LONG_NAME_AND_A_LONG_RESULT_RESULTS = wit.Record(
    (
        wit.Field("one", wit.List(ANOTHER_VERY_LONG_NAME_FOR_A_STRUCT), "one"),
        wit.Field("two", A_VERY_LONG_NAME_FOR_A_STRUCT, "two"),
    ),
    AnInterfaceWithALongNameMethodWithALongNameAndALongResultResults,
    "an-interface-with-a-long-name-method-with-a-long-name-and-a-long-result-results",
)
_AN_INTERFACE_WITH_A_LONG_NAME_METHOD_WITH_MANY_PARAMETERS: wit.Method[
    Sequence[AnotherVeryLongNameForAStruct]
] = AN_INTERFACE_WITH_A_LONG_NAME.method(
    "method-with-many-parameters",
    "method_with_many_parameters",
    {
        "first": ANOTHER_VERY_LONG_NAME_FOR_A_STRUCT,
        "second": wit.List(ANOTHER_VERY_LONG_NAME_FOR_A_STRUCT),
        "third": wit.U64,
    },
    wit.List(ANOTHER_VERY_LONG_NAME_FOR_A_STRUCT),
)
_AN_INTERFACE_WITH_A_LONG_NAME_METHOD_WITH_A_LONG_NAME_AND_A_LONG_RESULT: wit.Method[
    AnInterfaceWithALongNameMethodWithALongNameAndALongResultResults
] = AN_INTERFACE_WITH_A_LONG_NAME.method(
    "method-with-a-long-name-and-a-long-result",
    "method_with_a_long_name_and_a_long_result",
    {},
    AN_INTERFACE_WITH_A_LONG_NAME_METHOD_WITH_A_LONG_NAME_AND_A_LONG_RESULT_RESULTS,
)
_AN_INTERFACE_WITH_AN_EVEN_LONGER_NAME_THAN_THAT_ONE_OWN: wit.Method[AnInterfaceWithALongNameClient] = (
    AN_INTERFACE_WITH_AN_EVEN_LONGER_NAME_THAN_THAT_ONE.method(
        "own",
        "own",
        {},
        AN_INTERFACE_WITH_A_LONG_NAME.own,
    )
)
BINDINGS = wit.Bindings(
    package="case:long-lines@0.1.0",
    interface="schema",
    interfaces=(AN_INTERFACE_WITH_A_LONG_NAME, AN_INTERFACE_WITH_AN_EVEN_LONGER_NAME_THAN_THAT_ONE),
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xBE13D3D5E57E9126),
)
