"""What tests of RPC have in common."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def no_shop_is_left() -> Iterator[None]:
    """Bindings of the shop are made in several folders, and known by name."""
    yield
    for name in ("demo_shop_watch", "shop"):
        sys.modules.pop(name, None)
