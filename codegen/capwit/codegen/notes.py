"""What is worth a word though nothing is wrong with it."""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from capwit.codegen import model
    from capwit.codegen.output import Generated

_NEAR: Final = 0.8
_FEW: Final = 32
"""So many worlds are compared by their names."""

_PACKAGE: Final = re.compile(r"^package ([^;\s]+);", re.MULTILINE)
_SIZE: Final = 16 << 20  # characters


def near_worlds(worlds: Sequence[model.World]) -> Iterator[str]:
    """Worlds that seem to be one but for a slip in its name: one exports, the other one is granted."""
    granted = [world.label for world in worlds[:_FEW] if not world.exports]
    exporting = [world.label for world in worlds[:_FEW] if not world.imports]
    for label in exporting:
        for near in get_close_matches(label, granted, n=1, cutoff=_NEAR):
            yield f"world {label} is granted nothing, and world {near} exports nothing: are they one?"


def other_packages(generated: Generated, out: Path) -> Iterator[str]:
    """Files of another WIT package where those of this one are: no tool builds a guest of such a folder."""
    texts = [text for path, text in generated.files.items() if path.parts[:-1] == ("wit",)]
    own = {found[1] for found in map(_PACKAGE.search, texts) if found}
    for path in sorted((out / "wit").glob("*.wit")):
        if path.is_file() and PurePosixPath("wit", path.name) not in generated.files:
            with path.open(encoding="utf-8", errors="replace") as file:
                other = _PACKAGE.search(file.read(_SIZE))
            if other and other[1] not in own:
                both = f"{path} is of {other[1]}, and {generated.schema} of {', '.join(own)}"
                mend = "name another --out, or delete it"
                yield f"{both}: no guest can be built of a folder with both\n  {mend}"
