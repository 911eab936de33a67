"""Answers requests, and asks another server for one of its answers.

GET /hello/NAME greets; POST /upper sends the content back in capitals, as it comes; GET
/through/AUTHORITY/PATH shows what a server says, if the component may ask it.
"""

from collections.abc import Iterator

from componentize_py_types import Err, Ok
from wit_world import exports
from wit_world.imports import outgoing_handler, streams
from wit_world.imports.types import (
    Fields,
    IncomingBody,
    IncomingRequest,
    OutgoingBody,
    OutgoingRequest,
    OutgoingResponse,
    ResponseOutparam,
    Scheme_Http,
)


class IncomingHandler(exports.IncomingHandler):
    """What the host calls, once for each request."""

    def handle(self, request: IncomingRequest, response_out: ResponseOutparam) -> None:
        """Answer a request."""
        _, name, *rest = (request.path_with_query() or "/").split("/", 2)
        argument = rest[0] if rest else ""
        match name:
            case "hello":
                respond(response_out, 200, [f"hello, {argument or 'world'}\n".encode()])
            case "upper":
                respond(response_out, 200, (data.upper() for data in content(request.consume())))
            case "through":
                respond(response_out, *ask(argument))
            case _:
                respond(response_out, 404, [b"try /hello/NAME\n"])


def respond(response_out: ResponseOutparam, status: int, pieces: Iterator[bytes] | list[bytes]) -> None:
    """Give a response, its content piece by piece."""
    response = OutgoingResponse(Fields.from_list([("content-type", b"text/plain")]))
    response.set_status_code(status)
    body = response.body()
    ResponseOutparam.set(response_out, Ok(response))
    with body.write() as stream, stream.subscribe() as room:
        for data in pieces:
            left = data
            while left:
                room.block()
                size = stream.check_write()
                stream.write(left[:size])
                left = left[size:]
    OutgoingBody.finish(body, None)


def content(body: IncomingBody) -> Iterator[bytes]:
    """Read content as it comes."""
    with body, body.stream() as stream:
        while True:
            try:
                yield stream.blocking_read(65536)
            except Err as error:
                if isinstance(error.value, streams.StreamError_Closed):
                    return
                raise


def ask(where: str) -> tuple[int, Iterator[bytes] | list[bytes]]:
    """Ask another server; returns its status and content, or why it is not asked."""
    authority, _, path = where.partition("/")
    request = OutgoingRequest(Fields())
    request.set_scheme(Scheme_Http())
    request.set_authority(authority)
    request.set_path_with_query(f"/{path}")
    try:
        future = outgoing_handler.handle(request, None)
    except Err as error:
        return 502, [f"{type(error.value).__name__}\n".encode()]
    with future, future.subscribe() as ready:
        ready.block()
        result = future.get().value
    if isinstance(result, Err):
        return 502, [f"{type(result.value).__name__}\n".encode()]
    with result.value as response:
        return response.status(), content(response.consume())
