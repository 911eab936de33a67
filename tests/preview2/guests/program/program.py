"""The program, in Python: what there is of it in C and in Rust prints the same, by whatever serves WASI.

Its arguments are printed; the environment says where a web server is (WEB) and one that echoes (ECHO).
"""
# The calls of the operating system are what is tried.
# ruff: noqa: PTH102, PTH104, PTH106, PTH116, PTH123, PTH208, SIM115

import encodings.idna  # noqa: F401 - what is not imported when the guest is built is not in it
import errno
import os
import socket
import sys
import time

import wit_world.exports
from componentize_py_types import Err, Ok
from sortedcontainers import SortedList
from wit_world.imports import outgoing_handler, streams
from wit_world.imports.types import (
    Fields,
    IncomingBody,
    IncomingRequest,
    IncomingResponse,
    Method_Get,
    Method_Post,
    OutgoingBody,
    OutgoingRequest,
    OutgoingResponse,
    ResponseOutparam,
    Scheme_Http,
)

NAMES = {errno.ENOENT: "none", errno.EEXIST: "there", errno.EACCES: "denied", errno.EPERM: "denied"}
LOOPBACK = ("127.0.0.1", 0)


def say(*what: object) -> None:
    """Print a line."""
    print(*what, flush=True)


def attempt(what: str, call: object, *arguments: object) -> None:
    """Do something, and print how it fails where it does."""
    try:
        call(*arguments)  # type: ignore[operator]
    except socket.gaierror:
        say(what, "denied")
    except OSError as error:
        say(what, NAMES.get(error.errno, f"errno {error.errno}"))


def files() -> None:
    """Write, read, list and look at files."""
    os.mkdir("/data/sub")
    with open("/data/sub/a", "wb") as file:
        file.write(b"0123456789")
    with open("/data/sub/a", "r+b") as file:
        file.seek(4)
        file.write(b"xy")
        file.seek(2)
        say("read", file.read(5).decode(), os.stat("/data/sub/a").st_size)
    with open("/data/sub/a", "ab") as file:
        file.write(b"!")
    os.rename("/data/sub/a", "/data/b")
    say("list", *SortedList(os.listdir("/data")), open("/data/b").read())
    attempt("again", os.mkdir, "/data/sub")
    attempt("missing", open, "/data/gone")
    os.rmdir("/data/sub")


def names() -> None:
    """Look a name up."""
    found = socket.getaddrinfo("localhost", 80, socket.AF_INET, socket.SOCK_STREAM)
    say("localhost", found[0][4][0])


def client() -> None:
    """Ask a server."""
    with socket.create_connection(("127.0.0.1", int(os.environ.get("ECHO", "1")))) as connection:
        connection.sendall(b"hello\n")
        connection.shutdown(socket.SHUT_WR)
        say("echo", connection.makefile("rb").read().decode().strip())


def server() -> None:
    """Be a server, and one's own client."""
    with socket.socket() as listener:
        listener.bind(LOOPBACK)
        listener.listen()
        with socket.create_connection(listener.getsockname()) as mine:
            theirs, address = listener.accept()
            with theirs:
                say("accepted", address == mine.getsockname())
                mine.sendall(b"ping")
                say("heard", theirs.recv(9).decode())
                theirs.sendall(b"pong")
            say("answered", mine.recv(9).decode())


def datagrams() -> None:
    """Send a datagram, and answer it."""
    with socket.socket(type=socket.SOCK_DGRAM) as one, socket.socket(type=socket.SOCK_DGRAM) as two:
        one.bind(LOOPBACK)
        two.bind(LOOPBACK)
        one.sendto(b"ask", two.getsockname())
        data, whence = two.recvfrom(99)
        two.sendto(b"answer", whence)
        say("datagrams", data.decode(), one.recv(99).decode(), whence == one.getsockname())


def ask(method: object, path: str, content: bytes | None = None) -> None:
    """Send a request."""
    request = OutgoingRequest(Fields.from_list([("x-who", b"me")]))
    request.set_method(method)
    request.set_scheme(Scheme_Http())
    request.set_authority(os.environ.get("WEB", "127.0.0.1:1"))
    request.set_path_with_query(path)
    body = request.body() if content is not None else None
    try:
        future = outgoing_handler.handle(request, None)
    except Err as error:
        say("web", "denied" if type(error.value).__name__.endswith("HttpRequestDenied") else error.value)
        return
    if body is not None:
        with body.write() as stream:
            stream.blocking_write_and_flush(content)
        OutgoingBody.finish(body, None)
    with future, future.subscribe() as ready:
        ready.block()
        answer = future.get().value
    if isinstance(answer, Err):
        say("web", type(answer.value).__name__)
        return
    with answer.value as response:
        show(response)


def show(response: IncomingResponse) -> None:
    """Print a response."""
    with response.headers() as headers:
        mixed = b" ".join(sorted(headers.get("x-mixed"))).decode()
    body, data = response.consume(), b""
    with body.stream() as stream:
        while True:
            try:
                data += stream.blocking_read(65536)
            except Err as error:
                assert isinstance(error.value, streams.StreamError_Closed)
                break
    IncomingBody.finish(body).__exit__(None, None, None)
    say("web", response.status(), mixed, data.decode())


class Run(wit_world.exports.Run):
    """What `run` calls."""

    def run(self) -> None:
        """Do all of it, and fail where an argument says so."""
        say("args", *sys.argv[1:])
        say("env", os.environ.get("COLOUR"))
        attempt("files", files)
        say("random", os.urandom(16) != os.urandom(16))
        attempt("names", names)
        for what in (client, server, datagrams):
            attempt(what.__name__, what)
        ask(Method_Get(), "/a?b=c")
        ask(Method_Post(), "/echo", b"hello")
        try:
            for line in sys.stdin:
                say(line.strip().upper())
        except OSError:
            say("no input")
        print("to the other stream", file=sys.stderr, flush=True)
        start = time.monotonic_ns()
        time.sleep(0.002)
        say("slept", time.monotonic_ns() - start >= 2_000_000, time.time() > 1_600_000_000)
        if "fail" in sys.argv:
            raise Err(None)


class IncomingHandler(wit_world.exports.IncomingHandler):
    """What answers requests."""

    def handle(self, request: IncomingRequest, response_out: ResponseOutparam) -> None:
        """Greet."""
        response = OutgoingResponse(Fields.from_list([("x-who", b"me")]))
        response.set_status_code(203)
        body = response.body()
        ResponseOutparam.set(response_out, Ok(response))
        with body.write() as stream:
            stream.blocking_write_and_flush(f"hello, {request.path_with_query()}".encode())
        OutgoingBody.finish(body, None)
