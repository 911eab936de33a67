"""The pytest plugin: a host for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from capwit.bridge import Host


@pytest.fixture
def capwit_host() -> Iterator[Host]:
    """A host whose ledger keeps every entry, and the line that took each handle.

    It runs where `scenario` runs the test; any other test says `async with capwit_host`. When the test is
    over, its ledger must balance.
    """
    from capwit.bridge import Host, Ledger

    from .assertions import assert_balanced

    host = Host(ledger=Ledger(keep=None, debug=True))
    yield host
    assert_balanced(host.ledger)
