"""Bindings of worlds for C and Go, which wit-bindgen makes. It comes of crates.io."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from capwit.cli import exits

from . import child
from .errors import BuildError
from .tools import need_program

if TYPE_CHECKING:
    from pathlib import Path

    from .child import Progress
    from .encoder import World

Bound: TypeAlias = Literal["c", "go"]
"""What wit-bindgen calls a language, and its own feature for it."""

_MEND: Final = "cargo install wit-bindgen-cli --no-default-features --features c,go"


@dataclass(frozen=True, slots=True)
class Bindgen:
    """wit-bindgen, for one language."""

    program: str
    language: Bound
    who: str

    def bind(self, world: World, scratch: Path, progress: Progress | None) -> Path:
        """Make the bindings of a world; returns their folder.

        Raises:
            BuildError: it does not know the language, or refuses the world.
        """
        wit, out = scratch / "wit-bound", scratch / "bindings"
        world.wit.write(wit)
        command = [self.program, self.language, str(wit), "--world", world.name, "--out-dir", str(out)]
        bound = child.run(command, f"making bindings of world {world.name}", progress)
        if "unrecognized subcommand" in bound.output:
            raise BuildError(
                f"{self.who} needs a wit-bindgen with its feature `{self.language}`", _MEND, exits.UNAVAILABLE
            )
        if not bound.good:
            told = bound.output.replace(str(wit), str(world.wit.folder))
            raise BuildError(f"wit-bindgen refuses world `{world.name}`:\n{told}", "correct the WIT")
        return out


def find_bindgen(language: Bound, who: str) -> Bindgen:
    """Return wit-bindgen for a language; `who` needs it.

    Raises:
        BuildError: it is not installed.
    """
    return Bindgen(need_program("wit-bindgen", who, _MEND), language, who)
