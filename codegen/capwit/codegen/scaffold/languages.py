"""A first guest for each world of a schema: source that builds as it stands, for a person to go on with.

It is written once. A file that is there already is left alone, whatever it holds.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from capwit.codegen.base import names
from capwit.codegen.errors import GenerateError
from capwit.codegen.output import check, write
from capwit.codegen.scaffold import c, header_c, python, rust
from capwit.codegen.scaffold.guest import Guest, guests, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from capwit.codegen.output import Generated

Files = dict[PurePosixPath, str]


@dataclass(frozen=True, slots=True)
class Scaffold:
    """Source of a guest, by path below the output folder, and the commands that build it.

    `files` are the guest's own, `headers` are kept current.
    """

    files: Mapping[PurePosixPath, str]
    commands: tuple[str, ...]
    headers: Mapping[PurePosixPath, str] = field(default_factory=dict)


def scaffolds(generated: Generated, language: str, out: Path) -> Iterator[Scaffold]:
    """One scaffold for each world; `language` is one of `LANGUAGES`. Raises `GenerateError`."""
    found = guests(generated.files, generated.schema)
    if not found:
        raise GenerateError(
            generated.schema,
            message="it has no world for a guest",
            mend='mark a struct with $Wit.grants("app"), or an interface with $Wit.exports("app")',
        )
    yield from (LANGUAGES[language](guest, out) for guest in found)


def missing(scaffold: Scaffold, out: Path) -> list[PurePosixPath]:
    """The files that are not there yet, and the headers that are stale."""
    return [*(path for path in scaffold.files if not (out / path).exists()), *check(scaffold.headers, out)]


def write_new(scaffold: Scaffold, out: Path) -> list[PurePosixPath]:
    """Writes what is missing, and answers what that was. Raises `GenerateError`."""
    texts = {**scaffold.files, **scaffold.headers}
    return write({path: texts[path] for path in missing(scaffold, out)}, out)


def _python(guest: Guest, out: Path) -> Scaffold:
    path = PurePosixPath("guest", f"{names.snake(guest.world)}_guest.py")
    command = _build(guest, out, path)
    return Scaffold({path: python.emit(guest, command)}, (command,))


def _c(guest: Guest, out: Path) -> Scaffold:
    path = PurePosixPath("guest", f"{names.snake(guest.world)}_guest.c")
    command = _build(guest, out, path)
    header = PurePosixPath("guest", f"{names.snake(guest.world)}_imports.h")
    text = c.emit(guest, command, header.name)
    return Scaffold({path: text}, (command,), {header: header_c.emit(guest)})


def _rust(guest: Guest, out: Path) -> Scaffold:
    crate = f"{guest.world}-guest"
    folder = PurePosixPath("guest", crate)
    core = folder / "target/wasm32-unknown-unknown/release" / f"{crate.replace('-', '_')}.wasm"
    commands = (
        _command([*_CARGO, "--manifest-path", str(out / folder / "Cargo.toml")]),
        _command(["wasm-tools", "component", "new", str(out / core), "-o", str(_component(guest, out))]),
    )
    files = {
        folder / "Cargo.toml": rust.manifest(crate),
        folder / "src" / "lib.rs": rust.emit(guest, commands),
    }
    return Scaffold(files, commands)


def _command(arguments: Sequence[str]) -> str:
    return one_line(shlex.join(arguments))


_CARGO: Final = ["cargo", "build", "--release", "--target", "wasm32-unknown-unknown"]


def _build(guest: Guest, out: Path, path: PurePosixPath) -> str:
    source, wit = str(out / path), str(out / "wit")
    built = str(_component(guest, out))
    return _command(["capwit", "build", source, "--wit", wit, "--world", guest.world, "-o", built])


def _component(guest: Guest, out: Path) -> Path:
    return out / f"{guest.world}.wasm"


LANGUAGES: Final[Mapping[str, Callable[[Guest, Path], Scaffold]]] = {
    "python": _python,
    "c": _c,
    "rust": _rust,
}
"""The languages that a scaffold can be in."""
