"""Whose turn it is, where callers go and loops close while they wait."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

import pytest
from capwit.engine.turn import Turn
from capwit.testing import scenario


class VainError(Exception):
    """Nobody will ever give the turn."""


@scenario
async def test_one_that_is_given_up_as_all_are_looked_at_hides_no_other() -> None:
    turn = Turn()
    turn.taken = True
    first, second = (asyncio.ensure_future(turn.wait(VainError)) for _ in range(2))
    await asyncio.sleep(0)
    asyncio.get_running_loop().call_later(0.01, first.cancel)
    time.sleep(0.05)  # noqa: ASYNC251 - both are due in one iteration of the loop
    with pytest.raises(VainError):
        await asyncio.wait_for(second, 10)
    with suppress(asyncio.CancelledError):
        await first


def test_those_of_a_loop_that_has_closed_are_forgotten() -> None:
    turn = Turn()
    turn.taken = True
    old = asyncio.new_event_loop()
    waiting = turn.wait(VainError)
    left = old.create_task(waiting)
    old.call_soon(old.stop)
    old.run_forever()
    old.close()

    async def wait() -> None:
        with pytest.raises(VainError):
            await asyncio.wait_for(turn.wait(VainError), 10)

    asyncio.run(wait())
    turn.give()
    left._log_destroy_pending = False  # type: ignore[attr-defined]
    waiting.close()
    assert not turn.taken
