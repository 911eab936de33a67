"""`capwit serve --http` as a process of its own, and what is asked of it."""

from __future__ import annotations

import http.client
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import signal
    from collections.abc import Iterator


@contextmanager
def serving(*options: Any) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Start a server on any port; gives its process and the port."""
    command = [sys.executable, "-m", "capwit.cli.main", "serve", "--http", "127.0.0.1:0", *map(str, options)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            scheme = "https" if "--certificate" in options else "http"
            assert line.startswith(f"serving {scheme}://127.0.0.1:"), process.communicate()
            yield process, int(line.rpartition(":")[2])
        finally:
            if process.poll() is None:
                process.kill()


def get(port: int, path: str) -> tuple[int, bytes]:
    """Send a request; returns the status and the content of its answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def stop(process: subprocess.Popen[str], number: signal.Signals) -> tuple[int, str]:
    """Send a signal; returns the exit code, and what was said on standard error."""
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    return process.returncode, err


def children(pid: int) -> list[int]:
    """The processes that one has started, and that are there."""
    by_threads = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(each) for threads in by_threads for each in threads.read_text().split()]
