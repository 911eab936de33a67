"""Schemas that nobody here wrote: what pycapnp and Debian install, whole, through wit-parser."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Final

import capnp
import pytest
from capwit.codegen import GenerateError, generate

PYCAPNP: Final = Path(capnp.__file__).parent
INCLUDE: Final = Path("/usr/include")  # what libcapnp-dev installs
CARGO: Final = Path("/usr/share/cargo/registry")  # what librust-capnp-rpc-dev installs
INSTALLED: Final = sorted([*(INCLUDE / "capnp").rglob("*.capnp"), *CARGO.glob("*/schema/*.capnp")])

# What is refused of them, by the end of its path, and why.
REFUSED: Final[dict[str, str]] = {}


def accepted(schema: Path) -> None:
    """Generate a schema; its WIT is taken by wit-parser, its Python is Python."""
    files = generate(schema, [INCLUDE] if INCLUDE.is_dir() else []).files
    assert {".wit", ".py", ".json"} <= {path.suffix for path in files}
    for path, text in files.items():
        if path.suffix == ".py":
            ast.parse(text)


def test_they_are_the_ones_we_know() -> None:
    found = sorted(path.stem for path in PYCAPNP.glob("*.capnp"))
    assert found == ["c++", "persistent", "rpc", "rpc-twoparty", "schema", "stream"]


@pytest.mark.parametrize("schema", sorted(PYCAPNP.glob("*.capnp")), ids=lambda path: path.stem)
def test_a_schema_of_cap_n_proto_itself(schema: Path) -> None:
    accepted(schema)


@pytest.mark.skipif(not INSTALLED, reason="no schema is installed: apt install libcapnp-dev")
@pytest.mark.parametrize("schema", INSTALLED, ids=str)
def test_a_schema_that_the_system_has(schema: Path) -> None:
    reason = next((reason for end, reason in REFUSED.items() if str(schema).endswith(end)), None)
    if reason is None:
        accepted(schema)
    else:
        with pytest.raises(GenerateError, match=reason):
            generate(schema)
