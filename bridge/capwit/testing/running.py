"""Tests that are coroutine functions, without another plugin."""

from __future__ import annotations

import asyncio
import functools
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, ParamSpec

from capwit.bridge import Host

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

P = ParamSpec("P")

TIMEOUT = 120.0
"""Seconds that a scenario may take: a test that hangs fails, and says where it hung."""


def scenario(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Make a test of a coroutine function. Each `Host` among its arguments runs while it does."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        asyncio.run(asyncio.wait_for(_within_hosts(test, *args, **kwargs), TIMEOUT))

    return run


async def _within_hosts(
    test: Callable[P, Coroutine[Any, Any, None]], *args: P.args, **kwargs: P.kwargs
) -> None:
    async with AsyncExitStack() as stack:
        for argument in (*args, *kwargs.values()):
            if isinstance(argument, Host):
                await stack.enter_async_context(argument)
        await test(*args, **kwargs)
