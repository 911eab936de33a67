"""`capwit serve`, as a process of its own: what it prints, what it answers, how it ends."""

from __future__ import annotations

import http.client
import os
import resource
import shutil
import signal
import socket
import ssl
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from capwit.cli import exits

from tests.http.process import children, get, serving, stop
from tests.http.small import relay
from tests.http.support import guest
from tests.support.certificates import certificate

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Done

EXAMPLE = Path(__file__).parents[2] / "examples" / "http"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_component(number: signal.Signals) -> None:
    with serving("--timeout", "10s", "--ledger", guest()) as (process, port):
        assert get(port, "/count") == get(port, "/count") == (200, b"1")
        assert get(port, "/trap") == (500, b"")
        assert get(port, "/fetch/127.0.0.1:1/") == (502, b"ErrorCode_HttpRequestDenied")
        code, err = stop(process, number)
    assert code == 0
    assert "capwit: GET /trap: wasi:http/incoming-handler@0.2.12#handle: the guest trapped" in err
    assert err.rstrip().endswith("balance 0")


def test_a_manifest(tmp_path: Path) -> None:
    folder = tmp_path / "examples" / "http"
    shutil.copytree(EXAMPLE, folder)
    (tmp_path / "build").mkdir()
    shutil.copy(guest(), tmp_path / "build" / "http.wasm")
    with serving("--allow-fetch", "http://127.0.0.1:*", folder / "app.toml") as (process, port):
        assert get(port, "/count") == (200, b"1")
        assert get(port, f"/fetch/127.0.0.1:{port}/status/404") == (404, b"404")
        assert get(port, "/fetch/example.org/") == (502, b"ErrorCode_HttpRequestDenied")
        assert stop(process, signal.SIGTERM)[0] == 0


def test_a_second_signal_ends_it_at_once() -> None:
    with serving("--grace", "10min", "--reuse", "5", guest()) as (process, port):
        assert [get(port, "/count")[1] for _ in range(2)] == [b"1", b"2"]
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("GET", "/half/keep")  # the instance is there: the next request finds it
        connection.close()
        slow = http.client.HTTPConnection("127.0.0.1", port)
        slow.request("GET", "/slow/600000")
        assert get(port, "/count")[0] == 200  # and by then that one has begun
        process.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        assert stop(process, signal.SIGTERM)[0] == 0
        slow.close()


def test_a_client_that_does_not_read_is_cut_without_a_word() -> None:
    with (
        serving("--grace", "10ms", guest()) as (process, port),
        socket.create_connection(("127.0.0.1", port)) as client,
    ):
        client.sendall(b"GET /big/1000000000 HTTP/1.1\r\nhost: a\r\n\r\n")
        assert client.recv(12) == b"HTTP/1.1 200"
        time.sleep(1)  # until nothing more can be sent
        code, err = stop(process, signal.SIGTERM)
        assert (code, "Traceback" in err) == (0, False), err


def test_a_second_signal_does_not_wait_for_a_client_that_does_not_read() -> None:
    with (
        serving("--grace", "10min", guest()) as (process, port),
        socket.create_connection(("127.0.0.1", port)) as client,
    ):
        client.sendall(b"GET /big/1000000000 HTTP/1.1\r\nhost: a\r\n\r\n")
        assert client.recv(12) == b"HTTP/1.1 200"
        process.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        code, err = stop(process, signal.SIGTERM)
        assert (code, "Traceback" in err) == (0, False), err


def test_tls(tmp_path: Path) -> None:
    ours, theirs = (certificate(tmp_path, name) for name in ("server", "client"))
    known = ssl.create_default_context(cafile=str(ours))
    with (
        serving("--certificate", ours, "--client-ca", theirs, guest()) as (process, port),
        socket.create_connection(("127.0.0.1", port)),  # which never says a word
    ):
        connection = http.client.HTTPSConnection("127.0.0.1", port, context=known, timeout=30)
        with pytest.raises((ssl.SSLError, ConnectionError)):  # it shows nothing
            connection.request("GET", "/")
            connection.getresponse()
        known.load_cert_chain(theirs)
        connection = http.client.HTTPSConnection("127.0.0.1", port, context=known, timeout=30)
        connection.request("POST", "/echo", b"x" * 1_000_000)
        assert connection.getresponse().read() == b"x" * 1_000_000
        connection.request("GET", "/asked")
        assert b"Scheme_Https" in connection.getresponse().read()
        connection.close()
        with pytest.raises((http.client.HTTPException, OSError)):
            get(port, "/")  # in the clear
        code, err = stop(process, signal.SIGTERM)
        assert (code, "Traceback" in err) == (0, False), err


def test_connections_for_which_there_are_no_descriptors_wait_and_that_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "relay.wasm"
    file.write_bytes(relay())
    with serving("--connections", "1000", file) as (process, port):
        there = Path(f"/proc/{process.pid}/fd")
        may_open = len(list(there.iterdir())) + 20
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (may_open, may_open))
        for _ in range(2):
            clients = [socket.create_connection(("127.0.0.1", port), timeout=30) for _ in range(60)]
            for each in clients:
                each.sendall(b"GET / HTTP/1.1\r\nhost: ")
            while len(list(there.iterdir())) < may_open:
                time.sleep(0.01)
            time.sleep(1.5)  # and there is still no room when it looks again
            for each in clients:
                each.close()
            assert get(port, "/") == (200, b"1")
        code, err = stop(process, signal.SIGTERM)
    assert (code, err) == (0, "capwit: no client can be taken for now: Too many open files\n")


def test_each_request_in_a_process_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "relay.wasm"
    file.write_bytes(relay())

    def begin(port: int) -> tuple[socket.socket, bytes]:
        client = socket.create_connection(("127.0.0.1", port), timeout=30)
        client.sendall(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\nconnection: close\r\n\r\nhello")
        got = b""
        while b"hello" not in got:
            got += client.recv(4096)
        return client, got

    def rest(client: socket.socket) -> bytes:
        with client, client.makefile("rb") as file:
            return file.read()

    with serving("--isolate", "--ledger", file) as (process, port):
        lost, _ = begin(port)
        [nursery] = children(process.pid)
        [first] = children(nursery)
        kept, got = begin(port)
        assert got.startswith(b"HTTP/1.1 200")
        os.kill(first, signal.SIGKILL)
        assert not rest(lost).endswith(b"0\r\n\r\n")  # half an answer, and no end
        kept.sendall(b" you.")
        assert rest(kept).endswith(b"5\r\n you.\r\n0\r\n\r\n")
        assert get(port, "/") == (200, b"1")
        code, err = stop(process, signal.SIGTERM)
    assert (code, "Traceback" in err) == (0, False), err
    assert "the process of the instance has ended, by SIGKILL" in err
    assert err.rstrip().endswith("balance 0")


def test_content_waits_for_the_guest_as_long_as_was_said() -> None:
    with (
        serving("--patience", "50ms", "--timeout", "none", guest()) as (_, port),
        socket.create_connection(("127.0.0.1", port), timeout=15) as client,
    ):
        client.sendall(b"POST /slow/600000 HTTP/1.1\r\nhost: a\r\ncontent-length: 8000000\r\n\r\n")
        client.sendall(bytes(8_000_000))  # all of which is taken, and let go
        assert get(port, "/count") == (200, b"1")


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (["--http", "nonsense"], exits.USAGE, "expected HOST:PORT such as 127.0.0.1:8080, got 'nonsense'"),
        (["--http", "127.0.0.1:99999"], exits.USAGE, "expected HOST:PORT"),
        (["--http", "127.0.0.1:0", "--concurrency", "0"], exits.USAGE, "expected a whole number from 1"),
        (["--http", "127.0.0.1:0", "--grace", "soon"], exits.USAGE, "expected a time"),
        (["--http", "127.0.0.1:0", "--fetch", "a.test"], exits.USAGE, "--fetch: expected an origin"),
        (["--http", "192.0.2.1:0"], exits.UNAVAILABLE, "--http 192.0.2.1:0: cannot be listened at: "),
        (["--http", "a..b:80"], exits.UNAVAILABLE, "--http a..b:80: cannot be listened at: "),
        (["--http", "127.0.0.1:0"], exits.BAD_INPUT, "it answers no requests: it exports nothing"),
        (["--listen", "nonsense"], exits.USAGE, "--listen: 'nonsense' is no address"),
        (["--listen", "capnps://127.0.0.1:0"], exits.USAGE, "Mend: --listen 127.0.0.1:0, with --certificate"),
        (["--listen", "192.0.2.1:0"], exits.UNAVAILABLE, "--listen 192.0.2.1:0: cannot be listened at: "),
        (["--listen", "unix:/nowhere/at/all"], exits.UNAVAILABLE, "--listen unix:/nowhere/at/all: cannot be"),
        (["--listen", "unix:{file}"], exits.UNAVAILABLE, "there is a file that is no socket"),
        (["--listen", "127.0.0.1:0", "--reuse", "2"], exits.USAGE, "--reuse: it is for --http"),
        (["--http", "127.0.0.1:0", "--instances", "2"], exits.USAGE, "--instances: it is for --listen"),
        (["--listen", "127.0.0.1:0", "--instances", "0"], exits.USAGE, "`per-client`, `shared` or a number"),
        (["--listen", "127.0.0.1:0", "--connections", "1"], exits.USAGE, "--connections: it is for --http"),
        (["--listen", "127.0.0.1:0", "--patience", "1s"], exits.USAGE, "--patience: it is for --http"),
        (["--http", "127.0.0.1:0", "--client-ca", "a"], exits.USAGE, "--client-ca: there is no TLS without"),
        (["--http", "127.0.0.1:0", "--certificate", "{file}"], exits.USAGE, "no certificate or key in PEM"),
        (["--listen", "127.0.0.1:0", "--key", "a"], exits.USAGE, "--key: there is no TLS without --cert"),
        (["--listen", "127.0.0.1:0", "--certificate", "{file}"], exits.USAGE, "no certificate or key in PEM"),
        (
            ["--listen", "127.0.0.1:0", "--certificate", "/no"],
            exits.USAGE,
            "--certificate: /no: No such file",
        ),
        (["--listen", "127.0.0.1:0"], exits.BAD_INPUT, "it exports nothing: no interface of a Cap'n Proto"),
        ([], exits.USAGE, "one of the arguments --http --listen is required"),
    ],
)
def test_what_cannot_be_served(
    capwit: Callable[..., Done], component: Callable[[str], Path], options: list[str], code: int, message: str
) -> None:
    file = component("(component (core module))")
    done = capwit("serve", *(option.format(file=file) for option in options), file)
    assert (done.code, done.out) == (code, "")
    assert message in done.err


@pytest.mark.parametrize("where", ["--http", "--listen"])
def test_a_core_module(capwit: Callable[..., Done], tmp_path: Path, where: str) -> None:
    module = tmp_path / "core.wasm"
    module.write_bytes(b"\0asm\1\0\0\0")
    done = capwit("serve", where, "127.0.0.1:0", module)
    assert done.code == exits.BAD_INPUT
    assert "its module is a core module, which exports no interfaces" in done.err


def test_help(capwit: Callable[..., Done]) -> None:
    done = capwit("serve", "--help")
    assert done.code == 0
    assert "capwit serve --http 127.0.0.1:8080 app.wasm" in done.out
    assert "exit codes:" in done.out
