"""A guest that answers requests in every way there is: the path says in which."""

from __future__ import annotations

from typing import Any

from componentize_py_types import Err, Ok
from wit_world import exports
from wit_world.imports import monotonic_clock, outgoing_handler, streams
from wit_world.imports import types as http

count = 0


def answer(out: Any, status: int = 200, headers: list[tuple[str, bytes]] | None = None) -> Any:
    """Begin a response, and return where its content goes."""
    response = http.OutgoingResponse(http.Fields.from_list(headers or []))
    response.set_status_code(status)
    body = response.body()
    http.ResponseOutparam.set(out, Ok(response))
    return body


def text(out: Any, content: object, status: int = 200) -> None:
    """Answer with a text."""
    data = str(content).encode()
    body = answer(out, status, [("content-type", b"text/plain"), ("content-length", b"%d" % len(data))])
    with body.write() as stream:
        for at in range(0, len(data), 4096):
            stream.blocking_write_and_flush(data[at : at + 4096])
    http.OutgoingBody.finish(body, None)


def write(stream: Any, data: bytes) -> None:
    """Write all of `data`, as fast as it is taken."""
    while data:
        with stream.subscribe() as room:
            room.block()
        size = stream.check_write()
        stream.write(data[:size])
        data = data[size:]


def pieces(stream: Any) -> Any:
    """Read a stream to its end."""
    while True:
        try:
            yield stream.blocking_read(1 << 18)
        except Err as error:
            if isinstance(error.value, streams.StreamError_Closed):
                return
            raise


def trailers(body: Any) -> Any:
    """Return the trailers behind a body that was read."""
    with http.IncomingBody.finish(body) as future:
        with future.subscribe() as ready:
            ready.block()
        return future.get().value


def wait(milliseconds: int) -> None:
    """Do nothing for a while."""
    with monotonic_clock.subscribe_duration(milliseconds * 1_000_000) as pollable:
        pollable.block()


def copy(incoming: Any, outgoing: Any) -> None:
    """Write one body to another, piece by piece."""
    with incoming.stream() as source, outgoing.write() as sink:
        for data in pieces(source):
            write(sink, data)


def send(authority: str, path: str) -> Any:
    """Send a request, and return its response, or an error."""
    request = http.OutgoingRequest(http.Fields())
    request.set_scheme(http.Scheme_Http())
    request.set_authority(authority)
    request.set_path_with_query(path)
    try:
        future = outgoing_handler.handle(request, None)
    except Err as error:
        return error
    with future, future.subscribe() as ready:
        ready.block()
        return future.get().value


class IncomingHandler(exports.IncomingHandler):
    """What the host calls."""

    def handle(self, request: Any, out: Any) -> None:
        """Answer by the first name of the path; what follows is its argument."""
        _, name, *more = (request.path_with_query() or "/").split("/", 2)
        getattr(self, name.partition("?")[0], self.unknown)(request, out, more[0] if more else "")

    def unknown(self, request: Any, out: Any, _: str) -> None:
        text(out, "unknown", 404)

    def asked(self, request: Any, out: Any, _: str) -> None:
        method = request.method()
        headers = [(name, value.decode("latin-1")) for name, value in request.headers().entries()]
        scheme = type(request.scheme()).__name__
        text(out, [getattr(method, "value", type(method).__name__), request.path_with_query(), scheme,
                   request.authority(), sorted(headers)])  # fmt: skip

    def count(self, request: Any, out: Any, _: str) -> None:
        global count  # noqa: PLW0603 - what is left over is what is tested
        count += 1
        text(out, count)

    def echo(self, request: Any, out: Any, _: str) -> None:
        body = request.consume()
        outgoing = answer(out, headers=[("trailer", b"x-sum")])
        copy(body, outgoing)
        found = trailers(body)
        fields = found.value if isinstance(found, Ok) and found.value is not None else None
        http.OutgoingBody.finish(outgoing, fields or http.Fields.from_list([("x-sum", b"none")]))

    def length(self, request: Any, out: Any, _: str) -> None:
        body = request.consume()
        with body.stream() as source:
            text(out, sum(len(data) for data in pieces(source)))

    def big(self, request: Any, out: Any, size: str) -> None:
        body = answer(out)
        # What a Python guest writes stays in its memory for good: zeroes are the host's.
        with body.write() as stream, stream.subscribe() as room:
            left = int(size)
            while left:
                room.block()
                now = min(left, stream.check_write())
                stream.write_zeroes(now)
                left -= now
        http.OutgoingBody.finish(body, None)

    def relay(self, request: Any, out: Any, _: str) -> None:
        body = request.consume()
        outgoing = answer(out)
        with body.stream() as source, outgoing.write() as sink:
            while True:
                try:
                    sink.blocking_splice(source, 1 << 20)
                except Err as error:
                    if isinstance(error.value, streams.StreamError_Closed):
                        break
                    raise
        http.OutgoingBody.finish(outgoing, None)

    def slow(self, request: Any, out: Any, milliseconds: str) -> None:
        wait(int(milliseconds))
        text(out, "slow")

    def busy(self, request: Any, out: Any, _: str) -> None:
        while True:
            pass

    def ignore(self, request: Any, out: Any, _: str) -> None:
        text(out, "ignored")

    def trap(self, request: Any, out: Any, _: str) -> None:
        raise RuntimeError("a trap")

    def nothing(self, request: Any, out: Any, _: str) -> None:
        return

    def error(self, request: Any, out: Any, _: str) -> None:
        http.ResponseOutparam.set(out, Err(http.ErrorCode_LoopDetected()))

    def status(self, request: Any, out: Any, code: str) -> None:
        text(out, code, int(code))

    def half(self, request: Any, out: Any, how: str) -> None:
        body = answer(out)
        with body.write() as stream:
            stream.blocking_write_and_flush(b"half")
        if how == "trap":
            raise RuntimeError("a trap in the middle")
        if how == "keep":
            kept.append(body)

    def late(self, request: Any, out: Any, _: str) -> None:
        global count  # noqa: PLW0603 - as above
        text(out, "early")
        wait(50)
        count += 1000

    def fetch(self, request: Any, out: Any, where: str) -> None:
        authority, _, path = where.partition("/")
        found = send(authority, f"/{path}")
        if isinstance(found, Err):
            text(out, type(found.value).__name__, 502)
            return
        incoming = found.value.consume()
        outgoing = answer(out, found.value.status())
        copy(incoming, outgoing)
        http.OutgoingBody.finish(outgoing, None)


kept: list[Any] = []
