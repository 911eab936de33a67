"""Each folder of `cases/` is one construct: a schema, and the files that it gives or the error.

`pytest tests/codegen --bless` writes them again.
"""

from __future__ import annotations

import shutil
from pathlib import Path, PurePosixPath

import pytest

from capwit.codegen import GenerateError, generate, write

CASES = Path(__file__).with_name("cases")
INSTALLED = (PurePosixPath("wit/deps/capwit-bridge"), PurePosixPath("wit/deps/capwit-caps"))


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir()))
def test_case(case: str, monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config) -> None:
    """Also puts the WIT before wit-parser."""
    monkeypatch.chdir(CASES / case)
    try:
        files = dict(generate(Path("schema.capnp")).files)
    except GenerateError as error:
        files = {PurePosixPath("error.txt"): f"{error}\n"}
    else:
        files = {
            "expected" / path: text for path, text in files.items() if not path.is_relative_to("wit/deps")
            or path.parts[2] not in {"capwit-bridge", "capwit-caps"}
        }
    if pytestconfig.getoption("--bless", default=False):
        shutil.rmtree("expected", ignore_errors=True)
        Path("error.txt").unlink(missing_ok=True)
        write(files, Path())
    found = [*Path("expected").rglob("*"), *Path().glob("error.txt")]
    expected = {PurePosixPath(path): path.read_text("utf-8") for path in found if path.is_file()}
    assert files == expected
