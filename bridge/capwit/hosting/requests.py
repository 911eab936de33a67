"""Answers of instances that live elsewhere: they cross once they are there, their content as it comes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from capwit.bridge.errors import CapError, EngineError, ErrorKind, Limit, LimitExceeded
from capwit.caps.http import AnswerError, AnswerResponse, BodyClient, Response
from capwit.caps.http_body import make_body, pour

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from capwit.caps.host import AnswerSlotClient
    from capwit.caps.http import Answer


class Slot:
    """An `AnswerSlot`. Content is read from where it comes from as fast as there is room for it here."""

    def __init__(self, answered: asyncio.Future[Answer]) -> None:
        """Tell `answered` of the answer."""
        self._answered = answered

    async def put(self, answer: Answer) -> None:
        """Take the answer, and its content."""
        if self._answered.done():
            raise CapError(ErrorKind.FAILED, "there is an answer already")
        match answer:
            case AnswerError():
                self._answered.set_result(answer)
            case AnswerResponse(response):
                body, writer = make_body()
                here = Response(response.status, response.headers, BodyClient(body))
                self._answered.set_result(AnswerResponse(here))
                del body, here  # they are of whoever asked
                await pour(response.body, writer)


async def put_answer(
    slot: AnswerSlotClient, work: Callable[[asyncio.Future[Answer]], Awaitable[None]], wall: float
) -> None:
    """Do the work that gives an answer, and put that into a slot; returns when all of it has been taken.

    Raises:
        EngineError: the work has failed; what there is of the answer has been taken.
        LimitExceeded: all that took more than `wall` seconds.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + wall
    answered: asyncio.Future[Answer] = loop.create_future()

    async def put() -> None:
        await slot.put(await answered)

    putting = asyncio.ensure_future(put())
    try:
        try:
            await work(answered)
        except EngineError:
            if answered.done():
                await asyncio.wait((putting,), timeout=until - loop.time())
            raise
        await asyncio.wait((putting,), timeout=until - loop.time())
        if not putting.done():
            raise LimitExceeded(Limit.WALL, f"the answer was not taken within {wall:g} s")
        await putting
    finally:
        putting.cancel()
