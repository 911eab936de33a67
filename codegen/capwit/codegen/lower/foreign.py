"""Resources that WIT knows already: `$Wit.resource` on an interface."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from capwit.codegen import model
from capwit.codegen.base import names
from capwit.codegen.schema.annotations import Wit
from capwit.codegen.schema.nodes import Pointer

if TYPE_CHECKING:
    from capwit.codegen.schema.nodes import Interface, Node, Schema

_INTERFACE: Final = re.compile(
    rf"(?P<package>{names.LABEL.pattern}:{names.LABEL.pattern})/(?P<label>{names.LABEL.pattern})"
    r"(?P<version>@(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}(-[0-9A-Za-z.-]+)?)?"
)


def foreign_resource(schema: Schema, node: Node, body: Interface) -> model.Foreign | None:
    """The resource that an interface is, if it is one that WIT knows already. Raises `GenerateError`."""
    if Wit.RESOURCE not in node.annotations:
        return None
    given = node.annotations[Wit.RESOURCE]
    told = given.plain if isinstance(given, Pointer) and given.plain else {}
    interface, name = told.get("interface", ""), told.get("name", "")
    if not _INTERFACE.fullmatch(interface) or not names.LABEL.fullmatch(name):
        message = f"{interface!r} and {name!r} do not name a resource"
        mend = (
            f'name it like this: {Wit.RESOURCE}(interface = "wasi:io/streams@0.2.0", name = "input-stream")'
        )
        raise schema.error(node.id, "", message, mend)
    own = "its methods are those that WIT gives it"
    if body.methods:
        message = f"{node.name} is a resource of WIT's: {own}"
        raise schema.error(node.id, body.methods[0].name, message, "take it away")
    if body.superclasses:
        raise schema.error(node.id, "", f"it is a resource of WIT's: {own}", "let it extend nothing")
    for annotation in (Wit.EXPORTS, Wit.GUEST):
        if annotation in node.annotations:
            message = f"{annotation} means nothing on a resource of WIT's"
            raise schema.error(node.id, "", message, "take one of the two away")
    return model.Foreign(interface, name)
