from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest

from tests.caps.support import KINDS, VIEWS, FileSystem, make

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(params=itertools.product(KINDS, VIEWS), ids="-".join)
def fs(request: pytest.FixtureRequest, tmp_path: Path) -> FileSystem:
    """Each file system, as an object and through a client."""
    kind, view = request.param
    return make(kind, view, tmp_path)


@pytest.fixture
def root(fs: FileSystem) -> Any:
    """The root of each file system."""
    return fs.root
