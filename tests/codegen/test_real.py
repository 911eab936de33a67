"""Schemas that nobody here wrote: those that pycapnp installs, whole, through wit-parser."""

from __future__ import annotations

import ast
from pathlib import Path

import capnp
import pytest
from capwit.codegen import generate

FOLDER = Path(capnp.__file__).parent
SCHEMAS = sorted(path.stem for path in FOLDER.glob("*.capnp"))


def test_they_are_the_ones_we_know() -> None:
    assert SCHEMAS == ["c++", "persistent", "rpc", "rpc-twoparty", "schema", "stream"]


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_of_cap_n_proto_itself(name: str) -> None:
    files = generate(FOLDER / f"{name}.capnp").files  # validated: wit-parser has taken the WIT
    written = {path.suffix for path in files}
    assert {".wit", ".py", ".json"} <= written
    for path, text in files.items():
        if path.suffix == ".py":
            ast.parse(text)
