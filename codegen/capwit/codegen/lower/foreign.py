"""Resources that WIT knows already: `$Wit.resource` on an interface, and the packages that define them.

Of WASI's streams the whole package is known; of any other package its interfaces hold the resources that the
schema names, and nothing else. A toolchain that has the package itself takes its own in place of it.
"""

from __future__ import annotations

import re
from importlib.resources import files as resources
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from capwit.codegen import model
from capwit.codegen.base import names
from capwit.codegen.base.names import text_label
from capwit.codegen.schema.annotations import Wit
from capwit.codegen.schema.nodes import Pointer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capwit.codegen.schema.nodes import Interface, Node, Schema

_INTERFACE: Final = re.compile(
    rf"(?P<package>{names.LABEL.pattern}:{names.LABEL.pattern})/(?P<label>{names.LABEL.pattern})"
    r"(?P<version>@(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}(-[0-9A-Za-z.-]+)?)?"
)
_KNOWN: Final = {"wasi:io": "wasi-io.wit"}
"""Packages whose text is known, as of any version; the line that names the package is its first."""


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


def foreign_files(whole: model.Model) -> Mapping[PurePosixPath, str]:
    """The packages of all foreign resources, below the output folder. Raises `GenerateError`."""
    packages: dict[str, dict[str, dict[str, None]]] = {}  # package -> interface -> its resources
    versions: dict[str, model.Resource] = {}
    for package in whole.packages:
        for resource in package.resources:
            if not (foreign := resource.foreign):
                continue
            name = foreign.package.partition("@")[0]
            first = versions.setdefault(name, resource).foreign
            if first and first.package != foreign.package:
                message = f"it is of {foreign.package}, and another resource of {first.package}"
                raise whole.schema.error(resource.key.node, "", message, "name one version of the package")
            if any(name == each.name for each in whole.packages):
                message = f"it is said to be of {foreign.package}, which this schema defines itself"
                raise whole.schema.error(resource.key.node, "", message, f"take {Wit.RESOURCE} away")
            interfaces = packages.setdefault(foreign.package, {})
            interfaces.setdefault(foreign.interface, {})[foreign.name] = None
    return {
        PurePosixPath("wit", "deps", name.replace(":", "-"), f"{name.partition(':')[2]}.wit"): text
        for name, text in ((each.partition("@")[0], _text(each, given)) for each, given in packages.items())
    }


def _text(package: str, interfaces: Mapping[str, Mapping[str, None]]) -> str:
    """The text of a package."""
    name, at, version = package.partition("@")
    head = f"package {':'.join(map(text_label, name.split(':')))}{at}{version};\n"
    if name in _KNOWN:
        return (
            head
            + resources("capwit.codegen.emit").joinpath(_KNOWN[name]).read_text("utf-8").partition("\n")[2]
        )
    blocks = []
    for interface, named in interfaces.items():
        label = interface.partition("/")[2].partition("@")[0]
        lines = "\n\n".join(f"  resource {text_label(each)};" for each in named)
        blocks.append(f"\ninterface {text_label(label)} {{\n{lines}\n}}\n")
    return head + "".join(blocks)
