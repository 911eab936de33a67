"""What tests of `wasi:http` have in common: code for the guest, and a `Fetch` that does as it is told."""

from __future__ import annotations

from collections.abc import Awaitable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from tests.support.wasi import Explorer, explorer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from capwit.bridge import Limits
    from capwit.caps.http import Answer, Request, Timeouts

# Known to the guest's code by `http`: the module of wasi:http/types, whatever its bindings call that.
PRELUDE: Final = """
http = next(m for m in list(globals().values()) if hasattr(m, "OutgoingRequest"))

def fields(*entries):
    return http.Fields.from_list(list(entries))

def code(error):
    name = type(error).__name__.rpartition("_")[2]
    value = getattr(error, "value", None)
    return name if value is None else f"{name} {value}"

def attempt(call, *arguments):
    try:
        return call(*arguments)
    except Err as error:
        return "refused" if error.value is None else code(error.value)

def make(authority, path="/", method="Get", scheme="Http", headers=()):
    request = http.OutgoingRequest(fields(*headers))
    assert request.set_method(getattr(http, f"Method_{method}")()) is None
    assert request.set_scheme(getattr(http, f"Scheme_{scheme}")()) is None
    assert request.set_authority(authority) is None
    assert request.set_path_with_query(path) is None
    return request

def waited(future):
    with future.subscribe() as pollable:
        pollable.block()
    result = future.get()
    assert isinstance(result, Ok)
    return result.value

def send(request, options=None):
    with outgoing_handler.handle(request, options) as future:
        result = waited(future)
    return result.value if isinstance(result, Ok) else code(result.value)

def content(response):
    with response:
        body, data = response.consume(), b""
        with body.stream() as stream:
            while True:
                try:
                    data += stream.blocking_read(1 << 20)
                except Err as error:
                    if isinstance(error.value, streams.StreamError_Closed):
                        break
                    with error.value.value as why:
                        found = http.http_error_code(why)
                        return data, None if found is None else code(found)
        with http.IncomingBody.finish(body) as trailers:
            found = waited(trailers)
        if isinstance(found, Err):
            return data, code(found.value)
        return data, None if found.value is None else found.value.entries()
"""


class Scripted:
    """A `Fetch` that answers by a function, and keeps what it was asked."""

    def __init__(self, reply: Callable[[Request], Answer | Awaitable[Answer]]) -> None:
        self._reply = reply
        self.asked: list[tuple[Request, Timeouts]] = []

    async def send(self, request: Request, timeouts: Timeouts) -> Answer:
        self.asked.append((request, timeouts))
        answer = self._reply(request)
        return await answer if isinstance(answer, Awaitable) else answer


@asynccontextmanager
async def http_guest(
    fetch: object = None, *, limits: Limits | None = None, **given: Any
) -> AsyncIterator[Explorer]:
    """Start an interpreter that may send requests."""
    async with explorer(limits=limits, http=fetch, **given) as guest:
        await guest.exec(PRELUDE)
        yield guest
