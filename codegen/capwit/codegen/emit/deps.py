"""The packages that generated WIT needs of others: capwit's errors, and resources that WIT knows.

Of WASI's streams the whole package is known; of any other package its interfaces hold the resources that the
schema names, and nothing else. A toolchain that has the package itself takes its own in place of it.
"""

from __future__ import annotations

from importlib.resources import files as resources
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from capwit.codegen.base.names import text_label
from capwit.codegen.schema.annotations import Wit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capwit.codegen import model

_KNOWN: Final = {"wasi:io": "wasi-io.wit"}
"""Packages whose text is known, as of any version; the line that names the package is its first."""


def errors_wit() -> str:
    """The package `capwit:bridge`, which every generated package uses."""
    return _own("errors.wit")


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
        return head + _own(_KNOWN[name]).partition("\n")[2]
    blocks = []
    for interface, named in interfaces.items():
        label = interface.partition("/")[2].partition("@")[0]
        lines = "\n\n".join(f"  resource {text_label(each)};" for each in named)
        blocks.append(f"\ninterface {text_label(label)} {{\n{lines}\n}}\n")
    return head + "".join(blocks)


def _own(name: str) -> str:
    """A text that lies beside this module."""
    return resources("capwit.codegen.emit").joinpath(name).read_text("utf-8")
