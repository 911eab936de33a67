"""Host bindings for `case:groups@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from capwit.bridge import binding as wit

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class PersonPhone:
    number: str


@dataclass(frozen=True, slots=True)
class PersonAddressPlace:
    city: str
    code: int


@dataclass(frozen=True, slots=True)
class PersonAddress:
    """Where they live."""

    street: str
    place: PersonAddressPlace


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody."""

    name: str
    address: PersonAddress
    """Where they live."""
    phones: Sequence[PersonPhone]


# The bridge's tables: WIT names and types.
PERSON_PHONE = wit.Record((wit.Field("number", wit.STRING, "number"),), PersonPhone, "person-phone")
PERSON_ADDRESS_PLACE = wit.Record(
    (wit.Field("city", wit.STRING, "city"), wit.Field("code", wit.U32, "code")),
    PersonAddressPlace,
    "person-address-place",
)
PERSON_ADDRESS = wit.Record(
    (wit.Field("street", wit.STRING, "street"), wit.Field("place", PERSON_ADDRESS_PLACE, "place")),
    PersonAddress,
    "person-address",
)
PERSON = wit.Record(
    (
        wit.Field("name", wit.STRING, "name"),
        wit.Field("address", PERSON_ADDRESS, "address"),
        wit.Field("phones", wit.List(PERSON_PHONE), "phones"),
    ),
    Person,
    "person",
)
BINDINGS = wit.Bindings(
    package="case:groups@0.1.0",
    interface="schema",
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xCED379D418BB8629),
)
