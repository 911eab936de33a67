"""Which language a source is in, and what makes a program or a component of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from capwit.cli import exits

from . import dotnet, go, npm, python, rust, zig
from .errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .encoder import World
    from .recipe import Recipe


@dataclass(frozen=True, slots=True)
class Language:
    """A language that guests are written in."""

    name: str
    suffixes: tuple[str, ...]
    program: Callable[[Path], Recipe] | None
    """Makes a wasip1 module."""
    component: Callable[[Path, World], Recipe] | None
    """Makes a component of a world."""
    marker: str | None = None
    """The file by which a folder is known to be in it, or a pattern of it."""
    instead: str = ""
    """What to do where it makes no module."""


LANGUAGES: Final = (
    Language("Rust", (".rs",), rust.program, rust.component, "Cargo.toml"),
    Language("C", (".c",), zig.program, zig.component),
    Language("C++", (".cpp", ".cc", ".cxx"), zig.program, zig.component),
    Language("Zig", (".zig",), zig.program, zig.component),
    Language("Go", (".go",), go.program, go.component, "go.mod"),
    Language("AssemblyScript", (".ts",), npm.assemblyscript_program, npm.assemblyscript_component),
    Language(
        "Python", (".py",), None, python.component,
        instead="name a world with --wit and --world; or run the script by a CPython (docs/languages)",
    ),
    Language(
        "JavaScript", (".js", ".mjs"), None, npm.javascript_component,
        instead="name a world with --wit and --world; or run the script by QuickJS (docs/languages)",
    ),
    Language("C#", (), dotnet.program, None, "*.csproj", instead="build it without a world"),
    Language(
        "Lua", (".lua",), None, None, instead="run the script by Lua's interpreter (docs/languages)",
    ),
)  # fmt: skip


def language_of(source: Path) -> Language:
    """Return the language of a file, or of a folder with a `Cargo.toml`, a `go.mod` or a `.csproj`.

    Raises:
        BuildError: it is in none that is known.
    """
    for language in LANGUAGES:
        if source.is_dir():
            if language.marker is not None and any(source.glob(language.marker)):
                return language
        elif source.suffix in language.suffixes:
            return language
    if source.is_dir():
        raise BuildError(
            f"{source} is a folder without a Cargo.toml, a go.mod or a .csproj",
            "name a source file",
            exits.USAGE,
        )
    known = ", ".join(suffix for language in LANGUAGES for suffix in language.suffixes)
    raise BuildError(
        f"{source.name}: `{source.suffix}` files cannot be built", f"name one of {known}", exits.USAGE
    )


def recipe(source: Path, world: World | None, *, stub_wasi: bool, tinygo: bool) -> Recipe:
    """Return how to make a component of a world of a source, or a wasip1 module where there is no world.

    Raises:
        BuildError: its language has no such thing, or a tool is missing, or the source is.
    """
    language = language_of(source)
    if stub_wasi and (language.component is not python.component or world is None):
        raise BuildError("--stub-wasi is for Python components", "leave it out", exits.USAGE)
    if tinygo:
        if language.program is not go.program or world is not None:
            raise BuildError("--tinygo is for Go programs", "leave it out", exits.USAGE)
        return go.tiny_program(source)
    if world is None:
        if language.program is None:
            raise BuildError(f"{language.name} makes no wasip1 module", language.instead, exits.USAGE)
        return language.program(source)
    if stub_wasi:
        return python.component(source, world, stub_wasi=True)
    if language.component is None:
        raise BuildError(f"{language.name} makes no component", language.instead, exits.USAGE)
    return language.component(source, world)
