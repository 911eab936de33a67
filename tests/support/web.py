"""A web server in a thread of its own, for guests under any host: it tells what it was asked."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Telling(BaseHTTPRequestHandler):
    """Answers with the request's method, path, headers, and content, as far as that is short."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None: ...

    def version_string(self) -> str:
        return "it"

    def date_time_string(self, timestamp: float | None = None) -> str:
        return "today"

    def _content(self) -> tuple[bytes, list[str]]:
        if self.headers.get("transfer-encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("content-length", "0"))), []
        content = b""
        while length := int(self.rfile.readline(), 16):
            content += self.rfile.read(length)
            self.rfile.readline()
        return content, [line.decode().strip() for line in iter(self.rfile.readline, b"\r\n")]

    def _answer(self) -> None:
        content, trailers = self._content()
        asked = sorted((name.lower(), value) for name, value in self.headers.items())
        head = [each for each in asked if each[0] not in ("host", "transfer-encoding", "content-length")]
        told = repr((self.command, self.path, head, trailers, len(content), content[:20])).encode()
        what, _, number = self.path[1:].partition("/")
        status = {"redirect": 302, "status": int(number or 200)}.get(what, 200)
        self.send_response(status)
        self.send_header("X-Mixed", "a")
        self.send_header("x-mixed", "b")
        if what == "redirect":
            self.send_header("location", "/")
        if what == "large":
            told = bytes(range(256)) * 4096
        if what == "trailers":
            self.send_header("trailer", "x-sum")
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"%x\r\n%b\r\n0\r\nx-sum: 7\r\n\r\n" % (len(told), told))
            return
        if status not in (204, 304):
            self.send_header("content-length", str(len(told) + (10 if what == "cut" else 0)))
        self.end_headers()
        if self.command != "HEAD" and status not in (204, 304):
            self.wfile.write(told)
        self.close_connection = what == "cut"

    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = do_MINE = _answer  # noqa: N815


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing: clients may go."""


@contextmanager
def web_server() -> Iterator[str]:
    """Serve on loopback; gives the server's authority."""
    with _Server(("127.0.0.1", 0), _Telling) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
