"""What every generated package may use: `any-cap` and `any-value` of `capwit:bridge/errors`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from capwit.codegen.model import Data, Field, Key, ListOf, Names, Own, Package, Record, Resource, Type, named
from capwit.codegen.schema.nodes import SourceFile

ANY_CAP: Final = Key(0, "any-cap")
ANY_VALUE: Final = Key(0, "any-value")

BRIDGE: Final = Package(
    source=SourceFile(0, Path("errors.wit"), "errors.wit"),
    stem="errors",
    module="capwit.bridge.binding",
    generated=False,
    name="capwit:bridge",
    version="0.1.0",
    interface="errors",
    doc="",
    definitions=(
        Resource(
            key=ANY_CAP,
            names=Names("any-cap", "AnyClient"),
            client="AnyClient",
            doc="",
            type_id=0,
            methods=(),
            inherited=(),
            bases=(),
            casts=(),
            declared=True,
            exports=(),
        ),
        Record(
            ANY_VALUE,
            Names("any-value", "AnyValue"),
            "",
            (Field("message", "message", Data(), ""), Field("caps", "caps", ListOf(Own(ANY_CAP)), "")),
        ),
    ),
    grants=(),
    worlds=(),
    constants=(),
)
"""The package as `errors.wit` has it, which every generated one uses."""


def untold(type: Type) -> bool:
    """Whether a type holds a capability whose interface is not told."""
    return named(type) in (ANY_CAP, ANY_VALUE)
