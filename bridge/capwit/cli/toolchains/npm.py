"""AssemblyScript and JavaScript guests, by compilers that npm has."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from capwit.cli import exits

from . import child
from .encoder import Encoder, World, encode, find_encoder
from .errors import BuildError, refused
from .recipe import Recipe, key
from .tools import need_file, need_node

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .child import Progress

_ASC: Final = "assemblyscript"
_SHIM: Final = "@assemblyscript/wasi-shim"
_SHIM2: Final = "@bytecodealliance/preview2-shim"
_JCO: Final = "@bytecodealliance/jco"
# Left out of a JavaScript guest, unless its world has them: nobody could grant a request to a program.
_WITHOUT: Final = ("http", "fetch-event")


def assemblyscript_program(source: Path) -> Recipe:
    """Return how to make a wasip1 module of a `.ts` file: AssemblyScript, by `asc` and its WASI shim.

    Raises:
        BuildError: a tool is missing, or the file is.
    """
    node, packages = need_node("AssemblyScript", (_ASC, _SHIM))
    compiler, shim = packages
    # Where it is started is where it looks for packages, and paths out of there must be relative ones.
    config = os.path.relpath(shim.resolve() / "asconfig.json", compiler.parent.resolve().parent)
    return Recipe(_AssemblyScript(need_file(source), node, compiler, ("--config", config)).make)


def assemblyscript_component(source: Path, world: World) -> Recipe:
    """Return how to make a component of a `.ts` file, which names the world's functions itself.

    An export has its function's name; a `transform.mjs` beside it, which asc runs, can give it a world's.

    Raises:
        BuildError: a tool is missing, or the file is.
    """
    node, (package,) = need_node("AssemblyScript", (_ASC,))
    transform = source.with_name("transform.mjs")
    options = ["--use", "abort="]  # which a component has no import for: a trap is one without it
    options += ["--transform", str(transform.resolve())] if transform.is_file() else []
    made = _AssemblyScript(need_file(source), node, package, tuple(options))
    return Recipe(_Component(made, world, find_encoder("an AssemblyScript guest")).make)


def javascript_component(source: Path, world: World) -> Recipe:
    """Return how to make a component of a JavaScript module, by `jco componentize`.

    Raises:
        BuildError: a tool is missing, or the file is.
    """
    node, (package,) = need_node("a JavaScript guest", (_JCO,))
    guest = _JavaScript(need_file(source), world, node, package)
    return Recipe(guest.make, key(guest.dependencies()))


@dataclass(frozen=True, slots=True)
class _AssemblyScript:
    source: Path
    node: str
    compiler: Path
    options: tuple[str, ...]

    def make(self, out: Path, scratch: Path, progress: Progress | None) -> None:
        root = self.compiler.parent.resolve().parent
        source = os.path.relpath(self.source.resolve(), root)
        done = child.run(
            [
                self.node,
                str(self.compiler / "bin" / "asc.js"),
                *self.options,
                "-O",
                "-o",
                str(out.resolve()),
                source,
            ],
            f"compiling {self.source.name} with asc",
            progress,
            folder=root,
        )
        if not done.good:
            told = done.output.replace(source, str(self.source))
            raise refused("asc", self.source, told)


@dataclass(frozen=True, slots=True)
class _Component:
    program: _AssemblyScript
    world: World
    encoder: Encoder

    def make(self, out: Path, scratch: Path, progress: Progress | None) -> None:
        core = scratch / "core.wasm"
        self.program.make(core, scratch, progress)
        encode(self.encoder, core, self.world, out, progress)


@dataclass(frozen=True, slots=True)
class _JavaScript:
    source: Path
    world: World
    node: str
    package: Path

    def dependencies(self) -> Iterator[str | bytes]:
        yield from (_JCO, json.loads((self.package / "package.json").read_bytes())["version"])
        yield from (self.world.name, self.source.read_bytes())
        for path, content in self.world.wit.files.items():
            yield from (str(path), content)

    def make(self, out: Path, scratch: Path, progress: Progress | None) -> None:
        self.world.wit.write(scratch / "wit")
        command = [
            self.node,
            str(self.package / "dist" / "jco.js"),
            "componentize",
            str(self.source.resolve()),
        ]
        command += ["--wit", str(scratch / "wit"), "--world-name", self.world.name, "--out", str(out)]
        command += [each for name in _WITHOUT for each in ("--disable", name)]
        done = child.run(command, f"building {self.source.name} with jco", progress, folder=scratch)
        if not done.good:
            told = done.output.replace(f"{scratch}/", "")
            if "failed to get path metadata" in told:
                raise BuildError(
                    f"jco cannot read files, as with preview2-shim 0.26.1:\n{told}",
                    f'put "overrides": {{"{_SHIM2}": "0.26.0"}} into the package.json where jco is installed',
                    exits.UNAVAILABLE,
                )
            raise BuildError(f"jco refuses {self.source}:\n{told}", "correct the source, or the WIT")
