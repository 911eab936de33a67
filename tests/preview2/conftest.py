"""What tests of WASI 0.2 share."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.wasi import explorer


@pytest.fixture(scope="session")
def interpreter() -> None:
    """Build and compile the guest that has every function, which takes a minute of no test's time."""

    async def start() -> None:
        async with explorer():
            pass

    asyncio.run(start())
