"""Every interface that the cases give, in one component: an encoder is stricter than a parser."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path, PurePosixPath

from capwit.cli.toolchains.wit import WitTree
from capwit.engine.compiler import Compiler
from capwit.engine.component import Interface
from capwit.engine.decode import decode
from capwit.engine.runtime import Runtime

from tests.support.encoder import encoded

ROOT = Path(__file__).parents[2]
CASES = Path(__file__).with_name("cases")

Packages = dict[str, dict[str, None]]  # the texts of each package, by its name


def packages() -> Packages:
    """All packages of the cases, and those that are published."""
    found: Packages = {}
    for path in sorted([*CASES.glob("*/expected/wit/**/*.wit"), *(ROOT / "wit").glob("*/*.wit")]):
        text = path.read_text("utf-8")
        found.setdefault(text.partition(";")[0].removeprefix("package "), {})[text] = None
    return found


def interfaces(found: Packages) -> dict[str, str]:
    """The text of each interface, by its whole name."""
    texts: dict[str, str] = {}
    for package, parts in found.items():
        name, at, version = package.partition("@")
        for part in parts:
            for label, body in re.findall(r"^interface (\S+) \{\n(.*?)^\}", part, re.MULTILINE | re.DOTALL):
                texts[f"{name}/{label}{at}{version}"] = body
    return texts


def is_exported(name: str) -> bool:
    """Whether components implement an interface."""
    return re.search(r"-exports-|-guest-.+-calls@", name) is not None


def world_of_all(found: Packages) -> str:
    """A world `all` that imports every interface, or exports it; each type is used by a function."""
    lines = []
    uses = []
    for index, (name, body) in enumerate(interfaces(found).items()):
        exported = is_exported(name)
        lines.append(f"  {'export' if exported else 'import'} {name};")
        types = re.findall(r"^  (?:record|variant|enum|resource) (%?[a-z0-9-]+)", body, re.MULTILINE)
        if types and not exported:
            given = ", ".join(f"p{place}: {type}" for place, type in enumerate(types))
            uses += [f"interface uses{index} {{", f"  use {name}.{{{', '.join(types)}}};"]
            uses += [f"  take: func({given});", "}"]
            lines.append(f"  import uses{index};")
    return "\n".join(["package test:all;", *uses, "world all {", *lines, "}", ""])


def test_a_component_imports_and_exports_what_every_case_gives(tmp_path: Path) -> None:
    found = packages()
    files = {
        PurePosixPath("deps", re.sub(r"\W", "-", name), f"{index}.wit"): text.encode()
        for name, texts in found.items()
        for index, text in enumerate(texts)
    }
    files[PurePosixPath("all.wit")] = world_of_all(found).encode()
    binary = encoded(WitTree(Path(), files), "all", tmp_path)

    component = decode(binary, "all")
    imported = {name for name, each in component.imports.items() if isinstance(each, Interface)}
    exported = {name for name, each in component.exports.items() if isinstance(each, Interface)}
    given = {name.replace("%", "") for name, body in interfaces(found).items() if body}
    assert {name for name in given if is_exported(name)} == exported
    assert {name for name in given if not is_exported(name)} == {
        name for name in imported if not name.startswith("test:all/")
    }

    async def compiled() -> None:  # wasmtime validates it
        runtime = Runtime()
        try:
            await Compiler(runtime, None).compile(binary, "all")
        finally:
            runtime.close()

    asyncio.run(compiled())
