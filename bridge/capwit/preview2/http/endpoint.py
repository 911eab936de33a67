"""A component that answers requests, as an `HttpEndpoint`.

Source: https://github.com/WebAssembly/WASI/tree/main/proposals/http
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Protocol

from capwit.bridge.errors import CapError, EngineError, ErrorKind, LinkError
from capwit.bridge.instance import Instance
from capwit.bridge.match import compatible, find_mismatch
from capwit.caps.http import BODY, Answer, AnswerResponse, BodyClient, Ending, Response
from capwit.caps.streams import BYTE_SOURCE
from capwit.preview2.context import answer, ask

from .exchange import ResponseOutparam
from .incoming import IncomingRequest
from .signatures import HANDLE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from contextlib import AbstractAsyncContextManager

    from capwit.bridge.app import App
    from capwit.bridge.binding import MaybeAwaitable, Method
    from capwit.caps.http import Request

_READ: Final[Method[bytes]] = BYTE_SOURCE.methods["read"]
_READABLE: Final[Method[None]] = BYTE_SOURCE.methods["readable"]
_ENDING: Final[Method[Ending]] = BODY.methods["ending"]

_HANDLER: Final = "wasi:http/incoming-handler@0.2.0"
_log = logging.getLogger("capwit.http")


def find_handler(app: App) -> str:
    """Return the full name of the function that answers requests.

    Raises:
        LinkError: the component exports none, or one of another type.
    """
    for name, exported in app.exported_interfaces().items():
        if compatible(_HANDLER, name) and "handle" in exported.functions:
            mismatch = find_mismatch(HANDLE, exported.functions["handle"])
            if mismatch:
                raise LinkError(f"{app.name}: its export {name}#handle is not WASI's: {mismatch}")
            return f"{name}#handle"
    known = ", ".join(app.exported_interfaces()) or "nothing"
    raise LinkError(
        f"{app.name}: it answers no requests: it exports {known}. "
        "Mend: build it for a world that exports wasi:http/incoming-handler@0.2.x"
    )


async def answer_by(
    instance: Instance, handler: str, request: Request, answered: asyncio.Future[Answer]
) -> None:
    """Have an instance answer a request by its `handler`; returns when the guest has come to its end.

    `answered` has the answer before: its content is what the guest writes meanwhile.

    Raises:
        EngineError: the instance has ended.
    """
    outparam = ResponseOutparam(answered)
    try:
        await instance.call(handler, IncomingRequest(request), outparam)
    except BaseException:
        outparam.abandon()
        raise
    outparam.close()


class Answering(Protocol):
    """An instance that lives elsewhere."""

    async def handle(self, request: Request, answered: asyncio.Future[Answer]) -> None:
        """Do what `answer_by` does."""


class ComponentEndpoint:
    """An `HttpEndpoint` on instances of a component, one of which answers each request."""

    def __init__(
        self, app: App, use: Callable[[], AbstractAsyncContextManager[Instance | Answering]]
    ) -> None:
        """Answer by instances that `use` gives, each for the length of one request.

        Raises:
            LinkError: the component answers no requests.
        """
        self._handler = find_handler(app)
        self._use = use
        self._serving: set[asyncio.Task[None]] = set()

    async def handle(self, request: Request) -> Answer:
        """Answer a request: the guest may still be writing the content then, and do other work afterwards.

        Raises:
            CapError: `disconnected` where the endpoint was closed meanwhile.
            EngineError: the instance has ended before there was an answer.
        """
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        serving = asyncio.ensure_future(self._serve(request, answered))
        self._serving.add(serving)
        serving.add_done_callback(self._done)
        try:
            await asyncio.wait((serving, answered), return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            serving.cancel()
            raise
        if not answered.done():
            if serving.cancelled():
                raise CapError(ErrorKind.DISCONNECTED, "the endpoint was closed")
            await serving  # which has failed
        found = answered.result()
        if isinstance(found, AnswerResponse):
            response = found.value
            body = BodyClient(_Served(response.body, serving))
            return AnswerResponse(Response(response.status, response.headers, body))
        return found

    async def _serve(self, request: Request, answered: asyncio.Future[Answer]) -> None:
        async with self._use() as instance:
            if isinstance(instance, Instance):
                await answer_by(instance, self._handler, request, answered)
            else:
                await instance.handle(request, answered)

    def _done(self, serving: asyncio.Task[None]) -> None:
        self._serving.discard(serving)
        error = None if serving.cancelled() else serving.exception()
        if isinstance(error, EngineError):
            _log.debug("an instance ended: %s", error)

    async def close(self, grace: float = 0) -> None:
        """Wait up to `grace` seconds until what is under way has ended, and then end it."""
        if self._serving:
            await asyncio.wait(self._serving, timeout=grace)
        left = list(self._serving)
        for serving in left:
            serving.cancel()
        await asyncio.gather(*left, return_exceptions=True)


class _Served:
    """The content of an answer. Whoever lets it go before its end ends the guest's call."""

    def __init__(self, body: BodyClient, serving: asyncio.Task[None]) -> None:
        self._body = body
        self._serving = serving
        self._over = False

    def __del__(self) -> None:
        if not self._over and not self._serving.done():
            with suppress(RuntimeError):  # the loop is gone
                self._serving.cancel()

    def read(self, limit: int) -> MaybeAwaitable[bytes]:
        data = ask(self._body, _READ, limit)
        return self._seen(data, limit) if isinstance(data, bytes) else self._wait(data, limit)

    async def _wait(self, data: Awaitable[bytes], limit: int) -> bytes:
        return self._seen(await data, limit)

    def _seen(self, data: bytes, limit: int) -> bytes:
        self._over = self._over or (not data and limit > 0)
        return data

    def readable(self) -> MaybeAwaitable[None]:
        return ask(self._body, _READABLE)

    async def ending(self) -> Ending:
        return await answer(ask(self._body, _ENDING))
