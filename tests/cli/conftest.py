from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest
from capwit.cli.main import main

from tests.support.components import wat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


_PROGRESS: Final = re.compile(r"^(?:compiling|building) .*, \d+ s\n", re.MULTILINE)  # of what takes a second


@dataclass(frozen=True)
class Done:
    """What a command did."""

    code: int
    out: str
    err: str


Capwit = "Callable[..., Done]"


@pytest.fixture
def capwit(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Callable[..., Done]]:
    """Run the command line in this process; what it imports from the test's folder is forgotten.

    How long it compiles is the machine's matter, and is left out.
    """

    def run(*arguments: Any) -> Done:
        capfd.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as exit:
            code = int(exit.code or 0)
        out, err = capfd.readouterr()
        return Done(code, out, _PROGRESS.sub("", err))

    yield run
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None)).startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.fixture
def component(tmp_path: Path) -> Callable[[str], Path]:
    """Write a component given as text, and return its path."""

    def write(text: str, name: str = "small.wasm") -> Path:
        path = tmp_path / name
        path.write_bytes(wat(text))
        return path

    return write
