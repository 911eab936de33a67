"""Random schemas in batches: what takes time is to start the parser, so several are parsed together.

The examples are always the same; `CAPWIT_LAWS=20` takes twenty times as many, other ones each time, and
shrinks what fails.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from tests.codegen.schemas import Schema, schemas

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from capwit.codegen.schema import nodes
    from hypothesis.strategies import SearchStrategy

EFFORT: Final = int(os.environ.get("CAPWIT_LAWS", "1"))
SIZE: Final = 5


def law(examples: int) -> settings:
    return settings(
        max_examples=examples * EFFORT,
        deadline=None,
        derandomize=EFFORT == 1,
        database=None,
        # What a shrunk example is worth is not worth its minutes in every run.
        phases=[Phase.generate] if EFFORT == 1 else list(Phase),
        suppress_health_check=list(HealthCheck),
    )


def batches() -> SearchStrategy[list[Schema]]:
    return st.lists(schemas(), min_size=SIZE, max_size=SIZE)


def write(folder: Path, batch: Sequence[Schema]) -> Path:
    """Writes schemas, and one that imports them all."""
    for each in batch:
        each.write(folder)
    lines = [f'using S{number} = import "{each.stem}.capnp";' for number, each in enumerate(batch)]
    path = folder / "all.capnp"
    path.write_text("\n".join(["@0xa8d1c0ffedffffff;", *lines, ""]), "utf-8")
    return path


def by_stem(whole: nodes.Schema) -> dict[str, int]:
    """The id of each file by its name without `.capnp`."""
    return {source.path.stem: id for id, source in whole.files.items()}
