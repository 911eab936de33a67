"""C, C++ and Zig guests, compiled by zig, which is on PyPI as `ziglang`.

A C or C++ guest that includes `WORLD.h`, and has no such file beside it, gets the bindings that wit-bindgen
makes of its world. Any other names the world's functions itself.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from . import child
from .bindgen import Bindgen, find_bindgen
from .encoder import Encoder, World, encode, find_encoder
from .errors import refused
from .recipe import Recipe
from .tools import need_file, need_program

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from .child import Progress

_NAMES: Final = {".c": "C", ".cc": "C++", ".cpp": "C++", ".cxx": "C++", ".zig": "Zig"}
_STACK: Final = 1 << 20  # bytes; zig gives 16 MiB, and every instance would pay them
_SMALL_STACK: Final = 1 << 18
_C: Final = ("cc",)
_CPP: Final = ("c++", "-std=c++20", "-fno-exceptions")
_BOTH: Final = ("--target=wasm32-wasi", "-Os", "-s", "-Wall", "-Wextra")
_REACTOR: Final = "-mexec-model=reactor"  # no `main`: the world's exports are the way in
_ZIG: Final = ("build-exe", "-O", "ReleaseSmall", "-target")


def program(source: Path) -> Recipe:
    """Return how to make a wasip1 module of a file. zig has a cache of its own, so there is no key.

    Raises:
        BuildError: zig is missing, or the file is.
    """
    zig = _prepared(source)
    if source.suffix == ".zig":
        return Recipe(_Compiled(source, (*zig, *_ZIG, "wasm32-wasi", "--stack", str(_STACK))).make)
    return Recipe(_Compiled(source, (*zig, *_language(source), *_BOTH, f"-Wl,-z,stack-size={_STACK}")).make)


def component(source: Path, world: World) -> Recipe:
    """Return how to make a component of a file.

    Raises:
        BuildError: a tool is missing, or the file is.
    """
    zig, who = _prepared(source), f"a {_NAMES[source.suffix]} guest"
    if source.suffix == ".zig":
        reactor = (*_ZIG, "wasm32-freestanding", "-fno-entry", "-rdynamic", "--stack", str(_SMALL_STACK))
        return Recipe(_Guest(zig, _Compiled(source, (*zig, *reactor)), world, find_encoder(who), None).make)
    flags = (*_language(source), *_BOTH, _REACTOR, f"-Wl,-z,stack-size={_SMALL_STACK}")
    bindgen = _bindgen(source, world, who)
    return Recipe(_Guest(zig, _Compiled(source, (*zig, *flags)), world, find_encoder(who), bindgen).make)


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A file and the command that compiles it."""

    source: Path
    command: tuple[str, ...]

    def make(self, out: Path, scratch: Path, progress: Progress | None, more: Sequence[str] = ()) -> None:
        source = str(self.source.resolve())
        into = f"-femit-bin={out}" if self.source.suffix == ".zig" else f"-o{out}"
        compiled = child.run(
            [*self.command, into, source, *more],
            f"compiling {self.source.name} with zig",
            progress,
            {"ZIG_LOCAL_CACHE_DIR": str(scratch / "zig")},
            scratch,  # zig's cache takes a path for another one when it is run from elsewhere
        )
        if not compiled.good:
            told = compiled.output.replace(source, str(self.source))
            raise refused("zig", self.source, told)


@dataclass(frozen=True, slots=True)
class _Guest:
    """A component to be made."""

    zig: tuple[str, ...]
    compiled: _Compiled
    world: World
    encoder: Encoder
    bindgen: Bindgen | None
    """What is to make bindings, if anything is."""

    def make(self, out: Path, scratch: Path, progress: Progress | None) -> None:
        core = scratch / "core.wasm"
        bindings = self._bind(self.bindgen, scratch, progress) if self.bindgen else ()
        self.compiled.make(core, scratch, progress, bindings)
        encode(self.encoder, core, self.world, out, progress, embedded=bool(bindings))

    def _bind(self, bindgen: Bindgen, scratch: Path, progress: Progress | None) -> Sequence[str]:
        """Make bindings; returns what the compiler is to be told of them."""
        out = bindgen.bind(self.world, scratch, progress)
        linked = [str(path) for path in sorted(out.glob("*.o"))]  # the world's types
        for code in sorted(out.glob("*.c")):
            made = _Compiled(code, (*self.zig, *_C, *_BOTH, "-w", "-c"))
            made.make(code.with_suffix(".o"), scratch, progress)
            linked.append(str(code.with_suffix(".o")))
        return (f"-I{out}", *linked)


def _prepared(source: Path) -> tuple[str, ...]:
    need_file(source)
    if find_spec("ziglang"):
        return (sys.executable, "-P", "-m", "ziglang")
    return (need_program("zig", f"a {_NAMES[source.suffix]} guest", "pip install ziglang"),)


def _language(source: Path) -> tuple[str, ...]:
    return _C if source.suffix == ".c" else _CPP


def _bindgen(source: Path, world: World, who: str) -> Bindgen | None:
    """Return what makes bindings, where the guest includes them."""
    header = world.name.replace("-", "_") + ".h"
    included = re.search(
        rf'^\s*#\s*include\s*"{re.escape(header)}"', source.read_text(errors="replace"), re.MULTILINE
    )
    if included is None or source.with_name(header).exists():
        return None
    return find_bindgen("c", f"{who} that includes {header}")
