"""The pytest plugin: a host for each test."""

from __future__ import annotations

from inspect import iscoroutinefunction
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from capwit.bridge import Host


def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> None:
    """Tell of a forgotten `scenario`, where no plugin for asyncio has taken the test."""
    if iscoroutinefunction(pyfuncitem.obj) and "capwit_host" in pyfuncitem.fixturenames:
        pytest.fail("an `async def` runs nowhere. Mend: mark it @scenario, of capwit.testing", pytrace=False)


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
